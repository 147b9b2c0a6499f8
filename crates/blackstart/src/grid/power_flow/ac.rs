//! AC power flow of one state: Newton with full steps first, then with step control and
//! from other start points for the islands that need it.

use std::sync::Arc;

use super::super::dc_flow::Network;
use super::super::model::Model;
use super::admittance::{Complex, TwoPort, assemble, two_ports};
use super::controlled::Controlled;
use super::equations::{Equations, State, by_node, moved};
use super::newton::{Factor, Mismatch, Newton};
use super::setting::{Role, Setting};
use super::{PowerFlowOptions, Start, dc};
use crate::math::{Block, BlockGraph, BlockLu, Rows, dispatch};
use crate::region::Grid;

/// What AC power flows of one grid share, and the space they work in.
#[derive(Clone, Debug)]
pub(super) struct Ac {
    pub graph: Arc<BlockGraph>,
    pub ports: Arc<[TwoPort]>,
    /// By bus: voltage of the file; 1 p.u. where it has none.
    case_start: Arc<[Complex]>,
    /// The grid's own state, once it is solved.
    pub base: Option<Arc<Base>>,
    pub first: First,
    /// For factors after the first.
    lu: Option<BlockLu<f64, 1>>,
    pub state: State<f64>,
    /// By position: mismatches or steps.
    pub x: Vec<[f64; 2]>,
    /// Branches and shunts that the admittances in `state` belong to.
    loaded: Option<(Vec<bool>, Vec<Complex>)>,
}

/// The grid's own state, and its solution.
#[derive(Clone, Debug)]
pub(super) struct Base {
    pub setting: Setting,
    /// By bus: voltage; that of the file where there is no solution.
    pub v: Vec<Complex>,
}

/// The factor at the start point that was needed last. It does not depend on injections, so
/// the next state often begins with the same. It is made when a start point is seen again.
#[derive(Clone, Debug, Default)]
pub(super) struct First {
    pub lu: Option<BlockLu<f64, 0>>,
    /// By position: voltages at the start point, and what was an equation.
    at: (Vec<Complex>, Vec<[f64; 2]>),
    /// True when `lu` is the factor there.
    made: bool,
}

impl First {
    /// True when the start point is that of `state`, whose admittances are still the same.
    fn is_at(&self, state: &State<f64>) -> bool {
        self.at.0 == state.v && self.at.1 == state.active
    }

    fn move_to(&mut self, state: &State<f64>) {
        self.at.0.clone_from(&state.v);
        self.at.1.clone_from(&state.active);
        self.made = false;
    }

    fn forget(&mut self) {
        self.at.0.clear();
        self.made = false;
    }
}

/// How the iterations of an island went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub iterations: u32,
    pub start: Start,
    pub step_control: bool,
}

impl Ac {
    pub fn new(grid: &Grid, model: &Model) -> Self {
        let graph = Arc::new(BlockGraph::new(model.buses, &model.edges[..model.branches]));
        let start = grid.buses.iter().map(|b| {
            let vm = if b.vm_pu.is_finite() && b.vm_pu > 0.0 { b.vm_pu } else { 1.0 };
            let va = if b.va_deg.is_finite() { b.va_deg } else { 0.0 };
            polar(vm, va.to_radians())
        });
        Self {
            ports: two_ports(grid).into(),
            case_start: start.collect(),
            base: None,
            first: First::default(),
            lu: None,
            state: State::new(&graph),
            x: vec![[0.0; 2]; model.buses],
            loaded: None,
            graph,
        }
    }

    /// Another one of the same grid, with space of its own.
    pub fn fresh(&self) -> Self {
        Self {
            graph: Arc::clone(&self.graph),
            ports: Arc::clone(&self.ports),
            case_start: Arc::clone(&self.case_start),
            base: self.base.clone(),
            first: First::default(),
            lu: None,
            state: State::new(&self.graph),
            x: vec![[0.0; 2]; self.graph.nodes()],
            loaded: None,
        }
    }

    /// Brings admittances, injections and roles of `setting` into the state.
    pub fn load(&mut self, model: &Model, setting: &Setting) {
        let same = |(live, shunt): &(Vec<bool>, Vec<Complex>)| {
            *live == setting.live && *shunt == setting.shunt
        };
        if !self.loaded.as_ref().is_some_and(same) {
            let ends = &model.edges[..model.branches];
            let State { y, diagonal, .. } = &mut self.state;
            assemble(&self.graph, ends, &self.ports, &setting.live, &setting.shunt, y, diagonal);
            let (of_branches, of_shunts) = self.loaded.get_or_insert_default();
            of_branches.clone_from(&setting.live);
            of_shunts.clone_from(&setting.shunt);
            self.first.forget();
        }
        self.set_roles(setting);
    }

    /// Brings injections and roles alone.
    pub fn set_roles(&mut self, setting: &Setting) {
        for (p, &node) in self.graph.node().iter().enumerate() {
            let i = node as usize;
            self.state.given[p] = [setting.p[i], setting.q[i]];
            self.state.active[p] = setting.role[i].equations();
        }
    }

    /// Voltages to begin with, by bus.
    pub fn start(
        &self,
        start: Start,
        grid: &Grid,
        model: &Model,
        network: &mut Option<Network>,
        setting: &Setting,
    ) -> Vec<Complex> {
        let mut v = match start {
            Start::Case => self.case_start.to_vec(),
            Start::Base => self.base_turned(setting),
            Start::Flat => (0..model.buses)
                .map(|i| match setting.island[i] {
                    u32::MAX => [1.0, 0.0],
                    k => {
                        let r = setting.islands[k as usize].reference as usize;
                        unit_vector(self.case_start[r])
                    }
                })
                .collect(),
            Start::Dc => {
                let network = network.get_or_insert_with(|| Network::new(model));
                let angles = dc::angles(model, network, grid, setting);
                let flat = |a: f64| polar(1.0, if a.is_finite() { a } else { 0.0 });
                angles.angle_rad.into_iter().map(flat).collect()
            }
        };
        for (i, v) in v.iter_mut().enumerate() {
            let vm = setting.vm[i];
            match setting.role[i] {
                Role::Dead | Role::Load => {}
                Role::Regulated => *v = scaled(unit_vector(*v), vm),
                Role::Reference => *v = scaled(unit_vector(self.case_start[i]), vm),
            }
        }
        v
    }

    /// Voltages of the grid's own state. Where the reference is another bus than there, its
    /// angle is the file's all the same, so that the island is turned.
    fn base_turned(&self, setting: &Setting) -> Vec<Complex> {
        let Some(base) = self.base.as_ref().map(|b| &b.v) else { return self.case_start.to_vec() };
        let mut v = base.clone();
        let turns: Vec<Complex> = setting
            .islands
            .iter()
            .map(|s| {
                let r = s.reference as usize;
                let (is, [re, im]) = (unit_vector(self.case_start[r]), unit_vector(base[r]));
                [is[0] * re + is[1] * im, is[1] * re - is[0] * im]
            })
            .collect();
        for (v, &k) in v.iter_mut().zip(&setting.island) {
            // An angle that is the same but for rounding is left alone.
            if k != u32::MAX && turns[k as usize][1].abs() > 1e-12 {
                let [cos, sin] = turns[k as usize];
                *v = [v[0] * cos - v[1] * sin, v[0] * sin + v[1] * cos];
            }
        }
        v
    }

    /// Solves from `v` (by bus) on. Islands that do not converge are left at the best point
    /// found. One course per island.
    pub fn solve(
        &mut self,
        grid: &Grid,
        model: &Model,
        network: &mut Option<Network>,
        setting: &Setting,
        options: &PowerFlowOptions,
        v: &[Complex],
    ) -> Vec<Course> {
        self.set_voltages(v);
        let chord = self.chord(options.start, setting);
        let again = self.first.is_at(&self.state);
        if !again {
            self.first.move_to(&self.state);
        }
        let new = || BlockLu::new(&self.graph, true);
        let first = (again || chord).then(|| self.first.lu.get_or_insert_with(new));
        let run = dispatch(Newton {
            graph: &self.graph,
            first,
            known: self.first.made,
            chord,
            lu: self.lu.get_or_insert_with(|| BlockLu::new(&self.graph, false)),
            state: &mut self.state,
            x: &mut self.x,
            tolerance: options.tolerance_pu,
            max_iterations: options.max_iterations,
        });
        self.first.made = run.kept;
        let course = Course { iterations: run.steps, start: options.start, step_control: false };
        let mut courses = vec![course; setting.islands.len()];
        if !run.converged {
            self.fall_back(grid, model, network, setting, options, v, &mut courses);
        }
        courses
    }

    /// True when a state begins at the solution of one that differs in injections alone, so
    /// that the factor there may serve for several steps.
    pub fn chord(&self, start: Start, setting: &Setting) -> bool {
        start == Start::Base
            && self.base.as_ref().is_some_and(|base| setting.has_equations_of(&base.setting))
    }

    /// Has the factor at the state's voltages ready in `first`.
    pub fn prepare_first(&mut self) {
        let Self { graph, first, state, .. } = self;
        if !first.is_at(state) || !first.made {
            let lu = first.lu.get_or_insert_with(|| BlockLu::new(graph, true));
            dispatch(Factor { lu, balance: state.balance(graph), v: &state.v });
            first.move_to(state);
            first.made = true;
        }
    }

    /// By position: given less actual injection where that is an equation, p.u.
    pub fn off(&mut self) -> &[[f64; 2]] {
        let Self { graph, state, x, .. } = self;
        dispatch(Mismatch {
            balance: state.balance(graph),
            v: &state.v,
            given: &state.given,
            off: x,
        });
        x
    }

    pub fn set_voltages(&mut self, v: &[Complex]) {
        for (to, &node) in self.state.v.iter_mut().zip(self.graph.node()) {
            *to = v[node as usize];
        }
    }

    /// Step control from the same start, then from others, for islands not yet solved.
    fn fall_back(
        &mut self,
        grid: &Grid,
        model: &Model,
        network: &mut Option<Network>,
        setting: &Setting,
        options: &PowerFlowOptions,
        v: &[Complex],
        courses: &mut [Course],
    ) {
        let islands = self.islands(setting);
        let tolerance = options.tolerance_pu;
        let mut best = self.state.v.clone();
        let mut worst = self.worst_by_island(&islands, courses.len());
        let mut tries: Vec<Option<Start>> = Vec::new();
        if options.fallbacks {
            tries.push(None);
            let others = [Start::Case, Start::Dc, Start::Flat];
            tries.extend(others.into_iter().filter(|s| *s != options.start).map(Some));
        }
        for start in tries {
            if worst.iter().all(|w| *w <= tolerance) {
                break;
            }
            match start {
                None => self.set_voltages(v),
                Some(start) => {
                    let v = self.start(start, grid, model, network, setting);
                    self.set_voltages(&v);
                }
            }
            // Islands that are solved keep their voltages.
            let open: Vec<bool> = worst.iter().map(|w| w.is_nan() || *w > tolerance).collect();
            for (p, &k) in islands.iter().enumerate() {
                if k == u32::MAX || !open[k as usize] {
                    self.state.v[p] = best[p];
                    self.state.active[p] = [0.0; 2];
                }
            }
            let iterations = dispatch(Controlled {
                graph: &self.graph,
                lu: self.lu.get_or_insert_with(|| BlockLu::new(&self.graph, false)),
                state: &mut self.state,
                islands: &islands,
                open: open.clone(),
                tolerance,
                max_iterations: CONTROLLED_ITERATIONS.max(options.max_iterations),
            });
            self.set_roles(setting);
            let reached = self.worst_by_island(&islands, courses.len());
            for k in (0..courses.len()).filter(|&k| open[k]) {
                let better = reached[k] < worst[k] || !worst[k].is_finite();
                if better && reached[k].is_finite() {
                    worst[k] = reached[k];
                    courses[k] = Course {
                        iterations: iterations[k],
                        start: start.unwrap_or(options.start),
                        step_control: true,
                    };
                    for (p, _) in islands.iter().enumerate().filter(|(_, i)| **i == k as u32) {
                        best[p] = self.state.v[p];
                    }
                }
            }
        }
        // What never became finite stays at its start.
        self.set_voltages(v);
        for (p, &k) in islands.iter().enumerate() {
            if k != u32::MAX && worst[k as usize].is_finite() {
                self.state.v[p] = best[p];
            }
        }
    }

    /// Largest mismatch by island, p.u.; not finite where voltages are not.
    fn worst_by_island(&self, islands: &[u32], count: usize) -> Vec<f64> {
        let mut worst = vec![0.0f64; count];
        for (p, &k) in islands.iter().enumerate().filter(|(_, k)| **k != u32::MAX) {
            let s = self.state.injection::<false>(&self.graph, p);
            for c in 0..2 {
                if self.state.active[p][c] > 0.0 {
                    let off = (self.state.given[p][c] - s[c]).abs();
                    let worst = &mut worst[k as usize];
                    *worst = if off.is_finite() { worst.max(off) } else { f64::INFINITY };
                }
            }
        }
        worst
    }

    /// By island: every equation holds to `tolerance`.
    pub fn solved(&self, setting: &Setting, tolerance: f64) -> Vec<bool> {
        let islands = self.islands(setting);
        self.worst_by_island(&islands, setting.islands.len())
            .into_iter()
            .map(|w| w <= tolerance)
            .collect()
    }

    /// By position: island.
    fn islands(&self, setting: &Setting) -> Vec<u32> {
        self.graph.node().iter().map(|&i| setting.island[i as usize]).collect()
    }

    /// By bus: given less actual injection where that is an equation, p.u.; gives the largest
    /// one, which is not finite where voltages are not.
    pub fn mismatch(&self, off: &mut [Complex]) -> f64 {
        let mut worst = 0.0f64;
        for (p, &node) in self.graph.node().iter().enumerate() {
            let s = self.state.injection::<false>(&self.graph, p);
            for c in 0..2 {
                let d = (self.state.given[p][c] - s[c]) * self.state.active[p][c];
                off[node as usize][c] = d;
                worst = if d.is_finite() { worst.max(d.abs()) } else { f64::INFINITY };
            }
        }
        worst
    }

    /// Voltage magnitude at a bus.
    pub fn magnitude(&self, bus: usize) -> f64 {
        let [re, im] = self.state.v[self.graph.position()[bus] as usize];
        re.hypot(im)
    }

    /// Turns the voltage at a bus by an angle, rad.
    pub fn turn(&mut self, bus: usize, angle: f64) {
        let v = &mut self.state.v[self.graph.position()[bus] as usize];
        let [re, im] = polar(1.0, angle);
        *v = [v[0] * re - v[1] * im, v[0] * im + v[1] * re];
    }

    /// Makes the voltage at a bus longer, p.u.
    pub fn stretch(&mut self, bus: usize, by: f64) {
        let v = &mut self.state.v[self.graph.position()[bus] as usize];
        *v = scaled(*v, 1.0 + by / v[0].hypot(v[1]));
    }

    /// Shares the imbalance of every solved island with one reference among its buses in
    /// proportion to `weight` (by bus, sums of 1 by island), from the state on: Newton's
    /// method with the island's imbalance as one more unknown and the reference's balance of
    /// active power as one more equation. Changes injections in `setting`; gives what was
    /// shared by island, p.u.
    pub fn distribute(
        &mut self,
        setting: &mut Setting,
        weight: &[f64],
        tolerance: f64,
        max_iterations: u32,
    ) -> Vec<f64> {
        let count = setting.islands.len();
        let graph = Arc::clone(&self.graph);
        let mut reference = vec![None; count];
        let mut open = self.solved(setting, tolerance);
        for (i, role) in setting.role.iter().enumerate() {
            if *role == Role::Reference {
                let k = setting.island[i] as usize;
                open[k] &= reference[k].is_none();
                reference[k] = Some(graph.position()[i] as usize);
            }
        }
        let mut shared = vec![0.0; count];
        let mut lu = BlockLu::<f64, 2>::new(&graph, false);
        let weights: Vec<f64> = graph.node().iter().map(|&i| weight[i as usize]).collect();
        for _ in 0..max_iterations {
            let mut rows = WithImbalance {
                of: Equations { state: &self.state, worst: 0.0 },
                weights: &weights,
            };
            lu.eliminate(&graph, &mut rows);
            let mut done = rows.of.worst <= tolerance;
            let mut extra = vec![0.0; count];
            for k in 0..count {
                let Some(r) = reference[k].filter(|_| open[k]) else { continue };
                let (row, p) = self.active_row(r);
                let [mut fixed, mut moving] = [0.0; 2];
                for (j, [turn, grow]) in row {
                    let [x, z] = lu.x()[j];
                    fixed += turn * x[0] + grow * x[1];
                    moving += turn * z[0] + grow * z[1];
                }
                let off = self.state.given[r][0] - p;
                extra[k] = (off - fixed) / (moving - weights[r]);
                if !extra[k].is_finite() {
                    extra[k] = 0.0;
                    open[k] = false;
                }
                done &= off.abs() <= tolerance || !open[k];
            }
            if done {
                break;
            }
            for (p, &node) in graph.node().iter().enumerate() {
                let k = setting.island[node as usize];
                if k == u32::MAX || !open[k as usize] {
                    continue;
                }
                let extra = extra[k as usize];
                let [x, z] = lu.x()[p];
                self.state.v[p] =
                    moved::<f64, false>(self.state.v[p], x[0] + extra * z[0], x[1] + extra * z[1]);
                self.state.given[p][0] += weights[p] * extra;
            }
            for (shared, extra) in shared.iter_mut().zip(&extra) {
                *shared += extra;
            }
        }
        setting.add_shared(weight, &shared);
        shared
    }

    /// Derivatives of the active injection at a position by angle and logarithm of the
    /// magnitude of every voltage, and that injection.
    fn active_row(&self, i: usize) -> (Vec<(usize, Complex)>, f64) {
        let state = &self.state;
        let [e, f] = state.v[i];
        let (first, entries) = self.graph.row(i);
        let mut row = Vec::with_capacity(entries.len() + 1);
        let mut sum = [0.0; 2];
        for (&(j, _), [g, b]) in entries.iter().zip(&state.y[first..]) {
            let [ej, fj] = state.v[j as usize];
            let t = [g * ej - b * fj, g * fj + b * ej];
            let s = [e * t[0] + f * t[1], f * t[0] - e * t[1]];
            sum = [sum[0] + s[0], sum[1] + s[1]];
            row.push((j as usize, [s[1], s[0]]));
        }
        let own = state.diagonal[i][0] * (e * e + f * f);
        row.push((i, [-sum[1], 2.0 * own + sum[0]]));
        (row, own + sum[0])
    }

    /// Injection into the network at a bus, p.u.
    pub fn injection(&self, bus: usize) -> Complex {
        self.state.injection::<false>(&self.graph, self.graph.position()[bus] as usize)
    }

    /// Voltage of the file at a bus.
    pub fn case_voltage(&self, bus: usize) -> Complex {
        self.case_start[bus]
    }

    /// Voltages by bus.
    pub fn voltages(&self) -> Vec<Complex> {
        by_node(&self.graph, &self.state.v)
    }
}

/// Newton's rows with a second right-hand side: what one unit of imbalance changes.
struct WithImbalance<'a> {
    of: Equations<'a, f64>,
    weights: &'a [f64],
}

impl Rows<f64, 2> for WithImbalance<'_> {
    #[inline(always)]
    fn fill<const FMA: bool>(
        &mut self,
        graph: &BlockGraph,
        i: usize,
        w: &mut [Block<f64>],
    ) -> [[f64; 2]; 2] {
        let [b] = self.of.fill::<FMA>(graph, i, w);
        [b, [self.weights[i] * self.of.state.active[i][0], 0.0]]
    }
}

/// Most iterations with step control: short steps need more of them.
const CONTROLLED_ITERATIONS: u32 = 60;
/// Brings the voltage of a regulated bus to its set-point, where a bus began to regulate.
pub(super) fn regulate(v: &mut Complex, bus: usize, setting: &Setting) {
    if matches!(setting.role[bus], Role::Regulated | Role::Reference) {
        *v = scaled(unit_vector(*v), setting.vm[bus]);
    }
}

fn polar(length: f64, angle: f64) -> Complex {
    let (sin, cos) = angle.sin_cos();
    [length * cos, length * sin]
}

fn scaled(v: Complex, by: f64) -> Complex {
    [v[0] * by, v[1] * by]
}

fn unit_vector(v: Complex) -> Complex {
    scaled(v, 1.0 / (v[0] * v[0] + v[1] * v[1]).sqrt())
}
