//! The water network against closed forms, and on random networks with random damage.
//! Flows are held to 1e-6 of their size.

use blackstart::region::{
    Control, ControlAction, ControlWhen, Junction, JunctionDemand, Pipe, PipeStatus, Pump,
    PumpCurve, Reservoir, Tank, Valve, ValveKind, ValveStatus, Water, WaterEdge, WaterNodeIdx,
};
use blackstart::results::HourStatus;
use blackstart::water::{WaterHour, WaterInput, WaterSolver, WaterState, tank_volume_m3};
use proptest::prelude::*;
use std::f64::consts::PI;

fn junction(id: usize, elevation_m: f64, demand_m3h: f64) -> Junction {
    Junction {
        id: format!("J{id}"),
        elevation_m,
        demands: vec![JunctionDemand { base_m3h: demand_m3h, pattern: None }],
        emitter_m3h: 0.0,
        position: None,
    }
}

fn reservoir(head_m: f64) -> Reservoir {
    Reservoir { id: "R".into(), head_m, pattern: None, position: None }
}

fn tank(elevation_m: f64, init_level_m: f64, max_level_m: f64, diameter_m: f64) -> Tank {
    Tank {
        id: "T".into(),
        elevation_m,
        init_level_m,
        min_level_m: 0.0,
        max_level_m,
        diameter_m,
        min_volume_m3: 0.0,
        volume_curve: vec![],
        overflow: false,
        position: None,
        facility: None,
    }
}

fn pipe(from: u32, to: u32, length_m: f64, diameter_mm: f64) -> Pipe {
    Pipe {
        id: format!("P{from}-{to}"),
        from: WaterNodeIdx(from),
        to: WaterNodeIdx(to),
        length_m,
        diameter_mm,
        roughness: 120.0,
        minor_loss: 0.0,
        status: PipeStatus::Open,
    }
}

fn pump(from: u32, to: u32, flow_m3h: f64, head_m: f64) -> Pump {
    Pump {
        id: format!("U{from}-{to}"),
        from: WaterNodeIdx(from),
        to: WaterNodeIdx(to),
        curve: PumpCurve::Points(vec![(flow_m3h, head_m)]),
        speed: 1.0,
        pattern: None,
        on: true,
        facility: None,
    }
}

/// Everything whole.
struct Run<'a> {
    water: &'a Water,
    solver: WaterSolver,
    state: WaterState,
    demand_m3h: Vec<f64>,
    pump_capacity: Vec<f64>,
    pipe_whole: Vec<bool>,
    tank_whole: Vec<bool>,
}

impl<'a> Run<'a> {
    fn new(water: &'a Water) -> Self {
        let solver = WaterSolver::new(water);
        let state = solver.initial_state(water);
        let mut demand_m3h = vec![0.0; water.junctions.len()];
        blackstart::water::demand_at(water, 0.0, &mut demand_m3h);
        Self {
            water,
            solver,
            state,
            demand_m3h,
            pump_capacity: vec![1.0; water.pumps.len()],
            pipe_whole: vec![true; water.pipes.len()],
            tank_whole: vec![true; water.tanks.len()],
        }
    }

    fn step(&mut self, step_h: f64) -> WaterHour {
        let input = WaterInput {
            demand_m3h: &self.demand_m3h,
            pump_capacity: &self.pump_capacity,
            pipe_whole: &self.pipe_whole,
            tank_whole: &self.tank_whole,
            step_h,
        };
        self.solver.step(self.water, &input, &mut self.state)
    }
}

/// Hazen–Williams in m and m³/s (Larock et al. 2000: 10.67).
fn hw(length_m: f64, diameter_m: f64) -> f64 {
    10.6668 * length_m / (120f64.powf(1.852) * diameter_m.powf(4.871))
}

#[test]
fn tank_drains_as_its_differential_equation_says() {
    // A tank over a reservoir: A dh/dt = −(h/r)^m with m = 1/1.852, so h^(1−m) falls
    // linearly in time.
    let water = Water {
        reservoirs: vec![reservoir(10.0)],
        tanks: vec![tank(10.0, 8.0, 10.0, 12.0)],
        pipes: vec![pipe(1, 0, 800.0, 150.0)],
        ..Water::default()
    };
    let mut run = Run::new(&water);
    let (r, area, m): (f64, f64, f64) = (hw(800.0, 0.15), PI * 36.0, 1.0 / 1.852);
    for step in 1..=400 {
        let hour = run.step(0.01);
        assert_eq!(hour.status, Some(HourStatus::Solved));
        let t = f64::from(step) * 36.0;
        let left = 8f64.powf(1.0 - m) - (1.0 - m) * t / (area * r.powf(m));
        let level = left.max(0.0).powf(1.0 / (1.0 - m));
        assert!((run.state.level_m[0] - level).abs() < 0.01, "{step}: {level} {:?}", run.state);
    }
    assert!(run.state.level_m[0] < 6.0, "it must have drained: {:?}", run.state);
}

#[test]
fn tank_closes_when_full_and_when_empty() {
    // 100 m³/h from a junction that only feeds; 10 m × 50 m² to fill.
    let d = (4.0 * 50.0 / PI).sqrt();
    let mut water = Water {
        junctions: vec![junction(0, 0.0, -100.0)],
        tanks: vec![tank(50.0, 9.0, 10.0, d)],
        pipes: vec![pipe(0, 1, 100.0, 300.0)],
        ..Water::default()
    };
    water.tanks[0].overflow = true;
    let mut run = Run::new(&water);
    let hour = run.step(1.0);
    assert_eq!(hour.status, Some(HourStatus::Solved));
    assert!((run.state.level_m[0] - 10.0).abs() < 1e-9, "full after half an hour, then spills");
    assert!((hour.pipe_flow_m3h[0] - 100.0).abs() < 1e-4);

    water.tanks[0].overflow = false;
    let mut run = Run::new(&water);
    let hour = run.step(1.0);
    assert!((run.state.level_m[0] - 10.0).abs() < 1e-9);
    assert!((hour.pipe_flow_m3h[0] - 50.0).abs() < 1.0, "half the hour: {hour:?}");
    assert!(matches!(hour.status, Some(HourStatus::Relaxed { .. })), "nowhere to go: {hour:?}");

    // 200 m³/h of demand empty 450 m³ in 2.25 h.
    water.junctions[0].demands[0].base_m3h = 200.0;
    let mut run = Run::new(&water);
    let supplied: f64 = (0..4).map(|_| run.step(1.0).supplied_m3h[0]).sum();
    assert!((supplied - 450.0).abs() < 1e-3, "{supplied}");
    assert!(run.state.level_m[0].abs() < 1e-9);
    assert!(run.step(1.0).supplied_m3h[0].abs() < 1e-3);
}

#[test]
fn low_pressure_gives_wagners_share() {
    // Pressure 5 m of 20 m required: half the demand. A very wide pipe loses nothing.
    let water = Water {
        junctions: vec![junction(0, 30.0, 36.0), junction(1, 10.0, 36.0)],
        reservoirs: vec![reservoir(35.0)],
        pipes: vec![pipe(2, 0, 1.0, 2000.0), pipe(2, 1, 1.0, 2000.0)],
        ..Water::default()
    };
    let mut run = Run::new(&water);
    let hour = run.step(1.0);
    assert_eq!(hour.status, Some(HourStatus::Solved));
    assert!((hour.supplied_m3h[0] - 18.0).abs() < 1e-3, "{hour:?}");
    assert!((hour.supplied_m3h[1] - 36.0).abs() < 1e-9, "{hour:?}");
    assert!(hour.imbalance_m3h < 1e-6);

    let mut run = Run::new(&water);
    run.solver = run.solver.demand_driven(true);
    let hour = run.step(1.0);
    assert_eq!(hour.supplied_m3h, [36.0, 36.0]);
}

#[test]
fn dark_pumps_and_broken_pipes_cut_off() {
    let water = Water {
        junctions: vec![junction(0, 20.0, 50.0), junction(1, 20.0, 50.0)],
        reservoirs: vec![reservoir(5.0)],
        pumps: vec![pump(2, 0, 120.0, 50.0)],
        pipes: vec![pipe(0, 1, 500.0, 250.0)],
        ..Water::default()
    };
    let mut run = Run::new(&water);
    let whole = run.step(1.0);
    assert_eq!(whole.supplied_m3h, [50.0, 50.0]);
    assert!((whole.pump_flow_m3h[0] - 100.0).abs() < 1e-4);
    run.pipe_whole[0] = false;
    let hour = run.step(1.0);
    assert_eq!(hour.supplied_m3h, [50.0, 0.0]);
    assert!(hour.head_m[1].is_nan() && hour.head_m[0] > 30.0);
    run.pipe_whole[0] = true;
    run.pump_capacity[0] = 0.0;
    let hour = run.step(1.0);
    assert_eq!(hour.supplied_m3h, [0.0, 0.0]);
    assert_eq!(hour.status, Some(HourStatus::Solved));
    run.pump_capacity[0] = 1.0;
    let again = run.step(1.0);
    assert!((again.head_m[1] - whole.head_m[1]).abs() < 1e-6, "back to normal");
    // Half the units carry what is asked, at less head: h(q) = H(2 q).
    run.pump_capacity[0] = 0.5;
    let hour = run.step(1.0);
    let head = |q: f64| 50.0 / 3.0 * (4.0 - (q / 120.0).powi(2));
    let gain = hour.head_m[0] - 5.0;
    assert!((gain - head(2.0 * hour.pump_flow_m3h[0])).abs() < 1e-4, "{hour:?}");
}

#[test]
fn unusable_tank_only_connects() {
    let water = Water {
        junctions: vec![junction(0, 0.0, 30.0)],
        reservoirs: vec![reservoir(60.0)],
        tanks: vec![tank(40.0, 2.0, 5.0, 10.0)],
        pipes: vec![pipe(1, 2, 100.0, 300.0), pipe(2, 0, 100.0, 300.0)],
        ..Water::default()
    };
    let mut run = Run::new(&water);
    run.tank_whole[0] = false;
    let hour = run.step(1.0);
    assert!((hour.pipe_flow_m3h[0] - 30.0).abs() < 3e-5);
    assert!(hour.head_m[2] > 59.0 && run.state.level_m[0] == 2.0);
}

#[test]
fn level_controls_keep_a_tank_in_its_band() {
    let mut water = Water {
        junctions: vec![junction(0, 10.0, 60.0)],
        reservoirs: vec![reservoir(0.0)],
        tanks: vec![tank(40.0, 3.0, 8.0, 12.0)],
        pumps: vec![pump(1, 0, 150.0, 60.0)],
        pipes: vec![pipe(0, 2, 200.0, 300.0)],
        ..Water::default()
    };
    let watch = |above: bool, limit_m: f64| {
        let node = WaterNodeIdx(2);
        let (when, action) = if above {
            (ControlWhen::Above { node, limit_m }, ControlAction::Close)
        } else {
            (ControlWhen::Below { node, limit_m }, ControlAction::Open)
        };
        Control { edge: WaterEdge::Pump(0), action, when }
    };
    water.controls = vec![watch(false, 2.0), watch(true, 6.0)];
    let mut run = Run::new(&water);
    let (mut low, mut high, mut off) = (f64::MAX, 0.0f64, 0);
    for _ in 0..72 {
        let hour = run.step(1.0);
        assert_eq!(hour.status, Some(HourStatus::Solved));
        low = low.min(run.state.level_m[0]);
        high = high.max(run.state.level_m[0]);
        off += u32::from(hour.pump_flow_m3h[0] < 1e-6);
    }
    assert!(low > 1.99 && high < 6.01 && high > 5.0 && low < 3.0, "{low} … {high}");
    assert!(off > 5, "the pump rests when the tank is full");
}

#[test]
fn clock_control_acts_within_the_step() {
    let mut water = Water {
        junctions: vec![junction(0, 0.0, 10.0)],
        reservoirs: vec![reservoir(50.0)],
        pipes: vec![pipe(1, 0, 100.0, 200.0)],
        ..Water::default()
    };
    water.options.start_clock_h = 22.0;
    let at = |clock_h: f64, action| Control {
        edge: WaterEdge::Pipe(0),
        action,
        when: ControlWhen::AtClock { clock_h },
    };
    water.controls = vec![at(23.25, ControlAction::Close), at(1.0, ControlAction::Open)];
    let mut run = Run::new(&water);
    let supplied: Vec<f64> = (0..4).map(|_| run.step(1.0).supplied_m3h[0]).collect();
    for (got, expected) in supplied.iter().zip([10.0, 2.5, 0.0, 10.0]) {
        assert!((got - expected).abs() < 1e-6, "{supplied:?}");
    }
}

#[test]
fn valves_do_what_their_names_say() {
    // Reservoir 100 m → valve → junction with demand, and on to a reservoir below.
    let build = |kind: ValveKind, setting: f64| Water {
        junctions: vec![junction(0, 10.0, 0.0), junction(1, 10.0, 36.0)],
        reservoirs: vec![reservoir(100.0), reservoir(20.0)],
        pipes: vec![pipe(2, 0, 100.0, 300.0), pipe(1, 3, 500.0, 200.0)],
        valves: vec![Valve {
            id: "V".into(),
            from: WaterNodeIdx(0),
            to: WaterNodeIdx(1),
            kind,
            diameter_mm: 300.0,
            setting,
            curve: vec![(0.0, 0.0), (100.0, 5.0), (400.0, 60.0)],
            minor_loss: 0.0,
            status: ValveStatus::Active,
        }],
        ..Water::default()
    };
    let solve = |water: &Water| {
        let hour = Run::new(water).step(1.0);
        assert_eq!(hour.status, Some(HourStatus::Solved));
        assert!(hour.imbalance_m3h < 3.6e-5);
        hour
    };
    let hour = solve(&build(ValveKind::Prv, 30.0));
    assert!((hour.head_m[1] - 40.0).abs() < 1e-6, "reduces to 30 m: {hour:?}");
    let hour = solve(&build(ValveKind::Psv, 89.0));
    assert!((hour.head_m[0] - 99.0).abs() < 1e-6, "sustains 89 m: {hour:?}");
    let hour = solve(&build(ValveKind::Fcv, 50.0));
    assert!((hour.valve_flow_m3h[0] - 50.0).abs() < 5e-5, "{hour:?}");
    let hour = solve(&build(ValveKind::Pbv, 25.0));
    assert!((hour.head_m[0] - hour.head_m[1] - 25.0).abs() < 1e-2, "{hour:?}");
    let hour = solve(&build(ValveKind::Tcv, 500.0));
    let v = hour.valve_flow_m3h[0] / 3600.0 / (PI * 0.09 / 4.0);
    let loss = 500.0 * v * v / (2.0 * 9.81456);
    assert!((hour.head_m[0] - hour.head_m[1] - loss).abs() < 1e-2, "{hour:?}");
    let hour = solve(&build(ValveKind::Gpv, 0.0));
    let q = hour.valve_flow_m3h[0];
    let loss = if q < 100.0 { q * 0.05 } else { 5.0 + (q - 100.0) * 55.0 / 300.0 };
    assert!((hour.head_m[0] - hour.head_m[1] - loss).abs() < 1e-2, "{hour:?}");
}

/// A random network of a few zones, and for each of some hours what is broken or dark.
type Sample = (Water, Vec<(Vec<f64>, Vec<bool>, Vec<bool>, f64)>);

fn sample() -> impl Strategy<Value = Sample> {
    (3usize..25, 1usize..3, 0usize..3).prop_flat_map(|(nj, nr, nt)| {
        let n = (nj + nr + nt) as u32;
        (
            prop::collection::vec((0.0f64..60.0, -2.0f64..40.0), nj),
            prop::collection::vec(0.0f64..90.0, nr),
            prop::collection::vec((20.0f64..80.0, 0.0f64..5.0, 3.0f64..20.0, any::<bool>()), nt),
            prop::collection::vec((0..n, 0..n, 0u8..10, 60.0f64..500.0, 10.0f64..2000.0), 2..60),
            prop::collection::vec((0..n, 0..n, 10.0f64..200.0, 5.0f64..70.0), 0..4),
            prop::collection::vec((0..n, 0..n, 0u8..6, 1.0f64..60.0), 0..3),
        )
            .prop_flat_map(|(j, r, t, pipes, pumps, valves)| {
                let mut water = Water {
                    junctions: (0..).zip(&j).map(|(i, v)| junction(i, v.0, v.1)).collect(),
                    reservoirs: r.iter().map(|&h| reservoir(h)).collect(),
                    ..Water::default()
                };
                for (elevation_m, level, d, overflow) in t {
                    let mut tank = tank(elevation_m, level, 5.0, d);
                    tank.overflow = overflow;
                    water.tanks.push(tank);
                }
                for (a, b, kind, d, length) in pipes {
                    if a != b {
                        let mut p = pipe(a, b, length, d);
                        if kind == 0 {
                            p.status = PipeStatus::CheckValve;
                        }
                        water.pipes.push(p);
                    }
                }
                water.pumps.extend(
                    pumps.iter().filter(|p| p.0 != p.1).map(|&(a, b, q, h)| pump(a, b, q, h)),
                );
                // EPANET forbids a regulated node with a head of its own.
                let free = |i: u32| (i as usize) < water.junctions.len();
                for (a, b, kind, setting) in valves {
                    if a != b && free(a) && free(b) {
                        let kinds = [
                            ValveKind::Prv,
                            ValveKind::Psv,
                            ValveKind::Fcv,
                            ValveKind::Tcv,
                            ValveKind::Pbv,
                            ValveKind::Pcv,
                        ];
                        water.valves.push(Valve {
                            id: format!("V{a}-{b}"),
                            from: WaterNodeIdx(a),
                            to: WaterNodeIdx(b),
                            kind: kinds[kind as usize],
                            diameter_mm: 200.0,
                            setting,
                            curve: vec![],
                            minor_loss: 2.0,
                            status: ValveStatus::Active,
                        });
                    }
                }
                let hour = (
                    prop::collection::vec(
                        prop::sample::select(vec![0.0, 0.5, 1.0]),
                        water.pumps.len(),
                    ),
                    prop::collection::vec(prop::bool::weighted(0.85), water.pipes.len()),
                    prop::collection::vec(prop::bool::weighted(0.8), water.tanks.len()),
                    0.0f64..2.0,
                );
                (Just(water), prop::collection::vec(hour, 1..8))
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_damage_keeps_the_books((water, hours) in sample()) {
        let mut run = Run::new(&water);
        let base = run.demand_m3h.clone();
        for (pumps, pipes, tanks, factor) in hours {
            run.pump_capacity = pumps;
            run.pipe_whole = pipes;
            run.tank_whole = tanks;
            run.demand_m3h = base.iter().map(|d| d * factor).collect();
            let levels = run.state.level_m.clone();
            let hour = run.step(1.0);
            let solved = !matches!(hour.status, Some(HourStatus::NotConverged { .. }));
            // Only valves that hold a pressure may ever leave an hour unsolved.
            let regulated =
                water.valves.iter().any(|v| matches!(v.kind, ValveKind::Prv | ValveKind::Psv));
            prop_assert!(solved || regulated, "{:?} {:?}", hour.status, water.valves.iter().map(|v| (v.kind, v.from.0, v.to.0, v.setting)).collect::<Vec<_>>());
            for (s, d) in hour.supplied_m3h.iter().zip(&run.demand_m3h) {
                prop_assert!(s.is_finite() && (*s <= *d || *d < 0.0) && (*s >= 0.0 || *d < 0.0));
            }
            for (level, t) in run.state.level_m.iter().zip(&water.tanks) {
                prop_assert!(*level >= t.min_level_m - 1e-9 && *level <= t.max_level_m + 1e-9);
            }
            prop_assert!(hour.head_m[..water.junctions.len()].iter().all(|h| !h.is_infinite()));
            if !solved || hour.status != Some(HourStatus::Solved) {
                continue;
            }
            let most = run.demand_m3h.iter().fold(1.0f64, |m, d| m.max(d.abs()));
            prop_assert!(hour.imbalance_m3h <= 1e-6 * most, "{}", hour.imbalance_m3h);
            // What averages say: at each junction, and for each tank's volume.
            let mut balance = vec![0.0; water.node_count()];
            let ends = water.pipes.iter().map(|p| (p.from, p.to))
                .chain(water.pumps.iter().map(|p| (p.from, p.to)))
                .chain(water.valves.iter().map(|v| (v.from, v.to)));
            let flows = hour.pipe_flow_m3h.iter().chain(&hour.pump_flow_m3h)
                .chain(&hour.valve_flow_m3h);
            for ((a, b), q) in ends.zip(flows) {
                prop_assert!(q.is_finite());
                balance[a.i()] -= q;
                balance[b.i()] += q;
            }
            for i in 0..water.junctions.len() {
                prop_assert!((balance[i] - hour.supplied_m3h[i]).abs() <= 2e-6 * most);
            }
            let first = water.junctions.len() + water.reservoirs.len();
            for (k, t) in water.tanks.iter().enumerate() {
                if run.tank_whole[k] && !t.overflow {
                    let gained = tank_volume_m3(t, run.state.level_m[k])
                        - tank_volume_m3(t, levels[k]);
                    prop_assert!((balance[first + k] - gained).abs() <= 0.02 + 1e-3 * most,
                        "{} {gained}", balance[first + k]);
                }
            }
        }
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    // Forty separate towns of 16 junctions.
    let mut water = Water::default();
    let towns = 40u32;
    for t in 0..towns {
        for i in 0..16 {
            water.junctions.push(junction((t * 16 + i) as usize, f64::from(i), 3.0 + f64::from(t)));
        }
    }
    for t in 0..towns {
        water.reservoirs.push(reservoir(25.0 + f64::from(t % 7)));
        let source = towns * 16 + t;
        water.pipes.push(pipe(source, t * 16, 50.0, 300.0));
        for i in 0..15 {
            water.pipes.push(pipe(t * 16 + i, t * 16 + i + 1, 300.0, 150.0));
        }
        water.pipes.push(pipe(t * 16, t * 16 + 9, 600.0, 100.0));
    }
    let day = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut run = Run::new(&water);
            assert_eq!(run.solver.parts(), towns as usize);
            (0..5).map(|_| format!("{:?}", run.step(1.0))).collect::<Vec<_>>()
        })
    };
    assert_eq!(day(1), day(2));
}
