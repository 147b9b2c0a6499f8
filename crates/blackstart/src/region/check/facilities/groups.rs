//! Grouping assets by given names, and by what belongs together where none is given.

use std::collections::BTreeMap;

use crate::region::{
    Asset, BranchIdx, BranchKind, BusIdx, GeneratorIdx, GeneratorKind, Grid, Heat, HeatPipeIdx,
    PipeIdx, PlantIdx, PumpIdx, Water, WaterNodeIdx,
};

/// The assets of one facility.
pub(super) struct Group {
    /// The author's name for it.
    pub given: Option<String>,
    /// Never empty; in the order of [`Asset`].
    pub parts: Vec<Asset>,
}

/// What holds assets together; the order makes the result deterministic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// An author's name.
    Given(String),
    /// Buses joined by transformers, by their first bus.
    Buses(usize),
    /// Generators at one bus.
    GeneratorsAt(BusIdx),
    /// Pumps with one suction node.
    PumpsAt(WaterNodeIdx),
    /// An asset by itself.
    Alone(Asset),
}

pub(super) fn of(grid: &Grid, water: &Water, heat: &Heat) -> Vec<Group> {
    let mut groups: BTreeMap<Key, Vec<Asset>> = BTreeMap::new();
    let mut add = |key: Key, asset: Asset| groups.entry(key).or_default().push(asset);
    let stations = Stations::new(grid);
    for b in 0..grid.buses.len() {
        add(stations.key(b), Asset::Bus(BusIdx::new(b)));
    }
    for (i, branch) in grid.branches.iter().enumerate() {
        let asset = Asset::Branch(BranchIdx::new(i));
        match branch.kind {
            BranchKind::Transformer => add(stations.key(branch.from.i()), asset),
            BranchKind::Line | BranchKind::Cable => add(Key::Alone(asset), asset),
        }
    }
    let generators = generator_keys(grid, heat);
    for (i, key) in generators.iter().enumerate() {
        if let Some(key) = key {
            add(key.clone(), Asset::Generator(GeneratorIdx::new(i)));
        }
    }
    for (i, plant) in heat.plants.iter().enumerate() {
        let asset = Asset::Plant(PlantIdx::new(i));
        let of_generator = plant.generator.and_then(|g| generators[g.i()].clone());
        let key = match &plant.facility {
            Some(name) => Key::Given(name.clone()),
            None => of_generator.unwrap_or(Key::Alone(asset)),
        };
        add(key, asset);
    }
    for (i, pump) in water.pumps.iter().enumerate() {
        let key = given(pump.facility.as_ref()).unwrap_or(Key::PumpsAt(pump.from));
        add(key, Asset::Pump(PumpIdx::new(i)));
    }
    let first_tank = water.junctions.len() + water.reservoirs.len();
    for (i, tank) in water.tanks.iter().enumerate() {
        let asset = Asset::Tank(WaterNodeIdx::new(first_tank + i));
        add(given(tank.facility.as_ref()).unwrap_or(Key::Alone(asset)), asset);
    }
    for i in 0..water.pipes.len() {
        let asset = Asset::Pipe(PipeIdx::new(i));
        add(Key::Alone(asset), asset);
    }
    for i in 0..heat.pipes.len() {
        let asset = Asset::HeatPipe(HeatPipeIdx::new(i));
        add(Key::Alone(asset), asset);
    }
    groups
        .into_iter()
        .map(|(key, mut parts)| {
            parts.sort_unstable();
            let given = match key {
                Key::Given(name) => Some(name),
                Key::Buses(_) | Key::GeneratorsAt(_) | Key::PumpsAt(_) | Key::Alone(_) => None,
            };
            Group { given, parts }
        })
        .collect()
}

fn given(name: Option<&String>) -> Option<Key> {
    name.map(|n| Key::Given(n.clone()))
}

/// By generator: what it belongs to; none for import ties.
fn generator_keys(grid: &Grid, heat: &Heat) -> Vec<Option<Key>> {
    let mut plant_name: Vec<Option<&String>> = vec![None; grid.generators.len()];
    for plant in &heat.plants {
        if let (Some(g), Some(name)) = (plant.generator, &plant.facility) {
            plant_name[g.i()].get_or_insert(name);
        }
    }
    let key = |(i, g): (usize, &crate::region::Generator)| {
        if g.kind == GeneratorKind::Import {
            return None;
        }
        let name = g.facility.as_ref().or(plant_name[i]);
        Some(given(name).unwrap_or(Key::GeneratorsAt(g.bus)))
    };
    grid.generators.iter().enumerate().map(key).collect()
}

/// Buses joined by transformers. Two buses with different given names stay apart.
struct Stations<'a> {
    root: Vec<usize>,
    /// By root.
    name: Vec<Option<&'a String>>,
}

impl<'a> Stations<'a> {
    fn new(grid: &'a Grid) -> Self {
        let mut parent: Vec<usize> = (0..grid.buses.len()).collect();
        let mut name: Vec<Option<&String>> =
            grid.buses.iter().map(|b| b.facility.as_ref()).collect();
        for branch in &grid.branches {
            if branch.kind != BranchKind::Transformer {
                continue;
            }
            let a = find(&mut parent, branch.from.i());
            let b = find(&mut parent, branch.to.i());
            let apart = matches!((name[a], name[b]), (Some(x), Some(y)) if x != y);
            if a == b || apart {
                continue;
            }
            let (first, second) = (a.min(b), a.max(b));
            parent[second] = first;
            name[first] = name[first].or(name[second]);
        }
        let root = (0..parent.len()).map(|b| find(&mut parent, b)).collect();
        Self { root, name }
    }

    fn key(&self, bus: usize) -> Key {
        let root = self.root[bus];
        given(self.name[root]).unwrap_or(Key::Buses(root))
    }
}

fn find(parent: &mut [usize], mut b: usize) -> usize {
    while parent[b] != b {
        parent[b] = parent[parent[b]];
        b = parent[b];
    }
    b
}
