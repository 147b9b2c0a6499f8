//! `map.geojson` (RFC 7946): what has a position, with its state in the worst hour and
//! the worst it came to over the run.

use blackstart::region::{Asset, BranchKind, FacilityClass, Position};
use blackstart::results::{FacilityState, Results};

use super::WriteInput;
use super::tables::{local_time, site_kind};
use super::text::{push_fixed, push_json};

/// Decimals of degrees: about a tenth of a metre.
const DEGREES: usize = 6;

/// The features: areas, sites, facilities, buses, branches, in this order.
pub(super) fn map(input: &WriteInput<'_>) -> Vec<u8> {
    let worst = input.summary.worst_hour;
    let mut map = Map { out: Vec::new(), first: true };
    map.out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"name\":");
    push_json(&mut map.out, input.region.name());
    map.out.extend_from_slice(b",\"worst_hour\":");
    push_fixed(&mut map.out, worst as f64, 0);
    map.out.extend_from_slice(b",\"worst_hour_time\":");
    push_json(&mut map.out, &local_time(input.scenario, worst as f64));
    map.out.extend_from_slice(b",\"features\":[");
    areas(&mut map, input, worst);
    sites(&mut map, input, worst);
    facilities(&mut map, input, worst);
    grid(&mut map, input, worst);
    map.out.extend_from_slice(b"\n]}\n");
    map.out
}

fn areas(map: &mut Map, input: &WriteInput<'_>, worst: usize) {
    let areas = &input.region.places().areas;
    let (n, hours) = (areas.len(), input.results.hours);
    let t = &input.results.places;
    for (a, area) in areas.iter().enumerate() {
        let Some(position) = area.position else { continue };
        let now = |column: &[f64]| column.get(worst * n + a).copied().unwrap_or(f64::NAN);
        let least = |column: &[f64]| {
            (0..hours).filter_map(|h| column.get(h * n + a)).fold(f64::NAN, |x, &y| x.min(y))
        };
        map.point("area", &area.id, &area.name, position);
        map.number("people", area.people, 1);
        for (name, column, decimals) in [
            ("electricity_share", &t.electricity_share, 4),
            ("water_share", &t.water_share, 4),
            ("heat_share", &t.heat_share, 4),
            ("indoor_c", &t.indoor_c, 2),
        ] {
            map.number(name, now(column), decimals);
            map.number(&format!("{name}_least"), least(column), decimals);
        }
        map.number("pressure_m", now(&t.pressure_m), 2);
        map.number("people_below_16_c", now(&t.people_below_c[1]), 1);
        map.end();
    }
}

fn sites(map: &mut Map, input: &WriteInput<'_>, worst: usize) {
    let sites = &input.region.places().sites;
    let t = &input.results.sites;
    for (s, site) in sites.iter().enumerate() {
        let Some(position) = site.position else { continue };
        let state = |h: usize| t.state.get(h * sites.len() + s).copied();
        let dark = (0..input.results.hours).filter(|h| state(*h) == Some(FacilityState::Dark));
        map.point("site", &site.id, &site.name, position);
        map.text("site_kind", site_kind(site.kind));
        map.text("state", state(worst).map_or("", |s| s.word()));
        map.number("dark_h", dark.count() as f64, 0);
        map.end();
    }
}

fn facilities(map: &mut Map, input: &WriteInput<'_>, worst: usize) {
    let facilities = input.region.facilities();
    for (f, facility) in facilities.iter().enumerate() {
        // Lines are drawn as branches; a line's own point would only hide others.
        let line = matches!(facility.class, FacilityClass::Line | FacilityClass::Cable);
        let Some(position) = facility.position.filter(|_| !line) else { continue };
        // Ids of facilities are unique within a class.
        let id = format!("{}:{}", facility.class.word(), facility.id);
        map.point("facility", &id, &facility.name, position);
        map.text("class", facility.class.word());
        map.text("facility", &facility.id);
        facility_figures(map, input.results, facilities.len(), f, worst);
        map.end();
    }
}

fn facility_figures(map: &mut Map, results: &Results, n: usize, f: usize, worst: usize) {
    let t = &results.facilities;
    let works = |h: usize| t.functionality.get(h * n + f).copied().unwrap_or(f64::NAN);
    let least = (0..results.hours).map(works).fold(f64::NAN, f64::min);
    let damaged = (0..results.hours).filter(|h| works(*h) < 1.0).count();
    map.text("state", t.state.get(worst * n + f).map_or("", |s| s.word()));
    map.number("functionality_share", works(worst), 4);
    map.number("functionality_share_least", least, 4);
    map.number("damaged_h", damaged as f64, 0);
    map.number("output", t.output.get(worst * n + f).copied().unwrap_or(f64::NAN), 3);
}

fn grid(map: &mut Map, input: &WriteInput<'_>, worst: usize) {
    let grid = input.region.grid();
    let facilities = input.region.facilities();
    let mut of_bus = vec![None; grid.buses.len()];
    let mut of_branch = vec![None; grid.branches.len()];
    for (f, facility) in facilities.iter().enumerate() {
        for part in &facility.parts {
            if let Asset::Bus(b) = *part {
                of_bus[b.i()] = Some(f);
            } else if let Asset::Branch(b) = *part {
                of_branch[b.i()] = Some(f);
            }
        }
    }
    let owner = |map: &mut Map, f: Option<usize>| {
        if let Some(f) = f {
            map.text("class", facilities[f].class.word());
            map.text("facility", &facilities[f].id);
            facility_figures(map, input.results, facilities.len(), f, worst);
        }
    };
    for (bus, f) in grid.buses.iter().zip(&of_bus) {
        let Some(position) = bus.position else { continue };
        map.point("bus", &bus.id, &bus.name, position);
        map.number("base_kv", bus.base_kv, 3);
        owner(map, *f);
        map.end();
    }
    for (branch, f) in grid.branches.iter().zip(&of_branch) {
        let ends = [branch.from, branch.to].map(|b| grid.buses[b.i()].position);
        let [Some(from), Some(to)] = ends else { continue };
        map.line("branch", &branch.id, from, to);
        map.text(
            "branch_kind",
            match branch.kind {
                BranchKind::Line => "line",
                BranchKind::Cable => "cable",
                BranchKind::Transformer => "transformer",
            },
        );
        map.number("base_kv", grid.buses[branch.from.i()].base_kv, 3);
        map.number("rate_mva", branch.rate_mva, 3);
        owner(map, *f);
        map.end();
    }
}

/// Writes features; ids are `kind:id`, unique in the map.
struct Map {
    out: Vec<u8>,
    first: bool,
}

impl Map {
    fn point(&mut self, kind: &str, id: &str, name: &str, at: Position) {
        self.begin(kind, id, b"\"Point\",\"coordinates\":");
        self.coordinates(at);
        self.properties(kind, id);
        self.text("name", name);
    }

    fn line(&mut self, kind: &str, id: &str, from: Position, to: Position) {
        self.begin(kind, id, b"\"LineString\",\"coordinates\":[");
        self.coordinates(from);
        self.out.push(b',');
        self.coordinates(to);
        self.out.push(b']');
        self.properties(kind, id);
    }

    fn begin(&mut self, kind: &str, id: &str, geometry: &[u8]) {
        self.out.extend_from_slice(if self.first { b"\n" } else { b",\n" });
        self.first = false;
        self.out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
        push_json(&mut self.out, &format!("{kind}:{id}"));
        self.out.extend_from_slice(b",\"geometry\":{\"type\":");
        self.out.extend_from_slice(geometry);
    }

    fn coordinates(&mut self, at: Position) {
        self.out.push(b'[');
        push_fixed(&mut self.out, at.lon_deg, DEGREES);
        self.out.push(b',');
        push_fixed(&mut self.out, at.lat_deg, DEGREES);
        self.out.push(b']');
    }

    fn properties(&mut self, kind: &str, id: &str) {
        self.out.extend_from_slice(b"},\"properties\":{\"kind\":");
        push_json(&mut self.out, kind);
        self.out.extend_from_slice(b",\"id\":");
        push_json(&mut self.out, id);
    }

    fn key(&mut self, name: &str) {
        self.out.push(b',');
        push_json(&mut self.out, name);
        self.out.push(b':');
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        push_json(&mut self.out, value);
    }

    fn number(&mut self, name: &str, value: f64, decimals: usize) {
        self.key(name);
        if value.is_finite() {
            push_fixed(&mut self.out, value, decimals);
        } else {
            self.out.extend_from_slice(b"null");
        }
    }

    fn end(&mut self) {
        self.out.extend_from_slice(b"}}");
    }
}
