//! Power flow: the voltages and flows that given injections cause.
//!
//! One [`PowerFlowSolver`] serves every state of one grid: order and patterns are found
//! once, whatever is damaged later. Conventions are those of MATPOWER (Zimmerman,
//! Murillo-Sánchez & Thomas, *IEEE Trans. Power Systems* 26, 2011): the start point is the
//! file's voltages with the set-points of its units, a unit's bus keeps its set-point,
//! units at one bus share its reactive power in proportion to their ranges, the first unit
//! at a reference closes the balance of its island, a direct-current line is two
//! injections that regulate their ends' voltages.

mod ac;
mod admittance;
mod batch;
mod controlled;
mod dc;
mod derived;
mod equations;
mod fast_decoupled;
mod newton;
mod outcome;
mod reactive;
mod setting;
#[cfg(test)]
mod tests;
mod units;

use std::borrow::Borrow;

use rayon::prelude::*;

use super::Snapshot;
use super::dc_flow::Network;
use super::model::Model;
use crate::math::BlockGraph;
use crate::region::{BusIdx, Grid};
use ac::{Ac, Course};
pub(super) use admittance::{Complex, TwoPort};
pub(super) use equations::{Equations, State, moved};
use fast_decoupled::{FastDecoupled, Scheme};
use outcome::Solution;
use reactive::Rounds;
use setting::{Setting, Topology};
use std::sync::Arc;
use units::Units;

/// How a power flow is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Newton–Raphson on the AC equations in polar form.
    #[default]
    Newton,
    /// Fast decoupled, resistances left out of the angle equations (XB; Stott & Alsac,
    /// *IEEE Trans. PAS* 93, 1974). From its start point alone, without fallbacks.
    FastDecoupledXb,
    /// Fast decoupled, resistances left out of the voltage equations (BX; van Amerongen,
    /// *IEEE Trans. Power Systems* 4, 1989). From its start point alone, without fallbacks.
    FastDecoupledBx,
    /// The linear DC approximation: voltages of 1 p.u., no losses, no reactive power.
    Dc,
}

/// Where the iterations begin. Regulated buses begin at their set-point in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// Voltages of the file.
    #[default]
    Case,
    /// 1 p.u. and the angle of the island's reference.
    Flat,
    /// 1 p.u. and the angles of a DC power flow.
    Dc,
    /// Voltages of the grid's own state ([`Snapshot::of`]), found once by Newton's method with
    /// the default options; those of the file where that is not solved. For many states that
    /// differ little from it.
    Base,
}

/// Which tables of a [`PowerFlow`] are filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tables {
    /// All.
    #[default]
    All,
    /// Voltages and islands; the others are left empty.
    Voltages,
}

/// Reactive limits of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReactiveLimits {
    /// Not looked at.
    #[default]
    Ignore,
    /// A unit beyond a limit is set to it and its bus no longer regulates; it stays so
    /// (MATPOWER's `pf.enforce_q_lims = 1`).
    Hold,
    /// As `Hold`, but a bus whose voltage has come back to the other side of its set-point
    /// regulates again; a bus may do so a few times only, so rounds end.
    Return,
}

/// Choices of a power flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerFlowOptions {
    /// How it is computed.
    pub method: Method,
    /// Where it begins.
    pub start: Start,
    /// What is done about reactive limits; not looked at by [`Method::Dc`].
    pub reactive_limits: ReactiveLimits,
    /// True: the imbalance of an island is shared by its units in proportion to their
    /// participation, or to their largest output where no unit states one, instead of
    /// falling to the reference alone.
    pub distributed_slack: bool,
    /// Largest mismatch of active or reactive power at any bus, p.u.
    pub tolerance_pu: f64,
    /// Most factors of Newton's matrix, of which only the first may serve for several steps
    /// ([`Start::Base`]); fast-decoupled makes up to four times as many iterations.
    pub max_iterations: u32,
    /// True: when Newton does not converge, it is tried again with step control and from
    /// other start points before an island is told not to converge.
    pub fallbacks: bool,
    /// Which tables of the result are filled.
    pub tables: Tables,
}

impl Default for PowerFlowOptions {
    /// Newton from the file's voltages to 10⁻⁸ p.u., as MATPOWER does.
    fn default() -> Self {
        Self {
            method: Method::Newton,
            start: Start::Case,
            reactive_limits: ReactiveLimits::Ignore,
            distributed_slack: false,
            tolerance_pu: 1e-8,
            max_iterations: 10,
            fallbacks: true,
            tables: Tables::All,
        }
    }
}

/// How the power flow of one island ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IslandStatus {
    /// Every mismatch is within the tolerance.
    Solved,
    /// No voltages were found that fit the injections; the values given are the closest.
    NotConverged {
        /// Largest mismatch of active or reactive power, MVA.
        worst_mismatch_mva: f64,
        /// The bus where it is.
        worst_bus: BusIdx,
    },
    /// Every unit that regulates is beyond the same reactive limit.
    ReactiveLimits {
        /// Largest excess over a limit, `MVAr`.
        worst_excess_mvar: f64,
        /// The bus where it is.
        worst_bus: BusIdx,
    },
    /// No unit in service: the island is dark.
    NoGenerator,
    /// A value at this bus, or of something connected to it, is not a number.
    NotANumber {
        /// The first such bus.
        bus: BusIdx,
    },
    /// The linear equations are singular (negative reactances can do that).
    Singular,
}

/// One island of a power flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IslandFlow {
    /// Its (first) reference bus; its first bus when it is dark.
    pub reference: BusIdx,
    /// Number of its buses.
    pub buses: u32,
    /// How it ended.
    pub status: IslandStatus,
    /// Steps of the last attempt, all rounds of reactive limits together.
    pub iterations: u32,
    /// Where the successful attempt began, and whether its steps were controlled.
    pub start: Start,
    /// True when Newton needed step control.
    pub step_control: bool,
    /// Largest mismatch left, MVA.
    pub worst_mismatch_mva: f64,
}

/// Result of a power flow. Signs: injections and generation positive, a branch flow
/// positive when it enters the branch at that end. With [`Tables::Voltages`], tables but
/// those of voltages and islands are empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PowerFlow {
    /// By bus: voltage magnitude, p.u.; 0 where dead or dark.
    pub vm_pu: Vec<f64>,
    /// By bus: voltage angle, degrees; 0 where dead or dark.
    pub va_deg: Vec<f64>,
    /// By bus: active power that enters the branches and shunts there, MW.
    pub bus_p_mw: Vec<f64>,
    /// By bus: reactive power that enters the branches and shunts there, `MVAr`.
    pub bus_q_mvar: Vec<f64>,
    /// By branch: active flow at the from end, MW.
    pub branch_p_from_mw: Vec<f64>,
    /// By branch: reactive flow at the from end, `MVAr`.
    pub branch_q_from_mvar: Vec<f64>,
    /// By branch: active flow at the to end, MW.
    pub branch_p_to_mw: Vec<f64>,
    /// By branch: reactive flow at the to end, `MVAr`.
    pub branch_q_to_mvar: Vec<f64>,
    /// By generator: active output, MW.
    pub generator_p_mw: Vec<f64>,
    /// By generator: reactive output, `MVAr`.
    pub generator_q_mvar: Vec<f64>,
    /// By direct-current line: reactive injection at the from end, `MVAr`.
    pub dc_line_q_from_mvar: Vec<f64>,
    /// By direct-current line: reactive injection at the to end, `MVAr`.
    pub dc_line_q_to_mvar: Vec<f64>,
    /// By bus: island from 0; `u32::MAX` out of service.
    pub island: Vec<u32>,
    /// Islands, numbered by their first bus.
    pub islands: Vec<IslandFlow>,
}

impl PowerFlow {
    /// True when every island is solved or dark.
    #[must_use]
    pub fn solved(&self) -> bool {
        let done = |s| matches!(s, IslandStatus::Solved | IslandStatus::NoGenerator);
        self.islands.iter().all(|i| done(i.status))
    }
}

/// Pattern, two-ports and equations at their solution.
pub(super) type Solved<'a> = (&'a Arc<BlockGraph>, &'a Arc<[TwoPort]>, &'a State<f64>);

/// Most rounds of reactive limits; far more than any grid needs.
const MOST_ROUNDS: u32 = 60;

/// Power flows of one grid in any state.
#[derive(Clone, Debug)]
pub struct PowerFlowSolver {
    model: Model,
    units: Units,
    topology: Topology,
    network: Option<Network>,
    decoupled: Option<FastDecoupled>,
    ac: Option<Ac>,
    /// Of the last state; here so that its tables need not be made again.
    setting: Setting,
}

impl PowerFlowSolver {
    /// Prepares for `grid`. Orders and patterns are found when the first power flow needs
    /// them.
    #[must_use]
    pub fn new(grid: &Grid) -> Self {
        let mut model = Model::new(grid);
        for (b, branch) in model.b.iter_mut().zip(&grid.branches) {
            *b = dc::susceptance_of(branch, *b);
        }
        Self {
            model,
            units: Units::new(grid),
            topology: Topology::default(),
            network: None,
            decoupled: None,
            ac: None,
            setting: Setting::default(),
        }
    }

    /// Solves one state. `grid` is the grid the solver was made for.
    ///
    /// # Panics
    /// When `at` does not fit `grid` ([`Snapshot::fits`]).
    #[must_use]
    pub fn solve(&mut self, grid: &Grid, at: &Snapshot, options: &PowerFlowOptions) -> PowerFlow {
        assert!(at.fits(grid), "a snapshot of this grid");
        match options.method {
            Method::Newton | Method::FastDecoupledXb | Method::FastDecoupledBx => {
                self.prepare(grid, options);
                self.setting.read(grid, &self.model, at, &mut self.topology);
                let Self { model, units, network, decoupled, ac, setting, .. } = self;
                let ac = ac.get_or_insert_with(|| Ac::new(grid, model));
                AcFlow { grid, model, units, network, decoupled, ac, options }.run(at, setting)
            }
            Method::Dc => {
                self.setting.read(grid, &self.model, at, &mut self.topology);
                let setting = &mut self.setting;
                let network = self.network.get_or_insert_with(|| Network::new(&self.model));
                if options.distributed_slack {
                    setting.share_without_losses(grid, at);
                }
                let mut out = dc::solve(&self.model, network, grid, at, setting);
                if options.tables == Tables::Voltages {
                    out.leave_voltages();
                }
                out
            }
        }
    }

    /// Has ready what AC power flows with these options need whatever the state.
    fn prepare(&mut self, grid: &Grid, options: &PowerFlowOptions) {
        let Self { model, units, topology, network, decoupled, ac, setting } = self;
        let ac = ac.get_or_insert_with(|| Ac::new(grid, model));
        if options.start != Start::Base || ac.base.is_some() {
            return;
        }
        let at = Snapshot::of(grid);
        setting.read(grid, model, &at, topology);
        let options = PowerFlowOptions { tables: Tables::Voltages, ..PowerFlowOptions::default() };
        let flow = AcFlow { grid, model, units, network, decoupled, ac, options: &options }
            .run(&at, setting);
        let mut v = ac.voltages();
        for (i, v) in v.iter_mut().enumerate() {
            let island = flow.islands.get(flow.island[i] as usize);
            if island.is_none_or(|k| k.status != IslandStatus::Solved) {
                *v = ac.case_voltage(i);
            }
        }
        ac.base = Some(Arc::new(ac::Base { setting: setting.clone(), v }));
    }

    /// Pattern, two-ports and equations of the last AC power flow, for analyses that build
    /// on its solution.
    pub(super) fn equations(&self) -> Option<Solved<'_>> {
        self.ac.as_ref().map(|ac| (&ac.graph, &ac.ports, &ac.state))
    }

    /// Solves states `0..count` of the grid and gives what `keep` makes of each result, in
    /// order. `state` makes a state, or lends one, when it is needed. Works in the caller's rayon pool and,
    /// with Newton's method, several states at a time in each thread; results are those of
    /// [`PowerFlowSolver::solve`], byte by byte, whatever the number of threads.
    ///
    /// # Panics
    /// When a state does not fit `grid` ([`Snapshot::fits`]).
    #[must_use]
    pub fn solve_batch<T: Send, S: Borrow<Snapshot>>(
        &mut self,
        grid: &Grid,
        count: usize,
        state: impl Fn(usize) -> S + Sync,
        options: &PowerFlowOptions,
        keep: impl Fn(usize, PowerFlow) -> T + Sync,
    ) -> Vec<T> {
        let plain = options.method == Method::Newton
            && options.reactive_limits == ReactiveLimits::Ignore
            && options.max_iterations > 0
            && !options.distributed_slack;
        if options.method != Method::Dc {
            self.prepare(grid, options);
        }
        match &self.ac {
            Some(ac) if plain => batch::solve(self, ac, grid, count, &state, options, &keep),
            _ => (0..count)
                .into_par_iter()
                .map_init(
                    || self.clone(),
                    |solver, k| keep(k, solver.solve(grid, state(k).borrow(), options)),
                )
                .collect(),
        }
    }
}

/// An AC power flow in the making.
struct AcFlow<'a> {
    grid: &'a Grid,
    model: &'a Model,
    units: &'a Units,
    network: &'a mut Option<Network>,
    decoupled: &'a mut Option<FastDecoupled>,
    ac: &'a mut Ac,
    options: &'a PowerFlowOptions,
}

impl AcFlow<'_> {
    /// Solves with rounds of reactive limits and the imbalance shared, as the options say.
    fn run(mut self, at: &Snapshot, setting: &mut Setting) -> PowerFlow {
        let Self { grid, model, units, options, .. } = self;
        let mode = options.reactive_limits;
        let mut clipped = None;
        if mode != ReactiveLimits::Ignore {
            let at = clipped.insert(at.clone());
            reactive::clip(grid, at, setting, model.base_mva);
        }
        let at = clipped.as_ref().unwrap_or(at);
        self.ac.load(model, setting);
        let v = self.ac.start(options.start, grid, model, self.network, setting);
        let mut courses = self.once(at, setting, &v);
        if mode == ReactiveLimits::Ignore {
            return self.collect(at, setting, &Rounds::none(setting), &courses);
        }
        let mut rounds = Rounds::new(setting);
        for _ in 0..MOST_ROUNDS {
            let solved = self.ac.solved(setting, options.tolerance_pu);
            if !rounds.next(self.ac, grid, model, at, units, setting, &solved, mode) {
                break;
            }
            let mut v = self.ac.voltages();
            for (i, v) in v.iter_mut().enumerate() {
                ac::regulate(v, i, setting);
            }
            self.ac.set_roles(setting);
            let next = self.once(at, setting, &v);
            for (course, next) in courses.iter_mut().zip(next) {
                let iterations = course.iterations + next.iterations;
                *course = Course { iterations, ..next };
            }
        }
        self.collect(at, setting, &rounds, &courses)
    }

    /// One solution from voltages `v` on, with the roles that `setting` has.
    fn once(&mut self, at: &Snapshot, setting: &mut Setting, v: &[Complex]) -> Vec<Course> {
        let Self { grid, model, options, .. } = *self;
        let tolerance = options.tolerance_pu;
        let scheme = match options.method {
            Method::Newton | Method::Dc => None,
            Method::FastDecoupledXb => Some(Scheme::Xb),
            Method::FastDecoupledBx => Some(Scheme::Bx),
        };
        let courses = if let Some(scheme) = scheme {
            let decoupled = self.decoupled.get_or_insert_with(|| FastDecoupled::new(model));
            self.ac.set_voltages(v);
            let most = options.max_iterations.saturating_mul(4);
            let iterations =
                decoupled.solve(self.ac, grid, model, setting, scheme, tolerance, most);
            let course = Course { iterations, start: options.start, step_control: false };
            vec![course; setting.islands.len()]
        } else {
            self.ac.solve(grid, model, self.network, setting, options, v)
        };
        if options.distributed_slack {
            let ac = &mut *self.ac;
            setting.share(grid, at, |setting, weight| {
                ac.distribute(setting, weight, tolerance, options.max_iterations)
            });
        }
        courses
    }

    fn collect(
        self,
        at: &Snapshot,
        setting: &Setting,
        rounds: &Rounds,
        courses: &[Course],
    ) -> PowerFlow {
        let Self { grid, model, units, options, ac, .. } = self;
        let solution = Solution { grid, model, at, units, setting, rounds, options };
        let v = ac.voltages();
        match options.tables {
            Tables::All => solution.collect(&ac.ports, &v, courses),
            Tables::Voltages => {
                let graph = Arc::clone(&ac.graph);
                solution.voltages(&v, graph.node(), ac.off().iter().copied(), courses)
            }
        }
    }
}
