//! `[[damaged]]`: damage that is known, by facility or asset.

use blackstart::region::{FacilityIdx, Region, closest};
use blackstart::scenario::{DamageState, Event, EventKind, StruckAsset};
use jiff::civil::DateTime;

use super::Reader;
use crate::codes;
use crate::toml_doc::{Section, Value};

const STATES: [(&str, DamageState); 4] = [
    ("slight", DamageState::Slight),
    ("moderate", DamageState::Moderate),
    ("extensive", DamageState::Extensive),
    ("complete", DamageState::Complete),
];

impl Reader<'_> {
    /// One `[[damaged]]` as an event of its own; [`in_time_order`] joins those of one hour.
    pub(super) fn damaged(
        &self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Option<Event> {
        let name = section.text("name");
        let at_h = if section.get("at_h").is_none() && section.get("time").is_none() {
            Some(0.0)
        } else {
            self.at_h(section, start, horizon_h)
        };
        let by_facility = section.get("facility");
        let by_asset = section.get("asset");
        let facility = match (&by_facility, &by_asset) {
            (Some(value), None) => self.facility(value),
            (None, Some(value)) => self.facility_of_asset(value),
            (Some(_), Some(value)) => {
                let message = String::from("`facility` and `asset` both say what is damaged");
                value.push("contradiction", message, Some(String::from("remove one of them")));
                None
            }
            (None, None) => {
                let message = String::from("it is not said what is damaged");
                let help = "write facility = \"ID\" or asset = \"pump:ID\"";
                section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
                None
            }
        };
        let state = section.word("state", &STATES);
        if section.get("state").is_none() {
            let message = String::from("`state` is missing");
            let help = "write state = \"slight\", \"moderate\", \"extensive\" or \"complete\"";
            section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
        }
        let repair_days = section.number_in("repair_days", 0.0..=3650.0, "from 0 to 3650 days");
        section.finish();
        let struck = StruckAsset { facility: facility?, state: state?, repair_days };
        Some(Event {
            name: name.unwrap_or_else(|| String::from("Damage")),
            at_h: at_h?,
            kind: EventKind::Damaged(vec![struck]),
        })
    }

    fn facility(&self, value: &Value<'_, '_>) -> Option<FacilityIdx> {
        let found = facility_called(self.region, &value.text()?);
        found.map_err(|(message, help)| value.push("unknown-reference", message, Some(help))).ok()
    }

    fn facility_of_asset(&self, value: &Value<'_, '_>) -> Option<FacilityIdx> {
        let found = facility_of_asset(self.region, &value.text()?);
        found.map_err(|(message, help)| value.push("unknown-reference", message, Some(help))).ok()
    }
}

/// The facility of that id (or `class:id`), or what is wrong and how to mend it.
pub(super) fn facility_called(
    region: &Region,
    name: &str,
) -> Result<FacilityIdx, (String, String)> {
    let facilities = region.facilities();
    match region.facilities_called(name).as_slice() {
        [one] => Ok(*one),
        [] => {
            let message = format!("the region has no facility `{name}`");
            let help = match closest(name, facilities.iter().map(|f| f.id.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None if region.asset_called(name).is_some() => {
                    format!("it is an asset: write asset = \"{name}\"")
                }
                None => {
                    let some: Vec<&str> =
                        facilities.iter().take(5).map(|f| f.id.as_str()).collect();
                    format!("facilities are called {}, …", some.join(", "))
                }
            };
            Err((message, help))
        }
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|f| &facilities[f.i()])
                .map(|f| format!("\"{}:{}\"", f.class.word(), f.id))
                .collect();
            let message = format!("{} facilities are called `{name}`", several.len());
            Err((message, format!("write {}", names.join(" or "))))
        }
    }
}

/// The facility that holds the asset `class:id`, or what is wrong and how to mend it.
pub(super) fn facility_of_asset(
    region: &Region,
    name: &str,
) -> Result<FacilityIdx, (String, String)> {
    let Some(asset) = region.asset_called(name) else {
        let message = format!("the region has no asset `{name}`");
        let help = "assets are written bus:ID, branch:ID, generator:ID, pump:ID, pipe:ID, \
                    tank:ID, plant:ID, heat_pipe:ID";
        return Err((message, help.to_owned()));
    };
    region.facility_of(asset).ok_or_else(|| {
        let message = format!("`{name}` is in no facility, so it cannot be damaged");
        (message, String::from("sites and import ties are not damaged; damage what feeds them"))
    })
}

/// Events in time order; known damage of the same time and name becomes one event.
pub(super) fn in_time_order(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by(|a, b| a.at_h.total_cmp(&b.at_h));
    let mut joined: Vec<Event> = Vec::with_capacity(events.len());
    for event in events {
        if let EventKind::Damaged(more) = &event.kind
            && let Some(same) =
                joined.iter_mut().find(|e| e.at_h == event.at_h && e.name == event.name)
            && let EventKind::Damaged(list) = &mut same.kind
        {
            list.extend_from_slice(more);
            continue;
        }
        joined.push(event);
    }
    joined
}
