//! The equations of a two-winding transformer.

/// Side of a transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    High,
    Low,
}

/// A tap changer away from its neutral position.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tap {
    /// Adds a voltage of `percent` of the winding's at an angle.
    Voltage { side: Side, percent: f64, angle_deg: f64 },
    /// Turns the angle only.
    Angle { side: Side, shift_deg: f64 },
    /// A table says the ratio of the winding's voltage and the shift.
    Table { side: Side, ratio: f64, shift_deg: f64 },
}

/// What a plate and a test report say of a transformer.
#[derive(Clone, Debug)]
pub(super) struct Plate {
    pub sn_mva: f64,
    pub vn_hv_kv: f64,
    pub vn_lv_kv: f64,
    pub vk_percent: f64,
    pub vkr_percent: f64,
    pub pfe_kw: f64,
    pub i0_percent: f64,
    pub shift_deg: f64,
    pub taps: Vec<Tap>,
    /// Equal transformers side by side.
    pub parallel: f64,
    /// Shares of the leakage resistance and reactance at the high-voltage side.
    pub share_hv: (f64, f64),
}

/// A branch of the grid, and what its model cannot hold: admittances at the two ends, p.u.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pi {
    pub r_pu: f64,
    pub x_pu: f64,
    pub b_pu: f64,
    pub tap: f64,
    pub shift_deg: f64,
    pub from_pu: (f64, f64),
    pub to_pu: (f64, f64),
}

impl Plate {
    /// The branch between buses of the given nominal voltages; none where the resistance
    /// exceeds the impedance.
    ///
    /// Iron losses and magnetising current stand in the middle of the leakage impedance (T
    /// model), turned into a π by the wye–delta transformation. The π is not symmetric
    /// where the leakage is not shared evenly, and has conductances; both go to the ends.
    pub(super) fn branch(&self, (kv_hv, kv_lv): (f64, f64), base_mva: f64) -> Option<Pi> {
        let (vn_hv, vn_lv, shift_deg) = self.tapped();
        let tap = (vn_hv / vn_lv) / (kv_hv / kv_lv);
        // Per unit at the low-voltage side.
        let scale = (vn_lv / kv_lv).powi(2) * base_mva / self.sn_mva / 100.0;
        let (z, r) = (self.vk_percent * scale, self.vkr_percent * scale);
        let square = z * z - r * r;
        if square < 0.0 {
            return None;
        }
        let x = square.sqrt().copysign(z);
        let (r, x) = (r / self.parallel, x / self.parallel);
        let iron_mw = self.pfe_kw * 1e-3;
        let magnetising_mva = self.i0_percent / 100.0 * self.sn_mva;
        let reactive = (magnetising_mva.powi(2) - iron_mw.powi(2)).max(0.0).sqrt();
        let to_pu = self.parallel / base_mva * (kv_lv / vn_lv).powi(2);
        let (g, b) = (iron_mw * to_pu, -reactive * to_pu);
        let mut pi = Pi {
            r_pu: r,
            x_pu: x,
            b_pu: 0.0,
            tap,
            shift_deg,
            from_pu: (0.0, 0.0),
            to_pu: (0.0, 0.0),
        };
        if g == 0.0 && b == 0.0 {
            return Some(pi);
        }
        let (series, at_from, at_to) = wye_delta((r, x), (g, b), self.share_hv);
        (pi.r_pu, pi.x_pu) = series;
        // Equal parts of the susceptance are the branch's own charging.
        pi.b_pu = 2.0 * at_from.1;
        let turns = tap * tap;
        pi.from_pu = (at_from.0 / turns, 0.0);
        pi.to_pu = (at_to.0, at_to.1 - at_from.1);
        Some(pi)
    }

    /// Rated voltages at the present taps, and the shift.
    fn tapped(&self) -> (f64, f64, f64) {
        let (mut hv, mut lv, mut shift) = (self.vn_hv_kv, self.vn_lv_kv, self.shift_deg);
        for tap in &self.taps {
            let (side, ratio, angle) = match *tap {
                Tap::Voltage { side, percent, angle_deg } => {
                    let (sin, cos) = angle_deg.to_radians().sin_cos();
                    let (real, imaginary) = (1.0 + percent / 100.0 * cos, percent / 100.0 * sin);
                    // The quotient, as for all taps that keep the winding's direction.
                    (side, real.hypot(imaginary), (imaginary / real).atan().to_degrees())
                }
                Tap::Angle { side, shift_deg } => (side, 1.0, shift_deg),
                Tap::Table { side, ratio, shift_deg } => (side, ratio, shift_deg),
            };
            match side {
                Side::High => {
                    hv *= ratio;
                    shift += angle;
                }
                Side::Low => {
                    lv *= ratio;
                    shift -= angle;
                }
            }
        }
        (hv, lv, shift)
    }
}

pub(crate) type Complex = (f64, f64);

fn mul(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn div(a: Complex, b: Complex) -> Complex {
    let d = b.0 * b.0 + b.1 * b.1;
    ((a.0 * b.0 + a.1 * b.1) / d, (a.1 * b.0 - a.0 * b.1) / d)
}

fn add(a: Complex, b: Complex) -> Complex {
    (a.0 + b.0, a.1 + b.1)
}

/// A T of leakage impedance `z`, split by `share`, around the admittance `y`, as a π: its
/// series impedance and the admittances at both ends.
pub(crate) fn wye_delta(z: Complex, y: Complex, share: (f64, f64)) -> (Complex, Complex, Complex) {
    let hv = (z.0 * share.0, z.1 * share.1);
    let lv = (z.0 - hv.0, z.1 - hv.1);
    // With zc = 1/y: za·zb + (za + zb)·zc, over zc, zb and za.
    let product = mul(hv, lv);
    let series = add(z, mul(product, y));
    let over = add(z, mul(product, y));
    (series, div(mul(y, lv), over), div(mul(y, hv), over))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plate() -> Plate {
        Plate {
            sn_mva: 0.4,
            vn_hv_kv: 20.0,
            vn_lv_kv: 0.4,
            vk_percent: 6.0,
            vkr_percent: 1.425,
            pfe_kw: 1.35,
            i0_percent: 0.3375,
            shift_deg: 150.0,
            taps: Vec::new(),
            parallel: 1.0,
            share_hv: (0.5, 0.5),
        }
    }

    #[test]
    fn short_circuit_and_no_load_tests_are_reproduced() {
        let p = plate();
        let pi = p.branch((20.0, 0.4), 1.0).unwrap();
        assert_eq!((pi.tap, pi.shift_deg), (1.0, 150.0));
        // No load at the low side: the input is what the plate says, but for the losses of
        // the magnetising current in the windings, four orders below.
        let series = (pi.r_pu, pi.x_pu);
        let y_to = (pi.to_pu.0, pi.to_pu.1 + pi.b_pu / 2.0);
        let y_from = (pi.from_pu.0, pi.from_pu.1 + pi.b_pu / 2.0);
        let no_load = add(y_from, div((1.0, 0.0), add(series, div((1.0, 0.0), y_to))));
        let current = no_load.0.hypot(no_load.1);
        assert!((no_load.0 - 1.35e-3).abs() < 1e-6, "{no_load:?}");
        assert!((current - 0.003_375 * 0.4).abs() < 1e-6, "{current}");
        // Short circuit at the low side.
        let short = add(y_from, div((1.0, 0.0), series));
        let z = 1.0 / short.0.hypot(short.1);
        assert!((z - 0.06 / 0.4).abs() < 1e-4, "{z}");
    }

    #[test]
    fn taps_change_ratio_and_angle() {
        let with = |tap| {
            let p = Plate { taps: vec![tap], ..plate() };
            let pi = p.branch((20.0, 0.4), 1.0).unwrap();
            (pi.tap, pi.shift_deg)
        };
        let up = with(Tap::Voltage { side: Side::High, percent: 5.0, angle_deg: 0.0 });
        assert!((up.0 - 1.05).abs() < 1e-12 && up.1 == 150.0);
        let low = with(Tap::Voltage { side: Side::Low, percent: 5.0, angle_deg: 0.0 });
        assert!((low.0 - 1.0 / 1.05).abs() < 1e-12);
        let turned = with(Tap::Voltage { side: Side::High, percent: 10.0, angle_deg: 90.0 });
        assert!((turned.0 - 1.01f64.sqrt()).abs() < 1e-12);
        assert!((turned.1 - 150.0 - 0.1f64.atan().to_degrees()).abs() < 1e-12);
        let ideal = with(Tap::Angle { side: Side::Low, shift_deg: 3.0 });
        assert_eq!(ideal, (1.0, 147.0));
        let table = with(Tap::Table { side: Side::Low, ratio: 0.5, shift_deg: 3.0 });
        assert_eq!(table, (2.0, 147.0));
    }

    #[test]
    fn impossible_plates_have_no_branch() {
        assert!(Plate { vkr_percent: 7.0, ..plate() }.branch((20.0, 0.4), 1.0).is_none());
    }
}
