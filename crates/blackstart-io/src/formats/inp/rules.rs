//! `[RULES]`: rule-based controls.
//!
//! A rule is `RULE id`, `IF` and further premises with `AND` or `OR`, `THEN` and further
//! actions with `AND`, perhaps `ELSE` and further actions, perhaps `PRIORITY value`.

use blackstart::region::{
    Condition, ControlAction, PipeStatus, Premise, Quantity, Relation, Rule, RuleAction, Table,
    ValveKind, ValveStatus, WaterEdge,
};

use super::lines::{Row, Section};
use super::nodes::Node;
use super::options::time_at;
use super::tables::Places;
use super::{Order, Reader};
use crate::codes;
use crate::formats::collect::shorten;
use crate::problem::Severity;

/// How near two numbers of a file count as equal in a rule, in the file's units (EPANET's).
pub(super) const TOLERANCE: f64 = 1e-3;

/// The clause that a row with `AND` continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clause {
    Head,
    If,
    Then,
    Else,
    Priority,
}

/// A rule being read.
struct Open {
    rule: Rule<String>,
    clause: Clause,
    /// A line of it could not be read: nothing is better than half a rule.
    broken: bool,
    disabled: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn read_rules(&mut self) {
        let mut places = Places::new(Table::Rules, self, &["id"]);
        let mut open: Option<Open> = None;
        for row in self.sections.rows(Section::Rules) {
            if row.at(0).eq_ignore_ascii_case("RULE") {
                self.close_rule(open.take());
                if row.len() < 2 {
                    row.error(&mut self.problems, codes::SHORT_ROW, 1, "a rule has an id");
                }
                places.push(&row, &[1]);
                open = Some(Open {
                    rule: Rule {
                        id: row.at(1).to_owned(),
                        premises: Vec::new(),
                        then: Vec::new(),
                        otherwise: Vec::new(),
                        priority: 0.0,
                    },
                    clause: Clause::Head,
                    broken: false,
                    disabled: false,
                });
                continue;
            }
            let Some(now) = &mut open else {
                let message = "a line of a rule before any RULE";
                row.error(&mut self.problems, codes::BAD_SYNTAX, 0, message);
                continue;
            };
            if row.says(0, "DISABLED") {
                now.disabled = true;
                continue;
            }
            if self.clause(&row, now).is_none() {
                now.broken = true;
            }
        }
        self.close_rule(open);
        places.finish(self);
    }

    /// Keeps a rule that could be read; what is wrong with others was told.
    fn close_rule(&mut self, open: Option<Open>) {
        let Some(open) = open else { return };
        if open.disabled {
            let text = format!("rule `{}` is disabled: read but not followed", open.rule.id);
            self.problems.add(Severity::Note, codes::IGNORED, (0, 0), text);
        } else if !open.broken {
            self.out.water.rules.push(open.rule);
        }
    }

    fn clause(&mut self, row: &Row<'a>, open: &mut Open) -> Option<()> {
        let word = row.at(0).to_ascii_uppercase();
        let before = open.clause;
        let or = word == "OR";
        open.clause = match (word.as_str(), before) {
            ("IF", Clause::Head) => Clause::If,
            ("AND" | "OR", Clause::If) => Clause::If,
            ("THEN", Clause::If) => Clause::Then,
            ("ELSE", Clause::Then) => Clause::Else,
            ("AND", Clause::Then | Clause::Else) => before,
            ("PRIORITY", Clause::Then | Clause::Else) => Clause::Priority,
            _ => {
                let message = format!("`{}` does not follow here", shorten(row.at(0), 24));
                let help = Some("IF … AND|OR … THEN … AND … ELSE … AND … PRIORITY value".into());
                let code = codes::BAD_SYNTAX;
                row.problem(&mut self.problems, Severity::Error, code, 0, message, help);
                return None;
            }
        };
        match open.clause {
            Clause::If => {
                let condition = self.premise(row)?;
                open.rule.premises.push(Premise { or, condition });
            }
            Clause::Then => open.rule.then.extend(self.rule_action(row)?),
            Clause::Else => open.rule.otherwise.extend(self.rule_action(row)?),
            Clause::Priority => {
                open.rule.priority = row.number(&mut self.problems, 1, "the priority")?;
            }
            Clause::Head => {}
        }
        Some(())
    }

    /// `AND object id attribute relation value`; `SYSTEM` has no id.
    fn premise(&mut self, row: &Row<'a>) -> Option<Condition<String>> {
        if row.says(1, "SYST") {
            return self.system_premise(row);
        }
        let relation = self.relation(row, 4)?;
        let units = self.options.units;
        let node = || row.at(2).to_owned();
        let word = row.at(3).to_ascii_uppercase();
        if ["NODE", "JUNC", "RESE", "TANK"].iter().any(|w| row.says(1, w)) {
            let kind = self.nodes.get(row.at(2));
            if kind.is_none() {
                self.unknown_node(row, 2, Severity::Error);
                return None;
            }
            let is_tank = kind == Some(Node::Tank);
            let (what, unit) = match word.as_str() {
                "DEMAND" => (Quantity::Demand(node()), units.flow),
                "HEAD" | "GRADE" => (Quantity::Head(node()), units.length),
                "PRESSURE" => (Quantity::Pressure(node()), units.pressure),
                "LEVEL" => (Quantity::Pressure(node()), units.length),
                "FILLTIME" if is_tank => (Quantity::FillTime(node()), 1.0),
                "DRAINTIME" if is_tank => (Quantity::DrainTime(node()), 1.0),
                _ => return self.no_such_attribute(row, 3, "a node"),
            };
            let limit = row.number(&mut self.problems, 5, "the limit")? * unit;
            return Some(Condition::Quantity {
                what,
                relation,
                limit,
                tolerance: TOLERANCE * unit,
            });
        }
        if !["LINK", "PIPE", "PUMP", "VALV"].iter().any(|w| row.says(1, w)) {
            return self.no_such_object(row);
        }
        let edge = self.link(row, 2)?;
        let (what, unit) = match word.as_str() {
            "STATUS" => {
                let is = match relation {
                    Relation::Equal => true,
                    Relation::NotEqual => false,
                    Relation::Less | Relation::AtMost | Relation::Greater | Relation::AtLeast => {
                        let message = "a status IS or is NOT";
                        row.error(&mut self.problems, codes::BAD_WORD, 4, message);
                        return None;
                    }
                };
                let status = match row.at(5).to_ascii_uppercase().as_str() {
                    "OPEN" => ValveStatus::Open,
                    "CLOSED" => ValveStatus::Closed,
                    "ACTIVE" => ValveStatus::Active,
                    _ => return self.no_such_status(row, 5),
                };
                return Some(Condition::Status { edge, status, is });
            }
            "FLOW" => (Quantity::Flow(edge), units.flow),
            "SETTING" => (Quantity::Setting(edge), self.unit_of_setting(edge)),
            "POWER" if matches!(edge, WaterEdge::Pump(_)) => (Quantity::Power(edge), units.power),
            _ => return self.no_such_attribute(row, 3, "a link"),
        };
        let limit = row.number(&mut self.problems, 5, "the limit")? * unit;
        Some(Condition::Quantity { what, relation, limit, tolerance: TOLERANCE * unit })
    }

    fn system_premise(&mut self, row: &Row<'a>) -> Option<Condition<String>> {
        let relation = self.relation(row, 3)?;
        if row.says(2, "DEMAND") {
            let unit = self.options.units.flow;
            let limit = row.number(&mut self.problems, 4, "the limit")? * unit;
            let what = Quantity::SystemDemand;
            return Some(Condition::Quantity {
                what,
                relation,
                limit,
                tolerance: TOLERANCE * unit,
            });
        }
        if row.at(2).eq_ignore_ascii_case("TIME") {
            let time_h = time_at(row, 4, &mut self.problems)?;
            return Some(Condition::Time { relation, time_h });
        }
        if row.says(2, "CLOCK") {
            let clock_h = time_at(row, 4, &mut self.problems)?;
            return Some(Condition::Clock { relation, clock_h });
        }
        self.no_such_attribute(row, 2, "the system")
    }

    fn relation(&mut self, row: &Row<'a>, i: usize) -> Option<Relation> {
        Some(match row.at(i).to_ascii_uppercase().as_str() {
            "=" | "IS" => Relation::Equal,
            "<>" | "NOT" => Relation::NotEqual,
            "<" | "BELOW" => Relation::Less,
            "<=" => Relation::AtMost,
            ">" | "ABOVE" => Relation::Greater,
            ">=" => Relation::AtLeast,
            word => {
                let message = format!("`{}` does not compare", shorten(word, 24));
                let help = Some("one of =, <>, <, <=, >, >=, IS, NOT, BELOW, ABOVE".to_owned());
                row.problem(&mut self.problems, Severity::Error, codes::BAD_WORD, i, message, help);
                return None;
            }
        })
    }

    /// `THEN object id STATUS|SETTING IS value`; an action that does nothing is none.
    fn rule_action(&mut self, row: &Row<'a>) -> Option<Option<RuleAction>> {
        if !["LINK", "PIPE", "PUMP", "VALV"].iter().any(|w| row.says(1, w)) {
            return self.no_such_object(row);
        }
        let edge = self.link(row, 2)?;
        if let WaterEdge::Pipe(i) = edge
            && self.out.water.pipes[i as usize].status == PipeStatus::CheckValve
        {
            let message = "a pipe with a check valve cannot be controlled";
            row.error(&mut self.problems, codes::BAD_VALUE, 2, message);
            return None;
        }
        if !row.says(3, "STAT") && !row.says(3, "SETT") {
            return self.no_such_attribute(row, 3, "what a rule sets");
        }
        if !row.at(4).eq_ignore_ascii_case("IS") && row.at(4) != "=" {
            row.error(&mut self.problems, codes::BAD_SYNTAX, 4, "IS or = is missing");
            return None;
        }
        if row.says(5, "ACTIVE") {
            let message = "nothing is made active by a rule, as in EPANET; give its setting";
            let code = codes::IGNORED;
            row.problem(&mut self.problems, Severity::Warning, code, 5, message, None);
            return Some(None);
        }
        let action = match self.order(row, 5)? {
            Order::Open => ControlAction::Open,
            Order::Close => ControlAction::Close,
            // As in EPANET 0 closes a pipe and any other number opens it, and a number that is
            // called a status is a setting.
            Order::Set(x) if matches!(edge, WaterEdge::Pipe(_)) => {
                if x == 0.0 {
                    ControlAction::Close
                } else {
                    ControlAction::Open
                }
            }
            Order::Set(x) => ControlAction::Set(x * self.unit_of_setting(edge)),
        };
        Some(Some(RuleAction { edge, action }))
    }

    fn unit_of_setting(&self, edge: WaterEdge) -> f64 {
        let kind = match edge {
            WaterEdge::Valve(i) => self.out.water.valves[i as usize].kind,
            WaterEdge::Pipe(_) | WaterEdge::Pump(_) => ValveKind::Tcv,
        };
        self.setting_unit(kind)
    }

    fn no_such_attribute<T>(&mut self, row: &Row<'a>, i: usize, of: &str) -> Option<T> {
        let message = format!("`{}` is nothing that {of} has in a rule", shorten(row.at(i), 24));
        row.error(&mut self.problems, codes::BAD_WORD, i, message);
        None
    }

    fn no_such_object<T>(&mut self, row: &Row<'a>) -> Option<T> {
        let message = format!("`{}` is nothing that a rule can name here", shorten(row.at(1), 24));
        row.error(&mut self.problems, codes::BAD_WORD, 1, message);
        None
    }

    fn no_such_status<T>(&mut self, row: &Row<'a>, i: usize) -> Option<T> {
        let message = format!("`{}` is not a status", shorten(row.at(i), 24));
        let help = Some("OPEN or CLOSED".to_owned());
        row.problem(&mut self.problems, Severity::Error, codes::BAD_WORD, i, message, help);
        None
    }
}
