//! Switched shunts, substations, and the sections that are read past.

use blackstart::region::Position;

use super::build::Builder;
use super::lines::{Field, Fields};
use super::sections::{self, Kind};

/// A field of a line that has the same fields in all revisions.
fn field(at: usize, name: &'static str) -> Field {
    Field { at, name }
}

impl Builder<'_> {
    pub(super) fn switched_shunts(&mut self) {
        let mut at = None;
        while let Some(r) = self.record() {
            let [i, mode, stat, binit] = *at.get_or_insert_with(|| {
                self.fields(
                    sections::switched_shunt(self.revision),
                    [&["I"], &["MODSW"], &["STAT", "ST", "STATUS"], &["BINIT"]],
                )
            });
            let Some(row) = self.bus_row(&r, i) else { continue };
            let b_mvar = self.number(&r, binit, 0.0);
            if self.number(&r, stat, 1.0) == 0.0 {
                self.note("switched shunts out of service are left out", r.line);
                continue;
            }
            if self.number(&r, mode, 1.0) != 0.0 {
                self.note("switched shunts stay at their initial value (BINIT)", r.line);
            }
            self.bus_at(row).shunt_b_mvar += b_mvar;
        }
    }

    /// Substations place their buses; their switches are not simulated.
    pub(super) fn substations(&mut self) {
        while let Some(r) = self.record() {
            let lat_deg = self.number(&r, field(2, "LATI"), 0.0);
            let lon_deg = self.number(&r, field(3, "LONG"), 0.0);
            let known = (lat_deg != 0.0 || lon_deg != 0.0)
                && (-90.0..=90.0).contains(&lat_deg)
                && (-180.0..=180.0).contains(&lon_deg);
            while let Some(node) = self.record() {
                let Some(row) = self.bus_row(&node, field(2, "I")) else { continue };
                if known {
                    self.bus_at(row).position = Some(Position { lon_deg, lat_deg });
                }
            }
            while !self.ended
                && let Some(device) = self.record()
            {
                self.note("switches within substations are not simulated", device.line);
            }
            while !self.ended && self.record().is_some() {}
            if self.ended {
                return;
            }
        }
    }

    /// Reads past a section, counting its records where they have an effect on flows.
    pub(super) fn not_used(&mut self, kind: Kind) {
        while let Some(r) = self.record() {
            match kind {
                Kind::Correction => self.correction(&r),
                Kind::MultiTerminalDc => {
                    self.note("direct-current lines of many terminals are left out", r.line);
                    let rest: f64 =
                        [1, 2, 3].map(|at| self.number(&r, field(at, "N"), 0.0)).iter().sum();
                    self.skip(&r, rest);
                }
                Kind::Gne => {
                    self.note("generic network elements are left out", r.line);
                    let terminals = self.number(&r, field(2, "NTERM"), 1.0);
                    let counts = [0, 1, 2].map(|k| {
                        let at = 3 + terminals.clamp(1.0, 2.0) as usize + k;
                        (self.number(&r, field(at, "N"), 0.0) / 10.0).ceil()
                    });
                    self.skip(&r, 1.0 + counts.iter().sum::<f64>());
                }
                Kind::Facts => self.note("FACTS devices are left out", r.line),
                Kind::Induction => self.note("induction machines are left out", r.line),
                Kind::Area => {
                    let target = self.number(&r, field(2, "PDES"), 0.0);
                    if target != 0.0 {
                        self.note("interchange between areas is not held", r.line);
                    }
                }
                // Labels, groups of branches that are read as such, and solver settings.
                Kind::Identification
                | Kind::SystemWide
                | Kind::Bus
                | Kind::Load
                | Kind::FixedShunt
                | Kind::Generator
                | Kind::Branch
                | Kind::Switch
                | Kind::Transformer
                | Kind::TwoTerminalDc
                | Kind::Vsc
                | Kind::MultiSection
                | Kind::Zone
                | Kind::Transfer
                | Kind::Owner
                | Kind::SwitchedShunt
                | Kind::Substation => {}
            }
        }
    }

    /// From revision 34 on a table goes over lines until a point of zeros.
    fn correction(&mut self, first: &Fields<'_>) {
        if self.revision < 34 {
            return;
        }
        let zero =
            |r: &Fields<'_>, at: usize| super::lines::number(r.raw(at)).is_some_and(|x| x == 0.0);
        let ends = |r: &Fields<'_>, from: usize| {
            (from..r.len()).step_by(3).any(|k| zero(r, k) && zero(r, k + 1) && zero(r, k + 2))
        };
        let mut done = ends(first, 1);
        while !done {
            let Some(line) = self.more(first) else { return };
            done = ends(&line, 0);
        }
    }

    fn skip(&mut self, first: &Fields<'_>, lines: f64) {
        // What a broken count asks for ends with the file.
        for _ in 0..lines.clamp(0.0, 1e6) as usize {
            if self.more(first).is_none() {
                return;
            }
        }
    }
}
