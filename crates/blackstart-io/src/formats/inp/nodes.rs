//! `[JUNCTIONS]`, `[RESERVOIRS]`, `[TANKS]`, `[DEMANDS]`, `[EMITTERS]`, `[COORDINATES]`
//! and `[VERTICES]`.

use std::collections::HashMap;

use blackstart::region::{Junction, JunctionDemand, Reservoir, Table, Tank};

use super::lines::{Row, Section};
use super::tables::{CurveUse, Places};
use super::{MapPoint, Reader, UNKNOWN_REFERENCE};
use crate::codes;
use crate::formats::collect::shorten;
use crate::problem::Severity;

/// What a node is, with its row in that table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Junction(usize),
    Reservoir,
    Tank,
}

/// Nodes by id.
#[derive(Default)]
pub(super) struct NodeIds<'a> {
    by_id: HashMap<&'a str, Node>,
}

impl NodeIds<'_> {
    pub fn get(&self, id: &str) -> Option<Node> {
        self.by_id.get(id).copied()
    }
}

impl<'a> Reader<'a> {
    pub(super) fn read_nodes(&mut self) {
        self.read_junctions();
        self.read_stores();
    }

    fn read_junctions(&mut self) {
        let mut places =
            Places::new(Table::Junctions, self, &["id", "elevation_m", "demand_m3h", "pattern"]);
        let length = self.options.units.length;
        for row in self.sections.rows(Section::Junctions) {
            let elevation = row.number_or(&mut self.problems, 1, 0.0, "the elevation");
            let mut demands = Vec::new();
            if row.len() > 2 {
                demands.extend(self.demand(&row, 2));
            }
            self.nodes
                .by_id
                .entry(row.at(0))
                .or_insert(Node::Junction(self.out.water.junctions.len()));
            places.push(&row, &[0, 1, 2, 3]);
            self.out.water.junctions.push(Junction {
                id: row.at(0).to_owned(),
                elevation_m: elevation.unwrap_or(f64::NAN) * length,
                demands,
                emitter_m3h: 0.0,
                position: None,
            });
        }
        places.finish(self);
    }

    /// The demand at token `i` with the pattern after it, or the default pattern.
    fn demand(&mut self, row: &Row<'a>, i: usize) -> Option<JunctionDemand> {
        let base = row.number(&mut self.problems, i, "the demand")?;
        let pattern = if row.len() > i + 1 {
            self.pattern(row, i + 1)
        } else {
            self.patterns.get(&self.options.default_pattern)
        };
        let base_m3h = base * self.options.units.flow;
        (base != 0.0).then_some(JunctionDemand { base_m3h, pattern })
    }

    /// Reservoirs and tanks. As in EPANET, a row of up to three values is a reservoir in
    /// either section, a longer one a tank.
    fn read_stores(&mut self) {
        let mut reservoirs = Places::new(Table::Reservoirs, self, &["id", "head_m", "pattern"]);
        let mut tanks = Places::new(
            Table::Tanks,
            self,
            &[
                "id",
                "elevation_m",
                "init_level_m",
                "min_level_m",
                "max_level_m",
                "diameter_m",
                "min_volume_m3",
                "volume_curve_m_m3",
                "overflow",
            ],
        );
        for section in [Section::Reservoirs, Section::Tanks] {
            for row in self.sections.rows(section) {
                let by_curve = row.len() > 7 && row.at(7) != "*";
                let no_width = row.len() > 5 && row.at(5).parse() == Ok(0.0) && !by_curve;
                if no_width {
                    let message = "a tank of diameter 0 is a reservoir, as in EPANET";
                    let code = codes::ASSUMED;
                    row.problem(&mut self.problems, Severity::Warning, code, 5, message, None);
                }
                if row.len() <= 3 || no_width {
                    let head = row.number(&mut self.problems, 1, "the head");
                    let pattern = if row.len() == 3 { self.pattern(&row, 2) } else { None };
                    self.nodes.by_id.entry(row.at(0)).or_insert(Node::Reservoir);
                    reservoirs.push(&row, &[0, 1, 2]);
                    self.out.water.reservoirs.push(Reservoir {
                        id: row.at(0).to_owned(),
                        head_m: head.unwrap_or(f64::NAN) * self.options.units.length,
                        pattern,
                        position: None,
                    });
                } else {
                    tanks.push(&row, &[0, 1, 2, 3, 4, 5, 6, 7, 8]);
                    self.nodes.by_id.entry(row.at(0)).or_insert(Node::Tank);
                    let tank = self.tank(&row);
                    self.out.water.tanks.push(tank);
                }
            }
        }
        reservoirs.finish(self);
        tanks.finish(self);
    }

    fn tank(&mut self, row: &Row<'a>) -> Tank {
        let units = self.options.units;
        let names =
            ["the elevation", "the initial level", "the minimum level", "the maximum level"];
        let mut lengths = [f64::NAN; 5];
        for (i, what) in names.into_iter().chain(["the diameter"]).enumerate() {
            let x = row.number(&mut self.problems, i + 1, what);
            lengths[i] = x.unwrap_or(f64::NAN) * units.length;
        }
        let [elevation_m, init_level_m, min_level_m, max_level_m, diameter_m] = lengths;
        let min_volume = row.number_or(&mut self.problems, 6, 0.0, "the minimum volume");
        let min_volume = min_volume.unwrap_or(0.0) * units.volume;
        let has_curve = row.len() > 7 && row.at(7) != "*";
        let curve = if has_curve {
            let user = (CurveUse::Volume, row.at(0));
            self.curve(row, 7, (units.length, units.volume), user)
        } else {
            Vec::new()
        };
        let overflow = match row.at(8) {
            "" => false,
            word if word.eq_ignore_ascii_case("YES") => true,
            word if word.eq_ignore_ascii_case("NO") => false,
            word => {
                let message = format!("`{}` is neither YES nor NO (overflow)", shorten(word, 24));
                row.error(&mut self.problems, codes::BAD_WORD, 8, message);
                false
            }
        };
        // Without a figure of its own a cylinder holds its area times the lowest level.
        let cylinder = std::f64::consts::FRAC_PI_4 * diameter_m * diameter_m * min_level_m;
        let min_volume_m3 = if min_volume > 0.0 || has_curve { min_volume } else { cylinder };
        Tank {
            id: row.at(0).to_owned(),
            elevation_m,
            init_level_m,
            min_level_m,
            max_level_m,
            diameter_m,
            min_volume_m3,
            volume_curve: curve,
            overflow,
            position: None,
            facility: None,
        }
    }

    /// The node of token `i` if it is a junction, else a warning, or an error if there is none.
    fn junction(&mut self, row: &Row<'a>, i: usize) -> Option<usize> {
        match self.nodes.get(row.at(i)) {
            Some(Node::Junction(j)) => Some(j),
            Some(Node::Reservoir | Node::Tank) => {
                let id = shorten(row.at(i), 40);
                let message = format!("`{id}` is not a junction; the row plays no part");
                let code = codes::IGNORED;
                row.problem(&mut self.problems, Severity::Warning, code, i, message, None);
                None
            }
            None => {
                self.unknown_node(row, i, Severity::Error);
                None
            }
        }
    }

    pub(super) fn unknown_node(&mut self, row: &Row<'a>, i: usize, severity: Severity) {
        let id = row.at(i);
        let water = &self.out.water;
        let ids = water.junctions.iter().map(|j| j.id.as_str());
        let ids = ids.chain(water.reservoirs.iter().map(|r| r.id.as_str()));
        let ids = ids.chain(water.tanks.iter().map(|t| t.id.as_str()));
        let near = self.problems.nearest(severity, id, ids);
        let help = near.map(|n| format!("did you mean `{n}`?"));
        let message = format!("there is no node `{}`", shorten(id, 40));
        row.problem(&mut self.problems, severity, UNKNOWN_REFERENCE, i, message, help);
    }

    /// `[DEMANDS]`: they take the place of a junction's own demand.
    pub(super) fn read_demands(&mut self) {
        let mut replaced = vec![false; self.out.water.junctions.len()];
        for row in self.sections.rows(Section::Demands) {
            // The form of EPANET 1: one multiplier for all.
            if row.at(0).eq_ignore_ascii_case("MULTIPLY") {
                if let Some(x) = row.number(&mut self.problems, 1, "the multiplier") {
                    self.out.water.options.demand_multiplier = x;
                }
                continue;
            }
            let Some(j) = self.junction(&row, 0) else { continue };
            let demand = self.demand(&row, 1);
            let demands = &mut self.out.water.junctions[j].demands;
            if !std::mem::replace(&mut replaced[j], true) {
                demands.clear();
            }
            demands.extend(demand);
            let column = row.column(1);
            self.sources.set_field(Table::Junctions, j, "demand_m3h", row.line, column);
        }
    }

    /// `[EMITTERS]`: flow at a pressure of one unit, made that at 1 m.
    pub(super) fn read_emitters(&mut self) {
        let units = self.options.units;
        let per_metre = units.pressure.powf(self.options.water.emitter_exponent);
        for row in self.sections.rows(Section::Emitters) {
            let Some(j) = self.junction(&row, 0) else { continue };
            if let Some(x) = row.number(&mut self.problems, 1, "the emitter's coefficient") {
                self.out.water.junctions[j].emitter_m3h = x * units.flow / per_metre;
                let column = row.column(1);
                self.sources.set_field(Table::Junctions, j, "emitter_m3h", row.line, column);
            }
        }
    }

    /// `[COORDINATES]` and `[VERTICES]`. A point of something that is not there is told
    /// as a warning: it changes nothing.
    pub(super) fn read_map(&mut self) {
        for row in self.sections.rows(Section::Coordinates) {
            if self.nodes.get(row.at(0)).is_none() {
                self.unknown_node(&row, 0, Severity::Warning);
                continue;
            }
            let point = self.point(&row);
            self.out.coordinates.extend(point);
        }
        for row in self.sections.rows(Section::Vertices) {
            if self.links.get(row.at(0)).is_none() {
                let message = format!("there is no link `{}`", shorten(row.at(0), 40));
                let code = UNKNOWN_REFERENCE;
                row.problem(&mut self.problems, Severity::Warning, code, 0, message, None);
                continue;
            }
            let point = self.point(&row);
            self.out.vertices.extend(point);
        }
    }

    fn point(&mut self, row: &Row<'a>) -> Option<MapPoint> {
        if row.len() < 3 {
            let message = "a point has an x and a y; this one is left out";
            let (code, at) = (codes::IGNORED, row.len());
            row.problem(&mut self.problems, Severity::Warning, code, at, message, None);
            return None;
        }
        let x = row.number(&mut self.problems, 1, "the x coordinate");
        let y = row.number(&mut self.problems, 2, "the y coordinate");
        Some(MapPoint { id: row.at(0).to_owned(), x: x?, y: y? })
    }
}
