//! An AC optimisation on one island, as data.

use super::line::TwoPort;

/// A limit of a variable: hard, or soft at a price per unit of violation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// The limit; infinite for none.
    pub at: f64,
    /// Price per unit beyond it; infinite for a hard limit.
    pub price: f64,
}

impl Limit {
    /// A limit that holds.
    pub const fn hard(at: f64) -> Self {
        Self { at, price: f64::INFINITY }
    }

    /// A limit that may be passed at a price.
    pub const fn soft(at: f64, price: f64) -> Self {
        Self { at, price }
    }
}

/// A bus: the two coordinates of its voltage and what is fixed at it, in p.u.
#[derive(Clone, Debug)]
pub struct Node {
    /// Conductance and susceptance to ground that stay connected.
    pub shunt: [f64; 2],
    /// Power taken whatever the solution: P and Q.
    pub demand: [f64; 2],
    /// Limits of the magnitude.
    pub lower: Limit,
    /// Upper limit of the magnitude.
    pub upper: Limit,
    /// Angle in radians, if given: at a reference.
    pub fixed_angle: Option<f64>,
    /// Start of the magnitude.
    pub start: f64,
}

/// A branch.
#[derive(Clone, Debug)]
pub struct Line {
    /// From node.
    pub from: u32,
    /// To node.
    pub to: u32,
    /// Its admittances.
    pub port: TwoPort,
    /// Largest apparent power at the from and the to end, p.u.; infinite for none.
    pub rate: [f64; 2],
    /// Least and largest angle difference in radians; infinite for none.
    pub angle: [f64; 2],
}

/// Where a control acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terminal {
    /// Node.
    pub node: u32,
    /// Injection per unit of the control: P and Q.
    pub gain: [f64; 2],
}

/// A single decision: an output, a share of a load, the flow of a direct-current line.
#[derive(Clone, Debug)]
pub struct Control {
    /// What it injects.
    pub terminal: Terminal,
    /// A second place it injects at.
    pub second: Option<Terminal>,
    /// The gain at `terminal` is per unit of squared voltage there: a shunt's share.
    pub squared_voltage: bool,
    /// Lower limit.
    pub lower: Limit,
    /// Upper limit.
    pub upper: Limit,
    /// The limits, hard ones, shrink with another control `k < self` at the same node to
    /// the share `u_k / whole`: (k, whole).
    pub share: Option<(u32, f64)>,
    /// Cost: polynomial coefficients, constant first.
    pub cost: Vec<f64>,
}

/// Minimise the cost of all controls and violations subject to the power balances of
/// all nodes, the limits of voltages, controls, and branches.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Buses.
    pub nodes: Vec<Node>,
    /// Branches between different nodes.
    pub lines: Vec<Line>,
    /// Decisions.
    pub controls: Vec<Control>,
}

impl Program {
    /// The same with balances that give way: after the program's own controls, two more per
    /// node inject P and Q at a price above any of the program's.
    #[must_use]
    pub fn elastic(&self) -> Self {
        let steepest =
            self.controls.iter().flat_map(|c| c.cost.get(1)).fold(1.0f64, |m, c| m.max(c.abs()));
        let mut elastic = self.clone();
        for node in 0..self.nodes.len() as u32 {
            for gain in [[1.0, 0.0], [0.0, 1.0]] {
                elastic.controls.push(Control {
                    terminal: Terminal { node, gain },
                    second: None,
                    squared_voltage: false,
                    lower: Limit::soft(0.0, 100.0 * steepest),
                    upper: Limit::soft(0.0, 100.0 * steepest),
                    share: None,
                    cost: Vec::new(),
                });
            }
        }
        elastic
    }
}

/// How an optimisation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A point that meets the first-order conditions.
    Optimal,
    /// A point that meets the balances and limits, but may not be the best: the search
    /// stopped before.
    Feasible,
    /// No point was found that meets balances and limits.
    NotFound,
}

/// A point of a [`Program`], p.u. and radians.
#[derive(Clone, Debug)]
pub struct Point {
    /// By node: angle.
    pub angle: Vec<f64>,
    /// By node: magnitude.
    pub magnitude: Vec<f64>,
    /// By control.
    pub control: Vec<f64>,
    /// By node: change of the least cost per unit of P and Q demanded.
    pub price: Vec<[f64; 2]>,
    /// By node's magnitude, then by control: prices of the lower and the upper limit.
    pub side_price: Vec<[f64; 2]>,
    /// By line: prices of the ratings at both ends and of both angle limits.
    pub line_price: Vec<[f64; 4]>,
    /// Largest relative error of the first-order conditions.
    pub error: f64,
    /// Cost, prices of violations included.
    pub cost: f64,
    /// How the search ended.
    pub ending: Ending,
    /// Newton steps taken.
    pub iterations: usize,
    /// Largest mismatch of a power balance, p.u.
    pub mismatch: f64,
    /// Node of the largest mismatch.
    pub worst_node: u32,
}
