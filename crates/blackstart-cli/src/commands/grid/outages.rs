//! `grid outages`: each branch and generator lost in turn.

use std::fmt::Write as _;

use blackstart::grid::outages::{
    Detail, OutageOptions, OutageStatus, Outages, every_element, outages as lose_each,
};
use blackstart::grid::{Method, PowerFlowOptions};
use blackstart::region::Grid;
use blackstart_io::write::grid_tables;
use serde_json::{Map, Value, json};

use super::{Done, Input};
use crate::args::Cli;
use crate::args::grid::Outages as Args;
use crate::exit::Exit;

pub(super) fn outages(cli: &Cli, args: &Args) -> Result<Exit, Exit> {
    let input = Input::read(cli, &args.case)?;
    let options = OutageOptions {
        power_flow: PowerFlowOptions {
            method: if args.model.dc { Method::Dc } else { Method::Newton },
            distributed_slack: args.distributed_slack,
            ..PowerFlowOptions::default()
        },
        detail: args.flows_over.map_or(Detail::Nothing, Detail::AtLeast),
    };
    let elements = every_element(&input.grid, &input.at);
    let found = lose_each(&input.grid, &input.at, &elements, &options);
    let counts = Counts::of(&found);
    let mut tables = vec![grid_tables::outages(&input.grid, &found)];
    if args.flows_over.is_some() {
        tables.push(grid_tables::outage_flows(&input.grid, &found));
    }
    let done = Done {
        tables,
        summary: counts.summary(),
        text: counts.text(&input.grid, &found),
        degraded: counts.failed > 0,
    };
    let settings = [
        ("model", if args.model.dc { "dc" } else { "ac" }.to_owned()),
        ("distributed_slack", args.distributed_slack.to_string()),
    ];
    input.write(cli, &args.case, "grid outages", &settings, &done)
}

/// How many outages do what.
struct Counts {
    outages: usize,
    failed: usize,
    overloading: usize,
    violating: usize,
    splitting: usize,
    losing_load: usize,
}

impl Counts {
    fn of(found: &Outages) -> Self {
        let count =
            |what: &dyn Fn(usize) -> bool| (0..found.rows.len()).filter(|&i| what(i)).count();
        Self {
            outages: found.rows.len(),
            failed: count(&|i| found.rows[i].status != OutageStatus::Solved),
            overloading: count(&|i| found.rows[i].overloads > found.before.overloads),
            violating: count(&|i| {
                found.rows[i].voltage_violations > found.before.voltage_violations
            }),
            splitting: count(&|i| found.rows[i].islands_formed > 0),
            losing_load: count(&|i| found.rows[i].load_lost_mw > 0.0),
        }
    }

    fn summary(&self) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, value) in [
            ("outages", self.outages),
            ("not_solved", self.failed),
            ("with_more_overloads", self.overloading),
            ("with_more_voltage_violations", self.violating),
            ("that_form_islands", self.splitting),
            ("that_lose_load", self.losing_load),
        ] {
            out.insert(name.into(), json!(value));
        }
        out
    }

    fn text(&self, grid: &Grid, found: &Outages) -> String {
        let mut out = format!(
            "{} outages: {} overload more branches than before, {} bring more voltages out of \
             limits, {} split the grid, {} leave load without supply.\n",
            self.outages, self.overloading, self.violating, self.splitting, self.losing_load
        );
        if self.failed > 0 {
            let _ = writeln!(out, "{} could not be solved, among them:", self.failed);
            let all = found.elements.iter().zip(&found.rows);
            for (element, row) in all.filter(|(_, r)| r.status != OutageStatus::Solved).take(10) {
                let OutageStatus::Failed { reference, island } = row.status else { continue };
                let _ = writeln!(
                    out,
                    "  {} {}: {} in the island of bus {}",
                    element.kind(grid),
                    element.id(grid),
                    grid_tables::status_word(island).replace('_', " "),
                    grid.buses[reference.i()].id
                );
            }
        }
        out
    }
}
