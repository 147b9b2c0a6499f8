//! Who hangs on a damaged facility: what repair jobs are put in order by.
//!
//! Asked for damaged facilities alone, when they are damaged; there is no table of what
//! would hurt most, and no way to ask for one. The figure is static and approximate, for
//! putting jobs in order, not a result: the hour loop computes who is really without.
//!
//! People behind a facility are the most of, over the networks its parts are in,
//!
//! * those whose bus, junction or heat junction loses every path to a source when this
//!   facility alone is out, and
//! * the people of the network times the facility's share of the capacity of its sort:
//!   generators by MW, transformers and lines by MVA within a voltage level, heat plants
//!   by MW, pumping stations by m³/h, tanks by volume, mains by diameter^2.63 (what a
//!   pipe carries at equal slope by Hazen–Williams).
//!
//! It is critical if a dependency, or the heat of a critical site, loses every supply.

use crate::damage::Effects;
use crate::region::{
    Asset, Branch, BranchKind, FacilityClass, FacilityIdx, Heating, PipeStatus, Region, Supply,
    Tank, ValveStatus,
};

/// Workspace: what is reached without damage, and people by node.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    effects: Effects,
    functionality: Vec<f64>,
    whole: Reached,
    now: Reached,
    people: ByNetwork<Vec<f64>>,
}

#[derive(Clone, Debug)]
struct ByNetwork<T> {
    buses: T,
    water: T,
    heat: T,
}

type Reached = ByNetwork<Vec<bool>>;

impl Ranking {
    pub fn new(region: &Region) -> Self {
        let effects = Effects::new(region);
        let none = ByNetwork {
            buses: vec![false; region.grid().buses.len()],
            water: vec![false; region.water().node_count()],
            heat: vec![false; region.heat().junctions.len()],
        };
        let mut whole = none.clone();
        reach(region, &effects, &mut whole);
        Self {
            effects,
            functionality: vec![1.0; region.facilities().len()],
            whole,
            now: none,
            people: people_by_node(region),
        }
    }

    /// People behind a facility, and whether something critical hangs on it.
    pub fn of(&mut self, region: &Region, facility: FacilityIdx) -> (f64, bool) {
        self.functionality[facility.i()] = 0.0;
        self.effects.update(region, &self.functionality);
        self.functionality[facility.i()] = 1.0;
        reach(region, &self.effects, &mut self.now);
        let people = self.cut_people().max(self.share_of_people(region, facility));
        (people, self.is_critical(region, facility))
    }

    fn cut_people(&self) -> f64 {
        let cut = |people: &[f64], whole: &[bool], now: &[bool]| {
            let each = people.iter().zip(whole).zip(now);
            each.filter(|((_, was), is)| **was && !**is).map(|((p, _), _)| p).sum::<f64>()
        };
        let (p, was, is) = (&self.people, &self.whole, &self.now);
        cut(&p.buses, &was.buses, &is.buses)
            .max(cut(&p.water, &was.water, &is.water))
            .max(cut(&p.heat, &was.heat, &is.heat))
    }

    fn is_critical(&self, region: &Region, facility: FacilityIdx) -> bool {
        let parts = &region.facilities()[facility.i()].parts;
        let reached = |reached: &Reached, supply: &Supply| match *supply {
            Supply::Bus(b) => reached.buses[b.i()],
            Supply::Junction(j) => reached.water[j.i()],
        };
        let starves = region.dependencies().iter().any(|d| {
            // A part's own needs are no reason to hurry with the part itself.
            !parts.contains(&d.asset)
                && d.on.iter().any(|s| reached(&self.whole, s))
                && !d.on.iter().any(|s| reached(&self.now, s))
        });
        let heat = region.heat();
        let freezes = region.places().sites.iter().filter_map(|s| s.substation).any(|s| {
            let junction = heat.substations[s.i()].junction.i();
            self.whole.heat[junction] && !self.now.heat[junction]
        });
        starves || freezes
    }

    fn share_of_people(&self, region: &Region, facility: FacilityIdx) -> f64 {
        let total = |people: &[f64]| people.iter().sum::<f64>();
        let facility = &region.facilities()[facility.i()];
        let (grid, water, heat) = (region.grid(), region.water(), region.heat());
        let (mut made, mut transformed, mut carried) = (0.0, 0.0, 0.0);
        let (mut heated, mut piped, mut stored, mut hot) = (0.0, 0.0, 0.0, 0.0);
        let tanks_from = water.junctions.len() + water.reservoirs.len();
        let mut pumps = false;
        for part in &facility.parts {
            match *part {
                Asset::Generator(g) => {
                    let of = |i: usize| grid.generators[i].p_max_mw;
                    made += share(g.i(), grid.generators.len(), of);
                }
                Asset::Branch(b) => {
                    let level = level(region, &grid.branches[b.i()]);
                    let of = |i: usize| {
                        let other = &grid.branches[i];
                        // A branch without a rating carries as much as any.
                        let same = self::level(region, other) == level;
                        if same { other.rate_mva.min(UNRATED_MVA) } else { 0.0 }
                    };
                    let part = share(b.i(), grid.branches.len(), of);
                    match grid.branches[b.i()].kind {
                        BranchKind::Transformer => transformed += part,
                        BranchKind::Line | BranchKind::Cable => carried += part,
                    }
                }
                Asset::Plant(p) => {
                    heated += share(p.i(), heat.plants.len(), |i| heat.plants[i].heat_max_mw);
                }
                Asset::HeatPipe(p) => {
                    let of = |i: usize| heat.pipes[i].diameter_mm.powf(2.63);
                    hot += share(p.i(), heat.pipes.len(), of);
                }
                Asset::Pipe(p) => {
                    let of = |i: usize| water.pipes[i].diameter_mm.powf(2.63);
                    piped += share(p.i(), water.pipes.len(), of);
                }
                Asset::Tank(n) => {
                    let of = |i: usize| volume_m3(&water.tanks[i]);
                    stored += share(n.i() - tanks_from, water.tanks.len(), of);
                }
                Asset::Pump(_) => pumps = true,
                Asset::Bus(_) | Asset::Site(_) => {}
            }
        }
        let pumped = if pumps {
            let stations = |f: &&crate::region::Facility| f.class == FacilityClass::PumpingStation;
            let all: f64 = region.facilities().iter().filter(stations).map(|f| f.size).sum();
            if all > 0.0 { (facility.size / all).clamp(0.0, 1.0) } else { 0.0 }
        } else {
            0.0
        };
        let by_network = [
            (made.max(transformed).max(carried), &self.people.buses),
            (pumped.max(stored).max(piped), &self.people.water),
            (heated.max(hot), &self.people.heat),
        ];
        by_network.iter().map(|(share, people)| share * total(people)).fold(0.0, f64::max)
    }
}

/// Stands in for a rating that a file does not give.
const UNRATED_MVA: f64 = 1e4;

/// What is compared with what: transformers between the same voltages, lines of one.
fn level(region: &Region, branch: &Branch) -> (bool, u64, u64) {
    let kv = |bus: crate::region::BusIdx| region.grid().buses[bus.i()].base_kv;
    let (a, b) = (kv(branch.from), kv(branch.to));
    let transformer = branch.kind == BranchKind::Transformer;
    (transformer, a.max(b).to_bits(), a.min(b).to_bits())
}

fn volume_m3(tank: &Tank) -> f64 {
    let low_high = (tank.volume_curve.first(), tank.volume_curve.last());
    if let (Some(low), Some(high)) = low_high {
        return high.1 - low.1;
    }
    let area = std::f64::consts::FRAC_PI_4 * tank.diameter_m * tank.diameter_m;
    area * (tank.max_level_m - tank.min_level_m)
}

/// Share of `i` in the sum of `of` over 0 … `n` − 1.
fn share(i: usize, n: usize, of: impl Fn(usize) -> f64) -> f64 {
    let positive = |i: usize| of(i).max(0.0);
    let all: f64 = (0..n).map(positive).sum();
    if all > 0.0 { positive(i) / all } else { 0.0 }
}

fn people_by_node(region: &Region) -> ByNetwork<Vec<f64>> {
    let mut people = ByNetwork {
        buses: vec![0.0; region.grid().buses.len()],
        water: vec![0.0; region.water().node_count()],
        heat: vec![0.0; region.heat().junctions.len()],
    };
    let places = region.places();
    for area in &places.areas {
        if let Some(bus) = area.bus {
            people.buses[bus.i()] += area.people;
        }
        if let Some(junction) = area.junction {
            people.water[junction.i()] += area.people;
        }
    }
    for stock in places.stock.iter().filter(|s| s.heating == Heating::District) {
        if let Some(substation) = places.areas[stock.area.i()].substation {
            let junction = region.heat().substations[substation.i()].junction;
            people.heat[junction.i()] += stock.people;
        }
    }
    people
}

/// Marks what has a path from a source: buses from generators, water nodes from
/// reservoirs, heat junctions from plants.
fn reach(region: &Region, effects: &Effects, reached: &mut Reached) {
    let (grid, water, heat) = (region.grid(), region.water(), region.heat());
    let mut edges = Vec::new();

    reached.buses.fill(false);
    for (generator, share) in grid.generators.iter().zip(&effects.generator_share) {
        reached.buses[generator.bus.i()] |= *share > 0.0 && generator.p_max_mw > 0.0;
    }
    let branches = grid.branches.iter().zip(&effects.branch_in_service);
    edges.extend(branches.filter(|(_, on)| **on).map(|(b, _)| (b.from.i(), b.to.i())));
    let dc = grid.dc_lines.iter().filter(|d| d.in_service);
    let alive = |bus: usize| effects.bus_in_service[bus];
    edges.extend(dc.map(|d| (d.from.i(), d.to.i())).filter(|&(from, to)| alive(from) && alive(to)));
    spread(&edges, &mut reached.buses);

    edges.clear();
    reached.water.fill(false);
    let first = water.junctions.len();
    reached.water[first..first + water.reservoirs.len()].fill(true);
    let pipes = water.pipes.iter().zip(&effects.pipe_whole);
    let open = pipes.filter(|(p, whole)| **whole && p.status != PipeStatus::Closed);
    edges.extend(open.map(|(p, _)| (p.from.i(), p.to.i())));
    let pumps = water.pumps.iter().zip(&effects.pump_share);
    edges.extend(pumps.filter(|(_, s)| **s > 0.0).map(|(p, _)| (p.from.i(), p.to.i())));
    let valves = water.valves.iter().filter(|v| v.status != ValveStatus::Closed);
    edges.extend(valves.map(|v| (v.from.i(), v.to.i())));
    // A tank that leaks is no way through.
    let tanks_from = first + water.reservoirs.len();
    let holds = |node: usize| node < tanks_from || effects.tank_whole[node - tanks_from];
    edges.retain(|&(from, to)| holds(from) && holds(to));
    spread(&edges, &mut reached.water);

    edges.clear();
    reached.heat.fill(false);
    for (plant, share) in heat.plants.iter().zip(&effects.plant_share) {
        reached.heat[plant.junction.i()] |= *share > 0.0;
    }
    let pipes = heat.pipes.iter().zip(&effects.heat_pipe_whole);
    edges.extend(pipes.filter(|(_, whole)| **whole).map(|(p, _)| (p.from.i(), p.to.i())));
    spread(&edges, &mut reached.heat);
}

/// Carries marks along edges, both ways, as far as they go.
fn spread(edges: &[(usize, usize)], marked: &mut [bool]) {
    let n = marked.len();
    let mut first = vec![0u32; n + 1];
    for &(a, b) in edges {
        first[a + 1] += 1;
        first[b + 1] += 1;
    }
    for i in 0..n {
        first[i + 1] += first[i];
    }
    let mut fill = first.clone();
    let mut neighbours = vec![0usize; 2 * edges.len()];
    for &(a, b) in edges {
        neighbours[fill[a] as usize] = b;
        fill[a] += 1;
        neighbours[fill[b] as usize] = a;
        fill[b] += 1;
    }
    let mut stack: Vec<usize> = (0..n).filter(|&i| marked[i]).collect();
    while let Some(i) = stack.pop() {
        for &next in &neighbours[first[i] as usize..first[i + 1] as usize] {
            if !marked[next] {
                marked[next] = true;
                stack.push(next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_spread_along_edges_only() {
        let mut marked = [false, true, false, false, false];
        spread(&[(0, 1), (2, 0), (3, 4)], &mut marked);
        assert_eq!(marked, [true, true, true, false, false]);
        spread(&[], &mut []);
    }

    #[test]
    fn shares_add_up() {
        let sizes = [3.0, 0.0, 1.0, -2.0];
        let shares: Vec<f64> = (0..4).map(|i| share(i, 4, |j| sizes[j])).collect();
        assert_eq!(shares, [0.75, 0.0, 0.25, 0.0]);
        assert_eq!(share(0, 2, |_| 0.0), 0.0);
    }
}
