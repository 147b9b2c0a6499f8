//! Transformers of two and three windings.

use std::collections::HashMap;

use blackstart::region::{Branch, BranchKind, Table};

use super::Reader;
use super::buses::{End, Switched};
use super::frame::Frame;
use super::transformer::{Plate, Side, Tap};
use crate::codes;
use crate::formats::collect::Collector;
use crate::problem::Severity;

/// Ratings at or above this many MVA (or kA) stand for none.
pub(super) const NO_RATING: f64 = 99_999.0;

/// The tables of tap changers: row by characteristic and step.
struct Characteristics<'t> {
    frame: Frame<'t>,
    rows: HashMap<(i64, i64), usize>,
}

impl<'t> Characteristics<'t> {
    fn new(frame: Frame<'t>, problems: &mut Collector<'_>) -> Self {
        let mut rows = HashMap::new();
        for row in 0..frame.len() {
            let key = ["id_characteristic", "step"].map(|c| frame.number(row, c, problems));
            if let [Some(id), Some(step)] = key {
                rows.insert((id as i64, step as i64), row);
            }
        }
        Self { frame, rows }
    }

    /// The row for a transformer that goes by its table, told if there is none.
    fn of(&self, f: &Frame<'_>, row: usize, p: &mut Collector<'_>) -> Option<usize> {
        if !f.flag(row, "tap_dependency_table", false, p) {
            return None;
        }
        let id = f.number(row, "id_characteristic_table", p);
        let step = f.number(row, "tap_pos", p);
        let found = match (id, step) {
            (Some(id), Some(step)) => self.rows.get(&(id as i64, step as i64)).copied(),
            _ => None,
        };
        if found.is_none() {
            let message = format!(
                "{} goes by a table of its taps that has no row for its position; its taps are \
                 taken as neutral",
                f.who(row)
            );
            let what = (Severity::Warning, codes::ASSUMED);
            f.tell(p, what, row, Some("id_characteristic_table"), message, None);
        }
        found
    }

    fn value(&self, at: usize, column: &str, p: &mut Collector<'_>) -> Option<f64> {
        self.frame.number(at, column, p)
    }
}

/// What a tap changer's columns say.
#[derive(Clone, Debug)]
struct Changer {
    side: Side,
    kind: String,
    steps: f64,
    percent: Option<f64>,
    degree: Option<f64>,
}

impl Changer {
    /// The changer whose columns begin with `tap` or `tap2`; none without a side.
    fn read(
        f: &Frame<'_>,
        row: usize,
        tap: &str,
        before_3: bool,
        p: &mut Collector<'_>,
    ) -> Option<(String, Self)> {
        let side = f.text(row, &format!("{tap}_side"));
        let position = f.number(row, &format!("{tap}_pos"), p)?;
        let neutral = f.number(row, &format!("{tap}_neutral"), p);
        let set = |x: Option<f64>| x.filter(|x| *x != 0.0);
        let percent = set(f.number(row, &format!("{tap}_step_percent"), p));
        let degree = set(f.number(row, &format!("{tap}_step_degree"), p));
        let mut kind = f.text(row, &format!("{tap}_changer_type"));
        if before_3 || !f.has(&format!("{tap}_changer_type")) {
            kind = match (percent, degree) {
                (Some(_), Some(90.0)) => "Symmetrical",
                (Some(_), _) => "Ratio",
                (None, Some(_)) => "Ideal",
                (None, None) => "",
            }
            .to_owned();
        }
        let steps = neutral.map_or(0.0, |n| position - n);
        Some((side, Self { side: Side::High, kind, steps, percent, degree }))
    }

    fn tap(&self) -> Option<Tap> {
        let side = self.side;
        let percent = self.percent.unwrap_or(0.0) * self.steps;
        match self.kind.as_str() {
            "Ratio" | "Symmetrical" => {
                Some(Tap::Voltage { side, percent, angle_deg: self.degree.unwrap_or(0.0) })
            }
            "Ideal" => {
                let by_percent = || 2.0 * (percent / 200.0).asin().to_degrees();
                let shift_deg = self.degree.map_or_else(by_percent, |d| d * self.steps);
                Some(Tap::Angle { side, shift_deg })
            }
            _ => None,
        }
    }
}

impl Reader<'_, '_> {
    pub(super) fn transformers(&mut self) {
        let table = self.table("trafo_characteristic_table");
        let table = Characteristics::new(table, &mut self.problems);
        self.two_winding(&table);
        self.three_winding(&table);
    }

    fn two_winding(&mut self, table: &Characteristics<'_>) {
        let f = self.table("trafo");
        let needed =
            ["hv_bus", "lv_bus", "sn_mva", "vn_hv_kv", "vn_lv_kv", "vk_percent", "vkr_percent"];
        if !f.require(&needed, &mut self.problems) {
            return;
        }
        let places = f.places(self.problems.file(), 0..f.len());
        self.sources.set_rows(Table::Branches, self.grid.branches.len(), places);
        let mut splines = 0;
        for row in 0..f.len() {
            let (from, to, connected) = self.branch_ends(
                &f,
                row,
                ["hv_bus", "lv_bus"],
                (Switched::Transformer, ["hv", "lv"]),
            );
            let p = &mut self.problems;
            splines += usize::from(f.flag(row, "tap_dependent_impedance", false, p));
            let at = table.of(&f, row, p);
            let mut taps = Vec::new();
            for tap in ["tap", "tap2"] {
                let Some((side, mut changer)) = Changer::read(&f, row, tap, self.before_3, p)
                else {
                    continue;
                };
                changer.side = match side.as_str() {
                    "hv" => Side::High,
                    "lv" => Side::Low,
                    _ => continue,
                };
                match at.filter(|_| tap == "tap") {
                    Some(at) => taps.push(Tap::Table {
                        side: changer.side,
                        ratio: table.value(at, "voltage_ratio", p).unwrap_or(1.0),
                        shift_deg: table.value(at, "angle_deg", p).unwrap_or(0.0),
                    }),
                    None => taps.extend(changer.tap()),
                }
            }
            let impedance = |column: &str, p: &mut Collector<'_>| {
                let own = f.needed(row, column, p);
                at.and_then(|at| table.value(at, column, p)).unwrap_or(own)
            };
            let parallel = f.number_or(row, "parallel", 1.0, p);
            let plate = Plate {
                sn_mva: f.positive(row, "sn_mva", p),
                vn_hv_kv: f.positive(row, "vn_hv_kv", p),
                vn_lv_kv: f.positive(row, "vn_lv_kv", p),
                vk_percent: impedance("vk_percent", p),
                vkr_percent: impedance("vkr_percent", p),
                pfe_kw: f.number_or(row, "pfe_kw", 0.0, p),
                i0_percent: f.number_or(row, "i0_percent", 0.0, p),
                shift_deg: f.number_or(row, "shift_degree", 0.0, p),
                taps,
                parallel,
                share_hv: (
                    f.number_or(row, "leakage_resistance_ratio_hv", 0.5, p),
                    f.number_or(row, "leakage_reactance_ratio_hv", 0.5, p),
                ),
            };
            let rate = plate.sn_mva * f.number_or(row, "df", 1.0, p) * parallel;
            let in_service = f.flag(row, "in_service", true, p) && connected;
            let id = Self::id(&f, row);
            self.transformer(&f, row, id, &plate, (from, to), rate, in_service);
        }
        if splines > 0 {
            let message = format!(
                "impedances of {splines} transformers depend on their taps by curves of older \
                 files; the values of the table are taken"
            );
            self.remark(Severity::Warning, codes::ASSUMED, "trafo", message);
        }
    }

    /// Adds a branch, and to its end buses what the branch cannot hold.
    fn transformer(
        &mut self,
        f: &Frame<'_>,
        row: usize,
        id: String,
        plate: &Plate,
        (from, to): (Option<End>, Option<End>),
        rate: f64,
        in_service: bool,
    ) {
        let (Some(from), Some(to)) = (from, to) else { return };
        let base_mva = self.grid.base_mva;
        let Some(pi) = plate.branch((from.base_kv, to.base_kv), base_mva) else {
            let message = format!("the resistance of {} is larger than its impedance", f.who(row));
            let help = "vkr_percent is a part of vk_percent".to_owned();
            let what = (Severity::Error, "contradiction");
            f.tell(&mut self.problems, what, row, Some("vkr_percent"), message, Some(help));
            return;
        };
        let up = in_service && self.bus_up(&from) && self.bus_up(&to);
        if up {
            for (end, (g, b)) in [(&from, pi.from_pu), (&to, pi.to_pu)] {
                let bus = &mut self.grid.buses[end.at];
                bus.shunt_g_mw += g * base_mva;
                bus.shunt_b_mvar += b * base_mva;
            }
        }
        self.grid.branches.push(Branch {
            id,
            kind: BranchKind::Transformer,
            from: from.id,
            to: to.id,
            r_pu: pi.r_pu,
            x_pu: pi.x_pu,
            b_pu: pi.b_pu,
            tap: pi.tap,
            shift_deg: pi.shift_deg,
            rate_mva: rating(rate),
            in_service,
            ..Branch::default()
        });
    }

    /// Transformers of three windings: a star of three, around a bus of its own at the
    /// high voltage.
    fn three_winding(&mut self, table: &Characteristics<'_>) {
        let f = self.table("trafo3w");
        let needed = [
            "hv_bus",
            "mv_bus",
            "lv_bus",
            "sn_hv_mva",
            "sn_mv_mva",
            "sn_lv_mva",
            "vn_hv_kv",
            "vn_mv_kv",
            "vn_lv_kv",
            "vk_hv_percent",
            "vk_mv_percent",
            "vk_lv_percent",
            "vkr_hv_percent",
            "vkr_mv_percent",
            "vkr_lv_percent",
        ];
        if !f.require(&needed, &mut self.problems) {
            return;
        }
        for row in 0..f.len() {
            let ends = ["hv", "mv", "lv"].map(|side| {
                self.branch_end(&f, row, &format!("{side}_bus"), (Switched::ThreeWinding, side))
            });
            let Some(hv) = self.bus_of(&f, row, "hv_bus") else { continue };
            let id = Self::id(&f, row);
            let star = self.own_bus(format!("{id}:star"), &hv);
            let p = &mut self.problems;
            let in_service = f.flag(row, "in_service", true, p);
            self.grid.buses[star.at].in_service = in_service;
            let at = table.of(&f, row, p);
            let sides = ["hv", "mv", "lv"];
            let sn = sides.map(|s| f.positive(row, &format!("sn_{s}_mva"), p));
            let vn = sides.map(|s| f.positive(row, &format!("vn_{s}_kv"), p));
            let mut test = |what: &str| {
                sides.map(|s| {
                    let column = format!("{what}_{s}_percent");
                    let own = f.needed(row, &column, p);
                    at.and_then(|at| table.value(at, &column, p)).unwrap_or(own)
                })
            };
            let Some(windings) = star_percent(test("vk"), test("vkr"), sn) else {
                let message =
                    format!("a resistance of {} is larger than its impedance", f.who(row));
                let what = (Severity::Error, "contradiction");
                f.tell(p, what, row, Some("vkr_hv_percent"), message, None);
                continue;
            };
            let changer = Changer::read(&f, row, "tap", self.before_3, p);
            let at_star = f.flag(row, "tap_at_star_point", false, p);
            let loss_side = match f.text(row, "loss_side") {
                side if side.is_empty() => "hv".to_owned(),
                side => side,
            };
            let losses =
                (f.number_or(row, "pfe_kw", 0.0, p), f.number_or(row, "i0_percent", 0.0, p));
            let shifts = [
                0.0,
                f.number_or(row, "shift_mv_degree", 0.0, p),
                f.number_or(row, "shift_lv_degree", 0.0, p),
            ];
            for (k, (side, end)) in sides.into_iter().zip(ends).enumerate() {
                let p = &mut self.problems;
                let mut taps = Vec::new();
                if let Some((tap_side, changer)) = &changer
                    && tap_side == side
                {
                    let terminal = if side == "hv" { Side::High } else { Side::Low };
                    let mut changer = Changer { side: terminal, ..changer.clone() };
                    match at {
                        Some(at) => {
                            let mut ratio = table.value(at, "voltage_ratio", p).unwrap_or(1.0);
                            let mut shift_deg = table.value(at, "angle_deg", p).unwrap_or(0.0);
                            if at_star {
                                (ratio, shift_deg) = (1.0 / ratio, -shift_deg);
                            }
                            taps.push(Tap::Table { side: terminal, ratio, shift_deg });
                        }
                        None => {
                            if at_star {
                                changer = changer.at_star_point();
                            }
                            taps.extend(changer.tap());
                        }
                    }
                }
                let (vk_percent, vkr_percent) = windings[k];
                let (pfe_kw, i0_percent) = if loss_side == side { losses } else { (0.0, 0.0) };
                let plate = Plate {
                    sn_mva: sn[k],
                    vn_hv_kv: vn[0],
                    vn_lv_kv: vn[k],
                    vk_percent,
                    vkr_percent,
                    pfe_kw,
                    i0_percent,
                    shift_deg: shifts[k],
                    taps,
                    parallel: 1.0,
                    share_hv: (0.5, 0.5),
                };
                let star = Some(star.clone());
                let ends = if k == 0 { (end, star) } else { (star, end) };
                self.transformer(&f, row, format!("{id}:{side}"), &plate, ends, sn[k], in_service);
            }
            if loss_side == "star" {
                self.star_losses(&star, &hv, losses, sn[0], vn[0], in_service);
            }
        }
    }

    /// Iron losses and magnetising current at the star itself.
    fn star_losses(
        &mut self,
        star: &End,
        hv: &End,
        (pfe_kw, i0_percent): (f64, f64),
        sn_mva: f64,
        vn_kv: f64,
        in_service: bool,
    ) {
        if !in_service {
            return;
        }
        let iron_mw = pfe_kw * 1e-3;
        let reactive = ((sn_mva * i0_percent / 100.0).powi(2) - iron_mw.powi(2)).max(0.0).sqrt();
        let scale = (hv.base_kv / vn_kv).powi(2);
        let bus = &mut self.grid.buses[star.at];
        bus.shunt_g_mw += iron_mw * scale;
        bus.shunt_b_mvar -= reactive * scale;
    }
}

impl Changer {
    /// The same changer seen from the other end of its winding.
    fn at_star_point(mut self) -> Self {
        self.side = if self.side == Side::High { Side::Low } else { Side::High };
        let (percent, degree) = (self.percent.unwrap_or(0.0), self.degree.unwrap_or(0.0));
        let (sin, cos) = degree.to_radians().sin_cos();
        let (a, b) = (percent * cos, percent * sin);
        // 100·t / (100 + t·steps), t = a + jb.
        let (c, d) = (100.0 + a * self.steps, b * self.steps);
        let over = c * c + d * d;
        let (re, im) = (100.0 * (a * c + b * d) / over, 100.0 * (b * c - a * d) / over);
        self.percent = Some(re.hypot(im));
        self.degree = Some(im.atan2(re).to_degrees() - 180.0);
        self
    }
}

/// Impedances of the three windings of a star, in percent of their own ratings, from those
/// measured between hv–mv, mv–lv and hv–lv, in percent of the smaller rating of each pair.
fn star_percent(vk: [f64; 3], vkr: [f64; 3], sn: [f64; 3]) -> Option<[(f64, f64); 3]> {
    let pairs = [sn[0].min(sn[1]), sn[1].min(sn[2]), sn[0].min(sn[2])];
    let [mut z, mut r] = [vk, vkr];
    for k in 0..3 {
        z[k] *= sn[0] / pairs[k];
        r[k] *= sn[0] / pairs[k];
    }
    let mut x = [0.0; 3];
    for k in 0..3 {
        let square = z[k] * z[k] - r[k] * r[k];
        if square < 0.0 {
            return None;
        }
        x[k] = square.sqrt();
    }
    let star = |d: [f64; 3]| [d[0] + d[2] - d[1], d[1] + d[0] - d[2], d[2] + d[1] - d[0]];
    let (r, x) = (star(r), star(x));
    Some([0, 1, 2].map(|k| {
        let own = 0.5 * sn[k] / sn[0];
        let (r, x) = (own * r[k], own * x[k]);
        (r.hypot(x).copysign(x), r)
    }))
}

/// A rating; infinite where it stands for none.
pub(super) fn rating(mva: f64) -> f64 {
    if mva >= NO_RATING || mva <= 0.0 { f64::INFINITY } else { mva }
}

#[cfg(test)]
mod tests {
    use super::star_percent;

    #[test]
    fn a_star_gives_back_what_is_measured_between_its_terminals() {
        let (vk, vkr, sn) = ([10.4, 10.5, 11.0], [0.28, 0.31, 0.35], [63.0, 25.0, 38.0]);
        let star = star_percent(vk, vkr, sn).unwrap();
        // In percent of 100 MVA.
        let leg = |k: usize| {
            let (z, r): (f64, f64) = star[k];
            let x = (z * z - r * r).sqrt().copysign(z);
            (r * 100.0 / sn[k], x * 100.0 / sn[k])
        };
        for (pair, (a, b)) in [(0, 1), (1, 2), (0, 2)].into_iter().enumerate() {
            let (one, other) = (leg(a), leg(b));
            let z = (one.0 + other.0).hypot(one.1 + other.1) * sn[a].min(sn[b]) / 100.0;
            assert!((z - vk[pair]).abs() < 1e-9, "{z} {}", vk[pair]);
        }
    }
}
