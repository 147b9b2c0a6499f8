//! `[OPTIONS]` and `[TIMES]`: rows that still say what holds are kept, others are replaced.

use std::path::Path;

use blackstart::region::{HeadLoss, WaterOptions};

use super::super::kept::Kept;
use super::super::lines::{Row, Section, Sections, comment};
use super::super::options::{self as read, Options};
use super::super::{DemandModel, InpTimes, Purpose};
use super::Writer;
use super::numbers::{inverse, plain, scaled, time};
use crate::formats::collect::Collector;

/// The flow unit of networks that are not from a file.
pub(super) const OWN_UNIT: &str = "CMH";

/// One option: the beginnings of its words, whether the kept rows still hold, and its value.
struct Item {
    words: [&'static str; 2],
    holds: bool,
    line: Option<String>,
}

/// The options that the kept rows state.
pub(super) fn kept(kept: &Kept) -> Options {
    let text = kept.text(Section::Options);
    let mut problems = Collector::new(Path::new(""));
    let sections = Sections::find(&text, &mut problems);
    read::options(&sections, Purpose::Region, &mut problems)
}

/// The times that the kept rows state.
fn kept_times(kept: &Kept) -> (InpTimes, WaterOptions) {
    let text = kept.text(Section::Times);
    let mut problems = Collector::new(Path::new(""));
    let sections = Sections::find(&text, &mut problems);
    let mut water = WaterOptions::default();
    (read::times(&sections, &mut water, &mut problems), water)
}

fn item(first: &'static str, second: &'static str, holds: bool, value: &str) -> Item {
    let words = format!("{}\t{value}", name(first, second));
    Item { words: [first, second], holds, line: (!holds).then_some(words) }
}

/// The full words of an option.
fn name(first: &str, second: &str) -> &'static str {
    match (first, second) {
        ("UNITS", _) => "UNITS",
        ("HEADLOSS", _) => "HEADLOSS",
        ("VISC", _) => "VISCOSITY",
        ("SPECIFIC", _) => "SPECIFIC GRAVITY",
        ("DEMAND", "MULT") => "DEMAND MULTIPLIER",
        ("DEMAND", _) => "DEMAND MODEL",
        ("MINIMUM", _) => "MINIMUM PRESSURE",
        ("REQUIRED", _) => "REQUIRED PRESSURE",
        ("PRESSURE", _) => "PRESSURE EXPONENT",
        ("EMITTER", "EXP") => "EMITTER EXPONENT",
        ("BACKFLOW" | "EMITTER", _) => "BACKFLOW ALLOWED",
        ("PATTERN", "") => "PATTERN",
        ("DURA", _) => "DURATION",
        ("HYDR", _) => "HYDRAULIC TIMESTEP",
        ("RULE", _) => "RULE TIMESTEP",
        ("PATT", "TIME") => "PATTERN TIMESTEP",
        ("PATT", _) => "PATTERN START",
        ("REPO", "TIME") => "REPORT TIMESTEP",
        ("REPO", _) => "REPORT START",
        _ => "START CLOCKTIME",
    }
}

impl Writer<'_> {
    pub(super) fn options(&mut self) {
        let items = self.option_items();
        self.section(Section::Options);
        self.merge(Section::Options, items);
    }

    pub(super) fn times(&mut self) {
        let (old, old_water) = kept_times(self.kept);
        let (new, water) = (self.file.times, self.water.options);
        let t = |first, second, old: f64, new: f64| item(first, second, old == new, &time(new));
        let items = vec![
            t("DURA", "", old.duration_h, new.duration_h),
            t("HYDR", "", old.hydraulic_step_h, new.hydraulic_step_h),
            t("RULE", "", old.rule_step_h, new.rule_step_h),
            t("PATT", "TIME", old_water.pattern_step_h, water.pattern_step_h),
            t("PATT", "STAR", old_water.pattern_start_h, water.pattern_start_h),
            t("REPO", "TIME", old.report_step_h, new.report_step_h),
            t("REPO", "STAR", old.report_start_h, new.report_start_h),
            t("STAR", "", old_water.start_clock_h, water.start_clock_h),
        ];
        self.section(Section::Times);
        self.merge(Section::Times, items);
    }

    /// Kept rows that hold, then the rest.
    fn merge(&mut self, section: Section, items: Vec<Item>) {
        let text = self.kept.text(section);
        let mut problems = Collector::new(Path::new(""));
        let sections = Sections::find(&text, &mut problems);
        let rows: Vec<(usize, Row<'_>)> = sections.rows(section).map(|r| (r.line, r)).collect();
        for (number, line) in sections.lines(section) {
            let row = rows.iter().find(|(at, _)| *at == number).map(|(_, row)| row);
            let replaced = row.is_some_and(|row| {
                items.iter().any(|i| {
                    !i.holds && row.says(0, i.words[0]) && row.says(1, i.words[1])
                    // `PRESSURE PSI` is no exponent, and `PATTERN` has one word.
                    && (i.words[0] != "PATTERN" || !row.says(1, "STAR"))
                })
            });
            if !replaced && !line.trim().is_empty() {
                self.out.push_str(line.trim_end());
                self.out.push('\n');
            } else if replaced && !comment(line).is_empty() {
                self.out.push_str(comment(line));
                self.out.push('\n');
            }
        }
        for line in items.into_iter().filter_map(|i| i.line) {
            self.row(&[&line], None);
        }
    }

    fn option_items(&self) -> Vec<Item> {
        let (old, new, units) = (&self.old.water, &self.water.options, &self.units);
        let fresh = self.kept.flow_unit.is_empty();
        let head_loss = match new.head_loss {
            HeadLoss::HazenWilliams => "H-W",
            HeadLoss::DarcyWeisbach => "D-W",
            HeadLoss::ChezyManning => "C-M",
        };
        let model = match self.file.demand_model {
            DemandModel::DemandDriven => "DDA",
            DemandModel::PressureDriven => "PDA",
        };
        let relative = read::VISCOSITY_M2_S;
        let viscosity =
            inverse(new.viscosity_m2_s, new.viscosity_m2_s / relative, |x| x * relative);
        let number =
            |first, second, old: f64, new: f64| item(first, second, old == new, &plain(new));
        let pressure = |first, old: f64, new: f64| {
            item(first, "PRES", old == new, &scaled(new, units.pressure))
        };
        let mut items = vec![
            item("UNITS", "", !fresh, OWN_UNIT),
            item("HEADLOSS", "", old.head_loss == new.head_loss, head_loss),
            item("VISC", "", old.viscosity_m2_s == new.viscosity_m2_s, &viscosity),
            number("SPECIFIC", "GRAV", old.specific_gravity, new.specific_gravity),
            number("DEMAND", "MULT", old.demand_multiplier, new.demand_multiplier),
            item("DEMAND", "MODEL", self.old.demand_model == self.file.demand_model, model),
            pressure("MINIMUM", old.min_pressure_m, new.min_pressure_m),
            pressure("REQUIRED", old.required_pressure_m, new.required_pressure_m),
            number("PRESSURE", "EXP", old.pressure_exponent, new.pressure_exponent),
            number("EMITTER", "EXP", old.emitter_exponent, new.emitter_exponent),
        ];
        let backflow = if new.emitter_backflow { "YES" } else { "NO" };
        let same = old.emitter_backflow == new.emitter_backflow;
        items.push(item("BACKFLOW", "ALLO", same, backflow));
        items.push(Item { words: ["EMITTER", "BACK"], holds: same, line: None });
        items.push(self.pattern_item());
        items
    }

    /// Demands without a pattern must not meet a pattern with the default's name.
    fn pattern_item(&self) -> Item {
        let none =
            self.water.junctions.iter().flat_map(|j| &j.demands).any(|d| d.pattern.is_none());
        if !none || self.default_pattern().is_none() {
            return item("PATTERN", "", true, "");
        }
        let mut name = "none".to_owned();
        while self.water.patterns.iter().any(|p| p.id == name) {
            name.push('_');
        }
        item("PATTERN", "", false, &name)
    }
}
