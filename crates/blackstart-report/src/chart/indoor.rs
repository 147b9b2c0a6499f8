//! Indoor temperature by building type, with the outdoor temperature.

use super::frame::Frame;
use crate::facts::Facts;
use crate::format::{NBSP, celsius, esc, number, w};
use crate::svg::{Px, open};
use blackstart::region::BuildingType;
use blackstart::results::INDOOR_THRESHOLDS_C;

const SIZE: (f64, f64) = (400.0, 236.0);
const MARGINS: (f64, f64, f64, f64) = (36.0, 34.0, 10.0, 36.0);

/// Words for a building type.
pub(crate) const fn building_words(b: BuildingType) -> &'static str {
    match b {
        BuildingType::Panel => "Panel blocks",
        BuildingType::Brick => "Brick blocks",
        BuildingType::New => "New blocks",
        BuildingType::Detached => "Detached houses",
    }
}

/// One chart for each building type the region has, all on the same scale.
pub(crate) fn indoor_charts(facts: &Facts<'_>) -> String {
    let t = &facts.input.results.totals;
    let n = facts.hours;
    let shown: Vec<usize> = (0..BuildingType::ALL.len())
        .filter(|&k| n > 0 && t.indoor_c[k].iter().any(|c| c.is_finite()))
        .collect();
    let mut out = String::new();
    if shown.is_empty() {
        out.push_str(
            "<p class=\"empty\">No indoor temperatures: the region has no building stock, or no \
             hour was computed.</p>",
        );
        return out;
    }
    let finite = shown
        .iter()
        .flat_map(|&k| t.indoor_c[k].iter().chain(&t.indoor_min_c[k]))
        .chain(&t.outdoor_c)
        .copied()
        .filter(|c| c.is_finite());
    let (low, high) = finite.fold((0.0f64, 20.0f64), |(l, h), c| (l.min(c), h.max(c)));
    out.push_str("<div class=\"panels\">");
    for k in shown {
        panel(&mut out, facts, k, (low, high));
    }
    out.push_str("</div>");
    out
}

fn panel(out: &mut String, facts: &Facts<'_>, k: usize, range: (f64, f64)) {
    let t = &facts.input.results.totals;
    let building = BuildingType::ALL[k];
    let column = |c: &[f64]| c[..c.len().min(facts.hours)].to_vec();
    let (mean, cold, outdoor) =
        (column(&t.indoor_c[k]), column(&t.indoor_min_c[k]), column(&t.outdoor_c));
    let words = building_words(building);
    let coldest = cold.iter().copied().fold(f64::NAN, f64::min);
    let coldest_h = cold.iter().position(|c| *c == coldest).unwrap_or(0);
    let end = mean.iter().rev().copied().find(|c| c.is_finite()).unwrap_or(f64::NAN);
    let caption = format!(
        "coldest area {} at {}; mean {} at the end",
        celsius(coldest),
        facts.clock.plus(coldest_h as f64),
        celsius(end)
    );
    let frame = Frame::new(SIZE, MARGINS, facts.hours, range, 7);
    w!(out, "<figure><figcaption><b>{}</b><br>{}</figcaption>", esc(words), esc(&caption));
    let id = format!("indoor-{}", building.word());
    let title = format!("Indoor temperature in {}", words.to_lowercase());
    open(out, &id, "chart indoor", (0.0, 0.0, SIZE.0, SIZE.1), &title, &caption);
    frame.draw(out, facts.clock, |v| format!("{}°", number(v, 0)));
    for c in INDOOR_THRESHOLDS_C {
        let y = frame.y.at(c);
        w!(
            out,
            "<path class=\"limit\" d=\"M{} {}H{}\"/>\
             <text class=\"limit-word\" x=\"{}\" y=\"{}\">{}{NBSP}°C</text>",
            Px(frame.left),
            Px(y),
            Px(frame.right),
            Px(frame.right + 3.0),
            Px(y + 3.6),
            number(c, 0)
        );
    }
    w!(
        out,
        "<path class=\"outdoor\" d=\"{}\"/><path class=\"band\" d=\"{}\"/>\
         <path class=\"coldest\" d=\"{}\"/><path class=\"mean\" d=\"{}\"/></svg></figure>",
        frame.line(&outdoor),
        frame.band(&cold, &mean),
        frame.line(&cold),
        frame.line(&mean)
    );
}
