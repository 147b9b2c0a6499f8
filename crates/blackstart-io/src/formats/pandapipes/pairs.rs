//! A pandapipes net of supply and return pipes as a region's pipe pairs.
//!
//! A region's model has both sides of a pipe in one row. The supply side, found from the
//! plants along pipes and open valves, stands for both.

use std::path::Path;

use blackstart::heat::PUMP_FALL;
use blackstart::heat::net::{BranchKind, Consumer, GRAVITY_M_S2, HeatNet, PumpLift};
use blackstart::region::{
    Heat, HeatJunction, HeatOptions, HeatPipe, HeatSubstation, Laid, Plant, PlantKind,
};

use super::PandapipesNet;
use crate::codes;
use crate::problem::{InputProblem, Severity};

/// What plants can make against what consumers ask for, where a file does not say.
const PLANT_MARGIN: f64 = 1.25;
/// Difference of the two sides' lengths that is worth a word, relative.
const UNEQUAL: f64 = 0.01;
/// Lowest flow temperature that plants go down to, °C, where the net's own is above it.
const LEAST_SUPPLY_C: f64 = 65.0;
/// Length of a valve as a pipe, and of a pipe that has none, m.
const VALVE_M: f64 = 1.0;
const EFFICIENCY: f64 = 0.9;

/// The heat network of a region that `file` holds, and what was decided on the way.
pub(crate) fn pipe_pairs(
    file: &PandapipesNet,
    path: &Path,
) -> (Option<Heat<String, String>>, Vec<InputProblem>) {
    let mut pairs = Pairs { net: &file.net, path, problems: Vec::new() };
    if file.gas {
        pairs.tell(Severity::Error, "what flows in this net is a gas".into());
        return (None, pairs.problems);
    }
    let heat = pairs.heat(file);
    (heat, pairs.problems)
}

struct Pairs<'a> {
    net: &'a HeatNet,
    path: &'a Path,
    problems: Vec<InputProblem>,
}

impl Pairs<'_> {
    fn tell(&mut self, severity: Severity, message: String) {
        let code = match severity {
            Severity::Error => codes::BAD_VALUE,
            Severity::Warning | Severity::Note => codes::NOT_SIMULATED,
        };
        self.problems.push(InputProblem::new(severity, code, self.path, message));
    }

    fn heat(&mut self, file: &PandapipesNet) -> Option<Heat<String, String>> {
        let plants: Vec<usize> = self.of_kind(|kind| {
            matches!(
                kind,
                BranchKind::CirculationPressure { .. } | BranchKind::CirculationFlow { .. }
            )
        });
        if plants.is_empty() {
            let message = "no circulation pump says where supply and return begin".to_owned();
            self.tell(Severity::Error, message);
            return None;
        }
        let supply = self.side(plants.iter().map(|&p| self.net.branches[p].to));
        let back = self.side(plants.iter().map(|&p| self.net.branches[p].from));
        if supply.iter().zip(&back).any(|(s, b)| *s && *b) {
            let message = "pipes or open valves join supply and return: the net has no two sides";
            self.tell(Severity::Error, message.to_owned());
            return None;
        }
        let id = |j: u32| self.net.junctions[j as usize].id.clone();
        let mut heat =
            Heat::<String, String> { options: HeatOptions::default(), ..Heat::default() };
        for (j, junction) in self.net.junctions.iter().enumerate().filter(|(j, _)| supply[*j]) {
            heat.junctions.push(HeatJunction {
                id: junction.id.clone(),
                elevation_m: junction.elevation_m,
                position: file.positions.get(j).copied().flatten(),
            });
        }
        let mut lengths_m = [0.0, 0.0];
        let mut around = (0.0, 0.0);
        let mut short = 0;
        for b in self.net.branches.iter().filter(|b| b.in_service) {
            let (on_supply, on_back) = (supply[b.from as usize], back[b.from as usize]);
            let (length_m, diameter_m, roughness_m, loss_w_m_k) = match b.kind {
                BranchKind::Pipe {
                    length_m,
                    diameter_m,
                    roughness_m,
                    loss_w_m_k,
                    ambient_c,
                    ..
                } => {
                    lengths_m[usize::from(on_back)] += length_m;
                    around = (around.0 + length_m, around.1 + length_m * ambient_c);
                    (length_m, diameter_m, roughness_m, loss_w_m_k)
                }
                BranchKind::Valve { diameter_m, .. } => (VALVE_M, diameter_m, 1e-4, 0.0),
                BranchKind::Pump(_)
                | BranchKind::CirculationPressure { .. }
                | BranchKind::CirculationFlow { .. }
                | BranchKind::Consumer(_)
                | BranchKind::HeatExchanger { .. }
                | BranchKind::PressureControl { .. }
                | BranchKind::FlowControl { .. } => continue,
            };
            if on_supply && b.from != b.to {
                short += usize::from(length_m <= 0.0);
                let length_m = if length_m > 0.0 { length_m } else { VALVE_M };
                heat.pipes.push(HeatPipe {
                    id: b.id.clone(),
                    from: id(b.from),
                    to: id(b.to),
                    length_m,
                    diameter_mm: diameter_m * 1e3,
                    roughness_mm: roughness_m * 1e3,
                    loss_w_m_k,
                    laid: Laid::Ground,
                });
            }
        }
        if (lengths_m[0] - lengths_m[1]).abs() > UNEQUAL * lengths_m[0] {
            let message = format!(
                "supply pipes have {:.0} m, return pipes {:.0} m: the supply's stand for both",
                lengths_m[0], lengths_m[1]
            );
            self.tell(Severity::Warning, message);
        }
        if short > 0 {
            let message = format!("{short} pipes of no length are taken as {VALVE_M} m long");
            self.tell(Severity::Note, message);
        }
        let flow_c = self.flow_c(&plants);
        self.consumers(&mut heat, &supply, &back, flow_c);
        self.options(&mut heat, flow_c, around);
        self.plants(&mut heat, &plants);
        Some(heat)
    }

    fn of_kind(&self, is: impl Fn(&BranchKind) -> bool) -> Vec<usize> {
        let all = self.net.branches.iter().enumerate();
        all.filter(|(_, b)| b.in_service && is(&b.kind)).map(|(i, _)| i).collect()
    }

    /// What pipes, open valves and pumps join to `from`, by junction.
    fn side(&self, from: impl Iterator<Item = u32>) -> Vec<bool> {
        let mut joined = vec![Vec::new(); self.net.junctions.len()];
        for b in self.net.branches.iter().filter(|b| b.in_service) {
            let joins = matches!(
                b.kind,
                BranchKind::Pipe { .. } | BranchKind::Valve { .. } | BranchKind::Pump(_)
            );
            if joins {
                joined[b.from as usize].push(b.to);
                joined[b.to as usize].push(b.from);
            }
        }
        let mut inside = vec![false; joined.len()];
        let mut next: Vec<u32> = from.collect();
        while let Some(j) = next.pop() {
            if !std::mem::replace(&mut inside[j as usize], true) {
                next.extend(&joined[j as usize]);
            }
        }
        inside
    }

    /// Highest flow temperature of the plants, °C.
    fn flow_c(&self, plants: &[usize]) -> f64 {
        let of = |p: &usize| match self.net.branches[*p].kind {
            BranchKind::CirculationPressure { t_flow_c, .. }
            | BranchKind::CirculationFlow { t_flow_c, .. } => t_flow_c,
            BranchKind::Pipe { .. }
            | BranchKind::Valve { .. }
            | BranchKind::Pump(_)
            | BranchKind::Consumer(_)
            | BranchKind::HeatExchanger { .. }
            | BranchKind::PressureControl { .. }
            | BranchKind::FlowControl { .. } => None,
        };
        let hottest = plants.iter().filter_map(of).fold(f64::NEG_INFINITY, f64::max);
        if hottest.is_finite() { hottest } else { HeatOptions::default().design_supply_c }
    }

    fn consumers(
        &mut self,
        heat: &mut Heat<String, String>,
        supply: &[bool],
        back: &[bool],
        flow_c: f64,
    ) {
        let mut elsewhere = 0;
        // Heat and flow of all, for the return temperature that they come to.
        let (mut heat_w, mut flow_w_k) = (0.0, 0.0);
        for b in self.net.branches.iter().filter(|b| b.in_service) {
            let cp = |t_c: f64| self.net.fluid.capacity_between(flow_c, t_c);
            let (watts, mdot_cp) = match b.kind {
                BranchKind::Consumer(consumer) => match consumer {
                    Consumer::FlowAndDrop { mdot_kg_s, drop_k } => {
                        let flow = mdot_kg_s * cp(flow_c - drop_k);
                        (flow * drop_k, flow)
                    }
                    Consumer::FlowAndReturn { mdot_kg_s, return_c } => {
                        let flow = mdot_kg_s * cp(return_c);
                        (flow * (flow_c - return_c), flow)
                    }
                    Consumer::HeatAndFlow { heat_w, mdot_kg_s } => (heat_w, mdot_kg_s * cp(50.0)),
                    Consumer::HeatAndDrop { heat_w, drop_k } => (heat_w, heat_w / drop_k),
                    Consumer::HeatAndReturn { heat_w, return_c } => {
                        (heat_w, heat_w / (flow_c - return_c).max(1.0))
                    }
                    Consumer::Radiator { heat_w, .. } => (heat_w, 0.0),
                },
                BranchKind::HeatExchanger { heat_w, .. } if heat_w > 0.0 => (heat_w, 0.0),
                BranchKind::HeatExchanger { .. }
                | BranchKind::Pipe { .. }
                | BranchKind::Valve { .. }
                | BranchKind::Pump(_)
                | BranchKind::CirculationPressure { .. }
                | BranchKind::CirculationFlow { .. }
                | BranchKind::PressureControl { .. }
                | BranchKind::FlowControl { .. } => continue,
            };
            let across = supply[b.from as usize] && back[b.to as usize];
            if !(across && watts.is_finite() && watts > 0.0) {
                elsewhere += 1;
                continue;
            }
            heat_w += if mdot_cp > 0.0 { watts } else { 0.0 };
            flow_w_k += mdot_cp;
            heat.substations.push(HeatSubstation {
                id: b.id.clone(),
                junction: self.net.junctions[b.from as usize].id.clone(),
                design_mw: watts * 1e-6,
                hot_water_mw: 0.0,
                bypass_share: 0.0,
            });
        }
        if elsewhere > 0 {
            let message = format!(
                "{elsewhere} consumers take no heat or do not lead from supply to return: left out"
            );
            self.tell(Severity::Warning, message);
        }
        if flow_w_k > 0.0 {
            heat.options.design_return_c = flow_c - heat_w / flow_w_k;
        }
    }

    fn plants(&mut self, heat: &mut Heat<String, String>, plants: &[usize]) {
        let asked_mw: f64 = heat.substations.iter().map(|s| s.design_mw).sum();
        let o = &heat.options;
        let above_k = (o.design_supply_c - o.ground_c) + (o.design_return_c - o.ground_c);
        let lost_w: f64 = heat.pipes.iter().map(|p| p.loss_w_m_k * p.length_m * above_k).sum();
        let lost_mw = lost_w.max(0.0) * 1e-6;
        if lost_mw > asked_mw {
            let message = format!(
                "pipes lose {lost_mw:.3} MW at design temperatures, consumers ask for \
                 {asked_mw:.3} MW: are the losses per area of the pipes meant?"
            );
            self.tell(Severity::Warning, message);
        }
        let share_mw = PLANT_MARGIN * (asked_mw + lost_mw) / plants.len() as f64;
        let mut assumed = 0;
        for &p in plants {
            let b = &self.net.branches[p];
            let (lift_bar, limit_w) = match b.kind {
                BranchKind::CirculationPressure { lift_bar, heat_max_w, .. } => {
                    (Some(lift_bar), heat_max_w)
                }
                BranchKind::CirculationFlow { heat_max_w, .. } => (None, heat_max_w),
                BranchKind::Pipe { .. }
                | BranchKind::Valve { .. }
                | BranchKind::Pump(_)
                | BranchKind::Consumer(_)
                | BranchKind::HeatExchanger { .. }
                | BranchKind::PressureControl { .. }
                | BranchKind::FlowControl { .. } => continue,
            };
            let lift_bar = lift_bar.unwrap_or_else(|| self.lift_of_pumps_bar());
            let head_m = lift_bar * 1e5 / (self.net.fluid.density_kg_m3.at(70.0) * GRAVITY_M_S2);
            assumed += usize::from(!limit_w.is_finite());
            heat.plants.push(Plant {
                id: b.id.clone(),
                name: String::new(),
                kind: PlantKind::BoilerHouse,
                junction: self.net.junctions[b.to as usize].id.clone(),
                heat_max_mw: if limit_w.is_finite() { limit_w * 1e-6 } else { share_mw },
                generator: None,
                power_to_heat: 0.0,
                power_loss_per_heat: 0.0,
                operating_mw: Vec::new(),
                efficiency: EFFICIENCY,
                // The file's lift is that at design flow.
                pump_head_m: head_m / (1.0 - PUMP_FALL),
                fuel_h: f64::INFINITY,
                position: None,
                facility: None,
            });
        }
        if assumed > 0 {
            let message = format!(
                "the file sets no limit to the heat of {assumed} plants: {PLANT_MARGIN} times \
                 what consumers ask for and pipes lose is taken"
            );
            self.tell(Severity::Note, message);
        }
    }

    /// Lift of all pumps in the net, for plants that state a flow only; 5 bar without any.
    fn lift_of_pumps_bar(&self) -> f64 {
        let lifts = self.net.branches.iter().filter_map(|b| {
            if let BranchKind::Pump(PumpLift::Fixed(bar)) = &b.kind { Some(*bar) } else { None }
        });
        let sum: f64 = lifts.sum();
        if sum > 0.0 { sum } else { 5.0 }
    }

    fn options(&mut self, heat: &mut Heat<String, String>, flow_c: f64, around: (f64, f64)) {
        let o = &mut heat.options;
        o.design_supply_c = flow_c;
        o.min_supply_c = LEAST_SUPPLY_C.min(flow_c);
        if o.design_return_c >= flow_c {
            o.design_return_c = 0.5 * (flow_c + 20.0);
        }
        if around.0 > 0.0 {
            o.ground_c = around.1 / around.0;
        }
    }
}
