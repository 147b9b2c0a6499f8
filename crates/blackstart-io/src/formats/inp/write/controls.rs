//! Simple controls and rules.

use blackstart::region::{
    Condition, Control, ControlAction, ControlWhen, Quantity, Relation, Rule, RuleAction,
    ValveStatus, WaterEdge,
};

use super::super::lines::{Section, starts, tokens};
use super::super::rules::TOLERANCE;
use super::comments::{Beside, rows};
use super::numbers::{plain, scaled, time};
use super::{Writer, id};

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Junction,
    Reservoir,
    Tank,
}

impl Writer<'_> {
    fn node(&self, wanted: &str) -> Node {
        if self.water.tanks.iter().any(|t| t.id == wanted) {
            Node::Tank
        } else if self.water.reservoirs.iter().any(|r| r.id == wanted) {
            Node::Reservoir
        } else {
            Node::Junction
        }
    }

    fn edge(&self, edge: WaterEdge) -> [String; 2] {
        let w = self.water;
        let (word, found) = match edge {
            WaterEdge::Pipe(i) => ("PIPE", w.pipes.get(i as usize).map(|p| &p.id)),
            WaterEdge::Pump(i) => ("PUMP", w.pumps.get(i as usize).map(|p| &p.id)),
            WaterEdge::Valve(i) => ("VALVE", w.valves.get(i as usize).map(|v| &v.id)),
        };
        [word.to_owned(), found.map_or_else(String::new, |found| id(found))]
    }

    /// A status or a setting in the file's unit.
    fn action(&self, edge: WaterEdge, action: ControlAction) -> (&'static str, String) {
        match (action, edge) {
            (ControlAction::Open, _) => ("STATUS", "OPEN".into()),
            (ControlAction::Close, _) => ("STATUS", "CLOSED".into()),
            (ControlAction::Set(x), WaterEdge::Valve(i)) => {
                let kind = self.water.valves.get(i as usize).map(|v| v.kind);
                ("SETTING", kind.map_or_else(|| plain(x), |kind| self.setting(kind, x)))
            }
            (ControlAction::Set(x), _) => ("SETTING", plain(x)),
        }
    }

    /// `[CONTROLS]`; disabled ones, which are no part of the network, are kept.
    pub(super) fn controls(&mut self) {
        let (kept, tail) = rows(self.kept, Section::Controls);
        if self.water.controls.is_empty() && kept.is_empty() {
            return;
        }
        self.section(Section::Controls);
        let mut controls = self.water.controls.iter();
        for beside in &kept {
            let words = tokens(beside.row);
            if words.last().is_some_and(|w| starts(w, "DISABLED")) {
                let row = beside.row.trim().to_owned();
                self.row(&[&row], Some(beside));
            } else if let Some(control) = controls.next() {
                self.control(control, Some(beside));
            }
        }
        for control in controls {
            self.control(control, None);
        }
        self.lines(&tail);
    }

    fn control(&mut self, control: &Control<String>, beside: Option<&Beside<'_>>) {
        let [_, link] = self.edge(control.edge);
        let (_, value) = self.action(control.edge, control.action);
        let when = match &control.when {
            ControlWhen::Above { node, limit_m } => self.level(node, "ABOVE", *limit_m),
            ControlWhen::Below { node, limit_m } => self.level(node, "BELOW", *limit_m),
            ControlWhen::AtTime { time_h } => format!("AT TIME {}", time(*time_h)),
            ControlWhen::AtClock { clock_h } => format!("AT CLOCKTIME {}", time(*clock_h)),
        };
        self.row(&[&format!("LINK {link} {value} {when}")], beside);
    }

    fn level(&self, node: &str, word: &str, limit_m: f64) -> String {
        let unit = match self.node(node) {
            Node::Junction => self.units.pressure,
            Node::Reservoir | Node::Tank => self.units.length,
        };
        format!("IF NODE {} {word} {}", id(node), scaled(limit_m, unit))
    }

    /// `[RULES]`; disabled ones are kept.
    pub(super) fn rules(&mut self) {
        let (kept, tail) = rows(self.kept, Section::Rules);
        if self.water.rules.is_empty() && kept.is_empty() {
            return;
        }
        self.section(Section::Rules);
        let mut rules = self.water.rules.iter().peekable();
        let mut rest = kept.as_slice();
        while let Some((head, more)) = rest.split_first() {
            let is_head = |b: &Beside<'_>| {
                tokens(b.row).first().is_some_and(|w| w.eq_ignore_ascii_case("RULE"))
            };
            let end = more.iter().position(is_head).unwrap_or(more.len());
            let (block, after) = more.split_at(end);
            rest = after;
            let disabled =
                block.iter().any(|b| tokens(b.row).first().is_some_and(|w| starts(w, "DISABLED")));
            let name = tokens(head.row).get(1).copied().unwrap_or_default();
            if disabled {
                for beside in std::iter::once(head).chain(block) {
                    let row = beside.row.trim().to_owned();
                    self.row(&[&row], Some(beside));
                }
            } else if let Some(rule) = rules.next_if(|rule| rule.id == name) {
                self.row(&["RULE", &id(&rule.id)], Some(head));
                for beside in block {
                    self.lines(&beside.before);
                    if !beside.behind.is_empty() {
                        self.lines(&[beside.behind]);
                    }
                }
                self.rule(rule);
            }
        }
        for rule in rules {
            self.row(&["RULE", &id(&rule.id)], None);
            self.rule(rule);
        }
        self.lines(&tail);
    }

    fn rule(&mut self, rule: &Rule<String>) {
        for (i, premise) in rule.premises.iter().enumerate() {
            let word = match (i, premise.or) {
                (0, _) => "IF",
                (_, true) => "OR",
                (_, false) => "AND",
            };
            let text = self.condition(&premise.condition);
            self.row(&[word, &text], None);
        }
        for (word, actions) in [("THEN", &rule.then), ("ELSE", &rule.otherwise)] {
            for (i, RuleAction { edge, action }) in actions.iter().enumerate() {
                let [kind, link] = self.edge(*edge);
                let (what, value) = self.action(*edge, *action);
                let text = format!("{kind} {link} {what} IS {value}");
                self.row(&[if i == 0 { word } else { "AND" }, &text], None);
            }
        }
        if rule.priority != 0.0 {
            self.row(&["PRIORITY", &plain(rule.priority)], None);
        }
        self.out.push('\n');
    }

    fn condition(&self, condition: &Condition<String>) -> String {
        match condition {
            Condition::Quantity { what, relation, limit, tolerance } => {
                let (subject, unit) = self.quantity(what, *tolerance);
                format!("{subject} {} {}", sign(*relation), scaled(*limit, unit))
            }
            Condition::Status { edge, status, is } => {
                let [kind, link] = self.edge(*edge);
                let status = match status {
                    ValveStatus::Open => "OPEN",
                    ValveStatus::Closed => "CLOSED",
                    ValveStatus::Active => "ACTIVE",
                };
                format!("{kind} {link} STATUS {} {status}", if *is { "IS" } else { "NOT" })
            }
            Condition::Time { relation, time_h } => {
                format!("SYSTEM TIME {} {}", sign(*relation), time(*time_h))
            }
            Condition::Clock { relation, clock_h } => {
                format!("SYSTEM CLOCKTIME {} {}", sign(*relation), time(*clock_h))
            }
        }
    }

    /// Object and attribute, and the unit of its limit.
    fn quantity(&self, what: &Quantity<String>, tolerance: f64) -> (String, f64) {
        let u = &self.units;
        let node = |node: &String, attribute: &str| {
            let kind = match self.node(node) {
                Node::Junction => "JUNCTION",
                Node::Reservoir => "RESERVOIR",
                Node::Tank => "TANK",
            };
            format!("{kind} {} {attribute}", id(node))
        };
        let link = |edge: &WaterEdge, attribute: &str| {
            let [kind, link] = self.edge(*edge);
            format!("{kind} {link} {attribute}")
        };
        match what {
            Quantity::SystemDemand => ("SYSTEM DEMAND".into(), u.flow),
            Quantity::Demand(n) => (node(n, "DEMAND"), u.flow),
            Quantity::Head(n) => (node(n, "HEAD"), u.length),
            Quantity::Pressure(n) => {
                // A level and a pressure differ in their unit, and in what counts as equal.
                let is_tank = self.node(n) == Node::Tank;
                let is_level = tolerance == TOLERANCE * u.length;
                let is_pressure = tolerance == TOLERANCE * u.pressure;
                if is_level && (is_tank || !is_pressure) {
                    (node(n, "LEVEL"), u.length)
                } else {
                    (node(n, "PRESSURE"), u.pressure)
                }
            }
            Quantity::FillTime(n) => (node(n, "FILLTIME"), 1.0),
            Quantity::DrainTime(n) => (node(n, "DRAINTIME"), 1.0),
            Quantity::Flow(e) => (link(e, "FLOW"), u.flow),
            Quantity::Power(e) => (link(e, "POWER"), u.power),
            Quantity::Setting(e) => {
                let unit = match e {
                    WaterEdge::Valve(i) => {
                        let kind = self.water.valves.get(*i as usize).map(|v| v.kind);
                        kind.map_or(1.0, |kind| self.setting_unit(kind))
                    }
                    WaterEdge::Pipe(_) | WaterEdge::Pump(_) => 1.0,
                };
                (link(e, "SETTING"), unit)
            }
        }
    }
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Equal => "=",
        Relation::NotEqual => "<>",
        Relation::Less => "<",
        Relation::AtMost => "<=",
        Relation::Greater => ">",
        Relation::AtLeast => ">=",
    }
}
