//! What is in service and injected at one moment.

use crate::region::Grid;

/// The state of a grid at one moment, table by table: what damage, dispatch or a user
/// changes between two power flows of one grid. Everything else (impedances, taps,
/// connections) stays with the [`Grid`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// By bus: in service.
    pub bus_in_service: Vec<bool>,
    /// By bus: shunt conductance, MW consumed at 1 p.u. voltage.
    pub shunt_g_mw: Vec<f64>,
    /// By bus: shunt susceptance, `MVAr` injected at 1 p.u. voltage.
    pub shunt_b_mvar: Vec<f64>,
    /// By branch: in service.
    pub branch_in_service: Vec<bool>,
    /// By generator: in service.
    pub generator_in_service: Vec<bool>,
    /// By generator: active output, MW.
    pub generator_p_mw: Vec<f64>,
    /// By generator: reactive output, `MVAr`; counts where the voltage is not regulated.
    pub generator_q_mvar: Vec<f64>,
    /// By generator: voltage set-point, p.u.
    pub generator_vm_pu: Vec<f64>,
    /// By load: active demand, MW; 0 for a load out of service.
    pub load_p_mw: Vec<f64>,
    /// By load: reactive demand, `MVAr`; 0 for a load out of service.
    pub load_q_mvar: Vec<f64>,
    /// By direct-current line: in service.
    pub dc_line_in_service: Vec<bool>,
    /// By direct-current line: flow taken from the from bus, MW.
    pub dc_line_p_mw: Vec<f64>,
    /// By storage: active power taken from the grid, MW; 0 when out of service.
    pub storage_p_mw: Vec<f64>,
    /// By storage: reactive power taken from the grid, `MVAr`; 0 when out of service.
    pub storage_q_mvar: Vec<f64>,
}

impl Snapshot {
    /// The state that the grid's own file describes.
    #[must_use]
    pub fn of(grid: &Grid) -> Self {
        let served = |up: bool, value: f64| if up { value } else { 0.0 };
        Self {
            bus_in_service: grid.buses.iter().map(|b| b.in_service).collect(),
            shunt_g_mw: grid.buses.iter().map(|b| b.shunt_g_mw).collect(),
            shunt_b_mvar: grid.buses.iter().map(|b| b.shunt_b_mvar).collect(),
            branch_in_service: grid.branches.iter().map(|l| l.in_service).collect(),
            generator_in_service: grid.generators.iter().map(|g| g.in_service).collect(),
            generator_p_mw: grid.generators.iter().map(|g| g.p_mw).collect(),
            generator_q_mvar: grid.generators.iter().map(|g| g.q_mvar).collect(),
            generator_vm_pu: grid.generators.iter().map(|g| g.vm_pu).collect(),
            load_p_mw: grid.loads.iter().map(|l| served(l.in_service, l.p_mw)).collect(),
            load_q_mvar: grid.loads.iter().map(|l| served(l.in_service, l.q_mvar)).collect(),
            dc_line_in_service: grid.dc_lines.iter().map(|d| d.in_service).collect(),
            dc_line_p_mw: grid.dc_lines.iter().map(|d| d.p_mw).collect(),
            storage_p_mw: grid.storages.iter().map(|s| served(s.in_service, s.p_mw)).collect(),
            storage_q_mvar: grid.storages.iter().map(|s| served(s.in_service, s.q_mvar)).collect(),
        }
    }

    /// True when every table is as long as the grid's.
    #[must_use]
    pub fn fits(&self, grid: &Grid) -> bool {
        let (buses, generators) = (grid.buses.len(), grid.generators.len());
        let (loads, dc_lines) = (grid.loads.len(), grid.dc_lines.len());
        self.bus_in_service.len() == buses
            && self.shunt_g_mw.len() == buses
            && self.shunt_b_mvar.len() == buses
            && self.branch_in_service.len() == grid.branches.len()
            && self.generator_in_service.len() == generators
            && self.generator_p_mw.len() == generators
            && self.generator_q_mvar.len() == generators
            && self.generator_vm_pu.len() == generators
            && self.load_p_mw.len() == loads
            && self.load_q_mvar.len() == loads
            && self.dc_line_in_service.len() == dc_lines
            && self.dc_line_p_mw.len() == dc_lines
            && self.storage_p_mw.len() == grid.storages.len()
            && self.storage_q_mvar.len() == grid.storages.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Snapshot;
    use crate::region::{BusIdx, Grid, Load};

    #[test]
    fn loads_out_of_service_take_nothing() {
        let load = |in_service| Load {
            bus: BusIdx(0),
            p_mw: 5.0,
            q_mvar: 2.0,
            in_service,
            ..Load::default()
        };
        let grid = Grid { loads: vec![load(true), load(false)], ..Grid::default() };
        let state = Snapshot::of(&grid);
        assert_eq!(state.load_p_mw, [5.0, 0.0]);
        assert_eq!(state.load_q_mvar, [2.0, 0.0]);
        assert!(state.fits(&grid));
        assert!(!Snapshot::default().fits(&grid));
    }
}
