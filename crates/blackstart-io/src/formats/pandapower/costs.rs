//! Costs of generators.

use blackstart::region::Cost;

use super::Reader;
use crate::codes;
use crate::formats::json::Node;
use crate::problem::Severity;

impl Reader<'_, '_> {
    pub(super) fn costs(&mut self) {
        self.polynomials();
        self.piecewise();
        for old in ["polynomial_cost", "piecewise_linear_cost"] {
            let rows = self.table(old).len();
            if rows > 0 {
                let message =
                    format!("{rows} costs in the layout of version 1 (`{old}`) are left out");
                self.remark(Severity::Note, codes::IGNORED, old, message);
            }
        }
    }

    /// The generator that a row of costs is of; none for other elements.
    fn generator_of(&mut self, f: &super::Frame<'_>, row: usize) -> Option<usize> {
        let element = f.index_at(row, "element", &mut self.problems)?;
        let table = match f.text(row, "et").as_str() {
            "gen" => "gen",
            "sgen" => "sgen",
            "ext_grid" => "ext_grid",
            _ => return None,
        };
        let found = self.generators.get(&(table, element)).copied();
        if found.is_none() {
            let message = format!("{} is of {table} {element}, which does not exist", f.who(row));
            let what = (Severity::Error, "unknown-reference");
            f.tell(&mut self.problems, what, row, Some("element"), message, None);
        }
        found
    }

    fn polynomials(&mut self) {
        let f = self.table("poly_cost");
        if !f.require(&["element", "et"], &mut self.problems) {
            return;
        }
        let (mut others, mut reactive) = (0, 0);
        for row in 0..f.len() {
            let errors = self.problems.errors();
            let at = self.generator_of(&f, row);
            let p = &mut self.problems;
            let mut value = |column: &str| f.number_or(row, column, 0.0, p);
            let (c2, c1, c0) =
                (value("cp2_eur_per_mw2"), value("cp1_eur_per_mw"), value("cp0_eur"));
            let q = ["cq0_eur", "cq1_eur_per_mvar", "cq2_eur_per_mvar2"].map(&mut value);
            reactive += usize::from(q.iter().any(|c| *c != 0.0));
            match at {
                Some(at) => {
                    let cost = if c2 == 0.0 { vec![c1, c0] } else { vec![c2, c1, c0] };
                    self.grid.generators[at].cost = Some(Cost::Polynomial(cost));
                }
                None if self.problems.errors() == errors => others += 1,
                None => {}
            }
        }
        self.tell_costs("poly_cost", others, reactive);
    }

    fn piecewise(&mut self) {
        let f = self.table("pwl_cost");
        if !f.require(&["element", "et", "points"], &mut self.problems) {
            return;
        }
        let (mut others, mut reactive) = (0, 0);
        for row in 0..f.len() {
            let errors = self.problems.errors();
            if f.text(row, "power_type") == "q" {
                reactive += 1;
                continue;
            }
            let at = self.generator_of(&f, row);
            let points = f.raw(row, "points").and_then(points);
            match (at, points) {
                (Some(at), Some(points)) => {
                    self.grid.generators[at].cost = Some(Cost::Piecewise(points));
                }
                (Some(_), None) => {
                    let message = format!(
                        "`points` of {} are no areas [from_mw, to_mw, cost_per_mw] that follow \
                         each other",
                        f.who(row)
                    );
                    let what = (Severity::Error, codes::BAD_VALUE);
                    f.tell(&mut self.problems, what, row, Some("points"), message, None);
                }
                (None, _) => others += usize::from(self.problems.errors() == errors),
            }
        }
        self.tell_costs("pwl_cost", others, reactive);
    }

    fn tell_costs(&mut self, table: &'static str, others: usize, reactive: usize) {
        if others > 0 {
            let message =
                format!("{others} costs of loads, storages and direct-current lines are left out");
            self.remark(Severity::Note, codes::IGNORED, table, message);
        }
        if reactive > 0 {
            let message = format!("{reactive} costs of reactive power are left out");
            self.remark(Severity::Note, codes::IGNORED, table, message);
        }
    }
}

/// Areas of constant slope as points, the cost of 0 MW being 0 on the first one's line.
fn points(node: &Node) -> Option<Vec<(f64, f64)>> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for area in node.list()? {
        let [from, to, slope] = area.list()? else { return None };
        let (from, to, slope) = (from.number()?, to.number()?, slope.number()?);
        let last = *points.last().unwrap_or(&(from, from * slope));
        if points.is_empty() {
            points.push(last);
        }
        if last.0 != from
            || to <= from
            || !(from.is_finite() && to.is_finite() && slope.is_finite())
        {
            return None;
        }
        points.push((to, last.1 + (to - from) * slope));
    }
    (points.len() > 1).then_some(points)
}
