//! A campaign of strikes, given by its statistics and drawn from them.
//!
//! Public counts know two kinds of days: massive ones (30 missiles or more), some days
//! apart, and all others, on which a few missiles and some drones are launched. A campaign
//! has no aim any more than a strike has: it says when and how many, nothing else.

use super::{ByMunition, Event, EventKind, Interval, Munition, Strike};
use crate::math::random::{Key, Purpose, Stream, name_key};

const HOURS_PER_DAY: f64 = 24.0;

/// Fewest missiles of a day that public counts call massive.
pub const MASSIVE_MISSILES: f64 = 30.0;

/// Quantile of the standard normal distribution at 90 %.
const NORMAL_P90: f64 = 1.281_551_565_544_6;

/// A campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// A name; its events are called after it, and their luck hangs on it.
    pub name: String,
    /// Beginning, h after the start.
    pub from_h: f64,
    /// End, h after the start.
    pub until_h: f64,
    /// Hour of the day in which massive attacks come, h: drawn evenly.
    pub massive_at_clock_h: Interval,
    /// Median of the days between massive days; the gap is exponential, at least a day.
    pub gap_median_days: f64,
    /// Median of the missiles of a massive day; log-normal, at least 30.
    pub massive_missiles_median: f64,
    /// Nine in ten massive days have fewer missiles.
    pub massive_missiles_p90: f64,
    /// Drones of a massive day against those of other days.
    pub massive_drones_factor: f64,
    /// Launched on every other day, mean of a Poisson distribution, missiles.
    pub missiles_per_day: f64,
    /// Launched on every other day, mean of a Poisson distribution, drones.
    pub drones_per_day: f64,
    /// Shares of classes among missiles; that of drones is left out of account.
    pub missile_shares: ByMunition<f64>,
    /// What is the same for all its strikes; its counts are not looked at.
    pub strike: Strike,
}

impl Campaign {
    /// The strikes of one draw, in time order, none at or after `horizon_h`.
    ///
    /// `start_clock_h` is the hour of the day at which the scenario starts. Each event's
    /// luck is keyed by the campaign's name and its number, so a campaign that is cut
    /// short keeps the luck of what is left.
    #[must_use]
    pub fn events(&self, seed: u64, draw: u32, start_clock_h: f64, horizon_h: f64) -> Vec<Event> {
        let until_h = self.until_h.min(horizon_h);
        let luck = Luck { seed, draw, campaign: name_key(&self.name) };
        let mut events = Vec::new();
        // Days are those of the calendar; the first may have begun before the scenario.
        let first_day = ((self.from_h + start_clock_h) / HOURS_PER_DAY).floor();
        let midnight_h = |day: f64| (first_day + day) * HOURS_PER_DAY - start_clock_h;
        let mut massive = 0;
        let mut next_massive = self.gap_days(&luck, 0);
        let mut day = 0.0;
        while midnight_h(day) < until_h {
            let of_day = day as u32;
            let is_massive = day >= next_massive;
            let (name, at, launched) = if is_massive {
                massive += 1;
                next_massive = day + self.gap_days(&luck, massive);
                let at = luck.uniform(Purpose::CampaignTime, massive, 0);
                let name = format!("{}, massive attack {massive}", self.name);
                (name, self.massive_at_clock_h.at(at), self.massive(&luck, massive))
            } else {
                let at = luck.uniform(Purpose::CampaignTime, of_day, 1);
                let name = format!("{}, day {}", self.name, of_day + 1);
                (name, at * HOURS_PER_DAY, self.other_day(&luck, of_day))
            };
            let at_h = midnight_h(day) + at;
            day += 1.0;
            if at_h < self.from_h.max(0.0) || at_h >= until_h || launched.iter().sum::<u32>() == 0 {
                continue;
            }
            let launched = launched.map(|n| Interval::point(f64::from(n)));
            let strike = Strike { launched, ..self.strike.clone() };
            events.push(Event { name, at_h, kind: EventKind::Strike(Box::new(strike)) });
        }
        events
    }

    fn gap_days(&self, luck: &Luck, number: u32) -> f64 {
        let u = luck.stream(Purpose::CampaignGap, number).open();
        (-u.ln() * self.gap_median_days / std::f64::consts::LN_2).round().max(1.0)
    }

    fn massive(&self, luck: &Luck, number: u32) -> ByMunition<u32> {
        let spread = (self.massive_missiles_p90 / self.massive_missiles_median).ln() / NORMAL_P90;
        let mut sizes = luck.stream(Purpose::CampaignSize, number);
        let missiles = self.massive_missiles_median * (spread.max(0.0) * sizes.normal()).exp();
        let drones = poisson(&mut sizes, self.drones_per_day * self.massive_drones_factor);
        let missiles = missiles.round().max(MASSIVE_MISSILES) as u32;
        self.classes(luck, (number, 0), missiles, drones)
    }

    fn other_day(&self, luck: &Luck, day: u32) -> ByMunition<u32> {
        let mut sizes = luck.stream(Purpose::CampaignDay, day);
        let missiles = poisson(&mut sizes, self.missiles_per_day);
        let drones = poisson(&mut sizes, self.drones_per_day);
        self.classes(luck, (day, 1), missiles, drones)
    }

    /// Draws a class for each missile.
    fn classes(
        &self,
        luck: &Luck,
        (number, kind): (u32, u32),
        missiles: u32,
        drones: u32,
    ) -> ByMunition<u32> {
        let mut odds = self.missile_shares;
        let mut launched = [0; Munition::ALL.len()];
        for (k, munition) in Munition::ALL.into_iter().enumerate() {
            if munition == Munition::Drone {
                odds[k] = 0.0;
                launched[k] = drones;
            }
        }
        let mut draws = luck.stream(Purpose::CampaignClass, number.wrapping_mul(2) + kind);
        for _ in 0..missiles {
            if let Some(class) = draws.choose(odds.into_iter()) {
                launched[class] += 1;
            }
        }
        launched
    }
}

/// What the draws of one campaign are named by.
struct Luck {
    seed: u64,
    draw: u32,
    campaign: u32,
}

impl Luck {
    fn stream(&self, purpose: Purpose, asset: u32) -> Stream {
        Stream::new(self.seed, Key { draw: self.draw, event: self.campaign, asset, purpose })
    }

    fn uniform(&self, purpose: Purpose, number: u32, kind: u32) -> f64 {
        self.stream(purpose, number.wrapping_mul(2) + kind).uniform()
    }
}

/// A Poisson number of mean `mean`, by inversion (Devroye: *Non-uniform random variate
/// generation*, 1986, X.3); 0 for a mean that is no positive number. Means above
/// [`MOST_AT_ONCE`] are drawn in parts, which add up to the same distribution.
fn poisson(stream: &mut Stream, mean: f64) -> u32 {
    const MOST_AT_ONCE: f64 = 500.0;
    if mean.is_nan() || mean <= 0.0 {
        return 0;
    }
    let parts = (mean / MOST_AT_ONCE).ceil().max(1.0);
    let mean = mean / parts;
    let mut sum = 0u32;
    for _ in 0..parts as u32 {
        let u = stream.uniform();
        let mut chance = (-mean).exp();
        let mut below = chance;
        let mut n = 0u32;
        // The sum of chances may stay below 1 by rounding: far out nothing is added.
        while u >= below && f64::from(n) < 20.0 * mean + 100.0 {
            n += 1;
            chance *= mean / f64::from(n);
            below += chance;
        }
        sum = sum.saturating_add(n);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::FacilityClass;
    use crate::scenario::HitRule;

    fn campaign() -> Campaign {
        Campaign {
            name: "winter".into(),
            from_h: 0.0,
            until_h: f64::INFINITY,
            massive_at_clock_h: Interval { low: 0.0, high: 7.0 },
            gap_median_days: 10.0,
            massive_missiles_median: 70.0,
            massive_missiles_p90: 100.0,
            massive_drones_factor: 1.5,
            missiles_per_day: 2.0,
            drones_per_day: 100.0,
            missile_shares: [0.6, 0.3, 0.0, 0.1],
            strike: Strike {
                launched: [Interval::point(0.0); 4],
                intercepted_share: [Interval::point(0.5); 4],
                share_on_region: Interval::point(0.1),
                class_odds: [1.0; FacilityClass::ALL.len()],
                hit_rule: HitRule::Uniform,
                state_odds: [[1.0; 4]; 4],
            },
        }
    }

    fn launched(event: &Event) -> ByMunition<f64> {
        match &event.kind {
            EventKind::Strike(strike) => strike.launched.map(|i| i.low),
            EventKind::Damaged(_) | EventKind::Uninspected(_) | EventKind::Hazard(_) => {
                unreachable!("campaigns strike")
            }
        }
    }

    fn median(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }

    #[test]
    fn draws_have_the_statistics_they_are_drawn_from() {
        let campaign = campaign();
        let (mut sizes, mut gaps, mut drones) = (Vec::new(), Vec::new(), Vec::new());
        let (mut few, mut days, mut classes) = (0.0, 0.0, [0.0; 4]);
        for draw in 0..400 {
            let events = campaign.events(1, draw, 0.0, 150.0 * 24.0);
            assert!(events.is_sorted_by(|a, b| a.at_h <= b.at_h));
            let mut last: Option<f64> = None;
            for event in &events {
                let n = launched(event);
                let missiles = n[0] + n[1] + n[3];
                if event.name.contains("massive") {
                    assert!(missiles >= 30.0 && event.at_h.rem_euclid(24.0) < 7.0);
                    sizes.push(missiles);
                    for (sum, n) in classes.iter_mut().zip(n) {
                        *sum += n;
                    }
                    let day = (event.at_h / 24.0).floor();
                    gaps.extend(last.map(|last| day - last));
                    last = Some(day);
                } else {
                    few += missiles;
                    days += 1.0;
                    drones.push(n[2]);
                }
            }
        }
        assert!((median(sizes.clone()) - 70.0).abs() < 2.0, "{}", median(sizes.clone()));
        sizes.sort_by(f64::total_cmp);
        let p90 = sizes[sizes.len() * 9 / 10];
        assert!((p90 - 100.0).abs() < 4.0, "{p90}");
        // Long gaps are cut off by the end of the winter, so the median seen is a bit lower.
        assert!((8.0..=10.5).contains(&median(gaps)));
        assert!((few / days - 2.0).abs() < 0.05 && (median(drones) - 100.0).abs() < 1.5);
        let missiles = classes[0] + classes[1] + classes[3];
        for (class, share) in [(0, 0.6), (1, 0.3), (3, 0.1)] {
            assert!((classes[class] / missiles - share).abs() < 0.01);
        }
    }

    #[test]
    fn a_shorter_campaign_keeps_the_luck_of_what_is_left() {
        let whole = campaign().events(1, 5, 20.0, 2000.0);
        let cut = Campaign { until_h: 700.0, ..campaign() }.events(1, 5, 20.0, 2000.0);
        let left: Vec<_> = whole.iter().filter(|e| e.at_h < 700.0).cloned().collect();
        assert!(!cut.is_empty() && cut == left);
        assert_ne!(whole, campaign().events(1, 6, 20.0, 2000.0));
        assert_ne!(whole, campaign().events(2, 5, 20.0, 2000.0));
        let late = Campaign { from_h: 300.0, ..campaign() }.events(1, 5, 20.0, 2000.0);
        assert!(late.iter().all(|e| e.at_h >= 300.0) && !late.is_empty());
    }

    #[test]
    fn odd_numbers_end_too() {
        let mut stream =
            Stream::new(1, Key { draw: 0, event: 0, asset: 0, purpose: Purpose::Other });
        for mean in [f64::NAN, -1.0, 0.0] {
            assert_eq!(poisson(&mut stream, mean), 0);
        }
        let many = (0..200).map(|_| f64::from(poisson(&mut stream, 3000.0))).sum::<f64>() / 200.0;
        assert!((many - 3000.0).abs() < 20.0, "{many}");
        let odd = Campaign {
            gap_median_days: f64::NAN,
            massive_missiles_median: 1.0,
            massive_missiles_p90: 0.0,
            missile_shares: [0.0; 4],
            ..campaign()
        };
        assert!(odd.events(1, 1, 0.0, 240.0).len() <= 10);
    }
}
