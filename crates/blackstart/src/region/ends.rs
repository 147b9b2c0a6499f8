//! Where assets are.

use super::{Asset, Grid, Heat, Position, Region, Water, WaterNodeIdx};

/// Both ends of an asset, or its one position; what is not known is left out.
pub(super) fn ends(grid: &Grid, water: &Water, heat: &Heat, asset: Asset) -> [Option<Position>; 2] {
    let bus = |b: usize| grid.buses[b].position;
    let junction = |j: usize| heat.junctions[j].position;
    let node = |n| node_position(water, n);
    match asset {
        Asset::Bus(b) => [bus(b.i()), None],
        Asset::Branch(b) => {
            let branch = &grid.branches[b.i()];
            [bus(branch.from.i()), bus(branch.to.i())]
        }
        Asset::Generator(g) => [bus(grid.generators[g.i()].bus.i()), None],
        Asset::Pump(p) => {
            let pump = &water.pumps[p.i()];
            [node(pump.from), node(pump.to)]
        }
        Asset::Pipe(p) => {
            let pipe = &water.pipes[p.i()];
            [node(pipe.from), node(pipe.to)]
        }
        Asset::Tank(n) => [node(n), None],
        Asset::Plant(p) => {
            let plant = &heat.plants[p.i()];
            [plant.position.or_else(|| junction(plant.junction.i())), None]
        }
        Asset::HeatPipe(p) => {
            let pipe = &heat.pipes[p.i()];
            [junction(pipe.from.i()), junction(pipe.to.i())]
        }
        Asset::Site(_) => [None, None],
    }
}

fn node_position(water: &Water, node: WaterNodeIdx) -> Option<Position> {
    let i = node.i();
    let (junctions, reservoirs) = (water.junctions.len(), water.reservoirs.len());
    if i < junctions {
        water.junctions[i].position
    } else if i < junctions + reservoirs {
        water.reservoirs[i - junctions].position
    } else {
        water.tanks[i - junctions - reservoirs].position
    }
}

impl Region {
    /// Both ends of an asset, or its one position; nothing for what is not known, and for
    /// sites.
    #[must_use]
    pub fn ends(&self, asset: Asset) -> [Option<Position>; 2] {
        ends(&self.grid, &self.water, &self.heat, asset)
    }
}
