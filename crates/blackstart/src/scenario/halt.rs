//! A halt of strikes on infrastructure.

use super::ByMunition;

/// An agreed halt of strikes on infrastructure, for some classes of weapons.
///
/// A halt on infrastructure is no halt on launches: what is launched and gets through is
/// as before, but hits no facility of energy, heat or water, except for what leaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Halt {
    /// A name; halts of one name begin at the same hour in the same draw.
    pub name: String,
    /// First hour on which both sides may hold it to begin, h after the start.
    pub from_h: f64,
    /// End, h after the start; infinite when it stays.
    pub until_h: f64,
    /// Length of the dispute about its beginning, h: it begins at an hour drawn evenly
    /// from `from_h` to `from_h + disputed_h`, once in a draw.
    pub disputed_h: f64,
    /// Which classes of weapons are covered, in the order of [`Munition::ALL`](super::Munition::ALL).
    pub covers: ByMunition<bool>,
    /// Share of hits on infrastructure that it removes when it is kept, 0 … 1.
    pub removes_share: f64,
    /// Share of those that happen all the same, 0 … 1.
    pub leakage_share: f64,
}

impl Halt {
    /// Share of hits that do not happen while it holds, 0 … 1.
    #[must_use]
    pub fn kept_back_share(&self) -> f64 {
        (self.removes_share * (1.0 - self.leakage_share)).clamp(0.0, 1.0)
    }

    /// When it begins, h after the start, for `u` in 0 … 1.
    #[must_use]
    pub fn begins_h(&self, u: f64) -> f64 {
        self.from_h + u * self.disputed_h.max(0.0)
    }
}
