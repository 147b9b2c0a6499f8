//! The Newton system of the interior point on the bus graph.
//!
//! Unknowns of a node are (θ, V, λp, λq). Everything that belongs to one node or one
//! branch is eliminated on the way: limits, their multipliers and violations, slacks and
//! multipliers of branch limits, controls. What stays is
//! `[[H, Jᵀ], [J, −D]]` with H the Hessian of the Lagrangian plus the limits' stiffness,
//! J the Jacobian of the power balances and D ≥ 0 what the controls give way.

use super::program::Program;
use super::state::{RowKind, State, System, polynomial, row_value};

impl System {
    /// Storage for a program.
    pub fn new(program: &Program) -> Self {
        let n = program.nodes.len();
        let vars = n + program.controls.len();
        let seconds = program.controls.iter().filter(|c| c.second.is_some()).count();
        let zero = [[0.0; 4]; 4];
        Self {
            diag: vec![zero; n],
            off: vec![zero; program.lines.len() + seconds],
            rhs: [vec![[0.0; 4]; n], vec![[0.0; 4]; n]],
            balance: vec![[0.0; 2]; n],
            stiffness: vec![0.0; vars],
            var_rhs: [vec![0.0; vars], vec![0.0; vars]],
            coupling: vec![[0.0; 3]; program.controls.len()],
            cross: vec![0.0; program.controls.len()],
            dual: vec![0.0; vars],
            dual_angle: vec![0.0; n],
            dual_size: vec![0.0; vars],
            angle_size: vec![0.0; n],
            slope: vec![0.0; vars],
            cost: 0.0,
        }
    }

    /// Edges of the graph that the system lives on, in the order of `off`.
    pub fn edges(program: &Program) -> Vec<(u32, u32)> {
        let lines = program.lines.iter().map(|l| (l.from, l.to));
        let seconds =
            program.controls.iter().filter_map(|c| c.second.map(|s| (c.terminal.node, s.node)));
        lines.chain(seconds).collect()
    }

    /// Fills everything for the iterate; also sets value and gradient of its rows.
    pub fn assemble(&mut self, program: &Program, state: &mut State) {
        self.diag.fill([[0.0; 4]; 4]);
        self.balance.fill([0.0; 2]);
        self.dual_angle.fill(0.0);
        self.angle_size.fill(0.0);
        self.dual_size.fill(1.0);
        self.slope.fill(0.0);
        self.coupling.fill([0.0; 3]);
        self.cross.fill(0.0);
        for v in [&mut self.dual, &mut self.stiffness] {
            v.fill(0.0);
        }
        for r in &mut self.var_rhs {
            r.fill(0.0);
        }
        for r in &mut self.rhs {
            r.fill([0.0; 4]);
        }
        self.limits(state);
        self.lines(program, state);
        self.nodes(program, state);
        self.controls(program, state);
        for (i, node) in program.nodes.iter().enumerate() {
            let d = &mut self.diag[i];
            for a in 0..4 {
                for b in 0..a {
                    d[a][b] = d[b][a];
                }
            }
            self.rhs[0][i][2] -= self.balance[i][0];
            self.rhs[0][i][3] -= self.balance[i][1];
            if node.fixed_angle.is_some() {
                for k in 0..4 {
                    (d[0][k], d[k][0]) = (0.0, 0.0);
                }
                d[0][0] = 1.0;
                self.rhs[0][i][0] = 0.0;
                self.rhs[1][i][0] = 0.0;
                self.dual_angle[i] = 0.0;
            }
        }
    }

    fn limits(&mut self, state: &State) {
        self.cost = 0.0;
        for side in &state.sides {
            let v = side.var as usize;
            let (k, r0, r1) = side.condense(side.of_vars(&state.x.var));
            if side.other != side.var {
                let o = side.other as usize;
                // Both limits of a quantity come one after the other: what they add up to
                // at `other` once the quantity is eliminated, (a − b)² k l / (k + l) for the
                // slopes a, b and the stiffnesses k, l, without the difference of large
                // numbers that it is.
                let (before, cross) = (self.stiffness[v], self.cross[v - state.n]);
                if before > 0.0 {
                    let apart = side.lean + cross / before;
                    self.stiffness[o] += apart * apart * before * k / (before + k);
                }
                self.cross[v - state.n] -= side.lean * k;
                self.var_rhs[0][o] -= side.lean * r0;
                self.var_rhs[1][o] -= side.lean * r1;
                self.dual[o] += side.lean * side.sign * side.z;
                self.dual_size[o] += side.lean.abs() * side.z;
            }
            self.stiffness[v] += k;
            self.var_rhs[0][v] += r0;
            self.var_rhs[1][v] += r1;
            self.dual[v] -= side.sign * side.z;
            self.dual_size[v] += side.z;
            if side.soft() {
                self.cost += side.price * side.e;
            }
        }
    }

    fn lines(&mut self, program: &Program, state: &mut State) {
        let (x, price) = (&state.x, &state.price);
        for (l, line) in program.lines.iter().enumerate() {
            let (f, t) = (line.from as usize, line.to as usize);
            let (delta, vf, vt) = (x.angle[f] - x.angle[t], x.var[f], x.var[t]);
            let at = line.port.flows(delta, vf, vt);
            let [gpf, gqf, gpt, gqt] = &at.gradient;
            for (k, node) in [(0, f), (2, t)] {
                self.balance[node][0] += at.value[k];
                self.balance[node][1] += at.value[k + 1];
            }
            let weight = [price[f][0], price[f][1], price[t][0], price[t][1]];
            let mut smooth = [0.0; 3];
            for k in 0..3 {
                smooth[k] = weight[0] * gpf[k]
                    + weight[1] * gqf[k]
                    + weight[2] * gpt[k]
                    + weight[3] * gqt[k];
            }
            let mut size = [0.0; 3];
            for k in 0..3 {
                size[k] = (weight[0] * gpf[k]).abs()
                    + (weight[1] * gqf[k]).abs()
                    + (weight[2] * gpt[k]).abs()
                    + (weight[3] * gqt[k]).abs();
            }
            let (mut bent, mut dual) = (weight, smooth);
            let (mut r0, mut r1) = ([-smooth[0], -smooth[1], -smooth[2]], [0.0; 3]);
            let mut extra = [0.0; 6];
            let rows = state.row_ptr[l] as usize..state.row_ptr[l + 1] as usize;
            for row in &mut state.rows[rows] {
                row.value = row_value(row, delta, &at.value);
                let g = match row.kind {
                    RowKind::From | RowKind::To => {
                        let k = if row.kind == RowKind::From { 0 } else { 2 };
                        let (p, q) = (at.value[k], at.value[k + 1]);
                        let (gp, gq) = (&at.gradient[k], &at.gradient[k + 1]);
                        let w = row.y / row.limit;
                        bent[k] += w * p;
                        bent[k + 1] += w * q;
                        outer(&mut extra, gp, w);
                        outer(&mut extra, gq, w);
                        let f = -1.0 / row.limit;
                        [
                            f * (p * gp[0] + q * gq[0]),
                            f * (p * gp[1] + q * gq[1]),
                            f * (p * gp[2] + q * gq[2]),
                        ]
                    }
                    RowKind::AngleMin => [1.0, 0.0, 0.0],
                    RowKind::AngleMax => [-1.0, 0.0, 0.0],
                };
                row.gradient = g;
                let stiff = row.y / row.s;
                outer(&mut extra, &g, stiff);
                row.residual = row.value - row.s;
                let back = stiff * row.residual;
                for k in 0..3 {
                    r0[k] -= g[k] * back;
                    r1[k] += g[k] / row.s;
                    dual[k] -= row.y * g[k];
                    size[k] += row.y * g[k].abs();
                }
            }
            let mut h = line.port.hessian(&at, &bent, vf, vt);
            for k in 0..6 {
                h[k] += extra[k];
            }
            self.dual_angle[f] += dual[0];
            self.dual_angle[t] -= dual[0];
            self.dual[f] += dual[1];
            self.dual[t] += dual[2];
            self.angle_size[f] += size[0];
            self.angle_size[t] += size[0];
            self.dual_size[f] += size[1];
            self.dual_size[t] += size[2];
            for (rhs, r) in self.rhs.iter_mut().zip([r0, r1]) {
                rhs[f][0] += r[0];
                rhs[f][1] += r[1];
                rhs[t][0] -= r[0];
                rhs[t][1] += r[2];
            }
            let d = &mut self.diag[f];
            d[0][0] += h[0];
            d[0][1] += h[1];
            d[1][1] += h[3];
            d[0][2] += gpf[0];
            d[1][2] += gpf[1];
            d[0][3] += gqf[0];
            d[1][3] += gqf[1];
            let d = &mut self.diag[t];
            d[0][0] += h[0];
            d[0][1] -= h[2];
            d[1][1] += h[5];
            d[0][2] -= gpt[0];
            d[1][2] += gpt[2];
            d[0][3] -= gqt[0];
            d[1][3] += gqt[2];
            let mut off = [
                [-h[0], h[2], gpt[0], gqt[0]],
                [-h[1], h[4], gpt[1], gqt[1]],
                [-gpf[0], gpf[2], 0.0, 0.0],
                [-gqf[0], gqf[2], 0.0, 0.0],
            ];
            if program.nodes[f].fixed_angle.is_some() {
                off[0] = [0.0; 4];
            }
            if program.nodes[t].fixed_angle.is_some() {
                for row in &mut off {
                    row[0] = 0.0;
                }
            }
            self.off[l] = off;
        }
    }

    fn nodes(&mut self, program: &Program, state: &State) {
        for (i, node) in program.nodes.iter().enumerate() {
            let v = state.x.var[i];
            let ([g, b], [lp, lq]) = (node.shunt, state.price[i]);
            self.balance[i][0] += g * v * v + node.demand[0];
            self.balance[i][1] += node.demand[1] - b * v * v;
            let w = 2.0 * (lp * g - lq * b);
            self.dual[i] += w * v;
            let d = &mut self.diag[i];
            d[1][1] += w + self.stiffness[i];
            d[1][2] += 2.0 * v * g;
            d[1][3] -= 2.0 * v * b;
            self.rhs[0][i][1] += self.var_rhs[0][i] - w * v;
            self.rhs[1][i][1] += self.var_rhs[1][i];
        }
    }

    fn controls(&mut self, program: &Program, state: &State) {
        let n = state.n;
        let mut edge = self.off.len();
        // Backwards: what follows another control is eliminated before it.
        for (k, control) in program.controls.iter().enumerate().rev() {
            let (v, i) = (n + k, control.terminal.node as usize);
            let (u, m, gain) = (state.x.var[v], state.x.var[i], control.terminal.gain);
            let [lp, lq] = state.price[i];
            let [value, slope, curvature] = polynomial(&control.cost, u);
            self.cost += state.scale * value;
            self.slope[v] = state.scale * slope;
            let square = if control.squared_voltage { m * m } else { 1.0 };
            let worth = lp * gain[0] + lq * gain[1];
            let (ap, aq) = (-gain[0] * square, -gain[1] * square);
            let mut h = 0.0;
            self.balance[i][0] += ap * u;
            self.balance[i][1] += aq * u;
            let d = &mut self.diag[i];
            if control.squared_voltage {
                h = -2.0 * m * worth;
                self.dual[i] += h * u;
                self.rhs[0][i][1] -= h * u;
                d[1][1] -= 2.0 * u * worth;
                d[1][2] -= 2.0 * m * u * gain[0];
                d[1][3] -= 2.0 * m * u * gain[1];
            }
            let mut gradient = self.slope[v] - worth * square;
            if let Some(second) = control.second {
                let j = second.node as usize;
                self.balance[j][0] -= second.gain[0] * u;
                self.balance[j][1] -= second.gain[1] * u;
                gradient -= state.price[j][0] * second.gain[0] + state.price[j][1] * second.gain[1];
            }
            self.dual[v] += gradient;
            self.dual_size[v] += self.slope[v].abs() + (worth * square).abs();
            self.var_rhs[0][v] -= gradient;
            let stiff = (state.scale * curvature + self.stiffness[v]).max(1e-10);
            self.stiffness[v] = stiff;
            let mut w = self.coupling[k];
            for (w, own) in w.iter_mut().zip([h, ap, aq]) {
                *w += own;
            }
            self.coupling[k] = w;
            let inverse = 1.0 / stiff;
            if let Some((other, _)) = control.share {
                let (other, f) = (other as usize, self.cross[k] * inverse);
                for (to, w) in self.coupling[other].iter_mut().zip(w) {
                    *to -= f * w;
                }
                for r in &mut self.var_rhs {
                    r[n + other] -= f * r[v];
                }
            }
            for a in 0..3 {
                for b in a..3 {
                    d[a + 1][b + 1] -= inverse * w[a] * w[b];
                }
                for (rhs, r) in self.rhs.iter_mut().zip(&self.var_rhs) {
                    rhs[i][a + 1] -= w[a] * inverse * r[v];
                }
            }
            if let Some(second) = control.second {
                let j = second.node as usize;
                let s = [-second.gain[0], -second.gain[1]];
                edge -= 1;
                let off = &mut self.off[edge];
                *off = [[0.0; 4]; 4];
                for b in 0..2 {
                    for a in 0..3 {
                        off[a + 1][b + 2] -= inverse * w[a] * s[b];
                    }
                    for a in 0..=b {
                        self.diag[j][a + 2][b + 2] -= inverse * s[a] * s[b];
                    }
                    for (rhs, r) in self.rhs.iter_mut().zip(&self.var_rhs) {
                        rhs[j][b + 2] -= s[b] * inverse * r[v];
                    }
                }
            }
        }
    }
}

/// `h += w · g gᵀ`.
#[inline(always)]
fn outer(h: &mut [f64; 6], g: &[f64; 3], w: f64) {
    h[0] += w * g[0] * g[0];
    h[1] += w * g[0] * g[1];
    h[2] += w * g[0] * g[2];
    h[3] += w * g[1] * g[1];
    h[4] += w * g[1] * g[2];
    h[5] += w * g[2] * g[2];
}
