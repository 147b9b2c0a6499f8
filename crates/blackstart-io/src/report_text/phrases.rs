//! The phrases of a language, from a data file: the code holds no words.

use std::collections::BTreeMap;

use blackstart::region::FacilityClass;
use blackstart::scenario::Munition;
use serde::Deserialize;

use super::text::Token;

/// What a file of phrases holds; see the comments in `phrases/en.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    pub language: String,
    pub number_words: BTreeMap<String, f64>,
    pub scales: BTreeMap<String, f64>,
    pub vague: BTreeMap<String, [f64; 2]>,
    pub qualifier: Vec<Qualifier>,
    pub range: RangeWords,
    pub parts: Parts,
    pub weapon: Vec<WeaponWords>,
    pub fillers: Fillers,
    pub verb: Vec<VerbWords>,
    pub grammar: Grammar,
    pub text: TextWords,
    pub targets: TargetWords,
    pub target: Vec<Target>,
    pub said: Said,
    pub dates: Dates,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Qualifier {
    pub words: Vec<String>,
    pub low: f64,
    pub high: f64,
    #[serde(default)]
    pub without: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeWords {
    pub between: Vec<String>,
    pub opens: Vec<String>,
    pub alone: Vec<String>,
    pub in_words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parts {
    pub of_all: Vec<String>,
    pub of_them: Vec<String>,
    pub opens: Vec<String>,
}

/// How much of what came a name counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// Missiles and drones together.
    All,
    /// Missiles of every class.
    Missiles,
    /// A class of weapons.
    Class,
    /// One model of a class.
    Model,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WeaponWords {
    pub level: Level,
    pub class: Option<String>,
    pub words: Vec<String>,
}

impl WeaponWords {
    pub fn munition(&self) -> Option<Munition> {
        let class = self.class.as_deref()?;
        Munition::ALL.into_iter().find(|m| m.word() == class)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fillers {
    pub words: Vec<String>,
    pub others: Vec<String>,
}

/// What became of weapons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Launched,
    ShotDown,
    Lost,
    Hit,
}

/// Where the weapons of a verb stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Takes {
    Object,
    Subject,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VerbWords {
    pub outcome: Outcome,
    pub takes: Takes,
    pub words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grammar {
    pub passive: Vec<String>,
    pub not: Vec<String>,
    pub by: Vec<String>,
    pub with: Vec<String>,
    pub joins: Vec<String>,
    pub breaks: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextWords {
    pub strike: Vec<String>,
    pub attack: Vec<String>,
    pub other_time: Vec<String>,
    pub not_so: Vec<String>,
    pub numbering: Vec<String>,
    pub places: Vec<String>,
    pub places_open: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetWords {
    pub damage: Vec<String>,
    pub units: Vec<String>,
    pub unharmed: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    pub class: String,
    pub words: Vec<String>,
}

impl Target {
    pub fn facility_class(&self) -> Option<FacilityClass> {
        FacilityClass::ALL.into_iter().find(|c| c.word() == self.class)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    pub verbs: Vec<String>,
    pub openers: Vec<String>,
    pub ends: Vec<String>,
    pub articles: Vec<String>,
    pub pronouns: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dates {
    pub night: Vec<String>,
    pub last_night: Vec<String>,
    pub today: Vec<String>,
    pub yesterday: Vec<String>,
    pub published: Vec<String>,
    pub on: Vec<String>,
    pub clock: Vec<String>,
    pub morning: Vec<String>,
    pub afternoon: Vec<String>,
    pub evening: Vec<String>,
    pub night_joins: Vec<String>,
    pub months: BTreeMap<String, i8>,
    pub weekdays: BTreeMap<String, i8>,
    pub ordinals: Vec<String>,
}

impl Phrases {
    pub fn english() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../../phrases/en.toml"))
    }
}

/// Number of tokens from `at` on that `phrase` matches; 0 if it does not.
pub(super) fn matched(tokens: &[Token], at: usize, phrase: &str) -> usize {
    let mut length = 0;
    for word in phrase.split(' ') {
        if tokens.get(at + length).is_none_or(|t| t.word != word) {
            return 0;
        }
        length += 1;
    }
    length
}

/// The longest of `phrases` at `at`, in tokens; 0 if none matches.
pub(super) fn longest(tokens: &[Token], at: usize, phrases: &[String]) -> usize {
    phrases.iter().map(|p| matched(tokens, at, p)).max().unwrap_or(0)
}

/// The longest phrase at `at` of several lists: its length and what its list stands for.
pub(super) fn longest_of<'p, T>(
    tokens: &[Token],
    at: usize,
    lists: impl IntoIterator<Item = (&'p [String], T)>,
) -> Option<(usize, T)> {
    let mut best: Option<(usize, T)> = None;
    for (words, meaning) in lists {
        let length = longest(tokens, at, words);
        if length > best.as_ref().map_or(0, |(l, _)| *l) {
            best = Some((length, meaning));
        }
    }
    best
}

/// True if one of `phrases` is anywhere in `tokens`.
pub(super) fn anywhere(tokens: &[Token], phrases: &[String]) -> bool {
    (0..tokens.len()).any(|at| longest(tokens, at, phrases) > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_english_file_is_whole() {
        let phrases = Phrases::english().unwrap();
        for weapon in &phrases.weapon {
            let has_class = matches!(weapon.level, Level::Class | Level::Model);
            assert_eq!(weapon.munition().is_some(), has_class, "{:?}", weapon.words);
        }
        for target in &phrases.target {
            let other = ["energy", "not_computed"].contains(&target.class.as_str());
            assert_ne!(target.facility_class().is_some(), other, "{}", target.class);
        }
        assert!(phrases.qualifier.iter().all(|q| q.low <= q.high));
    }
}
