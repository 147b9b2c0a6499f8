//! The repair list, with a bar of time for each.

use super::strikes::damage_bar;
use super::table;
use crate::facts::{Facts, spare_word};
use crate::format::{count, esc, hours, number, people, w};
use crate::icons::{Mark, status};
use crate::svg::Px;
use blackstart::results::RepairRecord;
use std::cmp::Ordering;

/// Most rows of the list.
const MOST_ROWS: usize = 250;
const BAR: f64 = 170.0;

pub(super) fn section(out: &mut String, facts: &Facts<'_>) {
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-repairs\"><h2 id=\"h-repairs\">Repairs</h2>",
    );
    let repairs = &facts.input.results.repairs;
    if repairs.is_empty() {
        out.push_str("<p class=\"empty\">Nothing had to be repaired.</p></section>");
        return;
    }
    let done = repairs.iter().filter(|r| r.end_h.is_some()).count();
    let open = repairs.iter().filter(|r| r.end_h.is_none() && r.start_h.is_some()).count();
    let waiting = repairs.iter().filter(|r| r.start_h.is_none()).count();
    let no_spare = repairs.iter().filter(|r| r.start_h.is_none() && r.waits_for_spare).count();
    w!(
        out,
        "<p class=\"lead\">{} of {} done within {}, {} under way at the end, {} not started{}.</p>",
        count(done),
        count(repairs.len()),
        hours(facts.hours as f64),
        count(open),
        count(waiting),
        if no_spare > 0 {
            format!(" ({} of them for want of a spare)", count(no_spare))
        } else {
            String::new()
        }
    );
    table::open(
        out,
        "repair-table",
        "Repairs in the order of their start",
        &[
            "Facility",
            "Damage",
            "Damaged",
            "Start",
            "Ready",
            "When: waits, then work",
            "#Teams",
            "Spare",
            "#People behind it",
        ],
    );
    let mut order: Vec<usize> = (0..repairs.len()).collect();
    order.sort_by(|&a, &b| by_start(&repairs[a], &repairs[b]).then(a.cmp(&b)));
    for &i in order.iter().take(MOST_ROWS) {
        row(out, facts, &repairs[i]);
    }
    table::close(out);
    if repairs.len() > MOST_ROWS {
        w!(
            out,
            "<p class=\"remark\">{} more are in run.json.</p>",
            count(repairs.len() - MOST_ROWS)
        );
    }
    out.push_str("</section>");
}

/// Started ones by time, then those not started, most people first.
fn by_start(a: &RepairRecord, b: &RepairRecord) -> Ordering {
    match (a.start_h, b.start_h) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => b.people.total_cmp(&a.people),
    }
}

fn row(out: &mut String, facts: &Facts<'_>, r: &RepairRecord) {
    let Some(facility) = facts.input.region.facilities().get(r.facility.i()) else { return };
    out.push_str("<tr>");
    table::facility(out, facility);
    table::raw(out, &damage_bar(r.state));
    table::text(out, &facts.clock.plus(r.damaged_at_h));
    match r.start_h {
        Some(h) => table::text(out, &facts.clock.at(h)),
        None if r.waits_for_spare => {
            table::raw(out, &status(Mark::Lost, "waits for spare"));
        }
        None => table::raw(out, &status(Mark::Lost, "waits for a team")),
    }
    match (r.end_h, r.start_h) {
        (Some(h), _) => table::raw(out, &status(Mark::Fine, &facts.clock.at(h))),
        (None, Some(_)) if r.work_team_h > 0.0 => {
            let done = (r.done_team_h / r.work_team_h * 100.0).clamp(0.0, 99.0);
            let words = format!("under way, {}\u{202f}% done", number(done.floor(), 0));
            table::raw(out, &status(Mark::Repair, &words));
        }
        (None, _) => table::text(out, &format!("after +{}\u{a0}h", count(facts.hours))),
    }
    table::raw(out, &bar(facts, r));
    table::num(out, &count(r.teams as usize));
    table::text(out, r.spare.map_or("none", spare_word));
    let people = people(r.people);
    w!(
        out,
        "<td class=\"n\">{}{}</td></tr>",
        esc(&people),
        if r.critical { "<br><small>critical site</small>" } else { "" }
    );
}

/// Waiting thin, work thick, an open end where it goes on after the last hour.
fn bar(facts: &Facts<'_>, r: &RepairRecord) -> String {
    let end = (facts.hours as f64).max(1.0);
    let x = |h: f64| if h.is_finite() { (h / end).clamp(0.0, 1.0) * BAR } else { BAR };
    let (from, start) = (x(r.damaged_at_h), x(r.start_h.unwrap_or(end)));
    let ready = x(r.end_h.unwrap_or(end));
    let mut out = String::new();
    w!(
        out,
        "<svg class=\"gantt\" viewBox=\"0 0 {} 14\" aria-hidden=\"true\"><path class=\"days\" d=\"",
        Px(BAR)
    );
    // At most thirty days of grid lines fit a bar.
    let step = if end > 720.0 { (end / 24.0 / 30.0).ceil() * 24.0 } else { 24.0 };
    let mut day = facts.clock.to_midnight();
    while day < end {
        w!(out, "M{} 0V14", Px(x(day)));
        day += step;
    }
    w!(out, "\"/><path class=\"wait\" d=\"M{} 7H{}\"/>", Px(from), Px(start));
    if r.start_h.is_some() {
        let width = (ready - start).max(2.0);
        let class = if r.end_h.is_some() { "work" } else { "work open" };
        w!(
            out,
            "<rect class=\"{class}\" x=\"{}\" y=\"2\" width=\"{}\" height=\"10\"/>",
            Px(start.min(BAR - 2.0)),
            Px(width)
        );
    }
    out.push_str("</svg>");
    out
}
