//! `[repair]` and `[policy]`.

use blackstart::scenario::{
    CascadeModel, Delivery, GridPolicy, Policy, PriorityRule, RepairResources, Shedding, Spare,
};

use super::{Reader, defaults};
use crate::codes;
use crate::toml_doc::Section;

const MAX_COUNT: u64 = 1_000_000;

pub(super) fn small(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A default per million people as a whole number, at least `least`.
fn scaled(per_million: f64, millions: f64, least: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let n = (per_million * millions).round() as u32;
    n.max(least)
}

/// A key of an optional section.
fn whole(section: Option<&Section<'_, '_>>, key: &'static str, most: u64) -> Option<u32> {
    section?.whole(key, 0, most).map(small)
}

impl Reader<'_> {
    pub(super) fn repair(&mut self, section: Option<&Section<'_, '_>>) -> RepairResources {
        let millions = self.millions();
        // Teams by skill take the place of those that can do anything.
        let skilled = section.is_some_and(|s| s.has("skills"));
        let teams_day = whole(section, "teams_day", MAX_COUNT).unwrap_or_else(|| {
            if skilled {
                return 0;
            }
            let n = scaled(defaults::TEAMS_DAY_PER_MILLION, millions, 1);
            self.assume(
                "repair.teams_day",
                format!("{n}: 53 per million people, as in Kyiv in January 2026"),
            );
            n
        });
        let teams_night = whole(section, "teams_night", MAX_COUNT).unwrap_or_else(|| {
            if skilled {
                return 0;
            }
            let n = scaled(defaults::TEAMS_NIGHT_PER_MILLION, millions, 1).min(teams_day.max(1));
            self.assume(
                "repair.teams_night",
                format!("{n}: 17 per million people, as in Kyiv in January 2026"),
            );
            n
        });
        let (day_from_h, day_to_h) = self.shifts(section);
        let must = "from 0 to 8784 hours";
        let access_delay_h = section
            .and_then(|s| s.number_in("access_delay_h", 0.0..=8784.0, must))
            .unwrap_or_else(|| {
                let text = format!("{} h (assumption)", defaults::ACCESS_DELAY_H);
                self.assume("repair.access_delay_h", text);
                defaults::ACCESS_DELAY_H
            });
        let spares = self.spares(section, millions);
        let deliveries = section.map(deliveries).unwrap_or_default();
        let rule = section
            .and_then(|s| s.word("rule", &PriorityRule::ALL.map(|rule| (rule.word(), rule))))
            .unwrap_or(PriorityRule::CriticalThenPeople);
        if section.is_none_or(|s| s.get("rule").is_none()) {
            self.assume("repair.rule", String::from("critical_then_people"));
        }
        let recovery = self.recovery(section, rule);
        if let Some(section) = section {
            section.finish();
        }
        RepairResources {
            teams_day,
            teams_night,
            day_from_h,
            day_to_h,
            access_delay_h,
            spares,
            deliveries,
            rule,
            recovery,
        }
    }

    fn shifts(&mut self, section: Option<&Section<'_, '_>>) -> (u32, u32) {
        let from = whole(section, "day_from_h", 24);
        let to = whole(section, "day_to_h", 24);
        let (default_from, default_to) = defaults::SHIFTS;
        if from.is_none() || to.is_none() {
            let text = format!(
                "{} to {} h (assumption)",
                from.unwrap_or(default_from),
                to.unwrap_or(default_to)
            );
            self.assume("repair.day_from_h", text);
        }
        let shifts = (from.unwrap_or(default_from), to.unwrap_or(default_to));
        if shifts.0 >= shifts.1
            && let Some(section) = section
        {
            let message = format!("the day shift ends at {} h, not after {} h", shifts.1, shifts.0);
            let help = String::from("day_from_h must be below day_to_h");
            section.push("contradiction", message, Some(help));
        }
        shifts
    }

    fn spares(&mut self, section: Option<&Section<'_, '_>>, millions: f64) -> [u32; 6] {
        let given = section.and_then(|s| s.section("spares"));
        let mut assumed = Vec::new();
        let spares = Spare::ALL.map(|spare| {
            let count = given.as_ref().and_then(|s| s.whole(spare.word(), 0, MAX_COUNT));
            count.map(small).unwrap_or_else(|| {
                let default = defaults::SPARES_PER_MILLION.iter().find(|(s, _)| *s == spare);
                let n = scaled(default.map_or(0.0, |(_, n)| *n), millions, 1);
                assumed.push(format!("{} {n}", spare.word()));
                n
            })
        });
        if !assumed.is_empty() {
            let text = format!("{} (assumption, by number of people)", assumed.join(", "));
            self.assume("repair.spares", text);
        }
        if let Some(given) = given {
            given.finish();
        }
        spares
    }

    pub(super) fn policy(&mut self, section: Option<&Section<'_, '_>>) -> Policy {
        let mut policy = Policy { shedding: self.shedding(section), ..Policy::default() };
        policy.grid = section
            .and_then(|s| s.word("grid", &GridPolicy::ALL.map(|g| (g.word(), g))))
            .unwrap_or_default();
        let cascades =
            [("off", None), ("dc", Some(CascadeModel::Dc)), ("ac", Some(CascadeModel::Ac))];
        policy.cascade = section.and_then(|s| s.word("cascade", &cascades)).flatten();
        policy.import_share = section.map(import_share).unwrap_or_default();
        let millions = self.millions();
        policy.mobile_generators =
            whole(section, "mobile_generators", MAX_COUNT).unwrap_or_else(|| {
                let n = scaled(defaults::MOBILE_GENERATORS_PER_MILLION, millions, 0);
                self.assume(
                    "policy.mobile_generators",
                    format!("{n}: 40 per million people, as in Kyiv in January 2026"),
                );
                n
            });
        let mut number = |key: &'static str, slot: &mut f64, range: (f64, f64), unit: &str| {
            let must = format!("from {} to {}{unit}", range.0, range.1);
            match section.and_then(|s| s.number_in(key, range.0..=range.1, &must)) {
                Some(value) => *slot = value,
                None if section.is_none_or(|s| s.get(key).is_none()) => {
                    self.assume(&format!("policy.{key}"), format!("{slot}{unit} (assumption)"));
                }
                None => {}
            }
        };
        number(
            "mobile_generator_delay_h",
            &mut policy.mobile_generator_delay_h,
            (0.0, 8784.0),
            " h",
        );
        number(
            "backup_refuel_h_per_day",
            &mut policy.backup_refuel_h_per_day,
            (0.0, 24.0),
            " h per day",
        );
        number("plant_fuel_share", &mut policy.plant_fuel_share, (0.0, 1.0), "");
        number("indoor_set_c", &mut policy.indoor_set_c, (5.0, 30.0), " °C");
        if let Some(section) = section {
            section.finish();
        }
        policy
    }

    fn shedding(&mut self, section: Option<&Section<'_, '_>>) -> Shedding {
        let kind =
            section.and_then(|s| s.word("shedding", &[("proportional", false), ("queues", true)]));
        let turn = section.and_then(|s| s.get("turn_h"));
        let turn_h = turn.as_ref().and_then(|v| v.whole(1, 24)).map(small);
        match kind {
            Some(true) => {
                if turn.is_none() {
                    let text = format!("{} h, as public schedules have it", defaults::TURN_H);
                    self.assume("policy.turn_h", text);
                }
                Shedding::Queues { turn_h: turn_h.unwrap_or(defaults::TURN_H) }
            }
            Some(false) => {
                if let Some(turn) = turn {
                    let message = String::from("`policy.turn_h` is only for queues");
                    let help = String::from("write shedding = \"queues\"");
                    turn.push("contradiction", message, Some(help));
                }
                Shedding::Proportional
            }
            None => {
                if section.is_none_or(|s| s.get("shedding").is_none()) {
                    self.assume("policy.shedding", String::from("proportional"));
                }
                Shedding::Proportional
            }
        }
    }
}

fn deliveries(section: &Section<'_, '_>) -> Vec<Delivery> {
    let words = Spare::ALL.map(|s| (s.word(), s));
    let mut list: Vec<Delivery> = Vec::new();
    for item in section.sections("delivery") {
        let at_h = item.number_in("at_h", 0.0..=8784.0, "from 0 to 8784 hours");
        let spare = item.word("spare", &words);
        let count = item.whole("count", 0, MAX_COUNT);
        for key in ["at_h", "spare", "count"] {
            if item.get(key).is_none() {
                let message = format!("`{key}` is missing");
                let help = "a delivery has at_h, spare and count";
                item.push(codes::MISSING_KEY, message, Some(help.to_owned()));
            }
        }
        item.finish();
        if let (Some(at_h), Some(spare), Some(count)) = (at_h, spare, count) {
            list.push(Delivery { at_h, spare, count: small(count) });
        }
    }
    list.sort_by(|a, b| a.at_h.total_cmp(&b.at_h));
    list
}

/// A share of the import cap, or one per hour.
fn import_share(section: &Section<'_, '_>) -> Vec<f64> {
    let Some(value) = section.get("import_share") else { return Vec::new() };
    let items = if value.is_list() { value.list().unwrap_or_default() } else { vec![value] };
    let mut shares = Vec::with_capacity(items.len());
    for item in items {
        let Some(share) = item.number() else { continue };
        if (0.0..=1.0).contains(&share) {
            shares.push(share);
        } else {
            item.out_of_range(share, "a share from 0 to 1");
        }
    }
    shares
}
