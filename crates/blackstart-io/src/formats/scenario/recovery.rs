//! Keys of `[repair]` that say how teams work.

use blackstart::region::closest;
use blackstart::scenario::{PriorityRule, Recovery, Shift, Skill, TemporaryFix};

use super::Reader;
use super::repair::small;
use crate::toml_doc::{Section, Value};

/// Most teams of one skill, and most temporary fixes of one kind.
const MAX_COUNT: u64 = 1_000_000;

impl Reader<'_> {
    pub(super) fn recovery(
        &mut self,
        section: Option<&Section<'_, '_>>,
        rule: PriorityRule,
    ) -> Recovery {
        let mut recovery = Recovery::default();
        let Some(section) = section else { return recovery };
        if let Some(given) = section.section("skills") {
            recovery.skilled = Skill::ALL.map(|skill| {
                let Some(shift) = given.section(skill.word()) else { return Shift::default() };
                let teams = |key| shift.whole(key, 0, MAX_COUNT).map_or(0, small);
                let shift_of = Shift { day: teams("day"), night: teams("night") };
                shift.finish();
                shift_of
            });
            given.finish();
        }
        if let Some(value) = section.get("depots") {
            let items = value.list().unwrap_or_default();
            recovery.depots = items.iter().filter_map(Value::position).collect();
        }
        let positive = f64::MIN_POSITIVE..=1000.0;
        recovery.travel_km_h =
            section.number_in("travel_km_h", positive, "a speed above 0, at most 1000 km/h");
        let number = |key, slot: &mut f64, range: std::ops::RangeInclusive<f64>, must: &str| {
            if let Some(value) = section.number_in(key, range, must) {
                *slot = value;
            }
        };
        let hours = "from 0 to 8784 hours";
        number("inspection_h", &mut recovery.inspection_h, 0.0..=8784.0, hours);
        number("temporary_h", &mut recovery.temporary_h, 0.0..=8784.0, hours);
        let times = "from 1 to 100 times the teams it takes";
        number("most_teams_factor", &mut recovery.most_teams_factor, 1.0..=100.0, times);
        recovery.more_teams_exponent = MORE_TEAMS_EXPONENT;
        let power = "a power from 0 to 1";
        number("more_teams_exponent", &mut recovery.more_teams_exponent, 0.0..=1.0, power);
        if recovery.most_teams_factor > 1.0 && section.get("more_teams_exponent").is_none() {
            let text = format!("{MORE_TEAMS_EXPONENT} (assumption)");
            self.assume("repair.more_teams_exponent", text);
        }
        if let Some(given) = section.section("temporary") {
            recovery.temporary =
                TemporaryFix::ALL.map(|fix| given.whole(fix.word(), 0, MAX_COUNT).map_or(0, small));
            given.finish();
            if section.get("temporary_h").is_none() {
                let text = format!("{} h (assumption)", recovery.temporary_h);
                self.assume("repair.temporary_h", text);
            }
        }
        recovery.cannibalise = section.flag("cannibalise").unwrap_or(false);
        if let Some(value) = section.get("districts") {
            recovery.districts = self.districts(&value);
            if rule != PriorityRule::DistrictOrder {
                let message = String::from("`repair.districts` is only for the district order");
                let help = String::from("write rule = \"district_order\"");
                value.push("contradiction", message, Some(help));
            }
        } else if rule == PriorityRule::DistrictOrder {
            let text = String::from("by number of people, the largest first");
            self.assume("repair.districts", text);
        }
        recovery
    }

    fn districts(&self, value: &Value<'_, '_>) -> Vec<String> {
        let areas = &self.region.places().areas;
        let mut named = Vec::new();
        for item in value.list().unwrap_or_default() {
            let Some(name) = item.text() else { continue };
            if !areas.iter().any(|a| a.district == name) {
                let mut districts: Vec<&str> = areas.iter().map(|a| a.district.as_str()).collect();
                districts.sort_unstable();
                districts.dedup();
                let help = match closest(&name, districts.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("districts are \"{}\"", districts.join("\", \"")),
                };
                let message = format!("the region has no district \"{name}\"");
                item.push("unknown-reference", message, Some(help));
            }
            named.push(name);
        }
        named
    }
}

/// Four times the teams are 2.6 times as fast: an assumption; nothing is published.
const MORE_TEAMS_EXPONENT: f64 = 0.7;
