//! Unknowns of the interior point and what is computed from them.

use super::line::Gradient;
use super::program::{Limit, Program};
use super::side::Side;
use super::start::{Guess, Start};
use crate::math::Block4;

/// What a row of a branch limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Apparent power at the from end.
    From,
    /// Apparent power at the to end.
    To,
    /// Least angle difference.
    AngleMin,
    /// Largest angle difference.
    AngleMax,
}

/// An inequality `g(x) − s = 0`, `s ≥ 0`, of a branch.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub line: u32,
    pub kind: RowKind,
    /// Rating in p.u. or angle in radians.
    pub limit: f64,
    pub s: f64,
    pub y: f64,
    pub ds: f64,
    pub dy: f64,
    /// g(x).
    pub value: f64,
    /// What the step has to make up for: g(x) − s, or a second-order estimate of it.
    pub residual: f64,
    pub gradient: Gradient,
}

/// A polynomial's value, slope and curvature; curvature at least 0.
#[inline]
pub fn polynomial(c: &[f64], x: f64) -> [f64; 3] {
    let (mut v, mut d, mut dd) = (0.0, 0.0, 0.0);
    for &c in c.iter().rev() {
        dd = dd * x + 2.0 * d;
        d = d * x + v;
        v = v * x + c;
    }
    [v, d, dd.max(0.0)]
}

/// Primal coordinates of one point.
#[derive(Clone, Debug, Default)]
pub struct Coordinates {
    /// By node, radians.
    pub angle: Vec<f64>,
    /// By node the magnitude, then by control.
    pub var: Vec<f64>,
}

/// The iterate.
#[derive(Clone, Debug)]
pub struct State {
    /// Number of nodes.
    pub n: usize,
    /// Factor on all costs.
    pub scale: f64,
    pub x: Coordinates,
    /// Multipliers of the balances by node: P, Q.
    pub price: Vec<[f64; 2]>,
    /// All finite limits of magnitudes and controls.
    pub sides: Vec<Side>,
    /// Rows of the branches, by branch.
    pub rows: Vec<Row>,
    /// Rows of line `l`: `row_ptr[l]..row_ptr[l + 1]`.
    pub row_ptr: Vec<u32>,
    /// Step of `x`.
    pub dx: Coordinates,
    /// Step of `price`.
    pub dprice: Vec<[f64; 2]>,
}

/// The Newton system at an iterate, reduced to four unknowns per node.
#[derive(Clone, Debug)]
pub struct System {
    /// By node: (θ, V, λp, λq).
    pub diag: Vec<Block4>,
    /// By line, then by control with a second terminal.
    pub off: Vec<Block4>,
    /// Right-hand side: constant part and part per unit of barrier.
    pub rhs: [Vec<[f64; 4]>; 2],
    /// By node: balance of P and Q.
    pub balance: Vec<[f64; 2]>,
    /// By variable (magnitudes, controls): stiffness of its limits and, for controls,
    /// the whole curvature.
    pub stiffness: Vec<f64>,
    /// By variable: right-hand sides before elimination.
    pub var_rhs: [Vec<f64>; 2],
    /// By control: coupling to V, P balance and Q balance at its terminal.
    pub coupling: Vec<[f64; 3]>,
    /// By control: coupling to the control that its limits follow.
    pub cross: Vec<f64>,
    /// By variable: gradient of the Lagrangian, limits included.
    pub dual: Vec<f64>,
    /// By node: the same for angles.
    pub dual_angle: Vec<f64>,
    /// By variable: sum of the sizes of the terms of `dual`, and the same for angles.
    pub dual_size: Vec<f64>,
    /// By node: sum of the sizes of the terms of `dual_angle`.
    pub angle_size: Vec<f64>,
    /// By variable: gradient of the cost.
    pub slope: Vec<f64>,
    /// Scaled cost at the point, prices of violations included.
    pub cost: f64,
}

/// Share by which hard limits give way, of themselves or of 1 if that is more. Balances can
/// leave nothing between two limits, as a generator without losses to feed whose output
/// must not be negative; prices of such limits would grow without end (Wächter and
/// Biegler, Math. Program. 106, 2006, section 3.5).
const GIVE: f64 = 1e-7;

/// Steepest scaled cost at the start.
const STEEPEST: f64 = 100.0;

impl State {
    /// A start for `program`: variables inside their limits, multipliers for barrier `mu`.
    pub fn new(program: &Program, mu: f64, guess: Guess) -> Self {
        let n = program.nodes.len();
        let start = Start::new(program, guess);
        let mut var: Vec<f64> = program
            .nodes
            .iter()
            .zip(&start.magnitude)
            .map(|(b, &v)| inside(v, b.lower, b.upper, 5e-2))
            .collect();
        for (c, &u) in program.controls.iter().zip(&start.control) {
            let share = c.share.map_or(1.0, |(k, whole)| var[n + k as usize] / whole);
            var.push(share * inside(u, c.lower, c.upper, 5e-2));
        }
        let mut steepest = 0.0f64;
        for (c, &x) in program.controls.iter().zip(&var[n..]) {
            steepest = steepest.max(polynomial(&c.cost, x)[1].abs());
        }
        let scale = if steepest > STEEPEST { STEEPEST / steepest } else { 1.0 };
        let limits = program
            .nodes
            .iter()
            .map(|b| ([b.lower, b.upper], None))
            .chain(program.controls.iter().map(|c| ([c.lower, c.upper], c.share)));
        let mut sides = Vec::new();
        for (v, (limits, share)) in limits.enumerate() {
            for (sign, l) in [1.0, -1.0].into_iter().zip(limits) {
                if let Some((k, whole)) = share {
                    let other = (n as u32 + k, l.at / whole);
                    sides.push(Side::leaning(v as u32, sign, other, GIVE * l.at.abs().max(1.0)));
                    continue;
                }
                let give = if l.price == f64::INFINITY { GIVE * l.at.abs().max(1.0) } else { 0.0 };
                let scaled = Limit { at: l.at - sign * give, price: l.price * scale };
                sides.extend(Side::of(v as u32, sign, scaled));
            }
        }
        for side in &mut sides {
            side.start(side.of_vars(&var), mu);
        }
        let fixed = program.nodes.iter().zip(&start.angle);
        let angle: Vec<f64> = fixed.map(|(b, &a)| b.fixed_angle.unwrap_or(a)).collect();
        let (mut rows, mut row_ptr) = (Vec::new(), vec![0]);
        for (l, line) in program.lines.iter().enumerate() {
            let mut push = |kind, limit: f64| {
                if limit.is_finite() {
                    let (line, g) = (l as u32, [0.0; 3]);
                    rows.push(Row {
                        line,
                        kind,
                        limit,
                        s: 1.0,
                        y: 1.0,
                        ds: 0.0,
                        dy: 0.0,
                        value: 0.0,
                        residual: 0.0,
                        gradient: g,
                    });
                }
            };
            push(RowKind::From, line.rate[0]);
            push(RowKind::To, line.rate[1]);
            push(RowKind::AngleMin, line.angle[0]);
            push(RowKind::AngleMax, line.angle[1]);
            row_ptr.push(rows.len() as u32);
        }
        let mut state = Self {
            n,
            scale,
            dx: Coordinates { angle: vec![0.0; n], var: vec![0.0; var.len()] },
            x: Coordinates { angle, var },
            price: vec![[0.0; 2]; n],
            dprice: vec![[0.0; 2]; n],
            sides,
            rows,
            row_ptr,
        };
        let (x, rows, ptr) = (&state.x, &mut state.rows, &state.row_ptr);
        for (l, line) in program.lines.iter().enumerate() {
            let rows = &mut rows[ptr[l] as usize..ptr[l + 1] as usize];
            if rows.is_empty() {
                continue;
            }
            let (f, t) = (line.from as usize, line.to as usize);
            let delta = x.angle[f] - x.angle[t];
            let flow = line.port.values(delta, x.var[f], x.var[t]);
            for row in rows {
                let g = row_value(row, delta, &flow);
                row.s = g.max(match row.kind {
                    RowKind::From | RowKind::To => 0.1 * row.limit,
                    RowKind::AngleMin | RowKind::AngleMax => 0.02,
                });
                row.y = mu / row.s;
            }
        }
        state
    }

    /// Adds the cost of the controls at `x` with violations `e` to it.
    pub fn cost(&self, program: &Program, var: &[f64]) -> f64 {
        let sum: f64 = program
            .controls
            .iter()
            .zip(&var[self.n..])
            .map(|(c, &x)| polynomial(&c.cost, x)[0])
            .sum();
        sum * self.scale
    }
}

/// The row's g(x): positive inside. Apparent power as (r² − P² − Q²) / 2r, whose slope at
/// the limit is that of r − |S|.
#[inline(always)]
pub fn row_value(row: &Row, delta: f64, flow: &[f64; 4]) -> f64 {
    let r = row.limit;
    match row.kind {
        RowKind::From => 0.5 * (r - (flow[0] * flow[0] + flow[1] * flow[1]) / r),
        RowKind::To => 0.5 * (r - (flow[2] * flow[2] + flow[3] * flow[3]) / r),
        RowKind::AngleMin => delta - r,
        RowKind::AngleMax => r - delta,
    }
}

/// `x` moved inside the hard limits.
fn inside(x: f64, lower: Limit, upper: Limit, share: f64) -> f64 {
    let (low, high) = (lower.at, upper.at);
    if low.is_finite() && high.is_finite() {
        let push = share * (high - low);
        x.max(low + push).min(high - push)
    } else if low.is_finite() {
        x.max(low + share * low.abs().max(1.0))
    } else if high.is_finite() {
        x.min(high - share * high.abs().max(1.0))
    } else {
        x
    }
}
