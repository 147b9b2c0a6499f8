//! Assumptions, gaps in the data, and hours that were not solved exactly.

use super::table;
use crate::facts::{Facts, SERVICES, service_word};
use crate::format::{count, esc, things, w};
use blackstart::region::Table;

/// Most sentences of one kind.
const MOST: usize = 12;

pub(super) fn section(out: &mut String, facts: &Facts<'_>) {
    out.push_str(
        "<section class=\"card notes\" aria-labelledby=\"h-notes\">\
         <h2 id=\"h-notes\">Assumptions and gaps</h2><div class=\"columns\">",
    );
    assumed(out, facts);
    gaps(out, facts);
    region_notes(out, facts);
    let p = facts.input.provenance;
    list(out, "Further notes", &p.notes, "run.json");
    out.push_str("</div>");
    degraded(out, facts);
    out.push_str("</section>");
}

fn list(out: &mut String, title: &str, sentences: &[String], rest: &str) {
    if sentences.is_empty() {
        return;
    }
    w!(out, "<div><h3>{}</h3><ul>", esc(title));
    for s in sentences.iter().take(MOST) {
        w!(out, "<li>{}</li>", esc(s));
    }
    if sentences.len() > MOST {
        w!(out, "<li>and {} more, in {rest}</li>", count(sentences.len() - MOST));
    }
    out.push_str("</ul></div>");
}

fn assumed(out: &mut String, facts: &Facts<'_>) {
    let values = &facts.input.scenario.assumed;
    out.push_str("<div><h3>Values that the scenario left open</h3>");
    if values.is_empty() {
        out.push_str("<p>None: the scenario states everything.</p></div>");
        return;
    }
    out.push_str("<ul>");
    for a in values.iter().take(60) {
        w!(out, "<li><code>{}</code> {}</li>", esc(&a.key), esc(&a.text));
    }
    if values.len() > 60 {
        w!(out, "<li>and {} more, in run.json</li>", count(values.len() - 60));
    }
    out.push_str("</ul></div>");
}

/// Notes of checking, table by table: thousands of "nearest" are told as a few.
fn region_notes(out: &mut String, facts: &Facts<'_>) {
    let mut by_table: Vec<(Table, Vec<&str>)> = Vec::new();
    for note in facts.input.region.notes() {
        match by_table.iter_mut().find(|(table, _)| *table == note.table) {
            Some((_, texts)) => texts.push(&note.text),
            None => by_table.push((note.table, vec![&note.text])),
        }
    }
    if by_table.is_empty() {
        return;
    }
    by_table.sort_by_key(|(table, _)| *table);
    out.push_str("<div><h3>Assumed while reading the region</h3><ul>");
    for (table, texts) in by_table {
        for text in texts.iter().take(4) {
            w!(out, "<li>{}: {}</li>", table.word(), esc(text));
        }
        if texts.len() > 4 {
            w!(
                out,
                "<li>{}: {} more of this kind, in run.json</li>",
                table.word(),
                count(texts.len() - 4)
            );
        }
    }
    out.push_str("</ul></div>");
}

/// What the region does not say, counted.
fn gaps(out: &mut String, facts: &Facts<'_>) {
    let region = facts.input.region;
    let areas = &region.places().areas;
    let mut gaps = Vec::new();
    for s in SERVICES.into_iter().filter(|s| !facts.has(*s)) {
        gaps.push(format!("Nothing is known about {}: its figures are left out.", service_word(s)));
    }
    let mut missing = |n: usize, of: usize, one: &str, many: &str, what: &str| {
        if n > 0 && n < of {
            gaps.push(format!("{} of {} without {what}.", things(n, one, many), count(of)));
        } else if n > 0 {
            gaps.push(format!("No {one} has {what}."));
        }
    };
    let n = areas.len();
    let lacking = |f: &dyn Fn(usize) -> bool| (0..n).filter(|&a| f(a)).count();
    missing(lacking(&|a| areas[a].position.is_none()), n, "area", "areas", "a position");
    if areas.iter().any(|a| a.bus.is_some()) {
        missing(lacking(&|a| areas[a].bus.is_none()), n, "area", "areas", "a bus that feeds it");
    }
    if areas.iter().any(|a| a.junction.is_some()) {
        let lack = lacking(&|a| areas[a].junction.is_none());
        missing(lack, n, "area", "areas", "a water junction");
    }
    let stocked: std::collections::BTreeSet<_> =
        region.places().stock.iter().map(|s| s.area.i()).collect();
    if !stocked.is_empty() {
        missing(n - stocked.len().min(n), n, "area", "areas", "building stock");
    }
    let facilities = region.facilities();
    let unplaced = facilities.iter().filter(|f| f.position.is_none()).count();
    missing(unplaced, facilities.len(), "facility", "facilities", "a position");
    let sites = &region.places().sites;
    let no_backup = sites.iter().filter(|s| s.backup_h <= 0.0).count();
    missing(no_backup, sites.len(), "critical site", "critical sites", "backup hours");
    if gaps.is_empty() {
        gaps.push("None found: every area, facility and site is fully described.".to_owned());
    }
    list(out, "Gaps in the data", &gaps, "run.json");
}

fn degraded(out: &mut String, facts: &Facts<'_>) {
    const MOST_ROWS: usize = 40;
    out.push_str("<h3 id=\"degraded\">Hours not solved exactly</h3>");
    let runs = facts.degraded_runs();
    if runs.is_empty() {
        let words = if facts.hours == 0 {
            "No hour was computed."
        } else {
            "None: every network was solved to tolerance in every hour."
        };
        w!(out, "<p>{words}</p>");
        return;
    }
    table::open(
        out,
        "notes-table",
        "Hours not solved exactly",
        &["Network", "Hours", "What happened"],
    );
    for (network, from, to, words) in runs.iter().take(MOST_ROWS) {
        out.push_str("<tr>");
        table::name(out, network, "");
        let span = if from == to {
            facts.clock.at(*from as f64)
        } else {
            format!("{} to {}", facts.clock.at(*from as f64), facts.clock.at(*to as f64))
        };
        table::text(out, &span);
        table::text(out, words);
        out.push_str("</tr>");
    }
    table::close(out);
    if runs.len() > MOST_ROWS {
        w!(out, "<p class=\"remark\">{} more, in run.json.</p>", count(runs.len() - MOST_ROWS));
    }
}
