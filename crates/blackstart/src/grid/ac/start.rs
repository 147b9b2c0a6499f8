//! Where the interior point begins.

use super::line::TwoPort;
use super::program::{Control, Program};
use crate::math::Ldl;

/// What is assumed of the point where the search starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// The linear flow of supply and demand, transformers without idle current.
    Flow,
    /// All angles equal, all magnitudes at the nodes' own start, controls in the middle.
    Flat,
}

/// Start of all variables.
#[derive(Clone, Debug)]
pub struct Start {
    /// By node, radians.
    pub angle: Vec<f64>,
    /// By node, p.u.
    pub magnitude: Vec<f64>,
    /// By control.
    pub control: Vec<f64>,
}

/// Voltages start where transformers with off-nominal taps and phase shifts carry nothing,
/// as far as that stays near the nodes' own start: across a low impedance, equal voltages
/// on both sides of an off-nominal tap are hundreds of p.u. away from any balance. On top
/// come the angles of the linear (DC) flow of supply and demand, all supply used to the
/// same share of its range.
const HOLD: f64 = 1.0;

/// Largest angle across a branch that the linear flow may start with, radians.
const LARGEST_ANGLE: f64 = 0.3;

/// What a two-port wants between its ends when it carries nothing: ratio of magnitudes
/// to/from, angle to − from, and how strongly (its series admittance).
fn idle(port: &TwoPort) -> (f64, f64, f64) {
    let own = port.gtt.hypot(port.btt);
    if own < 1e-9 {
        return (1.0, 0.0, 1e-9);
    }
    // -ytf / ytt as a complex number.
    let re = -(port.gtf * port.gtt + port.btf * port.btt) / (own * own);
    let im = -(port.btf * port.gtt - port.gtf * port.btt) / (own * own);
    let ratio = re.hypot(im);
    // A long cable's charging is no transformer.
    if (0.5..2.0).contains(&ratio) { (ratio, im.atan2(re), own) } else { (1.0, 0.0, own) }
}

impl Start {
    /// The start of a program.
    pub fn new(program: &Program, guess: Guess) -> Self {
        let n = program.nodes.len();
        let reference = program.nodes.iter().find_map(|b| b.fixed_angle).unwrap_or(0.0);
        if guess == Guess::Flat {
            return Self {
                angle: vec![reference; n],
                magnitude: program.nodes.iter().map(|b| b.start).collect(),
                control: program.controls.iter().map(|c| within(c, 0.5)).collect(),
            };
        }
        let control = controls(program);
        let edges: Vec<(u32, u32)> = program.lines.iter().map(|l| (l.from, l.to)).collect();
        let mut ldl = Ldl::new(n, &edges);
        let idle: Vec<_> = program.lines.iter().map(|l| idle(&l.port)).collect();
        let own: Vec<f64> = program.nodes.iter().map(|b| b.start).collect();
        let mut magnitude = own.clone();
        let mut angle = vec![reference; n];

        let (mut diag, mut off) = (vec![HOLD; n], Vec::with_capacity(edges.len()));
        for (l, &(ratio, _, w)) in program.lines.iter().zip(&idle) {
            diag[l.from as usize] += w * ratio * ratio;
            diag[l.to as usize] += w;
            off.push(-w * ratio);
        }
        if ldl.factor(&diag, &off).is_ok() {
            magnitude.iter_mut().for_each(|v| *v *= HOLD);
            ldl.solve(&mut magnitude);
            for (v, own) in magnitude.iter_mut().zip(&own) {
                if !(0.5..2.0).contains(v) {
                    *v = *own;
                }
            }
        }

        let mut diag: Vec<f64> = program
            .nodes
            .iter()
            .map(|b| if b.fixed_angle.is_some() { 1e9 } else { 1e-6 })
            .collect();
        off.clear();
        let (mut shifted, mut flow) = (vec![0.0; n], vec![0.0; n]);
        for (l, &(_, shift, w)) in program.lines.iter().zip(&idle) {
            let (f, t) = (l.from as usize, l.to as usize);
            diag[f] += w;
            diag[t] += w;
            off.push(-w);
            shifted[f] -= w * shift;
            shifted[t] += w * shift;
        }
        if ldl.factor(&diag, &off).is_ok() {
            for (p, node) in flow.iter_mut().zip(&program.nodes) {
                *p -= node.demand[0];
            }
            for (c, u) in program.controls.iter().zip(&control) {
                if !c.squared_voltage {
                    flow[c.terminal.node as usize] += c.terminal.gain[0] * u;
                }
                if let Some(second) = c.second {
                    flow[second.node as usize] += second.gain[0] * u;
                }
            }
            ldl.solve(&mut shifted);
            ldl.solve(&mut flow);
            let widest = program
                .lines
                .iter()
                .fold(0.0f64, |m, l| m.max((flow[l.from as usize] - flow[l.to as usize]).abs()));
            let share = if widest > LARGEST_ANGLE { LARGEST_ANGLE / widest } else { 1.0 };
            for ((a, s), f) in angle.iter_mut().zip(&shifted).zip(&flow) {
                *a += s + share * f;
            }
        }
        Self { angle, magnitude, control }
    }
}

fn finite(c: &Control) -> bool {
    c.lower.at.is_finite() && c.upper.at.is_finite()
}

/// Controls in the middle of their ranges, but demand nearly whole and supply such that
/// both are equal, as far as the ranges allow.
fn controls(program: &Program) -> Vec<f64> {
    let mut demand: f64 = program.nodes.iter().map(|b| b.demand[0]).sum();
    let (mut least, mut range) = (0.0, 0.0);
    for c in program.controls.iter().filter(|c| finite(c) && c.second.is_none()) {
        let gain = c.terminal.gain[0];
        if gain > 0.0 && !c.squared_voltage {
            least += gain * c.lower.at;
            range += gain * (c.upper.at - c.lower.at);
        } else if gain < 0.0 && !c.squared_voltage {
            demand -= gain * (c.lower.at + 0.9 * (c.upper.at - c.lower.at));
        }
    }
    let share = if range > 0.0 { ((demand - least) / range).clamp(0.05, 0.95) } else { 0.5 };
    let served =
        if demand > 0.0 { ((least + 0.95 * range) / demand).clamp(0.05, 0.9) } else { 0.9 };
    program
        .controls
        .iter()
        .map(|c| {
            let part = if c.squared_voltage || c.second.is_some() || c.terminal.gain[0] == 0.0 {
                0.5
            } else if c.terminal.gain[0] > 0.0 {
                share
            } else {
                served
            };
            within(c, part)
        })
        .collect()
}

/// A share of the way from the lower to the upper limit; near 0 where one is missing.
fn within(c: &Control, share: f64) -> f64 {
    if finite(c) {
        c.lower.at + share * (c.upper.at - c.lower.at)
    } else {
        c.lower.at.max(0.0).min(c.upper.at)
    }
}

#[cfg(test)]
mod tests {
    use super::{Guess, Start, TwoPort};
    use crate::grid::ac::program::{Limit, Line, Node, Program};

    #[test]
    fn a_transformer_starts_without_current() {
        let node = |fixed| Node {
            shunt: [0.0; 2],
            demand: [0.0; 2],
            lower: Limit::hard(0.9),
            upper: Limit::hard(1.1),
            fixed_angle: fixed,
            start: 1.0,
        };
        let port = TwoPort::new(0.0, 1e-4, 0.0, 0.96, 30.0);
        let line = Line { from: 0, to: 1, port, rate: [1.0; 2], angle: [-1.0, 1.0] };
        let program = Program {
            nodes: vec![node(Some(0.2)), node(None)],
            lines: vec![line],
            ..Program::default()
        };
        let start = Start::new(&program, Guess::Flow);
        let (delta, v) = (start.angle[0] - start.angle[1], &start.magnitude);
        assert!((delta - 30f64.to_radians()).abs() < 1e-6, "{start:?}");
        assert!((v[0] / v[1] - 0.96).abs() < 1e-3, "{start:?}");
        let flow = program.lines[0].port.values(delta, v[0], v[1]);
        assert!(flow.iter().all(|f| f.abs() < 1.0), "{flow:?}");
    }
}
