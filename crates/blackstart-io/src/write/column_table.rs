//! Tables of named columns as CSV, JSON or Parquet.

use std::sync::Arc;

use super::text::{push_count, push_field, push_fixed, push_json};

/// A file format of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values with a header line (RFC 4180).
    #[default]
    Csv,
    /// An array of objects, one per row; missing numbers are null.
    Json,
    /// Apache Parquet; missing numbers are null.
    Parquet,
}

impl TableFormat {
    /// The ending of a file's name, without the point.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Texts.
    Text(Vec<String>),
    /// Texts out of a list: the list, and the position of each row's text in it.
    Word(Arc<[String]>, Vec<u32>),
    /// Numbers with so many digits behind the point in CSV and JSON (at most 9; Parquet
    /// keeps them whole). NaN and infinities are missing values.
    Number(Vec<f64>, usize),
    /// Whole numbers; none is a missing value.
    Count(Vec<Option<u32>>),
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Text(v) => v.len(),
            Self::Word(_, v) => v.len(),
            Self::Number(v, _) => v.len(),
            Self::Count(v) => v.len(),
        }
    }
}

/// A table: a name and columns of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnTable {
    name: String,
    columns: Vec<(String, Column)>,
}

impl ColumnTable {
    /// An empty table; its file is called `name` with the ending of its format.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), columns: Vec::new() }
    }

    /// Adds a column.
    ///
    /// # Panics
    /// When it is not as long as the columns before it.
    #[must_use]
    pub fn with(mut self, name: &str, column: Column) -> Self {
        assert!(
            self.columns.first().is_none_or(|(_, c)| c.len() == column.len()),
            "columns of one length: {name}"
        );
        self.columns.push((name.to_owned(), column));
        self
    }

    /// Adds a column of texts.
    #[must_use]
    pub fn text<S: Into<String>>(self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        self.with(name, Column::Text(values.into_iter().map(Into::into).collect()))
    }

    /// Adds a column of texts out of a list.
    ///
    /// # Panics
    /// When a position is not in the list.
    #[must_use]
    pub fn word(self, name: &str, words: &Arc<[String]>, rows: Vec<u32>) -> Self {
        assert!(rows.iter().all(|&r| (r as usize) < words.len()), "positions in the list: {name}");
        self.with(name, Column::Word(Arc::clone(words), rows))
    }

    /// Adds a column of numbers, with `decimals` digits behind the point.
    #[must_use]
    pub fn number(
        self,
        name: &str,
        decimals: usize,
        values: impl IntoIterator<Item = f64>,
    ) -> Self {
        self.with(name, Column::Number(values.into_iter().collect(), decimals))
    }

    /// Adds a column of whole numbers.
    #[must_use]
    pub fn count(self, name: &str, values: impl IntoIterator<Item = Option<u32>>) -> Self {
        self.with(name, Column::Count(values.into_iter().collect()))
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, c)| c.len())
    }

    /// Name of its file.
    #[must_use]
    pub fn file_name(&self, format: TableFormat) -> String {
        format!("{}.{}", self.name, format.ending())
    }

    /// Its bytes; the same for the same table.
    #[must_use]
    pub fn bytes(&self, format: TableFormat) -> Vec<u8> {
        match format {
            TableFormat::Csv => self.csv(),
            TableFormat::Json => self.json(),
            TableFormat::Parquet => super::parquet::bytes(&self.columns),
        }
    }

    fn csv(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.rows() * self.columns.len() * 10 + 100);
        for (i, (name, _)) in self.columns.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            push_field(&mut out, name);
        }
        out.push(b'\n');
        for row in 0..self.rows() {
            for (i, (_, column)) in self.columns.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                match column {
                    Column::Text(v) => push_field(&mut out, &v[row]),
                    Column::Word(words, v) => push_field(&mut out, &words[v[row] as usize]),
                    Column::Number(v, decimals) => push_fixed(&mut out, v[row], *decimals),
                    Column::Count(v) => {
                        if let Some(n) = v[row] {
                            push_count(&mut out, n as usize);
                        }
                    }
                }
            }
            out.push(b'\n');
        }
        out
    }

    fn json(&self) -> Vec<u8> {
        let mut out = b"[".to_vec();
        for row in 0..self.rows() {
            out.extend_from_slice(if row == 0 { b"\n{" } else { b",\n{" });
            for (i, (name, column)) in self.columns.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                push_json(&mut out, name);
                out.push(b':');
                let before = out.len();
                match column {
                    Column::Text(v) => push_json(&mut out, &v[row]),
                    Column::Word(words, v) => push_json(&mut out, &words[v[row] as usize]),
                    Column::Number(v, decimals) => push_fixed(&mut out, v[row], *decimals),
                    Column::Count(v) => {
                        if let Some(n) = v[row] {
                            push_count(&mut out, n as usize);
                        }
                    }
                }
                if out.len() == before {
                    out.extend_from_slice(b"null");
                }
            }
            out.push(b'}');
        }
        out.extend_from_slice(b"\n]\n");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ColumnTable {
        ColumnTable::new("buses")
            .text("bus", ["1", "a,b"])
            .number("vm_pu", 9, [1.000_000_001, f64::NAN])
            .count("island", [Some(0), None])
    }

    #[test]
    fn csv_has_a_header_and_empty_cells_for_what_is_missing() {
        let text = String::from_utf8(table().bytes(TableFormat::Csv)).unwrap();
        assert_eq!(text, "bus,vm_pu,island\n1,1.000000001,0\n\"a,b\",,\n");
    }

    #[test]
    fn json_is_read_back_by_a_parser() {
        let rows: serde_json::Value =
            serde_json::from_slice(&table().bytes(TableFormat::Json)).unwrap();
        assert_eq!(rows[0]["vm_pu"], 1.000_000_001);
        assert_eq!(rows[1]["bus"], "a,b");
        assert!(rows[1]["vm_pu"].is_null() && rows[1]["island"].is_null());
        let empty = ColumnTable::new("none").text("x", Vec::<String>::new());
        let none: serde_json::Value =
            serde_json::from_slice(&empty.bytes(TableFormat::Json)).unwrap();
        assert_eq!(none, serde_json::json!([]));
    }

    #[test]
    fn words_are_written_like_texts() {
        let words: Arc<[String]> = ["open".to_owned(), "a,b".to_owned()].into();
        let rows = vec![1u32, 0, 1];
        let table = ColumnTable::new("links").word("status", &words, rows.clone());
        let texts = rows.iter().map(|&r| words[r as usize].clone());
        let same = ColumnTable::new("links").text("status", texts);
        for format in [TableFormat::Csv, TableFormat::Json, TableFormat::Parquet] {
            assert_eq!(table.bytes(format), same.bytes(format));
        }
    }

    #[test]
    #[should_panic(expected = "columns of one length")]
    fn columns_must_be_of_one_length() {
        let _ = table().text("late", ["x"]);
    }

    #[test]
    fn parquet_is_read_back_with_its_nulls() {
        use parquet::file::reader::{FileReader, SerializedFileReader};
        let bytes = table().bytes(TableFormat::Parquet);
        assert_eq!(bytes, table().bytes(TableFormat::Parquet));
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let rows: Vec<String> =
            reader.get_row_iter(None).unwrap().map(|r| r.unwrap().to_string()).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0], "{bus: \"1\", vm_pu: 1.000000001, island: 0}");
        assert_eq!(rows[1], "{bus: \"a,b\", vm_pu: null, island: null}");
    }
}
