//! When: dates as reports write them, nights between two days, and days told from the
//! day the report came out.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::phrases::{Phrases, anywhere, longest};
use super::text::{Kind, Sentence, Token};

/// Part of the day, and the hour that stands for it in a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Night,
    Morning,
    Afternoon,
    Evening,
    Unsaid,
}

impl Part {
    /// Word for people, and the hour that stands for it.
    pub fn told(self) -> (&'static str, i8) {
        match self {
            Self::Night => ("night", 2),
            Self::Morning => ("morning", 7),
            Self::Afternoon => ("afternoon", 13),
            Self::Evening => ("evening", 20),
            Self::Unsaid => ("time of day not told", 2),
        }
    }
}

/// One day, or the night between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    pub first: Date,
    pub last: Date,
    pub part: Part,
    /// Full hour at which it began, if told.
    pub clock: Option<i8>,
}

impl When {
    /// True if both may mean the same night or day.
    pub fn meets(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// A date found: tokens `from..end`, days of the month, the year if told.
struct Written {
    from: usize,
    end: usize,
    first: (i8, i8),
    last: (i8, i8),
    year: Option<i16>,
}

/// The day a text came out: a line that is little else than a date, a dateline, or a line
/// that says so.
pub(super) fn published(phrases: &Phrases, sentences: &[Sentence]) -> Option<Date> {
    sentences.iter().take(8).find_map(|sentence| {
        let tokens = &sentence.tokens;
        let found = written(phrases, tokens, 0).into_iter().find(|w| w.year.is_some())?;
        let alone = tokens.len() <= 6;
        let dateline = found.from <= 4
            && tokens[found.end..]
                .iter()
                .take(8)
                .any(|t| t.is_mark(&['—', '–', '-', '(', ')', ':']));
        let says_so = anywhere(tokens, &phrases.dates.published);
        (alone || dateline || says_so)
            .then(|| Date::new(found.year?, found.last.1, found.last.0).ok())?
    })
}

/// The only year that a text's dates name.
pub(super) fn year(phrases: &Phrases, sentences: &[Sentence]) -> Option<i16> {
    sentences.iter().flat_map(|s| written(phrases, &s.tokens, 0)).find_map(|w| w.year)
}

/// Tokens that are dates, to keep their numbers from being counts.
pub(super) fn taken(phrases: &Phrases, tokens: &[Token]) -> Vec<bool> {
    let mut taken = vec![false; tokens.len()];
    for date in written(phrases, tokens, 0) {
        taken[date.from..date.end].fill(true);
    }
    taken
}

/// When a sentence says it was. `year` stands in where none is written.
pub(super) fn when(
    phrases: &Phrases,
    sentence: &Sentence,
    published: Option<Date>,
    year: Option<i16>,
) -> Option<When> {
    let tokens = &sentence.tokens;
    let words = &phrases.dates;
    let part = [
        (&words.night, Part::Night),
        (&words.morning, Part::Morning),
        (&words.afternoon, Part::Afternoon),
        (&words.evening, Part::Evening),
    ]
    .into_iter()
    .find(|(list, _)| anywhere(tokens, list))
    .map_or(Part::Unsaid, |(_, part)| part);
    let clock = (1..tokens.len()).find_map(|k| {
        let opens = words.clock.contains(&tokens[k - 1].word);
        let (hour, minute) = tokens[k].word.split_once(':').filter(|_| opens)?;
        let _: u8 = minute.parse().ok().filter(|m| *m < 60)?;
        hour.parse::<i8>().ok().filter(|h| (0..24).contains(h))
    });
    // A line that is little else than a date tells when the report came out.
    let dates = written(phrases, tokens, 0);
    let dates: &[Written] = if tokens.len() <= 6 { &[] } else { &dates };
    let spoken = dates.iter().find_map(|w| {
        let year = w.year.or(published.map(Date::year)).or(year)?;
        let first = Date::new(year, w.first.1, w.first.0).ok()?;
        let last = Date::new(year, w.last.1, w.last.0).ok()?;
        let first = if first > last { first.checked_sub(1.year()).ok()? } else { first };
        Some((first, last))
    });
    let night_before = |day: Date| day.checked_sub(1.day()).unwrap_or(day);
    let as_night = |(first, last): (Date, Date)| {
        let first = if part == Part::Night && first == last { night_before(last) } else { first };
        When { first, last, part: if first < last { Part::Night } else { part }, clock }
    };
    // A dateline before "overnight" tells the morning after, and so does a date with it.
    if let Some(spoken) = spoken {
        return Some(as_night(spoken));
    }
    let published = published?;
    if anywhere(tokens, &words.last_night) {
        return Some(as_night((published, published)));
    }
    if anywhere(tokens, &words.yesterday) {
        let day = night_before(published);
        return Some(When { first: day, last: day, part, clock });
    }
    let weekday = tokens.iter().find_map(|t| words.weekdays.get(&t.word).filter(|_| t.capital));
    if let Some(wanted) = weekday.and_then(|n| Weekday::from_monday_one_offset(*n).ok()) {
        let back = i64::from(wanted.until(published.weekday()));
        let day = published.checked_sub(back.days()).ok()?;
        return Some(as_night((day, day)));
    }
    anywhere(tokens, &words.today).then_some(When {
        first: published,
        last: published,
        part,
        clock,
    })
}

/// Every date written out in `tokens`.
fn written(phrases: &Phrases, tokens: &[Token], from: usize) -> Vec<Written> {
    let mut found = Vec::new();
    let mut at = from;
    while at < tokens.len() {
        match date_at(phrases, tokens, at) {
            Some(date) => {
                at = date.end;
                found.push(date);
            }
            None => at += 1,
        }
    }
    found
}

fn date_at(phrases: &Phrases, tokens: &[Token], at: usize) -> Option<Written> {
    if let Some((year, month, day)) = in_digits(&tokens[at].word) {
        let day = (day, month);
        return Some(Written { from: at, end: at + 1, first: day, last: day, year: Some(year) });
    }
    let month = |at: usize| {
        let token = tokens.get(at).filter(|t| t.capital)?;
        phrases.dates.months.get(&token.word).copied()
    };
    let joint = |at: usize| {
        let mark = tokens.get(at).is_some_and(|t| t.is_mark(&['-', '–', '—', '/']));
        if mark { 1 } else { longest(tokens, at, &phrases.dates.night_joins) }
    };
    let (first, last, mut end);
    if let Some(named) = month(at) {
        // March 6–7, March 6 to March 7.
        let mut next = at + 1;
        next += usize::from(tokens.get(next).is_some_and(|t| t.is_mark(&['.'])));
        let day = day(phrases, tokens.get(next)?)?;
        first = (day, named);
        end = next + 1;
        let gap = joint(end);
        let other = month(end + gap);
        let skip = usize::from(other.is_some());
        let second = tokens.get(end + gap + skip).and_then(|t| self::day(phrases, t));
        match second.filter(|s| gap > 0 && follows(first, (*s, other.unwrap_or(named)))) {
            Some(second) => {
                last = (second, other.unwrap_or(named));
                end += gap + skip + 1;
            }
            None => last = first,
        }
    } else {
        // 7 March, 6–7 March, 28 February to 1 March.
        let day = day(phrases, &tokens[at])?;
        let of = |at: usize| at + longest(tokens, at, &phrases.dates.on);
        let own = month(of(at + 1));
        let after = if own.is_some() { of(at + 1) + 1 } else { at + 1 };
        let gap = joint(after);
        let second = tokens.get(after + gap).and_then(|t| self::day(phrases, t));
        let other = month(of(after + gap + 1));
        match (second, other, own) {
            (Some(second), Some(named), _)
                if gap > 0 && follows((day, own.unwrap_or(named)), (second, named)) =>
            {
                first = (day, own.unwrap_or(named));
                last = (second, named);
                end = of(after + gap + 1) + 1;
            }
            (_, _, Some(named)) => {
                first = (day, named);
                last = first;
                end = after;
            }
            _ => return None,
        }
    }
    let comma = usize::from(tokens.get(end).is_some_and(|t| t.is_mark(&[','])));
    let year = tokens.get(end + comma).and_then(Token::number);
    let year = year.filter(|y| (1900.0..2200.0).contains(y) && y.fract() == 0.0);
    if year.is_some() {
        end += comma + 1;
    }
    Some(Written { from: at, end, first, last, year: year.map(|y| y as i16) })
}

/// The day after, as a night needs: day and month of each.
fn follows(first: (i8, i8), last: (i8, i8)) -> bool {
    if first.1 == last.1 { last.0 == first.0 + 1 } else { last.0 == 1 && first.0 >= 28 }
}

fn day(phrases: &Phrases, token: &Token) -> Option<i8> {
    let value = match token.kind {
        Kind::Number(value) => value,
        Kind::Figure => {
            let digits = token.word.trim_end_matches(|c: char| c.is_ascii_lowercase());
            let suffix = &token.word[digits.len()..];
            phrases.dates.ordinals.iter().any(|o| o == suffix).then(|| digits.parse().ok())??
        }
        Kind::Word | Kind::Mark(_) => return None,
    };
    (value.fract() == 0.0 && (1.0..=31.0).contains(&value)).then_some(value as i8)
}

/// 2025-03-07 or 07.03.2025, both unambiguous.
fn in_digits(word: &str) -> Option<(i16, i8, i8)> {
    let split: Vec<&str> = word.split(['-', '.']).collect();
    let [a, b, c] = split.as_slice() else { return None };
    let (year, month, day) = if a.len() == 4 && word.contains('-') {
        (a, b, c)
    } else if c.len() == 4 && word.contains('.') {
        (c, b, a)
    } else {
        return None;
    };
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some((date.year(), date.month(), date.day()))
}

#[cfg(test)]
mod tests {
    use super::super::text::sentences;
    use super::*;

    #[test]
    fn dates_are_read_in_many_shapes() {
        let phrases = Phrases::english().unwrap();
        let published = Some(jiff::civil::date(2025, 3, 7));
        let cases = [
            ("They came on the night of 6-7 March 2025 in waves.", "2025-03-06/2025-03-07 Night"),
            ("They came on the night of March 6 to 7 in waves.", "2025-03-06/2025-03-07 Night"),
            ("They came overnight on 7 March in large waves.", "2025-03-06/2025-03-07 Night"),
            ("They came on the night of 28 February to 1 March.", "2025-02-28/2025-03-01 Night"),
            ("They came at dawn on March 5th, 2024, in waves.", "2024-03-05/2024-03-05 Morning"),
            ("They came on the evening of 2025-03-04 in waves.", "2025-03-04/2025-03-04 Evening"),
            ("They came overnight in several very large waves.", "2025-03-06/2025-03-07 Night"),
            ("They came on Wednesday in several large waves.", "2025-03-05/2025-03-05 Unsaid"),
            ("They came on Friday in several very large waves.", "2025-03-07/2025-03-07 Unsaid"),
            ("They may have come in several very large waves.", "none"),
        ];
        for (text, expected) in cases {
            let sentence = &sentences(text)[0];
            let found = when(&phrases, sentence, published, None);
            let told = found.map_or_else(
                || String::from("none"),
                |w| format!("{}/{} {:?}", w.first, w.last, w.part),
            );
            assert_eq!(told, expected, "{text}");
        }
    }
}
