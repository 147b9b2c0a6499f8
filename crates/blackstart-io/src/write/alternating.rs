//! `voltages.csv` and `limits.csv`: what alternating current says of every hour.

use blackstart::grid::deliver::LimitKind;
use blackstart::region::BusIdx;
use blackstart::results::AlternatingTable;

use super::WriteInput;
use super::column_table::ColumnTable;
use super::grid_tables::{element, kind_word, limit_word};
use super::tables::local_time;

const VOLTAGE: usize = 5;
const POWER: usize = 3;
const STAKE: usize = 6;

/// One row an hour.
pub(super) fn voltages(input: &WriteInput<'_>, t: &AlternatingTable) -> ColumnTable {
    let hours = t.status.len();
    let buses = &input.region.grid().buses;
    let bus = |b: &Option<BusIdx>| b.map_or("", |b| buses[b.i()].id.as_str());
    ColumnTable::new("voltages")
        .text("time", (0..hours).map(|h| local_time(input.scenario, h as f64)))
        .count("hour", (0..hours).map(|h| u32::try_from(h).ok()))
        .number("vm_lowest_pu", VOLTAGE, t.vm_lowest_pu.iter().copied())
        .text("vm_lowest_bus", t.vm_lowest_bus.iter().map(bus))
        .number("vm_highest_pu", VOLTAGE, t.vm_highest_pu.iter().copied())
        .text("vm_highest_bus", t.vm_highest_bus.iter().map(bus))
        .count("buses_low", t.buses_low.iter().copied().map(Some))
        .count("buses_high", t.buses_high.iter().copied().map(Some))
        .number("losses_mw", POWER, t.losses_mw.iter().copied())
        .number("held_back_mw", POWER, t.held_back_mw.iter().copied())
        .text(
            "limited_by",
            t.limited_by.iter().map(|k: &Option<LimitKind>| k.map_or("", kind_word)),
        )
        .text("status", t.status.iter().map(|s| s.word()))
        .text("detail", t.status.iter().map(|s| s.detail()))
}

/// The limits with the largest stakes of every hour in which demand is held back.
pub(super) fn limits(input: &WriteInput<'_>, t: &AlternatingTable) -> ColumnTable {
    let grid = input.region.grid();
    ColumnTable::new("limits")
        .text("time", t.binding.iter().map(|b| local_time(input.scenario, f64::from(b.hour))))
        .count("hour", t.binding.iter().map(|b| Some(b.hour)))
        .text("kind", t.binding.iter().map(|b| kind_word(b.limit.kind())))
        .text("limit", t.binding.iter().map(|b| limit_word(b.limit)))
        .text("element", t.binding.iter().map(|b| element(grid, b.limit)))
        .number("stake", STAKE, t.binding.iter().map(|b| b.stake))
}
