//! Published heat networks and pipes as cases for the solvers, and what they come to beside
//! what was published. Tests assert on it; `heat_validation` of the bench writes it down.

pub mod networks;
pub mod pipes;
pub mod shortage;
pub mod week;

use std::collections::HashMap;

use blackstart::heat::net::{
    Branch, BranchKind, Consumer, Fluid, FrictionModel, HeatNet, Junction, NetFlow, NetSettings,
    NetSolver,
};

/// A quantity beside what others have for it.
#[derive(Clone, Debug)]
pub struct Row {
    pub quantity: String,
    /// Least and greatest of the references.
    pub low: f64,
    pub high: f64,
    /// What may lie between.
    pub tolerance: f64,
    pub ours: f64,
}

impl Row {
    /// How far ours is outside of what the references span.
    pub fn apart(&self) -> f64 {
        (self.low - self.ours).max(self.ours - self.high).max(0.0)
    }

    pub fn agrees(&self) -> bool {
        self.apart() <= self.tolerance
    }
}

/// Text of a file below `testdata/cases`.
pub fn text(path: &str) -> String {
    let path = format!("{}/{path}", cases());
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The folder of cases, from any crate of the workspace.
fn cases() -> String {
    let own = env!("CARGO_MANIFEST_DIR");
    ["../../testdata/cases", "../testdata/cases"]
        .map(|way| format!("{own}/{way}"))
        .into_iter()
        .find(|path| std::path::Path::new(path).exists())
        .expect("testdata/cases beside the crates")
}

/// Rows of a file below `testdata/cases`, by column name.
pub fn table(path: &str) -> Vec<HashMap<String, String>> {
    let text = text(path);
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| {
            names.iter().map(|n| n.to_string()).zip(line.split(',').map(String::from)).collect()
        })
        .collect()
}

pub fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// A network of pipe pairs with explicit supply and return: node by name, the supply junction
/// first.
pub struct Pairs {
    pub net: HeatNet,
    pub nodes: HashMap<String, (u32, u32)>,
    pub ground_c: f64,
}

impl Pairs {
    pub fn new(fluid: Fluid, ground_c: f64) -> Self {
        let mut net = HeatNet::new(fluid, FrictionModel::Colebrook);
        net.ambient_c = ground_c;
        Self { net, nodes: HashMap::new(), ground_c }
    }

    pub fn node(&mut self, name: &str) -> (u32, u32) {
        if let Some(&pair) = self.nodes.get(name) {
            return pair;
        }
        let first = u32::try_from(self.net.junctions.len()).unwrap();
        for side in ["supply", "return"] {
            let id = format!("{side} {name}");
            self.net.junctions.push(Junction { id, elevation_m: 0.0, in_service: true });
        }
        self.nodes.insert(name.into(), (first, first + 1));
        (first, first + 1)
    }

    pub fn branch(&mut self, id: &str, from: u32, to: u32, kind: BranchKind) {
        self.net.branches.push(Branch { id: id.into(), from, to, in_service: true, kind });
    }

    /// Pipes of a table with `from,to,length_m,diameter_mm,roughness_mm,loss_w_m_k`; both are
    /// directed as the table has it.
    pub fn pipes(&mut self, path: &str) {
        for row in table(path) {
            let kind = BranchKind::Pipe {
                length_m: number(&row, "length_m"),
                diameter_m: number(&row, "diameter_mm") / 1e3,
                roughness_m: number(&row, "roughness_mm") / 1e3,
                loss_coefficient: 0.0,
                loss_w_m_k: number(&row, "loss_w_m_k"),
                ambient_c: self.ground_c,
                sections: 1,
            };
            let (a, b) = (self.node(&row["from"]), self.node(&row["to"]));
            let name = format!("{}-{}", row["from"], row["to"]);
            self.branch(&format!("supply {name}"), a.0, b.0, kind.clone());
            self.branch(&format!("return {name}"), b.1, a.1, kind);
        }
    }

    pub fn consumer(&mut self, node: &str, consumer: Consumer) {
        let (supply, back) = self.node(node);
        self.branch(&format!("consumer {node}"), supply, back, BranchKind::Consumer(consumer));
    }

    /// A plant that lifts `lift_bar` to 10 bar and holds `t_flow_c`.
    pub fn plant(&mut self, node: &str, lift_bar: f64, t_flow_c: f64) {
        let (supply, back) = self.node(node);
        let kind = BranchKind::CirculationPressure {
            lift_bar,
            p_flow_bar: Some(10.0),
            t_flow_c: Some(t_flow_c),
            heat_max_w: f64::INFINITY,
        };
        self.branch(&format!("plant {node}"), back, supply, kind);
    }

    pub fn place(&self, id: &str) -> usize {
        self.net.branches.iter().position(|b| b.id == id).unwrap_or_else(|| panic!("{id}"))
    }

    pub fn supply(&self, node: &str) -> usize {
        self.nodes[node].0 as usize
    }

    pub fn back(&self, node: &str) -> usize {
        self.nodes[node].1 as usize
    }

    pub fn solve(&self) -> NetFlow {
        let mut solver = NetSolver::new(&self.net, NetSettings::default()).unwrap();
        solver.solve(&self.net).unwrap()
    }
}
