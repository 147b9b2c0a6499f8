//! Outages of one branch each, islands included.

use std::collections::HashMap;

use blackstart::grid::outages::{Detail, Element, OutageOptions, OutageStatus, Outages, outages};
use blackstart::grid::{Method, PowerFlowOptions, Snapshot};
use blackstart::region::{BranchIdx, Grid};
use serde_json::Value;

use crate::cases::{Draw, live_branches};
use crate::npy::Table;
use crate::{Made, Task};

struct Analysis {
    grid: Grid,
    at: Snapshot,
    elements: Vec<Element>,
    options: OutageOptions,
    found: Option<Outages>,
}

/// All branches in service, or a fixed draw of `outages` of them.
fn sample(grid: &Grid, extra: &Value) -> Vec<usize> {
    let mut on = live_branches(grid);
    let most = extra.get("outages").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let most = most.unwrap_or(on.len());
    if on.len() > most {
        let mut draw = Draw::new(2);
        for k in 0..most {
            let j = k + draw.below(on.len() - k);
            on.swap(k, j);
        }
        on.truncate(most);
    }
    on
}

pub(crate) fn task(grid: Grid, method: Method, extra: &Value) -> Made {
    let elements =
        sample(&grid, extra).into_iter().map(|l| Element::Branch(BranchIdx::new(l))).collect();
    let options = OutageOptions {
        power_flow: PowerFlowOptions { method, ..PowerFlowOptions::default() },
        ..OutageOptions::default()
    };
    Ok(Box::new(Analysis { at: Snapshot::of(&grid), grid, elements, options, found: None }))
}

impl Task for Analysis {
    fn run(&mut self) -> Result<(), String> {
        self.found = Some(outages(&self.grid, &self.at, &self.elements, &self.options));
        Ok(())
    }

    fn per_run(&self) -> usize {
        self.elements.len()
    }

    /// By outage: solved, and the least voltage (AC) or the largest flow (DC).
    fn result(&mut self) -> Result<Table, String> {
        let dc = self.options.power_flow.method == Method::Dc;
        let detail = if dc { Detail::All } else { Detail::Nothing };
        let options = OutageOptions { detail, ..self.options };
        let found = outages(&self.grid, &self.at, &self.elements, &options);
        let mut largest: HashMap<u32, f64> = HashMap::new();
        for d in &found.detail {
            let most = largest.entry(d.outage).or_default();
            *most = most.max(d.p_after_mw.abs());
        }
        let mut values = Vec::new();
        for (k, row) in (0_u32..).zip(&found.rows) {
            values.push(f64::from(u8::from(row.status == OutageStatus::Solved)));
            values.push(if dc {
                largest.get(&k).copied().unwrap_or(0.0)
            } else {
                row.vm_lowest_pu
            });
        }
        Ok(Table { shape: vec![found.rows.len(), 2], values })
    }

    fn note(&self) -> String {
        let rows = self.found.iter().flat_map(|f| &f.rows);
        let split = rows.filter(|r| r.islands_formed > 0).count();
        format!("{split} form islands")
    }
}
