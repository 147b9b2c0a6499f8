//! Tables of studies of one grid. `docs/grid-studies.md` describes every column.

use blackstart::grid::Snapshot;
use blackstart::grid::deliver::{Delivery, Limit, LimitKind};
use blackstart::grid::outages::{OutageStatus, Outages};
use blackstart::grid::{IslandStatus, PowerFlow};
use blackstart::region::{Branch, BranchIdx, BusIdx, Grid};

use super::column_table::ColumnTable;

/// Digits behind the point.
const VOLTAGE: usize = 9;
const ANGLE: usize = 7;
const POWER: usize = 6;
const PERCENT: usize = 3;
const SHARE: usize = 6;

/// Tables of a power flow: `buses`, `branches`, `generators` and `status` (one row per
/// island), and `dc_lines` where the grid has some. Rows stand in the order of the grid's
/// file.
#[must_use]
pub fn power_flow(grid: &Grid, flow: &PowerFlow) -> Vec<ColumnTable> {
    let island = |i: &u32| (*i != u32::MAX).then_some(*i);
    let buses = ColumnTable::new("buses")
        .text("bus", grid.buses.iter().map(|b| &*b.id))
        .count("island", flow.island.iter().map(island))
        .number("vm_pu", VOLTAGE, flow.vm_pu.iter().copied())
        .number("va_deg", ANGLE, flow.va_deg.iter().copied())
        .number("p_mw", POWER, flow.bus_p_mw.iter().copied())
        .number("q_mvar", POWER, flow.bus_q_mvar.iter().copied());
    let loading = (0..grid.branches.len()).map(|l| flow.loading_percent(grid, l));
    let branches = branch_ends("branches", grid)
        .number("p_from_mw", POWER, flow.branch_p_from_mw.iter().copied())
        .number("q_from_mvar", POWER, flow.branch_q_from_mvar.iter().copied())
        .number("p_to_mw", POWER, flow.branch_p_to_mw.iter().copied())
        .number("q_to_mvar", POWER, flow.branch_q_to_mvar.iter().copied())
        .number("loading_percent", PERCENT, loading);
    let generators = ColumnTable::new("generators")
        .text("generator", grid.generators.iter().map(|g| &*g.id))
        .text("bus", grid.generators.iter().map(|g| id(grid, g.bus)))
        .number("p_mw", POWER, flow.generator_p_mw.iter().copied())
        .number("q_mvar", POWER, flow.generator_q_mvar.iter().copied());
    let mut tables = vec![buses, branches, generators, status(grid, flow)];
    if !grid.dc_lines.is_empty() {
        tables.push(
            ColumnTable::new("dc_lines")
                .text("dc_line", grid.dc_lines.iter().map(|d| &*d.id))
                .text("from_bus", grid.dc_lines.iter().map(|d| id(grid, d.from)))
                .text("to_bus", grid.dc_lines.iter().map(|d| id(grid, d.to)))
                .number("q_from_mvar", POWER, flow.dc_line_q_from_mvar.iter().copied())
                .number("q_to_mvar", POWER, flow.dc_line_q_to_mvar.iter().copied()),
        );
    }
    tables
}

fn status(grid: &Grid, flow: &PowerFlow) -> ColumnTable {
    let islands = &flow.islands;
    let place = |s: &IslandStatus| match s {
        IslandStatus::NotConverged { worst_bus, .. }
        | IslandStatus::ReactiveLimits { worst_bus, .. } => id(grid, *worst_bus),
        IslandStatus::NotANumber { bus } => id(grid, *bus),
        IslandStatus::Solved | IslandStatus::NoGenerator | IslandStatus::Singular => "",
    };
    ColumnTable::new("status")
        .count("island", (0..islands.len()).map(|i| u32::try_from(i).ok()))
        .text("reference_bus", islands.iter().map(|i| id(grid, i.reference)))
        .count("buses", islands.iter().map(|i| Some(i.buses)))
        .text("status", islands.iter().map(|i| status_word(i.status)))
        .count("iterations", islands.iter().map(|i| Some(i.iterations)))
        .number("worst_mismatch_mva", VOLTAGE, islands.iter().map(|i| i.worst_mismatch_mva))
        .text("worst_bus", islands.iter().map(|i| place(&i.status)))
}

/// The word of a status in tables.
#[must_use]
pub fn status_word(status: IslandStatus) -> &'static str {
    match status {
        IslandStatus::Solved => "solved",
        IslandStatus::NotConverged { .. } => "not_converged",
        IslandStatus::ReactiveLimits { .. } => "reactive_limits",
        IslandStatus::NoGenerator => "no_generator",
        IslandStatus::NotANumber { .. } => "not_a_number",
        IslandStatus::Singular => "singular",
    }
}

/// The table of an N-1 analysis: a row for each element, with what its loss does.
#[must_use]
pub fn outages(grid: &Grid, found: &Outages) -> ColumnTable {
    let rows = &found.rows;
    let branch = |l: Option<BranchIdx>| l.map_or("", |l| &grid.branches[l.i()].id);
    let bus = |b: Option<BusIdx>| b.map_or("", |b| id(grid, b));
    let word = |s: OutageStatus| match s {
        OutageStatus::Solved => "solved",
        OutageStatus::Failed { island, .. } => status_word(island),
    };
    ColumnTable::new("outages")
        .text("kind", found.elements.iter().map(|e| e.kind(grid)))
        .text("element", found.elements.iter().map(|e| e.id(grid)))
        .text("status", rows.iter().map(|r| word(r.status)))
        .count("islands_formed", rows.iter().map(|r| Some(r.islands_formed)))
        .count("buses_dark", rows.iter().map(|r| Some(r.buses_dark)))
        .number("load_lost_mw", POWER, rows.iter().map(|r| r.load_lost_mw))
        .number("worst_loading_percent", PERCENT, rows.iter().map(|r| r.worst_loading_percent))
        .text("worst_branch", rows.iter().map(|r| branch(r.worst_branch)))
        .count("overloads", rows.iter().map(|r| Some(r.overloads)))
        .count("overloads_short_term", rows.iter().map(|r| Some(r.overloads_short)))
        .number("vm_lowest_pu", VOLTAGE, rows.iter().map(|r| r.vm_lowest_pu))
        .text("vm_lowest_bus", rows.iter().map(|r| bus(r.vm_lowest_bus)))
        .number("vm_highest_pu", VOLTAGE, rows.iter().map(|r| r.vm_highest_pu))
        .text("vm_highest_bus", rows.iter().map(|r| bus(r.vm_highest_bus)))
        .count("voltage_violations", rows.iter().map(|r| Some(r.voltage_violations)))
        .number("imbalance_mw", POWER, rows.iter().map(|r| r.imbalance_mw))
        .text("imbalance_bus", rows.iter().map(|r| bus(r.imbalance_bus)))
}

/// The flows after outages, as far as they were asked for.
#[must_use]
pub fn outage_flows(grid: &Grid, found: &Outages) -> ColumnTable {
    let rows = &found.detail;
    ColumnTable::new("flows")
        .text("element", rows.iter().map(|d| found.elements[d.outage as usize].id(grid)))
        .text("branch", rows.iter().map(|d| &*grid.branches[d.branch.i()].id))
        .number("p_before_mw", POWER, rows.iter().map(|d| d.p_before_mw))
        .number("p_after_mw", POWER, rows.iter().map(|d| d.p_after_mw))
        .number("loading_before_percent", PERCENT, rows.iter().map(|d| d.before_percent))
        .number("loading_after_percent", PERCENT, rows.iter().map(|d| d.after_percent))
}

/// Tables of a delivery: `loads` and `buses` with what is served, `generators`,
/// `branches`, `limits` (what binds, largest stake first), and `storages` where the grid
/// has some.
#[must_use]
pub fn delivery(grid: &Grid, at: &Snapshot, got: &Delivery) -> Vec<ColumnTable> {
    let mut asked_mw = vec![0.0; grid.buses.len()];
    for (load, p) in grid.loads.iter().zip(&at.load_p_mw) {
        asked_mw[load.bus.i()] += p;
    }
    let loads = ColumnTable::new("loads")
        .text("load", grid.loads.iter().map(|l| &*l.id))
        .text("bus", grid.loads.iter().map(|l| id(grid, l.bus)))
        .number("asked_mw", POWER, at.load_p_mw.iter().copied())
        .number("asked_mvar", POWER, at.load_q_mvar.iter().copied())
        .number("served_mw", POWER, got.served_mw.iter().copied())
        .number("served_mvar", POWER, got.served_mvar.iter().copied())
        .number("share", SHARE, got.load_share.iter().copied());
    let buses = ColumnTable::new("buses")
        .text("bus", grid.buses.iter().map(|b| &*b.id))
        .number("asked_mw", POWER, asked_mw)
        .number("served_mw", POWER, got.bus_served_mw.iter().copied())
        .number("status", SHARE, got.bus_status.iter().copied())
        .number("shunt_share", SHARE, got.shunt_share.iter().copied())
        .number("vm_pu", VOLTAGE, got.vm_pu.iter().copied())
        .number("va_deg", ANGLE, got.va_deg.iter().copied());
    let generators = ColumnTable::new("generators")
        .text("generator", grid.generators.iter().map(|g| &*g.id))
        .text("bus", grid.generators.iter().map(|g| id(grid, g.bus)))
        .number("status", SHARE, got.generator_status.iter().copied())
        .number("p_mw", POWER, got.generator_mw.iter().copied())
        .number("q_mvar", POWER, got.generator_mvar.iter().copied());
    let branches = branch_ends("branches", grid)
        .number("p_from_mw", POWER, got.branch_from_mw.iter().copied())
        .number("q_from_mvar", POWER, got.branch_from_mvar.iter().copied())
        .number("p_to_mw", POWER, got.branch_to_mw.iter().copied())
        .number("q_to_mvar", POWER, got.branch_to_mvar.iter().copied());
    let limits = ColumnTable::new("limits")
        .text("kind", got.binding.iter().map(|b| kind_word(b.limit.kind())))
        .text("limit", got.binding.iter().map(|b| limit_word(b.limit)))
        .text("element", got.binding.iter().map(|b| element(grid, b.limit)))
        .number("price", SHARE, got.binding.iter().map(|b| b.price))
        .number("stake", SHARE, got.binding.iter().map(|b| b.stake));
    let mut tables = vec![loads, buses, generators, branches, limits];
    if !grid.storages.is_empty() {
        tables.push(
            ColumnTable::new("storages")
                .text("storage", grid.storages.iter().map(|s| &*s.id))
                .number("status", SHARE, got.storage_status.iter().copied())
                .number("p_mw", POWER, got.storage_mw.iter().copied())
                .number("q_mvar", POWER, got.storage_mvar.iter().copied())
                .number("energy_mwh", POWER, got.storage_mwh.iter().copied()),
        );
    }
    tables
}

/// The word of a family of limits.
#[must_use]
pub fn kind_word(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::Energy => "energy",
        LimitKind::Network => "network",
        LimitKind::Voltage => "voltage",
        LimitKind::Reactive => "reactive",
    }
}

/// The column whose limit it is.
pub(super) fn limit_word(limit: Limit) -> &'static str {
    match limit {
        Limit::VoltageLow(_) => "vm_min_pu",
        Limit::VoltageHigh(_) => "vm_max_pu",
        Limit::Rating(_) => "rate_mva",
        Limit::Angle(_) => "angle_deg",
        Limit::OutputHigh(_) => "p_max_mw",
        Limit::OutputLow(_) => "p_min_mw",
        Limit::ReactiveHigh(_) => "q_max_mvar",
        Limit::ReactiveLow(_) => "q_min_mvar",
    }
}

/// Id of the bus, branch or generator whose limit it is.
pub(super) fn element(grid: &Grid, limit: Limit) -> &str {
    match limit {
        Limit::VoltageLow(b) | Limit::VoltageHigh(b) => id(grid, b),
        Limit::Rating(l) | Limit::Angle(l) => &grid.branches[l.i()].id,
        Limit::OutputHigh(g)
        | Limit::OutputLow(g)
        | Limit::ReactiveHigh(g)
        | Limit::ReactiveLow(g) => &grid.generators[g.i()].id,
    }
}

/// A table of branches with their ends.
fn branch_ends(name: &str, grid: &Grid) -> ColumnTable {
    let end = |of: fn(&Branch) -> BusIdx| grid.branches.iter().map(move |l| id(grid, of(l)));
    ColumnTable::new(name)
        .text("branch", grid.branches.iter().map(|l| &*l.id))
        .text("from_bus", end(|l| l.from))
        .text("to_bus", end(|l| l.to))
}

fn id(grid: &Grid, bus: BusIdx) -> &str {
    &grid.buses[bus.i()].id
}
