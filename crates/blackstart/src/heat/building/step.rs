//! One step of all buildings of one kind, as a linear map: whatever the model, the end of
//! the step is linear in the state, the internal gains and the heating.

use super::{Building, BuildingHour, Thermal};
use crate::heat::building::five_resistances as five;
use crate::heat::building::two_capacities::System;
use crate::heat::outside::Outside;

const SECONDS_PER_HOUR: f64 = 3600.0;

/// Columns of [`Rows`]: air and mass in K above outdoors, internal gains and heating in
/// W/m², and what is left.
pub(super) const AIR: usize = 0;
pub(super) const MASS: usize = 1;
pub(super) const GAINS: usize = 2;
pub(super) const HEAT: usize = 3;
pub(super) const CONSTANT: usize = 4;

/// Rows: change of air and (one further) of mass, K; mean air, K above outdoors; mean
/// heat lost, W/m².
pub(super) const CHANGE: usize = 0;
pub(super) const MEAN: usize = 2;
pub(super) const LOST: usize = 3;

pub(super) type Rows = [[f64; 5]; 4];

/// What a step of given length in given weather does to buildings of one kind. Working it
/// out takes the exponential; stepping a building then is a few dozen multiplications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    rows: Rows,
    outdoor_c: f64,
    /// Full internal gains, and what the sun brings, W/m².
    gains_w_m2: f64,
    sun_w_m2: f64,
    /// Capacities by length of the step, W/(m² K).
    air_w_m2_k: f64,
    mass_w_m2_k: f64,
}

impl Step {
    /// A step of `step_h` hours; one of no length changes nothing.
    #[must_use]
    pub fn new(thermal: &Thermal, outside: &Outside, step_h: f64) -> Self {
        let seconds = step_h * SECONDS_PER_HOUR;
        let sun = (outside.solar_windows_w_m2, outside.solar_walls_w_m2);
        let (rows, gains_w_m2, air_j, mass_j) = match thermal {
            _ if seconds <= 0.0 => {
                let mut rows = Rows::default();
                rows[MEAN][AIR] = 1.0;
                (rows, 0.0, 0.0, 0.0)
            }
            Thermal::TwoCapacities(p) => {
                let rows = System::new(p, outside).rows(sun, seconds);
                (rows, p.gains_w_m2, p.air_j_m2_k, p.mass_j_m2_k)
            }
            Thermal::FiveResistances(p, solution) => {
                let rows = five::rows(p, outside, *solution, seconds);
                (rows, p.gains_w_m2, 0.0, p.mass_j_m2_k)
            }
        };
        let per_second = |joule: f64| if seconds > 0.0 { joule / seconds } else { 0.0 };
        Self {
            rows,
            outdoor_c: outside.outdoor_c,
            gains_w_m2,
            sun_w_m2: if seconds > 0.0 { sun.0 + sun.1 } else { 0.0 },
            air_w_m2_k: per_second(air_j),
            mass_w_m2_k: per_second(mass_j),
        }
    }

    /// The step of one building with constant `heat_w_m2`. `gains_share` scales internal
    /// gains (appliances need electricity).
    #[must_use]
    pub fn advance(&self, x: Building, heat_w_m2: f64, gains_share: f64) -> BuildingHour {
        let gains = self.gains_w_m2 * gains_share;
        let (air, mass) = (x.air_c - self.outdoor_c, x.mass_c - self.outdoor_c);
        let row = |k: usize| {
            let r = &self.rows[k];
            r[AIR] * air + r[MASS] * mass + r[GAINS] * gains + r[HEAT] * heat_w_m2 + r[CONSTANT]
        };
        let (change, mass_change) = (row(CHANGE), row(CHANGE + 1));
        let stored = self.air_w_m2_k * change + self.mass_w_m2_k * mass_change;
        let lost = row(LOST);
        let put_in = gains + heat_w_m2 + self.sun_w_m2;
        let scale = stored.abs().max(lost.abs()).max(put_in.abs()).max(1e-3);
        let still = self.mass_w_m2_k == 0.0;
        BuildingHour {
            end: Building { air_c: x.air_c + change, mass_c: x.mass_c + mass_change },
            mean_air_c: row(MEAN) + self.outdoor_c,
            balance_error: if still { 0.0 } else { (stored + lost - put_in).abs() / scale },
        }
    }

    /// Heat that brings the air to `set_c` at the end of the step, W/m², not below 0. By the
    /// hourly method of ISO 13790, which knows one air temperature an hour, that one.
    #[must_use]
    pub fn heat_needed_w_m2(&self, x: Building, set_c: f64, gains_share: f64) -> f64 {
        let per_watt = self.rows[CHANGE][HEAT];
        if per_watt <= 0.0 {
            return 0.0;
        }
        let r = &self.rows[CHANGE];
        let gains = self.gains_w_m2 * gains_share;
        let unheated = x.air_c
            + r[AIR] * (x.air_c - self.outdoor_c)
            + r[MASS] * (x.mass_c - self.outdoor_c)
            + r[GAINS] * gains
            + r[CONSTANT];
        ((set_c - unheated) / per_watt).max(0.0)
    }
}

/// φ₁ = (eᶻ − 1)/z and φ₂ = (eᶻ − 1 − z)/z², by the series of φ₂ where that would cancel.
pub(super) fn phi12(z: f64) -> (f64, f64) {
    /// 1/(k + 2)! for k from 0; the next term is below 1e-17 for |z| up to 1/2, and after
    /// the first eight for |z| up to 1/20, where most buildings are in an hour.
    const SERIES: [f64; 14] = {
        let mut series = [0.5; 14];
        let mut k = 1;
        while k < series.len() {
            series[k] = series[k - 1] / (k + 2) as f64;
            k += 1;
        }
        series
    };
    let horner = |terms: &[f64]| terms.iter().rev().fold(0.0, |sum, c| sum * z + c);
    let two = match z.abs() {
        small if small < 0.05 => horner(&SERIES[..8]),
        medium if medium < 0.5 => horner(&SERIES),
        _ => (z.exp_m1() - z) / (z * z),
    };
    (1.0 + z * two, two)
}

#[cfg(test)]
mod tests {
    use super::phi12;

    #[test]
    fn series_and_exponential_meet() {
        for z in [-40.0, -3.0, -0.6, -0.5, -0.499, -0.2, -0.0501, -0.0499, -1e-3, -1e-9_f64] {
            let (one, two) = phi12(z);
            assert!((one - z.exp_m1() / z).abs() < 1e-15, "{z}: {one}");
            // φ₂ by 200 terms of its series, or by the exponential far from zero.
            let exact = if z < -1.0 {
                (z.exp_m1() - z) / (z * z)
            } else {
                (3..200).rev().fold(0.0, |sum, k| (sum + 1.0) * z / f64::from(k)) / 2.0 + 0.5
            };
            assert!((two - exact).abs() < 1e-15, "{z}: {two} {exact}");
        }
        assert_eq!(phi12(0.0), (1.0, 0.5));
    }
}
