//! Generators and their costs.

use super::*;

impl Writer<'_, '_> {
    pub(super) fn generators(&mut self) {
        let mut tables = [
            Table::new(
                "ext_grid",
                &[
                    ("name", O),
                    ("bus", U),
                    ("vm_pu", F),
                    ("va_degree", F),
                    ("slack_weight", F),
                    ("in_service", B),
                    ("controllable", B),
                    ("p_mw", F),
                    ("q_mvar", F),
                    ("min_p_mw", F),
                    ("max_p_mw", F),
                    ("min_q_mvar", F),
                    ("max_q_mvar", F),
                    ("type", O),
                    ("sn_mva", F),
                    (ID_COLUMN, O),
                ],
            ),
            Table::new(
                "gen",
                &[
                    ("name", O),
                    ("bus", U),
                    ("p_mw", F),
                    ("vm_pu", F),
                    ("sn_mva", F),
                    ("min_q_mvar", F),
                    ("max_q_mvar", F),
                    ("scaling", F),
                    ("slack", B),
                    ("controllable", B),
                    ("in_service", B),
                    ("slack_weight", F),
                    ("type", O),
                    ("q_mvar", F),
                    ("min_p_mw", F),
                    ("max_p_mw", F),
                    (ID_COLUMN, O),
                ],
            ),
            Table::new(
                "sgen",
                &[
                    ("name", O),
                    ("bus", U),
                    ("p_mw", F),
                    ("q_mvar", F),
                    ("sn_mva", F),
                    ("scaling", F),
                    ("min_p_mw", F),
                    ("max_p_mw", F),
                    ("min_q_mvar", F),
                    ("max_q_mvar", F),
                    ("controllable", B),
                    ("in_service", B),
                    ("type", O),
                    ("current_source", B),
                    (ID_COLUMN, O),
                ],
            ),
        ];
        let mut referenced = vec![false; self.grid.buses.len()];
        // By generator: table and row there.
        let mut homes = Vec::with_capacity(self.grid.generators.len());
        for g in &self.grid.generators {
            let at = self.at(&g.bus);
            let bus = self.grid.buses.get(at);
            let kind = bus.map_or(BusKind::Load, |b| b.kind);
            let first = kind == BusKind::Reference && g.in_service && !referenced[at];
            if first {
                referenced[at] = true;
            }
            let va_deg = bus.map_or(0.0, |b| b.va_deg);
            let home = match kind {
                // Whatever it is: only an external grid can say an angle.
                BusKind::Reference if first => 0,
                BusKind::Load => 2,
                BusKind::Reference | BusKind::Generator => 1,
            };
            let row = match home {
                0 => self.ext_grid(g, va_deg),
                1 => self.gen_row(g),
                _ => self.sgen(g),
            };
            homes.push((home, tables[home].rows.len()));
            tables[home].rows.push(row);
        }
        let alone = self.grid.buses.iter().zip(&referenced);
        let alone = alone.filter(|(b, r)| b.kind == BusKind::Reference && !**r).count();
        self.lost.rows(alone, "reference buses without a generator");
        self.tables.extend(tables);
        self.costs(&homes);
    }

    fn ext_grid(&self, g: &Generator<String>, va_deg: f64) -> Vec<Cell> {
        vec![
            text(&g.id),
            self.bus(&g.bus),
            Cell::Number(g.vm_pu),
            Cell::Number(va_deg),
            Cell::Number(g.participation),
            Cell::Bool(g.in_service),
            Cell::Bool(true),
            Cell::Number(g.p_mw),
            Cell::Number(g.q_mvar),
            limit(g.p_min_mw),
            limit(g.p_max_mw),
            limit(g.q_min_mvar),
            limit(g.q_max_mvar),
            sources_of_power::word(g.kind).map_or(text("other"), text),
            if g.base_mva > 0.0 { Cell::Number(g.base_mva) } else { Cell::Null },
            text(&g.id),
        ]
    }

    fn gen_row(&self, g: &Generator<String>) -> Vec<Cell> {
        vec![
            text(&g.id),
            self.bus(&g.bus),
            Cell::Number(g.p_mw),
            Cell::Number(g.vm_pu),
            if g.base_mva > 0.0 { Cell::Number(g.base_mva) } else { Cell::Null },
            limit(g.q_min_mvar),
            limit(g.q_max_mvar),
            Cell::Number(1.0),
            Cell::Bool(false),
            Cell::Bool(true),
            Cell::Bool(g.in_service),
            Cell::Number(g.participation),
            sources_of_power::word(g.kind).map_or(Cell::Null, text),
            Cell::Number(g.q_mvar),
            limit(g.p_min_mw),
            limit(g.p_max_mw),
            text(&g.id),
        ]
    }

    fn sgen(&self, g: &Generator<String>) -> Vec<Cell> {
        vec![
            text(&g.id),
            self.bus(&g.bus),
            Cell::Number(g.p_mw),
            Cell::Number(g.q_mvar),
            if g.base_mva > 0.0 { Cell::Number(g.base_mva) } else { Cell::Null },
            Cell::Number(1.0),
            limit(g.p_min_mw),
            limit(g.p_max_mw),
            limit(g.q_min_mvar),
            limit(g.q_max_mvar),
            Cell::Bool(true),
            Cell::Bool(g.in_service),
            sources_of_power::word(g.kind).map_or(Cell::Null, text),
            Cell::Bool(true),
            text(&g.id),
        ]
    }

    fn costs(&mut self, homes: &[(usize, usize)]) {
        let mut poly = Table::new(
            "poly_cost",
            &[
                ("element", U),
                ("et", O),
                ("cp0_eur", F),
                ("cp1_eur_per_mw", F),
                ("cp2_eur_per_mw2", F),
                ("cq0_eur", F),
                ("cq1_eur_per_mvar", F),
                ("cq2_eur_per_mvar2", F),
            ],
        );
        let mut pwl =
            Table::new("pwl_cost", &[("power_type", O), ("element", U), ("et", O), ("points", O)]);
        let (mut high, mut offset) = (0, 0);
        for (g, (home, row)) in self.grid.generators.iter().zip(homes) {
            let et = text(["ext_grid", "gen", "sgen"][*home]);
            match &g.cost {
                None => {}
                Some(Cost::Polynomial(c)) => {
                    let c: Vec<f64> = c.iter().copied().skip_while(|x| *x == 0.0).collect();
                    if c.len() > 3 {
                        high += 1;
                        continue;
                    }
                    let at =
                        |k: usize| Cell::Number(c.len().checked_sub(k + 1).map_or(0.0, |i| c[i]));
                    let zero = Cell::Number(0.0);
                    let q = [zero.clone(), zero.clone(), zero];
                    let mut cells = vec![whole(*row), et, at(0), at(1), at(2)];
                    cells.extend(q);
                    poly.rows.push(cells);
                }
                Some(Cost::Piecewise(points)) => {
                    let Some([(p0, c0), (p1, c1)]) = points.first_chunk() else { continue };
                    let slope = (c1 - c0) / (p1 - p0);
                    offset += usize::from((c0 - p0 * slope).abs() > 1e-9 * c0.abs().max(1.0));
                    let mut areas = String::from("[");
                    for pair in points.windows(2) {
                        let slope = (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0);
                        areas.push_str(if areas.len() > 1 { ",[" } else { "[" });
                        for (k, x) in [pair[0].0, pair[1].0, slope].into_iter().enumerate() {
                            areas.push_str(if k > 0 { "," } else { "" });
                            push_cell(&mut areas, &Cell::Number(x));
                        }
                        areas.push(']');
                    }
                    areas.push(']');
                    pwl.rows.push(vec![text("p"), whole(*row), et, Cell::Json(areas)]);
                }
            }
        }
        self.lost.rows(high, "costs of a power above 2");
        self.lost.rows(offset, "constant parts of piecewise linear costs");
        self.tables.extend([poly, pwl]);
    }
}
