//! Newton's method with full steps. Where a state begins with equations whose factor is
//! known, the first step is a substitution; where it begins at the solution of a state that
//! differs in injections alone, that factor serves for as long as its steps do well (the
//! chord method; Ortega & Rheinboldt, *Iterative Solution of Nonlinear Equations in Several
//! Variables*, 1970, section 7.1).

use super::equations::{Balance, Equations, Jacobian, State, step};
use crate::math::{BlockGraph, BlockLu, Kernel, Lanes, Spread};

/// Mismatches above which nothing is left of the grid, p.u.
pub(super) const LOST_PU: f64 = 1e12;
/// Mismatches below which one more step is likely to be the last, so that testing comes
/// before the next elimination, p.u.
pub(super) const NEAR_PU: f64 = 1e-2;
/// A factor whose steps leave more than this share of the mismatch is given up.
const MOST_LEFT: f64 = 0.3;
/// More steps than this, foretold from the last one, take longer than new factors.
const MOST_STEPS: u32 = 10;

/// What comes after a step with the first factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another one.
    Step,
    /// Factors at the voltages reached.
    Factor,
    /// Nothing: every equation holds.
    Done,
    /// Nothing that full steps could do.
    Lost,
}

/// How far the iterations of one state with its first factor are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// Steps made.
    pub steps: u32,
    /// Largest mismatch, p.u.
    worst: f64,
}

impl Pace {
    /// From the mismatch at the start point.
    pub fn start(&mut self, worst: f64, tolerance: f64, most: u32) -> Next {
        *self = Self { worst, steps: 0 };
        if worst <= tolerance {
            Next::Done
        } else if most == 0 {
            Next::Lost
        } else {
            Next::Step
        }
    }

    /// From the mismatch after a step of some `size`. `chord` says that there may be more than
    /// one, `most` how many factors there may be.
    pub fn after(&mut self, worst: f64, size: f64, tolerance: f64, chord: bool, most: u32) -> Next {
        self.steps += 1;
        if !size.is_finite() || self.worst > LOST_PU {
            return Next::Lost;
        }
        if worst <= tolerance {
            return Next::Done;
        }
        let left = worst / self.worst;
        self.worst = worst;
        let (mut foretold, mut steps) = (worst, 0);
        while foretold > tolerance && steps <= MOST_STEPS {
            foretold *= left;
            steps += 1;
        }
        if chord && left <= MOST_LEFT && steps <= MOST_STEPS {
            Next::Step
        } else if most <= 1 {
            Next::Lost
        } else {
            Next::Factor
        }
    }
}

/// Newton's method for one state.
pub(super) struct Newton<'a> {
    pub graph: &'a BlockGraph,
    /// For the factor at the start point, where it is worth keeping for other steps or states.
    pub first: Option<&'a mut BlockLu<f64, 0>>,
    /// True when `first` is that factor already.
    pub known: bool,
    /// True when it may serve for more than one step.
    pub chord: bool,
    /// For factors that serve for one step.
    pub lu: &'a mut BlockLu<f64, 1>,
    pub state: &'a mut State<f64>,
    /// By position: mismatches, then steps.
    pub x: &'a mut [[f64; 2]],
    pub tolerance: f64,
    /// Most factors.
    pub max_iterations: u32,
}

/// How a run of Newton's method ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub steps: u32,
    pub converged: bool,
    /// The first factor was made, or was known.
    pub kept: bool,
}

impl Kernel for Newton<'_> {
    type Output = Run;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Run {
        let Self { graph, first, known, chord, lu, state, x, tolerance, max_iterations } = self;
        let (mut steps, mut factors, mut kept) = (0, 0, known);
        if let Some(first) = first {
            let mut pace = Pace::default();
            let worst = state.balance(graph).mismatch::<f64, FMA>(&state.v, &state.given, x);
            let mut next = pace.start(worst, tolerance, max_iterations);
            if next == Next::Step && !known {
                first.factor_in::<FMA>(graph, &mut Jacobian(state.balance(graph), &state.v));
                kept = true;
            }
            while next == Next::Step {
                first.substitute_in::<f64, FMA>(graph, x);
                let size = step::<f64, FMA>(&mut state.v, x, 1.0);
                let worst = state.balance(graph).mismatch::<f64, FMA>(&state.v, &state.given, x);
                next = pace.after(worst, size, tolerance, chord, max_iterations);
            }
            (steps, factors) = (pace.steps, 1);
            if next != Next::Factor {
                return Run { steps, converged: next == Next::Done, kept };
            }
        }
        for factor in factors..max_iterations {
            let mut equations = Equations { state, worst: 0.0 };
            lu.eliminate_in::<FMA>(graph, &mut equations);
            let worst = equations.worst;
            if worst <= tolerance {
                return Run { steps, converged: true, kept };
            }
            for (x, of) in x.iter_mut().zip(lu.x()) {
                *x = of[0];
            }
            let size = step::<f64, FMA>(&mut state.v, x, 1.0);
            steps += 1;
            if !size.is_finite() || worst > LOST_PU {
                return Run { steps, converged: false, kept };
            }
            let test = worst < NEAR_PU || factor + 1 == max_iterations;
            if test
                && state.balance(graph).mismatch::<f64, FMA>(&state.v, &state.given, x) <= tolerance
            {
                return Run { steps, converged: true, kept };
            }
        }
        Run { steps, converged: false, kept }
    }
}

/// A factor at voltages.
pub(super) struct Factor<'a, V> {
    pub lu: &'a mut BlockLu<V, 0>,
    pub balance: Balance<'a, V>,
    pub v: &'a [[V; 2]],
}

impl<V: Lanes> Kernel for Factor<'_, V> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { lu, balance, v } = self;
        lu.factor_in::<FMA>(balance.graph, &mut Jacobian(balance, v));
    }
}

/// The mismatches of a state.
pub(super) struct Mismatch<'a, V, Y> {
    pub balance: Balance<'a, Y>,
    pub v: &'a [[V; 2]],
    pub given: &'a [[V; 2]],
    pub off: &'a mut [[V; 2]],
}

impl<V: Lanes, Y: Spread<V>> Kernel for Mismatch<'_, V, Y> {
    /// By lane: the largest one, p.u.
    type Output = V;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> V {
        self.balance.mismatch::<V, FMA>(self.v, self.given, self.off)
    }
}
