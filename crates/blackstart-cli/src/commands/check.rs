//! `check`: tells every problem of a region (and a scenario) at once.

use std::path::Path;

use blackstart::region::Region;

use crate::args::Cli;
use crate::diagnostics;
use crate::exit::Exit;

/// Checks a region, and a scenario against it.
pub fn check(cli: &Cli, region: &Path, scenario: Option<&Path>) -> Exit {
    let read = blackstart_io::read_region(region);
    let mut wrong = diagnostics::print(&read.problems, cli.format, cli.quiet);
    let Some(region) = read.region else {
        return Exit::InvalidInput;
    };
    if let Some(path) = scenario {
        let read = blackstart_io::read_scenario(path, &region);
        wrong |= diagnostics::print(&read.problems, cli.format, cli.quiet);
    }
    if wrong {
        return Exit::InvalidInput;
    }
    if cli.format.is_json() {
        diagnostics::print_data(&counts(&region).to_string());
    } else {
        diagnostics::print_data(&describe(&region));
    }
    Exit::Ok
}

fn counts(region: &Region) -> serde_json::Value {
    let (grid, water) = (region.grid(), region.water());
    let (heat, places) = (region.heat(), region.places());
    serde_json::json!({
        "region": region.name(),
        "people": region.people(),
        "areas": places.areas.len(),
        "sites": places.sites.len(),
        "buses": grid.buses.len(),
        "branches": grid.branches.len(),
        "generators": grid.generators.len(),
        "loads_mw": grid.loads.iter().map(|l| l.p_mw).sum::<f64>(),
        "generation_mw": grid.generators.iter().map(|g| g.p_max_mw).sum::<f64>(),
        "junctions": water.junctions.len(),
        "tanks": water.tanks.len(),
        "pumps": water.pumps.len(),
        "water_pipes": water.pipes.len(),
        "heat_plants": heat.plants.len(),
        "heat_mw": heat.plants.iter().map(|p| p.heat_max_mw).sum::<f64>(),
        "heat_substations": heat.substations.len(),
        "dependencies": region.dependencies().len(),
        "facilities": region.facilities().len(),
        "notes": region.notes().iter().map(|n| n.text.clone()).collect::<Vec<_>>(),
    })
}

/// The region in a few plain lines.
pub fn describe(region: &Region) -> String {
    let (grid, water) = (region.grid(), region.water());
    let (heat, places) = (region.heat(), region.places());
    let load_mw: f64 = grid.loads.iter().map(|l| l.p_mw).sum();
    let make_mw: f64 = grid.generators.iter().filter(|g| g.in_service).map(|g| g.p_max_mw).sum();
    // An empty sum of floats is −0.
    let heat_mw = heat.plants.iter().map(|p| p.heat_max_mw).sum::<f64>() + 0.0;
    let mut lines = vec![
        format!("{}: no problems found", region.name()),
        format!(
            "  people   {:.0} in {} areas, {} critical sites",
            region.people(),
            places.areas.len(),
            places.sites.len()
        ),
        format!(
            "  grid     {} buses, {} branches, {} generators and ties ({make_mw:.0} MW) for {load_mw:.0} MW of load at the peak",
            grid.buses.len(),
            grid.branches.len(),
            grid.generators.len(),
        ),
        format!(
            "  water    {} junctions, {} sources, {} tanks, {} pumps, {} pipes",
            water.junctions.len(),
            water.reservoirs.len(),
            water.tanks.len(),
            water.pumps.len(),
            water.pipes.len()
        ),
        format!(
            "  heat     {} plants ({heat_mw:.0} MW), {} pipe pairs, {} substations",
            heat.plants.len(),
            heat.pipes.len(),
            heat.substations.len()
        ),
        format!(
            "  coupling {} dependencies; {} facilities that can be damaged and repaired",
            region.dependencies().len(),
            region.facilities().len()
        ),
    ];
    lines.extend(region.notes().iter().map(|n| format!("  assumed: {}", n.text)));
    lines.join("\n")
}
