//! People without a service, and electricity asked for and served, by hour.

use super::frame::{Frame, axis_people};
use crate::facts::{Facts, service_word};
use crate::format::{esc, number, people, percent, share, w};
use crate::svg::{Px, open};
use blackstart::results::Service;

const SIZE: (f64, f64) = (400.0, 148.0);
const MARGINS: (f64, f64, f64, f64) = (44.0, 8.0, 16.0, 34.0);

/// The curve of people without a service.
pub(crate) fn service_chart(facts: &Facts<'_>, service: Service) -> String {
    let word = service_word(service);
    let curve = facts.curve(service);
    let summary = &facts.input.summary.services[service as usize];
    let id = format!("curve-{word}");
    let mut out = String::new();
    if !facts.has(service) || curve.is_empty() {
        out.push_str(&missing(facts, word));
        return out;
    }
    let top = curve.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    let frame = Frame::new(SIZE, MARGINS, curve.len(), (0.0, top.max(10.0)), 5);
    let desc = format!(
        "At worst {} people, {} of all, at {}; {} in the last hour.",
        people(summary.worst_people),
        percent(share(summary.worst_people, facts.input.summary.people)),
        facts.clock.at(summary.worst_hour as f64),
        people(summary.last_people)
    );
    let title = format!("People without {word} by hour");
    open(&mut out, &id, &format!("chart {word}"), (0.0, 0.0, SIZE.0, SIZE.1), &title, &desc);
    frame.draw(&mut out, facts.clock, axis_people);
    w!(
        out,
        "<path class=\"fill\" d=\"{}\"/><path class=\"line\" d=\"{}\"/>",
        frame.area(curve),
        frame.line(curve)
    );
    if summary.worst_people >= 0.5 && summary.worst_people.is_finite() {
        let x = frame.x.at(summary.worst_hour as f64 + 0.5);
        let y = frame.y.at(summary.worst_people);
        let text = format!(
            "{} at {}",
            people(summary.worst_people),
            facts.clock.plus(summary.worst_hour as f64)
        );
        let room = text.chars().count() as f64 * 6.6;
        let (anchor, dx) = if x + room + 8.0 < frame.right {
            ("start", 7.0)
        } else if x - room - 8.0 > frame.left {
            ("end", -7.0)
        } else {
            ("middle", 0.0)
        };
        w!(
            out,
            "<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"3.2\"/>\
             <text class=\"peak\" x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            Px(x),
            Px(y),
            Px(x + dx),
            Px((y - 5.0).max(12.0)),
            esc(&text)
        );
    }
    out.push_str("</svg>");
    out
}

fn missing(facts: &Facts<'_>, word: &str) -> String {
    if facts.hours == 0 {
        "<p class=\"empty\">No hour was computed.</p>".to_owned()
    } else {
        format!("<p class=\"empty\">No data about {word} in this run.</p>")
    }
}

/// Electricity asked for and served.
pub(crate) fn power_chart(facts: &Facts<'_>) -> String {
    let t = &facts.input.results.totals;
    let n = facts.hours.min(t.demand_mw.len()).min(t.served_mw.len());
    let mut out = String::new();
    if n == 0 || !facts.has(Service::Electricity) {
        out.push_str(&missing(facts, "electricity"));
        return out;
    }
    let (demand, served) = (&t.demand_mw[..n], &t.served_mw[..n]);
    let top = demand.iter().chain(served).copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    let frame = Frame::new(SIZE, MARGINS, n, (0.0, top.max(1e-3)), 5);
    let (gap, h) = facts.largest_gap_mw();
    let desc =
        format!("The largest gap is {} megawatts at {}.", number(gap, 0), facts.clock.at(h as f64));
    let view = (0.0, 0.0, SIZE.0, SIZE.1);
    open(&mut out, "curve-power", "chart power", view, "Electricity asked for and served", &desc);
    let digits = usize::from(top < 10.0) + usize::from(top < 1.0);
    frame.draw(&mut out, facts.clock, |v| number(v, digits));
    w!(
        out,
        "<path class=\"gap\" d=\"{}\"/><path class=\"asked\" d=\"{}\"/>\
         <path class=\"line\" d=\"{}\"/></svg>",
        frame.band(served, demand),
        frame.line(demand),
        frame.line(served)
    );
    out
}
