//! How a caller follows a run: progress, interruption, and where the time goes.

use std::ops::ControlFlow;

/// A part of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Events, repair, effects.
    Damage,
    /// Demand and dispatch.
    Electricity,
    /// The water network.
    Water,
    /// The heat networks.
    Heat,
    /// Homes.
    Homes,
    /// Writing the hour into the tables.
    Record,
}

impl Phase {
    /// All, in the order of an hour.
    pub const ALL: [Self; 6] =
        [Self::Damage, Self::Electricity, Self::Water, Self::Heat, Self::Homes, Self::Record];
}

/// Follows a run. The engine reads no clock; who wants times takes them here.
pub trait Watch {
    /// A part of an hour begins.
    fn phase(&mut self, _phase: Phase) {}

    /// `done` of `all` hours are finished. A break ends the run.
    fn hour(&mut self, _done: usize, _all: usize) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Follows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}
