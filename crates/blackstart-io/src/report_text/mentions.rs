//! Counts of weapons in a sentence, and what became of each.

use blackstart::scenario::Munition;

use super::counts::{Count, count};
use super::phrases::{Level, Outcome, Phrases, Takes, anywhere, longest, longest_of};
use super::text::{Kind, Token};

/// A count of weapons.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mention {
    pub level: Level,
    pub munition: Option<Munition>,
    /// The name that was counted, in lower case.
    pub name: String,
    pub low: u32,
    pub high: u32,
    /// A part of what was told just before.
    pub part: bool,
    pub outcome: Option<Outcome>,
    /// Tokens, the count's first up to the one after the name.
    pub from: usize,
    pub end: usize,
}

/// A weapon's name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weapon {
    level: Level,
    munition: Option<Munition>,
    name: String,
}

/// What a sentence counts. `taken` marks tokens that are dates. `last` is the weapon that
/// the text spoke of before, for "34 of them"; it is brought up to date.
pub(super) fn mentions(
    phrases: &Phrases,
    tokens: &[Token],
    taken: &[bool],
    last: &mut Option<Weapon>,
) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if taken[at] {
            at += 1;
            continue;
        }
        let counted = count(phrases, tokens, at).filter(|c| !taken[at..c.end].contains(&true));
        if let Some(counted) = counted {
            let one = last.as_ref().filter(|_| !several(phrases, tokens, &found));
            let new = counted_at(phrases, tokens, at, counted, one);
            if let Some(of_last) = new.last() {
                at = of_last.end;
                *last = Some(of_last.weapon());
                found.extend(new);
                continue;
            }
            at = counted.end;
        } else if let Some((length, weapon)) = weapon(phrases, tokens, at) {
            *last = Some(weapon);
            at += length;
        } else {
            at += 1;
        }
    }
    // "80 of them" after missiles and drones may be either.
    if several(phrases, tokens, &found) {
        *last = None;
    }
    let groups = groups(phrases, tokens, &mut found);
    outcomes(phrases, tokens, &mut found, &groups);
    found
}

/// True if the last counts are of several weapons in one breath.
fn several(phrases: &Phrases, tokens: &[Token], found: &[Mention]) -> bool {
    let [.., before, last] = found else { return false };
    before.name != last.name
        && before.end <= last.from
        && tokens[before.end..last.from]
            .iter()
            .all(|t| t.is_mark(&[',']) || phrases.grammar.joins.contains(&t.word))
}

impl Mention {
    fn new(weapon: Weapon, count: Count, from: usize, end: usize) -> Self {
        let Weapon { level, munition, name } = weapon;
        let Count { low, high, .. } = count;
        Self { level, munition, name, low, high, part: false, outcome: None, from, end }
    }

    fn weapon(&self) -> Weapon {
        Weapon { level: self.level, munition: self.munition, name: self.name.clone() }
    }
}

/// The mentions that a count begins: one, or two for "34 of 67 missiles"; none if it does
/// not count weapons.
fn counted_at(
    phrases: &Phrases,
    tokens: &[Token],
    from: usize,
    counted: Count,
    last: Option<&Weapon>,
) -> Vec<Mention> {
    let of = longest(tokens, counted.end, &phrases.parts.of_all);
    if of > 0
        && let Some(whole) = count(phrases, tokens, counted.end + of)
        && let Some((end, weapon)) = named(phrases, tokens, whole.end)
    {
        let part = Mention::new(weapon.clone(), counted, from, end);
        let mut whole = Mention::new(weapon, whole, from, end);
        whole.outcome = Some(Outcome::Launched);
        return vec![whole, part];
    }
    if let Some((end, weapon)) = named(phrases, tokens, counted.end) {
        return vec![Mention::new(weapon, counted, from, end)];
    }
    // A count by itself, of what was last spoken of.
    let Some(last) = last else { return Vec::new() };
    let them = longest(tokens, counted.end, &phrases.parts.of_them);
    let end = counted.end + them;
    let helps =
        |k: &usize| tokens.get(*k).is_some_and(|t| phrases.grammar.passive.contains(&t.word));
    let verb_at = end + (end..end + 3).take_while(helps).count();
    let lists = phrases.verb.iter().map(|v| (v.words.as_slice(), ()));
    let verb = longest_of(tokens, verb_at, lists).is_some();
    let in_table = from > 0
        && tokens[from - 1].is_mark(&[':', '–', '—', '-'])
        && tokens.get(end).is_none_or(|t| t.is_mark(&['.', ',', ';', '(', '•', '-']));
    if them > 0 || verb || in_table {
        return vec![Mention::new(last.clone(), counted, from, end)];
    }
    Vec::new()
}

/// The weapon that a count before `at` counts, and the token after its name.
fn named(phrases: &Phrases, tokens: &[Token], at: usize) -> Option<(usize, Weapon)> {
    let mut at = at;
    for _ in 0..8 {
        if longest(tokens, at, &phrases.fillers.others) > 0 {
            return None;
        }
        if let Some((length, mut weapon)) = weapon(phrases, tokens, at) {
            at += length;
            // "Kh-101/Kh-55 cruise missiles", "Shahed drones and decoys of various types".
            loop {
                let mut next = at;
                while next < at + 4 && longest(tokens, next, &phrases.fillers.words) > 0 {
                    next += longest(tokens, next, &phrases.fillers.words);
                }
                next += usize::from(tokens.get(next).is_some_and(|t| t.is_mark(&['/'])));
                let Some((length, other)) = self::weapon(phrases, tokens, next) else { break };
                let joined =
                    tokens[at..next].iter().any(|t| phrases.grammar.joins.contains(&t.word));
                if joined && other.munition == weapon.munition && weapon.munition.is_some() {
                    weapon.level = Level::Class;
                } else if joined {
                    let drones = [weapon.munition, other.munition].contains(&Some(Munition::Drone));
                    weapon.level = if drones { Level::All } else { Level::Missiles };
                    weapon.munition = None;
                }
                at = next + length;
            }
            return Some((at, weapon));
        }
        let filler = longest(tokens, at, &phrases.fillers.words);
        if filler == 0 {
            return None;
        }
        at += filler;
    }
    None
}

fn weapon(phrases: &Phrases, tokens: &[Token], at: usize) -> Option<(usize, Weapon)> {
    let lists = phrases.weapon.iter().map(|w| (w.words.as_slice(), w));
    let (length, words) = longest_of(tokens, at, lists)?;
    let name: Vec<&str> = tokens[at..at + length].iter().map(|t| t.word.as_str()).collect();
    let weapon = Weapon { level: words.level, munition: words.munition(), name: name.join(" ") };
    Some((length, weapon))
}

/// Which group each mention belongs to: counts in one breath. Sets `part`.
fn groups(phrases: &Phrases, tokens: &[Token], found: &mut [Mention]) -> Vec<usize> {
    let mut groups = Vec::with_capacity(found.len());
    let mut first = 0;
    for k in 0..found.len() {
        let from = if k == 0 { 0 } else { found[k - 1].end.min(found[k].from) };
        let between = &tokens[from..found[k].from];
        let opens = anywhere(between, &phrases.parts.opens)
            || longest(tokens, found[k].from.saturating_sub(1), &phrases.parts.opens) > 0;
        let joined = |t: &Token| {
            // Commas, and whatever signs people put before the items of a list.
            let sign = matches!(t.kind, Kind::Mark(c) if !matches!(c, '.' | ':' | '!' | '?'));
            sign || phrases.grammar.joins.contains(&t.word)
        };
        let again =
            found[first..k].iter().any(|m| m.name == found[k].name && m.from != found[k].from);
        let goes_on = k > 0 && !again && between.iter().all(joined);
        if !goes_on {
            first = k;
        }
        let before = if k == 0 { None } else { Some(groups[k - 1]) };
        let in_part = goes_on && k > 0 && found[k - 1].part;
        found[k].part = k > 0 && (opens || in_part);
        groups.push(match before {
            Some(before) if goes_on => before,
            Some(before) => before + 1,
            None => 0,
        });
    }
    groups
}

/// Gives each mention what became of it.
fn outcomes(phrases: &Phrases, tokens: &[Token], found: &mut [Mention], groups: &[usize]) {
    let inside: Vec<bool> =
        (0..tokens.len()).map(|at| found.iter().any(|m| m.from <= at && at < m.end)).collect();
    let mut sure = vec![false; found.len()];
    let lists = || phrases.verb.iter().map(|v| (v.words.as_slice(), v));
    let mut verbs = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match longest_of(tokens, at, lists()).filter(|_| !inside[at]) {
            Some((length, verb)) => {
                verbs.push((at, at + length, verb.outcome, verb.takes));
                at += length;
            }
            None => at += 1,
        }
    }
    let is = |at: usize, words: &[String]| words.contains(&tokens[at].word);
    let broken =
        |from: usize, to: usize| (from..to.max(from)).any(|k| is(k, &phrases.grammar.breaks));
    for &(from, end, outcome, takes) in &verbs {
        let near = from.saturating_sub(2)..from;
        if near.clone().any(|k| is(k, &phrases.grammar.not)) {
            continue;
        }
        let passive = near.clone().any(|k| is(k, &phrases.grammar.passive));
        let next = found.iter().position(|m| m.from >= end && !broken(end, m.from));
        let prev = found.iter().rposition(|m| m.end <= from && !broken(m.end, from));
        let behind = next.map_or(usize::MAX, |n| found[n].from - end);
        let by =
            tokens.get(end).is_some_and(|t| phrases.grammar.by.contains(&t.word)) && behind == 1;
        let beside = prev.is_some_and(|p| {
            (found[p].end..from)
                .all(|k| is(k, &phrases.grammar.passive) || tokens[k].word.len() < 5)
        });
        let backward = !by
            && (takes == Takes::Subject
                || passive
                || (beside && behind > 0)
                || (prev.is_some() && next.is_none()));
        if backward {
            let Some(prev) = prev else { continue };
            for k in (0..=prev).filter(|k| groups[*k] == groups[prev]) {
                let free = takes == Takes::Object && !sure[k] || found[k].outcome.is_none();
                // The whole of "34 of 67" came; only the part was stopped.
                if free
                    && !(found[k].outcome == Some(Outcome::Launched)
                        && k < prev
                        && found[k].from == found[k + 1].from)
                {
                    found[k].outcome = Some(outcome);
                    sure[k] = true;
                }
            }
        } else if let Some(next) = next {
            let until = verbs.iter().map(|v| v.0).find(|v| *v > end).unwrap_or(usize::MAX);
            for k in next..found.len() {
                let near = groups[k] == groups[next] && behind <= 6;
                if (!near && found[k].from > until)
                    || sure[k]
                    || found[k].outcome.is_some() && !near
                {
                    continue;
                }
                if found[k].outcome == Some(Outcome::Launched)
                    && found.get(k + 1).is_some_and(|m| m.from == found[k].from)
                {
                    continue;
                }
                found[k].outcome = Some(outcome);
                sure[k] = near;
            }
        }
        // "34 were shot down: 30 Kh-101, 4 Kalibr": a list of what was just told.
        if tokens.get(end).is_some_and(|t| t.is_mark(&[':'])) {
            let until = verbs.iter().map(|v| v.0).find(|v| *v > end).unwrap_or(usize::MAX);
            let listed = |m: &&mut Mention| m.from > end && m.from < until && m.outcome.is_none();
            for mention in found.iter_mut().filter(listed) {
                mention.outcome = Some(outcome);
            }
        }
    }
    for k in 0..found.len() {
        if found[k].from > 0 && is(found[k].from - 1, &phrases.grammar.with) && !sure[k] {
            for j in (k..found.len()).filter(|j| groups[*j] == groups[k]) {
                found[j].outcome = Some(Outcome::Launched);
            }
        }
        if found[k].part && found[k].outcome.is_none() && k > 0 {
            found[k].outcome = found[k - 1].outcome;
        }
    }
}
