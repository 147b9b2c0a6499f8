//! Reading CSV tables: a header with units in its names, then rows; every value with its
//! line and column.

use std::path::Path;
use std::rc::Rc;

use blackstart::region::{Position, Queue, closest};

use super::units;
use crate::codes;
use crate::input_file::InputFile;
use crate::problem::{InputProblem, MAX_PROBLEMS, Problems};
use crate::sources::RowPlaces;

/// A table of a format: its columns, the required ones first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// All columns in the order they are written.
    pub columns: &'static [&'static str],
    /// How many of the first columns must be there.
    pub required: usize,
}

/// After so many bad rows the rest of a table is not looked at: it is another format.
const MAX_BAD_ROWS: usize = 20 * MAX_PROBLEMS;

/// What reading a table gave.
pub(crate) struct TableRead<T> {
    /// The rows; those with bad values too, so that references to them are known.
    pub rows: Vec<T>,
    /// Positions of the rows with bad values.
    pub bad: Vec<usize>,
    /// False when the header is wrong or rows are missing.
    pub complete: bool,
    /// Where the rows stand.
    pub places: RowPlaces,
}

/// Reads all rows of `file` with `read_row`.
pub(crate) fn read<T>(
    file: &InputFile,
    layout: Layout,
    problems: &mut Problems,
    mut read_row: impl FnMut(&mut Row<'_>) -> T,
) -> TableRead<T> {
    let mut out = TableRead {
        rows: Vec::new(),
        bad: Vec::new(),
        complete: false,
        places: RowPlaces {
            file: Rc::from(file.path.as_path()),
            lines: Vec::new(),
            fields: layout.columns,
            columns: Vec::new(),
        },
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(file.text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut cursor = Cursor { text: &file.text, byte: 0, line: 1 };
    let mut starts = Vec::new();
    if !matches!(reader.read_record(&mut record), Ok(true)) {
        return out;
    }
    cursor.locate(&record, &mut starts);
    let header = Header { file: &file.path, layout, line: cursor.line, starts: &starts };
    let Some(fields) = header.read(&record, problems) else { return out };
    let width = record.len();
    out.complete = true;
    // The text is UTF-8 and rows may have any length, so reading ends only at its end.
    while matches!(reader.read_record(&mut record), Ok(true)) {
        cursor.locate(&record, &mut starts);
        let mut scratch = Problems::default();
        let shape = check_shape(&file.path, cursor.line, &starts, &record, width);
        let shaped = shape.is_none();
        problems.extend(shape);
        let mut row = Row {
            file: &file.path,
            record: &record,
            fields: &fields,
            layout,
            line: cursor.line,
            starts: &starts,
            // Values of a row of another shape stand in wrong columns.
            problems: if shaped { problems } else { &mut scratch },
            bad: !shaped,
        };
        let item = read_row(&mut row);
        if row.bad {
            out.bad.push(out.rows.len());
        }
        out.rows.push(item);
        out.places.lines.push(u32::try_from(cursor.line).unwrap_or(u32::MAX));
        out.places.columns.extend(fields.iter().map(|field| {
            let start = field.and_then(|f| starts.get(f)).copied().unwrap_or(0);
            u16::try_from(start).unwrap_or(0)
        }));
        if out.bad.len() >= MAX_BAD_ROWS {
            out.complete = false;
            break;
        }
    }
    out
}

/// Follows the lines of a text.
struct Cursor<'a> {
    text: &'a str,
    byte: usize,
    line: usize,
}

impl Cursor<'_> {
    /// Moves to the start of `record` and writes the column (from 1, in characters) of
    /// each of its fields to `starts`.
    fn locate(&mut self, record: &csv::StringRecord, starts: &mut Vec<usize>) {
        starts.clear();
        let bytes = self.text.as_bytes();
        let mut start = record
            .position()
            .and_then(|p| usize::try_from(p.byte()).ok())
            .map_or(self.byte, |b| b.clamp(self.byte, bytes.len()));
        // The reader counts empty lines before a record as part of it.
        while matches!(bytes.get(start), Some(b'\n' | b'\r')) {
            start += 1;
        }
        self.line += bytes[self.byte..start].iter().filter(|b| **b == b'\n').count();
        self.byte = start;
        let (mut column, mut quoted) = (1, false);
        starts.push(1);
        for c in self.text[start..].chars() {
            column += 1;
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => starts.push(column),
                '\n' | '\r' => break,
                _ => {}
            }
            if starts.len() > record.len() {
                break;
            }
        }
    }
}

/// A row that is too short, too long or runs over several lines.
fn check_shape(
    file: &Path,
    line: usize,
    starts: &[usize],
    record: &csv::StringRecord,
    width: usize,
) -> Option<InputProblem> {
    let count = record.len();
    if let Some(k) = record.iter().position(|v| v.contains('\n')) {
        let column = starts.get(k).copied().unwrap_or(0);
        let message = "a quoted value runs over the end of the line";
        let problem = InputProblem::error(codes::BAD_SYNTAX, file, message).at(line, column);
        return Some(problem.help("is a closing quote missing?"));
    }
    if count < width {
        let message = format!("the row has {count} values, the header has {width} columns");
        let problem = InputProblem::error(codes::SHORT_ROW, file, message).at(line, 0);
        return Some(problem.help("leave values empty, but write their commas"));
    }
    if count > width {
        let message = format!("the row has {count} values, the header has {width} columns");
        let column = starts.get(width).copied().unwrap_or(0);
        let problem = InputProblem::error(codes::LONG_ROW, file, message).at(line, column);
        let help =
            "is there a comma in a name or a number? Put names in quotes; decimals take a point";
        return Some(problem.found(shorten(&record[width])).help(help));
    }
    None
}

/// The first line of a table.
struct Header<'a> {
    file: &'a Path,
    layout: Layout,
    line: usize,
    starts: &'a [usize],
}

impl Header<'_> {
    /// By column of the layout, the field of the file; none when the header is wrong.
    fn read(
        &self,
        record: &csv::StringRecord,
        problems: &mut Problems,
    ) -> Option<Vec<Option<usize>>> {
        let columns = self.layout.columns;
        if record.len() == 1 && columns.len() > 1 {
            for (separator, word) in [(';', "semicolons"), ('\t', "tabs")] {
                if record[0].contains(separator) {
                    let message = format!("the columns are separated by {word}");
                    let problem = InputProblem::error(codes::BAD_SYNTAX, self.file, message);
                    let help = "separate them by commas";
                    problems.push(problem.at(self.line, 1).help(help));
                    return None;
                }
            }
        }
        let mut fields: Vec<Option<usize>> = vec![None; columns.len()];
        let (mut ok, mut wrong_units) = (true, Vec::new());
        for (k, name) in record.iter().enumerate() {
            let name = name.trim();
            let at = |problem: InputProblem| {
                problem.at(self.line, self.starts.get(k).copied().unwrap_or(0)).found(shorten(name))
            };
            let shown = shorten(name);
            if let Some(c) = columns.iter().position(|c| *c == name) {
                if fields[c].replace(k).is_some() {
                    let message = format!("column `{name}` is there twice");
                    problems.push(at(InputProblem::error(
                        codes::DUPLICATE_COLUMN,
                        self.file,
                        message,
                    )));
                    ok = false;
                }
            } else if let Some((right, help)) = units::wrong_unit(name, columns) {
                let message = format!("column `{shown}` has the wrong unit; it is `{right}`");
                let problem = InputProblem::error(codes::WRONG_UNIT, self.file, message);
                problems.push(at(problem.help(help)));
                wrong_units.push(right);
                ok = false;
            } else {
                let message = if name.is_empty() {
                    format!("column {} has no name", k + 1)
                } else {
                    format!("there is no column `{shown}` in this table")
                };
                let help = match closest(name, columns.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("columns are {}", columns.join(", ")),
                };
                let problem = InputProblem::error(codes::UNKNOWN_COLUMN, self.file, message);
                problems.push(at(problem.help(help)));
                ok = false;
                if problems.errors() > MAX_PROBLEMS {
                    return None;
                }
            }
        }
        for c in 0..self.layout.required {
            if fields[c].is_none() && !wrong_units.contains(&columns[c]) {
                let message = format!("column `{}` is missing", columns[c]);
                let problem = InputProblem::error(codes::MISSING_COLUMN, self.file, message);
                let required = columns[..self.layout.required].join(", ");
                let help = format!("the table must have {required}");
                problems.push(problem.at(self.line, 0).help(help));
                ok = false;
            }
        }
        ok.then_some(fields)
    }
}

/// A text short enough for a message, without control characters.
pub(crate) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

/// One row while it is read. Empty values count as absent.
pub(crate) struct Row<'a> {
    file: &'a Path,
    record: &'a csv::StringRecord,
    /// By column of the layout: field of the record.
    fields: &'a [Option<usize>],
    layout: Layout,
    line: usize,
    starts: &'a [usize],
    problems: &'a mut Problems,
    bad: bool,
}

impl Row<'_> {
    /// Its line, from 1.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    fn field(&self, column: &str) -> Option<usize> {
        let c = self.layout.columns.iter().position(|c| *c == column)?;
        self.fields[c]
    }

    fn value(&self, column: &str) -> &str {
        self.field(column).and_then(|f| self.record.get(f)).unwrap_or("").trim()
    }

    /// Tells a problem of one value.
    pub(crate) fn push(
        &mut self,
        code: &'static str,
        column: &str,
        message: String,
        help: Option<String>,
    ) {
        self.bad = true;
        let start = self.field(column).and_then(|f| self.starts.get(f)).copied().unwrap_or(0);
        let found = shorten(self.value(column));
        let mut problem = InputProblem::error(code, self.file, message).at(self.line, start);
        problem.help = help;
        self.problems.push(problem.found(found));
    }

    /// A text; empty if absent.
    pub(crate) fn text(&self, column: &str) -> String {
        self.value(column).to_owned()
    }

    /// A text, if there is one.
    pub(crate) fn optional(&self, column: &str) -> Option<String> {
        let value = self.value(column);
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// True if the value is absent.
    pub(crate) fn is_empty(&self, column: &str) -> bool {
        self.value(column).is_empty()
    }

    /// A text that must be there.
    pub(crate) fn required(&mut self, column: &str) -> String {
        if self.is_empty(column) {
            self.push(codes::BAD_VALUE, column, format!("`{column}` is empty"), None);
        }
        self.text(column)
    }

    /// A number that must be there.
    pub(crate) fn number(&mut self, column: &str) -> f64 {
        if self.is_empty(column) {
            let message = format!("`{column}` is empty; it must be a number");
            self.push(codes::BAD_NUMBER, column, message, None);
            return 0.0;
        }
        self.number_or(column, 0.0)
    }

    /// A finite number, or `default` if absent.
    pub(crate) fn number_or(&mut self, column: &str, default: f64) -> f64 {
        let value = self.limit_or(column, default);
        if value.is_infinite() && default.is_finite() {
            let message = format!("`{column}` must be finite");
            self.push(codes::BAD_NUMBER, column, message, None);
            return default;
        }
        value
    }

    /// A number that may be `inf` or `-inf`, or `default` if absent.
    pub(crate) fn limit_or(&mut self, column: &str, default: f64) -> f64 {
        if self.is_empty(column) {
            return default;
        }
        match parse_number(self.value(column)) {
            Ok(value) => value,
            Err(help) => {
                let shown = shorten(self.value(column));
                let message = format!("`{shown}` in `{column}` is not a number");
                self.push(codes::BAD_NUMBER, column, message, help);
                default
            }
        }
    }

    /// `true` or `false`, or `default` if absent.
    pub(crate) fn flag(&mut self, column: &str, default: bool) -> bool {
        self.word(column, &[("true", true), ("false", false)], Some(default)).unwrap_or(default)
    }

    /// One of `words`, or `default` if absent; none after a problem.
    pub(crate) fn word<T: Copy>(
        &mut self,
        column: &str,
        words: &[(&'static str, T)],
        default: Option<T>,
    ) -> Option<T> {
        self.word_of(column, words, default)
    }

    /// The same where words come with the files.
    pub(crate) fn word_of<T: Copy>(
        &mut self,
        column: &str,
        words: &[(&str, T)],
        default: Option<T>,
    ) -> Option<T> {
        let value = self.value(column);
        if value.is_empty() && default.is_some() {
            return default;
        }
        if let Some((_, item)) = words.iter().find(|(w, _)| *w == value) {
            return Some(*item);
        }
        let all = words.iter().map(|(w, _)| *w);
        let help = match closest(value, all.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", all.collect::<Vec<_>>().join(", ")),
        };
        let message = if value.is_empty() {
            format!("`{column}` is empty")
        } else {
            format!("`{}` is not a word for `{column}`", shorten(value))
        };
        self.push(codes::BAD_WORD, column, message, Some(help));
        default
    }

    /// Values separated by semicolons; none if the value is absent.
    pub(crate) fn list(&self, column: &str) -> Vec<String> {
        let value = self.value(column);
        if value.is_empty() {
            return Vec::new();
        }
        value.split(';').map(|v| v.trim().to_owned()).collect()
    }

    /// Numbers separated by semicolons.
    pub(crate) fn numbers(&mut self, column: &str) -> Vec<f64> {
        let list = self.list(column);
        list.iter().map(|text| self.part(column, text)).collect()
    }

    fn part(&mut self, column: &str, text: &str) -> f64 {
        match parse_number(text) {
            Ok(value) if value.is_finite() => value,
            other => {
                let message = format!("`{}` in `{column}` is not a number", shorten(text));
                self.push(codes::BAD_NUMBER, column, message, other.err().flatten());
                0.0
            }
        }
    }

    /// Points `x:y` separated by semicolons.
    pub(crate) fn points(&mut self, column: &str) -> Vec<(f64, f64)> {
        let list = self.list(column);
        let point = |text: &String| {
            let Some((x, y)) = text.split_once(':') else {
                let message = format!("`{}` in `{column}` is not a point", shorten(text));
                let help = "write points as 0:60;100:50;200:30";
                self.push(codes::BAD_VALUE, column, message, Some(help.to_owned()));
                return (0.0, 0.0);
            };
            (self.part(column, x.trim()), self.part(column, y.trim()))
        };
        list.iter().map(point).collect()
    }

    /// `lon_deg` and `lat_deg`, both or none.
    pub(crate) fn position(&mut self) -> Option<Position> {
        match (self.is_empty("lon_deg"), self.is_empty("lat_deg")) {
            (true, true) => None,
            (false, false) => {
                let lon_deg = self.number("lon_deg");
                Some(Position { lon_deg, lat_deg: self.number("lat_deg") })
            }
            (lon_missing, _) => {
                let column = if lon_missing { "lon_deg" } else { "lat_deg" };
                let message = format!("`{column}` is empty, though the other coordinate is not");
                self.push(codes::BAD_VALUE, column, message, None);
                None
            }
        }
    }

    /// An outage queue, `1.1` … `6.2`.
    pub(crate) fn queue(&mut self, column: &str) -> Option<Queue> {
        if self.is_empty(column) {
            return None;
        }
        let value = self.value(column);
        let queue = value
            .split_once('.')
            .and_then(|(g, s)| Some(Queue { group: g.parse().ok()?, sub: s.parse().ok()? }));
        let queue = queue.filter(|q| (1..=6).contains(&q.group) && (1..=2).contains(&q.sub));
        if queue.is_none() {
            let message = format!("`{}` is not an outage queue", shorten(value));
            let help = "queues are 1.1, 1.2, 2.1 … 6.2";
            self.push(codes::BAD_VALUE, column, message, Some(help.to_owned()));
        }
        queue
    }
}

/// A number, or what may be wrong with it.
pub(crate) fn parse_number(text: &str) -> Result<f64, Option<String>> {
    match text.parse::<f64>() {
        Ok(value) if value.is_nan() => {
            Err(Some(String::from("leave it empty if it is not known and has a default")))
        }
        Ok(value) => Ok(value),
        Err(_) => {
            let with_point = text.replace(',', ".");
            let number_part: String = text
                .chars()
                .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'))
                .collect();
            Err(if text.contains(',') && with_point.parse::<f64>().is_ok() {
                Some(format!("write {with_point}: decimals take a point"))
            } else if text.contains([' ', '\u{a0}'])
                && text.replace([' ', '\u{a0}'], "").parse::<f64>().is_ok()
            {
                Some(String::from("write it without spaces"))
            } else if number_part.len() < text.len() && number_part.parse::<f64>().is_ok() {
                Some(String::from("write the number alone; its unit is in the column's name"))
            } else {
                None
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const LAYOUT: Layout = Layout { columns: &["id", "length_m", "name"], required: 2 };

    fn read_text(text: &str) -> (Vec<(String, f64)>, Vec<String>) {
        let file = InputFile {
            path: PathBuf::from("t.csv"),
            text: text.to_owned(),
            sha256: String::new(),
        };
        let mut problems = Problems::default();
        let read = read(&file, LAYOUT, &mut problems, |r| (r.required("id"), r.number("length_m")));
        let told = problems.finish(&file.path).iter().map(ToString::to_string).collect();
        (read.rows, told)
    }

    #[test]
    fn reads_in_any_column_order_with_crlf_and_quotes() {
        let (rows, told) = read_text("length_m,id\r\n1.5,A\r\n\r\n2,\"B, b\"\r\n");
        assert!(told.is_empty(), "{told:?}");
        assert_eq!(rows, [("A".to_owned(), 1.5), ("B, b".to_owned(), 2.0)]);
    }

    #[test]
    fn places_are_lines_and_columns_in_characters() {
        let (_, told) = read_text("id,length_m,name\n\n\"ä,\",x1,\nB,2\nC,3,c,d\nD,\"1,5\",\n");
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("t.csv:3:6: `x1`"), "{}", told[0]);
        assert!(told[1].starts_with("t.csv:4: the row has 2 values"), "{}", told[1]);
        assert!(told[2].starts_with("t.csv:5:7: the row has 4 values"), "{}", told[2]);
        assert!(told[3].contains("write 1.5"), "{}", told[3]);
    }

    #[test]
    fn wrong_headers_are_told() {
        let told = |text| read_text(text).1.join("\n");
        assert!(told("id,length_km\n").contains("has the wrong unit; it is `length_m`"));
        assert!(told("id,lenght_m\n").contains("did you mean `length_m`?"));
        assert!(told("id\n").contains("column `length_m` is missing"));
        assert!(told("id,id,length_m\n").contains("twice"));
        assert!(told("id;length_m\n").contains("semicolons"));
    }
}
