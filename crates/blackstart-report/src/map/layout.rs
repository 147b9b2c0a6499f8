//! Where everything goes on the map.

use super::cells::{Circle, cells};
use crate::facts::Facts;
use blackstart::region::{BusIdx, Position, Region};

const KM_PER_DEG: f64 = 111.195;
/// Width of the map, px.
pub(super) const WIDTH: f64 = 800.0;
const PAD: f64 = 34.0;
/// Side of the box of an area that has no position, at most.
const BOX: f64 = 104.0;

/// An area on the map.
pub(super) struct Cell {
    pub(super) circle: Circle,
    pub(super) outline: Vec<(f64, f64)>,
}

/// The map's geometry; the same for every hour.
pub(crate) struct Layout {
    pub(super) height: f64,
    /// One for each area.
    pub(super) cells: Vec<Cell>,
    /// Side of the boxes of areas without a position.
    pub(super) box_side: f64,
    /// Areas without a position, which stand in rows below the map.
    pub(super) unplaced: usize,
    /// Upper edge of those rows.
    pub(super) rows_from: f64,
    /// None when nothing has a position.
    projection: Option<Projection>,
}

#[derive(Clone, Copy)]
struct Projection {
    lon_deg: f64,
    lat_deg: f64,
    cos_lat: f64,
    px_per_km: f64,
    x: f64,
    y: f64,
}

impl Projection {
    fn at(&self, p: Position) -> (f64, f64) {
        let scale = KM_PER_DEG * self.px_per_km;
        (
            self.x + (p.lon_deg - self.lon_deg) * self.cos_lat * scale,
            self.y - (p.lat_deg - self.lat_deg) * scale,
        )
    }
}

impl Layout {
    pub(crate) fn new(region: &Region) -> Self {
        let areas = &region.places().areas;
        let bounds = bounds(region);
        let placed =
            |i: usize| areas[i].position.filter(|p| p.lon_deg.is_finite() && p.lat_deg.is_finite());
        let (projection, map_height) = bounds.map_or((None, 0.0), project);
        let unplaced: Vec<usize> = (0..areas.len()).filter(|&i| placed(i).is_none()).collect();
        let mut centres: Vec<(f64, f64)> = (0..areas.len())
            .map(|i| placed(i).zip(projection).map_or((0.0, 0.0), |(p, pr)| pr.at(p)))
            .collect();
        spread_coincident(&mut centres, &unplaced);
        let mut circles = size_circles(region, &centres, &unplaced, map_height);
        let (rows, box_side) = place_in_rows(&unplaced, map_height, &mut circles);
        let outlines = cells(&circles);
        let cells = circles
            .into_iter()
            .zip(outlines)
            .map(|(circle, outline)| Cell { circle, outline })
            .collect();
        Self {
            height: (map_height + rows).max(120.0),
            cells,
            unplaced: unplaced.len(),
            box_side,
            rows_from: map_height,
            projection,
        }
    }

    /// True when nothing has a position, so that only rows of areas are shown.
    pub(crate) fn is_only_rows(&self) -> bool {
        self.projection.is_none()
    }

    /// Where a position is on the map.
    pub(super) fn at(&self, position: Option<Position>) -> Option<(f64, f64)> {
        let p = position.filter(|p| p.lon_deg.is_finite() && p.lat_deg.is_finite())?;
        Some(self.projection?.at(p))
    }

    /// True when a point lies on the map.
    pub(super) fn shows(&self, (x, y): (f64, f64)) -> bool {
        (0.0..=WIDTH).contains(&x) && (0.0..=self.rows_from).contains(&y)
    }

    /// Where a bus is: its own position, or its facility's.
    pub(super) fn bus(
        &self,
        facts: &Facts<'_>,
        bus: BusIdx,
        facility: Option<usize>,
    ) -> Option<(f64, f64)> {
        let region = facts.input.region;
        self.at(region.grid().buses[bus.i()].position)
            .or_else(|| self.at(region.facilities()[facility?].position))
    }

    /// Length in px and kilometres of a scale bar.
    pub(super) fn scale_bar(&self) -> Option<(f64, f64)> {
        let px_per_km = self.projection?.px_per_km;
        let most = 130.0 / px_per_km;
        let power = 10f64.powf(most.log10().floor());
        let km = [5.0, 2.0, 1.0].map(|f| f * power).into_iter().find(|k| *k <= most)?;
        Some((km * px_per_km, km))
    }

    /// Outlines of the areas.
    pub(crate) fn outlines(&self) -> impl Iterator<Item = &[(f64, f64)]> {
        self.cells.iter().map(|c| c.outline.as_slice())
    }

    /// The part of the map that areas cover, with a margin: x, y, width, height.
    pub(crate) fn area_bounds(&self) -> (f64, f64, f64, f64) {
        let mut b = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
        for c in &self.cells {
            let Circle { x, y, r } = c.circle;
            b = (b.0.min(x - r), b.1.min(y - r), b.2.max(x + r), b.3.max(y + r));
        }
        if !b.0.is_finite() {
            return (0.0, 0.0, WIDTH, self.height);
        }
        (b.0 - 4.0, b.1 - 4.0, b.2 - b.0 + 8.0, b.3 - b.1 + 8.0)
    }
}

/// West, east, south and north of what the map shows: all areas and what lies close
/// around them. A tie to a far neighbour must not shrink the places where people live.
fn bounds(region: &Region) -> Option<(f64, f64, f64, f64)> {
    let grow = |b: Option<(f64, f64, f64, f64)>, p: &Position| {
        let b = b.unwrap_or((p.lon_deg, p.lon_deg, p.lat_deg, p.lat_deg));
        let (west, east) = (b.0.min(p.lon_deg), b.1.max(p.lon_deg));
        Some((west, east, b.2.min(p.lat_deg), b.3.max(p.lat_deg)))
    };
    let finite = |p: &Position| p.lon_deg.is_finite() && p.lat_deg.is_finite();
    let areas = region.places().areas.iter().filter_map(|a| a.position).filter(finite);
    let others: Vec<Position> = region
        .facilities()
        .iter()
        .map(|f| f.position)
        .chain(region.grid().buses.iter().map(|b| b.position))
        .flatten()
        .filter(finite)
        .collect();
    let of_areas = areas.fold(None, |b, p| grow(b, &p));
    let Some(b) = of_areas else {
        return others.iter().fold(None, grow);
    };
    let margin = 0.2 * (b.1 - b.0).max(b.3 - b.2).max(0.02);
    let near = |p: &&Position| {
        p.lon_deg >= b.0 - margin
            && p.lon_deg <= b.1 + margin
            && p.lat_deg >= b.2 - margin
            && p.lat_deg <= b.3 + margin
    };
    others.iter().filter(near).fold(of_areas, grow)
}

fn project(b: (f64, f64, f64, f64)) -> (Option<Projection>, f64) {
    let (lon_deg, lat_deg) = ((b.0 + b.1) / 2.0, (b.2 + b.3) / 2.0);
    let cos_lat = lat_deg.to_radians().cos().max(0.05);
    // One place alone still gets a map of a few kilometres around it.
    let width_km = ((b.1 - b.0) * cos_lat * KM_PER_DEG).max(2.0);
    let height_km = ((b.3 - b.2) * KM_PER_DEG).max(1.0);
    let inner = WIDTH - 2.0 * PAD;
    let height = (inner * height_km / width_km).clamp(400.0, 520.0);
    let px_per_km = (inner / width_km).min(height / height_km);
    let height = height + 2.0 * PAD;
    let (x, y) = (WIDTH / 2.0, height / 2.0);
    (Some(Projection { lon_deg, lat_deg, cos_lat, px_per_km, x, y }), height)
}

/// Areas at the same place step aside on a spiral, so that each can be seen.
fn spread_coincident(centres: &mut [(f64, f64)], unplaced: &[usize]) {
    const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;
    let mut order: Vec<usize> =
        (0..centres.len()).filter(|i| unplaced.binary_search(i).is_err()).collect();
    let key = |i: usize| ((centres[i].0 * 2.0).round() as i64, (centres[i].1 * 2.0).round() as i64);
    order.sort_by_key(|&i| (key(i), i));
    let groups: Vec<Vec<usize>> =
        order.chunk_by(|&a, &b| key(a) == key(b)).map(<[usize]>::to_vec).collect();
    for group in groups {
        for (k, i) in group.into_iter().enumerate().skip(1) {
            let (sin, cos) = (GOLDEN_ANGLE * k as f64).sin_cos();
            let away = 6.0 * (k as f64).sqrt();
            centres[i].0 += away * cos;
            centres[i].1 += away * sin;
        }
    }
}

/// Circles with their area in proportion to people, as large as neighbours allow.
fn size_circles(
    region: &Region,
    centres: &[(f64, f64)],
    unplaced: &[usize],
    map_height: f64,
) -> Vec<Circle> {
    let areas = &region.places().areas;
    let weight = |i: usize| areas[i].people.clamp(0.0, 1e12);
    let placed: Vec<usize> =
        (0..centres.len()).filter(|i| unplaced.binary_search(i).is_err()).collect();
    let total: f64 = placed.iter().map(|&i| weight(i)).sum();
    let fill = 0.45 * WIDTH * map_height / (std::f64::consts::PI * total.max(1.0));
    // r²/people at which a circle reaches its nearest neighbour's centre; somewhat more
    // makes neighbours share borders, as areas do.
    let mut limits: Vec<f64> = placed
        .iter()
        .filter(|&&i| weight(i) > 0.0)
        .map(|&i| {
            let nearest = placed
                .iter()
                .filter(|&&j| j != i)
                .map(|&j| {
                    let (dx, dy) = (centres[i].0 - centres[j].0, centres[i].1 - centres[j].1);
                    dx * dx + dy * dy
                })
                .fold(f64::INFINITY, f64::min);
            nearest / weight(i)
        })
        .collect();
    limits.sort_by(f64::total_cmp);
    let typical = limits.get(limits.len() / 2).copied().unwrap_or(f64::INFINITY);
    let per_person = fill.min(4.0 * typical);
    let least = if areas.len() > 1000 { 2.0 } else { 4.0 };
    (0..centres.len())
        .map(|i| Circle {
            x: centres[i].0,
            y: centres[i].1,
            r: (weight(i) * per_person).sqrt().clamp(least, 64.0),
        })
        .collect()
}

/// Puts areas without a position side by side below the map; returns the height used
/// and the side of their boxes.
fn place_in_rows(unplaced: &[usize], from: f64, circles: &mut [Circle]) -> (f64, f64) {
    if unplaced.is_empty() {
        return (0.0, BOX);
    }
    let title = 30.0;
    // Square-ish boxes that fill the width, small enough to stay within a page.
    let n = unplaced.len() as f64;
    let most = 560.0;
    let step = BOX.min(((WIDTH - 2.0 * PAD) * most / n).sqrt() * 0.95);
    let columns = ((WIDTH - 2.0 * PAD) / step).floor().max(1.0);
    // The rows use one scale among themselves: the largest just fits its box.
    let largest = unplaced.iter().map(|&i| circles[i].r).fold(1e-9, f64::max);
    for (k, &i) in unplaced.iter().enumerate() {
        let (row, column) = ((k as f64 / columns).floor(), k as f64 % columns);
        circles[i].x = PAD + (column + 0.5) * step;
        circles[i].y = from + title + (row + 0.5) * step;
        circles[i].r = (circles[i].r / largest * step * 0.46).max(step * 0.16);
    }
    (title + (n / columns).ceil() * step + 12.0, step)
}
