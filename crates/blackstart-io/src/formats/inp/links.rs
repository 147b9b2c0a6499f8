//! `[PIPES]`, `[PUMPS]`, `[VALVES]` and `[STATUS]`.

use std::collections::HashMap;

use blackstart::region::{
    HeadLoss, PipeStatus, PumpCurve, Table, ValveKind, ValveStatus, WaterEdge,
};

use super::lines::{Row, Section};
use super::tables::{CurveUse, Places};
use super::{Order, PipeRow, PumpRow, Reader, UNKNOWN_REFERENCE, ValveRow};
use crate::codes;
use crate::formats::collect::shorten;
use crate::problem::Severity;

/// `[STATUS]` rows may name ranges of links; all of them together may reach this many.
const MAX_RANGE_WORK: usize = 20_000_000;

/// Links by id, and in file order of their sections.
#[derive(Default)]
pub(super) struct LinkIds<'a> {
    by_id: HashMap<&'a str, WaterEdge>,
    list: Vec<(&'a str, WaterEdge)>,
}

impl<'a> LinkIds<'a> {
    pub fn get(&self, id: &str) -> Option<WaterEdge> {
        self.by_id.get(id).copied()
    }

    fn add(&mut self, id: &'a str, edge: WaterEdge) {
        self.by_id.entry(id).or_insert(edge);
        self.list.push((id, edge));
    }
}

impl<'a> Reader<'a> {
    /// False (and an error) when a link's row does not even name both nodes.
    fn has_nodes(&mut self, row: &Row<'a>) -> bool {
        if row.len() < 3 {
            let message = "a link has an id and two nodes";
            row.error(&mut self.problems, codes::SHORT_ROW, row.len(), message);
        }
        row.len() >= 3
    }

    pub(super) fn read_pipes(&mut self) {
        let mut places = Places::new(
            Table::Pipes,
            self,
            &["id", "from", "to", "length_m", "diameter_mm", "roughness", "minor_loss"],
        );
        let units = self.options.units;
        let roughness_unit = match self.options.water.head_loss {
            HeadLoss::DarcyWeisbach => units.roughness,
            HeadLoss::HazenWilliams | HeadLoss::ChezyManning => 1.0,
        };
        for row in self.sections.rows(Section::Pipes) {
            if !self.has_nodes(&row) {
                continue;
            }
            if row.len() < 6 {
                let message = "a pipe's row ends early; EPANET's length, diameter and roughness \
                               are taken for what is missing";
                let code = codes::ASSUMED;
                let at = row.len();
                row.problem(&mut self.problems, Severity::Warning, code, at, message, None);
            }
            let usual = usual_pipe(units.us, self.options.water.head_loss);
            let length = row.number_or(&mut self.problems, 3, usual[0], "the length");
            let diameter = row.number_or(&mut self.problems, 4, usual[1], "the diameter");
            let roughness = row.number_or(&mut self.problems, 5, usual[2], "the roughness");
            let (mut minor_loss, mut status) = (0.0, PipeStatus::Open);
            // The minor loss may be left out before a status.
            for i in 6..row.len().min(8) {
                match pipe_status(row.at(i)) {
                    Some(s) => status = s,
                    None if i == 6 => {
                        let x = row.number(&mut self.problems, 6, "the minor loss");
                        minor_loss = x.unwrap_or(0.0);
                    }
                    None => {
                        let message = format!("`{}` is not a status", shorten(row.at(i), 24));
                        let help = Some("OPEN, CLOSED or CV".to_owned());
                        let code = codes::BAD_WORD;
                        row.problem(&mut self.problems, Severity::Error, code, i, message, help);
                    }
                }
            }
            places.push(&row, &[0, 1, 2, 3, 4, 5, 6]);
            self.links.add(row.at(0), WaterEdge::Pipe(self.out.water.pipes.len() as u32));
            self.out.water.pipes.push(PipeRow {
                id: row.at(0).to_owned(),
                from: row.at(1).to_owned(),
                to: row.at(2).to_owned(),
                length_m: length.unwrap_or(f64::NAN) * units.length,
                diameter_mm: diameter.unwrap_or(f64::NAN) * units.diameter,
                roughness: roughness.unwrap_or(f64::NAN) * roughness_unit,
                minor_loss,
                status,
            });
        }
        places.finish(self);
    }

    pub(super) fn read_pumps(&mut self) {
        let mut places = Places::new(
            Table::Pumps,
            self,
            &["id", "from", "to", "curve_m3h_m", "power_kw", "speed", "pattern"],
        );
        for row in self.sections.rows(Section::Pumps) {
            if !self.has_nodes(&row) {
                continue;
            }
            let mut pump = PumpRow {
                id: row.at(0).to_owned(),
                from: row.at(1).to_owned(),
                to: row.at(2).to_owned(),
                curve: PumpCurve::Points(Vec::new()),
                speed: 1.0,
                pattern: None,
                on: true,
                facility: None,
            };
            // Tokens of curve, power, speed and pattern; 0 where there is none.
            let mut at = [usize::MAX; 4];
            if row.at(3).parse::<f64>().is_ok() {
                at[0] = 3;
                pump.curve = self.old_pump(&row);
            } else {
                self.pump_keywords(&row, &mut pump, &mut at);
            }
            places.push(&row, &[0, 1, 2, at[0], at[1], at[2], at[3]]);
            self.links.add(row.at(0), WaterEdge::Pump(self.out.water.pumps.len() as u32));
            self.out.water.pumps.push(pump);
        }
        places.finish(self);
    }

    fn pump_keywords(&mut self, row: &Row<'a>, pump: &mut PumpRow, at: &mut [usize; 4]) {
        let units = self.options.units;
        let mut i = 3;
        while i < row.len() {
            if i + 1 == row.len() {
                let message = format!("`{}` has no value", shorten(row.at(i), 24));
                row.error(&mut self.problems, codes::SHORT_ROW, i, message);
                break;
            }
            if row.says(i, "HEAD") {
                at[0] = i + 1;
                pump.curve = PumpCurve::Points(self.curve(
                    row,
                    i + 1,
                    (units.flow, units.length),
                    (CurveUse::Pump, row.at(0)),
                ));
            } else if row.says(i, "POWE") {
                at[1] = i + 1;
                let power = row.number(&mut self.problems, i + 1, "the power");
                pump.curve = PumpCurve::Power { kw: power.unwrap_or(f64::NAN) * units.power };
            } else if row.says(i, "SPEE") {
                at[2] = i + 1;
                pump.speed = row.number(&mut self.problems, i + 1, "the speed").unwrap_or(1.0);
            } else if row.says(i, "PATT") {
                at[3] = i + 1;
                pump.pattern = self.pattern(row, i + 1);
            } else {
                let words = ["HEAD", "POWER", "SPEED", "PATTERN"];
                let near = self.problems.nearest(Severity::Error, row.at(i), words);
                let help = near.map_or_else(
                    || "one of HEAD, POWER, SPEED, PATTERN".to_owned(),
                    |n| format!("did you mean {n}?"),
                );
                let message = format!("`{}` is not a pump's property", shorten(row.at(i), 24));
                let code = codes::UNKNOWN_KEY;
                row.problem(&mut self.problems, Severity::Error, code, i, message, Some(help));
            }
            i += 2;
        }
        if at[0] == usize::MAX && at[1] == usize::MAX {
            let message = format!("pump `{}` has neither HEAD nor POWER", shorten(row.at(0), 40));
            row.error(&mut self.problems, codes::MISSING_KEY, row.len(), message);
        }
    }

    /// The form of EPANET 1: power; or head and flow of one point; or head at no flow,
    /// head and flow of two more points.
    fn old_pump(&mut self, row: &Row<'a>) -> PumpCurve {
        let units = self.options.units;
        let mut x = Vec::new();
        for i in 3..row.len().min(8) {
            x.push(row.number(&mut self.problems, i, "the pump's curve").unwrap_or(f64::NAN));
        }
        let point = |flow: f64, head: f64| (flow * units.flow, head * units.length);
        match x.as_slice() {
            [power] => PumpCurve::Power { kw: power * units.power },
            [h1, q1] => PumpCurve::Points(vec![point(*q1, *h1)]),
            [h0, h1, q1, h2, q2] => {
                PumpCurve::Points(vec![point(0.0, *h0), point(*q1, *h1), point(*q2, *h2)])
            }
            _ => {
                let message = "a pump's numbers are its power, or one point, or three points";
                row.error(&mut self.problems, codes::SHORT_ROW, 3, message);
                PumpCurve::Points(Vec::new())
            }
        }
    }

    pub(super) fn read_valves(&mut self) {
        let mut places = Places::new(
            Table::Valves,
            self,
            &["id", "from", "to", "diameter_mm", "kind", "setting", "minor_loss", "curve_m3h_m"],
        );
        let units = self.options.units;
        for row in self.sections.rows(Section::Valves) {
            if !self.has_nodes(&row) {
                continue;
            }
            let diameter = row.number(&mut self.problems, 3, "the diameter");
            let Some(kind) = self.valve_kind(&row) else { continue };
            let (mut setting, mut curve) = (0.0, Vec::new());
            if kind == ValveKind::Gpv {
                let user = (CurveUse::Valve, row.at(0));
                curve = self.curve(&row, 5, (units.flow, units.length), user);
            } else if row.len() > 5 {
                let x = row.number(&mut self.problems, 5, "the setting").unwrap_or(f64::NAN);
                setting = x * self.setting_unit(kind);
            } else {
                let message = "the valve has no setting; 0 is taken, as in EPANET";
                let code = codes::ASSUMED;
                row.problem(&mut self.problems, Severity::Warning, code, 5, message, None);
            }
            let minor_loss = row.number_or(&mut self.problems, 6, 0.0, "the minor loss");
            if kind == ValveKind::Pcv && row.len() > 7 {
                curve = self.curve(&row, 7, (1.0, 1.0), (CurveUse::Valve, row.at(0)));
                setting = setting.min(100.0);
            }
            let curve_at = if kind == ValveKind::Gpv { 5 } else { 7 };
            places.push(&row, &[0, 1, 2, 3, 4, 5, 6, curve_at]);
            self.links.add(row.at(0), WaterEdge::Valve(self.out.water.valves.len() as u32));
            self.out.water.valves.push(ValveRow {
                id: row.at(0).to_owned(),
                from: row.at(1).to_owned(),
                to: row.at(2).to_owned(),
                kind,
                diameter_mm: diameter.unwrap_or(f64::NAN) * units.diameter,
                setting,
                curve,
                minor_loss: minor_loss.unwrap_or(0.0),
                status: ValveStatus::Active,
            });
        }
        places.finish(self);
    }

    fn valve_kind(&mut self, row: &Row<'a>) -> Option<ValveKind> {
        let kind = match row.at(4).to_ascii_uppercase().as_str() {
            "PRV" => ValveKind::Prv,
            "PSV" => ValveKind::Psv,
            "PBV" => ValveKind::Pbv,
            "FCV" => ValveKind::Fcv,
            "TCV" => ValveKind::Tcv,
            "GPV" => ValveKind::Gpv,
            "PCV" => ValveKind::Pcv,
            word => {
                let message = format!("`{}` is not a valve type", shorten(word, 24));
                let help = Some("one of PRV, PSV, PBV, FCV, TCV, GPV, PCV".to_owned());
                row.problem(&mut self.problems, Severity::Error, codes::BAD_WORD, 4, message, help);
                return None;
            }
        };
        Some(kind)
    }

    /// Factor from a valve's setting in the file to ours.
    pub(super) fn setting_unit(&self, kind: ValveKind) -> f64 {
        match kind {
            ValveKind::Prv | ValveKind::Psv | ValveKind::Pbv => self.options.units.pressure,
            ValveKind::Fcv => self.options.units.flow,
            ValveKind::Tcv | ValveKind::Gpv | ValveKind::Pcv => 1.0,
        }
    }

    /// The order at token `i`: OPEN, CLOSED, ACTIVE or a number.
    pub(super) fn order(&mut self, row: &Row<'a>, i: usize) -> Option<Order> {
        let word = row.at(i);
        if row.says(i, "OPEN") {
            return Some(Order::Open);
        }
        if row.says(i, "CLOSE") {
            return Some(Order::Close);
        }
        if word.parse::<f64>().is_ok() || word.is_empty() {
            return row.number(&mut self.problems, i, "the setting").map(Order::Set);
        }
        let message = format!("`{}` is not a status", shorten(word, 24));
        let help = Some("OPEN, CLOSED or a number".to_owned());
        row.problem(&mut self.problems, Severity::Error, codes::BAD_WORD, i, message, help);
        None
    }

    /// The link named by token `i`; an error with a did-you-mean if there is none.
    pub(super) fn link(&mut self, row: &Row<'a>, i: usize) -> Option<WaterEdge> {
        let id = row.at(i);
        let found = self.links.get(id);
        if found.is_none() {
            let ids = self.links.list.iter().map(|(id, _)| *id);
            let near = self.problems.nearest(Severity::Error, id, ids);
            let help = near.map(|n| format!("did you mean `{n}`?"));
            let message = format!("there is no link `{}`", shorten(id, 40));
            let code = UNKNOWN_REFERENCE;
            row.problem(&mut self.problems, Severity::Error, code, i, message, help);
        }
        found
    }

    /// `[STATUS]`: `link status`, or `first last status` for a range of ids.
    pub(super) fn read_status(&mut self) {
        let mut work = 0usize;
        for row in self.sections.rows(Section::Status) {
            if row.len() < 2 {
                row.error(&mut self.problems, codes::SHORT_ROW, 1, "the status is missing");
                continue;
            }
            if row.len() == 2 {
                let edge = self.link(&row, 0);
                let order = self.order(&row, 1);
                if let (Some(edge), Some(order)) = (edge, order) {
                    self.set_status(&row, edge, order, true);
                }
                continue;
            }
            let Some(order) = self.order(&row, row.len() - 1) else { continue };
            work += self.links.list.len();
            if work > MAX_RANGE_WORK {
                let message = "too many ranges of links";
                row.error(&mut self.problems, codes::TOO_LARGE, 0, message);
                return;
            }
            let whole = |id: &str| id.parse::<i64>().ok().filter(|n| *n > 0);
            let (first, last) = (row.at(0), row.at(1));
            let numbers = whole(first).zip(whole(last));
            let inside = |id: &str| match numbers {
                Some((a, b)) => whole(id).is_some_and(|n| a <= n && n <= b),
                None => first <= id && id <= last,
            };
            let hit: Vec<WaterEdge> =
                self.links.list.iter().filter(|(id, _)| inside(id)).map(|(_, e)| *e).collect();
            for edge in hit {
                self.set_status(&row, edge, order, false);
            }
        }
    }

    fn set_status(&mut self, row: &Row<'a>, edge: WaterEdge, order: Order, told: bool) {
        match edge {
            WaterEdge::Pipe(i) => {
                let pipe = &mut self.out.water.pipes[i as usize];
                if pipe.status == PipeStatus::CheckValve {
                    if told {
                        let message = "the status of a pipe with a check valve cannot be set";
                        let code = codes::IGNORED;
                        row.problem(&mut self.problems, Severity::Warning, code, 1, message, None);
                    }
                    return;
                }
                match order {
                    Order::Open => pipe.status = PipeStatus::Open,
                    Order::Close => pipe.status = PipeStatus::Closed,
                    Order::Set(_) if told => {
                        let message = "a pipe is OPEN or CLOSED; a number means nothing for it";
                        let code = codes::IGNORED;
                        row.problem(&mut self.problems, Severity::Warning, code, 1, message, None);
                    }
                    Order::Set(_) => {}
                }
            }
            WaterEdge::Pump(i) => {
                let pump = &mut self.out.water.pumps[i as usize];
                match order {
                    Order::Open => (pump.on, pump.speed) = (true, 1.0),
                    Order::Close => pump.on = false,
                    Order::Set(speed) => (pump.on, pump.speed) = (speed != 0.0, speed),
                }
            }
            WaterEdge::Valve(i) => {
                let kind = self.out.water.valves[i as usize].kind;
                let unit = self.setting_unit(kind);
                let valve = &mut self.out.water.valves[i as usize];
                match order {
                    Order::Open => valve.status = ValveStatus::Open,
                    Order::Close => valve.status = ValveStatus::Closed,
                    Order::Set(x) if kind != ValveKind::Gpv => {
                        valve.setting = x * unit;
                        valve.status = ValveStatus::Active;
                    }
                    Order::Set(_) => {
                        let message = "the setting of a valve with a curve cannot be set";
                        let code = codes::IGNORED;
                        row.problem(&mut self.problems, Severity::Warning, code, 1, message, None);
                    }
                }
            }
        }
    }
}

fn pipe_status(word: &str) -> Option<PipeStatus> {
    match word.to_ascii_uppercase().as_str() {
        "OPEN" => Some(PipeStatus::Open),
        "CLOSED" | "CLOSE" => Some(PipeStatus::Closed),
        "CV" => Some(PipeStatus::CheckValve),
        _ => None,
    }
}

/// Length, diameter and roughness of a pipe whose row does not say (EPANET 2.2 User Manual,
/// appendix C, and the library itself), in the file's units.
fn usual_pipe(us: bool, loss: HeadLoss) -> [f64; 3] {
    let roughness = match loss {
        HeadLoss::HazenWilliams => 130.0,
        HeadLoss::DarcyWeisbach => 0.0005,
        HeadLoss::ChezyManning => 0.01,
    };
    if us { [330.0, 10.0, roughness] } else { [100.0, 254.0, roughness] }
}
