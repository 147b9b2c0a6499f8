//! Grids to MATPOWER cases of version 2. What is written reads back as the same grid, to
//! the bit, in everything that a case can say.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use blackstart::region::{Branch, BranchKind, Bus, BusKind, Cost, GeneratorKind, Grid, Load};

use super::build::{UniqueIds, kind_of};
use crate::formats::lost::{Lost, Part};
use crate::formats::number::push_number;
use crate::problem::InputProblem;

/// What no case can say.
const CANNOT_SAY: [Part; 7] = [
    Part::Positions,
    Part::Facilities,
    Part::Priorities,
    Part::Queues,
    Part::Profiles,
    Part::Fuel,
    Part::Cables,
];

/// `grid` as the text of a case in the file `target`, and a note for everything that a
/// case cannot say.
///
/// Buses keep ids that are whole numbers; otherwise all are numbered from 1 and
/// `bus_name` holds their ids.
#[must_use]
pub fn write<'a>(grid: &Grid<String>, target: &'a Path) -> (String, Vec<InputProblem>) {
    let mut lost: Lost<'a> = Lost::of(grid, target, &CANNOT_SAY);
    let numbers = Numbers::new(grid);
    let mut w = Writer { out: String::with_capacity(200 * grid.buses.len()), unknown: 0, numbers };
    w.line(&format!("function mpc = {}", identifier(target)));
    w.line("mpc.version = '2';");
    w.out.push_str("mpc.baseMVA = ");
    w.number(grid.base_mva);
    w.line(";");
    w.buses(grid, &mut lost);
    w.generators(grid);
    w.branches(grid, &mut lost);
    w.costs(grid, &mut lost);
    w.dc_lines(grid);
    w.storages(grid, &mut lost);
    w.names(grid, &mut lost);
    w.fuels(grid);
    w.ids(grid, &mut lost);
    if w.unknown > 0 {
        lost.rows(w.unknown, "references to buses that are not there, written as 0");
    }
    (w.out, lost.into_notes())
}

/// Numbers of buses by their ids.
struct Numbers<'g> {
    of: HashMap<&'g str, u64>,
    /// True if every id is its number.
    kept: bool,
}

impl<'g> Numbers<'g> {
    fn new(grid: &'g Grid<String>) -> Self {
        let whole = |b: &Bus| -> Option<u64> {
            let n: u64 = b.id.parse().ok()?;
            ((1..1_000_000_000_000_000).contains(&n) && n.to_string() == b.id).then_some(n)
        };
        let ids = grid.buses.iter();
        match ids.clone().map(|b| Some((b.id.as_str(), whole(b)?))).collect() {
            Some(of) => Self { of, kept: true },
            None => Self { of: ids.map(|b| b.id.as_str()).zip(1..).collect(), kept: false },
        }
    }
}

struct Writer<'g> {
    out: String,
    numbers: Numbers<'g>,
    /// References that lead nowhere.
    unknown: usize,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn number(&mut self, x: f64) {
        push_number(&mut self.out, x, "Inf", "NaN");
    }

    fn bus(&mut self, id: &str) {
        let n = self.numbers.of.get(id).copied();
        self.unknown += usize::from(n.is_none());
        let _ = write!(self.out, "\t{}", n.unwrap_or(0));
    }

    fn row(&mut self, numbers: impl IntoIterator<Item = f64>) {
        for x in numbers {
            self.out.push('\t');
            self.number(x);
        }
        self.line(";");
    }

    fn open(&mut self, table: &str, columns: &str) {
        let _ = write!(self.out, "\n%\t{}\nmpc.{table} = [\n", columns.replace(' ', "\t"));
    }

    fn close(&mut self) {
        self.line("];");
    }

    fn buses(&mut self, grid: &Grid<String>, lost: &mut Lost<'_>) {
        let mut loads: HashMap<&str, (f64, f64, usize)> = HashMap::new();
        for l in grid.loads.iter().filter(|l| l.in_service) {
            let sum = loads.entry(&l.bus).or_insert((0.0, 0.0, 0));
            // The first is taken as it is, so that a negative zero stays one.
            *sum = match sum.2 {
                0 => (l.p_mw, l.q_mvar, 1),
                n => (sum.0 + l.p_mw, sum.1 + l.q_mvar, n + 1),
            };
        }
        let merged = loads.values().filter(|(_, _, n)| *n > 1).count();
        lost.rows(merged, "single loads where several at a bus become one");
        lost.rows(grid.loads.iter().filter(|l| !l.in_service).count(), "loads out of service");
        let nothing = |l: &&Load<String>| l.in_service && l.p_mw == 0.0 && l.q_mvar == 0.0;
        lost.rows(grid.loads.iter().filter(nothing).count(), "loads of 0 MW");
        let hidden = |b: &&Bus| !b.in_service && b.kind != BusKind::Load;
        lost.rows(
            grid.buses.iter().filter(hidden).count(),
            "kinds of buses out of service, which are isolated ones (4)",
        );
        self.open("bus", "bus_i type Pd Qd Gs Bs area Vm Va baseKV zone Vmax Vmin");
        for b in &grid.buses {
            self.bus(&b.id);
            let kind = match b.kind {
                _ if !b.in_service => 4.0,
                BusKind::Load => 1.0,
                BusKind::Generator => 2.0,
                BusKind::Reference => 3.0,
            };
            let (p, q, _) = loads.get(b.id.as_str()).copied().unwrap_or_default();
            let (area, zone) = (f64::from(b.area), f64::from(b.zone));
            self.row([
                kind,
                p,
                q,
                b.shunt_g_mw,
                b.shunt_b_mvar,
                area,
                b.vm_pu,
                b.va_deg,
                b.base_kv,
                zone,
                b.vm_max_pu,
                b.vm_min_pu,
            ]);
        }
        self.close();
    }

    fn generators(&mut self, grid: &Grid<String>) {
        self.open(
            "gen",
            "bus Pg Qg Qmax Qmin Vg mBase status Pmax Pmin Pc1 Pc2 Qc1min Qc1max Qc2min Qc2max \
             ramp_agc ramp_10 ramp_30 ramp_q apf",
        );
        for g in &grid.generators {
            self.bus(&g.bus);
            let on = f64::from(u8::from(g.in_service));
            let first = [
                g.p_mw,
                g.q_mvar,
                g.q_max_mvar,
                g.q_min_mvar,
                g.vm_pu,
                g.base_mva,
                on,
                g.p_max_mw,
                g.p_min_mw,
            ];
            self.row(first.into_iter().chain([0.0; 10]).chain([g.participation]));
        }
        self.close();
    }

    fn branches(&mut self, grid: &Grid<String>, lost: &mut Lost<'_>) {
        let kv: HashMap<&str, f64> =
            grid.buses.iter().map(|b| (b.id.as_str(), b.base_kv)).collect();
        self.open("branch", "fbus tbus r x b rateA rateB rateC ratio angle status angmin angmax");
        let (mut kinds, mut zeros, mut shut) = (0, 0, 0);
        for b in &grid.branches {
            self.bus(&b.from);
            self.bus(&b.to);
            let transformer = b.kind == BranchKind::Transformer;
            let plain = b.tap == 1.0 && b.shift_deg == 0.0;
            let steps = match (kv.get(b.from.as_str()), kv.get(b.to.as_str())) {
                (Some(from), Some(to)) => from != to,
                _ => false,
            };
            kinds += usize::from(!transformer && (!plain || steps));
            let [a, short, emergency] =
                [b.rate_mva, b.rate_short_mva, b.rate_emergency_mva].map(|r| rating(r, &mut zeros));
            let (least, most) = angles(b, &mut shut);
            let on = f64::from(u8::from(b.in_service));
            let ratio = if transformer || !plain { b.tap } else { 0.0 };
            self.row([
                b.r_pu,
                b.x_pu,
                b.b_pu,
                a,
                short,
                emergency,
                ratio,
                b.shift_deg,
                on,
                least,
                most,
            ]);
        }
        self.close();
        lost.rows(kinds, "which branches with a tap, a shift or two voltages are no transformers");
        lost.rows(zeros, "ratings of 0 MVA, written as 1e-9 because 0 means none");
        lost.rows(shut, "limits of angle differences that are both 0, which means none");
    }

    fn costs(&mut self, grid: &Grid<String>, lost: &mut Lost<'_>) {
        let costs = || grid.generators.iter().map(|g| g.cost.as_ref());
        let without = costs().filter(Option::is_none).count();
        if without == grid.generators.len() {
            return;
        }
        lost.rows(without, "generators without costs, written with costs of 0");
        let none = Cost::Polynomial(vec![0.0]);
        let numbers = |c: &Cost| match c {
            Cost::Polynomial(c) => c.len(),
            Cost::Piecewise(p) => 2 * p.len(),
        };
        // A column of the table must be there even for costs of no number.
        let width = costs().flatten().map(numbers).max().unwrap_or(0).max(1);
        self.open("gencost", "model startup shutdown n c(n-1) … c0, or x1 y1 … xn yn");
        for cost in costs() {
            let cost = cost.unwrap_or(&none);
            let mut row = match cost {
                Cost::Polynomial(c) => {
                    let mut row = vec![2.0, 0.0, 0.0, c.len() as f64];
                    row.extend(c);
                    row
                }
                Cost::Piecewise(p) => {
                    let mut row = vec![1.0, 0.0, 0.0, p.len() as f64];
                    row.extend(p.iter().flat_map(|(x, y)| [*x, *y]));
                    row
                }
            };
            row.resize(4 + width, 0.0);
            self.row(row);
        }
        self.close();
    }

    fn dc_lines(&mut self, grid: &Grid<String>) {
        if grid.dc_lines.is_empty() {
            return;
        }
        self.open(
            "dcline",
            "fbus tbus status Pf Pt Qf Qt Vf Vt Pmin Pmax QminF QmaxF QminT QmaxT loss0 loss1",
        );
        for d in &grid.dc_lines {
            self.bus(&d.from);
            self.bus(&d.to);
            let received = d.p_mw * (1.0 - d.loss_share) - d.loss_mw;
            let (from, to) = (d.q_from_limits_mvar, d.q_to_limits_mvar);
            self.row([
                f64::from(u8::from(d.in_service)),
                d.p_mw,
                received,
                d.q_from_mvar,
                d.q_to_mvar,
                d.vm_from_pu,
                d.vm_to_pu,
                d.p_min_mw,
                d.p_max_mw,
                from.0,
                from.1,
                to.0,
                to.1,
                d.loss_mw,
                d.loss_share,
            ]);
        }
        self.close();
    }

    fn storages(&mut self, grid: &Grid<String>, lost: &mut Lost<'_>) {
        if grid.storages.is_empty() {
            return;
        }
        self.open(
            "storage",
            "storage_bus ps qs energy energy_rating charge_rating discharge_rating \
             charge_efficiency discharge_efficiency thermal_rating qmin qmax r x p_loss q_loss \
             status",
        );
        let mut zeros = 0;
        for s in &grid.storages {
            self.bus(&s.bus);
            self.row([
                s.p_mw,
                s.q_mvar,
                s.energy_mwh,
                s.energy_max_mwh,
                s.charge_max_mw,
                s.discharge_max_mw,
                s.charge_efficiency,
                s.discharge_efficiency,
                rating(s.rate_mva, &mut zeros),
                s.q_min_mvar,
                s.q_max_mvar,
                s.r_pu,
                s.x_pu,
                s.p_loss_mw,
                s.q_loss_mvar,
                f64::from(u8::from(s.in_service)),
            ]);
        }
        self.close();
        lost.rows(zeros, "ratings of 0 MVA of storages, written as 1e-9 because 0 means none");
    }

    fn names(&mut self, grid: &Grid<String>, lost: &mut Lost<'_>) {
        let kept = self.numbers.kept;
        let name = |b: &Bus| match kept {
            true if b.name == b.id => String::new(),
            true => b.name.clone(),
            false => b.id.clone(),
        };
        if grid.buses.iter().all(|b| name(b).is_empty()) {
            return;
        }
        if !kept {
            lost.tell("buses are numbered from 1, because a case has no other ids; `bus_name` holds their ids");
            let named = |b: &&Bus| !b.name.is_empty() && b.name != b.id;
            lost.rows(grid.buses.iter().filter(named).count(), "names of buses beside their ids");
        }
        self.texts("bus_name", grid.buses.iter().map(name));
    }

    fn fuels(&mut self, grid: &Grid<String>) {
        if grid.generators.iter().any(|g| g.kind != GeneratorKind::Other) {
            self.texts("genfuel", grid.generators.iter().map(|g| fuel(g.kind).to_owned()));
        }
    }

    fn texts(&mut self, table: &str, texts: impl Iterator<Item = String>) {
        let _ = writeln!(self.out, "\nmpc.{table} = {{");
        for text in texts {
            let text = text.replace('\'', "''").replace(['\n', '\r'], " ");
            let _ = writeln!(self.out, "\t'{text}';");
        }
        self.line("};");
    }

    /// Counts the ids that reading will not give again.
    fn ids(&self, grid: &Grid<String>, lost: &mut Lost<'_>) {
        if !self.numbers.kept {
            return;
        }
        let mut ids = UniqueIds::default();
        let branches = grid.branches.iter();
        let branches =
            branches.filter(|b| ids.make(format!("{}-{}", b.from, b.to)) != b.id).count();
        let rows = grid.generators.iter().zip(1..);
        let generators = rows.filter(|(g, k)| g.id != format!("gen{k}@{}", g.bus)).count();
        let loads = grid.loads.iter().filter(|l| l.id != format!("load@{}", l.bus)).count();
        let mut ids = UniqueIds::default();
        let lines = grid.dc_lines.iter();
        let lines = lines.filter(|d| ids.make(format!("dc{}-{}", d.from, d.to)) != d.id).count();
        let rows = grid.storages.iter().zip(1..);
        let storages = rows.filter(|(s, k)| s.id != format!("storage{k}@{}", s.bus)).count();
        let count = branches + generators + loads + lines + storages;
        lost.rows(count, "ids of branches, generators, loads, direct-current lines and storages");
    }
}

/// A rating as MATPOWER writes it; one of 0 would mean none.
fn rating(mva: f64, zeros: &mut usize) -> f64 {
    if mva == 0.0 {
        *zeros += 1;
        return 1e-9;
    }
    if mva.is_finite() { mva } else { 0.0 }
}

fn angles(b: &Branch<String>, shut: &mut usize) -> (f64, f64) {
    *shut += usize::from(b.angle_min_deg == 0.0 && b.angle_max_deg == 0.0);
    (b.angle_min_deg.max(-360.0), b.angle_max_deg.min(360.0))
}

/// The word of `genfuel` for a kind: MATPOWER's where it has one, else our own, which
/// MATPOWER passes on unread.
fn fuel(kind: GeneratorKind) -> &'static str {
    let word = match kind {
        GeneratorKind::Chp => "chp",
        GeneratorKind::Thermal => "thermal",
        GeneratorKind::Nuclear => "nuclear",
        GeneratorKind::Hydro => "hydro",
        GeneratorKind::Wind => "wind",
        GeneratorKind::Solar => "solar",
        GeneratorKind::Import => "import",
        GeneratorKind::Other => "unknown",
    };
    debug_assert_eq!(kind_of(word, ""), kind);
    word
}

/// The name of the function of a case in `file`: letters, digits and `_`.
fn identifier(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let clean = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    let clean: String = clean.take(60).collect();
    if clean.starts_with(|c: char| c.is_ascii_alphabetic()) {
        clean
    } else {
        format!("case_{clean}")
    }
}
