//! DC power flow: angles and flows that given injections cause.

use super::islands::Islands;
use super::model::{Model, finite_or};
use crate::math::Ldl;
use crate::region::{BusIdx, Grid};

/// Solver of the linear network equations, with pattern and order prepared once.
#[derive(Clone, Debug)]
pub(super) struct Network {
    ldl: Ldl,
    diag: Vec<f64>,
    off: Vec<f64>,
    /// The state the factor belongs to: live edges, reference flags.
    live: Vec<bool>,
    reference: Vec<bool>,
    usable: bool,
    rhs: Vec<f64>,
    step: Vec<f64>,
}

impl Network {
    pub fn new(model: &Model) -> Self {
        let (n, m) = (model.buses, model.edges.len());
        Self {
            ldl: Ldl::new(n, &model.edges),
            diag: vec![1.0; n],
            off: vec![0.0; m],
            live: Vec::with_capacity(m),
            reference: Vec::with_capacity(n),
            usable: false,
            rhs: vec![0.0; n],
            step: vec![0.0; n],
        }
    }

    /// The analysed bus graph.
    pub fn graph(&self) -> &Ldl {
        &self.ldl
    }

    /// Makes the factor that of `live` branches; `reference` flags one bus of each
    /// island and every bus that is dead. False if the matrix is singular, which only
    /// negative reactances can bring about.
    pub fn prepare(&mut self, model: &Model, live: &[bool], reference: &[bool]) -> bool {
        if self.usable && self.live == live && self.reference == reference {
            return true;
        }
        self.live.clear();
        self.live.extend_from_slice(live);
        self.reference.clear();
        self.reference.extend_from_slice(reference);
        for (d, &r) in self.diag.iter_mut().zip(reference) {
            *d = if r { 1.0 } else { 0.0 };
        }
        self.off.fill(0.0);
        for l in 0..model.branches {
            let (f, t) = model.ends(l);
            if !live[l] || f == t {
                continue;
            }
            let b = model.b[l];
            // The reference's row is the identity: its angle is zero.
            match (reference[f], reference[t]) {
                (false, false) => {
                    self.diag[f] += b;
                    self.diag[t] += b;
                    self.off[l] = -b;
                }
                (false, true) => self.diag[f] += b,
                (true, false) => self.diag[t] += b,
                (true, true) => {}
            }
        }
        self.usable = self.ldl.factor(&self.diag, &self.off).is_ok();
        self.usable
    }

    /// Angles (rad) for `injection` (p.u., by bus) and phase shifts `shift`, with one
    /// step of iterative refinement. Call after a successful [`Network::prepare`].
    pub fn angles(&mut self, model: &Model, shift: &[f64], injection: &[f64], angle: &mut [f64]) {
        self.rhs.copy_from_slice(injection);
        for l in 0..model.branches {
            let (f, t) = model.ends(l);
            if self.live[l] && f != t && shift[l] != 0.0 {
                let forced = model.b[l] * shift[l];
                self.rhs[f] += forced;
                self.rhs[t] -= forced;
            }
        }
        for (r, &fixed) in self.rhs.iter_mut().zip(&self.reference) {
            if fixed {
                *r = 0.0;
            }
        }
        angle.copy_from_slice(&self.rhs);
        self.ldl.solve(angle);
        self.step.copy_from_slice(&self.rhs);
        for (i, s) in self.step.iter_mut().enumerate() {
            *s -= self.diag[i] * angle[i];
        }
        for (l, &y) in self.off.iter().enumerate() {
            if y != 0.0 {
                let (f, t) = model.ends(l);
                self.step[f] -= y * angle[t];
                self.step[t] -= y * angle[f];
            }
        }
        self.ldl.solve(&mut self.step);
        for (a, s) in angle.iter_mut().zip(&self.step) {
            *a += s;
        }
    }
}

/// Flow from → to of branch `l`, p.u.
pub(super) fn flow(model: &Model, shift: &[f64], angle: &[f64], l: usize) -> f64 {
    let (f, t) = model.ends(l);
    if f == t { 0.0 } else { model.b[l] * (angle[f] - angle[t] - shift[l]) }
}

/// What [`dc_power_flow`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DcPowerFlow {
    /// By bus: voltage angle, rad; 0 at each island's reference and at dead buses.
    pub angle_rad: Vec<f64>,
    /// By branch: flow from → to, MW.
    pub flow_mw: Vec<f64>,
    /// By bus: what the reference of an island adds to close its balance, MW; 0
    /// elsewhere.
    pub slack_mw: Vec<f64>,
    /// By bus: island number from 0; `u32::MAX` for a bus out of service.
    pub island: Vec<u32>,
    /// False if the equations are singular (possible with negative reactances only);
    /// angles and flows are zero then.
    pub solved: bool,
}

/// DC power flow as MATPOWER's `rundcpf`: susceptance `1 / (x · tap)`, phase shifters,
/// no losses, voltages of 1 p.u.
///
/// `injection_mw` is generation less demand less shunts, by bus. Every island has its
/// own reference bus, which takes the island's imbalance: the first of `references` that
/// lies in it, otherwise its first bus. Parallel branches, islands of one bus and
/// branches from a bus to itself (which carry nothing) are fine.
///
/// # Panics
/// When the slices are not as long as the tables of `grid`.
#[must_use]
pub fn dc_power_flow(
    grid: &Grid,
    bus_in_service: &[bool],
    branch_in_service: &[bool],
    injection_mw: &[f64],
    references: &[BusIdx],
) -> DcPowerFlow {
    let model = Model::new(grid);
    let n = model.buses;
    assert!(bus_in_service.len() == n && injection_mw.len() == n, "one value per bus");
    assert_eq!(branch_in_service.len(), model.branches, "one flag per branch");
    let mut islands = Islands::default();
    islands.find(bus_in_service, &model.edges[..model.branches], branch_in_service);
    let live: Vec<bool> = (0..model.branches)
        .map(|l| {
            let (f, t) = model.ends(l);
            branch_in_service[l] && bus_in_service[f] && bus_in_service[t]
        })
        .collect();
    let mut reference_of: Vec<u32> = islands.first_bus.clone();
    for r in references.iter().rev() {
        if let Some(&island) = islands.of_bus.get(r.i()).filter(|i| **i != u32::MAX) {
            reference_of[island as usize] = r.0;
        }
    }
    let mut fixed: Vec<bool> = islands.of_bus.iter().map(|&i| i == u32::MAX).collect();
    for &r in &reference_of {
        fixed[r as usize] = true;
    }
    let mut out = DcPowerFlow {
        angle_rad: vec![0.0; n],
        flow_mw: vec![0.0; model.branches],
        slack_mw: vec![0.0; n],
        island: islands.of_bus.clone(),
        solved: false,
    };
    let mut network = Network::new(&model);
    if !network.prepare(&model, &live, &fixed) {
        return out;
    }
    out.solved = true;
    let injection: Vec<f64> =
        injection_mw.iter().map(|p| finite_or(*p, 0.0) / model.base_mva).collect();
    network.angles(&model, &model.shift, &injection, &mut out.angle_rad);
    for &r in &reference_of {
        out.slack_mw[r as usize] = -injection[r as usize] * model.base_mva;
    }
    for l in (0..model.branches).filter(|&l| live[l]) {
        let (f, t) = model.ends(l);
        out.flow_mw[l] = flow(&model, &model.shift, &out.angle_rad, l) * model.base_mva;
        for (end, sign) in [(f, 1.0), (t, -1.0)] {
            if reference_of[islands.of_bus[end] as usize] as usize == end {
                out.slack_mw[end] += sign * out.flow_mw[l];
            }
        }
    }
    out
}
