//! The page, put together section by section.

use super::{CompareInput, charts, draws_words, map, table, words};
use crate::format::{Clock, esc, people, w};
use crate::icons::{Mark, icon};
use crate::page::{MAP_STYLE, STYLE, provenance_foot};

const COMPARE_STYLE: &str = include_str!("compare.css");

pub(super) fn html(input: &CompareInput<'_>) -> String {
    let mut out = String::with_capacity(200_000);
    head(&mut out, input);
    out.push_str("<main>");
    banner(&mut out, input);
    answers(&mut out, input);
    if input.comparison.draws > 0 {
        table::section(&mut out, input);
        charts::fans(&mut out, input);
        charts::exceedance(&mut out, input);
        map::section(&mut out, input);
    }
    definitions(&mut out, input);
    assumptions(&mut out, input);
    out.push_str("</main>");
    provenance_foot(&mut out, input.provenance);
    out
}

fn head(out: &mut String, input: &CompareInput<'_>) {
    let (scenario, region) = (esc(&input.scenario.name), esc(input.region.name()));
    let clock = Clock::new(input.scenario.start);
    w!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"generator\" content=\"blackstart {}\">\
         <title>{scenario}: policies compared · {region} · blackstart</title>\
         <style>{STYLE}{MAP_STYLE}{COMPARE_STYLE}</style></head>\n<body>\
         <header><div class=\"what\"><p class=\"brand\">Blackstart</p>\
         <h1>{scenario} <small>{region}, {}\u{a0}people · policies compared</small></h1></div>\
         <div class=\"when\"><p class=\"badge model\">MODEL RESULT, not live data</p>\
         <p>model time {} to {}, {}</p></div></header>\n",
        esc(&input.provenance.version),
        people(input.region.people()),
        esc(&clock.long(0.0)),
        esc(&clock.long(f64::from(input.scenario.horizon_h))),
        draws_words(input.comparison.draws)
    );
}

fn banner(out: &mut String, input: &CompareInput<'_>) {
    let mut texts = Vec::new();
    if input.comparison.draws < input.asked {
        texts.push(format!(
            "The work was stopped after {} of {}.",
            draws_words(input.comparison.draws),
            draws_words(input.asked)
        ));
    }
    let degraded: usize = input.figures.iter().flatten().flat_map(|f| f.degraded_hours).sum();
    if degraded > 0 {
        let all: usize = input.figures.iter().flatten().map(|f| f.hours).sum();
        texts.push(format!(
            "In {degraded} of {} network-hours a network was not solved exactly; the table of draws \
             says in which.",
            3 * all
        ));
    }
    for text in texts {
        w!(out, "<p class=\"banner\">{} {}</p>", icon(Mark::Warning), esc(&text));
    }
}

fn answers(out: &mut String, input: &CompareInput<'_>) {
    out.push_str(
        "<section class=\"card answers\" aria-labelledby=\"h-answers\">\
         <h2 id=\"h-answers\">The answers</h2>",
    );
    for case in 0..input.cases.len() {
        w!(out, "<p class=\"lead\">{}</p>", esc(&words::answer(input, case)));
    }
    out.push_str(
        "<p class=\"remark\">In brackets after a difference: the 95\u{202f}% confidence interval of its \
         mean. All policies meet the same weapons, interceptions and repair times in each draw, so \
         that what differs is what they change.</p></section>",
    );
}

fn definitions(out: &mut String, input: &CompareInput<'_>) {
    let clock = Clock::new(input.scenario.start);
    out.push_str(
        "<section class=\"card notes\" aria-labelledby=\"h-policies\">\
         <h2 id=\"h-policies\">The policies, exactly</h2><dl>",
    );
    for policy in input.cases {
        w!(out, "<dt>{}</dt>", esc(&policy.name));
        let measures = words::definition(policy, clock);
        if measures.is_empty() {
            out.push_str("<dd>The scenario as it is.</dd>");
        }
        for measure in measures {
            w!(out, "<dd>{}</dd>", esc(&measure));
        }
    }
    out.push_str("</dl></section>");
}

fn assumptions(out: &mut String, input: &CompareInput<'_>) {
    out.push_str(
        "<section class=\"card notes\" aria-labelledby=\"h-notes\">\
         <h2 id=\"h-notes\">Assumptions</h2><ul>\
         <li>Hits fall on facilities at random within their class; the model chooses no targets.</li>\
         <li>Policies change nothing of what is launched; nobody reacts to them.</li>",
    );
    for a in input.scenario.assumed.iter().take(60) {
        w!(out, "<li><code>{}</code> {}</li>", esc(&a.key), esc(&a.text));
    }
    for note in input.provenance.notes.iter().take(12) {
        w!(out, "<li>{}</li>", esc(note));
    }
    out.push_str("</ul></section>");
}
