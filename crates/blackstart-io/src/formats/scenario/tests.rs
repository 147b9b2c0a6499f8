use std::path::Path;

use blackstart::region::{FacilityClass, Region, RegionDraft};
use blackstart::scenario::{EventKind, Interval, Measure, PriorityRule, Scenario, Shedding, Spare};
use blackstart::synth::Spec;

use super::*;

pub(super) fn region() -> Region {
    let draft = blackstart::synth::region(&Spec { people: 100_000, seed: 1 }).expect("in range");
    Region::check(draft).region.expect("a healthy region")
}

#[track_caller]
fn scenario(text: &str, region: &Region) -> Scenario {
    let weather = "hour,outdoor_c\n0,-5\n1,-6\n2,-7\n";
    let files = [("w.csv", weather)];
    let read = parse_embedded_scenario(text, Path::new("s.toml"), &files, region);
    assert_eq!(read.problems, []);
    read.scenario.expect("no problems")
}

/// The problems of `text`, one a line.
fn problems(text: &str) -> String {
    let region = Region::check(RegionDraft::default()).region.expect("an empty region");
    let read = parse_scenario(text, Path::new("s.toml"), None, &region);
    assert!(read.scenario.is_none(), "a scenario came out of:\n{text}");
    read.problems.iter().map(|p| format!("{p}\n")).collect()
}

#[test]
fn a_full_scenario_is_read() {
    let region = region();
    let facility = &region.facilities()[0].id;
    let text = format!(
        r#"
name = "Night"
start = 2026-01-13T20:00:00
horizon_h = 3
step = "1h"
seed = 7
demand_factor = 1.1
[weather]
csv = "w.csv"
[[strike]]
name = "Second"
time = 2026-01-13T22:00:00
missiles_cruise = [55, 60]
drones = 190
intercepted = {{ missiles_cruise = [0.7, 0.8], drones = 0.9 }}
share_on_region = 0.1
class_odds = {{ substation = 4, power_plant = 1 }}
hit_rule = "by_size"
state_odds = {{ drones = [1, 0, 0, 0] }}
[[damaged]]
at_h = 1
facility = "substation:{facility}"
state = "complete"
repair_days = 3.5
[[damaged]]
at_h = 1
asset = "bus:{}"
state = "slight"
[repair]
teams_day = 9
teams_night = 3
day_from_h = 7
day_to_h = 19
access_delay_h = 2
rule = "people_per_hour"
spares = {{ autotransformer = 1 }}
[[repair.delivery]]
at_h = 24
spare = "pump_set"
count = 2
[policy]
shedding = "queues"
turn_h = 3
import_share = [0.5, 1]
mobile_generators = 4
"#,
        region.grid().buses[0].id
    );
    let s = scenario(&text, &region);
    assert_eq!((s.horizon_h, s.seed, s.demand_factor), (3, 7, 1.1));
    let outdoor: Vec<f64> = s.weather.hours.iter().map(|h| h.outdoor_c).collect();
    assert_eq!(outdoor, [-5.0, -6.0, -7.0]);
    let at: Vec<f64> = s.events.iter().map(|e| e.at_h).collect();
    assert_eq!(at, [1.0, 2.0], "damage of one time is one event, in time order");
    let EventKind::Damaged(list) = &s.events[0].kind else { panic!("damage comes first") };
    assert_eq!((list.len(), list[0].repair_days), (2, Some(3.5)));
    let EventKind::Strike(strike) = &s.events[1].kind else { panic!("then the strike") };
    assert_eq!(strike.launched[0], Interval { low: 55.0, high: 60.0 });
    assert_eq!(strike.launched[1], Interval::point(0.0));
    assert_eq!(strike.intercepted_share[2], Interval::point(0.9));
    assert_eq!(strike.class_odds[0], 4.0);
    assert_eq!(strike.class_odds.iter().sum::<f64>(), 5.0, "classes not named have no odds");
    assert_eq!(strike.state_odds[2], [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(s.repair.rule, PriorityRule::PeoplePerHour);
    assert_eq!(s.repair.spares[0], 1);
    assert_eq!((s.repair.deliveries[0].spare, s.repair.deliveries[0].count), (Spare::PumpSet, 2));
    assert_eq!(s.policy.shedding, Shedding::Queues { turn_h: 3 });
    assert_eq!(s.policy.import_share, [0.5, 1.0]);
    let open: Vec<&str> = s.assumed.iter().map(|a| a.key.as_str()).collect();
    assert!(open.contains(&"strike.state_odds.missiles_cruise"), "{open:?}");
    assert!(!open.contains(&"strike.state_odds.drones"), "{open:?}");
    assert!(!open.contains(&"repair.teams_day"), "{open:?}");
}

#[test]
fn defaults_grow_with_people_and_are_told() {
    let region = region();
    let s = scenario(
        "start = 2026-01-14T18:00:00\n[weather]\noutdoor_c = -10\n[[strike]]\nat_h = 0\ndrones = 100\n",
        &region,
    );
    assert_eq!(s.horizon_h, 168);
    assert_eq!((s.repair.teams_day, s.repair.teams_night), (5, 2));
    assert_eq!(s.policy.mobile_generators, 4);
    let EventKind::Strike(strike) = &s.events[0].kind else { panic!("a strike") };
    assert_eq!(strike.share_on_region, Interval::point(region.people() / 32e6));
    assert_eq!(strike.intercepted_share[2], Interval::point(0.95));
    assert!(
        strike.class_odds
            [FacilityClass::ALL.iter().position(|c| *c == FacilityClass::Cable).unwrap()]
            == 0.0
    );
    for key in ["repair.teams_day", "repair.spares", "strike.class_odds", "weather.wind_m_s"] {
        assert!(s.assumed.iter().any(|a| a.key == key), "{key} is not told: {:?}", s.assumed);
    }
}

#[test]
fn a_strike_cannot_be_aimed() {
    for key in ["facility", "target", "at", "asset", "facilities", "lon_deg", "area"] {
        let text = format!(
            "start = 2026-01-14T18:00:00\n[weather]\noutdoor_c = 0\n[[strike]]\nat_h = 0\ndrones = 1\n{key} = \"X\"\n"
        );
        let told = problems(&text);
        assert!(told.contains(&format!("the key `{key}` means nothing in `strike`")), "{told}");
    }
}

#[test]
fn mistakes_are_told_with_help() {
    let told = problems(
        r#"
start = "2026-01-14T18:30:00+02:00"
hours = 5
days = -1
sed = 3
[weather]
outdoor_c = "cold"
[[strike]]
drones = [5, 3]
intercepted = { drones = 95 }
hit_rule = "by_szie"
[[damaged]]
facility = "X"
state = "compleet"
[repair]
teams_day = -1
spares = { transformers = 2 }
[policy]
turn_h = 4
"#,
    );
    for expected in [
        "s.toml:2:9: `start` is not a local date and time: 2026",
        "the key `hours` means nothing here",
        "`days` is -1; it must be 1 to 8784 hours",
        "the key `sed` means nothing here (did you mean `seed`?)",
        "`weather.outdoor_c` must be a number, not text",
        "it is not said when this happens",
        "`strike.drones` runs from 5 down to 3 (write [3, 5])",
        "`strike.intercepted.drones` is 95; it must be a share from 0 to 1 (write 95 % as 0.95)",
        "`by_szie` is not a word for `strike.hit_rule` (did you mean \"by_size\"?)",
        "the region has no facility `X`",
        "`compleet` is not a word for `damaged.state` (did you mean \"complete\"?)",
        "`repair.teams_day` is -1; it must be a whole number",
        "the key `transformers` means nothing in `repair.spares`",
    ] {
        assert!(told.contains(expected), "not told: {expected}\n{told}");
    }
}

#[test]
fn homes_are_as_the_file_says_and_defaults_are_told() {
    use blackstart::scenario::{BuildingModel, HomePolicy};
    let region = region();
    let head = "start = 2026-01-14T18:00:00\n[weather]\noutdoor_c = -10\n";
    let open = scenario(head, &region);
    let told = |s: &Scenario| s.assumed.iter().filter(|a| a.key.starts_with("homes.")).count();
    assert_eq!(told(&open), 12);
    let pipes = open.policy.homes.pipes.expect("pipes freeze unless told otherwise");
    assert_eq!(pipes.drain.map(|d| d.outdoor_c), Some(-3.0));
    assert_eq!(open.policy.homes.heaters.electric_share, 0.3);
    let text = format!(
        "{head}[homes]\nmodel = \"iso-13790\"\nelectric_heater_share = 0\nheaters_below_c = 14\n\
         draining = false\nburst_repair_days = 10\n"
    );
    let said = scenario(&text, &region);
    let HomePolicy { model, heaters, pipes } = &said.policy.homes;
    assert_eq!((*model, heaters.electric_share), (BuildingModel::Iso13790, 0.0));
    assert_eq!(heaters.below_c, 14.0);
    assert_eq!(pipes.map(|p| (p.drain, p.burst_repair_h)), Some((None, 240.0)));
    let dry = scenario(&format!("{head}[homes]\nfreezing = false\n"), &region);
    assert_eq!((dry.policy.homes.pipes, told(&dry)), (None, 6));
}

#[test]
fn direct_radiation_in_a_table_brings_the_sun() {
    let region = region();
    let text = "start = 2026-03-01T09:00:00\nhorizon_h = 2\n[weather]\ncsv = \"w.csv\"\n";
    let read = |table: &str, more: &str| {
        let text = format!("{text}{more}");
        let files = [("w.csv", table)];
        parse_embedded_scenario(&text, Path::new("s.toml"), &files, &region)
    };
    let table = "outdoor_c,solar_w_m2,direct_normal_w_m2,diffuse_horizontal_w_m2\n\
                 -5,100,300,40\n-4,160,400,50\n";
    let own = read(table, "lat_deg = 50\nlon_deg = 31\nutc_offset_h = 2\n");
    assert_eq!(own.problems, []);
    let sky = own.scenario.unwrap().weather.sky.unwrap();
    assert_eq!((sky.lat_deg, sky.lon_deg, sky.utc_offset_h), (50.0, 31.0, 2.0));
    let second = sky.hours[1];
    assert_eq!((second.day_of_year, second.clock_h), (60, 10.5));
    assert_eq!((second.direct_normal_w_m2, second.diffuse_horizontal_w_m2), (400.0, 50.0));
    // Left open, the middle of the region stands for the place.
    let open = read(table, "").scenario.unwrap();
    assert!(open.assumed.iter().any(|a| a.key == "weather.lat_deg"));
    assert!(open.weather.sky.is_some());
    // Half a sky is none: the second row lacks one of the two.
    let half = read(&table.replace("400,50", "400,"), "");
    assert!(half.scenario.is_none());
    assert!(half.problems[0].to_string().contains("both, or neither"), "{:?}", half.problems);
    let plain = read("outdoor_c\n-5\n-4\n", "").scenario.unwrap();
    assert_eq!(plain.weather.sky, None);
}

#[test]
fn mobile_plants_are_connected_at_substations_and_junctions() {
    let mut draft =
        blackstart::synth::region(&Spec { people: 100_000, seed: 1 }).expect("in range");
    let mut unit = draft.heat.plants[0].clone();
    (unit.id, unit.generator) = ("MB".into(), None);
    unit.kind = blackstart::region::PlantKind::Mobile;
    draft.heat.plants.push(unit);
    let (substation, junction) =
        (draft.heat.substations[3].id.clone(), draft.heat.substations[3].junction.clone());
    let region = Region::check(draft).region.expect("a healthy region");
    for at in [substation, junction.clone()] {
        let text = format!(
            "start = 2026-01-14T18:00:00\ndays = 2\n[weather]\noutdoor_c = -5\n\
             [[mobile_plant]]\nplant = \"MB\"\nat = \"{at}\"\ntime = 2026-01-15T02:00:00\n"
        );
        let s = scenario(&text, &region);
        let [one] = s.mobile_plants.as_slice() else { panic!("{:?}", s.mobile_plants) };
        assert_eq!(region.heat().junctions[one.junction.i()].id, junction);
        assert_eq!((one.from_h, one.until_h), (8.0, f64::INFINITY));
        assert!(!one.is_connected(7) && one.is_connected(8) && one.is_connected(99));
    }
}

/// A scenario with one of every policy.
const POLICIES: &str = r#"
start = 2026-01-01T12:00:00
days = 40
[weather]
outdoor_c = -5
[[campaign]]
name = "Winter"
season = "2023-24"
share_on_region = 0.05
[[halt]]
name = "first"
from = 2026-01-03T12:00:00
until_h = 72
covers = ["sea", "drones"]
removes_share = 0.5
[[compare]]
name = "Halt"
halt = { from = 2026-01-12T00:00:00, removes_share = 0.9, leakage_share = 0.1, disputed_days = 2, covers = ["air"] }
[[compare]]
name = "All at once"
aid_pause = { from_h = 24, until_h = 240 }
support_pause = { until_h = 100, intercepted = { missiles_ballistic = [0.0, 0.1] } }
generators = { more = 20 }
thermostat = { indoor_set_c = 17 }
demand = { factor = 0.9 }
weather = { shift_k = -6 }
[[compare.imports]]
share = 0.5
[[compare.imports]]
from_h = 48
share = 1.0
"#;

#[test]
fn policies_are_read_as_they_are_written() {
    let region = region();
    let read = parse_scenario(POLICIES, Path::new("scenario.toml"), None, &region);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let scenario = read.scenario.unwrap();
    let [campaign] = scenario.campaigns.as_slice() else { panic!("one campaign") };
    assert_eq!((campaign.gap_median_days, campaign.massive_missiles_median), (7.0, 43.0));
    // 6.0 a day over 152 days, less ten massive days of 43.
    assert!((campaign.missiles_per_day - (912.0 - 430.0) / 142.0).abs() < 1e-12);
    assert_eq!(campaign.strike.intercepted_share.map(|i| i.low), [0.78, 0.24, 0.83, 0.78]);
    assert!((campaign.missile_shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert_eq!(campaign.until_h, f64::INFINITY);
    let [halt] = scenario.halts.as_slice() else { panic!("one halt") };
    assert_eq!((halt.from_h, halt.until_h), (48.0, 72.0));
    assert_eq!(halt.covers, [false, false, true, true]);
    assert_eq!(read.cases.len(), 2);
    let [Measure::Halt(halt)] = read.cases[0].measures.as_slice() else { panic!("a halt") };
    assert_eq!((halt.from_h, halt.disputed_h, halt.leakage_share), (252.0, 48.0, 0.1));
    assert_eq!(halt.covers, [true, true, true, false]);
    let all = &read.cases[1].measures;
    assert_eq!(all.len(), 8);
    assert_eq!(all[0], Measure::AidPause { from_h: 24.0, until_h: 240.0 });
    let low = Some(Interval { low: 0.0, high: 0.1 });
    assert_eq!(
        all[1],
        Measure::SupportPause {
            from_h: 0.0,
            until_h: 100.0,
            intercepted_share: [None, low, None, None]
        }
    );
    assert_eq!(all[3], Measure::Imports { from_h: 48.0, until_h: f64::INFINITY, share: 1.0 });
    assert_eq!(all[4], Measure::Generators { more: 20 });
    assert_eq!(all[7], Measure::WeatherShift { shift_k: -6.0 });
}

#[test]
fn slips_in_policies_are_told_at_once() {
    let region = region();
    let text = POLICIES
        .replace("season = \"2023-24\"", "season = \"2023-25\"\nmassive_missiles_median = 20")
        .replace("\"drones\"]", "\"drone\"]")
        .replace("aid_pause = { from_h = 24,", "aid_pause = { from_h = 300,")
        .replace("more = 20", "more = -1")
        .replace("thermostat", "thermostate")
        .replace("name = \"All at once\"", "name = \"Halt\"");
    let read = parse_scenario(&text, Path::new("scenario.toml"), None, &region);
    assert!(read.scenario.is_none() && read.cases.is_empty());
    let told: String = read.problems.iter().map(|p| format!("{p} {:?}\n", p.help)).collect();
    for word in [
        "2023-24",
        "at least 30",
        "did you mean \\\"drones\\\"",
        "ends at 240 h",
        "-1",
        "did you mean `thermostat`",
        "two policies are called",
    ] {
        assert!(told.contains(word), "{word} is not told:\n{told}");
    }
}

#[test]
fn ways_of_working_are_read_and_slips_told() {
    let region = region();
    let district = region.places().areas[0].district.clone();
    let text = format!(
        r#"
start = 2026-01-14T18:00:00
[weather]
outdoor_c = -10
[repair]
rule = "district_order"
districts = ["{district}"]
skills = {{ line = {{ day = 5, night = 2 }}, pipe = {{ day = 3 }} }}
depots = [[30.5, 50.4]]
travel_km_h = 25
inspection_h = 2
most_teams_factor = 2
temporary = {{ mobile_transformer = 1, bypass = 3 }}
temporary_h = 10
cannibalise = true
spares = {{ autotransformer = 1, switchgear_kit = 1, plant_kit = 1, modular_boiler = 1, pump_set = 1, common = 1 }}
"#
    );
    let s = scenario(&text, &region);
    let r = &s.repair.recovery;
    assert_eq!((s.repair.teams_day, s.repair.teams_night), (0, 0));
    assert_eq!((r.skilled[0].day, r.skilled[0].night, r.skilled[3].day), (5, 2, 3));
    assert_eq!((r.travel_km_h, r.inspection_h, r.most_teams_factor), (Some(25.0), 2.0, 2.0));
    assert_eq!((r.temporary, r.temporary_h, r.cannibalise), ([1, 3, 0, 0], 10.0, true));
    assert_eq!(r.depots[0].lon_deg, 30.5);
    assert!(s.assumed.iter().any(|a| a.key == "repair.more_teams_exponent"));
    let slips = text
        .replace("bypass = 3", "bypas = 3")
        .replace("[[30.5, 50.4]]", "[[50.4, 130.5]]")
        .replace("inspection_h = 2", "inspection_h = -2")
        .replace(&format!("[\"{district}\"]"), "[\"Nowhere\"]")
        .replace("pipe = {", "pipes = {");
    let read = parse_scenario(&slips, Path::new("s.toml"), None, &region);
    let told: String = read.problems.iter().map(|p| format!("{p} {:?}\n", p.help)).collect();
    for word in ["`bypass`", "first comes the longitude", "-2", "no district \"Nowhere\"", "`pipe`"]
    {
        assert!(told.contains(word), "{word} is not told:\n{told}");
    }
}

#[test]
fn reports_of_damage_come_together_by_event() {
    let region = region();
    let ids: Vec<&str> = region.facilities().iter().map(|f| f.id.as_str()).take(4).collect();
    let [a, b, c, d] = ids.as_slice() else { panic!("four facilities") };
    let class = |id: &str| {
        let f = region.facilities().iter().find(|f| f.id == id).expect("it is there");
        format!("{}:{id}", f.class.word())
    };
    let reports = format!(
        "time,facility,event,state,repair_days,source\n\
         2026-01-13 21:00,{a},night,unknown,,duty officer\n\
         2026-01-13T22:30,{b},night,unknown,,\n\
         2026-01-14T06:00,{a},night,moderate,2.5,inspection\n\
         2026-01-13T21:00,{c},night,extensive,,\n\
         2026-01-14T09:00,{c},night,none,,a false report\n\
         2026-01-14T10:00,{d},,slight,,\n\
         2026-01-14T11:00,{a},second night,complete,,\n",
        a = class(a),
        b = class(b),
        c = class(c),
        d = class(d)
    );
    let text = "start = 2026-01-13T20:00:00\nhorizon_h = 24\n[weather]\noutdoor_c = -5\n\
                [observed]\ncsv = \"reports.csv\"\nunknown_odds = [1, 1, 0, 0]\n";
    let read =
        parse_embedded_scenario(text, Path::new("s.toml"), &[("reports.csv", &reports)], &region);
    assert_eq!(read.problems, []);
    let scenario = read.scenario.expect("no problems");
    assert!(read.inputs.iter().any(|(path, _)| path == Path::new("reports.csv")));
    let told: Vec<String> = scenario
        .events
        .iter()
        .map(|e| match &e.kind {
            EventKind::Damaged(known) => {
                let of = |k: &blackstart::scenario::StruckAsset| {
                    let id = &region.facilities()[k.facility.i()].id;
                    format!("{id} {} {:?}", k.state.word(), k.repair_days)
                };
                format!(
                    "{} {}: {}",
                    e.at_h,
                    e.name,
                    known.iter().map(of).collect::<Vec<_>>().join(", ")
                )
            }
            EventKind::Uninspected(unseen) => {
                let id = &region.facilities()[unseen.facilities[0].i()].id;
                format!("{} {}: {id} {:?}", e.at_h, e.name, unseen.state_odds)
            }
            EventKind::Strike(_) | EventKind::Hazard(_) => panic!("no strike was reported"),
        })
        .collect();
    assert_eq!(
        told,
        [
            format!("1 night (1 h): {a} moderate Some(2.5)"),
            format!("2.5 night, not inspected (2.5 h): {b} [1.0, 1.0, 0.0, 0.0]"),
            format!("14 Reported damage (14 h): {d} slight None"),
            format!("15 second night (15 h): {a} complete None"),
        ]
    );
}
