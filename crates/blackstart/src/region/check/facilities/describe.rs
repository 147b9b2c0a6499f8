//! Name, position and size of facilities.

use crate::region::ends::ends;
use crate::region::{
    Asset, FacilityClass, Grid, Heat, Position, Pump, PumpCurve, Tank, Water, WaterNodeIdx,
};

/// Size of a facility whose data say nothing about it, so that a draw by size can
/// still find it.
const UNKNOWN_SIZE: f64 = 1.0;

/// Head at which the flow of a pump of given power is estimated for its size, m.
const TYPICAL_HEAD_M: f64 = 50.0;

/// Describes facilities of one region.
pub(super) struct Describe<'a> {
    grid: &'a Grid,
    water: &'a Water,
    heat: &'a Heat,
    /// By bus: demand, MW.
    load_mw: Vec<f64>,
    /// By bus: ratings of the lines that end there, MW.
    line_mw: Vec<f64>,
}

impl<'a> Describe<'a> {
    pub fn new(grid: &'a Grid, water: &'a Water, heat: &'a Heat) -> Self {
        let mut load_mw = vec![0.0; grid.buses.len()];
        for load in &grid.loads {
            load_mw[load.bus.i()] += load.p_mw.max(0.0);
        }
        let mut line_mw = vec![0.0; grid.buses.len()];
        for branch in &grid.branches {
            if branch.rate_mva.is_finite() {
                line_mw[branch.from.i()] += branch.rate_mva;
                line_mw[branch.to.i()] += branch.rate_mva;
            }
        }
        Self { grid, water, heat, load_mw, line_mw }
    }

    /// The id of one asset, as its author wrote it.
    pub fn id(&self, asset: Asset) -> &'a str {
        let first_tank = self.water.junctions.len() + self.water.reservoirs.len();
        match asset {
            Asset::Bus(b) => &self.grid.buses[b.i()].id,
            Asset::Branch(b) => &self.grid.branches[b.i()].id,
            Asset::Generator(g) => &self.grid.generators[g.i()].id,
            Asset::Pump(p) => &self.water.pumps[p.i()].id,
            Asset::Pipe(p) => &self.water.pipes[p.i()].id,
            Asset::Tank(n) => &self.water.tanks[n.i() - first_tank].id,
            Asset::Plant(p) => &self.heat.plants[p.i()].id,
            Asset::HeatPipe(p) => &self.heat.pipes[p.i()].id,
            // Sites are in no facility.
            Asset::Site(_) => "",
        }
    }

    fn node_id(&self, node: WaterNodeIdx) -> &'a str {
        let (w, i) = (self.water, node.i());
        let (junctions, reservoirs) = (w.junctions.len(), w.reservoirs.len());
        if i < junctions {
            &w.junctions[i].id
        } else if i < junctions + reservoirs {
            &w.reservoirs[i - junctions].id
        } else {
            &w.tanks[i - junctions - reservoirs].id
        }
    }

    /// A name for people.
    pub fn name(&self, class: FacilityClass, parts: &[Asset]) -> String {
        let bus_name = |b: usize| {
            let bus = &self.grid.buses[b];
            if bus.name.is_empty() { &bus.id } else { &bus.name }
        };
        let plant = parts.iter().find_map(|p| {
            if let Asset::Plant(p) = p { Some(&self.heat.plants[p.i()]) } else { None }
        });
        if let Some(plant) = plant
            && !plant.name.is_empty()
        {
            return plant.name.clone();
        }
        match (class, parts[0]) {
            (FacilityClass::Substation, Asset::Bus(b)) => format!("Substation {}", bus_name(b.i())),
            (FacilityClass::PowerPlant, Asset::Generator(g)) => {
                format!("Power plant {}", bus_name(self.grid.generators[g.i()].bus.i()))
            }
            (FacilityClass::Line, Asset::Branch(b)) => {
                let branch = &self.grid.branches[b.i()];
                format!("Line {} – {}", bus_name(branch.from.i()), bus_name(branch.to.i()))
            }
            (FacilityClass::Cable, Asset::Branch(b)) => {
                let branch = &self.grid.branches[b.i()];
                format!("Cable {} – {}", bus_name(branch.from.i()), bus_name(branch.to.i()))
            }
            (FacilityClass::PumpingStation, Asset::Pump(p)) => {
                format!("Pumping station {}", self.node_id(self.water.pumps[p.i()].from))
            }
            (FacilityClass::Substation, first) => format!("Substation {}", self.id(first)),
            (FacilityClass::PowerPlant, first) => format!("Power plant {}", self.id(first)),
            (FacilityClass::BoilerHouse, first) => format!("Boiler house {}", self.id(first)),
            (FacilityClass::PumpingStation, first) => format!("Pumping station {}", self.id(first)),
            (FacilityClass::WaterTank, first) => format!("Tank {}", self.id(first)),
            (FacilityClass::Line, first) => format!("Line {}", self.id(first)),
            (FacilityClass::Cable, first) => format!("Cable {}", self.id(first)),
            (FacilityClass::HeatMain, first) => format!("Heat main {}", self.id(first)),
            (FacilityClass::WaterMain, first) => format!("Water main {}", self.id(first)),
        }
    }

    /// The mean of the parts' positions, as far as they are known.
    pub fn position(&self, parts: &[Asset]) -> Option<Position> {
        let (mut lon, mut lat, mut n) = (0.0, 0.0, 0.0);
        for part in parts {
            let ends: Vec<Position> =
                ends(self.grid, self.water, self.heat, *part).into_iter().flatten().collect();
            if ends.is_empty() {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "one or two ends")]
            let count = ends.len() as f64;
            lon += ends.iter().map(|p| p.lon_deg).sum::<f64>() / count;
            lat += ends.iter().map(|p| p.lat_deg).sum::<f64>() / count;
            n += 1.0;
        }
        (n > 0.0).then(|| Position { lon_deg: lon / n, lat_deg: lat / n })
    }

    /// Size in the unit of the class.
    pub fn size(&self, class: FacilityClass, parts: &[Asset]) -> f64 {
        let sum = |f: &dyn Fn(Asset) -> f64| parts.iter().map(|p| f(*p)).sum::<f64>();
        let size = match class {
            FacilityClass::Substation => self.substation_mw(parts),
            FacilityClass::PowerPlant => {
                let power_mw = sum(&|p| self.power_mw(p));
                if power_mw > 0.0 { power_mw } else { sum(&|p| self.heat_mw(p)) }
            }
            FacilityClass::BoilerHouse => sum(&|p| self.heat_mw(p)),
            FacilityClass::PumpingStation => sum(&|p| self.pump_m3h(p)),
            FacilityClass::WaterTank => sum(&|p| self.tank_m3(p)),
            FacilityClass::Line
            | FacilityClass::Cable
            | FacilityClass::WaterMain
            | FacilityClass::HeatMain => sum(&|p| self.length_km(p)),
        };
        if size.is_finite() && size > 0.0 { size } else { UNKNOWN_SIZE }
    }

    fn power_mw(&self, asset: Asset) -> f64 {
        let Asset::Generator(g) = asset else { return 0.0 };
        self.grid.generators[g.i()].p_max_mw.max(0.0)
    }

    fn heat_mw(&self, asset: Asset) -> f64 {
        let Asset::Plant(p) = asset else { return 0.0 };
        self.heat.plants[p.i()].heat_max_mw
    }

    fn pump_m3h(&self, asset: Asset) -> f64 {
        let Asset::Pump(p) = asset else { return 0.0 };
        nominal_m3h(&self.water.pumps[p.i()])
    }

    fn tank_m3(&self, asset: Asset) -> f64 {
        let Asset::Tank(n) = asset else { return 0.0 };
        let first_tank = self.water.junctions.len() + self.water.reservoirs.len();
        volume_m3(&self.water.tanks[n.i() - first_tank])
    }

    /// Ratings of its transformers; where none is given its demand, or half of what its
    /// lines can carry.
    fn substation_mw(&self, parts: &[Asset]) -> f64 {
        let (mut transformers, mut load, mut lines) = (0.0, 0.0, 0.0);
        for part in parts {
            if let Asset::Branch(b) = part
                && self.grid.branches[b.i()].rate_mva.is_finite()
            {
                transformers += self.grid.branches[b.i()].rate_mva;
            }
            if let Asset::Bus(b) = part {
                load += self.load_mw[b.i()];
                lines += self.line_mw[b.i()];
            }
        }
        if transformers > 0.0 {
            transformers
        } else if load > 0.0 {
            load
        } else {
            lines / 2.0
        }
    }

    /// The length that the data state, or the distance of the ends.
    fn length_km(&self, asset: Asset) -> f64 {
        if let Asset::Pipe(p) = asset {
            return self.water.pipes[p.i()].length_m / 1000.0;
        }
        if let Asset::HeatPipe(p) = asset {
            return self.heat.pipes[p.i()].length_m / 1000.0;
        }
        let [Some(a), Some(b)] = ends(self.grid, self.water, self.heat, asset) else { return 0.0 };
        a.distance_km(b)
    }
}

/// The flow a pump is made for, m³/h.
fn nominal_m3h(pump: &Pump) -> f64 {
    match &pump.curve {
        // P = ρ g Q H
        PumpCurve::Power { kw } => kw * 1e3 / (1000.0 * 9.81 * TYPICAL_HEAD_M) * 3600.0,
        PumpCurve::Points(points) => points.get(points.len() / 2).map_or(0.0, |p| p.0),
    }
}

/// Water between the bottom of a tank and its highest level, m³.
fn volume_m3(tank: &Tank) -> f64 {
    match tank.volume_curve.last() {
        Some((_, volume)) => *volume,
        None => std::f64::consts::FRAC_PI_4 * tank.diameter_m * tank.diameter_m * tank.max_level_m,
    }
}
