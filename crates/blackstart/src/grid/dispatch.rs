//! The dispatch that serves the most priority-weighted demand on every island.

use super::items::Kind;
use super::last::Last;
use super::solve::Solve;
use super::switching::Switching;
use crate::region::{BranchIdx, BusIdx, Grid};
use crate::results::HourStatus;

/// A demand of one hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Where.
    pub bus: BusIdx,
    /// How much, MW; negative values inject and may be spilled.
    pub p_mw: f64,
    /// Largest share that can be served (a damaged substation), 0 … 1.
    pub max_share: f64,
    /// Worth of a served MW.
    pub weight: f64,
}

/// The grid in one hour.
#[derive(Clone, Copy, Debug)]
pub struct DispatchInput<'a> {
    /// By bus: whole and switched in.
    pub bus_in_service: &'a [bool],
    /// By branch: whole and switched in. A branch at a bus out of service is out.
    pub branch_in_service: &'a [bool],
    /// By branch: rating now, MW; infinite where there is none.
    pub rate_mw: &'a [f64],
    /// By generator: least stable output now, MW.
    pub p_min_mw: &'a [f64],
    /// By generator: largest output now, MW; 0 when out.
    pub p_max_mw: &'a [f64],
    /// By direct-current line: whole and switched in.
    pub dc_line_in_service: &'a [bool],
    /// Demands, any number per bus.
    pub demands: &'a [Demand],
}

/// What the dispatch came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dispatch {
    /// By demand: served, MW.
    pub served_mw: Vec<f64>,
    /// By generator: output, MW.
    pub p_mw: Vec<f64>,
    /// By branch: flow from → to, MW.
    pub flow_mw: Vec<f64>,
    /// By direct-current line: flow taken at the from bus, MW.
    pub dc_flow_mw: Vec<f64>,
    /// By bus: what its shunt conductance draws, MW (injects where negative). Fixed at
    /// 1 p.u. voltage; less only where there is nothing to feed it.
    pub shunt_mw: Vec<f64>,
    /// By direct-current line: constant loss drawn at the to bus, MW.
    pub dc_loss_mw: Vec<f64>,
    /// By branch: active power lost, MW. Empty for the DC model, which has no losses.
    pub branch_loss_mw: Vec<f64>,
    /// Branches that the dispatcher opened because more can be served without them.
    pub opened: Vec<BranchIdx>,
    /// By bus: voltage angle, rad; 0 at each island's reference and at dead buses.
    pub angle_rad: Vec<f64>,
    /// By bus: island number from 0; `u32::MAX` for a bus out of service.
    pub island: Vec<u32>,
    /// By island: true if it has generation in service and so is alive.
    pub island_alive: Vec<bool>,
    /// Σ weight · served over positive demands, MW.
    pub objective: f64,
    /// Interior-point iterations (the most of any island).
    pub iterations: u32,
    /// Worst status of all islands.
    pub status: Option<HourStatus>,
}

/// Solver with everything that depends on the grid alone prepared once.
///
/// # What is solved
/// On each island: the largest Σ weight · served subject to DC power flow
/// (`b = 1 / (x · tap)`, phase shifters), ratings, largest shares and generator limits.
/// Where the optimum leaves a choice, equal weights lose the same share of their demand
/// and generators run at the same share of their capacity, so the answer is unique.
/// Injecting demands are spilled last. See [`GridSolver::dispatch`] for the rest.
///
/// # How
/// An island is first dispatched as if its network could carry anything; if the
/// flows that follow keep within the ratings, that is the optimum. Otherwise the
/// islands concerned go through a primal–dual interior point together.
#[derive(Clone, Debug)]
pub struct GridSolver {
    solve: Solve,
    switching: Option<Switching>,
    everywhere: Vec<bool>,
    last: Last,
}

impl GridSolver {
    /// Prepares for `grid`: bus-graph pattern, ordering, workspaces.
    #[must_use]
    pub fn new(grid: &Grid) -> Self {
        Self {
            solve: Solve::new(grid),
            switching: Some(Switching::default()),
            everywhere: vec![true; grid.buses.len()],
            last: Last::default(),
        }
    }

    /// Sets how far branches may be opened to serve more ([`Switching`]); `None` keeps
    /// every branch closed, so that the dispatch is a linear program.
    #[must_use]
    pub fn with_switching(mut self, switching: Option<Switching>) -> Self {
        self.switching = switching;
        self.last.forget();
        self
    }

    /// Dispatches one hour of the `grid` that the solver was made for. Never panics on
    /// any input with matching lengths; the answer depends on `grid` and `input` alone,
    /// not on earlier hours. An hour equal to the last one is answered from memory.
    ///
    /// Rules beyond the linear program:
    /// - An island without a generator in service (`p_max_mw > 0`) is dark, unless a
    ///   direct-current line ties it to one that has. Injecting demands cannot hold an
    ///   island alone.
    /// - A unit runs at 0 or at `p_min_mw` or more. First all units that fit run; those
    ///   that cannot hold their least output are shut, the farthest below first, and
    ///   the rest is solved again. A unit with `p_min_mw > p_max_mw` is out; one with
    ///   `p_min_mw < 0` may consume but need not.
    /// - Shunts and constant losses of direct-current lines come before all demands and
    ///   are shed only where nothing is left to feed them.
    /// - A direct-current line can always stand at 0. Reversed, the to bus sends
    ///   `flow / (1 − loss_share)`.
    /// - A branch rated 0 (or less) is open. A rating that is not a number is none.
    /// - Phase shifters whose set angles force flows beyond ratings whatever is served
    ///   go to neutral; the status tells.
    /// - Branches are opened where that serves more; see [`Switching`].
    ///
    /// If an island does not converge, the status names it by one of its buses and its
    /// last iterate is scaled down until it keeps the ratings.
    ///
    /// # Panics
    /// When a slice of `input` is not as long as its table, or a demand names a bus that
    /// `grid` does not have.
    pub fn dispatch(&mut self, grid: &Grid, input: &DispatchInput<'_>) -> Dispatch {
        if let Some(answer) = self.last.answer_to(input) {
            return answer.clone();
        }
        let answer = self.compute(grid, input);
        self.last.keep(input, &answer);
        answer
    }

    fn compute(&mut self, grid: &Grid, input: &DispatchInput<'_>) -> Dispatch {
        let s = &mut self.solve;
        s.bus_up.clear();
        s.bus_up.extend_from_slice(input.bus_in_service);
        s.rate.clear();
        s.rate.extend(
            input
                .rate_mw
                .iter()
                .map(|r| if r.is_nan() { f64::INFINITY } else { r.max(0.0) / s.model.base_mva }),
        );
        s.available.clear();
        for e in 0..s.model.edges.len() {
            let (f, t) = s.model.ends(e);
            let whole = if e < s.model.branches {
                input.branch_in_service[e] && s.rate[e] > 0.0
            } else {
                input.dc_line_in_service[e - s.model.branches] && f != t
            };
            s.available.push(whole && s.bus_up[f] && s.bus_up[t]);
        }
        s.items.load(grid, &s.model, input, &s.available[s.model.branches..]);
        s.opened.fill(false);
        s.shift.copy_from_slice(&s.model.shift);
        s.iterations = 0;
        s.begin();
        s.trouble = None;
        s.run(grid, &self.everywhere);
        if let Some(bounds) = self.switching {
            s.switch(grid, bounds);
        }
        // Trials may have been taken back: the flows must be those of what was kept.
        s.label();
        s.flows(grid);
        self.answer(grid, input)
    }

    fn answer(&self, grid: &Grid, input: &DispatchInput<'_>) -> Dispatch {
        let s = &self.solve;
        let base = s.model.base_mva;
        let mut out = Dispatch {
            served_mw: vec![0.0; input.demands.len()],
            p_mw: vec![0.0; grid.generators.len()],
            flow_mw: (0..s.model.branches).map(|l| s.flow(l) * base).collect(),
            dc_flow_mw: vec![0.0; grid.dc_lines.len()],
            shunt_mw: vec![0.0; s.model.buses],
            dc_loss_mw: vec![0.0; grid.dc_lines.len()],
            branch_loss_mw: Vec::new(),
            opened: (0..s.model.branches).filter(|&l| s.opened[l]).map(BranchIdx::new).collect(),
            angle_rad: s.angle.clone(),
            island: s.islands.of_bus.clone(),
            island_alive: s.alive.clone(),
            objective: 0.0,
            iterations: s.iterations,
            status: Some(s.trouble.clone().unwrap_or(HourStatus::Solved)),
        };
        for r in 0..s.items.kind.len() {
            let mw = s.items.x[r] * base;
            match s.items.kind[r] {
                Kind::Generator(g) => out.p_mw[g as usize] = mw,
                Kind::Demand(d) => {
                    let d = d as usize;
                    out.served_mw[d] = mw.min(input.demands[d].p_mw);
                    let weight = input.demands[d].weight;
                    if weight.is_finite() && weight > 0.0 {
                        out.objective += weight * out.served_mw[d];
                    }
                }
                Kind::Spill(d) => out.served_mw[d as usize] = -mw,
                Kind::Shunt(i) => out.shunt_mw[i as usize] = -s.items.sign[r] * mw,
                Kind::DcLoss(l) => out.dc_loss_mw[l as usize] = mw,
                Kind::DcForward(l) => out.dc_flow_mw[l as usize] += mw,
                Kind::DcBackward(l) => out.dc_flow_mw[l as usize] -= mw,
            }
        }
        out
    }
}
