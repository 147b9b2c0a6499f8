//! Damage that is known, facility by facility, and what nobody has looked at yet.

use super::strike::Luck;
use super::{Hit, facility_key};
use crate::math::random::Purpose;
use crate::region::Region;
use crate::scenario::{DamageState, StruckAsset, Uninspected};

/// The damage of a list, as stated; nothing is drawn.
#[must_use]
pub fn hits(known: &[StruckAsset]) -> Vec<Hit> {
    known
        .iter()
        .map(|struck| Hit { facility: struck.facility, state: struck.state, munition: None })
        .collect()
}

/// Facilities that nobody has looked at: each in a state drawn for itself, whole if all
/// odds are zero.
#[must_use]
pub fn drawn(region: &Region, unseen: &Uninspected, luck: &Luck) -> Vec<Hit> {
    let state = |facility: &crate::region::FacilityIdx| {
        let key = facility_key(&region.facilities()[facility.i()]);
        let odds = unseen.state_odds.into_iter();
        let drawn = luck.nth(key, Purpose::UninspectedState, 0).choose(odds)?;
        Some(Hit { facility: *facility, state: DamageState::ALL[drawn], munition: None })
    };
    unseen.facilities.iter().filter_map(state).collect()
}
