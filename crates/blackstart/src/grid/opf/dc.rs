//! Optimal power flow on the DC network.

use super::dc_costs::{Stretch, cost_at, is_higher, stretches};
use super::{DcOptimalFlow, DcOptimalFlowOptions, DcOptimalFlowStatus, Shortfall, Susceptance};
use crate::grid::Snapshot;
use crate::grid::dc_flow::Network;
use crate::grid::interior_point::{InteriorPoint, Program};
use crate::grid::islands::Islands;
use crate::grid::model::{LEAST_REACTANCE_PU, Model, finite_or};
use crate::region::{BusIdx, BusKind, GeneratorIdx, Grid};

/// Curvature per p.u. of range, relative to the dearest slope, that makes the answer
/// unique where costs leave a choice. It moves the optimum by less than a hundred
/// millionth.
const CURVATURE: f64 = 1e-8;
/// Ranges of fewer p.u. are points.
const NOTHING: f64 = 1e-9;
/// Angle limits of `PowerModels` where a file gives none, degrees.
const DEFAULT_ANGLE_DEG: f64 = 60.0;
/// Rounds of quadratic approximation of costs of higher degree.
const ROUNDS: usize = 30;
/// Imbalances of fewer p.u. are rounding.
const BALANCED: f64 = 1e-6;

/// What a column of the program stands for.
#[derive(Clone, Copy, Debug)]
enum Column {
    Generator(usize),
    Load(usize),
    DcLine(usize),
    /// Injects (1) or withdraws (−1) whatever is missing, to find out how much that is.
    Elastic(usize, f64),
}

/// The cheapest outputs of the units in service that serve all demand of `at`, on the DC
/// network: balances of every bus, ratings (long-term, MW), limits of angle differences,
/// limits of outputs, direct-current lines with their losses. Shunt conductances draw
/// their power at 1 p.u.; what storages take is given. Every island is balanced alone.
///
/// Costs are exact up to second degree and for convex piecewise linear ones; polynomials
/// of higher degree that are convex are solved by repeated second-order expansion. A unit
/// in service runs within its limits: nothing is shut down.
///
/// # Panics
/// When the tables of `at` are not as long as those of `grid`.
#[must_use]
pub fn dc_optimal_flow(
    grid: &Grid,
    at: &Snapshot,
    options: &DcOptimalFlowOptions,
) -> DcOptimalFlow {
    assert!(at.fits(grid), "a snapshot of the same grid");
    let mut opf = Opf::new(grid, at, options);
    let status = opf.run();
    opf.answer(status)
}

/// A column before its costs are scaled: bounds in p.u., slope per MWh, curvature per MW.
struct Draft {
    column: Column,
    bus: u32,
    sign: f64,
    bounds: (f64, f64),
    slope: f64,
    curvature: f64,
}

struct Opf<'a> {
    grid: &'a Grid,
    at: &'a Snapshot,
    options: &'a DcOptimalFlowOptions,
    model: Model,
    shift: Vec<f64>,
    live: Vec<bool>,
    islands: Islands,
    /// By bus: holds its island's angle.
    reference: Vec<bool>,
    unit_up: Vec<bool>,
    p_mw: Vec<f64>,
    /// By generator: output at which its columns start.
    from_mw: Vec<f64>,
    load_mw: Vec<f64>,
    dc_mw: Vec<f64>,
    price: Vec<f64>,
    angle: Vec<f64>,
    program: Program,
    columns: Vec<Column>,
    scale: f64,
    iterations: u32,
}

impl<'a> Opf<'a> {
    fn new(grid: &'a Grid, at: &'a Snapshot, options: &'a DcOptimalFlowOptions) -> Self {
        let mut model = Model::new(grid);
        let mut shift = model.shift.clone();
        if options.susceptance == Susceptance::PowerModels {
            for (b, line) in model.b.iter_mut().zip(&grid.branches) {
                let (r, x) = (finite_or(line.r_pu, 0.0), finite_or(line.x_pu, 1e6));
                let x = if x.abs() < LEAST_REACTANCE_PU { LEAST_REACTANCE_PU } else { x };
                *b = x / (r * r + x * x);
            }
            shift.fill(0.0);
        }
        let up = &at.bus_in_service;
        let live: Vec<bool> = (0..model.branches)
            .map(|l| {
                let (f, t) = model.ends(l);
                // As everywhere, a branch rated 0 is open; NaN is no rating.
                let open = options.limits && grid.branches[l].rate_mva <= 0.0;
                at.branch_in_service[l] && up[f] && up[t] && f != t && !open
            })
            .collect();
        let mut islands = Islands::default();
        islands.find(up, &model.edges[..model.branches], &live);
        let mut reference_of = islands.first_bus.clone();
        for (i, bus) in grid.buses.iter().enumerate().rev() {
            if bus.kind == BusKind::Reference && up[i] {
                reference_of[islands.of_bus[i] as usize] = i as u32;
            }
        }
        let mut reference = vec![false; model.buses];
        for r in reference_of {
            reference[r as usize] = true;
        }
        let unit_up: Vec<bool> = grid
            .generators
            .iter()
            .zip(&at.generator_in_service)
            .map(|(g, &on)| on && up[g.bus.i()])
            .collect();
        let mut load_mw = at.load_p_mw.clone();
        for (p, load) in load_mw.iter_mut().zip(&grid.loads) {
            *p = if up[load.bus.i()] { finite_or(*p, 0.0) } else { 0.0 };
        }
        Self {
            p_mw: vec![0.0; grid.generators.len()],
            from_mw: vec![0.0; grid.generators.len()],
            dc_mw: vec![0.0; grid.dc_lines.len()],
            price: vec![0.0; model.buses],
            angle: vec![0.0; model.buses],
            program: Program::default(),
            columns: Vec::new(),
            scale: 1.0,
            iterations: 0,
            grid,
            at,
            options,
            model,
            shift,
            live,
            islands,
            reference,
            unit_up,
            load_mw,
        }
    }

    fn run(&mut self) -> DcOptimalFlowStatus {
        let mut higher = false;
        for (g, unit) in self.grid.generators.iter().enumerate().filter(|(g, _)| self.unit_up[*g]) {
            let (least, most) = (unit.p_min_mw, unit.p_max_mw);
            if least.is_nan() || most.is_nan() || least > most {
                return DcOptimalFlowStatus::NoRange { generator: GeneratorIdx::new(g) };
            }
            higher |= is_higher(unit);
            self.p_mw[g] = 0.5 * (least.max(-1e6) + most.min(1e6));
        }
        let network = Network::new(&self.model);
        let mut point = InteriorPoint::new(network.graph());
        let mut last = f64::INFINITY;
        for _ in 0..if higher { ROUNDS } else { 1 } {
            if let Err(generator) = self.build(false) {
                return DcOptimalFlowStatus::NotConvex { generator };
            }
            let outcome = point.solve(&self.model, &self.program);
            self.iterations += outcome.iterations;
            if !outcome.converged {
                return self.why_not(&mut point, outcome.worst_bus);
            }
            self.read(&point);
            let now = self.objective();
            if (now - last).abs() <= 1e-10 * now.abs().max(1.0) {
                break;
            }
            last = now;
        }
        DcOptimalFlowStatus::Solved
    }

    /// The program. With `elastic`, costs count nothing and every bus may inject and
    /// withdraw at a price.
    ///
    /// # Errors
    /// A unit whose cost is not convex.
    fn build(&mut self, elastic: bool) -> Result<(), GeneratorIdx> {
        let base = self.model.base_mva;
        let up = &self.at.bus_in_service;
        let mut given = vec![0.0; self.model.buses];
        let mut list: Vec<Draft> = Vec::new();
        let mut pieces: Vec<Stretch> = Vec::new();
        let mut total = 1.0;
        for (i, g) in self.at.shunt_g_mw.iter().enumerate() {
            given[i] -= finite_or(*g, 0.0) / base;
        }
        for (s, p) in self.grid.storages.iter().zip(&self.at.storage_p_mw) {
            given[s.bus.i()] -= finite_or(*p, 0.0) / base;
        }
        for (d, load) in self.grid.loads.iter().enumerate() {
            let p = if up[load.bus.i()] { finite_or(self.at.load_p_mw[d], 0.0) } else { 0.0 };
            total += p.abs() / base;
            match self.options.lost_load_per_mwh {
                Some(worth) if p / base > NOTHING && !elastic => {
                    list.push(Draft {
                        column: Column::Load(d),
                        bus: load.bus.0,
                        sign: -1.0,
                        bounds: (0.0, p / base),
                        slope: -worth,
                        curvature: 0.0,
                    });
                }
                _ => given[load.bus.i()] -= p / base,
            }
        }
        for l in (0..self.grid.dc_lines.len()).filter(|&l| self.dc_up(l)) {
            total += finite_or(self.grid.dc_lines[l].loss_mw, 0.0).abs() / base;
            given[self.grid.dc_lines[l].to.i()] -=
                finite_or(self.grid.dc_lines[l].loss_mw, 0.0) / base;
        }
        let reach = 10.0 * total * base;
        for (g, unit) in self.grid.generators.iter().enumerate().filter(|(g, _)| self.unit_up[*g]) {
            let least = unit.p_min_mw.clamp(-reach, reach);
            let most = unit.p_max_mw.clamp(-reach, reach);
            if (most - least) / base <= NOTHING {
                given[unit.bus.i()] += 0.5 * (least + most) / base;
                self.from_mw[g] = 0.5 * (least + most);
                continue;
            }
            pieces.clear();
            if !stretches(unit, least, most, self.p_mw[g], &mut pieces) {
                return Err(GeneratorIdx::new(g));
            }
            self.from_mw[g] = least;
            given[unit.bus.i()] += least / base;
            for s in pieces.iter().filter(|s| s.width_mw / base > NOTHING) {
                list.push(Draft {
                    column: Column::Generator(g),
                    bus: unit.bus.0,
                    sign: 1.0,
                    bounds: (0.0, s.width_mw / base),
                    slope: s.slope,
                    curvature: s.curvature,
                });
            }
        }
        if elastic {
            for i in (0..self.model.buses).filter(|&i| up[i]) {
                for sign in [1.0, -1.0] {
                    list.push(Draft {
                        column: Column::Elastic(i, sign),
                        bus: i as u32,
                        sign,
                        bounds: (0.0, 20.0 * total),
                        slope: 1.0,
                        curvature: 0.0,
                    });
                }
            }
        }
        // Slopes of order 1.
        self.scale = 1.0;
        if !elastic {
            let dearest = list
                .iter()
                .map(|d| {
                    let most = d.slope + d.curvature * (d.bounds.1 - d.bounds.0) * base;
                    d.slope.abs().max(most.abs())
                })
                .fold(0.0f64, f64::max);
            self.scale = if dearest > 0.0 { dearest } else { 1.0 };
        }
        let mut p = std::mem::take(&mut self.program);
        p.clear();
        self.columns.clear();
        for d in list {
            let free = elastic && !matches!(d.column, Column::Elastic(..));
            let scale = if free { 0.0 } else { 1.0 / self.scale };
            let bend = CURVATURE / (d.bounds.1 - d.bounds.0);
            let pull = (d.curvature * base * scale + bend, d.bounds.0);
            p.push(d.bus, d.sign, d.bounds, d.slope * scale, pull);
            self.columns.push(d.column);
        }
        for l in 0..self.grid.dc_lines.len() {
            if !self.dc_up(l) {
                continue;
            }
            let line = &self.grid.dc_lines[l];
            let least = line.p_min_mw.clamp(-reach, reach) / base;
            let most = line.p_max_mw.clamp(-reach, reach) / base;
            let kept = 1.0 - finite_or(line.loss_share, 0.0);
            if most - least <= NOTHING {
                let flow = 0.5 * (least + most);
                given[line.from.i()] -= flow;
                given[line.to.i()] += kept * flow;
                self.dc_mw[l] = flow * base;
                continue;
            }
            p.push(line.from.0, -1.0, (least, most), 0.0, (CURVATURE / (most - least), 0.0));
            p.to_bus.push(line.to.0);
            p.gain.push(kept);
            p.edge.push((self.model.branches + l) as u32);
            self.columns.push(Column::DcLine(l));
        }
        p.given = given;
        // An island without columns has nothing to decide; whether it balances is
        // looked at apart.
        let mut moves = vec![false; self.islands.count];
        for &bus in p.bus.iter().chain(&p.to_bus) {
            moves[self.islands.of_bus[bus as usize] as usize] = true;
        }
        p.active.clear();
        p.active.extend(self.islands.of_bus.iter().map(|&i| i != u32::MAX && moves[i as usize]));
        p.reference.clear();
        p.reference.extend_from_slice(&self.reference);
        let wide = 100.0 * total;
        for l in (0..self.model.branches).filter(|&l| self.live[l]) {
            let (f, _) = self.model.ends(l);
            if !p.active[f] {
                continue;
            }
            p.lines.push(l as u32);
            if let Some((up, down)) = self.bounds(l).filter(|_| self.options.limits) {
                p.limited.push(l as u32);
                p.rate.push(up.min(wide));
                p.rate_back.push(down.min(wide));
            }
        }
        p.shift.clear();
        p.shift.extend_from_slice(&self.shift);
        self.program = p;
        Ok(())
    }

    /// Direct-current line `l` stands between two buses in service, with limits that are
    /// numbers.
    fn dc_up(&self, l: usize) -> bool {
        let line = &self.grid.dc_lines[l];
        if line.from == line.to || line.p_min_mw.is_nan() || line.p_max_mw.is_nan() {
            return false;
        }
        let up = &self.at.bus_in_service;
        self.at.dc_line_in_service[l] && up[line.from.i()] && up[line.to.i()]
    }

    /// Largest flows forwards and backwards, p.u., from rating and angle limits; `None`
    /// if there are none.
    fn bounds(&self, l: usize) -> Option<(f64, f64)> {
        let line = &self.grid.branches[l];
        let rate = if line.rate_mva.is_nan() { f64::INFINITY } else { line.rate_mva };
        let rate = rate / self.model.base_mva;
        let (mut least, mut most) = (line.angle_min_deg, line.angle_max_deg);
        if self.options.susceptance == Susceptance::PowerModels {
            least = if least > -90.0 { least } else { -DEFAULT_ANGLE_DEG };
            most = if most < 90.0 { most } else { DEFAULT_ANGLE_DEG };
        }
        let b = self.model.b[l];
        let flow = |deg: f64| {
            if deg.is_finite() { b * (deg.to_radians() - self.shift[l]) } else { deg * b.signum() }
        };
        let (a, c) = (flow(least), flow(most));
        let up = rate.min(a.max(c));
        let down = rate.min(-a.min(c));
        (up < f64::INFINITY || down < f64::INFINITY).then_some((up, down))
    }

    fn read(&mut self, point: &InteriorPoint) {
        let base = self.model.base_mva;
        self.p_mw.copy_from_slice(&self.from_mw);
        let p = &self.program;
        for (c, column) in self.columns.iter().enumerate() {
            let x = point.columns.x[c].clamp(p.lo[c], p.hi[c]) * base;
            match *column {
                Column::Generator(g) => self.p_mw[g] += x,
                Column::Load(d) => self.load_mw[d] = x,
                Column::DcLine(l) => self.dc_mw[l] = x,
                Column::Elastic(..) => {}
            }
        }
        for i in 0..self.model.buses {
            let on = p.active[i];
            self.price[i] = if on { point.price(i) * self.scale } else { 0.0 };
            self.angle[i] = if on { point.angle(i) } else { 0.0 };
        }
    }

    fn objective(&self) -> f64 {
        let units = self.grid.generators.iter().zip(&self.p_mw).zip(&self.unit_up);
        let running: f64 = units.filter(|(_, up)| **up).map(|((g, &p), _)| cost_at(g, p)).sum();
        let lost: f64 = self.options.lost_load_per_mwh.map_or(0.0, |worth| {
            worth * self.at.load_p_mw.iter().zip(&self.load_mw).map(|(a, s)| a - s).sum::<f64>()
        });
        running + lost
    }

    /// What stands in the way: least shortages and surpluses, by island.
    fn why_not(&mut self, point: &mut InteriorPoint, worst_bus: u32) -> DcOptimalFlowStatus {
        let not_converged = DcOptimalFlowStatus::NotConverged { worst_bus: BusIdx(worst_bus) };
        if self.build(true).is_err() {
            return not_converged;
        }
        let outcome = point.solve(&self.model, &self.program);
        if !outcome.converged {
            return not_converged;
        }
        let base = self.model.base_mva;
        let mut islands: Vec<Shortfall> = self
            .islands
            .first_bus
            .iter()
            .map(|&b| Shortfall { bus: BusIdx(b), short_mw: 0.0, surplus_mw: 0.0 })
            .collect();
        for (c, column) in self.columns.iter().enumerate() {
            if let Column::Elastic(bus, sign) = *column {
                let at = &mut islands[self.islands.of_bus[bus] as usize];
                let x = point.columns.x[c].max(0.0) * base;
                *(if sign > 0.0 { &mut at.short_mw } else { &mut at.surplus_mw }) += x;
            }
        }
        islands.retain(|i| i.short_mw.max(i.surplus_mw) > BALANCED * base);
        if islands.is_empty() { not_converged } else { DcOptimalFlowStatus::Infeasible { islands } }
    }

    fn answer(self, mut status: DcOptimalFlowStatus) -> DcOptimalFlow {
        let base = self.model.base_mva;
        if status == DcOptimalFlowStatus::Solved {
            // Islands in which there is nothing to decide must balance by themselves.
            let mut net = vec![0.0; self.islands.count];
            for (i, &island) in self.islands.of_bus.iter().enumerate() {
                if island != u32::MAX && !self.program.active[i] {
                    net[island as usize] += self.program.given[i];
                }
            }
            let short: Vec<Shortfall> = net
                .iter()
                .zip(&self.islands.first_bus)
                .filter(|(net, _)| net.abs() > BALANCED)
                .map(|(net, &bus)| Shortfall {
                    bus: BusIdx(bus),
                    short_mw: (-net * base).max(0.0),
                    surplus_mw: (net * base).max(0.0),
                })
                .collect();
            if !short.is_empty() {
                status = DcOptimalFlowStatus::Infeasible { islands: short };
            }
        }
        let mut out = DcOptimalFlow {
            status,
            cost_per_h: 0.0,
            generator_p_mw: vec![0.0; self.grid.generators.len()],
            load_p_mw: vec![0.0; self.grid.loads.len()],
            va_deg: vec![0.0; self.model.buses],
            branch_p_from_mw: vec![0.0; self.model.branches],
            dc_line_p_mw: vec![0.0; self.grid.dc_lines.len()],
            price_per_mwh: vec![0.0; self.model.buses],
            iterations: self.iterations,
        };
        if out.status != DcOptimalFlowStatus::Solved {
            return out;
        }
        out.cost_per_h = self.objective();
        for l in (0..self.model.branches).filter(|&l| self.live[l]) {
            let (f, t) = self.model.ends(l);
            let across = self.angle[f] - self.angle[t] - self.shift[l];
            out.branch_p_from_mw[l] = self.model.b[l] * across * base;
        }
        let mut offset = vec![0.0; self.islands.count];
        for i in (0..self.model.buses)
            .filter(|&i| self.reference[i] && self.islands.of_bus[i] != u32::MAX)
        {
            let bus = &self.grid.buses[i];
            let file =
                if bus.kind == BusKind::Reference { finite_or(bus.va_deg, 0.0) } else { 0.0 };
            offset[self.islands.of_bus[i] as usize] = file - self.angle[i].to_degrees();
        }
        for (i, &island) in self.islands.of_bus.iter().enumerate() {
            if island != u32::MAX {
                out.va_deg[i] = self.angle[i].to_degrees() + offset[island as usize];
            }
        }
        out.generator_p_mw = self.p_mw;
        out.load_p_mw = self.load_mw;
        out.dc_line_p_mw = self.dc_mw;
        out.price_per_mwh = self.price;
        out
    }
}
