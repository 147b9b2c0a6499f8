//! Homes over time: what heat they need, what they get, how cold they are, and what the
//! frost does to their pipes.
//!
//! Order within an hour: [`Homes::ask`] tells what heating and emergency heaters want from
//! the state at its beginning; electricity and heat networks answer; [`Homes::heat`] carries
//! the homes over the hour with what they got, and their pipes after it.

mod part;
mod pipes;

use crate::heat::{Building, Exposure, Irradiance, Outside, Step, Thermal, envelope, irradiance};
use crate::region::{Area, BuildingType, Heating, Region};
use crate::scenario::{HomePolicy, Scenario, WeatherHour};

use self::part::{FULL, Parts, whole};
use self::pipes::{Circulation, PipeHour};

pub(super) use self::part::{BURST, DRAINED, Part};

/// Radiators give this much more than the design load at most; it bounds what a cold
/// home can take up when heat returns.
const RADIATOR_RESERVE: f64 = 1.2;

/// Internal gains that stay when the electricity is off: people, not appliances.
const GAINS_WITHOUT_ELECTRICITY: f64 = 0.5;

/// Share of needed heat below which a home counts as without heat.
pub(super) const WITHOUT_HEAT_BELOW: f64 = 0.5;

/// Share of the heat asked for below which water in the heating counts as standing.
const STANDS_BELOW: f64 = 0.01;

/// Ice share from which a tap gives no water: crystals that grow into standing water bridge
/// the pipe when a few percent of it are ice (Gilpin 1977).
pub(super) const BLOCKED_ICE_SHARE: f64 = 0.05;

/// All homes of a region, by row of its building stock.
#[derive(Clone, Debug)]
pub(super) struct Homes {
    /// By row: its buildings that are full of water, drained and burst.
    pub(super) parts: Vec<Parts>,
    /// By row: heat needed this hour, MW.
    pub(super) need_mw: Vec<f64>,
    /// By row: heat got from the homes' own heating this hour, MW.
    pub(super) got_mw: Vec<f64>,
    /// Got from electric emergency heaters this hour, MW.
    pub(super) heaters_mw: f64,
    /// Worst heat-balance error of any home this hour, relative.
    pub(super) balance_error: f64,
    policy: HomePolicy,
    rows: Vec<Row>,
    kinds: Vec<Kind>,
    /// By kind of building: the step of this hour.
    steps: Vec<Step>,
    step_h: f64,
    outdoor_c: f64,
}

/// A row of the building stock.
#[derive(Clone, Copy, Debug)]
struct Row {
    kind: usize,
    /// Largest heat its radiators give, W/m².
    limit_w_m2: f64,
    /// Asked of the heating, MW.
    ask_mw: f64,
    /// Hours the water in its heating has stood.
    standing_h: f64,
}

/// A kind of building.
#[derive(Clone, Copy, Debug)]
struct Kind {
    thermal: Thermal,
    exposure: Exposure,
    /// How far a cellar's temperature lies from the rooms' to outdoors.
    cellar_factor: f64,
}

/// The weather of an hour and, where direct and diffuse radiation are known, the sun on
/// surfaces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outdoors {
    weather: WeatherHour,
    sun: Option<Irradiance>,
}

impl Outdoors {
    pub(super) fn of(scenario: &Scenario, hour: usize) -> Self {
        let sky = scenario.weather.sky.as_ref();
        Self {
            weather: super::weather_at(scenario, hour),
            sun: sky.and_then(|sky| irradiance(sky, hour)),
        }
    }

    fn meets(&self, kind: &Kind) -> Outside {
        kind.exposure.outside(self.weather, self.sun.as_ref())
    }
}

/// What the networks gave in an hour.
pub(super) struct Served<'a> {
    /// By area: share of homes' electricity served.
    pub electricity: &'a [f64],
    /// By area: share of electric heating served.
    pub heating: &'a [f64],
    /// By heat substation: share of its demand delivered.
    pub district: &'a [f64],
}

impl Homes {
    pub(super) fn new(region: &Region, scenario: &Scenario) -> Self {
        let policy = scenario.policy.homes.clone();
        let set_c = scenario.policy.indoor_set_c;
        // First the types that come with the program, then the region's own.
        let own = region.places().kinds.iter().map(|k| k.envelope);
        let envelopes = BuildingType::ALL.into_iter().map(envelope).chain(own);
        let kinds: Vec<Kind> = envelopes
            .map(|envelope| Kind {
                thermal: Thermal::of(&envelope, policy.model),
                exposure: Exposure::of(&envelope),
                cellar_factor: envelope.ground_factor,
            })
            .collect();
        let first = Outdoors::of(scenario, 0);
        let stock = &region.places().stock;
        let design = Outdoors {
            weather: WeatherHour {
                outdoor_c: region.heat().options.design_outdoor_c,
                wind_m_s: first.weather.wind_m_s,
                solar_w_m2: 0.0,
            },
            sun: None,
        };
        let n = stock.len();
        let mut homes = Self {
            parts: Vec::with_capacity(n),
            need_mw: vec![0.0; n],
            got_mw: vec![0.0; n],
            heaters_mw: 0.0,
            balance_error: 0.0,
            policy,
            rows: Vec::with_capacity(n),
            steps: Vec::with_capacity(kinds.len()),
            kinds,
            step_h: 1.0,
            outdoor_c: first.weather.outdoor_c,
        };
        for row in stock {
            let own = row.kind.map(|kind| BuildingType::ALL.len() + kind.i());
            let k = own.unwrap_or(row.building as usize);
            let kind = &homes.kinds[k];
            let at_start = first.meets(kind);
            homes.parts.push(whole(Building::steady(&kind.thermal, set_c, &at_start)));
            let cold = design.meets(kind);
            let steady = Building::steady(&kind.thermal, set_c, &cold);
            let step = Step::new(&kind.thermal, &cold, 1.0);
            let limit_w_m2 = RADIATOR_RESERVE * step.heat_needed_w_m2(steady, set_c, 0.0);
            homes.rows.push(Row { kind: k, limit_w_m2, ask_mw: 0.0, standing_h: 0.0 });
        }
        homes
    }

    /// Works out what every home needs to be at `set_c` at the end of the hour, and what
    /// emergency heaters are switched on.
    pub(super) fn ask(&mut self, region: &Region, set_c: f64, outdoors: &Outdoors, step_h: f64) {
        let step = |kind: &Kind| Step::new(&kind.thermal, &outdoors.meets(kind), step_h);
        self.steps.clear();
        self.steps.extend(self.kinds.iter().map(step));
        self.step_h = step_h;
        self.outdoor_c = outdoors.weather.outdoor_c;
        let heaters = self.policy.heaters;
        // Rooms near the set-point are in no emergency, however low it is.
        let below_c = heaters.below_c.min(set_c - 1.0);
        for (i, stock) in region.places().stock.iter().enumerate() {
            let row = &mut self.rows[i];
            let step = &self.steps[row.kind];
            let mw = stock.floor_m2 * 1e-6;
            // W/m² of a home that has one.
            let homes = stock.people / heaters.people_per_home;
            let per_m2 = if stock.floor_m2 > 0.0 { homes * 1000.0 / stock.floor_m2 } else { 0.0 };
            let mut need_w_m2 = 0.0;
            for part in self.parts[i].iter_mut().filter(|p| p.share > 0.0) {
                part.need_w_m2 = step.heat_needed_w_m2(part.state, set_c, 1.0).min(row.limit_w_m2);
                need_w_m2 += part.share * part.need_w_m2;
                (part.heater_w_m2, part.stove_w_m2) = (0.0, 0.0);
                if takes_heaters(stock.heating) && part.state.air_c < below_c {
                    let wanted = step.heat_needed_w_m2(part.state, below_c, 1.0);
                    let of = |share: f64, kw: f64| share * wanted.min(kw * per_m2);
                    part.heater_w_m2 = of(heaters.electric_share, heaters.electric_kw);
                    part.stove_w_m2 = of(heaters.stove_share, heaters.stove_kw);
                }
            }
            self.need_mw[i] = need_w_m2 * mw;
            let full = &self.parts[i][FULL];
            // A heat point whose buildings are all drained keeps a small flow, by which its
            // operator sees that there is heat to fill them for.
            let drained = full.share <= 0.0 && stock.heating == Heating::District;
            row.ask_mw =
                if drained { STANDS_BELOW * need_w_m2 } else { full.share * full.need_w_m2 } * mw;
        }
    }

    /// Electricity that heating and emergency heaters ask for, MW by position of the area.
    pub(super) fn electric_mw(&self, region: &Region, mut add: impl FnMut(usize, f64)) {
        for (i, stock) in region.places().stock.iter().enumerate() {
            let heaters: f64 = self.parts[i].iter().map(|p| p.share * p.heater_w_m2).sum();
            let own = if stock.heating == Heating::Electric { self.rows[i].ask_mw } else { 0.0 };
            add(stock.area.i(), own + heaters * stock.floor_m2 * 1e-6);
        }
    }

    /// Heat asked for at each heat substation, MW, and the indoor temperature behind it
    /// (weighted by need).
    pub(super) fn district(&self, region: &Region, demand_mw: &mut [f64], indoor_c: &mut [f64]) {
        demand_mw.fill(0.0);
        indoor_c.fill(0.0);
        for (i, row) in region.places().stock.iter().enumerate() {
            if let Some(s) = district_substation(row.heating, &region.places().areas[row.area.i()])
            {
                demand_mw[s] += self.rows[i].ask_mw;
                indoor_c[s] += self.rows[i].ask_mw * self.parts[i][FULL].state.air_c;
            }
        }
        for (t, d) in indoor_c.iter_mut().zip(demand_mw.iter()) {
            *t = if *d > 0.0 { *t / *d } else { 20.0 };
        }
    }

    /// Carries all homes over the hour that [`ask`](Self::ask) prepared.
    pub(super) fn heat(&mut self, region: &Region, served: &Served<'_>) {
        self.balance_error = 0.0;
        self.heaters_mw = 0.0;
        for (i, stock) in region.places().stock.iter().enumerate() {
            let area = stock.area.i();
            let substation = district_substation(stock.heating, &region.places().areas[area]);
            let (on, heating) = (served.electricity[area], served.heating[area]);
            let share = match stock.heating {
                Heating::District => substation.map_or(0.0, |s| served.district[s]),
                Heating::Gas => on,
                Heating::Electric => heating,
                Heating::Stove => 1.0,
            };
            let gains = GAINS_WITHOUT_ELECTRICITY + (1.0 - GAINS_WITHOUT_ELECTRICITY) * on;
            let row = &mut self.rows[i];
            let step = &self.steps[row.kind];
            let mut got_w_m2 = 0.0;
            for (k, part) in self.parts[i].iter_mut().enumerate() {
                if part.share <= 0.0 {
                    continue;
                }
                let own = if k == FULL { part.need_w_m2 * share } else { 0.0 };
                let heater = part.heater_w_m2 * heating;
                let hour = step.advance(part.state, own + heater + part.stove_w_m2, gains);
                part.state = hour.end;
                part.indoor_c = hour.mean_air_c;
                got_w_m2 += part.share * own;
                self.heaters_mw += part.share * heater * stock.floor_m2 * 1e-6;
                self.balance_error = self.balance_error.max(hour.balance_error);
            }
            self.got_mw[i] = got_w_m2 * stock.floor_m2 * 1e-6;
            let Some(policy) = &self.policy.pipes else { continue };
            let circulation = circulation(stock.heating, share, row.ask_mw);
            let stands = circulation != Circulation::Runs;
            row.standing_h = if stands { row.standing_h + self.step_h } else { 0.0 };
            let hour = PipeHour {
                circulation,
                standing_h: row.standing_h,
                outdoor_c: self.outdoor_c,
                cellar_factor: self.kinds[row.kind].cellar_factor,
                step_h: self.step_h,
            };
            pipes::advance(&mut self.parts[i], policy, &hour);
        }
    }

    /// The parts of row `i` that have buildings, each with whether it is without heat.
    pub(super) fn parts_of(&self, i: usize) -> impl Iterator<Item = (usize, &Part, bool)> {
        let asked_mw = self.rows[i].ask_mw;
        let served = super::share_of(self.got_mw[i], asked_mw).unwrap_or(1.0);
        let there = self.parts[i].iter().enumerate().filter(|(_, p)| p.share > 0.0);
        there.map(move |(k, part)| {
            let without =
                if k == FULL { served < WITHOUT_HEAT_BELOW } else { part.need_w_m2 > 0.0 };
            (k, part, without)
        })
    }
}

/// Whether homes turn to emergency heaters when their own heating fails.
const fn takes_heaters(heating: Heating) -> bool {
    match heating {
        Heating::District | Heating::Gas => true,
        Heating::Electric | Heating::Stove => false,
    }
}

fn circulation(heating: Heating, share: f64, asked_mw: f64) -> Circulation {
    let runs = share > STANDS_BELOW || asked_mw <= 0.0;
    match heating {
        Heating::District | Heating::Gas if runs => Circulation::Runs,
        Heating::District => Circulation::StandsOperated,
        Heating::Gas => Circulation::Stands,
        Heating::Electric | Heating::Stove => Circulation::None,
    }
}

fn district_substation(heating: Heating, area: &Area) -> Option<usize> {
    match heating {
        Heating::District => area.substation.map(|s| s.i()),
        Heating::Gas | Heating::Electric | Heating::Stove => None,
    }
}
