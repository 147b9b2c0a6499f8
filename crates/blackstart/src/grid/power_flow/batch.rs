//! Many states of one grid, several at a time in the lanes of a vector.
//!
//! A lane that is done takes the next state at once, so lanes never wait for the slowest.
//! Every lane does what [`Newton`](super::equations::Newton) does with one state, operation
//! by operation: results do not depend on what is computed beside them, nor on the number
//! of threads.

use rayon::prelude::*;

use super::super::dc_flow::Network;
use super::super::model::Model;
use super::ac::{Ac, Course};
use super::admittance::{Complex, assemble};
use super::equations::{Equations, LOST_PU, NEAR_PU, State};
use super::outcome::Solution;
use super::reactive::Rounds;
use super::setting::{Setting, Topology};
use super::units::Units;
use super::{AcFlow, PowerFlow, PowerFlowOptions, PowerFlowSolver, Snapshot};
use crate::math::{BlockLu, Kernel, Lanes, Wide, dispatch};
use crate::region::Grid;

/// Grids with fewer blocks in a factor fit the caches with eight lanes, larger ones with
/// four.
const MOST_FILL_OF_EIGHT: usize = 12_000;
/// States that one task takes.
const CHUNK: usize = 128;

/// Solves states `0..count` and gives what `keep` makes of each, in order.
pub(super) fn solve<T: Send>(
    solver: &PowerFlowSolver,
    ac: &Ac,
    grid: &Grid,
    count: usize,
    state: &(impl Fn(usize) -> Snapshot + Sync),
    options: &PowerFlowOptions,
    keep: &(impl Fn(usize, PowerFlow) -> T + Sync),
) -> Vec<T> {
    if ac.graph.fill() <= MOST_FILL_OF_EIGHT {
        in_lanes::<Wide<8>, T>(solver, ac, grid, count, state, options, keep)
    } else {
        in_lanes::<Wide<4>, T>(solver, ac, grid, count, state, options, keep)
    }
}

fn in_lanes<V: Lanes, T: Send>(
    solver: &PowerFlowSolver,
    ac: &Ac,
    grid: &Grid,
    count: usize,
    state: &(impl Fn(usize) -> Snapshot + Sync),
    options: &PowerFlowOptions,
    keep: &(impl Fn(usize, PowerFlow) -> T + Sync),
) -> Vec<T> {
    let chunks: Vec<std::ops::Range<usize>> =
        (0..count).step_by(CHUNK).map(|a| a..(a + CHUNK).min(count)).collect();
    let parts: Vec<Vec<T>> = chunks
        .into_par_iter()
        .map_init(
            || Workspace::<V>::new(solver, ac),
            |work, range| work.solve(grid, range, state, options, keep),
        )
        .collect();
    parts.into_iter().flatten().collect()
}

/// A state under work.
struct Job {
    index: usize,
    at: Snapshot,
    setting: Setting,
    iterations: u32,
}

struct Workspace<'a, V> {
    model: &'a Model,
    units: &'a Units,
    topology: Topology,
    network: Option<Network>,
    /// For what the lanes share, and for states that need more than full steps.
    ac: Ac,
    lu: BlockLu<V, 1>,
    state: State<V>,
    /// By lane: branches and shunts that its admittances belong to.
    loaded: Vec<(Vec<bool>, Vec<Complex>)>,
    y: Vec<Complex>,
    diagonal: Vec<Complex>,
    voltages: Vec<Complex>,
}

impl<'a, V: Lanes> Workspace<'a, V> {
    fn new(solver: &'a PowerFlowSolver, ac: &Ac) -> Self {
        let n = ac.graph.nodes();
        Self {
            model: &solver.model,
            units: &solver.units,
            topology: Topology::default(),
            network: None,
            lu: BlockLu::new(&ac.graph, false),
            state: State::new(&ac.graph),
            loaded: vec![(Vec::new(), Vec::new()); V::N],
            y: vec![[0.0; 2]; ac.graph.entries()],
            diagonal: vec![[0.0; 2]; n],
            voltages: vec![[0.0; 2]; n],
            ac: ac.fresh(),
        }
    }

    fn solve<T>(
        &mut self,
        grid: &Grid,
        range: std::ops::Range<usize>,
        state: &impl Fn(usize) -> Snapshot,
        options: &PowerFlowOptions,
        keep: &impl Fn(usize, PowerFlow) -> T,
    ) -> Vec<T> {
        let first = range.start;
        let mut results: Vec<Option<T>> = range.clone().map(|_| None).collect();
        let mut queue = range;
        let mut lanes: Vec<Option<Job>> = (0..V::N).map(|_| None).collect();
        loop {
            for lane in 0..V::N {
                if lanes[lane].is_none()
                    && let Some(index) = queue.next()
                {
                    lanes[lane] = Some(self.begin(grid, index, lane, state(index), options));
                }
            }
            if lanes.iter().all(Option::is_none) {
                break;
            }
            let busy: Vec<bool> = lanes.iter().map(Option::is_some).collect();
            let iterations = lanes.iter().map(|j| j.as_ref().map_or(0, |j| j.iterations)).collect();
            let ends = dispatch(Step {
                graph: &self.ac.graph,
                lu: &mut self.lu,
                state: &mut self.state,
                busy,
                iterations,
                options,
            });
            for (lane, end) in ends.into_iter().enumerate() {
                match end {
                    End::Goes => {
                        if let Some(job) = &mut lanes[lane] {
                            job.iterations += 1;
                        }
                    }
                    End::Converged(last) => {
                        if let Some(mut job) = lanes[lane].take() {
                            job.iterations += last;
                            let index = job.index;
                            results[index - first] =
                                Some(keep(index, self.finish(grid, lane, &job, options)));
                        }
                    }
                    End::Lost => {
                        if let Some(job) = lanes[lane].take() {
                            let index = job.index;
                            results[index - first] =
                                Some(keep(index, self.alone(grid, &job, options)));
                        }
                    }
                }
            }
        }
        results.into_iter().flatten().collect()
    }

    /// Brings a state into a lane.
    fn begin(
        &mut self,
        grid: &Grid,
        index: usize,
        lane: usize,
        at: Snapshot,
        options: &PowerFlowOptions,
    ) -> Job {
        assert!(at.fits(grid), "a snapshot of this grid");
        let Self { model, topology, network, ac, state, loaded, y, diagonal, .. } = self;
        let setting = Setting::new(grid, model, &at, topology);
        let put = |to: &mut [V; 2], from: Complex| {
            to[0].set(lane, from[0]);
            to[1].set(lane, from[1]);
        };
        let (live, shunt) = &mut loaded[lane];
        if *live != setting.live || *shunt != setting.shunt {
            live.clone_from(&setting.live);
            shunt.clone_from(&setting.shunt);
            let (graph, ends) = (&ac.graph, &model.edges[..model.branches]);
            assemble(graph, ends, &ac.ports, live, shunt, y, diagonal);
            for (to, from) in state.y.iter_mut().zip(y.iter()) {
                put(to, *from);
            }
            for (to, from) in state.diagonal.iter_mut().zip(diagonal.iter()) {
                put(to, *from);
            }
        }
        let v = ac.start(options.start, grid, model, network, &setting);
        for (p, &node) in ac.graph.node().iter().enumerate() {
            let i = node as usize;
            put(&mut state.given[p], [setting.p[i], setting.q[i]]);
            put(&mut state.active[p], setting.role[i].equations());
            put(&mut state.v[p], v[i]);
        }
        Job { index, at, setting, iterations: 0 }
    }

    fn finish(
        &mut self,
        grid: &Grid,
        lane: usize,
        job: &Job,
        options: &PowerFlowOptions,
    ) -> PowerFlow {
        for (v, &node) in self.state.v.iter().zip(self.ac.graph.node()) {
            self.voltages[node as usize] = [v[0].get(lane), v[1].get(lane)];
        }
        let course =
            Course { iterations: job.iterations, start: options.start, step_control: false };
        let rounds = Rounds::none(&job.setting);
        let Self { model, units, ac, voltages, .. } = self;
        let (at, setting, rounds) = (&job.at, &job.setting, &rounds);
        let solution = Solution { grid, model, at, units, setting, rounds, options };
        solution.collect(&ac.ports, voltages, &vec![course; setting.islands.len()])
    }

    /// A state that full steps in a lane did not solve, on its own.
    fn alone(&mut self, grid: &Grid, job: &Job, options: &PowerFlowOptions) -> PowerFlow {
        let Self { model, units, network, ac, .. } = self;
        let decoupled = &mut None;
        AcFlow { grid, model, units, network, decoupled, ac, options }
            .run(&job.at, job.setting.clone())
    }
}

/// How a lane came out of a step.
#[derive(Clone, Copy, Debug)]
enum End {
    /// It made a step and goes on.
    Goes,
    /// It fits, after so many more iterations.
    Converged(u32),
    /// It needs more than full steps.
    Lost,
}

/// One iteration in all lanes.
struct Step<'a, V> {
    graph: &'a crate::math::BlockGraph,
    lu: &'a mut BlockLu<V, 1>,
    state: &'a mut State<V>,
    busy: Vec<bool>,
    iterations: Vec<u32>,
    options: &'a PowerFlowOptions,
}

impl<V: Lanes> Kernel for Step<'_, V> {
    type Output = Vec<End>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Vec<End> {
        let Self { graph, lu, state, busy, iterations, options } = self;
        let tolerance = options.tolerance_pu;
        let mut equations = Equations { state, worst: V::splat(0.0) };
        lu.eliminate_in::<FMA>(graph, &mut equations);
        let worst = equations.worst;
        let mut ends = vec![End::Goes; V::N];
        let mut share = V::splat(1.0);
        for lane in 0..V::N {
            let fits = worst.get(lane) <= tolerance;
            if fits {
                ends[lane] = End::Converged(0);
            }
            if fits || !busy[lane] {
                share.set(lane, 0.0);
            }
        }
        let size = state.step::<FMA, 1>(lu.x(), |_| share);
        let mut test = false;
        for lane in 0..V::N {
            if !busy[lane] || share.get(lane) == 0.0 {
                continue;
            }
            if !size.get(lane).is_finite() || worst.get(lane) > LOST_PU {
                ends[lane] = End::Lost;
                continue;
            }
            let last = iterations[lane] + 1 >= options.max_iterations;
            test |= last || worst.get(lane) < NEAR_PU;
        }
        if test {
            let worst = state.worst::<FMA>(graph);
            for lane in 0..V::N {
                if !matches!(ends[lane], End::Goes) {
                    continue;
                }
                if worst.get(lane) <= tolerance {
                    ends[lane] = End::Converged(1);
                } else if iterations[lane] + 1 >= options.max_iterations {
                    ends[lane] = End::Lost;
                }
            }
        }
        ends
    }
}
