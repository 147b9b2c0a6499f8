//! AC optimal power flow, and AC maximal load delivery of damaged grids: the programs of
//! `bench/peers/optimal.py`.

use blackstart::grid::Snapshot;
use blackstart::grid::deliver::{
    AngleLimits, DeliverOptions, Delivery, Formulation, LoadWeights, Worth, deliver,
};
use blackstart::grid::opf::{OptimalFlow, OptimalFlowOptions, ac_optimal_flow};
use blackstart::region::Grid;
use serde_json::Value;

use crate::deliver::Hour;
use crate::npy::Table;
use crate::{Made, Task};

struct Flow {
    grid: Grid,
    at: Snapshot,
    answer: Option<OptimalFlow>,
}

/// Least cost, limits of angles left out as the peers do.
pub(crate) fn flow(grid: Grid) -> Made {
    let at = Snapshot::of(&grid);
    Ok(Box::new(Flow { grid, at, answer: None }))
}

impl Task for Flow {
    fn run(&mut self) -> Result<(), String> {
        let options = OptimalFlowOptions { angle_limits: false, ..OptimalFlowOptions::default() };
        self.answer = Some(ac_optimal_flow(&self.grid, &self.at, &options));
        Ok(())
    }

    fn result(&mut self) -> Result<Table, String> {
        let answer = self.answer.as_ref().ok_or("not run")?;
        Ok(Table::row(vec![answer.cost_per_h]))
    }

    fn note(&self) -> String {
        let word = |a: &OptimalFlow| format!("{} iterations, {:?}", a.iterations, a.status);
        self.answer.as_ref().map(word).unwrap_or_default().replace(", Solved", "")
    }
}

struct Damaged {
    grid: Grid,
    states: Vec<Snapshot>,
    options: DeliverOptions,
    answers: Vec<Delivery>,
}

/// Damaged states: shares of loads, shunts and generators, voltages that may sag.
pub(crate) fn damaged(grid: Grid, extra: &Value) -> Made {
    let seeds = extra.get("seeds").and_then(Value::as_u64).unwrap_or(2);
    let states = (0..seeds).map(|seed| Hour::damaged(&grid, seed).snapshot(&grid)).collect();
    let weights = grid.loads.iter().map(|l| [1.0, 3.0, 10.0][l.bus.i() % 3]).collect();
    let options = DeliverOptions {
        formulation: Formulation::Ac,
        angles: AngleLimits::Ignore,
        weights: LoadWeights::ByLoad(weights),
        worth: Worth { voltage_violation: 10.0, shunt: 1e-3, ..Worth::default() },
        storages: None,
        ..DeliverOptions::default()
    };
    Ok(Box::new(Damaged { grid, states, options, answers: Vec::new() }))
}

impl Task for Damaged {
    fn run(&mut self) -> Result<(), String> {
        self.answers.clear();
        self.answers.extend(self.states.iter().map(|at| deliver(&self.grid, at, &self.options)));
        Ok(())
    }

    fn per_run(&self) -> usize {
        self.states.len()
    }

    fn result(&mut self) -> Result<Table, String> {
        let base = self.grid.base_mva;
        Ok(Table::row(self.answers.iter().map(|a| a.objective.load * base).collect()))
    }

    fn note(&self) -> String {
        let most = self.answers.iter().map(|a| a.iterations).max().unwrap_or(0);
        let odd = self.answers.iter().find(|a| !a.status.is_usable());
        let trouble = odd.map(|a| format!(", {:?}", a.status)).unwrap_or_default();
        format!("up to {most} iterations{trouble}")
    }
}
