//! The hour loop: damage → repair → stores → electricity → dependencies → water → heat
//! → people, for every hour of a scenario.
//!
//! Electricity comes first because everything else hangs on it; what water and heat do
//! to the grid (a combined heat and power plant must make heat) enters by the plants'
//! heat of the hour before.

mod alternating;
mod electricity;
mod homes;
mod plants;
mod profile;
mod protection;
mod record;
mod supply;
mod watch;

use jiff::ToSpan;
use jiff::civil::DateTime;

use crate::damage::{self, Effects};
use crate::grid::Dispatch;
use crate::heat::{HeatHour, HeatInput, HeatSolver, HeatState, hot_water_share};
use crate::region::{Asset, Heat, Priority, Region, Supply};
use crate::repair::RepairShop;
use crate::results::Results;
use crate::scenario::{Scenario, WeatherHour};
use crate::water::{WaterHour, WaterInput, WaterSolver, WaterState, demand_at};

use alternating::Alternating;
use electricity::{Ask, Electricity};
use homes::{Homes, Outdoors, Served};
use plants::Plants;
use record::Recorder;
use supply::{Buffers, needs_electricity};

pub use profile::share as profile_share;
pub use watch::{Phase, Unwatched, Watch};

/// Length of a step, h.
const STEP_H: f64 = 1.0;

/// Runs `scenario` on `region`.
///
/// `watch` hears of every hour; when it breaks, the run ends there and the results hold
/// the hours that are finished. Uses the threads of the caller's rayon pool; the results
/// do not depend on their number. Campaigns that are not drawn yet are drawn as
/// [`Scenario::drawn`] does; the results' events are then those of the drawn scenario.
pub fn run(region: &Region, scenario: &Scenario, watch: &mut dyn Watch) -> Results {
    if !scenario.campaigns.is_empty() {
        return run(region, &scenario.drawn(scenario.draw), watch);
    }
    let hours = scenario.horizon_h as usize;
    let mut simulation = Simulation::new(region, scenario);
    let mut recorder = Recorder::new(region, hours);
    for hour in 0..hours {
        simulation.hour(hour, &mut recorder, watch);
        if watch.hour(hour + 1, hours).is_break() {
            break;
        }
    }
    let mut results = recorder.finish(simulation.shop.records());
    results.alternating = simulation.alternating.map(Alternating::into_table);
    results
}

/// Everything that outlives an hour.
struct Simulation<'a> {
    region: &'a Region,
    scenario: &'a Scenario,
    shop: RepairShop<'a>,
    effects: Effects,
    electricity: Electricity,
    alternating: Option<Alternating>,
    buffers: Buffers,
    plants: Plants,
    homes: Homes,
    water: WaterSolver,
    water_state: WaterState,
    heat: HeatSolver,
    /// The region's heat networks, mobile plants where the scenario connects them.
    heat_network: Heat,
    heat_state: HeatState,
    work: Work,
}

/// Columns of one hour, reused.
#[derive(Default)]
struct Work {
    load_share: Vec<f64>,
    heating_mw: Vec<f64>,
    junction_m3h: Vec<f64>,
    own_m3h: Vec<f64>,
    pump_capacity: Vec<f64>,
    substation_mw: Vec<f64>,
    substation_indoor_c: Vec<f64>,
    hot_water_mw: Vec<f64>,
    district_share: Vec<f64>,
    electricity_share: Vec<f64>,
    heating_share: Vec<f64>,
    water_share: Vec<f64>,
}

/// What the networks did in an hour, for the recorder.
struct Hour<'a> {
    at: usize,
    weather: WeatherHour,
    dispatch: &'a Dispatch,
    water: &'a WaterHour,
    heat: &'a HeatHour,
}

impl<'a> Simulation<'a> {
    fn new(region: &'a Region, scenario: &'a Scenario) -> Self {
        let weather = weather_at(scenario, 0);
        let water = WaterSolver::new(region.water());
        let mut heat_network = region.heat().clone();
        for mobile in &scenario.mobile_plants {
            heat_network.plants[mobile.plant.i()].junction = mobile.junction;
        }
        let heat = HeatSolver::new(&heat_network);
        let mut water_state = water.initial_state(region.water());
        // Patterns of a network's file run by its own clock; ours starts in the evening.
        let start_h = f64::from(scenario.start.hour()) - region.water().options.start_clock_h;
        water_state.time_h = start_h.rem_euclid(24.0);
        let heat_state = heat.initial_state(&heat_network, weather.outdoor_c);
        let areas = region.places().areas.len();
        let junctions = region.water().junctions.len();
        let substations = region.heat().substations.len();
        Self {
            region,
            scenario,
            shop: RepairShop::new(region, scenario),
            effects: Effects::new(region),
            electricity: Electricity::new(region),
            alternating: Alternating::new(region, scenario.policy.grid),
            buffers: Buffers::new(region),
            plants: Plants::new(region, weather.outdoor_c),
            homes: Homes::new(region, scenario),
            water,
            water_state,
            heat,
            heat_network,
            heat_state,
            work: Work {
                load_share: vec![0.0; region.grid().loads.len()],
                heating_mw: vec![0.0; areas],
                junction_m3h: vec![0.0; junctions],
                own_m3h: vec![0.0; junctions],
                pump_capacity: vec![1.0; region.water().pumps.len()],
                substation_mw: vec![0.0; substations],
                substation_indoor_c: vec![20.0; substations],
                hot_water_mw: vec![0.0; substations],
                district_share: vec![1.0; substations],
                electricity_share: vec![1.0; areas],
                heating_share: vec![1.0; areas],
                water_share: vec![1.0; areas],
            },
        }
    }

    fn hour(&mut self, at: usize, recorder: &mut Recorder, watch: &mut dyn Watch) {
        watch.phase(Phase::Damage);
        let clock = clock_at(self.scenario, at);
        let weather = weather_at(self.scenario, at);
        let struck = self.before_strike(at, clock, weather);
        self.strike(at, recorder);
        let clock_h = u32::try_from(clock.hour()).unwrap_or(0);
        self.shop.hour(at, clock_h, STEP_H);
        self.effects.update(self.region, self.shop.functionality());
        if let Some(struck) = struck {
            let record = self.protect(at, struck);
            recorder.protected(record);
        }

        watch.phase(Phase::Electricity);
        self.plants.connect(self.region, &self.scenario.mobile_plants, at);
        let set_c = self.scenario.policy.indoor_set_c;
        let outdoors = Outdoors::of(self.scenario, at);
        self.homes.ask(self.region, set_c, &outdoors, STEP_H);
        let mut dispatch = self.electricity_hour(at, clock, weather);
        if let Some(alternating) = &mut self.alternating {
            alternating.hour(at, &self.electricity, &mut dispatch);
        }
        // Dispatchers close again what relays opened, before the next hour.
        self.electricity.trips = None;
        self.supply_electricity(at, &dispatch);
        watch.phase(Phase::Water);
        let water = self.water_hour();
        watch.phase(Phase::Heat);
        let heat = self.heat_hour(clock, weather, &dispatch);
        watch.phase(Phase::Homes);
        let served = Served {
            electricity: &self.work.electricity_share,
            heating: &self.work.heating_share,
            district: &self.work.district_share,
        };
        self.homes.heat(self.region, &served);
        self.plants.burn(self.region, &self.scenario.policy, &dispatch, &heat, STEP_H);
        watch.phase(Phase::Record);
        let hour = Hour { at, weather, dispatch: &dispatch, water: &water, heat: &heat };
        recorder.hour(self, &hour);
    }

    /// Damage of all events that fall into this hour.
    fn strike(&mut self, at: usize, recorder: &mut Recorder) {
        self.shop.settle();
        for (e, event) in self.scenario.events.iter().enumerate() {
            if event.at_h < at as f64 || event.at_h >= (at + 1) as f64 {
                continue;
            }
            let (strike, damaged) =
                damage::apply(self.region, self.scenario, e, self.shop.functionality());
            self.shop.damaged(&damaged);
            recorder.damaged(strike, damaged);
        }
    }

    fn electricity_hour(&mut self, at: usize, clock: DateTime, weather: WeatherHour) -> Dispatch {
        let design_c = self.region.heat().options.design_outdoor_c;
        let factor = self.scenario.demand_factor;
        for (load, share) in self.region.grid().loads.iter().zip(&mut self.work.load_share) {
            *share = if load.in_service {
                factor * profile_share(load.profile, clock, weather.outdoor_c, design_c)
            } else {
                0.0
            };
        }
        let heating = &mut self.work.heating_mw;
        heating.fill(0.0);
        self.homes.electric_mw(self.region, |area, mw| heating[area] += mw);
        self.plants.plan(self.region, &self.effects, &self.buffers, weather.outdoor_c);
        let policy = &self.scenario.policy;
        let import_share =
            policy.import_share.get(at).or(policy.import_share.last()).copied().unwrap_or(1.0);
        let ask = Ask {
            load_share: &self.work.load_share,
            heating_mw: &self.work.heating_mw,
            hour: at,
            import_share,
            has_fuel: self.plants.generator_has_fuel(),
            heat_bounds_mw: self.plants.heat_bounds_mw(),
        };
        self.electricity.hour(self.region, policy, &self.effects, &ask)
    }

    /// Gives what was served to dependencies, sites and areas.
    fn supply_electricity(&mut self, at: usize, dispatch: &Dispatch) {
        let first = Electricity::first_dependency(self.region);
        let policy = &self.scenario.policy;
        let refuel_h = policy.backup_refuel_h_per_day / 24.0 * STEP_H;
        for (i, d) in self.region.dependencies().iter().enumerate() {
            if !needs_electricity(d) {
                continue;
            }
            let demand = self.electricity.demands[first + i];
            let alive = self.electricity.bus_alive()[demand.bus.i()];
            let arrived = share_of(dispatch.served_mw[first + i], demand.p_mw)
                .unwrap_or(if alive { 1.0 } else { 0.0 });
            self.buffers.hour(i, d, arrived, STEP_H, refuel_h);
        }
        if self.mobile_generators_have_arrived(at) {
            self.buffers.send_mobile_generators(self.region, policy);
        }
        self.share_by_area(dispatch);
        // What electric heating got of what it asked for.
        let first = first + self.region.dependencies().len();
        for (a, share) in self.work.heating_share.iter_mut().enumerate() {
            let asked_mw = self.electricity.demands[first + a].p_mw;
            *share = share_of(dispatch.served_mw[first + a], asked_mw)
                .unwrap_or(self.work.electricity_share[a]);
        }
    }

    /// Mobile generators set out with the first event.
    fn mobile_generators_have_arrived(&self, at: usize) -> bool {
        let first = self.scenario.events.iter().map(|e| e.at_h).fold(f64::INFINITY, f64::min);
        at as f64 >= first + self.scenario.policy.mobile_generator_delay_h
    }

    /// Share of homes' demand served, by area: of the homes' loads at its bus, of any
    /// load there where there are none, and whether the bus is alive where nothing is
    /// connected.
    fn share_by_area(&mut self, dispatch: &Dispatch) {
        let grid = self.region.grid();
        let buses = grid.buses.len();
        let mut want = vec![[0.0; 2]; buses];
        let mut got = vec![[0.0; 2]; buses];
        for (i, load) in grid.loads.iter().enumerate() {
            let p_mw = self.electricity.demands[i].p_mw;
            if p_mw > 0.0 {
                let kind = usize::from(load.priority != Priority::Homes);
                want[load.bus.i()][kind] += p_mw;
                got[load.bus.i()][kind] += dispatch.served_mw[i];
            }
        }
        for (area, share) in self.region.places().areas.iter().zip(&mut self.work.electricity_share)
        {
            *share = match area.bus {
                None => 1.0,
                Some(bus) => {
                    let b = bus.i();
                    share_of(got[b][0], want[b][0])
                        .or_else(|| share_of(got[b][1], want[b][1]))
                        .unwrap_or(if self.electricity.bus_alive()[b] { 1.0 } else { 0.0 })
                }
            };
        }
    }

    fn water_hour(&mut self) -> WaterHour {
        let water = self.region.water();
        let work = &mut self.work;
        demand_at(water, self.water_state.time_h, &mut work.own_m3h);
        work.junction_m3h.copy_from_slice(&work.own_m3h);
        for d in self.region.dependencies() {
            if let Some(Supply::Junction(j)) = d.on.first() {
                work.junction_m3h[j.i()] += d.need_m3h;
            }
        }
        work.pump_capacity.copy_from_slice(&self.effects.pump_share);
        for (i, d) in self.region.dependencies().iter().enumerate() {
            if let Asset::Pump(p) = d.asset {
                let running = self.effects.pump_share[p.i()] * self.buffers.effective(i);
                work.pump_capacity[p.i()] = work.pump_capacity[p.i()].min(running);
            }
        }
        let input = WaterInput {
            demand_m3h: &work.junction_m3h,
            pump_capacity: &work.pump_capacity,
            pipe_whole: &self.effects.pipe_whole,
            tank_whole: &self.effects.tank_whole,
            step_h: STEP_H,
        };
        let hour = self.water.step(water, &input, &mut self.water_state);
        self.supply_water(&hour);
        hour
    }

    fn supply_water(&mut self, hour: &WaterHour) {
        let water = self.region.water();
        let share_at = |j: usize, demand: &[f64]| {
            share_of(hour.supplied_m3h[j], demand[j]).unwrap_or_else(|| {
                // Nobody draws here: what would come out at this pressure (Wagner).
                let o = &water.options;
                let pressure = hour.head_m[j] - water.junctions[j].elevation_m;
                let span = (o.required_pressure_m - o.min_pressure_m).max(f64::MIN_POSITIVE);
                if pressure.is_nan() {
                    0.0
                } else {
                    let part = ((pressure - o.min_pressure_m) / span).clamp(0.0, 1.0);
                    part.powf(o.pressure_exponent)
                }
            })
        };
        for (i, d) in self.region.dependencies().iter().enumerate() {
            if let Some(Supply::Junction(j)) = d.on.first() {
                let arrived = share_at(j.i(), &self.work.junction_m3h);
                self.buffers.hour(i, d, arrived, STEP_H, 0.0);
            }
        }
        for (area, share) in self.region.places().areas.iter().zip(&mut self.work.water_share) {
            *share = area.junction.map_or(1.0, |j| share_at(j.i(), &self.work.junction_m3h));
        }
    }

    fn heat_hour(
        &mut self,
        clock: DateTime,
        weather: WeatherHour,
        dispatch: &Dispatch,
    ) -> HeatHour {
        let heat = &self.heat_network;
        let drawn = hot_water_share(usize::try_from(clock.hour()).unwrap_or(0));
        for (mw, s) in self.work.hot_water_mw.iter_mut().zip(&heat.substations) {
            *mw = s.hot_water_mw * drawn;
        }
        self.homes.district(
            self.region,
            &mut self.work.substation_mw,
            &mut self.work.substation_indoor_c,
        );
        self.plants.limit(self.region, &self.effects, &self.buffers, dispatch);
        let input = HeatInput {
            available_mw: self.plants.available_mw(),
            circulation: self.plants.circulation(),
            pipe_whole: &self.effects.heat_pipe_whole,
            demand_mw: &self.work.substation_mw,
            hot_water_mw: &self.work.hot_water_mw,
            indoor_c: &self.work.substation_indoor_c,
            outdoor_c: weather.outdoor_c,
            step_h: STEP_H,
        };
        let hour = self.heat.step(heat, &input, &mut self.heat_state);
        for (s, share) in self.work.district_share.iter_mut().enumerate() {
            *share = share_of(hour.delivered_mw[s], self.work.substation_mw[s]).unwrap_or(1.0);
        }
        hour
    }
}

/// got / want, capped to 0 … 1; none where nothing is wanted.
fn share_of(got: f64, want: f64) -> Option<f64> {
    (want > 1e-9).then(|| (got / want).clamp(0.0, 1.0))
}

fn weather_at(scenario: &Scenario, hour: usize) -> WeatherHour {
    let hours = &scenario.weather.hours;
    hours.get(hour).or(hours.last()).copied().unwrap_or(WeatherHour {
        outdoor_c: 0.0,
        wind_m_s: 0.0,
        solar_w_m2: 0.0,
    })
}

/// Local time of the start of `hour`.
#[must_use]
pub fn clock_at(scenario: &Scenario, hour: usize) -> DateTime {
    let span = i64::try_from(hour).unwrap_or(i64::MAX).hours();
    scenario.start.checked_add(span).unwrap_or(scenario.start)
}
