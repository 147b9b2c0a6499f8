//! pandapower nets (JSON) to grids and back. See `docs/formats/pandapower.md`.
//!
//! Tables and their columns are those of pandapower's "Datastructure and Elements"; the
//! equations of lines and transformers those of its "Electric Model" pages (Thurner et
//! al., pandapower, IEEE Transactions on Power Systems 33, 2018). The admittances are
//! those of pandapower's own power flow with its default options (transformers as T,
//! losses of three-winding transformers at the high-voltage side).

mod branches;
pub(crate) mod buses;
mod costs;
pub(crate) mod frame;
mod injections;
mod names;
mod sources_of_power;
#[cfg(test)]
mod tests;
mod transformer;
mod transformers;
mod write;

use std::path::Path;

use blackstart::region::Grid;

use super::Parsed;
use super::collect::Collector;
use super::json::{self, Node};
use crate::codes;
use crate::problem::{InputProblem, Severity};
use crate::sources::Sources;
use buses::Buses;
use frame::Frame;
pub(crate) use sources_of_power::{kind as generator_kind, word as generator_word};
pub(crate) use transformer::wye_delta;
pub use write::write;

/// A pandapower net as a grid.
#[derive(Clone, Debug, Default)]
pub struct Pandapower {
    /// The grid.
    pub grid: Grid<String>,
    /// Buses that closed switches join to another one: (index in the net, id of the bus in
    /// the grid that stands for it).
    pub joined: Vec<(String, String)>,
}

/// Tables that become something in the grid.
const READ: [&str; 26] = [
    "bus",
    "switch",
    "line",
    "trafo",
    "trafo3w",
    "impedance",
    "load",
    "motor",
    "asymmetric_load",
    "ward",
    "xward",
    "shunt",
    "ext_grid",
    "gen",
    "sgen",
    "asymmetric_sgen",
    "storage",
    "dcline",
    "poly_cost",
    "pwl_cost",
    "bus_geodata",
    "res_bus",
    "trafo_characteristic_table",
    "shunt_characteristic_table",
    "polynomial_cost",
    "piecewise_linear_cost",
];

/// Tables of elements that are not simulated.
const NOT_SIMULATED: [(&str, &str); 14] = [
    ("svc", "static var compensators"),
    ("ssc", "static synchronous compensators"),
    ("tcsc", "thyristor-controlled series capacitors"),
    ("vsc", "voltage source converters"),
    ("vsc_stacked", "voltage source converters"),
    ("vsc_bipolar", "voltage source converters"),
    ("b2b_vsc", "back-to-back converters"),
    ("bi_vsc", "bipolar converters"),
    ("bus_dc", "direct-current buses"),
    ("line_dc", "direct-current lines of meshed grids"),
    ("load_dc", "direct-current loads"),
    ("source_dc", "direct-current sources"),
    ("controller", "controllers: what they would set is taken as it is in the file"),
    ("measurement", "measurements"),
];

/// Reads a pandapower net; `file` names it in problems.
///
/// Buses keep their index as id and their name as name; other elements are called after
/// their table and index, such as `line3`. Buses that closed switches join become one; see
/// [`Pandapower::joined`].
#[must_use]
pub fn parse(text: &str, file: &Path) -> Parsed<Grid<String>> {
    let parsed = parse_net(text, file);
    Parsed { value: parsed.value.grid, problems: parsed.problems, sources: parsed.sources }
}

/// As [`parse`], with what became of joined buses.
#[must_use]
pub fn parse_net(text: &str, file: &Path) -> Parsed<Pandapower> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Collector::new(file);
    let nothing = |problems: Collector<'_>| Parsed {
        value: Pandapower::default(),
        problems: problems.finish(),
        sources: Sources::default(),
    };
    if let Some((message, help)) = no_json(text) {
        let problem = InputProblem::error(codes::BAD_SYNTAX, file, message).at(1, 1);
        problems.push(problem.help(help));
        return nothing(problems);
    }
    let root = match json::parse(text) {
        Ok(root) => root,
        Err(error) => {
            json::tell(&mut problems, text, &error);
            return nothing(problems);
        }
    };
    match net_object(&root) {
        Ok(net) => Reader::new(text, net, problems).read(),
        Err((message, help)) => {
            problems.push(InputProblem::error(codes::BAD_VALUE, file, message).at(1, 1).help(help));
            nothing(problems)
        }
    }
}

/// True for the first bytes of a pandapower net.
#[must_use]
pub fn looks_like(head: &str) -> bool {
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with('{') && (head.contains("pandapower") || head.contains("\"bus\""))
}

/// What is in a file that is no JSON at all, and how to get JSON.
pub(crate) fn no_json(text: &str) -> Option<(&'static str, &'static str)> {
    let start = text.trim_start();
    let mut first = start.chars();
    match first.next() {
        Some('{' | '[') => None,
        Some('\u{80}' | '\u{fffd}') => {
            Some(("this is a Python pickle", "save the net with pandapower.to_json"))
        }
        Some('P') if start.starts_with("PK") => {
            Some(("this is an Excel or zip file", "save the net with pandapower.to_json"))
        }
        Some('g') if start.starts_with("gAAAA") => Some((
            "this net is encrypted",
            "load it with its key and save it with pandapower.to_json without one",
        )),
        _ => None,
    }
}

/// The object that holds the tables.
fn net_object(root: &Node) -> Result<&Node, (String, &'static str)> {
    let again = "open it with pandapower.from_json and save it with pandapower.to_json";
    let class = root.get("_class").and_then(Node::text);
    match class {
        Some("pandapowerNet") => {
            let object = root.get("_object").filter(|o| o.object().is_some());
            object.ok_or_else(|| ("the net has no `_object` with its tables".into(), again))
        }
        Some("MultiNet" | "pandapipesNet") => {
            let class = class.unwrap_or_default();
            Err((format!("this is a {class}, not a net of pandapower"), "save the net itself"))
        }
        Some(other) => Err((format!("objects of class `{other}` are not read"), again)),
        None if root.get("bus").is_some() => Ok(root),
        None => Err((
            "this JSON is no net of pandapower: there is no table `bus`".into(),
            "write it with pandapower.to_json",
        )),
    }
}

/// A net while it is read.
struct Reader<'t, 'f> {
    text: &'t str,
    net: &'t Node,
    problems: Collector<'f>,
    grid: Grid<String>,
    buses: Buses,
    sources: Sources,
    /// By table, and index there: row of the grid's generators.
    generators: std::collections::HashMap<(&'static str, i64), usize>,
    /// By bus with a source that holds its voltage: that voltage, p.u.
    set_points: std::collections::HashMap<usize, f64>,
    /// Version before 3, where the kinds of tap changers follow from their steps.
    before_3: bool,
    f_hz: f64,
}

impl<'t, 'f> Reader<'t, 'f> {
    fn new(text: &'t str, net: &'t Node, problems: Collector<'f>) -> Self {
        Self {
            text,
            net,
            problems,
            grid: Grid::default(),
            buses: Buses::default(),
            sources: Sources::default(),
            generators: std::collections::HashMap::new(),
            set_points: std::collections::HashMap::new(),
            before_3: false,
            f_hz: 50.0,
        }
    }

    fn read(mut self) -> Parsed<Pandapower> {
        self.settings();
        self.unread();
        self.read_buses();
        self.lines();
        self.transformers();
        self.impedances();
        self.switch_impedances();
        self.power_sources();
        self.demands();
        self.shunts();
        self.storages();
        self.dc_lines();
        self.costs();
        let joined = self.finish_buses();
        let value = Pandapower { grid: self.grid, joined };
        Parsed { value, problems: self.problems.finish(), sources: self.sources }
    }

    fn table(&mut self, name: &'static str) -> Frame<'t> {
        match self.net.get(name) {
            Some(node) => Frame::read(self.text, name, node, &mut self.problems),
            None => Frame::empty(self.text, name),
        }
    }

    fn settings(&mut self) {
        let number = |key: &str| self.net.get(key).and_then(Node::number).filter(|x| *x > 0.0);
        let base = number("sn_mva").or_else(|| number("sn_kva").map(|x| x * 1e-3));
        self.grid.base_mva = base.unwrap_or(1.0);
        self.f_hz = number("f_hz").unwrap_or(50.0);
        let version = self.net.get("format_version").or_else(|| self.net.get("version"));
        let major = version.and_then(|v| match v.text() {
            Some(text) => text.split('.').next()?.parse().ok(),
            None => v.number(),
        });
        self.before_3 = major.is_some_and(|v: f64| v < 3.0);
    }

    /// Tables with rows that are not used.
    fn unread(&mut self) {
        for (key, node) in self.net.object().unwrap_or_default() {
            let known = READ.contains(&key.as_str())
                || key.starts_with("res_")
                || key.starts_with('_')
                || key.ends_with("_geodata");
            let is_table = node.get("_class").and_then(Node::text) == Some("DataFrame");
            if known || !is_table {
                continue;
            }
            let told = NOT_SIMULATED.iter().find(|(k, _)| k == key).map(|(_, what)| *what);
            let name = told.unwrap_or("not a table of a grid's elements");
            // What is wrong with a table that is not used is nobody's concern.
            let mut unheard = Collector::new(self.problems.file());
            let rows = Frame::read(self.text, "other", node, &mut unheard).len();
            if rows == 0 {
                continue;
            }
            let severity = if matches!(key.as_str(), "controller" | "measurement") || told.is_none()
            {
                Severity::Note
            } else {
                Severity::Warning
            };
            let place = json::place(self.text, node.at);
            let key = super::collect::shorten(key, 40);
            let message = format!("table `{key}` ({rows} rows) is not used: {name}");
            self.problems.add(severity, codes::NOT_SIMULATED, place, message);
        }
    }

    /// A word about something that was decided or left out, at a table.
    fn remark(
        &mut self,
        severity: Severity,
        code: &'static str,
        table: &'static str,
        message: String,
    ) {
        let at = self.net.get(table).map_or(0, |n| n.at);
        self.problems.add(severity, code, json::place(self.text, at), message);
    }

    /// The id of an element: the one that [`write`] kept, else table and index.
    fn id(frame: &Frame<'_>, row: usize) -> String {
        let own = frame.text(row, write::ID_COLUMN);
        if own.is_empty() { format!("{}{}", frame.name, frame.index[row]) } else { own }
    }
}
