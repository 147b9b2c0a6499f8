//! A meshed network of 36 pipes in damage: radiators behind valves that were open for more than
//! they need, beside a reference written apart from this engine.

use blackstart::heat::net::{
    BranchKind, Consumer, Fluid, NetFlow, NetSettings, NetSolver, NetStatus,
};

use super::{Pairs, number, table};

const HEAT_J_KG_K: f64 = 4190.0;
const INDOOR_C: f64 = 18.0;

/// What is wrong.
#[derive(Clone, Copy, Debug)]
pub enum Damage {
    None,
    /// The first plant's pump lifts less, bar.
    Lift(f64),
    FirstOff,
    /// The first plant's heat is limited, W.
    Capped(f64),
    /// Both supply temperatures, °C.
    Supply(f64),
    FirstPairCut,
    BothOff,
}

pub const CASES: [(&str, Damage, &str); 7] = [
    ("S0", Damage::None, "nothing"),
    ("S1", Damage::Lift(0.5), "pump A lifts 0.5 bar"),
    ("S2", Damage::FirstOff, "pump A off"),
    ("S3", Damage::Capped(4e5), "plant A capped at 400 kW"),
    ("S4", Damage::Supply(55.0), "supply at 55 °C"),
    ("S5", Damage::FirstPairCut, "first pipe pair cut"),
    ("S6", Damage::BothOff, "both plants off"),
];

/// A consumer here and in the reference.
#[derive(Clone, Debug)]
pub struct Given {
    pub node: String,
    pub asked_w: f64,
    pub ours_w: f64,
    pub theirs_w: f64,
    pub supply_k: f64,
    pub flow_kg_s: f64,
    pub drop_bar: f64,
}

pub struct Outcome {
    pub name: &'static str,
    pub what: &'static str,
    pub flow: NetFlow,
    pub consumers: Vec<Given>,
    /// Heat of plants A and B, W; flow of A, kg/s.
    pub plants_w: [f64; 2],
    pub first_kg_s: f64,
}

impl Outcome {
    pub fn delivered_w(&self) -> f64 {
        self.consumers.iter().map(|c| c.ours_w).sum()
    }

    pub fn reference_w(&self) -> f64 {
        self.consumers.iter().map(|c| c.theirs_w).sum()
    }

    /// Least and greatest share of what is asked for: ours and the reference's.
    pub fn shares(&self) -> [(f64, f64); 2] {
        let span = |of: &dyn Fn(&Given) -> f64| {
            self.consumers
                .iter()
                .map(|c| of(c) / c.asked_w)
                .fold((1e9, 0.0), |(a, b), x| (f64::min(a, x), f64::max(b, x)))
        };
        [span(&|c| c.ours_w), span(&|c| c.theirs_w)]
    }

    pub fn solved(&self) -> bool {
        matches!(self.flow.status, NetStatus::Solved | NetStatus::Partly { .. })
    }
}

fn network(damage: Damage) -> Pairs {
    let mut case = Pairs::new(Fluid::constant(977.8, 4.04e-4, HEAT_J_KG_K), 10.0);
    case.pipes("heat-shortage-36/pipes.csv");
    for row in table("heat-shortage-36/consumers.csv") {
        let heat_w = number(&row, "heat_w");
        // 90/50 °C at 18 °C indoors; the open valve passes half more than that at 2 bar.
        let mean = 40.0 / (72.0_f64 / 32.0).ln();
        let consumer = Consumer::Radiator {
            heat_w,
            surface_w: heat_w / mean.powf(1.3),
            indoor_c: INDOOR_C,
            open_kg_s: 1.5 * heat_w / (HEAT_J_KG_K * 40.0) / 2.0_f64.sqrt(),
        };
        case.consumer(&row["node"], consumer);
    }
    let (mut lift_bar, mut cap, mut supply_c) = (8.0, f64::INFINITY, 90.0);
    match damage {
        Damage::Lift(bar) => lift_bar = bar,
        Damage::Capped(w) => cap = w,
        Damage::Supply(c) => supply_c = c,
        Damage::None | Damage::FirstOff | Damage::FirstPairCut | Damage::BothOff => {}
    }
    let (a, b) = (case.node("0"), case.node("15"));
    let (t_flow_c, p_flow_bar) = (Some(supply_c), Some(10.0));
    let first = BranchKind::CirculationPressure { lift_bar, p_flow_bar, t_flow_c, heat_max_w: cap };
    case.branch("A", a.1, a.0, first);
    let (mdot_kg_s, heat_max_w) = (2.5588, f64::INFINITY);
    let second = BranchKind::CirculationFlow { mdot_kg_s, p_flow_bar, t_flow_c, heat_max_w };
    case.branch("B", b.1, b.0, second);
    for (id, off) in [
        ("A", matches!(damage, Damage::FirstOff | Damage::BothOff)),
        ("B", matches!(damage, Damage::BothOff)),
        ("supply 0-4", matches!(damage, Damage::FirstPairCut)),
        ("return 0-4", matches!(damage, Damage::FirstPairCut)),
    ] {
        let place = case.place(id);
        case.net.branches[place].in_service = !off;
    }
    case
}

pub fn outcome(name: &'static str, damage: Damage, what: &'static str) -> Outcome {
    let case = network(damage);
    let settings = NetSettings { max_rounds: 300, ..NetSettings::default() };
    let flow = NetSolver::new(&case.net, settings).unwrap().solve(&case.net).unwrap();
    let reference = table("heat-shortage-36/reference.csv");
    let consumers = table("heat-shortage-36/consumers.csv")
        .iter()
        .map(|row| {
            let node = row["node"].clone();
            let place = case.place(&format!("consumer {node}"));
            let theirs = reference.iter().find(|r| r["case"] == name && r["node"] == node);
            let (supply, back) = (case.supply(&node), case.back(&node));
            Given {
                asked_w: number(row, "heat_w"),
                ours_w: flow.heat_w[place],
                theirs_w: theirs.map_or(0.0, |r| number(r, "heat_w")),
                supply_k: theirs.map_or(0.0, |r| flow.t_c[supply] - number(r, "t_supply_c")),
                flow_kg_s: flow.mdot_kg_s[place],
                drop_bar: flow.p_bar[supply] - flow.p_bar[back],
                node,
            }
        })
        .collect();
    let (a, b) = (case.place("A"), case.place("B"));
    let plants_w = [-flow.heat_w[a], -flow.heat_w[b]];
    Outcome { name, what, consumers, plants_w, first_kg_s: flow.mdot_kg_s[a], flow }
}

/// Heat of plants A and B (W) and flow of A (kg/s) in the reference.
pub fn reference_plants(name: &str) -> [f64; 3] {
    let row = table("heat-shortage-36/plants.csv").into_iter().find(|r| r["case"] == name);
    let row = row.unwrap_or_else(|| panic!("{name} in plants.csv"));
    [number(&row, "heat_a_w"), number(&row, "heat_b_w"), number(&row, "flow_a_kg_s")]
}
