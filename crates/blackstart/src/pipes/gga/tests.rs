//! The method against closed forms, and on random networks.

use super::*;
use crate::pipes::{
    Bounds, Friction, PipeLaw, PumpLaw, Regulator, RegulatorKind, bounded,
    darcy_weisbach::DarcyWeisbach, hazen_williams,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Law {
    Pipe(PipeLaw),
    CheckValve(PipeLaw),
    Pump(PumpLaw),
    Regulator(Regulator),
    /// Elevation, required pressure, demand.
    Demand(f64, f64, f64),
    Closed,
}

#[derive(Clone, Debug, Default)]
struct Net {
    head: Vec<Option<f64>>,
    demand: Vec<f64>,
    edges: Vec<(u32, u32)>,
    laws: Vec<Law>,
}

impl Net {
    fn node(&mut self, head: Option<f64>, demand: f64) -> u32 {
        self.head.push(head);
        self.demand.push(demand);
        self.head.len() as u32 - 1
    }
    fn edge(&mut self, a: u32, b: u32, law: Law) -> usize {
        self.edges.push((a, b));
        self.laws.push(law);
        self.laws.len() - 1
    }
    fn solve(&mut self) -> (Outcome, Flow) {
        let mut gga = Gga::new(self.head.len(), &self.edges);
        let mut flow = gga.flow();
        let outcome = gga.solve(self, &mut flow, &Settings::default());
        (outcome, flow)
    }
}

impl Hydraulics for Net {
    fn fixed_head(&self, node: usize) -> Option<f64> {
        self.head[node]
    }
    fn demand(&self, node: usize) -> f64 {
        self.demand[node]
    }
    fn is_open(&self, edge: usize) -> bool {
        !matches!(self.laws[edge], Law::Closed)
    }
    fn loss(&self, edge: usize, q: f64) -> (f64, f64) {
        match &self.laws[edge] {
            Law::Pipe(p) => p.loss(q),
            Law::CheckValve(p) => bounded(Bounds::FORWARD, q, |q| p.loss(q)),
            Law::Pump(p) => p.loss(q, 1.0, 1.0),
            Law::Regulator(r) => r.loss(q),
            Law::Demand(z, required, full) => {
                let bounds = Bounds { low: 0.0, high: *full, wall: Bounds::wall_at(*full) };
                bounded(bounds, q, |q| {
                    let r = (q / full).max(1e-3);
                    (z + required * r * q / full, required * 2.0 * r / full)
                })
            }
            Law::Closed => (0.0, 1.0),
        }
    }
    fn direction(&self, edge: usize) -> Direction {
        match &self.laws[edge] {
            Law::CheckValve(_) | Law::Pump(_) => Direction::Forward,
            Law::Pipe(_) | Law::Regulator(_) | Law::Demand(..) | Law::Closed => Direction::Both,
        }
    }
    fn start(&self, _edge: usize) -> f64 {
        0.01
    }
    fn settle(&self, edge: usize, old: f64, new: f64, drop: f64) -> f64 {
        match &self.laws[edge] {
            Law::Pipe(p) => p.settle(old, new, drop),
            Law::CheckValve(p) => Bounds::FORWARD.settle(old, p.settle(old, new, drop)),
            Law::Pump(p) => p.settle(old, new, drop, 1.0, 1.0),
            Law::Demand(_, _, full) => {
                Bounds { low: 0.0, high: *full, wall: Bounds::wall_at(*full) }.settle(old, new)
            }
            Law::Regulator(_) | Law::Closed => new,
        }
    }
    fn regulation(&self, edge: usize) -> Regulation {
        if let Law::Regulator(r) = &self.laws[edge] { r.regulation() } else { Regulation::None }
    }
    fn review(&mut self, flow: &Flow) -> bool {
        let mut any = false;
        for (e, law) in self.laws.iter_mut().enumerate() {
            if let Law::Regulator(r) = law {
                let (a, b) = self.edges[e];
                any |= r.review(flow.q[e], flow.head[a as usize], flow.head[b as usize]);
            }
        }
        any
    }
}

fn hw(length: f64, diameter: f64) -> PipeLaw {
    let r = hazen_williams::resistance(length, diameter, 120.0);
    PipeLaw { friction: Friction::HazenWilliams { r }, minor: 0.0 }
}

#[test]
fn two_reservoirs_one_pipe() {
    let darcy = Friction::DarcyWeisbach(DarcyWeisbach::new(800.0, 0.25, 1e-4, 1.3e-6));
    for law in [hw(800.0, 0.25), PipeLaw { friction: darcy, minor: 20.0 }] {
        let mut net = Net::default();
        let (a, b) = (net.node(Some(50.0), 0.0), net.node(Some(37.5), 0.0));
        net.edge(a, b, Law::Pipe(law));
        let (outcome, flow) = net.solve();
        assert!(outcome.converged);
        assert!((law.loss(flow.q[0]).0 - 12.5).abs() < 1e-6);
        if let Friction::HazenWilliams { r } = law.friction {
            let q = (12.5f64 / r).powf(1.0 / 1.852);
            assert!((flow.q[0] / q - 1.0).abs() < 1e-6);
        }
    }
}

#[test]
fn pump_works_where_its_curve_meets_the_system() {
    // Lift 30 m over a pipe: 80 − 2000 q² = 30 + r q^1.852.
    let mut net = Net::default();
    let (low, mid, high) =
        (net.node(Some(0.0), 0.0), net.node(None, 0.0), net.node(Some(30.0), 0.0));
    let pipe = hw(1500.0, 0.3);
    net.edge(low, mid, Law::Pump(PumpLaw::Curve { shutoff: 80.0, r: 2000.0, n: 2.0 }));
    net.edge(mid, high, Law::Pipe(pipe));
    let (outcome, flow) = net.solve();
    assert!(outcome.converged);
    let q = flow.q[0];
    assert!((80.0 - 2000.0 * q * q - 30.0 - pipe.loss(q).0).abs() < 1e-5);
    assert!((flow.q[1] - q).abs() < 1e-10);
    // A reservoir above the shut-off head stops it; nothing flows back.
    net.head[2] = Some(90.0);
    let (outcome, flow) = net.solve();
    assert!(outcome.converged && flow.q[0].abs() < 1e-7, "{:?}", flow.q);
}

#[test]
fn cut_off_nodes_get_nothing_and_break_nothing() {
    let mut net = Net::default();
    let (a, b, c, d) = (
        net.node(Some(50.0), 0.0),
        net.node(None, 0.01),
        net.node(None, 0.02),
        net.node(None, 0.03),
    );
    net.edge(a, b, Law::Pipe(hw(100.0, 0.2)));
    net.edge(b, c, Law::Closed);
    net.edge(c, d, Law::Pipe(hw(100.0, 0.2)));
    let (outcome, flow) = net.solve();
    assert!(outcome.converged);
    assert!((flow.q[0] - 0.01).abs() < 1e-12);
    assert!(flow.head[2].is_nan() && flow.head[3].is_nan());
    assert_eq!(&flow.q[1..], [0.0, 0.0]);
}

#[test]
fn reducing_valve_holds_opens_and_closes() {
    let build = |source: f64, tank: f64| {
        let mut net = Net::default();
        let (a, b, c, d) = (
            net.node(Some(source), 0.0),
            net.node(None, 0.0),
            net.node(None, 0.02),
            net.node(Some(tank), 0.0),
        );
        net.edge(a, b, Law::Pipe(hw(100.0, 0.3)));
        let valve = Regulator::new(RegulatorKind::Reducing, 40.0, 10.0);
        net.edge(b, c, Law::Regulator(valve));
        net.edge(c, d, Law::Pipe(hw(500.0, 0.2)));
        net.solve()
    };
    let (outcome, flow) = build(60.0, 35.0);
    assert!(outcome.converged && outcome.at_rest);
    assert!((flow.head[2] - 40.0).abs() < 1e-9);
    assert!((flow.q[1] - flow.q[2] - 0.02).abs() < 1e-9);
    assert!((flow.q[0] - flow.q[1]).abs() < 1e-9);
    let (outcome, flow) = build(38.0, 35.0);
    assert!(outcome.converged && flow.head[2] < 38.0 && flow.q[1] > 0.0, "open: {flow:?}");
    let (outcome, flow) = build(60.0, 45.0);
    assert!(outcome.converged && flow.q[1].abs() < 1e-7, "closed: {flow:?}");
}

#[test]
fn sustaining_valve_holds_the_upstream_head() {
    let mut net = Net::default();
    let (a, b, c, d) = (
        net.node(Some(60.0), 0.0),
        net.node(None, 0.0),
        net.node(None, 0.0),
        net.node(Some(10.0), 0.0),
    );
    net.edge(a, b, Law::Pipe(hw(500.0, 0.2)));
    net.edge(b, c, Law::Regulator(Regulator::new(RegulatorKind::Sustaining, 50.0, 1.0)));
    net.edge(c, d, Law::Pipe(hw(50.0, 0.3)));
    let (outcome, flow) = net.solve();
    assert!(outcome.converged && (flow.head[1] - 50.0).abs() < 1e-9);
    assert!((hw(500.0, 0.2).loss(flow.q[0]).0 - 10.0).abs() < 1e-5);
    assert!((flow.q[2] - flow.q[0]).abs() < 1e-9);
}

/// A random network; its sizes, elevations and closures.
fn network() -> impl Strategy<Value = Net> {
    (2usize..30, 1usize..4).prop_flat_map(|(n, sources)| {
        let node = (0.0f64..60.0, 0.0001f64..0.03);
        let edge = (0..n as u32, 0..n as u32, 0u8..20, 0.05f64..0.6, 1.0f64..2000.0);
        (prop::collection::vec(node, n), prop::collection::vec(edge, 0..3 * n), Just(sources))
            .prop_map(|(nodes, edges, sources)| {
                let mut net = Net::default();
                for (i, &(z, _)) in nodes.iter().enumerate() {
                    net.node((i < sources).then_some(z), 0.0);
                }
                for (a, b, kind, d, length) in edges {
                    let pipe = hw(length, d);
                    let law = match kind {
                        0..=2 => Law::Closed,
                        3..=5 => Law::CheckValve(pipe),
                        6 | 7 => Law::Pump(PumpLaw::Curve { shutoff: 50.0, r: 1e3, n: 2.0 }),
                        8 => Law::Pump(PumpLaw::power(20.0)),
                        9 => Law::Regulator(Regulator::new(
                            RegulatorKind::Reducing,
                            nodes[b as usize].0 + 20.0,
                            10.0,
                        )),
                        _ => Law::Pipe(pipe),
                    };
                    net.edge(a, b, law);
                }
                for (i, &(z, full)) in nodes.iter().enumerate().skip(sources) {
                    net.edge(i as u32, GROUND, Law::Demand(z, 20.0, full));
                }
                net
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_networks_balance(mut net in network()) {
        let regulators = net.laws.iter().any(|l| matches!(l, Law::Regulator(_)));
        let (outcome, flow) = net.solve();

        prop_assert!(flow.q.iter().all(|q| q.is_finite()));
        prop_assert!(outcome.iterations <= Settings::default().iterations);
        // Without regulators the problem is convex: it must be solved.
        prop_assert!(outcome.converged || regulators, "{outcome:?}");
        prop_assume!(outcome.converged);
        let n = net.head.len();
        let (mut mass, mut through) = (vec![0.0; n], vec![0.0; n]);
        for (&(a, b), &q) in net.edges.iter().zip(&flow.q) {
            if a != b {
                mass[a as usize] -= q;
                through[a as usize] += q.abs();
                if b != GROUND {
                    mass[b as usize] += q;
                    through[b as usize] += q.abs();
                }
            }
        }
        for i in 0..n {
            if net.head[i].is_none() {
                prop_assert!(mass[i].abs() <= 2e-9 * through[i] + 2e-10);
            }
        }
    }
}
