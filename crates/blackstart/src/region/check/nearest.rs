//! What "nearest" comes to, by one stated rule each.

use super::findings::Findings;
use super::names::From;
use crate::region::{Code, Grid, Heat, NEAREST, Note, Position, Table, Water};

/// Candidates of one kind in the order of preference at equal distance.
struct Candidates {
    table: Table,
    noun: &'static str,
    rule: &'static str,
    /// Position, and its table row.
    places: Vec<(Position, usize)>,
    /// Uses by areas and by sites.
    used: [usize; 2],
}

impl Candidates {
    fn find(
        &mut self,
        f: &mut Findings,
        from: From<'_>,
        position: Option<Position>,
    ) -> Option<usize> {
        let place = (from.table, from.row, from.field);
        let Some(here) = position else {
            let message =
                format!("{} asks for the {NEAREST} {} but has no position", from.who, self.noun);
            let help = format!("give it lon_deg and lat_deg, or name its {}", self.noun);
            f.push(Code::Missing, place, message, Some(help));
            return None;
        };
        let mut best: Option<(f64, usize)> = None;
        for (there, row) in &self.places {
            let km = here.distance_km(*there);
            // Bad positions are told elsewhere; they are never the nearest.
            if km.is_finite() && best.is_none_or(|(least, _)| km < least) {
                best = Some((km, *row));
            }
        }
        let Some((_, row)) = best else {
            let message = format!(
                "{} asks for the {NEAREST} {}, but none has a position",
                from.who, self.noun
            );
            let help = if self.table == Table::Buses {
                "give the buses positions (bus_positions.csv), or name its bus"
            } else {
                "give the network's nodes positions, or name the one that serves it"
            };
            f.push(Code::Missing, place, message, Some(help.to_owned()));
            return None;
        };
        self.used[usize::from(from.table == Table::Sites)] += 1;
        Some(row)
    }

    fn note(&self) -> Option<Note> {
        let [areas, sites] = self.used;
        if areas + sites == 0 {
            return None;
        }
        let text = format!(
            "{areas} areas and {sites} sites ask for the {NEAREST} {}; taken: {}",
            self.noun, self.rule
        );
        Some(Note { table: self.table, text })
    }
}

/// Finds the nearest bus, junction and heat substation, and counts the uses.
pub(super) struct Nearest<'a> {
    grid: &'a Grid,
    water: &'a Water,
    heat: &'a Heat,
    /// Made when first asked for.
    buses: Option<Candidates>,
    junctions: Option<Candidates>,
    substations: Option<Candidates>,
}

impl<'a> Nearest<'a> {
    pub fn new(grid: &'a Grid, water: &'a Water, heat: &'a Heat) -> Self {
        Self { grid, water, heat, buses: None, junctions: None, substations: None }
    }

    pub fn bus(
        &mut self,
        f: &mut Findings,
        from: From<'_>,
        position: Option<Position>,
    ) -> Option<usize> {
        self.buses.get_or_insert_with(|| buses(self.grid)).find(f, from, position)
    }

    pub fn junction(
        &mut self,
        f: &mut Findings,
        from: From<'_>,
        position: Option<Position>,
    ) -> Option<usize> {
        self.junctions.get_or_insert_with(|| junctions(self.water)).find(f, from, position)
    }

    pub fn substation(
        &mut self,
        f: &mut Findings,
        from: From<'_>,
        position: Option<Position>,
    ) -> Option<usize> {
        self.substations.get_or_insert_with(|| substations(self.heat)).find(f, from, position)
    }

    /// One note per kind that was asked for.
    pub fn notes(&self) -> Vec<Note> {
        let kinds = [&self.buses, &self.junctions, &self.substations];
        kinds.into_iter().flatten().filter_map(Candidates::note).collect()
    }
}

fn buses(grid: &Grid) -> Candidates {
    let mut loaded = vec![false; grid.buses.len()];
    for load in &grid.loads {
        if load.p_mw > 0.0
            && let Some(b) = loaded.get_mut(load.bus.i())
        {
            *b = true;
        }
    }
    let any = loaded.iter().any(|l| *l);
    let mut rows: Vec<usize> = (0..grid.buses.len())
        .filter(|b| grid.buses[*b].in_service && (loaded[*b] || !any))
        .collect();
    rows.sort_by(|a, b| grid.buses[*a].base_kv.total_cmp(&grid.buses[*b].base_kv).then(a.cmp(b)));
    let rule = if any {
        "the nearest bus in service that carries a load; at equal distance the lowest voltage"
    } else {
        "the nearest bus in service (no bus carries a load); at equal distance the lowest voltage"
    };
    let places = rows.iter().filter_map(|b| Some((grid.buses[*b].position?, *b))).collect();
    Candidates { table: Table::Buses, noun: "bus", rule, places, used: [0; 2] }
}

fn junctions(water: &Water) -> Candidates {
    let demands = |j: &crate::region::Junction| j.demands.iter().any(|d| d.base_m3h > 0.0);
    let any = water.junctions.iter().any(demands);
    let places = water
        .junctions
        .iter()
        .enumerate()
        .filter(|(_, j)| demands(j) || !any)
        .filter_map(|(row, j)| Some((j.position?, row)))
        .collect();
    let rule = if any {
        "the nearest junction with a demand"
    } else {
        "the nearest junction (no junction has a demand)"
    };
    Candidates { table: Table::Junctions, noun: "junction", rule, places, used: [0; 2] }
}

fn substations(heat: &Heat) -> Candidates {
    let places = heat
        .substations
        .iter()
        .enumerate()
        .filter_map(|(row, s)| Some((heat.junctions.get(s.junction.i())?.position?, row)))
        .collect();
    Candidates {
        table: Table::HeatSubstations,
        noun: "heat substation",
        rule: "the heat substation whose junction is nearest",
        places,
        used: [0; 2],
    }
}
