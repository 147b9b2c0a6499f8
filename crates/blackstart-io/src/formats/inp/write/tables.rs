//! Patterns, curves, and energy.

use std::collections::HashMap;

use super::super::kept::Kept;
use super::super::lines::Section;
use super::super::tables::CurveUse;
use super::comments::Comments;
use super::numbers::{plain, scaled};
use super::{Writer, id};

/// Multipliers in a row.
const A_ROW: usize = 6;

/// Curves in the making: those of the file keep their names and points.
pub(super) struct CurveBook<'a> {
    kept: &'a Kept,
    /// By id: points as text.
    taken: HashMap<String, Vec<(String, String)>>,
    /// In the order in which they came up.
    order: Vec<String>,
}

impl<'a> CurveBook<'a> {
    pub fn new(kept: &'a Kept) -> Self {
        let mut book = Self { kept, taken: HashMap::new(), order: Vec::new() };
        for curve in &kept.curves {
            let text = |p: &(f64, f64)| (plain(p.0), plain(p.1));
            book.put(curve.id.clone(), curve.points.iter().map(text).collect());
        }
        book
    }

    fn put(&mut self, id: String, rows: Vec<(String, String)>) {
        self.order.push(id.clone());
        self.taken.insert(id, rows);
    }

    /// The id of a curve with these points (in our units, `factors` of the file's) for `user`:
    /// the one that it had, or a new one.
    pub fn claim(
        &mut self,
        (what, user): (CurveUse, &str),
        factors: (f64, f64),
        points: &[(f64, f64)],
    ) -> String {
        let own = self.kept.curve_of.get(&(what, user.to_owned()));
        let old = own.and_then(|id| self.kept.curves.iter().find(|c| c.id == *id));
        if let Some(old) = old {
            let same = old.points.len() == points.len()
                && old
                    .points
                    .iter()
                    .zip(points)
                    .all(|(old, new)| old.0 * factors.0 == new.0 && old.1 * factors.1 == new.1);
            if same {
                return old.id.clone();
            }
        }
        let rows: Vec<(String, String)> =
            points.iter().map(|p| (scaled(p.0, factors.0), scaled(p.1, factors.1))).collect();
        let base = own.map_or(user, String::as_str).to_owned();
        let mut id = base.clone();
        let mut number = 1;
        loop {
            match self.taken.get(&id) {
                Some(there) if *there == rows => return id,
                Some(_) => {
                    number += 1;
                    id = format!("{base}_{number}");
                }
                None => break,
            }
        }
        self.put(id.clone(), rows);
        id
    }
}

impl Writer<'_> {
    pub(super) fn tables(&mut self) {
        self.section(Section::Patterns);
        let mut comments = Comments::of(self.kept, Section::Patterns);
        for p in &self.water.patterns {
            let name = id(&p.id);
            let numbers: Vec<String> = p.multipliers.iter().map(|m| plain(*m)).collect();
            for row in numbers.chunks(A_ROW) {
                let mut cells = vec![name.as_str()];
                cells.extend(row.iter().map(String::as_str));
                self.row(&cells, comments.next(&p.id).as_ref());
            }
        }
        self.lines(comments.tail());
        self.efficiency_curves();
        self.section(Section::Curves);
        let mut comments = Comments::of(self.kept, Section::Curves);
        for name in std::mem::take(&mut self.curves.order) {
            let rows = self.curves.taken.get(&name).cloned().unwrap_or_default();
            for (x, y) in rows {
                self.row(&[&id(&name), &x, &y], comments.next(&name).as_ref());
            }
        }
        self.lines(comments.tail());
    }

    /// Names the curves that `[ENERGY]` will refer to.
    fn efficiency_curves(&mut self) {
        let water = self.water;
        for own in &water.energy.pumps {
            let Some(pump) = water.pumps.get(own.pump as usize) else { continue };
            if !own.efficiency.is_empty() {
                let user = (CurveUse::Efficiency, pump.id.as_str());
                self.curves.claim(user, (self.units.flow, 1.0), &own.efficiency);
            }
        }
    }

    pub(super) fn energy(&mut self) {
        let energy = &self.water.energy;
        if *energy == blackstart::region::WaterEnergy::default()
            && self.kept.lines(Section::Energy).is_empty()
        {
            return;
        }
        self.section(Section::Energy);
        let (_, tail) = super::comments::rows(self.kept, Section::Energy);
        let comments: Vec<&str> = super::comments::rows(self.kept, Section::Energy)
            .0
            .into_iter()
            .flat_map(|b| b.before)
            .collect();
        self.lines(&comments);
        self.row(&["GLOBAL EFFIC", &plain(energy.efficiency_percent)], None);
        self.row(&["GLOBAL PRICE", &plain(energy.price_per_kwh)], None);
        if let Some(pattern) = energy.pattern {
            let pattern = self.pattern(pattern);
            self.row(&["GLOBAL PATTERN", &pattern], None);
        }
        self.row(&["DEMAND CHARGE", &plain(energy.demand_charge_per_kw)], None);
        for own in &energy.pumps {
            let Some(pump) = self.water.pumps.get(own.pump as usize) else { continue };
            let name = id(&pump.id);
            if let Some(price) = own.price_per_kwh {
                self.row(&["PUMP", &name, "PRICE", &plain(price)], None);
            }
            if let Some(pattern) = own.pattern {
                let pattern = self.pattern(pattern);
                self.row(&["PUMP", &name, "PATTERN", &pattern], None);
            }
            if !own.efficiency.is_empty() {
                let user = (CurveUse::Efficiency, pump.id.as_str());
                let curve = self.curves.claim(user, (self.units.flow, 1.0), &own.efficiency);
                self.row(&["PUMP", &name, "EFFIC", &id(&curve)], None);
            }
        }
        self.lines(&tail);
    }
}
