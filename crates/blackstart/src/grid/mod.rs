//! The electricity network hour by hour: islands, dispatch, load shedding.

mod dispatch;

pub use dispatch::{Demand, Dispatch, DispatchInput, GridSolver};
