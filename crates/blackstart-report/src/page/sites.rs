//! Critical sites: who ran on backup, who went dark.

use super::{capital, table};
use crate::facts::{Facts, site_word};
use crate::format::{count, esc, hours, number, w};
use crate::icons::{Mark, status};
use blackstart::region::SiteKind;
use blackstart::results::FacilityState;

/// Most rows; hospitals come first, so that what is left out is schools and the like.
const MOST_ROWS: usize = 120;

struct Row {
    site: usize,
    dark_from: Option<usize>,
    dark: usize,
    backup: usize,
    least_left_h: f64,
}

pub(super) fn section(out: &mut String, facts: &Facts<'_>) {
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-sites\"><h2 id=\"h-sites\">Critical sites</h2>",
    );
    if facts.sites == 0 || facts.hours == 0 {
        let words = if facts.sites == 0 {
            "The region names no critical sites."
        } else {
            "No hour was computed."
        };
        w!(out, "<p class=\"empty\">{words}</p></section>");
        return;
    }
    let mut rows: Vec<Row> = (0..facts.sites).map(|s| fates(facts, s)).collect();
    let sites = &facts.input.region.places().sites;
    by_kind(out, facts, &rows);
    let untouched = rows.iter().filter(|r| r.dark == 0 && r.backup == 0).count();
    rows.retain(|r| r.dark > 0 || r.backup > 0);
    rows.sort_by_key(|r| {
        (sites[r.site].kind, r.dark == 0, r.dark_from.unwrap_or(usize::MAX), r.site)
    });
    if rows.is_empty() {
        out.push_str("<p class=\"lead\">All keep their normal supply at every hour.</p></section>");
        return;
    }
    table::open(
        out,
        "sites-table",
        "Sites that left their normal supply, by kind, the first to go dark first",
        &[
            "Site",
            "Area",
            "At worst",
            "Without any supply from",
            "#Hours without",
            "#Hours on backup",
            "#Backup at the start, h",
            "#Least backup left, h",
        ],
    );
    for r in rows.iter().take(MOST_ROWS) {
        let site = &sites[r.site];
        out.push_str("<tr>");
        let kind = site_word(site.kind);
        let told = site.name.to_lowercase().contains(kind);
        table::name(out, &site.name, if told { "" } else { kind });
        let area = site.area.map_or("", |a| facts.input.region.places().areas[a.i()].name.as_str());
        table::text(out, area);
        table::raw(
            out,
            &if r.dark > 0 {
                status(Mark::Lost, "goes dark")
            } else {
                status(Mark::Warning, "on backup")
            },
        );
        table::text(out, &r.dark_from.map_or("never".to_owned(), |h| facts.clock.at(h as f64)));
        table::num(out, &count(r.dark));
        table::num(out, &count(r.backup));
        table::num(out, &number(site.backup_h, usize::from(site.backup_h.fract() != 0.0)));
        table::num(out, &number(r.least_left_h.max(0.0), 0));
        out.push_str("</tr>");
    }
    table::close(out);
    if rows.len() > MOST_ROWS {
        w!(out, "<p class=\"remark\">{} more are in run.json.</p>", count(rows.len() - MOST_ROWS));
    }
    if untouched > 0 {
        w!(
            out,
            "<p class=\"remark\">The other {} keep their normal supply at every hour.</p>",
            count(untouched)
        );
    }
    out.push_str("</section>");
}

fn fates(facts: &Facts<'_>, site: usize) -> Row {
    let mut row = Row { site, dark_from: None, dark: 0, backup: 0, least_left_h: f64::INFINITY };
    for h in 0..facts.hours {
        match facts.site_state(h, site) {
            Some(FacilityState::Dark | FacilityState::Lost) => {
                row.dark += 1;
                row.dark_from.get_or_insert(h);
            }
            Some(FacilityState::Backup) => row.backup += 1,
            Some(FacilityState::Served | FacilityState::Damaged | FacilityState::UnderRepair)
            | None => {}
        }
        let left = facts.input.results.sites.backup_left_h.get(h * facts.sites + site);
        row.least_left_h = row.least_left_h.min(left.copied().unwrap_or(f64::NAN));
    }
    row
}

fn by_kind(out: &mut String, facts: &Facts<'_>, rows: &[Row]) {
    const KINDS: [SiteKind; 7] = [
        SiteKind::Hospital,
        SiteKind::WarmingPoint,
        SiteKind::School,
        SiteKind::Rescue,
        SiteKind::Telecom,
        SiteKind::Wastewater,
        SiteKind::Other,
    ];
    let sites = &facts.input.region.places().sites;
    table::open(
        out,
        "sites-table",
        "Critical sites by kind",
        &[
            "Kind",
            "#Sites",
            "#On backup at some time",
            "#Without supply at some time",
            "Longest without",
        ],
    );
    for kind in KINDS {
        let of_kind: Vec<&Row> = rows.iter().filter(|r| sites[r.site].kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        out.push_str("<tr>");
        table::name(out, &capital(site_word(kind)), "");
        table::num(out, &count(of_kind.len()));
        table::num(out, &count(of_kind.iter().filter(|r| r.backup > 0).count()));
        table::num(out, &count(of_kind.iter().filter(|r| r.dark > 0).count()));
        let longest = of_kind.iter().max_by_key(|r| (r.dark, std::cmp::Reverse(r.site)));
        let words = longest.filter(|r| r.dark > 0).map_or_else(
            || "–".to_owned(),
            |r| format!("{}, {}", hours(r.dark as f64), sites[r.site].name),
        );
        w!(out, "<td>{}</td></tr>", esc(&words));
    }
    table::close(out);
}
