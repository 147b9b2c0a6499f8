use proptest::prelude::*;

use super::plugs::Run;
use super::*;

fn network(n: usize, ends: Vec<(u32, u32)>, loss_w_k: f64, content_j_k: f64) -> (Thermal, Side) {
    let pipes = ends.len();
    let mut t = Thermal::new(n, ends, vec![loss_w_k; pipes], vec![content_j_k; pipes]);
    t.around_c.fill(10.0);
    let mut side = Side::new(n, pipes);
    side.start_c.fill(10.0);
    t.fill(&mut side);
    (t, side)
}

fn hour(t: &mut Thermal, side: &mut Side, flow: &[f64], heads: &[f64], step_s: f64) -> (f64, f64) {
    t.set_flows(flow, heads, step_s);
    side.restart(step_s);
    t.sweep(side, Way::Supply);
    t.advance(side, Way::Supply, &mut vec![0.0; flow.len()])
}

fn go_on(side: &mut Side) {
    std::mem::swap(&mut side.plugs, &mut side.after);
}

/// 1 km, 40 W/K, 10 kg/s of 4200 J/(kg K) from 100 °C in 10 °C ground, long since
/// settled: T = 10 + 90 e^(−40/42000).
#[test]
fn one_pipe_by_hand() {
    let (mut t, mut side) = network(2, vec![(0, 1)], 40.0, 4.0e7);
    side.feed(0, 42_000.0, 100.0);
    let (lost, _) = hour(&mut t, &mut side, &[42_000.0], &[2.0, 1.0], 1e12);
    assert!((side.end_c[0] - 100.0).abs() < 1e-9);
    let want = 10.0 + 90.0 * (-40.0f64 / 42_000.0).exp();
    assert!((side.end_c[1] - want).abs() < 1e-6, "{}", side.end_c[1]);
    assert!((lost / (42_000.0 * (100.0 - want)) - 1.0).abs() < 1e-6);
}

/// Hour by hour a settled pipe stays settled.
#[test]
fn steady_flow_stays_steady() {
    let (mut t, mut side) = network(2, vec![(0, 1)], 400.0, 4.2e8);
    let want = 10.0 + 90.0 * (-400.0f64 / 42_000.0).exp();
    for k in 0..40 {
        side.clear_feed();
        side.feed(0, 42_000.0, 100.0);
        let (lost, stored) = hour(&mut t, &mut side, &[42_000.0], &[2.0, 1.0], 3600.0);
        // The water takes 10,000 s: 2.8 hours.
        if k > 4 {
            assert!((side.mean_c[1] - want).abs() < 1e-4, "hour {k}: {}", side.mean_c[1] - want);
            assert!((lost / (42_000.0 * (100.0 - want)) - 1.0).abs() < 1e-4);
            assert!(stored.abs() < 1e-4 * lost);
        }
        go_on(&mut side);
    }
}

/// No flow: T = 10 + 80 e^(−U t/C).
#[test]
fn stagnant_pipe_cools_exponentially() {
    let (mut t, mut side) = network(2, vec![(0, 1)], 40.0, 4.0e6);
    side.start_c.fill(90.0);
    side.plugs[0].clear();
    t.fill(&mut side);
    let (lost, stored) = hour(&mut t, &mut side, &[0.0], &[f64::NAN; 2], 3600.0);
    let share: f64 = 40.0 * 3600.0 / 4.0e6;
    for n in 0..2 {
        assert!((side.end_c[n] - (10.0 + 80.0 * (-share).exp())).abs() < 1e-12);
    }
    assert!((lost + stored).abs() < 1e-9 * lost);
    assert!((lost - 4.0e6 * 80.0 * (1.0 - (-share).exp()) / 3600.0).abs() < 1e-9 * lost);
}

/// Two inflows of 1 and 3 parts at 40 and 80 °C mix to 70 °C.
#[test]
fn inflows_mix() {
    let (mut t, mut side) = network(3, vec![(0, 2), (1, 2)], 0.0, 1.0);
    side.feed(0, 1000.0, 40.0);
    side.feed(1, 3000.0, 80.0);
    hour(&mut t, &mut side, &[1000.0, 3000.0], &[2.0, 2.0, 1.0], 1e9);
    assert!((side.mean_c[2] - 70.0).abs() < 1e-6);
}

/// A front passes three pipes of 20 minutes each and a junction where cold water joins:
/// it leaves after exactly an hour, and half of the next hour's mean is known by hand.
#[test]
fn a_front_passes_several_pipes_on_time() {
    let (mut t, mut side) = network(4, vec![(0, 1), (1, 2), (2, 3)], 0.0, 1.2e6);
    // 1000 W/K: 1200 s a pipe. At junction 1 another 1000 W/K of 10 °C join: then 600 s.
    let flow = [1000.0, 2000.0, 2000.0];
    let heads = [4.0, 3.0, 2.0, 1.0];
    let mut means = Vec::new();
    for _ in 0..4 {
        side.clear_feed();
        side.feed(0, 1000.0, 90.0);
        side.feed(1, 1000.0, 10.0);
        hour(&mut t, &mut side, &flow, &heads, 1800.0);
        means.push(side.mean_c[3]);
        go_on(&mut side);
    }
    // 1200 + 600 + 600 s: after 2400 s the outlet has (90 + 10)/2.
    assert!((means[0] - 10.0).abs() < 1e-9, "{means:?}");
    assert!((means[1] - (10.0 * 600.0 + 50.0 * 1200.0) / 1800.0).abs() < 1e-9, "{means:?}");
    assert!((means[2] - 50.0).abs() < 1e-9 && (side.end_c[3] - 50.0).abs() < 1e-9);
}

/// A ring that turns with nothing fed in neither hangs nor gains heat.
#[test]
fn ring_of_flow_is_safe() {
    let (mut t, mut side) = network(3, vec![(0, 1), (1, 2), (2, 0)], 5.0, 1e6);
    side.start_c.copy_from_slice(&[90.0, 60.0, 30.0]);
    side.plugs.iter_mut().for_each(Vec::clear);
    t.fill(&mut side);
    let (lost, stored) = hour(&mut t, &mut side, &[2000.0; 3], &[3.0, 2.0, 1.0], 3600.0);
    assert!(lost > 0.0 && (lost + stored).abs() < 1e-6 * lost, "{lost} {stored}");
}

fn run(flow_w_k: f64, loss_w_k: f64, step_s: f64) -> Run {
    Run { flow_w_k, content_j_k: 420_000.0, loss_w_k, around_c: 8.0, step_s }
}

proptest! {
    /// What enters is what leaves, is lost, or is stored, whichever way water runs; losses
    /// are computed from the plugs' cooling and not as a rest.
    #[test]
    fn heat_is_conserved(
        steps in prop::collection::vec((-3e5..3e5_f64, 5.0..120.0_f64, 0.1..3600.0_f64), 1..60),
        loss in 0.0..200.0_f64,
    ) {
        let mut plugs = vec![Plug { heat_j_k: 420_000.0, from_c: 60.0, to_c: 40.0 }];
        for (flow, t, s) in steps {
            let run = run(flow, loss, s);
            let inlet = [Piece { until_s: 0.4 * s, t_c: t }, Piece { until_s: s, t_c: t - 3.0 }];
            let mut out = Vec::new();
            run.leave(&plugs, &inlet, &mut out);
            let (lost, stored) = run.advance(&mut plugs, &inlet);
            let inflow = flow.abs() * s * (t - 1.8);
            let outflow = flow.abs() * s * wave::mean_c(&out, s);
            let rest = inflow - outflow - lost - stored;
            let scale = inflow.abs().max(420_000.0 * 120.0);
            prop_assert!(rest.abs() < 1e-9 * scale, "{rest} of {scale}");
            prop_assert!(out.iter().all(|p| p.t_c > 1.0 && p.t_c < 121.0), "{out:?}");
            prop_assert!(plugs.len() <= 32);
            let content: f64 = plugs.iter().map(|p| p.heat_j_k).sum();
            prop_assert!((content / 420_000.0 - 1.0).abs() < 1e-12);
        }
    }

    /// One step is as good as many: what leaves in an hour does not depend on how it is cut.
    #[test]
    fn steps_may_be_cut(parts in 2..13usize, flow in 30.0..4000.0_f64, t in 20.0..110.0_f64) {
        let start = vec![Plug { heat_j_k: 420_000.0, from_c: 60.0, to_c: 40.0 }];
        let hot = |s: f64| [Piece { until_s: s, t_c: t }];
        let whole = run(flow, 30.0, 3600.0);
        let mut out = Vec::new();
        whole.leave(&start, &hot(3600.0), &mut out);
        let want = wave::mean_c(&out, 3600.0);
        let step_s = 3600.0 / parts as f64;
        let (mut plugs, mut sum) = (start, 0.0);
        for _ in 0..parts {
            let short = run(flow, 30.0, step_s);
            out.clear();
            short.leave(&plugs, &hot(step_s), &mut out);
            sum += wave::mean_c(&out, step_s);
            short.advance(&mut plugs, &hot(step_s));
        }
        let got = sum / parts as f64;
        // Joined plugs: up to 0.02 K each.
        prop_assert!((got - want).abs() < 0.03, "{got} {want}");
    }
}
