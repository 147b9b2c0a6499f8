//! The admittance matrix of a grid, written out here on its own for comparisons.

use std::collections::BTreeMap;

use blackstart::region::Grid;

/// Entries (real, imaginary) in p.u. by pair of bus ids, of what is in service.
pub fn admittances(grid: &Grid<String>) -> BTreeMap<(String, String), (f64, f64)> {
    let mut y: BTreeMap<(String, String), (f64, f64)> = BTreeMap::new();
    let mut add = |a: &str, b: &str, g: f64, s: f64| {
        let entry = y.entry((a.to_owned(), b.to_owned())).or_default();
        *entry = (entry.0 + g, entry.1 + s);
    };
    for bus in &grid.buses {
        let base = grid.base_mva;
        add(&bus.id, &bus.id, bus.shunt_g_mw / base, bus.shunt_b_mvar / base);
    }
    for l in grid.branches.iter().filter(|l| l.in_service) {
        let d = l.r_pu * l.r_pu + l.x_pu * l.x_pu;
        let (g, b) = (l.r_pu / d, -l.x_pu / d);
        let (sin, cos) = l.shift_deg.to_radians().sin_cos();
        let t = l.tap;
        add(&l.from, &l.from, g / (t * t), (b + l.b_pu / 2.0) / (t * t));
        add(&l.to, &l.to, g, b + l.b_pu / 2.0);
        // −y/(t·e^{−jφ}) and −y/(t·e^{jφ}).
        add(&l.from, &l.to, -(g * cos - b * sin) / t, -(g * sin + b * cos) / t);
        add(&l.to, &l.from, -(g * cos + b * sin) / t, -(b * cos - g * sin) / t);
    }
    y
}

/// Largest difference of two such matrices relative to the entry (or to 1 where that is
/// less), and where.
pub fn difference(a: &Grid<String>, b: &Grid<String>) -> (f64, String) {
    let (ya, yb) = (admittances(a), admittances(b));
    let mut worst = (0.0, String::new());
    for key in ya.keys().chain(yb.keys()) {
        let (p, q) =
            (ya.get(key).copied().unwrap_or_default(), yb.get(key).copied().unwrap_or_default());
        let scale = p.0.hypot(p.1).max(q.0.hypot(q.1)).max(1.0);
        let gap = (p.0 - q.0).hypot(p.1 - q.1) / scale;
        if gap > worst.0 || gap.is_nan() {
            worst = (gap, format!("{key:?}: {p:?} and {q:?}"));
        }
    }
    worst
}

/// Net injection of loads and generators in service, MW and `MVAr` by bus.
pub fn injections(grid: &Grid<String>) -> BTreeMap<String, (f64, f64)> {
    let mut s: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for l in grid.loads.iter().filter(|l| l.in_service) {
        let entry = s.entry(l.bus.clone()).or_default();
        *entry = (entry.0 - l.p_mw, entry.1 - l.q_mvar);
    }
    for g in grid.generators.iter().filter(|g| g.in_service) {
        let entry = s.entry(g.bus.clone()).or_default();
        *entry = (entry.0 + g.p_mw, entry.1 + g.q_mvar);
    }
    s
}
