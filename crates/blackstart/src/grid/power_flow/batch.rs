//! Many states of one grid, several at a time in the lanes of a vector.
//!
//! Every lane does what [`Newton`](super::newton::Newton) does with one state, operation by
//! operation: results do not depend on what is computed beside them, nor on the number of
//! threads. States that begin with the same equations share the factor there, and a lane that
//! is done takes the next one at once ([`Alike`]). So do lanes of states with factors of their
//! own ([`Own`]).

use std::borrow::Borrow;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::dc_flow::Network;
use super::super::model::Model;
use super::ac::{Ac, Course};
use super::admittance::{Complex, assemble};
use super::equations::{Balance, Equations, State, step};
use super::newton::{LOST_PU, Mismatch, NEAR_PU, Next, Pace};
use super::outcome::Solution;
use super::reactive::Rounds;
use super::setting::{Setting, Topology};
use super::units::Units;
use super::{AcFlow, PowerFlow, PowerFlowOptions, PowerFlowSolver, Snapshot, Start, Tables};
use crate::math::{BlockGraph, BlockLu, Kernel, Lanes, Spread, Wide, dispatch};
use crate::region::Grid;

/// Grids with fewer blocks in a factor fit the caches with eight lanes of factors, larger
/// ones with four.
const MOST_FILL_OF_EIGHT: usize = 12_000;
/// Most lanes.
const MOST_LANES: usize = 8;
/// States that one task takes.
const CHUNK: usize = 128;

/// Solves states `0..count` and gives what `keep` makes of each, in order.
pub(super) fn solve<T: Send, S: Borrow<Snapshot>>(
    solver: &PowerFlowSolver,
    ac: &Ac,
    grid: &Grid,
    count: usize,
    state: &(impl Fn(usize) -> S + Sync),
    options: &PowerFlowOptions,
    keep: &(impl Fn(usize, PowerFlow) -> T + Sync),
) -> Vec<T> {
    if ac.graph.fill() <= MOST_FILL_OF_EIGHT {
        in_lanes::<Wide<8>, T, S>(solver, ac, grid, count, state, options, keep)
    } else {
        in_lanes::<Wide<4>, T, S>(solver, ac, grid, count, state, options, keep)
    }
}

fn in_lanes<V: Lanes + Spread<V>, T: Send, S: Borrow<Snapshot>>(
    solver: &PowerFlowSolver,
    ac: &Ac,
    grid: &Grid,
    count: usize,
    state: &(impl Fn(usize) -> S + Sync),
    options: &PowerFlowOptions,
    keep: &(impl Fn(usize, PowerFlow) -> T + Sync),
) -> Vec<T> {
    let chunks: Vec<Range<usize>> =
        (0..count).step_by(CHUNK).map(|a| a..(a + CHUNK).min(count)).collect();
    let parts: Vec<Vec<T>> = chunks
        .into_par_iter()
        .map_init(
            || Workspace::<V>::new(solver, ac, grid, options),
            |work, range| work.solve::<T, S>(range, state, keep),
        )
        .collect();
    parts.into_iter().flatten().collect()
}

/// A state under work.
struct Job<S> {
    index: usize,
    at: S,
    setting: Setting,
    pace: Pace,
    /// Steps made.
    steps: u32,
    /// Factors made.
    factors: u32,
}

/// What moves in every lane, by position.
struct Moving<V> {
    v: Vec<[V; 2]>,
    given: Vec<[V; 2]>,
    /// Mismatches, then steps.
    x: Vec<[V; 2]>,
}

impl<V: Lanes> Moving<V> {
    fn new(n: usize) -> Self {
        let zero = vec![[V::splat(0.0); 2]; n];
        Self { v: vec![[V::splat(1.0), V::splat(0.0)]; n], given: zero.clone(), x: zero }
    }

    fn give(&mut self, graph: &BlockGraph, lane: usize, setting: &Setting) {
        for (given, &node) in self.given.iter_mut().zip(graph.node()) {
            put(given, lane, [setting.p[node as usize], setting.q[node as usize]]);
        }
    }

    fn put_voltages(&mut self, lane: usize, v: &[Complex]) {
        for (to, from) in self.v.iter_mut().zip(v) {
            put(to, lane, *from);
        }
    }

    /// Moves the lanes by a step with the factor `lu`; gives sizes of the steps and the largest
    /// mismatches after them.
    fn step<Y: Spread<V>, const R: usize>(
        &mut self,
        lu: &BlockLu<Y, R>,
        balance: Balance<'_, Y>,
    ) -> (V, V) {
        dispatch(Step { lu, balance, moving: self })
    }

    fn mismatch<Y: Spread<V>>(&mut self, balance: Balance<'_, Y>) -> V {
        dispatch(Mismatch { balance, v: &self.v, given: &self.given, off: &mut self.x })
    }
}

fn put<V: Lanes>(to: &mut [V; 2], lane: usize, from: Complex) {
    to[0].set(lane, from[0]);
    to[1].set(lane, from[1]);
}

fn take<V: Lanes>(from: &[V; 2], lane: usize) -> Complex {
    [from[0].get(lane), from[1].get(lane)]
}

struct Step<'a, V, Y, const R: usize> {
    lu: &'a BlockLu<Y, R>,
    balance: Balance<'a, Y>,
    moving: &'a mut Moving<V>,
}

impl<V: Lanes, Y: Spread<V>, const R: usize> Kernel for Step<'_, V, Y, R> {
    type Output = (V, V);

    #[inline(always)]
    fn run<const FMA: bool>(self) -> (V, V) {
        let Self { lu, balance, moving } = self;
        let Moving { v, given, x } = moving;
        lu.substitute_in::<V, FMA>(balance.graph, x);
        let size = step::<V, FMA>(v, x, V::splat(1.0));
        (size, balance.mismatch::<V, FMA>(v, given, x))
    }
}

/// How a lane came out of a step.
#[derive(Clone, Copy, Debug)]
enum End {
    /// It made a step and goes on.
    Goes,
    /// It fits, after so many more steps.
    Converged { steps: u32 },
    /// It needs more than full steps.
    Lost,
}

/// One iteration in all lanes, each with its own factor.
struct OwnStep<'a, V> {
    graph: &'a BlockGraph,
    lu: &'a mut BlockLu<V, 1>,
    state: &'a mut State<V>,
    x: &'a mut [[V; 2]],
    /// By lane: factors before; none where there is no state.
    factors: Vec<Option<u32>>,
    tolerance: f64,
    max_iterations: u32,
}

impl<V: Lanes + Spread<V>> Kernel for OwnStep<'_, V> {
    type Output = Vec<End>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Vec<End> {
        let Self { graph, lu, state, x, factors, tolerance, max_iterations } = self;
        let mut equations = Equations { state, worst: V::splat(0.0) };
        lu.eliminate_in::<FMA>(graph, &mut equations);
        let worst = equations.worst;
        let mut ends = vec![End::Goes; V::N];
        let mut go = V::splat(1.0);
        for lane in 0..V::N {
            if worst.get(lane) <= tolerance || factors[lane].is_none() {
                ends[lane] = End::Converged { steps: 0 };
                go.set(lane, 0.0);
            }
        }
        for (x, of) in x.iter_mut().zip(lu.x()) {
            *x = of[0];
        }
        let size = step::<V, FMA>(&mut state.v, x, go);
        let last = |lane: usize| factors[lane].is_none_or(|f| f + 1 >= max_iterations);
        let mut test = false;
        for lane in (0..V::N).filter(|&lane| go.get(lane) > 0.0) {
            if !size.get(lane).is_finite() || worst.get(lane) > LOST_PU {
                ends[lane] = End::Lost;
            } else {
                test |= last(lane) || worst.get(lane) < NEAR_PU;
            }
        }
        if test {
            let worst = state.balance(graph).mismatch::<V, FMA>(&state.v, &state.given, x);
            for (lane, end) in ends.iter_mut().enumerate() {
                if !matches!(end, End::Goes) {
                    continue;
                }
                if worst.get(lane) <= tolerance {
                    *end = End::Converged { steps: 1 };
                } else if last(lane) {
                    *end = End::Lost;
                }
            }
        }
        ends
    }
}

/// Lanes whose states begin with the same equations: those of `Workspace::ac`, with their
/// factor.
struct Alike<V, S> {
    setting: Setting,
    /// By position: where they begin.
    start: Vec<Complex>,
    /// True when their factor may serve for more than one step.
    chord: bool,
    moving: Moving<V>,
    jobs: Vec<Option<Job<S>>>,
}

/// Lanes with equations and factors of their own.
struct Own<V, S> {
    jobs: Vec<Option<Job<S>>>,
    lu: BlockLu<V, 1>,
    state: State<V>,
    /// By lane: branches and shunts that its admittances belong to.
    loaded: Vec<(Vec<bool>, Vec<Complex>)>,
    /// Admittances of one lane.
    y: Vec<Complex>,
    diagonal: Vec<Complex>,
}

impl<V: Lanes, S> Own<V, S> {
    fn new(graph: &BlockGraph) -> Self {
        Self {
            jobs: (0..V::N).map(|_| None).collect(),
            lu: BlockLu::new(graph, false),
            state: State::new(graph),
            loaded: vec![(Vec::new(), Vec::new()); V::N],
            y: vec![[0.0; 2]; graph.entries()],
            diagonal: vec![[0.0; 2]; graph.nodes()],
        }
    }

    /// Brings a state with voltages `v` by position into a lane.
    fn enter(&mut self, ac: &Ac, model: &Model, lane: usize, job: Job<S>, v: &[Complex]) {
        let Self { jobs, state, loaded, y, diagonal, .. } = self;
        let (graph, setting) = (&ac.graph, &job.setting);
        let (live, shunt) = &mut loaded[lane];
        if *live != setting.live || *shunt != setting.shunt {
            live.clone_from(&setting.live);
            shunt.clone_from(&setting.shunt);
            let ends = &model.edges[..model.branches];
            assemble(graph, ends, &ac.ports, live, shunt, y, diagonal);
            for (to, from) in state.y.iter_mut().zip(y) {
                put(to, lane, *from);
            }
            for (to, from) in state.diagonal.iter_mut().zip(diagonal) {
                put(to, lane, *from);
            }
        }
        for (p, &node) in graph.node().iter().enumerate() {
            let i = node as usize;
            put(&mut state.given[p], lane, [setting.p[i], setting.q[i]]);
            put(&mut state.active[p], lane, setting.role[i].equations());
            put(&mut state.v[p], lane, v[p]);
        }
        jobs[lane] = Some(job);
    }
}

struct Workspace<'a, V> {
    grid: &'a Grid,
    model: &'a Model,
    units: &'a Units,
    options: &'a PowerFlowOptions,
    topology: Topology,
    network: Option<Network>,
    /// The equations of states that are alike.
    ac: Ac,
    /// For states that need more than full steps.
    alone: Option<Ac>,
    /// By position: mismatches or steps in lanes.
    x: Vec<[V; 2]>,
    /// By bus.
    voltages: Vec<Complex>,
    /// Tables of states that are done.
    spare: Vec<Setting>,
}

/// States that wait for a factor of their own, with voltages by position.
type Waiting<S> = Vec<(Job<S>, Vec<Complex>)>;

impl<'a, V: Lanes + Spread<V>> Workspace<'a, V> {
    fn new(
        solver: &'a PowerFlowSolver,
        ac: &Ac,
        grid: &'a Grid,
        options: &'a PowerFlowOptions,
    ) -> Self {
        Self {
            grid,
            model: &solver.model,
            units: &solver.units,
            options,
            topology: Topology::default(),
            network: None,
            ac: ac.fresh(),
            alone: None,
            x: vec![[V::splat(0.0); 2]; ac.graph.nodes()],
            voltages: vec![[0.0; 2]; ac.graph.nodes()],
            spare: Vec::new(),
        }
    }

    fn solve<T, S: Borrow<Snapshot>>(
        &mut self,
        range: Range<usize>,
        state: &impl Fn(usize) -> S,
        keep: &impl Fn(usize, PowerFlow) -> T,
    ) -> Vec<T> {
        let first = range.start;
        let mut results: Vec<Option<T>> = range.clone().map(|_| None).collect();
        let mut done = |index: usize, flow| results[index - first] = Some(keep(index, flow));
        let mut alike = self.find_alike(&range, state);
        let mut own: Option<Own<V, S>> = None;
        let mut waiting = Waiting::new();
        let mut queue = range;
        loop {
            let mut entered = [false; MOST_LANES];
            while waiting.len() < V::N
                && let Some(lane) = alike.as_ref().map_or(Some(0), Alike::free)
                && let Some(index) = queue.next()
            {
                let job = self.begin(index, state(index));
                if alike.is_none() && self.ac.chord(self.options.start, &job.setting) {
                    alike = Some(self.alike(job.setting.clone()));
                }
                if let Some(alike) = &mut alike
                    && alike.setting.has_equations_of(&job.setting)
                {
                    alike.moving.give(&self.ac.graph, lane, &job.setting);
                    alike.moving.put_voltages(lane, &alike.start);
                    alike.jobs[lane] = Some(job);
                    entered[lane] = true;
                } else {
                    let v = self.start(&job.setting);
                    waiting.push((job, v));
                }
            }
            let mut busy = false;
            if let Some(alike) = &mut alike
                && alike.jobs.iter().any(Option::is_some)
            {
                self.step_alike(alike, &entered, &mut waiting, &mut done);
                busy = true;
            }
            if !waiting.is_empty() {
                let own = own.get_or_insert_with(|| Own::new(&self.ac.graph));
                for lane in 0..V::N {
                    if own.jobs[lane].is_none()
                        && let Some((job, v)) = waiting.pop()
                    {
                        own.enter(&self.ac, self.model, lane, job, &v);
                    }
                }
            }
            // Lanes wait until all are taken, as long as more may come.
            if let Some(own) = &mut own
                && (own.jobs.iter().all(Option::is_some) || (!busy && queue.is_empty()))
                && own.jobs.iter().any(Option::is_some)
            {
                self.step_own(own, &mut done);
                busy = true;
            }
            if !busy && queue.is_empty() && waiting.is_empty() {
                break;
            }
        }
        results.into_iter().flatten().collect()
    }

    /// Equations of the first two states, if these are the same: then it pays to look for
    /// more like them. From [`Start::Base`], states that are alike are those like it.
    fn find_alike<S: Borrow<Snapshot>>(
        &mut self,
        range: &Range<usize>,
        state: &impl Fn(usize) -> S,
    ) -> Option<Alike<V, S>> {
        // The angles of a DC power flow depend on the injections.
        if range.len() < 2 || matches!(self.options.start, Start::Dc | Start::Base) {
            return None;
        }
        let one = self.begin(range.start, state(range.start));
        let other = self.begin(range.start + 1, state(range.start + 1));
        let same = one.setting.has_equations_of(&other.setting);
        self.spare.push(other.setting);
        if !same {
            self.spare.push(one.setting);
            return None;
        }
        Some(self.alike(one.setting))
    }

    /// Lanes for states with the equations of `setting`, and the factor where they begin.
    fn alike<S>(&mut self, setting: Setting) -> Alike<V, S> {
        self.ac.load(self.model, &setting);
        let start = self.start(&setting);
        self.ac.state.v.clone_from(&start);
        self.ac.prepare_first();
        let moving = Moving::new(start.len());
        let chord = self.ac.chord(self.options.start, &setting);
        Alike { setting, start, chord, moving, jobs: (0..V::N).map(|_| None).collect() }
    }

    fn begin<S: Borrow<Snapshot>>(&mut self, index: usize, at: S) -> Job<S> {
        assert!(at.borrow().fits(self.grid), "a snapshot of this grid");
        let mut setting = self.spare.pop().unwrap_or_default();
        setting.read(self.grid, self.model, at.borrow(), &mut self.topology);
        Job { index, at, setting, pace: Pace::default(), steps: 0, factors: 0 }
    }

    /// By position: voltages to begin with.
    fn start(&mut self, setting: &Setting) -> Vec<Complex> {
        let Self { grid, model, ac, network, options, .. } = self;
        let v = ac.start(options.start, grid, model, network, setting);
        ac.graph.node().iter().map(|&i| v[i as usize]).collect()
    }

    /// One step of all lanes that share a factor.
    fn step_alike<S: Borrow<Snapshot>>(
        &mut self,
        alike: &mut Alike<V, S>,
        entered: &[bool; MOST_LANES],
        waiting: &mut Waiting<S>,
        done: &mut impl FnMut(usize, PowerFlow),
    ) {
        let PowerFlowOptions { tolerance_pu, max_iterations, .. } = *self.options;
        let graph = Arc::clone(&self.ac.graph);
        if entered.contains(&true) {
            let worst = alike.moving.mismatch(self.ac.state.balance(&graph));
            for lane in (0..V::N).filter(|&lane| entered[lane]) {
                let Some(mut job) = alike.jobs[lane].take() else { continue };
                match job.pace.start(worst.get(lane), tolerance_pu, max_iterations) {
                    Next::Done => {
                        self.finish(lane, &alike.moving.v, &alike.moving.x, job, done);
                    }
                    Next::Lost => self.solve_alone(job, done),
                    Next::Factor | Next::Step => alike.jobs[lane] = Some(job),
                }
            }
        }
        let Some(lu) = &self.ac.first.lu else { return };
        let balance = self.ac.state.balance(&graph);
        let (size, worst) = alike.moving.step(lu, balance);
        for lane in 0..V::N {
            let Some(mut job) = alike.jobs[lane].take() else { continue };
            let (size, worst) = (size.get(lane), worst.get(lane));
            match job.pace.after(worst, size, tolerance_pu, alike.chord, max_iterations) {
                Next::Done => {
                    job.steps = job.pace.steps;
                    self.finish(lane, &alike.moving.v, &alike.moving.x, job, done);
                }
                Next::Lost => self.solve_alone(job, done),
                Next::Step => alike.jobs[lane] = Some(job),
                Next::Factor => {
                    (job.steps, job.factors) = (job.pace.steps, 1);
                    let v = alike.moving.v.iter().map(|v| take(v, lane)).collect();
                    waiting.push((job, v));
                }
            }
        }
    }

    /// One step of all lanes with factors of their own.
    fn step_own<S: Borrow<Snapshot>>(
        &mut self,
        own: &mut Own<V, S>,
        done: &mut impl FnMut(usize, PowerFlow),
    ) {
        let graph = Arc::clone(&self.ac.graph);
        let factors = own.jobs.iter().map(|j| j.as_ref().map(|j| j.factors)).collect();
        let ends = dispatch(OwnStep {
            graph: &graph,
            lu: &mut own.lu,
            state: &mut own.state,
            x: &mut self.x,
            factors,
            tolerance: self.options.tolerance_pu,
            max_iterations: self.options.max_iterations,
        });
        let mut x = std::mem::take(&mut self.x);
        let converged = |end: &End| matches!(end, End::Converged { .. });
        if self.options.tables == Tables::Voltages && ends.iter().any(converged) {
            let state = &own.state;
            let balance = state.balance(&graph);
            dispatch(Mismatch { balance, v: &state.v, given: &state.given, off: &mut x });
        }
        for (lane, end) in ends.into_iter().enumerate() {
            let Some(mut job) = own.jobs[lane].take() else { continue };
            match end {
                End::Goes => {
                    job.steps += 1;
                    job.factors += 1;
                    own.jobs[lane] = Some(job);
                }
                End::Converged { steps } => {
                    job.steps += steps;
                    self.finish(lane, &own.state.v, &x, job, done);
                }
                End::Lost => self.solve_alone(job, done),
            }
        }
        self.x = x;
    }

    fn finish<S: Borrow<Snapshot>>(
        &mut self,
        lane: usize,
        v: &[[V; 2]],
        off: &[[V; 2]],
        job: Job<S>,
        done: &mut impl FnMut(usize, PowerFlow),
    ) {
        let Self { grid, model, units, options, ac, voltages, .. } = self;
        let node = ac.graph.node();
        for (v, &node) in v.iter().zip(node) {
            voltages[node as usize] = take(v, lane);
        }
        let Job { index, at, setting, steps, .. } = job;
        let course = Course { iterations: steps, start: options.start, step_control: false };
        let courses = vec![course; setting.islands.len()];
        let rounds = Rounds::none(&setting);
        let at = at.borrow();
        let solution =
            Solution { grid, model, at, units, setting: &setting, rounds: &rounds, options };
        let flow = match options.tables {
            Tables::All => solution.collect(&ac.ports, voltages, &courses),
            Tables::Voltages => {
                let off = off.iter().map(|x| take(x, lane));
                solution.voltages(voltages, node, off, &courses)
            }
        };
        done(index, flow);
        self.spare.push(setting);
    }

    /// A state that full steps did not solve, by itself.
    fn solve_alone<S: Borrow<Snapshot>>(
        &mut self,
        mut job: Job<S>,
        done: &mut impl FnMut(usize, PowerFlow),
    ) {
        let Self { grid, model, units, network, options, .. } = self;
        let ac = self.alone.get_or_insert_with(|| self.ac.fresh());
        let decoupled = &mut None;
        let flow = AcFlow { grid, model, units, network, decoupled, ac, options }
            .run(job.at.borrow(), &mut job.setting);
        done(job.index, flow);
    }
}

impl<V, S> Alike<V, S> {
    fn free(&self) -> Option<usize> {
        self.jobs.iter().position(Option::is_none)
    }
}
