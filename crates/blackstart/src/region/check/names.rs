//! Ids: duplicates, look-up, did-you-mean.

use super::findings::Findings;
use crate::region::{Code, RegionDraft, Table, closest};

/// The ids of one table, or of the three tables of water nodes.
pub(super) struct Names {
    /// By table, its number of rows; ids of the tables follow each other.
    tables: Vec<(Table, usize)>,
    ids: Vec<String>,
    /// Positions in `ids` in the order of ids.
    order: Vec<u32>,
}

impl Names {
    /// The ids of a table; duplicates and unusable ids become problems.
    fn new<'a>(
        findings: &mut Findings,
        tables: impl IntoIterator<Item = (Table, Vec<&'a String>)>,
    ) -> Self {
        let mut sizes = Vec::new();
        let mut ids = Vec::new();
        for (table, rows) in tables {
            for (row, id) in rows.iter().enumerate() {
                findings.row(table, row, id).id();
            }
            sizes.push((table, rows.len()));
            ids.extend(rows.into_iter().cloned());
        }
        let mut order: Vec<u32> = (0..u32::try_from(ids.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by(|a, b| ids[*a as usize].cmp(&ids[*b as usize]).then(a.cmp(b)));
        let names = Self { tables: sizes, ids, order };
        names.tell_duplicates(findings);
        names
    }

    fn tell_duplicates(&self, findings: &mut Findings) {
        let mut first = 0;
        for k in 1..self.order.len() {
            let (a, b) = (self.order[first] as usize, self.order[k] as usize);
            if self.ids[a] != self.ids[b] {
                first = k;
                continue;
            }
            if self.ids[a].is_empty() {
                continue;
            }
            let (first_table, first_row) = self.table_row(a);
            let (table, row) = self.table_row(b);
            let message = if first_table == table {
                format!("{} `{}` is there twice", table.noun(), self.ids[b])
            } else {
                let (one, other) = (first_table.noun(), table.noun());
                format!("`{}` is the id of a {one} and of a {other}", self.ids[b])
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
        let at = self.order.partition_point(|k| self.ids[*k as usize].as_str() < id);
        let position = *self.order.get(at)? as usize;
        (self.ids[position] == id).then_some(position)
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
        let ids = &names.ids[..candidates];
        let help = if ids.is_empty() {
            Some(format!("the region has no {noun} at all"))
        } else if let Some(elsewhere) = self.elsewhere(names, candidates, wanted) {
            Some(format!("`{shown}` is a {elsewhere}; a {noun} is needed here"))
        } else if f.may_suggest() {
            Some(match closest(wanted, ids.iter().map(String::as_str)) {
                Some(near) => format!("did you mean {noun} `{near}`?"),
                None => examples(noun, ids),
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

fn examples(noun: &str, ids: &[String]) -> String {
    let some: Vec<String> = ids.iter().take(3).map(|id| format!("`{id}`")).collect();
    let more = if ids.len() > 3 { ", …" } else { "" };
    format!("ids of this kind ({noun}): {}{more}", some.join(", "))
}
