//! Junctions, what flows in and out there, and what is held there.

use std::collections::HashMap;

use blackstart::heat::net::{FixedJunction, Injection, Junction};
use blackstart::region::Position;

use super::{Reader, ZERO_C_K};
use crate::formats::json;
use crate::formats::pandapower::buses::geo_point;
use crate::formats::pandapower::frame::Frame;

impl Reader<'_, '_> {
    pub(super) fn read_junctions(&mut self) {
        let f = self.table("junction");
        for row in 0..f.len() {
            let position = u32::try_from(self.net.junctions.len()).unwrap_or(u32::MAX);
            self.junctions.insert(f.index[row], position);
            self.net.junctions.push(Junction {
                id: f.index[row].to_string(),
                elevation_m: f.number_or(row, "height_m", 0.0, &mut self.problems),
                in_service: f.flag(row, "in_service", true, &mut self.problems),
            });
        }
        self.read_positions(&f);
    }

    /// Positions in degrees: the column `geo`, or the table that old files have. Drawings in
    /// other coordinates are none.
    fn read_positions(&mut self, junctions: &Frame<'_>) {
        let drawn = self.table("junction_geodata");
        let mut old: HashMap<i64, (f64, f64)> = HashMap::new();
        for row in 0..drawn.len() {
            let xy = ["x", "y"].map(|c| drawn.raw(row, c).and_then(json::Node::number));
            if let [Some(x), Some(y)] = xy {
                old.insert(drawn.index[row], (x, y));
            }
        }
        for row in 0..junctions.len() {
            let new = junctions.raw(row, "geo").and_then(geo_point);
            let point = new.or_else(|| old.get(&junctions.index[row]).copied());
            let on_globe = point.filter(|(x, y)| x.abs() <= 180.0 && y.abs() <= 90.0);
            self.positions.push(on_globe.map(|(lon_deg, lat_deg)| Position { lon_deg, lat_deg }));
        }
    }

    /// Sinks, sources and mass storages.
    pub(super) fn read_injections(&mut self) {
        for (table, sign) in [("sink", -1.0), ("source", 1.0), ("mass_storage", -1.0)] {
            let f = self.table(table);
            if !f.require(&["junction", "mdot_kg_per_s"], &mut self.problems) {
                continue;
            }
            for row in 0..f.len() {
                let junction = self.junction(&f, row, "junction");
                let flow = f.number_or(row, "mdot_kg_per_s", 0.0, &mut self.problems);
                let scaling = f.number_or(row, "scaling", 1.0, &mut self.problems);
                if f.flag(row, "in_service", true, &mut self.problems) && flow * scaling != 0.0 {
                    let mdot_kg_s = sign * flow * scaling;
                    self.net.injections.push(Injection { junction, mdot_kg_s });
                }
            }
        }
    }

    /// External grids.
    pub(super) fn read_fixed(&mut self) {
        let f = self.table("ext_grid");
        if !f.require(&["junction"], &mut self.problems) {
            return;
        }
        for row in 0..f.len() {
            let junction = self.junction(&f, row, "junction");
            if !f.flag(row, "in_service", true, &mut self.problems) {
                continue;
            }
            let holds = match f.text(row, "type").as_str() {
                "" => "pt".to_owned(),
                word => word.to_owned(),
            };
            let p_bar = holds.contains('p').then(|| f.number(row, "p_bar", &mut self.problems));
            let t_k = holds.contains('t').then(|| f.number(row, "t_k", &mut self.problems));
            self.net.fixed.push(FixedJunction {
                junction,
                p_bar: p_bar.flatten(),
                t_c: t_k.flatten().map(|t| t - ZERO_C_K),
            });
        }
    }
}
