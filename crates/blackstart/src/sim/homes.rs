//! Homes over time: what heat they need, what they get, how cold they are.

use crate::heat::{Building, Properties, properties};
use crate::region::{Area, BuildingType, Heating, Region};
use crate::scenario::WeatherHour;

/// Radiators give this much more than the design load at most; it bounds what a cold
/// home can take up when heat returns.
const RADIATOR_RESERVE: f64 = 1.2;

/// Internal gains that stay when the electricity is off: people, not appliances.
const GAINS_WITHOUT_ELECTRICITY: f64 = 0.5;

/// Share of needed heat below which a home counts as without heat.
pub(super) const WITHOUT_HEAT_BELOW: f64 = 0.5;

/// All homes of a region, by row of its building stock.
#[derive(Clone, Debug)]
pub(super) struct Homes {
    /// By row: state.
    pub(super) state: Vec<Building>,
    /// By row: heat needed this hour, MW.
    pub(super) need_mw: Vec<f64>,
    /// By row: heat got this hour, MW.
    pub(super) got_mw: Vec<f64>,
    /// By row: mean air temperature of the hour, °C.
    pub(super) indoor_c: Vec<f64>,
    /// Worst heat-balance error of any home this hour, relative.
    pub(super) balance_error: f64,
    /// By row: largest heat its radiators give, MW.
    limit_mw: Vec<f64>,
    by_type: [Properties; BuildingType::ALL.len()],
}

impl Homes {
    pub(super) fn new(region: &Region, set_c: f64, weather: WeatherHour) -> Self {
        let by_type = BuildingType::ALL.map(properties);
        let stock = &region.places().stock;
        let design = WeatherHour {
            outdoor_c: region.heat().options.design_outdoor_c,
            wind_m_s: weather.wind_m_s,
            solar_w_m2: 0.0,
        };
        let n = stock.len();
        let mut homes = Self {
            state: Vec::with_capacity(n),
            need_mw: vec![0.0; n],
            got_mw: vec![0.0; n],
            indoor_c: vec![set_c; n],
            balance_error: 0.0,
            limit_mw: Vec::with_capacity(n),
            by_type,
        };
        for row in stock {
            let p = &by_type[row.building as usize];
            homes.state.push(Building::steady(p, set_c, weather));
            let steady = Building::steady(p, set_c, design);
            let design_w_m2 = steady.heat_needed_w_m2(p, set_c, design, 1.0, 0.0);
            homes.limit_mw.push(RADIATOR_RESERVE * design_w_m2 * row.floor_m2 * 1e-6);
        }
        homes
    }

    /// Works out what every home needs to be at `set_c` at the end of the hour.
    pub(super) fn ask(&mut self, region: &Region, set_c: f64, weather: WeatherHour, step_h: f64) {
        for (i, row) in region.places().stock.iter().enumerate() {
            let p = &self.by_type[row.building as usize];
            let w_m2 = self.state[i].heat_needed_w_m2(p, set_c, weather, step_h, 1.0);
            self.need_mw[i] = (w_m2 * row.floor_m2 * 1e-6).min(self.limit_mw[i]);
        }
    }

    /// Heat that electric heaters ask for in `row`'s area, MW.
    pub(super) fn electric_mw(&self, region: &Region, mut add: impl FnMut(usize, f64)) {
        for (i, row) in region.places().stock.iter().enumerate() {
            if row.heating == Heating::Electric {
                add(row.area.i(), self.need_mw[i]);
            }
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
                demand_mw[s] += self.need_mw[i];
                indoor_c[s] += self.need_mw[i] * self.state[i].air_c;
            }
        }
        for (t, d) in indoor_c.iter_mut().zip(demand_mw.iter()) {
            *t = if *d > 0.0 { *t / *d } else { 20.0 };
        }
    }

    /// Heats all homes for an hour. `electricity` is the share served by area,
    /// `district` the share delivered by heat substation.
    pub(super) fn heat(
        &mut self,
        region: &Region,
        weather: WeatherHour,
        step_h: f64,
        electricity: &[f64],
        district: &[f64],
    ) {
        self.balance_error = 0.0;
        for (i, row) in region.places().stock.iter().enumerate() {
            let p = &self.by_type[row.building as usize];
            let area = &region.places().areas[row.area.i()];
            let on = electricity[row.area.i()];
            let share = match row.heating {
                Heating::District => {
                    district_substation(row.heating, area).map_or(0.0, |s| district[s])
                }
                Heating::Gas | Heating::Electric => on,
                Heating::Stove => 1.0,
            };
            self.got_mw[i] = self.need_mw[i] * share;
            let gains = GAINS_WITHOUT_ELECTRICITY + (1.0 - GAINS_WITHOUT_ELECTRICITY) * on;
            let w_m2 = if row.floor_m2 > 0.0 { self.got_mw[i] * 1e6 / row.floor_m2 } else { 0.0 };
            let hour = self.state[i].step(p, w_m2, weather, step_h, gains);
            self.state[i] = hour.end;
            self.indoor_c[i] = hour.mean_air_c;
            self.balance_error = self.balance_error.max(hour.balance_error);
        }
    }
}

fn district_substation(heating: Heating, area: &Area) -> Option<usize> {
    match heating {
        Heating::District => area.substation.map(|s| s.i()),
        Heating::Gas | Heating::Electric | Heating::Stove => None,
    }
}
