//! Earthquakes: how the ground shakes, and what breaks.
//!
//! Ground motion from magnitude and distance: Joyner and Boore, *Peak horizontal acceleration
//! and velocity from strong-motion records …*, BSSA 71 (1981), medians. Substations, plants
//! and circuits: FEMA, *Hazus Earthquake Model* 5.1, fragility by peak ground acceleration as
//! in SimCenter's Damage and Loss Model Library (1ab3c1d). Pumping stations and tanks: the
//! Hazus medians that InfraRisk's tables ship. Buried mains: repairs per km by peak ground
//! velocity (Hazus, after O'Rourke and Ayala 1993), a fifth of them breaks, the others leaks.
//! Overhead lines, towers and cables are not damaged by shaking (Hazus gives no curve).

use super::catalogue::Kind;
use super::fragility::{Curve, at_least, worst};
use crate::region::{Facility, Region};
use crate::scenario::{DamageState, Earthquake, Felt, Motion, Shaking, Stretch};

/// Peak velocity for a peak acceleration of 1 g where a map has accelerations alone: 48 in/s
/// per g on firm soil (Newmark and Hall, *Earthquake spectra and design*, 1982).
pub const PGV_CM_S_PER_G: f64 = 48.0 * 2.54;

/// From this output on a power plant is of Hazus's medium or large class, MW.
const MEDIUM_PLANT_MW: f64 = 100.0;

/// Share of repairs after shaking that are breaks; the others are leaks (Hazus).
const BREAK_SHARE: f64 = 0.2;

/// Repairs of ductile pipes against those of brittle ones (Hazus).
const DUCTILE: f64 = 0.3;

/// The median ground motion at `distance_km` from the rupture's projection to the surface.
/// The formulas hold for magnitudes of 5 (velocity: 5.3) to 7.7 (7.4).
#[must_use]
pub fn ground_motion(magnitude: f64, distance_km: f64, soil: bool) -> Shaking {
    let r = distance_km.hypot(7.3);
    let log_a = -1.02 + 0.249 * magnitude - r.log10() - 0.002_55 * r;
    let r = distance_km.hypot(4.0);
    let site = if soil { 0.17 } else { 0.0 };
    let log_v = -0.67 + 0.489 * magnitude - r.log10() - 0.002_56 * r + site;
    Shaking { pga_g: 10.0_f64.powf(log_a), pgv_cm_s: 10.0_f64.powf(log_v) }
}

/// Repairs per km of buried pipe (Hazus after O'Rourke and Ayala 1993).
#[must_use]
pub fn repairs_per_km(pgv_cm_s: f64, ductile: bool) -> f64 {
    let brittle = 1e-4 * pgv_cm_s.max(0.0).powf(2.25);
    if ductile { DUCTILE * brittle } else { brittle }
}

/// What each facility that feels the earthquake comes to; `strength` in 0 … 1 is where the
/// magnitude or factor lies within its interval, `u` a facility's own number.
pub(super) fn states(
    region: &Region,
    earthquake: &Earthquake,
    strength: f64,
    mut u: impl FnMut(&Facility) -> f64,
    mut hit: impl FnMut(crate::region::FacilityIdx, DamageState),
) {
    let facilities = region.facilities();
    match &earthquake.motion {
        Motion::Mapped { felt, factor } => {
            let factor = factor.at(strength);
            for one in felt.iter() {
                let facility = &facilities[one.facility.i()];
                let shaking = |s: &Stretch<Shaking>| Shaking {
                    pga_g: factor * s.value.pga_g,
                    pgv_cm_s: factor * s.value.pgv_cm_s,
                };
                let chances = chances(region, facility, one, shaking, earthquake.anchored);
                if let Some(state) = worst(chances, u(facility)) {
                    hit(one.facility, state);
                }
            }
        }
        Motion::Rupture { felt, magnitude, soil } => {
            let magnitude = magnitude.at(strength);
            for one in felt.iter() {
                let facility = &facilities[one.facility.i()];
                let shaking = |s: &Stretch<f64>| ground_motion(magnitude, s.value, *soil);
                let chances = chances(region, facility, one, shaking, earthquake.anchored);
                if let Some(state) = worst(chances, u(facility)) {
                    hit(one.facility, state);
                }
            }
        }
    }
}

/// The chances of a facility's states.
fn chances<T>(
    region: &Region,
    facility: &Facility,
    felt: &Felt<T>,
    shaking: impl Fn(&Stretch<T>) -> Shaking,
    anchored: bool,
) -> [f64; 4] {
    let kind = Kind::of(region, facility);
    if !matches!(kind, Kind::HeatMain | Kind::WaterMain) {
        let pga_g = felt.stretches.iter().map(|s| shaking(s).pga_g).fold(0.0, f64::max);
        let curves = curves(kind, facility.size, anchored);
        return curves.map_or([0.0; 4], |c| c.map(|curve| curve.chance(pga_g)));
    }
    // Heat mains are of welded steel and come in pairs.
    let (ductile, pipes) = if kind == Kind::HeatMain { (true, 2.0) } else { (false, 1.0) };
    let rate = |s: &Stretch<T>| repairs_per_km(shaking(s).pgv_cm_s, ductile);
    let repairs: f64 = felt.stretches.iter().map(|s| pipes * s.length_km * rate(s)).sum();
    let breaks = BREAK_SHARE * repairs;
    // A leak, a break, several breaks; shaking alone destroys no section.
    [at_least(1, repairs), at_least(1, breaks), at_least(2, breaks), 0.0]
}

/// The curves of a kind by peak ground acceleration in g, slight to complete; none for what
/// shaking does not damage. `size_mw` tells small power plants from others.
#[must_use]
#[rustfmt::skip]
pub fn curves(kind: Kind, size_mw: f64, anchored: bool) -> Option<[Curve; 4]> {
    let table = match (kind, anchored) {
        // EP.C
        (Kind::DistributionSubstation, true)  => [(0.28, 0.30), (0.40, 0.20), (0.72, 0.15), (1.10, 0.15)],
        (Kind::DistributionSubstation, false) => [(0.24, 0.25), (0.33, 0.20), (0.58, 0.15), (0.89, 0.15)],
        // EP.S.L
        (Kind::LowVoltageSubstation, true)    => [(0.15, 0.70), (0.29, 0.55), (0.45, 0.45), (0.90, 0.45)],
        (Kind::LowVoltageSubstation, false)   => [(0.13, 0.65), (0.26, 0.50), (0.34, 0.40), (0.74, 0.40)],
        // EP.S.M
        (Kind::MediumVoltageSubstation, true) => [(0.15, 0.60), (0.25, 0.50), (0.35, 0.40), (0.70, 0.40)],
        (Kind::MediumVoltageSubstation, false) => [(0.10, 0.60), (0.20, 0.50), (0.30, 0.40), (0.50, 0.40)],
        // EP.S.H
        (Kind::HighVoltageSubstation, true)   => [(0.11, 0.50), (0.15, 0.45), (0.20, 0.35), (0.47, 0.40)],
        (Kind::HighVoltageSubstation, false)  => [(0.09, 0.50), (0.13, 0.40), (0.17, 0.35), (0.38, 0.35)],
        // EP.G.ML
        (Kind::PowerPlant, true) if size_mw >= MEDIUM_PLANT_MW
                                              => [(0.10, 0.60), (0.25, 0.60), (0.52, 0.55), (0.92, 0.55)],
        (Kind::PowerPlant, false) if size_mw >= MEDIUM_PLANT_MW
                                              => [(0.10, 0.60), (0.22, 0.55), (0.49, 0.50), (0.79, 0.50)],
        // EP.G.S; boiler houses as small power plants: our assumption.
        (Kind::PowerPlant | Kind::BoilerHouse, true)
                                              => [(0.10, 0.55), (0.21, 0.55), (0.48, 0.50), (0.78, 0.50)],
        (Kind::PowerPlant | Kind::BoilerHouse, false)
                                              => [(0.10, 0.50), (0.17, 0.50), (0.42, 0.50), (0.58, 0.55)],
        // InfraRisk, W_WP and W_T; a tank's last curve from Hazus by memory.
        (Kind::PumpingStation, _)             => [(0.37, 0.40), (0.52, 0.40), (0.73, 0.50), (1.28, 0.50)],
        (Kind::WaterTank, _)                  => [(0.18, 0.50), (0.55, 0.50), (1.15, 0.60), (1.50, 0.60)],
        (Kind::Line | Kind::Cable | Kind::HeatMain | Kind::WaterMain, _) => return None,
    };
    Some(table.map(|(median, beta)| Curve { median, beta }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ground_motion_is_that_of_the_formulas() {
        // Worked by hand: M 6.5 at 10 km on rock: r = 12.381 and 10.770 km.
        let at = ground_motion(6.5, 10.0, false);
        assert!((at.pga_g - 0.298).abs() < 0.001, "{at:?}");
        assert!((at.pgv_cm_s - 28.1).abs() < 0.1, "{at:?}");
        let soil = ground_motion(6.5, 10.0, true);
        assert!((soil.pgv_cm_s / at.pgv_cm_s - 10.0_f64.powf(0.17)).abs() < 1e-12);
        assert_eq!(soil.pga_g, at.pga_g);
    }

    #[test]
    fn mains_break_as_often_as_hazus_says() {
        // Hazus 6.1 tables give the chance for a pipe of 20 ft: 1.084e-4 at 10 cm/s.
        let chance = 1.0 - (-repairs_per_km(10.0, false) * 20.0 * 0.304_8e-3).exp();
        assert!((chance / 1.084e-4 - 1.0).abs() < 2e-3, "{chance}");
        let chance = 1.0 - (-repairs_per_km(10.0, true) * 20.0 * 0.304_8e-3).exp();
        assert!((chance / 3.252e-5 - 1.0).abs() < 2e-3, "{chance}");
    }
}
