//! Rasters as ESRI ASCII grids: six lines that say where the cells are, then the values in
//! rows from north to south. Coordinates are degrees of WGS 84.

use std::str::SplitAsciiWhitespace;

use blackstart::damage::field::Raster;
use blackstart::region::closest;

use crate::codes;
use crate::formats::table::{parse_number, shorten};
use crate::input_file::InputFile;
use crate::problem::{InputProblem, Problems};

const KEYS: [&str; 8] = [
    "ncols",
    "nrows",
    "xllcorner",
    "yllcorner",
    "xllcenter",
    "yllcenter",
    "cellsize",
    "nodata_value",
];

/// Value of cells without one where the file names none.
const NO_DATA: f64 = -9999.0;

/// Most cells: a region of 400 km in cells of 100 m.
const MAX_CELLS: f64 = 2e7;

/// Reads the raster in `file`, whose values must be from 0 to `most`.
pub(crate) fn read(file: &InputFile, most: f64, problems: &mut Problems) -> Option<Raster<f64>> {
    let mut grid = Grid { file, problems, header: [None; KEYS.len()] };
    let from_line = grid.header()?;
    grid.raster(from_line, most)
}

struct Grid<'a> {
    file: &'a InputFile,
    problems: &'a mut Problems,
    /// By key: value and line.
    header: [Option<(f64, usize)>; KEYS.len()],
}

impl Grid<'_> {
    fn push(
        &mut self,
        code: &'static str,
        at: (usize, usize),
        message: String,
        help: Option<String>,
    ) {
        let mut problem = InputProblem::error(code, &self.file.path, message).at(at.0, at.1);
        problem.help = help;
        self.problems.push(problem);
    }

    fn get(&self, key: &str) -> Option<f64> {
        let at = KEYS.iter().position(|k| *k == key)?;
        self.header[at].map(|(value, _)| value)
    }

    /// Reads lines that begin with a word; the number of the first that does not comes back.
    fn header(&mut self) -> Option<usize> {
        let mut sound = true;
        let mut after = 0;
        for (i, line) in self.file.text.lines().enumerate() {
            let mut words = line.split_ascii_whitespace();
            let Some(key) = words.next() else { continue };
            if !key.starts_with(|c: char| c.is_ascii_alphabetic()) || parse_number(key).is_ok() {
                after = i;
                break;
            }
            after = i + 1;
            let lower = key.to_ascii_lowercase();
            let Some(at) = KEYS.iter().position(|k| *k == lower) else {
                let help = match closest(&lower, KEYS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("lines begin with {}", KEYS.join(", ")),
                };
                let message = format!("`{}` is no key of an ASCII grid", shorten(key));
                self.push(codes::UNKNOWN_KEY, (i + 1, 1), message, Some(help));
                sound = false;
                continue;
            };
            match (words.next().map(parse_number), words.next()) {
                (Some(Ok(value)), None) if value.is_finite() => {
                    self.header[at] = Some((value, i + 1));
                }
                _ => {
                    let message = format!("`{key}` must be followed by one number");
                    self.push(codes::BAD_NUMBER, (i + 1, 1), message, None);
                    sound = false;
                }
            }
        }
        sound.then_some(after)
    }

    fn required(&mut self, keys: &[&str]) -> Option<f64> {
        let found = keys.iter().find_map(|key| self.get(key));
        if found.is_none() {
            let message = format!("`{}` is missing", keys.join("` or `"));
            let help = "an ASCII grid begins with ncols, nrows, xllcorner, yllcorner, cellsize";
            self.push(codes::MISSING_KEY, (1, 1), message, Some(help.to_owned()));
        }
        found
    }

    fn raster(&mut self, from_line: usize, most: f64) -> Option<Raster<f64>> {
        let [columns, rows] = ["ncols", "nrows"].map(|key| self.required(&[key]));
        let west = self.required(&["xllcorner", "xllcenter"]);
        let south = self.required(&["yllcorner", "yllcenter"]);
        let cell_deg = self.required(&["cellsize"])?;
        let (columns, rows, west, south) = (columns?, rows?, west?, south?);
        let whole = |n: f64| n >= 1.0 && n.fract() == 0.0;
        if !whole(columns) || !whole(rows) || columns * rows > MAX_CELLS {
            let message = format!("{columns} columns and {rows} rows make no grid");
            let help = format!("whole numbers from 1, at most {MAX_CELLS} cells in all");
            self.push("out-of-range", (1, 1), message, Some(help));
            return None;
        }
        let half = |key| if self.get(key).is_some() { cell_deg / 2.0 } else { 0.0 };
        let west_deg = west - half("xllcenter");
        let south_deg = south - half("yllcenter");
        let (east_deg, north_deg) = (west_deg + columns * cell_deg, south_deg + rows * cell_deg);
        let on_globe = cell_deg > 0.0
            && west_deg >= -180.01
            && east_deg <= 360.01
            && south_deg >= -90.01
            && north_deg <= 90.01;
        if !on_globe {
            let message = format!(
                "the cells run from {west_deg} to {east_deg} east and {south_deg} to {north_deg} \
                 north, which are no degrees"
            );
            let help = String::from("convert the raster to longitude and latitude (EPSG:4326)");
            self.push("out-of-range", (1, 1), message, Some(help));
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "≤ 1e8")]
        let (columns, rows) = (columns as usize, rows as usize);
        let cells = self.cells(from_line, (columns, rows), most)?;
        Some(Raster { west_deg, north_deg, cell_deg, columns, cells })
    }

    fn cells(
        &mut self,
        from_line: usize,
        (columns, rows): (usize, usize),
        most: f64,
    ) -> Option<Vec<Option<f64>>> {
        let no_data = self.get("nodata_value").unwrap_or(NO_DATA);
        let mut cells = Vec::new();
        let mut count = 0usize;
        let mut sound = true;
        let file = self.file;
        for (i, line) in file.text.lines().enumerate().skip(from_line) {
            for (column, word) in words(line) {
                let value = parse_number(word).unwrap_or(f64::NAN);
                let known = (value != no_data).then_some(value);
                if known.is_some_and(|v| !(0.0..=most).contains(&v)) {
                    let message = format!("`{}` is no value from 0 to {most}", shorten(word));
                    self.push("out-of-range", (i + 1, column), message, None);
                    sound = false;
                }
                count += 1;
                if count <= columns * rows {
                    cells.push(known);
                }
            }
        }
        if count != columns * rows {
            let message = format!(
                "there are {count} values; {columns} columns and {rows} rows make {}",
                columns * rows
            );
            self.push(codes::TRUNCATED, (from_line + 1, 1), message, None);
            return None;
        }
        sound.then_some(cells)
    }
}

/// The words of a line, each with its column from 1.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let split: SplitAsciiWhitespace<'_> = line.split_ascii_whitespace();
    // Words are slices of the line: their distance from its start is their place.
    split.map(move |word| (word.as_ptr() as usize - line.as_ptr() as usize + 1, word))
}
