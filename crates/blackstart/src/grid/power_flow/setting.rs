//! What a snapshot means for a power flow: islands, the part every bus plays, injections.

use super::super::islands::Islands;
use super::super::model::Model;
use super::{IslandStatus, Snapshot};
use crate::region::{BusIdx, BusKind, Generator, Grid};

/// The part a bus plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// Out of service, or in an island that is not computed.
    #[default]
    Dead,
    /// Injections are given.
    Load,
    /// Active injection and voltage are given.
    Regulated,
    /// Voltage and angle are given.
    Reference,
}

impl Role {
    /// 1 where the balance of active, of reactive power is an equation.
    pub fn equations(self) -> [f64; 2] {
        match self {
            Self::Dead | Self::Reference => [0.0, 0.0],
            Self::Regulated => [1.0, 0.0],
            Self::Load => [1.0, 1.0],
        }
    }
}

/// A snapshot in p.u., checked and with roles.
#[derive(Clone, Debug, Default)]
pub(super) struct Setting {
    /// By bus: island, `u32::MAX` out of service.
    pub island: Vec<u32>,
    /// By island: first reference, status where it is not computed, number of buses.
    pub islands: Vec<IslandSetting>,
    /// By bus.
    pub role: Vec<Role>,
    /// By bus: given active injection, p.u.
    pub p: Vec<f64>,
    /// By bus: given reactive injection, p.u., without the units that regulate.
    pub q: Vec<f64>,
    /// By bus: shunt admittance, p.u.
    pub shunt: Vec<[f64; 2]>,
    /// By generator: what it adds as its share of the imbalance, p.u.; empty when the
    /// references alone close it.
    pub shared: Vec<f64>,
    /// Buses that close the balance of an island, with the active injection given there, p.u.
    pub closing: Vec<(u32, f64)>,
    /// By bus: voltage to hold, where the role says so, p.u.
    pub vm: Vec<f64>,
    /// By branch: carries current.
    pub live: Vec<bool>,
    /// By direct-current line: carries power.
    pub dc_live: Vec<bool>,
}

/// A finite positive number, or 0.
fn positive(v: f64) -> f64 {
    if v.is_finite() { v.max(0.0) } else { 0.0 }
}

/// What follows from the services and set-points of the state seen last: most often the
/// next one has the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Topology {
    bus_in_service: Vec<bool>,
    branch_in_service: Vec<bool>,
    generator_in_service: Vec<bool>,
    dc_line_in_service: Vec<bool>,
    generator_vm_pu: Vec<f64>,
    islands: Islands,
    /// All but injections and shunts; none where a value that is not a number closed an island.
    known: Option<Setting>,
}

impl Topology {
    fn is_of(&self, at: &Snapshot) -> bool {
        self.bus_in_service == at.bus_in_service
            && self.branch_in_service == at.branch_in_service
            && self.generator_in_service == at.generator_in_service
            && self.dc_line_in_service == at.dc_line_in_service
            && self.generator_vm_pu == at.generator_vm_pu
    }

    fn find(&mut self, model: &Model, at: &Snapshot) -> &Islands {
        self.bus_in_service.clone_from(&at.bus_in_service);
        self.branch_in_service.clone_from(&at.branch_in_service);
        self.generator_in_service.clone_from(&at.generator_in_service);
        self.dc_line_in_service.clone_from(&at.dc_line_in_service);
        self.generator_vm_pu.clone_from(&at.generator_vm_pu);
        let edges = &model.edges[..model.branches];
        self.islands.find(&at.bus_in_service, edges, &at.branch_in_service);
        &self.islands
    }
}

/// One island of a [`Setting`].
#[derive(Clone, Copy, Debug)]
pub(super) struct IslandSetting {
    pub reference: u32,
    pub buses: u32,
    /// Why it is not computed; `None` if it is.
    pub closed: Option<IslandStatus>,
}

impl Setting {
    /// Reads a state, into the tables of another one.
    pub fn read(&mut self, grid: &Grid, model: &Model, at: &Snapshot, topology: &mut Topology) {
        if topology.is_of(at)
            && let Some(known) = &topology.known
        {
            self.copy_structure(known);
            self.inject(grid, model, at);
            let numbers = (0..model.buses).all(|i| {
                let sum = self.p[i] + self.q[i] + self.shunt[i][0] + self.shunt[i][1];
                self.role[i] == Role::Dead || sum.is_finite()
            });
            if numbers {
                for (i, p) in &mut self.closing {
                    *p = self.p[*i as usize];
                }
                return;
            }
        }
        *self = Self::new(grid, model, at, topology);
        let closed = |k: &IslandSetting| matches!(k.closed, Some(IslandStatus::NotANumber { .. }));
        if self.islands.iter().any(closed) {
            topology.known = None;
        } else {
            topology.known.get_or_insert_default().copy_structure(self);
        }
    }

    /// True when the equations are those of `other` but for the injections.
    pub fn has_equations_of(&self, other: &Self) -> bool {
        self.role == other.role
            && self.live == other.live
            && self.island == other.island
            && self.shunt == other.shunt
            && self.vm == other.vm
    }

    /// All but injections and shunts.
    fn copy_structure(&mut self, of: &Self) {
        self.island.clone_from(&of.island);
        self.islands.clone_from(&of.islands);
        self.role.clone_from(&of.role);
        self.closing.clone_from(&of.closing);
        self.vm.clone_from(&of.vm);
        self.live.clone_from(&of.live);
        self.dc_live.clone_from(&of.dc_live);
        self.shared.clear();
    }

    fn new(grid: &Grid, model: &Model, at: &Snapshot, topology: &mut Topology) -> Self {
        let n = model.buses;
        let islands = topology.find(model, at);
        let island = islands.of_bus.clone();
        let up = |bus: BusIdx| island[bus.i()] != u32::MAX;
        let mut s = Self {
            islands: vec![
                IslandSetting { reference: u32::MAX, buses: 0, closed: None };
                islands.count
            ],
            role: vec![Role::Dead; n],
            p: Vec::new(),
            q: Vec::new(),
            shunt: Vec::new(),
            vm: vec![0.0; n],
            shared: Vec::new(),
            closing: Vec::new(),
            live: Vec::new(),
            dc_live: Vec::new(),
            island: island.clone(),
        };
        for (i, &k) in island.iter().enumerate().filter(|(_, k)| **k != u32::MAX) {
            s.islands[k as usize].buses += 1;
            s.role[i] = Role::Load;
        }
        s.choose_references(grid, at, &island);
        for d in 0..grid.dc_lines.len() {
            let line = &grid.dc_lines[d];
            let open =
                |bus: BusIdx| up(bus) && s.islands[island[bus.i()] as usize].closed.is_none();
            let live = at.dc_line_in_service[d] && open(line.from) && open(line.to);
            s.dc_live.push(live);
        }
        s.regulate_dc_ends(grid);
        s.inject(grid, model, at);
        s.find_numbers(grid, model, at, &island);
        for (role, &k) in s.role.iter_mut().zip(&island) {
            if k != u32::MAX && s.islands[k as usize].closed.is_some() {
                *role = Role::Dead;
            }
        }
        s.live = (0..model.branches)
            .map(|l| {
                let (f, t) = model.ends(l);
                at.branch_in_service[l] && s.role[f] != Role::Dead && s.role[t] != Role::Dead
            })
            .collect();
        for (live, line) in s.dc_live.iter_mut().zip(&grid.dc_lines) {
            *live &= s.role[line.from.i()] != Role::Dead && s.role[line.to.i()] != Role::Dead;
        }
        for (i, role) in s.role.iter().enumerate() {
            if *role == Role::Reference {
                s.closing.push((i as u32, s.p[i]));
            }
        }
        s
    }

    /// Roles of the buses with units. An island's references are its buses of that kind
    /// with a unit in service; without any, the bus with the largest capacity in service
    /// (the first of equals).
    fn choose_references(&mut self, grid: &Grid, at: &Snapshot, island: &[u32]) {
        let mut capacity = vec![0.0f64; grid.buses.len()];
        for (g, unit) in grid.generators.iter().enumerate() {
            let i = unit.bus.i();
            if !at.generator_in_service[g] || island[i] == u32::MAX {
                continue;
            }
            // `max` drops what is not a number.
            capacity[i] += unit.p_max_mw.max(0.0);
            self.vm[i] = at.generator_vm_pu[g];
            self.role[i] = match grid.buses[i].kind {
                BusKind::Load => Role::Load,
                BusKind::Generator => Role::Regulated,
                BusKind::Reference => Role::Reference,
            };
        }
        let mut best = vec![0.0f64; self.islands.len()];
        let mut largest = vec![u32::MAX; self.islands.len()];
        for (i, &k) in island.iter().enumerate().filter(|(_, k)| **k != u32::MAX) {
            let k = k as usize;
            if self.role[i] == Role::Reference && self.islands[k].reference == u32::MAX {
                self.islands[k].reference = i as u32;
            }
            if capacity[i] > best[k] {
                best[k] = capacity[i];
                largest[k] = i as u32;
            }
        }
        let mut first = vec![u32::MAX; self.islands.len()];
        for (i, &k) in island.iter().enumerate().rev().filter(|(_, k)| **k != u32::MAX) {
            first[k as usize] = i as u32;
        }
        for (k, s) in self.islands.iter_mut().enumerate() {
            if s.reference != u32::MAX {
                continue;
            }
            if largest[k] == u32::MAX {
                s.reference = first[k];
                s.closed = Some(IslandStatus::NoGenerator);
            } else {
                s.reference = largest[k];
                self.role[largest[k] as usize] = Role::Reference;
            }
        }
    }

    /// Adds what islands have `shared` (p.u.) to the injections, in proportion to `weight` by
    /// bus.
    pub fn add_shared(&mut self, weight: &[f64], shared: &[f64]) {
        for (i, p) in self.p.iter_mut().enumerate() {
            if self.island[i] != u32::MAX {
                *p += weight[i] * shared[self.island[i] as usize];
            }
        }
        for (i, p) in &mut self.closing {
            *p += weight[*i as usize] * shared[self.island[*i as usize] as usize];
        }
    }

    /// Shares every island's imbalance among its units: `of` gives what each island has to
    /// share (p.u.) for the weights by bus.
    pub fn share(
        &mut self,
        grid: &Grid,
        at: &Snapshot,
        of: impl FnOnce(&mut Self, &[f64]) -> Vec<f64>,
    ) {
        let by_unit = self.participation(grid, at);
        let mut by_bus = vec![0.0; self.role.len()];
        for (unit, share) in grid.generators.iter().zip(&by_unit) {
            by_bus[unit.bus.i()] += share;
        }
        let shared = of(self, &by_bus);
        self.shared.resize(by_unit.len(), 0.0);
        for (g, share) in by_unit.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let k = self.island[grid.generators[g].bus.i()] as usize;
            self.shared[g] += share * shared[k];
        }
    }

    /// [`Setting::share`] without losses, for the DC approximation.
    pub fn share_without_losses(&mut self, grid: &Grid, at: &Snapshot) {
        self.share(grid, at, |s, weight| {
            let mut missing = vec![0.0; s.islands.len()];
            for i in (0..s.role.len()).filter(|&i| s.role[i] != Role::Dead) {
                missing[s.island[i] as usize] += s.shunt[i][0] - s.p[i];
            }
            s.add_shared(weight, &missing);
            missing
        });
    }

    /// By generator: its share when its island's units close the balance together, in
    /// proportion to their participation, or to their largest output where none states one.
    fn participation(&self, grid: &Grid, at: &Snapshot) -> Vec<f64> {
        let mut sums = vec![[0.0f64; 2]; self.islands.len()];
        let stated = |unit: &Generator| [unit.participation, unit.p_max_mw].map(positive);
        let up = |g: usize| {
            let i = grid.generators[g].bus.i();
            (at.generator_in_service[g] && self.role[i] != Role::Dead)
                .then(|| self.island[i] as usize)
        };
        for (g, unit) in grid.generators.iter().enumerate() {
            if let Some(k) = up(g) {
                let [participation, capacity] = stated(unit);
                sums[k] = [sums[k][0] + participation, sums[k][1] + capacity];
            }
        }
        let share = |g: usize| {
            let [participation, capacity] = stated(&grid.generators[g]);
            match up(g).map(|k| sums[k]) {
                Some([sum, _]) if sum > 0.0 => participation / sum,
                Some([_, sum]) if sum > 0.0 => capacity / sum,
                _ => 0.0,
            }
        };
        (0..grid.generators.len()).map(share).collect()
    }

    /// Set-points of direct-current lines. From ends before to ends: where several meet, the
    /// last one holds.
    fn regulate_dc_ends(&mut self, grid: &Grid) {
        for to_end in [false, true] {
            for (line, _) in grid.dc_lines.iter().zip(&self.dc_live).filter(|(_, live)| **live) {
                let (bus, vm) =
                    if to_end { (line.to, line.vm_to_pu) } else { (line.from, line.vm_from_pu) };
                self.vm[bus.i()] = vm;
                if self.role[bus.i()] == Role::Load {
                    self.role[bus.i()] = Role::Regulated;
                }
            }
        }
    }

    /// Injections and shunts, with roles of units and direct-current lines known.
    fn inject(&mut self, grid: &Grid, model: &Model, at: &Snapshot) {
        let base = model.base_mva;
        self.shunt.clear();
        let shunts = at.shunt_g_mw.iter().zip(&at.shunt_b_mvar);
        self.shunt.extend(shunts.map(|(g, b)| [g / base, b / base]));
        for of in [&mut self.p, &mut self.q] {
            of.clear();
            of.resize(model.buses, 0.0);
        }
        for (d, load) in grid.loads.iter().enumerate() {
            self.p[load.bus.i()] -= at.load_p_mw[d] / base;
            self.q[load.bus.i()] -= at.load_q_mvar[d] / base;
        }
        for (d, store) in grid.storages.iter().enumerate() {
            self.p[store.bus.i()] -= at.storage_p_mw[d] / base;
            self.q[store.bus.i()] -= at.storage_q_mvar[d] / base;
        }
        for to_end in [false, true] {
            for (d, line) in grid.dc_lines.iter().enumerate().filter(|(d, _)| self.dc_live[*d]) {
                let p = at.dc_line_p_mw[d];
                let (bus, arrives) = if to_end {
                    (line.to, p - (line.loss_mw + line.loss_share * p))
                } else {
                    (line.from, -p)
                };
                self.p[bus.i()] += arrives / base;
            }
        }
        for (g, unit) in grid.generators.iter().enumerate() {
            let i = unit.bus.i();
            if at.generator_in_service[g] && self.island[i] != u32::MAX {
                self.p[i] += at.generator_p_mw[g] / base;
                if self.role[i] == Role::Load {
                    self.q[i] += at.generator_q_mvar[g] / base;
                }
            }
        }
    }

    /// Closes islands in which something is not a finite number.
    fn find_numbers(&mut self, grid: &Grid, model: &Model, at: &Snapshot, island: &[u32]) {
        let mut bad = vec![u32::MAX; self.islands.len()];
        let mut tell = |i: usize, finite: bool| {
            if !finite && island[i] != u32::MAX {
                let first = &mut bad[island[i] as usize];
                *first = (*first).min(i as u32);
            }
        };
        for (i, bus) in grid.buses.iter().enumerate() {
            let sum = self.p[i] + self.q[i] + self.shunt[i][0] + self.shunt[i][1] + self.vm[i];
            tell(i, (sum + bus.vm_pu + bus.va_deg).is_finite());
        }
        for (l, branch) in grid.branches.iter().enumerate() {
            let sum = branch.r_pu + branch.x_pu + branch.b_pu + branch.tap + branch.shift_deg;
            let (f, t) = model.ends(l);
            if at.branch_in_service[l] && island[t] != u32::MAX {
                tell(f, sum.is_finite());
            }
        }
        for (k, &bus) in bad.iter().enumerate().filter(|(_, bus)| **bus != u32::MAX) {
            if self.islands[k].closed.is_none() {
                self.islands[k].closed = Some(IslandStatus::NotANumber { bus: BusIdx(bus) });
            }
        }
    }
}
