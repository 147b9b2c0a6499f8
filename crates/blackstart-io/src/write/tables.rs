//! The CSV tables of a run.

use blackstart::damage::catalogue;
use blackstart::grid::cascade::CascadeStatus;
use blackstart::region::{BuildingType, FacilityClass, Priority};
use blackstart::results::{DEGREE_THRESHOLDS_C, FacilityState, HourStatus, INDOOR_THRESHOLDS_C};
use blackstart::scenario::Scenario;
use jiff::SignedDuration;

use super::WriteInput;
use super::text::{push_count, push_field, push_fixed};

/// Decimals of what a column holds.
const SHARE: usize = 4;
const DEGREES: usize = 2;
const PEOPLE: usize = 1;
const POWER: usize = 3;
const FLOW: usize = 2;
const HOURS: usize = 3;

/// `time,hour` of every hour, ready to be copied.
pub(super) struct Calendar {
    hours: Vec<Vec<u8>>,
}

impl Calendar {
    pub fn new(scenario: &Scenario, hours: usize) -> Self {
        let hour = |h: usize| {
            let mut cells = local_time(scenario, h as f64).into_bytes();
            cells.push(b',');
            push_count(&mut cells, h);
            cells
        };
        Self { hours: (0..hours).map(hour).collect() }
    }
}

/// Local time `hours` after the start, to the minute; empty beyond the calendar.
pub(super) fn local_time(scenario: &Scenario, hours: f64) -> String {
    let minutes = (hours * 60.0).round() as i64;
    let since = SignedDuration::from_secs(minutes.saturating_mul(60));
    scenario
        .start
        .checked_add(since)
        .map_or(String::new(), |time| time.strftime("%Y-%m-%dT%H:%M").to_string())
}

/// A cell of a column; NaN where a column is shorter than the run.
fn cell(column: &[f64], row: usize) -> f64 {
    column.get(row).copied().unwrap_or(f64::NAN)
}

fn header(out: &mut Vec<u8>, names: &[String]) {
    out.extend_from_slice(names.join(",").as_bytes());
    out.push(b'\n');
}

fn below_names() -> impl Iterator<Item = String> {
    INDOOR_THRESHOLDS_C.iter().map(|c| format!("people_below_{c:.0}_c"))
}

/// `hours.csv`: the region as a whole, one row an hour.
pub(super) fn hours(input: &WriteInput<'_>, calendar: &Calendar) -> Vec<u8> {
    let t = &input.results.totals;
    let priority = |p: &Priority| match p {
        Priority::Critical => "critical",
        Priority::Homes => "homes",
        Priority::Business => "business",
    };
    let mut columns: Vec<(String, &[f64], usize)> = vec![
        ("outdoor_c".into(), &t.outdoor_c, DEGREES),
        ("people_without_electricity".into(), &t.people_without_electricity, PEOPLE),
        ("people_without_heat".into(), &t.people_without_heat, PEOPLE),
        ("people_without_water".into(), &t.people_without_water, PEOPLE),
    ];
    columns.extend(below_names().zip(&t.people_below_c).map(|(n, c)| (n, c.as_slice(), PEOPLE)));
    for (c, column) in DEGREE_THRESHOLDS_C.iter().zip(&t.person_k_below_c) {
        columns.push((format!("person_k_below_{c:.0}_c"), column, PEOPLE));
    }
    columns.extend([
        ("people_drained".to_owned(), t.people_drained.as_slice(), PEOPLE),
        ("people_burst".to_owned(), &t.people_burst, PEOPLE),
        ("people_taps_frozen".to_owned(), &t.people_taps_frozen, PEOPLE),
        ("emergency_heaters_mw".to_owned(), &t.emergency_heaters_mw, POWER),
    ]);
    columns.push(("demand_mw".into(), &t.demand_mw, POWER));
    columns.push(("served_mw".into(), &t.served_mw, POWER));
    for (p, column) in Priority::ALL.iter().zip(&t.demand_by_priority_mw) {
        columns.push((format!("demand_{}_mw", priority(p)), column, POWER));
    }
    for (p, column) in Priority::ALL.iter().zip(&t.served_by_priority_mw) {
        columns.push((format!("served_{}_mw", priority(p)), column, POWER));
    }
    columns.extend([
        ("import_mw".to_owned(), t.import_mw.as_slice(), POWER),
        ("live_islands".to_owned(), &t.live_islands, 0),
        ("heat_demand_mw".to_owned(), &t.heat_demand_mw, POWER),
        ("heat_delivered_mw".to_owned(), &t.heat_delivered_mw, POWER),
        ("hot_water_demand_mw".to_owned(), &t.hot_water_demand_mw, POWER),
        ("hot_water_delivered_mw".to_owned(), &t.hot_water_delivered_mw, POWER),
        ("heat_made_mw".to_owned(), &t.heat_made_mw, POWER),
        ("heat_fuel_mw".to_owned(), &t.heat_fuel_mw, POWER),
        ("water_demand_m3h".to_owned(), &t.water_demand_m3h, FLOW),
        ("water_supplied_m3h".to_owned(), &t.water_supplied_m3h, FLOW),
        ("tank_volume_m3".to_owned(), &t.tank_volume_m3, FLOW),
        ("facilities_damaged".to_owned(), &t.facilities_damaged, 0),
        ("teams_busy".to_owned(), &t.teams_busy, 0),
    ]);
    for (b, column) in BuildingType::ALL.iter().zip(&t.indoor_c) {
        columns.push((format!("indoor_{}_c", b.word()), column, DEGREES));
    }
    for (b, column) in BuildingType::ALL.iter().zip(&t.indoor_min_c) {
        columns.push((format!("indoor_min_{}_c", b.word()), column, DEGREES));
    }
    // Imbalances are near 1e-9: they are told in parts per million.
    let balances = [
        ("grid_imbalance_ppm", &t.grid_imbalance_share),
        ("water_imbalance_ppm", &t.water_imbalance_share),
        ("heat_imbalance_ppm", &t.heat_imbalance_share),
        ("homes_imbalance_ppm", &t.homes_imbalance_share),
    ];
    let statuses = [("grid", &t.grid_status), ("water", &t.water_status), ("heat", &t.heat_status)];

    let mut names = vec!["time".to_owned(), "hour".to_owned()];
    names.extend(columns.iter().map(|(name, _, _)| name.clone()));
    names.extend(balances.iter().map(|(name, _)| (*name).to_owned()));
    for (network, _) in statuses {
        names.extend([format!("{network}_status"), format!("{network}_detail")]);
    }
    let mut out = Vec::with_capacity(input.results.hours * 400);
    header(&mut out, &names);
    for (h, time) in calendar.hours.iter().enumerate() {
        out.extend_from_slice(time);
        for (_, column, decimals) in &columns {
            out.push(b',');
            push_fixed(&mut out, cell(column, h), *decimals);
        }
        for (_, column) in balances {
            out.push(b',');
            push_fixed(&mut out, cell(column, h) * 1e6, 6);
        }
        for (_, column) in statuses {
            let status = column.get(h);
            out.push(b',');
            push_field(&mut out, status.map_or("", HourStatus::word));
            out.push(b',');
            push_field(&mut out, status.map_or("", HourStatus::detail));
        }
        out.push(b'\n');
    }
    out
}

/// `places.csv`: one row per hour and area.
pub(super) fn places(input: &WriteInput<'_>, calendar: &Calendar) -> Vec<u8> {
    let areas = &input.region.places().areas;
    let p = &input.results.places;
    let mut columns: Vec<(String, &[f64], usize)> = vec![
        ("electricity_share".into(), &p.electricity_share, SHARE),
        ("water_share".into(), &p.water_share, SHARE),
        ("pressure_m".into(), &p.pressure_m, FLOW),
        ("heat_share".into(), &p.heat_share, SHARE),
        ("indoor_c".into(), &p.indoor_c, DEGREES),
        ("indoor_min_c".into(), &p.indoor_min_c, DEGREES),
    ];
    for (b, column) in BuildingType::ALL.iter().zip(&p.indoor_by_type_c) {
        columns.push((format!("indoor_{}_c", b.word()), column, DEGREES));
    }
    columns.extend(below_names().zip(&p.people_below_c).map(|(n, c)| (n, c.as_slice(), PEOPLE)));
    columns.extend([
        ("people_drained".to_owned(), p.people_drained.as_slice(), PEOPLE),
        ("people_burst".to_owned(), &p.people_burst, PEOPLE),
        ("people_taps_frozen".to_owned(), &p.people_taps_frozen, PEOPLE),
    ]);

    let mut names: Vec<String> =
        ["time", "hour", "area", "name", "people"].map(str::to_owned).into();
    names.extend(columns.iter().map(|(name, _, _)| name.clone()));
    let mut out = Vec::with_capacity(calendar.hours.len() * areas.len() * 140);
    header(&mut out, &names);
    let labels: Vec<Vec<u8>> = areas
        .iter()
        .map(|area| {
            let mut label = label(&[&area.id, &area.name]);
            label.push(b',');
            push_fixed(&mut label, area.people, PEOPLE);
            label
        })
        .collect();
    for (h, time) in calendar.hours.iter().enumerate() {
        for (a, label) in labels.iter().enumerate() {
            out.extend_from_slice(time);
            out.extend_from_slice(label);
            for (_, column, decimals) in &columns {
                out.push(b',');
                push_fixed(&mut out, cell(column, h * areas.len() + a), *decimals);
            }
            out.push(b'\n');
        }
    }
    out
}

/// `assets.csv`: one row per hour and facility. Lines, cables and mains carry no output:
/// they have rows only if they are ever in another state than served.
pub(super) fn assets(input: &WriteInput<'_>, calendar: &Calendar) -> Vec<u8> {
    let facilities = input.region.facilities();
    let n = facilities.len();
    let table = &input.results.facilities;
    let touched = |f: usize| {
        (0..calendar.hours.len()).any(|h| {
            let row = h * n + f;
            table.state.get(row).is_some_and(|s| *s != FacilityState::Served)
                || cell(&table.functionality, row) < 1.0
        })
    };
    let rows: Vec<(usize, Vec<u8>, Vec<u8>)> = (0..n)
        .filter(|&f| output_unit(facilities[f].class).is_some() || touched(f))
        .map(|f| {
            let facility = &facilities[f];
            let label = label(&[&facility.id, &facility.name, facility.class.word()]);
            let mut unit = vec![b','];
            push_field(&mut unit, output_unit(facility.class).unwrap_or(""));
            unit.push(b'\n');
            (f, label, unit)
        })
        .collect();
    let mut out = Vec::with_capacity(calendar.hours.len() * rows.len() * 110);
    out.extend_from_slice(
        b"time,hour,facility,name,class,functionality_share,state,output,output_unit\n",
    );
    for (h, time) in calendar.hours.iter().enumerate() {
        for (f, label, unit) in &rows {
            let row = h * n + f;
            out.extend_from_slice(time);
            out.extend_from_slice(label);
            out.push(b',');
            push_fixed(&mut out, cell(&table.functionality, row), SHARE);
            out.push(b',');
            let state = table.state.get(row).map_or("", |s| s.word());
            out.extend_from_slice(state.as_bytes());
            out.push(b',');
            push_fixed(&mut out, cell(&table.output, row), POWER);
            out.extend_from_slice(unit);
        }
    }
    out
}

/// The unit of a facility's output; none for classes that only pass things on.
fn output_unit(class: FacilityClass) -> Option<&'static str> {
    match class {
        FacilityClass::Substation | FacilityClass::PowerPlant | FacilityClass::BoilerHouse => {
            Some("MW")
        }
        FacilityClass::PumpingStation => Some("m3/h"),
        FacilityClass::WaterTank => Some("m3"),
        FacilityClass::Line
        | FacilityClass::Cable
        | FacilityClass::HeatMain
        | FacilityClass::WaterMain => None,
    }
}

/// `sites.csv`: one row per hour and critical site.
pub(super) fn sites(input: &WriteInput<'_>, calendar: &Calendar) -> Vec<u8> {
    let places = input.region.places();
    let n = places.sites.len();
    let table = &input.results.sites;
    let labels: Vec<Vec<u8>> = places
        .sites
        .iter()
        .map(|site| {
            let area = site.area.map_or("", |a| places.areas[a.i()].id.as_str());
            label(&[&site.id, &site.name, site_kind(site.kind), area])
        })
        .collect();
    let mut out = Vec::with_capacity(calendar.hours.len() * n * 110);
    out.extend_from_slice(b"time,hour,site,name,kind,area,state,backup_left_h\n");
    for (h, time) in calendar.hours.iter().enumerate() {
        for (s, label) in labels.iter().enumerate() {
            let row = h * n + s;
            out.extend_from_slice(time);
            out.extend_from_slice(label);
            out.push(b',');
            out.extend_from_slice(table.state.get(row).map_or("", |s| s.word()).as_bytes());
            out.push(b',');
            push_fixed(&mut out, cell(&table.backup_left_h, row), HOURS);
            out.push(b'\n');
        }
    }
    out
}

/// The word of a kind of site in files.
pub(super) const fn site_kind(kind: blackstart::region::SiteKind) -> &'static str {
    use blackstart::region::SiteKind;
    match kind {
        SiteKind::Hospital => "hospital",
        SiteKind::WarmingPoint => "warming_point",
        SiteKind::School => "school",
        SiteKind::Rescue => "rescue",
        SiteKind::Telecom => "telecom",
        SiteKind::Wastewater => "wastewater",
        SiteKind::Other => "other",
    }
}

/// `repairs.csv`: one row per repair, in the order of their start.
pub(super) fn repairs(input: &WriteInput<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(
        b"facility,name,class,damage_state,damaged_time,start_time,end_time,damaged_h,start_h,\
          end_h,work_team_h,done_team_h,teams,spare,spare_count,waits_for_spare,people,critical,\
          inspected_h,temporary,temporary_from_h,cannibalised\n",
    );
    let facilities = input.region.facilities();
    for r in &input.results.repairs {
        let facility = &facilities[r.facility.i()];
        let mut line =
            label(&[&facility.id, &facility.name, facility.class.word(), r.state.word()]);
        out.extend_from_slice(&line[1..]);
        line.clear();
        let hours = [Some(r.damaged_at_h), r.start_h, r.end_h];
        for at in hours {
            line.push(b',');
            push_field(&mut line, &at.map_or(String::new(), |h| local_time(input.scenario, h)));
        }
        for at in hours.into_iter().chain([Some(r.work_team_h), Some(r.done_team_h)]) {
            line.push(b',');
            push_fixed(&mut line, at.unwrap_or(f64::NAN), HOURS);
        }
        line.push(b',');
        push_count(&mut line, r.teams as usize);
        line.push(b',');
        line.extend_from_slice(r.spare.map_or("", |s| s.word()).as_bytes());
        line.push(b',');
        let entry = catalogue::entry(input.region, r.facility, r.state);
        push_count(&mut line, entry.spare_count as usize);
        line.extend_from_slice(if r.waits_for_spare { b",true," } else { b",false," });
        push_fixed(&mut line, r.people, PEOPLE);
        line.extend_from_slice(if r.critical { b",true," } else { b",false," });
        push_fixed(&mut line, r.inspected_h.unwrap_or(f64::NAN), HOURS);
        line.push(b',');
        line.extend_from_slice(r.temporary.map_or("", |(fix, _)| fix.word()).as_bytes());
        line.push(b',');
        push_fixed(&mut line, r.temporary.map_or(f64::NAN, |(_, from_h)| from_h), HOURS);
        line.extend_from_slice(if r.cannibalised { b",true\n" } else { b",false\n" });
        out.extend_from_slice(&line);
    }
    out
}

/// `cascade.csv`: what protection did, event by event; each hour ends with how it ended.
pub(super) fn cascade(input: &WriteInput<'_>) -> Vec<u8> {
    let grid = input.region.grid();
    let mut out =
        b"hour,time_s,event,element,cause,island_bus,load_shed_mw,frequency_hz\n".to_vec();
    for record in &input.results.cascades {
        for e in &record.events {
            push_count(&mut out, record.hour);
            out.push(b',');
            push_fixed(&mut out, e.time_s, HOURS);
            let island = &grid.buses[e.island.i()].id;
            out.extend(label(&[e.kind.word(), e.kind.element(grid), e.cause.word(), island]));
            out.push(b',');
            push_fixed(&mut out, e.load_shed_mw, POWER);
            out.push(b',');
            push_fixed(&mut out, e.frequency_hz, POWER);
            out.push(b'\n');
        }
        let (cause, bus) = match record.status {
            CascadeStatus::Settled => ("settled", ""),
            CascadeStatus::TimeUp => ("time_up", ""),
            CascadeStatus::Unsolved(bus) => ("unsolved", grid.buses[bus.i()].id.as_str()),
        };
        push_count(&mut out, record.hour);
        out.push(b',');
        let last = record.events.last().map_or(0.0, |e| e.time_s);
        push_fixed(&mut out, last, HOURS);
        out.extend(label(&["end", "", cause, bus]));
        out.extend_from_slice(b",0,\n");
    }
    out
}

/// Texts as fields, each with a comma before it.
fn label(texts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for text in texts {
        out.push(b',');
        push_field(&mut out, text);
    }
    out
}
