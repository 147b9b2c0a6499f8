//! Floods: how deep the water stands at a facility.
//!
//! FEMA's *Hazus Flood Technical Manual* (table 7.9) has substations and power plants out of
//! work from 4 ft of water on, and loses up to 15 and 30 % of their value by 10 ft. The other
//! depths, and those of boiler houses and pumping stations, are our assumptions around these
//! two. Lines, cables, tanks and mains are not damaged.

use super::catalogue::Kind;
use super::fragility::{Curve, worst};
use crate::region::{Facility, FacilityIdx, Region};
use crate::scenario::{DamageState, Flood};

const FOOT_M: f64 = 0.304_8;

/// Scatter of the depths: floors and cabinets stand at different heights. Our assumption.
const BETA: f64 = 0.3;

/// Depths at which half of a kind are in a state, m, slight to complete; none for what water
/// does not damage.
#[must_use]
pub fn curves(kind: Kind) -> Option<[Curve; 4]> {
    let depths_m = match kind {
        Kind::DistributionSubstation
        | Kind::LowVoltageSubstation
        | Kind::MediumVoltageSubstation
        | Kind::HighVoltageSubstation
        | Kind::PowerPlant => [0.3, 0.6, 4.0 * FOOT_M, 10.0 * FOOT_M],
        // Burners and pumps stand lower than switchgear.
        Kind::BoilerHouse | Kind::PumpingStation => [0.2, 0.5, 1.0, 10.0 * FOOT_M],
        Kind::WaterTank | Kind::Line | Kind::Cable | Kind::HeatMain | Kind::WaterMain => {
            return None;
        }
    };
    Some(depths_m.map(|median| Curve { median, beta: BETA }))
}

/// What each facility in the water comes to; see `earthquake::states`.
pub(super) fn states(
    region: &Region,
    flood: &Flood,
    strength: f64,
    mut u: impl FnMut(&Facility) -> f64,
    mut hit: impl FnMut(FacilityIdx, DamageState),
) {
    let factor = flood.factor.at(strength);
    for one in flood.felt.iter() {
        let facility = &region.facilities()[one.facility.i()];
        let Some(curves) = curves(Kind::of(region, facility)) else { continue };
        let depth_m = one.stretches.iter().map(|s| factor * s.value).fold(0.0, f64::max);
        let chances = curves.map(|curve| curve.chance(depth_m));
        if let Some(state) = worst(chances, u(facility)) {
            hit(one.facility, state);
        }
    }
}
