//! The region: grid, water, heat, places and what depends on what, checked once and
//! never changed after.

mod check;
mod dependency;
mod facility;
mod grid;
mod heat;
mod ids;
mod places;
mod problem;
mod water;

pub use dependency::{Asset, Dependency, Supply};
pub use facility::{Facility, FacilityClass};
pub use grid::{
    Branch, BranchKind, Bus, DcLine, Generator, GeneratorKind, Grid, Load, LoadProfile,
};
pub use heat::{Heat, HeatJunction, HeatOptions, HeatPipe, HeatSubstation, Plant, PlantKind};
pub use ids::{
    AreaIdx, BranchIdx, BusIdx, FacilityIdx, GeneratorIdx, HeatJunctionIdx, HeatPipeIdx,
    HeatSubstationIdx, LoadIdx, PipeIdx, PlantIdx, PumpIdx, SiteIdx, ValveIdx, WaterNodeIdx,
};
pub use places::{
    Area, BuildingType, Heating, Places, Position, Priority, Queue, Site, SiteKind, Stock,
};
pub use problem::{Code, Note, Problem, Table};
pub use water::{
    Control, ControlAction, ControlWhen, HeadLoss, Junction, JunctionDemand, Pattern, Pipe,
    PipeStatus, Pump, PumpCurve, Reservoir, Tank, Valve, ValveKind, ValveStatus, Water, WaterEdge,
    WaterOptions,
};

/// A region as its author wrote it: references are ids. Areas and sites may say
/// [`NEAREST`] instead of an id.
///
/// Assets are written `pump:P3` (also `bus:`, `branch:`, `generator:`, `pipe:`,
/// `tank:`, `plant:`, `heat_pipe:`, `site:`), supplies `bus:1043` or `junction:J7`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionDraft {
    /// Name for people.
    pub name: String,
    /// Electricity.
    pub grid: Grid<String>,
    /// Water.
    pub water: Water<String>,
    /// District heating.
    pub heat: Heat<String, String>,
    /// Areas, buildings, critical sites.
    pub places: Places<String, String, String, String>,
    /// Who needs what from another network.
    pub dependencies: Vec<Dependency<String, String>>,
}

/// The word by which an area or site asks for the nearest bus, junction or heat
/// substation.
pub const NEAREST: &str = "nearest";

/// A checked region. Every reference in it is valid; every number is finite unless
/// its documentation says otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    name: String,
    grid: Grid,
    water: Water,
    heat: Heat,
    places: Places,
    dependencies: Vec<Dependency>,
    facilities: Vec<Facility>,
    notes: Vec<Note>,
}

/// What checking a draft gave: all problems at once, and the region if there are none.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The region, when `problems` is empty.
    pub region: Option<Region>,
    /// Everything that is wrong, in table order.
    pub problems: Vec<Problem>,
}

impl Region {
    /// Checks `draft` and makes it a region, or tells everything that is wrong with it.
    #[must_use]
    pub fn check(draft: RegionDraft) -> Checked {
        check::check(draft)
    }

    /// Name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Electricity.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Water.
    #[must_use]
    pub fn water(&self) -> &Water {
        &self.water
    }

    /// District heating.
    #[must_use]
    pub fn heat(&self) -> &Heat {
        &self.heat
    }

    /// Areas, buildings, critical sites.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Who needs what from another network. The needs of [`Site`]s (their bus and
    /// junction) come last and are made here, in table order.
    #[must_use]
    pub fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    /// What is hit, damaged and repaired as one. Every bus, branch, generator, pump,
    /// tank, plant, water main and heat pipe is in exactly one facility.
    #[must_use]
    pub fn facilities(&self) -> &[Facility] {
        &self.facilities
    }

    /// What was assumed while checking: which bus "nearest" came to be, and so on.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Residents of all areas.
    #[must_use]
    pub fn people(&self) -> f64 {
        self.places.areas.iter().map(|a| a.people).sum()
    }

    /// The id of an asset as its author wrote it, with its table: `pump:P3`.
    #[must_use]
    pub fn asset_name(&self, asset: Asset) -> String {
        let water_nodes = self.water.junctions.len() + self.water.reservoirs.len();
        match asset {
            Asset::Bus(b) => format!("bus:{}", self.grid.buses[b.i()].id),
            Asset::Branch(b) => format!("branch:{}", self.grid.branches[b.i()].id),
            Asset::Generator(g) => format!("generator:{}", self.grid.generators[g.i()].id),
            Asset::Pump(p) => format!("pump:{}", self.water.pumps[p.i()].id),
            Asset::Pipe(p) => format!("pipe:{}", self.water.pipes[p.i()].id),
            Asset::Tank(n) => format!("tank:{}", self.water.tanks[n.i() - water_nodes].id),
            Asset::Plant(p) => format!("plant:{}", self.heat.plants[p.i()].id),
            Asset::HeatPipe(p) => format!("heat_pipe:{}", self.heat.pipes[p.i()].id),
            Asset::Site(s) => format!("site:{}", self.places.sites[s.i()].id),
        }
    }
}
