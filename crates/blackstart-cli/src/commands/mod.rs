//! One file per command.

pub mod check;
pub mod convert;
pub mod explain;
pub mod grid;
pub mod heat;
pub mod new;
pub mod run;
mod study;
pub mod water;
