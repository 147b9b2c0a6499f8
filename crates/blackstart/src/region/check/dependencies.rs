//! Checks of dependencies; the needs of sites become dependencies too.

use super::findings::Findings;
use super::names::{AllNames, From};
use crate::region::{
    Asset, BranchIdx, BusIdx, Code, Dependency, GeneratorIdx, HeatPipeIdx, PipeIdx, Places,
    PlantIdx, PumpIdx, SiteIdx, Supply, Table, WaterNodeIdx, closest,
};

const ASSET_WORDS: [&str; 9] =
    ["bus", "branch", "generator", "pump", "pipe", "tank", "plant", "heat_pipe", "site"];

/// Where tanks lie among the water nodes.
#[derive(Clone, Copy)]
pub(super) struct TankRange {
    pub first: usize,
    pub end: usize,
}

/// Resolves assets and supplies and checks numbers.
pub(super) fn check(
    rows: Vec<Dependency<String, String>>,
    tanks: TankRange,
    names: &AllNames,
    f: &mut Findings,
) -> Vec<Dependency> {
    let mut dependencies = Vec::with_capacity(rows.len());
    for (row, d) in rows.into_iter().enumerate() {
        let mut r = f.row(Table::Dependencies, row, &d.asset);
        r.not_negative("need_mw", d.need_mw);
        r.not_negative("need_m3h", d.need_m3h);
        r.not_negative_or_infinite("buffer_h", d.buffer_h);
        let who = format!("the dependency of `{}`", d.asset.escape_debug());
        let asset = asset(&d.asset, row, tanks, names, f);
        let on: Vec<Supply> = d.on.iter().filter_map(|s| supply(s, row, &who, names, f)).collect();
        check_kinds(&d, &on, row, &who, f);
        if let Some(asset) = asset {
            dependencies.push(Dependency {
                asset,
                on,
                need_mw: d.need_mw,
                need_m3h: d.need_m3h,
                buffer_h: d.buffer_h,
            });
        }
    }
    dependencies
}

fn check_kinds(
    d: &Dependency<String, String>,
    on: &[Supply],
    row: usize,
    who: &str,
    f: &mut Findings,
) {
    let mut push = |code, field, message: String, help: &str| {
        f.push(code, (Table::Dependencies, row, field), message, Some(help.to_owned()));
    };
    if d.on.is_empty() {
        let help = "write bus:ID or junction:ID; several are separated by semicolons";
        push(Code::Missing, "on", format!("{who} is on nothing"), help);
        return;
    }
    if on.len() < d.on.len() {
        return;
    }
    let buses = on.iter().filter(|s| matches!(s, Supply::Bus(_))).count();
    if buses != 0 && buses != on.len() {
        let help = "write one row for electricity and one for water";
        push(Code::Contradiction, "on", format!("{who} mixes buses and junctions"), help);
    } else if buses == 0 && d.need_mw > 0.0 {
        let help = "electricity comes from a bus; water is need_m3h";
        let message = format!("{who} is on water but needs {} MW", d.need_mw);
        push(Code::Contradiction, "need_mw", message, help);
    } else if buses != 0 && d.need_m3h > 0.0 {
        let help = "water comes from a junction; electricity is need_mw";
        let message = format!("{who} is on electricity but needs {} m³/h", d.need_m3h);
        push(Code::Contradiction, "need_m3h", message, help);
    }
}

/// The word and id of `pump:P3`, or a problem.
fn split<'a>(
    text: &'a str,
    (row, field): (usize, &'static str),
    words: &[&'static str],
    f: &mut Findings,
) -> Option<(&'static str, &'a str)> {
    let (word, id) = text.split_once(':').unwrap_or(("", text));
    if let Some(word) = words.iter().find(|w| **w == word.trim()) {
        return Some((word, id.trim()));
    }
    let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    let message = format!("`{shown}` does not say what kind of thing it is");
    let help = match closest(word, words.iter().copied()) {
        Some(near) => format!("did you mean `{near}:{}`?", id.trim()),
        None => format!("write it as {}:ID", words.join(":ID, ")),
    };
    f.push(Code::UnknownReference, (Table::Dependencies, row, field), message, Some(help));
    None
}

fn asset(
    text: &str,
    row: usize,
    tanks: TankRange,
    names: &AllNames,
    f: &mut Findings,
) -> Option<Asset> {
    let (word, id) = split(text, (row, "asset"), &ASSET_WORDS, f)?;
    let who = format!("row {} of dependencies", row + 1);
    let from = From { table: Table::Dependencies, row, field: "asset", who: &who };
    let mut in_table = |table| names.resolve(f, table, from, id);
    match word {
        "bus" => in_table(&names.buses).map(|i| Asset::Bus(BusIdx::new(i))),
        "branch" => in_table(&names.branches).map(|i| Asset::Branch(BranchIdx::new(i))),
        "generator" => in_table(&names.generators).map(|i| Asset::Generator(GeneratorIdx::new(i))),
        "pump" => in_table(&names.pumps).map(|i| Asset::Pump(PumpIdx::new(i))),
        "pipe" => in_table(&names.pipes).map(|i| Asset::Pipe(PipeIdx::new(i))),
        "plant" => in_table(&names.plants).map(|i| Asset::Plant(PlantIdx::new(i))),
        "heat_pipe" => in_table(&names.heat_pipes).map(|i| Asset::HeatPipe(HeatPipeIdx::new(i))),
        "site" => in_table(&names.sites).map(|i| Asset::Site(SiteIdx::new(i))),
        _ => {
            let node = in_table(&names.nodes)?;
            if (tanks.first..tanks.end).contains(&node) {
                return Some(Asset::Tank(WaterNodeIdx::new(node)));
            }
            let message = format!("{who} names tank `{id}`, which is another kind of node");
            f.push(Code::UnknownReference, (Table::Dependencies, row, "asset"), message, None);
            None
        }
    }
}

fn supply(text: &str, row: usize, who: &str, names: &AllNames, f: &mut Findings) -> Option<Supply> {
    let (word, id) = split(text, (row, "on"), &["bus", "junction"], f)?;
    let from = From { table: Table::Dependencies, row, field: "on", who };
    if word == "bus" {
        names.resolve(f, &names.buses, from, id).map(|i| Supply::Bus(BusIdx::new(i)))
    } else {
        names.resolve_junction(f, from, id).map(|i| Supply::Junction(WaterNodeIdx::new(i)))
    }
}

/// The needs of sites. A site's backup bridges electricity only.
pub(super) fn of_sites(places: &Places) -> impl Iterator<Item = Dependency> + '_ {
    places.sites.iter().enumerate().flat_map(|(row, site)| {
        let asset = Asset::Site(SiteIdx::new(row));
        let electricity = site.bus.map(|bus| Dependency {
            asset,
            on: vec![Supply::Bus(bus)],
            need_mw: site.need_mw,
            need_m3h: 0.0,
            buffer_h: site.backup_h,
        });
        let water = site.junction.map(|junction| Dependency {
            asset,
            on: vec![Supply::Junction(junction)],
            need_mw: 0.0,
            need_m3h: site.need_m3h,
            buffer_h: 0.0,
        });
        electricity.into_iter().chain(water)
    })
}
