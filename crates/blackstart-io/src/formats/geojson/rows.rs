//! Features as rows of the heat tables, with the tables' defaults.

use blackstart::region::{
    HeatJunction, HeatPipe, HeatSubstation, Laid, Plant, PlantKind, Position, Table,
};

use super::Kind;
use super::geometry::Shape;
use super::globe;
use super::read::Reader;
use super::row::Row;
use crate::formats::json::Node;
use crate::formats::region_folder::layouts::{LAID, default};

/// The properties of a feature.
type Properties<'n> = &'n [(String, Node)];

fn point(shape: &Shape) -> Option<Position> {
    if let Shape::Point(position) = shape { Some(*position) } else { None }
}

impl Reader<'_, '_> {
    pub(super) fn junction(&mut self, feature: &Node, properties: Properties<'_>, shape: &Shape) {
        let at = (Kind::Junction, self.heat.junctions.len());
        let mut row = Row::begin(self, feature, properties, at, shape);
        let junction = HeatJunction {
            elevation_m: row.number_or("elevation_m", 0.0),
            position: point(shape),
            id: row.id,
        };
        self.heat.junctions.push(junction);
    }

    pub(super) fn pipe(&mut self, feature: &Node, properties: Properties<'_>, shape: Shape) {
        let index = self.heat.pipes.len();
        let mut row = Row::begin(self, feature, properties, (Kind::Pipe, index), &shape);
        let line = if let Shape::Line(line) = &shape { Some(line.as_slice()) } else { None };
        // A broken line was told; what would follow from it is not told again.
        let broken = matches!(shape, Shape::Broken(_));
        let ends = line.and_then(|l| Some([*l.first()?, *l.last()?]));
        let mut end = |column: &'static str, far: bool| {
            let named = row.text(column);
            if let (true, Some(ends)) = (row.value(column).is_none(), ends) {
                row.r.ends.push((index, far, ends[usize::from(far)]));
            } else if row.value(column).is_none() && !broken {
                row.missing(column, "a pipe without geometry must name its junctions");
            }
            named.unwrap_or_default()
        };
        let (from, to) = (end("from", false), end("to", true));
        let length_m = match line {
            Some(line) if row.value("length_m").is_none() => {
                row.r.tally.measured += usize::from(row.r.wgs84);
                globe::length_m(line)
            }
            None if broken => row.number_or("length_m", 1.0),
            _ => row.number("length_m"),
        };
        if line.is_some_and(|l| l.len() > 2) {
            row.r.tally.bends += 1;
        }
        let pipe = HeatPipe {
            from,
            to,
            length_m,
            diameter_mm: row.number("diameter_mm"),
            roughness_mm: row.number_or("roughness_mm", default::HEAT_ROUGHNESS_MM),
            loss_w_m_k: row.number_or("loss_w_m_k", default::HEAT_LOSS_W_M_K),
            laid: row.word("laid", &LAID, Laid::Ground),
            id: row.id,
        };
        self.heat.pipes.push(pipe);
    }

    pub(super) fn plant(
        &mut self,
        feature: &Node,
        properties: Properties<'_>,
        kind: PlantKind,
        shape: &Shape,
    ) {
        let index = self.heat.plants.len();
        let mut row = Row::begin(self, feature, properties, (Kind::Plant(kind), index), shape);
        let junction = junction_of(&mut row, (Table::Plants, index), shape);
        let power_to_heat = match kind {
            PlantKind::Chp => default::POWER_TO_HEAT,
            PlantKind::BoilerHouse | PlantKind::Mobile => 0.0,
        };
        let plant = Plant {
            name: row.text("name").unwrap_or_default(),
            kind,
            junction,
            heat_max_mw: row.number("heat_max_mw"),
            generator: row.text("generator"),
            power_to_heat: row.number_or("power_to_heat", power_to_heat),
            power_loss_per_heat: row.number_or("power_loss_per_heat", 0.0),
            operating_mw: row.points("operating_mw"),
            efficiency: row.number_or("efficiency", default::PLANT_EFFICIENCY),
            pump_head_m: row.number_or("pump_head_m", default::PUMP_HEAD_M),
            fuel_h: row.number_or("fuel_h", f64::INFINITY),
            position: point(shape),
            facility: row.text("facility"),
            id: row.id,
        };
        self.heat.plants.push(plant);
    }

    pub(super) fn substation(&mut self, feature: &Node, properties: Properties<'_>, shape: &Shape) {
        let index = self.heat.substations.len();
        let mut row = Row::begin(self, feature, properties, (Kind::Substation, index), shape);
        let substation = HeatSubstation {
            junction: junction_of(&mut row, (Table::HeatSubstations, index), shape),
            design_mw: row.number("design_mw"),
            hot_water_mw: row.number_or("hot_water_mw", 0.0),
            bypass_share: row.number_or("bypass_share", 0.0),
            id: row.id,
        };
        self.placed.extend(point(shape).map(|at| (index, at)));
        self.heat.substations.push(substation);
    }
}

/// The junction that a plant or substation names; without one its place decides later.
fn junction_of(row: &mut Row<'_, '_, '_, '_>, at: (Table, usize), shape: &Shape) -> String {
    if row.value("junction").is_none() {
        match shape {
            Shape::Point(position) => row.r.homeless.push((at.0, at.1, *position)),
            Shape::Broken(_) => {}
            Shape::None | Shape::Line(_) | Shape::Other(_) => {
                row.missing("junction", "without geometry it must name one");
            }
        }
    }
    row.text("junction").unwrap_or_default()
}
