//! From sentences to strikes: which night, what came, what was stopped.

use std::collections::BTreeMap;

use blackstart::scenario::{ByMunition, Interval, Munition};
use jiff::civil::{Date, DateTime};

use super::dates::{self, Part, When};
use super::mentions::{Mention, mentions};
use super::phrases::{Level, Outcome, Phrases, anywhere, longest, longest_of};
use super::said::{Struck, said_by, struck};
use super::text::{Sentence, sentences};
use super::{Evidence, ReadCount, ReadTarget, ReadWave, Unread, Value};
use crate::formats::scenario::defaults;

/// What a text gave.
pub(super) struct Read {
    pub published: Option<Date>,
    pub waves: Vec<ReadWave>,
    pub unread: Vec<Unread>,
}

/// A count with its evidence.
struct Item {
    mention: Mention,
    outcome: Outcome,
    /// Of one place alone.
    local: bool,
    from: Evidence,
}

#[derive(Default)]
struct Wave {
    when: Option<When>,
    dated: Option<Evidence>,
    items: Vec<Item>,
    struck: Vec<(Struck, Evidence)>,
}

/// Reads a text, or says why it is no report.
pub(super) fn read(phrases: &Phrases, text: &str, published: Option<Date>) -> Result<Read, String> {
    let sentences = sentences(text);
    if !sentences.iter().any(|s| anywhere(&s.tokens, &phrases.text.strike)) {
        return Err(String::from("no word of it speaks of a strike"));
    }
    let published = published.or_else(|| dates::published(phrases, &sentences));
    let year = dates::year(phrases, &sentences);
    let mut waves: Vec<Wave> = Vec::new();
    let mut unread = Vec::new();
    let mut last = None;
    let mut current = 0;
    for sentence in &sentences {
        let taken = dates::taken(phrases, &sentence.tokens);
        let found = mentions(phrases, &sentence.tokens, &taken, &mut last);
        let mut used = taken.clone();
        for mention in &found {
            used[mention.from..mention.end].fill(true);
        }
        let hit = struck(phrases, sentence, &used);
        for target in &hit {
            used[target.counted.clone()].fill(true);
        }
        let speaker = said_by(phrases, sentence);
        let evidence = |from: usize, end: usize| {
            let tokens = &sentence.tokens[from..end];
            let words = match (tokens.first(), tokens.last()) {
                (Some(first), Some(last)) => plain(&text[first.at.start..last.at.end]),
                _ => String::new(),
            };
            let (line, column) = (sentence.line, sentence.column);
            Evidence {
                words,
                sentence: plain(&sentence.text),
                line,
                column,
                said_by: speaker.clone(),
            }
        };
        let mut leave = |why: &str| unread.push(unused(sentence, why));
        if anywhere(&sentence.tokens, &phrases.text.other_time) {
            if !found.is_empty() {
                leave("it seems to be about another time, or about many strikes");
                continue;
            }
            // "Last night's attack was the eleventh this year" still says when.
            if !anywhere(&sentence.tokens, &phrases.dates.last_night) {
                continue;
            }
        }
        if anywhere(&sentence.tokens, &phrases.text.not_so) {
            if !found.is_empty() {
                leave("it seems to say what may be, or of something that is no strike");
            }
            continue;
        }
        if let Some(why) = left_over(phrases, sentence, &used) {
            leave(&why);
        }
        let attack = anywhere(&sentence.tokens, &phrases.text.attack);
        let speaks = attack || anywhere(&sentence.tokens, &phrases.text.strike);
        if found.is_empty() && hit.is_empty() && !speaks {
            continue;
        }
        if let Some(when) = dates::when(phrases, sentence, published, year) {
            current = wave_of(&mut waves, when, evidence(0, sentence.tokens.len()));
        } else if waves.is_empty() {
            waves.push(Wave::default());
        }
        let Some(wave) = waves.get_mut(current) else { continue };
        let place = place(phrases, sentence);
        for mention in found {
            let Some(outcome) = mention.outcome.or(attack.then_some(Outcome::Launched)) else {
                unread.push(unused(sentence, "it is not said what became of the weapons"));
                continue;
            };
            let from = evidence(mention.from, mention.end);
            wave.items.push(Item { mention, outcome, local: place, from });
        }
        for target in hit {
            if target.not_computed {
                let why = format!("{} are not computed here", target.name);
                unread.push(unused(sentence, &why));
            }
            wave.struck.push((target, evidence(0, sentence.tokens.len())));
        }
    }
    let mut read: Vec<ReadWave> = Vec::new();
    for wave in waves {
        match finish(wave) {
            Ok(Some(wave)) => read.push(wave),
            Ok(None) => {}
            Err(more) => unread.extend(more),
        }
    }
    if read.is_empty() {
        return Err(String::from("no missiles or drones are counted in it"));
    }
    read.sort_by_key(|w| w.days);
    unread.sort_by_key(|u| (u.line, u.column));
    unread.dedup();
    Ok(Read { published, waves: read, unread })
}

/// The wave of that night or day: one that may be the same, one that has no date yet, or
/// a new one.
fn wave_of(waves: &mut Vec<Wave>, when: When, from: Evidence) -> usize {
    let same = waves.iter().position(|w| w.when.is_some_and(|w| w.meets(&when)));
    if let Some(k) = same {
        if waves[k].when.is_some_and(|w| w.part == Part::Unsaid) && when.part != Part::Unsaid {
            waves[k].when = Some(when);
            waves[k].dated = Some(from);
        }
        return k;
    }
    let k = match waves.as_slice() {
        [only] if only.when.is_none() => 0,
        _ => {
            waves.push(Wave::default());
            waves.len() - 1
        }
    };
    waves[k].when = Some(when);
    waves[k].dated = Some(from);
    k
}

/// True if a sentence speaks of what happened in one region or district, by its name.
fn place(phrases: &Phrases, sentence: &Sentence) -> bool {
    let tokens = &sentence.tokens;
    (1..tokens.len()).any(|k| {
        let name = tokens[..k].iter().rev().take_while(|t| t.capital).count();
        let before = tokens[..k - name].iter().rev();
        let opens = before.take(2).any(|t| phrases.text.places_open.contains(&t.word));
        // "In Example region": the first word's capital is the sentence's.
        let first = name > 1 && phrases.text.places_open.contains(&tokens[k - name].word);
        name > 0 && (opens || first) && longest(tokens, k, &phrases.text.places) > 0
    })
}

/// Why a sentence has a number that was not used, if it has one.
fn left_over(phrases: &Phrases, sentence: &Sentence, used: &[bool]) -> Option<String> {
    let tokens = &sentence.tokens;
    let numbering = |k: usize| {
        let mut before = tokens[..k].iter().rev().skip_while(|t| t.is_mark(&['.']));
        before.next().is_some_and(|t| phrases.text.numbering.contains(&t.word))
    };
    let loose =
        (0..tokens.len()).find(|k| tokens[*k].number().is_some() && !used[*k] && !numbering(*k))?;
    let number = &tokens[loose].word;
    if anywhere(tokens, &phrases.fillers.others) {
        return Some(format!("{number}: such weapons have no class here"));
    }
    let lists = || phrases.weapon.iter().map(|w| (w.words.as_slice(), ()));
    let weapons = (0..tokens.len()).any(|k| longest_of(tokens, k, lists()).is_some());
    Some(if weapons || anywhere(tokens, &phrases.text.strike) {
        format!("{number} could not be tied to a weapon")
    } else {
        format!("{number} does not count weapons")
    })
}

fn unused(sentence: &Sentence, why: &str) -> Unread {
    Unread {
        sentence: plain(&sentence.text),
        line: sentence.line,
        column: sentence.column,
        why: why.to_owned(),
    }
}

/// Without line breaks and control characters, which a comment cannot have.
fn plain(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A wave's values; none if nothing was said of it. If it has counts but none of a class,
/// their sentences.
fn finish(wave: Wave) -> Result<Option<ReadWave>, Vec<Unread>> {
    if wave.items.is_empty() {
        return Ok(None);
    }
    // Counts of one place are parts of the whole, if the whole is told.
    let whole = wave.items.iter().any(|i| !i.local && i.outcome == Outcome::Launched);
    let by_class = |outcome: Outcome| {
        let of = wave.items.iter().filter(|i| i.outcome == outcome && !(whole && i.local));
        Totals::of(&of.collect::<Vec<_>>())
    };
    let launched = by_class(Outcome::Launched);
    let stopped = by_class(Outcome::ShotDown).plus(by_class(Outcome::Lost));
    let hit = by_class(Outcome::Hit);
    let (came, stopped_share) = shares(launched, &stopped, &hit);
    if came.iter().all(Option::is_none) {
        let why = "missiles and drones are counted together, and nothing tells them apart";
        let unread = |i: &Item| Unread {
            sentence: i.from.sentence.clone(),
            line: i.from.line,
            column: i.from.column,
            why: why.to_owned(),
        };
        return Err(wave.items.iter().map(unread).collect());
    }
    let time = wave.when.and_then(|w| {
        let (word, hour) = w.clock.map_or(w.part.told(), |hour| ("the hour it began", hour));
        let day = if w.clock.is_some_and(|hour| hour >= 12) { w.first } else { w.last };
        Some((DateTime::new(day.year(), day.month(), day.day(), hour, 0, 0, 0).ok()?, word))
    });
    Ok(Some(ReadWave {
        days: wave.when.map(|w| (w.first, w.last)),
        time,
        dated: wave.dated,
        launched: came,
        stopped_share,
        counts: wave.items.iter().map(read_count).collect(),
        struck: wave
            .struck
            .into_iter()
            .map(|(struck, from)| ReadTarget {
                name: struck.name,
                class: struck.class,
                count: struck.count.map(|(low, high)| interval(low, high)),
                from,
            })
            .collect(),
    }))
}

fn read_count(item: &Item) -> ReadCount {
    ReadCount {
        outcome: match item.outcome {
            Outcome::Launched => "launched",
            Outcome::ShotDown => "shot_down",
            Outcome::Lost => "lost",
            Outcome::Hit => "hit",
        },
        weapon: item.mention.name.clone(),
        count: interval(item.mention.low, item.mention.high),
        from: item.from.clone(),
    }
}

fn interval(low: u32, high: u32) -> Interval {
    Interval { low: f64::from(low), high: f64::from(high) }
}

/// Counts of one outcome: by class, of missiles of every class, of everything.
#[derive(Default)]
struct Totals {
    class: ByMunition<Option<Value>>,
    missiles: Option<Value>,
    all: Option<Value>,
}

impl Totals {
    fn of(items: &[&Item]) -> Self {
        let class = Munition::ALL.map(|munition| {
            let of = |level: Level| {
                items.iter().copied().filter(move |i| {
                    i.mention.munition == Some(munition) && i.mention.level == level
                })
            };
            // A part counts only where the whole is not told.
            let whole: Vec<&Item> = of(Level::Class).filter(|i| !i.mention.part).collect();
            let part: Vec<&Item> = of(Level::Class).collect();
            agreed(if whole.is_empty() { &part } else { &whole }).or_else(|| {
                let mut models: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
                for item in of(Level::Model) {
                    models.entry(&item.mention.name).or_default().push(item);
                }
                let several = models.len() > 1;
                let sum = models.values().filter_map(|m| agreed(m)).reduce(added)?;
                let note = several.then(|| String::from("the sum of the models named"));
                Some(Value { note: note.or(sum.note), ..sum })
            })
        });
        let level = |level: Level| {
            let of: Vec<&Item> =
                items.iter().copied().filter(|i| i.mention.level == level).collect();
            agreed(&of)
        };
        Self { class, missiles: level(Level::Missiles), all: level(Level::All) }
    }

    fn plus(self, other: Self) -> Self {
        let sum = |a: Option<Value>, b: Option<Value>| match (a, b) {
            (Some(a), Some(b)) => Some(added(a, b)),
            (a, b) => a.or(b),
        };
        let mut others = other.class.into_iter();
        Self {
            class: self.class.map(|a| sum(a, others.next().flatten())),
            missiles: sum(self.missiles, other.missiles),
            all: sum(self.all, other.all),
        }
    }
}

fn added(a: Value, b: Value) -> Value {
    let interval =
        Interval { low: a.interval.low + b.interval.low, high: a.interval.high + b.interval.high };
    let from = a.from.into_iter().chain(b.from).collect();
    Value { interval, from, note: Some(String::from("a sum")) }
}

/// One value from several counts of the same: the narrowest if they agree, else all that
/// is between them.
fn agreed(items: &[&Item]) -> Option<Value> {
    let width = |i: &Item| i.mention.high - i.mention.low;
    let best = items.iter().copied().min_by_key(|i| width(i))?;
    let low = items.iter().map(|i| i.mention.low).min()?;
    let high = items.iter().map(|i| i.mention.high).max()?;
    let agree = items
        .iter()
        .all(|i| i.mention.low <= best.mention.high && best.mention.low <= i.mention.high);
    let mut from = vec![best.from.clone()];
    from.extend(items.iter().map(|i| &i.from).filter(|f| **f != best.from).cloned());
    Some(if agree {
        Value { interval: interval(best.mention.low, best.mention.high), from, note: None }
    } else {
        let note = String::from("the report gives different counts; the interval holds all");
        Value { interval: interval(low, high), from, note: Some(note) }
    })
}

type ByClass = ByMunition<Option<Value>>;

/// Missiles, the classes of `Munition::ALL` that are no drones.
fn is_missile(k: usize) -> bool {
    Munition::ALL[k] != Munition::Drone
}

/// What came of each class, and the share of it that was stopped.
fn shares(launched: Totals, stopped: &Totals, hit: &Totals) -> (ByClass, ByClass) {
    let Totals { class: mut came, mut missiles, all } = launched;
    let index = |m: Munition| Munition::ALL.iter().position(|other| *other == m);
    let (Some(cruise), Some(drone)) = (index(Munition::MissileCruise), index(Munition::Drone))
    else {
        return (came, ByClass::default());
    };
    let known = |came: &ByClass| came.iter().enumerate().any(|(k, v)| is_missile(k) && v.is_some());
    if let Some(all) = &all {
        if let (Some(drones), None, false) = (&came[drone], &missiles, known(&came)) {
            missiles = Some(less(all, drones, "missiles and drones together, less the drones"));
        } else if let (None, Some(missiles)) = (&came[drone], &missiles) {
            came[drone] =
                Some(less(all, missiles, "missiles and drones together, less the missiles"));
        }
    }
    let told: Option<Interval> = missiles.as_ref().map(|m| m.interval);
    if let Some(missiles) = missiles {
        let sum = |end: fn(&Interval) -> f64| -> f64 {
            came.iter()
                .enumerate()
                .filter(|(k, _)| is_missile(*k))
                .flat_map(|(_, v)| v)
                .map(|v| end(&v.interval))
                .sum()
        };
        let (low, high) = (sum(|i| i.low), sum(|i| i.high));
        if high == 0.0 && !known(&came) {
            let note = "the class is not told; such missiles are counted as cruise missiles";
            came[cruise] = Some(Value { note: Some(note.to_owned()), ..missiles });
        } else if missiles.interval.high > low {
            let rest = missiles.interval.high - low;
            let own = came[cruise].take();
            let base = own.as_ref().map_or(Interval::point(0.0), |v| v.interval);
            let note = format!(
                "up to {rest} of the missiles told have no class; they may be cruise missiles"
            );
            let from = own.into_iter().flat_map(|v| v.from).chain(missiles.from).collect();
            let interval = Interval { low: base.low, high: base.high + rest };
            came[cruise] = Some(Value { interval, from, note: Some(note) });
        }
    }
    let missiles_came = told.or_else(|| {
        let each = || came.iter().enumerate().filter(|(k, _)| is_missile(*k)).flat_map(|(_, v)| v);
        let low = each().map(|v| v.interval.low).sum();
        let high: f64 = each().map(|v| v.interval.high).sum();
        (high > 0.0).then_some(Interval { low, high })
    });
    let mut share = ByClass::default();
    for k in 0..Munition::ALL.len() {
        let given = stopped.class[k].as_ref().or_else(|| {
            stopped.missiles.as_ref().filter(|_| is_missile(k) && !known(&stopped.class))
        });
        let Some(given) = given else { continue };
        let own = stopped.class[k].is_some();
        match (&came[k], missiles_came) {
            (Some(came), _) if own => share[k] = ratio(given, came.interval),
            (Some(_), Some(of)) => share[k] = ratio(given, of),
            _ => {}
        }
    }
    for k in 0..Munition::ALL.len() {
        let least = |t: &Totals| {
            let missiles = t.missiles.clone();
            let missiles = missiles.filter(|_| k == cruise && !known(&t.class) && !known(&came));
            t.class[k].clone().or(missiles)
        };
        if came[k].is_some() || told.is_some() && is_missile(k) {
            continue;
        }
        // Only what was stopped, or what got through, is told: what came is more.
        let usual = defaults::INTERCEPTED[k];
        let (value, through) = match (least(stopped), least(hit)) {
            (Some(stopped), Some(hit)) => (added(stopped, hit), 1.0),
            (Some(stopped), None) => (stopped, usual),
            (None, Some(hit)) => (hit, 1.0 - usual),
            (None, None) => continue,
        };
        let high = (value.interval.high / through).ceil().min(10_000.0);
        let note = "not told how many came: from those told to the usual share shot down or lost";
        let interval = Interval { low: value.interval.low, high };
        came[k] = Some(Value { interval, from: value.from, note: Some(note.to_owned()) });
    }
    (came, share)
}

fn less(all: &Value, part: &Value, note: &str) -> Value {
    let low = (all.interval.low - part.interval.high).max(0.0);
    let high = (all.interval.high - part.interval.low).max(low);
    let from = all.from.iter().chain(&part.from).cloned().collect();
    Value { interval: Interval { low, high }, from, note: Some(note.to_owned()) }
}

/// `part` of `whole` as a share, ends rounded outwards to hundredths.
fn ratio(part: &Value, whole: Interval) -> Option<Value> {
    if whole.low <= 0.0 {
        return None;
    }
    let low = ((100.0 * part.interval.low / whole.high + 1e-9).floor() / 100.0).min(1.0);
    let high = ((100.0 * part.interval.high / whole.low - 1e-9).ceil() / 100.0).min(1.0);
    let note = format!("shot down or lost: {} of {}", words(part.interval), words(whole));
    Some(Value { interval: Interval { low, high }, from: part.from.clone(), note: Some(note) })
}

/// "67", "63 to 70".
pub(super) fn words(interval: Interval) -> String {
    if interval.low == interval.high {
        interval.low.to_string()
    } else {
        format!("{} to {}", interval.low, interval.high)
    }
}
