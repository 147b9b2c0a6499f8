//! The tables of one component: its static one, and one per quantity over time.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use blackstart::region::Table;

use super::Reader;
use crate::codes;
use crate::formats::beside::GridSeries;
use crate::formats::sheet::Sheet;
use crate::problem::{InputProblem, Problems, Severity};

/// The tables of one component.
pub(super) struct Component {
    /// Such as `generators`.
    pub word: &'static str,
    pub sheet: Sheet,
    /// By quantity: its table over time.
    series: Vec<(String, Sheet)>,
    /// By name: id in the grid, of those that are in it.
    pub ids: HashMap<String, String>,
}

/// Quantities that have time series in PyPSA and say something to us.
const QUANTITIES: [&str; 12] = [
    "p_set",
    "q_set",
    "p_min_pu",
    "p_max_pu",
    "marginal_cost",
    "efficiency",
    "s_max_pu",
    "v_mag_pu_set",
    "inflow",
    "e_min_pu",
    "e_max_pu",
    "status",
];

impl Component {
    pub(super) fn read(reader: &mut Reader<'_>, word: &'static str, needed: bool) -> Self {
        let path = reader.folder.join(format!("{word}.csv"));
        let sheet = if needed {
            Sheet::read(&path, &mut reader.problems).unwrap_or_default()
        } else {
            Sheet::optional(&path, &mut reader.problems)
        };
        let series = QUANTITIES
            .iter()
            .map(|q| (*q, reader.folder.join(format!("{word}-{q}.csv"))))
            .filter(|(_, path)| path.is_file())
            .filter_map(|(q, path)| Some((q.to_owned(), Sheet::read(&path, &mut reader.problems)?)))
            .collect();
        Self { word, sheet, series, ids: HashMap::new() }
    }

    /// The name of a row: the first column, whatever its header.
    pub(super) fn name(&self, row: usize) -> String {
        self.sheet.cell(row, 0).to_owned()
    }

    /// The first value over time, else the static one, else `default`.
    pub(super) fn value(
        &self,
        row: usize,
        quantity: &str,
        default: f64,
        problems: &mut Problems,
    ) -> f64 {
        let name = self.sheet.cell(row, 0);
        let series = self.series.iter().find(|(q, s)| q == quantity && s.has(name) && s.len() > 0);
        let moving = series.and_then(|(_, s)| s.number(0, name, problems));
        let value = moving.or_else(|| self.sheet.number(row, quantity, problems));
        value.filter(|x| x.is_finite()).unwrap_or(default)
    }

    /// False where `active` says so.
    pub(super) fn active(&self, row: usize) -> bool {
        !matches!(self.sheet.text(row, "active").to_lowercase().as_str(), "false" | "0" | "0.0")
    }

    /// Keeps the time series of the elements that are in the grid.
    pub(super) fn keep(&mut self, reader: &mut Reader<'_>, table: Table) {
        for (quantity, sheet) in &self.series {
            let times = if sheet.len() == reader.times.len() {
                Rc::clone(&reader.times)
            } else {
                (0..sheet.len()).map(|r| sheet.cell(r, 0).to_owned()).collect()
            };
            for (k, name) in sheet.header.iter().enumerate().skip(1) {
                let known = if table == Table::Buses {
                    reader.bus.contains_key(name).then(|| name.clone())
                } else {
                    self.ids.get(name).cloned()
                };
                let Some(id) = known else {
                    if !(0..self.sheet.len()).any(|r| self.sheet.cell(r, 0) == name) {
                        let message =
                            format!("`{name}` is not in {}.csv; its series is left out", self.word);
                        let severity = Severity::Warning;
                        let problem =
                            InputProblem::new(severity, codes::IGNORED, &sheet.path, message);
                        reader.problems.push(problem.at(1, 0));
                    }
                    continue;
                };
                debug_assert!(sheet.has(name) || name.is_empty(), "column {k}");
                let values = (0..sheet.len())
                    .map(|r| sheet.number(r, name, &mut reader.problems).unwrap_or(f64::NAN))
                    .collect();
                reader.out.beside.series.push(GridSeries {
                    table,
                    id,
                    attribute: quantity.clone(),
                    times: Rc::clone(&times),
                    values,
                });
            }
        }
    }
}

/// The labels of all snapshots; one `now` where there is no table.
pub(super) fn snapshots(folder: &Path, problems: &mut Problems) -> Rc<[String]> {
    let sheet = Sheet::optional(&folder.join("snapshots.csv"), problems);
    let named = sheet.has("snapshot");
    (0..sheet.len())
        .map(|r| if named { sheet.text(r, "snapshot") } else { sheet.cell(r, 0) }.to_owned())
        .collect()
}
