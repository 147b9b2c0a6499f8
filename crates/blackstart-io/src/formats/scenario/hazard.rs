//! `[[earthquake]]`, `[[ice_storm]]`, `[[flood]]`: a field over the region, from a table of
//! points, a raster, or a simple shape.

use std::sync::Arc;

use blackstart::damage::earthquake::PGV_CM_S_PER_G;
use blackstart::damage::field::{self, Field};
use blackstart::region::Position;
use blackstart::scenario::{
    Earthquake, Event, EventKind, Felt, Flood, Hazard, IceStorm, Icing, Interval, Motion, Shaking,
};
use jiff::civil::DateTime;

use super::{Reader, defaults};
use crate::codes;
use crate::formats::ascii_grid;
use crate::formats::table::{self, Layout, Row};
use crate::input_file::InputFile;
use crate::problem::{InputProblem, Severity};
use crate::toml_doc::{Section, Value};

/// A quantity of a field.
struct Quantity {
    /// Column of a table of points.
    column: &'static str,
    /// Largest value.
    most: f64,
    /// The second column, if there may be one, and its largest value.
    second: Option<(&'static str, f64)>,
    layout: Layout,
}

const PGA: Quantity = Quantity {
    column: "pga_g",
    most: 5.0,
    second: Some(("pgv_cm_s", 1000.0)),
    layout: Layout { columns: &["lon_deg", "lat_deg", "pga_g", "pgv_cm_s"], required: 3 },
};

const ICE: Quantity = Quantity {
    column: "ice_mm",
    most: 300.0,
    second: Some(("wind_m_s", 100.0)),
    layout: Layout { columns: &["lon_deg", "lat_deg", "ice_mm", "wind_m_s"], required: 3 },
};

const DEPTH: Quantity = Quantity {
    column: "depth_m",
    most: 100.0,
    second: None,
    layout: Layout { columns: &["lon_deg", "lat_deg", "depth_m"], required: 3 },
};

/// Keys of a map.
const MAPS: [&str; 2] = ["points", "raster"];

/// What may come with one.
const MAP_KEYS: [&str; 5] = ["points", "raster", "reach_km", "factor", "along"];

impl Reader<'_> {
    pub(super) fn hazards(
        &mut self,
        top: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Vec<Event> {
        let mut events = Vec::new();
        let known = |section: &Section<'_, '_>| {
            for key in MAP_KEYS {
                section.get(key);
            }
        };
        for section in top.sections("earthquake") {
            known(&section);
            let hazard = self.earthquake(&section).map(Hazard::Earthquake);
            events.extend(self.hazard(&section, "Earthquake", hazard, start, horizon_h));
        }
        for section in top.sections("ice_storm") {
            known(&section);
            let hazard = self.ice_storm(&section).map(Hazard::IceStorm);
            events.extend(self.hazard(&section, "Ice storm", hazard, start, horizon_h));
        }
        for section in top.sections("flood") {
            known(&section);
            let hazard = self.flood(&section).map(Hazard::Flood);
            events.extend(self.hazard(&section, "Flood", hazard, start, horizon_h));
        }
        events
    }

    fn hazard(
        &self,
        section: &Section<'_, '_>,
        noun: &str,
        hazard: Option<Hazard>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Option<Event> {
        let name = section.text("name").unwrap_or_else(|| noun.to_owned());
        let at_h = self.at_h(section, start, horizon_h);
        section.finish();
        Some(Event { name, at_h: at_h?, kind: EventKind::Hazard(hazard?) })
    }

    fn earthquake(&mut self, section: &Section<'_, '_>) -> Option<Earthquake> {
        let anchored = section.flag("anchored").unwrap_or_else(|| {
            if section.get("anchored").is_none() {
                self.assume("earthquake.anchored", String::from("false: equipment stands loose"));
            }
            false
        });
        let magnitude = section
            .get("magnitude")
            .and_then(|v| v.interval(4.5..=8.5, "a moment magnitude from 4.5 to 8.5"));
        let ground = section.word("ground", &[("soil", true), ("rock", false)]);
        let line = section.get("along").and_then(|value| line(&value));
        let (maps, shape) = (has_map(section), section.has("magnitude"));
        if shape == maps {
            let (message, help) = if maps {
                ("`magnitude` and a map both say how the ground shakes", "remove one of them")
            } else {
                (
                    "it is not said how the ground shakes",
                    "write magnitude = 6.5 and along = [[30.5, 50.4]], or points = \"pga.csv\"",
                )
            };
            section.push(one_of(maps), message.to_owned(), Some(help.to_owned()));
            return None;
        }
        let (odd, with) = if maps {
            (["along", "ground"], "goes with `magnitude`, not with a map")
        } else {
            (["reach_km", "factor"], "goes with a map, not with `magnitude`")
        };
        for key in odd {
            if section.has(key) {
                section.push("contradiction", format!("`{key}` {with}"), None);
            }
        }
        if maps {
            let factor = factor(section);
            let (map, _) = self.map(section, &PGA)?;
            let felt = self.felt(section, |place| {
                map.at(place).map(|(pga_g, pgv)| Shaking {
                    pga_g,
                    pgv_cm_s: pgv.unwrap_or(pga_g * PGV_CM_S_PER_G),
                })
            });
            let motion = Motion::Mapped { felt, factor: factor? };
            return Some(Earthquake { motion, anchored });
        }
        if !section.has("along") {
            let message = String::from("it is not said where the ground broke");
            let help = "write along = [[lon_deg, lat_deg]], the epicentre or points of the rupture";
            section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
        }
        let soil = ground.unwrap_or_else(|| {
            if section.get("ground").is_none() {
                self.assume("earthquake.ground", String::from("soil"));
            }
            true
        });
        if let Some(m) = magnitude
            && (m.low < 5.0 || m.high > 7.7)
        {
            let message = String::from(
                "the formula for ground motion holds for magnitudes from 5 to 7.7; a map of the \
                 shaking would be better",
            );
            warn(section, codes::ASSUMED, message);
        }
        let line = line?;
        let felt = self.felt(section, |place| Some(field::distance_km(&line, place)));
        Some(Earthquake { motion: Motion::Rupture { felt, magnitude: magnitude?, soil }, anchored })
    }

    fn ice_storm(&mut self, section: &Section<'_, '_>) -> Option<IceStorm> {
        let wind = section.number_in("wind_m_s", 0.0..=100.0, "from 0 to 100 m/s");
        let built = |key| section.number_in(key, 0.0..=100.0, "from 0 to 100");
        let mut design = Icing {
            ice_mm: built("design_ice_mm").unwrap_or(f64::NAN),
            wind_m_s: built("design_wind_m_s").unwrap_or(f64::NAN),
        };
        for (key, value, default) in [
            ("design_ice_mm", &mut design.ice_mm, defaults::DESIGN_ICE_MM),
            ("design_wind_m_s", &mut design.wind_m_s, defaults::DESIGN_WIND_M_S),
        ] {
            if value.is_nan() {
                *value = default;
                self.assume(&format!("ice_storm.{key}"), format!("{default} (assumption)"));
            }
        }
        let (field, factor) = self.shaped(section, &ICE, "ice_mm", None)?;
        let mut calm = false;
        let felt = self.felt(section, |place| {
            field.at(place).map(|(ice_mm, here)| {
                calm |= here.is_none() && wind.is_none();
                Icing { ice_mm, wind_m_s: here.or(wind).unwrap_or(defaults::ICE_WIND_M_S) }
            })
        });
        if calm && section.get("wind_m_s").is_none() {
            let text = format!("{} m/s (assumption)", defaults::ICE_WIND_M_S);
            self.assume("ice_storm.wind_m_s", text);
        }
        Some(IceStorm { felt, factor, design })
    }

    fn flood(&mut self, section: &Section<'_, '_>) -> Option<Flood> {
        let stands_h =
            section.number_in("stands_h", 0.0..=8784.0, "from 0 to 8784 hours").unwrap_or(f64::NAN);
        let (field, factor) =
            self.shaped(section, &DEPTH, "depth_m", Some(defaults::FLOOD_REACH_KM))?;
        let felt = self.felt(section, |place| field.at(place).map(|(depth_m, _)| depth_m));
        let stands_h = if stands_h.is_nan() {
            let default = defaults::FLOOD_STANDS_H;
            if section.get("stands_h").is_none() {
                self.assume("flood.stands_h", format!("{default} h (assumption)"));
            }
            default
        } else {
            stands_h
        };
        Some(Flood { felt, factor, stands_h })
    }

    /// A map with its factor; or a shape of height 1 with the interval of `peak`.
    fn shaped(
        &mut self,
        section: &Section<'_, '_>,
        quantity: &Quantity,
        peak: &'static str,
        reach_km: Option<f64>,
    ) -> Option<(Known, Interval)> {
        let (maps, shape) = (has_map(section), section.has(peak));
        if shape == maps {
            let message = if maps {
                format!("`{peak}` and a map both say how much")
            } else {
                format!("it is not said how much: `{peak}` or a map is missing")
            };
            let help = if maps {
                String::from("remove one of them")
            } else {
                format!("write {peak} = [1, 2], or points = \"{peak}.csv\"")
            };
            section.push(one_of(maps), message, Some(help));
            return None;
        }
        if maps {
            if section.has("along") {
                let message = format!("`along` goes with `{peak}`, not with a map");
                section.push("contradiction", message, None);
            }
            let factor = factor(section);
            let (map, open) = self.map(section, quantity)?;
            let map = match (map, open, reach_km) {
                (Known::Map(Field::Points { points, .. }), true, Some(reach_km)) => {
                    let text = format!("{reach_km} km around each point (assumption)");
                    self.assume(&format!("{}.reach_km", section.name()), text);
                    Known::Map(Field::Points { points, reach_km })
                }
                (map, ..) => map,
            };
            return Some((map, factor?));
        }
        if section.has("factor") {
            let message = format!("`factor` goes with a map; write `{peak}` as [low, high]");
            section.push("contradiction", message, None);
        }
        let most = quantity.most;
        let peak =
            section.get(peak).and_then(|v| v.interval(0.0..=most, &format!("from 0 to {most}")));
        let Some(along) = section.get("along") else {
            if section.has("reach_km") {
                let message = String::from("`reach_km` needs `along`: from where?");
                section.push("contradiction", message, None);
            }
            return Some((Known::Map(Field::Everywhere((1.0, None))), peak?));
        };
        let line = line(&along);
        let reach_km = section.number_in("reach_km", 1e-3..=1e4, "from 0.001 to 10,000 km");
        if !section.has("reach_km") {
            let message = String::from("`reach_km` is missing: how far from `along`");
            let help = "write reach_km = 5; it falls to nothing over that distance";
            section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
        }
        Some((Known::Around { line: line?, reach_km: reach_km? }, peak?))
    }

    /// The map of `points` or `raster`; true if it is of points without `reach_km`.
    fn map(&mut self, section: &Section<'_, '_>, quantity: &Quantity) -> Option<(Known, bool)> {
        let reach_km = section.number_in("reach_km", 1e-3..=1e5, "from 0.001 to 100,000 km");
        let [points, raster] = MAPS.map(|key| section.get(key));
        if let (Some(_), Some(value)) = (&points, &raster) {
            let message = String::from("`points` and `raster` are both there");
            value.push("contradiction", message, Some(String::from("remove one of them")));
            return None;
        }
        if let Some(value) = raster {
            if section.has("reach_km") {
                let message = String::from("`reach_km` goes with `points`, not with a raster");
                section.push("contradiction", message, None);
            }
            let file = self.input(&value)?;
            let mut problems = section.doc.problems.borrow_mut();
            let raster = ascii_grid::read(&file, quantity.most, &mut problems)?;
            return Some((Known::Cells(Field::Raster(raster)), false));
        }
        let file = self.input(&points?)?;
        let mut problems = section.doc.problems.borrow_mut();
        let read = table::read(&file, quantity.layout, &mut problems, |row| point(row, quantity));
        if !read.complete || !read.bad.is_empty() {
            return None;
        }
        if read.rows.is_empty() {
            let message = String::from("the table has no points");
            problems.push(InputProblem::error(codes::EMPTY_FILE, &file.path, message));
            return None;
        }
        let points = read.rows.into_iter().flatten().collect();
        let open = reach_km.is_none();
        let reach_km = reach_km.unwrap_or(f64::INFINITY);
        Some((Known::Map(Field::Points { points, reach_km }), open))
    }

    fn input(&mut self, value: &Value<'_, '_>) -> Option<InputFile> {
        let (path, text) = self.file(value)?;
        Some(InputFile { path, text, sha256: String::new() })
    }

    /// What facilities feel, and a note of those without a position.
    fn felt<T>(
        &self,
        section: &Section<'_, '_>,
        field: impl FnMut(Position) -> Option<T>,
    ) -> Arc<[Felt<T>]> {
        let (felt, nowhere) = field::felt(self.region, field);
        let tell = |message: String| warn(section, codes::NOT_SIMULATED, message);
        let all = self.region.facilities().len();
        if nowhere > 0 {
            tell(format!(
                "{nowhere} of {all} facilities have no position: nothing happens to them"
            ));
        }
        if felt.is_empty() && nowhere < all {
            tell(String::from("it reaches no facility of the region"));
        }
        felt.into()
    }
}

fn warn(section: &Section<'_, '_>, code: &'static str, message: String) {
    let (line, column) = section.place();
    let mut problem = InputProblem::error(code, section.doc.file, message);
    problem.severity = Severity::Warning;
    section.doc.problems.borrow_mut().push(problem.at(line, column));
}

/// A field whose value may have a second part.
enum Known {
    Map(Field<(f64, Option<f64>)>),
    Cells(Field<f64>),
    /// 1 on a line, falling to nothing.
    Around {
        line: Vec<Position>,
        reach_km: f64,
    },
}

impl Known {
    fn at(&self, place: Position) -> Option<(f64, Option<f64>)> {
        match self {
            Self::Map(field) => field.at(place),
            Self::Cells(field) => field.at(place).map(|value| (value, None)),
            Self::Around { line, reach_km } => {
                let left = 1.0 - field::distance_km(line, place) / reach_km;
                (left > 0.0).then_some((left, None))
            }
        }
    }
}

fn has_map(section: &Section<'_, '_>) -> bool {
    MAPS.iter().any(|key| section.has(key))
}

const fn one_of(both: bool) -> &'static str {
    if both { "contradiction" } else { codes::MISSING_KEY }
}

fn factor(section: &Section<'_, '_>) -> Option<Interval> {
    let Some(value) = section.get("factor") else { return Some(Interval::point(1.0)) };
    value.interval(0.0..=100.0, "a factor from 0 to 100")
}

fn point(row: &mut Row<'_>, quantity: &Quantity) -> Option<(Position, (f64, Option<f64>))> {
    let position = row.position();
    if position.is_none() && row.is_empty("lon_deg") && row.is_empty("lat_deg") {
        let message = String::from("a point needs lon_deg and lat_deg");
        row.push(codes::BAD_NUMBER, "lon_deg", message, None);
    }
    if let Some(place) = position {
        for (column, deg, most) in
            [("lon_deg", place.lon_deg, 180.0), ("lat_deg", place.lat_deg, 90.0)]
        {
            if deg.abs() > most {
                let message = format!("{column} is {deg}; it must be from -{most} to {most}");
                row.push("out-of-range", column, message, None);
            }
        }
    }
    let value = row.number(quantity.column);
    in_range(row, quantity.column, value, quantity.most);
    let second = quantity.second.and_then(|(column, most)| {
        let second = row.number_or(column, f64::NAN);
        let known = (!second.is_nan()).then_some(second)?;
        in_range(row, column, known, most);
        Some(known)
    });
    Some((position?, (value, second)))
}

fn in_range(row: &mut Row<'_>, column: &str, value: f64, most: f64) {
    if value.is_finite() && !(0.0..=most).contains(&value) {
        let message = format!("{column} is {value}; it must be from 0 to {most}");
        row.push("out-of-range", column, message, None);
    }
}

/// `[[lon_deg, lat_deg], …]`, at least one.
fn line(value: &Value<'_, '_>) -> Option<Vec<Position>> {
    let items = value.list()?;
    if items.is_empty() {
        let message = format!("`{}` has no points", value.key);
        value.push(codes::BAD_VALUE, message, Some(String::from("write [[30.5, 50.4]]")));
        return None;
    }
    items.iter().map(Value::position).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use blackstart::region::{FacilityClass, Region};
    use blackstart::scenario::Scenario;

    use super::*;
    use crate::formats::scenario::tests::region;
    use crate::formats::scenario::{ReadScenario, parse_embedded_scenario};

    fn read(text: &str, files: &[(&str, &str)], region: &Region) -> ReadScenario {
        let text =
            format!("start = 2026-01-13T20:00:00\ndays = 1\n[weather]\noutdoor_c = -5\n{text}");
        parse_embedded_scenario(&text, Path::new("s.toml"), files, region)
    }

    fn only(scenario: &Scenario) -> &Hazard {
        let [event] = scenario.events.as_slice() else { panic!("one event") };
        assert_eq!(event.at_h, 3.0);
        let EventKind::Hazard(hazard) = &event.kind else { panic!("a hazard") };
        hazard
    }

    /// Values at places (substations …) by facility.
    fn at_places<T: Copy>(region: &Region, felt: &[Felt<T>]) -> Vec<(Position, T)> {
        let facilities = region.facilities();
        let placed =
            felt.iter().filter(|f| facilities[f.facility.i()].class == FacilityClass::Substation);
        let of = |f: &Felt<T>| Some((facilities[f.facility.i()].position?, f.stretches[0].value));
        placed.filter_map(of).collect()
    }

    #[test]
    fn an_earthquake_by_magnitude_or_by_map() {
        let region = region();
        let rupture = "[[earthquake]]\nat_h = 3\nmagnitude = [6, 6.5]\nalong = [[-30, 50]]\n";
        let scenario = read(rupture, &[], &region).scenario.expect("sound");
        let Hazard::Earthquake(Earthquake { motion, anchored: false }) = only(&scenario) else {
            panic!("an earthquake")
        };
        let Motion::Rupture { felt, magnitude, soil: true } = motion else { panic!("a rupture") };
        assert_eq!(*magnitude, Interval { low: 6.0, high: 6.5 });
        let centre = Position { lon_deg: -30.0, lat_deg: 50.0 };
        let places = at_places(&region, felt);
        assert!(places.len() > 10);
        assert!(places.iter().all(|(p, km)| (p.distance_km(centre) - km).abs() < 1e-9));
        for key in ["earthquake.anchored", "earthquake.ground"] {
            assert!(scenario.assumed.iter().any(|a| a.key == key), "{key}");
        }

        let points = "lon_deg,lat_deg,pga_g,pgv_cm_s\n-30.5,50,0.1,\n-29.5,50,0.3,25\n";
        let map = "[[earthquake]]\nat_h = 3\npoints = \"p.csv\"\nfactor = [0.8, 1.2]\n\
                   anchored = true\n";
        let read = read(map, &[("p.csv", points)], &region);
        assert!(read.inputs.iter().any(|(path, _)| path == Path::new("p.csv")));
        let scenario = read.scenario.expect("sound");
        let Hazard::Earthquake(Earthquake { motion, anchored: true }) = only(&scenario) else {
            panic!("an earthquake")
        };
        let Motion::Mapped { felt, factor } = motion else { panic!("a map") };
        assert_eq!(*factor, Interval { low: 0.8, high: 1.2 });
        let mut seen = [false; 2];
        for (place, shaking) in at_places(&region, felt) {
            let east = place.lon_deg > -30.0;
            let (pga_g, pgv_cm_s) = if east { (0.3, 25.0) } else { (0.1, 0.1 * PGV_CM_S_PER_G) };
            assert_eq!(shaking, Shaking { pga_g, pgv_cm_s });
            seen[usize::from(east)] = true;
        }
        assert_eq!(seen, [true, true]);
    }

    #[test]
    fn an_ice_storm_by_shape_and_a_flood_by_raster() {
        let region = region();
        let storm = "[[ice_storm]]\nat_h = 3\nice_mm = [20, 30]\nwind_m_s = 6\n\
                     along = [[-30.5, 50], [-29.5, 50]]\nreach_km = 30\n";
        let scenario = read(storm, &[], &region).scenario.expect("sound");
        let Hazard::IceStorm(IceStorm { felt, factor, design }) = only(&scenario) else {
            panic!("an ice storm")
        };
        assert_eq!(*factor, Interval { low: 20.0, high: 30.0 });
        assert_eq!(*design, Icing { ice_mm: 15.0, wind_m_s: 15.0 });
        let line = [-30.5, -29.5].map(|lon_deg| Position { lon_deg, lat_deg: 50.0 });
        for (place, icing) in at_places(&region, felt) {
            let left = 1.0 - field::distance_km(&line, place) / 30.0;
            assert!((icing.ice_mm - left).abs() < 1e-12 && icing.wind_m_s == 6.0);
        }

        // West of -30 degrees 2 m, east of it nothing is known.
        let raster = "ncols 2\nnrows 1\nxllcorner -31\nyllcorner 49.5\ncellsize 1\n\
                      nodata_value -1\n2 -1\n";
        let flood = "[[flood]]\ntime = 2026-01-13T23:00:00\nraster = \"d.asc\"\nstands_h = 12\n";
        let scenario = read(flood, &[("d.asc", raster)], &region).scenario.expect("sound");
        let Hazard::Flood(Flood { felt, factor, stands_h }) = only(&scenario) else {
            panic!("a flood")
        };
        assert_eq!((*factor, *stands_h), (Interval::point(1.0), 12.0));
        let wet = at_places(&region, felt);
        assert!(!wet.is_empty() && wet.iter().all(|(p, m)| p.lon_deg < -30.0 && *m == 2.0));
        let substations = region.facilities().iter();
        let substations = substations.filter(|f| f.class == FacilityClass::Substation);
        let west =
            |f: &&blackstart::region::Facility| f.position.is_some_and(|p| p.lon_deg < -30.0);
        assert_eq!(substations.filter(west).count(), wet.len());
    }

    #[test]
    fn a_field_far_away_and_facilities_without_a_place_are_told() {
        let far = "[[flood]]\nat_h = 3\ndepth_m = 2\nalong = [[10, 10]]\nreach_km = 5\n";
        let told = read(far, &[], &region()).problems;
        let [one] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!(one.severity, Severity::Warning);
        assert!(one.message.contains("reaches no facility"), "{one}");

        let strong = "[[earthquake]]\nat_h = 3\nmagnitude = [7.5, 8]\nalong = [[-30, 50]]\n";
        let strong = read(strong, &[], &region());
        let [one] = strong.problems.as_slice() else { panic!("{:?}", strong.problems) };
        assert!(one.message.contains("from 5 to 7.7") && strong.scenario.is_some(), "{one}");
    }

    #[test]
    fn the_examples_reach_the_region_they_are_made_for() {
        let spec = blackstart::synth::Spec { people: 200_000, seed: 1 };
        let draft = blackstart::synth::region(&spec).expect("in range");
        let region = Region::check(draft).region.expect("a healthy region");
        let examples = [
            include_str!("../../../../../examples/natural-hazards/earthquake.toml"),
            include_str!("../../../../../examples/natural-hazards/ice-storm.toml"),
            include_str!("../../../../../examples/natural-hazards/flood.toml"),
        ];
        for text in examples {
            let read = parse_embedded_scenario(text, Path::new("s.toml"), &[], &region);
            assert_eq!(read.problems, []);
            for event in read.scenario.expect("sound").events {
                let EventKind::Hazard(hazard) = event.kind else { panic!("a hazard") };
                assert!(hazard.reached() > 10, "{}: {}", event.name, hazard.reached());
            }
        }
    }
}
