//! Which assets form a facility.

mod describe;
mod groups;

use std::collections::{BTreeMap, BTreeSet};

use self::describe::Describe;
use self::groups::Group;
use crate::region::{Asset, Facility, FacilityClass, FacilityIdx, Grid, Heat, Water};

/// The facility of each asset.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::region) struct FacilityOf(BTreeMap<Asset, FacilityIdx>);

impl FacilityOf {
    pub fn get(&self, asset: Asset) -> Option<FacilityIdx> {
        self.0.get(&asset).copied()
    }
}

/// The facilities of a checked region, as [`Region::facilities`](crate::region::Region)
/// documents them: by class, within a class by their first asset.
pub(super) fn derive(grid: &Grid, water: &Water, heat: &Heat) -> (Vec<Facility>, FacilityOf) {
    let mut groups: Vec<(FacilityClass, Group)> =
        groups::of(grid, water, heat).into_iter().map(|g| (class_of(&g, grid, heat), g)).collect();
    groups.sort_by_key(|(class, g)| (*class, g.parts[0]));
    let describe = Describe::new(grid, water, heat);
    let mut taken: BTreeSet<(FacilityClass, String)> =
        groups.iter().filter_map(|(class, g)| Some((*class, g.given.clone()?))).collect();
    let mut facilities = Vec::with_capacity(groups.len());
    let mut of = BTreeMap::new();
    for (class, group) in groups {
        let index = FacilityIdx::new(facilities.len());
        of.extend(group.parts.iter().map(|part| (*part, index)));
        let name = match &group.given {
            Some(given) => given.clone(),
            None => describe.name(class, &group.parts),
        };
        let id =
            group.given.unwrap_or_else(|| unique(describe.id(group.parts[0]), class, &mut taken));
        facilities.push(Facility {
            id,
            name,
            class,
            position: describe.position(&group.parts),
            size: describe.size(class, &group.parts),
            parts: group.parts,
        });
    }
    (facilities, FacilityOf(of))
}

/// `id`, or `id-2`, `id-3` … if another facility of the class has it.
fn unique(id: &str, class: FacilityClass, taken: &mut BTreeSet<(FacilityClass, String)>) -> String {
    let mut candidate = id.to_owned();
    let mut n = 1;
    while !taken.insert((class, candidate.clone())) {
        n += 1;
        candidate = format!("{id}-{n}");
    }
    candidate
}

/// What is most particular about a group decides: a plant with its own buses is a plant.
fn class_of(group: &Group, grid: &Grid, heat: &Heat) -> FacilityClass {
    use crate::region::{BranchKind, PlantKind};
    let mut class = FacilityClass::Substation;
    let rank = |class: FacilityClass| match class {
        FacilityClass::PowerPlant => 0,
        FacilityClass::BoilerHouse => 1,
        FacilityClass::PumpingStation => 2,
        FacilityClass::WaterTank => 3,
        FacilityClass::Line
        | FacilityClass::Cable
        | FacilityClass::HeatMain
        | FacilityClass::WaterMain => 4,
        FacilityClass::Substation => 5,
    };
    for part in &group.parts {
        let own = match part {
            Asset::Bus(_) | Asset::Site(_) => FacilityClass::Substation,
            Asset::Branch(b) => match grid.branches[b.i()].kind {
                BranchKind::Line => FacilityClass::Line,
                BranchKind::Cable => FacilityClass::Cable,
                BranchKind::Transformer => FacilityClass::Substation,
            },
            Asset::Generator(_) => FacilityClass::PowerPlant,
            Asset::Plant(p) => match heat.plants[p.i()].kind {
                PlantKind::Chp => FacilityClass::PowerPlant,
                PlantKind::BoilerHouse | PlantKind::Mobile => FacilityClass::BoilerHouse,
            },
            Asset::Pump(_) => FacilityClass::PumpingStation,
            Asset::Tank(_) => FacilityClass::WaterTank,
            Asset::Pipe(_) => FacilityClass::WaterMain,
            Asset::HeatPipe(_) => FacilityClass::HeatMain,
        };
        if rank(own) < rank(class) {
            class = own;
        }
    }
    class
}
