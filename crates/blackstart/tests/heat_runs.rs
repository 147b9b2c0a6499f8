//! Heat in a run: mobile plants, combined heat and power, hot tap water, fuel.

mod common;

use blackstart::region::{FacilityClass, HeatJunctionIdx, PlantIdx, PlantKind, RegionDraft};
use blackstart::results::Results;
use blackstart::scenario::{DamageState, EventKind, MobilePlant, Scenario, StruckAsset};
use common::{checked, draft, event, facility, scenario};

/// The chain with a mobile plant `M` whose own place is H0, beside a CHP and a boiler house.
fn with_mobile(generator: Option<&str>) -> RegionDraft {
    let mut d = draft(4);
    let mut mobile = d.heat.plants[1].clone();
    mobile.id = "M".into();
    mobile.kind = PlantKind::Mobile;
    mobile.heat_max_mw = 3.0;
    mobile.power_to_heat = if generator.is_some() { 0.5 } else { 0.0 };
    mobile.generator = generator.map(Into::into);
    d.heat.plants.push(mobile);
    d
}

/// Both plants destroyed in the second hour, for good.
fn without_plants(region: &blackstart::region::Region) -> Scenario {
    let struck = [
        facility(region, FacilityClass::PowerPlant, "G"),
        facility(region, FacilityClass::BoilerHouse, "BH"),
    ];
    let struck = struck.map(|facility| StruckAsset {
        facility,
        state: DamageState::Complete,
        repair_days: Some(100.0),
    });
    scenario(1, vec![event("all", 1.0, EventKind::Damaged(struck.to_vec()))])
}

fn simulate(region: &blackstart::region::Region, s: &Scenario) -> Results {
    blackstart::sim::run(region, s, &mut blackstart::sim::Unwatched)
}

#[test]
fn a_mobile_boiler_heats_while_it_is_connected() {
    let region = checked(with_mobile(None));
    let mut s = without_plants(&region);
    // Connected at the far end of the network, H1 instead of its own H0.
    s.mobile_plants = vec![MobilePlant {
        plant: PlantIdx::new(2),
        junction: HeatJunctionIdx::new(1),
        from_h: 10.0,
        until_h: 40.0,
    }];
    let t = simulate(&region, &s).totals;
    assert!(t.heat_made_mw[0] > 0.5, "{:?}", t.heat_made_mw);
    for h in 1..72 {
        let connected = (10..40).contains(&h);
        assert_eq!(t.heat_made_mw[h] > 0.1, connected, "hour {h}: {}", t.heat_made_mw[h]);
        assert!(t.heat_made_mw[h] <= 3.0 + 1e-9);
        assert!(t.heat_imbalance_share[h] < 1e-6);
        // Fuel of a boiler: 90 % become heat.
        assert!((t.heat_fuel_mw[h] - t.heat_made_mw[h] / 0.9).abs() < 1e-9);
    }
    // Nobody connects it: nobody is warmed.
    s.mobile_plants.clear();
    let t = simulate(&region, &s).totals;
    assert!(t.heat_made_mw[2..].iter().all(|mw| *mw == 0.0));
}

#[test]
fn a_mobile_cogeneration_unit_feeds_both_networks() {
    let mut d = with_mobile(Some("GM"));
    let mut unit = d.grid.generators[1].clone();
    (unit.id, unit.bus, unit.p_max_mw) = ("GM".into(), "A2".into(), 1.5);
    d.grid.generators.push(unit);
    let region = checked(d);
    let mut s = without_plants(&region);
    s.policy.import_share = vec![0.0];
    s.mobile_plants = vec![MobilePlant {
        plant: PlantIdx::new(2),
        junction: HeatJunctionIdx::new(0),
        from_h: 5.0,
        until_h: f64::INFINITY,
    }];
    let t = simulate(&region, &s).totals;
    for h in 1..72 {
        assert_eq!(t.served_mw[h] > 0.1, h >= 5, "hour {h}: {} MW", t.served_mw[h]);
        assert!(t.served_mw[h] <= 1.5 + 1e-9);
    }
    // Its pumps need no bus of their own: heat follows its electricity.
    assert!(t.heat_made_mw[8] > 0.1 && t.heat_made_mw[8] <= 3.0 + 1e-9);
}

/// A unit that can only run between corners: no heat without its least electricity, and the
/// heat bounds what it makes of electricity.
#[test]
fn corners_tie_heat_to_electricity() {
    let mut d = draft(4);
    d.heat.plants.truncate(1);
    let corners = vec![(0.0, 12.0), (0.0, 30.0), (10.0, 26.0), (10.0, 8.0)];
    d.heat.plants[0].operating_mw = corners;
    let region = checked(d);
    let mut s = scenario(1, Vec::new());
    let t = simulate(&region, &s).totals;
    // By plant: heat at most 10 MW; electricity then 8 to 26 MW.
    assert!(t.heat_made_mw.iter().all(|mw| *mw > 0.5 && *mw <= 10.0 + 1e-9));
    // The import is cut: what the unit can make beside its heat is all there is.
    s.policy.import_share = vec![0.0];
    let t = simulate(&region, &s).totals;
    for h in 1..72 {
        let heat = t.heat_made_mw[h];
        let most = 30.0 - 0.4 * heat.min(10.0);
        assert!(t.served_mw[h] <= most + 0.5, "hour {h}: {} beside {heat}", t.served_mw[h]);
        assert!(
            (t.heat_fuel_mw[h] - (heat + t.served_mw[h]) / 0.9).abs() < 0.02 * t.heat_fuel_mw[h]
        );
    }
}

#[test]
fn hot_water_follows_the_day_and_is_lost_with_the_plants() {
    let mut d = draft(4);
    d.heat.substations[0].hot_water_mw = 1.0;
    let region = checked(d);
    let t = simulate(&region, &without_plants(&region)).totals;
    // 18 h: the first hour; a day of it is 24 MWh.
    let day: f64 = t.hot_water_demand_mw[..24].iter().sum();
    assert!((day - 24.0).abs() < 1e-9);
    assert!(t.hot_water_demand_mw[0] > 1.2 && t.hot_water_demand_mw[8] < 0.3);
    assert!((t.hot_water_delivered_mw[0] / t.hot_water_demand_mw[0] - 1.0).abs() < 1e-6);
    assert!(t.hot_water_delivered_mw[5..].iter().all(|mw| *mw < 1e-6));
    assert!(t.heat_demand_mw[0] > t.hot_water_demand_mw[0]);
}
