//! Everything between two junctions.

use std::collections::HashMap;
use std::f64::consts::PI;

use blackstart::heat::net::{BranchKind, Consumer, Junction, PumpLift};

use super::{Reader, ZERO_C_K, fluid};
use crate::codes;
use crate::formats::json::Node;
use crate::formats::pandapower::frame::Frame;
use crate::problem::Severity;

const ENDS: [&str; 2] = ["from_junction", "to_junction"];

impl<'t> Reader<'t, '_> {
    /// A table whose rows name two junctions; empty if columns are missing.
    fn between(&mut self, name: &'static str, columns: &[&str]) -> Frame<'t> {
        let f = self.table(name);
        if f.require(&[&ENDS, columns].concat(), &mut self.problems) {
            f
        } else {
            Frame::empty(self.text, name)
        }
    }

    fn ends(&mut self, f: &Frame<'_>, row: usize) -> (u32, u32) {
        (self.junction(f, row, ENDS[0]), self.junction(f, row, ENDS[1]))
    }

    pub(super) fn read_pipes(&mut self) {
        let f = self.between("pipe", &["length_km", "inner_diameter_mm"]);
        for row in 0..f.len() {
            let ends = self.ends(&f, row);
            let p = &mut self.problems;
            let inner_mm = f.positive(row, "inner_diameter_mm", p);
            let outer_mm = f.number_or(row, "outer_diameter_mm", inner_mm, p);
            let ambient_c = f.number(row, "text_k", p).map_or(self.net.ambient_c, |t| t - ZERO_C_K);
            let kind = BranchKind::Pipe {
                length_m: f.needed(row, "length_km", p) * 1e3,
                diameter_m: inner_mm * 1e-3,
                roughness_m: f.number_or(row, "k_mm", 0.2, p) * 1e-3,
                loss_coefficient: f.number_or(row, "loss_coefficient", 0.0, p),
                loss_w_m_k: f.number_or(row, "u_w_per_m2k", 0.0, p) * PI * outer_mm * 1e-3,
                ambient_c,
                sections: f.number_or(row, "sections", 1.0, p).clamp(1.0, 1e4) as u32,
            };
            if f.number_or(row, "qext_w", 0.0, p) != 0.0 {
                let message = format!("`qext_w` of {} is not simulated", f.who(row));
                let what = (Severity::Warning, codes::NOT_SIMULATED);
                f.tell(p, what, row, Some("qext_w"), message, None);
            }
            let on = f.flag(row, "in_service", true, p);
            self.pipes.insert(f.index[row], self.net.branches.len());
            self.push(&f, row, ends, on, kind);
        }
    }

    /// Valves between junctions, and at the ends of pipes.
    pub(super) fn read_valves(&mut self) {
        let f = self.table("valve");
        if !f.require(&["junction", "element", "inner_diameter_mm"], &mut self.problems) {
            return;
        }
        let mut within: HashMap<(u32, i64), u32> = HashMap::new();
        for row in 0..f.len() {
            let from = self.junction(&f, row, "junction");
            let to = if f.text(row, "et") == "pi" {
                self.pipe_end(&f, row, from, &mut within)
            } else {
                self.junction(&f, row, "element")
            };
            let p = &mut self.problems;
            let kind = BranchKind::Valve {
                diameter_m: f.positive(row, "inner_diameter_mm", p) * 1e-3,
                loss_coefficient: f.number_or(row, "loss_coefficient", 0.0, p),
            };
            let on = f.flag(row, "opened", true, p) && f.flag(row, "in_service", true, p);
            self.push(&f, row, (from, to), on, kind);
        }
    }

    /// A junction between a valve and the pipe at whose end it sits.
    fn pipe_end(
        &mut self,
        f: &Frame<'_>,
        row: usize,
        at: u32,
        within: &mut HashMap<(u32, i64), u32>,
    ) -> u32 {
        let Some(index) = f.index_at(row, "element", &mut self.problems) else { return at };
        if let Some(&inner) = within.get(&(at, index)) {
            return inner;
        }
        let branch = self.pipes.get(&index).map(|&b| &mut self.net.branches[b]);
        let end = branch.and_then(|b| {
            if b.from == at {
                Some(&mut b.from)
            } else if b.to == at {
                Some(&mut b.to)
            } else {
                None
            }
        });
        let Some(end) = end else {
            let message = format!("{} sits at pipe {index}, which does not end there", f.who(row));
            let what = (Severity::Error, "unknown-reference");
            f.tell(&mut self.problems, what, row, Some("element"), message, None);
            return at;
        };
        let inner = u32::try_from(self.net.junctions.len()).unwrap_or(u32::MAX);
        *end = inner;
        let at_junction = self.net.junctions[at as usize].clone();
        self.net
            .junctions
            .push(Junction { id: format!("valve{}.pipe{index}", f.index[row]), ..at_junction });
        within.insert((at, index), inner);
        inner
    }

    pub(super) fn read_pumps(&mut self) {
        let f = self.between("pump", &["std_type"]);
        let types = self.file_net.get("std_types").or_else(|| self.file_net.get("std_type"));
        let pumps = types.and_then(fluid::content).and_then(|t| t.get("pump").cloned());
        let density_kg_m3 = self.net.fluid.density_kg_m3.at(0.0);
        for row in 0..f.len() {
            let ends = self.ends(&f, row);
            let name = f.text(row, "std_type");
            let curve = pumps.as_ref().and_then(|p| p.get(&name)).and_then(fluid::content);
            let coefficients =
                curve.as_ref().and_then(|c| c.get("reg_par")).and_then(fluid::numbers);
            let coefficients = coefficients.unwrap_or_else(|| {
                let message = format!("{} has no curve: type `{name}` is not known", f.who(row));
                let what = (Severity::Error, "unknown-reference");
                f.tell(&mut self.problems, what, row, Some("std_type"), message, None);
                Vec::new()
            });
            let on = f.flag(row, "in_service", true, &mut self.problems);
            let lift = PumpLift::Curve { coefficients, density_kg_m3 };
            self.push(&f, row, ends, on, BranchKind::Pump(lift));
        }
    }

    /// Circulation pumps, which are the plants.
    pub(super) fn read_plants(&mut self) {
        for table in ["circ_pump_pressure", "circ_pump_mass"] {
            let f = self.table(table);
            let own = if table == "circ_pump_mass" { "mdot_flow_kg_per_s" } else { "plift_bar" };
            let wanted = ["return_junction", "flow_junction", own];
            if !f.require(&wanted, &mut self.problems) {
                continue;
            }
            for row in 0..f.len() {
                let from = self.junction(&f, row, "return_junction");
                let to = self.junction(&f, row, "flow_junction");
                let p = &mut self.problems;
                let word = f.text(row, "type");
                let holds = |c: char| word.is_empty() || word == "auto" || word.contains(c);
                let p_flow_bar = f.number(row, "p_flow_bar", p).filter(|_| holds('p'));
                let t_flow_c =
                    f.number(row, "t_flow_k", p).filter(|_| holds('t')).map(|t| t - ZERO_C_K);
                let heat_max_w = f64::INFINITY;
                let value = f.needed(row, own, p);
                let kind = if table == "circ_pump_mass" {
                    BranchKind::CirculationFlow {
                        mdot_kg_s: value,
                        p_flow_bar,
                        t_flow_c,
                        heat_max_w,
                    }
                } else {
                    BranchKind::CirculationPressure {
                        lift_bar: value,
                        p_flow_bar,
                        t_flow_c,
                        heat_max_w,
                    }
                };
                let on = f.flag(row, "in_service", true, p);
                self.push(&f, row, (from, to), on, kind);
            }
        }
    }

    pub(super) fn read_consumers(&mut self) {
        let f = self.between("heat_consumer", &[]);
        for row in 0..f.len() {
            let ends = self.ends(&f, row);
            let p = &mut self.problems;
            let heat_w = f.number(row, "qext_w", p);
            let mdot = f.number(row, "controlled_mdot_kg_per_s", p);
            let drop = f.number(row, "deltat_k", p);
            let return_c = f.number(row, "treturn_k", p).map(|t| t - ZERO_C_K);
            let consumer = match (heat_w, mdot, drop, return_c) {
                (Some(heat_w), Some(mdot_kg_s), None, None) => {
                    Consumer::HeatAndFlow { heat_w, mdot_kg_s }
                }
                (Some(heat_w), None, Some(drop_k), None) => {
                    Consumer::HeatAndDrop { heat_w, drop_k }
                }
                (Some(heat_w), None, None, Some(return_c)) => {
                    Consumer::HeatAndReturn { heat_w, return_c }
                }
                (None, Some(mdot_kg_s), Some(drop_k), None) => {
                    Consumer::FlowAndDrop { mdot_kg_s, drop_k }
                }
                (None, Some(mdot_kg_s), None, Some(return_c)) => {
                    Consumer::FlowAndReturn { mdot_kg_s, return_c }
                }
                _ => {
                    let message = format!(
                        "{} must have two of heat, flow, difference and return temperature, one \
                         of the first two among them",
                        f.who(row)
                    );
                    let what = (Severity::Error, "contradiction");
                    f.tell(p, what, row, None, message, None);
                    continue;
                }
            };
            let on = f.flag(row, "in_service", true, p);
            self.push(&f, row, ends, on, BranchKind::Consumer(consumer));
        }
    }

    pub(super) fn read_exchangers(&mut self) {
        let f = self.between("heat_exchanger", &["qext_w"]);
        for row in 0..f.len() {
            let ends = self.ends(&f, row);
            let p = &mut self.problems;
            let kind = BranchKind::HeatExchanger {
                diameter_m: f.number_or(row, "inner_diameter_mm", 100.0, p).max(1e-3) * 1e-3,
                loss_coefficient: f.number_or(row, "loss_coefficient", 0.0, p),
                heat_w: f.number_or(row, "qext_w", 0.0, p),
            };
            let on = f.flag(row, "in_service", true, p);
            self.push(&f, row, ends, on, kind);
        }
    }

    pub(super) fn read_controls(&mut self) {
        let f = self.between("press_control", &["controlled_junction", "controlled_p_bar"]);
        for row in 0..f.len() {
            let ends = self.ends(&f, row);
            let junction = self.junction(&f, row, "controlled_junction");
            let p = &mut self.problems;
            let kind = if f.flag(row, "control_active", true, p) {
                BranchKind::PressureControl {
                    junction,
                    p_bar: f.needed(row, "controlled_p_bar", p),
                }
            } else {
                // The diameter that pandapipes takes for it.
                BranchKind::Valve {
                    diameter_m: 0.1,
                    loss_coefficient: f.number_or(row, "loss_coefficient", 0.0, p),
                }
            };
            let on = f.flag(row, "in_service", true, p);
            self.push(&f, row, ends, on, kind);
        }
        let f = self.between("flow_control", &["controlled_mdot_kg_per_s"]);
        for row in 0..f.len() {
            let ends = self.ends(&f, row);
            let p = &mut self.problems;
            let kind = if f.flag(row, "control_active", true, p) {
                BranchKind::FlowControl { mdot_kg_s: f.needed(row, "controlled_mdot_kg_per_s", p) }
            } else {
                BranchKind::Valve { diameter_m: 0.1, loss_coefficient: 0.0 }
            };
            let on = f.flag(row, "in_service", true, p);
            self.push(&f, row, ends, on, kind);
        }
        if self.file_net.get("compressor").is_some_and(|n: &Node| n.object().is_some()) {
            let rows = self.table("compressor").len();
            if rows > 0 {
                let message = format!("table `compressor` ({rows} rows) is not simulated");
                self.remark("compressor", Severity::Warning, message);
            }
        }
    }
}
