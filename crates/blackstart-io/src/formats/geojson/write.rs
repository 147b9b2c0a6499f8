//! Heat networks as GeoJSON that reads back as the equal network.

use std::collections::HashMap;

use blackstart::region::{Heat, HeatOptions, Position};

use super::{Kind, OPTIONS};
use crate::formats::json::push_text;
use crate::formats::number::push_number;
use crate::formats::region_folder::HEAT_KEYS;
use crate::formats::region_folder::layouts::LAID;

/// `heat` as a FeatureCollection: junctions, pipes, plants and substations in the order of
/// their tables, a feature a line. Pipes run straight between the positions of their junctions
/// and substations stand at theirs; what has no position has the geometry `null`. Positions are
/// degrees of WGS 84, every number is the shortest that reads back the same; those that JSON
/// has no word for (no limit) are left out as `null`, which stands for the default.
#[must_use]
pub fn write(heat: &Heat<String, String>) -> String {
    let mut out = Features { out: String::from("{\"type\":\"FeatureCollection\""), rows: 0 };
    let mut options: HeatOptions = heat.options;
    out.out.push_str(&format!(",\n\"{OPTIONS}\":{{"));
    for (k, (key, slot)) in HEAT_KEYS.iter().enumerate() {
        out.out.push_str(if k > 0 { "," } else { "" });
        out.out.push_str(&format!("\"{key}\":"));
        out.value(*slot(&mut options));
    }
    out.out.push_str("},\n\"features\":[");
    let mut at: HashMap<&str, Position> = HashMap::new();
    for j in &heat.junctions {
        if let Some(position) = j.position {
            at.entry(&j.id).or_insert(position);
        }
        out.begin(Kind::Junction, &j.id, &[j.position]);
        out.number("elevation_m", j.elevation_m);
        out.end();
    }
    let place = |id: &String| at.get(id.as_str()).copied();
    for p in &heat.pipes {
        out.begin(Kind::Pipe, &p.id, &[place(&p.from), place(&p.to)]);
        out.text("from", Some(&p.from));
        out.text("to", Some(&p.to));
        out.number("length_m", p.length_m);
        out.number("diameter_mm", p.diameter_mm);
        out.number("roughness_mm", p.roughness_mm);
        out.number("loss_w_m_k", p.loss_w_m_k);
        out.text("laid", LAID.iter().find(|(_, l)| *l == p.laid).map(|(word, _)| *word));
        out.end();
    }
    for p in &heat.plants {
        out.begin(Kind::Plant(p.kind), &p.id, &[p.position]);
        out.text("junction", Some(&p.junction));
        out.number("heat_max_mw", p.heat_max_mw);
        out.text("name", Some(&p.name));
        out.text("generator", p.generator.as_deref());
        out.number("power_to_heat", p.power_to_heat);
        out.number("power_loss_per_heat", p.power_loss_per_heat);
        out.text("operating_mw", Some(&points(&p.operating_mw)));
        out.number("efficiency", p.efficiency);
        out.number("pump_head_m", p.pump_head_m);
        out.number("fuel_h", p.fuel_h);
        out.text("facility", p.facility.as_deref());
        out.end();
    }
    for s in &heat.substations {
        out.begin(Kind::Substation, &s.id, &[place(&s.junction)]);
        out.text("junction", Some(&s.junction));
        out.number("design_mw", s.design_mw);
        out.number("hot_water_mw", s.hot_water_mw);
        out.number("bypass_share", s.bypass_share);
        out.end();
    }
    out.out.push_str("\n]}\n");
    out.out
}

/// Points as tables have them: GIS show texts, and few show lists of lists.
fn points(points: &[(f64, f64)]) -> String {
    let mut text = String::new();
    for (k, (x, y)) in points.iter().enumerate() {
        text.push_str(if k > 0 { ";" } else { "" });
        push_number(&mut text, *x, "inf", "NaN");
        text.push(':');
        push_number(&mut text, *y, "inf", "NaN");
    }
    text
}

struct Features {
    out: String,
    rows: usize,
}

impl Features {
    /// Begins a feature at one position, or from one to the other.
    fn begin(&mut self, kind: Kind, id: &str, at: &[Option<Position>]) {
        self.out.push_str(if self.rows > 0 { ",\n" } else { "\n" });
        self.rows += 1;
        self.out.push_str("{\"type\":\"Feature\",\"geometry\":");
        let usable = |p: &Position| p.lon_deg.is_finite() && p.lat_deg.is_finite();
        let positions: Option<Vec<Position>> = at.iter().map(|p| p.filter(usable)).collect();
        match positions.as_deref() {
            Some([point]) => {
                self.out.push_str("{\"type\":\"Point\",\"coordinates\":");
                self.position(*point);
                self.out.push('}');
            }
            Some([from, to]) => {
                self.out.push_str("{\"type\":\"LineString\",\"coordinates\":[");
                self.position(*from);
                self.out.push(',');
                self.position(*to);
                self.out.push_str("]}");
            }
            _ => self.out.push_str("null"),
        }
        self.out.push_str(",\"properties\":{\"kind\":");
        push_text(&mut self.out, kind.word());
        self.text("id", Some(id));
    }

    fn end(&mut self) {
        self.out.push_str("}}");
    }

    fn position(&mut self, p: Position) {
        self.out.push('[');
        self.value(p.lon_deg);
        self.out.push(',');
        self.value(p.lat_deg);
        self.out.push(']');
    }

    fn value(&mut self, x: f64) {
        if x.is_finite() {
            push_number(&mut self.out, x, "", "");
        } else {
            self.out.push_str("null");
        }
    }

    fn number(&mut self, column: &str, x: f64) {
        self.out.push_str(&format!(",\"{column}\":"));
        self.value(x);
    }

    /// A text; `null` for none and for an empty one, which mean the same.
    fn text(&mut self, column: &str, text: Option<&str>) {
        self.out.push_str(&format!(",\"{column}\":"));
        match text.filter(|t| !t.is_empty()) {
            Some(text) => push_text(&mut self.out, text),
            None => self.out.push_str("null"),
        }
    }
}
