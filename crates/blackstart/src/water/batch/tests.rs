use super::*;
use crate::region::{
    Control, ControlAction, ControlWhen, Junction, JunctionDemand, Pattern, Pipe, PipeStatus, Pump,
    PumpCurve, Reservoir, Tank, WaterEdge, WaterNodeIdx,
};
use crate::water::PumpOutage;

const HOUR: i64 = 3600;

/// A well, two pumps side by side, a small tank on a hill, and houses at the end of thin pipes.
fn network() -> Water {
    let mut water = Water::default();
    let n = WaterNodeIdx::new;
    for (i, (elevation_m, base_m3h)) in
        [(10.0, 0.0), (20.0, 40.0), (25.0, 12.0), (41.0, 3.0)].into_iter().enumerate()
    {
        water.junctions.push(Junction {
            id: format!("J{i}"),
            elevation_m,
            demands: vec![JunctionDemand { base_m3h, pattern: Some(0) }],
            emitter_m3h: 0.0,
            position: None,
        });
    }
    water.patterns = vec![Pattern { id: "day".into(), multipliers: vec![0.5, 1.0, 1.5, 1.2] }];
    water.options.pattern_step_h = 3.0;
    water.options.required_pressure_m = 20.0;
    water.reservoirs =
        vec![Reservoir { id: "W".into(), head_m: 5.0, pattern: None, position: None }];
    water.tanks = vec![Tank {
        id: "T".into(),
        elevation_m: 55.0,
        init_level_m: 3.0,
        min_level_m: 0.5,
        max_level_m: 4.0,
        diameter_m: 8.0,
        min_volume_m3: 0.0,
        volume_curve: Vec::new(),
        overflow: false,
        position: None,
        facility: None,
    }];
    let pipe = |id: &str, from: usize, to: usize, diameter_mm: f64| Pipe {
        id: id.into(),
        from: n(from),
        to: n(to),
        length_m: 600.0,
        diameter_mm,
        roughness: 120.0,
        minor_loss: 0.0,
        status: PipeStatus::Open,
    };
    water.pipes = vec![
        pipe("a", 0, 1, 200.0),
        pipe("b", 1, 5, 200.0),
        pipe("c", 1, 2, 80.0),
        pipe("d", 2, 3, 60.0),
    ];
    let pump = |id: &str| Pump {
        id: id.into(),
        from: n(4),
        to: n(0),
        curve: PumpCurve::Points(vec![(40.0, 60.0)]),
        speed: 1.0,
        pattern: None,
        on: true,
        facility: None,
    };
    water.pumps = vec![pump("P"), pump("Q")];
    let when = [
        ControlWhen::Above { node: n(5), limit_m: 3.6 },
        ControlWhen::Below { node: n(5), limit_m: 1.5 },
    ];
    let action = [ControlAction::Close, ControlAction::Open];
    let controls = when.into_iter().zip(action);
    let control = |(when, action)| Control { edge: WaterEdge::Pump(1), action, when };
    water.controls = controls.map(control).collect();
    water
}

fn times() -> PeriodTimes {
    PeriodTimes { duration_s: 24 * HOUR, ..PeriodTimes::default() }
}

fn varied(demand_factor: f64, off: &[(u32, std::ops::Range<i64>)]) -> Variation {
    let pumps_off =
        off.iter().map(|(pump, off_s)| PumpOutage { pump: *pump, off_s: off_s.clone() });
    Variation { demand_factor, pumps_off: pumps_off.collect() }
}

/// Factors, outages from the start, in the middle, at odd seconds and after the end.
fn variations() -> Vec<Variation> {
    let mut all = Vec::new();
    for factor in [1.0, 0.7, 1.0, 1.6] {
        all.push(varied(factor, &[]));
        all.push(varied(factor, &[(0, 0..i64::MAX)]));
        all.push(varied(factor, &[(0, 6 * HOUR..12 * HOUR), (1, 7 * HOUR..9 * HOUR)]));
        all.push(varied(factor, &[(1, 6 * HOUR + 17..20 * HOUR - 1)]));
        all.push(varied(factor, &[(0, 40 * HOUR..50 * HOUR)]));
        for from_h in 0..24 {
            all.push(varied(factor, &[(0, from_h * HOUR..(from_h + 3) * HOUR)]));
        }
    }
    all
}

/// One scenario without a batch: nothing prepared, nothing shared.
fn alone(water: &Water, demand_driven: bool, variation: &Variation) -> ScenarioSummary {
    let mut period = Period::new(water, times()).demand_driven(demand_driven).varied(variation);
    let mut tally = Tally::new(water);
    while tally.step(&mut period) {}
    tally.finish().0
}

fn go_on(_: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn run(water: &Water, demand_driven: bool, variations: &[Variation]) -> BatchResults {
    let batch = Batch::new(water, times(), demand_driven);
    batch.run(variations, &go_on).expect("variations of this network")
}

#[test]
fn scenarios_are_those_of_runs_alone_whatever_the_threads() {
    let (water, all) = (network(), variations());
    for demand_driven in [true, false] {
        let expected: Vec<_> = all.iter().map(|v| Some(alone(&water, demand_driven, v))).collect();
        let mut first: Option<BatchResults> = None;
        for threads in [1, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let got = pool.install(|| run(&water, demand_driven, &all));
            assert_eq!(got.scenarios, expected);
            let before = first.get_or_insert_with(|| got.clone());
            assert_eq!(format!("{before:?}"), format!("{got:?}"));
        }
        // The order is that asked for, whatever else is asked for.
        let backwards: Vec<Variation> = all.iter().rev().cloned().collect();
        let mut got = run(&water, demand_driven, &backwards);
        got.scenarios.reverse();
        assert_eq!(got.scenarios, expected);
    }
}

#[test]
fn nothing_varied_is_the_plain_run() {
    let water = network();
    let got = run(&water, false, &[Variation::default()]);
    let got = got.scenarios[0].as_ref().expect("finished");
    let mut period = Period::new(&water, times());
    let (mut solutions, mut demand_m3, mut supplied_m3) = (0, 0.0, 0.0);
    let mut lowest = f64::INFINITY;
    loop {
        let m = period.solve();
        let (asked, given): (f64, f64) = (m.demand_m3_s.iter().sum(), m.supplied_m3_s.iter().sum());
        for (j, junction) in water.junctions.iter().enumerate().skip(1) {
            lowest = lowest.min(m.head_m[j] - junction.elevation_m);
        }
        solutions += 1;
        let before_s = period.now_s();
        if !period.advance() {
            break;
        }
        demand_m3 += asked * (period.now_s() - before_s) as f64;
        supplied_m3 += given * (period.now_s() - before_s) as f64;
    }
    assert_eq!(got.solutions, solutions);
    assert!((got.demand_m3 - demand_m3).abs() < 1e-9 * demand_m3);
    assert!((got.supplied_m3 - supplied_m3).abs() < 1e-9 * demand_m3);
    assert_eq!(got.lowest_pressure.map(|l| l.pressure_m), Some(lowest));
    assert!(got.first_trouble.is_none() && got.word() == "solved");
}

#[test]
fn a_factor_is_the_networks_multiplier_and_all_pumps_are_the_times_own() {
    let mut water = network();
    let varied_run = alone(&water, false, &varied(1.3, &[]));
    water.options.demand_multiplier = 1.3;
    assert_eq!(varied_run, alone(&water, false, &Variation::default()));
    water.options.demand_multiplier = 1.0;
    let (from_s, until_s) = (5 * HOUR, 16 * HOUR + 5);
    let both = varied(1.0, &[(0, from_s..until_s), (1, from_s..until_s)]);
    let mut off = times();
    off.pumps_off_s.push(from_s..until_s);
    let got = Batch::new(&water, off, false).run(&[Variation::default()], &go_on).unwrap();
    assert_eq!(got.scenarios[0], Some(alone(&water, false, &both)));
}

#[test]
fn a_pump_that_is_out_lets_the_tank_run_dry_and_pressures_fall() {
    let water = network();
    let all = [varied(1.0, &[]), varied(1.0, &[(0, 0..i64::MAX), (1, 0..i64::MAX)])];
    let got = run(&water, false, &all);
    let [Some(plain), Some(dark)] = &got.scenarios[..] else { panic!("not finished") };
    assert!(plain.pumps_kwh > 10.0 && plain.pumps_peak_kw > 1.0 && dark.pumps_kwh == 0.0);
    assert!(plain.first_empty_tank().is_none() && plain.supplied_share() > dark.supplied_share());
    let (tank, at_s) = dark.first_empty_tank().expect("nothing fills it");
    assert!(tank == 0 && at_s > 0 && dark.tanks[0].empty_h > 1.0);
    assert!((dark.tanks[0].lowest_level_m - 0.5).abs() < 2e-4);
    let hours = (24 * HOUR - at_s) as f64 / 3600.0;
    assert!((dark.tanks[0].empty_h - hours).abs() < 1e-6);
    assert_eq!(dark.junctions_below, 3);
    // J3 is too high for the tank to give it all at any time.
    let high = got.junctions[3];
    assert_eq!((high.scenarios, high.below, high.worst_scenario), (2, 2, Some(1)));
    assert!(high.least_share < high.mean_share && high.mean_share < 1.0);
    assert_eq!(high.median_pressure_m, f64::midpoint(high.least_pressure_m, high.most_pressure_m));
    // J0 asks for nothing.
    assert!(got.junctions[0].scenarios == 0 && got.junctions[0].least_pressure_m.is_nan());
}

#[test]
fn a_house_behind_a_shut_pipe_is_dry() {
    let mut water = network();
    water.pipes[3].status = PipeStatus::Closed;
    let got = run(&water, true, &[Variation::default()]);
    let summary = got.scenarios[0].as_ref().expect("finished");
    assert_eq!(summary.junctions_dry, 1);
    assert!(summary.below_h >= 24.0 && summary.lowest_pressure.is_some_and(|l| l.junction != 3));
    let house = got.junctions[3];
    assert!(house.dry == 1 && house.below == 1 && house.least_pressure_m == f64::NEG_INFINITY);
    assert_eq!(house.least_share, 0.0);
}

#[test]
fn what_means_nothing_is_refused_and_a_batch_can_be_ended() {
    let water = network();
    let batch = Batch::new(&water, times(), true);
    let wrong = [
        (varied(f64::NAN, &[]), "demand factor NaN"),
        (varied(-0.1, &[]), "demand factor -0.1"),
        (varied(1.0, &[(2, 0..HOUR)]), "no pump in row 2"),
        (varied(1.0, &[(1, HOUR..HOUR)]), "pump in row 1"),
    ];
    for (variation, told) in wrong {
        let (at, error) = batch.run(&[Variation::default(), variation], &go_on).unwrap_err();
        assert!(at == 1 && error.to_string().contains(told), "{error}");
    }
    let ended = |finished: usize| {
        if finished < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let all = [0.8, 0.9, 1.0, 1.1].map(|factor| varied(factor, &[]));
    let got = pool.install(|| batch.run(&all, &ended)).unwrap();
    assert_eq!(got.scenarios.iter().flatten().count(), 2);
    assert_eq!(got.junctions[1].scenarios, 2);
    assert_eq!(batch.run(&[], &go_on).unwrap().scenarios.len(), 0);
}
