//! Values of MATLAB code as far as cases need them: numeric matrices, texts, cells.

/// Where the rows and elements of a matrix literal stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Origin {
    /// Line of each row, from 1.
    pub lines: Vec<u32>,
    /// Column of each element, row by row, from 1; 0 when beyond `u16`.
    pub columns: Vec<u16>,
}

/// A matrix of numbers, row by row. A scalar is 1 × 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Matrix {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Elements, row by row.
    pub data: Vec<f64>,
    /// True for the result of a comparison: as an index it selects.
    pub logical: bool,
    /// Places of a literal's elements; empty for computed matrices.
    pub origin: Origin,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Numbers.
    Matrix(Matrix),
    /// A string.
    Text(String),
    /// A cell array of texts (other elements as written).
    Cell(Vec<String>),
}

impl Matrix {
    pub fn scalar(x: f64) -> Self {
        Self::new(1, 1, vec![x])
    }

    pub fn new(rows: usize, cols: usize, data: Vec<f64>) -> Self {
        debug_assert_eq!(rows * cols, data.len());
        Self { rows, cols, data, logical: false, origin: Origin::default() }
    }

    pub fn as_scalar(&self) -> Option<f64> {
        (self.rows == 1 && self.cols == 1).then(|| self.data[0])
    }

    /// Element of row `r`, column `c`, both from 0.
    pub fn at(&self, r: usize, c: usize) -> f64 {
        self.data[r * self.cols + c]
    }

    /// Column `c` from 0, if the matrix is that wide.
    pub fn get(&self, r: usize, c: usize) -> Option<f64> {
        (c < self.cols).then(|| self.at(r, c))
    }

    pub fn transposed(&self) -> Self {
        let mut data = Vec::with_capacity(self.data.len());
        for c in 0..self.cols {
            for r in 0..self.rows {
                data.push(self.at(r, c));
            }
        }
        let mut t = Self::new(self.cols, self.rows, data);
        t.logical = self.logical;
        t
    }

    /// True as MATLAB's `if` sees it: not empty and no zero in it.
    pub fn is_true(&self) -> bool {
        !self.data.is_empty() && self.data.iter().all(|x| *x != 0.0)
    }

    /// Line and column of an element; (0, 0) when not known.
    pub fn place(&self, r: usize, c: usize) -> (usize, usize) {
        let line = self.origin.lines.get(r).copied().unwrap_or(0);
        let column = self.origin.columns.get(r * self.cols + c).copied().unwrap_or(0);
        (line as usize, usize::from(column))
    }

    /// Side by side; `None` when the heights differ.
    pub fn beside(parts: &[Self]) -> Option<Self> {
        let parts: Vec<&Self> = parts.iter().filter(|p| p.rows * p.cols > 0).collect();
        let Some(first) = parts.first() else { return Some(Self::default()) };
        let rows = first.rows;
        if parts.iter().any(|p| p.rows != rows) {
            return None;
        }
        let cols = parts.iter().map(|p| p.cols).sum();
        let mut data = Vec::with_capacity(rows * cols);
        for r in 0..rows {
            for p in &parts {
                data.extend_from_slice(&p.data[r * p.cols..(r + 1) * p.cols]);
            }
        }
        Some(Self::new(rows, cols, data))
    }
}
