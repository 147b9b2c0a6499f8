//! The case from its first line to its last, and the records of one line.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use blackstart::region::{
    Branch, BranchKind, Bus, BusKind, Code, Generator, Grid, Load, Table, closest,
};

use super::lines::{Field, Fields, Lines, number};
use super::sections::{self, Kind};
use crate::codes;
use crate::formats::Parsed;
use crate::formats::collect::{Collector, shorten};
use crate::problem::{InputProblem, Severity};
use crate::sources::{RowPlaces, Sources};

/// Largest bus number of PSS/E.
const LARGEST_BUS: f64 = 999_999.0;

/// Reactance that an element of no impedance gets, p.u.
pub(super) const COUPLER_X_PU: f64 = 1e-5;

pub(super) struct Builder<'t> {
    lines: Lines<'t>,
    pub problems: Collector<'t>,
    file: Rc<Path>,
    sources: Sources,
    places: Vec<(Table, RowPlaces)>,
    pub revision: u32,
    pub grid: Grid<String>,
    /// Rows of buses by number.
    rows: HashMap<u64, usize>,
    /// The section that is being read, and its `@!` lines as names of fields.
    section: Kind,
    headers: Vec<Vec<String>>,
    /// `Q` or the end of the file was reached.
    pub ended: bool,
    /// What is worth a note: words, how many records, the first one's line.
    notes: Vec<(&'static str, usize, usize)>,
    ids: HashMap<String, usize>,
}

impl<'t> Builder<'t> {
    pub fn new(text: &'t str, file: &'t Path) -> Self {
        Self {
            lines: Lines::new(text.strip_prefix('\u{feff}').unwrap_or(text)),
            problems: Collector::new(file),
            file: Rc::from(file),
            sources: Sources::default(),
            places: Vec::new(),
            revision: 33,
            grid: Grid { base_mva: 100.0, ..Grid::default() },
            rows: HashMap::new(),
            section: Kind::Identification,
            headers: Vec::new(),
            ended: false,
            notes: Vec::new(),
            ids: HashMap::new(),
        }
    }

    pub fn run(&mut self) {
        if !self.header() {
            return;
        }
        for kind in Kind::order(self.revision) {
            if self.ended {
                break;
            }
            self.section = kind;
            self.headers.clear();
            match kind {
                Kind::Bus => self.buses(),
                Kind::Load => self.loads(),
                Kind::FixedShunt => self.fixed_shunts(),
                Kind::Generator => self.generators(),
                Kind::Branch => self.branches(),
                Kind::Switch => self.switches(),
                Kind::Transformer => self.transformers(),
                Kind::TwoTerminalDc => self.two_terminal_dc(),
                Kind::Vsc => self.vsc(),
                Kind::SwitchedShunt => self.switched_shunts(),
                Kind::Substation => self.substations(),
                Kind::Identification
                | Kind::SystemWide
                | Kind::Area
                | Kind::Correction
                | Kind::MultiTerminalDc
                | Kind::MultiSection
                | Kind::Zone
                | Kind::Transfer
                | Kind::Owner
                | Kind::Facts
                | Kind::Gne
                | Kind::Induction => self.not_used(kind),
            }
        }
        if self.grid.buses.is_empty() && self.problems.errors() == 0 {
            let place = (self.lines.line, 0);
            self.problems.add(Severity::Error, codes::BAD_VALUE, place, "the case has no buses");
        }
    }

    pub fn finish(mut self) -> Parsed<Grid<String>> {
        for (words, count, line) in std::mem::take(&mut self.notes) {
            let records = if count == 1 { "record" } else { "records" };
            let message = format!("{words} ({count} {records})");
            self.problems.add(Severity::Note, codes::NOT_SIMULATED, (line, 0), message);
        }
        for (table, places) in self.places {
            self.sources.set_table(table, places);
        }
        Parsed { value: self.grid, problems: self.problems.finish(), sources: self.sources }
    }

    /// The case identification and the two lines of title; false if nothing can follow.
    fn header(&mut self) -> bool {
        let first = loop {
            match self.lines.next() {
                Some(text) if text.trim_start().starts_with("@!") => {}
                Some(text) => break Fields::new(text, self.lines.line),
                None => break Fields::default(),
            }
        };
        let field = |at, name| Field { at, name };
        let base = first.raw(1);
        let number_or_empty = |text: &str| text.is_empty() || number(text).is_some();
        if first.len() < 2 || !number_or_empty(base) || !number_or_empty(first.raw(0)) {
            self.problems.push(
                InputProblem::error(codes::BAD_SYNTAX, &self.file, "this is not a PSS/E case")
                    .at(first.line, 0)
                    .help("its first line is `0, MVA base, revision, …`, such as `0, 100.0, 33`"),
            );
            return false;
        }
        self.grid.base_mva = self.number(&first, field(1, "SBASE"), 100.0);
        if self.number(&first, field(0, "IC"), 0.0) != 0.0 {
            let text = "IC is not 0: these records are to be added to another case; they are \
                        read as a case of their own";
            self.problems.add(Severity::Warning, codes::ASSUMED, (first.line, 0), text);
        }
        let revision = self.number(&first, field(2, "REV"), f64::NAN);
        if revision.is_nan() {
            let text = "the case names no revision; it is read as revision 33";
            self.problems.add(Severity::Warning, codes::ASSUMED, (first.line, 0), text);
        } else if (32.0..36.0).contains(&revision) {
            self.revision = revision as u32;
        } else {
            self.problems.push(
                InputProblem::error(
                    codes::BAD_VALUE,
                    &self.file,
                    format!("revision {revision} of PSS/E cases is not read; 32 to 35 are"),
                )
                .at(first.line, first.column(2))
                .found(first.raw(2))
                .help("save the case as revision 33"),
            );
            return false;
        }
        self.lines.next();
        self.lines.next();
        true
    }

    /// The next record of this section; none at its end.
    pub fn record(&mut self) -> Option<Fields<'t>> {
        let fields = self.line()?;
        if fields.ends_case() {
            self.ended = true;
            return None;
        }
        if fields.ends_section() {
            return None;
        }
        Some(fields)
    }

    /// The next line that is neither empty nor a comment.
    fn line(&mut self) -> Option<Fields<'t>> {
        loop {
            let Some(text) = self.lines.next() else {
                self.end_of_file();
                return None;
            };
            if let Some(names) = text.trim_start().strip_prefix("@!") {
                let clean = |name: &str| name.replace([' ', '\t', '\'', '"'], "").to_uppercase();
                if self.headers.len() < 16 && names.len() < 4096 {
                    self.headers.push(names.split(',').map(clean).collect());
                }
                continue;
            }
            let fields = Fields::new(text, self.lines.line);
            if fields.ends_section() {
                self.compare_with_comment(text);
            }
            if fields.len() > 0 {
                return Some(fields);
            }
        }
    }

    /// A further line of the record that begins with `first`.
    pub fn more(&mut self, first: &Fields<'_>) -> Option<Fields<'t>> {
        let ended = self.ended;
        let fields = self.line();
        if fields.is_none() && !ended {
            let message = format!("the record that begins in line {} is cut off", first.line);
            self.problems.add(Severity::Error, codes::TRUNCATED, (self.lines.line, 0), message);
        }
        fields
    }

    fn end_of_file(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let order: Vec<Kind> = Kind::order(self.revision).collect();
        let at = |kind| order.iter().position(|k| *k == kind);
        let needed = at(self.section) <= at(Kind::Transformer);
        let severity = if needed { Severity::Error } else { Severity::Warning };
        let message = format!("the file ends within its {} data", self.section.words());
        let problem = InputProblem::new(severity, codes::TRUNCATED, &self.file, message);
        let help = "a case ends with a line `Q`; was the download or copy cut off?";
        self.problems.push(problem.at(self.lines.line, 0).help(help));
    }

    /// Warns if the comment of a closing 0 says that another section follows than does.
    fn compare_with_comment(&mut self, text: &str) {
        let Some(said) = Kind::announced(text) else { return };
        let mut order = Kind::order(self.revision).skip_while(|k| *k != self.section);
        let next = order.nth(1);
        // Parts of substations have no sections of their own here.
        let Some(follows) = next.filter(|n| *n != said && self.section != Kind::Substation) else {
            return;
        };
        let follows = follows.words();
        let message = format!(
            "the comment announces {} data, but in revision {} {follows} data follow; they are \
             read as such",
            said.words(),
            self.revision
        );
        let place = (self.lines.line, 0);
        self.problems.add(Severity::Warning, codes::ASSUMED, place, message);
    }

    /// Where fields stand: as an `@!` line says that names them all, else as in the manual
    /// of the revision. The first word of each is its name, the others are its aliases.
    pub fn fields<const N: usize>(&self, manual: &str, wanted: [&[&'static str]; N]) -> [Field; N] {
        let find = |names: &[String], words: &[&str]| {
            names.iter().position(|n| words.contains(&n.as_str()))
        };
        let manual: Vec<String> = manual.split(' ').map(str::to_owned).collect();
        let said = self.headers.iter().find(|h| wanted.iter().all(|w| find(h, w).is_some()));
        let names = said.unwrap_or(&manual);
        wanted.map(|w| Field { at: find(names, w).unwrap_or(usize::MAX), name: w[0] })
    }

    /// A number; `default` where the field is left out.
    pub fn number(&mut self, fields: &Fields<'_>, field: Field, default: f64) -> f64 {
        let raw = fields.raw(field.at);
        if raw.is_empty() {
            return default;
        }
        if let Some(x) = number(raw) {
            return x;
        }
        let found = shorten(raw, 24);
        let message = format!(
            "`{found}` is not a number; {} of a record of {} data is one",
            field.name,
            self.section.words()
        );
        self.problems.push(
            InputProblem::error(codes::BAD_NUMBER, &self.file, message)
                .at(fields.line, fields.column(field.at))
                .found(found),
        );
        f64::NAN
    }

    /// A bus number, without the sign that marks a metered end.
    pub fn bus(&mut self, fields: &Fields<'_>, field: Field) -> Option<u64> {
        let raw = fields.raw(field.at);
        if let Some(x) = number(raw).map(f64::abs)
            && x.fract() == 0.0
            && (1.0..=LARGEST_BUS).contains(&x)
        {
            return Some(x as u64);
        }
        let found = shorten(raw, 24);
        let message =
            format!("{} is `{found}`, which is no bus number from 1 to 999999", field.name);
        let mut problem = InputProblem::error(codes::BAD_NUMBER, &self.file, message)
            .at(fields.line, fields.column(field.at))
            .found(found);
        if raw.starts_with(['\'', '"']) {
            problem = problem.help("buses named by name and voltage are not read; use numbers");
        }
        self.problems.push(problem);
        None
    }

    /// The row of a bus that must be there.
    pub fn bus_row(&mut self, fields: &Fields<'_>, field: Field) -> Option<usize> {
        let bus = self.bus(fields, field)?;
        if let Some(row) = self.rows.get(&bus) {
            return Some(*row);
        }
        let id = bus.to_string();
        let message = format!("there is no bus `{id}`");
        let mut problem = InputProblem::error(Code::UnknownReference.word(), &self.file, message)
            .at(fields.line, fields.column(field.at))
            .found(&id);
        if !self.problems.full(Severity::Error)
            && let Some(near) = closest(&id, self.grid.buses.iter().map(|b| b.id.as_str()))
        {
            problem = problem.help(format!("did you mean `{near}`?"));
        }
        self.problems.push(problem);
        None
    }

    /// Bus `number`, if it is there.
    pub fn known(&self, number: u64) -> Option<&Bus> {
        self.rows.get(&number).map(|row| &self.grid.buses[*row])
    }

    pub fn largest_bus(&self) -> u64 {
        self.rows.keys().copied().max().unwrap_or(0)
    }

    pub fn add_bus(&mut self, number: u64, bus: Bus) {
        self.rows.insert(number, self.grid.buses.len());
        self.grid.buses.push(bus);
    }

    pub fn bus_at(&mut self, row: usize) -> &mut Bus {
        &mut self.grid.buses[row]
    }

    /// Counts something that is worth a note.
    pub fn note(&mut self, words: &'static str, line: usize) {
        match self.notes.iter_mut().find(|(w, _, _)| *w == words) {
            Some((_, count, _)) => *count += 1,
            None => self.notes.push((words, 1, line)),
        }
    }

    /// `stem`, with the record's own id behind it unless that is 1, made unique.
    pub fn id(&mut self, stem: String, own: &str) -> String {
        let id = if matches!(own, "" | "1") { stem } else { format!("{stem}#{own}") };
        let count = self.ids.entry(id.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { id } else { format!("{id}#{count}") }
    }

    /// Remembers where a row of `table` stands.
    pub fn place(
        &mut self,
        table: Table,
        names: &'static [&'static str],
        fields: &Fields<'_>,
        at: &[Field],
    ) {
        let place = match self.places.iter().position(|(t, _)| *t == table) {
            Some(k) => k,
            None => {
                let places = RowPlaces {
                    file: Rc::clone(&self.file),
                    lines: Vec::new(),
                    fields: names,
                    columns: Vec::new(),
                };
                self.places.push((table, places));
                self.places.len() - 1
            }
        };
        let places = &mut self.places[place].1;
        places.lines.push(fields.line as u32);
        for k in 0..places.fields.len() {
            let column = at.get(k).map_or(0, |f| fields.column(f.at));
            places.columns.push(u16::try_from(column).unwrap_or(0));
        }
    }

    fn buses(&mut self) {
        let mut at = None;
        while let Some(r) = self.record() {
            let [i, name, kv, ide, area, zone, vm, va, high, low] = *at.get_or_insert_with(|| {
                self.fields(
                    sections::BUS,
                    [
                        &["I"],
                        &["NAME"],
                        &["BASKV"],
                        &["IDE"],
                        &["AREA"],
                        &["ZONE"],
                        &["VM"],
                        &["VA"],
                        &["NVHI"],
                        &["NVLO"],
                    ],
                )
            });
            let Some(number) = self.bus(&r, i) else { continue };
            let id = number.to_string();
            let kind = self.number(&r, ide, 1.0);
            let words = r.words(name.at);
            self.place(
                Table::Buses,
                &["id", "base_kv", "vm_pu", "va_deg", "vm_max_pu", "vm_min_pu"],
                &r,
                &[i, kv, vm, va, high, low],
            );
            let bus = Bus {
                name: if words.is_empty() { id.clone() } else { words.into_owned() },
                kind: match kind {
                    2.0 => BusKind::Generator,
                    3.0 => BusKind::Reference,
                    _ => BusKind::Load,
                },
                base_kv: self.number(&r, kv, 0.0),
                area: self.number(&r, area, 1.0) as u32,
                zone: self.number(&r, zone, 1.0) as u32,
                vm_pu: self.number(&r, vm, 1.0),
                va_deg: self.number(&r, va, 0.0),
                vm_max_pu: self.number(&r, high, 1.1),
                vm_min_pu: self.number(&r, low, 0.9),
                in_service: kind != 4.0,
                id,
                ..Bus::default()
            };
            self.add_bus(number, bus);
        }
    }

    fn loads(&mut self) {
        let mut at = None;
        while let Some(r) = self.record() {
            let [i, own, stat, pl, ql, ip, iq, yp, yq, dgenp, dgenq, dgenm] = *at
                .get_or_insert_with(|| {
                    self.fields(
                        sections::LOAD,
                        [
                            &["I"],
                            &["ID"],
                            &["STAT", "STATUS"],
                            &["PL"],
                            &["QL"],
                            &["IP"],
                            &["IQ"],
                            &["YP"],
                            &["YQ"],
                            &["DGENP"],
                            &["DGENQ"],
                            &["DGENM"],
                        ],
                    )
                });
            let Some(number) = self.bus(&r, i) else { continue };
            let vm = self.known(number).map_or(1.0, |b| b.vm_pu);
            let mut p_mw = self.number(&r, pl, 0.0);
            let mut q_mvar = self.number(&r, ql, 0.0);
            let [ip, iq, yp, yq] = [ip, iq, yp, yq].map(|f| self.number(&r, f, 0.0));
            if [ip, iq, yp, yq].iter().any(|x| *x != 0.0) {
                let words = "loads of constant current or admittance are constant power, as at \
                             the voltage of the file";
                self.note(words, r.line);
                p_mw += ip * vm + yp * vm * vm;
                // The manual counts a capacitive admittance positive.
                q_mvar += iq * vm - yq * vm * vm;
            }
            if self.number(&r, dgenm, 0.0) != 0.0 {
                self.note("distributed generation at loads is taken off their demand", r.line);
                p_mw -= self.number(&r, dgenp, 0.0);
                q_mvar -= self.number(&r, dgenq, 0.0);
            }
            self.place(Table::Loads, &["id", "bus", "p_mw", "q_mvar"], &r, &[i, i, pl, ql]);
            let load = Load {
                id: self.id(format!("load@{number}"), &r.words(own.at)),
                bus: number.to_string(),
                p_mw,
                q_mvar,
                in_service: self.number(&r, stat, 1.0) != 0.0,
                ..Load::default()
            };
            self.grid.loads.push(load);
        }
    }

    fn fixed_shunts(&mut self) {
        let mut at = None;
        while let Some(r) = self.record() {
            let [i, stat, g, b] = *at.get_or_insert_with(|| {
                self.fields(sections::FIXED_SHUNT, [&["I"], &["STAT", "STATUS"], &["GL"], &["BL"]])
            });
            let Some(row) = self.bus_row(&r, i) else { continue };
            let (g_mw, b_mvar) = (self.number(&r, g, 0.0), self.number(&r, b, 0.0));
            if self.number(&r, stat, 1.0) == 0.0 {
                self.note("fixed shunts out of service are left out", r.line);
                continue;
            }
            let bus = self.bus_at(row);
            bus.shunt_g_mw += g_mw;
            bus.shunt_b_mvar += b_mvar;
        }
    }

    fn generators(&mut self) {
        let mut at = None;
        while let Some(r) = self.record() {
            let [i, own, pg, qg, qt, qb, vs, ireg, mbase, xt, stat, rmpct, pt, pb, wmod] = *at
                .get_or_insert_with(|| {
                    self.fields(
                        sections::generator(self.revision),
                        [
                            &["I"],
                            &["ID"],
                            &["PG"],
                            &["QG"],
                            &["QT"],
                            &["QB"],
                            &["VS"],
                            &["IREG"],
                            &["MBASE"],
                            &["XT"],
                            &["STAT"],
                            &["RMPCT"],
                            &["PT"],
                            &["PB"],
                            &["WMOD"],
                        ],
                    )
                });
            let Some(number) = self.bus(&r, i) else { continue };
            let remote = self.number(&r, ireg, 0.0);
            if remote != 0.0 && remote != number as f64 {
                let words = "generators that hold the voltage of another bus hold their own";
                self.note(words, r.line);
            }
            if self.number(&r, xt, 0.0) != 0.0 {
                self.note("step-up transformers within generator records are left out", r.line);
            }
            if self.number(&r, wmod, 0.0) != 0.0 {
                self.note("control modes of wind machines are not simulated", r.line);
            }
            let base = self.grid.base_mva;
            self.place(
                Table::Generators,
                &[
                    "id",
                    "bus",
                    "p_mw",
                    "q_mvar",
                    "q_max_mvar",
                    "q_min_mvar",
                    "vm_pu",
                    "p_max_mw",
                    "p_min_mw",
                ],
                &r,
                &[i, i, pg, qg, qt, qb, vs, pt, pb],
            );
            let generator = Generator {
                id: self.id(format!("gen@{number}"), &r.words(own.at)),
                bus: number.to_string(),
                p_mw: self.number(&r, pg, 0.0),
                q_mvar: self.number(&r, qg, 0.0),
                q_max_mvar: self.number(&r, qt, 9999.0),
                q_min_mvar: self.number(&r, qb, -9999.0),
                vm_pu: self.number(&r, vs, 1.0),
                base_mva: self.number(&r, mbase, base),
                p_max_mw: self.number(&r, pt, 9999.0),
                p_min_mw: self.number(&r, pb, -9999.0),
                in_service: self.number(&r, stat, 1.0) > 0.0,
                ..Generator::default()
            };
            if generator.p_max_mw >= 9999.0 || generator.p_min_mw <= -9999.0 {
                let words = "generators have the limit of 9999 MW that stands for an unknown one";
                self.note(words, r.line);
            }
            if ![1.0, 100.0].contains(&self.number(&r, rmpct, 100.0)) {
                self.note("shares of generators in holding a voltage are not used", r.line);
            }
            self.grid.generators.push(generator);
        }
    }

    fn branches(&mut self) {
        let mut at = None;
        while let Some(r) = self.record() {
            let [i, j, ckt, res, x, b, a1, a2, a3, gi, bi, gj, bj, stat] =
                *at.get_or_insert_with(|| {
                    self.fields(
                        sections::branch(self.revision),
                        [
                            &["I"],
                            &["J"],
                            &["CKT"],
                            &["R"],
                            &["X"],
                            &["B"],
                            &["RATE1", "RATEA"],
                            &["RATE2", "RATEB"],
                            &["RATE3", "RATEC"],
                            &["GI"],
                            &["BI"],
                            &["GJ"],
                            &["BJ"],
                            &["STAT", "ST"],
                        ],
                    )
                });
            let (from, to) = (self.bus(&r, i), self.bus(&r, j));
            let (Some(from), Some(to)) = (from, to) else { continue };
            let in_service = self.number(&r, stat, 1.0) != 0.0;
            let [gi, bi, gj, bj] = [gi, bi, gj, bj].map(|f| self.number(&r, f, 0.0));
            if [gi, bi, gj, bj].iter().any(|y| *y != 0.0) {
                self.note("shunts of lines stand at their buses, whatever the line does", r.line);
                if in_service {
                    self.shunt(from, gi, bi);
                    self.shunt(to, gj, bj);
                }
            }
            self.place(
                Table::Branches,
                &["id", "from", "to", "r_pu", "x_pu", "b_pu", "rate_mva"],
                &r,
                &[i, i, j, res, x, b, a1],
            );
            let ratings = [a1, a2, a3].map(|f| self.rating(&r, f));
            let branch = Branch {
                id: self.id(format!("{from}-{to}"), &r.words(ckt.at)),
                kind: BranchKind::Line,
                from: from.to_string(),
                to: to.to_string(),
                r_pu: self.number(&r, res, 0.0),
                x_pu: self.number(&r, x, f64::NAN),
                b_pu: self.number(&r, b, 0.0),
                rate_mva: ratings[0],
                rate_short_mva: ratings[1],
                rate_emergency_mva: ratings[2],
                in_service,
                ..Branch::default()
            };
            self.add_branch(branch, r.line, "lines");
        }
    }

    fn switches(&mut self) {
        let mut at = None;
        while let Some(r) = self.record() {
            let [i, j, ckt, x, a1, a2, a3, stat] = *at.get_or_insert_with(|| {
                self.fields(
                    sections::SWITCH,
                    [
                        &["I"],
                        &["J"],
                        &["CKT"],
                        &["X"],
                        &["RATE1"],
                        &["RATE2"],
                        &["RATE3"],
                        &["STAT", "STATUS"],
                    ],
                )
            });
            let (from, to) = (self.bus(&r, i), self.bus(&r, j));
            let (Some(from), Some(to)) = (from, to) else { continue };
            self.place(
                Table::Branches,
                &["id", "from", "to", "r_pu", "x_pu", "b_pu", "rate_mva"],
                &r,
                &[i, i, j, x, x, x, a1],
            );
            let ratings = [a1, a2, a3].map(|f| self.rating(&r, f));
            let own = r.words(ckt.at);
            let branch = Branch {
                id: self.id(format!("{from}-{to}"), if own.is_empty() { "@1" } else { &own }),
                from: from.to_string(),
                to: to.to_string(),
                x_pu: self.number(&r, x, 0.0),
                rate_mva: ratings[0],
                rate_short_mva: ratings[1],
                rate_emergency_mva: ratings[2],
                in_service: self.number(&r, stat, 1.0) != 0.0,
                ..Branch::default()
            };
            self.note("switching devices are lines, open ones out of service", r.line);
            self.add_branch(branch, r.line, "switching devices");
        }
    }

    /// Adds a branch; one without impedance becomes a coupler.
    pub fn add_branch(&mut self, mut branch: Branch<String>, line: usize, what: &str) {
        if branch.x_pu.is_nan() && self.problems.errors() == 0 {
            let message = format!("the reactance X of {} is missing", branch.id);
            self.problems.add(Severity::Error, codes::SHORT_ROW, (line, 0), message);
        }
        if branch.x_pu == 0.0 && branch.r_pu == 0.0 {
            branch.x_pu = COUPLER_X_PU;
            let words = match what {
                "lines" => "lines without impedance are couplers of 1e-5 p.u.",
                "transformers" => "transformer windings without impedance have 1e-5 p.u.",
                _ => "switching devices without impedance have 1e-5 p.u.",
            };
            self.note(words, line);
        }
        self.grid.branches.push(branch);
    }

    /// A rating; 0 is none.
    pub fn rating(&mut self, fields: &Fields<'_>, field: Field) -> f64 {
        let mva = self.number(fields, field, 0.0);
        if mva == 0.0 { f64::INFINITY } else { mva }
    }

    /// Adds a shunt in per unit to a bus, if it is there.
    pub fn shunt(&mut self, bus: u64, g_pu: f64, b_pu: f64) {
        let base = self.grid.base_mva;
        if let Some(row) = self.rows.get(&bus).copied() {
            let bus = self.bus_at(row);
            bus.shunt_g_mw += g_pu * base;
            bus.shunt_b_mvar += b_pu * base;
        }
    }
}
