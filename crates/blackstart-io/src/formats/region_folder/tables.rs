//! Reading the CSV tables of a folder into the draft.

use std::path::{Path, PathBuf};

use blackstart::region::{Bus, PipeLeak, PumpEnergy, Table, closest};

use super::layouts;
use super::manifest::Named;
use super::rows_water::{Edges, Ids};
use super::{Reader, identity, rows_grid, rows_heat, rows_places, rows_water, rules_table};
use crate::codes;
use crate::formats::table::{self, Layout, Row, TableRead};
use crate::input_file::{Encoding, InputFile, MAX_TABLE_BYTES};
use crate::problem::{InputProblem, Severity};

/// The tables of one folder.
struct Folder<'a> {
    manifest: &'a Path,
    path: &'a Path,
    named: &'a [(&'static str, Named)],
    /// Tables of the usual names are read once per folder.
    usual: bool,
}

impl Reader {
    /// Reads every table that is there or named.
    pub(super) fn tables(&mut self, manifest: &Path, path: &Path, named: &[(&'static str, Named)]) {
        let folder_identity =
            identity(if path.as_os_str().is_empty() { Path::new(".") } else { path });
        let usual = !self.folders.contains(&folder_identity);
        if usual {
            self.folders.push(folder_identity);
            self.stray_tables(path);
        }
        let folder = Folder { manifest, path, named, usual };
        self.grid_tables(&folder);
        self.water_tables(&folder);
        self.heat_tables(&folder);
        self.place_tables(&folder);
    }

    /// CSV files whose names are slips of a table's name.
    fn stray_tables(&mut self, path: &Path) {
        let folder = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut strays: Vec<String> = entries
            .take(10_000)
            .filter_map(|e| e.ok()?.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".csv").map(str::to_owned))
            .filter(|stem| layouts::ALL.iter().all(|(word, _)| word != stem))
            .collect();
        strays.sort();
        for stem in strays {
            let Some(near) = closest(&stem, layouts::ALL.iter().map(|(word, _)| *word)) else {
                continue;
            };
            let file = path.join(format!("{stem}.csv"));
            let message = "this table is not read: its name is not one of a region's tables";
            let problem = InputProblem::new(Severity::Warning, codes::IGNORED, &file, message);
            self.problems.push(problem.help(format!("did you mean `{near}.csv`?")));
        }
    }

    fn table_file(&mut self, folder: &Folder<'_>, word: &'static str) -> Option<InputFile> {
        let named = folder.named.iter().find(|(w, _)| *w == word).map(|(_, n)| n);
        let path: PathBuf = match named {
            Some(named) => folder.path.join(&named.name),
            None if folder.usual => {
                let path = folder.path.join(format!("{word}.csv"));
                if !path.exists() {
                    return None;
                }
                path
            }
            None => return None,
        };
        let by = named.map(|n| (folder.manifest, n));
        self.file(&path, MAX_TABLE_BYTES, Encoding::Utf8, by)
    }

    /// Reads one table whose rows follow the `first` rows that are there already.
    fn rows<T>(
        &mut self,
        folder: &Folder<'_>,
        (word, layout): (&'static str, Layout),
        at: Option<(Table, usize)>,
        read_row: impl FnMut(&mut Row<'_>) -> T,
    ) -> Vec<T> {
        let Some(file) = self.table_file(folder, word) else { return Vec::new() };
        let TableRead { rows, bad, complete, places } =
            table::read(&file, layout, &mut self.problems, read_row);
        self.complete &= complete;
        if let Some((table, first)) = at {
            self.bad.extend(bad.into_iter().map(|row| (table, first + row)));
            self.sources.set_rows(table, first, places);
        }
        rows
    }

    fn grid_tables(&mut self, folder: &Folder<'_>) {
        macro_rules! table {
            ($table:ident, $word:literal, $layout:ident, $field:ident, $read:expr) => {
                let at = Some((Table::$table, self.draft.grid.$field.len()));
                let rows = self.rows(folder, ($word, layouts::$layout), at, $read);
                self.draft.grid.$field.extend(rows);
            };
        }
        table!(Buses, "buses", BUSES, buses, rows_grid::bus);
        table!(Branches, "branches", BRANCHES, branches, rows_grid::branch);
        table!(Generators, "generators", GENERATORS, generators, rows_grid::generator);
        table!(Loads, "loads", LOADS, loads, rows_grid::load);
        table!(DcLines, "dc_lines", DC_LINES, dc_lines, rows_grid::dc_line);
        self.bus_positions(folder);
    }

    fn bus_positions(&mut self, folder: &Folder<'_>) {
        let buses = std::mem::take(&mut self.draft.grid.buses);
        let ids = Ids::new("bus", buses.iter().map(|b: &Bus| &b.id));
        let layout = ("bus_positions", layouts::BUS_POSITIONS);
        let rows = self.rows(folder, layout, None, |r| {
            let (bus, position) = rows_grid::bus_position(r);
            let index = if bus.is_empty() { None } else { ids.find(r, "bus", &bus) };
            (index, position)
        });
        self.draft.grid.buses = buses;
        for (index, position) in rows {
            if let Some(bus) = index.and_then(|i| self.draft.grid.buses.get_mut(i as usize)) {
                bus.position = Some(position);
            }
        }
    }

    fn water_tables(&mut self, folder: &Folder<'_>) {
        macro_rules! table {
            ($table:ident, $word:literal, $layout:ident, $field:ident, $read:expr) => {
                let at = Some((Table::$table, self.draft.water.$field.len()));
                let rows = self.rows(folder, ($word, layouts::$layout), at, $read);
                self.draft.water.$field.extend(rows);
            };
        }
        table!(Patterns, "patterns", PATTERNS, patterns, rows_water::pattern);
        let patterns = Ids::new("pattern", self.draft.water.patterns.iter().map(|p| &p.id));
        table!(Junctions, "junctions", JUNCTIONS, junctions, |r| rows_water::junction(
            r, &patterns
        ));
        table!(Reservoirs, "reservoirs", RESERVOIRS, reservoirs, |r| rows_water::reservoir(
            r, &patterns
        ));
        table!(Tanks, "tanks", TANKS, tanks, rows_water::tank);
        let first = self.draft.water.pipes.len();
        let at = Some((Table::Pipes, first));
        let layout = ("pipes", layouts::PIPES);
        let rows = self.rows(folder, layout, at, |r| (rows_water::pipe(r), rows_water::leak(r)));
        for (pipe, leak) in rows {
            let row = u32::try_from(self.draft.water.pipes.len()).unwrap_or(u32::MAX);
            self.draft.water.leaks.extend(leak.map(|leak| PipeLeak { pipe: row, ..leak }));
            self.draft.water.pipes.push(pipe);
        }
        let at = Some((Table::Pumps, self.draft.water.pumps.len()));
        let layout = ("pumps", layouts::PUMPS);
        let rows = self.rows(folder, layout, at, |r| {
            (rows_water::pump(r, &patterns), rows_water::energy(r, &patterns))
        });
        for (pump, energy) in rows {
            let row = u32::try_from(self.draft.water.pumps.len()).unwrap_or(u32::MAX);
            let energy = energy.map(|e| PumpEnergy { pump: row, ..e });
            self.draft.water.energy.pumps.extend(energy);
            self.draft.water.pumps.push(pump);
        }
        table!(Valves, "valves", VALVES, valves, rows_water::valve);
        let edges = Edges::new(&self.draft.water);
        let first = self.draft.water.controls.len();
        let at = Some((Table::Controls, first));
        let rows = self
            .rows(folder, ("controls", layouts::CONTROLS), at, |r| rows_water::control(r, &edges));
        if rows.iter().any(Option::is_none) {
            self.complete = false;
        }
        self.draft.water.controls.extend(rows.into_iter().flatten());
        let layout = ("rules", layouts::RULES);
        let lines = self.rows(folder, layout, None, |r| rules_table::line(r, &edges));
        if lines.iter().any(Option::is_none) {
            self.complete = false;
        }
        let rules = rules_table::rules(lines.into_iter().flatten().collect());
        self.draft.water.rules.extend(rules);
    }

    fn heat_tables(&mut self, folder: &Folder<'_>) {
        macro_rules! table {
            ($table:ident, $word:literal, $layout:ident, $field:ident, $read:expr) => {
                let at = Some((Table::$table, self.draft.heat.$field.len()));
                let rows = self.rows(folder, ($word, layouts::$layout), at, $read);
                self.draft.heat.$field.extend(rows);
            };
        }
        table!(HeatJunctions, "heat_junctions", HEAT_JUNCTIONS, junctions, rows_heat::junction);
        table!(HeatPipes, "heat_pipes", HEAT_PIPES, pipes, rows_heat::pipe);
        table!(Plants, "plants", PLANTS, plants, rows_heat::plant);
        table!(
            HeatSubstations,
            "heat_substations",
            HEAT_SUBSTATIONS,
            substations,
            rows_heat::substation
        );
    }

    fn place_tables(&mut self, folder: &Folder<'_>) {
        macro_rules! table {
            ($table:ident, $word:literal, $layout:ident, $field:ident, $read:expr) => {
                let at = Some((Table::$table, self.draft.places.$field.len()));
                let rows = self.rows(folder, ($word, layouts::$layout), at, $read);
                self.draft.places.$field.extend(rows);
            };
        }
        table!(Areas, "areas", AREAS, areas, rows_places::area);
        table!(BuildingTypes, "building_types", BUILDING_TYPES, kinds, rows_places::building_kind);
        let kinds = std::mem::take(&mut self.draft.places.kinds);
        table!(Stock, "stock", STOCK, stock, |r| rows_places::stock(r, &kinds));
        self.draft.places.kinds = kinds;
        table!(Sites, "sites", SITES, sites, rows_places::site);
        let at = Some((Table::Dependencies, self.draft.dependencies.len()));
        let layout = ("dependencies", layouts::DEPENDENCIES);
        let rows = self.rows(folder, layout, at, rows_places::dependency);
        self.draft.dependencies.extend(rows);
    }
}
