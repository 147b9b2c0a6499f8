//! Ids: duplicates, look-up, did-you-mean.

use super::findings::Findings;
use crate::region::{Code, RegionDraft, Table, closest};

/// The ids of one table, or of the three tables of water nodes.
pub(super) struct Names {
    /// By table, its number of rows; ids of the tables follow each other.
    tables: Vec<(Table, usize)>,
    ids: Ids,
    /// Open addressing by [`hash`] of the id: position in `ids`, the first of equal ids;
    /// [`EMPTY`] where there is none. Twice as many slots as ids, a power of two.
    slots: Vec<u32>,
}

/// Many ids in one text.
#[derive(Default)]
struct Ids {
    text: String,
    /// By id: where it ends.
    end: Vec<usize>,
}

impl Ids {
    fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.end.push(self.text.len());
    }

    fn len(&self) -> usize {
        self.end.len()
    }

    fn get(&self, k: usize) -> &str {
        &self.text[if k == 0 { 0 } else { self.end[k - 1] }..self.end[k]]
    }
}

const EMPTY: u32 = u32::MAX;

/// FNV-1a with its upper bits mixed into the lower ones.
fn hash(id: &str) -> usize {
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    for byte in id.bytes() {
        h = (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (h ^ (h >> 32)) as usize
}

impl Names {
    /// The ids of a table; duplicates and unusable ids become problems.
    fn new<'a>(
        findings: &mut Findings,
        tables: impl IntoIterator<Item = (Table, Vec<&'a String>)>,
    ) -> Self {
        let mut sizes = Vec::new();
        let mut ids = Ids::default();
        for (table, rows) in tables {
            for (row, id) in rows.iter().enumerate() {
                findings.row(table, row, id).id();
                ids.push(id);
            }
            sizes.push((table, rows.len()));
        }
        let slots = vec![EMPTY; (2 * ids.len()).next_power_of_two()];
        let mut names = Self { tables: sizes, ids, slots };
        let mut again = Vec::new();
        for position in 0..names.ids.len() {
            let slot = names.slot(names.ids.get(position));
            match names.slots[slot] {
                EMPTY => names.slots[slot] = u32::try_from(position).unwrap_or(EMPTY),
                first => again.push((first as usize, position)),
            }
        }
        again.sort_by(|a, b| names.ids.get(a.0).cmp(names.ids.get(b.0)).then(a.1.cmp(&b.1)));
        names.tell_duplicates(&again, findings);
        names
    }

    /// Where `id` stands, or would stand, among the slots.
    fn slot(&self, id: &str) -> usize {
        let mut slot = hash(id) & (self.slots.len() - 1);
        while self.slots[slot] != EMPTY && self.ids.get(self.slots[slot] as usize) != id {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    /// Pairs of the first position and a later one with the same id.
    fn tell_duplicates(&self, pairs: &[(usize, usize)], findings: &mut Findings) {
        for &(a, b) in pairs.iter().filter(|(a, _)| !self.ids.get(*a).is_empty()) {
            let (first_table, first_row) = self.table_row(a);
            let (table, row) = self.table_row(b);
            let message = if first_table == table {
                format!("{} `{}` is there twice", table.noun(), self.ids.get(b))
            } else {
                let (one, other) = (first_table.noun(), table.noun());
                format!("`{}` is the id of a {one} and of a {other}", self.ids.get(b))
            };
            let help = format!(
                "row {} of {} has it too; give one of them another id",
                first_row + 1,
                first_table.word()
            );
            findings.push(Code::DuplicateId, (table, row, "id"), message, Some(help));
        }
    }

    fn table_row(&self, mut position: usize) -> (Table, usize) {
        for (table, rows) in &self.tables {
            if position < *rows {
                return (*table, position);
            }
            position -= rows;
        }
        (Table::Region, 0)
    }

    /// The position of `id`; the first one if there are several.
    pub fn find(&self, id: &str) -> Option<usize> {
        match self.slots[self.slot(id)] {
            EMPTY => None,
            position => Some(position as usize),
        }
    }

    fn noun(&self) -> &'static str {
        match self.tables.as_slice() {
            [(table, _)] => table.noun(),
            _ => "water node",
        }
    }

    /// Rows of the first table; the junctions among water nodes.
    fn first_len(&self) -> usize {
        self.tables.first().map_or(0, |(_, rows)| *rows)
    }
}

/// Where a reference stands: table, row, column, and what holds it, in words.
#[derive(Clone, Copy)]
pub(super) struct From<'a> {
    pub table: Table,
    pub row: usize,
    pub field: &'static str,
    pub who: &'a str,
}

/// The ids of all tables that something can refer to.
pub(super) struct AllNames {
    pub buses: Names,
    pub branches: Names,
    pub generators: Names,
    pub nodes: Names,
    pub pipes: Names,
    pub pumps: Names,
    pub heat_junctions: Names,
    pub heat_pipes: Names,
    pub plants: Names,
    pub substations: Names,
    pub areas: Names,
    pub sites: Names,
}

macro_rules! ids {
    ($rows:expr) => {
        $rows.iter().map(|r| &r.id).collect::<Vec<_>>()
    };
}

impl AllNames {
    pub fn new(draft: &RegionDraft, f: &mut Findings) -> Self {
        let (grid, water, heat) = (&draft.grid, &draft.water, &draft.heat);
        // These two only need their duplicates told.
        Names::new(f, [(Table::Loads, ids!(grid.loads))]);
        Names::new(f, [(Table::DcLines, ids!(grid.dc_lines))]);
        Names::new(f, [(Table::Storages, ids!(grid.storages))]);
        Names::new(f, [(Table::Valves, ids!(water.valves))]);
        Names::new(f, [(Table::Patterns, ids!(water.patterns))]);
        Self {
            buses: Names::new(f, [(Table::Buses, ids!(grid.buses))]),
            branches: Names::new(f, [(Table::Branches, ids!(grid.branches))]),
            generators: Names::new(f, [(Table::Generators, ids!(grid.generators))]),
            nodes: Names::new(
                f,
                [
                    (Table::Junctions, ids!(water.junctions)),
                    (Table::Reservoirs, ids!(water.reservoirs)),
                    (Table::Tanks, ids!(water.tanks)),
                ],
            ),
            pipes: Names::new(f, [(Table::Pipes, ids!(water.pipes))]),
            pumps: Names::new(f, [(Table::Pumps, ids!(water.pumps))]),
            heat_junctions: Names::new(f, [(Table::HeatJunctions, ids!(heat.junctions))]),
            heat_pipes: Names::new(f, [(Table::HeatPipes, ids!(heat.pipes))]),
            plants: Names::new(f, [(Table::Plants, ids!(heat.plants))]),
            substations: Names::new(f, [(Table::HeatSubstations, ids!(heat.substations))]),
            areas: Names::new(f, [(Table::Areas, ids!(draft.places.areas))]),
            sites: Names::new(f, [(Table::Sites, ids!(draft.places.sites))]),
        }
    }

    /// The position of `wanted` in `names`, or a problem.
    pub fn resolve(
        &self,
        f: &mut Findings,
        names: &Names,
        from: From<'_>,
        wanted: &str,
    ) -> Option<usize> {
        let found = names.find(wanted);
        if found.is_none() {
            self.unknown(f, names, names.noun(), names.ids.len(), from, wanted);
        }
        found
    }

    /// The position of the junction `wanted`, or a problem.
    pub fn resolve_junction(
        &self,
        f: &mut Findings,
        from: From<'_>,
        wanted: &str,
    ) -> Option<usize> {
        let junctions = self.nodes.first_len();
        let found = self.nodes.find(wanted).filter(|n| *n < junctions);
        if found.is_none() {
            self.unknown(f, &self.nodes, "junction", junctions, from, wanted);
        }
        found
    }

    fn unknown(
        &self,
        f: &mut Findings,
        names: &Names,
        noun: &str,
        candidates: usize,
        from: From<'_>,
        wanted: &str,
    ) {
        let place = (from.table, from.row, from.field);
        let shown: String = wanted.chars().take(60).flat_map(char::escape_debug).collect();
        if wanted.is_empty() {
            let message = format!("{} names no {noun}", from.who);
            f.push(Code::Missing, place, message, Some(format!("write the id of a {noun}")));
            return;
        }
        let message = format!("{} names {noun} `{shown}`, which does not exist", from.who);
        let ids: Vec<&str> = (0..candidates).map(|k| names.ids.get(k)).collect();
        let help = if ids.is_empty() {
            Some(format!("the region has no {noun} at all"))
        } else if let Some(elsewhere) = self.elsewhere(names, candidates, wanted) {
            Some(format!("`{shown}` is a {elsewhere}; a {noun} is needed here"))
        } else if f.may_suggest() {
            Some(match closest(wanted, ids.iter().copied()) {
                Some(near) => format!("did you mean {noun} `{near}`?"),
                None => examples(noun, &ids),
            })
        } else {
            None
        };
        f.push(Code::UnknownReference, place, message, help);
    }

    /// The noun of another table that does have `wanted`.
    fn elsewhere(&self, names: &Names, candidates: usize, wanted: &str) -> Option<&'static str> {
        if let Some(position) = names.find(wanted).filter(|p| *p >= candidates) {
            return Some(names.table_row(position).0.noun());
        }
        let tables = [
            &self.buses,
            &self.nodes,
            &self.generators,
            &self.heat_junctions,
            &self.plants,
            &self.substations,
            &self.pumps,
            &self.areas,
            &self.sites,
        ];
        tables
            .into_iter()
            .filter(|t| !std::ptr::eq(*t, names))
            .find_map(|t| t.find(wanted).map(|position| t.table_row(position).0.noun()))
    }
}

fn examples(noun: &str, ids: &[&str]) -> String {
    let some: Vec<String> = ids.iter().take(3).map(|id| format!("`{id}`")).collect();
    let more = if ids.len() > 3 { ", …" } else { "" };
    format!("ids of this kind ({noun}): {}{more}", some.join(", "))
}
