//! The region: grid, water, heat, places and what depends on what, checked once and
//! never changed after.

mod building_kind;
mod check;
mod closest;
mod dependency;
mod ends;
mod facility;
mod grid;
mod heat;
mod ids;
mod places;
mod problem;
mod water;
mod water_energy;
mod water_rules;

pub use building_kind::{BuildingKind, ENVELOPE_COLUMNS, Envelope, EnvelopeSlot};
pub use closest::closest;
pub use dependency::{Asset, Dependency, Supply};
pub use facility::{Facility, FacilityClass};
pub use grid::{
    Branch, BranchKind, Bus, BusKind, Cost, DcLine, Generator, GeneratorKind, Grid, Load,
    LoadProfile, Storage,
};
pub use heat::{Heat, HeatJunction, HeatOptions, HeatPipe, HeatSubstation, Laid, Plant, PlantKind};
pub use ids::{
    AreaIdx, BranchIdx, BuildingKindIdx, BusIdx, FacilityIdx, GeneratorIdx, HeatJunctionIdx,
    HeatPipeIdx, HeatSubstationIdx, LoadIdx, PipeIdx, PlantIdx, PumpIdx, SiteIdx, ValveIdx,
    WaterNodeIdx,
};
pub use places::{
    Area, BuildingType, Heating, Places, Position, Priority, Queue, Site, SiteKind, Stock,
};
pub use problem::{Code, Note, Problem, Table};
pub use water::{
    Control, ControlAction, ControlWhen, HeadLoss, Junction, JunctionDemand, Pattern, Pipe,
    PipeLeak, PipeStatus, Pump, PumpCurve, Reservoir, Tank, Valve, ValveKind, ValveStatus, Water,
    WaterEdge, WaterOptions,
};
pub use water_energy::{PumpEnergy, WaterEnergy};
pub use water_rules::{Condition, Premise, Quantity, Relation, Rule, RuleAction};

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
    facility_of: check::FacilityOf,
    notes: Vec<Note>,
}

/// What checking a draft gave: all problems at once, and the region if there are none.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The region, when `problems` is empty.
    pub region: Option<Region>,
    /// Everything that is wrong, in table order; the first thousand.
    pub problems: Vec<Problem>,
}

/// What checking a grid on its own gave.
#[derive(Clone, Debug)]
pub struct CheckedGrid {
    /// The grid, when `problems` is empty.
    pub grid: Option<Grid>,
    /// Everything that is wrong, in table order; the first thousand.
    pub problems: Vec<Problem>,
}

impl Grid<String> {
    /// Checks a grid on its own as [`Region::check`] does one within a region.
    #[must_use]
    pub fn check(self) -> CheckedGrid {
        check::check_grid(self)
    }
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
    /// tank, plant, water main and heat pipe is in exactly one facility, import ties
    /// excepted: they are in none, for what is beyond the tie is not of this region.
    ///
    /// Assets with the same given `facility` name form one facility. Where none is given:
    /// buses joined by transformers form a substation, with those transformers; the
    /// generators at one bus form a power plant, with the heat plant that names one of
    /// them; pumps with the same suction node form a pumping station; every boiler house,
    /// tank, line, cable, water main and pair of heat pipes stands for itself. A
    /// transformer between two differently named facilities belongs to that of its from
    /// bus; a name given to one bus of a substation holds for its unnamed buses too, and
    /// a name given to a heat plant for its unnamed generator.
    ///
    /// The class of a named facility is that of its most particular asset: power plant,
    /// boiler house, pumping station, water tank, substation, in this order. Ids are the
    /// given name or the first asset's id, made unique within the class by `-2`, `-3` ….
    ///
    /// Sizes: substations by the ratings of their transformers (else demand, else half of
    /// the ratings of their lines) in MVA or MW, plants in MW, pumping stations in m³/h at
    /// nominal flow, tanks in m³, lines and mains in km; 1 where nothing is known.
    /// Order: by class, within a class by the first asset.
    #[must_use]
    pub fn facilities(&self) -> &[Facility] {
        &self.facilities
    }

    /// The facility that `asset` is in; none for sites and import ties.
    #[must_use]
    pub fn facility_of(&self, asset: Asset) -> Option<FacilityIdx> {
        self.facility_of.get(asset)
    }

    /// The facilities called `name`: an id, which facilities of several classes may
    /// share, or class and id, as in `substation:S12`.
    #[must_use]
    pub fn facilities_called(&self, name: &str) -> Vec<FacilityIdx> {
        let called = |f: &Facility| {
            f.id == name
                || name.split_once(':').is_some_and(|(w, id)| w == f.class.word() && id == f.id)
        };
        let found = self.facilities.iter().enumerate().filter(|(_, f)| called(f));
        found.map(|(i, _)| FacilityIdx::new(i)).collect()
    }

    /// The asset that [`asset_name`](Self::asset_name) writes as `name`, such as `pump:P3`.
    #[must_use]
    pub fn asset_called(&self, name: &str) -> Option<Asset> {
        let (word, id) = name.split_once(':')?;
        let first_tank = self.water.junctions.len() + self.water.reservoirs.len();
        match word {
            "bus" => self.bus_by_id(id).map(Asset::Bus),
            "branch" => position(&self.grid.branches, id, |b| &b.id)
                .map(|i| Asset::Branch(BranchIdx::new(i))),
            "generator" => position(&self.grid.generators, id, |g| &g.id)
                .map(|i| Asset::Generator(GeneratorIdx::new(i))),
            "pump" => {
                position(&self.water.pumps, id, |p| &p.id).map(|i| Asset::Pump(PumpIdx::new(i)))
            }
            "pipe" => {
                position(&self.water.pipes, id, |p| &p.id).map(|i| Asset::Pipe(PipeIdx::new(i)))
            }
            "tank" => position(&self.water.tanks, id, |t| &t.id)
                .map(|i| Asset::Tank(WaterNodeIdx::new(first_tank + i))),
            "plant" => {
                position(&self.heat.plants, id, |p| &p.id).map(|i| Asset::Plant(PlantIdx::new(i)))
            }
            "heat_pipe" => position(&self.heat.pipes, id, |p| &p.id)
                .map(|i| Asset::HeatPipe(HeatPipeIdx::new(i))),
            "site" => {
                position(&self.places.sites, id, |s| &s.id).map(|i| Asset::Site(SiteIdx::new(i)))
            }
            _ => None,
        }
    }

    /// The bus called `id`.
    #[must_use]
    pub fn bus_by_id(&self, id: &str) -> Option<BusIdx> {
        position(&self.grid.buses, id, |b| &b.id).map(BusIdx::new)
    }

    /// The area called `id`.
    #[must_use]
    pub fn area_by_id(&self, id: &str) -> Option<AreaIdx> {
        position(&self.places.areas, id, |a| &a.id).map(AreaIdx::new)
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

/// The position of the row called `id`; time grows with the table.
fn position<T>(rows: &[T], wanted: &str, id: impl Fn(&T) -> &String) -> Option<usize> {
    rows.iter().position(|row| id(row) == wanted)
}
