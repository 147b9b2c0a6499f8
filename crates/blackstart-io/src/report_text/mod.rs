//! A situation report in plain text → a proposal of a strike, each value with its sentence.
//!
//! Nothing here runs a strike: what is read is a draft for a person to check. The words of
//! the language are in `phrases/`; the rules are in `docs/reading-reports.md`.

mod counts;
mod dates;
mod draft;
mod mentions;
mod phrases;
mod said;
mod text;
mod waves;

use std::io::Read;
use std::path::{Path, PathBuf};

use blackstart::region::FacilityClass;
use blackstart::scenario::{ByMunition, Interval};
use jiff::civil::{Date, DateTime};

use crate::codes;
use crate::input_file::{self, Encoding, hex};
use crate::problem::{InputProblem, Problems};
use phrases::Phrases;
use sha2::{Digest, Sha256};

/// Largest report.
const MAX_REPORT_BYTES: u64 = 1 << 20;

/// What reading a report gave.
#[derive(Clone, Debug)]
pub struct ReadReport {
    /// The report, if the text is one.
    pub report: Option<Report>,
    /// What is wrong with the file, or why it is no report.
    pub problems: Vec<InputProblem>,
}

/// What was read from a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The file, as the user named it.
    pub file: PathBuf,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// The day it came out, if it says so or the user did.
    pub published: Option<Date>,
    /// The strikes it tells of, in the order of their dates.
    pub waves: Vec<ReadWave>,
    /// Sentences with counts or weapons that were not used, and why.
    pub unread: Vec<Unread>,
}

/// A strike that a report tells of.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadWave {
    /// First and last day: two for a night, the same for a day.
    pub days: Option<(Date, Date)>,
    /// Local time that stands for it, and what the report says of it.
    pub time: Option<(DateTime, &'static str)>,
    /// The sentence that the date is from.
    pub dated: Option<Evidence>,
    /// Launched, by class of weapon.
    pub launched: ByMunition<Option<Value>>,
    /// Share shot down or lost, by class of weapon; ends rounded outwards to hundredths.
    pub stopped_share: ByMunition<Option<Value>>,
    /// Every count of weapons in the report, as read.
    pub counts: Vec<ReadCount>,
    /// What is said to be hit.
    pub struck: Vec<ReadTarget>,
}

/// A count of weapons as the report gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadCount {
    /// `launched`, `shot_down`, `lost` or `hit`.
    pub outcome: &'static str,
    /// The weapon, in the report's word.
    pub weapon: String,
    /// Read as this interval.
    pub count: Interval,
    /// Where.
    pub from: Evidence,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The interval.
    pub interval: Interval,
    /// The sentences, the one that decided first.
    pub from: Vec<Evidence>,
    /// How it follows from them, where they do not say it as it is.
    pub note: Option<String>,
}

/// A kind of facility said to be hit.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadTarget {
    /// The report's word.
    pub name: String,
    /// The class, if it is one of ours.
    pub class: Option<FacilityClass>,
    /// How many, if told.
    pub count: Option<Interval>,
    /// Where.
    pub from: Evidence,
}

/// The words that a value was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The words themselves.
    pub words: String,
    /// Their sentence.
    pub sentence: String,
    /// Line of the sentence, from 1.
    pub line: usize,
    /// Column of the sentence, from 1, in characters.
    pub column: usize,
    /// Whom the sentence names as its source.
    pub said_by: Option<String>,
}

/// A sentence that was not used.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    /// The sentence.
    pub sentence: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// Why.
    pub why: String,
}

/// Reads the report `path`; `-` is the standard input. `published` is the day it came out,
/// where the text does not say so.
#[must_use]
pub fn read_report(path: &Path, published: Option<Date>) -> ReadReport {
    let mut problems = Problems::default();
    let file = if path == Path::new("-") {
        from_stdin(&mut problems)
    } else {
        let file = input_file::read(path, MAX_REPORT_BYTES, Encoding::Utf8, &mut problems);
        file.map(|f| (f.text, f.sha256))
    };
    match file {
        Some((text, sha256)) => {
            let mut read = parse_report(&text, path, published);
            if let Some(report) = &mut read.report {
                report.sha256 = sha256;
            }
            read
        }
        None => ReadReport { report: None, problems: problems.finish(path) },
    }
}

/// Reads a report's `text`; `name` stands for its file in messages.
#[must_use]
pub fn parse_report(text: &str, name: &Path, published: Option<Date>) -> ReadReport {
    let refuse = |problem: InputProblem| ReadReport { report: None, problems: vec![problem] };
    let phrases = match Phrases::english() {
        Ok(phrases) => phrases,
        Err(error) => {
            let message = format!("the phrases of the language cannot be read: {error}");
            return refuse(InputProblem::error(codes::BAD_SYNTAX, name, message));
        }
    };
    match waves::read(&phrases, text, published) {
        Ok(read) => ReadReport {
            report: Some(Report {
                file: name.to_path_buf(),
                sha256: hex(&Sha256::digest(text.as_bytes())),
                published: read.published,
                waves: read.waves,
                unread: read.unread,
            }),
            problems: Vec::new(),
        },
        Err(why) => {
            let latin = text.chars().filter(|c| c.is_ascii_alphabetic()).count();
            let other = text.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).count();
            let help = if other > latin {
                format!("only {} is read so far", phrases.language)
            } else {
                String::from("a report counts missiles or drones and says what became of them")
            };
            let message = format!("this does not read as a report of a strike: {why}");
            refuse(InputProblem::error(codes::NO_REPORT, name, message).help(help))
        }
    }
}

fn from_stdin(problems: &mut Problems) -> Option<(String, String)> {
    let name = Path::new("-");
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().take(MAX_REPORT_BYTES + 1).read_to_end(&mut bytes) {
        let message = format!("the standard input cannot be read: {error}");
        problems.push(InputProblem::error(codes::CANNOT_READ, name, message));
        return None;
    }
    if bytes.len() as u64 > MAX_REPORT_BYTES {
        let message = "the text is larger than 1 MiB";
        problems.push(InputProblem::error(codes::TOO_LARGE, name, message));
        return None;
    }
    let sha256 = hex(&Sha256::digest(&bytes));
    match String::from_utf8(bytes) {
        Ok(text) => Some((text, sha256)),
        Err(_) => {
            let message = "the text is not UTF-8";
            problems.push(InputProblem::error(codes::NOT_TEXT, name, message));
            None
        }
    }
}

#[cfg(test)]
mod tests;
