//! `[ENERGY]` and `[LEAKAGE]`.

use blackstart::region::{PipeLeak, PumpEnergy, Table, WaterEdge};

use super::Reader;
use super::lines::{Row, Section};
use super::tables::CurveUse;
use crate::codes;
use crate::formats::collect::shorten;
use crate::problem::Severity;

impl<'a> Reader<'a> {
    /// `GLOBAL PRICE|PATTERN|EFFIC value`, `PUMP id PRICE|PATTERN|EFFIC value`,
    /// `DEMAND CHARGE value`.
    pub(super) fn read_energy(&mut self) {
        for row in self.sections.rows(Section::Energy) {
            if row.len() < 3 {
                let message = "this line about energy is not complete";
                row.error(&mut self.problems, codes::SHORT_ROW, row.len(), message);
            } else if row.says(0, "DEMA") {
                let charge = self.price(&row, 2, "the demand charge");
                let energy = &mut self.out.water.energy;
                energy.demand_charge_per_kw = charge.unwrap_or(energy.demand_charge_per_kw);
            } else if row.says(0, "GLOB") {
                self.global_energy(&row);
            } else if row.says(0, "PUMP") {
                self.pump_energy(&row);
            } else {
                let message =
                    format!("`{}` is none of GLOBAL, PUMP, DEMAND", shorten(row.at(0), 24));
                row.error(&mut self.problems, codes::UNKNOWN_KEY, 0, message);
            }
        }
    }

    fn price(&mut self, row: &Row<'a>, i: usize, what: &str) -> Option<f64> {
        let price = row.number(&mut self.problems, i, what)?;
        if price < 0.0 {
            let message = format!("{what} must not be below 0");
            row.error(&mut self.problems, codes::BAD_VALUE, i, message);
            return None;
        }
        Some(price)
    }

    fn global_energy(&mut self, row: &Row<'a>) {
        let (key, value) = (row.len() - 2, row.len() - 1);
        if row.says(key, "PRIC") {
            let price = self.price(row, value, "the price");
            let energy = &mut self.out.water.energy;
            energy.price_per_kwh = price.unwrap_or(energy.price_per_kwh);
        } else if row.says(key, "PATT") {
            self.out.water.energy.pattern = self.pattern(row, value);
        } else if row.says(key, "EFFI") {
            match row.number(&mut self.problems, value, "the efficiency") {
                Some(percent) if percent > 0.0 => {
                    self.out.water.energy.efficiency_percent = percent;
                }
                Some(_) => {
                    let message = "the efficiency must be above 0";
                    row.error(&mut self.problems, codes::BAD_VALUE, value, message);
                }
                None => {}
            }
        } else {
            self.no_such_energy(row, key);
        }
    }

    fn pump_energy(&mut self, row: &Row<'a>) {
        if row.len() < 4 {
            let message = "this line about a pump's energy is not complete";
            row.error(&mut self.problems, codes::SHORT_ROW, row.len(), message);
            return;
        }
        let pump = match self.link(row, 1) {
            Some(WaterEdge::Pump(pump)) => pump,
            Some(WaterEdge::Pipe(_) | WaterEdge::Valve(_)) => {
                let message = format!("`{}` is not a pump", shorten(row.at(1), 40));
                row.error(&mut self.problems, codes::BAD_VALUE, 1, message);
                return;
            }
            None => return,
        };
        let mut own = PumpEnergy { pump, ..PumpEnergy::default() };
        let at = self.out.water.energy.pumps.iter().position(|p| p.pump == pump);
        if let Some(at) = at {
            own = self.out.water.energy.pumps.swap_remove(at);
        }
        let (key, value) = (row.len() - 2, row.len() - 1);
        if row.says(key, "PRIC") {
            // As in EPANET a price of 0 is that of all pumps.
            let price = self.price(row, value, "the price");
            own.price_per_kwh = price.filter(|p| *p > 0.0);
        } else if row.says(key, "PATT") {
            own.pattern = self.pattern(row, value);
        } else if row.says(key, "EFFI") {
            let user = (CurveUse::Efficiency, row.at(1));
            own.efficiency = self.curve(row, value, (self.options.units.flow, 1.0), user);
        } else {
            self.no_such_energy(row, key);
        }
        let pumps = &mut self.out.water.energy.pumps;
        pumps.push(own);
        pumps.sort_by_key(|p| p.pump);
    }

    fn no_such_energy(&mut self, row: &Row<'a>, i: usize) {
        let words = ["PRICE", "PATTERN", "EFFIC"];
        let near = self.problems.nearest(Severity::Error, row.at(i), words);
        let help = near.map_or_else(
            || "one of PRICE, PATTERN, EFFIC".to_owned(),
            |n| format!("did you mean {n}?"),
        );
        let message = format!("`{}` says nothing about energy", shorten(row.at(i), 24));
        let code = codes::UNKNOWN_KEY;
        row.problem(&mut self.problems, Severity::Error, code, i, message, Some(help));
    }

    /// `pipe area expansion`: square millimetres in 100 units of length, and for one unit of
    /// pressure head (EPANET 2.3).
    pub(super) fn read_leakage(&mut self) {
        // Both are per 100 units of pipe; EPANET takes the head of the second in m always.
        let per_100m = 1.0 / self.options.units.length;
        for row in self.sections.rows(Section::Leakage) {
            let pipe = match self.link(&row, 0) {
                Some(WaterEdge::Pipe(pipe)) => pipe,
                Some(WaterEdge::Pump(_) | WaterEdge::Valve(_)) => {
                    let id = shorten(row.at(0), 40);
                    let message = format!("`{id}` is not a pipe; the row plays no part");
                    let code = codes::IGNORED;
                    row.problem(&mut self.problems, Severity::Warning, code, 0, message, None);
                    continue;
                }
                None => continue,
            };
            let area = self.price(&row, 1, "the leak area");
            let expansion = self.price(&row, 2, "the leak expansion");
            let (Some(area), Some(expansion)) = (area, expansion) else { continue };
            self.out.water.leaks.retain(|leak| leak.pipe != pipe);
            if area == 0.0 && expansion == 0.0 {
                continue;
            }
            self.out.water.leaks.push(PipeLeak {
                pipe,
                area_mm2_100m: area * per_100m,
                expansion_mm2_m_100m: expansion * per_100m,
            });
            let column = row.column(1);
            let at = pipe as usize;
            self.sources.set_field(Table::Pipes, at, "leak_area_mm2_100m", row.line, column);
        }
        self.out.water.leaks.sort_by_key(|leak| leak.pipe);
    }
}
