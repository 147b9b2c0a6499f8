//! Linear and second-order cone programs, written by name and solved by `clarabel`.
//!
//! maximise Σ reward · x   subject to   lo ≤ x ≤ hi, linear rows, cones.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettings, DefaultSolver, IPSolver, SolverStatus, SupportedConeT as Cone,
};

use super::result::Limit;

/// A variable of a [`Convex`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Var(usize);

/// A linear expression.
#[derive(Clone, Debug, Default)]
pub(super) struct Expr {
    terms: Vec<(usize, f64)>,
    constant: f64,
}

impl Expr {
    pub fn constant(value: f64) -> Self {
        Self { terms: Vec::new(), constant: value }
    }

    /// Adds `factor · v`.
    pub fn add(&mut self, v: Var, factor: f64) -> &mut Self {
        if factor != 0.0 {
            self.terms.push((v.0, factor));
        }
        self
    }

    /// Adds `factor · other`.
    pub fn add_all(&mut self, other: &Self, factor: f64) -> &mut Self {
        self.terms.extend(other.terms.iter().map(|&(v, a)| (v, a * factor)));
        self.constant += factor * other.constant;
        self
    }

    pub fn plus(mut self, v: Var, factor: f64) -> Self {
        self.add(v, factor);
        self
    }

    pub fn plus_constant(mut self, value: f64) -> Self {
        self.constant += value;
        self
    }

    pub fn value(&self, x: &[f64]) -> f64 {
        self.constant + self.terms.iter().map(|&(v, a)| a * x[v]).sum::<f64>()
    }
}

impl From<Var> for Expr {
    fn from(v: Var) -> Self {
        Self { terms: vec![(v.0, 1.0)], constant: 0.0 }
    }
}

/// A limit behind a row or a bound: for shadow prices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub limit: Limit,
    /// Change of the row's right-hand side per change of the limit.
    pub rate: f64,
    /// The limit's own value.
    pub value: f64,
    /// A status that the limit is multiplied by.
    pub status: Option<Var>,
}

impl Tag {
    pub fn new(limit: Limit, value: f64) -> Self {
        Self { limit, rate: 1.0, value, status: None }
    }

    /// The gain per p.u. of the limit, from the multiplier of its row.
    fn price(&self, multiplier: f64, x: &[f64]) -> (Limit, f64, f64) {
        let share = self.status.map_or(1.0, |z| x[z.0]);
        (self.limit, multiplier * self.rate * share, self.value)
    }
}

/// A program.
#[derive(Clone, Debug, Default)]
pub(super) struct Convex {
    lo: Vec<f64>,
    hi: Vec<f64>,
    /// Bounds that the constraints imply, for the strict bound.
    implied: Vec<(f64, f64)>,
    reward: Vec<f64>,
    equal: Vec<Expr>,
    /// `expr ≥ 0`.
    positive: Vec<(Expr, Option<Tag>)>,
    /// `first ≥ ‖rest‖`.
    cones: Vec<(Vec<Expr>, Option<Tag>)>,
    currents: Vec<Current>,
}

/// A cone `l · (room − s · l) ≥ Σ (factor · v)²` whose `l` and `v` nothing bounds well: its
/// multipliers are made to fit these exactly before a strict bound is taken.
#[derive(Clone, Debug)]
struct Current {
    cone: usize,
    l: Var,
    s: f64,
    parts: Vec<(Var, f64)>,
}

/// What a solve came to.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub x: Vec<f64>,
    pub end: End,
    pub iterations: u32,
    /// No point has a larger reward than this, whatever the solver's accuracy.
    pub bound: f64,
    /// Limits that bind: the limit, the gain per p.u. that it gives way, its value.
    pub prices: Vec<(Limit, f64, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    Solved,
    /// Largest relative residual or gap.
    Inaccurate(f64),
    Infeasible,
    Failed,
}

/// Accuracy aimed at: far beyond what is asked, so that the solver ends where rounding
/// stops it.
const AIMED: f64 = 1e-10;
/// Errors up to this are none.
const ACCURATE: f64 = 1e-7;
/// Errors beyond this make a point unusable.
const USABLE: f64 = 1e-3;
/// Box of a variable that nothing bounds (angles, rad), for the strict bound.
const WIDE: f64 = 1e3;

impl Convex {
    /// A new variable.
    pub fn var(&mut self, lo: f64, hi: f64, reward: f64) -> Var {
        self.lo.push(lo);
        self.hi.push(hi.max(lo));
        self.implied.push((lo.max(-WIDE), hi.max(lo).min(WIDE)));
        self.reward.push(reward);
        Var(self.lo.len() - 1)
    }

    /// True for a variable that can only be 0.
    pub fn is_zero(&self, v: Var) -> bool {
        self.lo[v.0] == 0.0 && self.hi[v.0] <= 0.0
    }

    /// Tells bounds that the constraints on `v` imply; they are not added to them.
    pub fn implied(&mut self, v: Var, lo: f64, hi: f64) {
        self.implied[v.0] = (lo.max(self.lo[v.0]), hi.min(self.hi[v.0]));
    }

    /// `e = 0`.
    pub fn zero(&mut self, e: Expr) {
        self.equal.push(e);
    }

    /// `e ≥ 0`.
    pub fn positive(&mut self, e: Expr, tag: Option<Tag>) {
        self.positive.push((e, tag));
    }

    /// `lo ≤ e ≤ hi`, sides without limit left out; equal sides make an equation.
    pub fn between(&mut self, e: &Expr, lo: f64, hi: f64, tags: [Option<Tag>; 2]) {
        if lo == hi {
            let mut e = e.clone();
            e.constant -= lo;
            return self.zero(e);
        }
        if lo > f64::NEG_INFINITY {
            let mut low = e.clone();
            low.constant -= lo;
            self.positive(low, tags[0]);
        }
        if hi < f64::INFINITY {
            let mut high = Expr::constant(hi);
            high.add_all(e, -1.0);
            self.positive(high, tags[1]);
        }
    }

    /// `first ≥ ‖rest‖`.
    pub fn cone(&mut self, parts: Vec<Expr>, tag: Option<Tag>) {
        self.cones.push((parts, tag));
    }

    /// `a · b ≥ Σ c²` with `a, b ≥ 0`.
    pub fn rotated(&mut self, a: &Expr, b: &Expr, c: &[Expr]) {
        let mut sum = a.clone();
        sum.add_all(b, 1.0);
        let mut difference = a.clone();
        difference.add_all(b, -1.0);
        let mut parts = vec![sum, difference];
        for e in c {
            let mut twice = Expr::default();
            twice.add_all(e, 2.0);
            parts.push(twice);
        }
        self.cone(parts, None);
    }

    /// `l · (room − s · l) ≥ Σ (factor · v)²` for variables that appear in no other way in
    /// this cone.
    pub fn current(&mut self, l: Var, room: &Expr, s: f64, parts: &[(Var, f64)]) {
        self.currents.push(Current { cone: self.cones.len(), l, s, parts: parts.to_vec() });
        let mut room = room.clone();
        room.add(l, -s);
        let squares: Vec<Expr> =
            parts.iter().map(|&(v, factor)| Expr::default().plus(v, factor)).collect();
        self.rotated(&l.into(), &room, &squares);
    }

    pub fn reward(&self, x: &[f64]) -> f64 {
        self.reward.iter().zip(x).map(|(r, x)| r * x).sum()
    }

    /// Solves to optimality as far as it can.
    pub fn solve(&self) -> Answer {
        let n = self.lo.len();
        // Variables without room are constants: a bound without interior hurts.
        let fixed: Vec<bool> = (0..n).map(|v| self.hi[v] - self.lo[v] <= 1e-12).collect();
        let mut column = vec![usize::MAX; n];
        let mut free = 0;
        for v in (0..n).filter(|&v| !fixed[v]) {
            column[v] = free;
            free += 1;
        }
        let mut rows = Rows { fixed: &fixed, lo: &self.lo, column: &column, ..Rows::default() };
        for e in &self.equal {
            rows.push(e, 1.0);
        }
        let equalities = rows.b.len();
        let mut source = Vec::new();
        for (k, (e, _)) in self.positive.iter().enumerate() {
            rows.push(e, -1.0);
            source.push(k);
        }
        let tagged = rows.b.len();
        for v in (0..n).filter(|&v| !fixed[v]) {
            let bounds = [(self.lo[v], -1.0), (self.hi[v], 1.0)];
            for (bound, side) in bounds.into_iter().filter(|(bound, _)| bound.is_finite()) {
                rows.entries.push((column[v], rows.b.len(), side));
                rows.b.push(side * bound);
            }
        }
        let linear = rows.b.len();
        let mut cones =
            vec![Cone::ZeroConeT(equalities), Cone::NonnegativeConeT(linear - equalities)];
        for (parts, _) in &self.cones {
            for e in parts {
                rows.push(e, -1.0);
            }
            cones.push(Cone::SecondOrderConeT(parts.len()));
        }
        let (a, b) = rows.matrix(free);
        let q: Vec<f64> = (0..n).filter(|&v| !fixed[v]).map(|v| -self.reward[v]).collect();
        let mut answer = Answer {
            x: self.lo.clone(),
            end: End::Solved,
            iterations: 0,
            bound: self.reward(&self.lo),
            prices: Vec::new(),
        };
        if free == 0 {
            return answer;
        }
        let p = CscMatrix::zeros((free, free));
        let Ok(mut solver) = DefaultSolver::new(&p, &q, &a, &b, &cones, settings()) else {
            answer.end = End::Failed;
            return answer;
        };
        solver.solve();
        let (info, s) = (&solver.info, &solver.solution);
        answer.iterations = s.iterations;
        let error = info.res_primal.max(info.res_dual).max(info.gap_rel.min(info.gap_abs));
        let contradiction = matches!(
            s.status,
            SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible
        );
        answer.end = if s.status == SolverStatus::Solved || error <= ACCURATE {
            End::Solved
        } else if contradiction {
            End::Infeasible
        } else if error <= USABLE {
            End::Inaccurate(error)
        } else {
            End::Failed
        };
        for v in (0..n).filter(|&v| !fixed[v]) {
            answer.x[v] = s.x[column[v]].clamp(self.lo[v], self.hi[v]);
        }
        if answer.end == End::Infeasible {
            answer.bound = f64::NEG_INFINITY;
            return answer;
        }
        let mut z = s.z.clone();
        self.put_in_dual_cone(&mut z, equalities, linear);
        self.fit_currents(&mut z, (&a, &q, &column), linear);
        answer.bound = self.strict_bound(&z, &a, &b, &q, &column);
        for (k, &source) in source.iter().enumerate() {
            let price = z[equalities + k];
            if let Some(tag) = self.positive[source].1 {
                answer.prices.push(tag.price(price, &answer.x));
            }
        }
        debug_assert_eq!(equalities + source.len(), tagged);
        let mut at = linear;
        for (parts, tag) in &self.cones {
            if let Some(tag) = tag {
                answer.prices.push(tag.price(z[at], &answer.x));
            }
            at += parts.len();
        }
        answer
    }

    /// Puts multipliers where rounding left them outside the dual cone.
    fn put_in_dual_cone(&self, z: &mut [f64], equalities: usize, linear: usize) {
        for v in &mut z[equalities..linear] {
            *v = v.max(0.0);
        }
        let mut at = linear;
        for (parts, _) in &self.cones {
            let norm = z[at + 1..at + parts.len()].iter().map(|v| v * v).sum::<f64>().sqrt();
            z[at] = z[at].max(norm);
            at += parts.len();
        }
    }

    /// Makes the dual residuals of the variables of each [`Current`] zero by its own
    /// multipliers, and lets the multiplier of its room, whose variables are well bounded,
    /// grow as far as the cone then asks.
    fn fit_currents(
        &self,
        z: &mut [f64],
        (a, q, column): (&CscMatrix<f64>, &[f64], &[usize]),
        linear: usize,
    ) {
        let mut starts = Vec::with_capacity(self.cones.len());
        let mut at = linear;
        for (parts, _) in &self.cones {
            starts.push(at);
            at += parts.len();
        }
        for current in &self.currents {
            let start = starts[current.cone];
            let own = start..start + 2 + current.parts.len();
            // The residual without the cone's own multipliers.
            let rest = |v: Var, z: &[f64]| {
                let c = column[v.0];
                let entries = a.colptr[c]..a.colptr[c + 1];
                let others = entries.filter(|&k| !own.contains(&a.rowval[k]));
                -q[c] - others.map(|k| a.nzval[k] * z[a.rowval[k]]).sum::<f64>()
            };
            if column[current.l.0] == usize::MAX {
                continue;
            }
            let mut norm = 0.0;
            for (k, &(v, factor)) in current.parts.iter().enumerate() {
                let fit = -rest(v, z) / (2.0 * factor);
                z[start + 2 + k] = fit;
                norm += fit * fit;
            }
            // With α = z₀ + z₁ and β = z₀ − z₁: α = s·β − rest, α·β ≥ norm.
            let least = -rest(current.l, z);
            let s = current.s;
            let root = 2.0 * norm / (least + (least * least + 4.0 * s * norm).sqrt());
            let now = z[start] - z[start + 1];
            let beta = if root.is_finite() { now.max(root) } else { now };
            let alpha = s * beta + least;
            z[start] = 0.5 * (alpha + beta);
            z[start + 1] = 0.5 * (alpha - beta);
            // Where that cannot be (nothing flows and nothing would pay), the box decides.
            let size = z[start + 1].hypot(norm.sqrt());
            z[start] = z[start].max(size);
        }
    }

    /// The dual function at `z` over the box that holds all feasible points: no point
    /// earns more, however inaccurate `z` is (Jansson, Chaykin, Keil, *Rigorous error
    /// bounds for the optimal value in semidefinite programming*, SIAM J. Numer. Anal.
    /// 46, 2007).
    fn strict_bound(
        &self,
        z: &[f64],
        a: &CscMatrix<f64>,
        b: &[f64],
        q: &[f64],
        column: &[usize],
    ) -> f64 {
        let mut bound: f64 = b.iter().zip(z).map(|(b, z)| b * z).sum();
        for v in 0..column.len() {
            let c = column[v];
            if c == usize::MAX {
                bound += self.reward[v] * self.lo[v];
                continue;
            }
            let mut slope = -q[c];
            for k in a.colptr[c]..a.colptr[c + 1] {
                slope -= a.nzval[k] * z[a.rowval[k]];
            }
            let (lo, hi) = self.implied[v];
            bound += (slope * lo).max(slope * hi);
        }
        bound
    }
}

fn settings() -> DefaultSettings<f64> {
    DefaultSettings {
        verbose: false,
        max_iter: 200,
        tol_gap_abs: AIMED,
        tol_gap_rel: AIMED,
        tol_feas: AIMED,
        // One thread: the caller's pool is where parallel work runs.
        max_threads: 1,
        // No search for decompositions or dropped rows: the program is as lean as it gets.
        presolve_enable: false,
        ..DefaultSettings::default()
    }
}

/// Rows on the way to a matrix: `A x + s = b`.
#[derive(Default)]
struct Rows<'a> {
    fixed: &'a [bool],
    lo: &'a [f64],
    column: &'a [usize],
    /// Column, row, value.
    entries: Vec<(usize, usize, f64)>,
    b: Vec<f64>,
}

impl Rows<'_> {
    /// `sign · e`, with the constants on the right.
    fn push(&mut self, e: &Expr, sign: f64) {
        let row = self.b.len();
        let mut constant = e.constant;
        for &(v, a) in &e.terms {
            if self.fixed[v] {
                constant += a * self.lo[v];
            } else {
                self.entries.push((self.column[v], row, sign * a));
            }
        }
        self.b.push(-sign * constant);
    }

    fn matrix(mut self, columns: usize) -> (CscMatrix<f64>, Vec<f64>) {
        self.entries.sort_unstable_by_key(|&(c, r, _)| (c, r));
        let mut colptr = vec![0; columns + 1];
        let (mut rowval, mut nzval) = (Vec::<usize>::new(), Vec::<f64>::new());
        let mut last = (usize::MAX, usize::MAX);
        for (c, r, a) in self.entries {
            if let Some(value) = nzval.last_mut().filter(|_| (c, r) == last) {
                *value += a;
            } else {
                colptr[c + 1] += 1;
                rowval.push(r);
                nzval.push(a);
                last = (c, r);
            }
        }
        for c in 0..columns {
            colptr[c + 1] += colptr[c];
        }
        (CscMatrix::new(self.b.len(), columns, colptr, rowval, nzval), self.b)
    }
}

#[cfg(test)]
mod tests {
    use super::{Convex, End, Expr};

    #[test]
    fn a_linear_program_with_a_constant_variable() {
        // max x + 2y, x + y + c ≤ 4, y ≤ 2, c = 1: x = 1, y = 2.
        let mut p = Convex::default();
        let (x, y, c) = (p.var(0.0, 10.0, 1.0), p.var(0.0, 2.0, 2.0), p.var(1.0, 1.0, 0.0));
        let e = Expr::default().plus(x, 1.0).plus(y, 1.0).plus(c, 1.0);
        p.between(&e, f64::NEG_INFINITY, 4.0, [None; 2]);
        let answer = p.solve();
        assert_eq!(answer.end, End::Solved);
        assert!((p.reward(&answer.x) - 5.0).abs() < 1e-6);
        assert!((answer.bound - 5.0).abs() < 1e-6 && answer.bound >= p.reward(&answer.x) - 1e-7);
        // Contradiction.
        p.between(&Expr::from(x), 11.0, 12.0, [None; 2]);
        assert_eq!(p.solve().end, End::Infeasible);
    }

    #[test]
    fn a_rotated_cone() {
        // max c, c² ≤ a·b, a + b ≤ 4: c = 2.
        let mut p = Convex::default();
        let (a, b, c) = (p.var(0.0, 9.0, 0.0), p.var(0.0, 9.0, 0.0), p.var(-9.0, 9.0, 1.0));
        p.rotated(&a.into(), &b.into(), &[c.into()]);
        let e = Expr::default().plus(a, 1.0).plus(b, 1.0);
        p.between(&e, f64::NEG_INFINITY, 4.0, [None; 2]);
        let answer = p.solve();
        assert_eq!(answer.end, End::Solved);
        assert!((answer.x[2] - 2.0).abs() < 1e-6);
        assert!(answer.bound >= 2.0 - 1e-9 && answer.bound < 2.0 + 1e-5);
    }
}
