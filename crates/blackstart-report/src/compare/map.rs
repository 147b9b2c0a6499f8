//! What each policy saves, place by place.

use blackstart::region::Area;

use super::CompareInput;
use crate::format::{esc, number, w};
use crate::map::Layout;
use crate::svg::{Px, open, polygon_path};

/// Steps of saved hours a person; the same with minus for cost.
const STEPS: [f64; 4] = [0.5, 6.0, 24.0, 72.0];

/// Hours a person that a policy saves in each area: without electricity, below 16 °C and
/// without water, added up; mean over draws. NaN without people.
fn saved(input: &CompareInput<'_>, case: usize) -> Vec<f64> {
    let areas = &input.region.places().areas;
    let draws = input.figures.len() as f64;
    let mut saved = vec![0.0; areas.len()];
    for draw in input.figures {
        for (without, with) in draw[0].area_person_hours.iter().zip(&draw[case].area_person_hours) {
            for ((sum, without), with) in saved.iter_mut().zip(without).zip(with) {
                *sum += without - with;
            }
        }
    }
    saved.iter().zip(areas).map(|(sum, area)| sum / draws / area.people).collect()
}

/// Where it changes most.
fn extremes(areas: &[Area], saved: &[f64]) -> String {
    let most = (0..areas.len())
        .filter(|a| saved[*a].is_finite())
        .reduce(|best, a| if saved[a].abs() > saved[best].abs() { a } else { best });
    most.map_or_else(String::new, |a| {
        let word = if saved[a] < 0.0 { "Costs" } else { "Saves" };
        let hours = number(saved[a].abs(), 1);
        format!("{word} most in {}: {hours} hours a person.", areas[a].name)
    })
}

fn step(hours: f64) -> usize {
    STEPS.iter().filter(|s| hours.abs() >= **s).count()
}

pub(super) fn section(out: &mut String, input: &CompareInput<'_>) {
    if input.cases.len() < 2 || input.region.places().areas.is_empty() || input.figures.is_empty() {
        return;
    }
    let layout = Layout::new(input.region);
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-map\"><h2 id=\"h-map\">Where it helps</h2>\
         <p class=\"lead\">Hours saved for each person against the first policy: without electricity, \
         in homes below 16\u{a0}°C, and without water, added up; mean over draws. Crossed: it gets \
         worse.</p><div class=\"fans\">",
    );
    let areas = &input.region.places().areas;
    for case in 1..input.cases.len() {
        let saved = saved(input, case);
        let desc = extremes(areas, &saved);
        let name = &input.cases[case].name;
        w!(out, "<figure><figcaption>{}</figcaption>", esc(name));
        let title = format!("Hours saved by {name}");
        open(out, &format!("saved-{case}"), "small", layout.area_bounds(), &title, &desc);
        for (cell, hours) in layout.outlines().zip(&saved) {
            if !hours.is_finite() {
                continue;
            }
            let worse = if *hours < 0.0 && step(*hours) > 0 { " worse" } else { "" };
            w!(out, "<path class=\"s{}{worse}\" d=\"{}\"/>", step(*hours), polygon_path(cell));
            if !worse.is_empty() {
                let n = cell.len().max(1) as f64;
                let (x, y) = cell.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
                w!(
                    out,
                    "<path class=\"cross\" d=\"M{} {}l8 8m0 -8l-8 8\"/>",
                    Px(x - 4.0),
                    Px(y - 4.0)
                );
            }
        }
        w!(out, "</svg><p class=\"remark\">{}</p></figure>", esc(&desc));
    }
    out.push_str("</div><ul class=\"legend\"><li>Hours a person</li>");
    for (k, words) in ["under 0.5", "0.5–6", "6–24", "24–72", "72 and more"].into_iter().enumerate()
    {
        w!(
            out,
            "<li><svg class=\"ico swatch\" viewBox=\"0 0 16 14\" aria-hidden=\"true\"><rect x=\".5\" \
             y=\".5\" width=\"15\" height=\"13\" class=\"s{k}\"/></svg>{words}</li>"
        );
    }
    out.push_str("</ul></section>");
}
