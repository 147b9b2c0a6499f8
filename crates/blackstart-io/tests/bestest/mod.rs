//! The free-float cases of ASHRAE 140 (BESTEST): the building, the weather of Denver, and
//! what was published for them. Also read by `bench/src/bin/homes_validation`.
#![allow(dead_code, reason = "each program that reads it uses a part")]

use std::path::Path;

use blackstart::heat::{
    Building, Envelope, Exposure, FiveResistances, Irradiance, Outside, Solution, Step, Thermal,
    irradiance,
};
use blackstart::region::{Region, RegionDraft};
use blackstart::scenario::{Weather, WeatherHour};

/// Heated floor, m².
const FLOOR_M2: f64 = 48.0;

/// Air brought in by night in case 650FF, m³/h, at the density of 1650 m of height.
const NIGHT_M3_H: f64 = 1409.0;

/// A free-float case with published figures, °C.
pub struct Case {
    pub name: &'static str,
    /// U of walls and roof, W/(m² K).
    u: (f64, f64),
    /// Capacity, kJ/(m² K), and area of mass, m² per m² of floor.
    mass: (f64, f64),
    night_air: bool,
    /// Least and largest hourly temperature over the year among the programs of ASHRAE
    /// 140-2020: (least, most) of the minimum, (least, most) of the maximum.
    pub published: [(f64, f64); 2],
    /// The same figures of the five resistances in the Modelica Buildings library.
    pub modelica: [f64; 2],
}

const LIGHT: (f64, f64) = (42.167, 2.95);
const HEAVY: (f64, f64) = (307.75, 2.43);
const USUAL: (f64, f64) = (0.534, 0.327);
const INSULATED: (f64, f64) = (0.15, 0.1);

/// The five free-float cases.
pub const CASES: [Case; 5] = [
    Case {
        name: "600FF",
        u: USUAL,
        mass: LIGHT,
        night_air: false,
        published: [(-13.8, -9.9), (62.4, 68.4)],
        modelica: [-12.9, 67.0],
    },
    Case {
        name: "650FF",
        u: USUAL,
        mass: LIGHT,
        night_air: true,
        published: [(-17.8, -16.7), (61.1, 66.8)],
        modelica: [-17.5, 66.2],
    },
    Case {
        name: "680FF",
        u: INSULATED,
        mass: LIGHT,
        night_air: false,
        published: [(-8.1, -5.7), (69.8, 78.5)],
        modelica: [-9.2, 77.1],
    },
    Case {
        name: "900FF",
        u: USUAL,
        mass: HEAVY,
        night_air: false,
        published: [(0.6, 2.2), (43.3, 46.0)],
        modelica: [0.3, 43.4],
    },
    Case {
        name: "980FF",
        u: INSULATED,
        mass: HEAVY,
        night_air: false,
        published: [(7.3, 12.5), (48.5, 52.8)],
        modelica: [8.6, 49.9],
    },
];

impl Case {
    /// The case's building; areas are per m² of floor. U-values, capacities and areas of
    /// mass are those of the Modelica Buildings library (`ThermalZones.ISO13790.Validation.
    /// BESTEST`), which worked them out from the standard's layers.
    pub fn envelope(&self, at_night: bool) -> Envelope {
        let night_air = if self.night_air && at_night { NIGHT_M3_H / 129.6 } else { 0.0 };
        Envelope {
            wall_area: 63.6 / FLOOR_M2,
            wall_u: self.u.0,
            window_area: 12.0 / FLOOR_M2,
            window_u: 3.1,
            roof_area: 1.0,
            roof_u: self.u.1,
            ground_area: 1.0,
            ground_u: 0.0377,
            ground_factor: 1.0,
            height_m: 2.7,
            air_change_1_h: 0.414 + night_air,
            stack_to_wind: f64::INFINITY,
            mass_area: self.mass.1,
            mass_kj_m2_k: self.mass.0,
            gains_w_m2: 200.0 / FLOOR_M2,
            window_gain: 0.0,
            glass_gain: 0.789,
            absorptance: 0.6,
        }
    }

    /// The five resistances; between air and surfaces 2.1 W/(m² K), as in the same library.
    pub fn five(&self, at_night: bool) -> FiveResistances {
        FiveResistances::of(&self.envelope(at_night), 2.1)
    }

    /// Walls north, east, south, west; all windows to the south.
    pub fn exposure(&self) -> Exposure {
        let walls = [21.6, 16.2, 9.6, 16.2].map(|area: f64| area / 63.6);
        Exposure::facing(&self.envelope(false), walls, [0.0, 0.0, 1.0, 0.0])
    }

    /// Mean air temperature of every hour of the year, °C.
    pub fn free_float(&self, solution: Solution, weather: &Weather) -> Vec<f64> {
        let exposure = self.exposure();
        let by_day = Thermal::FiveResistances(self.five(false), solution);
        let by_night = Thermal::FiveResistances(self.five(true), solution);
        let year = weather.hours.len();
        let mut x = Building { air_c: 20.0, mass_c: 20.0 };
        let mut air_c = Vec::with_capacity(year);
        // The last month of the year comes first, so that the start is forgotten.
        for h in (year - 30 * 24..year).chain(0..year) {
            let sun = sun(weather, h);
            let outside = exposure.outside(hour(weather, h), sun.as_ref());
            let night = h % 24 < 7 || h % 24 >= 18;
            let step = Step::new(if night { &by_night } else { &by_day }, &outside, 1.0);
            let done = step.advance(x, 0.0, 1.0);
            assert!(done.balance_error < 1e-9);
            x = done.end;
            air_c.push(done.mean_air_c);
        }
        air_c.split_off(30 * 24)
    }
}

/// Hours after the end of heating that outages are told for.
pub const OUTAGE_HOURS: [usize; 8] = [1, 3, 6, 12, 24, 48, 72, 120];

/// Mean air temperature of each hour after a case that was held at 20 °C is left alone, °C:
/// 200 W of gains, no sun, `outdoor_c` throughout.
pub fn outage(case: &Case, outdoor_c: f64, solution: Solution) -> Vec<f64> {
    let outside =
        Outside { outdoor_c, wind_m_s: 3.0, solar_windows_w_m2: 0.0, solar_walls_w_m2: 0.0 };
    let thermal = Thermal::FiveResistances(case.five(false), solution);
    let step = Step::new(&thermal, &outside, 1.0);
    let mut x = Building::steady(&thermal, 20.0, &outside);
    let mut hour = || {
        let done = step.advance(x, 0.0, 1.0);
        x = done.end;
        done.mean_air_c
    };
    (0..120).map(|_| hour()).collect()
}

fn hour(weather: &Weather, h: usize) -> WeatherHour {
    weather.hours[h]
}

pub fn sun(weather: &Weather, h: usize) -> Option<Irradiance> {
    irradiance(weather.sky.as_ref().expect("the table has a sky"), h)
}

/// The year of Denver, read as a scenario's weather.
pub fn denver() -> Weather {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|p| p.join("testdata/cases/bestest-denver"))
        .find(|p| p.exists())
        .expect("testdata is there");
    let text = "start = 2026-01-01T00:00:00\nhorizon_h = 8760\n[weather]\ncsv = \"weather.csv\"\n\
                lat_deg = 39.83\nlon_deg = -104.65\nutc_offset_h = -7\n";
    let region = Region::check(RegionDraft::default()).region.expect("an empty region");
    let read =
        blackstart_io::parse_scenario(text, Path::new("denver.toml"), Some(&folder), &region);
    let told: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    read.scenario.unwrap_or_else(|| panic!("{told:?}")).weather
}

/// Least and largest.
pub fn extremes(air_c: &[f64]) -> (f64, f64) {
    air_c.iter().fold((f64::MAX, f64::MIN), |(l, h), &c| (l.min(c), h.max(c)))
}
