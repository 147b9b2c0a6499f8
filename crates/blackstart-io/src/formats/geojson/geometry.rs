//! Geometries: points and lines, in degrees.

use blackstart::region::{Position, closest};

use super::read::Reader;
use super::told::shown;
use crate::codes;
use crate::formats::json::{Node, Value};

/// The types of geometry (RFC 7946, section 1.4).
const TYPES: [&str; 7] = [
    "Point",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "MultiPoint",
    "GeometryCollection",
];

/// What a feature looks like.
#[derive(Debug)]
pub(super) enum Shape {
    /// It has no geometry.
    None,
    Point(Position),
    Line(Vec<Position>),
    /// A geometry that nothing here has: its type.
    Other(&'static str),
    /// What is wrong with it was told; its type, if that is known.
    Broken(Option<&'static str>),
}

impl Shape {
    /// What it is, for messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::None => "feature without geometry",
            Self::Point(_) => "Point",
            Self::Line(_) => "LineString",
            Self::Other(word) | Self::Broken(Some(word)) => word,
            Self::Broken(None) => "feature",
        }
    }
}

impl Reader<'_, '_> {
    pub(super) fn shape(&mut self, feature: &Node) -> Shape {
        let Some(geometry) = feature.get("geometry").filter(|g| g.value != Value::Null) else {
            return Shape::None;
        };
        if geometry.object().is_none() {
            let message = "`geometry` must be an object or null".to_owned();
            self.wrong(codes::BAD_VALUE, geometry, message, None);
            return Shape::Broken(None);
        }
        let word = geometry.get("type");
        let text = word.and_then(Node::text).unwrap_or("");
        let Some(kind) = TYPES.into_iter().find(|t| *t == text) else {
            let help = match closest(text, TYPES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("types are {}", TYPES.join(", ")),
            };
            let message = format!("`{}` is no type of geometry", shown(text));
            self.wrong(codes::BAD_WORD, word.unwrap_or(geometry), message, Some(help));
            return Shape::Broken(None);
        };
        let Some(coordinates) = geometry.get("coordinates") else {
            if matches!(kind, "Point" | "LineString" | "MultiLineString") {
                let message = format!("this {kind} has no `coordinates`");
                self.error(codes::MISSING_KEY, geometry.at, message, None);
                return Shape::Broken(Some(kind));
            }
            return Shape::Other(kind);
        };
        let shape = match kind {
            "Point" => self.position(coordinates).map(Shape::Point),
            "LineString" => self.line(coordinates).map(Shape::Line),
            "MultiLineString" => self.only_line(coordinates).map(Shape::Line),
            other => Some(Shape::Other(other)),
        };
        shape.unwrap_or(Shape::Broken(Some(if kind == "Point" { kind } else { "LineString" })))
    }

    fn only_line(&mut self, coordinates: &Node) -> Option<Vec<Position>> {
        let lines = self.items(coordinates, "a MultiLineString is a list of lines")?;
        if let [line] = lines {
            return self.line(line);
        }
        let message = format!("a pipe is one line, this MultiLineString has {}", lines.len());
        let help = "make it a feature for each line".to_owned();
        self.error(codes::BAD_VALUE, coordinates.at, message, Some(help));
        None
    }

    fn line(&mut self, coordinates: &Node) -> Option<Vec<Position>> {
        let items = self.items(coordinates, "a LineString is a list of positions")?;
        if items.len() < 2 {
            let message = format!("a line has two positions or more, this one has {}", items.len());
            self.error(codes::BAD_VALUE, coordinates.at, message, None);
            return None;
        }
        // One problem of a line is told: the others will be of the same sort.
        items.iter().map(|item| self.position(item)).collect()
    }

    fn items<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n [Node]> {
        let items = node.list();
        if items.is_none() {
            self.wrong(codes::BAD_VALUE, node, format!("`coordinates`: {expected}"), None);
        }
        items
    }

    fn position(&mut self, node: &Node) -> Option<Position> {
        let items = node.list().unwrap_or(&[]);
        let numbers = (items.first().and_then(Node::number), items.get(1).and_then(Node::number));
        let (Some(lon_deg), Some(lat_deg)) = numbers else {
            let message = "a position is a list [longitude, latitude] in degrees".to_owned();
            let at = items.iter().take(2).find(|n| n.number().is_none()).unwrap_or(node);
            self.wrong(codes::BAD_VALUE, at, message, None);
            return None;
        };
        if items.get(2).and_then(Node::number).is_some_and(|altitude| altitude != 0.0) {
            self.tally.altitudes += 1;
        }
        // In another system of coordinates, which was told, numbers mean something else.
        for (item, value, limit, what) in
            [(&items[0], lon_deg, 180.0, "longitude"), (&items[1], lat_deg, 90.0, "latitude")]
        {
            if !value.is_finite() || (self.wgs84 && value.abs() > limit) {
                let message = format!("{what} {value} is not within -{limit} and {limit} degrees");
                let help = "GeoJSON is longitude first; projected coordinates are not read";
                self.wrong("out-of-range", item, message, Some(help.to_owned()));
                return None;
            }
        }
        Some(Position { lon_deg, lat_deg })
    }
}
