//! Reading a case file into checked tables.

use std::path::{Path, PathBuf};

use blackstart::region::Grid;

use crate::npy::Table;
use crate::{Made, Task, cases};

struct Read {
    path: PathBuf,
    grid: Option<Grid>,
}

pub(crate) fn task(path: &Path) -> Made {
    Ok(Box::new(Read { path: path.to_owned(), grid: None }))
}

impl Task for Read {
    fn run(&mut self) -> Result<(), String> {
        self.grid = Some(cases::load(&self.path)?);
        Ok(())
    }

    fn result(&mut self) -> Result<Table, String> {
        let grid = self.grid.as_ref().ok_or("not run")?;
        let counts = [grid.buses.len(), grid.branches.len(), grid.generators.len()];
        #[expect(clippy::cast_precision_loss)]
        let mut values: Vec<f64> = counts.iter().map(|&n| n as f64).collect();
        values.push(grid.loads.iter().map(|l| l.p_mw).sum());
        values.push(grid.branches.iter().map(|b| b.x_pu).sum());
        Ok(Table::row(values))
    }
}
