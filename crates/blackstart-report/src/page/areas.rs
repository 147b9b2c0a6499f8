//! Every area with all its services: the way through the report by keyboard and by
//! screen reader.

use super::table;
use crate::facts::{Facts, SERVICES};
use crate::format::{NONE, celsius1, count, esc, hours, people, percent, w};
use crate::icons::{Mark, icon};

/// Most rows; in larger regions the worst-hit ones.
const MOST_ROWS: usize = 400;

pub(super) fn section(out: &mut String, facts: &Facts<'_>) {
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-areas\"><h2 id=\"h-areas\">Areas</h2>",
    );
    if facts.areas == 0 || facts.hours == 0 {
        let words =
            if facts.areas == 0 { "The region has no areas." } else { "No hour was computed." };
        w!(out, "<p class=\"empty\">{words}</p></section>");
        return;
    }
    let areas = &facts.input.region.places().areas;
    let worst = facts.input.summary.worst_hour;
    let mut shown: Vec<usize> = (0..facts.areas).collect();
    if facts.areas > MOST_ROWS {
        let cost: Vec<f64> = shown
            .iter()
            .map(|&a| {
                let without: usize = SERVICES.iter().map(|&s| facts.hours_without(s, a)).sum();
                areas[a].people * without as f64
            })
            .collect();
        shown.sort_by(|&a, &b| cost[b].total_cmp(&cost[a]).then(a.cmp(&b)));
        shown.truncate(MOST_ROWS);
        w!(
            out,
            "<p class=\"lead\">The {} hardest hit of {} areas by person-hours without; all are in \
             places.csv.</p>",
            count(MOST_ROWS),
            count(facts.areas)
        );
    }
    let caption = format!(
        "What areas get in the worst hour ({}), and over all {}",
        facts.clock.at(worst as f64),
        hours(facts.hours as f64)
    );
    w!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{c}\"><table class=\"areas-table\">\
         <caption>{c}</caption><thead><tr><th scope=\"col\" rowspan=\"2\">Area</th>\
         <th scope=\"col\" rowspan=\"2\" class=\"n\">People</th>\
         <th scope=\"colgroup\" colspan=\"3\">Served in the worst hour</th>\
         <th scope=\"colgroup\" colspan=\"3\">Hours with less than half</th>\
         <th scope=\"colgroup\" colspan=\"2\">Coldest homes</th></tr><tr>",
        c = esc(&caption)
    );
    for _ in 0..2 {
        for word in ["Electricity", "Heat", "Water"] {
            w!(out, "<th scope=\"col\" class=\"n\">{word}</th>");
        }
    }
    out.push_str(
        "<th scope=\"col\" class=\"n\">°C</th><th scope=\"col\">at</th></tr></thead><tbody>",
    );
    for a in shown {
        out.push_str("<tr>");
        table::name(out, &areas[a].name, &areas[a].district);
        table::num(out, &people(areas[a].people));
        for s in SERVICES {
            let share = facts.share(s, worst, a);
            let mark = if !share.is_finite() {
                Mark::Unknown
            } else if share < 0.5 {
                Mark::Lost
            } else if share < 0.98 {
                Mark::Warning
            } else {
                Mark::Fine
            };
            let words = if share.is_finite() { percent(share) } else { "unknown".to_owned() };
            w!(
                out,
                "<td class=\"n\"><span class=\"st {}\">{}{words}</span></td>",
                mark.class(),
                icon(mark)
            );
        }
        for s in SERVICES {
            let known = facts.has(s) && facts.share(s, worst, a).is_finite();
            let n = if known { count(facts.hours_without(s, a)) } else { NONE.to_owned() };
            table::num(out, &n);
        }
        match facts.coldest_home(a) {
            Some((c, h)) => {
                table::num(out, &celsius1(c).replace("\u{a0}°C", ""));
                table::text(out, &facts.clock.plus(h as f64));
            }
            None => out.push_str("<td class=\"n\">–</td><td>–</td>"),
        }
        out.push_str("</tr>");
    }
    table::close(out);
    out.push_str("</section>");
}
