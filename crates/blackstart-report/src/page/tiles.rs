//! The five tiles at the top.

use crate::facts::{Facts, service_word};
use crate::format::{celsius, count, energy, esc, hours, large, number, people, percent, share, w};
use crate::icons::{Mark, badge};
use blackstart::results::Service;

struct Tile {
    title: String,
    figure: String,
    mark: Mark,
    word: String,
    lines: Vec<String>,
}

pub(super) fn tiles(out: &mut String, facts: &Facts<'_>) {
    let all =
        [electricity(facts), heat(facts), water(facts), sites(facts), energy_not_served(facts)];
    out.push_str("<section class=\"tiles\" aria-label=\"The run in five figures\">");
    for t in all {
        w!(
            out,
            "<div class=\"tile\"><h2>{}</h2><p class=\"figure\"><b>{}</b> {}</p>",
            esc(&t.title),
            esc(&t.figure),
            badge(t.mark, &t.word)
        );
        for line in t.lines {
            w!(out, "<p>{}</p>", esc(&line));
        }
        out.push_str("</div>");
    }
    out.push_str("</section>");
}

fn service_tile(facts: &Facts<'_>, service: Service, title: &str, next: Option<String>) -> Tile {
    let s = &facts.input.summary.services[service as usize];
    let (mark, word) = facts.verdict(service);
    let known = mark != Mark::Unknown;
    let mut lines = Vec::new();
    if known && s.worst_people < 0.5 {
        lines.push(format!("nobody is without {} at any hour", service_word(service)));
    } else if known {
        lines.push(format!(
            "{} of all at worst, {}",
            percent(share(s.worst_people, facts.input.summary.people)),
            facts.clock.at(s.worst_hour as f64)
        ));
        lines.push(match s.back_to_95_h {
            Some(0) => "never below 95\u{202f}% served".to_owned(),
            Some(h) => format!("back to 95\u{202f}% at\u{a0}{}", facts.clock.at(h as f64)),
            None => format!(
                "not back to 95\u{202f}% within {}; then still {}",
                hours(facts.hours as f64),
                people(s.last_people)
            ),
        });
    }
    if known {
        lines.extend(next);
    }
    let figure = if known { people(s.worst_people) } else { "?".to_owned() };
    Tile { title: title.to_owned(), figure, mark, word, lines }
}

fn electricity(facts: &Facts<'_>) -> Tile {
    let (gap, h) = facts.largest_gap_mw();
    let next = (gap >= 0.5).then(|| {
        format!("largest gap {}\u{a0}MW at\u{a0}{}", number(gap, 0), facts.clock.plus(h as f64))
    });
    service_tile(facts, Service::Electricity, "Electricity: people without", next)
}

fn heat(facts: &Facts<'_>) -> Tile {
    let next = facts.coldest_threshold().map(|(c, h)| {
        format!("first homes below {} at\u{a0}{}", celsius(c), facts.clock.plus(h as f64))
    });
    service_tile(facts, Service::Heat, "Heat: people without", next)
}

fn water(facts: &Facts<'_>) -> Tile {
    let next = facts
        .first_empty_tank()
        .map(|(f, h)| {
            let name = &facts.input.region.facilities()[f].name;
            format!("{name} is empty at\u{a0}{}", facts.clock.plus(h as f64))
        })
        .or_else(|| {
            facts.lowest_tanks().filter(|(left, _)| *left < 0.995).map(|(left, h)| {
                format!("tanks down to {} at\u{a0}{}", percent(left), facts.clock.plus(h as f64))
            })
        });
    service_tile(facts, Service::Water, "Water: people without", next)
}

fn sites(facts: &Facts<'_>) -> Tile {
    let title = "Critical sites going dark".to_owned();
    let outages = &facts.input.summary.site_outages;
    if facts.hours == 0 || facts.sites == 0 {
        let word = if facts.hours == 0 { "not computed" } else { "no data" };
        return Tile {
            title,
            figure: "?".to_owned(),
            mark: Mark::Unknown,
            word: word.to_owned(),
            lines: Vec::new(),
        };
    }
    let (backup, backup_h) = facts.input.summary.sites_on_backup_worst;
    let (dark, dark_h) = facts.most_dark_sites();
    let mut lines = Vec::new();
    if dark > 0 {
        lines.push(format!(
            "{} of all; {} at once at\u{a0}{}",
            percent(share(outages.len() as f64, facts.sites as f64)),
            count(dark),
            facts.clock.plus(dark_h as f64)
        ));
    }
    if backup > 0 {
        lines.push(format!(
            "on backup: up to {} at once,\u{a0}{}",
            count(backup),
            facts.clock.plus(backup_h as f64)
        ));
    }
    if let Some(i) = facts.first_dark_site() {
        let outage = outages[i];
        let site = &facts.input.region.places().sites[outage.site.i()];
        let how = if site.backup_h > 0.0 && outage.dark_from_h > 0 {
            "runs out of backup"
        } else {
            "goes dark"
        };
        lines.push(format!(
            "{} {how} at\u{a0}{}",
            site.name,
            facts.clock.plus(outage.dark_from_h as f64)
        ));
    }
    let (mark, word) = if !outages.is_empty() {
        (Mark::Lost, "some go dark")
    } else if backup > 0 {
        (Mark::Warning, "on backup")
    } else {
        lines.push("all keep their normal supply".to_owned());
        (Mark::Fine, "stable")
    };
    Tile {
        title,
        figure: format!("{} / {}", count(outages.len()), count(facts.sites)),
        mark,
        word: word.to_owned(),
        lines,
    }
}

fn energy_not_served(facts: &Facts<'_>) -> Tile {
    let title = "Electricity not served in all".to_owned();
    let s = facts.input.summary;
    let part = share(s.energy_not_served_mwh, facts.asked_mwh());
    if facts.hours == 0 || !part.is_finite() {
        return Tile {
            title,
            figure: "?".to_owned(),
            mark: Mark::Unknown,
            word: if facts.hours == 0 { "not computed" } else { "no data" }.to_owned(),
            lines: Vec::new(),
        };
    }
    let (mark, word) = if part < 0.001 {
        (Mark::Fine, "nothing missing".to_owned())
    } else if part < 0.05 {
        (Mark::Warning, format!("{} of need", percent(part)))
    } else {
        (Mark::Lost, format!("{} of need", percent(part)))
    };
    let mut lines =
        vec![format!("{} person-hours without electricity", large(s.services[0].person_hours))];
    if facts.has(Service::Heat) {
        lines.push(format!("heat not delivered: {}", energy(s.heat_not_delivered_mwh)));
    }
    if facts.has(Service::Water) {
        lines.push(format!("water not supplied: {}\u{a0}m³", number(s.water_not_supplied_m3, 0)));
    }
    Tile { title, figure: energy(s.energy_not_served_mwh), mark, word, lines }
}
