//! From a draft to a region: resolve every reference, check every number, tell all
//! problems at once.

mod dependencies;
mod facilities;
mod findings;
mod grid;
mod heat;
mod names;
mod nearest;
mod places;
mod water;

#[cfg(test)]
mod tests;

use self::findings::Findings;
use super::{Checked, CheckedGrid, Grid, Region, RegionDraft};

pub(super) use facilities::FacilityOf;

/// A grid on its own.
pub(super) fn check_grid(draft: Grid<String>) -> CheckedGrid {
    let mut f = Findings::new();
    let mut notes = Vec::new();
    // The names of the other networks are empty.
    let draft = RegionDraft { grid: draft, ..RegionDraft::default() };
    let names = names::AllNames::new(&draft, &mut f);
    let grid = grid::check(draft.grid, &names, &mut f, &mut notes);
    let sound = f.is_empty();
    CheckedGrid { grid: sound.then_some(grid), problems: f.into_problems() }
}

pub(super) fn check(draft: RegionDraft) -> Checked {
    let mut f = Findings::new();
    let mut notes = Vec::new();
    let names = names::AllNames::new(&draft, &mut f);

    let grid = grid::check(draft.grid, &names, &mut f, &mut notes);
    let water = water::check(draft.water, &names, &mut f);
    let heat = heat::check(draft.heat, &grid, &names, &mut f);
    let (places, nearest_notes) = {
        let mut nearest = nearest::Nearest::new(&grid, &water, &heat);
        let places = places::check(draft.places, &names, &mut nearest, &mut f);
        (places, nearest.notes())
    };
    notes.extend(nearest_notes);
    let tanks = dependencies::TankRange {
        first: water.junctions.len() + water.reservoirs.len(),
        end: water.node_count(),
    };
    let mut dependencies = dependencies::check(draft.dependencies, tanks, &names, &mut f);

    if !f.is_empty() {
        return Checked { region: None, problems: f.into_problems() };
    }
    // From here on every index is valid.
    dependencies.extend(dependencies::of_sites(&places));
    let (facilities, facility_of) = facilities::derive(&grid, &water, &heat);
    let region = Region {
        name: draft.name,
        grid,
        water,
        heat,
        places,
        dependencies,
        facilities,
        facility_of,
        notes,
    };
    Checked { region: Some(region), problems: Vec::new() }
}
