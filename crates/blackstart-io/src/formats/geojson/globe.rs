//! Places on the globe: how far apart they are, and which is nearest.

use std::collections::{HashMap, HashSet};

use blackstart::region::Position;

/// Geocentric coordinates of a place on the ellipsoid, m.
pub(super) type Xyz = [f64; 3];

/// Equatorial radius and flattening of WGS 84 (NGA.STND.0036, 2014).
const EQUATOR_M: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// Mean radius (IUGG), which bends chords of more than some kilometres, m.
const MEAN_RADIUS_M: f64 = 6_371_008.8;

/// Where a position lies in space.
pub(super) fn xyz(p: Position) -> Xyz {
    const E2: f64 = FLATTENING * (2.0 - FLATTENING);
    let (lat_sin, lat_cos) = p.lat_deg.to_radians().sin_cos();
    let (lon_sin, lon_cos) = p.lon_deg.to_radians().sin_cos();
    let across = EQUATOR_M / (1.0 - E2 * lat_sin * lat_sin).sqrt();
    [across * lat_cos * lon_cos, across * lat_cos * lon_sin, across * (1.0 - E2) * lat_sin]
}

fn square(a: Xyz, b: Xyz) -> f64 {
    let [x, y, z] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    x * x + y * y + z * z
}

/// Distance along the ground, m: the chord in space, bent to the mean curvature. Exact to a
/// millimetre over kilometres, to a thousandth over any distance within a continent.
pub(super) fn apart_m(a: Xyz, b: Xyz) -> f64 {
    let half = square(a, b).sqrt() / (2.0 * MEAN_RADIUS_M);
    2.0 * MEAN_RADIUS_M * half.min(1.0).asin()
}

/// Length along a line of positions, m.
pub(super) fn length_m(line: &[Position]) -> f64 {
    line.windows(2).map(|pair| apart_m(xyz(pair[0]), xyz(pair[1]))).sum()
}

/// Places at least [`Cells::size_m`] apart, found by cubes of that size.
pub(super) struct Cells {
    size_m: f64,
    places: HashMap<[i64; 3], Vec<(Xyz, usize)>>,
}

impl Cells {
    pub(super) fn new(size_m: f64) -> Self {
        Self { size_m, places: HashMap::new() }
    }

    fn cell(&self, at: Xyz) -> [i64; 3] {
        at.map(|x| (x / self.size_m).floor() as i64)
    }

    pub(super) fn add(&mut self, at: Xyz, what: usize) {
        self.places.entry(self.cell(at)).or_default().push((at, what));
    }

    /// The nearest place within the size of a cell, with its distance in m.
    pub(super) fn nearest(&self, at: Xyz) -> Option<(f64, usize)> {
        let [i, j, k] = self.cell(at);
        let mut best: Option<(f64, usize)> = None;
        for n in 0..27 {
            let cell = [i + n % 3 - 1, j + n / 3 % 3 - 1, k + n / 9 - 1];
            for &(place, what) in self.places.get(&cell).into_iter().flatten() {
                let d = apart_m(at, place);
                if d <= self.size_m && best.is_none_or(|b| (d, what) < b) {
                    best = Some((d, what));
                }
            }
        }
        best
    }
}

/// Places, of which the nearest to any point is found quickly: a k-d tree in one list, whose
/// middle is the root.
pub(super) struct Nearest {
    places: Vec<(Xyz, usize)>,
}

impl Nearest {
    pub(super) fn new(places: impl IntoIterator<Item = (Xyz, usize)>) -> Self {
        // Of several at one place the first stands for all: equal ones cannot be told apart
        // by halving, and a file of nothing else would be searched one by one.
        let mut seen = HashSet::new();
        let mut places: Vec<(Xyz, usize)> =
            places.into_iter().filter(|(at, _)| seen.insert(at.map(f64::to_bits))).collect();
        halve(&mut places, 0);
        Self { places }
    }

    /// The nearest place with its distance in m.
    pub(super) fn of(&self, at: Xyz) -> Option<(f64, usize)> {
        let mut best = None;
        search(&self.places, 0, at, &mut best);
        let (_, place, what) = best?;
        Some((apart_m(at, place), what))
    }
}

fn halve(places: &mut [(Xyz, usize)], axis: usize) {
    if places.len() < 2 {
        return;
    }
    let middle = places.len() / 2;
    places
        .select_nth_unstable_by(middle, |a, b| a.0[axis].total_cmp(&b.0[axis]).then(a.1.cmp(&b.1)));
    let (low, high) = places.split_at_mut(middle);
    halve(low, (axis + 1) % 3);
    halve(&mut high[1..], (axis + 1) % 3);
}

fn search(places: &[(Xyz, usize)], axis: usize, at: Xyz, best: &mut Option<(f64, Xyz, usize)>) {
    let middle = places.len() / 2;
    let Some(&(place, what)) = places.get(middle) else { return };
    let d = square(at, place);
    if best.is_none_or(|(b, _, w)| d < b || (d == b && what < w)) {
        *best = Some((d, place, what));
    }
    let ahead = at[axis] - place[axis];
    let (low, high) = (&places[..middle], &places[middle + 1..]);
    let (near, far) = if ahead < 0.0 { (low, high) } else { (high, low) };
    search(near, (axis + 1) % 3, at, best);
    if best.is_none_or(|(b, _, _)| ahead * ahead <= b) {
        search(far, (axis + 1) % 3, at, best);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon_deg: f64, lat_deg: f64) -> Position {
        Position { lon_deg, lat_deg }
    }

    /// Lengths of degrees of WGS 84: along the equator its circumference / 360, along a
    /// meridian the series for its quadrant (Snyder, Map Projections, USGS 1395 (1987), eq.
    /// 3-21).
    #[test]
    fn distances_are_those_of_the_ellipsoid() {
        let equator = length_m(&[at(10.0, 0.0), at(11.0, 0.0)]);
        assert!((equator / 111_319.490_8 - 1.0).abs() < 1e-6, "{equator}");
        let meridian = length_m(&[at(10.0, 0.0), at(10.0, 1.0)]);
        assert!((meridian / 110_574.388_6 - 1.0).abs() < 1e-6, "{meridian}");
        let small = length_m(&[at(30.0, 50.0), at(30.001, 50.0), at(30.001, 50.001)]);
        assert!((small - 71.6957 - 111.2294).abs() < 1e-2, "{small}");
        assert!(length_m(&[at(179.9999, 60.0), at(-179.9999, 60.0)]) < 12.0);
    }

    #[test]
    fn the_nearest_is_that_of_a_plain_search() {
        let mut x = 1u64;
        let mut random = || {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (x >> 40) as f64 / f64::from(1 << 24)
        };
        let mut places: Vec<(Xyz, usize)> =
            (0..300).map(|k| (xyz(at(30.0 + random(), 50.0 + random())), k)).collect();
        places.push((places[7].0, 300));
        let (tree, mut cells) = (Nearest::new(places.iter().copied()), Cells::new(2000.0));
        places.iter().for_each(|&(p, k)| cells.add(p, k));
        for _ in 0..300 {
            let p = xyz(at(30.0 + random(), 50.0 + random()));
            let plain = places
                .iter()
                .map(|&(q, k)| (apart_m(p, q), k))
                .min_by(|a, b| a.partial_cmp(b).unwrap())
                .unwrap();
            assert_eq!(tree.of(p), Some(plain));
            assert_eq!(cells.nearest(p), Some(plain).filter(|(d, _)| *d <= 2000.0));
        }
        assert_eq!(Nearest::new([]).of([0.0; 3]), None);
    }
}
