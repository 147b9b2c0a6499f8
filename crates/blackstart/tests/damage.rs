//! Damage: how strikes come out, and what damage does to the networks.

mod common;

use blackstart::damage::{self, Effects, catalogue};
use blackstart::math::random::Distribution;
use blackstart::region::{FacilityClass, FacilityIdx, Region};
use blackstart::results::{DamageRecord, StrikeRecord};
use blackstart::scenario::{
    ByMunition, Campaign, DamageState, EventKind, Halt, HitRule, Interval, Measure, Scenario,
    Strike, StruckAsset, Uninspected,
};
use common::{checked, draft, event, facility, region, scenario, strike};

fn luck(seed: u64) -> damage::strike::Luck {
    damage::strike::Luck { seed, draw: 0, event: 1 }
}

fn of_strike(strike: Strike, seed: u64) -> Scenario {
    scenario(seed, vec![event("night", 0.0, EventKind::Strike(Box::new(strike)))])
}

fn carry_out(region: &Region, scenario: &Scenario) -> (StrikeRecord, Vec<DamageRecord>) {
    let whole = vec![1.0; region.facilities().len()];
    let (strike, damage) = damage::apply(region, scenario, 0, &whole);
    (strike.unwrap(), damage)
}

#[test]
fn a_strike_has_no_place_for_a_target() {
    // Every field is named here: one more would have to be looked at in this light.
    let Strike { launched, intercepted_share, share_on_region, class_odds, hit_rule, state_odds } =
        strike();
    let _counts: ByMunition<Interval> = launched;
    let _shares: (ByMunition<Interval>, Interval) = (intercepted_share, share_on_region);
    let _by_class: [f64; FacilityClass::ALL.len()] = class_odds;
    let _by_state: ByMunition<[f64; 4]> = state_odds;
    match hit_rule {
        HitRule::Uniform | HitRule::BySize => {}
    }
}

#[test]
fn campaigns_halts_and_policies_have_no_place_for_a_target() {
    // As above: numbers of weapons, times and shares, nothing of the region.
    let of_campaign = |campaign: Campaign| {
        let Campaign {
            name: _,
            from_h,
            until_h,
            massive_at_clock_h,
            gap_median_days,
            massive_missiles_median,
            massive_missiles_p90,
            massive_drones_factor,
            missiles_per_day,
            drones_per_day,
            missile_shares,
            strike,
        } = campaign;
        let _times: (f64, f64, Interval, f64) =
            (from_h, until_h, massive_at_clock_h, gap_median_days);
        let _sizes: [f64; 3] =
            [massive_missiles_median, massive_missiles_p90, massive_drones_factor];
        let _days: [f64; 2] = [missiles_per_day, drones_per_day];
        let _shares: ByMunition<f64> = missile_shares;
        let _: Strike = strike;
    };
    let of_halt = |halt: Halt| {
        let Halt { name: _, from_h, until_h, disputed_h, covers, removes_share, leakage_share } =
            halt;
        let _numbers: [f64; 5] = [from_h, until_h, disputed_h, removes_share, leakage_share];
        let _classes: ByMunition<bool> = covers;
    };
    let of_measure = |measure: Measure| match measure {
        Measure::Halt(halt) => of_halt(halt),
        Measure::SupportPause { from_h: _, until_h: _, intercepted_share } => {
            let _shares: ByMunition<Option<Interval>> = intercepted_share;
        }
        Measure::AidPause { from_h, until_h } => {
            let _: (f64, f64) = (from_h, until_h);
        }
        Measure::Imports { from_h, until_h, share } => {
            let _: (f64, f64, f64) = (from_h, until_h, share);
        }
        Measure::Generators { more } => {
            let _: u32 = more;
        }
        Measure::Thermostat { indoor_set_c: number }
        | Measure::Demand { factor: number }
        | Measure::WeatherShift { shift_k: number } => {
            let _: f64 = number;
        }
    };
    let _ = (of_campaign, of_measure);
}

#[test]
fn counts_stay_in_their_intervals() {
    let region = region(6);
    let mut launched_seen = [false; 11];
    for seed in 0..300 {
        let (record, damage) = carry_out(&region, &of_strike(strike(), seed));
        assert!((20..=30).contains(&record.launched[0]), "{record:?}");
        assert_eq!(record.launched[1], 4);
        assert!((80..=120).contains(&record.launched[2]), "{record:?}");
        launched_seen[record.launched[0] as usize - 20] = true;
        for c in 0..3 {
            assert!(record.hits[c] <= record.got_through[c]);
            assert!(record.got_through[c] <= record.launched[c]);
        }
        assert!(damage.len() as u32 <= record.hits.iter().sum());
        assert!(damage.windows(2).all(|w| w[0].facility < w[1].facility));
        for d in &damage {
            let entry = catalogue::entry(&region, d.facility, d.state);
            assert_eq!(d.functionality, entry.functionality);
            assert!(d.munition.is_some());
        }
    }
    assert_eq!(launched_seen, [true; 11]);
}

#[test]
fn shares_have_their_means() {
    let region = region(6);
    let n = 2000;
    let mut sums = [[0.0; 3]; 3];
    for seed in 0..n {
        let (record, _) = carry_out(&region, &of_strike(strike(), seed));
        for c in 0..3 {
            sums[c][0] += f64::from(record.launched[c]);
            sums[c][1] += f64::from(record.got_through[c]);
            sums[c][2] += f64::from(record.hits[c]);
        }
    }
    for (c, (launched, through)) in [(25.0, 0.4), (4.0, 0.8), (100.0, 0.2)].into_iter().enumerate()
    {
        let [l, t, h] = sums[c];
        assert!((l / n as f64 / launched - 1.0).abs() < 0.02, "{c}: {l}");
        assert!((t / l / through - 1.0).abs() < 0.03, "{c}: {t} of {l}");
        assert!((h / t / 0.4 - 1.0).abs() < 0.05, "{c}: {h} of {t}");
    }
}

/// Hits on the substations of the region over many strikes.
fn substation_hits(region: &Region, rule: HitRule) -> Vec<f64> {
    let strike = Strike { hit_rule: rule, ..strike() };
    let mut counts = vec![0.0; region.facilities().len()];
    for seed in 0..3000 {
        let come = damage::strike::carry_out(region.facilities(), &strike, &luck(seed), &[0.0; 4]);
        for hit in come.hits {
            counts[hit.facility.i()] += 1.0;
        }
    }
    let pairs = region.facilities().iter().zip(counts);
    pairs.filter(|(f, _)| f.class == FacilityClass::Substation).map(|(_, c)| c).collect()
}

fn chi_square(counts: &[f64], weights: &[f64]) -> f64 {
    let (hits, weight): (f64, f64) = (counts.iter().sum(), weights.iter().sum());
    assert!(hits > 10_000.0, "too few hits to tell: {hits}");
    counts
        .iter()
        .zip(weights)
        .map(|(c, w)| (c - hits * w / weight).powi(2) / (hits * w / weight))
        .sum()
}

#[test]
fn hits_spread_by_the_rule() {
    let region = region(6);
    // 99.99 % quantile of chi-square with 5 degrees of freedom.
    let limit = 25.74;
    let alike = substation_hits(&region, HitRule::Uniform);
    let chi2 = chi_square(&alike, &[1.0; 6]);
    assert!(chi2 < limit, "{chi2}: {alike:?}");
    // Sizes are the ratings of transformers: 25, 50 … 150 MVA.
    let sized = substation_hits(&region, HitRule::BySize);
    let chi2 = chi_square(&sized, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert!(chi2 < limit, "{chi2}: {sized:?}");
    // And the test can tell the rules apart.
    assert!(chi_square(&sized, &[1.0; 6]) > limit);
}

#[test]
fn classes_get_their_odds() {
    let region = region(6);
    let mut counts = [0.0; FacilityClass::ALL.len()];
    for seed in 0..3000 {
        for hit in
            damage::strike::carry_out(region.facilities(), &strike(), &luck(seed), &[0.0; 4]).hits
        {
            let class = region.facilities()[hit.facility.i()].class;
            counts[FacilityClass::ALL.iter().position(|c| *c == class).unwrap()] += 1.0;
        }
    }
    assert_eq!(counts[5..], [0.0; 4]);
    let chi2 = chi_square(&counts[..5], &strike().class_odds[..5]);
    // 99.99 % quantile of chi-square with 4 degrees of freedom.
    assert!(chi2 < 23.51, "{chi2}: {counts:?}");
}

#[test]
fn what_is_added_moves_nothing_but_its_own_hits() {
    let small = region(6);
    let mut with_class = draft(6);
    // Two more substations at the front and, with them, mains, tanks and pumps.
    let more = draft(8);
    with_class.grid.buses.splice(0..0, more.grid.buses[12..].to_vec());
    with_class.grid.branches.splice(0..0, more.grid.branches[11..].to_vec());
    let large = checked(with_class);
    let name = |region: &Region, f: FacilityIdx| {
        let f = &region.facilities()[f.i()];
        (f.class, f.id.clone())
    };
    let (mut moved, mut all) = (0, 0);
    for seed in 0..200 {
        let a = damage::strike::carry_out(small.facilities(), &strike(), &luck(seed), &[0.0; 4]);
        let b = damage::strike::carry_out(large.facilities(), &strike(), &luck(seed), &[0.0; 4]);
        assert_eq!(
            (a.launched, a.got_through, a.hit_counts),
            (b.launched, b.got_through, b.hit_counts)
        );
        for (x, y) in a.hits.iter().zip(&b.hits) {
            assert_eq!((x.state, x.munition), (y.state, y.munition));
            let (x, y) = (name(&small, x.facility), name(&large, y.facility));
            all += 1;
            if x != y {
                assert!(y.1 == "A6" || y.1 == "A7", "{x:?} became {y:?}");
                moved += 1;
            }
        }
    }
    // Two of eight substations, which get 3 / 5.75 of the hits.
    let share = f64::from(moved) / f64::from(all);
    assert!((share - 0.25 * 3.0 / 5.75).abs() < 0.03, "{share}");
}

#[test]
fn events_keep_their_luck_when_others_come_and_go() {
    let region = region(6);
    let whole = vec![1.0; region.facilities().len()];
    let night = |name: &str, at_h| event(name, at_h, EventKind::Strike(Box::new(strike())));
    let one = scenario(3, vec![night("first", 0.0)]);
    let two = scenario(3, vec![night("before", 0.0), night("first", 30.0)]);
    let (_, alone) = damage::apply(&region, &one, 0, &whole);
    let (_, before) = damage::apply(&region, &two, 0, &whole);
    let (_, after) = damage::apply(&region, &two, 1, &whole);
    let what = |d: &[DamageRecord]| d.iter().map(|d| (d.facility, d.state)).collect::<Vec<_>>();
    assert_eq!(what(&alone), what(&after));
    assert_ne!(what(&before), what(&after));
    // The same name twice is not the same luck twice.
    let twins = scenario(3, vec![night("first", 0.0), night("first", 30.0)]);
    assert_eq!(what(&damage::apply(&region, &twins, 0, &whole).1), what(&alone));
    assert_ne!(what(&damage::apply(&region, &twins, 1, &whole).1), what(&alone));
}

#[test]
fn of_several_hits_the_worst_counts() {
    let region = region(2);
    let all_on_one = Strike {
        launched: [Interval::point(60.0); 4],
        intercepted_share: [Interval::point(0.0); 4],
        share_on_region: Interval::point(1.0),
        class_odds: [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        ..strike()
    };
    let (record, damage) = carry_out(&region, &of_strike(all_on_one, 1));
    assert_eq!(record.hits, [60; 4]);
    let [only] = damage.as_slice() else { panic!("one plant, but {damage:?}") };
    assert_eq!((only.state, only.functionality), (DamageState::Complete, 0.0));
}

#[test]
fn odd_numbers_break_nothing() {
    let region = region(2);
    let nan = Interval { low: f64::NAN, high: f64::NAN };
    let wild = Interval { low: -5.0, high: f64::INFINITY };
    for strike in [
        Strike { launched: [nan; 4], ..strike() },
        Strike { intercepted_share: [wild; 4], share_on_region: nan, ..strike() },
        Strike { class_odds: [f64::NAN; 9], ..strike() },
        Strike { class_odds: [0.0; 9], ..strike() },
        Strike { state_odds: [[0.0; 4]; 4], ..strike() },
    ] {
        let (record, damage) = carry_out(&region, &of_strike(strike, 1));
        assert_eq!((record.hits, damage.len()), ([0; 4], 0));
    }
    let none = damage::apply(&region, &of_strike(strike(), 1), 7, &[]);
    assert_eq!(none, (None, Vec::new()));
}

#[test]
fn known_damage_is_taken_as_stated() {
    let region = region(3);
    let substation = facility(&region, FacilityClass::Substation, "A1");
    let tank = facility(&region, FacilityClass::WaterTank, "K0");
    let struck = |facility, state| StruckAsset { facility, state, repair_days: None };
    let known = vec![
        struck(tank, DamageState::Slight),
        struck(substation, DamageState::Extensive),
        struck(substation, DamageState::Slight),
    ];
    let scenario = scenario(0, vec![event("storm", 5.0, EventKind::Damaged(known))]);
    let mut before = vec![1.0; region.facilities().len()];
    before[substation.i()] = 0.1;
    let (strike, damage) = damage::apply(&region, &scenario, 0, &before);
    assert_eq!(strike, None);
    let [a, b] = damage.as_slice() else { panic!("{damage:?}") };
    assert_eq!((a.facility, a.state, a.at_h), (substation, DamageState::Extensive, 5.0));
    // 30 % of the whole, but only 10 % were left.
    assert_eq!((a.functionality, a.munition), (0.1, None));
    assert_eq!((b.facility, b.functionality), (tank, 1.0));
}

#[test]
fn what_nobody_has_looked_at_is_drawn_by_its_odds() {
    let region = region(3);
    let facilities: Vec<FacilityIdx> =
        (0..region.facilities().len()).map(FacilityIdx::new).collect();
    let unseen = |facilities: &[FacilityIdx], state_odds| {
        let facilities = facilities.to_vec();
        vec![event("unseen", 2.0, EventKind::Uninspected(Uninspected { facilities, state_odds }))]
    };
    let odds = [0.5, 0.3, 0.2, 0.0];
    let mut counts = [0u32; 4];
    for draw in 0..400 {
        let all = Scenario { draw, ..scenario(9, unseen(&facilities, odds)) };
        let (strike, damage) = damage::apply(&region, &all, 0, &[]);
        assert_eq!((strike, damage.len()), (None, facilities.len()));
        for record in &damage {
            counts[record.state as usize] += 1;
            // Each for itself: what else is reported changes nothing.
            if record.facility.i() < 3 && draw < 5 {
                let alone = Scenario { draw, ..scenario(9, unseen(&[record.facility], odds)) };
                assert_eq!(damage::apply(&region, &alone, 0, &[]).1, std::slice::from_ref(record));
            }
        }
    }
    let n = 400.0 * facilities.len() as f64;
    for (count, odds) in counts.into_iter().zip(odds) {
        let spread = (n * odds * (1.0 - odds)).sqrt();
        assert!((f64::from(count) - n * odds).abs() <= 4.5 * spread, "{counts:?}");
    }
    let none = scenario(9, unseen(&facilities, [0.0; 4]));
    assert_eq!(damage::apply(&region, &none, 0, &[]).1, []);
}

/// The catalogue as the page on damage and repair shows it.
fn catalogue_table() -> String {
    let mut table = String::new();
    for kind in catalogue::Kind::ALL {
        for state in DamageState::ALL {
            let e = catalogue::row(kind, state, 0.0);
            let days = match e.repair_days {
                Distribution::PositiveNormal { mean, sd } => format!("normal {mean} ± {sd}"),
                Distribution::LogNormal { mean, sd } => format!("lognormal {mean} ± {sd}"),
                Distribution::Triangular { low, mode, high } => {
                    format!("triangular {low}, {mode}, {high}")
                }
                Distribution::Uniform { low, high } => format!("uniform {low} – {high}"),
            };
            let spare = e.spare.map_or("–".to_owned(), |s| format!("`{}`", s.word()));
            table += &format!(
                "| {} | {} | {:.2} | {days} | {} | {spare} |\n",
                kind.word(),
                state.word(),
                e.functionality,
                e.teams
            );
        }
    }
    table
}

#[test]
fn the_page_shows_the_catalogue_as_it_is() {
    let page = include_str!("../../../docs/damage-and-repair.md");
    let table = catalogue_table();
    assert!(page.contains(&table), "docs/damage-and-repair.md should have:\n{table}");
}

#[test]
fn effects_follow_functionality() {
    let region = region(4);
    let mut functionality = vec![1.0; region.facilities().len()];
    let whole = Effects::new(&region);
    let mut effects = whole.clone();
    let mut damage = |class, id: &str, f: f64| {
        functionality[facility(&region, class, id).i()] = f;
    };
    damage(FacilityClass::Substation, "A1", 0.0);
    damage(FacilityClass::Substation, "A3", 0.3);
    damage(FacilityClass::BoilerHouse, "BH", 0.5);
    damage(FacilityClass::PumpingStation, "P2", 0.1);
    damage(FacilityClass::WaterTank, "K0", 0.49);
    damage(FacilityClass::WaterTank, "K2", 0.8);
    damage(FacilityClass::Line, "L3", 0.0);
    damage(FacilityClass::WaterMain, "W1", 0.0);
    damage(FacilityClass::HeatMain, "HP", 0.0);
    effects.update(&region, &functionality);

    let grid = region.grid();
    let bus = |id: &str| grid.buses.iter().position(|b| b.id == id).unwrap();
    let branch = |id: &str| grid.branches.iter().position(|b| b.id == id).unwrap();
    assert!(!effects.bus_in_service[bus("A1")] && !effects.bus_in_service[bus("a1")]);
    assert_eq!(effects.bus_share[bus("a1")], 0.0);
    // All branches at a lost substation are out, the generator too.
    for id in ["T1", "L1", "L2", "L3"] {
        assert!(!effects.branch_in_service[branch(id)], "{id}");
    }
    assert_eq!(effects.generator_share, [1.0, 0.0]);
    assert!(effects.bus_in_service[bus("a3")] && effects.branch_in_service[branch("T3")]);
    assert_eq!(effects.bus_share[bus("a3")], 0.3);
    assert_eq!(effects.branch_rate_share[branch("T3")], 0.3);
    assert_eq!(effects.branch_rate_share[branch("T2")], 1.0);
    assert_eq!(effects.plant_share, [1.0, 0.5]);
    assert_eq!(effects.pump_share, [1.0, 0.1]);
    assert_eq!(effects.tank_whole, [false, true]);
    let pipe = |id: &str| region.water().pipes.iter().position(|p| p.id == id).unwrap();
    assert!(!effects.pipe_whole[pipe("W1")] && effects.pipe_whole[pipe("W2")]);
    assert_eq!(effects.heat_pipe_whole, [false]);

    functionality.fill(1.0);
    effects.update(&region, &functionality);
    assert_eq!(effects, whole);
    assert!(whole.bus_in_service.iter().all(|b| *b) && whole.pipe_whole.iter().all(|b| *b));
}

#[test]
fn a_plant_that_is_hit_loses_power_and_heat_together() {
    let region = region(3);
    let plant = facility(&region, FacilityClass::PowerPlant, "G");
    let mut functionality = vec![1.0; region.facilities().len()];
    functionality[plant.i()] = 0.5;
    let mut effects = Effects::new(&region);
    effects.update(&region, &functionality);
    assert_eq!(effects.generator_share, [1.0, 0.5]);
    assert_eq!(effects.plant_share, [0.5, 1.0]);
}

#[test]
fn what_a_file_takes_out_of_service_stays_out() {
    let mut d = draft(3);
    d.grid.branches[0].in_service = false;
    d.grid.buses[2].in_service = false;
    let region = checked(d);
    let effects = Effects::new(&region);
    assert_eq!(effects.bus_in_service, [true, true, false, true, true, true]);
    // T0 itself; T1, L1 and L2 with their bus; only T2 remains.
    assert_eq!(effects.branch_in_service, [false, false, false, true, false]);
    assert_eq!(effects.generator_share, [1.0, 0.0]);
}
