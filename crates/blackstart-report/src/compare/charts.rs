//! Fans over time and exceedance curves.

use blackstart::ensemble::{Course, Quantity};

use super::{CompareInput, Fan, residents};
use crate::chart::{Frame, axis_people};
use crate::format::{Clock, NBSP, esc, number, w};
use crate::page::capital;
use crate::svg::{Px, line_path, open};

const SIZE: (f64, f64) = (400.0, 148.0);
const MARGINS: (f64, f64, f64, f64) = (44.0, 8.0, 16.0, 34.0);

fn word(course: Course) -> &'static str {
    match course {
        Course::ElectricityShare => "electricity",
        Course::HeatShare => "heat",
        Course::WaterShare => "water",
        Course::IndoorC => "indoor",
    }
}

/// People without, or degrees: low, middle, high of the drawn value.
fn values(course: Course, fan: &Fan, people: f64) -> [Vec<f64>; 3] {
    let without = |shares: &[f64]| shares.iter().map(|s| people * (1.0 - s)).collect();
    match course {
        Course::IndoorC => [fan.p5.clone(), fan.p50.clone(), fan.p95.clone()],
        // Much served is few without: the order turns round.
        Course::ElectricityShare | Course::HeatShare | Course::WaterShare => {
            [without(&fan.p95), without(&fan.p50), without(&fan.p5)]
        }
    }
}

/// Fans of every service: a row a service, a picture a policy.
pub(super) fn fans(out: &mut String, input: &CompareInput<'_>) {
    let people = residents(input.region);
    let clock = Clock::new(input.scenario.start);
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-fans\"><h2 id=\"h-fans\">Over time</h2>\
         <p class=\"lead\">Line: the middle draw of each hour; band: nine in ten draws. Dashed: the \
         middle of the first policy.</p>",
    );
    for (k, course) in Course::ALL.into_iter().enumerate() {
        let columns: Vec<[Vec<f64>; 3]> =
            input.fans.iter().map(|fans| values(course, &fans[k], people)).collect();
        let finite = || columns.iter().flatten().flatten().copied().filter(|v| v.is_finite());
        if finite().next().is_none() {
            continue;
        }
        let (low, high) = finite().fold((f64::INFINITY, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
        let indoor = course == Course::IndoorC;
        let range = if indoor { (low.min(high), high) } else { (0.0, high.max(10.0)) };
        let title = if indoor {
            "Mean indoor temperature, °C".to_owned()
        } else {
            format!("People without {}", word(course))
        };
        w!(
            out,
            "<h3 class=\"{}\">{}</h3><div class=\"fans\">",
            if indoor { "heat" } else { word(course) },
            esc(&title)
        );
        for (case, policy) in input.cases.iter().enumerate() {
            let Some([low, middle, high]) = columns.get(case) else { continue };
            let frame = Frame::new(SIZE, MARGINS, middle.len(), range, 5);
            let desc = extremes(course, middle);
            let id = format!("fan-{}-{case}", word(course));
            let class = if indoor { "chart heat" } else { "" };
            let class = if indoor { class.to_owned() } else { format!("chart {}", word(course)) };
            w!(out, "<figure><figcaption>{}</figcaption>", esc(&policy.name));
            let title = format!("{title}: {}", policy.name);
            open(out, &id, &class, (0.0, 0.0, SIZE.0, SIZE.1), &title, &desc);
            frame.draw(out, clock, |v| if indoor { number(v, 0) } else { axis_people(v) });
            w!(out, "<path class=\"fill\" d=\"{}\"/>", frame.band(low, high));
            if case > 0 {
                w!(out, "<path class=\"first\" d=\"{}\"/>", frame.line(&columns[0][1]));
            }
            w!(out, "<path class=\"line\" d=\"{}\"/></svg></figure>", frame.line(middle));
        }
        out.push_str("</div>");
    }
    out.push_str("</section>");
}

fn extremes(course: Course, middle: &[f64]) -> String {
    let worst = match course {
        Course::IndoorC => middle.iter().copied().fold(f64::INFINITY, f64::min),
        Course::ElectricityShare | Course::HeatShare | Course::WaterShare => {
            middle.iter().copied().fold(0.0, f64::max)
        }
    };
    let last = middle.last().copied().unwrap_or(f64::NAN);
    format!("Middle draw: worst {}, at the end {}.", number(worst, 0), number(last, 0))
}

/// How likely it is that people are without for longer than so many hours.
pub(super) fn exceedance(out: &mut String, input: &CompareInput<'_>) {
    let people = residents(input.region);
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-exceed\"><h2 id=\"h-exceed\">How likely is worse?</h2>\
         <p class=\"lead\">Share of draws in which the average person is without for more hours than \
         on the lower axis.</p><div class=\"fans\">",
    );
    let services = [
        (Quantity::WithoutElectricity, "electricity"),
        (Quantity::WithoutHeat, "heat"),
        (Quantity::WithoutWater, "water"),
    ];
    for (quantity, service) in services {
        let sorted: Vec<Vec<f64>> = (0..input.cases.len())
            .map(|case| {
                let mut hours: Vec<f64> =
                    input.figures.iter().map(|d| d[case].value(quantity) / people).collect();
                hours.sort_by(f64::total_cmp);
                hours
            })
            .collect();
        let top = sorted.iter().flatten().copied().fold(0.0, f64::max);
        curve(out, input, service, &sorted, top.max(0.1));
    }
    out.push_str("</div><ul class=\"legend\">");
    for (case, policy) in input.cases.iter().enumerate() {
        w!(
            out,
            "<li><svg class=\"ico wide\" viewBox=\"0 -7 28 14\" aria-hidden=\"true\"><path d=\"M1 0H27\" \
             class=\"curve\" stroke-dasharray=\"{}\"/></svg>{}</li>",
            dashes(case),
            esc(&policy.name)
        );
    }
    out.push_str("</ul></section>");
}

/// Dash patterns tell policies apart without colour.
fn dashes(case: usize) -> &'static str {
    const PATTERNS: [&str; 8] =
        ["none", "7 3", "2 3", "9 3 2 3", "4 2", "1 4", "12 4", "9 2 2 2 2 2"];
    PATTERNS[case % PATTERNS.len()]
}

fn curve(out: &mut String, input: &CompareInput<'_>, service: &str, sorted: &[Vec<f64>], top: f64) {
    let (left, right, upper, bottom) = (44.0, SIZE.0 - 8.0, 16.0, SIZE.1 - 34.0);
    let ticks = crate::chart::ticks(0.0, top, 6);
    let last = ticks.last().copied().unwrap_or(top);
    let x = |hours: f64| left + (right - left) * hours / last;
    let y = |share: f64| bottom - (bottom - upper) * share;
    let title = format!("Hours without {service}, by how likely it is to be more");
    let medians: Vec<String> = sorted
        .iter()
        .zip(input.cases)
        .map(|(hours, policy)| {
            let middle = hours.get(hours.len() / 2).copied().unwrap_or(f64::NAN);
            format!("{}: in half of the draws more than {} h", policy.name, number(middle, 1))
        })
        .collect();
    w!(out, "<figure><figcaption class=\"{service}\">{}</figcaption>", capital(service));
    let id = format!("exceed-{service}");
    let class = format!("chart {service}");
    let view = (0.0, 0.0, SIZE.0, SIZE.1);
    open(out, &id, &class, view, &title, &format!("{}.", medians.join("; ")));
    out.push_str("<g class=\"grid\"><path d=\"");
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        w!(out, "M{} {}H{}", Px(left), Px(y(share)), Px(right));
    }
    for t in &ticks {
        w!(out, "M{} {}V{}", Px(x(*t)), Px(upper), Px(bottom + 4.0));
    }
    out.push_str("\"/></g><g class=\"axis\">");
    for share in [0.0, 0.5, 1.0] {
        w!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}%</text>",
            Px(left - 6.0),
            Px(y(share) + 4.0),
            number(share * 100.0, 0)
        );
    }
    let digits = usize::from(last < 5.0) + usize::from(last < 0.5);
    for t in &ticks {
        w!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}{NBSP}h</text>",
            Px(x(*t).min(right - 10.0)),
            Px(bottom + 17.0),
            number(*t, digits)
        );
    }
    out.push_str("</g>");
    for (case, hours) in sorted.iter().enumerate() {
        let n = hours.len().max(1) as f64;
        // A step down at every draw: to its left, it and all later ones are worse.
        let steps = hours.iter().enumerate().flat_map(|(i, h)| {
            [(x(*h), y(1.0 - i as f64 / n)), (x(*h), y(1.0 - (i + 1) as f64 / n))]
        });
        let points = std::iter::once((x(0.0), y(1.0))).chain(steps);
        w!(
            out,
            "<path class=\"line\" stroke-dasharray=\"{}\" d=\"{}\"/>",
            dashes(case),
            line_path(points)
        );
    }
    out.push_str("</svg></figure>");
}
