//! Sparse factorisations and random numbers. The only place that names numerical
//! crates.

mod block_ldl;
#[cfg(test)]
mod dense;
mod ldl;
mod pattern;
pub mod random;

pub use block_ldl::{BlockLdl, Symmetric2};
pub use ldl::Ldl;
pub use pattern::Breakdown;
