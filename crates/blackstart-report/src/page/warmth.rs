//! How cold homes get.

use super::table;
use crate::chart::{building_words, indoor_charts};
use crate::facts::Facts;
use crate::format::{celsius, celsius1, count, esc, large, people, w};
use blackstart::region::BuildingType;
use blackstart::results::{INDOOR_THRESHOLDS_C, Service};

pub(super) fn section(out: &mut String, facts: &Facts<'_>) {
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-warmth\">\
         <h2 id=\"h-warmth\">How cold homes get</h2>",
    );
    if !facts.has(Service::Heat) {
        out.push_str(
            "<p class=\"empty\">The region says nothing about homes, so no indoor temperature was \
             computed.</p></section>",
        );
        return;
    }
    let s = facts.input.summary;
    if let Some((h, a, c)) = s.coldest {
        let name = facts.input.region.places().areas.get(a).map_or("", |a| a.name.as_str());
        w!(
            out,
            "<p class=\"lead\">The coldest homes are at {} in {} at {}. Below 16{n}°C the old and the \
             sick are at risk; below 5{n}°C life is in danger.</p>",
            celsius1(c),
            esc(name),
            esc(&facts.clock.at(h as f64)),
            n = '\u{a0}'
        );
    }
    out.push_str(&indoor_charts(facts));
    if facts.hours == 0 {
        out.push_str("</section>");
        return;
    }
    out.push_str(
        "<ul class=\"legend\"><li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\">\
         <path class=\"key-mean\" d=\"M1 0H27\"/></svg>mean of homes</li>\
         <li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\"><path class=\"key-cold\" \
         d=\"M1 0H27\"/></svg>coldest area</li>\
         <li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\"><path class=\"key-outdoor\" \
         d=\"M1 0H27\"/></svg>outdoors</li></ul>",
    );
    thresholds(out, facts);
    pipes(out, facts);
    out.push_str("</section>");
}

/// What the frost does to pipes; nothing where it does nothing.
fn pipes(out: &mut String, facts: &Facts<'_>) {
    let s = facts.input.summary;
    let rows = [
        ("heating drained", s.worst_people_drained),
        ("heating burst", s.worst_people_burst),
        ("taps frozen or burst", s.worst_people_taps_frozen),
    ];
    if rows.iter().all(|(_, people)| *people < 0.5) {
        return;
    }
    let caption = "Pipes in the frost";
    w!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table>\
         <caption>{caption}</caption><thead><tr><th scope=\"col\">In buildings with</th>\
         <th scope=\"col\" class=\"n\">people at once, at most</th></tr></thead><tbody>"
    );
    for (words, worst) in rows {
        out.push_str("<tr>");
        table::name(out, words, "");
        table::num(out, &people(worst));
        out.push_str("</tr>");
    }
    table::close(out);
}

fn thresholds(out: &mut String, facts: &Facts<'_>) {
    let s = facts.input.summary;
    let t = &facts.input.results.totals;
    let types: Vec<usize> = (0..BuildingType::ALL.len())
        .filter(|&k| t.indoor_c[k].iter().any(|c| c.is_finite()))
        .collect();
    let caption = "Homes below four temperatures";
    w!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table \
         class=\"cold-table\"><caption>{caption}</caption><thead><tr>\
         <th scope=\"col\" rowspan=\"2\">Indoors</th>\
         <th scope=\"colgroup\" colspan=\"3\">People in such homes</th>\
         <th scope=\"colgroup\" colspan=\"{}\">Hours in the coldest area</th></tr><tr>\
         <th scope=\"col\" class=\"n\">at once, at most</th><th scope=\"col\">first</th>\
         <th scope=\"col\" class=\"n\">person-hours</th>",
        types.len()
    );
    for &k in &types {
        w!(out, "<th scope=\"col\" class=\"n\">{}</th>", building_words(BuildingType::ALL[k]));
    }
    out.push_str("</tr></thead><tbody>");
    for (k, c) in INDOOR_THRESHOLDS_C.into_iter().enumerate() {
        out.push_str("<tr>");
        table::name(out, &format!("below {}", celsius(c)), "");
        table::num(out, &people(s.worst_people_below_c[k]));
        let first = s.first_below_h[k];
        table::text(out, &first.map_or("never".to_owned(), |h| facts.clock.at(h as f64)));
        table::num(out, &large(s.person_hours_below_c[k]));
        for &b in &types {
            let below = t.indoor_min_c[b].iter().filter(|v| **v < c).count();
            table::num(out, &count(below));
        }
        out.push_str("</tr>");
    }
    table::close(out);
}
