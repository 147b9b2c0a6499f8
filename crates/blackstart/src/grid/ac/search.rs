//! The filter that decides which steps of the interior point are taken.

use super::program::Program;
use super::state::{Coordinates, State, row_value};

/// What a point is worth: how far it is from meeting the constraints, and its barrier
/// function.
#[derive(Clone, Copy, Debug)]
pub struct Merit {
    /// Sum of all mismatches.
    pub violation: f64,
    /// Cost minus `mu · Σ ln(distance to limits)`.
    pub barrier: f64,
}

/// A trial point and what is computed at it.
#[derive(Clone, Debug)]
pub struct Trial {
    pub x: Coordinates,
    /// By node: balance of P and Q.
    pub balance: Vec<[f64; 2]>,
    /// By row: g(x) − s.
    pub residual: Vec<f64>,
}

impl Trial {
    pub fn new(state: &State) -> Self {
        Self {
            x: state.x.clone(),
            balance: vec![[0.0; 2]; state.n],
            residual: vec![0.0; state.rows.len()],
        }
    }

    /// Evaluates the point a share `alpha` along the step.
    pub fn at(&mut self, program: &Program, state: &State, alpha: f64, mu: f64) -> Merit {
        for (x, (a, d)) in self.x.angle.iter_mut().zip(state.x.angle.iter().zip(&state.dx.angle)) {
            *x = a + alpha * d;
        }
        for (x, (a, d)) in self.x.var.iter_mut().zip(state.x.var.iter().zip(&state.dx.var)) {
            *x = a + alpha * d;
        }
        let (x, n) = (&self.x, state.n);
        for (i, (c, node)) in self.balance.iter_mut().zip(&program.nodes).enumerate() {
            let square = x.var[i] * x.var[i];
            *c = [node.shunt[0] * square + node.demand[0], node.demand[1] - node.shunt[1] * square];
        }
        let (mut violation, mut product, mut logs) = (0.0, 1.0f64, 0.0);
        let mut log = |v: f64| {
            product *= v;
            if !(1e-200..1e200).contains(&product) {
                logs += product.ln();
                product = 1.0;
            }
        };
        for (l, line) in program.lines.iter().enumerate() {
            let (f, t) = (line.from as usize, line.to as usize);
            let delta = x.angle[f] - x.angle[t];
            let flow = line.port.values(delta, x.var[f], x.var[t]);
            for (k, node) in [(0, f), (2, t)] {
                self.balance[node][0] += flow[k];
                self.balance[node][1] += flow[k + 1];
            }
            let rows = state.row_ptr[l] as usize..state.row_ptr[l + 1] as usize;
            for (row, residual) in state.rows[rows.clone()].iter().zip(&mut self.residual[rows]) {
                let s = row.s + alpha * row.ds;
                *residual = row_value(row, delta, &flow) - s;
                violation += residual.abs();
                log(s);
            }
        }
        for (control, &u) in program.controls.iter().zip(&x.var[n..]) {
            let i = control.terminal.node as usize;
            let gain = control.terminal.gain;
            let u1 = if control.squared_voltage { u * x.var[i] * x.var[i] } else { u };
            self.balance[i][0] -= gain[0] * u1;
            self.balance[i][1] -= gain[1] * u1;
            if let Some(second) = control.second {
                let c = &mut self.balance[second.node as usize];
                c[0] -= second.gain[0] * u;
                c[1] -= second.gain[1] * u;
            }
        }
        let mut cost = state.cost(program, &x.var);
        for side in &state.sides {
            let e = side.e + alpha * side.de;
            log(side.sign * (side.of_vars(&x.var) - side.at) + e);
            if side.soft() {
                log(e);
                cost += side.price * e;
            }
        }
        for c in &self.balance {
            violation += c[0].abs() + c[1].abs();
        }
        let logs = logs + product.ln();
        Merit { violation, barrier: cost - mu * logs }
    }
}

/// Pairs that no later point may be worse than (Fletcher and Leyffer, 2002), with the
/// rules and constants of Wächter and Biegler, Math. Program. 106, 2006, section 2.3.
#[derive(Clone, Debug)]
pub struct Filter {
    entries: Vec<Merit>,
    /// Largest violation ever accepted.
    largest: f64,
    /// Below this violation, a step that lowers the barrier function must do so well.
    small: f64,
}

/// Least relative fall of the violation.
const GAMMA_VIOLATION: f64 = 1e-5;
/// Least fall of the barrier function relative to the violation.
const GAMMA_BARRIER: f64 = 1e-8;

impl Filter {
    pub fn new(violation: f64) -> Self {
        let start = violation.max(1.0);
        Self { entries: Vec::new(), largest: 1e4 * start, small: 1e-4 * start }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Whether a step of length `alpha` from `now` to `next` is taken; `slope` is the
    /// barrier function's along the whole step. Enters `now` when the rules say so.
    pub fn accepts(&mut self, now: Merit, next: Merit, slope: f64, alpha: f64) -> bool {
        if !(next.violation.is_finite() && next.barrier.is_finite())
            || next.violation > self.largest
        {
            return false;
        }
        // What rounding makes of both is no rise.
        let noise = 1e-12 * now.barrier.abs().max(1.0);
        if now.violation.max(next.violation) <= 1e-7 && next.barrier - now.barrier <= 1e3 * noise {
            return true;
        }
        if self
            .entries
            .iter()
            .any(|e| next.violation >= e.violation && next.barrier - noise >= e.barrier)
        {
            return false;
        }
        let switching = slope < 0.0 && alpha * (-slope).powf(2.3) > now.violation.powf(1.1);
        if switching && now.violation <= self.small {
            return next.barrier - now.barrier - noise <= 1e-8 * alpha * slope;
        }
        let better = next.violation <= (1.0 - GAMMA_VIOLATION) * now.violation
            || next.barrier - noise <= now.barrier - GAMMA_BARRIER * now.violation;
        if better {
            self.entries.push(Merit {
                violation: (1.0 - GAMMA_VIOLATION) * now.violation,
                barrier: now.barrier - GAMMA_BARRIER * now.violation,
            });
        }
        better
    }
}
