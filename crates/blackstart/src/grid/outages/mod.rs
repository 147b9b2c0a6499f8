//! What the loss of one element does: post-outage flows, overloads, voltages, islands.
//!
//! Every outage has an answer, the ones that split the grid too. A split leaves islands
//! that each follow the rules of the power flow ([`PowerFlowSolver`]): their own
//! reference closes their balance (or their units share it), an island without units is
//! dark and its load is lost.

mod ac;
mod ac_fix;
mod bridges;
mod dc;
mod full;
mod layout;
mod row;
#[cfg(test)]
mod tests;
mod units;

use super::power_flow::{IslandStatus, Method, PowerFlowOptions, PowerFlowSolver, Tables};
use super::snapshot::Snapshot;
use crate::region::{BranchIdx, BranchKind, BusIdx, GeneratorIdx, Grid};

/// What may be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// A line, cable or transformer.
    Branch(BranchIdx),
    /// One generator.
    Generator(GeneratorIdx),
    /// A direct-current line, by its row.
    DcLine(u32),
}

impl Element {
    /// The word in files.
    #[must_use]
    pub fn kind(self, grid: &Grid) -> &'static str {
        match self {
            Self::Branch(l) => match grid.branches[l.i()].kind {
                BranchKind::Line => "line",
                BranchKind::Cable => "cable",
                BranchKind::Transformer => "transformer",
            },
            Self::Generator(_) => "generator",
            Self::DcLine(_) => "dc_line",
        }
    }

    /// The user's id.
    #[must_use]
    pub fn id(self, grid: &Grid) -> &str {
        match self {
            Self::Branch(l) => &grid.branches[l.i()].id,
            Self::Generator(g) => &grid.generators[g.i()].id,
            Self::DcLine(d) => &grid.dc_lines[d as usize].id,
        }
    }

    /// Takes it out of service.
    pub fn remove(self, at: &mut Snapshot) {
        match self {
            Self::Branch(l) => at.branch_in_service[l.i()] = false,
            Self::Generator(g) => at.generator_in_service[g.i()] = false,
            Self::DcLine(d) => at.dc_line_in_service[d as usize] = false,
        }
    }
}

/// Every element in service: branches, then generators, then direct-current lines.
#[must_use]
pub fn every_element(grid: &Grid, at: &Snapshot) -> Vec<Element> {
    let up = |b: BusIdx| at.bus_in_service[b.i()];
    let branches = grid
        .branches
        .iter()
        .enumerate()
        .filter(|(i, l)| at.branch_in_service[*i] && up(l.from) && up(l.to));
    let generators = grid
        .generators
        .iter()
        .enumerate()
        .filter(|(i, g)| at.generator_in_service[*i] && up(g.bus));
    let dc_lines = grid
        .dc_lines
        .iter()
        .enumerate()
        .filter(|(i, l)| at.dc_line_in_service[*i] && up(l.from) && up(l.to));
    branches
        .map(|(i, _)| Element::Branch(BranchIdx::new(i)))
        .chain(generators.map(|(i, _)| Element::Generator(GeneratorIdx::new(i))))
        .chain(dc_lines.map(|(i, _)| Element::DcLine(i as u32)))
        .collect()
}

/// Which branches the detail of each outage lists.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Detail {
    /// None.
    #[default]
    Nothing,
    /// Those loaded at least this much afterwards, percent of the long-term rating.
    AtLeast(f64),
    /// All branches that are in service afterwards.
    All,
}

/// Choices of an outage analysis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OutageOptions {
    /// How flows are computed. [`Method::Dc`] gives active flows only; every other
    /// method gives the AC solution to the tolerance stated here.
    pub power_flow: PowerFlowOptions,
    /// What the detail lists.
    pub detail: Detail,
}

/// How one outage ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OutageStatus {
    /// Every island that is not dark is solved.
    Solved,
    /// An island is not; the row counts what the others and the last iterate say.
    Failed {
        /// The island's reference.
        reference: BusIdx,
        /// How it ended.
        island: IslandStatus,
    },
}

/// What one outage does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutageRow {
    /// How it ended.
    pub status: OutageStatus,
    /// How many more islands there are than before.
    pub islands_formed: u32,
    /// Buses that lose all supply.
    pub buses_dark: u32,
    /// Demand at those buses, MW.
    pub load_lost_mw: f64,
    /// Largest loading of any branch, percent of its long-term rating: active power for
    /// DC, the larger end's apparent power for AC. 0 when no branch has a rating.
    pub worst_loading_percent: f64,
    /// The branch with the largest loading.
    pub worst_branch: Option<BranchIdx>,
    /// Branches above their long-term rating.
    pub overloads: u32,
    /// Branches above their short-term rating.
    pub overloads_short: u32,
    /// Lowest voltage of any bus supplied, p.u., and where. NaN for DC.
    pub vm_lowest_pu: f64,
    /// Where the lowest voltage is.
    pub vm_lowest_bus: Option<BusIdx>,
    /// Highest voltage of any bus supplied, p.u., and where. NaN for DC.
    pub vm_highest_pu: f64,
    /// Where the highest voltage is.
    pub vm_highest_bus: Option<BusIdx>,
    /// Buses below their least or above their largest voltage.
    pub voltage_violations: u32,
    /// Active power that the outage makes units of one island take up (negative: give
    /// up), MW: the island where that is most. The island's reference takes it all, or
    /// its units share it ([`PowerFlowOptions::distributed_slack`]).
    pub imbalance_mw: f64,
    /// The reference of that island.
    pub imbalance_bus: Option<BusIdx>,
}

/// One branch after one outage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetailRow {
    /// Row of the outage.
    pub outage: u32,
    /// The branch.
    pub branch: BranchIdx,
    /// Active flow at the from end before, MW.
    pub p_before_mw: f64,
    /// Active flow at the from end after, MW.
    pub p_after_mw: f64,
    /// Loading before, percent of the long-term rating; 0 without rating.
    pub before_percent: f64,
    /// Loading after, percent of the long-term rating; 0 without rating.
    pub after_percent: f64,
}

/// Result of an outage analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct Outages {
    /// The state before any outage. Its dark buses are those without supply already; its
    /// imbalance is what references add to their schedule.
    pub before: OutageRow,
    /// What was lost, outage by outage, as asked for.
    pub elements: Vec<Element>,
    /// What that does.
    pub rows: Vec<OutageRow>,
    /// Branches by outage as [`OutageOptions::detail`] asks, in the order of outages and
    /// of the grid's branches.
    pub detail: Vec<DetailRow>,
}

/// Rows by number of the outage, and detail.
type Found = (Vec<(u32, OutageRow)>, Vec<DetailRow>);

/// Loadings of up to this much above 1 are rounding, not overload.
const RATING_TOLERANCE: f64 = 1e-6;

/// Loses each of `elements` in turn, everything else as `at` has it.
///
/// # Panics
/// When `at` does not fit `grid` or an element is no row of it.
#[must_use]
pub fn outages(
    grid: &Grid,
    at: &Snapshot,
    elements: &[Element],
    options: &OutageOptions,
) -> Outages {
    let power_flow = PowerFlowOptions { tables: Tables::All, ..options.power_flow };
    let options = &OutageOptions { power_flow, ..*options };
    let mut solver = PowerFlowSolver::new(grid);
    let before = solver.solve(grid, at, &options.power_flow);
    let base = row::Before::new(grid, at, &before, options);
    let (mut rows, mut detail) = if options.power_flow.method == Method::Dc {
        dc::run(grid, at, &before, &base, elements, options)
    } else {
        ac::run(grid, at, &solver, &before, &base, elements, options)
    };
    full::fill(grid, at, &mut solver, &base, elements, options, &mut rows, &mut detail);
    detail.sort_by_key(|d| (d.outage, d.branch));
    Outages {
        before: base.row,
        elements: elements.to_vec(),
        rows: rows.into_iter().flatten().collect(),
        detail,
    }
}
