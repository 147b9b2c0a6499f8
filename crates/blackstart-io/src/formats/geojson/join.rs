//! Who is connected where, for features that do not say so: ends of pipes by their place,
//! plants and substations by the nearest junction.

use std::collections::{HashMap, HashSet};

use blackstart::region::{HeatJunction, Table};

use super::globe::{Cells, Nearest, Xyz, apart_m, xyz};
use super::read::Reader;
use super::told::shown;
use super::{NEAR_M, SAME_PLACE_M};
use crate::codes;
use crate::problem::{InputProblem, Severity};

impl Reader<'_, '_> {
    pub(super) fn join(&mut self) {
        // Positions in another system of coordinates say nothing about distances in metres.
        if !self.wgs84 {
            return;
        }
        self.join_pipes();
        self.join_others();
        self.count_moved();
    }

    /// Junctions with a position, as places with their rows.
    fn places(&self) -> impl Iterator<Item = (Xyz, usize)> + '_ {
        let rows = self.heat.junctions.iter().enumerate();
        rows.filter_map(|(row, j)| Some((xyz(j.position?), row)))
    }

    fn join_pipes(&mut self) {
        if self.ends.is_empty() {
            return;
        }
        let drawn = Nearest::new(self.places());
        let mut made = Cells::new(SAME_PLACE_M);
        let mut taken = self.taken();
        for (row, far, position) in std::mem::take(&mut self.ends) {
            let at = xyz(position);
            let drawn = drawn.of(at).filter(|(d, _)| *d <= SAME_PLACE_M);
            let near = [drawn, made.nearest(at)]
                .into_iter()
                .flatten()
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let id = match near {
                Some((_, junction)) => self.heat.junctions[junction].id.clone(),
                None => {
                    made.add(at, self.heat.junctions.len());
                    let side = if far { "to" } else { "from" };
                    let mut id = format!("{}-{side}", self.heat.pipes[row].id);
                    while !taken.insert(id.clone()) {
                        id.push('\'');
                    }
                    self.make_junction(
                        row,
                        HeatJunction { id: id.clone(), elevation_m: 0.0, position: Some(position) },
                    );
                    id
                }
            };
            let pipe = &mut self.heat.pipes[row];
            *(if far { &mut pipe.to } else { &mut pipe.from }) = id;
        }
    }

    /// Ids that a junction made up may not have: those that are there or asked for.
    fn taken(&self) -> HashSet<String> {
        let h = &self.heat;
        let ids = h.junctions.iter().map(|j| &j.id);
        let ends = h.pipes.iter().flat_map(|p| [&p.from, &p.to]);
        let others = h.plants.iter().map(|p| &p.junction);
        ids.chain(ends)
            .chain(others)
            .chain(h.substations.iter().map(|s| &s.junction))
            .cloned()
            .collect()
    }

    /// Adds a junction that stands where pipe `row` does.
    fn make_junction(&mut self, row: usize, junction: HeatJunction) {
        if let Some(place) = self.sources.place(Table::HeatPipes, row, "") {
            self.sources.set_row(Table::HeatJunctions, self.heat.junctions.len(), place);
        }
        if self.marks.bad.contains(&(Table::HeatPipes, row)) {
            self.marks.bad.insert((Table::HeatJunctions, self.heat.junctions.len()));
        }
        self.heat.junctions.push(junction);
        self.tally.made_up += 1;
    }

    fn join_others(&mut self) {
        if self.homeless.is_empty() {
            return;
        }
        let junctions = Nearest::new(self.places());
        for (table, row, position) in std::mem::take(&mut self.homeless) {
            let near = junctions.of(xyz(position));
            let junction = near.map(|(_, j)| self.heat.junctions[j].id.clone());
            let (what, id, slot) = if table == Table::Plants {
                let p = &mut self.heat.plants[row];
                ("plant", &p.id, &mut p.junction)
            } else {
                let s = &mut self.heat.substations[row];
                ("substation", &s.id, &mut s.junction)
            };
            let who = format!("{what} `{}`", shown(id));
            let (Some((distance_m, _)), Some(junction)) = (near, junction) else {
                let message = format!("{who} names no junction, and none has a position");
                let help = "draw pipes or junctions, or name its `junction`";
                self.tell_row(Severity::Error, "missing", (table, row), message, help);
                self.marks.bad.insert((table, row));
                continue;
            };
            slot.clone_from(&junction);
            self.tally.given += 1;
            if distance_m > NEAR_M {
                let message = format!(
                    "{who} names no junction; the nearest, `{}`, is {distance_m:.0} m away",
                    shown(&junction)
                );
                let help = "draw the pipe that leads there, or name its `junction`";
                self.tell_row(Severity::Warning, codes::ASSUMED, (table, row), message, help);
            }
        }
    }

    fn tell_row(
        &mut self,
        severity: Severity,
        code: &'static str,
        (table, row): (Table, usize),
        message: String,
        help: &str,
    ) {
        let place = self.sources.place(table, row, "");
        let (line, column) = place.map_or((0, 0), |p| (p.line, p.column));
        let problem = InputProblem::new(severity, code, self.problems.file(), message);
        self.problems.push(problem.at(line, column).help(help));
    }

    /// Substations have no position of their own in a region.
    fn count_moved(&mut self) {
        let at: HashMap<&str, Option<Xyz>> =
            self.heat.junctions.iter().map(|j| (j.id.as_str(), j.position.map(xyz))).collect();
        let moved = |(row, position): &&(usize, _)| {
            let junction = self.heat.substations[*row].junction.as_str();
            let there = at.get(junction).copied().flatten();
            there.is_none_or(|there| apart_m(there, xyz(*position)) > SAME_PLACE_M)
        };
        self.tally.moved = self.placed.iter().filter(moved).count();
    }
}
