//! `[[campaign]]`: strikes drawn from the statistics of a winter, or from given ones.

use blackstart::scenario::{ByMunition, Campaign, Interval, MASSIVE_MISSILES, Munition, Strike};
use jiff::civil::DateTime;

use super::seasons::{DEFAULT_SEASON, MASSIVE_AT_CLOCK_H, SEASONS, Season};
use super::strike::Defaults;
use super::{Reader, Span};
use crate::toml_doc::Section;

/// Most launched on an ordinary day, of missiles or of drones.
const MAX_PER_DAY: f64 = 5000.0;

impl Reader<'_> {
    pub(super) fn campaign(
        &mut self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
    ) -> Option<Campaign> {
        let name = section.text("name").unwrap_or_else(|| String::from("Campaign"));
        let Span { from_h, until_h } = Span::read(section, start)?;
        let season = self.season(section);
        let known = season.statistics();
        let count = "a number above 0, at most 5000";
        let positive = f64::MIN_POSITIVE..=MAX_PER_DAY;
        let number =
            |key, default| section.number_in(key, positive.clone(), count).unwrap_or(default);
        let per_day = |key, default| {
            section.number_in(key, 0.0..=MAX_PER_DAY, "a number from 0 to 5000").unwrap_or(default)
        };
        let massive_missiles_median =
            number("massive_missiles_median", known.massive_missiles_median);
        let massive_missiles_p90 = section
            .number_in("massive_missiles_p90", positive.clone(), count)
            .unwrap_or_else(|| {
                let ratio = known.massive_missiles_p90 / known.massive_missiles_median;
                massive_missiles_median * ratio
            });
        if massive_missiles_median < MASSIVE_MISSILES
            && let Some(value) = section.get("massive_missiles_median")
        {
            value.out_of_range(massive_missiles_median, "at least 30, as on massive days");
        }
        if massive_missiles_p90 < massive_missiles_median {
            let message = format!(
                "nine in ten massive days have fewer than {massive_missiles_p90} missiles, but the \
                 median is {massive_missiles_median}"
            );
            section.push("contradiction", message, None);
        }
        let clock = section
            .get("massive_at_clock_h")
            .and_then(|value| value.interval(0.0..=24.0, "hours of the day, 0 to 24"));
        let massive_at_clock_h =
            clock.unwrap_or(Interval { low: MASSIVE_AT_CLOCK_H.0, high: MASSIVE_AT_CLOCK_H.1 });
        let missile_shares = missile_shares(section).unwrap_or(known.missile_shares);
        let defaults = Defaults {
            section: "campaign",
            intercepted: known.intercepted,
            source: format!("share shot down or lost in the winter {}", season.word),
            launched: [true; Munition::ALL.len()],
        };
        let strike = Strike {
            launched: [Interval::point(0.0); Munition::ALL.len()],
            ..self.without_counts(section, &defaults)
        };
        let campaign = Campaign {
            name,
            from_h,
            until_h,
            massive_at_clock_h,
            gap_median_days: number("gap_median_days", known.gap_median_days),
            massive_missiles_median,
            massive_missiles_p90,
            massive_drones_factor: per_day("massive_drones_factor", known.massive_drones_factor),
            missiles_per_day: per_day("missiles_per_day", known.missiles_per_day),
            drones_per_day: per_day("drones_per_day", known.drones_per_day),
            missile_shares,
            strike,
        };
        section.finish();
        Some(campaign)
    }

    fn season(&mut self, section: &Section<'_, '_>) -> &'static Season {
        let words: Vec<(&'static str, usize)> =
            SEASONS.iter().enumerate().map(|(i, s)| (s.word, i)).collect();
        let found = section.word("season", &words);
        if section.get("season").is_none() {
            let word = SEASONS[DEFAULT_SEASON].word;
            self.assume("campaign.season", format!("{word}: counts of that winter"));
        }
        &SEASONS[found.unwrap_or(DEFAULT_SEASON)]
    }
}

fn missile_shares(section: &Section<'_, '_>) -> Option<ByMunition<f64>> {
    let given = section.section("missile_shares")?;
    let shares = Munition::ALL.map(|munition| {
        if munition == Munition::Drone {
            return 0.0;
        }
        given.number_in(munition.word(), 0.0..=1.0, "a share from 0 to 1").unwrap_or(0.0)
    });
    let sum: f64 = shares.iter().sum();
    if (sum - 1.0).abs() > 0.01 {
        let message = format!("the shares of classes among missiles add up to {sum:.3}, not to 1");
        given.push("contradiction", message, None);
    }
    given.finish();
    Some(shares)
}
