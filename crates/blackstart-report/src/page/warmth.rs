//! How cold homes get.

use super::{capital, table};
use crate::chart::{building_words, indoor_charts};
use crate::facts::Facts;
use crate::format::{celsius, celsius1, count, esc, people, w};
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
             sick are at risk; below 5{n}°C pipes may freeze.</p>",
            celsius1(c),
            esc(name),
            esc(&facts.clock.at(h as f64)),
            n = '\u{a0}'
        );
    }
    out.push_str(&indoor_charts(facts));
    out.push_str(
        "<ul class=\"legend\"><li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\">\
         <path class=\"key-mean\" d=\"M1 0H27\"/></svg>mean of homes</li>\
         <li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\"><path class=\"key-cold\" \
         d=\"M1 0H27\"/></svg>coldest area</li>\
         <li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\"><path class=\"key-outdoor\" \
         d=\"M1 0H27\"/></svg>outdoors</li></ul>",
    );
    thresholds(out, facts);
    out.push_str("</section>");
}

fn thresholds(out: &mut String, facts: &Facts<'_>) {
    let s = facts.input.summary;
    let t = &facts.input.results.totals;
    let types: Vec<usize> = (0..BuildingType::ALL.len())
        .filter(|&k| t.indoor_c[k].iter().any(|c| c.is_finite()))
        .collect();
    let mut headers = vec!["Indoors", "#People at once, at most", "First at", "#Person-hours"];
    let by_type: Vec<String> = types
        .iter()
        .map(|&k| {
            format!("#{}, coldest area: hours", capital(building_words(BuildingType::ALL[k])))
        })
        .collect();
    headers.extend(by_type.iter().map(String::as_str));
    table::open(out, "Homes below four temperatures", &headers);
    for (k, c) in INDOOR_THRESHOLDS_C.into_iter().enumerate() {
        out.push_str("<tr>");
        table::name(out, &format!("below {}", celsius(c)), "");
        table::num(out, &people(s.worst_people_below_c[k]));
        let first = s.first_below_h[k];
        table::text(out, &first.map_or("never".to_owned(), |h| facts.clock.at(h as f64)));
        table::num(out, &people(s.person_hours_below_c[k]));
        for &b in &types {
            let below = t.indoor_min_c[b].iter().filter(|v| **v < c).count();
            table::num(out, &count(below));
        }
        out.push_str("</tr>");
    }
    table::close(out);
}
