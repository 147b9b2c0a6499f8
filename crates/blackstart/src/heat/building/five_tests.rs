//! The five resistances against a balance that knows nothing of their closed form.

use proptest::prelude::*;

use super::*;

fn any_home() -> impl Strategy<Value = FiveResistances> {
    (0.05..2.0, 0.5..9.0, 0.05..1.5, 5.0..20.0, 5.0..35.0, 0.05..3.0, 4e4..1e6, 0.3..0.8, 0.0..8.0)
        .prop_map(|(ve, stack, w, is, ms, em, cm, share, gains)| FiveResistances {
            ventilation_w_m2_k: ve,
            stack_to_wind: stack,
            windows_w_m2_k: w,
            air_to_surface_w_m2_k: is,
            surface_to_mass_w_m2_k: ms,
            mass_to_outdoor_w_m2_k: em,
            mass_j_m2_k: cm,
            mass_share: share,
            window_share: w / (9.1 * 4.5),
            gains_w_m2: gains,
        })
}

fn any_outside() -> impl Strategy<Value = Outside> {
    (-35.0..35.0, 3.0..3.1, 0.0..60.0, -3.0..6.0).prop_map(|(c, wind, windows, walls)| Outside {
        outdoor_c: c,
        wind_m_s: wind,
        solar_windows_w_m2: windows,
        solar_walls_w_m2: walls,
    })
}

/// Nodes of the network for a mass at `mass_c`: Gauss–Seidel on the balances of surface and
/// air as they stand in figure C.1 of the standard. Returns (air, surface, rate of mass K/s).
fn nodes(p: &FiveResistances, o: &Outside, mass_c: f64, heat: f64, share: f64) -> (f64, f64, f64) {
    let inner = p.gains_w_m2 * share;
    let sun = o.solar_windows_w_m2 + o.solar_walls_w_m2;
    let half = 0.5 * inner + sun;
    let (to_air, to_mass) = (0.5 * inner + heat, p.mass_share * half);
    let to_surface = (1.0 - p.mass_share - p.window_share) * half;
    let ve = p.ventilation_w_m2_k
        * ((p.stack_to_wind + (o.wind_m_s / 3.0).powi(2)) / (p.stack_to_wind + 1.0)).sqrt();
    let (mut air, mut surface) = (mass_c, mass_c);
    for _ in 0..400 {
        air = (ve * o.outdoor_c + p.air_to_surface_w_m2_k * surface + to_air)
            / (ve + p.air_to_surface_w_m2_k);
        surface = (p.windows_w_m2_k * o.outdoor_c
            + p.air_to_surface_w_m2_k * air
            + p.surface_to_mass_w_m2_k * mass_c
            + to_surface)
            / (p.windows_w_m2_k + p.air_to_surface_w_m2_k + p.surface_to_mass_w_m2_k);
    }
    let rate = p.mass_to_outdoor_w_m2_k * (o.outdoor_c - mass_c)
        + p.surface_to_mass_w_m2_k * (surface - mass_c)
        + to_mass;
    (air, surface, rate / p.mass_j_m2_k)
}

/// Annex C step by step, in absolute temperatures and the standard's own letters.
fn annex_c(p: &FiveResistances, o: &Outside, mass_c: f64, heat: f64, share: f64) -> (f64, f64) {
    let h_ve = p.ventilation_w_m2_k
        * ((p.stack_to_wind + (o.wind_m_s / 3.0).powi(2)) / (p.stack_to_wind + 1.0)).sqrt();
    let (h_is, h_w) = (p.air_to_surface_w_m2_k, p.windows_w_m2_k);
    let (h_ms, h_em) = (p.surface_to_mass_w_m2_k, p.mass_to_outdoor_w_m2_k);
    let h1 = 1.0 / (1.0 / h_ve + 1.0 / h_is);
    let h2 = h1 + h_w;
    let h3 = 1.0 / (1.0 / h2 + 1.0 / h_ms);
    let (int, te) = (p.gains_w_m2 * share, o.outdoor_c);
    let rest = 0.5 * int + o.solar_windows_w_m2 + o.solar_walls_w_m2;
    let (ia, m) = (0.5 * int + heat, p.mass_share * rest);
    let st = (1.0 - p.mass_share - p.window_share) * rest;
    let total = m + h_em * te + h3 * (st + h_w * te + h1 * (ia / h_ve + te)) / h2;
    let c = p.mass_j_m2_k / 3600.0;
    let next = (mass_c * (c - 0.5 * (h3 + h_em)) + total) / (c + 0.5 * (h3 + h_em));
    let mean = f64::midpoint(mass_c, next);
    let surface = (h_ms * mean + st + h_w * te + h1 * (te + ia / h_ve)) / (h_ms + h_w + h1);
    ((h_is * surface + h_ve * te + ia) / (h_is + h_ve), next)
}

proptest! {
    #[test]
    fn exact_steps_agree_with_fine_integration(
        p in any_home(), o in any_outside(), heat in 0.0..120.0_f64,
        mass in -10.0..30.0_f64, hours in 0.05..5.0_f64,
    ) {
        let x = Building { air_c: 3.0, mass_c: mass };
        let step = Step::new(&Thermal::FiveResistances(p, Solution::Exact), &o, hours);
        let got = step.advance(x, heat, 0.7);
        let n = 200;
        let dt = hours * 3600.0 / f64::from(n);
        let (mut m, mut area) = (mass, 0.0);
        for _ in 0..n {
            let (a1, _, k1) = nodes(&p, &o, m, heat, 0.7);
            let (a2, _, k2) = nodes(&p, &o, m + dt / 2.0 * k1, heat, 0.7);
            let k3 = nodes(&p, &o, m + dt / 2.0 * k2, heat, 0.7).2;
            let k4 = nodes(&p, &o, m + dt * k3, heat, 0.7).2;
            m += dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
            area += dt / 6.0 * (a1 + 4.0 * a2 + nodes(&p, &o, m, heat, 0.7).0);
        }
        prop_assert!((got.end.mass_c - m).abs() < 1e-6, "{} {m}", got.end.mass_c);
        prop_assert!((got.end.air_c - nodes(&p, &o, m, heat, 0.7).0).abs() < 1e-6);
        prop_assert!((got.mean_air_c - area / (hours * 3600.0)).abs() < 1e-4);
        prop_assert!(got.balance_error < 1e-9, "{}", got.balance_error);
    }

    #[test]
    fn crank_nicolson_steps_are_those_of_annex_c(
        p in any_home(), o in any_outside(), heat in 0.0..120.0_f64, mass in -10.0..30.0_f64,
    ) {
        let x = Building { air_c: 3.0, mass_c: mass };
        let step = Step::new(&Thermal::FiveResistances(p, Solution::CrankNicolson), &o, 1.0);
        let got = step.advance(x, heat, 0.7);
        let (air, next) = annex_c(&p, &o, mass, heat, 0.7);
        prop_assert!((got.end.mass_c - next).abs() < 1e-9);
        prop_assert!((got.end.air_c - air).abs() < 1e-9);
        prop_assert!((got.mean_air_c - air).abs() < 1e-9);
        prop_assert!(got.balance_error < 1e-9, "{}", got.balance_error);
    }

    /// C.4.2 of the standard: the air at two heatings, and a line through them.
    #[test]
    fn needed_heat_reaches_the_set_point_in_either_solution(
        p in any_home(), o in any_outside(), mass in -10.0..25.0_f64, crank in any::<bool>(),
    ) {
        let solution = if crank { Solution::CrankNicolson } else { Solution::Exact };
        let step = Step::new(&Thermal::FiveResistances(p, solution), &o, 1.0);
        let x = Building { air_c: 3.0, mass_c: mass };
        let heat = step.heat_needed_w_m2(x, 20.0, 1.0);
        let end = step.advance(x, heat, 1.0).end.air_c;
        prop_assert!((end - 20.0).abs() < 1e-8 || heat == 0.0 && end > 20.0, "{end} {heat}");
        let (at_0, at_10) =
            (step.advance(x, 0.0, 1.0).end.air_c, step.advance(x, 10.0, 1.0).end.air_c);
        let line = 10.0 * (20.0 - at_0) / (at_10 - at_0);
        prop_assert!((heat - line.max(0.0)).abs() < 1e-6);
    }

    #[test]
    fn the_steady_state_stays(p in any_home(), o in any_outside()) {
        let thermal = Thermal::FiveResistances(p, Solution::Exact);
        let x = Building::steady(&thermal, 20.0, &o);
        let heat = thermal.steady_heat_w_m2(20.0, &o, 1.0).max(0.0);
        let hour = Step::new(&thermal, &o, 100.0).advance(x, heat, 1.0);
        prop_assert!((hour.end.air_c - x.air_c).abs() < 1e-7, "{x:?} {hour:?}");
        prop_assert!((hour.end.mass_c - x.mass_c).abs() < 1e-7);
        prop_assert!(x.air_c >= 20.0 - 1e-9);
    }
}

/// Both models of one envelope lose alike when nothing changes.
#[test]
fn both_models_lose_about_the_same() {
    for building in crate::region::BuildingType::ALL {
        let e = super::super::envelope::envelope(building);
        let o = Outside {
            outdoor_c: -22.0,
            wind_m_s: 3.0,
            solar_windows_w_m2: 0.0,
            solar_walls_w_m2: 0.0,
        };
        let load = |model| Thermal::of(&e, model).steady_heat_w_m2(20.0, &o, 0.0);
        let (two, five) = (load(BuildingModel::TwoCapacities), load(BuildingModel::Iso13790));
        // The standard's walls and windows hang on surfaces, which are colder than the air,
        // though U-values hold from air to air already; and its heating goes to the air
        // alone. It loses less, most where walls are large.
        assert!((0.80..1.0).contains(&(five / two)), "{building:?}: {two} {five}");
    }
}
