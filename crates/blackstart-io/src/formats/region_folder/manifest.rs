//! `region.toml`: what a region is made of.

use std::path::Path;

use blackstart::region::{HeadLoss, HeatOptions, Position, WaterOptions};

use super::layouts;
use super::water_parts::Placement;
use crate::codes;
use crate::problem::Problems;
use crate::toml_doc::{Doc, Section, Value};

/// A file that a manifest names, with the place where it does.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub name: String,
    pub line: usize,
    pub column: usize,
}

/// One `[[water]]`.
#[derive(Clone, Debug)]
pub(super) struct WaterPart {
    pub inp: Named,
    pub prefix: String,
    pub placement: Option<Placement>,
    pub demand_factor: f64,
}

/// An option that a manifest sets, with its place.
#[derive(Clone, Debug)]
pub(super) struct Set<T> {
    pub key: &'static str,
    pub value: T,
    pub line: usize,
    pub column: usize,
}

/// A value of `[water_options]`.
#[derive(Clone, Copy, Debug)]
pub(super) enum WaterOption {
    Loss(HeadLoss),
    Number(f64),
    Backflow(bool),
}

/// A region.toml as data.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    pub name: Option<String>,
    pub include: Vec<Named>,
    pub matpower: Option<Named>,
    pub base_mva: Option<Set<f64>>,
    pub water: Vec<WaterPart>,
    pub water_options: Vec<Set<WaterOption>>,
    pub heat_options: Vec<Set<f64>>,
    /// Table name and file.
    pub tables: Vec<(&'static str, Named)>,
}

/// Reads the text of a region.toml; none if it is no TOML.
pub(super) fn parse(file: &Path, text: &str, problems: &mut Problems) -> Option<Manifest> {
    let doc = Doc::new(file, text);
    let manifest = doc.parse().map(|table| manifest(&Section::top(&doc, &table)));
    problems.extend(doc.problems.into_inner().into_list());
    manifest
}

fn manifest(top: &Section<'_, '_>) -> Manifest {
    let mut m = Manifest { name: top.text("name"), ..Manifest::default() };
    if let Some(value) = top.get("include") {
        let items = value.list().unwrap_or_default();
        m.include = items.iter().filter_map(named).collect();
    }
    if let Some(grid) = top.section("grid") {
        m.matpower = grid.get("matpower").as_ref().and_then(named);
        m.base_mva = grid.get("base_mva").and_then(|v| set("base_mva", &v, v.number()));
        grid.finish();
    }
    m.water = top.sections("water").iter().filter_map(water_part).collect();
    if let Some(options) = top.section("water_options") {
        m.water_options = water_options(&options);
        options.finish();
    }
    if let Some(options) = top.section("heat_options") {
        let keys = HEAT_KEYS.iter().map(|(key, _)| *key);
        let number = |key| options.get(key).and_then(|v| set(key, &v, v.number()));
        m.heat_options = keys.filter_map(number).collect();
        options.finish();
    }
    if let Some(tables) = top.section("tables") {
        for (word, _) in layouts::ALL {
            if let Some(file) = tables.get(word).as_ref().and_then(named) {
                m.tables.push((word, file));
            }
        }
        tables.finish();
    }
    top.finish();
    m
}

fn named(value: &Value<'_, '_>) -> Option<Named> {
    let name = value.text()?;
    if name.trim().is_empty() {
        value.push(codes::BAD_VALUE, format!("`{}` names no file", value.key), None);
        return None;
    }
    let (line, column) = value.place();
    Some(Named { name, line, column })
}

fn set<T>(key: &'static str, at: &Value<'_, '_>, value: Option<T>) -> Option<Set<T>> {
    let (line, column) = at.place();
    Some(Set { key, value: value?, line, column })
}

fn water_part(section: &Section<'_, '_>) -> Option<WaterPart> {
    let inp = section.get("inp");
    if inp.is_none() {
        let message = String::from("`[[water]]` names no file");
        section.push(codes::MISSING_KEY, message, Some(String::from("write inp = \"net.inp\"")));
    }
    let prefix = section.text("prefix").unwrap_or_default();
    let placement = lies(section);
    let factor = section.number_in("demand_factor", 0.0..=1e6, "0 or more").unwrap_or(1.0);
    section.finish();
    let inp = inp.as_ref().and_then(named)?;
    Some(WaterPart { inp, prefix, placement, demand_factor: factor })
}

/// Where a network lies: three keys, or none of them.
fn lies(section: &Section<'_, '_>) -> Option<Placement> {
    let lon_deg = section.number_in("origin_lon_deg", -180.0..=180.0, "from -180 to 180");
    let lat_deg = section.number_in("origin_lat_deg", -90.0..=90.0, "from -90 to 90");
    let km_per_unit = section.number_in("km_per_unit", 1e-12..=1e6, "above 0");
    let given = ["origin_lon_deg", "origin_lat_deg", "km_per_unit"].map(|key| section.has(key));
    if given.contains(&true) && given.contains(&false) {
        let message = String::from("it is not clear where the network lies");
        let help = "write origin_lon_deg, origin_lat_deg and km_per_unit, or none of them";
        section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
    }
    let origin = Position { lon_deg: lon_deg?, lat_deg: lat_deg? };
    Some(Placement { origin, km_per_unit: km_per_unit? })
}

const LOSSES: [(&str, HeadLoss); 3] = [
    ("hazen_williams", HeadLoss::HazenWilliams),
    ("darcy_weisbach", HeadLoss::DarcyWeisbach),
    ("chezy_manning", HeadLoss::ChezyManning),
];

/// Whether emitters let flow in.
const BACKFLOWS: [(&str, bool); 2] = [("yes", true), ("no", false)];

/// The word of a head-loss formula in files.
pub(crate) fn loss_word(loss: HeadLoss) -> &'static str {
    LOSSES.iter().find(|(_, l)| *l == loss).map_or("", |(word, _)| word)
}

type WaterSlot = fn(&mut WaterOptions) -> &mut f64;
type HeatSlot = fn(&mut HeatOptions) -> &mut f64;

/// Numbers of `[water_options]`.
pub(crate) const WATER_KEYS: [(&str, WaterSlot); 10] = [
    ("viscosity_m2_s", |o| &mut o.viscosity_m2_s),
    ("specific_gravity", |o| &mut o.specific_gravity),
    ("demand_multiplier", |o| &mut o.demand_multiplier),
    ("min_pressure_m", |o| &mut o.min_pressure_m),
    ("required_pressure_m", |o| &mut o.required_pressure_m),
    ("pressure_exponent", |o| &mut o.pressure_exponent),
    ("emitter_exponent", |o| &mut o.emitter_exponent),
    ("pattern_step_h", |o| &mut o.pattern_step_h),
    ("pattern_start_h", |o| &mut o.pattern_start_h),
    ("start_clock_h", |o| &mut o.start_clock_h),
];

/// Numbers of `[heat_options]`.
pub(crate) const HEAT_KEYS: [(&str, HeatSlot); 5] = [
    ("design_outdoor_c", |o| &mut o.design_outdoor_c),
    ("design_supply_c", |o| &mut o.design_supply_c),
    ("design_return_c", |o| &mut o.design_return_c),
    ("min_supply_c", |o| &mut o.min_supply_c),
    ("ground_c", |o| &mut o.ground_c),
];

fn water_options(options: &Section<'_, '_>) -> Vec<Set<WaterOption>> {
    let mut list = Vec::new();
    if let Some(value) = options.get("head_loss") {
        let loss = value.word(&LOSSES).map(WaterOption::Loss);
        list.extend(set("head_loss", &value, loss));
    }
    if let Some(value) = options.get("emitter_backflow") {
        let backflow = value.word(&BACKFLOWS).map(WaterOption::Backflow);
        list.extend(set("emitter_backflow", &value, backflow));
    }
    for (key, _) in WATER_KEYS {
        if let Some(value) = options.get(key) {
            list.extend(set(key, &value, value.number().map(WaterOption::Number)));
        }
    }
    list
}

impl Set<WaterOption> {
    pub(super) fn apply(&self, options: &mut WaterOptions) {
        match self.value {
            WaterOption::Loss(loss) => options.head_loss = loss,
            WaterOption::Backflow(backflow) => options.emitter_backflow = backflow,
            WaterOption::Number(number) => {
                if let Some((_, slot)) = WATER_KEYS.iter().find(|(key, _)| *key == self.key) {
                    *slot(options) = number;
                }
            }
        }
    }
}

impl Set<f64> {
    pub(super) fn apply(&self, options: &mut HeatOptions) {
        if let Some((_, slot)) = HEAT_KEYS.iter().find(|(key, _)| *key == self.key) {
            *slot(options) = self.value;
        }
    }
}
