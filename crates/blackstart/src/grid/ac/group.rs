//! From a problem's tables to programs: parts of the grid that hang together.

use super::line::TwoPort;
use super::program::{Control, Limit, Line, Node, Program, Terminal};
use crate::grid::Islands;
use crate::grid::deliver::problem::Problem;

/// Rows of a [`Problem`] that hang together by branches or direct-current lines.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Buses of the grid, ascending; node `k` of the program is bus `buses[k]`.
    pub buses: Vec<usize>,
    /// Rows of the problem's tables.
    pub branches: Vec<usize>,
    /// Loads.
    pub loads: Vec<usize>,
    /// Shunts.
    pub shunts: Vec<usize>,
    /// Generators.
    pub generators: Vec<usize>,
    /// Storages.
    pub storages: Vec<usize>,
    /// Direct-current lines.
    pub dc_lines: Vec<usize>,
}

/// All groups of the buses that are `live`, and by bus its node in its group (`u32::MAX`
/// for the others). Rows at buses that are not live are in no group.
pub fn groups(problem: &Problem, live: &[bool]) -> (Vec<Group>, Vec<u32>) {
    let edges: Vec<(u32, u32)> = problem
        .branches
        .iter()
        .map(|l| (l.from as u32, l.to as u32))
        .chain(problem.dc_lines.iter().map(|l| (l.from as u32, l.to as u32)))
        .collect();
    let mut islands = Islands::default();
    islands.find(live, &edges, &vec![true; edges.len()]);
    let mut groups = vec![Group::default(); islands.count];
    let mut node = vec![u32::MAX; live.len()];
    for (bus, &g) in islands.of_bus.iter().enumerate() {
        if g != u32::MAX {
            let buses = &mut groups[g as usize].buses;
            node[bus] = buses.len() as u32;
            buses.push(bus);
        }
    }
    let of = |bus: usize| live[bus].then(|| islands.of_bus[bus] as usize);
    for (k, row) in problem.branches.iter().enumerate() {
        if let (Some(g), true) = (of(row.from), live[row.to]) {
            groups[g].branches.push(k);
        }
    }
    for (k, row) in problem.dc_lines.iter().enumerate() {
        if let (Some(g), true) = (of(row.from), live[row.to]) {
            groups[g].dc_lines.push(k);
        }
    }
    for (k, row) in problem.loads.iter().enumerate() {
        if let Some(g) = of(row.bus) {
            groups[g].loads.push(k);
        }
    }
    for (k, row) in problem.shunts.iter().enumerate() {
        if let Some(g) = of(row.bus) {
            groups[g].shunts.push(k);
        }
    }
    for (k, row) in problem.generators.iter().enumerate() {
        if let Some(g) = of(row.bus) {
            groups[g].generators.push(k);
        }
    }
    for (k, row) in problem.storages.iter().enumerate() {
        if let Some(g) = of(row.bus) {
            groups[g].storages.push(k);
        }
    }
    (groups, node)
}

/// Where the variables of a direct-current line are.
#[derive(Clone, Copy, Debug)]
pub struct DcControls {
    /// Power taken at the from end.
    pub p: Entry,
    /// Reactive injection at the from end.
    pub q_from: Entry,
    /// Reactive injection at the to end.
    pub q_to: Entry,
}

/// A quantity of a program: a control plus a constant, or the constant alone.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The control, if there is anything to decide.
    pub control: Option<usize>,
    /// What is added to it.
    pub constant: f64,
}

impl Entry {
    /// Its value at a point.
    pub fn value(&self, control: &[f64]) -> f64 {
        self.constant + self.control.map_or(0.0, |k| control[k])
    }
}

/// Ranges narrower than this, p.u., are constants.
const NARROW: f64 = 1e-9;

/// Output without limit, p.u.
const UNLIMITED: f64 = 1e3;

impl Program {
    /// Buses, branches and direct-current lines of a group. Voltage limits are `voltage`'s.
    pub fn network(
        problem: &Problem,
        group: &Group,
        node: &[u32],
        voltage: &dyn Fn(usize) -> [Limit; 2],
    ) -> (Self, Vec<DcControls>) {
        let mut program = Self::default();
        for &bus in &group.buses {
            let row = &problem.buses[bus];
            let [lower, upper] = voltage(bus);
            program.nodes.push(Node {
                shunt: [0.0; 2],
                demand: [0.0; 2],
                lower,
                upper,
                fixed_angle: row.reference.then_some(0.0),
                start: 1f64.clamp(row.vm_min, row.vm_max),
            });
        }
        for &k in &group.branches {
            let l = &problem.branches[k];
            let port = TwoPort::of_series([l.g, l.b], l.b_half, l.tap, l.shift_rad);
            let (from, to) = (node[l.from], node[l.to]);
            if from == to {
                // Both ends at one bus: what is left is a shunt.
                let shunt = &mut program.nodes[from as usize].shunt;
                shunt[0] += port.gff + port.gft + port.gtf + port.gtt;
                shunt[1] += port.bff + port.bft + port.btf + port.btt;
                continue;
            }
            let angle = [l.angle_min, l.angle_max];
            program.lines.push(Line { from, to, port, rate: [l.rate; 2], angle });
        }
        program.place_references();
        let mut dc = Vec::new();
        for &k in &group.dc_lines {
            let l = &problem.dc_lines[k];
            let (from, to) = (node[l.from], node[l.to]);
            let arrives = 1.0 - l.loss_share;
            program.nodes[to as usize].demand[0] += l.loss;
            let (low, high) = (l.p_min.max(-UNLIMITED), l.p_max.min(UNLIMITED));
            let p = if from == to {
                let constant = low.max(0.0).min(high);
                program.nodes[to as usize].demand[0] += l.loss_share * constant;
                Entry { control: None, constant }
            } else {
                let start = Terminal { node: from, gain: [-1.0, 0.0] };
                let end = Terminal { node: to, gain: [arrives, 0.0] };
                program.quantity(start, Some(end), [Limit::hard(low), Limit::hard(high)], vec![])
            };
            let mut reactive = |node, (low, high): (f64, f64)| {
                let at = Terminal { node, gain: [0.0, 1.0] };
                let range = [low.max(-UNLIMITED), high.min(UNLIMITED)];
                program.quantity(at, None, range.map(Limit::hard), vec![])
            };
            let q_from = reactive(from, l.q_from);
            let q_to = reactive(to, l.q_to);
            dc.push(DcControls { p, q_from, q_to });
        }
        (program, dc)
    }

    /// Gives every part that only direct-current lines join, and that has no reference, one:
    /// its first node.
    fn place_references(&mut self) {
        let edges: Vec<(u32, u32)> = self.lines.iter().map(|l| (l.from, l.to)).collect();
        let mut parts = Islands::default();
        parts.find(&vec![true; self.nodes.len()], &edges, &vec![true; edges.len()]);
        let mut found = vec![false; parts.count];
        for (node, &part) in self.nodes.iter().zip(&parts.of_bus) {
            found[part as usize] |= node.fixed_angle.is_some();
        }
        for (&first, found) in parts.first_bus.iter().zip(found) {
            if !found {
                self.nodes[first as usize].fixed_angle = Some(0.0);
            }
        }
    }

    /// A quantity within limits that injects at one or two nodes; a constant where hard
    /// limits leave no room. A polynomial `cost` then counts for nothing.
    pub fn quantity(
        &mut self,
        terminal: Terminal,
        second: Option<Terminal>,
        [lower, upper]: [Limit; 2],
        cost: Vec<f64>,
    ) -> Entry {
        let hard = lower.price == f64::INFINITY && upper.price == f64::INFINITY;
        if hard && upper.at - lower.at < NARROW {
            let constant = 0.5 * (lower.at + upper.at);
            for t in [Some(terminal), second].into_iter().flatten() {
                let demand = &mut self.nodes[t.node as usize].demand;
                demand[0] -= t.gain[0] * constant;
                demand[1] -= t.gain[1] * constant;
            }
            return Entry { control: None, constant };
        }
        let squared_voltage = false;
        let share = None;
        self.controls.push(Control {
            terminal,
            second,
            squared_voltage,
            lower,
            upper,
            share,
            cost,
        });
        Entry { control: Some(self.controls.len() - 1), constant: 0.0 }
    }
}

impl Program {
    /// A quantity at the node of control `k` whose limits shrink to the share `u_k / whole`
    /// for `share = (k, whole)`; 0 if there is no such control.
    pub fn following(
        &mut self,
        terminal: Terminal,
        [lower, upper]: [f64; 2],
        share: Option<(usize, f64)>,
    ) -> Entry {
        let Some((k, whole)) = share.filter(|_| lower != 0.0 || upper != 0.0) else {
            return Entry { control: None, constant: 0.0 };
        };
        self.controls.push(Control {
            terminal,
            second: None,
            squared_voltage: false,
            lower: Limit::hard(lower),
            upper: Limit::hard(upper),
            share: Some((k as u32, whole)),
            cost: Vec::new(),
        });
        Entry { control: Some(self.controls.len() - 1), constant: 0.0 }
    }
}

/// Limits of an output, p.u., made finite and put in order.
pub fn range(low: f64, high: f64) -> (f64, f64) {
    let low = if low.is_nan() { -UNLIMITED } else { low.clamp(-UNLIMITED, UNLIMITED) };
    let high = if high.is_nan() { UNLIMITED } else { high.clamp(-UNLIMITED, UNLIMITED) };
    (low.min(high), high)
}
