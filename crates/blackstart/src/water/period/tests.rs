use super::*;
use crate::region::{
    Condition, Control, ControlAction, ControlWhen, HeadLoss, Junction, JunctionDemand, Pipe,
    PipeStatus, Premise, Quantity, Relation, Reservoir, Rule, RuleAction, Tank, WaterEdge,
    WaterNodeIdx,
};

/// A reservoir fills a tank through one pipe; a junction at the tank takes what it asks for.
fn network() -> Water {
    let pipe = |id: &str, from: usize, to: usize| Pipe {
        id: id.into(),
        from: WaterNodeIdx::new(from),
        to: WaterNodeIdx::new(to),
        length_m: 1000.0,
        diameter_mm: 200.0,
        roughness: 130.0,
        minor_loss: 0.0,
        status: PipeStatus::Open,
    };
    let mut water: Water = Water::default();
    water.options.head_loss = HeadLoss::HazenWilliams;
    water.junctions.push(Junction {
        id: "j".into(),
        elevation_m: 0.0,
        demands: vec![JunctionDemand { base_m3h: 36.0, pattern: None }],
        emitter_m3h: 0.0,
        position: None,
    });
    water.reservoirs.push(Reservoir {
        id: "r".into(),
        head_m: 60.0,
        pattern: None,
        position: None,
    });
    water.tanks.push(Tank {
        id: "t".into(),
        elevation_m: 50.0,
        init_level_m: 1.0,
        min_level_m: 0.0,
        max_level_m: 4.0,
        diameter_m: 10.0,
        min_volume_m3: 0.0,
        volume_curve: vec![],
        overflow: false,
        position: None,
        facility: None,
    });
    water.pipes = vec![pipe("in", 1, 0), pipe("up", 0, 2)];
    water
}

fn times(duration_s: i64) -> PeriodTimes {
    PeriodTimes { duration_s, ..PeriodTimes::default() }
}

/// Times of all solutions, with the tank's level at each.
fn run(water: &Water, times: PeriodTimes) -> Vec<(i64, f64)> {
    let mut period = Period::new(water, times).demand_driven(true);
    let mut all = Vec::new();
    loop {
        let moment = period.solve();
        assert_eq!(moment.status, HourStatus::Solved);
        all.push((moment.time_s, moment.head_m[2] - 50.0));
        if !period.advance() {
            return all;
        }
    }
}

#[test]
fn a_tank_that_fills_is_an_event_and_stays_full() {
    let water = network();
    let all = run(&water, times(24 * 3600));
    let full = all.iter().position(|m| m.1 == 4.0).expect("it fills");
    assert!(all[full].0 % 3600 != 0 && all[full..].iter().all(|m| m.1 == 4.0), "{all:?}");
    // Between two solutions the level moves by flow times time.
    let mut period = Period::new(&water, times(3600)).demand_driven(true);
    let q = period.solve().flow_m3_s[1];
    period.advance();
    let rise = q * 3600.0 / (std::f64::consts::FRAC_PI_4 * 100.0);
    assert!((all[1].1 - 1.0 - rise).abs() < 1e-9, "{rise} {all:?}");
}

#[test]
fn a_control_acts_at_its_level_to_the_second() {
    let mut water = network();
    let set = |action, when| Control { edge: WaterEdge::Pipe(0), action, when };
    let node = WaterNodeIdx::new(2);
    water.controls = vec![
        set(ControlAction::Close, ControlWhen::Above { node, limit_m: 3.0 }),
        set(ControlAction::Open, ControlWhen::AtTime { time_h: 20.5 }),
    ];
    let all = run(&water, times(24 * 3600));
    let top = all.iter().map(|m| m.1).fold(0.0, f64::max);
    assert!((top - 3.0).abs() < 1e-3, "{all:?}");
    assert!(all.iter().any(|m| m.0 == 73_800), "{all:?}");
    // One that changes nothing is no event.
    water.controls = vec![set(ControlAction::Open, ControlWhen::AtTime { time_h: 0.25 })];
    assert!(run(&water, times(3600)).iter().all(|m| m.0 != 900));
}

#[test]
fn rules_act_at_their_own_step_and_the_higher_priority_wins() {
    let mut water = network();
    let above = |limit: f64| Premise {
        or: false,
        condition: Condition::Quantity {
            what: Quantity::Pressure(WaterNodeIdx::new(2)),
            relation: Relation::AtLeast,
            limit,
            tolerance: 1e-3,
        },
    };
    let rule = |id: &str, limit: f64, action, priority| Rule {
        id: id.into(),
        premises: vec![above(limit)],
        then: vec![RuleAction { edge: WaterEdge::Pipe(0), action }],
        otherwise: vec![],
        priority,
    };
    water.rules = vec![
        rule("keep open", 2.0, ControlAction::Open, 1.0),
        rule("close", 2.5, ControlAction::Close, 2.0),
    ];
    let all = run(&water, times(24 * 3600));
    let first = all.iter().find(|m| m.1 >= 2.5).expect("it rises so far");
    assert!(first.0 % 360 == 0 && first.0 % 3600 != 0, "{all:?}");
    // Below 2.5 m the other rule opens the pipe again, so the level stays about there.
    assert!(all.iter().all(|m| m.1 < 2.7), "{all:?}");
    water.rules[1].priority = 0.0;
    let all = run(&water, times(24 * 3600));
    assert!(all.iter().any(|m| m.1 == 4.0), "the other rule keeps the pipe open: {all:?}");
}

#[test]
fn the_condition_of_a_rule_is_read_from_left_to_right() {
    let mut water = network();
    let after = |or: bool, time_h: f64| Premise {
        or,
        condition: Condition::Time { relation: Relation::AtLeast, time_h },
    };
    let close = RuleAction { edge: WaterEdge::Pipe(0), action: ControlAction::Close };
    let closes_at = |water: &Water| {
        let mut period = Period::new(water, times(12 * 3600)).demand_driven(true);
        loop {
            let moment = period.solve();
            if moment.link_status[0] == LinkStatus::Closed {
                return moment.time_s;
            }
            assert!(period.advance(), "it never closes");
        }
    };
    let rule = |premises| Rule {
        id: "x".into(),
        premises,
        then: vec![close],
        otherwise: vec![],
        priority: 0.0,
    };
    water.rules = vec![rule(vec![after(false, 2.0), after(false, 3.0)])];
    assert_eq!(closes_at(&water), 3 * 3600);
    water.rules = vec![rule(vec![after(false, 5.0), after(true, 3.0)])];
    assert_eq!(closes_at(&water), 3 * 3600);
}

#[test]
fn pumps_without_current_are_dark_from_when_until_when() {
    let mut water = network();
    water.pipes.remove(0);
    water.pumps.push(crate::region::Pump {
        id: "p".into(),
        from: WaterNodeIdx::new(1),
        to: WaterNodeIdx::new(0),
        curve: crate::region::PumpCurve::Points(vec![(50.0, 20.0)]),
        speed: 1.0,
        pattern: None,
        on: true,
        facility: None,
    });
    let mut at = times(4 * 3600);
    at.pumps_off_s.push(1800..7000);
    let mut period = Period::new(&water, at);
    let mut seen = Vec::new();
    loop {
        let moment = period.solve();
        seen.push((moment.time_s, moment.flow_m3_s[1] > 0.0));
        if !period.advance() {
            break;
        }
    }
    for (time_s, pumps) in [(0, true), (1800, false), (3600, false), (7000, true)] {
        assert!(seen.contains(&(time_s, pumps)), "{seen:?}");
    }
}

/// Steps are whole seconds, so a tank may miss its bottom by half a second of flow; it must
/// not give water through all of the next step for that.
#[test]
fn a_tank_that_is_all_but_empty_gives_no_more() {
    let mut water = network();
    water.pipes.remove(0);
    // 7854.2 s of flow.
    water.tanks[0].init_level_m = 1.000_03;
    let stored_m3 = std::f64::consts::FRAC_PI_4 * 100.0 * water.tanks[0].init_level_m;
    let mut period = Period::new(&water, times(4 * 3600)).demand_driven(true);
    let (mut given_m3, mut before) = (0.0, (0, 0.0));
    loop {
        let moment = period.solve();
        given_m3 += before.1 * (moment.time_s - before.0) as f64;
        before = (moment.time_s, moment.supplied_m3_s[0]);
        if !period.advance() {
            break;
        }
    }
    assert!((given_m3 - stored_m3).abs() < 0.02, "{given_m3} {stored_m3}");
}

#[test]
fn a_rule_that_opens_a_dark_pump_is_no_event() {
    let mut water = network();
    water.pipes.remove(0);
    water.pumps.push(crate::region::Pump {
        id: "p".into(),
        from: WaterNodeIdx::new(1),
        to: WaterNodeIdx::new(0),
        curve: crate::region::PumpCurve::Points(vec![(50.0, 20.0)]),
        speed: 1.0,
        pattern: None,
        on: false,
        facility: None,
    });
    water.rules = vec![Rule {
        id: "open".into(),
        premises: vec![Premise {
            or: false,
            condition: Condition::Time { relation: Relation::AtLeast, time_h: 0.0 },
        }],
        then: vec![RuleAction { edge: WaterEdge::Pump(0), action: ControlAction::Open }],
        otherwise: vec![],
        priority: 0.0,
    }];
    let mut at = times(4 * 3600);
    at.pumps_off_s.push(0..3 * 3600);
    let mut period = Period::new(&water, at);
    let mut all = Vec::new();
    loop {
        let moment = period.solve();
        all.push((moment.time_s, moment.flow_m3_s[1] > 0.0));
        if !period.advance() {
            break;
        }
    }
    // The rule sets the pump once; what it set holds when the current is back.
    let dark = all.iter().filter(|m| m.0 < 3 * 3600);
    assert!(dark.clone().count() <= 5 && dark.clone().all(|m| !m.1), "{all:?}");
    assert!(all.contains(&(3 * 3600, true)), "{all:?}");
}

#[test]
fn the_hour_loop_follows_rules_as_a_run_by_itself_does() {
    let node = WaterNodeIdx::new(2);
    let premise = |or, condition| Premise { or, condition };
    let level = |relation, limit| Condition::Quantity {
        what: Quantity::Pressure(node),
        relation,
        limit,
        tolerance: 1e-3,
    };
    let rule = |id: &str, premises, action, otherwise: Option<ControlAction>| Rule {
        id: id.into(),
        premises,
        then: vec![RuleAction { edge: WaterEdge::Pipe(0), action }],
        otherwise: otherwise
            .map(|action| RuleAction { edge: WaterEdge::Pipe(0), action })
            .into_iter()
            .collect(),
        priority: 0.0,
    };
    let closes = |limit| {
        rule(
            "full",
            vec![premise(false, level(Relation::AtLeast, limit))],
            ControlAction::Close,
            None,
        )
    };
    let opens = |limit| {
        rule("low", vec![premise(false, level(Relation::AtMost, limit))], ControlAction::Open, None)
    };
    let night = Condition::Clock { relation: Relation::AtLeast, clock_h: 22.0 };
    let filling = Condition::Quantity {
        what: Quantity::FillTime(node),
        relation: Relation::Less,
        limit: 2.0,
        tolerance: 1e-3,
    };
    let shut =
        Condition::Status { edge: WaterEdge::Pipe(0), status: ValveStatus::Closed, is: true };
    let late = Condition::Time { relation: Relation::AtLeast, time_h: 9.5 };
    let sets = [
        vec![closes(2.0), opens(1.0)],
        vec![rule(
            "night",
            vec![premise(false, night)],
            ControlAction::Open,
            Some(ControlAction::Close),
        )],
        vec![rule("soon", vec![premise(false, filling)], ControlAction::Close, None), opens(0.5)],
        vec![
            closes(1.5),
            rule(
                "late",
                vec![premise(false, shut), premise(false, late)],
                ControlAction::Open,
                None,
            ),
        ],
    ];
    for rules in sets {
        let mut water = network();
        water.rules = rules;
        let fine = PeriodTimes { hydraulic_step_s: 360, ..times(24 * 3600) };
        let alone = run(&water, fine);
        let mut solver = crate::water::WaterSolver::new(&water).demand_driven(true);
        let mut state = solver.initial_state(&water);
        let input = crate::water::WaterInput {
            demand_m3h: &[36.0],
            pump_capacity: &[],
            pipe_whole: &[true; 2],
            tank_whole: &[true],
            step_h: 1.0,
        };
        let mut lowest = f64::INFINITY;
        for hour in 1..=24_i64 {
            let out = solver.step(&water, &input, &mut state);
            assert_eq!(out.status, Some(HourStatus::Solved));
            assert!((out.head_m[2] - 50.0 - state.level_m[0]).abs() < 1e-9);
            let theirs = alone.iter().find(|m| m.0 == hour * 3600).expect("a report an hour").1;
            // Tank levels alone tell when a rule acted.
            assert!(
                (state.level_m[0] - theirs).abs() < 0.02,
                "{}: {hour} h: {} {theirs}",
                water.rules[0].id,
                state.level_m[0]
            );
            lowest = lowest.min(state.level_m[0]);
        }
        assert!(lowest < 1.8, "rules never acted: {}", water.rules[0].id);
    }
}
