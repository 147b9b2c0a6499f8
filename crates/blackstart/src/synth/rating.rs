//! The transmission network while it is being planned: corridors get as many circuits,
//! and the standard ratings, that flows at the peak need with any one branch out.

use super::flows::Conductances;
use super::graph::Point;
use super::power::{self, MARGIN};
use crate::region::Grid;

/// What joins two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Line,
    Cable,
    Autotransformer,
}

/// Ratings of aluminium–steel conductors at 110 kV, MVA (120 … 400 mm², at 390 … 825 A),
/// of bundled ones at 330 kV (2 × 240 … 2 × 400 mm²), of single-core 110 kV cables
/// (400 … 1000 mm²) and of 330/110 kV autotransformers.
const LINE_110_MVA: [f64; 6] = [74.0, 86.0, 97.0, 115.0, 135.0, 157.0];
const LINE_330_MVA: [f64; 4] = [690.0, 810.0, 940.0, 1140.0];
const CABLE_110_MVA: [f64; 4] = [95.0, 122.0, 143.0, 165.0];
const AUTOTRANSFORMER_MVA: [f64; 3] = [125.0, 200.0, 250.0];
/// Route length against the straight line.
const DETOUR: f64 = 1.15;
/// Most circuits of a corridor.
const MOST_CIRCUITS: usize = 8;

struct Node {
    id: String,
    kv: f64,
    place: Point,
    facility: String,
    /// Load is negative, MW at the peak.
    load_mw: f64,
    /// Firm output of the units here, MW.
    units_mw: Vec<f64>,
}

/// One or more equal circuits between two nodes. Impedances are of one circuit.
#[derive(Clone, Debug)]
pub(super) struct Corridor {
    pub kind: Kind,
    pub ends: (usize, usize),
    pub circuits: usize,
    pub r_pu: f64,
    pub x_pu: f64,
    pub b_pu: f64,
    pub rate_mva: f64,
    ratings: &'static [f64],
}

#[derive(Default)]
pub(super) struct Network {
    nodes: Vec<Node>,
    corridors: Vec<Corridor>,
}

impl Network {
    pub(super) fn node(
        &mut self,
        id: String,
        kv: f64,
        place: Point,
        load_mw: f64,
        facility: String,
    ) -> usize {
        self.nodes.push(Node { id, kv, place, facility, load_mw, units_mw: Vec::new() });
        self.nodes.len() - 1
    }

    pub(super) fn unit(&mut self, node: usize, firm_mw: f64) {
        self.nodes[node].units_mw.push(firm_mw);
    }

    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|n| n.id == id)
    }

    pub(super) fn add_load(&mut self, id: &str, mw: f64) {
        if let Some(node) = self.find(id) {
            self.nodes[node].load_mw -= mw;
        }
    }

    pub(super) fn place(&self, node: usize) -> Point {
        self.nodes[node].place
    }

    /// The `count` of `among` nearest to `node`, itself not counted.
    pub(super) fn nearest(&self, node: usize, among: &[usize], count: usize) -> Vec<usize> {
        let mut near: Vec<usize> = among.iter().copied().filter(|&m| m != node).collect();
        let d = |n: usize| self.place(n).distance(self.place(node));
        near.sort_by(|&a, &b| d(a).total_cmp(&d(b)).then(a.cmp(&b)));
        near.truncate(count);
        near
    }

    pub(super) fn join(&mut self, kind: Kind, from: usize, to: usize, circuits: usize) {
        let kv = self.nodes[from].kv;
        let km = DETOUR * self.place(from).distance(self.place(to)).max(0.3);
        let base_ohm = kv * kv / 100.0;
        let (r, x, b_us, ratings): (f64, f64, f64, &[f64]) = match kind {
            Kind::Line if kv > 200.0 => (0.06, 0.32, 3.4, &LINE_330_MVA),
            Kind::Line => (0.12, 0.40, 2.8, &LINE_110_MVA),
            Kind::Cable => (0.05, 0.17, 60.0, &CABLE_110_MVA),
            Kind::Autotransformer => (0.0, 0.0, 0.0, &AUTOTRANSFORMER_MVA),
        };
        let at = kind == Kind::Autotransformer;
        self.corridors.push(Corridor {
            kind,
            ends: (from, to),
            circuits,
            // 10.5 % on 160 MVA, between the sizes it may become.
            r_pu: if at { 0.002 } else { r * km / base_ohm },
            x_pu: if at { 0.066 } else { x * km / base_ohm },
            b_pu: if at { 0.0 } else { b_us * 1e-6 * km * base_ohm },
            rate_mva: ratings[0],
            ratings,
        });
    }

    /// Joins `node` to its nearest of `among` until `want` corridors of its voltage
    /// leave it.
    pub(super) fn ways_out(&mut self, node: usize, among: &[usize], want: usize) {
        let there: Vec<usize> = self
            .corridors
            .iter()
            .filter(|c| c.kind != Kind::Autotransformer)
            .filter_map(|c| match c.ends {
                (a, b) if a == node => Some(b),
                (a, b) if b == node => Some(a),
                _ => None,
            })
            .collect();
        let mut have = there.len();
        for other in self.nearest(node, among, want + there.len()) {
            if have >= want {
                break;
            }
            if !there.contains(&other) {
                self.join(Kind::Line, node, other, 1);
                have += 1;
            }
        }
    }

    /// Chooses circuits and ratings.
    pub(super) fn rate(&mut self) {
        let (whole, secure) = self.cases();
        // Every round adds circuits where the largest rating is too small; a region of
        // finite load needs finitely many.
        for _ in 0..24 {
            let mut ends = Vec::new();
            let mut weight = Vec::new();
            let mut owner = Vec::new();
            for (k, c) in self.corridors.iter().enumerate() {
                for _ in 0..c.circuits {
                    ends.push(c.ends);
                    weight.push(1.0 / c.x_pu);
                    owner.push(k);
                }
            }
            let mut net = Conductances::new(self.nodes.len(), &ends);
            net.set(&weight);
            let worst = net.worst_flows(&whole, &secure);
            let mut need = vec![0.0_f64; self.corridors.len()];
            for (&k, w) in owner.iter().zip(worst) {
                need[k] = need[k].max(w * MARGIN);
            }
            let mut added = false;
            for (c, need) in self.corridors.iter_mut().zip(need) {
                match c.ratings.iter().find(|&&r| r >= need) {
                    Some(&rate) => c.rate_mva = rate,
                    None if c.circuits < MOST_CIRCUITS => {
                        c.circuits += 1;
                        added = true;
                    }
                    None => {}
                }
            }
            if !added {
                return;
            }
        }
    }

    /// Injections by node that must flow: with everything in service, and those for
    /// which any one branch may be out besides.
    fn cases(&self) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let load: f64 = -self.nodes.iter().map(|n| n.load_mw).sum::<f64>();
        let firm = |skip: Option<usize>| -> Vec<f64> {
            self.nodes
                .iter()
                .enumerate()
                .map(|(n, node)| {
                    let all: f64 = node.units_mw.iter().sum();
                    let out = if skip == Some(n) {
                        node.units_mw.iter().copied().fold(0.0, f64::max)
                    } else {
                        0.0
                    };
                    all - out
                })
                .collect()
        };
        let balanced = |firm: Vec<f64>| -> Vec<f64> {
            let sum: f64 = firm.iter().sum();
            self.nodes.iter().zip(firm).map(|(n, f)| n.load_mw + f * load / sum).collect()
        };
        let whole = (0..self.nodes.len())
            .filter(|&n| !self.nodes[n].units_mw.is_empty())
            .map(|n| balanced(firm(Some(n))))
            .collect();
        (whole, vec![balanced(firm(None))])
    }

    /// Writes buses and branches.
    pub(super) fn write(&self, grid: &mut Grid<String>) {
        for n in &self.nodes {
            let name = format!("{} {:.0} kV", n.facility.trim_end_matches(" substation"), n.kv);
            grid.buses.push(power::bus(n.id.clone(), name, n.kv, n.place, n.facility.clone()));
        }
        let mut count = 0;
        for c in &self.corridors {
            let ids = (self.nodes[c.ends.0].id.as_str(), self.nodes[c.ends.1].id.as_str());
            grid.branches.extend(power::branches(c, ids, count));
            if c.kind != Kind::Autotransformer {
                count += c.circuits;
            }
        }
    }
}
