//! Who says so, and what is said to be hit.

use std::ops::Range;

use blackstart::region::FacilityClass;

use super::counts::{Count, count};
use super::phrases::{Phrases, anywhere, longest, longest_of};
use super::text::{Kind, Sentence, Token};

/// Longest name of a source, words.
const LONGEST_NAME: usize = 12;

/// Who a sentence names as its source.
pub(super) fn said_by(phrases: &Phrases, sentence: &Sentence) -> Option<String> {
    let (tokens, said) = (&sentence.tokens, &phrases.said);
    let ends =
        |t: &Token| !matches!(t.kind, Kind::Word | Kind::Number(_)) || said.ends.contains(&t.word);
    for at in 0..tokens.len() {
        let length = longest(tokens, at, &said.openers);
        if length > 0 {
            let name: Vec<&Token> =
                tokens[at + length..].iter().take_while(|t| !ends(t)).take(LONGEST_NAME).collect();
            if let Some(told) = told(phrases, &name) {
                return Some(told);
            }
        }
    }
    for at in 0..tokens.len() {
        // A capital is a headline's: "Situation Report".
        if longest(tokens, at, &said.verbs) == 0 || tokens[at].capital {
            continue;
        }
        let begin = (0..at)
            .rev()
            .find(|k| ends(&tokens[*k]) && !tokens[*k].is_mark(&['\'']))
            .map_or(0, |k| k + 1);
        let before: Vec<&Token> = tokens[begin..at].iter().collect();
        // "…, the ministry said": the name is before the verb; else after it.
        if before.len() <= LONGEST_NAME
            && before.iter().any(|t| t.capital || said.articles.contains(&t.word))
            && before.iter().all(|t| t.kind == Kind::Word)
            && let Some(told) = told(phrases, &before)
        {
            return Some(told);
        }
        let opens = at == 0 || ends(&tokens[at - 1]);
        // "said Minister O. Example": an initial's full stop ends no name.
        let initial = |k: usize| {
            tokens[k].is_mark(&['.']) && tokens[k - 1].capital && tokens[k - 1].word.len() == 1
        };
        let after: Vec<&Token> = (at + 1..tokens.len())
            .take_while(|k| !ends(&tokens[*k]) || initial(*k))
            .filter(|k| !initial(*k))
            .map(|k| &tokens[k])
            .take(LONGEST_NAME)
            .collect();
        if opens
            && after.first().is_some_and(|t| t.capital || said.articles.contains(&t.word))
            && let Some(told) = told(phrases, &after)
        {
            return Some(told);
        }
    }
    None
}

/// A name as its author wrote it is lost with the lower case; capitals are put back.
fn told(phrases: &Phrases, name: &[&Token]) -> Option<String> {
    if name.is_empty() || name.iter().all(|t| phrases.said.pronouns.contains(&t.word)) {
        return None;
    }
    let words: Vec<String> = name
        .iter()
        .enumerate()
        .map(|(k, t)| match t.word.chars().next() {
            Some(c) if t.capital && !(k == 0 && phrases.said.articles.contains(&t.word)) => {
                c.to_uppercase().chain(t.word.chars().skip(1)).collect()
            }
            _ => t.word.clone(),
        })
        .collect();
    Some(words.join(" "))
}

/// A kind of facility that a sentence says was hit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Struck {
    /// Its name in the report.
    pub name: String,
    /// Its class, if it is computed here; none for "energy facilities" and the like.
    pub class: Option<FacilityClass>,
    /// A kind that is not computed here.
    pub not_computed: bool,
    /// How many, if told.
    pub count: Option<(u32, u32)>,
    /// The tokens of that count.
    pub counted: Range<usize>,
}

/// What a sentence says was hit. `taken` marks tokens whose numbers count something else.
pub(super) fn struck(phrases: &Phrases, sentence: &Sentence, taken: &[bool]) -> Vec<Struck> {
    let tokens = &sentence.tokens;
    if !anywhere(tokens, &phrases.targets.damage) || anywhere(tokens, &phrases.targets.unharmed) {
        return Vec::new();
    }
    let mut found: Vec<Struck> = Vec::new();
    let mut at = 0;
    let mut counted: Option<(Range<usize>, (u32, u32))> = None;
    while at < tokens.len() {
        let lists = phrases.target.iter().map(|t| (t.words.as_slice(), t));
        if let Some((length, target)) = longest_of(tokens, at, lists) {
            let name: Vec<&str> = tokens[at..at + length].iter().map(|t| t.word.as_str()).collect();
            // "three high-voltage substations": a word or two may stand between.
            let counted = counted.take().filter(|(tokens, _)| at - tokens.end <= 2).unzip();
            found.push(Struck {
                name: name.join(" "),
                class: target.facility_class(),
                not_computed: target.class == "not_computed",
                count: counted.1,
                counted: counted.0.unwrap_or(0..0),
            });
            at += length;
            continue;
        }
        let unit = |c: &Count| longest(tokens, c.end, &phrases.targets.units) > 0;
        match count(phrases, tokens, at)
            .filter(|c| !unit(c))
            .filter(|c| !taken[at..c.end].contains(&true))
        {
            Some(c) => {
                counted = Some((at..c.end, (c.low, c.high)));
                at = c.end;
            }
            None => at += 1,
        }
    }
    found
}
