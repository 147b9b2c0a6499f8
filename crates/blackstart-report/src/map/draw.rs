//! Draws the map of one hour.

use super::labels::Labels;
use super::layout::{Layout, WIDTH};
use super::{MapOptions, shade};
use crate::facts::{Facts, class_word};
use crate::format::{count, cut, esc, number, people, percent, things, w};
use crate::icons::{map_symbol, map_symbols, state_mark};
use crate::svg::{Px, open, polygon_path};
use blackstart::region::{Asset, BranchIdx, BranchKind, FacilityClass, SiteKind};
use blackstart::results::FacilityState;

/// Most lines drawn; those that are out first, then the highest voltages.
const MOST_LINES: usize = 2000;
/// Most marks of facilities that do not simply work.
const MOST_MARKS: usize = 160;
/// Most hospitals marked before those on backup are left out.
const MOST_HOSPITALS: usize = 40;
/// Most dots of facilities that do.
const MOST_DOTS: usize = 2500;

/// Most names of areas; more would hide what they name.
const MOST_AREA_NAMES: usize = 22;

/// A map, and what a caption should say about it.
pub(crate) struct Drawn {
    pub(crate) svg: String,
    /// Sentences about what is left out.
    pub(crate) remarks: Vec<String>,
}

/// The style of a map outside the report; the report's own sheet covers the same
/// classes with its colours.
const STYLE: &str = include_str!("../page/map.css");

pub(crate) fn draw(facts: &Facts<'_>, layout: &Layout, options: &MapOptions) -> Drawn {
    let h = options.hour.min(facts.hours.saturating_sub(1));
    let p = esc(&options.id_prefix);
    let mut out = String::new();
    let mut remarks = Vec::new();
    let title = format!("Who has what at {}", facts.clock.at(h as f64));
    let view = (0.0, 0.0, WIDTH, layout.height);
    open(&mut out, &format!("{p}map"), "map", view, &title, &describe(facts, h));
    if options.standalone {
        w!(out, "<style>{STYLE}</style>");
    }
    out.push_str("<defs>");
    map_symbols(&mut out, &p);
    w!(
        out,
        "<pattern id=\"{p}hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><path d=\"M0 0V5\" class=\"hatch\"/></pattern></defs>\
         <rect class=\"ground\" width=\"{}\" height=\"{}\"/>",
        Px(WIDTH),
        Px(layout.height)
    );
    draw_areas(&mut out, facts, layout, h, &p);
    let mut labels = Labels::new(WIDTH, layout.height);
    if layout.unplaced > 0 {
        unplaced_title(&mut out, facts, layout, &mut labels);
    }
    draw_lines(&mut out, facts, layout, h, &mut remarks);
    let named = draw_facilities(&mut out, facts, layout, h, &p, &mut labels, &mut remarks);
    out.push_str("<g class=\"names\">");
    for (at, name) in named {
        labels.place(&mut out, "of-facility", at, 7.0, &name, false);
    }
    name_areas(&mut out, facts, layout, &mut labels);
    out.push_str("</g>");
    if let Some((px, km)) = layout.scale_bar() {
        w!(
            out,
            "<g class=\"scale\"><path d=\"M14 {y}v5h{}v-5\"/><text x=\"{}\" y=\"{}\">{}\u{a0}km</text></g>",
            Px(px),
            Px(20.0 + px),
            Px(layout.rows_from - 12.0),
            number(km, usize::from(km < 1.0)),
            y = Px(layout.rows_from - 17.0)
        );
    }
    out.push_str("</svg>");
    Drawn { svg: out, remarks }
}

fn describe(facts: &Facts<'_>, h: usize) -> String {
    if facts.hours == 0 {
        return "No hour was computed; the map shows the places alone.".to_owned();
    }
    let mut bad = 0;
    let mut unknown = 0;
    for a in 0..facts.areas {
        match shade(facts.worst_missing(h, a)) {
            Some(3..) => bad += 1,
            Some(_) => {}
            None => unknown += 1,
        }
    }
    let mut states = [0usize; 6];
    for f in 0..facts.facilities {
        if let Some(s) = facts.facility_state(h, f) {
            states[s as usize] += 1;
        }
    }
    format!(
        "{} of {} miss at least half of electricity, heat or water{}. Of {}: {} work, {} are on \
         backup, {} work in part, {} are without supply, {} are lost, {} are under repair. The \
         tables below say the same in words.",
        count(bad),
        things(facts.areas, "area", "areas"),
        if unknown > 0 { format!("; {} are unknown", count(unknown)) } else { String::new() },
        things(facts.facilities, "facility", "facilities"),
        count(states[FacilityState::Served as usize]),
        count(states[FacilityState::Backup as usize]),
        count(states[FacilityState::Damaged as usize]),
        count(states[FacilityState::Dark as usize]),
        count(states[FacilityState::Lost as usize]),
        count(states[FacilityState::UnderRepair as usize]),
    )
}

fn draw_areas(out: &mut String, facts: &Facts<'_>, layout: &Layout, h: usize, p: &str) {
    let areas = &facts.input.region.places().areas;
    let shades: Vec<Option<usize>> = (0..facts.areas)
        .map(|a| if facts.hours == 0 { None } else { shade(facts.worst_missing(h, a)) })
        .collect();
    // Large first, so that a small one within a large one stays on top.
    let mut order: Vec<usize> = (0..facts.areas).collect();
    order.sort_by(|&a, &b| {
        layout.cells[b].circle.r.total_cmp(&layout.cells[a].circle.r).then(a.cmp(&b))
    });
    // Outlines once; the large map and every small one place them.
    w!(out, "<defs><g id=\"{p}outlines\">");
    for &a in &order {
        let outline = polygon_path(&layout.cells[a].outline);
        w!(out, "<path id=\"{p}o{a}\" d=\"{outline}\"/>");
    }
    out.push_str("</g></defs><g class=\"areas\">");
    // Titles are for hovering; in a large region they would double the file.
    let titles = facts.areas <= 1000;
    for &a in &order {
        let class = shades[a].map_or_else(|| "unknown".to_owned(), |s| format!("s{s}"));
        w!(out, "<use href=\"#{p}o{a}\" class=\"{class}\"");
        if titles {
            w!(
                out,
                "><title>{}: {} people, {}</title></use>",
                esc(&areas[a].name),
                people(areas[a].people),
                esc(&missing_words(facts, h, a))
            );
        } else {
            out.push_str("/>");
        }
    }
    w!(out, "</g><g class=\"hatched\" fill=\"url(#{p}hatch)\">");
    for a in (0..facts.areas).filter(|&a| shades[a].is_some_and(|s| s >= 3)) {
        w!(out, "<use href=\"#{p}o{a}\"/>");
    }
    out.push_str("</g>");
}

fn missing_words(facts: &Facts<'_>, h: usize, a: usize) -> String {
    let words: Vec<String> = crate::facts::SERVICES
        .iter()
        .map(|&s| {
            let share = if facts.hours == 0 { f64::NAN } else { facts.share(s, h, a) };
            let word = crate::facts::service_word(s);
            if share.is_finite() {
                format!("{word} {}", percent(share))
            } else {
                format!("{word} unknown")
            }
        })
        .collect();
    words.join(", ")
}

fn unplaced_title(out: &mut String, facts: &Facts<'_>, layout: &Layout, labels: &mut Labels) {
    let y = layout.rows_from + 20.0;
    let text = if layout.unplaced == facts.areas {
        "Areas in the order of the table: the region gives no positions for them"
    } else {
        "Areas without a position, in the order of the table"
    };
    if layout.rows_from > 0.0 {
        w!(out, "<path class=\"divide\" d=\"M0 {}H{}\"/>", Px(layout.rows_from), Px(WIDTH));
    }
    w!(out, "<text class=\"remark\" x=\"14\" y=\"{}\">{text}</text>", Px(y));
    labels.block(240.0, y - 4.0, 10.0);
}

/// A line to draw.
struct Line {
    out: bool,
    kv: f64,
    branch: usize,
    ends: [(f64, f64); 2],
}

fn draw_lines(
    out: &mut String,
    facts: &Facts<'_>,
    layout: &Layout,
    h: usize,
    remarks: &mut Vec<String>,
) {
    let region = facts.input.region;
    let grid = region.grid();
    let of = |asset| region.facility_of(asset).map(|f| f.i());
    let dead = |f: Option<usize>| {
        f.and_then(|f| facts.facility_state(h, f))
            .is_some_and(|s| matches!(s, FacilityState::Lost | FacilityState::Dark))
    };
    // What is damaged itself, by functionality: a line under repair carries nothing.
    let broken = |f: Option<usize>| {
        f.and_then(|f| facts.input.results.facilities.functionality.get(h * facts.facilities + f))
            .is_some_and(|x| *x < 0.5)
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut all = 0;
    for (i, b) in grid.branches.iter().enumerate() {
        if b.kind == BranchKind::Transformer || !b.in_service {
            continue;
        }
        all += 1;
        let itself = of(Asset::Branch(BranchIdx::new(i)));
        let (from, to) = (of(Asset::Bus(b.from)), of(Asset::Bus(b.to)));
        let ends = layout.bus(facts, b.from, from).zip(layout.bus(facts, b.to, to));
        let Some((p, q)) = ends else { continue };
        if (p.0 - q.0).abs() + (p.1 - q.1).abs() < 1.0 {
            continue;
        }
        if !layout.shows(p) && !layout.shows(q) {
            continue;
        }
        let out = broken(itself) || dead(itself) || dead(from) || dead(to);
        lines.push(Line { out, kv: grid.buses[b.from.i()].base_kv, branch: i, ends: [p, q] });
    }
    if lines.is_empty() {
        if all > 0 {
            remarks.push("Lines are not drawn: their ends have no positions.".to_owned());
        }
        return;
    }
    lines.sort_by(|a, b| {
        b.out.cmp(&a.out).then(b.kv.total_cmp(&a.kv)).then(a.branch.cmp(&b.branch))
    });
    if lines.len() > MOST_LINES {
        remarks.push(format!(
            "{} of {} lines are drawn: those that are out, then the highest voltages.",
            count(MOST_LINES),
            count(lines.len())
        ));
        lines.truncate(MOST_LINES);
    }
    let top_kv = lines.iter().map(|l| l.kv).fold(0.0, f64::max);
    let path = |keep: &dyn Fn(&Line) -> bool| {
        let mut d = String::new();
        for l in lines.iter().filter(|l| keep(l)) {
            let [p, q] = l.ends;
            w!(d, "M{} {}L{} {}", Px(p.0), Px(p.1), Px(q.0), Px(q.1));
        }
        d
    };
    let high = |kv: f64| kv >= 0.9 * top_kv;
    let out_path = path(&|l| l.out);
    w!(
        out,
        "<g class=\"lines\"><path class=\"low\" d=\"{}\"/><path class=\"high\" d=\"{}\"/>\
         <path class=\"casing\" d=\"{out_path}\"/><path class=\"out\" d=\"{out_path}\"/></g>",
        path(&|l| !l.out && !high(l.kv)),
        path(&|l| !l.out && high(l.kv)),
    );
}

/// Draws facilities and hospitals; returns what deserves a name, in that order.
fn draw_facilities(
    out: &mut String,
    facts: &Facts<'_>,
    layout: &Layout,
    h: usize,
    p: &str,
    labels: &mut Labels,
    remarks: &mut Vec<String>,
) -> Vec<((f64, f64), String)> {
    let region = facts.input.region;
    let mut dots = Vec::new();
    let mut marks = Vec::new();
    let (mut nowhere, mut beyond) = (0, 0);
    for (f, facility) in region.facilities().iter().enumerate() {
        let linear = is_linear(facility.class);
        let state = facts.facility_state(h, f).unwrap_or(FacilityState::Served);
        let Some(at) = layout.at(facility.position) else {
            nowhere += usize::from(!linear || map_symbol(state).is_some());
            continue;
        };
        if !layout.shows(at) {
            beyond += usize::from(!linear);
            continue;
        }
        match map_symbol(state) {
            // Lines and mains show as lines; a mark in their middle only when damaged.
            Some(_) if linear && state == FacilityState::Dark => {}
            Some(symbol) => marks.push((weight(state), facility.size, f, at, symbol, state)),
            None if linear => {}
            None => dots.push(at),
        }
    }
    if nowhere > 0 && nowhere < facts.facilities {
        remarks.push(format!(
            "{} without a position {} not on the map.",
            things(nowhere, "facility", "facilities"),
            if nowhere == 1 { "is" } else { "are" }
        ));
    } else if nowhere > 0 {
        remarks.push("Facilities are not on the map: they have no positions.".to_owned());
    }
    if beyond > 0 {
        remarks.push(format!(
            "{} far outside {} not on the map; lines to there run off its edge.",
            things(beyond, "facility", "facilities"),
            if beyond == 1 { "is" } else { "are" }
        ));
    }
    dots.truncate(MOST_DOTS);
    // Many dots would cover the areas they serve.
    let size = match dots.len() {
        0..=300 => "",
        301..=900 => " small-dots",
        _ => " fine-dots",
    };
    w!(out, "<path class=\"dots{size}\" d=\"");
    for (x, y) in &dots {
        w!(out, "M{} {}h0", Px(*x), Px(*y));
    }
    out.push_str("\"/>");
    marks.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    if marks.len() > MOST_MARKS {
        remarks.push(format!(
            "{} of {} facilities in trouble are marked, the damaged and the largest first.",
            count(MOST_MARKS),
            count(marks.len())
        ));
        marks.truncate(MOST_MARKS);
    }
    out.push_str("<g class=\"marks\">");
    for (_, _, f, (x, y), symbol, state) in marks.iter().rev() {
        let facility = &region.facilities()[*f];
        w!(
            out,
            "<use href=\"#{p}{symbol}\" x=\"{}\" y=\"{}\"><title>{} ({}): {}</title></use>",
            Px(*x),
            Px(*y),
            esc(&facility.name),
            class_word(facility.class),
            state_mark(*state).1
        );
        labels.block(*x, *y, 6.5);
    }
    out.push_str("</g>");
    let mut named: Vec<((f64, f64), String)> = marks
        .iter()
        .filter(|m| matches!(m.5, FacilityState::Lost | FacilityState::UnderRepair))
        .filter(|m| !is_linear(region.facilities()[m.2].class))
        .take(10)
        .map(|m| (m.3, region.facilities()[m.2].name.clone()))
        .collect();
    draw_hospitals(out, facts, layout, h, p, labels, remarks, &mut named);
    named
}

/// Hospitals that are not on their normal supply.
fn draw_hospitals(
    out: &mut String,
    facts: &Facts<'_>,
    layout: &Layout,
    h: usize,
    p: &str,
    labels: &mut Labels,
    remarks: &mut Vec<String>,
    named: &mut Vec<((f64, f64), String)>,
) {
    let sites = &facts.input.region.places().sites;
    let hospitals = |dark: bool| {
        (0..facts.sites).filter(move |&s| {
            sites[s].kind == SiteKind::Hospital
                && match facts.site_state(h, s).unwrap_or(FacilityState::Served) {
                    FacilityState::Served => false,
                    FacilityState::Dark => true,
                    FacilityState::Backup
                    | FacilityState::Damaged
                    | FacilityState::Lost
                    | FacilityState::UnderRepair => !dark,
                }
        })
    };
    // Where there are too many, those without any supply.
    let dark_only = hospitals(false).count() > MOST_HOSPITALS;
    if dark_only {
        remarks.push("Of hospitals only those without any supply are marked.".to_owned());
    }
    out.push_str("<g class=\"marks\">");
    for s in hospitals(dark_only) {
        let site = &sites[s];
        let state = facts.site_state(h, s).unwrap_or(FacilityState::Served);
        let Some((x, y)) = layout.at(site.position) else { continue };
        w!(
            out,
            "<use href=\"#{p}hospital\" x=\"{}\" y=\"{}\"><title>{}: {}</title></use>",
            Px(x),
            Px(y),
            esc(&site.name),
            state_mark(state).1
        );
        labels.block(x, y, 7.5);
        if state == FacilityState::Dark && named.len() < 16 {
            named.push(((x, y), site.name.clone()));
        }
    }
    out.push_str("</g>");
}

fn name_areas(out: &mut String, facts: &Facts<'_>, layout: &Layout, labels: &mut Labels) {
    let areas = &facts.input.region.places().areas;
    let mut order: Vec<usize> = (0..facts.areas).collect();
    order.sort_by(|&a, &b| areas[b].people.total_cmp(&areas[a].people).then(a.cmp(&b)));
    let mut named = 0;
    for &a in &order {
        let c = layout.cells[a].circle;
        if areas[a].position.is_none() {
            // In rows a name stays within its box.
            let fits = ((layout.box_side - 4.0) / 6.4) as usize;
            if fits >= 6 {
                w!(
                    out,
                    "<text class=\"of-area\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                    Px(c.x),
                    Px(c.y + 4.0),
                    esc(&cut(&areas[a].name, fits))
                );
            }
            continue;
        }
        if named >= MOST_AREA_NAMES {
            continue;
        }
        let placed = labels.place(out, "of-area", (c.x, c.y), c.r.min(14.0), &areas[a].name, true);
        named += usize::from(placed);
    }
}

const fn is_linear(class: FacilityClass) -> bool {
    match class {
        FacilityClass::Line
        | FacilityClass::Cable
        | FacilityClass::HeatMain
        | FacilityClass::WaterMain => true,
        FacilityClass::Substation
        | FacilityClass::PowerPlant
        | FacilityClass::BoilerHouse
        | FacilityClass::PumpingStation
        | FacilityClass::WaterTank => false,
    }
}

/// What is drawn and named first.
const fn weight(state: FacilityState) -> u8 {
    match state {
        FacilityState::Lost => 0,
        FacilityState::UnderRepair => 1,
        FacilityState::Damaged => 2,
        FacilityState::Dark => 3,
        FacilityState::Backup => 4,
        FacilityState::Served => 5,
    }
}
