//! `[observed]`: a table of reports of damage over time. What is reported as unknown is
//! drawn until a later report of the same event says what somebody saw.

use std::collections::BTreeMap;

use blackstart::region::FacilityIdx;
use blackstart::scenario::{DamageState, Event, EventKind, StruckAsset, Uninspected};
use jiff::civil::DateTime;

use super::damage::{facility_called, facility_of_asset};
use super::{Reader, defaults};
use crate::codes;
use crate::formats::table::{self, Layout, Row};
use crate::input_file::InputFile;
use crate::toml_doc::Section;

const REPORTS: Layout = Layout {
    columns: &["state", "facility", "asset", "at_h", "time", "event", "repair_days", "source"],
    required: 1,
};

/// What a report says of a facility.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    /// Nobody has looked.
    Unknown,
    /// Somebody has: nothing is damaged.
    Whole,
    /// Somebody has.
    State(DamageState),
}

const STATES: [(&str, Seen); 6] = [
    ("unknown", Seen::Unknown),
    ("none", Seen::Whole),
    ("slight", Seen::State(DamageState::Slight)),
    ("moderate", Seen::State(DamageState::Moderate)),
    ("extensive", Seen::State(DamageState::Extensive)),
    ("complete", Seen::State(DamageState::Complete)),
];

/// A row of the table.
struct Told {
    event: String,
    facility: FacilityIdx,
    at_h: f64,
    seen: Seen,
    repair_days: Option<f64>,
}

/// What all reports of one facility in one event come to.
struct Known {
    at_h: f64,
    last_h: f64,
    seen: Seen,
    repair_days: Option<f64>,
}

impl Reader<'_> {
    /// The events of the table that the section names.
    pub(super) fn observed(
        &mut self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Vec<Event> {
        let odds = section.get("unknown_odds").and_then(|value| {
            let numbers: Vec<f64> = value.list()?.iter().filter_map(|i| i.number()).collect();
            let four = <[f64; 4]>::try_from(numbers).ok();
            let usable = |o: &[f64; 4]| o.iter().all(|o| *o >= 0.0) && o.iter().sum::<f64>() > 0.0;
            if !four.as_ref().is_some_and(usable) {
                let message = String::from("`unknown_odds` must be four odds: slight to complete");
                let help = String::from("write unknown_odds = [0.45, 0.40, 0.13, 0.02]");
                value.push(codes::BAD_VALUE, message, Some(help));
            }
            four.filter(usable)
        });
        if section.get("csv").is_none() {
            let message = String::from("`[observed]` names no table of reports");
            let help = "write csv = \"reports.csv\"";
            section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
        }
        let file = section.get("csv").and_then(|value| self.file(&value));
        section.finish();
        let Some((path, text)) = file else { return Vec::new() };
        let file = InputFile { path, text, sha256: String::new() };
        let read = {
            let mut problems = section.doc.problems.borrow_mut();
            table::read(&file, REPORTS, &mut problems, |row| {
                self.told(row, start, f64::from(horizon_h))
            })
        };
        let known = known(read.rows.into_iter().flatten());
        let unseen = known.values().any(|k| k.seen == Seen::Unknown);
        let odds = odds.unwrap_or_else(|| {
            let odds = defaults::UNKNOWN_ODDS;
            if unseen {
                let [slight, moderate, extensive, complete] = odds;
                self.assume(
                    "observed.unknown_odds",
                    format!(
                        "slight {slight}, moderate {moderate}, extensive {extensive}, complete \
                         {complete} (assumption)"
                    ),
                );
            }
            odds
        });
        events(known, odds)
    }

    fn told(&self, row: &mut Row<'_>, start: Option<DateTime>, last_h: f64) -> Option<Told> {
        let facility = match (row.optional("facility"), row.optional("asset")) {
            (Some(name), None) => ("facility", facility_called(self.region, &name)),
            (None, Some(name)) => ("asset", facility_of_asset(self.region, &name)),
            (Some(_), Some(_)) => {
                let message = "`facility` and `asset` both say what is damaged".to_owned();
                row.push("contradiction", "asset", message, Some("leave one empty".to_owned()));
                return None;
            }
            (None, None) => {
                let message = "it is not said what is damaged".to_owned();
                let help = "write a facility's id, or an asset such as pump:ID".to_owned();
                row.push(codes::BAD_VALUE, "facility", message, Some(help));
                return None;
            }
        };
        let facility = match facility {
            (_, Ok(facility)) => Some(facility),
            (column, Err((message, help))) => {
                row.push("unknown-reference", column, message, Some(help));
                None
            }
        };
        let seen = row.word_of("state", &STATES, None);
        let at_h = Self::told_at_h(row, start, last_h);
        let repair_days = (!row.is_empty("repair_days")).then(|| row.number("repair_days"));
        if repair_days.is_some_and(|d| !(0.0..=3650.0).contains(&d)) {
            let message = "`repair_days` must be from 0 to 3650 days".to_owned();
            row.push("out-of-range", "repair_days", message, None);
        }
        let event = row.optional("event").unwrap_or_else(|| String::from("Reported damage"));
        Some(Told { event, facility: facility?, at_h: at_h?, seen: seen?, repair_days })
    }

    fn told_at_h(row: &mut Row<'_>, start: Option<DateTime>, last_h: f64) -> Option<f64> {
        let (column, at_h) = match (row.is_empty("at_h"), row.optional("time")) {
            (false, None) => ("at_h", row.number("at_h")),
            (true, Some(text)) => match text.replace(' ', "T").parse::<DateTime>() {
                Ok(time) => ("time", time.duration_since(start?).as_secs_f64() / 3600.0),
                Err(_) => {
                    let message = format!("`{text}` is no local time");
                    let help = "write 2026-01-14T21:30".to_owned();
                    row.push(codes::BAD_DATE, "time", message, Some(help));
                    return None;
                }
            },
            (false, Some(_)) => {
                let message = "`at_h` and `time` both state when".to_owned();
                row.push("contradiction", "time", message, Some("leave one empty".to_owned()));
                return None;
            }
            (true, None) => ("at_h", 0.0),
        };
        if !(0.0..=last_h).contains(&at_h) {
            let message =
                format!("this is {at_h} h after the start; it must be from 0 to {last_h} h");
            row.push("out-of-range", column, message, None);
            return None;
        }
        Some(at_h)
    }
}

/// Reports of one facility in one event are about the same damage: it began with the first
/// of them, and the last that saw it says what it is.
fn known(told: impl Iterator<Item = Told>) -> BTreeMap<(String, FacilityIdx), Known> {
    let mut known: BTreeMap<(String, FacilityIdx), Known> = BTreeMap::new();
    for told in told {
        let Told { event, facility, at_h, seen, repair_days } = told;
        let entry = known.entry((event, facility)).or_insert(Known {
            at_h,
            last_h: f64::NEG_INFINITY,
            seen: Seen::Unknown,
            repair_days: None,
        });
        entry.at_h = entry.at_h.min(at_h);
        if seen != Seen::Unknown && at_h >= entry.last_h {
            entry.last_h = at_h;
            entry.seen = seen;
            entry.repair_days = repair_days.or(entry.repair_days);
        }
    }
    known
}

fn events(known: BTreeMap<(String, FacilityIdx), Known>, state_odds: [f64; 4]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for ((name, facility), Known { at_h, seen, repair_days, .. }) in known {
        // Luck knows an event by its name: with the hour in it, a report more or less of
        // another hour changes nothing here.
        let (name, kind) = match seen {
            Seen::Whole => continue,
            Seen::State(state) => {
                let struck = StruckAsset { facility, state, repair_days };
                (format!("{name} ({at_h} h)"), EventKind::Damaged(vec![struck]))
            }
            Seen::Unknown => {
                let facilities = vec![facility];
                let kind = EventKind::Uninspected(Uninspected { facilities, state_odds });
                (format!("{name}, not inspected ({at_h} h)"), kind)
            }
        };
        if let EventKind::Uninspected(more) = &kind
            && let Some(same) = events.iter_mut().find(|e| e.name == name)
            && let EventKind::Uninspected(list) = &mut same.kind
        {
            list.facilities.extend_from_slice(&more.facilities);
            continue;
        }
        events.push(Event { name, at_h, kind });
    }
    events
}
