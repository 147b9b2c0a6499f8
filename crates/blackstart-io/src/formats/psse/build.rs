//! The case from its first line to its last, and the records of one line.

mod tables;

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
