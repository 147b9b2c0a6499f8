//! `region.toml` as text.

use std::fmt::Write as _;

use blackstart::region::{HeatOptions, WaterOptions};

use super::cells::number;
use super::{Assembled, file_name};
use crate::formats::region_folder::{HEAT_KEYS, WATER_KEYS, loss_word};

pub(super) fn text(region: &Assembled<'_>, provenance: &str) -> String {
    let mut out = String::new();
    for line in provenance.lines() {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        put(&mut out, &format!("# {}", line.trim_end()));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    put(&mut out, &format!("name = {}", quoted(&region.draft.name)));
    put(&mut out, "\n[grid]");
    match region.grid {
        Some(path) => put(&mut out, &format!("matpower = {}", quoted(&file_name(path)))),
        None => put(&mut out, &format!("base_mva = {}", float(region.draft.grid.base_mva))),
    }
    for part in region.water {
        put(&mut out, "\n[[water]]");
        put(&mut out, &format!("inp = {}", quoted(&file_name(part.inp))));
        if !part.prefix.is_empty() {
            put(&mut out, &format!("prefix = {}", quoted(part.prefix)));
        }
        if let Some(p) = part.placement {
            put(&mut out, &format!("origin_lon_deg = {}", float(p.origin.lon_deg)));
            put(&mut out, &format!("origin_lat_deg = {}", float(p.origin.lat_deg)));
            put(&mut out, &format!("km_per_unit = {}", float(p.km_per_unit)));
        }
        if part.demand_factor != 1.0 {
            put(&mut out, &format!("demand_factor = {}", float(part.demand_factor)));
        }
    }
    options(region, &mut out);
    out
}

/// Options other than the defaults. Networks in files bring their own; with them only
/// the pressures that service needs are stated.
fn options(region: &Assembled<'_>, out: &mut String) {
    let (mut own, mut default) = (region.draft.water.options, WaterOptions::default());
    let mut lines = String::new();
    if own.head_loss != default.head_loss && region.water.is_empty() {
        put(&mut lines, &format!("head_loss = \"{}\"", loss_word(own.head_loss)));
    }
    if own.emitter_backflow != default.emitter_backflow {
        put(&mut lines, "emitter_backflow = \"no\"");
    }
    for (key, slot) in WATER_KEYS {
        let (value, default) = (*slot(&mut own), *slot(&mut default));
        if value != default {
            put(&mut lines, &format!("{key} = {}", float(value)));
        }
    }
    if !lines.is_empty() {
        put(out, "\n[water_options]");
        out.push_str(&lines);
    }
    let (mut own, mut default) = (region.draft.heat.options, HeatOptions::default());
    let mut lines = String::new();
    for (key, slot) in HEAT_KEYS {
        let (value, default) = (*slot(&mut own), *slot(&mut default));
        if value != default {
            put(&mut lines, &format!("{key} = {}", float(value)));
        }
    }
    if !lines.is_empty() {
        put(out, "\n[heat_options]");
        out.push_str(&lines);
    }
}

fn put(out: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{line}");
}

/// TOML wants digits on both sides of a point, or none.
fn float(value: f64) -> String {
    number(value)
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
