//! AC power flow: cold, warm, and many scenarios.

use blackstart::grid::{
    Method, PowerFlow, PowerFlowOptions, PowerFlowSolver, Snapshot, Start, Tables,
};
use blackstart::region::Grid;

use crate::cases;
use crate::npy::Table;
use crate::{Made, Task};

fn voltages(flow: PowerFlow) -> Table {
    let mut values = flow.vm_pu;
    values.extend(flow.va_deg);
    Table::row(values)
}

/// The peers give voltages and no flows.
fn voltages_alone() -> PowerFlowOptions {
    PowerFlowOptions { tables: Tables::Voltages, ..PowerFlowOptions::default() }
}

fn told(flow: &PowerFlow) -> Result<(), String> {
    if flow.solved() { Ok(()) } else { Err(format!("{:?}", flow.islands.first())) }
}

struct Cold {
    grid: Grid,
    at: Snapshot,
    last: Option<PowerFlow>,
}

/// Everything from the tables on.
pub(crate) fn cold(grid: Grid) -> Made {
    Ok(Box::new(Cold { at: Snapshot::of(&grid), grid, last: None }))
}

impl Task for Cold {
    fn run(&mut self) -> Result<(), String> {
        let mut solver = PowerFlowSolver::new(&self.grid);
        let flow = solver.solve(&self.grid, &self.at, &voltages_alone());
        told(&flow)?;
        self.last = Some(flow);
        Ok(())
    }

    fn result(&mut self) -> Result<Table, String> {
        self.last.take().map(voltages).ok_or_else(|| "not run".to_owned())
    }
}

struct Warm {
    grid: Grid,
    solver: PowerFlowSolver,
    /// The case's injections, and others.
    states: [Snapshot; 2],
    options: PowerFlowOptions,
    turn: usize,
}

/// The same topology with other injections, from the case's start point.
pub(crate) fn warm(grid: Grid, method: Method) -> Made {
    let at = Snapshot::of(&grid);
    let mut other = at.clone();
    for v in other.load_p_mw.iter_mut().chain(&mut other.load_q_mvar) {
        *v *= 1.0001;
    }
    let solver = PowerFlowSolver::new(&grid);
    let options = PowerFlowOptions { method, ..voltages_alone() };
    Ok(Box::new(Warm { grid, solver, states: [at, other], options, turn: 0 }))
}

impl Task for Warm {
    fn run(&mut self) -> Result<(), String> {
        self.turn ^= 1;
        let at = &self.states[self.turn];
        told(&self.solver.solve(&self.grid, at, &self.options))
    }

    fn result(&mut self) -> Result<Table, String> {
        let flow = self.solver.solve(&self.grid, &self.states[0], &self.options);
        Ok(voltages(flow))
    }
}

struct Batch {
    grid: Grid,
    solver: PowerFlowSolver,
    states: Vec<Snapshot>,
    /// By scenario: voltages (magnitudes, angles), if solved.
    voltages: Vec<Option<(Vec<f64>, Vec<f64>)>>,
}

/// Scenarios that differ in every load, with `damage` branches out in each.
pub(crate) fn batch(grid: Grid, damage: usize) -> Made {
    let states = cases::scenarios(&grid, damage);
    let mut solver = PowerFlowSolver::new(&grid);
    // Finds order and pattern, from the file's start: the voltages of the grid's own state
    // are found in every run.
    told(&solver.solve(&grid, &Snapshot::of(&grid), &voltages_alone()))?;
    Ok(Box::new(Batch { grid, solver, states, voltages: Vec::new() }))
}

impl Task for Batch {
    fn run(&mut self) -> Result<(), String> {
        let Self { grid, solver, states, .. } = self;
        let options = PowerFlowOptions { start: Start::Base, ..voltages_alone() };
        self.voltages = solver.clone().solve_batch(
            grid,
            states.len(),
            |k| &states[k],
            &options,
            |_, flow| flow.solved().then_some((flow.vm_pu, flow.va_deg)),
        );
        Ok(())
    }

    fn per_run(&self) -> usize {
        self.states.len()
    }

    fn result(&mut self) -> Result<Table, String> {
        let buses = self.grid.buses.len();
        let unsolved = vec![f64::NAN; buses];
        let rows = self.voltages.iter().map(|v| v.as_ref().map_or(&unsolved, |(vm, _)| vm));
        Ok(Table {
            shape: vec![self.voltages.len(), buses],
            values: rows.flatten().copied().collect(),
        })
    }
}
