//! Tables of scenarios of one water network. `docs/water-studies.md` describes the columns.

use std::collections::HashMap;
use std::path::Path;

use blackstart::region::Water;
use blackstart::water::{PumpOutage, Variation};

use crate::codes;
use crate::formats::collect::nearest;
use crate::formats::table::{self, Layout, Row, shorten};
use crate::input_file::{self, Encoding, MAX_TABLE_BYTES};
use crate::problem::{InputProblem, Problems};

const LAYOUT: Layout = Layout { columns: &["scenario", "demand_factor", "pumps_off"], required: 1 };
/// Every pump.
const ALL: &str = "*";
/// Latest hour that is understood.
const LATEST_H: f64 = 1e6;
const SYNTAX: &str = "write PUMP, PUMP@6-12 (hours) or PUMP@6- (to the end), with semicolons \
                      between several; * is every pump";

/// A table of scenarios as far as it could be read.
#[derive(Clone, Debug, Default)]
pub struct ReadVariations {
    /// By scenario: its name.
    pub names: Vec<String>,
    /// By scenario: what it changes.
    pub variations: Vec<Variation>,
    /// By scenario: the pumps that are out, as written.
    pub pumps_off: Vec<String>,
    /// Everything that is wrong.
    pub problems: Vec<InputProblem>,
    /// SHA-256 of the file's bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Reads a table of scenarios of `water`: columns `scenario`, and where wanted
/// `demand_factor` (1 without it) and `pumps_off` (`P1;P2@6-12`).
#[must_use]
pub fn read_variations(path: &Path, water: &Water) -> ReadVariations {
    let mut problems = Problems::default();
    let Some(file) = input_file::read(path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1, &mut problems)
    else {
        return ReadVariations { problems: problems.finish(path), ..ReadVariations::default() };
    };
    let pumps = (0u32..).zip(&water.pumps).map(|(i, p)| (p.id.as_str(), i)).collect();
    let mut out = ReadVariations { sha256: file.sha256.clone(), ..ReadVariations::default() };
    let mut lines: HashMap<String, usize> = HashMap::new();
    let read = table::read(&file, LAYOUT, &mut problems, |row| {
        let name = row.required("scenario");
        if let Some(line) = lines.get(&name).filter(|_| !name.is_empty()) {
            let message = format!("scenario `{}` is there twice", shorten(&name));
            let help = format!("the other one is in line {line}");
            row.push("duplicate-id", "scenario", message, Some(help));
        } else {
            lines.insert(name.clone(), row.line());
        }
        out.names.push(name);
        let demand_factor = factor(row);
        let pumps_off = outages(row, &pumps);
        out.variations.push(Variation { demand_factor, pumps_off });
        out.pumps_off.push(row.text("pumps_off"));
    });
    if read.complete && read.rows.is_empty() {
        let problem = InputProblem::error(codes::EMPTY_FILE, path, "the table has no scenarios");
        problems.push(problem.at(1, 0).help("write a row for each"));
    }
    out.problems = problems.finish(path);
    out
}

fn factor(row: &mut Row<'_>) -> f64 {
    let factor = row.number_or("demand_factor", 1.0);
    if factor < 0.0 {
        let message = format!("a demand factor of {factor} is below zero");
        let help = "1 is the network's own demand, 1.2 a fifth more".to_owned();
        row.push("out-of-range", "demand_factor", message, Some(help));
        return 1.0;
    }
    factor
}

fn outages(row: &mut Row<'_>, pumps: &HashMap<&str, u32>) -> Vec<PumpOutage> {
    let mut out = Vec::new();
    for item in row.list("pumps_off") {
        if item.is_empty() {
            continue;
        }
        // A pump may have an @ in its name.
        let whole = item == ALL || pumps.contains_key(item.as_str());
        let (id, span) = match item.rsplit_once('@') {
            Some((id, span)) if !whole => (id.trim(), Some(span.trim())),
            Some(_) | None => (item.as_str(), None),
        };
        let off_s = match span.map(hours) {
            None => 0..i64::MAX,
            Some(Some(off_s)) => off_s,
            Some(None) => {
                let message = format!("`{}` does not say when the pump is out", shorten(&item));
                row.push(codes::BAD_VALUE, "pumps_off", message, Some(SYNTAX.to_owned()));
                0..i64::MAX
            }
        };
        if id == ALL {
            let mut all: Vec<u32> = pumps.values().copied().collect();
            all.sort_unstable();
            out.extend(all.into_iter().map(|pump| PumpOutage { pump, off_s: off_s.clone() }));
        } else if let Some(&pump) = pumps.get(id) {
            out.push(PumpOutage { pump, off_s });
        } else {
            let message = format!("there is no pump `{}` in the network", shorten(id));
            let help = match nearest(id, in_order(pumps)) {
                Some(near) => format!("did you mean `{near}`?"),
                None if pumps.is_empty() => "the network has no pumps".to_owned(),
                None => {
                    let first: Vec<&str> = in_order(pumps).take(5).collect();
                    format!("pumps are {}", first.join(", "))
                }
            };
            row.push("unknown-reference", "pumps_off", message, Some(help));
        }
    }
    out
}

fn in_order<'a>(pumps: &HashMap<&'a str, u32>) -> impl Iterator<Item = &'a str> {
    let mut all: Vec<(u32, &str)> = pumps.iter().map(|(id, row)| (*row, *id)).collect();
    all.sort_unstable();
    all.into_iter().map(|(_, id)| id)
}

/// `6-12`, `6.5-12` or `6-`, in whole seconds.
fn hours(text: &str) -> Option<std::ops::Range<i64>> {
    let (from, until) = text.split_once('-')?;
    let seconds = |text: &str| {
        let text = text.trim();
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let hours: f64 = text.parse().ok().filter(|_| plain)?;
        (hours <= LATEST_H).then(|| (hours * 3600.0).round() as i64)
    };
    let from_s = seconds(from)?;
    let until_s = if until.trim().is_empty() { i64::MAX } else { seconds(until)? };
    (from_s < until_s).then_some(from_s..until_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use blackstart::region::{Pump, PumpCurve, WaterNodeIdx};

    fn read(name: &str, text: &str) -> (ReadVariations, Vec<String>) {
        let pump = |id: &str| Pump {
            id: id.into(),
            from: WaterNodeIdx::new(0),
            to: WaterNodeIdx::new(1),
            curve: PumpCurve::Power { kw: 1.0 },
            speed: 1.0,
            pattern: None,
            on: true,
            facility: None,
        };
        let pumps = ["PUMP1", "PUMP2", "x@1-2"].map(pump).to_vec();
        let water = Water { pumps, ..Water::default() };
        let path = std::env::temp_dir().join(format!("{name}-{}.csv", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let read = read_variations(&path, &water);
        std::fs::remove_file(&path).unwrap();
        let shown = path.display().to_string();
        let told = read.problems.iter().map(|p| p.to_string().replace(&shown, "s.csv")).collect();
        (read, told)
    }

    #[test]
    fn outages_are_read_in_all_forms() {
        let (read, told) = read(
            "variations",
            "pumps_off,scenario,demand_factor\n,plain,\nPUMP1,a,1.5\n\
             PUMP2@6-12; PUMP1@0.5- ,b,0\nx@1-2;x@1-2@3-4,c,1\n*@2-3,d,1e0\n",
        );
        assert!(told.is_empty(), "{told:?}");
        assert_eq!(read.names, ["plain", "a", "b", "c", "d"]);
        let off = |pump: u32, off_s| PumpOutage { pump, off_s };
        let end = i64::MAX;
        assert_eq!(read.variations[0], Variation::default());
        assert_eq!(read.variations[1].pumps_off, [off(0, 0..end)]);
        assert_eq!(read.variations[1].demand_factor, 1.5);
        assert_eq!(read.variations[2].pumps_off, [off(1, 21_600..43_200), off(0, 1800..end)]);
        assert_eq!(read.variations[3].pumps_off, [off(2, 0..end), off(2, 10_800..14_400)]);
        let all: Vec<_> = (0..3).map(|pump| off(pump, 7200..10_800)).collect();
        assert_eq!(read.variations[4].pumps_off, all);
        assert_eq!(read.pumps_off[1], "PUMP1");
    }

    #[test]
    fn only_names_are_needed() {
        let (read, told) = read("variations-names", "scenario\na\nb\n");
        assert!(told.is_empty() && read.variations == vec![Variation::default(); 2]);
    }

    #[test]
    fn everything_wrong_is_told_at_once_with_its_place() {
        let (_, told) = read(
            "variations-wrong",
            "scenario,demand_factor,pumps_off\na,1,PUMP3\nb,much,PUMP1@6\nb,-1,PUMP1@12-6\n,1\n",
        );
        let all = told.join("\n");
        for part in [
            "s.csv:2:5: there is no pump `PUMP3` in the network (did you mean `PUMP1`?)",
            "s.csv:3:3: `much` in `demand_factor` is not a number",
            "s.csv:3:8: `PUMP1@6` does not say when the pump is out (write PUMP, PUMP@6-12",
            "s.csv:4:1: scenario `b` is there twice (the other one is in line 3)",
            "s.csv:4:3: a demand factor of -1 is below zero",
            "s.csv:4:6: `PUMP1@12-6` does not say",
            "s.csv:5: the row has 2 values, the header has 3 columns",
        ] {
            assert!(all.contains(part), "{part} in\n{all}");
        }
        assert_eq!(told.len(), 7, "{all}");
        let (_, told) = read("variations-column", "scenario,demand_facter\na,1\n");
        assert!(told[0].contains("did you mean `demand_factor`?"), "{told:?}");
        let (_, told) = read("variations-none", "scenario\n");
        assert!(told[0].contains("the table has no scenarios"), "{told:?}");
    }
}
