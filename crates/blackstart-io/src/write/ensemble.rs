//! Tables of an ensemble: policies side by side, draws, places, places by hour, assets.
//! `docs/formats/results.md` describes every column.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use blackstart::ensemble::{
    Comparison, Course, Draw, Figures, Quantity, half_width_95, quantile_levels,
};
use blackstart::region::Region;
use blackstart::scenario::{DamageState, PolicyCase, Scenario};
use serde_json::{Map, Value};

use super::column_table::{Column, ColumnTable, TableFormat};
use super::folder::RUN_FILE;
use super::study::{self, Study};
use super::tables::local_time;
use super::{NamedBytes, Provenance, WriteError};
use crate::draws::{self, DrawsError};

/// Everything that is written of an ensemble.
#[derive(Clone, Copy, Debug)]
pub struct EnsembleInput<'a> {
    /// The region.
    pub region: &'a Region,
    /// The scenario as it is.
    pub scenario: &'a Scenario,
    /// The policies, the baseline first.
    pub cases: &'a [PolicyCase],
    /// Numbers of the draws.
    pub numbers: &'a [u32],
    /// Figures of these draws, by policy.
    pub figures: &'a [Vec<Figures>],
    /// What they come to.
    pub comparison: &'a Comparison,
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// Its figures for programs.
    pub summary: &'a Map<String, Value>,
    /// The format of the tables' files.
    pub format: TableFormat,
}

/// Why an ensemble could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EnsembleError {
    /// A draw could not be read again.
    #[error(transparent)]
    Draws(#[from] DrawsError),
    /// A draw was whole and is no longer.
    #[error("draw {0} was changed or removed while its results were read")]
    Gone(u32),
}

/// Names of an ensemble's results, without their endings.
const RESULTS: [&str; 7] =
    ["policies", "draws", "places", "place_hours", "assets", "report", "run"];

/// Most bytes of counts held at once; places by hour are made in parts of so many.
const MOST_COUNT_BYTES: usize = 256 << 20;
const LEVELS: usize = 256;

/// Gives the draw of a number; none if it is not there or torn.
pub type Source<'s> = dyn Fn(u32) -> Result<Option<Draw>, DrawsError> + 's;

/// Writes the tables of an ensemble to `folder`, beside its draws, and `extra` files of
/// the caller; `run.json` lists them and is put in place last. Gives the names of the files.
///
/// # Errors
/// [`WriteError`]; files that are in place already stay.
pub fn ensemble(
    folder: &Path,
    input: &EnsembleInput<'_>,
    by_draw: ByDraw,
    extra: Vec<NamedBytes>,
) -> Result<Vec<String>, WriteError> {
    let place_hours = place_hours(input, &by_draw);
    let assets = by_draw.assets.table(input);
    let tables = [policies(input), draw_table(input), places(input), place_hours, assets];
    let mut files: Vec<NamedBytes> =
        tables.iter().map(|t| (t.file_name(input.format), t.bytes(input.format))).collect();
    files.extend(extra);
    let mut names: Vec<String> = vec![RUN_FILE.to_owned()];
    names.extend(files.iter().map(|(name, _)| name.clone()));
    names.extend(draws::NAMES.map(str::to_owned));
    let study = Study {
        command: "compare",
        provenance: input.provenance,
        summary: input.summary,
        tables: &tables,
        format: input.format,
    };
    let listed: Vec<&str> = names.iter().map(String::as_str).collect();
    files.push((RUN_FILE.to_owned(), study::run_json(&study, &listed)));
    for (name, bytes) in &files {
        let path = folder.join(name);
        draws::replace(&path, bytes).map_err(|source| WriteError::Io { path, source })?;
    }
    Ok(names)
}

/// Takes `folder` for an ensemble: makes it, or removes what an earlier run or ensemble
/// of ours wrote, draws excepted.
///
/// # Errors
/// [`WriteError`]: a file of that name, or a folder with anything that is not ours.
pub fn claim_ensemble(folder: &Path) -> Result<(), WriteError> {
    let io = |path: &Path, source| WriteError::Io { path: path.to_path_buf(), source };
    if folder.is_file() {
        return Err(WriteError::NotAFolder(folder.to_path_buf()));
    }
    let ours = super::folder::listed(&folder.join(RUN_FILE));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return fs::create_dir_all(folder).map_err(|e| io(folder, e));
        }
        Err(e) => return Err(io(folder, e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(|e| io(folder, e))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    // A process that was killed may have left results without the list of them.
    let unlisted = |name: &str| {
        let stem = name.split('.').next().unwrap_or_default();
        names.iter().any(|n| n == draws::MANIFEST) && RESULTS.contains(&stem)
    };
    let known = |name: &String| {
        draws::NAMES.contains(&name.as_str())
            || name.ends_with(".partial")
            || ours.contains(name)
            || unlisted(name)
    };
    if let Some(found) = names.iter().find(|name| !known(name)) {
        return Err(WriteError::Foreign { folder: folder.to_path_buf(), found: found.clone() });
    }
    for name in names.iter().filter(|name| !draws::NAMES.contains(&name.as_str())) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|e| io(&path, e))?;
    }
    Ok(())
}

fn words(texts: impl Iterator<Item = String>) -> Arc<[String]> {
    texts.collect()
}

fn case_words(input: &EnsembleInput<'_>) -> Arc<[String]> {
    words(input.cases.iter().map(|c| c.name.clone()))
}

/// `policies`: one row a policy and quantity.
fn policies(input: &EnsembleInput<'_>) -> ColumnTable {
    const ACCURACY: f64 = 0.05;
    let c = input.comparison;
    let rows: Vec<(usize, usize)> = (0..input.cases.len())
        .flat_map(|case| (0..Quantity::ALL.len()).map(move |q| (case, q)))
        .collect();
    let quantities = words(Quantity::ALL.iter().map(|q| q.word().to_owned()));
    let spread = |pick: fn(&blackstart::ensemble::Spread) -> f64| -> Vec<f64> {
        rows.iter().map(|&(case, q)| pick(&c.spreads[case][q])).collect()
    };
    let difference = |pick: fn(&blackstart::ensemble::Difference) -> f64| -> Vec<f64> {
        let against = |&(case, q): &(usize, usize)| {
            if case == 0 { f64::NAN } else { pick(&c.differences[case][q]) }
        };
        rows.iter().map(against).collect()
    };
    let half_width = |&(case, q): &(usize, usize)| {
        let values: Vec<f64> =
            input.figures.iter().map(|d| d[case].value(Quantity::ALL[q])).collect();
        half_width_95(&values)
    };
    let needed = |&(case, q): &(usize, usize)| {
        let known = c.differences[case][q].draws_needed(c.draws, ACCURACY).filter(|_| case > 0);
        known.filter(|n| *n <= f64::from(u32::MAX)).map(|n| n as u32)
    };
    ColumnTable::new("policies")
        .word("policy", &case_words(input), rows.iter().map(|r| r.0 as u32).collect())
        .word("quantity", &quantities, rows.iter().map(|r| r.1 as u32).collect())
        .count("draws", rows.iter().map(|_| u32::try_from(c.draws).ok()))
        .number("mean", 3, spread(|s| s.mean))
        .number("mean_half_width_95", 3, rows.iter().map(half_width))
        .number("p5", 3, spread(|s| s.p5))
        .number("p50", 3, spread(|s| s.p50))
        .number("p95", 3, spread(|s| s.p95))
        .number("difference_mean", 3, difference(|d| d.mean))
        .number("difference_half_width_95", 3, difference(|d| d.half_width))
        .number("difference_p5", 3, difference(|d| d.p5))
        .number("difference_p95", 3, difference(|d| d.p95))
        .count("draws_for_half_width_of_5_percent", rows.iter().map(needed))
}

/// `draws`: one row a draw and policy.
fn draw_table(input: &EnsembleInput<'_>) -> ColumnTable {
    let rows: Vec<(usize, usize)> = (0..input.figures.len())
        .flat_map(|draw| (0..input.cases.len()).map(move |case| (draw, case)))
        .collect();
    let figures = |pick: &dyn Fn(&Figures) -> f64| -> Vec<f64> {
        rows.iter().map(|&(draw, case)| pick(&input.figures[draw][case])).collect()
    };
    let counts = |pick: &dyn Fn(&Figures) -> usize| -> Vec<Option<u32>> {
        let count = |&(draw, case): &(usize, usize)| pick(&input.figures[draw][case]);
        rows.iter().map(|row| u32::try_from(count(row)).ok()).collect()
    };
    let mut table = ColumnTable::new("draws")
        .count("draw", rows.iter().map(|r| Some(input.numbers[r.0])))
        .word("policy", &case_words(input), rows.iter().map(|r| r.1 as u32).collect());
    for quantity in Quantity::ALL {
        table = table.number(quantity.word(), 3, figures(&|f| f.value(quantity)));
    }
    let areas = &input.region.places().areas;
    let worst = |&(draw, case): &(usize, usize)| {
        let worst = input.figures[draw][case].worst_area;
        worst.and_then(|a| areas.get(a)).map_or(String::new(), |a| a.id.clone())
    };
    table
        .number("heat_not_delivered_mwh", 3, figures(&|f| f.heat_not_delivered_mwh))
        .number("water_not_supplied_m3", 3, figures(&|f| f.water_not_supplied_m3))
        .text("worst_area", rows.iter().map(worst))
        .count("facilities_damaged", counts(&|f| f.facilities_damaged))
        .count("hours", counts(&|f| f.hours))
        .count("degraded_grid_h", counts(&|f| f.degraded_hours[0]))
        .count("degraded_water_h", counts(&|f| f.degraded_hours[1]))
        .count("degraded_heat_h", counts(&|f| f.degraded_hours[2]))
}

/// `places`: means over draws, one row a policy and area.
fn places(input: &EnsembleInput<'_>) -> ColumnTable {
    let areas = &input.region.places().areas;
    let rows: Vec<(usize, usize)> =
        (0..input.cases.len()).flat_map(|c| (0..areas.len()).map(move |a| (c, a))).collect();
    let mean = |case: usize, a: usize, k: usize| {
        let sum: f64 = input.figures.iter().map(|d| d[case].area_person_hours[k][a]).sum();
        sum / input.figures.len() as f64
    };
    let ids = words(areas.iter().map(|a| a.id.clone()));
    let mut table = ColumnTable::new("places")
        .word("policy", &case_words(input), rows.iter().map(|r| r.0 as u32).collect())
        .word("area", &ids, rows.iter().map(|r| r.1 as u32).collect())
        .number("people", 1, rows.iter().map(|r| areas[r.1].people));
    let kinds = ["without_electricity_person_h", "below_16c_person_h", "without_water_person_h"];
    for (k, name) in kinds.into_iter().enumerate() {
        table = table.number(name, 2, rows.iter().map(|&(c, a)| mean(c, a, k))).number(
            &format!("{name}_saved"),
            2,
            rows.iter().map(|&(c, a)| mean(0, a, k) - mean(c, a, k)),
        );
    }
    table
}

/// What only the draws themselves tell.
#[derive(Debug)]
pub struct ByDraw {
    hours: usize,
    places: usize,
    /// By course; in each by policy, place, hour.
    quantiles: [Vec<[u8; 3]>; Course::ALL.len()],
    assets: Assets,
}

impl ByDraw {
    /// Quantiles of the region as a whole by hour: 5, 50, 95 %.
    #[must_use]
    pub fn region(&self, case: usize, course: Course) -> [Vec<f64>; 3] {
        let from = (case * self.places + self.places - 1) * self.hours;
        let levels = self.quantiles[course as usize].get(from..from + self.hours);
        [0, 1, 2]
            .map(|i| levels.unwrap_or_default().iter().map(|hour| course.value(hour[i])).collect())
    }
}

/// Goes through the draws for quantiles by place and hour, and for assets. `draws` gives
/// each draw again; no more than one is held at a time.
///
/// # Errors
/// [`EnsembleError`].
pub fn by_draw(input: &EnsembleInput<'_>, draws: &Source<'_>) -> Result<ByDraw, EnsembleError> {
    let hours = input.figures.iter().flatten().map(|f| f.hours).max().unwrap_or(0);
    let cases = input.cases.len();
    let places = input.region.places().areas.len() + 1;
    let per_place = cases * hours * Course::ALL.len() * LEVELS * size_of::<u32>();
    let at_once = (MOST_COUNT_BYTES / per_place.max(1)).clamp(1, places);
    let mut assets = Assets::default();
    // By policy, place, hour; rows of parts come place by place and are put in order below.
    let mut quantiles = Course::ALL.map(|_| vec![[0u8; 3]; cases * places * hours]);
    for first in (0..places).step_by(at_once) {
        let part = first..places.min(first + at_once);
        let slot = |case: usize, place: usize, course: usize| {
            ((case * part.len() + place - part.start) * Course::ALL.len() + course) * hours
        };
        let mut counts = vec![[0u32; LEVELS]; cases * part.len() * Course::ALL.len() * hours];
        for &number in input.numbers {
            let draw = draws(number)?.ok_or(EnsembleError::Gone(number))?;
            for (c, case) in draw.cases.iter().enumerate() {
                for place in part.clone() {
                    for (k, course) in Course::ALL.into_iter().enumerate() {
                        let from = slot(c, place, k);
                        let levels = case.courses.place(course, place);
                        for (counts, level) in counts[from..].iter_mut().zip(levels) {
                            counts[usize::from(*level)] += 1;
                        }
                    }
                }
                if first == 0 {
                    assets.add(input, number, c, &case.damaged);
                }
            }
        }
        for case in 0..cases {
            for place in part.clone() {
                for (k, quantiles) in quantiles.iter_mut().enumerate() {
                    let from = slot(case, place, k);
                    let to = (case * places + place) * hours;
                    for hour in 0..hours {
                        quantiles[to + hour] = quantile_levels(&counts[from + hour]);
                    }
                }
            }
        }
    }
    Ok(ByDraw { hours, places, quantiles, assets })
}

/// `place_hours`: quantiles over draws, one row a policy, place and hour.
fn place_hours(input: &EnsembleInput<'_>, by_draw: &ByDraw) -> ColumnTable {
    let areas = &input.region.places().areas;
    let (hours, places) = (by_draw.hours, by_draw.places);
    let quantiles = &by_draw.quantiles;
    let rows = input.cases.len() * places * hours;
    let ids = words(areas.iter().map(|a| a.id.clone()).chain([REGION.to_owned()]));
    let times = words((0..hours).map(|h| local_time(input.scenario, h as f64)));
    let per_case = (places * hours).max(1);
    let column = |pick: &dyn Fn(usize) -> usize| (0..rows).map(|r| pick(r) as u32).collect();
    let mut table = ColumnTable::new("place_hours")
        .word("policy", &case_words(input), column(&|r| r / per_case))
        .word("area", &ids, column(&|r| r / hours.max(1) % places))
        .word("time", &times, column(&|r| r % hours.max(1)))
        .count("hour", (0..rows).map(|r| u32::try_from(r % hours.max(1)).ok()));
    for (k, course) in Course::ALL.into_iter().enumerate() {
        let decimals = if course == Course::IndoorC { 2 } else { 3 };
        for (i, name) in ["p5", "p50", "p95"].into_iter().enumerate() {
            let values = quantiles[k].iter().map(|levels| course.value(levels[i])).collect();
            let name = format!("{}_{name}", course.word());
            table = table.with(&name, Column::Number(values, decimals));
        }
    }
    table
}

/// The place that stands for all people of the region.
const REGION: &str = "region";

/// `assets`: one row a draw, policy and facility that was damaged.
#[derive(Debug, Default)]
struct Assets {
    draw: Vec<Option<u32>>,
    policy: Vec<u32>,
    facility: Vec<u32>,
    times: Vec<Option<u32>>,
    worst: Vec<u32>,
    first_at_h: Vec<f64>,
    lost_h: Vec<f64>,
    repaired: Vec<u32>,
}

impl Assets {
    fn add(
        &mut self,
        input: &EnsembleInput<'_>,
        draw: u32,
        case: usize,
        damaged: &[blackstart::ensemble::DamagedFacility],
    ) {
        let facilities = input.region.facilities().len();
        for d in damaged.iter().filter(|d| d.facility.i() < facilities) {
            self.draw.push(Some(draw));
            self.policy.push(case as u32);
            self.facility.push(d.facility.i() as u32);
            self.times.push(Some(d.times));
            self.worst.push(d.worst as u32);
            self.first_at_h.push(d.first_at_h);
            self.lost_h.push(d.lost_h);
            self.repaired.push(u32::from(d.repaired));
        }
    }

    fn table(self, input: &EnsembleInput<'_>) -> ColumnTable {
        let facilities = input.region.facilities();
        let classes = words(facilities.iter().map(|f| f.class.word().to_owned()));
        let ids = words(facilities.iter().map(|f| f.id.clone()));
        let states = words(DamageState::ALL.iter().map(|s| s.word().to_owned()));
        let answers = words(["no".to_owned(), "yes".to_owned()].into_iter());
        ColumnTable::new("assets")
            .count("draw", self.draw)
            .word("policy", &case_words(input), self.policy)
            .word("class", &classes, self.facility.clone())
            .word("id", &ids, self.facility)
            .count("times_damaged", self.times)
            .word("worst_state", &states, self.worst)
            .number("first_damage_h", 3, self.first_at_h)
            .number("lost_h", 3, self.lost_h)
            .word("repaired", &answers, self.repaired)
    }
}
