//! A program as the interior point takes it, and its memory of one side of the ratings.

/// One program. Columns at a single bus come first, direct-current lines after them.
/// Powers in p.u., costs of order 1.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    /// By column: bus.
    pub bus: Vec<u32>,
    /// By column: +1 injects at `bus`, −1 withdraws.
    pub sign: Vec<f64>,
    /// By column: bounds, `lo < hi`.
    pub lo: Vec<f64>,
    /// See `lo`.
    pub hi: Vec<f64>,
    /// By column: linear cost.
    pub cost: Vec<f64>,
    /// By column: curvature, > 0.
    pub quad: Vec<f64>,
    /// By column: where the quadratic term is zero.
    pub target: Vec<f64>,
    /// By direct-current column: where it injects.
    pub to_bus: Vec<u32>,
    /// By direct-current column: what arrives of 1.
    pub gain: Vec<f64>,
    /// By direct-current column: its edge in the bus graph.
    pub edge: Vec<u32>,
    /// Branches in service within the program.
    pub lines: Vec<u32>,
    /// Branches of `lines` with a rating.
    pub limited: Vec<u32>,
    /// By limited branch: rating.
    pub rate: Vec<f64>,
    /// By bus: belongs to the program.
    pub active: Vec<bool>,
    /// By bus: its angle is held (one bus of each island).
    pub reference: Vec<bool>,
    /// By branch: phase shift, rad.
    pub shift: Vec<f64>,
}

impl Program {
    /// Empties the program, keeping its memory.
    pub fn clear(&mut self) {
        for v in [
            &mut self.sign,
            &mut self.lo,
            &mut self.hi,
            &mut self.cost,
            &mut self.quad,
            &mut self.target,
            &mut self.gain,
            &mut self.rate,
        ] {
            v.clear();
        }
        for v in
            [&mut self.bus, &mut self.to_bus, &mut self.edge, &mut self.lines, &mut self.limited]
        {
            v.clear();
        }
    }

    /// Adds a column at one bus. Direct-current columns must come after all of these.
    pub fn push(&mut self, bus: u32, sign: f64, bounds: (f64, f64), cost: f64, pull: (f64, f64)) {
        self.bus.push(bus);
        self.sign.push(sign);
        self.lo.push(bounds.0);
        self.hi.push(bounds.1);
        self.cost.push(cost);
        self.quad.push(pull.0);
        self.target.push(pull.1);
    }

    pub fn singles(&self) -> usize {
        self.bus.len() - self.to_bus.len()
    }
}

/// One side of the ratings, by limited branch.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    pub slack: Vec<f64>,
    pub price: Vec<f64>,
    pub residual: Vec<f64>,
    pub d_slack: Vec<f64>,
    pub d_price: Vec<f64>,
    pub second: Vec<f64>,
    /// Proximal term: what the rating gives way per change of its price in one step.
    pub give: Vec<f64>,
}

impl Side {
    pub fn resize(&mut self, m: usize) {
        for v in [
            &mut self.slack,
            &mut self.price,
            &mut self.residual,
            &mut self.d_slack,
            &mut self.d_price,
            &mut self.second,
            &mut self.give,
        ] {
            v.clear();
            v.resize(m, 0.0);
        }
    }

    pub fn start(&mut self, k: usize, room: f64, rate: f64, mu: f64, give: f64) {
        self.give[k] = give;
        self.slack[k] = room.max(0.1 * rate);
        self.price[k] = mu / self.slack[k];
    }

    /// Right-hand side of the price step at a standstill of the flow.
    pub fn base(&self, k: usize, target: f64) -> f64 {
        let (slack, price) = (self.slack[k], self.price[k]);
        (target - self.second[k] - price * (self.residual[k] + slack))
            / (slack + self.give[k] * price)
    }

    /// Change of the price per change of the flow.
    pub fn stiffness(&self, k: usize) -> f64 {
        self.price[k] / (self.slack[k] + self.give[k] * self.price[k])
    }

    /// Steps for a flow that takes `df` of the room.
    pub fn advance(&mut self, k: usize, target: f64, df: f64) {
        self.d_price[k] = self.base(k, target) + self.stiffness(k) * df;
        self.d_slack[k] = self.residual[k] - df + self.give[k] * self.d_price[k];
    }
}
