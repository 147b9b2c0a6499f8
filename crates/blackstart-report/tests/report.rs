//! The report over ordinary and odd runs.

#[allow(dead_code)]
mod common;

use blackstart_report::{MapOptions, html, map_svg, summary_text};
use common::{Made, Make, make};

/// Elements of HTML that are never closed.
const VOID: [&str; 4] = ["meta", "br", "link", "img"];

/// Checks that every tag is closed in order, ids are unique and references resolve.
fn well_formed(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    let mut references = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        assert!(!rest[..at].contains('>'), "stray > before {:.60}", &rest[at..]);
        let end = rest[at..].find('>').expect("a tag ends") + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if tag.starts_with('!') {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in order");
            continue;
        }
        let name = tag.split([' ', '/']).next().expect("split gives one");
        assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()), "<{tag}>");
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes in <{tag}>");
        for (i, part) in tag.split('"').enumerate() {
            assert!(i % 2 == 1 || !part.contains('\''), "<{tag}>");
        }
        if let Some(id) = attribute(tag, " id=\"") {
            assert!(ids.insert(id), "id {id} twice");
        }
        for word in attribute(tag, " aria-labelledby=\"").unwrap_or("").split(' ') {
            references.push(word);
        }
        references.push(attribute(tag, " href=\"#").unwrap_or(""));
        references.push(
            attribute(tag, " fill=\"url(#").map_or("", |u| u.strip_suffix(')').expect("url ends")),
        );
        if name == "style" {
            let end = rest.find("</style>").expect("style ends");
            rest = &rest[end..];
        }
        if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    for r in references.into_iter().filter(|r| !r.is_empty()) {
        assert!(ids.contains(r), "nothing has the id {r}");
    }
}

fn attribute<'a>(tag: &'a str, start: &str) -> Option<&'a str> {
    let from = tag.find(start)? + start.len();
    Some(&tag[from..from + tag[from..].find('"')?])
}

/// What holds for every report.
fn sound(made: &Made) -> String {
    let page = html(&made.input());
    well_formed(&page);
    let plain = page.replace("http://www.w3.org/2000/svg", "");
    for bad in
        ["<script", "http://", "https://", "url(\"", "@import", "src=", "javascript:", "NaN", "inf"]
    {
        let found = plain.to_lowercase().find(&bad.to_lowercase());
        // "information" and the like are words, not numbers.
        let number = found.filter(|&i| {
            bad != "inf" || plain.as_bytes().get(i + 3).is_none_or(|b| !b.is_ascii_alphabetic())
        });
        assert!(number.is_none(), "{bad}: {:?}", number.map(|i| excerpt(&plain, i)));
    }
    assert!(page.contains("MODEL RESULT, not live data") && page.contains("<html lang=\"en\">"));
    assert!(!page.contains("d=\"L"), "a path starts with a move");
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    let text = summary_text(&made.input());
    assert!(!text.contains("NaN") && text.ends_with('\n') && text.lines().count() <= 18, "{text}");
    page
}

fn excerpt(text: &str, at: usize) -> String {
    text.chars().skip(text[..at].chars().count().saturating_sub(80)).take(160).collect()
}

#[test]
fn an_ordinary_run_is_sound_small_and_the_same_again() {
    let made = make(&Make::default());
    let page = sound(&made);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert_eq!(page, html(&made.input()));
    assert_eq!(summary_text(&made.input()), summary_text(&made.input()));
    let text = summary_text(&made.input());
    assert!((10..=18).contains(&text.lines().count()), "{text}");
}

#[test]
fn tiles_say_what_the_summary_says() {
    let mut made = make(&Make::default());
    made.summary.services[0].worst_people = 296_437.0;
    made.summary.services[0].worst_hour = 6;
    made.summary.services[0].back_to_95_h = Some(41);
    made.summary.services[1].worst_people = 182_900.0;
    made.summary.services[1].back_to_95_h = None;
    made.summary.services[2].worst_people = 71_300.0;
    made.summary.energy_not_served_mwh = 3_900.0;
    made.summary.first_below_h = [Some(2), Some(8), Some(19), None, None];
    let outages = made.summary.site_outages.len();
    let page = html(&made.input());
    let from = page.find("class=\"tiles\"").unwrap();
    let tiles = &page[from..from + page[from..].find("</section>").unwrap()];
    for (figure, what) in [
        ("<b>296\u{202f}400</b>".to_owned(), "electricity"),
        ("<b>182\u{202f}900</b>".to_owned(), "heat"),
        ("<b>71\u{202f}300</b>".to_owned(), "water"),
        (format!("<b>{outages} / 40</b>"), "sites"),
        ("<b>3.9\u{a0}GWh</b>".to_owned(), "energy"),
        (
            "back to 95\u{202f}% at\u{a0}+41\u{a0}h (Thu\u{a0}15\u{a0}Jan\u{a0}13:00)".to_owned(),
            "back",
        ),
        ("not back to 95\u{202f}% within 168\u{a0}h".to_owned(), "not back"),
        ("first homes below 12\u{a0}°C at\u{a0}+19\u{a0}h".to_owned(), "cold"),
        ("Tank East is empty at\u{a0}+".to_owned(), "tank"),
    ] {
        assert!(tiles.contains(&figure), "{what}: {figure} in {tiles}");
    }
    assert_eq!(tiles.matches("class=\"tile\"").count(), 5);
    // Shape and word stand together in every tile.
    assert_eq!(tiles.matches("<svg class=\"ico").count(), 5);
}

#[test]
fn an_earthquake_says_whom_it_reached_and_what_it_did() {
    use blackstart::scenario::{Earthquake, EventKind, Felt, Hazard, Interval, Motion, Stretch};
    let mut made = make(&Make::default());
    made.results.strikes.clear();
    for record in &mut made.results.damage {
        record.munition = None;
    }
    let felt = (0..50).map(|i| Felt {
        facility: blackstart::region::FacilityIdx::new(i),
        stretches: vec![Stretch { length_km: 0.0, value: 12.0 }],
    });
    let magnitude = Interval { low: 6.2, high: 6.6 };
    let motion = Motion::Rupture { felt: felt.collect(), magnitude, soil: true };
    let quake = Hazard::Earthquake(Earthquake { motion, anchored: false });
    made.scenario.events[0].name = "Main <shock>".into();
    made.scenario.events[0].kind = EventKind::Hazard(quake);
    let damaged = made.results.damage.len();
    let lost = made.results.damage.iter().filter(|r| r.functionality <= 0.0).count();
    assert!(lost > 0 && lost < damaged);
    let page = sound(&made);
    let from = page.find("Earthquakes, ice storms, floods").unwrap();
    let table = &page[from..from + page[from..].find("</table>").unwrap()];
    for told in [
        "Main &lt;shock&gt;".to_owned(),
        "earthquake of magnitude 6.2 to 6.6".to_owned(),
        ">50<".to_owned(),
        format!(">{damaged}<"),
        format!(">{lost}<"),
    ] {
        assert!(table.contains(&told), "{told}: {table}");
    }
    assert!(page.contains("No strike in this run."));
}

#[test]
fn names_cannot_write_markup() {
    let evil = "<script>alert('x')</script>\" onload=\"x\u{202e}&lt;";
    let mut made = make(&Make { name: evil.into(), ..Make::default() });
    made.scenario.name = evil.into();
    made.provenance.version = evil.into();
    made.provenance.inputs = vec![(evil.into(), evil.into())];
    made.provenance.notes = vec![evil.into()];
    made.results.totals.grid_status[3] =
        blackstart::results::HourStatus::NotConverged { place: evil.into() };
    let page = html(&made.input());
    well_formed(&page);
    assert!(
        !page.contains("<script") && !page.contains("onload=\"x") && !page.contains('\u{202e}')
    );
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
}

#[test]
fn odd_regions_are_reported_soundly() {
    let unplaced = sound(&make(&Make { areas: 20, positions: false, ..Make::default() }));
    assert!(unplaced.contains("the region gives no positions"));
    let dry = sound(&make(&Make { areas: 5, heat: false, water: false, ..Make::default() }));
    assert!(dry.contains("No data about water") && dry.contains("says nothing about homes"));
    let none = sound(&make(&Make { hours: 0, ..Make::default() }));
    assert!(none.contains("nothing was computed") && none.contains("not computed"));
    let half = sound(&make(&Make { hours: 30, ..Make::default() }));
    assert!(half.contains("stopped after 30 of 168"));
    let calm = sound(&make(&Make { damage: false, ..Make::default() }));
    assert!(
        calm.contains("No strike and no damage") && calm.contains("Nothing had to be repaired")
    );
    assert!(calm.contains("nobody is without electricity at any hour"));
    sound(&make(&Make { areas: 1, buses: 1, sites: 0, hours: 1, horizon_h: 1, ..Make::default() }));
    sound(&make(&Make { areas: 0, sites: 0, ..Make::default() }));
    sound(&make(&Make { areas: 3, buses: 0, sites: 2, ..Make::default() }));
    let nan = sound(&make(&Make { nan: true, ..Make::default() }));
    assert!(nan.contains("unknown"));
}

#[test]
fn a_large_region_is_thinned() {
    let large = make(&Make {
        areas: 5_000,
        buses: 10_000,
        hours: 24,
        horizon_h: 24,
        sites: 900,
        ..Make::default()
    });
    let page = sound(&large);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(page.contains("lines are drawn") && page.contains("hardest hit of 5\u{202f}000 areas"));
}

#[test]
fn results_cut_short_do_not_panic() {
    let mut made = make(&Make { areas: 6, hours: 40, horizon_h: 40, ..Make::default() });
    made.results.places.electricity_share.truncate(7);
    made.results.facilities.state.clear();
    made.results.facilities.functionality.clear();
    made.results.totals.people_without_heat.truncate(3);
    made.results.totals.outdoor_c.clear();
    made.results.totals.indoor_min_c[1].clear();
    made.results.totals.tank_volume_m3.clear();
    made.results.totals.demand_mw.clear();
    made.results.sites.backup_left_h.clear();
    made.summary.worst_hour = 900;
    let page = html(&made.input());
    well_formed(&page);
    assert!(summary_text(&made.input()).ends_with('\n'));
}

#[test]
fn the_map_stands_alone() {
    let made = make(&Make::default());
    let options = MapOptions { hour: 12, id_prefix: "x".into(), standalone: true };
    let map = map_svg(&made.input(), &options);
    well_formed(&map);
    assert!(map.starts_with("<svg xmlns=") && map.ends_with("</svg>") && map.contains("<style>"));
    assert_ne!(map, map_svg(&made.input(), &MapOptions { hour: 100, ..options }));
}

#[test]
fn text_and_background_differ_enough() {
    let css = include_str!("../src/page/style.css");
    let dark_from = css.find("@media screen and (prefers-color-scheme:dark)").unwrap();
    for (theme, sheet) in [("light", &css[..dark_from]), ("dark", &css[dark_from..])] {
        let colour = |name: &str| {
            let from = sheet.find(&format!("--{name}:#")).unwrap() + name.len() + 4;
            let hex: String = sheet[from..].chars().take_while(char::is_ascii_hexdigit).collect();
            let hex = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex };
            let channel = |i: usize| {
                let c = f64::from(u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()) / 255.0;
                if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
        };
        let contrast = |a: &str, b: &str| {
            let (a, b) = (colour(a), colour(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for ink in [
            "ink",
            "soft",
            "lost",
            "warn",
            "fine",
            "repair",
            "unknown",
            "elec-ink",
            "heat-ink",
            "water-ink",
        ] {
            for back in ["card", "bg"] {
                let c = contrast(ink, back);
                assert!(c >= 4.5, "{theme}: {ink} on {back} is {c:.2}");
            }
        }
        // Lines and marks: WCAG asks for 3 to 1.
        for (line, back) in [
            ("elec", "card"),
            ("heat", "card"),
            ("water", "card"),
            ("line", "ground"),
            ("lost", "halo"),
            ("fine-fill", "ground"),
            ("repair", "halo"),
        ] {
            let c = contrast(line, back);
            assert!(c >= 3.0, "{theme}: {line} on {back} is {c:.2}");
        }
    }
}
