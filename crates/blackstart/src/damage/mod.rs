//! From an event to damaged facilities: one file per damage model, and what damage
//! does to the networks.
//!
//! | file | model |
//! |---|---|
//! | [`strike`] | a strike as public reports tell it: counts, interception, hits at random |
//! | [`list`] | damage that is known, facility by facility; what nobody has looked at yet |
//! | [`earthquake`], [`ice_storm`], [`flood`] | what facilities feel of a [`field`], and [`fragility`] curves |
//! | [`catalogue`] | what a damage state means by class: what still works, what repair takes |
//! | [`effects`] | from damaged facilities to buses, branches, plants, pumps and pipes |
//!
//! A strike cannot be aimed: its type has no place for a facility, and neither has any
//! function here. Hits fall at random among the facilities of a class.

pub mod catalogue;
pub mod earthquake;
pub mod effects;
pub mod field;
pub mod flood;
pub mod fragility;
pub mod ice_storm;
pub mod list;
pub mod strike;

pub use effects::Effects;

use crate::math::random::{Key, Purpose, Stream, name_key};
use crate::region::{Facility, FacilityIdx, Region};
use crate::results::{DamageRecord, StrikeRecord};
use crate::scenario::{ByMunition, DamageState, EventKind, Hazard, Munition, Scenario};

/// Carries out one event of a scenario.
///
/// `functionality` is what works of each facility just before (`repair.functionality()`);
/// a record's functionality is never above it. Records come in facility order, at most
/// one per facility: of several hits the worst state counts. Nothing happens for an
/// `event` that the scenario does not have.
#[must_use]
pub fn apply(
    region: &Region,
    scenario: &Scenario,
    event: usize,
    functionality: &[f64],
) -> (Option<StrikeRecord>, Vec<DamageRecord>) {
    let Some(happening) = scenario.events.get(event) else {
        return (None, Vec::new());
    };
    let at_h = happening.at_h;
    let key = event_key(scenario, event);
    let luck = strike::Luck { seed: scenario.seed, draw: scenario.draw, event: key };
    let (strike, hits) = match &happening.kind {
        EventKind::Strike(strike) => {
            let kept_back = kept_back_share(scenario, at_h);
            let come = strike::carry_out(region.facilities(), strike, &luck, &kept_back);
            let record = StrikeRecord {
                event,
                at_h,
                launched: come.launched,
                got_through: come.got_through,
                hits: come.hit_counts,
            };
            (Some(record), come.hits)
        }
        EventKind::Damaged(known) => (None, list::hits(known)),
        EventKind::Uninspected(unseen) => (None, list::drawn(region, unseen, &luck)),
        EventKind::Hazard(hazard) => (None, felt_hits(region, hazard, &luck)),
    };
    let damage = worst_by_facility(hits)
        .into_iter()
        .map(|hit| {
            let left = catalogue::entry(region, hit.facility, hit.state).functionality;
            let before = functionality.get(hit.facility.i()).copied().unwrap_or(1.0);
            DamageRecord {
                at_h,
                event,
                facility: hit.facility,
                state: hit.state,
                functionality: left.min(before),
                munition: hit.munition,
            }
        })
        .collect();
    (strike, damage)
}

/// What a natural hazard leaves: one number for its strength, one for each facility.
fn felt_hits(region: &Region, hazard: &Hazard, luck: &strike::Luck) -> Vec<Hit> {
    let strength = luck.nth(0, Purpose::HazardStrength, 0).uniform();
    let u =
        |facility: &Facility| luck.nth(facility_key(facility), Purpose::HazardState, 0).uniform();
    let mut hits = Vec::new();
    let hit = |facility, state| hits.push(Hit { facility, state, munition: None });
    match hazard {
        Hazard::Earthquake(quake) => earthquake::states(region, quake, strength, u, hit),
        Hazard::IceStorm(storm) => ice_storm::states(region, storm, strength, u, hit),
        Hazard::Flood(flood) => flood::states(region, flood, strength, u, hit),
    }
    hits
}

/// Share of hits that halts keep back at `at_h`, by class of weapon. What one halt lets
/// through, another that holds at the same time may still keep back.
fn kept_back_share(scenario: &Scenario, at_h: f64) -> ByMunition<f64> {
    let mut through = [1.0; Munition::ALL.len()];
    for halt in &scenario.halts {
        let key = Key {
            draw: scenario.draw,
            event: name_key(&halt.name),
            asset: 0,
            purpose: Purpose::HaltStart,
        };
        let from_h = halt.begins_h(Stream::new(scenario.seed, key).uniform());
        if from_h <= at_h && at_h < halt.until_h {
            for (through, covers) in through.iter_mut().zip(halt.covers) {
                *through *= 1.0 - if covers { halt.kept_back_share() } else { 0.0 };
            }
        }
    }
    through.map(|through| 1.0 - through)
}

/// A facility and the state that one hit, or one line of a list, puts it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where.
    pub facility: FacilityIdx,
    /// How bad.
    pub state: DamageState,
    /// By what, if by a weapon.
    pub munition: Option<Munition>,
}

/// One hit per facility, the worst; among equals the first.
fn worst_by_facility(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| a.facility.cmp(&b.facility).then(b.state.cmp(&a.state)));
    hits.dedup_by_key(|hit| hit.facility);
    hits
}

/// The word by which random numbers know an event: its name, and which of that name it
/// is. Other events may be added, removed or moved in time without changing its luck.
pub(crate) fn event_key(scenario: &Scenario, event: usize) -> u32 {
    let Some(named) = scenario.events.get(event) else {
        return event as u32;
    };
    let before = scenario.events[..event].iter().filter(|e| e.name == named.name).count();
    // Any odd multiplier spreads the count over the word.
    name_key(&named.name).wrapping_add((before as u32).wrapping_mul(0x9E37_79B9))
}

/// The word by which random numbers know a facility; ids are unique within a class.
pub(crate) fn facility_key(facility: &Facility) -> u32 {
    name_key(&format!("{}:{}", facility.class.word(), facility.id))
}
