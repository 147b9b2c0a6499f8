//! The recipe filled in: a grid at one moment and what may be decided about it, in per
//! unit. Every formulation reads this and nothing else.

use super::options::{AngleLimits, DeliverOptions, LoadWeights};
use crate::grid::islands::Islands;
use crate::grid::model::{LEAST_REACTANCE_PU, finite_or, susceptance};
use crate::grid::snapshot::Snapshot;
use crate::region::{BusKind, Grid};

/// Angle limit that PowerModels puts where none is given, rad: its own rounding of 60°.
#[expect(clippy::approx_constant)]
const SIXTY: f64 = 1.0472;

/// Worth of a load that injects, relative to one that draws.
const INJECTING: f64 = 1e-6;

/// A bus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BusRow {
    /// In service and not dark. All else counts only then.
    pub live: bool,
    /// Island, numbered by first bus; direct-current lines do not join islands.
    pub island: u32,
    /// Its angle is 0: one bus of each island, one of type reference if there is one.
    pub reference: bool,
    /// Limits of voltage magnitude.
    pub vm_min: f64,
    pub vm_max: f64,
}

/// A load in service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LoadRow {
    /// Row of the grid's table.
    pub load: usize,
    pub bus: usize,
    pub p: f64,
    pub q: f64,
    /// Reward of serving all of it: weight · |p|, next to nothing for one that injects.
    pub worth: f64,
}

/// The shunt of a bus.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ShuntRow {
    pub bus: usize,
    /// Conductance: draws `g · vm²` of active power.
    pub g: f64,
    /// Susceptance: injects `b · vm²` of reactive power.
    pub b: f64,
}

/// A generator in service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GeneratorRow {
    /// Row of the grid's table.
    pub generator: usize,
    pub bus: usize,
    pub p_min: f64,
    pub p_max: f64,
    pub q_min: f64,
    pub q_max: f64,
}

/// A storage in service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StorageRow {
    /// Row of the grid's table.
    pub storage: usize,
    pub bus: usize,
    /// Energy held and most energy, p.u. hours.
    pub energy: f64,
    pub energy_max: f64,
    pub charge_max: f64,
    pub discharge_max: f64,
    pub charge_efficiency: f64,
    pub discharge_efficiency: f64,
    /// Rating of the connection; infinite when none.
    pub rate: f64,
    pub q_min: f64,
    pub q_max: f64,
    pub r: f64,
    pub x: f64,
    pub p_loss: f64,
    pub q_loss: f64,
}

/// A branch in service between two buses in service, MATPOWER's π model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BranchRow {
    /// Row of the grid's table.
    pub branch: usize,
    pub from: usize,
    pub to: usize,
    /// Series admittance `g + jb` (`b` < 0 for a line).
    pub g: f64,
    pub b: f64,
    /// Half of the charging susceptance.
    pub b_half: f64,
    pub tap: f64,
    pub shift_rad: f64,
    /// Rating of apparent power at both ends; infinite when none.
    pub rate: f64,
    /// Limits of the angle from − to, rad; infinite when none.
    pub angle_min: f64,
    pub angle_max: f64,
    /// Susceptance and shift of the DC formulation: flow = dc_b · (θf − θt − dc_shift).
    pub dc_b: f64,
    pub dc_shift: f64,
}

/// A direct-current line in service between two buses in service. Power taken at `from`;
/// what arrives at `to` is `p · (1 − loss_share) − loss`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DcLineRow {
    /// Row of the grid's table.
    pub line: usize,
    pub from: usize,
    pub to: usize,
    pub p_min: f64,
    pub p_max: f64,
    pub loss: f64,
    pub loss_share: f64,
    /// Reactive injections at the ends.
    pub q_from: (f64, f64),
    pub q_to: (f64, f64),
}

/// A delivery problem in per unit.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub base_mva: f64,
    /// By bus of the grid.
    pub buses: Vec<BusRow>,
    pub loads: Vec<LoadRow>,
    pub shunts: Vec<ShuntRow>,
    pub generators: Vec<GeneratorRow>,
    pub storages: Vec<StorageRow>,
    pub branches: Vec<BranchRow>,
    pub dc_lines: Vec<DcLineRow>,
    /// The unit of [`super::Worth`]: largest weight · |p| of a load, 1 without loads.
    pub unit: f64,
}

impl Problem {
    /// The problem of `grid` at the moment `at`. Never fails: what is not finite counts
    /// as nothing, or as no limit where it is one.
    pub fn new(grid: &Grid, at: &Snapshot, options: &DeliverOptions) -> Self {
        let base =
            if grid.base_mva.is_finite() && grid.base_mva > 0.0 { grid.base_mva } else { 100.0 };
        let pu = |mw: f64| finite_or(mw, 0.0) / base;
        let limit = |mw: f64| if mw.is_nan() { f64::INFINITY } else { mw / base };
        let up = |b: usize| at.bus_in_service[b];
        let branches = branches(grid, at, options, base);
        let buses = buses(grid, at, &branches);

        let mut loads = Vec::new();
        for (l, load) in grid.loads.iter().enumerate() {
            let (p, q) = (pu(at.load_p_mw[l]), pu(at.load_q_mvar[l]));
            if up(load.bus.i()) && (p != 0.0 || q != 0.0) {
                let weight = match &options.weights {
                    LoadWeights::One => 1.0,
                    LoadWeights::Priority => load.priority.weight(),
                    LoadWeights::ByLoad(w) => w.get(l).map_or(1.0, |w| finite_or(*w, 0.0).max(0.0)),
                };
                // PowerModelsRestoration counts |p|; else what injects is spilled last but
                // nobody is served by it.
                let counts = p > 0.0 || options.weights == LoadWeights::One;
                let worth = weight * p.abs() * if counts { 1.0 } else { INJECTING };
                loads.push(LoadRow { load: l, bus: load.bus.i(), p, q, worth });
            }
        }
        let unit = loads.iter().fold(0.0f64, |m, l| m.max(l.worth));
        let unit = if unit > 0.0 { unit } else { 1.0 };

        let shunts = (0..grid.buses.len()).filter_map(|i| {
            let (g, b) = (pu(at.shunt_g_mw[i]), pu(at.shunt_b_mvar[i]));
            (up(i) && (g != 0.0 || b != 0.0)).then_some(ShuntRow { bus: i, g, b })
        });
        let generators = grid.generators.iter().enumerate().filter_map(|(k, unit)| {
            let bus = unit.bus.i();
            let live = at.generator_in_service[k] && up(bus);
            live.then(|| GeneratorRow {
                generator: k,
                bus,
                p_min: -limit(-unit.p_min_mw),
                p_max: limit(unit.p_max_mw),
                q_min: -limit(-unit.q_min_mvar),
                q_max: limit(unit.q_max_mvar),
            })
        });
        let storages = grid.storages.iter().enumerate().filter_map(|(k, s)| {
            let live = options.storages.is_some() && s.in_service && up(s.bus.i());
            live.then(|| StorageRow {
                storage: k,
                bus: s.bus.i(),
                energy: pu(s.energy_mwh).max(0.0),
                energy_max: pu(s.energy_max_mwh).max(0.0),
                charge_max: pu(s.charge_max_mw).max(0.0),
                discharge_max: pu(s.discharge_max_mw).max(0.0),
                charge_efficiency: finite_or(s.charge_efficiency, 1.0).clamp(1e-3, 1.0),
                discharge_efficiency: finite_or(s.discharge_efficiency, 1.0).clamp(1e-3, 1.0),
                rate: limit(s.rate_mva),
                q_min: -limit(-s.q_min_mvar),
                q_max: limit(s.q_max_mvar),
                r: finite_or(s.r_pu, 0.0),
                x: finite_or(s.x_pu, 0.0),
                p_loss: pu(s.p_loss_mw),
                q_loss: pu(s.q_loss_mvar),
            })
        });
        let dc_lines = grid.dc_lines.iter().enumerate().filter_map(|(k, l)| {
            let (from, to) = (l.from.i(), l.to.i());
            let live = at.dc_line_in_service[k] && up(from) && up(to) && from != to;
            let reactive = |q: (f64, f64)| (-limit(-q.0), limit(q.1));
            live.then(|| DcLineRow {
                line: k,
                from,
                to,
                p_min: -limit(-l.p_min_mw),
                p_max: limit(l.p_max_mw),
                loss: pu(l.loss_mw).max(0.0),
                loss_share: finite_or(l.loss_share, 0.0).clamp(0.0, 0.99),
                q_from: reactive(l.q_from_limits_mvar),
                q_to: reactive(l.q_to_limits_mvar),
            })
        });
        let mut problem = Self {
            base_mva: base,
            shunts: shunts.collect(),
            generators: generators.collect(),
            storages: storages.collect(),
            dc_lines: dc_lines.collect(),
            buses,
            loads,
            branches,
            unit,
        };
        if !options.dark_islands {
            problem.leave_out_dark_islands();
        }
        problem
    }

    /// Takes islands out that nothing can feed.
    fn leave_out_dark_islands(&mut self) {
        let mut source = vec![false; self.buses.len()];
        let island = |bus: usize| self.buses[bus].island as usize;
        for g in self.generators.iter().filter(|g| g.p_max > 0.0) {
            source[island(g.bus)] = true;
        }
        for s in self.storages.iter().filter(|s| s.discharge_max > 0.0 && s.energy > 0.0) {
            source[island(s.bus)] = true;
        }
        // Direct-current lines may feed either way, one after the other.
        let mut spread = true;
        while spread {
            spread = false;
            for l in &self.dc_lines {
                let (a, b) = (island(l.from), island(l.to));
                if source[a] != source[b] {
                    (source[a], source[b]) = (true, true);
                    spread = true;
                }
            }
        }
        for bus in self.buses.iter_mut().filter(|b| b.live) {
            bus.live = source[bus.island as usize];
        }
        let live: Vec<bool> = self.buses.iter().map(|b| b.live).collect();
        self.loads.retain(|l| live[l.bus]);
        self.shunts.retain(|s| live[s.bus]);
        self.generators.retain(|g| live[g.bus]);
        self.storages.retain(|s| live[s.bus]);
        self.branches.retain(|l| live[l.from]);
        self.dc_lines.retain(|l| live[l.from]);
    }

    /// Buses in service.
    pub fn live_buses(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.buses.len()).filter(|&i| self.buses[i].live)
    }
}

fn branches(grid: &Grid, at: &Snapshot, options: &DeliverOptions, base: f64) -> Vec<BranchRow> {
    let mut rows = Vec::new();
    for (k, l) in grid.branches.iter().enumerate() {
        let (from, to) = (l.from.i(), l.to.i());
        let live = at.branch_in_service[k] && at.bus_in_service[from] && at.bus_in_service[to];
        if !live || from == to {
            continue;
        }
        let (r, mut x) = (finite_or(l.r_pu, 0.0), finite_or(l.x_pu, 1e6));
        if r.hypot(x) < LEAST_REACTANCE_PU {
            x = LEAST_REACTANCE_PU;
        }
        let z2 = r * r + x * x;
        let tap = if l.tap.is_finite() && l.tap != 0.0 { l.tap } else { 1.0 };
        let shift_rad = finite_or(l.shift_deg, 0.0).to_radians();
        let (dc_b, dc_shift) = match options.dc_branch {
            super::DcBranch::TapAndShift => (susceptance(l.x_pu, l.tap), shift_rad),
            super::DcBranch::Impedance => (x / z2, 0.0),
        };
        let (angle_min, angle_max) = angles(l.angle_min_deg, l.angle_max_deg, options.angles);
        rows.push(BranchRow {
            branch: k,
            from,
            to,
            g: r / z2,
            b: -x / z2,
            b_half: 0.5 * finite_or(l.b_pu, 0.0),
            tap,
            shift_rad,
            rate: if l.rate_mva > 0.0 { l.rate_mva / base } else { f64::INFINITY },
            angle_min,
            angle_max,
            dc_b,
            dc_shift,
        });
    }
    rows
}

/// Limits in rad. A pair of zeros is no limit.
fn angles(min_deg: f64, max_deg: f64, which: AngleLimits) -> (f64, f64) {
    let (min, max) = match which {
        AngleLimits::Ignore => (f64::NEG_INFINITY, f64::INFINITY),
        _ if min_deg == 0.0 && max_deg == 0.0 => (f64::NEG_INFINITY, f64::INFINITY),
        AngleLimits::Given | AngleLimits::WithinSixty => {
            (min_deg.to_radians(), max_deg.to_radians())
        }
    };
    match which {
        AngleLimits::WithinSixty => (
            if min > -std::f64::consts::FRAC_PI_2 { min } else { -SIXTY },
            if max < std::f64::consts::FRAC_PI_2 { max } else { SIXTY },
        ),
        AngleLimits::Ignore | AngleLimits::Given => (min, max),
    }
}

fn buses(grid: &Grid, at: &Snapshot, branches: &[BranchRow]) -> Vec<BusRow> {
    let edges: Vec<(u32, u32)> = branches.iter().map(|l| (l.from as u32, l.to as u32)).collect();
    let mut islands = Islands::default();
    islands.find(&at.bus_in_service, &edges, &vec![true; edges.len()]);
    let mut reference = islands.first_bus.clone();
    let mut found = vec![false; islands.count];
    for (i, bus) in grid.buses.iter().enumerate() {
        let k = islands.of_bus[i] as usize;
        if k < islands.count && bus.kind == BusKind::Reference && !found[k] {
            found[k] = true;
            reference[k] = i as u32;
        }
    }
    grid.buses
        .iter()
        .enumerate()
        .map(|(i, bus)| {
            let island = islands.of_bus[i];
            let vm_min = finite_or(bus.vm_min_pu, 0.0).max(0.0);
            let vm_max = if bus.vm_max_pu > 0.0 { bus.vm_max_pu } else { 2.0 };
            BusRow {
                live: at.bus_in_service[i],
                island,
                reference: island != u32::MAX && reference[island as usize] == i as u32,
                vm_min: vm_min.min(vm_max),
                vm_max,
            }
        })
        .collect()
}
