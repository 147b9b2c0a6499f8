//! `convert`: a grid, a water network or a heat network, from one format to another.

use blackstart_io::formats::psse::Revision;
use blackstart_io::{GridFormat, Severity, WriteGrid};

use crate::args::{Cli, Convert};
use crate::diagnostics;
use crate::exit::Exit;

/// Converts, and tells the problems of the input and what could not be carried over.
pub fn convert(cli: &Cli, what: &Convert) -> Exit {
    if blackstart_io::is_heat(&what.from, &what.to) {
        return heat(cli, what);
    }
    if blackstart_io::is_water(&what.from, &what.to) {
        return water(cli, what);
    }
    let how = WriteGrid {
        format: what.format.as_deref().and_then(GridFormat::of_word),
        overwrite: what.overwrite,
        revision: match what.revision.as_str() {
            "34" => Revision::R34,
            "35" => Revision::R35,
            _ => Revision::R33,
        },
    };
    let converted = match blackstart_io::convert(&what.from, &what.to, how) {
        Ok(converted) => converted,
        Err(error) => return refused(&error),
    };
    diagnostics::print(&converted.problems, cli.format, cli.quiet);
    let Some([buses, branches, generators, loads]) = converted.rows else {
        return Exit::InvalidInput;
    };
    let notes = converted.problems.iter().filter(|p| p.severity == Severity::Note).count();
    diagnostics::print_data(&if cli.format.is_json() {
        serde_json::json!({
            "written": what.to.display().to_string(),
            "buses": buses,
            "branches": branches,
            "generators": generators,
            "loads": loads,
            "notes": notes,
        })
        .to_string()
    } else {
        format!(
            "{}: {buses} buses, {branches} branches, {generators} generators, {loads} loads; \
             {notes} note{}",
            what.to.display(),
            if notes == 1 { "" } else { "s" }
        )
    });
    Exit::Ok
}

fn refused(error: &blackstart_io::WriteGridError) -> Exit {
    diagnostics::say(&error.to_string());
    match error {
        blackstart_io::WriteGridError::NoFormat(_)
        | blackstart_io::WriteGridError::NotWritten(_)
        | blackstart_io::WriteGridError::NotHeat(_) => Exit::Usage,
        blackstart_io::WriteGridError::Exists(_)
        | blackstart_io::WriteGridError::Folder(_)
        | blackstart_io::WriteGridError::Io { .. } => Exit::Failure,
    }
}

/// A water network: an EPANET file to another or to a region, a region to an EPANET file.
fn water(cli: &Cli, what: &Convert) -> Exit {
    if let Some(word) = what.format.as_deref().filter(|word| *word != "region") {
        diagnostics::say(&format!("a water network is written as .inp or as a region, not {word}"));
        return Exit::Usage;
    }
    let converted = match blackstart_io::convert_water(&what.from, &what.to, what.overwrite) {
        Ok(converted) => converted,
        Err(error) => return refused(&error),
    };
    diagnostics::print(&converted.problems, cli.format, cli.quiet);
    let Some([nodes, links]) = converted.rows else {
        return Exit::InvalidInput;
    };
    let notes = converted.problems.iter().filter(|p| p.severity == Severity::Note).count();
    let to = what.to.display().to_string();
    diagnostics::print_data(&if cli.format.is_json() {
        serde_json::json!({"written": to, "nodes": nodes, "links": links, "notes": notes})
            .to_string()
    } else {
        let s = if notes == 1 { "" } else { "s" };
        format!("{to}: {nodes} nodes, {links} links; {notes} note{s}")
    });
    Exit::Ok
}

/// A heat network: GeoJSON to a region or to other GeoJSON, a region to GeoJSON.
fn heat(cli: &Cli, what: &Convert) -> Exit {
    if let Some(word) = what.format.as_deref().filter(|word| *word != "region") {
        let message = format!("a heat network is written as .geojson or as a region, not {word}");
        diagnostics::say(&message);
        return Exit::Usage;
    }
    let converted = match blackstart_io::convert_heat(&what.from, &what.to, what.overwrite) {
        Ok(converted) => converted,
        Err(error) => return refused(&error),
    };
    diagnostics::print(&converted.problems, cli.format, cli.quiet);
    let Some([junctions, pipes, plants, substations]) = converted.rows else {
        return Exit::InvalidInput;
    };
    let notes = converted.problems.iter().filter(|p| p.severity == Severity::Note).count();
    let to = what.to.display().to_string();
    diagnostics::print_data(&if cli.format.is_json() {
        serde_json::json!({
            "written": to,
            "junctions": junctions,
            "pipes": pipes,
            "plants": plants,
            "substations": substations,
            "notes": notes,
        })
        .to_string()
    } else {
        let s = if notes == 1 { "" } else { "s" };
        format!(
            "{to}: {junctions} junctions, {pipes} pipes, {plants} plants, {substations} \
             substations; {notes} note{s}"
        )
    });
    Exit::Ok
}
