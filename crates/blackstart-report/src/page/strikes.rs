//! What struck, and what it damaged.

use super::{capital, table};
use crate::facts::{Facts, class_word, class_words, munition_words};
use crate::format::{NBSP, count, esc, percent, things, w};
use blackstart::region::FacilityClass;
use blackstart::scenario::{DamageState, EventKind, Hazard, Motion, Munition};

/// Most rows of the damage list; the rest is in the output tables.
const MOST_ROWS: usize = 300;

pub(super) fn section(out: &mut String, facts: &Facts<'_>) {
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-strikes\"><h2 id=\"h-strikes\">What happened</h2>",
    );
    strikes(out, facts);
    hazards(out, facts);
    damage_by_class(out, facts);
    out.push_str("</section>");
}

/// The list of everything damaged, for those who need it line by line.
pub(super) fn damage_section(out: &mut String, facts: &Facts<'_>) {
    if facts.input.results.damage.is_empty() {
        return;
    }
    out.push_str(
        "<section class=\"card\" aria-labelledby=\"h-damage\"><h2 id=\"h-damage\">Damage list</h2>",
    );
    damage(out, facts);
    out.push_str("</section>");
}

fn event_name<'a>(facts: &Facts<'a>, event: usize) -> &'a str {
    facts.input.scenario.events.get(event).map_or("", |e| e.name.as_str())
}

fn strikes(out: &mut String, facts: &Facts<'_>) {
    let records = &facts.input.results.strikes;
    if records.is_empty() {
        let events = &facts.input.scenario.events;
        let of = |is: fn(&EventKind) -> bool| events.iter().filter(|e| is(&e.kind)).count();
        let stated = of(|k| matches!(k, EventKind::Damaged(_) | EventKind::Uninspected(_)));
        let words = if facts.input.results.damage.is_empty() {
            "No strike and no damage in this run.".to_owned()
        } else if stated == 0 {
            "No strike in this run.".to_owned()
        } else {
            format!(
                "No strike was drawn: the scenario states the damage itself, in {}.",
                things(stated, "event", "events")
            )
        };
        w!(out, "<p class=\"lead\">{}</p>", esc(&words));
        return;
    }
    table::open(
        out,
        "strikes-table",
        "Strikes: launched, not intercepted, hits on this region",
        &["Strike", "When", "By", "#Launched", "#Got through", "#Hits here"],
    );
    for r in records {
        for (k, m) in Munition::ALL.into_iter().enumerate() {
            if r.launched[k] == 0 {
                continue;
            }
            out.push_str("<tr>");
            table::name(out, event_name(facts, r.event), "");
            table::text(out, &facts.clock.at(r.at_h));
            table::text(out, munition_words(m));
            table::num(out, &count(r.launched[k] as usize));
            table::num(out, &count(r.got_through[k] as usize));
            table::num(out, &count(r.hits[k] as usize));
            out.push_str("</tr>");
        }
    }
    table::close(out);
    out.push_str(
        "<p class=\"remark space\">Hits fall on facilities at random within their class; the model chooses no \
         targets.</p>",
    );
}

/// Earthquakes, ice storms and floods: whom they reached, and what they did.
fn hazards(out: &mut String, facts: &Facts<'_>) {
    let events = facts.input.scenario.events.iter().enumerate();
    let hazards: Vec<_> = events
        .filter_map(|(e, event)| match &event.kind {
            EventKind::Hazard(hazard) => Some((e, hazard, event.at_h)),
            EventKind::Strike(_) | EventKind::Damaged(_) | EventKind::Uninspected(_) => None,
        })
        .collect();
    if hazards.is_empty() {
        return;
    }
    table::open(
        out,
        "strikes-table",
        "Earthquakes, ice storms, floods",
        &["Event", "When", "What", "#Facilities reached", "#Damaged", "#Lost"],
    );
    for (e, hazard, at_h) in hazards {
        let damaged = || facts.input.results.damage.iter().filter(|r| r.event == e);
        out.push_str("<tr>");
        table::name(out, event_name(facts, e), "");
        table::text(out, &facts.clock.at(at_h));
        table::text(out, &hazard_words(hazard));
        table::num(out, &count(hazard.reached()));
        table::num(out, &count(damaged().count()));
        table::num(out, &count(damaged().filter(|r| r.functionality <= 0.0).count()));
        out.push_str("</tr>");
    }
    table::close(out);
    out.push_str(
        "<p class=\"remark space\">What each facility feels comes from the map or shape that the scenario \
         names; the state it is left in is drawn from fragility curves.</p>",
    );
}

fn hazard_words(hazard: &Hazard) -> String {
    match hazard {
        Hazard::Earthquake(quake) => match &quake.motion {
            Motion::Rupture { magnitude, .. } if magnitude.low < magnitude.high => {
                format!("earthquake of magnitude {} to {}", magnitude.low, magnitude.high)
            }
            Motion::Rupture { magnitude, .. } => {
                format!("earthquake of magnitude {}", magnitude.low)
            }
            Motion::Mapped { .. } => "earthquake".to_owned(),
        },
        Hazard::IceStorm(_) => "ice storm".to_owned(),
        Hazard::Flood(_) => "flood".to_owned(),
    }
}

fn damage_by_class(out: &mut String, facts: &Facts<'_>) {
    let records = &facts.input.results.damage;
    if records.is_empty() {
        return;
    }
    let facilities = facts.input.region.facilities();
    // By class first: how many of each, out of how many.
    let mut words = Vec::new();
    for class in FacilityClass::ALL {
        let of_class = facilities.iter().filter(|f| f.class == class).count();
        let mut hit: Vec<usize> = records
            .iter()
            .map(|r| r.facility.i())
            .filter(|&f| facilities.get(f).is_some_and(|f| f.class == class))
            .collect();
        hit.sort_unstable();
        hit.dedup();
        if !hit.is_empty() {
            words.push(format!(
                "{} of {} {}",
                count(hit.len()),
                count(of_class),
                class_words(class)
            ));
        }
    }
    w!(out, "<p class=\"lead\">Damaged: {}.</p>", esc(&words.join(", ")));
}

fn damage(out: &mut String, facts: &Facts<'_>) {
    let records = &facts.input.results.damage;
    let facilities = facts.input.region.facilities();
    table::open(
        out,
        "strikes-table",
        "Damage",
        &["Facility", "Kind", "When", "By", "Damage", "#Still works"],
    );
    for r in records.iter().take(MOST_ROWS) {
        let Some(f) = facilities.get(r.facility.i()) else { continue };
        out.push_str("<tr>");
        table::name(out, &f.name, "");
        table::text(out, class_word(f.class));
        table::text(out, &facts.clock.at(r.at_h));
        let by = r.munition.map_or_else(
            || event_name(facts, r.event).to_owned(),
            |m| format!("{}: {}", event_name(facts, r.event), munition_words(m)),
        );
        table::text(out, &by);
        table::raw(out, &damage_bar(r.state));
        table::num(out, &percent(r.functionality));
        out.push_str("</tr>");
    }
    table::close(out);
    if records.len() > MOST_ROWS {
        w!(
            out,
            "<p class=\"remark\">{} more{NBSP}are in run.json.</p>",
            count(records.len() - MOST_ROWS)
        );
    }
}

/// A damage state as one to four filled boxes and a word.
pub(super) fn damage_bar(state: DamageState) -> String {
    let filled = DamageState::ALL.iter().position(|s| *s == state).unwrap_or(0) + 1;
    let mut bar = String::from(
        "<span class=\"dmg\"><svg class=\"ico dmg-bar\" viewBox=\"0 0 31 10\" aria-hidden=\"true\">",
    );
    for k in 0..4 {
        w!(
            bar,
            "<rect x=\"{}\" y=\".5\" width=\"6\" height=\"9\" class=\"{}\"/>",
            0.5 + 8.0 * f64::from(k),
            if (k as usize) < filled { "full" } else { "none" }
        );
    }
    w!(bar, "</svg>{}</span>", capital(state.word()));
    bar
}
