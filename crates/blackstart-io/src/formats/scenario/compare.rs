//! `[[halt]]` and `[[compare]]`: policies as small overlays of a scenario.

use blackstart::scenario::{ByMunition, Halt, Measure, Munition, PolicyCase};
use jiff::civil::DateTime;

use super::Reader;
use crate::codes;
use crate::toml_doc::{Section, Value};

/// Most policies that are put side by side.
const MAX_CASES: usize = 32;

/// What a halt may cover besides single classes: everything that comes by air, and by sea.
const AIR: &str = "air";
const SEA: &str = "sea";

/// A span of time: `from` or `from_h`, `until` or `until_h`.
pub(super) struct Span {
    pub from_h: f64,
    pub until_h: f64,
}

impl Span {
    /// Reads a span. Without a beginning it holds from the start, without an end for good.
    pub(super) fn read(section: &Section<'_, '_>, start: Option<DateTime>) -> Option<Self> {
        let from_h = bound(section, start, ("from", "from_h"), 0.0);
        let until_h = bound(section, start, ("until", "until_h"), f64::INFINITY);
        let (from_h, until_h) = (from_h?, until_h?);
        if until_h <= from_h {
            let message = format!("it ends at {until_h} h, not after it begins at {from_h} h");
            section.push("contradiction", message, None);
            return None;
        }
        Some(Self { from_h, until_h })
    }
}

/// Hours after the start; `default` if nothing is said.
fn bound(
    section: &Section<'_, '_>,
    start: Option<DateTime>,
    (clock, hours): (&'static str, &'static str),
    default: f64,
) -> Option<f64> {
    let must = "hours after the start, from -100000 to 100000";
    let in_hours = section.number_in(hours, -1e5..=1e5, must);
    match (section.get(hours), section.get(clock)) {
        (Some(value), Some(_)) => {
            let message = format!("`{hours}` and `{clock}` both state the same time");
            value.push("contradiction", message, Some(String::from("remove one of them")));
            None
        }
        (Some(_), None) => in_hours,
        (None, Some(value)) => {
            Some(value.datetime()?.duration_since(start?).as_secs_f64() / 3600.0)
        }
        (None, None) => Some(default),
    }
}

impl Reader<'_> {
    /// The halts of the scenario itself.
    pub(super) fn halts(&self, top: &Section<'_, '_>, start: Option<DateTime>) -> Vec<Halt> {
        top.sections("halt").iter().filter_map(|s| halt(s, start)).collect()
    }

    /// The policies to put side by side with the scenario as it is.
    pub(super) fn cases(&self, top: &Section<'_, '_>, start: Option<DateTime>) -> Vec<PolicyCase> {
        let mut cases: Vec<PolicyCase> = Vec::new();
        for section in top.sections("compare") {
            let Some(case) = case(&section, start) else { continue };
            if cases.iter().any(|c| c.name == case.name) {
                let message = format!("two policies are called \"{}\"", case.name);
                section.push("contradiction", message, None);
            }
            cases.push(case);
        }
        if cases.len() > MAX_CASES {
            let message = format!("{} policies; at most {MAX_CASES} can be compared", cases.len());
            top.push("out-of-range", message, None);
        }
        cases
    }
}

fn case(section: &Section<'_, '_>, start: Option<DateTime>) -> Option<PolicyCase> {
    let name = section.text("name");
    if section.get("name").is_none() {
        let help = "write name = \"Halt from 12 January\"";
        section.push(
            codes::MISSING_KEY,
            String::from("the policy has no name"),
            Some(help.to_owned()),
        );
    }
    let mut measures = Vec::new();
    for table in section.tables("halt") {
        measures.extend(halt(&table, start).map(Measure::Halt));
    }
    for table in section.tables("aid_pause") {
        let span = Span::read(&table, start);
        table.finish();
        measures.extend(span.map(|s| Measure::AidPause { from_h: s.from_h, until_h: s.until_h }));
    }
    for table in section.tables("support_pause") {
        measures.extend(support_pause(&table, start));
    }
    for table in section.tables("imports") {
        let span = Span::read(&table, start);
        let share = needed(&table, "share", 0.0..=1.0, "a share of the import cap, from 0 to 1");
        table.finish();
        measures.extend(span.zip(share).map(|(s, share)| Measure::Imports {
            from_h: s.from_h,
            until_h: s.until_h,
            share,
        }));
    }
    if let Some(table) = section.section("generators") {
        let more = needed(&table, "more", 0.0..=1e6, "a whole number from 0 to 1000000");
        table.finish();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1e6")]
        measures.extend(more.map(|more| Measure::Generators { more: more.round() as u32 }));
    }
    if let Some(table) = section.section("thermostat") {
        let c = needed(&table, "indoor_set_c", 0.0..=30.0, "0 to 30 °C");
        table.finish();
        measures.extend(c.map(|indoor_set_c| Measure::Thermostat { indoor_set_c }));
    }
    if let Some(table) = section.section("demand") {
        let factor = needed(&table, "factor", 0.0..=10.0, "a factor from 0 to 10");
        table.finish();
        measures.extend(factor.map(|factor| Measure::Demand { factor }));
    }
    if let Some(table) = section.section("weather") {
        let shift = needed(&table, "shift_k", -40.0..=40.0, "-40 to 40 K");
        table.finish();
        measures.extend(shift.map(|shift_k| Measure::WeatherShift { shift_k }));
    }
    section.finish();
    Some(PolicyCase { name: name?, measures })
}

fn needed(
    table: &Section<'_, '_>,
    key: &'static str,
    range: std::ops::RangeInclusive<f64>,
    must: &str,
) -> Option<f64> {
    if table.get(key).is_none() {
        let message = format!("`{key}` is missing: {must}");
        table.push(codes::MISSING_KEY, message, None);
    }
    table.number_in(key, range, must)
}

fn halt(section: &Section<'_, '_>, start: Option<DateTime>) -> Option<Halt> {
    let name = section.text("name").unwrap_or_else(|| String::from("halt"));
    let span = Span::read(section, start);
    let share = "a share from 0 to 1";
    let removes_share = needed(section, "removes_share", 0.0..=1.0, share);
    let leakage_share = section.number_in("leakage_share", 0.0..=1.0, share).unwrap_or(0.0);
    let disputed_h = section
        .number_in("disputed_h", 0.0..=8784.0, "0 to 8784 hours")
        .or_else(|| {
            let days = section.number_in("disputed_days", 0.0..=366.0, "0 to 366 days");
            days.map(|d| d * 24.0)
        })
        .unwrap_or(0.0);
    let covers = match section.get("covers") {
        None => [true; Munition::ALL.len()],
        Some(value) => covers(&value),
    };
    section.finish();
    let span = span?;
    Some(Halt {
        name,
        from_h: span.from_h,
        until_h: span.until_h,
        disputed_h,
        covers,
        removes_share: removes_share?,
        leakage_share,
    })
}

fn covers(value: &Value<'_, '_>) -> ByMunition<bool> {
    let mut covers = [false; Munition::ALL.len()];
    let words: Vec<(&'static str, Option<Munition>)> = [(AIR, None), (SEA, None)]
        .into_iter()
        .chain(Munition::ALL.iter().map(|m| (m.word(), Some(*m))))
        .collect();
    for item in value.list().unwrap_or_default() {
        let Some(meant) = item.word(&words) else { continue };
        let sea = item.text().is_some_and(|text| text == SEA);
        for (k, munition) in Munition::ALL.into_iter().enumerate() {
            covers[k] |= match meant {
                Some(one) => one == munition,
                None => (munition == Munition::MissileCruiseSea) == sea,
            };
        }
    }
    covers
}

fn support_pause(table: &Section<'_, '_>, start: Option<DateTime>) -> Option<Measure> {
    let span = Span::read(table, start);
    let given = table.section("intercepted");
    if table.get("intercepted").is_none() {
        let message = String::from("`intercepted` is missing: the shares that it falls to");
        let help = String::from("write intercepted = { missiles_ballistic = 0.05, drones = 0.7 }");
        table.push(codes::MISSING_KEY, message, Some(help));
    }
    let intercepted_share = Munition::ALL.map(|munition| {
        let value = given.as_ref()?.get(munition.word())?;
        value.interval(0.0..=1.0, "a share from 0 to 1")
    });
    if let Some(given) = given {
        given.finish();
    }
    table.finish();
    let span = span?;
    Some(Measure::SupportPause { from_h: span.from_h, until_h: span.until_h, intercepted_share })
}
