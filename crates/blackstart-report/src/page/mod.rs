//! The page: one file, put together section by section.

mod areas;
mod notes;
mod repairs;
mod sites;
mod strikes;
pub(crate) mod table;
mod tiles;
mod voltage;
mod warmth;

use crate::chart::{power_chart, service_chart};
use crate::facts::{Facts, SERVICES, service_word};
use crate::format::{count, cut, esc, hours, people, things, w};
use crate::icons::{Mark, icon};
use crate::map::{MapOptions, draw, layout, pick_hours, small_maps};
use crate::{Provenance, ReportInput};
use std::fmt::Write as _;

pub(crate) const STYLE: &str = include_str!("style.css");
pub(crate) const MAP_STYLE: &str = include_str!("map.css");

pub(crate) fn html(input: &ReportInput<'_>) -> String {
    let facts = Facts::new(input);
    let mut out = String::with_capacity(400_000);
    head(&mut out, &facts);
    out.push_str("<main>");
    banner(&mut out, &facts);
    tiles::tiles(&mut out, &facts);
    map_and_curves(&mut out, &facts);
    warmth::section(&mut out, &facts);
    strikes::section(&mut out, &facts);
    repairs::section(&mut out, &facts);
    voltage::section(&mut out, &facts);
    sites::section(&mut out, &facts);
    areas::section(&mut out, &facts);
    strikes::damage_section(&mut out, &facts);
    notes::section(&mut out, &facts);
    out.push_str("</main>");
    provenance_foot(&mut out, facts.input.provenance);
    out
}

fn head(out: &mut String, facts: &Facts<'_>) {
    let input = &facts.input;
    let (scenario, region) = (esc(&input.scenario.name), esc(input.region.name()));
    w!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"generator\" content=\"blackstart {}\">\
         <title>{scenario} · {region} · blackstart</title>\
         <style>{STYLE}{MAP_STYLE}</style></head>\n<body>\
         <header><div class=\"what\"><p class=\"brand\">Blackstart</p>\
         <h1>{scenario} <small>{region}, {}\u{a0}people</small></h1></div>\
         <div class=\"when\"><p class=\"badge model\">MODEL RESULT, not live data</p>\
         <p>{}</p></div></header>\n",
        esc(&input.provenance.version),
        people(input.summary.people),
        esc(&span(facts))
    );
}

/// The model time that the run covers.
fn span(facts: &Facts<'_>) -> String {
    if facts.hours == 0 {
        format!("model time from {}", facts.clock.long(0.0))
    } else {
        format!(
            "model time {} to {} ({})",
            facts.clock.long(0.0),
            facts.clock.long(facts.hours as f64),
            hours(facts.hours as f64)
        )
    }
}

/// What the reader must know before reading a number.
fn banner(out: &mut String, facts: &Facts<'_>) {
    let asked = facts.input.scenario.horizon_h as usize;
    let mut words = Vec::new();
    if facts.hours == 0 {
        words.push("The run was stopped before its first hour: nothing was computed.".to_owned());
    } else if facts.hours < asked {
        words.push(format!(
            "The run was stopped after {} of {}: what comes later is not known.",
            count(facts.hours),
            hours(asked as f64)
        ));
    }
    let degraded: usize = facts.input.summary.degraded_hours.iter().sum();
    if degraded > 0 {
        words.push(format!(
            "In {} a network was not solved exactly; <a href=\"#degraded\">see which</a>.",
            things(degraded, "hour", "hours")
        ));
    }
    for w in words {
        let _ = write!(out, "<p class=\"banner\">{} {w}</p>", icon(Mark::Warning));
    }
}

fn map_and_curves(out: &mut String, facts: &Facts<'_>) {
    let layout = layout(facts);
    let worst = facts.input.summary.worst_hour;
    let options = MapOptions { hour: worst, id_prefix: "m-".to_owned(), standalone: false };
    let map = draw(facts, &layout, &options);
    let when = if facts.hours == 0 {
        "no hour was computed".to_owned()
    } else if facts.input.summary.services.iter().all(|s| s.worst_people < 0.5) {
        "nobody is without at any hour".to_owned()
    } else {
        format!("who has what in the worst hour, {}", facts.clock.at(worst as f64))
    };
    w!(
        out,
        "<div class=\"split\"><section class=\"card\" aria-labelledby=\"h-map\">\
         <h2 id=\"h-map\">Map · {}</h2>\
         <div class=\"mapbox\" tabindex=\"0\" role=\"region\" aria-label=\"Map, may scroll\">{}</div>",
        esc(&when),
        map.svg
    );
    legend(out, !layout.is_only_rows());
    for r in &map.remarks {
        w!(out, "<p class=\"remark\">{}</p>", esc(r));
    }
    out.push_str(
        "</section><section class=\"card curves\" aria-labelledby=\"h-curves\">\
         <h2 id=\"h-curves\">People without service</h2><div class=\"curve-row\">",
    );
    for s in SERVICES {
        w!(
            out,
            "<div><h3 class=\"{word}\">{}</h3>{}</div>",
            capital(service_word(s)),
            service_chart(facts, s),
            word = service_word(s)
        );
    }
    w!(
        out,
        "<div class=\"screen-only\"><h3 class=\"electricity\">Asked for (dashed) and served, MW</h3>{}</div></div></section></div>",
        power_chart(facts)
    );
    let picked = pick_hours(facts, 7);
    if !picked.is_empty() && facts.areas > 0 {
        out.push_str(
            "<section class=\"card\" aria-labelledby=\"h-small\">\
             <h2 id=\"h-small\">The way down and back</h2><p class=\"lead\">The same areas over time; \
             the stronger the colour, the more is missing. Below each map: hours since the start, and people without.</p>",
        );
        for s in SERVICES.into_iter().filter(|s| facts.has(*s)) {
            w!(
                out,
                "<h3 class=\"{}\">{}</h3>{}",
                service_word(s),
                capital(service_word(s)),
                small_maps(facts, &layout, "m-", s, &picked)
            );
        }
        out.push_str("</section>");
    }
}

fn legend(out: &mut String, facilities: bool) {
    out.push_str("<ul class=\"legend\">");
    if facilities {
        for (mark, word) in [
            (Mark::Fine, "works"),
            (Mark::Warning, "on backup, or works in part"),
            (Mark::Lost, "without supply; in a frame: damaged, out"),
            (Mark::Repair, "under repair"),
        ] {
            w!(out, "<li class=\"{}\">{}{word}</li>", mark.class(), icon(mark));
        }
        out.push_str(
            "<li><svg class=\"ico\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><circle r=\"6\" \
             class=\"plate k-ink\"/><path d=\"M-3.4 0H3.4M0 -3.4V3.4\" class=\"stroke k-ink\"/></svg>\
             hospital not on normal supply</li>\
             <li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\"><path d=\"M1 0H27\" \
             class=\"key-line\"/></svg>line in service</li>\
             <li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\"><path d=\"M1 0H27\" \
             class=\"key-out\"/></svg>line out</li>",
        );
    }
    out.push_str(
        "</ul><ul class=\"legend\"><li>Areas (size: people), missing of the worst service</li>",
    );
    for (step, word) in
        ["under 2", "2–25", "25–50", "50–90", "over 90\u{202f}%"].into_iter().enumerate()
    {
        w!(
            out,
            "<li><svg class=\"ico swatch\" viewBox=\"0 0 16 14\" aria-hidden=\"true\">\
             <rect x=\".5\" y=\".5\" width=\"15\" height=\"13\" class=\"s{step}\"/>{}</svg>{word}</li>",
            if step >= 3 {
                "<path class=\"hatch\" d=\"M0 5L5 0M0 11L11 0M3 14L16 1M9 14L16 7\"/>"
            } else {
                ""
            }
        );
    }
    out.push_str("</ul>");
}

/// Where the numbers come from, and the end of the page.
pub(crate) fn provenance_foot(out: &mut String, p: &Provenance) {
    w!(
        out,
        "<footer><p>Made by blackstart {} with seed {}. A model computes what would follow from \
         the damage and the assumptions above; it does not observe anything. People are rounded to \
         tens and hundreds.</p>",
        esc(&p.version),
        p.seed
    );
    if !p.inputs.is_empty() {
        out.push_str("<p>Input files and their hashes:</p><ul class=\"hashes\">");
        for (name, hash) in p.inputs.iter().take(60) {
            w!(out, "<li>{} <code>{}</code></li>", esc(&cut(name, 120)), esc(&cut(hash, 140)));
        }
        if p.inputs.len() > 60 {
            w!(out, "<li>and {} more, listed in run.json</li>", count(p.inputs.len() - 60));
        }
        out.push_str("</ul>");
    }
    out.push_str("</footer></body></html>\n");
}

/// First letter large.
pub(crate) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
