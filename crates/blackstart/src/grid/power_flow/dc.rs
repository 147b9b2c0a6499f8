//! The DC approximation, with results in the shape of an AC power flow.

use super::super::dc_flow::{Network, flow};
use super::super::model::{LEAST_REACTANCE_PU, Model};
use super::admittance::LEAST_IMPEDANCE_PU;
use super::outcome::assign_active;
use super::setting::{Role, Setting};
use super::{IslandFlow, IslandStatus, PowerFlow, Snapshot, Start};
use crate::region::{Branch, BusIdx, Grid};

/// MATPOWER's `rundcpf`: susceptances `1 / (x · tap)`, phase shifters, shunt conductances
/// at 1 p.u.; angles begin at the reference's own.
pub(super) fn solve(
    model: &Model,
    network: &mut Network,
    grid: &Grid,
    at: &Snapshot,
    setting: &Setting,
) -> PowerFlow {
    let (n, base) = (model.buses, model.base_mva);
    let mut out = PowerFlow::empty(grid, setting);
    let Angles { angle_rad: angle, injection, solved } = angles(model, network, grid, setting);
    let mut net = vec![0.0; n];
    if solved {
        for l in (0..model.branches).filter(|&l| setting.live[l]) {
            let (f, t) = model.ends(l);
            let p = flow(model, &model.shift, &angle, l);
            net[f] += p;
            net[t] -= p;
            out.branch_p_from_mw[l] = p * base;
            out.branch_p_to_mw[l] = -p * base;
        }
    }
    let mut worst = vec![(0.0f64, 0usize); setting.islands.len()];
    for i in 0..n {
        if setting.role[i] == Role::Dead || !solved {
            continue;
        }
        out.vm_pu[i] = 1.0;
        out.va_deg[i] = angle[i].to_degrees();
        out.bus_p_mw[i] = (net[i] + setting.shunt[i][0]) * base;
        let off = (net[i] - injection[i]).abs() * base;
        let worst = &mut worst[setting.island[i] as usize];
        if setting.role[i] != Role::Reference && off > worst.0 {
            *worst = (off, i);
        }
    }
    for (s, &(off, bus)) in setting.islands.iter().zip(&worst) {
        // Only negative reactances make the equations singular or near to it.
        let precise = off <= 1e-6 * base;
        let status = match s.closed {
            Some(status) => status,
            None if !solved => IslandStatus::Singular,
            None if precise => IslandStatus::Solved,
            None => {
                IslandStatus::NotConverged { worst_mismatch_mva: off, worst_bus: BusIdx::new(bus) }
            }
        };
        out.islands.push(IslandFlow {
            reference: BusIdx(s.reference),
            buses: s.buses,
            status,
            iterations: u32::from(s.closed.is_none()),
            start: Start::Dc,
            step_control: false,
            worst_mismatch_mva: off,
        });
    }
    assign_active(&mut out, model, grid, at, setting);
    out
}

/// Susceptance of a branch: the dispatch's `b`, but with reactances down to those of the AC
/// equations, so that couplers drop the same angle in both.
pub(super) fn susceptance_of(branch: &Branch, b: f64) -> f64 {
    let x = branch.x_pu * if branch.tap == 0.0 { 1.0 } else { branch.tap };
    if x.abs() >= LEAST_REACTANCE_PU || !x.is_finite() {
        return b;
    }
    (1.0 / x.abs().max(LEAST_IMPEDANCE_PU)).copysign(b)
}

/// Solution of the DC equations.
pub(super) struct Angles {
    /// By bus: angle, rad.
    pub angle_rad: Vec<f64>,
    /// By bus: active injection less shunt, p.u.
    injection: Vec<f64>,
    solved: bool,
}

/// Angles of the DC approximation; those of the references where it cannot be solved.
pub(super) fn angles(
    model: &Model,
    network: &mut Network,
    grid: &Grid,
    setting: &Setting,
) -> Angles {
    let n = model.buses;
    let fixed: Vec<bool> =
        setting.role.iter().map(|r| matches!(r, Role::Dead | Role::Reference)).collect();
    let solved = network.prepare(model, &setting.live, &fixed);
    // Angles relative to the first reference of an island, whose own angle may be large.
    // References other than the first keep their distance to it.
    let mut angle_rad = vec![0.0; n];
    let mut origin = vec![0.0; n];
    let mut injection = vec![0.0; n];
    for i in 0..n {
        if setting.role[i] != Role::Dead {
            injection[i] = setting.p[i] - setting.shunt[i][0];
            let reference = setting.islands[setting.island[i] as usize].reference;
            origin[i] = grid.buses[reference as usize].va_deg.to_radians();
        }
    }
    if solved {
        let offset = |i: usize| match setting.role[i] {
            Role::Reference => grid.buses[i].va_deg.to_radians() - origin[i],
            Role::Dead | Role::Load | Role::Regulated => 0.0,
        };
        let mut given = injection.clone();
        for l in (0..model.branches).filter(|&l| setting.live[l]) {
            let (f, t) = model.ends(l);
            given[f] += model.b[l] * offset(t);
            given[t] += model.b[l] * offset(f);
        }
        network.angles(model, &model.shift, &given, &mut angle_rad);
        for (i, angle) in angle_rad.iter_mut().enumerate() {
            *angle += offset(i);
        }
    }
    for (angle, origin) in angle_rad.iter_mut().zip(&origin) {
        *angle += origin;
    }
    Angles { angle_rad, injection, solved }
}
