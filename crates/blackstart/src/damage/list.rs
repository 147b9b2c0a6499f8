//! Damage that is known, facility by facility.

use super::Hit;
use crate::scenario::StruckAsset;

/// The damage of a list, as stated; nothing is drawn.
#[must_use]
pub fn hits(known: &[StruckAsset]) -> Vec<Hit> {
    known
        .iter()
        .map(|struck| Hit { facility: struck.facility, state: struck.state, munition: None })
        .collect()
}
