//! Homes against the hourly method of ISO 13790 as `testdata/peers/homes.py` wrote it from
//! the standard: its hours, the free-float cases of ASHRAE 140, an outage of heat.
#![cfg(feature = "peers")]
// What was measured is worth reading when the tests run with `--nocapture`.
#![allow(clippy::print_stdout)]

mod bestest;

use std::path::PathBuf;

use bestest::{CASES, denver, extremes, outage};
use blackstart::heat::{Building, FiveResistances, Outside, Solution, Step, Thermal};

/// A table of the peer: header and rows of numbers; words are NaN.
fn table(name: &str) -> Vec<(String, Vec<f64>)> {
    let folder = std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    );
    let path = folder.join("homes").join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", path.display()));
    let row = |line: &str| {
        let first = line.split(',').next().unwrap_or_default().to_owned();
        (first, line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect())
    };
    text.lines().skip(1).map(row).collect()
}

/// Every hour of the peer, free and heated, from its own state: mass, air and heating.
#[test]
fn every_hour_is_that_of_annex_c() {
    const FLOOR_M2: f64 = 100.0;
    let (mut worst_k, mut worst_w) = (0.0_f64, 0.0_f64);
    let rows = table("hours.csv");
    for (_, row) in &rows {
        let [h_ve, h_w, h_op, a_m, c_m, t_e, phi_int, phi_sol, set_c, most_w, t_m] =
            std::array::from_fn(|k| row[k + 2]);
        let h_ms = 9.1 * a_m;
        let five = FiveResistances {
            ventilation_w_m2_k: h_ve / FLOOR_M2,
            stack_to_wind: f64::INFINITY,
            windows_w_m2_k: h_w / FLOOR_M2,
            air_to_surface_w_m2_k: 3.45 * 4.5,
            surface_to_mass_w_m2_k: h_ms / FLOOR_M2,
            mass_to_outdoor_w_m2_k: 1.0 / (1.0 / h_op - 1.0 / h_ms) / FLOOR_M2,
            mass_j_m2_k: c_m / FLOOR_M2,
            mass_share: a_m / (4.5 * FLOOR_M2),
            window_share: h_w / (9.1 * 4.5 * FLOOR_M2),
            gains_w_m2: phi_int / FLOOR_M2,
        };
        let outside = Outside {
            outdoor_c: t_e,
            wind_m_s: 5.0,
            solar_windows_w_m2: phi_sol / FLOOR_M2,
            solar_walls_w_m2: 0.0,
        };
        let step =
            Step::new(&Thermal::FiveResistances(five, Solution::CrankNicolson), &outside, 1.0);
        let x = Building { air_c: t_m, mass_c: t_m };
        let heat = step.heat_needed_w_m2(x, set_c, 1.0).min(most_w / FLOOR_M2);
        let hour = step.advance(x, heat, 1.0);
        worst_k = worst_k.max((hour.end.mass_c - row[13]).abs());
        worst_k = worst_k.max((hour.mean_air_c - row[14]).abs());
        worst_w = worst_w.max((heat * FLOOR_M2 - row[15]).abs());
    }
    println!("{} hours: {worst_k:.1e} K, {worst_w:.1e} W", rows.len());
    assert!(rows.len() > 2000 && worst_k < 1e-9 && worst_w < 1e-6, "{worst_k:e} K {worst_w:e} W");
}

/// The peer has another sun, isotropic sky and Fresnel's glass: a few kelvins of maximum come
/// from that alone. The minima, which the sun hardly touches, must be close.
#[test]
fn free_float_is_near_the_peers_whose_sky_is_even() {
    let weather = denver();
    for (name, row) in table("free_float.csv") {
        let case = CASES.iter().find(|c| c.name == name).unwrap();
        let (low, high) = extremes(&case.free_float(Solution::CrankNicolson, &weather));
        println!("{name}: {low:.2} {:.2}, {high:.2} {:.2}", row[1], row[2]);
        assert!((low - row[1]).abs() < 1.0, "{name}: {low} {}", row[1]);
        assert!((high - row[2]).abs() < 3.5, "{name}: {high} {}", row[2]);
        // An even sky lacks the brightness around the sun.
        assert!(high > row[2], "{name}");
    }
}

#[test]
fn an_outage_is_that_of_annex_c() {
    for (name, row) in table("outage.csv") {
        let case = CASES.iter().find(|c| c.name == if name == "heavy" { "900FF" } else { "600FF" });
        let air_c = outage(case.unwrap(), row[1], Solution::CrankNicolson);
        for (k, hours) in bestest::OUTAGE_HOURS.into_iter().enumerate() {
            let error = (air_c[hours - 1] - row[k + 2]).abs();
            assert!(error < 1e-6, "{name} at {} °C after {hours} h: {error}", row[1]);
        }
    }
}
