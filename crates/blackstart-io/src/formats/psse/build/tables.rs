//! The sections that every case has: buses to switching devices.

use super::*;

impl Builder<'_> {
    pub(super) fn buses(&mut self) {
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

    pub(super) fn loads(&mut self) {
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

    pub(super) fn fixed_shunts(&mut self) {
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

    pub(super) fn generators(&mut self) {
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

    pub(super) fn branches(&mut self) {
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

    pub(super) fn switches(&mut self) {
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
}
