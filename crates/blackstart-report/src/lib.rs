//! Map, charts and the single-file report.
