//! `rules.csv`: one row for each line of a rule. Reader and writer share its words.

use blackstart::region::{
    Condition, ControlAction, Premise, Quantity, Relation, Rule, RuleAction, ValveStatus, WaterEdge,
};

use super::rows_water::{Edges, edge_in};
use crate::codes;
use crate::formats::table::Row;

/// Which part of a rule a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    If,
    And,
    Or,
    Then,
    Else,
}

pub(crate) const CLAUSES: [(&str, Clause); 5] = [
    ("if", Clause::If),
    ("and", Clause::And),
    ("or", Clause::Or),
    ("then", Clause::Then),
    ("else", Clause::Else),
];

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    SystemDemand,
    Demand,
    Head,
    Pressure,
    FillTime,
    DrainTime,
    Flow,
    Power,
    Setting,
    Status,
    Time,
    Clock,
}

pub(crate) const SUBJECTS: [(&str, Subject); 12] = [
    ("system_demand_m3h", Subject::SystemDemand),
    ("demand_m3h", Subject::Demand),
    ("head_m", Subject::Head),
    ("pressure_m", Subject::Pressure),
    ("fill_time_h", Subject::FillTime),
    ("drain_time_h", Subject::DrainTime),
    ("flow_m3h", Subject::Flow),
    ("power_kw", Subject::Power),
    ("setting", Subject::Setting),
    ("status", Subject::Status),
    ("time_h", Subject::Time),
    ("clock_h", Subject::Clock),
];

pub(crate) const RELATIONS: [(&str, Relation); 6] = [
    ("=", Relation::Equal),
    ("<>", Relation::NotEqual),
    ("<", Relation::Less),
    ("<=", Relation::AtMost),
    (">", Relation::Greater),
    (">=", Relation::AtLeast),
];

const STATUSES: [(&str, ValveStatus); 3] =
    [("open", ValveStatus::Open), ("closed", ValveStatus::Closed), ("active", ValveStatus::Active)];

/// How near counts as equal where a row does not say.
pub(crate) const TOLERANCE: f64 = 1e-3;

/// A line of a rule.
pub(super) enum Line {
    Premise(Premise<String>),
    Then(RuleAction),
    Else(RuleAction),
}

/// A row: the rule's id, its priority if it is given, and the line; none if it cannot be read.
pub(super) fn line(r: &mut Row<'_>, edges: &Edges) -> Option<(String, Option<f64>, Line)> {
    let rule = r.required("rule");
    let priority = (!r.is_empty("priority")).then(|| r.number("priority"));
    let clause = r.word("clause", &CLAUSES, None)?;
    let subject = r.word("what", &SUBJECTS, None)?;
    let relation = r.word("relation", &RELATIONS, Some(Relation::Equal))?;
    let line = match clause {
        Clause::If | Clause::And | Clause::Or => Line::Premise(Premise {
            or: clause == Clause::Or,
            condition: condition(r, edges, subject, relation)?,
        }),
        Clause::Then => Line::Then(action(r, edges, subject)?),
        Clause::Else => Line::Else(action(r, edges, subject)?),
    };
    Some((rule, priority, line))
}

fn condition(
    r: &mut Row<'_>,
    edges: &Edges,
    subject: Subject,
    relation: Relation,
) -> Option<Condition<String>> {
    let what = match subject {
        Subject::Status => {
            let edge = edge_in(r, "of", edges)?;
            let status = r.word("value", &STATUSES, None)?;
            let is = relation == Relation::Equal;
            if !is && relation != Relation::NotEqual {
                let message = "a status is `=` or `<>`".to_owned();
                r.push(codes::BAD_WORD, "relation", message, None);
                return None;
            }
            return Some(Condition::Status { edge, status, is });
        }
        Subject::Time => {
            return Some(Condition::Time { relation, time_h: r.number("value") });
        }
        Subject::Clock => {
            return Some(Condition::Clock { relation, clock_h: r.number("value") });
        }
        Subject::SystemDemand => Quantity::SystemDemand,
        Subject::Demand => Quantity::Demand(r.required("of")),
        Subject::Head => Quantity::Head(r.required("of")),
        Subject::Pressure => Quantity::Pressure(r.required("of")),
        Subject::FillTime => Quantity::FillTime(r.required("of")),
        Subject::DrainTime => Quantity::DrainTime(r.required("of")),
        Subject::Flow => Quantity::Flow(edge_in(r, "of", edges)?),
        Subject::Power => Quantity::Power(edge_in(r, "of", edges)?),
        Subject::Setting => Quantity::Setting(edge_in(r, "of", edges)?),
    };
    let limit = r.number("value");
    let tolerance = r.number_or("tolerance", TOLERANCE);
    Some(Condition::Quantity { what, relation, limit, tolerance })
}

fn action(r: &mut Row<'_>, edges: &Edges, subject: Subject) -> Option<RuleAction> {
    let edge = edge_in(r, "of", edges)?;
    let action = match subject {
        Subject::Setting => ControlAction::Set(r.number("value")),
        Subject::Status => match r.word("value", &STATUSES, None)? {
            ValveStatus::Open => ControlAction::Open,
            ValveStatus::Closed => ControlAction::Close,
            ValveStatus::Active => {
                let message = "a rule makes nothing active; give its setting".to_owned();
                r.push(codes::BAD_WORD, "value", message, None);
                return None;
            }
        },
        Subject::SystemDemand
        | Subject::Demand
        | Subject::Head
        | Subject::Pressure
        | Subject::FillTime
        | Subject::DrainTime
        | Subject::Flow
        | Subject::Power
        | Subject::Time
        | Subject::Clock => {
            let message = "a rule sets `status` or `setting`".to_owned();
            r.push(codes::BAD_WORD, "what", message, None);
            return None;
        }
    };
    Some(RuleAction { edge, action })
}

/// Rules from their lines; those of one rule follow each other.
pub(super) fn rules(lines: Vec<(String, Option<f64>, Line)>) -> Vec<Rule<String>> {
    let mut rules: Vec<Rule<String>> = Vec::new();
    for (id, priority, line) in lines {
        if rules.last().is_none_or(|rule| rule.id != id) {
            let (premises, then, otherwise) = (Vec::new(), Vec::new(), Vec::new());
            rules.push(Rule { id, premises, then, otherwise, priority: 0.0 });
        }
        let Some(rule) = rules.last_mut() else { continue };
        rule.priority = priority.unwrap_or(rule.priority);
        match line {
            Line::Premise(premise) => rule.premises.push(premise),
            Line::Then(action) => rule.then.push(action),
            Line::Else(action) => rule.otherwise.push(action),
        }
    }
    rules
}

/// The word of a value in a table of words.
fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, v)| *v == value).map_or("", |(w, _)| w)
}

/// Cells of a condition: what, of, relation, value as text or number, tolerance.
pub(crate) struct ConditionCells {
    pub what: &'static str,
    /// A node's id, or an edge to be named.
    pub of: Of,
    pub relation: &'static str,
    pub value: Value,
    pub tolerance: Option<f64>,
}

pub(crate) enum Of {
    Nothing,
    Node(String),
    Edge(WaterEdge),
}

pub(crate) enum Value {
    Number(f64),
    Word(&'static str),
}

/// A condition as cells.
pub(crate) fn condition_cells(condition: &Condition<String>) -> ConditionCells {
    let node = |n: &String| Of::Node(n.clone());
    match condition {
        Condition::Quantity { what, relation, limit, tolerance } => {
            let (subject, of) = match what {
                Quantity::SystemDemand => (Subject::SystemDemand, Of::Nothing),
                Quantity::Demand(n) => (Subject::Demand, node(n)),
                Quantity::Head(n) => (Subject::Head, node(n)),
                Quantity::Pressure(n) => (Subject::Pressure, node(n)),
                Quantity::FillTime(n) => (Subject::FillTime, node(n)),
                Quantity::DrainTime(n) => (Subject::DrainTime, node(n)),
                Quantity::Flow(e) => (Subject::Flow, Of::Edge(*e)),
                Quantity::Power(e) => (Subject::Power, Of::Edge(*e)),
                Quantity::Setting(e) => (Subject::Setting, Of::Edge(*e)),
            };
            ConditionCells {
                what: word(&SUBJECTS, subject),
                of,
                relation: word(&RELATIONS, *relation),
                value: Value::Number(*limit),
                tolerance: Some(*tolerance),
            }
        }
        Condition::Status { edge, status, is } => ConditionCells {
            what: word(&SUBJECTS, Subject::Status),
            of: Of::Edge(*edge),
            relation: if *is { "=" } else { "<>" },
            value: Value::Word(word(&STATUSES, *status)),
            tolerance: None,
        },
        Condition::Time { relation, time_h } => ConditionCells {
            what: word(&SUBJECTS, Subject::Time),
            of: Of::Nothing,
            relation: word(&RELATIONS, *relation),
            value: Value::Number(*time_h),
            tolerance: None,
        },
        Condition::Clock { relation, clock_h } => ConditionCells {
            what: word(&SUBJECTS, Subject::Clock),
            of: Of::Nothing,
            relation: word(&RELATIONS, *relation),
            value: Value::Number(*clock_h),
            tolerance: None,
        },
    }
}

/// What is set, and to what.
pub(crate) fn action_cells(action: ControlAction) -> (&'static str, Value) {
    match action {
        ControlAction::Open => ("status", Value::Word("open")),
        ControlAction::Close => ("status", Value::Word("closed")),
        ControlAction::Set(x) => ("setting", Value::Number(x)),
    }
}
