//! The summary for a terminal: what happened, in plain sentences with figures.

use crate::ReportInput;
use crate::facts::{Facts, SERVICES, class_word, class_words, service_word, site_word};
use crate::format::{
    celsius, celsius1, count, energy, hours, number, people, percent, share, things,
};
use blackstart::region::FacilityClass;
use blackstart::results::{INDOOR_THRESHOLDS_C, Service};
use blackstart::scenario::Munition;

/// The run in ten to twenty lines of plain sentences, each ending in a line break.
#[must_use]
pub fn summary_text(input: &ReportInput<'_>) -> String {
    let facts = Facts::new(input);
    let mut lines = Vec::new();
    lines.push(format!(
        "{} in {} ({} people): {} from {}. Model result, not live data.",
        input.scenario.name,
        input.region.name(),
        people(input.summary.people),
        hours(facts.hours as f64),
        facts.clock.long(0.0)
    ));
    if facts.hours == 0 {
        lines.push("The run was stopped before its first hour: nothing was computed.".to_owned());
        return join(lines);
    }
    let asked = input.scenario.horizon_h as usize;
    if facts.hours < asked {
        lines.push(format!(
            "The run was stopped after {} of {}: what comes later is not known.",
            count(facts.hours),
            hours(asked as f64)
        ));
    }
    struck(&facts, &mut lines);
    for s in SERVICES {
        lines.push(service(&facts, s));
    }
    cold(&facts, &mut lines);
    tanks(&facts, &mut lines);
    sites(&facts, &mut lines);
    lines.push(format!(
        "Not served in all: {} of electricity ({} of what was asked for){}{}.",
        energy(input.summary.energy_not_served_mwh),
        percent(share(input.summary.energy_not_served_mwh, facts.asked_mwh())),
        if facts.has(Service::Heat) {
            format!(", {} of heat", energy(input.summary.heat_not_delivered_mwh))
        } else {
            String::new()
        },
        if facts.has(Service::Water) {
            format!(", {}\u{a0}m³ of water", number(input.summary.water_not_supplied_m3, 0))
        } else {
            String::new()
        },
    ));
    repairs(&facts, &mut lines);
    at_the_end(&facts, &mut lines);
    lines.push(degraded(&facts));
    join(lines)
}

fn join(lines: Vec<String>) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    // Names come from files; they may not steer the terminal.
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

fn struck(facts: &Facts<'_>, lines: &mut Vec<String>) {
    let results = facts.input.results;
    let (mut missiles, mut drones, mut through, mut hits) = (0u64, 0u64, 0u64, 0u64);
    for r in &results.strikes {
        for (k, munition) in Munition::ALL.into_iter().enumerate() {
            let launched = if munition == Munition::Drone { &mut drones } else { &mut missiles };
            *launched += u64::from(r.launched[k]);
            through += u64::from(r.got_through[k]);
            hits += u64::from(r.hits[k]);
        }
    }
    if !results.strikes.is_empty() {
        lines.push(format!(
            "{}, the first at {}: {} missiles and {} drones launched, {} got through, {} hit \
             facilities of this region.",
            things(results.strikes.len(), "strike", "strikes"),
            facts.clock.at(results.strikes.iter().map(|r| r.at_h).fold(f64::INFINITY, f64::min)),
            count(missiles as usize),
            count(drones as usize),
            count(through as usize),
            count(hits as usize)
        ));
    }
    let mut by_class = Vec::new();
    for class in FacilityClass::ALL {
        let mut hit: Vec<usize> = results
            .damage
            .iter()
            .map(|d| d.facility.i())
            .filter(|&f| facts.input.region.facilities().get(f).is_some_and(|f| f.class == class))
            .collect();
        hit.sort_unstable();
        hit.dedup();
        if !hit.is_empty() {
            by_class.push(things(hit.len(), class_word(class), class_words(class)));
        }
    }
    lines.push(if by_class.is_empty() {
        "Nothing is damaged.".to_owned()
    } else {
        format!("Damaged: {}.", by_class.join(", "))
    });
}

fn service(facts: &Facts<'_>, service: Service) -> String {
    let s = &facts.input.summary.services[service as usize];
    let word = service_word(service);
    let capital = crate::page::capital(word);
    if !facts.has(service) {
        return format!("{capital}: the region says nothing about it.");
    }
    if s.worst_people < 0.5 {
        return format!("{capital}: nobody is without it at any hour.");
    }
    let back = match s.back_to_95_h {
        Some(0) => "at least 95\u{202f}% have it at all times".to_owned(),
        Some(h) => format!("95\u{202f}% have it again for good from {}", facts.clock.at(h as f64)),
        None => format!("95\u{202f}% do not have it again within {}", hours(facts.hours as f64)),
    };
    format!(
        "{capital}: at worst {} people ({}) are without, at {}; {back}.",
        people(s.worst_people),
        percent(share(s.worst_people, facts.input.summary.people)),
        facts.clock.at(s.worst_hour as f64),
    )
}

fn cold(facts: &Facts<'_>, lines: &mut Vec<String>) {
    let s = facts.input.summary;
    let Some((h, a, c)) = s.coldest else { return };
    let name = facts.input.region.places().areas.get(a).map_or("", |a| a.name.as_str());
    let outdoor = facts.input.results.totals.outdoor_c.iter().copied();
    let mut line = format!(
        "Homes: the coldest reach {} in {name} at {} (outdoors down to {}).",
        celsius1(c),
        facts.clock.at(h as f64),
        celsius(outdoor.fold(f64::NAN, f64::min))
    );
    let below: Vec<String> = (0..INDOOR_THRESHOLDS_C.len())
        .filter(|&k| s.worst_people_below_c[k] >= 0.5)
        .map(|k| {
            format!(
                "{} below {}",
                people(s.worst_people_below_c[k]),
                celsius(INDOOR_THRESHOLDS_C[k])
            )
        })
        .collect();
    if !below.is_empty() {
        line.push_str(&format!(" At worst {}.", below.join(", ")));
    }
    if let Some((c, h)) = facts.coldest_threshold() {
        line.push_str(&format!(" First below {} at {}.", celsius(c), facts.clock.at(h as f64)));
    }
    lines.push(line);
    let pipes: Vec<String> = [
        (s.worst_people_drained, "in buildings whose heating is drained"),
        (s.worst_people_burst, "in buildings whose heating has burst"),
        (s.worst_people_taps_frozen, "with taps that are frozen or have burst"),
    ]
    .into_iter()
    .filter(|(count, _)| *count >= 0.5)
    .map(|(count, words)| format!("{} {words}", people(count)))
    .collect();
    if !pipes.is_empty() {
        lines.push(format!("Pipes in the frost: at worst {}.", pipes.join(", ")));
    }
}

fn tanks(facts: &Facts<'_>, lines: &mut Vec<String>) {
    let empty = facts.first_empty_tank().map(|(f, h)| {
        let name = &facts.input.region.facilities()[f].name;
        format!(" The first empty one is {name}, at {}.", facts.clock.at(h as f64))
    });
    if let Some((left, h)) = facts.lowest_tanks() {
        lines.push(format!(
            "Water in tanks is lowest at {}: {} of what was there in the first hour.{}",
            facts.clock.at(h as f64),
            percent(left),
            empty.unwrap_or_default()
        ));
    }
}

fn sites(facts: &Facts<'_>, lines: &mut Vec<String>) {
    if facts.sites == 0 {
        return;
    }
    let s = facts.input.summary;
    let (backup, backup_h) = s.sites_on_backup_worst;
    let mut line = if backup == 0 {
        format!("Critical sites: none of {} needs its backup.", count(facts.sites))
    } else {
        format!(
            "Critical sites: up to {} of {} run on backup at once, at {}.",
            count(backup),
            count(facts.sites),
            facts.clock.at(backup_h as f64)
        )
    };
    match facts.first_dark_site() {
        Some(i) => {
            let outage = s.site_outages[i];
            let site = &facts.input.region.places().sites[outage.site.i()];
            line.push_str(&format!(
                " {} without any supply at some time; {} ({}) from {}, for {} in all.",
                if s.site_outages.len() == 1 {
                    "One is".to_owned()
                } else {
                    format!("{} are", count(s.site_outages.len()))
                },
                site.name,
                site_word(site.kind),
                facts.clock.at(outage.dark_from_h as f64),
                hours(outage.dark_hours as f64)
            ));
        }
        None => line.push_str(" None goes dark."),
    }
    lines.push(line);
}

fn repairs(facts: &Facts<'_>, lines: &mut Vec<String>) {
    let repairs = &facts.input.results.repairs;
    if repairs.is_empty() {
        return;
    }
    let mut ends: Vec<f64> = repairs.iter().filter_map(|r| r.end_h).collect();
    ends.sort_by(f64::total_cmp);
    let mut line = format!(
        "Repairs: {} of {} are done within {}",
        count(ends.len()),
        things(repairs.len(), "job", "jobs"),
        hours(facts.hours as f64)
    );
    if let (Some(first), Some(last)) = (ends.first(), ends.last()) {
        line.push_str(&format!(
            ", the first at {}, the last at {}",
            facts.clock.at(*first),
            facts.clock.at(*last)
        ));
    }
    line.push('.');
    lines.push(line);
    let most = repairs.iter().filter(|r| r.end_h.is_some() && r.people > 0.0).fold(
        None,
        |best: Option<&blackstart::results::RepairRecord>, r| {
            if best.is_none_or(|b| r.people > b.people) { Some(r) } else { best }
        },
    );
    if let Some(r) = most
        && let Some(f) = facts.input.region.facilities().get(r.facility.i())
        && let Some(end) = r.end_h
    {
        lines.push(format!(
            "The repair with the most people behind it is {} ({}): {} people, ready at {}.",
            f.name,
            class_word(f.class),
            people(r.people),
            facts.clock.at(end)
        ));
    }
    let open: Vec<_> = repairs.iter().filter(|r| r.end_h.is_none()).collect();
    if !open.is_empty() {
        let spare = open.iter().filter(|r| r.waits_for_spare && r.start_h.is_none()).count();
        let started = open.iter().filter(|r| r.start_h.is_some()).count();
        lines.push(format!(
            "Still open at the end: {} under way, {} waiting for a spare, {} waiting for a team.",
            count(started),
            count(spare),
            count(open.len() - started - spare)
        ));
    }
}

fn at_the_end(facts: &Facts<'_>, lines: &mut Vec<String>) {
    let left: Vec<String> = SERVICES
        .into_iter()
        .filter(|s| facts.has(*s))
        .map(|s| (s, facts.input.summary.services[s as usize].last_people))
        .filter(|(_, n)| *n >= 0.5)
        .map(|(s, n)| format!("{} without {}", people(n), service_word(s)))
        .collect();
    lines.push(if left.is_empty() {
        "In the last hour nobody is without any of them.".to_owned()
    } else {
        format!("In the last hour: {}.", left.join(", "))
    });
}

fn degraded(facts: &Facts<'_>) -> String {
    let [grid, water, heat] = facts.input.summary.degraded_hours;
    if grid + water + heat == 0 {
        "Every network was solved to tolerance in every hour.".to_owned()
    } else {
        format!(
            "Not solved to tolerance: electricity in {}, water in {}, heat in {}.",
            hours(grid as f64),
            hours(water as f64),
            hours(heat as f64)
        )
    }
}
