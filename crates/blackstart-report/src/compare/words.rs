//! Policies and what they change, in sentences.

use blackstart::ensemble::{Difference, Quantity};
use blackstart::scenario::{ByMunition, Halt, Interval, Measure, Munition, PolicyCase};

use super::{CompareInput, draws_words, residents};
use crate::facts::munition_words;
use crate::format::{Clock, NBSP, number, percent};

/// Accuracy that the number of missing draws is told for.
const ACCURACY: f64 = 0.05;

/// What was compared.
pub(super) fn heading(input: &CompareInput<'_>) -> String {
    let clock = Clock::new(input.scenario.start);
    let mut text = format!(
        "{} in {}, {} to {}, {}.",
        input.scenario.name,
        input.region.name(),
        clock.long(0.0),
        clock.long(f64::from(input.scenario.horizon_h)),
        draws_words(input.comparison.draws)
    );
    if input.comparison.draws < input.asked {
        text.push_str(&format!(" Stopped early: {} were asked for.", draws_words(input.asked)));
    }
    text
}

/// The answer for one policy: of the baseline what it comes to, of another what it
/// changes.
pub(super) fn answer(input: &CompareInput<'_>, case: usize) -> String {
    if input.comparison.draws == 0 {
        return format!("{}: no draw was finished.", input.cases[case].name);
    }
    if case == 0 { baseline(input) } else { change(input, case) }
}

fn baseline(input: &CompareInput<'_>) -> String {
    let people = residents(input.region);
    let spreads = &input.comparison.spreads[0];
    let of = |q: Quantity| {
        let spread = &spreads[q as usize];
        let [mean, low, high] = [spread.mean, spread.p5, spread.p95].map(|v| v / people);
        format!("{}{NBSP}hours ({}–{})", hours(mean), hours(low), hours(high))
    };
    format!(
        "{}: until {} the average person is {} without electricity, {} without heat and {} \
         without water; in brackets, what nine in ten draws are between.",
        input.cases[0].name,
        by(input),
        of(Quantity::WithoutElectricity),
        of(Quantity::WithoutHeat),
        of(Quantity::WithoutWater)
    )
}

const SERVICES: [(Quantity, &str); 3] = [
    (Quantity::WithoutHeat, "heat"),
    (Quantity::WithoutElectricity, "electricity"),
    (Quantity::WithoutWater, "water"),
];

fn change(input: &CompareInput<'_>, case: usize) -> String {
    let people = residents(input.region);
    let mut told: Vec<(&str, Vec<String>)> = Vec::new();
    let mut untold = Vec::new();
    for (quantity, word) in SERVICES {
        let d = &input.comparison.differences[case][quantity as usize];
        if !(d.is_told() || d.half_width.is_infinite() && d.mean != 0.0) {
            untold.push(word.to_owned());
            continue;
        }
        let verb = if d.mean <= 0.0 { "saves" } else { "costs" };
        let first = told.is_empty();
        let amount =
            format!("{}{} of {word}", amount(d, people), if first { "\u{a0}hours" } else { "" });
        match told.iter_mut().find(|(v, _)| *v == verb) {
            Some((_, amounts)) => amounts.push(amount),
            None => told.push((verb, vec![amount])),
        }
    }
    let told: Vec<String> =
        told.iter().map(|(verb, amounts)| format!("{verb} {}", join(amounts))).collect();
    let subject = subject(input, case);
    let mut text = match told.as_slice() {
        [] => format!(
            "{subject} makes no difference by {} that {} can tell",
            by(input),
            draws_words(input.comparison.draws)
        ),
        _ => format!("{subject} {} for the average person by {}", join(&told), by(input)),
    };
    if !told.is_empty() && !untold.is_empty() {
        text.push_str(&format!(
            "; for {} {} can tell no difference",
            join(&untold),
            draws_words(input.comparison.draws)
        ));
    }
    text.push('.');
    text.push_str(&lacking(input, case));
    text
}

/// How many draws the answer still lacks.
fn lacking(input: &CompareInput<'_>, case: usize) -> String {
    let draws = input.comparison.draws;
    let d = &input.comparison.differences[case][Quantity::WithoutHeat as usize];
    if d.half_width.is_infinite() {
        return " That is too few draws for an interval; eight are the least.".to_owned();
    }
    match d.draws_needed(draws, ACCURACY) {
        Some(needed) if needed > draws as f64 && d.is_told() => format!(
            " For an interval of ±5{NBSP}% around the hours of heat about {} would be needed.",
            draws_words(about(needed))
        ),
        _ => String::new(),
    }
}

/// `41 (35–47)`, hours for each person.
fn amount(d: &Difference, people: f64) -> String {
    let mean = d.mean.abs() / people;
    let half = d.half_width / people;
    if half.is_infinite() {
        return hours(mean);
    }
    format!("{} ({}–{})", hours(mean), hours(mean - half), hours(mean + half))
}

/// Two digits of a number of draws that is an estimate.
fn about(draws: f64) -> usize {
    let unit = 10f64.powf((draws.max(10.0).log10().floor() - 1.0).max(0.0));
    ((draws.min(1e12) / unit).ceil() * unit) as usize
}

/// A number with a decimal only where it has one.
fn plain(value: f64) -> String {
    number(value, usize::from((value - value.round()).abs() > 0.049))
}

/// Hours with a decimal where they are few.
pub(super) fn hours(h: f64) -> String {
    let decimals =
        if h.abs() >= 9.95 || h.abs() < 0.005 { 0 } else { 1 + usize::from(h.abs() < 0.095) };
    number(h, decimals)
}

/// The end of what was computed, as a date.
fn by(input: &CompareInput<'_>) -> String {
    date(Clock::new(input.scenario.start), f64::from(input.scenario.horizon_h))
}

fn date(clock: Clock, h: f64) -> String {
    let long = clock.long(h);
    let mut words = long.split(NBSP);
    match (words.next(), words.next()) {
        (Some(day), Some(month)) => format!("{day}{NBSP}{month}"),
        _ => format!("hour {}", number(h, 0)),
    }
}

fn join(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The policy as the subject of a sentence.
fn subject(input: &CompareInput<'_>, case: usize) -> String {
    let policy = &input.cases[case];
    if policy.measures.is_empty() {
        return format!("{}, which changes nothing,", policy.name);
    }
    let clock = Clock::new(input.scenario.start);
    let phrases: Vec<String> = policy.measures.iter().map(|m| phrase(m, clock)).collect();
    let text = phrases.join(", together with ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every measure of a policy, exactly.
pub(super) fn definition(policy: &PolicyCase, clock: Clock) -> Vec<String> {
    policy.measures.iter().map(|m| exact(m, clock)).collect()
}

fn span(clock: Clock, from_h: f64, until_h: f64) -> String {
    let from = if from_h <= 0.0 {
        " from the start".to_owned()
    } else {
        format!(" from {}", date(clock, from_h))
    };
    if until_h.is_finite() { format!("{from} to {}", date(clock, until_h)) } else { from }
}

fn phrase(measure: &Measure, clock: Clock) -> String {
    match measure {
        Measure::Halt(halt) => {
            let mut text = format!("a halt{}", span(clock, halt.from_h, halt.until_h));
            text = text.replacen(" halt", &format!(" halt{}", of_attacks(&halt.covers)), 1);
            text.push_str(&format!(
                " that removes {} of infrastructure hits",
                percent(halt.removes_share)
            ));
            if halt.leakage_share > 0.0 {
                text.push_str(&format!(", of which {} leak", percent(halt.leakage_share)));
            }
            text
        }
        Measure::AidPause { from_h, until_h } => {
            format!("a pause of deliveries of spares{}", span(clock, *from_h, *until_h))
        }
        Measure::SupportPause { from_h, until_h, .. } => {
            format!("a pause of air-defence support{}", span(clock, *from_h, *until_h))
        }
        Measure::Imports { from_h, until_h, share } => format!(
            "a cap on imports at {} of what lines allow{}",
            percent(*share),
            span(clock, *from_h, *until_h)
        ),
        Measure::Generators { more } => {
            format!("a reserve of {} more mobile generators", number(f64::from(*more), 0))
        }
        Measure::Thermostat { indoor_set_c } => {
            format!("heating homes to {}{NBSP}°C", plain(*indoor_set_c))
        }
        Measure::Demand { factor } => {
            format!("electricity demand at {} of the scenario's", percent(*factor))
        }
        Measure::WeatherShift { shift_k } => {
            let word = if *shift_k < 0.0 { "colder" } else { "warmer" };
            format!("weather {}{NBSP}°C {word}", plain(shift_k.abs()))
        }
    }
}

fn of_attacks(covers: &ByMunition<bool>) -> String {
    let sea = covers[Munition::MissileCruiseSea as usize];
    let air: Vec<bool> = Munition::ALL
        .into_iter()
        .filter(|m| *m != Munition::MissileCruiseSea)
        .map(|m| covers[m as usize])
        .collect();
    match (air.iter().all(|a| *a), sea) {
        (true, true) => String::new(),
        (true, false) => " of air attacks".to_owned(),
        (false, _) => {
            let list: Vec<String> = Munition::ALL
                .into_iter()
                .filter(|m| covers[*m as usize])
                .map(|m| munition_words(m).to_owned())
                .collect();
            if list.is_empty() { " of nothing".to_owned() } else { format!(" of {}", join(&list)) }
        }
    }
}

fn exact(measure: &Measure, clock: Clock) -> String {
    let precise = |from_h: f64, until_h: f64| {
        let from = if from_h <= 0.0 { clock.long(0.0) } else { clock.long(from_h) };
        let until = if until_h.is_finite() { clock.long(until_h) } else { "the end".to_owned() };
        format!("from {from} to {until}")
    };
    match measure {
        Measure::Halt(halt) => exact_halt(halt, &precise(halt.from_h, halt.until_h)),
        Measure::AidPause { from_h, until_h } => format!(
            "No spares are delivered {}; what was due arrives at the end of the pause{}.",
            precise(*from_h, *until_h),
            if until_h.is_finite() { "" } else { ", which is never" }
        ),
        Measure::SupportPause { from_h, until_h, intercepted_share } => {
            let range = |i: Interval| {
                if i.low == i.high {
                    percent(i.low)
                } else {
                    format!("{} to {}", percent(i.low), percent(i.high))
                }
            };
            let falls: Vec<String> = Munition::ALL
                .into_iter()
                .filter_map(|m| {
                    intercepted_share[m as usize]
                        .map(|i| format!("{}: {}", munition_words(m), range(i)))
                })
                .collect();
            format!(
                "The share shot down or lost falls, where it was higher, {} to: {}.",
                precise(*from_h, *until_h),
                falls.join("; ")
            )
        }
        Measure::Imports { from_h, until_h, share } => format!(
            "{} of the import cap can be had {}.",
            percent(*share),
            precise(*from_h, *until_h)
        ),
        Measure::Generators { more } => {
            format!("{} more mobile generators for critical sites.", number(f64::from(*more), 0))
        }
        Measure::Thermostat { indoor_set_c } => {
            format!("Heating aims at {}{NBSP}°C indoors.", plain(*indoor_set_c))
        }
        Measure::Demand { factor } => {
            format!("Electricity demand is {} times the scenario's.", number(*factor, 2))
        }
        Measure::WeatherShift { shift_k } => {
            format!("{}{NBSP}K is added to every hour's outdoor temperature.", plain(*shift_k))
        }
    }
}

fn exact_halt(halt: &Halt, span: &str) -> String {
    let covers: Vec<String> = Munition::ALL
        .into_iter()
        .filter(|m| halt.covers[*m as usize])
        .map(|m| munition_words(m).to_owned())
        .collect();
    let mut text = format!(
        "Halt \u{201c}{}\u{201d} {span}: of hits on infrastructure by {}, {} do not happen",
        halt.name,
        join(&covers),
        percent(halt.removes_share)
    );
    if halt.leakage_share > 0.0 {
        text.push_str(&format!(
            ", but {} of those happen all the same",
            percent(halt.leakage_share)
        ));
    }
    text.push('.');
    if halt.disputed_h > 0.0 {
        text.push_str(&format!(
            " Its beginning is disputed: it holds from an hour drawn evenly within {}{NBSP}h.",
            number(halt.disputed_h, 0)
        ));
    }
    text.push_str(" What is launched stays the same.");
    text
}
