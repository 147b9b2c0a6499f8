//! Small maps of one service at a time, over the hours.

use super::layout::Layout;
use super::shade;
use crate::facts::{Facts, service_word};
use crate::format::{esc, people, w};
use crate::svg::{Px, open};
use blackstart::results::Service;

/// Above this number of areas small maps show squares of several areas.
const MOST_AREAS: usize = 600;
/// Squares across a small map.
const SQUARES: f64 = 36.0;

/// Hours worth a small map: the first damage, the worst hours, the last, and evenly
/// between; at most `most`.
pub(crate) fn pick_hours(facts: &Facts<'_>, most: usize) -> Vec<usize> {
    let Some(last) = facts.hours.checked_sub(1) else { return Vec::new() };
    let mut hours: Vec<usize> = Vec::new();
    let add = |h: usize, hours: &mut Vec<usize>| {
        if h <= last && hours.len() < most && !hours.contains(&h) {
            hours.push(h);
        }
    };
    let first = facts.input.results.damage.iter().map(|d| d.at_h).fold(f64::INFINITY, f64::min);
    if first.is_finite() && first >= 0.0 {
        add(first.ceil() as usize, &mut hours);
    } else {
        add(0, &mut hours);
    }
    add(facts.input.summary.worst_hour, &mut hours);
    add(last, &mut hours);
    // Fill the widest gap again and again; gaps early in the run count for more,
    // because more happens there.
    while hours.len() < most.min(facts.hours) {
        let mut sorted = hours.clone();
        sorted.push(0);
        sorted.sort_unstable();
        let gap = sorted
            .windows(2)
            .map(|w| (((w[1] + 6) as f64 / (w[0] + 6) as f64).ln(), w[0], w[1]))
            .filter(|g| g.2 - g.1 >= 2)
            .fold((0.0, 0, 0), |best, g| if g.0 > best.0 { g } else { best });
        if gap.2 == 0 {
            break;
        }
        let middle = (((gap.1 + 6) as f64 * (gap.2 + 6) as f64).sqrt() - 6.0).round() as usize;
        // Whole multiples of six hours read better, where the gap is wide enough.
        let round = (middle + 3) / 6 * 6;
        let pick = if round > gap.1 && round < gap.2 { round } else { middle };
        let pick = pick.clamp(gap.1 + 1, gap.2 - 1);
        if hours.contains(&pick) {
            break;
        }
        add(pick, &mut hours);
    }
    hours.sort_unstable();
    hours
}

/// A row of small maps for one service. They place the area outlines that the large
/// map with `prefix` defines, so they need that map in the same document.
pub(crate) fn small_maps(
    facts: &Facts<'_>,
    layout: &Layout,
    prefix: &str,
    service: Service,
    hours: &[usize],
) -> String {
    let word = service_word(service);
    let view = layout.area_bounds();
    let mut out = String::new();
    w!(out, "<div class=\"smalls {word}\">");
    for &h in hours {
        let without = facts.curve(service).get(h).copied().unwrap_or(f64::NAN);
        let said = format!("{} people without {word}", people(without));
        w!(out, "<figure>");
        let title = format!("{word} at {}", facts.clock.at(h as f64));
        open(&mut out, &format!("small-{word}-{h}"), "small", view, &title, &said);
        w!(
            out,
            "<rect class=\"ground\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            Px(view.0),
            Px(view.1),
            Px(view.2),
            Px(view.3)
        );
        if facts.areas > MOST_AREAS {
            squares(&mut out, facts, layout, service, h, view);
        } else {
            w!(out, "<use class=\"base\" href=\"#{prefix}outlines\"/>");
            for step in 1..=4 {
                let mut open_group = false;
                for a in 0..facts.areas {
                    if shade(1.0 - facts.share(service, h, a)) == Some(step) {
                        if !open_group {
                            w!(out, "<g class=\"m{step}\">");
                            open_group = true;
                        }
                        w!(out, "<use href=\"#{prefix}o{a}\"/>");
                    }
                }
                if open_group {
                    out.push_str("</g>");
                }
            }
        }
        w!(
            out,
            "</svg><figcaption><b>{}</b> · {}<br><small>{}</small></figcaption></figure>",
            esc(&facts.clock.plus(h as f64)),
            esc(&people(without)),
            esc(&facts.clock.day(h as f64))
        );
    }
    out.push_str("</div>");
    out
}

/// People-weighted mean over squares, for regions of many areas.
fn squares(
    out: &mut String,
    facts: &Facts<'_>,
    layout: &Layout,
    service: Service,
    h: usize,
    view: (f64, f64, f64, f64),
) {
    let side = view.2.max(1.0) / SQUARES;
    let columns = SQUARES as usize;
    let rows = ((view.3 / side).ceil() as usize).max(1);
    let mut sums = vec![(0.0f64, 0.0f64); columns * rows];
    for a in 0..facts.areas {
        let missing = 1.0 - facts.share(service, h, a);
        let c = layout.cells[a].circle;
        let column = (((c.x - view.0) / side) as usize).min(columns - 1);
        let row = (((c.y - view.1) / side) as usize).min(rows - 1);
        if missing.is_finite() {
            let weight = facts.input.region.places().areas[a].people.max(1e-9);
            let sum = &mut sums[row * columns + column];
            *sum = (sum.0 + weight, sum.1 + weight * missing);
        }
    }
    let mut paths: [String; 5] = Default::default();
    for (k, (weight, missing)) in sums.iter().enumerate().filter(|(_, s)| s.0 > 0.0) {
        let step = shade(missing / weight).unwrap_or(0);
        let (x, y) = (view.0 + (k % columns) as f64 * side, view.1 + (k / columns) as f64 * side);
        w!(paths[step], "M{} {}h{s}v{s}h-{s}z", Px(x), Px(y), s = Px(side * 0.96));
    }
    for (step, d) in paths.iter().enumerate().filter(|(_, d)| !d.is_empty()) {
        w!(out, "<path class=\"m{step}\" d=\"{d}\"/>");
    }
}
