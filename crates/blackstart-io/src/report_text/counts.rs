//! Counts as reports give them, and the interval each is read as.
//!
//! The rule (shares are in the file of phrases): "70" is [70, 70]; "nearly 70" is
//! [63, 70], "about 70" [63, 77], "more than 70" [71, 77], "at least 70" [70, 77],
//! "up to 70" [35, 70], "60 to 70" [60, 70]; "dozens" is [24, 99]. Ends are rounded
//! inwards to whole numbers.

use super::phrases::{Phrases, longest, matched};
use super::text::Token;

/// Largest count that is taken for one.
const MOST: f64 = 10_000.0;

/// A count, and the tokens that say it: from where it was asked for up to `end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Count {
    pub low: u32,
    pub high: u32,
    pub end: usize,
}

/// The count that begins at `at`.
pub(super) fn count(phrases: &Phrases, tokens: &[Token], at: usize) -> Option<Count> {
    let vague = phrases
        .vague
        .iter()
        .map(|(words, range)| (matched(tokens, at, words), range))
        .filter(|(length, _)| *length > 0)
        .max_by_key(|(length, _)| *length);
    if let Some((length, [low, high])) = vague {
        return whole(*low, *high, at + length);
    }
    let mut start = at;
    let mut rule = None;
    // "at least about 70": the last word before the number counts.
    while let Some((length, next)) = phrases
        .qualifier
        .iter()
        .map(|q| (longest(tokens, start, &q.words), q))
        .filter(|(length, _)| *length > 0)
        .max_by_key(|(length, _)| *length)
    {
        start += length;
        rule = Some(next);
    }
    start += longest(tokens, start, &phrases.range.opens);
    let (first, mut end) = number(phrases, tokens, start)?;
    let mut second = None;
    let dash = tokens.get(end).is_some_and(|t| t.is_mark(&['-', '–', '—']));
    let word = longest(tokens, end, &phrases.range.between);
    let gap = if dash { 1 } else { word };
    if gap > 0
        && (dash || longest(tokens, end, &phrases.range.alone) > 0 || start > at)
        && let Some((last, after)) = number(phrases, tokens, end + gap)
        && last > first
        && (dash || rule.is_none())
    {
        second = Some(last);
        end = after;
    }
    if let Some(second) = second {
        return whole(first, second, end);
    }
    let Some(rule) = rule else { return whole(first, first, end) };
    let (mut low, mut high) =
        ((rule.low * first - 1e-9).ceil(), (rule.high * first + 1e-9).floor());
    if rule.without {
        if rule.low >= 1.0 {
            low = low.max(first + 1.0);
            high = high.max(low);
        } else {
            high = high.min(first - 1.0);
            low = low.min(high);
        }
    }
    whole(low, high, end)
}

fn whole(low: f64, high: f64, end: usize) -> Option<Count> {
    let fits =
        low.fract() == 0.0 && high.fract() == 0.0 && low >= 0.0 && high <= MOST && low <= high;
    fits.then_some(Count { low: low as u32, high: high as u32, end })
}

/// A number in digits or words, with its scale, and the token after it.
fn number(phrases: &Phrases, tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let token = tokens.get(at)?;
    let word = |word: &str| phrases.number_words.get(word).copied();
    let (mut value, mut end) = match token.number() {
        Some(value) => (value, at + 1),
        None => (in_words(&token.word, &word)?, at + 1),
    };
    let mut scaled = false;
    while let Some(scale) = tokens.get(end).and_then(|t| phrases.scales.get(&t.word)) {
        value *= scale;
        scaled = true;
        end += 1;
    }
    // "one hundred and ninety".
    if scaled && value >= 100.0 {
        let and = longest(tokens, end, &phrases.range.in_words);
        if let Some(more) = tokens.get(end + and).and_then(|t| in_words(&t.word, &word))
            && more < 100.0
        {
            value += more;
            end += and + 1;
        }
    }
    Some((value, end))
}

/// "seventy", "sixty-seven".
fn in_words(text: &str, word: &impl Fn(&str) -> Option<f64>) -> Option<f64> {
    word(text).or_else(|| {
        let (tens, ones) = text.split_once('-')?;
        let (tens, ones) = (word(tens)?, word(ones)?);
        (tens >= 20.0 && (1.0..10.0).contains(&ones)).then_some(tens + ones)
    })
}

#[cfg(test)]
mod tests {
    use super::super::text::sentences;
    use super::*;

    #[test]
    fn counts_become_intervals_by_the_rule() {
        let phrases = Phrases::english().unwrap();
        let cases = [
            ("nearly 70 missiles", Some((63, 70))),
            ("almost 200 attack drones", Some((180, 200))),
            ("67 missiles", Some((67, 67))),
            ("about 70", Some((63, 77))),
            ("more than 70", Some((71, 77))),
            ("more than 5", Some((6, 6))),
            ("at least 70", Some((70, 77))),
            ("up to 70", Some((35, 70))),
            ("fewer than 70", Some((63, 69))),
            ("60 to 70", Some((60, 70))),
            ("60–70", Some((60, 70))),
            ("between 60 and 70 missiles", Some((60, 70))),
            ("dozens of drones", Some((24, 99))),
            ("two dozen", Some((24, 24))),
            ("sixty-seven", Some((67, 67))),
            ("one hundred and ninety-four", Some((194, 194))),
            ("1,200 drones", Some((1200, 1200))),
            ("1.2 thousand", Some((1200, 1200))),
            ("1.5 drones", None),
            ("50% of", None),
            ("at 20:30", None),
            ("99,999 drones", None),
            ("drones", None),
        ];
        for (text, expected) in cases {
            let sentence = sentences(text).remove(0);
            let found = count(&phrases, &sentence.tokens, 0).map(|c| (c.low, c.high));
            assert_eq!(found, expected, "{text}");
        }
    }
}
