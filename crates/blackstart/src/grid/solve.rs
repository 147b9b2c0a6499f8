//! One state of the switches: islands, the copper plate where it holds, the interior
//! point where it does not.

use super::copper_plate::CopperPlate;
use super::dc_flow::{Network, flow};
use super::interior_point::{InteriorPoint, Program};
use super::islands::{Islands, join, root};
use super::items::{Items, Kind, arrives};
use super::model::Model;
use crate::region::Grid;
use crate::results::HourStatus;

/// Ratings may be passed by this share, and by this many p.u., through rounding.
pub(super) const RATING_TOLERANCE: f64 = 1e-7;

/// State and workspaces of a dispatch.
#[derive(Clone, Debug)]
pub(super) struct Solve {
    pub model: Model,
    pub items: Items,
    /// By edge (branches, then direct-current lines): could be in service this hour.
    pub available: Vec<bool>,
    /// By branch: opened by the dispatcher.
    pub opened: Vec<bool>,
    /// By bus: in service.
    pub bus_up: Vec<bool>,
    /// By branch: rating, p.u.; infinite where there is none.
    pub rate: Vec<f64>,
    /// By branch: phase shift in use, rad.
    pub shift: Vec<f64>,
    pub islands: Islands,
    /// By island: has generation, or a direct-current line to an island that has.
    pub alive: Vec<bool>,
    /// By bus: angle, rad.
    pub angle: Vec<f64>,
    /// By bus: number of its group of islands that direct-current lines tie together.
    pub group: Vec<u32>,
    pub iterations: u32,
    /// Network solves left before searches (units that were shut, branches to open)
    /// come to an end.
    pub solves_left: usize,
    pub trouble: Option<HourStatus>,
    /// Branches that carry power from dear to cheap, the worst first, with that loss.
    pub adverse: Vec<(f64, u32)>,
    /// Branches opened by the trial under way.
    pub chain: Vec<u32>,
    pub network: Network,
    pub point: InteriorPoint,
    pub program: Program,
    pub row_of: Vec<u32>,
    pub copper: CopperPlate,
    pub live: Vec<bool>,
    /// By bus: dead or its island's reference.
    pub fixed: Vec<bool>,
    pub reference_of: Vec<u32>,
    pub capacity: Vec<f64>,
    pub tied: Vec<bool>,
    pub needs_network: Vec<bool>,
    pub row_start: Vec<u32>,
    pub rows: Vec<u32>,
    pub injection: Vec<f64>,
    pub balance: Vec<f64>,
    pub weak: Vec<usize>,
}

impl Solve {
    pub fn new(grid: &Grid) -> Self {
        let model = Model::new(grid);
        let n = model.buses;
        let network = Network::new(&model);
        Self {
            point: InteriorPoint::new(network.graph()),
            network,
            items: Items::default(),
            available: Vec::new(),
            opened: vec![false; model.branches],
            bus_up: Vec::new(),
            rate: Vec::new(),
            shift: model.shift.clone(),
            islands: Islands::default(),
            alive: Vec::new(),
            angle: vec![0.0; n],
            group: Vec::new(),
            iterations: 0,
            solves_left: 0,
            trouble: None,
            adverse: Vec::new(),
            chain: Vec::new(),
            program: Program::default(),
            row_of: Vec::new(),
            copper: CopperPlate::default(),
            live: Vec::new(),
            fixed: Vec::new(),
            reference_of: Vec::new(),
            capacity: Vec::new(),
            tied: Vec::new(),
            needs_network: Vec::new(),
            row_start: Vec::new(),
            rows: Vec::new(),
            injection: vec![0.0; n],
            balance: Vec::new(),
            weak: Vec::new(),
            model,
        }
    }

    /// Finds islands, their references and which are alive; sorts rows by island.
    pub fn label(&mut self) {
        let branches = self.model.branches;
        self.live.clear();
        self.live.extend_from_slice(&self.available);
        for (live, &opened) in self.live.iter_mut().zip(&self.opened) {
            *live &= !opened;
        }
        self.islands.find(&self.bus_up, &self.model.edges[..branches], &self.live[..branches]);
        let count = self.islands.count;
        let of_bus = &self.islands.of_bus;

        // The reference is the bus with the most generation; the first of equals.
        self.capacity.clear();
        self.capacity.resize(of_bus.len(), 0.0);
        self.alive.clear();
        self.alive.resize(count, false);
        for r in 0..self.items.kind.len() {
            let bus = self.items.bus[r] as usize;
            if matches!(self.items.kind[r], Kind::Generator(_))
                && self.items.hi[r] > 0.0
                && !self.items.shut[r]
                && self.bus_up[bus]
            {
                self.capacity[bus] += self.items.hi[r];
                self.alive[of_bus[bus] as usize] = true;
            }
        }
        self.reference_of.clear();
        self.reference_of.extend_from_slice(&self.islands.first_bus);
        for (bus, &island) in of_bus.iter().enumerate() {
            if island != u32::MAX {
                let best = &mut self.reference_of[island as usize];
                if self.capacity[bus] > self.capacity[*best as usize] {
                    *best = bus as u32;
                }
            }
        }
        // Direct-current lines tie islands to groups, and wake dead ones.
        let mut parent: Vec<u32> = (0..count as u32).collect();
        self.tied.clear();
        self.tied.resize(count, false);
        for e in branches..self.model.edges.len() {
            let (f, t) = self.model.ends(e);
            if self.live[e] {
                self.tied[of_bus[f] as usize] = true;
                self.tied[of_bus[t] as usize] = true;
                join(&mut parent, of_bus[f], of_bus[t]);
            }
        }
        for i in 0..count as u32 {
            if self.alive[i as usize] {
                let r = root(&mut parent, i);
                self.alive[r as usize] = true;
            }
        }
        for i in 0..count as u32 {
            let r = root(&mut parent, i);
            self.alive[i as usize] = self.alive[r as usize];
        }
        self.group.clear();
        for &island in of_bus {
            self.group.push(if island == u32::MAX { island } else { root(&mut parent, island) });
        }
        // What is dead plays no part in the equations.
        for (e, live) in self.live.iter_mut().enumerate() {
            let island = of_bus[self.model.edges[e].0 as usize];
            *live = *live && self.alive[island as usize];
        }
        self.fixed.clear();
        self.fixed.extend(of_bus.iter().map(|&i| i == u32::MAX || !self.alive[i as usize]));
        for &r in &self.reference_of {
            self.fixed[r as usize] = true;
        }
        // Rows by island, by counting.
        self.row_start.clear();
        self.row_start.resize(count + 1, 0);
        for &bus in &self.items.bus {
            let island = of_bus[bus as usize];
            if island != u32::MAX {
                self.row_start[island as usize + 1] += 1;
            }
        }
        for i in 0..count {
            self.row_start[i + 1] += self.row_start[i];
        }
        self.rows.clear();
        self.rows.resize(self.row_start[count] as usize, 0);
        for (r, &bus) in self.items.bus.iter().enumerate().rev() {
            let island = of_bus[bus as usize];
            if island != u32::MAX {
                // Filled from the end of each island's range, so the start is free to use
                // as the cursor of the next one once all rows are placed.
                let at = &mut self.row_start[island as usize + 1];
                *at -= 1;
                self.rows[*at as usize] = r as u32;
            }
        }
        // The cursors have moved every range's end to its start: shift them back.
        self.row_start.remove(0);
        self.row_start.push(self.rows.len() as u32);
    }

    /// Dispatches all rows at buses of `scope`, which must be whole groups of islands.
    pub fn run(&mut self, grid: &Grid, scope: &[bool]) {
        for (shut, &bus) in self.items.shut.iter_mut().zip(&self.items.bus) {
            *shut &= !scope[bus as usize];
        }
        self.label();
        self.adverse.clear();
        let count = self.islands.count;
        self.needs_network.clear();
        self.needs_network.resize(count, false);
        for r in 0..self.items.kind.len() {
            let bus = self.items.bus[r] as usize;
            if scope[bus] && !self.bus_up[bus] {
                self.items.x[r] = 0.0;
            }
        }
        for i in 0..count {
            if !scope[self.islands.first_bus[i] as usize] {
                continue;
            }
            let rows = self.row_start[i] as usize..self.row_start[i + 1] as usize;
            if !self.alive[i] {
                for &r in &self.rows[rows] {
                    self.items.x[r as usize] = 0.0;
                }
            } else if self.tied[i] {
                self.needs_network[i] = true;
            } else {
                self.copper.dispatch(&mut self.items, &self.rows[rows]);
            }
        }
        if !self.flows(grid) {
            return;
        }
        for l in 0..self.model.branches {
            let (f, _) = self.model.ends(l);
            if self.live[l] && scope[f] && self.overload(l) > 0.0 {
                self.needs_network[self.islands.of_bus[f] as usize] = true;
            }
        }
        if self.needs_network.contains(&true) {
            self.solve_network(grid);
        }
    }

    /// By how much branch `l` is over its rating at the present angles, p.u., beyond what
    /// rounding may do.
    pub fn overload(&self, l: usize) -> f64 {
        let f = flow(&self.model, &self.shift, &self.angle, l).abs();
        f - self.rate[l] * (1.0 + RATING_TOLERANCE) - RATING_TOLERANCE
    }

    /// Injections from rows and angles from injections. False if the network equations
    /// are singular; everything is dark then, and the trouble noted.
    pub fn flows(&mut self, grid: &Grid) -> bool {
        self.injection.fill(0.0);
        for r in 0..self.items.kind.len() {
            let x = self.items.x[r];
            self.injection[self.items.bus[r] as usize] += self.items.sign[r] * x;
            if let Kind::DcForward(l) | Kind::DcBackward(l) = self.items.kind[r] {
                let line = &grid.dc_lines[l as usize];
                let gain = arrives(line.loss_share, self.items.sign[r]);
                self.injection[line.to.i()] += gain * x;
            }
        }
        if !self.network.prepare(&self.model, &self.live, &self.fixed) {
            self.items.x.fill(0.0);
            self.angle.fill(0.0);
            self.trouble = Some(HourStatus::NotConverged {
                place: "grid: negative reactances cancel out and leave the flows undefined".into(),
            });
            return false;
        }
        self.network.angles(&self.model, &self.shift, &self.injection, &mut self.angle);
        true
    }

    /// Flow of branch `l` at the present angles, p.u.
    pub fn flow(&self, l: usize) -> f64 {
        if self.live[l] { flow(&self.model, &self.shift, &self.angle, l) } else { 0.0 }
    }

    /// Dispatches the islands flagged in `needs_network` together.
    fn solve_network(&mut self, grid: &Grid) {
        self.program.reference.clear();
        self.program.reference.extend_from_slice(&self.fixed);
        let Err(first) = self.solve_with_floors(grid) else {
            self.find_adverse();
            return;
        };
        // Shifters can force flows that no dispatch undoes; at neutral, doing nothing
        // is always possible.
        let mut shifted = None;
        for l in 0..self.model.branches {
            let (f, _) = self.model.ends(l);
            if self.live[l] && self.program.active[f] && self.shift[l] != 0.0 {
                shifted = shifted.or(Some(f));
                self.shift[l] = 0.0;
            }
        }
        let second = match shifted {
            Some(_) => self.solve_with_floors(grid),
            None => Err(first),
        };
        match (second, shifted) {
            (Ok(()), Some(bus)) => {
                self.trouble = Some(HourStatus::Relaxed {
                    why: format!(
                        "phase shifters at neutral on the island of bus {}: their set angles \
                         force flows beyond ratings",
                        grid.buses[bus].id
                    ),
                });
                self.find_adverse();
            }
            (Ok(()), None) => self.find_adverse(),
            (Err(bus), _) => {
                let place = format!("island of bus {}", grid.buses[bus as usize].id);
                self.trouble = Some(HourStatus::NotConverged { place });
                self.scale_down(grid);
            }
        }
    }

    /// Writes the program of the active buses.
    pub fn build(&mut self, grid: &Grid) {
        let p = &mut self.program;
        p.clear();
        self.items.columns(grid, &self.model, p, &mut self.row_of);
        for l in 0..self.model.branches {
            let (f, t) = self.model.ends(l);
            if self.live[l] && p.active[f] && f != t {
                p.lines.push(l as u32);
                if self.rate[l] < f64::INFINITY {
                    p.limited.push(l as u32);
                    p.rate.push(self.rate[l]);
                    p.rate_back.push(self.rate[l]);
                }
            }
        }
        p.shift.clear();
        p.shift.extend_from_slice(&self.shift);
    }

    /// Takes the values of rows from the columns; those pressed against a bound are put
    /// on it.
    pub fn read_point(&mut self) {
        for r in 0..self.items.kind.len() {
            if self.program.active[self.items.bus[r] as usize] {
                self.items.x[r] = 0.0;
            }
        }
        for (c, &r) in self.row_of.iter().enumerate() {
            let (lo, hi) = (self.program.lo[c], self.program.hi[c]);
            let at = &self.point.columns;
            let (below, above) = (at.below[c], at.above[c]);
            let near = 1e-7 * (hi - lo);
            let x = if below < near && at.z_lo[c] * (hi - lo) > below {
                lo
            } else if above < near && at.z_hi[c] * (hi - lo) > above {
                hi
            } else {
                at.x[c].clamp(lo, hi)
            };
            self.items.x[r as usize] += if x.is_finite() { x } else { 0.0 };
        }
        // A direct-current line goes one way; its two rows stand next to each other.
        for r in 1..self.items.kind.len() {
            if let (Kind::DcForward(a), Kind::DcBackward(b)) =
                (self.items.kind[r - 1], self.items.kind[r])
                && a == b
            {
                let both = self.items.x[r - 1].min(self.items.x[r]);
                self.items.x[r - 1] -= both;
                self.items.x[r] -= both;
            }
        }
    }

    /// Lists branches that would better conduct less, while some rating binds: what they
    /// carry is worth less at its end than at its start and their own rating together.
    /// The derivative of the optimum by a susceptance is `flow · (λ_to − λ_from − y) / b`
    /// with y the price of the branch's rating.
    fn find_adverse(&mut self) {
        let tight =
            (0..self.program.limited.len()).any(|k| self.point.rating_price(k).abs() > 1e-6);
        if !tight {
            return;
        }
        let mut k = 0;
        for &l in &self.program.lines {
            let (f, t) = self.model.ends(l as usize);
            let mut worth = self.point.price(t) - self.point.price(f);
            if self.program.limited.get(k) == Some(&l) {
                worth -= self.point.rating_price(k);
                k += 1;
            }
            let gain = self.flow(l as usize) * worth;
            if gain < -1e-9 {
                self.adverse.push((gain, l));
            }
        }
        self.adverse.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
}
