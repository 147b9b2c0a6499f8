//! Transformers of two and three windings.
//!
//! Two ideal transformers t₁ and t₂ with an impedance z between them are, seen from the
//! second bus, the ratio t₁/t₂ and the impedance z·t₂² (PSS/E Program Application Guide,
//! volume 1, equations 4.21). Three windings are a star of z₁ = (z₁₂ + z₃₁ − z₂₃)/2 and so on
//! (Kundur, "Power System Stability and Control", 1994, equation 6.72).

use blackstart::region::{Branch, BranchKind, Bus, BusKind, Table};

use super::build::Builder;
use super::lines::{Field, Fields};
use super::sections;

/// Codes of the units that a record's numbers have.
#[derive(Clone, Copy)]
struct Units {
    /// Of turns ratios.
    cw: f64,
    /// Of impedances.
    cz: f64,
}

/// One winding.
#[derive(Clone, Copy)]
struct Winding {
    /// Turns ratio in p.u. of the bus's nominal voltage.
    tap: f64,
    shift_deg: f64,
    /// Nominal voltage of the winding over that of its bus.
    nominal: f64,
    ratings: [f64; 3],
}

impl Builder<'_> {
    pub(super) fn transformers(&mut self) {
        let largest = self.largest_bus();
        // Star buses are numbered from the next power of ten, as MATPOWER does.
        let mut star = 1;
        while star <= largest {
            star *= 10;
        }
        while let Some(r) = self.record() {
            let at = self.fields(
                sections::TRANSFORMER,
                [
                    &["I"],
                    &["J"],
                    &["K"],
                    &["CKT"],
                    &["CW"],
                    &["CZ"],
                    &["CM"],
                    &["MAG1"],
                    &["MAG2"],
                    &["STAT"],
                ],
            );
            let three = {
                let k = r.raw(at[2].at);
                !k.is_empty() && self.number(&r, at[2], 0.0) != 0.0
            };
            let Some(z) = self.more(&r) else { return };
            let mut windings = [Fields::default(), Fields::default(), Fields::default()];
            for winding in windings.iter_mut().take(if three { 3 } else { 2 }) {
                let Some(line) = self.more(&r) else { return };
                *winding = line;
            }
            if three {
                star += 1;
                self.three_windings(&r, at, &z, &windings, star);
            } else {
                self.two_windings(&r, at, &z, &windings);
            }
        }
    }

    fn two_windings(
        &mut self,
        r: &Fields<'_>,
        at: [Field; 10],
        z: &Fields<'_>,
        windings: &[Fields<'_>; 3],
    ) {
        let [i, j, _, ckt, cw, cz, cm, mag1, mag2, stat] = at;
        let (from, to) = (self.bus(r, i), self.bus(r, j));
        let (Some(from), Some(to)) = (from, to) else { return };
        let units = Units { cw: self.number(r, cw, 1.0), cz: self.number(r, cz, 1.0) };
        let first = self.winding(&windings[0], units, from);
        let second = self.winding(&windings[1], units, to);
        let in_service = self.number(r, stat, 1.0) == 1.0;
        let [r12, x12, s12] =
            self.fields(sections::IMPEDANCES, [&["R1-2"], &["X1-2"], &["SBASE1-2"]]);
        let (r_pu, x_pu) = self.impedance(z, [r12, x12, s12], units, first.nominal);
        if in_service {
            let magnetising = (self.number(r, mag1, 0.0), self.number(r, mag2, 0.0));
            let base = self.number(z, s12, self.grid.base_mva);
            let code = self.number(r, cm, 1.0);
            self.magnetising(r.line, from, code, magnetising, base, first.nominal);
        }
        self.place(Table::Branches, BRANCH_FIELDS, r, &[i, i, j, i, i, i, i]);
        let square = second.tap * second.tap;
        let branch = Branch {
            id: self.id(format!("{from}-{to}"), &r.words(ckt.at)),
            kind: BranchKind::Transformer,
            from: from.to_string(),
            to: to.to_string(),
            r_pu: r_pu * square,
            x_pu: x_pu * square,
            tap: first.tap / second.tap,
            shift_deg: first.shift_deg,
            rate_mva: first.ratings[0],
            rate_short_mva: first.ratings[1],
            rate_emergency_mva: first.ratings[2],
            in_service,
            ..Branch::default()
        };
        self.add_branch(branch, r.line, "transformers");
    }

    fn three_windings(
        &mut self,
        r: &Fields<'_>,
        at: [Field; 10],
        z: &Fields<'_>,
        windings: &[Fields<'_>; 3],
        star: u64,
    ) {
        let [i, j, k, ckt, cw, cz, cm, mag1, mag2, stat] = at;
        let buses = [i, j, k].map(|f| self.bus(r, f));
        let [Some(a), Some(b), Some(c)] = buses else { return };
        let buses = [a, b, c];
        let units = Units { cw: self.number(r, cw, 1.0), cz: self.number(r, cz, 1.0) };
        let sides = [0, 1, 2].map(|side| self.winding(&windings[side], units, buses[side]));
        let f = self.fields(
            sections::IMPEDANCES,
            [
                &["R1-2"],
                &["X1-2"],
                &["SBASE1-2"],
                &["R2-3"],
                &["X2-3"],
                &["SBASE2-3"],
                &["R3-1"],
                &["X3-1"],
                &["SBASE3-1"],
                &["VMSTAR"],
                &["ANSTAR"],
            ],
        );
        let [(r12, x12), (r23, x23), (r31, x31)] = [0, 1, 2].map(|side| {
            let fields = [f[3 * side], f[3 * side + 1], f[3 * side + 2]];
            self.impedance(z, fields, units, sides[side].nominal)
        });
        let half = |ab: f64, ca: f64, bc: f64| {
            let z = (ab + ca - bc) / 2.0;
            // A winding without impedance, but for rounding errors.
            if z.abs() < 1e-12 * (ab.abs() + ca.abs() + bc.abs()) { 0.0 } else { z }
        };
        let r_pu = [half(r12, r31, r23), half(r12, r23, r31), half(r31, r23, r12)];
        let x_pu = [half(x12, x31, x23), half(x12, x23, x31), half(x31, x23, x12)];

        let state = self.number(r, stat, 1.0);
        // 2, 3 and 4: only the second, the third, the first winding is out.
        let on = [1.0, 2.0, 3.0, 4.0].contains(&state);
        let out = [state == 4.0, state == 2.0, state == 3.0];
        if on {
            let magnetising = (self.number(r, mag1, 0.0), self.number(r, mag2, 0.0));
            let base = self.number(z, f[2], self.grid.base_mva);
            let code = self.number(r, cm, 1.0);
            self.magnetising(r.line, a, code, magnetising, base, sides[0].nominal);
        }
        self.note("transformers of three windings are a star bus and three branches", r.line);
        let own = r.words(ckt.at);
        let (area, zone, base_kv) =
            self.known(a).map_or((0, 0, 0.0), |bus| (bus.area, bus.zone, bus.base_kv));
        let bus = Bus {
            id: star.to_string(),
            name: format!("star {a}-{b}-{c} {own}").trim_end().to_owned(),
            kind: BusKind::Load,
            base_kv,
            area,
            zone,
            vm_pu: self.number(z, f[9], 1.0),
            va_deg: self.number(z, f[10], 0.0),
            in_service: on,
            ..Bus::default()
        };
        self.place(Table::Buses, &[], r, &[]);
        self.add_bus(star, bus);
        for side in 0..3 {
            let [rate_mva, rate_short_mva, rate_emergency_mva] = sides[side].ratings;
            self.place(Table::Branches, BRANCH_FIELDS, r, &[i, at[side], i, i, i, i, i]);
            let branch = Branch {
                id: self.id(format!("{}-{star}", buses[side]), ""),
                kind: BranchKind::Transformer,
                from: buses[side].to_string(),
                to: star.to_string(),
                r_pu: r_pu[side],
                x_pu: x_pu[side],
                tap: sides[side].tap,
                shift_deg: sides[side].shift_deg,
                rate_mva,
                rate_short_mva,
                rate_emergency_mva,
                in_service: on && !out[side],
                ..Branch::default()
            };
            self.add_branch(branch, r.line, "transformers");
        }
    }

    fn winding(&mut self, line: &Fields<'_>, units: Units, bus: u64) -> Winding {
        let [windv, nomv, ang, a1, a2, a3, cod, tab] = self.fields(
            sections::winding(self.revision),
            [
                &["WINDV", "WINDV1"],
                &["NOMV", "NOMV1"],
                &["ANG", "ANG1"],
                &["RATE1", "RATE1-1", "RATE11", "RATA1"],
                &["RATE2", "RATE1-2", "RATE21", "RATB1"],
                &["RATE3", "RATE1-3", "RATE31", "RATC1"],
                &["COD", "COD1"],
                &["TAB", "TAB1"],
            ],
        );
        let base_kv = self.known(bus).map_or(0.0, |b| b.base_kv);
        let nominal_kv = self.number(line, nomv, 0.0);
        let nominal = if nominal_kv == 0.0 || base_kv == 0.0 { 1.0 } else { nominal_kv / base_kv };
        let default = if units.cw == 2.0 { base_kv } else { 1.0 };
        let windv = self.number(line, windv, default);
        let tap = match units.cw {
            2.0 if base_kv > 0.0 => windv / base_kv,
            3.0 => windv * nominal,
            _ => windv,
        };
        if self.number(line, cod, 0.0) > 0.0 {
            self.note("transformers under load control stay at their ratio and angle", line.line);
        }
        if self.number(line, tab, 0.0) != 0.0 {
            self.note("impedance corrections of transformers are not applied", line.line);
        }
        Winding {
            // A ratio of 0 stands for the nominal one.
            tap: if tap == 0.0 { 1.0 } else { tap },
            shift_deg: self.number(line, ang, 0.0),
            nominal,
            ratings: [a1, a2, a3].map(|f| self.rating(line, f)),
        }
    }

    /// Resistance and reactance in p.u. of the system's base and the bus's voltage.
    fn impedance(
        &mut self,
        line: &Fields<'_>,
        [r, x, base]: [Field; 3],
        units: Units,
        nominal: f64,
    ) -> (f64, f64) {
        let system = self.grid.base_mva;
        let (mut r, mut x) = (self.number(line, r, 0.0), self.number(line, x, 0.0));
        let base_mva = self.number(line, base, system);
        if units.cz == 3.0 {
            // Load loss in watts and the magnitude of the impedance.
            r *= 1e-6 / base_mva;
            x = (x * x - r * r).max(0.0).sqrt();
        }
        if units.cz == 2.0 || units.cz == 3.0 {
            let factor = nominal * nominal * system / base_mva;
            return (r * factor, x * factor);
        }
        (r, x)
    }

    /// Adds the magnetising admittance to the shunt of the first bus.
    fn magnetising(
        &mut self,
        line: usize,
        bus: u64,
        code: f64,
        (first, second): (f64, f64),
        base_mva: f64,
        nominal: f64,
    ) {
        if first == 0.0 && second == 0.0 {
            return;
        }
        let words = "magnetising admittances stand at the bus of the first winding, whatever \
                     the transformer does";
        self.note(words, line);
        let (mut g, mut b) = (first, second);
        if code == 2.0 {
            // Losses in watts and the exciting current, both on the winding's bases.
            g = first * 1e-6 / base_mva;
            b = -(second * second - g * g).max(0.0).sqrt();
            let factor = base_mva / self.grid.base_mva / (nominal * nominal);
            g *= factor;
            b *= factor;
        }
        self.shunt(bus, g, b);
    }
}

const BRANCH_FIELDS: &[&str] = &["id", "from", "to", "r_pu", "x_pu", "b_pu", "rate_mva"];
