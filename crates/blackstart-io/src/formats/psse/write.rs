//! Grids to PSS/E cases. Admittances, injections, set-points and limits read back the
//! same; what else a grid holds is told.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use blackstart::region::{Branch, BranchKind, Bus, BusKind, Grid};

use super::sections::Kind;
use crate::formats::lost::{Lost, Part};
use crate::formats::number::push_number;
use crate::problem::InputProblem;

/// A revision of the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Revision {
    /// Revision 33.
    #[default]
    R33,
    /// Revision 34.
    R34,
    /// Revision 35.
    R35,
}

impl Revision {
    fn number(self) -> u32 {
        match self {
            Self::R33 => 33,
            Self::R34 => 34,
            Self::R35 => 35,
        }
    }
}

const CANNOT_SAY: [Part; 10] = [
    Part::Facilities,
    Part::Priorities,
    Part::Queues,
    Part::Profiles,
    Part::Fuel,
    Part::Cables,
    Part::Costs,
    Part::GeneratorKinds,
    Part::Participation,
    Part::AngleLimits,
];

/// Largest bus number that PSS/E takes.
const LARGEST_BUS: u64 = 999_997;

/// Longest name of a bus, in characters.
const NAME_LENGTH: usize = 12;

/// `grid` as the text of a case in the file `target`, and a note for everything that such
/// a case cannot say.
#[must_use]
pub fn write(
    grid: &Grid<String>,
    target: &Path,
    revision: Revision,
) -> (String, Vec<InputProblem>) {
    let mut lost = Lost::of(grid, target, &CANNOT_SAY);
    lost.rows(grid.storages.len(), "storages");
    if revision == Revision::R33 {
        lost.rows(grid.buses.iter().filter(|b| b.position.is_some()).count(), "positions of buses");
    }
    let mut w = Writer {
        out: String::with_capacity(200 * (grid.buses.len() + grid.branches.len())),
        revision: revision.number(),
        numbers: numbers(grid),
        own: HashSet::new(),
        unknown: 0,
    };
    w.whole_case(grid, &mut lost);
    lost.rows(w.unknown, "references to buses that are not there, written as 0");
    lost.tell("the frequency, which the grid does not hold, is written as 50 Hz");
    (w.out, lost.into_notes())
}

/// Numbers of buses by id: their own where all ids are numbers that PSS/E takes.
fn numbers(grid: &Grid<String>) -> HashMap<&str, u64> {
    let own = |b: &Bus| {
        let n: u64 = b.id.parse().ok()?;
        ((1..=LARGEST_BUS).contains(&n) && n.to_string() == b.id).then_some(n)
    };
    let ids = || grid.buses.iter().map(|b| b.id.as_str());
    grid.buses
        .iter()
        .map(|b| Some((b.id.as_str(), own(b)?)))
        .collect::<Option<_>>()
        .unwrap_or_else(|| ids().zip(1..).collect())
}

struct Writer<'g> {
    out: String,
    revision: u32,
    numbers: HashMap<&'g str, u64>,
    /// Own ids that are taken: of what, at which buses.
    own: HashSet<(Owner, u64, u64, String)>,
    unknown: usize,
}

/// What shares a set of own ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Load,
    Generator,
    Branch,
}

impl<'g> Writer<'g> {
    fn whole_case(&mut self, grid: &'g Grid<String>, lost: &mut Lost<'_>) {
        self.out.push('0');
        self.number(grid.base_mva);
        let _ = write!(self.out, ", {}, 0, 1, 50", self.revision);
        self.out.push_str("     / written by blackstart\n\n\n");
        let order: Vec<Kind> = Kind::order(self.revision).collect();
        let shunts = transformer_shunts(grid);
        let charged = grid.branches.iter().filter(|b| charged(b));
        lost.rows(
            charged.clone().filter(|b| b.in_service).count(),
            "line charging of transformers, written as fixed shunts",
        );
        lost.rows(
            charged.filter(|b| !b.in_service).count(),
            "line charging of transformers out of service",
        );
        for (k, kind) in order.iter().enumerate() {
            match kind {
                Kind::Bus => self.buses(grid, lost),
                Kind::Load => self.loads(grid),
                Kind::FixedShunt => self.shunts(grid, &shunts),
                Kind::Generator => self.generators(grid),
                Kind::Branch => self.lines(grid),
                Kind::Transformer => self.transformers(grid),
                Kind::Vsc => self.dc_lines(grid, lost),
                Kind::Substation => self.substations(grid),
                Kind::Identification
                | Kind::SystemWide
                | Kind::Switch
                | Kind::Area
                | Kind::TwoTerminalDc
                | Kind::Correction
                | Kind::MultiTerminalDc
                | Kind::MultiSection
                | Kind::Zone
                | Kind::Transfer
                | Kind::Owner
                | Kind::Facts
                | Kind::SwitchedShunt
                | Kind::Gne
                | Kind::Induction => {}
            }
            let _ = write!(self.out, "0 / END OF {} DATA", kind.words());
            if let Some(next) = order.get(k + 1) {
                let _ = write!(self.out, ", BEGIN {} DATA", next.words());
            }
            self.out.push('\n');
        }
        self.out.push_str("Q\n");
    }

    fn number(&mut self, x: f64) {
        self.out.push_str(", ");
        push_number(&mut self.out, x, "9999", "0");
    }

    fn numbers(&mut self, xs: impl IntoIterator<Item = f64>) {
        xs.into_iter().for_each(|x| self.number(x));
    }

    fn bus(&mut self, id: &str) -> u64 {
        let n = self.numbers.get(id).copied();
        self.unknown += usize::from(n.is_none());
        n.unwrap_or(0)
    }

    /// The own id of a row: what stands behind `stem#` in its id, 1, or the next that is
    /// free, of two characters.
    fn own(&mut self, kind: Owner, (a, b): (u64, u64), id: &str, stem: &str) -> String {
        let said = match id.strip_prefix(stem) {
            Some("") => "1",
            Some(rest) => rest.strip_prefix('#').unwrap_or(""),
            None => "",
        };
        let fits = (1..=2).contains(&said.len()) && said.bytes().all(|b| b.is_ascii_alphanumeric());
        let said = fits.then(|| said.to_owned()).into_iter();
        let digit = |n: u32| char::from_digit(n, 36).unwrap_or('0').to_ascii_uppercase();
        let numbered = (1..=99u32).map(|n| n.to_string());
        let lettered = (360..1296u32).map(|n| format!("{}{}", digit(n / 36), digit(n % 36)));
        for own in said.chain(numbered).chain(lettered) {
            if self.own.insert((kind, a, b, own.clone())) {
                return own;
            }
        }
        String::from("ZZ")
    }

    fn buses(&mut self, grid: &Grid<String>, lost: &mut Lost<'_>) {
        let renumbered = grid.buses.iter().any(|b| self.numbers[b.id.as_str()].to_string() != b.id);
        if renumbered {
            lost.tell("buses are numbered from 1, because PSS/E has no other ids; their names are their ids");
        }
        let mut cut = 0;
        for b in &grid.buses {
            let number = self.bus(&b.id);
            let full = match renumbered {
                true => b.id.as_str(),
                false if b.name == b.id => "",
                false => b.name.as_str(),
            };
            let clean = full.replace(['\'', '\n', '\r', '"'], " ");
            let name: String = clean.chars().take(NAME_LENGTH).collect();
            cut += usize::from(name != full);
            let _ = write!(self.out, "{number}, '{name:NAME_LENGTH$}'");
            self.number(b.base_kv);
            let kind = match b.kind {
                _ if !b.in_service => 4,
                BusKind::Load => 1,
                BusKind::Generator => 2,
                BusKind::Reference => 3,
            };
            let _ = write!(self.out, ", {kind}, {}, {}, 1", b.area.max(1), b.zone.max(1));
            self.numbers([b.vm_pu, b.va_deg]);
            self.numbers([b.vm_max_pu, b.vm_min_pu, b.vm_max_pu, b.vm_min_pu]);
            self.out.push('\n');
        }
        lost.rows(cut, "names of buses beyond 12 characters, or with quotes");
    }

    fn loads(&mut self, grid: &Grid<String>) {
        for l in &grid.loads {
            let bus = self.bus(&l.bus);
            let own = self.own(Owner::Load, (bus, 0), &l.id, &format!("load@{}", l.bus));
            let on = u8::from(l.in_service);
            let _ = write!(self.out, "{bus}, '{own:2}', {on}, 1, 1");
            self.numbers([l.p_mw, l.q_mvar]);
            self.out.push_str(", 0, 0, 0, 0, 1, 1, 0\n");
        }
    }

    fn shunts(&mut self, grid: &Grid<String>, transformers: &HashMap<&str, f64>) {
        for b in &grid.buses {
            if b.shunt_g_mw != 0.0 || b.shunt_b_mvar != 0.0 {
                let _ = write!(self.out, "{}, '1 ', 1", self.numbers[b.id.as_str()]);
                self.numbers([b.shunt_g_mw, b.shunt_b_mvar]);
                self.out.push('\n');
            }
            if let Some(b_mvar) = transformers.get(b.id.as_str()) {
                let _ = write!(self.out, "{}, 'T ', 1, 0", self.numbers[b.id.as_str()]);
                self.number(*b_mvar);
                self.out.push('\n');
            }
        }
    }

    fn generators(&mut self, grid: &Grid<String>) {
        for g in &grid.generators {
            let bus = self.bus(&g.bus);
            let own = self.own(Owner::Generator, (bus, 0), &g.id, &format!("gen@{}", g.bus));
            let _ = write!(self.out, "{bus}, '{own:2}'");
            self.numbers([g.p_mw, g.q_mvar, g.q_max_mvar, g.q_min_mvar, g.vm_pu]);
            self.out.push_str(if self.revision >= 35 { ", 0, 0" } else { ", 0" });
            self.number(if g.base_mva == 0.0 { grid.base_mva } else { g.base_mva });
            let _ = write!(self.out, ", 0, 1, 0, 0, 1, {}, 100", u8::from(g.in_service));
            self.numbers([g.p_max_mw, g.p_min_mw]);
            self.out.push_str(if self.revision >= 35 { ", 0, 1, 1\n" } else { ", 1, 1\n" });
        }
    }

    fn ends(&mut self, b: &Branch<String>) -> (u64, u64, String) {
        let (from, to) = (self.bus(&b.from), self.bus(&b.to));
        let pair = (from.min(to), from.max(to));
        let own = self.own(Owner::Branch, pair, &b.id, &format!("{}-{}", b.from, b.to));
        (from, to, own)
    }

    fn ratings(&mut self, b: &Branch<String>) {
        let rating = |mva: f64| if mva.is_finite() { mva } else { 0.0 };
        self.numbers([b.rate_mva, b.rate_short_mva, b.rate_emergency_mva].map(rating));
        if self.revision >= 34 {
            self.out.push_str(&", 0".repeat(9));
        }
    }

    fn lines(&mut self, grid: &Grid<String>) {
        for b in grid.branches.iter().filter(|b| !is_transformer(b)) {
            let (from, to, own) = self.ends(b);
            let _ = write!(self.out, "{from}, {to}, '{own:2}'");
            self.numbers([b.r_pu, b.x_pu, b.b_pu]);
            if self.revision >= 34 {
                self.out.push_str(", ' '");
            }
            self.ratings(b);
            let _ = writeln!(self.out, ", 0, 0, 0, 0, {}, 1, 0, 1, 1", u8::from(b.in_service));
        }
    }

    fn transformers(&mut self, grid: &Grid<String>) {
        for b in grid.branches.iter().filter(|b| is_transformer(b)) {
            let (from, to, own) = self.ends(b);
            let on = u8::from(b.in_service);
            let _ = writeln!(
                self.out,
                "{from}, {to}, 0, '{own:2}', 1, 1, 1, 0, 0, 2, '{:12}', {on}, 1, 1",
                ""
            );
            push_number(&mut self.out, b.r_pu, "9999", "0");
            self.numbers([b.x_pu, grid.base_mva]);
            self.out.push('\n');
            push_number(&mut self.out, b.tap, "9999", "0");
            self.numbers([0.0, b.shift_deg]);
            self.ratings(b);
            let node = if self.revision >= 35 { ", 0" } else { "" };
            let _ = writeln!(self.out, ", 0, 0{node}, 1.1, 0.9, 1.1, 0.9, 33, 0, 0, 0, 0");
            self.out.push_str("1, 0\n");
        }
    }

    /// As lines of voltage source converters, which hold voltages at both ends.
    fn dc_lines(&mut self, grid: &Grid<String>, lost: &mut Lost<'_>) {
        let lines = || grid.dc_lines.iter();
        lost.rows(
            lines().filter(|d| d.p_min_mw != 0.0).count(),
            "least flows of direct-current lines",
        );
        lost.rows(
            lines().filter(|d| d.p_mw < 0.0).count(),
            "direction of direct-current lines that run backwards, which are turned round",
        );
        let starts = lines().filter(|d| d.q_from_mvar != 0.0 || d.q_to_mvar != 0.0).count();
        lost.rows(starts, "reactive power of direct-current lines at the start");
        for (k, d) in lines().enumerate() {
            let (from, to) = (self.bus(&d.from), self.bus(&d.to));
            let kv = 100.0;
            let _ = writeln!(self.out, "'DC{}', {}, 0, 1, 1", k + 1, u8::from(d.in_service));
            for (bus, kind, set, vm, limits, sharing) in [
                (from, 2, -d.p_mw, d.vm_from_pu, d.q_from_limits_mvar, true),
                (to, 1, kv, d.vm_to_pu, d.q_to_limits_mvar, false),
            ] {
                let _ = write!(self.out, "{bus}, {kind}, 1");
                let losses = if sharing { [d.loss_mw * 1e3, d.loss_share * kv] } else { [0.0; 2] };
                self.numbers([set, vm]);
                self.numbers(losses);
                self.number(0.0);
                self.numbers([d.p_max_mw.abs(), 0.0, 1.0, limits.1, limits.0]);
                self.out.push_str(if self.revision >= 34 { ", 0, 0, 100\n" } else { ", 0, 100\n" });
            }
        }
    }

    /// One substation for each bus that has a position.
    fn substations(&mut self, grid: &Grid<String>) {
        let placed = grid.buses.iter().filter_map(|b| Some((b, b.position?)));
        for (k, (b, position)) in placed.enumerate() {
            let _ = write!(self.out, "{}, 'S{}'", k + 1, k + 1);
            self.numbers([position.lat_deg, position.lon_deg, 0.1]);
            let number = self.numbers[b.id.as_str()];
            let _ = write!(self.out, "\n1, 'N1', {number}, 1");
            self.numbers([b.vm_pu, b.va_deg]);
            self.out.push_str(
                "\n0 / END OF SUBSTATION NODE DATA, BEGIN SUBSTATION SWITCHING DEVICE DATA\n",
            );
            self.out.push_str(
                "0 / END OF SUBSTATION SWITCHING DEVICE DATA, BEGIN SUBSTATION TERMINAL DATA\n",
            );
            self.out.push_str("0 / END OF SUBSTATION TERMINAL DATA\n");
        }
    }
}

fn is_transformer(b: &Branch<String>) -> bool {
    b.kind == BranchKind::Transformer || b.tap != 1.0 || b.shift_deg != 0.0
}

fn charged(b: &Branch<String>) -> bool {
    is_transformer(b) && b.b_pu != 0.0
}

/// The charging of transformers in service as shunts, `MVAr` by bus: a transformer of PSS/E
/// has none.
fn transformer_shunts(grid: &Grid<String>) -> HashMap<&str, f64> {
    let mut shunts = HashMap::new();
    for b in grid.branches.iter().filter(|b| charged(b) && b.in_service) {
        let half = b.b_pu / 2.0 * grid.base_mva;
        *shunts.entry(b.from.as_str()).or_insert(0.0) += half / (b.tap * b.tap);
        *shunts.entry(b.to.as_str()).or_insert(0.0) += half;
    }
    shunts
}
