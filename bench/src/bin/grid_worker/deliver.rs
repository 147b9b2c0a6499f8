//! Largest weighted service of a damaged grid, DC, as the hour loop asks for it (without
//! opening branches: the linear program that the peers get). The same instances as
//! `bench/peers/deliver.py`.

use blackstart::grid::{Demand, Dispatch, DispatchInput, GridSolver, Snapshot};
use blackstart::region::Grid;
use serde_json::Value;

use crate::cases::Draw;
use crate::npy::Table;
use crate::{Made, Task};

const SHARE_OUT: f64 = 0.1;
const HOURS: usize = 6;

/// State of a damaged hour.
#[derive(Clone)]
pub(crate) struct Hour {
    bus: Vec<bool>,
    branch: Vec<bool>,
    rate: Vec<f64>,
    p_min: Vec<f64>,
    p_max: Vec<f64>,
    dc: Vec<bool>,
    demands: Vec<Demand>,
}

impl Hour {
    /// 10 % of branches and generators out, weights 1, 3, 10 by bus row.
    pub fn damaged(grid: &Grid, seed: u64) -> Self {
        let mut draw = Draw::new(100 + seed);
        let mut whole = |up: bool| {
            let hit = draw.next() < SHARE_OUT;
            up && !hit
        };
        let demand = |d: &blackstart::region::Load| Demand {
            bus: d.bus,
            p_mw: d.p_mw,
            max_share: 1.0,
            weight: [1.0, 3.0, 10.0][d.bus.i() % 3],
        };
        let branch = grid.branches.iter().map(|l| whole(l.in_service)).collect();
        let p_max = grid
            .generators
            .iter()
            .map(|g| {
                if whole(g.in_service && grid.buses[g.bus.i()].in_service) {
                    g.p_max_mw
                } else {
                    0.0
                }
            })
            .collect();
        Self {
            bus: grid.buses.iter().map(|b| b.in_service).collect(),
            branch,
            rate: grid.branches.iter().map(|l| l.rate_mva).collect(),
            p_min: vec![0.0; grid.generators.len()],
            p_max,
            dc: grid.dc_lines.iter().map(|l| l.in_service).collect(),
            demands: grid.loads.iter().map(demand).collect(),
        }
    }

    /// The same state for an optimisation that takes a snapshot.
    pub fn snapshot(&self, grid: &Grid) -> Snapshot {
        let mut at = Snapshot::of(grid);
        at.branch_in_service.clone_from(&self.branch);
        for (up, p_max) in at.generator_in_service.iter_mut().zip(&self.p_max) {
            *up &= *p_max != 0.0;
        }
        at
    }

    fn input(&self) -> DispatchInput<'_> {
        DispatchInput {
            bus_in_service: &self.bus,
            branch_in_service: &self.branch,
            rate_mw: &self.rate,
            p_min_mw: &self.p_min,
            p_max_mw: &self.p_max,
            dc_line_in_service: &self.dc,
            demands: &self.demands,
        }
    }
}

fn solver(grid: &Grid) -> GridSolver {
    GridSolver::new(grid).with_switching(None)
}

struct Deliver {
    grid: Grid,
    hours: Vec<Hour>,
    /// Kept from hour to hour; `None`: made anew for each.
    kept: Option<GridSolver>,
    answers: Vec<Dispatch>,
}

/// Instances of independent damage, each from the tables on.
pub(crate) fn cold(grid: Grid, extra: &Value) -> Made {
    let seeds = extra.get("seeds").and_then(Value::as_u64).unwrap_or(2);
    let hours = (0..seeds).map(|seed| Hour::damaged(&grid, seed)).collect();
    Ok(Box::new(Deliver { grid, hours, kept: None, answers: Vec::new() }))
}

/// One damaged state through hours in which demands and capacities change.
pub(crate) fn hours(grid: Grid) -> Made {
    let first = Hour::damaged(&grid, 0);
    let mut draw = Draw::new(50);
    let mut hours = vec![first; HOURS];
    for (h, hour) in hours.iter_mut().enumerate() {
        #[expect(clippy::cast_precision_loss)]
        let level = 0.85 + 0.03 * h as f64;
        let factors: Vec<f64> =
            grid.buses.iter().map(|_| level * (0.95 + 0.1 * draw.next())).collect();
        for d in &mut hour.demands {
            d.p_mw *= factors[d.bus.i()];
        }
        for p in &mut hour.p_max {
            *p *= 0.9 + 0.1 * draw.next();
        }
    }
    Ok(Box::new(Deliver { kept: Some(solver(&grid)), grid, hours, answers: Vec::new() }))
}

impl Task for Deliver {
    fn run(&mut self) -> Result<(), String> {
        self.answers.clear();
        for hour in &self.hours {
            let answer = match &mut self.kept {
                Some(solver) => solver.dispatch(&self.grid, &hour.input()),
                None => solver(&self.grid).dispatch(&self.grid, &hour.input()),
            };
            self.answers.push(answer);
        }
        Ok(())
    }

    fn per_run(&self) -> usize {
        self.hours.len()
    }

    fn result(&mut self) -> Result<Table, String> {
        Ok(Table::row(self.answers.iter().map(|a| a.objective).collect()))
    }

    fn note(&self) -> String {
        let most = self.answers.iter().map(|a| a.iterations).max().unwrap_or(0);
        let status = self.answers.iter().filter_map(|a| a.status.clone());
        let odd = status.filter(|s| format!("{s:?}") != "Solved").count();
        let trouble = if odd > 0 { format!(", {odd} with trouble") } else { String::new() };
        format!("up to {most} iterations{trouble}")
    }
}
