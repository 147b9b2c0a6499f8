//! Direct-current lines of two terminals.
//!
//! A line is what its schedule says: the power taken at one end, and losses that are the
//! share of it which the schedule's current loses.

use blackstart::region::{DcLine, Table};

use super::build::Builder;
use super::lines::{Field, Fields};
use crate::codes;
use crate::problem::Severity;

const FIELDS: &[&str] = &["id", "from", "to", "p_mw"];

/// A field of a line that has the same fields in all revisions.
fn field(at: usize, name: &'static str) -> Field {
    Field { at, name }
}

impl Builder<'_> {
    pub(super) fn two_terminal_dc(&mut self) {
        while let Some(r) = self.record() {
            let Some(rectifier) = self.more(&r) else { return };
            let Some(inverter) = self.more(&r) else { return };
            let from = self.bus(&rectifier, field(0, "IPR"));
            let to = self.bus(&inverter, field(0, "IPI"));
            let (Some(from), Some(to)) = (from, to) else { continue };
            let mode = self.number(&r, field(1, "MDC"), 0.0);
            let ohm = self.number(&r, field(2, "RDC"), 0.0);
            let set = self.number(&r, field(3, "SETVL"), 0.0);
            let kv = self.number(&r, field(4, "VSCHD"), 0.0);
            // In kA: the set value itself, or what carries the power at the scheduled
            // voltage of the inverter.
            let ka = match mode {
                2.0 => set.abs() / 1000.0,
                _ if kv <= 0.0 => 0.0,
                _ if set > 0.0 && ohm > 0.0 => {
                    ((kv * kv + 4.0 * ohm * set).sqrt() - kv) / (2.0 * ohm)
                }
                _ => set.abs() / kv,
            };
            let loss_mw = ohm * ka * ka;
            let p_mw = match mode {
                2.0 => ka * kv + loss_mw,
                _ if set < 0.0 => -set + loss_mw,
                _ => set,
            };
            // The reactive power that converters take at their least firing angle, and with
            // an overlap of 60 degrees at the largest (Kimbark, "Direct Current
            // Transmission", 1971), as MATPOWER has it.
            let mut reactive = |line: &Fields<'_>| {
                let largest = self.number(line, field(2, "ANMX"), 0.0).to_radians();
                let least = self.number(line, field(3, "ANMN"), 0.0).to_radians();
                let overlap = (0.5 * (largest.cos() + 0.5)).acos();
                (-(p_mw * overlap.tan()).abs(), -(p_mw * least.tan()).abs())
            };
            let limits = (reactive(&rectifier), reactive(&inverter));
            self.note("direct-current lines keep their schedule; converters take reactive power within limits and hold voltages", r.line);
            let vm = |bus| self.known(bus).map_or(1.0, |b| b.vm_pu);
            let (vm_from_pu, vm_to_pu) = (vm(from), vm(to));
            self.place(Table::DcLines, FIELDS, &r, &[field(0, "NAME"); 4]);
            let line = DcLine {
                id: self.id(format!("dc{from}-{to}"), ""),
                from: from.to_string(),
                to: to.to_string(),
                p_mw,
                vm_from_pu,
                vm_to_pu,
                q_from_limits_mvar: limits.0,
                q_to_limits_mvar: limits.1,
                p_min_mw: 0.0,
                p_max_mw: p_mw,
                loss_share: if p_mw > 0.0 { loss_mw / p_mw } else { 0.0 },
                in_service: mode != 0.0,
                ..DcLine::default()
            };
            self.grid.dc_lines.push(line);
        }
    }

    pub(super) fn vsc(&mut self) {
        while let Some(r) = self.record() {
            let Some(first) = self.more(&r) else { return };
            let Some(second) = self.more(&r) else { return };
            let [a, b] = [&first, &second].map(|line| self.converter(line));
            let (Some(a), Some(b)) = (a, b) else { continue };
            // One converter holds the voltage of the line, the other its power; that one's
            // power is counted into its bus.
            let (holds, sets) = if a.kind == 1.0 { (a, b) } else { (b, a) };
            let mode = self.number(&r, field(1, "MDC"), 1.0);
            let ohm = self.number(&r, field(2, "RDC"), 0.0);
            let loss_mw = (a.losses.0 + b.losses.0) * 1e-3;
            let kv = holds.set.abs();
            let ka = if kv > 0.0 { sets.set.abs() / kv } else { 0.0 };
            // kW per A is MW per kA.
            let share = if kv > 0.0 { (a.losses.1 + b.losses.1 + ohm * ka) / kv } else { 0.0 };
            let share = if (0.0..1.0).contains(&share) {
                share
            } else {
                let text = "the losses of this direct-current line are no share of its power, and are left out";
                self.problems.add(Severity::Warning, codes::IGNORED, (r.line, 0), text);
                0.0
            };
            let (from, to, p_mw) = if sets.set > 0.0 {
                (holds, sets, (sets.set + loss_mw) / (1.0 - share))
            } else {
                (sets, holds, -sets.set)
            };
            self.note("direct-current lines of voltage source converters keep their schedule; their losses follow it", r.line);
            let largest = [a.largest_mva, b.largest_mva].into_iter().filter(|s| *s > 0.0);
            let p_max_mw = largest.fold(f64::INFINITY, f64::min);
            self.place(Table::DcLines, FIELDS, &r, &[field(0, "NAME"); 4]);
            let line = DcLine {
                id: self.id(format!("dc{}-{}", from.bus, to.bus), ""),
                from: from.bus.to_string(),
                to: to.bus.to_string(),
                p_mw,
                vm_from_pu: from.vm_pu,
                vm_to_pu: to.vm_pu,
                q_from_limits_mvar: from.q_limits,
                q_to_limits_mvar: to.q_limits,
                p_min_mw: 0.0,
                p_max_mw: if p_max_mw.is_finite() { p_max_mw.max(p_mw) } else { p_mw },
                loss_mw,
                loss_share: share,
                in_service: mode != 0.0 && a.kind != 0.0 && b.kind != 0.0,
                ..DcLine::default()
            };
            self.grid.dc_lines.push(line);
        }
    }

    fn converter(&mut self, line: &Fields<'_>) -> Option<Converter> {
        let bus = self.bus(line, field(0, "IBUS"))?;
        let mode = self.number(line, field(2, "MODE"), 1.0);
        let ac = self.number(line, field(4, "ACSET"), 1.0);
        let own_vm = self.known(bus).map_or(1.0, |b| b.vm_pu);
        let constant = self.number(line, field(5, "ALOSS"), 0.0);
        let least = self.number(line, field(7, "MINLOSS"), 0.0);
        Some(Converter {
            bus,
            kind: self.number(line, field(1, "TYPE"), 0.0),
            set: self.number(line, field(3, "DCSET"), 0.0),
            vm_pu: if mode == 1.0 { ac } else { own_vm },
            losses: (constant.max(least), self.number(line, field(6, "BLOSS"), 0.0)),
            largest_mva: self.number(line, field(8, "SMAX"), 0.0),
            q_limits: (
                self.number(line, field(12, "MINQ"), -9999.0),
                self.number(line, field(11, "MAXQ"), 9999.0),
            ),
        })
    }
}

/// One converter of a line.
#[derive(Clone, Copy)]
struct Converter {
    bus: u64,
    /// 0 out of service, 1 holds the line's voltage, 2 its power.
    kind: f64,
    /// kV or MW.
    set: f64,
    vm_pu: f64,
    /// Constant losses in kW, and those by current in kW per A.
    losses: (f64, f64),
    largest_mva: f64,
    /// Least and largest, `MVAr`.
    q_limits: (f64, f64),
}
