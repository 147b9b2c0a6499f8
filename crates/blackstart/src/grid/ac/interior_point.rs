//! The primal–dual interior point.
//!
//! Barrier method with a filter line search and inertia correction (Wächter and Biegler,
//! Math. Program. 106, 2006); the barrier follows a predictor step (Mehrotra, SIAM J.
//! Optim. 2, 1992) as long as the optimality error keeps falling, else it is lowered
//! step by step (Nocedal, Wächter and Waltz, SIAM J. Optim. 19, 2009).

mod lengths;

use super::program::{Ending, Point, Program};
use super::search::{Filter, Merit, Trial};
use super::start::Guess;
use super::state::{State, System};
use crate::math::Block4Ldl;

/// Bounds on the work and the accuracy of an [`InteriorPoint`].
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Largest optimality error of the scaled program at which the search ends.
    pub tolerance: f64,
    /// Most Newton steps.
    pub max_iterations: usize,
    /// Barrier at the start.
    pub start_barrier: f64,
    /// Where the search starts.
    pub guess: Guess,
}

impl Default for Settings {
    fn default() -> Self {
        Self { tolerance: 1e-6, max_iterations: 300, start_barrier: 0.1, guess: Guess::Flow }
    }
}

/// Errors of the first-order conditions, all in the largest entry.
#[derive(Clone, Copy, Debug, Default)]
struct Errors {
    primal: f64,
    dual: f64,
    complementarity: f64,
}

impl Errors {
    fn worst(self) -> f64 {
        self.primal.max(self.dual).max(self.complementarity)
    }
}

/// Solves one [`Program`]; owns the factorisation and all storage.
pub struct InteriorPoint<'a> {
    program: &'a Program,
    settings: Settings,
    state: State,
    system: System,
    ldl: Block4Ldl,
    trial: Trial,
    /// Solutions for the constant part and the part per unit of barrier.
    step: [Vec<[f64; 4]>; 2],
    /// Their sum for the barrier chosen.
    joined: Vec<[f64; 4]>,
    /// Their right-hand side.
    joined_rhs: Vec<[f64; 4]>,
    /// Last curvature added to the Hessian for its inertia.
    added: f64,
    /// Curvature that keeps steps short: along directions in which the cost is flat, as
    /// voltages often are, a step can leave what its linearisation holds for.
    damping: f64,
    /// What is taken from the zero blocks of the balances: see [`SOFTEN`].
    soften: f64,
    iterations: usize,
}

/// First and largest curvature against long steps.
const DAMPING: [f64; 2] = [1e-4, 1e2];

/// What balances give way per unit of their prices in a Newton step; the step's own error
/// falls with the prices' steps. Without it, the block of a bus whose balance nothing at
/// the bus can change (a reference at the end of a line without losses) is singular, though
/// the system is not.
const SOFTEN: f64 = 1e-8;

/// How many steps the optimality error may take to fall while the barrier is free.
const PATIENCE: usize = 4;

impl<'a> InteriorPoint<'a> {
    /// Analyses the graph and places the start.
    #[must_use]
    pub fn new(program: &'a Program, settings: Settings) -> Self {
        let n = program.nodes.len();
        let state = State::new(program, settings.start_barrier, settings.guess);
        Self {
            ldl: Block4Ldl::new(n, &System::edges(program)),
            system: System::new(program),
            trial: Trial::new(&state),
            step: [vec![[0.0; 4]; n], vec![[0.0; 4]; n]],
            joined: vec![[0.0; 4]; n],
            joined_rhs: vec![[0.0; 4]; n],
            state,
            program,
            settings,
            added: 0.0,
            damping: 0.0,
            soften: SOFTEN,
            iterations: 0,
        }
    }

    /// Searches from the start to the end.
    #[must_use]
    pub fn solve(mut self) -> Point {
        let tolerance = self.settings.tolerance;
        let least = 0.5 * tolerance;
        let mut mu = self.settings.start_barrier;
        let mut free = true;
        let mut history: Vec<f64> = Vec::new();
        let mut filter: Option<Filter> = None;
        let mut ending = Ending::NotFound;
        let (mut failures, mut stalled, mut last_cost) = (0, 0, f64::INFINITY);
        while self.iterations <= self.settings.max_iterations {
            self.system.assemble(self.program, &mut self.state);
            let errors = self.errors(0.0);
            if !errors.worst().is_finite() {
                break;
            }
            // Where the cost is flat, and at stiff limits, rounding keeps the gradient from
            // getting smaller: met well enough, with a cost that stands, counts too.
            let nearly = errors.primal.max(errors.complementarity) <= tolerance
                && errors.dual <= 100.0 * tolerance;
            let cost = self.system.cost;
            let stands = (cost - last_cost).abs() <= 1e-8 * cost.abs().max(1.0);
            last_cost = cost;
            if nearly {
                stalled += if stands && errors.dual <= 10.0 * tolerance { 2 } else { 1 };
            }
            if errors.worst() <= tolerance || stalled > 3 {
                ending = Ending::Optimal;
                break;
            }
            if self.iterations == self.settings.max_iterations {
                break;
            }
            let worst = errors.worst();
            if free {
                let recent = &history[history.len().saturating_sub(PATIENCE)..];
                if recent.len() == PATIENCE && recent.iter().all(|&h| worst > 0.9999 * h) {
                    free = false;
                    mu = (0.8 * self.average_product()).clamp(least, 1e3);
                    filter = None;
                }
            } else if history.iter().all(|&h| worst < 0.99 * h) {
                free = true;
            }
            if free {
                history.push(worst);
            } else {
                while mu > least && self.errors(mu).worst() <= 10.0 * mu {
                    mu = (0.2 * mu).min(mu.powf(1.5)).max(least);
                    filter = None;
                }
            }
            if !self.factor_and_solve() {
                break;
            }
            if free {
                mu = self.predicted_barrier(least);
                filter = None;
            }
            self.recover(mu);
            let keep = 1.0 - (1.0 - mu).max(0.99);
            let (primal, dual) = self.longest(keep);
            let now = self.trial.at(self.program, &self.state, 0.0, mu);
            let slope = self.slope(mu);
            let filter = filter.get_or_insert_with(|| Filter::new(now.violation));
            let mut alpha = primal;
            let mut dual = dual;
            let (mut taken, mut reached) = (false, now);
            for attempt in 0..30 {
                let next = self.trial.at(self.program, &self.state, alpha, mu);
                if filter.accepts(now, next, slope, alpha) {
                    (taken, reached) = (true, next);
                    break;
                }
                if attempt == 0 && next.violation >= now.violation {
                    let bent = self.correct(filter, now, slope, primal, mu);
                    if let Some((p, d)) = bent {
                        (alpha, dual, taken) = (p, d, true);
                        break;
                    }
                }
                alpha *= 0.5;
            }
            // Mismatch that the step made, not that it left.
            let bent = reached.violation > 3.0 * now.violation.max(1e-2);
            self.damping = if !taken || alpha < 0.3 * primal || bent {
                (4.0 * self.damping).clamp(DAMPING[0], DAMPING[1])
            } else if self.damping > 0.01 * DAMPING[0] {
                self.damping / 3.0
            } else {
                0.0
            };
            if taken {
                failures = 0;
            } else {
                failures += 1;
                if failures > 3 {
                    break;
                }
                // Not a step but another try: with a fixed barrier, then with more curvature.
                if free {
                    free = false;
                    mu = (0.8 * self.average_product()).clamp(least, 1e3);
                } else {
                    filter.clear();
                    alpha = primal.min(1e-2);
                }
            }
            if taken || failures > 1 {
                self.advance(alpha, dual, mu);
            }
            self.iterations += 1;
        }
        self.point(ending)
    }

    /// Factors with as little added curvature as gives the right inertia, and solves. When
    /// the signs are wrong the step may still be good: near the end the stiffness of active
    /// limits drowns the rest of the matrix in rounding, and signs with it. Then a step with
    /// positive curvature is taken as it is (Chiang and Zavala, Comput. Optim. Appl. 64,
    /// 2016).
    fn factor_and_solve(&mut self) -> bool {
        let n = self.state.n;
        let mut added = self.damping;
        let mut present = [0.0; 2];
        for _ in 0..40 {
            let (more, soften) = (added - present[0], self.soften - present[1]);
            if more > 0.0 || soften > 0.0 {
                for (d, node) in self.system.diag.iter_mut().zip(&self.program.nodes) {
                    if node.fixed_angle.is_none() {
                        d[0][0] += more;
                    }
                    d[1][1] += more;
                    d[2][2] -= soften;
                    d[3][3] -= soften;
                }
                present = [added, self.soften];
            }
            match self.ldl.factor(&self.system.diag, &self.system.off) {
                Ok(positive) => {
                    self.solve_both();
                    if positive == 2 * n || self.curved() {
                        self.added = if added > self.damping { added } else { self.added / 3.0 };
                        return true;
                    }
                }
                Err(_) => self.soften = (10.0 * self.soften).min(1e-4),
            }
            added = if added > self.damping {
                added * if self.added == 0.0 { 100.0 } else { 8.0 }
            } else if self.added == 0.0 {
                (4.0 * self.damping).max(1e-4)
            } else {
                (self.added / 3.0).max(1e-10).max(4.0 * self.damping)
            };
            if added > 1e12 {
                break;
            }
        }
        false
    }

    /// Second-order correction: a step that also makes up for what the last trial missed
    /// the constraints by (Wächter and Biegler, 2006, section 2.4). Leaves it as the step
    /// and gives its lengths if the filter takes it, else puts the old step back.
    fn correct(
        &mut self,
        filter: &mut Filter,
        now: Merit,
        slope: f64,
        first: f64,
        mu: f64,
    ) -> Option<(f64, f64)> {
        let n = self.state.n;
        let mut balance = self.system.balance.clone();
        let before: Vec<f64> = self.state.rows.iter().map(|r| r.residual).collect();
        let (mut alpha, mut last) = (first, now.violation);
        for _ in 0..4 {
            for (c, t) in balance.iter_mut().zip(&self.trial.balance) {
                *c = [alpha * c[0] + t[0], alpha * c[1] + t[1]];
            }
            for (row, t) in self.state.rows.iter_mut().zip(&self.trial.residual) {
                row.residual = alpha * row.residual + t;
            }
            let mut rhs: Vec<[f64; 4]> = self.system.rhs[0].clone();
            for i in 0..n {
                for k in 0..4 {
                    rhs[i][k] += mu * self.system.rhs[1][i][k];
                }
                for k in 0..2 {
                    rhs[i][k + 2] += self.system.balance[i][k] - balance[i][k];
                }
            }
            for (row, before) in self.state.rows.iter().zip(&before) {
                let line = &self.program.lines[row.line as usize];
                let (f, t) = (line.from as usize, line.to as usize);
                let more = row.y / row.s * (row.residual - before);
                let g = &row.gradient;
                if self.program.nodes[f].fixed_angle.is_none() {
                    rhs[f][0] -= g[0] * more;
                }
                if self.program.nodes[t].fixed_angle.is_none() {
                    rhs[t][0] += g[0] * more;
                }
                rhs[f][1] -= g[1] * more;
                rhs[t][1] -= g[2] * more;
            }
            let mut d = vec![[0.0; 4]; n];
            self.ldl.solve_refined(&self.system.diag, &self.system.off, &rhs, &mut d);
            self.spread(&d, mu);
            let (p, dual) = self.longest(1.0 - (1.0 - mu).max(0.99));
            let next = self.trial.at(self.program, &self.state, p, mu);
            if filter.accepts(now, next, slope, first) {
                return Some((p, dual));
            }
            if next.violation.is_nan() || next.violation > 0.99 * last {
                break;
            }
            (alpha, last) = (p, next.violation);
        }
        for (row, before) in self.state.rows.iter_mut().zip(before) {
            row.residual = before;
        }
        self.take_joined(mu);
        None
    }

    /// Whether the Hessian is positive along the steps just solved for.
    fn curved(&self) -> bool {
        let system = &self.system;
        self.step.iter().all(|step| {
            let (mut sum, mut size) = (0.0, 0.0);
            for (d, x) in system.diag.iter().zip(step) {
                sum += x[0] * (d[0][0] * x[0] + 2.0 * d[0][1] * x[1]) + x[1] * d[1][1] * x[1];
                size += x[0] * x[0] + x[1] * x[1];
            }
            for (line, m) in self.program.lines.iter().zip(&system.off) {
                let (x, y) = (&step[line.from as usize], &step[line.to as usize]);
                for a in 0..2 {
                    sum += 2.0 * x[a] * (m[a][0] * y[0] + m[a][1] * y[1]);
                }
            }
            sum >= 1e-10 * size
        })
    }

    fn solve_both(&mut self) {
        self.ldl.solve_both(&self.system.rhs, &mut self.step);
    }

    /// Steps of everything for barrier `mu`, refined.
    fn recover(&mut self, mu: f64) {
        self.join(mu);
        let system = &self.system;
        for ((r, a), b) in self.joined_rhs.iter_mut().zip(&system.rhs[0]).zip(&system.rhs[1]) {
            for k in 0..4 {
                r[k] = a[k] + mu * b[k];
            }
        }
        self.ldl.refine(&system.diag, &system.off, &self.joined_rhs, &mut self.joined);
        self.take_joined(mu);
    }

    fn join(&mut self, mu: f64) {
        for ((d, a), b) in self.joined.iter_mut().zip(&self.step[0]).zip(&self.step[1]) {
            for k in 0..4 {
                d[k] = a[k] + mu * b[k];
            }
        }
    }

    fn take_joined(&mut self, mu: f64) {
        let d = std::mem::take(&mut self.joined);
        self.spread(&d, mu);
        self.joined = d;
    }

    /// Steps of everything that belong to the steps of the nodes' unknowns.
    fn spread(&mut self, d: &[[f64; 4]], mu: f64) {
        let (state, system) = (&mut self.state, &self.system);
        let n = state.n;
        for (i, d) in d.iter().enumerate() {
            state.dx.angle[i] = d[0];
            state.dx.var[i] = d[1];
            state.dprice[i] = [d[2], d[3]];
        }
        for (k, control) in self.program.controls.iter().enumerate() {
            let (v, i) = (n + k, control.terminal.node as usize);
            let [h, ap, aq] = system.coupling[k];
            let mut r = system.var_rhs[0][v] + mu * system.var_rhs[1][v];
            if let Some((other, _)) = control.share {
                r -= system.cross[k] * state.dx.var[n + other as usize];
            }
            r -= h * state.dx.var[i] + ap * state.dprice[i][0] + aq * state.dprice[i][1];
            if let Some(second) = control.second {
                let d = state.dprice[second.node as usize];
                r += second.gain[0] * d[0] + second.gain[1] * d[1];
            }
            state.dx.var[v] = r / system.stiffness[v];
        }
        for side in &mut state.sides {
            side.step(side.of_vars(&state.x.var), side.of_vars(&state.dx.var), mu);
        }
        for row in &mut state.rows {
            let line = &self.program.lines[row.line as usize];
            let (f, t) = (line.from as usize, line.to as usize);
            let g = &row.gradient;
            row.ds = g[0] * (state.dx.angle[f] - state.dx.angle[t])
                + g[1] * state.dx.var[f]
                + g[2] * state.dx.var[t]
                + row.residual;
            row.dy = (mu - row.y * row.ds) / row.s - row.y;
        }
    }

    fn average_product(&self) -> f64 {
        self.products(0.0, 0.0)
    }

    /// Barrier by the predictor: how far the step without barrier gets.
    fn predicted_barrier(&mut self, least: f64) -> f64 {
        self.join(0.0);
        self.take_joined(0.0);
        let now = self.average_product();
        let (primal, dual) = self.longest(0.0);
        let then = self.products(primal, dual);
        let share = (then / now).clamp(0.0, 1.0);
        (share.powi(3).max(0.01) * now).clamp(least, 1e3)
    }

    fn errors(&self, mu: f64) -> Errors {
        let mut e = Errors::default();
        let max = |a: &mut f64, v: f64| {
            if v.is_nan() || v.abs() > *a {
                *a = v.abs();
            }
        };
        for c in &self.system.balance {
            max(&mut e.primal, c[0]);
            max(&mut e.primal, c[1]);
        }
        let system = &self.system;
        for (d, size) in system.dual.iter().zip(&system.dual_size) {
            max(&mut e.dual, d / size);
        }
        for (d, size) in system.dual_angle.iter().zip(&system.angle_size) {
            max(&mut e.dual, d / (1.0 + size));
        }
        for side in &self.state.sides {
            max(&mut e.complementarity, side.gap(side.of_vars(&self.state.x.var)) * side.z - mu);
            if side.soft() {
                max(&mut e.complementarity, side.e * (side.price - side.z) - mu);
            }
        }
        for row in &self.state.rows {
            max(&mut e.primal, row.value - row.s);
            max(&mut e.complementarity, row.s * row.y - mu);
        }
        e
    }

    /// Slope of the barrier function along the step.
    fn slope(&self, mu: f64) -> f64 {
        let mut sum = 0.0;
        for (s, d) in self.system.slope.iter().zip(&self.state.dx.var) {
            sum += s * d;
        }
        for side in &self.state.sides {
            let t = side.gap(side.of_vars(&self.state.x.var));
            sum -= mu * (side.sign * side.of_vars(&self.state.dx.var) + side.de) / t;
            if side.soft() {
                sum += side.price * side.de - mu * side.de / side.e;
            }
        }
        for row in &self.state.rows {
            sum -= mu * row.ds / row.s;
        }
        sum
    }

    /// Takes the step.
    fn advance(&mut self, primal: f64, dual: f64, mu: f64) {
        /// Multipliers stay within this factor of the central path's.
        const SPREAD: f64 = 1e10;
        let state = &mut self.state;
        for (x, d) in state.x.angle.iter_mut().zip(&state.dx.angle) {
            *x += primal * d;
        }
        for (x, d) in state.x.var.iter_mut().zip(&state.dx.var) {
            *x += primal * d;
        }
        for (x, d) in state.price.iter_mut().zip(&state.dprice) {
            x[0] += dual * d[0];
            x[1] += dual * d[1];
        }
        for side in &mut state.sides {
            side.e += primal * side.de;
            side.z += dual * side.dz;
            // Rounding may put a variable onto its limit; then the limit moves by as little.
            let x = side.of_vars(&state.x.var);
            let (t, tiny) = (side.gap(x), 1e-14 * (1.0 + x.abs()));
            if t < tiny {
                side.at -= side.sign * (tiny - t);
            }
            if !side.soft() {
                let path = mu / side.gap(x);
                side.z = side.z.max(path / SPREAD).min(path * SPREAD);
            }
        }
        for row in &mut state.rows {
            row.s += primal * row.ds;
            row.y += dual * row.dy;
            let path = mu / row.s;
            row.y = row.y.max(path / SPREAD).min(path * SPREAD);
        }
    }

    fn point(mut self, ending: Ending) -> Point {
        let Merit { .. } = self.trial.at(self.program, &self.state, 0.0, 0.0);
        let (state, n) = (&self.state, self.state.n);
        let (mut mismatch, mut worst_node) = (0.0f64, 0);
        for (i, c) in self.trial.balance.iter().enumerate() {
            let m = c[0].abs().max(c[1].abs());
            if m.is_nan() || m > mismatch {
                (mismatch, worst_node) = (m, i as u32);
            }
        }
        let mut side_price = vec![[0.0; 2]; state.x.var.len()];
        for side in &state.sides {
            side_price[side.var as usize][usize::from(side.sign < 0.0)] = side.z / state.scale;
        }
        let mut line_price = vec![[0.0; 4]; self.program.lines.len()];
        for row in &state.rows {
            line_price[row.line as usize][row.kind as usize] = row.y / state.scale;
        }
        let error = self.errors(0.0).worst();
        let excess = state.rows.iter().fold(0.0f64, |m, r| m.max(-r.value));
        // Hard limits gave way by a rounding.
        let mut control = state.x.var[n..].to_vec();
        for (u, c) in control.iter_mut().zip(&self.program.controls) {
            if c.share.is_none() && c.lower.price == f64::INFINITY {
                *u = u.max(c.lower.at);
            }
            if c.share.is_none() && c.upper.price == f64::INFINITY {
                *u = u.min(c.upper.at);
            }
        }
        let good = mismatch <= 1e-6 && excess <= 1e-6;
        Point {
            angle: state.x.angle.clone(),
            magnitude: state.x.var[..n].to_vec(),
            control,
            price: state.price.iter().map(|p| [p[0] / state.scale, p[1] / state.scale]).collect(),
            side_price,
            line_price,
            error,
            cost: self.system.cost / state.scale,
            ending: match ending {
                Ending::Optimal => Ending::Optimal,
                Ending::Feasible | Ending::NotFound if good => Ending::Feasible,
                Ending::Feasible | Ending::NotFound => Ending::NotFound,
            },
            iterations: self.iterations,
            mismatch,
            worst_node,
        }
    }
}
