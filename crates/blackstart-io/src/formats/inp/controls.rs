//! `[CONTROLS]`: the four forms of a simple control.

use blackstart::region::{ControlAction, ControlWhen, PipeStatus, Table, ValveKind, WaterEdge};

use super::lines::{Row, Section};
use super::nodes::Node;
use super::options::time_at;
use super::tables::Places;
use super::{ControlRow, Order, Reader};
use crate::codes;
use crate::problem::Severity;

impl<'a> Reader<'a> {
    /// `LINK x status IF NODE y ABOVE|BELOW value`, `LINK x status AT TIME t`,
    /// `LINK x status AT CLOCKTIME t`.
    pub(super) fn read_controls(&mut self) {
        let mut places = Places::new(
            Table::Controls,
            self,
            &["edge", "action", "value", "node", "limit_m", "time_h", "clock_h"],
        );
        let mut disabled = 0;
        for row in self.sections.rows(Section::Controls) {
            if row.len() > 6 && row.says(row.len() - 1, "DISABLED") {
                disabled += 1;
                continue;
            }
            if row.len() < 6 {
                let help = "LINK id status IF NODE id ABOVE value, or LINK id status AT TIME hours";
                let message = "this control is not complete";
                let (code, help) = (codes::SHORT_ROW, Some(help.to_owned()));
                row.problem(&mut self.problems, Severity::Error, code, row.len(), message, help);
                continue;
            }
            let edge = self.link(&row, 1);
            let order = self.order(&row, 2);
            let when = self.condition(&row);
            let (Some(edge), Some(order), Some(when)) = (edge, order, when) else { continue };
            let Some(action) = self.action(&row, edge, order) else { continue };
            places.push(&row, &[1, 2, 2, 5, 7, 5, 5]);
            self.out.water.controls.push(ControlRow { edge, action, when });
        }
        places.finish(self);
        if disabled > 0 {
            let text = format!("{disabled} disabled controls are read but not followed");
            self.problems.add(Severity::Note, codes::IGNORED, (0, 0), text);
        }
    }

    fn condition(&mut self, row: &Row<'a>) -> Option<ControlWhen<String>> {
        if row.says(3, "AT") && row.says(4, "TIME") {
            return Some(ControlWhen::AtTime { time_h: time_at(row, 5, &mut self.problems)? });
        }
        if row.says(3, "AT") && row.says(4, "CLOCK") {
            let clock_h = time_at(row, 5, &mut self.problems)? % 24.0;
            return Some(ControlWhen::AtClock { clock_h });
        }
        let above = row.says(6, "ABOVE");
        if !(row.says(3, "IF") && (above || row.says(6, "BELOW"))) {
            let message =
                "a control is `IF NODE id ABOVE|BELOW value`, `AT TIME` or `AT CLOCKTIME`";
            row.error(&mut self.problems, codes::BAD_SYNTAX, 3, message);
            return None;
        }
        let value = row.number(&mut self.problems, 7, "the limit")?;
        // A level for a tank, a pressure for a junction; an unknown node is told later.
        let unit = match self.nodes.get(row.at(5)) {
            Some(Node::Tank | Node::Reservoir) => self.options.units.length,
            Some(Node::Junction(_)) | None => self.options.units.pressure,
        };
        let (node, limit_m) = (row.at(5).to_owned(), value * unit);
        Some(if above {
            ControlWhen::Above { node, limit_m }
        } else {
            ControlWhen::Below { node, limit_m }
        })
    }

    fn action(&mut self, row: &Row<'a>, edge: WaterEdge, order: Order) -> Option<ControlAction> {
        let water = &self.out.water;
        let value = match (order, edge) {
            (_, WaterEdge::Pipe(i)) if water.pipes[i as usize].status == PipeStatus::CheckValve => {
                let message = "a pipe with a check valve cannot be controlled";
                row.error(&mut self.problems, codes::BAD_VALUE, 1, message);
                return None;
            }
            (Order::Open, _) => return Some(ControlAction::Open),
            (Order::Close, _) => return Some(ControlAction::Close),
            // As in EPANET 0 closes a pipe and any other number opens it.
            (Order::Set(x), WaterEdge::Pipe(_)) => {
                return Some(if x == 0.0 { ControlAction::Close } else { ControlAction::Open });
            }
            (Order::Set(_), WaterEdge::Valve(i))
                if water.valves[i as usize].kind == ValveKind::Gpv =>
            {
                let message = "a valve with a curve has no setting; it is OPEN or CLOSED";
                row.error(&mut self.problems, codes::BAD_VALUE, 2, message);
                return None;
            }
            (Order::Set(x), WaterEdge::Pump(_)) => x,
            (Order::Set(x), WaterEdge::Valve(i)) => {
                x * self.setting_unit(water.valves[i as usize].kind)
            }
        };
        Some(ControlAction::Set(value))
    }
}
