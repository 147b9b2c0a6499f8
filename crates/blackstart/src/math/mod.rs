//! Sparse factorisations and random numbers. The only place that names numerical
//! crates.

mod block4_ldl;
mod block_lanes;
mod block_ldl;
mod block_lu;
pub(crate) mod dense;
mod lanes;
mod ldl;
mod ldl_lanes;
mod pattern;
mod power;
pub mod random;
mod symmetric4;
mod tape;

pub use block_lanes::{BlockRow, Paths};
pub use block_ldl::{BlockLdl, Symmetric2};
pub use block_lu::{Block, BlockGraph, BlockLu, Kernel, Rows, dispatch};
pub use block4_ldl::Block4Ldl;
pub use lanes::{Lanes, Spread, Wide};
pub use ldl::Ldl;
pub use ldl_lanes::{LANES, LaneRow, LaneWork};
pub use pattern::Breakdown;
pub use power::{log2, power};
pub use symmetric4::Block4;
pub use tape::{Row, Tape};
