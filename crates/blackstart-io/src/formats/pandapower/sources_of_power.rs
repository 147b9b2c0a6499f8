//! External grids and generators.

use blackstart::region::{BusKind, Generator, GeneratorKind, Table};

use super::Reader;
use super::buses::End;
use super::frame::Frame;
use crate::codes;
use crate::formats::collect::Collector;
use crate::problem::Severity;

impl Reader<'_, '_> {
    /// External grids, then generators that hold a voltage, then those that do not: the
    /// first at a bus says its voltage.
    pub(super) fn power_sources(&mut self) {
        self.external_grids();
        self.voltage_sources();
        self.static_generators();
        self.three_phase_generators();
    }

    fn place_generators(&mut self, f: &Frame<'_>) {
        let places = f.places(self.problems.file(), 0..f.len());
        self.sources.set_rows(Table::Generators, self.grid.generators.len(), places);
    }

    /// Limits from this many MW or `MVAr` on stand for none, as in pandapower's own defaults.
    fn limit(f: &Frame<'_>, row: usize, column: &str, p: &mut Collector<'_>) -> Option<f64> {
        let value = f.number(row, column, p)?;
        Some(if value.abs() >= NO_LIMIT { f64::INFINITY.copysign(value) } else { value })
    }

    fn push(&mut self, f: &Frame<'_>, row: usize, bus: Option<&End>, generator: Generator<String>) {
        self.generators.insert((f.name, f.index[row]), self.grid.generators.len());
        let bus = bus.map(|b| b.id.clone()).unwrap_or_default();
        self.grid.generators.push(Generator { id: Self::id(f, row), bus, ..generator });
    }

    fn external_grids(&mut self) {
        let f = self.table("ext_grid");
        if !f.require(&["bus", "vm_pu"], &mut self.problems) {
            return;
        }
        self.place_generators(&f);
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let p = &mut self.problems;
            let vm_pu = f.positive(row, "vm_pu", p);
            let va_deg = f.number_or(row, "va_degree", 0.0, p);
            let in_service = f.flag(row, "in_service", true, p);
            let word = f.text(row, "type");
            let generator = Generator {
                kind: if word.is_empty() { GeneratorKind::Import } else { kind(&word) },
                base_mva: f.number_or(row, "sn_mva", 0.0, p),
                p_min_mw: Self::limit(&f, row, "min_p_mw", p).unwrap_or(0.0),
                p_max_mw: Self::limit(&f, row, "max_p_mw", p).unwrap_or(f64::INFINITY),
                q_min_mvar: Self::limit(&f, row, "min_q_mvar", p).unwrap_or(f64::NEG_INFINITY),
                q_max_mvar: Self::limit(&f, row, "max_q_mvar", p).unwrap_or(f64::INFINITY),
                p_mw: f.number_or(row, "p_mw", 0.0, p),
                q_mvar: f.number_or(row, "q_mvar", 0.0, p),
                participation: f.number_or(row, "slack_weight", 1.0, p),
                vm_pu,
                in_service,
                ..Generator::default()
            };
            if let Some(bus) = bus.as_ref().filter(|_| in_service) {
                let at = &mut self.grid.buses[bus.at];
                (at.kind, at.vm_pu, at.va_deg) = (BusKind::Reference, vm_pu, va_deg);
                self.set_points.entry(bus.at).or_insert(vm_pu);
            }
            self.push(&f, row, bus.as_ref(), generator);
        }
    }

    fn voltage_sources(&mut self) {
        let f = self.table("gen");
        if !f.require(&["bus", "p_mw", "vm_pu"], &mut self.problems) {
            return;
        }
        self.place_generators(&f);
        let mut unlimited = 0;
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let p = &mut self.problems;
            let p_mw = f.needed(row, "p_mw", p) * f.number_or(row, "scaling", 1.0, p);
            let vm_pu = f.positive(row, "vm_pu", p);
            let sn_mva = f.number(row, "sn_mva", p).filter(|s| *s > 0.0);
            let p_max = Self::limit(&f, row, "max_p_mw", p);
            unlimited += usize::from(p_max.is_none());
            let in_service = f.flag(row, "in_service", true, p);
            let slack = f.flag(row, "slack", false, p);
            let p_max_mw = p_max.unwrap_or_else(|| sn_mva.unwrap_or(p_mw).max(p_mw));
            let generator = Generator {
                kind: kind(&f.text(row, "type")),
                p_min_mw: Self::limit(&f, row, "min_p_mw", p).unwrap_or_else(|| p_mw.min(0.0)),
                p_max_mw,
                p_mw,
                q_mvar: f.number_or(row, "q_mvar", 0.0, p),
                q_min_mvar: Self::limit(&f, row, "min_q_mvar", p).unwrap_or(f64::NEG_INFINITY),
                q_max_mvar: Self::limit(&f, row, "max_q_mvar", p).unwrap_or(f64::INFINITY),
                base_mva: sn_mva.unwrap_or(0.0),
                participation: f.number_or(row, "slack_weight", 0.0, p),
                vm_pu,
                in_service,
                ..Generator::default()
            };
            if let Some(bus) = bus.as_ref().filter(|_| in_service) {
                self.set_points.entry(bus.at).or_insert(vm_pu);
                if slack {
                    self.grid.buses[bus.at].kind = BusKind::Reference;
                } else {
                    self.set_kind(bus, BusKind::Generator);
                }
            }
            self.push(&f, row, bus.as_ref(), generator);
        }
        if unlimited > 0 {
            let message = format!(
                "{unlimited} generators have no `max_p_mw`; their rating, or else their output, \
                 is taken"
            );
            self.remark(Severity::Note, codes::ASSUMED, "gen", message);
        }
    }

    fn static_generators(&mut self) {
        let f = self.table("sgen");
        if !f.require(&["bus", "p_mw"], &mut self.problems) {
            return;
        }
        self.place_generators(&f);
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let p = &mut self.problems;
            let scaling = f.number_or(row, "scaling", 1.0, p);
            let p_mw = f.needed(row, "p_mw", p) * scaling;
            let q_mvar = f.number_or(row, "q_mvar", 0.0, p) * scaling;
            let free = f.flag(row, "controllable", false, p);
            let limit = |column: &str, p: &mut Collector<'_>| {
                Self::limit(&f, row, column, p).filter(|_| free)
            };
            let generator = Generator {
                kind: kind(&f.text(row, "type")),
                p_min_mw: limit("min_p_mw", p).unwrap_or_else(|| p_mw.min(0.0)),
                p_max_mw: limit("max_p_mw", p).unwrap_or_else(|| p_mw.max(0.0)),
                p_mw,
                q_mvar,
                q_min_mvar: limit("min_q_mvar", p).unwrap_or(q_mvar),
                q_max_mvar: limit("max_q_mvar", p).unwrap_or(q_mvar),
                base_mva: f.number(row, "sn_mva", p).unwrap_or(0.0),
                in_service: f.flag(row, "in_service", true, p),
                ..Generator::default()
            };
            self.follow(&f, row, bus.as_ref(), generator);
        }
    }

    fn three_phase_generators(&mut self) {
        let f = self.table("asymmetric_sgen");
        if !f.require(&["bus"], &mut self.problems) {
            return;
        }
        self.place_generators(&f);
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let (p_mw, q_mvar) = self.three_phases(&f, row);
            let generator = Generator {
                kind: kind(&f.text(row, "type")),
                p_min_mw: p_mw.min(0.0),
                p_max_mw: p_mw.max(0.0),
                p_mw,
                q_mvar,
                q_min_mvar: q_mvar,
                q_max_mvar: q_mvar,
                in_service: f.flag(row, "in_service", true, &mut self.problems),
                ..Generator::default()
            };
            self.follow(&f, row, bus.as_ref(), generator);
        }
        self.tell_phases(&f);
    }

    /// Adds a unit that holds no voltage: its set-point is the one of its bus.
    fn follow(
        &mut self,
        f: &Frame<'_>,
        row: usize,
        bus: Option<&End>,
        generator: Generator<String>,
    ) {
        let held = bus.and_then(|b| self.set_points.get(&b.at).copied());
        let vm_pu = held.unwrap_or(1.0);
        self.push(f, row, bus, Generator { vm_pu, ..generator });
    }
}

/// What stands for no limit.
pub(super) const NO_LIMIT: f64 = 1e9;

/// Words in the column `type`.
const KINDS: [(&str, GeneratorKind); 19] = [
    ("nuclear", GeneratorKind::Nuclear),
    ("hydro", GeneratorKind::Hydro),
    ("water", GeneratorKind::Hydro),
    ("wind", GeneratorKind::Wind),
    ("wp", GeneratorKind::Wind),
    ("pv", GeneratorKind::Solar),
    ("solar", GeneratorKind::Solar),
    ("photovoltaic", GeneratorKind::Solar),
    ("chp", GeneratorKind::Chp),
    ("kwk", GeneratorKind::Chp),
    ("import", GeneratorKind::Import),
    ("thermal", GeneratorKind::Thermal),
    ("coal", GeneratorKind::Thermal),
    ("lignite", GeneratorKind::Thermal),
    ("gas", GeneratorKind::Thermal),
    ("oil", GeneratorKind::Thermal),
    ("diesel", GeneratorKind::Thermal),
    ("biomass", GeneratorKind::Thermal),
    ("waste", GeneratorKind::Thermal),
];

/// What a word for a technology or fuel stands for.
pub(crate) fn kind(word: &str) -> GeneratorKind {
    let word = word.to_lowercase();
    let found = KINDS.iter().find(|(k, _)| word == *k || (k.len() > 3 && word.contains(k)));
    found.map_or(GeneratorKind::Other, |(_, kind)| *kind)
}

/// The word that [`kind`] reads as `kind`.
pub(crate) fn word(kind: GeneratorKind) -> Option<&'static str> {
    KINDS.iter().find(|(_, k)| *k == kind).map(|(word, _)| *word)
}
