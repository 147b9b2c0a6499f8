//! What was read, as a draft in TOML for a person to check, and as JSON for programs.

use std::fmt::Write;
use std::path::Path;

use blackstart::scenario::{Interval, Munition};
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::waves::words;
use super::{Evidence, ReadWave, Report, Unread, Value};
use crate::grid_file::{WriteGridError, place};

impl Report {
    /// The draft: `[[strike]]` tables for a scenario, each value under the sentence that it
    /// is from. It reads back as part of a scenario.
    #[must_use]
    pub fn draft(&self) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = self.write_draft(&mut out);
        out
    }

    /// Writes `text`, a draft or its JSON, to a file as a whole or not at all.
    ///
    /// # Errors
    /// If something is there and `overwrite` is not set, or the file cannot be written.
    pub fn write(path: &Path, text: &str, overwrite: bool) -> Result<(), WriteGridError> {
        place::file(path, text.as_bytes(), overwrite)
    }

    fn write_draft(&self, out: &mut String) -> std::fmt::Result {
        let file = clean(&self.file.display().to_string());
        writeln!(out, "# DRAFT, read from {file} by `blackstart read`. It is a proposal.")?;
        writeln!(
            out,
            "# Check each value against the sentence above it, correct what is wrong, and copy"
        )?;
        writeln!(
            out,
            "# the tables into a scenario. What is not stated takes the scenario's defaults."
        )?;
        writeln!(out, "# SHA-256 of the text: {}", self.sha256)?;
        if let Some(day) = self.published {
            writeln!(out, "# The report came out on {day}.")?;
        }
        for wave in &self.waves {
            writeln!(out)?;
            write_wave(out, wave)?;
        }
        if !self.unread.is_empty() {
            writeln!(out, "\n# Not read, for you to judge:")?;
            for Unread { sentence, line, why, .. } in &self.unread {
                writeln!(out, "#   line {line}: \"{sentence}\"\n#     {why}")?;
            }
        }
        Ok(())
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Json {
        json!({
            "file": self.file.display().to_string(),
            "sha256": self.sha256,
            "published": self.published.map(|d| d.to_string()),
            "strikes": self.waves.iter().map(wave_json).collect::<Vec<_>>(),
            "not_read": self.unread.iter().map(|u| json!({
                "sentence": u.sentence, "line": u.line, "column": u.column, "why": u.why,
            })).collect::<Vec<_>>(),
        })
    }
}

fn write_wave(out: &mut String, wave: &ReadWave) -> std::fmt::Result {
    writeln!(out, "[[strike]]")?;
    match wave.days {
        Some(days) => writeln!(out, "name = \"Strike of {}\"", day_words(days))?,
        None => writeln!(out, "name = \"Strike\"")?,
    }
    match &wave.time {
        Some((time, said)) => {
            if let Some(from) = &wave.dated {
                write_evidence(out, from, false)?;
            }
            writeln!(out, "# The hour is ours, for: {said}.")?;
            writeln!(out, "time = {time}")?;
        }
        None => {
            writeln!(out, "# The report does not say when, or not in which year: state it.")?;
            writeln!(out, "at_h = 0")?;
        }
    }
    for (munition, value) in Munition::ALL.iter().zip(&wave.launched) {
        if let Some(value) = value {
            writeln!(out)?;
            write_value(out, value)?;
            writeln!(out, "{} = {}", munition.word(), toml(value.interval))?;
        }
    }
    let shares: Vec<_> = Munition::ALL
        .iter()
        .zip(&wave.stopped_share)
        .filter_map(|(m, v)| Some((m, v.as_ref()?)))
        .collect();
    if !shares.is_empty() {
        writeln!(out)?;
        let mut told: Option<&Value> = None;
        for (_, value) in &shares {
            if told != Some(*value) {
                write_value(out, value)?;
            }
            told = Some(*value);
        }
        let all: Vec<String> =
            shares.iter().map(|(m, v)| format!("{} = {}", m.word(), toml(v.interval))).collect();
        writeln!(out, "intercepted = {{ {} }}", all.join(", "))?;
    }
    if !wave.struck.is_empty() {
        writeln!(out, "\n# Said to be hit:")?;
        for target in &wave.struck {
            let count = target.count.map(|c| format!("{} ", words(c))).unwrap_or_default();
            writeln!(out, "#   {count}{}", target.name)?;
            write_evidence(out, &target.from, false)?;
        }
        let mut classes: Vec<&str> =
            wave.struck.iter().filter_map(|t| Some(t.class?.word())).collect();
        classes.sort_unstable();
        classes.dedup();
        if !classes.is_empty() {
            writeln!(out, "# Odds for these classes alone, each alike, would be:")?;
            let odds: Vec<String> = classes.iter().map(|c| format!("{c} = 1")).collect();
            writeln!(out, "# class_odds = {{ {} }}", odds.join(", "))?;
        }
    }
    Ok(())
}

fn write_value(out: &mut String, value: &Value) -> std::fmt::Result {
    for from in &value.from {
        write_evidence(out, from, true)?;
    }
    if let Some(note) = &value.note {
        writeln!(out, "# {note}.")?;
    }
    Ok(())
}

fn write_evidence(out: &mut String, from: &Evidence, words: bool) -> std::fmt::Result {
    if words {
        write!(out, "# \"{}\", ", from.words)?;
    } else {
        write!(out, "# ")?;
    }
    write!(out, "line {}: \"{}\"", from.line, from.sentence)?;
    match &from.said_by {
        Some(who) => writeln!(out, " Said by: {who}."),
        None => writeln!(out, " No source named."),
    }
}

fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn toml(interval: Interval) -> String {
    if interval.low == interval.high {
        format!("{}", interval.low)
    } else {
        format!("[{}, {}]", interval.low, interval.high)
    }
}

fn day_words((first, last): (Date, Date)) -> String {
    if first == last { first.to_string() } else { format!("the night {first} to {last}") }
}

fn wave_json(wave: &ReadWave) -> Json {
    let values = |values: &[Option<Value>]| -> Json {
        Munition::ALL
            .iter()
            .zip(values)
            .filter_map(|(m, v)| Some((m.word().to_owned(), value_json(v.as_ref()?))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "from": wave.days.map(|d| d.0.to_string()),
        "to": wave.days.map(|d| d.1.to_string()),
        "time": wave.time.map(|t| t.0.to_string()),
        "time_said": wave.time.map(|t| t.1),
        "dated_by": wave.dated.as_ref().map(evidence_json),
        "launched": values(&wave.launched),
        "intercepted_share": values(&wave.stopped_share),
        "counts": wave.counts.iter().map(|c| json!({
            "outcome": c.outcome,
            "weapon": c.weapon,
            "count": [c.count.low, c.count.high],
            "from": evidence_json(&c.from),
        })).collect::<Vec<_>>(),
        "said_to_be_hit": wave.struck.iter().map(|t| json!({
            "name": t.name,
            "class": t.class.map(blackstart::region::FacilityClass::word),
            "count": t.count.map(|c| [c.low, c.high]),
            "from": evidence_json(&t.from),
        })).collect::<Vec<_>>(),
    })
}

fn value_json(value: &Value) -> Json {
    json!({
        "interval": [value.interval.low, value.interval.high],
        "note": value.note,
        "from": value.from.iter().map(evidence_json).collect::<Vec<_>>(),
    })
}

fn evidence_json(from: &Evidence) -> Json {
    json!({
        "words": from.words,
        "sentence": from.sentence,
        "line": from.line,
        "column": from.column,
        "said_by": from.said_by,
    })
}
