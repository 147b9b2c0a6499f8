//! The page and the sentences of a comparison, with figures made by hand.

#[expect(dead_code, reason = "the report's tests use the rest")]
mod common;

use blackstart::ensemble::{Course, Figures, compare};
use blackstart::region::Region;
use blackstart::scenario::{Halt, Interval, Measure, PolicyCase, Scenario};
use blackstart_report::{CompareInput, Fan, Provenance, compare_html, compare_text};
use common::{Make, make};

/// A region and a scenario of ten days.
fn made_up() -> (Region, Scenario) {
    let made = make(&Make { hours: 1, ..Make::default() });
    let start = jiff::civil::date(2026, 1, 5).at(0, 0, 0, 0);
    let scenario = Scenario { name: "Winter <1>".into(), start, horizon_h: 240, ..made.scenario };
    (made.region, scenario)
}

/// Figures of a draw in which everybody is without for so many hours.
fn figures(region: &Region, hours: f64) -> Figures {
    let people = region.people();
    let areas = &region.places().areas;
    Figures {
        person_hours_without: [hours * people, 2.0 * hours * people, 0.0],
        person_hours_below_c: [hours * people; 5],
        energy_not_served_mwh: 100.0 * hours,
        heat_not_delivered_mwh: 0.0,
        water_not_supplied_m3: 0.0,
        back_to_95_h: [Some(24), None, Some(0)],
        area_person_hours: [(); 3].map(|()| areas.iter().map(|a| a.people * hours).collect()),
        worst_area: None,
        facilities_damaged: 3,
        hours: 240,
        degraded_hours: [0, 1, 0],
    }
}

fn cases() -> Vec<PolicyCase> {
    let halt = Halt {
        name: "halt".into(),
        from_h: 168.0,
        until_h: f64::INFINITY,
        disputed_h: 48.0,
        covers: [true; 4],
        removes_share: 0.9,
        leakage_share: 0.0,
    };
    let pause = Measure::SupportPause {
        from_h: 0.0,
        until_h: 48.0,
        intercepted_share: [None, Some(Interval { low: 0.0, high: 0.1 }), None, None],
    };
    let case = |name: &str, measures| PolicyCase { name: name.into(), measures };
    vec![
        case("As it is", vec![]),
        case("Halt & rest", vec![Measure::Halt(halt)]),
        case("Colder", vec![pause, Measure::WeatherShift { shift_k: -6.0 }]),
        case("Same", vec![Measure::Generators { more: 2 }]),
    ]
}

fn made(draws: usize, check: impl FnOnce(&CompareInput<'_>)) {
    let (region, scenario) = made_up();
    let cases = cases();
    // The halt saves 40 to 42 hours without electricity, the cold costs 10.
    let all: Vec<Vec<Figures>> = (0..draws)
        .map(|i| {
            let base = 60.0 + i as f64;
            [base, base - 40.0 - (i % 3) as f64, base + 10.0, base]
                .map(|hours| figures(&region, hours))
                .to_vec()
        })
        .collect();
    let comparison = compare(&all);
    let fan = |level: f64| Fan {
        p5: vec![level; 240],
        p50: vec![(level + 1.0) / 2.0; 240],
        p95: vec![1.0; 240],
    };
    let fans: Vec<[Fan; Course::ALL.len()]> =
        cases.iter().map(|_| [0.1, 0.2, 0.3, 0.4].map(fan)).collect();
    let provenance = Provenance { version: "0.1.0".into(), seed: 7, ..Provenance::default() };
    check(&CompareInput {
        region: &region,
        scenario: &scenario,
        cases: &cases,
        figures: &all,
        comparison: &comparison,
        fans: &fans,
        asked: 40,
        provenance: &provenance,
    });
}

#[test]
fn answers_say_what_is_saved_and_how_surely() {
    made(40, |input| {
        let text = compare_text(input).replace(['\u{a0}', '\u{202f}'], " ");
        for sentence in [
            "A halt from 12 January that removes 90 % of infrastructure hits saves 82 (81–82) hours \
             of heat and 41 (41–41) of electricity for the average person by 15 January; for water \
             40 draws can tell no difference.",
            "A pause of air-defence support from the start to 7 January, together with weather 6 °C \
             colder costs 20 (20–20) hours of heat and 10 (10–10) of electricity",
            "A reserve of 2 more mobile generators makes no difference by 15 January that 40 draws \
             can tell.",
            "the average person is 80 hours (62–97) without electricity",
        ] {
            assert!(text.contains(sentence), "{sentence}\nis not in\n{text}");
        }
        assert!(!text.contains("Stopped early"));
    });
}

#[test]
fn few_draws_and_none_are_told() {
    made(3, |input| {
        let text = compare_text(input);
        assert!(text.contains("too few draws for an interval"), "{text}");
        assert!(text.contains("Stopped early"), "{text}");
    });
    made(0, |input| {
        assert!(compare_text(input).contains("no draw was finished"));
        assert!(compare_html(input).ends_with("</html>\n"));
    });
}

#[test]
fn the_page_is_whole_and_marks_the_best_by_word() {
    made(40, |input| {
        let page = compare_html(input);
        assert_eq!(page, compare_html(input));
        for piece in [
            "Winter &lt;1&gt;",
            "Halt &amp; rest",
            "The answers",
            "best</b>",
            "id=\"fan-electricity-2-t\"",
            "id=\"exceed-heat-t\"",
            "id=\"saved-1-t\"",
            "Its beginning is disputed",
            "ballistic missiles: 0\u{202f}% to 10\u{202f}%",
            "a network was not solved exactly",
        ] {
            assert!(page.contains(piece), "{piece} is missing");
        }
        assert!(!page.contains("<script") && !page.contains("http-equiv"));
        for (open, close) in [("<section", "</section>"), ("<svg", "</svg>"), ("<tr", "</tr>")] {
            assert_eq!(page.matches(open).count(), page.matches(close).count(), "{open}");
        }
        // One best in each column that differs: the halt has the lowest mean of all.
        assert_eq!(page.matches("best</b>").count(), 5);
        let ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|s| s.split('"').next()).collect();
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids.len());
    });
}
