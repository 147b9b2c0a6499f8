//! Ice storms: ice and wind on overhead lines.
//!
//! A line bears the weight of its conductors and of the ice, and the wind on both. Lines are
//! built so that a stretch of them withstands the load it was built for with a chance of nine
//! in ten (IEC 60826: the 10 % exclusion limit of strength); strengths scatter lognormally
//! around that. Local circuits below 34.5 kV, trees among them, fail by the levels of the
//! Sperry–Piltz Ice Accumulation index, in which 10 mph of wind weigh as much as a quarter
//! inch of ice. Nothing else is damaged by ice.

use super::catalogue::Kind;
use super::fragility::{Curve, at_least, worst};
use crate::region::{Facility, FacilityIdx, Region};
use crate::scenario::{DamageState, IceStorm, Icing};

/// Scatter of a stretch's strength: standard deviation of its logarithm. IEC 60826 has 0.05
/// to 0.2 for the components of lines; our assumption within that.
const STRENGTH_BETA: f64 = 0.15;

/// Length of line that has one strength, km: our assumption.
const STRETCH_KM: f64 = 10.0;

/// Conductor AC 240/32 of GOST 839-80, usual on lines of 110 to 330 kV: diameter, mm, and
/// mass, kg/m.
const CONDUCTOR: (f64, f64) = (21.6, 0.921);

/// Density of glaze, kg/m³ (IEC 60826).
const ICE_KG_M3: f64 = 900.0;

/// Density of air at 0 °C and 1013 hPa, kg/m³.
const AIR_KG_M3: f64 = 1.29;

/// Drag of an iced conductor: that of a cylinder with some roughness.
const DRAG: f64 = 1.2;

/// Levels 2 to 5 of the index in inches of ice, wind added: scattered interruptions, numerous
/// ones, prolonged and widespread ones, catastrophic damage. The index has the last at 1.5
/// in calm air, but at 1.25 by its rows with wind.
const LEVELS_IN: [f64; 4] = [0.5, 0.75, 1.0, 1.25];

/// Scatter around the levels: our assumption.
const LEVEL_BETA: f64 = 0.3;

/// Load on a metre of conductor, N.
#[must_use]
pub fn load_n_m(icing: Icing) -> f64 {
    const GRAVITY_M_S2: f64 = 9.806_65;
    let (diameter_m, mass_kg_m) = (CONDUCTOR.0 / 1000.0, CONDUCTOR.1);
    let ice_m = icing.ice_mm.max(0.0) / 1000.0;
    let ice_kg_m = ICE_KG_M3 * std::f64::consts::PI * ice_m * (diameter_m + ice_m);
    let pressure_pa = 0.5 * AIR_KG_M3 * icing.wind_m_s * icing.wind_m_s;
    let wind_n_m = DRAG * pressure_pa * (diameter_m + 2.0 * ice_m);
    ((mass_kg_m + ice_kg_m) * GRAVITY_M_S2).hypot(wind_n_m)
}

/// Failures expected on a kilometre of line that was built for `design`.
#[must_use]
pub fn failures_per_km(icing: Icing, design: Icing) -> f64 {
    if icing.ice_mm <= 0.0 {
        return 0.0;
    }
    let strength = Curve::through(1.0, 0.1, STRENGTH_BETA);
    let chance = strength.chance(load_n_m(icing) / load_n_m(design)).min(1.0 - 1e-12);
    -(-chance).ln_1p() / STRETCH_KM
}

/// Ice that does as much to local circuits in calm air, inches.
#[must_use]
pub fn calm_ice_in(icing: Icing) -> f64 {
    const M_S_PER_MPH: f64 = 0.447_04;
    if icing.ice_mm <= 0.0 {
        return 0.0;
    }
    let wind_mph = icing.wind_m_s / M_S_PER_MPH;
    icing.ice_mm / 25.4 + 0.25 * ((wind_mph - 10.0) / 10.0).max(0.0)
}

/// What each facility under the ice comes to; see `earthquake::states`.
pub(super) fn states(
    region: &Region,
    storm: &IceStorm,
    strength: f64,
    mut u: impl FnMut(&Facility) -> f64,
    mut hit: impl FnMut(FacilityIdx, DamageState),
) {
    let factor = storm.factor.at(strength);
    for one in storm.felt.iter() {
        let facility = &region.facilities()[one.facility.i()];
        let stretches = one.stretches.iter().map(|s| {
            let ice_mm = factor * s.value.ice_mm;
            (s.length_km, Icing { ice_mm, ..s.value })
        });
        let chances = match Kind::of(region, facility) {
            Kind::Line => {
                let failures: f64 =
                    stretches.map(|(km, icing)| km * failures_per_km(icing, storm.design)).sum();
                // One fault, several, a destroyed section.
                [0.0, at_least(1, failures), at_least(2, failures), at_least(4, failures)]
            }
            Kind::DistributionSubstation => {
                let ice_in = stretches.map(|(_, icing)| calm_ice_in(icing)).fold(0.0, f64::max);
                LEVELS_IN.map(|median| Curve { median, beta: LEVEL_BETA }.chance(ice_in))
            }
            Kind::LowVoltageSubstation
            | Kind::MediumVoltageSubstation
            | Kind::HighVoltageSubstation
            | Kind::PowerPlant
            | Kind::BoilerHouse
            | Kind::PumpingStation
            | Kind::WaterTank
            | Kind::Cable
            | Kind::HeatMain
            | Kind::WaterMain => continue,
        };
        if let Some(state) = worst(chances, u(facility)) {
            hit(one.facility, state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conductor_bears_ice_and_wind() {
        // 921 kg/km without ice; 20 mm of ice are 2.352 kg/m more.
        let calm = |ice_mm| load_n_m(Icing { ice_mm, wind_m_s: 0.0 });
        assert!((calm(0.0) - 9.032).abs() < 1e-3);
        assert!((calm(20.0) - (0.921 + 2.352) * 9.806_65).abs() < 0.01);
        // 15 m/s on 61.6 mm: 145.1 Pa × 1.2 × 0.0616 m = 10.73 N/m across.
        let windy = load_n_m(Icing { ice_mm: 20.0, wind_m_s: 15.0 });
        assert!(((windy * windy - calm(20.0).powi(2)).sqrt() - 10.73).abs() < 0.01);
    }

    #[test]
    fn one_stretch_in_ten_fails_at_the_load_it_was_built_for() {
        let design = Icing { ice_mm: 15.0, wind_m_s: 15.0 };
        let chance = 1.0 - (-failures_per_km(design, design) * STRETCH_KM).exp();
        assert!((chance - 0.1).abs() < 1e-12);
        let none = Icing { ice_mm: 0.0, wind_m_s: 30.0 };
        assert_eq!(failures_per_km(none, design), 0.0);
    }

    #[test]
    fn wind_lifts_the_level_as_the_index_has_it() {
        // The index's table: inches of ice, wind in mph, level.
        let table = [
            (0.30, 10.0, 1),
            (0.30, 20.0, 2),
            (0.30, 30.0, 3),
            (0.60, 10.0, 2),
            (0.60, 20.0, 3),
            (0.60, 30.0, 4),
            (0.80, 30.0, 5),
            (1.20, 20.0, 5),
            (1.60, 5.0, 5),
        ];
        for (inches, mph, level) in table {
            let icing = Icing { ice_mm: 25.4 * inches, wind_m_s: 0.447_04 * mph };
            let calm = calm_ice_in(icing);
            let ours = 1 + LEVELS_IN.iter().filter(|l| calm >= **l).count();
            assert_eq!(ours, level, "{inches} in at {mph} mph is {calm} in");
        }
    }
}
