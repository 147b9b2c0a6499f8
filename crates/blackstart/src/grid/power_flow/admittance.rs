//! Branches as two-ports, and the admittance matrix on the pattern of the factors.

use crate::math::BlockGraph;
use crate::region::{Branch, Grid};

/// Impedances smaller than this many p.u. count as a reactance of this size: with anything
/// smaller, rounding of the voltages alone is a mismatch of 10⁻⁸ p.u.
pub(in crate::grid) const LEAST_IMPEDANCE_PU: f64 = 3e-8;

/// A complex number, real part first.
pub(in crate::grid) type Complex = [f64; 2];

/// The π model of a branch as a two-port: currents into it are `[ff, ft; tf, tt] · [Vf, Vt]`
/// (MATPOWER User's Manual, section 3.2).
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::grid) struct TwoPort {
    pub ff: Complex,
    pub ft: Complex,
    pub tf: Complex,
    pub tt: Complex,
}

impl TwoPort {
    /// Impedances smaller than [`LEAST_IMPEDANCE_PU`] count as a reactance of that size, with
    /// its sign; a tap of zero counts as 1; a branch with a value that is not finite has no
    /// admittance (its island is closed anyway).
    pub fn new(branch: &Branch) -> Self {
        let (r, x) = (branch.r_pu, branch.x_pu);
        let tap = if branch.tap == 0.0 { 1.0 } else { branch.tap };
        if !(r + x + branch.b_pu + tap + branch.shift_deg).is_finite() {
            return Self::default();
        }
        let size = r * r + x * x;
        let y = if size < LEAST_IMPEDANCE_PU * LEAST_IMPEDANCE_PU {
            [0.0, if x < 0.0 { 1.0 } else { -1.0 } / LEAST_IMPEDANCE_PU]
        } else {
            [r / size, -x / size]
        };
        let tt = [y[0], y[1] + branch.b_pu / 2.0];
        let (sin, cos) = branch.shift_deg.to_radians().sin_cos();
        // ft = −y / conj(tap), tf = −y / tap, with tap = tap · exp(j shift).
        let (c, s) = (cos / tap, sin / tap);
        Self {
            ff: [tt[0] / (tap * tap), tt[1] / (tap * tap)],
            ft: [-(y[0] * c - y[1] * s), -(y[0] * s + y[1] * c)],
            tf: [-(y[0] * c + y[1] * s), -(y[1] * c - y[0] * s)],
            tt,
        }
    }

    /// Power into the from and the to end at voltages `f` and `t`, p.u.
    pub fn flows(&self, f: Complex, t: Complex) -> (Complex, Complex) {
        (power(f, current(self.ff, f, self.ft, t)), power(t, current(self.tf, f, self.tt, t)))
    }
}

/// `a · u + b · v`.
fn current(a: Complex, u: Complex, b: Complex, v: Complex) -> Complex {
    [
        a[0] * u[0] - a[1] * u[1] + b[0] * v[0] - b[1] * v[1],
        a[0] * u[1] + a[1] * u[0] + b[0] * v[1] + b[1] * v[0],
    ]
}

/// `v · conj(i)`.
fn power(v: Complex, i: Complex) -> Complex {
    [v[0] * i[0] + v[1] * i[1], v[1] * i[0] - v[0] * i[1]]
}

/// Two-ports of all branches.
pub(in crate::grid) fn two_ports(grid: &Grid) -> Vec<TwoPort> {
    grid.branches.iter().map(TwoPort::new).collect()
}

/// Admittance matrix of `live` branches and shunts: off-diagonal entries in the order of
/// `graph`, diagonal by position.
pub(in crate::grid) fn assemble(
    graph: &BlockGraph,
    ends: &[(u32, u32)],
    ports: &[TwoPort],
    live: &[bool],
    shunt: &[Complex],
    off: &mut [Complex],
    diagonal: &mut [Complex],
) {
    off.fill([0.0; 2]);
    for (d, &v) in diagonal.iter_mut().zip(graph.node()) {
        *d = shunt[v as usize];
    }
    let position = graph.position();
    let add = |to: &mut Complex, y: Complex| {
        to[0] += y[0];
        to[1] += y[1];
    };
    for (l, port) in ports.iter().enumerate().filter(|(l, _)| live[*l]) {
        let (f, t) = ends[l];
        let (f, t) = (position[f as usize] as usize, position[t as usize] as usize);
        add(&mut diagonal[f], port.ff);
        add(&mut diagonal[t], port.tt);
        if let Some([ft, tf]) = graph.of_edge(l) {
            add(&mut off[ft], port.ft);
            add(&mut off[tf], port.tf);
        } else {
            // From a bus to itself.
            add(&mut diagonal[f], port.ft);
            add(&mut diagonal[f], port.tf);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TwoPort;
    use crate::region::{Branch, BusIdx};

    fn branch() -> Branch {
        Branch {
            from: BusIdx(0),
            to: BusIdx(1),
            r_pu: 0.02,
            x_pu: 0.1,
            b_pu: 0.04,
            ..Branch::default()
        }
    }

    #[test]
    fn shifter_and_tap_have_the_textbook_form() {
        // y = 1 / (0.02 + j 0.1); tap 0.95 at 30°.
        let port = TwoPort::new(&Branch { tap: 0.95, shift_deg: 30.0, ..branch() });
        let (g, b) = (0.02 / 0.0104, -0.1 / 0.0104);
        let (c, s) = (30.0f64.to_radians().cos() / 0.95, 30.0f64.to_radians().sin() / 0.95);
        // −y / conj(t) = −y · t / |t|², t = 0.95 ∠ 30°.
        let near = |a: [f64; 2], re: f64, im: f64| {
            assert!((a[0] - re).abs() < 1e-12 && (a[1] - im).abs() < 1e-12, "{a:?} {re} {im}");
        };
        near(port.ft, -(g * c - b * s), -(b * c + g * s));
        near(port.tf, -(g * c + b * s), -(b * c - g * s));
        near(port.tt, g, b + 0.02);
        near(port.ff, g / 0.9025, (b + 0.02) / 0.9025);
    }

    #[test]
    fn a_lossless_line_keeps_active_power_and_a_lossy_one_does_not() {
        let (f, t) = ([1.02, 0.0], [0.97, -0.15]);
        let (from, to) =
            TwoPort::new(&Branch { r_pu: 0.0, tap: 1.05, shift_deg: -7.0, ..branch() }).flows(f, t);
        assert!((from[0] + to[0]).abs() < 1e-12 && from[0].abs() > 0.1);
        let (from, to) = TwoPort::new(&branch()).flows(f, t);
        assert!(from[0] + to[0] > 1e-3);
    }

    #[test]
    fn odd_values_have_an_answer() {
        let zero = TwoPort::new(&Branch { r_pu: 0.0, x_pu: 0.0, b_pu: 0.0, tap: 0.0, ..branch() });
        assert_eq!(zero.ff, [0.0, -1.0 / 3e-8]);
        let negative = TwoPort::new(&Branch { r_pu: 0.0, x_pu: -1e-9, b_pu: 0.0, ..branch() });
        assert_eq!(negative.ff, [0.0, 1.0 / 3e-8]);
        let none = TwoPort::new(&Branch { x_pu: f64::NAN, ..branch() });
        assert_eq!((none.ff, none.ft), ([0.0; 2], [0.0; 2]));
    }
}
