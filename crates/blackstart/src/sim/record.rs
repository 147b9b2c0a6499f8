//! Writes every hour into the result tables.

use crate::region::{Asset, BuildingType, Facility, FacilityClass, Priority, Region};
use crate::results::{
    CascadeRecord, DEGREE_THRESHOLDS_C, DamageRecord, FacilityState, HourStatus,
    INDOOR_THRESHOLDS_C, RepairRecord, Results, StrikeRecord, WITHOUT_WATER_BELOW,
};

use crate::water::tank_volume_m3;

use super::electricity::imbalance;
use super::homes::{BLOCKED_ICE_SHARE, BURST, DRAINED};
use super::plants::Plants;
use super::supply::needs_electricity;
use super::{Hour, Simulation, share_of};

/// A tank within this height of its lowest level counts as empty, m.
const EMPTY_WITHIN_M: f64 = 0.01;

/// Results in the making.
pub(super) struct Recorder {
    results: Results,
    scratch: Scratch,
}

/// Columns of one hour, reused.
#[derive(Default)]
struct Scratch {
    bus_served_mw: Vec<f64>,
    stock_mean: Vec<[f64; BuildingType::ALL.len()]>,
    stock_people: Vec<[f64; BuildingType::ALL.len()]>,
}

impl Recorder {
    pub(super) fn new(region: &Region, hours: usize) -> Self {
        let mut results = Results::default();
        let areas = region.places().areas.len();
        let p = &mut results.places;
        for column in [
            &mut p.electricity_share,
            &mut p.water_share,
            &mut p.pressure_m,
            &mut p.heat_share,
            &mut p.indoor_c,
        ] {
            column.reserve(hours * areas);
        }
        Self { results, scratch: Scratch::default() }
    }

    pub(super) fn damaged(&mut self, strike: Option<StrikeRecord>, damaged: Vec<DamageRecord>) {
        self.results.strikes.extend(strike);
        self.results.damage.extend(damaged);
    }

    pub(super) fn protected(&mut self, record: CascadeRecord) {
        self.results.cascades.push(record);
    }

    pub(super) fn finish(mut self, repairs: Vec<RepairRecord>) -> Results {
        self.results.repairs = repairs;
        self.results
    }

    pub(super) fn hour(&mut self, sim: &Simulation<'_>, hour: &Hour<'_>) {
        self.electricity(sim, hour);
        self.water(sim, hour);
        self.heat(sim, hour);
        self.homes(sim);
        self.people(sim);
        self.facilities(sim, hour);
        self.sites(sim);
        let t = &mut self.results.totals;
        t.outdoor_c.push(hour.weather.outdoor_c);
        t.teams_busy.push(f64::from(sim.shop.teams_busy()));
        let damaged = sim.shop.functionality().iter().filter(|f| **f < 1.0).count();
        t.facilities_damaged.push(damaged as f64);
        self.results.hours = hour.at + 1;
    }

    fn electricity(&mut self, sim: &Simulation<'_>, hour: &Hour<'_>) {
        let t = &mut self.results.totals;
        let dispatch = hour.dispatch;
        let mut demand = [0.0; 3];
        let mut served = [0.0; 3];
        self.scratch.bus_served_mw.clear();
        self.scratch.bus_served_mw.resize(sim.region.grid().buses.len(), 0.0);
        for ((d, priority), got) in
            sim.electricity.demands.iter().zip(&sim.electricity.priority).zip(&dispatch.served_mw)
        {
            // A negative demand is a source; it is not somebody's need.
            if d.p_mw > 0.0 {
                let k = *priority as usize;
                demand[k] += d.p_mw;
                served[k] += got;
                self.scratch.bus_served_mw[d.bus.i()] += got;
            }
        }
        t.demand_mw.push(demand.iter().sum());
        t.served_mw.push(served.iter().sum());
        for k in 0..Priority::ALL.len() {
            t.demand_by_priority_mw[k].push(demand[k]);
            t.served_by_priority_mw[k].push(served[k]);
        }
        let imports = sim.region.grid().generators.iter().zip(&dispatch.p_mw);
        t.import_mw.push(
            imports
                .filter(|(g, _)| g.kind == crate::region::GeneratorKind::Import)
                .map(|(_, p)| p)
                .sum(),
        );
        t.live_islands.push(dispatch.island_alive.iter().filter(|a| **a).count() as f64);
        t.grid_status.push(dispatch.status.clone().unwrap_or(HourStatus::Solved));
        t.grid_imbalance_share.push(imbalance(sim.region, &sim.electricity.demands, dispatch));
    }

    fn water(&mut self, sim: &Simulation<'_>, hour: &Hour<'_>) {
        let t = &mut self.results.totals;
        let demand: f64 = sim.work.junction_m3h.iter().map(|d| d.max(0.0)).sum();
        let pairs = hour.water.supplied_m3h.iter().zip(&sim.work.junction_m3h);
        let supplied: f64 = pairs.filter(|(_, d)| **d > 0.0).map(|(s, _)| s).sum();
        t.water_demand_m3h.push(demand);
        t.water_supplied_m3h.push(supplied);
        let tanks = sim.region.water().tanks.iter().zip(&sim.water_state.level_m);
        t.tank_volume_m3.push(tanks.map(|(tank, level_m)| tank_volume_m3(tank, *level_m)).sum());
        t.water_imbalance_share.push(hour.water.imbalance_m3h / demand.max(1.0));
        t.water_status.push(hour.water.status.clone().unwrap_or(HourStatus::Solved));
        let junctions = &sim.region.water().junctions;
        for (a, area) in sim.region.places().areas.iter().enumerate() {
            let p = &mut self.results.places;
            p.electricity_share.push(sim.work.electricity_share[a]);
            p.water_share.push(sim.work.water_share[a]);
            p.pressure_m.push(
                area.junction
                    .map_or(f64::NAN, |j| hour.water.head_m[j.i()] - junctions[j.i()].elevation_m),
            );
        }
    }

    fn heat(&mut self, sim: &Simulation<'_>, hour: &Hour<'_>) {
        let t = &mut self.results.totals;
        let hot_water_mw: f64 = sim.work.hot_water_mw.iter().sum();
        let hot_water_delivered_mw: f64 = hour.heat.hot_water_mw.iter().sum();
        t.hot_water_demand_mw.push(hot_water_mw);
        t.hot_water_delivered_mw.push(hot_water_delivered_mw);
        t.heat_demand_mw.push(sim.work.substation_mw.iter().sum::<f64>() + hot_water_mw);
        let homes_mw: f64 = hour.heat.delivered_mw.iter().sum();
        t.heat_delivered_mw.push(homes_mw + hot_water_delivered_mw);
        t.heat_fuel_mw.push(Plants::fuel_mw(sim.region, hour.dispatch, hour.heat));
        t.heat_made_mw.push(hour.heat.made_mw.iter().sum());
        t.heat_imbalance_share.push(hour.heat.balance_error);
        t.homes_imbalance_share.push(sim.homes.balance_error);
        t.heat_status.push(hour.heat.status.clone().unwrap_or(HourStatus::Solved));
    }

    /// Indoor temperatures by area and type, and who is cold.
    fn homes(&mut self, sim: &Simulation<'_>) {
        const TYPES: usize = BuildingType::ALL.len();
        let areas = sim.region.places().areas.len();
        let s = &mut self.scratch;
        s.stock_mean.clear();
        s.stock_mean.resize(areas, [0.0; TYPES]);
        s.stock_people.clear();
        s.stock_people.resize(areas, [0.0; TYPES]);
        let mut below = vec![[0.0; INDOOR_THRESHOLDS_C.len()]; areas];
        let mut person_k = [0.0; DEGREE_THRESHOLDS_C.len()];
        // By area: people in drained and in burst buildings, and with frozen taps.
        let mut pipes = vec![[0.0; 3]; areas];
        let mut need = vec![0.0; areas];
        let mut got = vec![0.0; areas];
        let mut without = 0.0;
        let mut least_by_area = vec![f64::NAN; areas];
        let mut least_by_type = [f64::NAN; TYPES];
        for (i, row) in sim.region.places().stock.iter().enumerate() {
            let (a, k) = (row.area.i(), row.building as usize);
            need[a] += sim.homes.need_mw[i];
            got[a] += sim.homes.got_mw[i];
            s.stock_people[a][k] += row.people;
            for (state, part, without_heat) in sim.homes.parts_of(i) {
                let (c, people) = (part.indoor_c, part.share * row.people);
                s.stock_mean[a][k] += people * c;
                least_by_area[a] = least_by_area[a].min(c);
                least_by_type[k] = least_by_type[k].min(c);
                for (count, limit) in below[a].iter_mut().zip(INDOOR_THRESHOLDS_C) {
                    if c < limit {
                        *count += people;
                    }
                }
                for (sum, limit) in person_k.iter_mut().zip(DEGREE_THRESHOLDS_C) {
                    *sum += people * (limit - c).max(0.0);
                }
                if without_heat {
                    without += people;
                }
                let frozen =
                    if part.taps.ice_share >= BLOCKED_ICE_SHARE { 1.0 } else { part.taps_burst };
                pipes[a][0] += people * f64::from(u8::from(state == DRAINED));
                pipes[a][1] += people * f64::from(u8::from(state == BURST));
                pipes[a][2] += people * frozen;
            }
        }
        let (t, p) = (&mut self.results.totals, &mut self.results.places);
        t.people_without_heat.push(without);
        for limit in 0..INDOOR_THRESHOLDS_C.len() {
            t.people_below_c[limit].push(below.iter().map(|b| b[limit]).sum());
            p.people_below_c[limit].extend(below.iter().map(|b| b[limit]));
        }
        for (column, sum) in t.person_k_below_c.iter_mut().zip(person_k) {
            column.push(sum);
        }
        let columns = [
            (&mut t.people_drained, &mut p.people_drained),
            (&mut t.people_burst, &mut p.people_burst),
            (&mut t.people_taps_frozen, &mut p.people_taps_frozen),
        ];
        for (what, (total, by_area)) in columns.into_iter().enumerate() {
            total.push(pipes.iter().map(|area| area[what]).sum());
            by_area.extend(pipes.iter().map(|area| area[what]));
        }
        t.emergency_heaters_mw.push(sim.homes.heaters_mw);
        p.indoor_min_c.extend(least_by_area);
        for a in 0..areas {
            p.heat_share.push(share_of(got[a], need[a]).unwrap_or(1.0));
            let people: f64 = s.stock_people[a].iter().sum();
            p.indoor_c.push(s.stock_mean[a].iter().sum::<f64>() / people);
        }
        for k in 0..TYPES {
            let (mut sum, mut people) = (0.0, 0.0);
            for a in 0..areas {
                let mean = s.stock_mean[a][k] / s.stock_people[a][k];
                p.indoor_by_type_c[k].push(mean);
                sum += s.stock_mean[a][k];
                people += s.stock_people[a][k];
            }
            t.indoor_c[k].push(sum / people);
            t.indoor_min_c[k].push(least_by_type[k]);
        }
    }

    fn people(&mut self, sim: &Simulation<'_>) {
        let t = &mut self.results.totals;
        let (mut dark, mut dry) = (0.0, 0.0);
        for (a, area) in sim.region.places().areas.iter().enumerate() {
            dark += area.people * (1.0 - sim.work.electricity_share[a]);
            if sim.work.water_share[a] < WITHOUT_WATER_BELOW {
                dry += area.people;
            }
        }
        t.people_without_electricity.push(dark);
        t.people_without_water.push(dry);
    }

    fn facilities(&mut self, sim: &Simulation<'_>, hour: &Hour<'_>) {
        let table = &mut self.results.facilities;
        let under_repair = sim.shop.under_repair();
        let supply = AssetSupply::of(sim);
        for (f, facility) in sim.region.facilities().iter().enumerate() {
            let functionality = sim.shop.functionality()[f];
            table.functionality.push(functionality);
            table.state.push(if under_repair[f] {
                FacilityState::UnderRepair
            } else if functionality <= 0.0 {
                FacilityState::Lost
            } else if functionality < 1.0 {
                FacilityState::Damaged
            } else {
                supply.state(sim, facility)
            });
            table.output.push(output(sim, hour, facility, &self.scratch.bus_served_mw));
        }
    }

    fn sites(&mut self, sim: &Simulation<'_>) {
        let sites = sim.region.places().sites.len();
        let mut state = vec![FacilityState::Served; sites];
        let mut left_h = vec![f64::NAN; sites];
        for (at, d) in sim.region.dependencies().iter().enumerate() {
            if let (Asset::Site(s), true) = (d.asset, needs_electricity(d)) {
                left_h[s.i()] = sim.buffers.left_h(at);
                state[s.i()] = supply_state(
                    sim.buffers.arrived(at),
                    sim.buffers.effective(at),
                    sim.buffers.on_mobile_generator(at),
                );
            }
        }
        self.results.sites.state.extend(state);
        self.results.sites.backup_left_h.extend(left_h);
    }
}

/// How something is supplied that gets `arrived` from its bus and `effective` in all.
fn supply_state(arrived: f64, effective: f64, mobile: bool) -> FacilityState {
    const ENOUGH: f64 = 0.95;
    if arrived >= ENOUGH {
        FacilityState::Served
    } else if mobile || effective >= 0.5 {
        FacilityState::Backup
    } else {
        FacilityState::Dark
    }
}

/// The least that arrives at, and is effective for, each pump and plant.
struct AssetSupply {
    pump: Vec<(f64, f64)>,
    plant: Vec<(f64, f64)>,
}

impl AssetSupply {
    fn of(sim: &Simulation<'_>) -> Self {
        let mut supply = Self {
            pump: vec![(1.0, 1.0); sim.region.water().pumps.len()],
            plant: vec![(1.0, 1.0); sim.region.heat().plants.len()],
        };
        for (at, d) in sim.region.dependencies().iter().enumerate() {
            let slot = match d.asset {
                Asset::Pump(p) => &mut supply.pump[p.i()],
                Asset::Plant(p) => &mut supply.plant[p.i()],
                Asset::Bus(_)
                | Asset::Branch(_)
                | Asset::Generator(_)
                | Asset::Pipe(_)
                | Asset::Tank(_)
                | Asset::HeatPipe(_)
                | Asset::Site(_) => continue,
            };
            slot.0 = slot.0.min(sim.buffers.arrived(at));
            slot.1 = slot.1.min(sim.buffers.effective(at));
        }
        supply
    }

    /// State of a whole facility: that of its best supplied part.
    fn state(&self, sim: &Simulation<'_>, facility: &Facility) -> FacilityState {
        let alive = |on: bool| if on { FacilityState::Served } else { FacilityState::Dark };
        let rank = |s: FacilityState| match s {
            FacilityState::Served => 2,
            FacilityState::Backup => 1,
            FacilityState::Dark
            | FacilityState::Damaged
            | FacilityState::Lost
            | FacilityState::UnderRepair => 0,
        };
        let parts = facility.parts.iter().filter_map(|part| match *part {
            Asset::Bus(b) => Some(alive(sim.electricity.bus_alive()[b.i()])),
            Asset::Branch(b) if facility.class == FacilityClass::Substation => {
                Some(alive(sim.electricity.branch_in_service()[b.i()]))
            }
            Asset::Branch(b) => {
                let branch = &sim.region.grid().branches[b.i()];
                Some(alive(sim.electricity.bus_alive()[branch.from.i()]))
            }
            Asset::Generator(g) => Some(alive(sim.electricity.p_max_mw[g.i()] > 0.0)),
            Asset::Pump(p) => Some(supply_state(self.pump[p.i()].0, self.pump[p.i()].1, false)),
            Asset::Plant(p) => Some(supply_state(self.plant[p.i()].0, self.plant[p.i()].1, false)),
            Asset::Tank(n) => {
                let tanks = &sim.region.water().tanks;
                let t = n.i() - (sim.region.water().node_count() - tanks.len());
                let left_m = sim.water_state.level_m[t] - tanks[t].min_level_m;
                Some(alive(left_m > EMPTY_WITHIN_M))
            }
            Asset::Pipe(_) | Asset::HeatPipe(_) | Asset::Site(_) => None,
        });
        parts.max_by_key(|s| rank(*s)).unwrap_or(FacilityState::Served)
    }
}

/// What a facility carries this hour; see `FacilityTable::output`.
fn output(
    sim: &Simulation<'_>,
    hour: &Hour<'_>,
    facility: &Facility,
    bus_served_mw: &[f64],
) -> f64 {
    let parts = facility.parts.iter();
    match facility.class {
        FacilityClass::Substation => parts
            .filter_map(|p| if let Asset::Bus(b) = p { Some(bus_served_mw[b.i()]) } else { None })
            .sum(),
        FacilityClass::PowerPlant => parts
            .filter_map(|p| {
                if let Asset::Generator(g) = p { Some(hour.dispatch.p_mw[g.i()]) } else { None }
            })
            .sum(),
        FacilityClass::BoilerHouse => parts
            .filter_map(
                |p| if let Asset::Plant(i) = p { Some(hour.heat.made_mw[i.i()]) } else { None },
            )
            .sum(),
        FacilityClass::PumpingStation => parts
            .filter_map(|p| {
                if let Asset::Pump(i) = p { Some(hour.water.pump_flow_m3h[i.i()]) } else { None }
            })
            .sum(),
        FacilityClass::WaterTank => {
            let tanks = &sim.region.water().tanks;
            let first = sim.region.water().node_count() - tanks.len();
            parts
                .filter_map(|p| {
                    let Asset::Tank(n) = p else { return None };
                    let t = n.i() - first;
                    Some(tank_volume_m3(&tanks[t], sim.water_state.level_m[t]))
                })
                .sum()
        }
        FacilityClass::Line | FacilityClass::Cable => parts
            .filter_map(|p| {
                if let Asset::Branch(b) = p {
                    Some(hour.dispatch.flow_mw[b.i()].abs())
                } else {
                    None
                }
            })
            .sum(),
        FacilityClass::HeatMain | FacilityClass::WaterMain => f64::NAN,
    }
}
