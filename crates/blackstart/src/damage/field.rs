//! What is felt where: fields over a region, and what facilities feel of them.
//!
//! A facility at one place feels the field there. Lines, cables and mains are followed from
//! end to end in pieces of at most a kilometre (at most [`MOST_PIECES`] a part), each with
//! the value at its middle.

use crate::region::{Asset, Facility, FacilityClass, FacilityIdx, Position, Region};
use crate::scenario::{Felt, Stretch};

/// Most pieces that one line or main is followed in.
pub const MOST_PIECES: usize = 64;

/// A value for every place that it reaches.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<T> {
    /// The same everywhere.
    Everywhere(T),
    /// Measured or computed at points: each place has the value of the nearest.
    Points {
        /// Where, and what.
        points: Vec<(Position, T)>,
        /// Farther than this from every point there is nothing, km.
        reach_km: f64,
    },
    /// Cells of equal size.
    Raster(Raster<T>),
}

/// Cells in rows from north to south, each from west to east.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster<T> {
    /// Western edge, degrees.
    pub west_deg: f64,
    /// Northern edge, degrees.
    pub north_deg: f64,
    /// Width and height of a cell, degrees.
    pub cell_deg: f64,
    /// Cells in a row.
    pub columns: usize,
    /// Values; none where nothing is known.
    pub cells: Vec<Option<T>>,
}

impl<T: Copy> Field<T> {
    /// The value at a place, if the field reaches it.
    #[must_use]
    pub fn at(&self, place: Position) -> Option<T> {
        match self {
            Self::Everywhere(value) => Some(*value),
            Self::Points { points, reach_km } => {
                let distances = points.iter().map(|(p, value)| (p.distance_km(place), *value));
                let nearest = distances.min_by(|a, b| a.0.total_cmp(&b.0));
                nearest.filter(|(km, _)| km <= reach_km).map(|(_, value)| value)
            }
            Self::Raster(raster) => raster.at(place),
        }
    }
}

impl<T: Copy> Raster<T> {
    fn at(&self, place: Position) -> Option<T> {
        let column = ((place.lon_deg - self.west_deg) / self.cell_deg).floor();
        let row = ((self.north_deg - place.lat_deg) / self.cell_deg).floor();
        if !(column >= 0.0 && column < self.columns as f64 && row >= 0.0) {
            return None;
        }
        *self.cells.get(row as usize * self.columns + column as usize)?
    }
}

/// Distance of a place to a line through points, km; to the point if there is only one.
#[must_use]
pub fn distance_km(line: &[Position], place: Position) -> f64 {
    let ends = line.windows(2).map(|two| to_segment_km(two[0], two[1], place));
    let points = line.iter().map(|p| p.distance_km(place));
    points.chain(ends).fold(f64::INFINITY, f64::min)
}

/// To the foot of the perpendicular, in the plane that touches the globe at the place;
/// infinite where the foot is not between the ends.
fn to_segment_km(a: Position, b: Position, place: Position) -> f64 {
    let squeeze = place.lat_deg.to_radians().cos();
    let plane = |p: Position| ((p.lon_deg - place.lon_deg) * squeeze, p.lat_deg - place.lat_deg);
    let ((ax, ay), (bx, by)) = (plane(a), plane(b));
    let (dx, dy) = (bx - ax, by - ay);
    let along = -(ax * dx + ay * dy) / (dx * dx + dy * dy);
    if !(0.0..=1.0).contains(&along) {
        return f64::INFINITY;
    }
    let foot = Position {
        lon_deg: a.lon_deg + along * (b.lon_deg - a.lon_deg),
        lat_deg: a.lat_deg + along * (b.lat_deg - a.lat_deg),
    };
    foot.distance_km(place)
}

/// What the facilities feel of `field`, in their order; those that it does not reach are
/// left out, and so are those without a position. The number of the latter comes second.
#[must_use]
pub fn felt<T>(
    region: &Region,
    mut field: impl FnMut(Position) -> Option<T>,
) -> (Vec<Felt<T>>, usize) {
    let mut nowhere = 0;
    let mut out = Vec::new();
    for (i, facility) in region.facilities().iter().enumerate() {
        let places = places(region, facility);
        nowhere += usize::from(places.is_empty());
        let reached = places.into_iter().filter_map(|(length_km, place)| {
            field(place).map(|value| Stretch { length_km, value })
        });
        let stretches: Vec<_> = reached.collect();
        if !stretches.is_empty() {
            out.push(Felt { facility: FacilityIdx::new(i), stretches });
        }
    }
    (out, nowhere)
}

/// Pieces of a facility, each by its length in km and its middle.
fn places(region: &Region, facility: &Facility) -> Vec<(f64, Position)> {
    match facility.class {
        FacilityClass::Substation
        | FacilityClass::PowerPlant
        | FacilityClass::BoilerHouse
        | FacilityClass::PumpingStation
        | FacilityClass::WaterTank => facility.position.map(|p| (0.0, p)).into_iter().collect(),
        FacilityClass::Line
        | FacilityClass::Cable
        | FacilityClass::HeatMain
        | FacilityClass::WaterMain => {
            facility.parts.iter().flat_map(|part| pieces(region, *part)).collect()
        }
    }
}

fn pieces(region: &Region, part: Asset) -> Vec<(f64, Position)> {
    let (from, to) = match region.ends(part) {
        [Some(from), Some(to)] => (from, to),
        [Some(one), None] | [None, Some(one)] => (one, one),
        [None, None] => return Vec::new(),
    };
    let length_km = match part {
        Asset::Pipe(p) => region.water().pipes[p.i()].length_m / 1000.0,
        Asset::HeatPipe(p) => region.heat().pipes[p.i()].length_m / 1000.0,
        Asset::Bus(_)
        | Asset::Branch(_)
        | Asset::Generator(_)
        | Asset::Pump(_)
        | Asset::Tank(_)
        | Asset::Plant(_)
        | Asset::Site(_) => from.distance_km(to),
    };
    let count = (length_km.ceil() as usize).clamp(1, MOST_PIECES);
    let middle = |k: usize| {
        let share = (k as f64 + 0.5) / count as f64;
        Position {
            lon_deg: from.lon_deg + share * (to.lon_deg - from.lon_deg),
            lat_deg: from.lat_deg + share * (to.lat_deg - from.lat_deg),
        }
    };
    (0..count).map(|k| (length_km / count as f64, middle(k))).collect()
}
