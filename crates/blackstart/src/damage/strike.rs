//! A strike, in the terms of public reports: so many launched, such a share
//! intercepted, such a share of the rest on facilities of this region.
//!
//! What a hit falls on is drawn: a facility class by the scenario's odds among the
//! classes that the region has, then a facility of that class, each alike or in
//! proportion to size. There is no other choice, and no argument through which one
//! could be made.
//!
//! Every draw is keyed by the event, the munition and the thing drawn for. Choices among
//! classes and facilities are races (exponential clocks: the smallest −ln u / weight
//! wins, which happens in proportion to the weights), so a facility that is added takes
//! hits from others but never moves a hit from one of the others to another.

use super::{Hit, facility_key};
use crate::math::random::{Key, Purpose, Stream, name_key};
use crate::region::{Facility, FacilityClass, FacilityIdx};
use crate::scenario::{ByMunition, DamageState, HitRule, Interval, Munition, Strike};

/// More munitions of a class than this are not carried out one by one; the largest
/// attacks on record count some hundreds.
pub const MAX_LAUNCHED: u32 = 1_000_000;

/// What a strike came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Launched, by class in the order of [`Munition::ALL`].
    pub launched: ByMunition<u32>,
    /// Not intercepted.
    pub got_through: ByMunition<u32>,
    /// Hits on facilities.
    pub hit_counts: ByMunition<u32>,
    /// The hits, in the order of munitions.
    pub hits: Vec<Hit>,
}

/// Carries out `strike` on `facilities` with the luck of one event. Of what gets through
/// to the region, `kept_back_share` (0 … 1, by class of weapon) hits no facility: a halt
/// holds for it. A weapon that a halt of some share keeps back, every halt of a larger
/// share keeps back too, and the others hit what they would hit without it.
///
/// Launched counts are drawn evenly from the whole numbers of their interval; the share
/// intercepted by class and the share on the region evenly from theirs, once per event;
/// then each munition for itself. If the region has no facility of a class with odds
/// above 0, what gets through falls elsewhere.
#[must_use]
pub fn carry_out(
    facilities: &[Facility],
    strike: &Strike,
    luck: &Luck,
    kept_back_share: &ByMunition<f64>,
) -> Outcome {
    let draw = luck;
    let aimless = Choice::new(facilities, strike);
    let region_share = share(strike.share_on_region, draw.one(0, Purpose::RegionShare));
    let none = [0; Munition::ALL.len()];
    let mut outcome =
        Outcome { launched: none, got_through: none, hit_counts: none, hits: Vec::new() };
    for (c, &munition) in Munition::ALL.iter().enumerate() {
        let class = c as u32;
        let launched = count(strike.launched[c], draw.one(class, Purpose::Launched));
        let stopped =
            share(strike.intercepted_share[c], draw.one(class, Purpose::InterceptedShare));
        outcome.launched[c] = launched;
        for number in 0..launched {
            if draw.nth(class, Purpose::Intercepted, number).chance(stopped) {
                continue;
            }
            outcome.got_through[c] += 1;
            if !draw.nth(class, Purpose::OnRegion, number).chance(region_share) {
                continue;
            }
            if draw.nth(class, Purpose::Halted, number).chance(kept_back_share[c]) {
                continue;
            }
            // Classes of weapons share the numbering of a facility's clocks.
            let shot = class * (MAX_LAUNCHED + 1) + number;
            let Some(facility) = aimless.facility(draw, shot) else {
                continue;
            };
            let odds = strike.state_odds[c];
            let state = draw.nth(class, Purpose::DamageState, number).choose(odds.into_iter());
            // Odds that are all zero say that such a weapon does no damage.
            let Some(state) = state else {
                continue;
            };
            outcome.hit_counts[c] += 1;
            let state = DamageState::ALL[state];
            outcome.hits.push(Hit { facility, state, munition: Some(munition) });
        }
    }
    outcome
}

/// What the draws of one event are named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Luck {
    /// Seed of all draws.
    pub seed: u64,
    /// Draw of an ensemble.
    pub draw: u32,
    /// Key of the event.
    pub event: u32,
}

impl Luck {
    fn stream(&self, asset: u32, purpose: Purpose) -> Stream {
        Stream::new(self.seed, Key { draw: self.draw, event: self.event, asset, purpose })
    }

    fn one(&self, asset: u32, purpose: Purpose) -> f64 {
        self.stream(asset, purpose).uniform()
    }

    pub(super) fn nth(&self, asset: u32, purpose: Purpose, number: u32) -> Stream {
        self.stream(asset, purpose).at(number)
    }
}

/// Chances of classes and facilities.
struct Choice {
    classes: Vec<ClassChance>,
}

struct ClassChance {
    key: u32,
    odds: f64,
    members: Vec<MemberChance>,
}

struct MemberChance {
    facility: FacilityIdx,
    key: u32,
    weight: f64,
}

impl Choice {
    fn new(facilities: &[Facility], strike: &Strike) -> Self {
        let mut classes = Vec::new();
        for (&class, &odds) in FacilityClass::ALL.iter().zip(&strike.class_odds) {
            if !(odds.is_finite() && odds > 0.0) {
                continue;
            }
            let of_class = || facilities.iter().enumerate().filter(|(_, f)| f.class == class);
            // Where no size of a class is known, all are alike.
            let sized = of_class().any(|(_, f)| weight(f, HitRule::BySize) > 0.0);
            let rule = if sized { strike.hit_rule } else { HitRule::Uniform };
            let members: Vec<_> = of_class()
                .map(|(i, f)| MemberChance {
                    facility: FacilityIdx::new(i),
                    key: facility_key(f),
                    weight: weight(f, rule),
                })
                .filter(|m| m.weight > 0.0)
                .collect();
            if !members.is_empty() {
                classes.push(ClassChance { key: name_key(class.word()), odds, members });
            }
        }
        Self { classes }
    }

    fn facility(&self, draw: &Luck, shot: u32) -> Option<FacilityIdx> {
        let class = first_to_ring(&self.classes, |class| {
            clock(draw.nth(class.key, Purpose::HitClass, shot).open(), class.odds)
        })?;
        let member = first_to_ring(&class.members, |member| {
            clock(draw.nth(member.key, Purpose::HitFacility, shot).open(), member.weight)
        })?;
        Some(member.facility)
    }
}

fn first_to_ring<T>(things: &[T], rings_at: impl Fn(&T) -> f64) -> Option<&T> {
    things
        .iter()
        .map(|thing| (rings_at(thing), thing))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, thing)| thing)
}

/// When an exponential clock of rate `weight` rings.
fn clock(u: f64, weight: f64) -> f64 {
    -u.ln() / weight
}

fn weight(facility: &Facility, rule: HitRule) -> f64 {
    match rule {
        HitRule::Uniform => 1.0,
        HitRule::BySize if facility.size.is_finite() => facility.size.max(0.0),
        HitRule::BySize => 0.0,
    }
}

/// A whole number of the interval, each alike.
fn count(interval: Interval, u: f64) -> u32 {
    let limit = f64::from(MAX_LAUNCHED);
    let whole = |x: f64| if x.is_nan() { 0.0 } else { x.round().clamp(0.0, limit) };
    let (low, high) = (whole(interval.low), whole(interval.high));
    if high <= low {
        return low as u32;
    }
    (low + ((high - low + 1.0) * u).floor()).min(high) as u32
}

fn share(interval: Interval, u: f64) -> f64 {
    let value = interval.at(u);
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
}
