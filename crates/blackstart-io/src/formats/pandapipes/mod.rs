//! pandapipes nets (JSON) to heat networks. See `docs/formats/pandapipes.md`.
//!
//! Tables and columns are those of pandapipes' "Components and Functionalities" (Lohmeier et
//! al., pandapipes, Sustainability 12 (2020) 9899); the tables' layouts are those of
//! pandapower, whose reader of tables is used.

mod branches;
mod fluid;
mod nodes;
mod pairs;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;

use blackstart::heat::net::{Branch, BranchKind, Fluid, FrictionModel, HeatNet};
use blackstart::region::Position;

pub(crate) use self::pairs::pipe_pairs;

use super::Parsed;
use super::collect::{Collector, shorten};
use super::json::{self, Node};
use super::pandapower::frame::Frame;
use crate::codes;
use crate::problem::{InputProblem, Severity};
use crate::sources::Sources;

/// Zero of the Celsius scale, K.
pub(crate) const ZERO_C_K: f64 = 273.15;

/// A pandapipes net.
#[derive(Clone, Debug)]
pub struct PandapipesNet {
    /// The network.
    pub net: HeatNet,
    /// True if what flows is a gas: the network is then read, but nothing computes it.
    pub gas: bool,
    /// By junction: where it is, if the file says so in degrees.
    pub positions: Vec<Option<Position>>,
}

/// Tables of elements that become something.
const READ: [&str; 15] = [
    "junction",
    "pipe",
    "valve",
    "pump",
    "circ_pump_pressure",
    "circ_pump_mass",
    "heat_consumer",
    "heat_exchanger",
    "press_control",
    "flow_control",
    "sink",
    "source",
    "mass_storage",
    "ext_grid",
    "std_types",
];

/// Reads a pandapipes net, or the first one with a liquid in a multinet; `file` names it in
/// problems.
///
/// Junctions keep their index as id; other elements are called after their table and index,
/// such as `pipe3`.
#[must_use]
pub fn parse(text: &str, file: &Path) -> Parsed<PandapipesNet> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Collector::new(file);
    let nothing = |problems: Collector<'_>| Parsed {
        value: PandapipesNet {
            net: HeatNet::new(Fluid::water(), FrictionModel::Nikuradse),
            gas: false,
            positions: Vec::new(),
        },
        problems: problems.finish(),
        sources: Sources::default(),
    };
    if let Some((message, help)) = super::pandapower::no_json(text) {
        let problem = InputProblem::error(codes::BAD_SYNTAX, file, message).at(1, 1);
        problems.push(problem.help(help.replace("pandapower.", "pandapipes.")));
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

/// True for the first bytes of a pandapipes net or a multinet.
#[must_use]
pub fn looks_like(head: &str) -> bool {
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with('{')
        && (head.contains("pandapipes")
            || head.contains("\"junction\"")
            || head.contains("MultiNet"))
}

/// The object that holds the tables.
fn net_object(root: &Node) -> Result<&Node, (String, &'static str)> {
    let again = "open it with pandapipes.from_json and save it with pandapipes.to_json";
    let class = root.get("_class").and_then(Node::text);
    let object = root.get("_object").filter(|o| o.object().is_some());
    match class {
        Some("pandapipesNet") => {
            object.ok_or_else(|| ("the net has no `_object` with its tables".into(), again))
        }
        Some("MultiNet") => {
            let nets = object.and_then(|o| o.get("nets")).and_then(Node::object).unwrap_or(&[]);
            let mut found = nets
                .iter()
                .filter(|(_, n)| n.get("_class").and_then(Node::text) == Some("pandapipesNet"));
            let liquid = found.clone().find_map(|(_, n)| {
                let net = n.get("_object").filter(|o| o.object().is_some())?;
                (!fluid::is_gas(net)).then_some(net)
            });
            liquid.or_else(|| found.find_map(|(_, n)| n.get("_object"))).ok_or_else(|| {
                ("this multinet has no net of pandapipes".into(), "is it the right file?")
            })
        }
        Some("pandapowerNet") => Err((
            "this is a net of pandapower, not of pandapipes".into(),
            "grids are for `blackstart grid`",
        )),
        Some(other) => {
            Err((format!("objects of class `{}` are not read", shorten(other, 40)), again))
        }
        None if root.get("junction").is_some() => Ok(root),
        None => Err((
            "this JSON is no net of pandapipes: there is no table `junction`".into(),
            "write it with pandapipes.to_json",
        )),
    }
}

/// A net while it is read.
pub(super) struct Reader<'t, 'f> {
    text: &'t str,
    file_net: &'t Node,
    problems: Collector<'f>,
    net: HeatNet,
    /// By index in the file: position in the network.
    junctions: HashMap<i64, u32>,
    /// By index of a pipe in the file: position among the branches.
    pipes: HashMap<i64, usize>,
    positions: Vec<Option<Position>>,
}

impl<'t, 'f> Reader<'t, 'f> {
    fn new(text: &'t str, file_net: &'t Node, problems: Collector<'f>) -> Self {
        let net = HeatNet::new(Fluid::water(), FrictionModel::Nikuradse);
        let (junctions, pipes) = (HashMap::new(), HashMap::new());
        Self { text, file_net, problems, net, junctions, pipes, positions: Vec::new() }
    }

    fn read(mut self) -> Parsed<PandapipesNet> {
        let gas = fluid::is_gas(self.file_net);
        if gas {
            let message = "what flows is a gas: the net is read, but not computed".to_owned();
            self.remark("fluid", Severity::Warning, message);
        }
        self.settings();
        self.read_fluid();
        self.unread();
        self.read_junctions();
        self.read_pipes();
        self.read_valves();
        self.read_pumps();
        self.read_plants();
        self.read_consumers();
        self.read_exchangers();
        self.read_controls();
        self.read_injections();
        self.read_fixed();
        let value = PandapipesNet { net: self.net, gas, positions: self.positions };
        Parsed { value, problems: self.problems.finish(), sources: Sources::default() }
    }

    fn table(&mut self, name: &'static str) -> Frame<'t> {
        match self.file_net.get(name) {
            Some(node) => Frame::read(self.text, name, node, &mut self.problems),
            None => Frame::empty(self.text, name),
        }
    }

    /// A word about something that was decided or left out, at a table.
    fn remark(&mut self, table: &str, severity: Severity, message: String) {
        let at = self.file_net.get(table).map_or(0, |n| n.at);
        let place = json::place(self.text, at);
        self.problems.add(severity, codes::NOT_SIMULATED, place, message);
    }

    fn settings(&mut self) {
        let options = self.file_net.get("user_pf_options");
        let ambient = options.and_then(|o| o.get("ambient_temperature")).and_then(Node::number);
        self.net.ambient_c = ambient.filter(|t| t.is_finite()).unwrap_or(293.15) - ZERO_C_K;
        let word = options.and_then(|o| o.get("friction_model")).and_then(Node::text);
        self.net.friction = match word {
            None | Some("nikuradse") => FrictionModel::Nikuradse,
            Some("colebrook") => FrictionModel::ColebrookEverywhere,
            Some("swamee-jain" | "swamee_jain") => FrictionModel::SwameeJain,
            Some(other) => {
                let message = format!(
                    "friction model `{}` is not known: Nikuradse's is taken",
                    shorten(other, 40)
                );
                self.remark("user_pf_options", Severity::Warning, message);
                FrictionModel::Nikuradse
            }
        };
    }

    /// Tables with rows that are not used.
    fn unread(&mut self) {
        for (key, node) in self.file_net.object().unwrap_or_default() {
            let known = READ.contains(&key.as_str())
                || key.starts_with("res_")
                || key.starts_with('_')
                || key.ends_with("_geodata");
            let is_table = node.get("_class").and_then(Node::text) == Some("DataFrame");
            if known || !is_table {
                continue;
            }
            let mut unheard = Collector::new(self.problems.file());
            let rows = Frame::read(self.text, "other", node, &mut unheard).len();
            if rows > 0 {
                let place = json::place(self.text, node.at);
                let key = shorten(key, 40);
                let message = format!("table `{key}` ({rows} rows) is not used");
                self.problems.add(Severity::Note, codes::NOT_SIMULATED, place, message);
            }
        }
    }

    /// The junction that a row names; the first one after an error.
    fn junction(&mut self, frame: &Frame<'_>, row: usize, column: &str) -> u32 {
        let Some(index) = frame.index_at(row, column, &mut self.problems) else { return 0 };
        if let Some(&j) = self.junctions.get(&index) {
            return j;
        }
        let message = format!("{} names junction {index}, which does not exist", frame.who(row));
        let what = (Severity::Error, "unknown-reference");
        frame.tell(&mut self.problems, what, row, Some(column), message, None);
        0
    }

    fn push(
        &mut self,
        frame: &Frame<'_>,
        row: usize,
        ends: (u32, u32),
        in_service: bool,
        kind: BranchKind,
    ) {
        let id = format!("{}{}", frame.name, frame.index[row]);
        self.net.branches.push(Branch { id, from: ends.0, to: ends.1, in_service, kind });
    }
}
