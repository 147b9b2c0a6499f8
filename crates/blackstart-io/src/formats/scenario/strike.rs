//! `[[strike]]`: counts, interception and odds. A strike has no aim.

use blackstart::region::FacilityClass;
use blackstart::scenario::{ByMunition, Event, EventKind, HitRule, Interval, Munition, Strike};
use jiff::civil::DateTime;

use super::{Reader, defaults};
use crate::codes;
use crate::toml_doc::Section;

/// Most weapons of one class in one strike.
const MAX_LAUNCHED: f64 = 10_000.0;

/// What fills the gaps of a strike or campaign.
pub(super) struct Defaults {
    /// The section, for notes.
    pub section: &'static str,
    /// Share intercepted or lost.
    pub intercepted: ByMunition<f64>,
    /// Where that comes from.
    pub source: String,
    /// Classes that are launched: gaps of others need no note.
    pub launched: ByMunition<bool>,
}

impl Reader<'_> {
    pub(super) fn strike(
        &mut self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Option<Event> {
        let name = section.text("name");
        let at_h = self.at_h(section, start, horizon_h);
        let must = format!("a count from 0 to {MAX_LAUNCHED}");
        let launched = Munition::ALL.map(|m| {
            let value = section.get(m.word());
            value
                .and_then(|v| v.interval(0.0..=MAX_LAUNCHED, &must))
                .unwrap_or(Interval::point(0.0))
        });
        if Munition::ALL.iter().all(|m| section.get(m.word()).is_none()) {
            let message = String::from("the strike has no weapons");
            let help = "write counts such as drones = [190, 199]";
            section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
        }
        let defaults = Defaults {
            section: "strike",
            intercepted: defaults::INTERCEPTED,
            source: String::from(
                "share shot down or lost in November 2024 to March 2025, from daily air force \
                 reports",
            ),
            launched: Munition::ALL.map(|m| section.get(m.word()).is_some()),
        };
        let strike = Strike { launched, ..self.without_counts(section, &defaults) };
        section.finish();
        Some(Event {
            name: name.unwrap_or_else(|| String::from("Strike")),
            at_h: at_h?,
            kind: EventKind::Strike(Box::new(strike)),
        })
    }

    /// What a strike has besides its counts, which are left at 0.
    pub(super) fn without_counts(
        &mut self,
        section: &Section<'_, '_>,
        defaults: &Defaults,
    ) -> Strike {
        let intercepted_share = self.intercepted(section, defaults);
        let share_on_region = self.share_on_region(section, defaults);
        let class_odds = self.class_odds(section, defaults);
        let hit_rule = section
            .word("hit_rule", &[("uniform", HitRule::Uniform), ("by_size", HitRule::BySize)])
            .unwrap_or(HitRule::Uniform);
        Strike {
            launched: [Interval::point(0.0); Munition::ALL.len()],
            intercepted_share,
            share_on_region,
            class_odds,
            hit_rule,
            state_odds: self.state_odds(section, defaults),
        }
    }

    fn intercepted(
        &mut self,
        section: &Section<'_, '_>,
        defaults: &Defaults,
    ) -> ByMunition<Interval> {
        let given = section.section("intercepted");
        let mut shares = defaults.intercepted.map(Interval::point);
        for (k, munition) in Munition::ALL.into_iter().enumerate() {
            let value = given.as_ref().and_then(|s| s.get(munition.word()));
            match value {
                Some(value) => {
                    if let Some(share) = value.interval(0.0..=1.0, "a share from 0 to 1") {
                        shares[k] = share;
                    }
                }
                None if defaults.launched[k] => self.assume(
                    &format!("{}.intercepted.{}", defaults.section, munition.word()),
                    format!("{}: {}", defaults.intercepted[k], defaults.source),
                ),
                None => {}
            }
        }
        if let Some(given) = given {
            given.finish();
        }
        shares
    }

    fn share_on_region(&mut self, section: &Section<'_, '_>, defaults: &Defaults) -> Interval {
        if let Some(value) = section.get("share_on_region") {
            let share = value.interval(0.0..=1.0, "a share from 0 to 1");
            return share.unwrap_or(Interval::point(0.0));
        }
        let share = (self.region.people() / defaults::NATION_PEOPLE).min(1.0);
        self.assume(
            &format!("{}.share_on_region", defaults.section),
            format!(
                "{share:.4}: the region's share of a nation of 32 million people; every weapon \
                 that gets through is taken to find a facility"
            ),
        );
        Interval::point(share)
    }

    fn class_odds(
        &mut self,
        section: &Section<'_, '_>,
        defaults: &Defaults,
    ) -> [f64; FacilityClass::ALL.len()] {
        let Some(given) = section.section("class_odds") else {
            if section.get("class_odds").is_none() {
                let odds: Vec<String> = defaults::CLASS_ODDS
                    .iter()
                    .map(|(class, odds)| format!("{} {odds}", class.word()))
                    .collect();
                self.assume(
                    &format!("{}.class_odds", defaults.section),
                    format!("{} (assumption after the order of public reports)", odds.join(", ")),
                );
            }
            return FacilityClass::ALL.map(|class| {
                let default = defaults::CLASS_ODDS.iter().find(|(c, _)| *c == class);
                default.map_or(0.0, |(_, odds)| *odds)
            });
        };
        let odds = FacilityClass::ALL
            .map(|class| given.number_in(class.word(), 0.0..=1e6, "odds from 0 up").unwrap_or(0.0));
        given.finish();
        if odds.iter().all(|o| *o == 0.0) {
            let message = String::from("`class_odds` has no class with odds above 0");
            given.push("out-of-range", message, None);
        }
        odds
    }

    fn state_odds(
        &mut self,
        section: &Section<'_, '_>,
        defaults: &Defaults,
    ) -> ByMunition<[f64; 4]> {
        let given = section.section("state_odds");
        let mut odds = defaults::STATE_ODDS;
        for (k, munition) in Munition::ALL.into_iter().enumerate() {
            let Some(value) = given.as_ref().and_then(|s| s.get(munition.word())) else {
                if defaults.launched[k] {
                    let [slight, moderate, extensive, complete] = odds[k];
                    self.assume(
                        &format!("{}.state_odds.{}", defaults.section, munition.word()),
                        format!(
                            "slight {slight}, moderate {moderate}, extensive {extensive}, \
                             complete {complete} (assumption; no counts are published)"
                        ),
                    );
                }
                continue;
            };
            let Some(items) = value.list() else { continue };
            let numbers: Vec<f64> = items.iter().filter_map(|i| i.number()).collect();
            match <[f64; 4]>::try_from(numbers) {
                Ok(four) if four.iter().all(|o| *o >= 0.0) && four.iter().sum::<f64>() > 0.0 => {
                    odds[k] = four;
                }
                Ok(_) => {
                    let message = format!("`{}` has odds below 0, or none above", value.key);
                    value.push("out-of-range", message, None);
                }
                Err(_) => {
                    let message = format!("`{}` must be four odds: slight to complete", value.key);
                    let help = "write [0.45, 0.40, 0.13, 0.02]";
                    value.push(codes::BAD_VALUE, message, Some(help.to_owned()));
                }
            }
        }
        if let Some(given) = given {
            given.finish();
        }
        odds
    }
}
