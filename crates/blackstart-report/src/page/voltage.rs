//! Voltage and reactive power: where they, not energy, are what limits.

use std::collections::BTreeMap;

use blackstart::grid::deliver::{Limit, LimitKind};
use blackstart::region::Region;
use blackstart::results::AlternatingTable;

use super::table;
use crate::facts::Facts;
use crate::format::{count, number, things, w};

/// Most rows of places.
const MOST_ROWS: usize = 25;

/// Nothing is written for runs with the DC dispatch alone.
pub(super) fn section(out: &mut String, facts: &Facts<'_>) {
    let Some(t) = &facts.input.results.alternating else { return };
    if facts.hours == 0 {
        return;
    }
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-voltage\">\
         <h2 id=\"h-voltage\">Voltage and reactive power</h2>",
    );
    w!(out, "<p class=\"lead\">{}</p>", sentence(t));
    extremes(out, facts, t);
    places(out, facts.input.region, t);
    out.push_str("</section>");
}

/// What limits, in words.
fn sentence(t: &AlternatingTable) -> String {
    let hours = |kind| t.limited_by.iter().filter(|k| **k == Some(kind)).count();
    let (voltage, reactive) = (hours(LimitKind::Voltage), hours(LimitKind::Reactive));
    let held = t.held_back_mw.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    let low = t.buses_low.iter().filter(|n| **n > 0).count();
    if voltage + reactive > 0 {
        return format!(
            "In {} voltage or reactive power, not energy, is what limits most ({} voltage, {} \
             reactive power); up to {} MW stay unserved that lines and generators alone could serve.",
            things(voltage + reactive, "hour", "hours"),
            count(voltage),
            count(reactive),
            number(held, 1)
        );
    }
    if low > 0 {
        return format!(
            "Voltages fall below their limit somewhere in {}; energy and lines are what limits \
             service.",
            things(low, "hour", "hours")
        );
    }
    "Voltage and reactive power limit nothing: energy and lines do.".to_owned()
}

fn extremes(out: &mut String, facts: &Facts<'_>, t: &AlternatingTable) {
    let buses = &facts.input.region.grid().buses;
    let lowest = (0..t.vm_lowest_pu.len())
        .filter(|&h| t.vm_lowest_pu[h].is_finite())
        .min_by(|&a, &b| t.vm_lowest_pu[a].total_cmp(&t.vm_lowest_pu[b]));
    if let Some((h, bus)) = lowest.and_then(|h| Some((h, t.vm_lowest_bus[h]?))) {
        w!(
            out,
            "<p>Lowest voltage: {} p.u. at bus {}, {}.</p>",
            number(t.vm_lowest_pu[h], 3),
            crate::format::esc(&buses[bus.i()].id),
            facts.clock.at(h as f64)
        );
    }
    let failed = t.status.iter().filter(|s| s.is_degraded()).count();
    if failed > 0 {
        w!(
            out,
            "<p>In {} no voltages fit what was dispatched; <code>voltages.csv</code> says where.</p>",
            things(failed, "hour", "hours")
        );
    }
}

/// The limits of voltage and reactive power that held demand back most often.
fn places(out: &mut String, region: &Region, t: &AlternatingTable) {
    let mut by_limit: BTreeMap<Limit, (usize, f64)> = BTreeMap::new();
    for b in &t.binding {
        let alternating = matches!(b.limit.kind(), LimitKind::Voltage | LimitKind::Reactive);
        if alternating {
            let entry = by_limit.entry(b.limit).or_default();
            entry.0 += 1;
            entry.1 += b.stake;
        }
    }
    if by_limit.is_empty() {
        return;
    }
    let mut rows: Vec<_> = by_limit.into_iter().collect();
    rows.sort_by(|a, b| b.1.1.total_cmp(&a.1.1).then(a.0.cmp(&b.0)));
    table::open(
        out,
        "voltage-table",
        "Limits of voltage and reactive power, those that held back most first",
        &["Where", "What", "#Hours"],
    );
    for (limit, (hours, _)) in rows.iter().take(MOST_ROWS) {
        let (id, what) = words(region, *limit);
        out.push_str("<tr>");
        table::name(out, id, "");
        table::text(out, what);
        table::num(out, &count(*hours));
        out.push_str("</tr>");
    }
    table::close(out);
    if rows.len() > MOST_ROWS {
        w!(out, "<p class=\"remark\">{} more, in limits.csv.</p>", count(rows.len() - MOST_ROWS));
    }
}

fn words(region: &Region, limit: Limit) -> (&str, &'static str) {
    let grid = region.grid();
    match limit {
        Limit::VoltageLow(b) => (&grid.buses[b.i()].id, "voltage at its least"),
        Limit::VoltageHigh(b) => (&grid.buses[b.i()].id, "voltage at its largest"),
        Limit::Rating(l) => (&grid.branches[l.i()].id, "rating"),
        Limit::Angle(l) => (&grid.branches[l.i()].id, "angle difference"),
        Limit::OutputHigh(g) => (&grid.generators[g.i()].id, "largest output"),
        Limit::OutputLow(g) => (&grid.generators[g.i()].id, "least output"),
        Limit::ReactiveHigh(g) => (&grid.generators[g.i()].id, "reactive power used up"),
        Limit::ReactiveLow(g) => (&grid.generators[g.i()].id, "absorbs all it can"),
    }
}
