//! Tables of many scenarios of a water network. `docs/water-studies.md` describes every column.

use std::sync::Arc;

use blackstart::region::Water;
use blackstart::water::{BatchResults, JunctionSummary, ScenarioSummary, TankSummary};

use super::column_table::ColumnTable;

/// Digits behind the point.
const FACTOR: usize = 9;
const VOLUME: usize = 3;
const SHARE: usize = 6;
const PRESSURE: usize = 3;
const HOURS: usize = 3;

/// What scenarios are called and what they change, as the user wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// By scenario.
    pub names: &'a [String],
    /// By scenario.
    pub demand_factors: &'a [f64],
    /// By scenario.
    pub pumps_off: &'a [String],
}

/// The tables `scenarios`, `junctions`, and `tanks` where there are some.
///
/// # Panics
/// When `asked` and `results` are not of the same scenarios, or `results` of another network.
#[must_use]
pub fn tables(water: &Water, asked: Asked<'_>, results: &BatchResults) -> Vec<ColumnTable> {
    let mut tables = vec![scenarios(water, asked, results), junctions(water, asked, results)];
    if !water.tanks.is_empty() {
        tables.push(tanks(water, asked, results));
    }
    tables
}

fn count(n: usize) -> Option<u32> {
    u32::try_from(n).ok()
}

fn seconds(time_s: i64) -> Option<u32> {
    u32::try_from(time_s).ok()
}

fn scenarios(water: &Water, asked: Asked<'_>, results: &BatchResults) -> ColumnTable {
    type S = ScenarioSummary;
    let all = &results.scenarios;
    let text = |of: &dyn Fn(&S) -> String| -> Vec<String> {
        all.iter().map(|s| s.as_ref().map(of).unwrap_or_default()).collect()
    };
    let number = |of: &dyn Fn(&S) -> f64| -> Vec<f64> {
        all.iter().map(|s| s.as_ref().map_or(f64::NAN, of)).collect()
    };
    let whole = |of: &dyn Fn(&S) -> Option<u32>| -> Vec<Option<u32>> {
        all.iter().map(|s| s.as_ref().and_then(of)).collect()
    };
    let word = |s: &Option<S>| s.as_ref().map_or("interrupted", S::word);
    let detail = |s: &S| s.first_trouble.as_ref().map(|(_, status)| status.detail().to_owned());
    let lowest = |s: &S| s.lowest_pressure.map_or(f64::NAN, |l| l.pressure_m);
    let place = |s: &S| s.lowest_pressure.map(|l| water.junctions[l.junction].id.clone());
    let tank = |s: &S| s.first_empty_tank().map(|(k, _)| water.tanks[k].id.clone());
    ColumnTable::new("scenarios")
        .text("scenario", asked.names.iter().map(String::as_str))
        .number("demand_factor", FACTOR, asked.demand_factors.iter().copied())
        .text("pumps_off", asked.pumps_off.iter().map(String::as_str))
        .text("status", all.iter().map(word))
        .text("where", text(&|s| detail(s).unwrap_or_default()))
        .count("trouble_time_s", whole(&|s| seconds(s.first_trouble.as_ref()?.0)))
        .count("solutions", whole(&|s| count(s.solutions)))
        .count("relaxed", whole(&|s| count(s.relaxed)))
        .count("not_converged", whole(&|s| count(s.not_converged)))
        .number("demand_m3", VOLUME, number(&|s| s.demand_m3))
        .number("supplied_m3", VOLUME, number(&|s| s.supplied_m3))
        .number("supplied_share", SHARE, number(&S::supplied_share))
        .number("lowest_pressure_m", PRESSURE, number(&lowest))
        .text("lowest_pressure_junction", text(&|s| place(s).unwrap_or_default()))
        .count("lowest_pressure_time_s", whole(&|s| seconds(s.lowest_pressure?.time_s)))
        .count("junctions_below", whole(&|s| count(s.junctions_below)))
        .number("below_junction_h", HOURS, number(&|s| s.below_h))
        .count("junctions_dry", whole(&|s| count(s.junctions_dry)))
        .number("pumps_kwh", VOLUME, number(&|s| s.pumps_kwh))
        .number("pumps_peak_kw", VOLUME, number(&|s| s.pumps_peak_kw))
        .number("pumps_cost", VOLUME, number(&|s| s.pumps_cost))
        .text("first_empty_tank", text(&|s| tank(s).unwrap_or_default()))
        .count("first_empty_time_s", whole(&|s| seconds(s.first_empty_tank()?.1)))
}

fn junctions(water: &Water, asked: Asked<'_>, results: &BatchResults) -> ColumnTable {
    type J = JunctionSummary;
    let rows = &results.junctions;
    let number = |of: &dyn Fn(&J) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    let whole = |of: &dyn Fn(&J) -> usize| rows.iter().map(|j| count(of(j))).collect::<Vec<_>>();
    let worst = |j: &J| j.worst_scenario.map_or("", |i| asked.names[i].as_str());
    ColumnTable::new("junctions")
        .text("junction", water.junctions.iter().map(|j| &*j.id))
        .count("scenarios", whole(&|j| j.scenarios))
        .number("least_pressure_m", PRESSURE, number(&|j| j.least_pressure_m))
        .number("median_pressure_m", PRESSURE, number(&|j| j.median_pressure_m))
        .number("most_pressure_m", PRESSURE, number(&|j| j.most_pressure_m))
        .text("worst_scenario", rows.iter().map(worst))
        .number("least_supplied_share", SHARE, number(&|j| j.least_share))
        .number("mean_supplied_share", SHARE, number(&|j| j.mean_share))
        .count("scenarios_below", whole(&|j| j.below))
        .count("scenarios_dry", whole(&|j| j.dry))
}

fn tanks(water: &Water, asked: Asked<'_>, results: &BatchResults) -> ColumnTable {
    type T = TankSummary;
    let rows: Vec<(u32, u32, &T)> = (0u32..)
        .zip(&results.scenarios)
        .filter_map(|(i, s)| Some((i, s.as_ref()?)))
        .flat_map(|(i, s)| (0u32..).zip(&s.tanks).map(move |(k, t)| (i, k, t)))
        .collect();
    let number = |of: &dyn Fn(&T) -> f64| rows.iter().map(|r| of(r.2)).collect::<Vec<f64>>();
    let time = |of: &dyn Fn(&T) -> Option<i64>| -> Vec<Option<u32>> {
        rows.iter().map(|r| of(r.2).and_then(seconds)).collect()
    };
    let names: Arc<[String]> = asked.names.into();
    let ids: Arc<[String]> = water.tanks.iter().map(|t| t.id.clone()).collect();
    ColumnTable::new("tanks")
        .word("scenario", &names, rows.iter().map(|r| r.0).collect())
        .word("tank", &ids, rows.iter().map(|r| r.1).collect())
        .number("lowest_level_m", PRESSURE, number(&|t| t.lowest_level_m))
        .count("lowest_level_time_s", time(&|t| Some(t.lowest_time_s)))
        .count("first_empty_time_s", time(&|t| t.first_empty_s))
        .number("empty_h", HOURS, number(&|t| t.empty_h))
        .number("end_level_m", PRESSURE, number(&|t| t.end_level_m))
}
