//! Tables of numbers as NumPy files.

/// A table, row by row.
pub(crate) struct Table {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

impl Table {
    pub fn row(values: Vec<f64>) -> Self {
        Self { shape: vec![values.len()], values }
    }

    /// The file: magic, version 1.0, a header padded to 64 bytes, little-endian numbers.
    pub fn bytes(&self) -> Vec<u8> {
        let sizes: Vec<String> = self.shape.iter().map(|n| format!("{n},")).collect();
        let mut head =
            format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}), }}", sizes.join(" "));
        while (10 + head.len() + 1) % 64 != 0 {
            head.push(' ');
        }
        head.push('\n');
        let mut out = b"\x93NUMPY\x01\x00".to_vec();
        out.extend(u16::try_from(head.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend(head.bytes());
        out.extend(self.values.iter().flat_map(|v| v.to_le_bytes()));
        out
    }
}
