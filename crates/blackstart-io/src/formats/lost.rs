//! What a grid holds and a file format cannot say, told to whoever converts.

use std::path::Path;

use blackstart::region::{Branch, BranchKind, GeneratorKind, Grid, LoadProfile, Priority};

use crate::codes;
use crate::problem::{InputProblem, Severity};

/// A part of a grid that some format cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Part {
    /// Where buses are.
    Positions,
    /// Facilities of buses and generators.
    Facilities,
    /// Priorities of loads.
    Priorities,
    /// Queues of loads.
    Queues,
    /// Daily profiles of loads.
    Profiles,
    /// Stores of fuel.
    Fuel,
    /// Kinds of generators.
    GeneratorKinds,
    /// Costs of generators.
    Costs,
    /// Shares in a distributed slack.
    Participation,
    /// Cables, which become lines.
    Cables,
    /// Short-term and emergency ratings.
    ShortRatings,
    /// Limits of angle differences.
    AngleLimits,
    /// Batteries and other stores.
    Storages,
    /// Reactive side of direct-current lines.
    DcReactive,
    /// Numbers of areas and zones.
    Areas,
    /// Own bases of machines, and their reactive output at the start.
    Machines,
}

impl Part {
    /// How many rows of `grid` say something in this part.
    fn count(self, grid: &Grid<String>) -> usize {
        let rated =
            |b: &Branch<String>| b.rate_short_mva.is_finite() || b.rate_emergency_mva.is_finite();
        let angled =
            |b: &Branch<String>| b.angle_min_deg.is_finite() || b.angle_max_deg.is_finite();
        let generators = |f: &dyn Fn(&blackstart::region::Generator<String>) -> bool| {
            grid.generators.iter().filter(|g| f(g)).count()
        };
        let loads = |f: &dyn Fn(&blackstart::region::Load<String>) -> bool| {
            grid.loads.iter().filter(|l| f(l)).count()
        };
        let branches =
            |f: &dyn Fn(&Branch<String>) -> bool| grid.branches.iter().filter(|b| f(b)).count();
        match self {
            Self::Positions => grid.buses.iter().filter(|b| b.position.is_some()).count(),
            Self::Facilities => {
                grid.buses.iter().filter(|b| b.facility.is_some()).count()
                    + generators(&|g| g.facility.is_some())
            }
            Self::Priorities => loads(&|l| l.priority != Priority::Homes),
            Self::Queues => loads(&|l| l.queue.is_some()),
            Self::Profiles => loads(&|l| l.profile != LoadProfile::Flat),
            Self::Fuel => generators(&|g| g.fuel_h.is_finite()),
            Self::GeneratorKinds => generators(&|g| g.kind != GeneratorKind::Other),
            Self::Costs => generators(&|g| g.cost.is_some()),
            Self::Participation => generators(&|g| g.participation != 0.0),
            Self::Cables => branches(&|b| b.kind == BranchKind::Cable),
            Self::ShortRatings => branches(&rated),
            Self::AngleLimits => branches(&angled),
            Self::Storages => grid.storages.len(),
            Self::DcReactive => grid.dc_lines.len(),
            Self::Areas => grid.buses.iter().filter(|b| b.area > 0 || b.zone > 0).count(),
            Self::Machines => generators(&|g| g.base_mva != 0.0 || g.q_mvar != 0.0),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Positions => "positions of buses",
            Self::Facilities => "facilities of buses and generators",
            Self::Priorities => "priorities of loads",
            Self::Queues => "outage queues of loads",
            Self::Profiles => "daily profiles of loads",
            Self::Fuel => "stores of fuel",
            Self::GeneratorKinds => "kinds of generators",
            Self::Costs => "costs of generators",
            Self::Participation => "shares of generators in a distributed slack",
            Self::Cables => "which branches are cables",
            Self::ShortRatings => "short-term and emergency ratings of branches",
            Self::AngleLimits => "limits of angle differences",
            Self::Storages => "storages",
            Self::DcReactive => "voltages and reactive power of direct-current lines",
            Self::Areas => "areas and zones",
            Self::Machines => "MVA bases and reactive output of generators",
        }
    }
}

/// Notes of what could not be carried over into `target`.
#[derive(Debug)]
pub(crate) struct Lost<'a> {
    target: &'a Path,
    notes: Vec<InputProblem>,
}

impl<'a> Lost<'a> {
    /// One note for each of `parts`, which the format of `target` cannot say, that `grid`
    /// does say something in.
    pub(crate) fn of(grid: &Grid<String>, target: &'a Path, parts: &[Part]) -> Self {
        let mut lost = Self { target, notes: Vec::new() };
        for part in parts {
            lost.rows(part.count(grid), part.words());
        }
        lost
    }

    /// Notes that `what` of `count` rows is left out; nothing for 0 rows.
    pub(crate) fn rows(&mut self, count: usize, what: &str) {
        if count > 0 {
            let rows = if count == 1 { "row" } else { "rows" };
            self.tell(format!("not carried over: {what} ({count} {rows})"));
        }
    }

    /// Notes something else.
    pub(crate) fn tell(&mut self, message: impl Into<String>) {
        let note = InputProblem::new(Severity::Note, codes::NOT_CARRIED_OVER, self.target, message);
        self.notes.push(note);
    }

    pub(crate) fn into_notes(self) -> Vec<InputProblem> {
        self.notes
    }
}

#[cfg(test)]
mod tests {
    use blackstart::region::{Bus, Load, Position};

    use super::*;

    #[test]
    fn only_what_is_there_is_told() {
        let mut grid = Grid::<String>::default();
        let position = Some(Position { lon_deg: 30.0, lat_deg: 50.0 });
        grid.buses = vec![Bus { position, ..Bus::default() }, Bus::default()];
        grid.loads = vec![Load { profile: LoadProfile::Homes, ..Load::default() }; 2];
        let parts = [Part::Positions, Part::Profiles, Part::Costs, Part::Storages];
        let notes = Lost::of(&grid, Path::new("x.m"), &parts).into_notes();
        let told: Vec<String> = notes.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "x.m: not carried over: positions of buses (1 row)",
                "x.m: not carried over: daily profiles of loads (2 rows)"
            ]
        );
    }
}
