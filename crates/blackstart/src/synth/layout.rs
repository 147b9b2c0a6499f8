//! Where people live: districts on a river axis, areas and 110 kV substations in them.

use super::graph::Point;
use super::names::Names;
use super::{Spec, Topic, stream};
use crate::region::Position;

/// People per 110 kV substation; it serves two areas.
const PEOPLE_PER_SUBSTATION: f64 = 11_400.0;
/// Districts of a region of a million people.
const DISTRICTS_PER_M: f64 = 12.0;
/// Median density of a district, people per km².
const DENSITY: f64 = 3_000.0;
/// Standard deviation of the logarithm of a district's density.
const DENSITY_SPREAD: f64 = 0.45;
/// Elevation of the river banks, m.
const BANK_M: f64 = 96.0;
/// How far the ground rises away from the river, m.
const RISE_M: f64 = 12.0;

pub(super) struct District {
    pub name: String,
    /// People per km².
    pub density: f64,
}

pub(super) struct Area {
    pub id: String,
    pub name: String,
    pub district: usize,
    pub substation: usize,
    pub place: Point,
    pub people: f64,
}

/// A 110 kV substation with the two areas `2 k` and `2 k + 1`.
pub(super) struct Substation {
    pub id: String,
    pub name: String,
    pub district: usize,
    pub place: Point,
}

pub(super) struct Layout {
    pub seed: u64,
    pub people: f64,
    pub name: String,
    pub river: String,
    /// Names for whatever still needs one.
    pub spare_names: Vec<String>,
    pub districts: Vec<District>,
    pub areas: Vec<Area>,
    pub substations: Vec<Substation>,
    /// Extent along and across the river, km, centred on the origin.
    pub length_km: f64,
    pub width_km: f64,
}

impl Layout {
    pub(super) fn new(spec: &Spec) -> Self {
        let people = spec.people as f64;
        let seed = spec.seed;
        let substations = ((people / PEOPLE_PER_SUBSTATION).round() as usize).max(3);
        let count =
            ((DISTRICTS_PER_M * (people / 1e6).powf(0.75)).round() as usize).clamp(3, substations);
        let mut names = Names::new(seed);
        let name = format!("{} region", names.next());
        let river = format!("{} river", names.next());

        let share: Vec<f64> = (0..count)
            .map(|d| (0.35 * stream(seed, Topic::DistrictPeople, d).normal()).exp())
            .collect();
        let in_district = apportion(substations, &share);
        // The densest districts lie in the middle.
        let mut density: Vec<f64> = (0..count)
            .map(|d| {
                DENSITY * (DENSITY_SPREAD * stream(seed, Topic::DistrictDensity, d).normal()).exp()
            })
            .collect();
        density.sort_by(f64::total_cmp);
        let rows =
            if count < 4 { 1 } else { ((count as f64 / 3.0).sqrt().round() as usize).max(2) };
        let columns = count.div_ceil(rows);
        let column_of = |d: usize| d * columns / count;
        let mut by_centre: Vec<usize> = (0..count).collect();
        let middle = (columns as f64 - 1.0) / 2.0;
        let off_centre = |d: usize| (column_of(d) as f64 - middle).abs();
        by_centre.sort_by(|&a, &b| off_centre(b).total_cmp(&off_centre(a)).then(a.cmp(&b)));
        let mut districts: Vec<District> =
            (0..count).map(|_| District { name: names.next(), density: 0.0 }).collect();
        for (rank, &d) in by_centre.iter().enumerate() {
            districts[d].density = density[rank];
        }

        let weight: Vec<f64> = (0..2 * substations)
            .map(|a| (0.05 * stream(seed, Topic::AreaPeople, a).normal()).exp())
            .collect();
        let residents = apportion(spec.people as usize, &weight);

        // Every district is a rectangle as large as its people need at its density.
        let km2: Vec<f64> = districts
            .iter()
            .zip(&in_district)
            .map(|(d, &n)| n as f64 * people / substations as f64 / d.density)
            .collect();
        let width_km = (km2.iter().sum::<f64>() / 2.5).sqrt();
        let length_km = km2.iter().sum::<f64>() / width_km;
        let mut layout = Self {
            seed,
            people,
            name,
            river,
            spare_names: (0..400).map(|_| names.next()).collect(),
            districts,
            areas: Vec::new(),
            substations: Vec::new(),
            length_km,
            width_km,
        };
        let mut west = -length_km / 2.0;
        let mut d = 0;
        while d < count {
            let column: Vec<usize> =
                (d..count).take_while(|&e| column_of(e) == column_of(d)).collect();
            let column_width = column.iter().map(|&e| km2[e]).sum::<f64>() / width_km;
            let mut south = -width_km / 2.0;
            for &e in &column {
                let height = km2[e] / column_width;
                layout.fill(e, in_district[e], (west, south), (column_width, height), &residents);
                south += height;
            }
            west += column_width;
            d += column.len();
        }
        layout
    }

    /// Puts `count` substations with their areas into the rectangle of a district.
    fn fill(
        &mut self,
        district: usize,
        count: usize,
        (west, south): (f64, f64),
        (width, height): (f64, f64),
        residents: &[usize],
    ) {
        let rows = ((count as f64 * height / width).sqrt().round() as usize).clamp(1, count);
        for k in 0..count {
            let row = k * rows / count;
            let first = (row * count).div_ceil(rows);
            let in_row = ((row + 1) * count).div_ceil(rows) - first;
            let cell = (width / in_row as f64, height / rows as f64);
            let substation = self.substations.len();
            let mut draw = stream(self.seed, Topic::AreaPlace, substation);
            let mut jitter = |scale: f64| (draw.uniform() - 0.5) * 0.3 * scale;
            let place = Point {
                x: west + (k - first) as f64 * cell.0 + cell.0 / 2.0 + jitter(cell.0),
                y: south + row as f64 * cell.1 + cell.1 / 2.0 + jitter(cell.1),
            };
            let name = &self.districts[district].name;
            self.substations.push(Substation {
                id: format!("S{:03}", substation + 1),
                name: format!("{name}-{}", k + 1),
                district,
                place,
            });
            for half in 0..2 {
                let side = if half == 0 { -0.25 } else { 0.25 };
                let (dx, dy) =
                    if cell.0 > cell.1 { (side * cell.0, 0.0) } else { (0.0, side * cell.1) };
                self.areas.push(Area {
                    id: format!("A{:03}", 2 * substation + half + 1),
                    name: format!("{name} {}", 2 * k + half + 1),
                    district,
                    substation,
                    place: Point { x: place.x + dx, y: place.y + dy },
                    people: residents[2 * substation + half] as f64,
                });
            }
        }
    }

    /// Where the river is, km across, at `x` km along.
    pub(super) fn river_y(&self, x: f64) -> f64 {
        0.12 * self.width_km * (x / self.length_km * 9.0).sin()
    }

    /// Elevation of the ground, m: it rises gently away from the river.
    pub(super) fn elevation_m(&self, p: Point) -> f64 {
        let away = (p.y - self.river_y(p.x)).abs();
        BANK_M + RISE_M * (1.0 - (-away / 6.0).exp())
    }

    /// Level of the river, m.
    pub(super) const fn river_m(&self) -> f64 {
        BANK_M - 4.0
    }

    /// The area whose centre is nearest to `p`.
    pub(super) fn area_at(&self, p: Point) -> usize {
        (0..self.areas.len())
            .min_by(|&a, &b| {
                let d = |i: usize| self.areas[i].place.distance(p);
                d(a).total_cmp(&d(b)).then(a.cmp(&b))
            })
            .unwrap_or(0)
    }
}

/// Origin of the local plane: the open ocean, far from any land.
const ORIGIN: Position = Position { lon_deg: -30.0, lat_deg: 50.0 };

/// The point of the local plane on the globe.
pub(super) fn position(p: Point) -> Option<Position> {
    const KM_PER_DEG: f64 = 111.195;
    // Metres are enough, and short numbers keep files readable.
    let round = |deg: f64| (deg * 1e5).round() / 1e5;
    Some(Position {
        lon_deg: round(ORIGIN.lon_deg + p.x / (KM_PER_DEG * ORIGIN.lat_deg.to_radians().cos())),
        lat_deg: round(ORIGIN.lat_deg + p.y / KM_PER_DEG),
    })
}

/// Divides `total` into whole numbers in proportion to `share`, at least 1 each where
/// there is enough, by largest remainders.
pub(super) fn apportion(total: usize, share: &[f64]) -> Vec<usize> {
    let n = share.len();
    let spare = total.saturating_sub(n);
    let sum: f64 = share.iter().sum();
    let mut given: Vec<usize> = Vec::with_capacity(n);
    let mut rest: Vec<(f64, usize)> = Vec::with_capacity(n);
    // One each first, then what makes the whole proportional as far as possible.
    let want: Vec<f64> = share.iter().map(|s| (total as f64 * s / sum - 1.0).max(0.0)).collect();
    let want_sum = want.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    for (i, w) in want.iter().enumerate() {
        let exact = spare as f64 * w / want_sum;
        given.push(exact.floor() as usize);
        rest.push((exact - exact.floor(), i));
    }
    rest.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = spare - given.iter().sum::<usize>().min(spare);
    for k in 0..left {
        given[rest[k % n].1] += 1;
    }
    if total >= n {
        given.iter_mut().for_each(|g| *g += 1);
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apportion_gives_everything_away_in_proportion() {
        for (total, share) in
            [(10, vec![1.0, 2.0, 7.0]), (3, vec![9.0, 0.1, 0.1]), (7, vec![1.0; 3])]
        {
            let given = apportion(total, &share);
            assert_eq!(given.iter().sum::<usize>(), total);
            assert!(given.iter().all(|&g| g > 0));
        }
        assert_eq!(apportion(10, &[1.0, 2.0, 7.0]), [1, 2, 7]);
    }

    #[test]
    fn all_people_have_an_area_of_the_expected_size() {
        for people in [20_000, 300_000, 1_000_000, 10_000_000] {
            let layout = Layout::new(&Spec { people, seed: 7 });
            let sum: f64 = layout.areas.iter().map(|a| a.people).sum();
            assert_eq!(sum, people as f64);
            assert_eq!(layout.areas.len(), 2 * layout.substations.len());
            assert!(layout.areas.iter().all(|a| (2_500.0..7_500.0).contains(&a.people)));
        }
    }
}
