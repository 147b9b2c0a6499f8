//! From the functionality of facilities to what the networks can use of their assets.
//!
//! | asset | effect of functionality `f` < 1 |
//! |---|---|
//! | bus of a substation | `f` caps the share of its demands; out of service at 0 |
//! | bus of another facility | out of service at 0, untouched above |
//! | transformer | rating × `f`; out of service at 0 |
//! | line, cable | out of service |
//! | generator, heat plant, pump | capacity × `f` |
//! | tank | usable from `f` ≥ 0.5 |
//! | water main, heat main | broken |
//!
//! The bus of a power plant or pumping station is its switchyard: people around it are
//! not served less because a boiler is hit, but the switchyard goes with the whole site.

use crate::region::{Asset, BranchKind, FacilityClass, Region};

/// From this functionality up a tank holds water.
pub const TANK_HOLDS_FROM: f64 = 0.5;

/// What the networks can use, by asset, after damage alone. What a file takes out of
/// service itself is out here too.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    /// By bus: not out of service.
    pub bus_in_service: Vec<bool>,
    /// By bus: largest share of its demands that can be served, 0 … 1.
    pub bus_share: Vec<f64>,
    /// By branch: not out of service, and neither is a bus at its ends.
    pub branch_in_service: Vec<bool>,
    /// By branch: share of its rating, 0 … 1.
    pub branch_rate_share: Vec<f64>,
    /// By generator: share of its capacity, 0 … 1; 0 at a bus out of service.
    pub generator_share: Vec<f64>,
    /// By heat plant: share of its capacity, 0 … 1.
    pub plant_share: Vec<f64>,
    /// By pump: share of its capacity, 0 … 1.
    pub pump_share: Vec<f64>,
    /// By water main: not broken.
    pub pipe_whole: Vec<bool>,
    /// By tank (position in `Water::tanks`): holds water.
    pub tank_whole: Vec<bool>,
    /// By pair of heat pipes: not broken.
    pub heat_pipe_whole: Vec<bool>,
}

impl Effects {
    /// No damage.
    #[must_use]
    pub fn new(region: &Region) -> Self {
        let (grid, water, heat) = (region.grid(), region.water(), region.heat());
        let mut effects = Self {
            bus_in_service: vec![true; grid.buses.len()],
            bus_share: vec![1.0; grid.buses.len()],
            branch_in_service: vec![true; grid.branches.len()],
            branch_rate_share: vec![1.0; grid.branches.len()],
            generator_share: vec![1.0; grid.generators.len()],
            plant_share: vec![1.0; heat.plants.len()],
            pump_share: vec![1.0; water.pumps.len()],
            pipe_whole: vec![true; water.pipes.len()],
            tank_whole: vec![true; water.tanks.len()],
            heat_pipe_whole: vec![true; heat.pipes.len()],
        };
        effects.update(region, &[]);
        effects
    }

    /// Takes over the functionality of every facility, in the region's order; what the
    /// slice is too short for is whole. Allocates nothing.
    pub fn update(&mut self, region: &Region, functionality: &[f64]) {
        self.reset(region);
        let tanks_from = region.water().junctions.len() + region.water().reservoirs.len();
        for (facility, &f) in region.facilities().iter().zip(functionality) {
            if f >= 1.0 {
                continue;
            }
            let f = f.max(0.0);
            for part in &facility.parts {
                match *part {
                    Asset::Bus(b) => {
                        self.bus_in_service[b.i()] &= f > 0.0;
                        if facility.class == FacilityClass::Substation || f == 0.0 {
                            self.bus_share[b.i()] = f;
                        }
                    }
                    Asset::Branch(b) => match region.grid().branches[b.i()].kind {
                        BranchKind::Transformer => {
                            self.branch_in_service[b.i()] &= f > 0.0;
                            self.branch_rate_share[b.i()] = f;
                        }
                        BranchKind::Line | BranchKind::Cable => {
                            self.branch_in_service[b.i()] = false;
                            self.branch_rate_share[b.i()] = 0.0;
                        }
                    },
                    Asset::Generator(g) => self.generator_share[g.i()] = f,
                    Asset::Plant(p) => self.plant_share[p.i()] = f,
                    Asset::Pump(p) => self.pump_share[p.i()] = f,
                    Asset::Pipe(p) => self.pipe_whole[p.i()] = false,
                    Asset::Tank(n) => {
                        self.tank_whole[n.i() - tanks_from] = f >= TANK_HOLDS_FROM;
                    }
                    Asset::HeatPipe(p) => self.heat_pipe_whole[p.i()] = false,
                    // A site is not damaged itself; it goes dark with what it needs.
                    Asset::Site(_) => {}
                }
            }
        }
        for (whole, branch) in self.branch_in_service.iter_mut().zip(&region.grid().branches) {
            *whole &= self.bus_in_service[branch.from.i()] && self.bus_in_service[branch.to.i()];
        }
        for (share, generator) in self.generator_share.iter_mut().zip(&region.grid().generators) {
            if !self.bus_in_service[generator.bus.i()] {
                *share = 0.0;
            }
        }
    }

    fn reset(&mut self, region: &Region) {
        let grid = region.grid();
        for (on, bus) in self.bus_in_service.iter_mut().zip(&grid.buses) {
            *on = bus.in_service;
        }
        for (on, branch) in self.branch_in_service.iter_mut().zip(&grid.branches) {
            *on = branch.in_service;
        }
        for (share, generator) in self.generator_share.iter_mut().zip(&grid.generators) {
            *share = if generator.in_service { 1.0 } else { 0.0 };
        }
        self.bus_share.fill(1.0);
        self.branch_rate_share.fill(1.0);
        self.plant_share.fill(1.0);
        self.pump_share.fill(1.0);
        self.pipe_whole.fill(true);
        self.tank_whole.fill(true);
        self.heat_pipe_whole.fill(true);
    }
}
