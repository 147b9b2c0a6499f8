//! Sparse factorisations and random numbers. The only place that names numerical
//! crates.

pub mod random;
