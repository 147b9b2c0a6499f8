//! One file per command.

pub mod check;
pub mod compare;
pub mod convert;
pub mod explain;
pub mod grid;
pub mod heat;
pub mod inputs;
pub mod merge;
pub mod new;
pub mod read;
pub mod run;
mod study;
pub mod water;
