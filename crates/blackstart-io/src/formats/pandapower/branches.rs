//! Lines, impedances and switches with an impedance.

use blackstart::region::{Branch, BranchKind, Table};

use super::Reader;
use super::buses::{End, Switched};
use super::transformers::{NO_RATING, rating};
use crate::codes;
use crate::problem::Severity;

/// Resistance over reactance of switches, pandapower's `switch_rx_ratio`.
const SWITCH_RX: f64 = 2.0;

impl Reader<'_, '_> {
    pub(super) fn lines(&mut self) {
        let f = self.table("line");
        let needed = ["from_bus", "to_bus", "length_km", "r_ohm_per_km", "x_ohm_per_km"];
        if !f.require(&needed, &mut self.problems) {
            return;
        }
        let places = f.places(self.problems.file(), 0..f.len());
        self.sources.set_rows(Table::Branches, self.grid.branches.len(), places);
        let (mut limited, mut leaking) = (0, 0);
        for row in 0..f.len() {
            let (from, to, connected) =
                self.branch_ends(&f, row, ["from_bus", "to_bus"], (Switched::Line, ["from", "to"]));
            let p = &mut self.problems;
            let length = f.needed(row, "length_km", p);
            let parallel = f.number_or(row, "parallel", 1.0, p);
            let r_ohm = f.needed(row, "r_ohm_per_km", p) * length / parallel;
            let x_ohm = f.needed(row, "x_ohm_per_km", p) * length / parallel;
            let c_nf = f.number_or(row, "c_nf_per_km", 0.0, p) * length * parallel;
            let g_us = f.number_or(row, "g_us_per_km", 0.0, p) * length * parallel;
            let max_i_ka = f.number(row, "max_i_ka", p).unwrap_or(f64::INFINITY);
            let df = f.number_or(row, "df", 1.0, p);
            let percent = f.number(row, "max_loading_percent", p).unwrap_or(100.0);
            limited += usize::from(percent != 100.0);
            let in_service = f.flag(row, "in_service", true, p) && connected;
            let (id, kind) = (Self::id(&f, row), f.text(row, "type"));
            let (Some(mut from), Some(mut to)) = (from, to) else { continue };
            let base_ohm = from.base_kv.powi(2) / self.grid.base_mva;
            self.open_at_dead_bus(&id, in_service, &mut from, &mut to);
            if in_service && g_us != 0.0 {
                leaking += 1;
                for end in [&from, &to] {
                    let half_pu = g_us * 1e-6 * base_ohm / 2.0;
                    self.grid.buses[end.at].shunt_g_mw += half_pu * self.grid.base_mva;
                }
            }
            let amps = max_i_ka * df * parallel;
            let rate = if max_i_ka >= NO_RATING {
                f64::INFINITY
            } else {
                rating(amps * from.base_kv * 3f64.sqrt())
            };
            self.grid.branches.push(Branch {
                id,
                kind: if kind == "cs" { BranchKind::Cable } else { BranchKind::Line },
                from: from.id,
                to: to.id,
                r_pu: r_ohm / base_ohm,
                x_pu: x_ohm / base_ohm,
                b_pu: std::f64::consts::TAU * self.f_hz * c_nf * 1e-9 * base_ohm,
                rate_mva: rate,
                in_service,
                ..Branch::default()
            });
        }
        if limited > 0 {
            let message = format!(
                "`max_loading_percent` of {limited} lines is not used: ratings are those of their \
                 currents"
            );
            self.remark(Severity::Note, codes::NOT_SIMULATED, "line", message);
        }
        if leaking > 0 {
            let message = format!(
                "the conductances of {leaking} lines stand at their end buses, and stay there \
                 when a line fails"
            );
            self.remark(Severity::Note, codes::ASSUMED, "line", message);
        }
    }

    /// A line in service between a live bus and one out of service charges from the live
    /// one: it gets a bus of its own at the dead end.
    fn open_at_dead_bus(&mut self, id: &str, in_service: bool, from: &mut End, to: &mut End) {
        if !in_service {
            return;
        }
        match (self.bus_up(from), self.bus_up(to)) {
            (true, false) => *to = self.own_bus(format!("{id}:to"), to),
            (false, true) => *from = self.own_bus(format!("{id}:from"), from),
            _ => {}
        }
    }

    pub(super) fn impedances(&mut self) {
        let f = self.table("impedance");
        if !f.require(&["from_bus", "to_bus", "sn_mva"], &mut self.problems) {
            return;
        }
        let places = f.places(self.problems.file(), 0..f.len());
        self.sources.set_rows(Table::Branches, self.grid.branches.len(), places);
        for row in 0..f.len() {
            let (from, to) = (self.bus_of(&f, row, "from_bus"), self.bus_of(&f, row, "to_bus"));
            let p = &mut self.problems;
            let scale = self.grid.base_mva / f.positive(row, "sn_mva", p);
            // Version 1 had one r_pu and x_pu for both directions.
            let old = [f.number_or(row, "r_pu", 0.0, p), f.number_or(row, "x_pu", 0.0, p)];
            let [rft, rtf] = ["rft_pu", "rtf_pu"].map(|c| f.number_or(row, c, old[0], p) * scale);
            let [xft, xtf] = ["xft_pu", "xtf_pu"].map(|c| f.number_or(row, c, old[1], p) * scale);
            let [gf, gt] = ["gf_pu", "gt_pu"].map(|c| f.number_or(row, c, 0.0, p) / scale);
            let [bf, bt] = ["bf_pu", "bt_pu"].map(|c| f.number_or(row, c, 0.0, p) / scale);
            let in_service = f.flag(row, "in_service", true, p);
            if f.has("rtf_pu") && (rft != rtf || xft != xtf) {
                let message = format!(
                    "{} has other values from its end to its beginning; those from its beginning \
                     to its end are taken for both",
                    f.who(row)
                );
                let what = (Severity::Warning, codes::ASSUMED);
                f.tell(p, what, row, Some("rtf_pu"), message, None);
            }
            let (Some(from), Some(to)) = (from, to) else { continue };
            if in_service && self.bus_up(&from) && self.bus_up(&to) {
                for (end, g, b) in [(&from, gf, 0.0), (&to, gt, bt - bf)] {
                    let bus = &mut self.grid.buses[end.at];
                    bus.shunt_g_mw += g * self.grid.base_mva;
                    bus.shunt_b_mvar += b * self.grid.base_mva;
                }
            }
            let differ = (from.base_kv - to.base_kv).abs() > 1e-9 * from.base_kv;
            self.grid.branches.push(Branch {
                id: Self::id(&f, row),
                kind: if differ { BranchKind::Transformer } else { BranchKind::Line },
                from: from.id,
                to: to.id,
                r_pu: rft,
                x_pu: xft,
                b_pu: 2.0 * bf,
                in_service,
                ..Branch::default()
            });
        }
    }

    /// Closed switches between buses that have an impedance.
    pub(super) fn switch_impedances(&mut self) {
        for switch in std::mem::take(&mut self.buses.impedances) {
            let (from, to) = (self.end_at(switch.rows.0), self.end_at(switch.rows.1));
            if from.at == to.at {
                continue;
            }
            let z_pu = switch.z_ohm / from.base_kv.powi(2) * self.grid.base_mva;
            let share = (1.0 + SWITCH_RX * SWITCH_RX).sqrt();
            self.grid.branches.push(Branch {
                id: switch.id,
                from: from.id,
                to: to.id,
                r_pu: z_pu * SWITCH_RX / share,
                x_pu: z_pu / share,
                ..Branch::default()
            });
        }
    }
}
