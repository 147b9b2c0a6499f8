//! A program as the interior point takes it.

/// One program. Columns at a single bus come first, direct-current lines after them.
/// Powers in p.u., costs of order 1.
#[derive(Clone, Debug, Default)]
pub(in crate::grid) struct Program {
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
    /// By limited branch: largest flow from → to.
    pub rate: Vec<f64>,
    /// By limited branch: largest flow to → from; `−rate_back < rate`.
    pub rate_back: Vec<f64>,
    /// By bus: injected whatever the columns do; empty when nothing is.
    pub given: Vec<f64>,
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
            &mut self.rate_back,
            &mut self.given,
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
