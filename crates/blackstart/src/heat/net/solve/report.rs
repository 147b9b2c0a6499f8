//! What a solution came to, with its residuals and how it ended.

use super::super::data::{BranchKind, HeatNet};
use super::super::hydraulics::Away;
use super::super::layout::Role;
use super::super::result::{NetFlow, NetStatus, Residuals};
use super::NetSolver;

impl NetSolver {
    pub(super) fn report(
        &self,
        net: &HeatNet,
        rounds: usize,
        away: Away,
        demand: (f64, u32),
        failed: Option<u32>,
    ) -> NetFlow {
        let (layout, h, t) = (&self.layout, &self.hydraulics, &self.thermal);
        let mut flow = NetFlow { iterations: rounds, ..NetFlow::default() };
        let junctions = net.junctions.len();
        flow.p_bar = h.p_bar[..junctions].to_vec();
        flow.t_c =
            (0..junctions).map(|j| if layout.live[j] { t.t_c[j] } else { f64::NAN }).collect();
        let (mut made, mut taken) = (0.0, 0.0);
        for b in 0..net.branches.len() {
            let pieces = layout.first[b] as usize..layout.first[b + 1] as usize;
            let (mut first, mut last) = (pieces.start, pieces.end - 1);
            let m = h.m_kg_s[first];
            let still = !t.flows(first);
            if m < 0.0 && !still {
                std::mem::swap(&mut first, &mut last);
            }
            let rest = |n: u32| if layout.live[n as usize] { t.t_c[n as usize] } else { f64::NAN };
            let (a, z) = (layout.pieces[first], layout.pieces[last]);
            flow.mdot_kg_s.push(m);
            flow.t_in_c.push(if still { rest(a.from) } else { t.in_c[first] });
            flow.t_out_c.push(if still { rest(z.to) } else { t.out_c[last] });
            let heat: f64 = pieces.map(|p| t.heat_w(&net.fluid, p, h.m_kg_s[p])).sum();
            flow.heat_w.push(heat);
            if heat < 0.0 {
                made -= heat;
            } else {
                taken += heat;
            }
        }
        let (outside, size) = self.outside_w(net);
        let scale = f64::max(made, taken).max(size).max(1e-9);
        let (mass, node) = h.imbalance(layout);
        flow.residuals = Residuals {
            mass_kg_s: mass,
            pressure_bar: away.p_bar,
            energy: (made + outside - taken).abs() / scale,
            demand: demand.0,
        };
        flow.status = self.status(net, away, demand, (mass, node), failed);
        flow
    }

    /// Heat that flows from and to outside bring in, above 0 °C, W; and the sum of its sizes.
    fn outside_w(&self, net: &HeatNet) -> (f64, f64) {
        let (layout, t) = (&self.layout, &self.thermal);
        let (mut sum, mut size) = (0.0, 0.0);
        let warmth = |m: f64, c: f64| m * net.fluid.capacity_between(c, 0.0) * c;
        let mut at = vec![0.0; net.junctions.len()];
        for i in &net.injections {
            let j = i.junction as usize;
            if layout.live[j] {
                at[j] += i.mdot_kg_s;
            }
        }
        for r in &layout.fixed {
            let n = r.node as usize;
            at[n] += self.hydraulics.external_kg_s(n);
        }
        for (j, &m) in at.iter().enumerate() {
            if m == 0.0 {
                continue;
            }
            let given = net.fixed.iter().find(|f| f.junction as usize == j).and_then(|f| f.t_c);
            let c = if m > 0.0 { given.unwrap_or(t.t_c[j]) } else { t.t_c[j] };
            sum += warmth(m, c);
            size += warmth(m, c).abs();
        }
        (sum, size)
    }

    fn status(
        &self,
        net: &HeatNet,
        away: Away,
        demand: (f64, u32),
        mass: (f64, u32),
        failed: Option<u32>,
    ) -> NetStatus {
        let layout = &self.layout;
        let id = |p: u32| {
            layout
                .pieces
                .get(p as usize)
                .map_or(String::new(), |p| net.branches[p.branch as usize].id.clone())
        };
        if let Some(node) = failed {
            let place = format!("flows around {}", layout.name(net, node));
            return NetStatus::NotConverged { place };
        }
        let tight = self.settings;
        // What is not a number has not converged either.
        let within = |x: f64, most: f64| x <= most;
        if !within(away.m_kg_s, tight.tolerance_kg_s) {
            let place = format!("flow of {} ({:.1e} bar off)", id(away.piece), away.p_bar);
            return NetStatus::NotConverged { place };
        }
        if !within(demand.0, tight.tolerance_demand) {
            let place = format!("consumer {}: heat {:.1e} off", id(demand.1), demand.0);
            return NetStatus::NotConverged { place };
        }
        if mass.0 > 1e-6 {
            let place = format!(
                "{}: given flows of pumps, consumers and controls leave {:.3e} kg/s over",
                layout.name(net, mass.1),
                mass.0
            );
            return NetStatus::NotConverged { place };
        }
        let cut: Vec<&str> = net
            .branches
            .iter()
            .enumerate()
            .filter(|(b, x)| {
                x.in_service
                    && matches!(x.kind, BranchKind::Consumer(_))
                    && layout.pieces[layout.first[*b] as usize].role == Role::Off
            })
            .map(|(_, x)| x.id.as_str())
            .collect();
        match cut.first() {
            None => NetStatus::Solved,
            Some(first) => NetStatus::Partly {
                why: format!(
                    "{} consumer{} without connection to a plant, first {first}",
                    cut.len(),
                    if cut.len() == 1 { "" } else { "s" }
                ),
            },
        }
    }
}
