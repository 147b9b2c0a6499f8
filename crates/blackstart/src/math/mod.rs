//! Sparse factorisations and random numbers. The only place that names numerical
//! crates.

#[cfg(test)]
mod dense;
mod ldl;
mod pattern;
pub mod random;

pub use ldl::Ldl;
pub use pattern::Breakdown;
