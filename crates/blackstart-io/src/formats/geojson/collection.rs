//! The members of the collection beside its features.

use std::rc::Rc;

use blackstart::region::{Table, closest};

use super::OPTIONS;
use super::read::Reader;
use super::told::{list, shown};
use crate::codes;
use crate::formats::json::{Node, Value};
use crate::formats::region_folder::HEAT_KEYS;
use crate::problem::Severity;
use crate::sources::Place;

/// Members of a collection that need no word: RFC 7946's, and the name that GIS give it.
const MEMBERS: [&str; 6] = ["type", "features", "bbox", "crs", "name", OPTIONS];

impl Reader<'_, '_> {
    pub(super) fn features<'n>(&mut self, root: &'n Node) -> Option<&'n [Node]> {
        const COLLECTION: &str = "FeatureCollection";
        let help = || {
            Some(format!("GeoJSON is written {{\"type\": \"{COLLECTION}\", \"features\": [...]}}"))
        };
        if root.object().is_none() {
            let message = format!("this is not GeoJSON: a {COLLECTION} is expected");
            self.wrong(codes::BAD_VALUE, root, message, help());
            return None;
        }
        let Some(kind) = root.get("type") else {
            let message = format!("`type` is missing; it must be \"{COLLECTION}\"");
            self.error(codes::MISSING_KEY, root.at, message, help());
            return None;
        };
        let word = kind.text().unwrap_or("");
        if word != COLLECTION {
            let help = match closest(word, [COLLECTION]) {
                Some(near) => Some(format!("did you mean `{near}`?")),
                None => help(),
            };
            let message = format!("the file is of type {}, not {COLLECTION}", kind.describe());
            self.wrong(codes::BAD_WORD, kind, message, help);
            return None;
        }
        let Some(features) = root.get("features") else {
            self.error(codes::MISSING_KEY, root.at, "`features` is missing", help());
            return None;
        };
        if features.list().is_none() {
            let message = "`features` must be a list".to_owned();
            self.wrong(codes::BAD_VALUE, features, message, None);
        }
        features.list()
    }

    /// Members of the collection that are not read.
    pub(super) fn members(&mut self, root: &Node) {
        let strange: Vec<&(String, Node)> = root
            .object()
            .unwrap_or_default()
            .iter()
            .filter(|(name, _)| !MEMBERS.contains(&name.as_str()))
            .collect();
        for (name, node) in &strange {
            if closest(name, [OPTIONS]).is_some() {
                let message = format!("member `{}` is not read", shown(name));
                let help = Some(format!("did you mean `{OPTIONS}`?"));
                let code = codes::UNKNOWN_KEY;
                self.tell(Severity::Warning, code, node.at, shown(name), message, help);
            }
        }
        if !strange.is_empty() {
            let names = list(strange.iter().map(|(name, _)| format!("`{}`", shown(name))));
            let message = format!("members of the collection that are not read: {names}");
            self.remark(codes::IGNORED, message);
        }
    }

    /// The system of coordinates that files from before RFC 7946 may name.
    pub(super) fn crs(&mut self, root: &Node) {
        let Some(crs) = root.get("crs").filter(|c| c.value != Value::Null) else { return };
        let name = crs.get("properties").and_then(|p| p.get("name"));
        let word = name.and_then(Node::text).unwrap_or("");
        // `urn:ogc:def:crs:OGC:1.3:CRS84`, `urn:ogc:def:crs:EPSG::4326`, `EPSG:4326`, and the
        // same as addresses.
        let parts: Vec<&str> = word.split([':', '/']).filter(|p| !p.is_empty()).collect();
        let has = |part: &str| parts.iter().any(|p| p.eq_ignore_ascii_case(part));
        let last = parts.last().copied().unwrap_or("");
        if (last == "CRS84" && (has("OGC") || parts.len() == 1)) || (last == "4326" && has("EPSG"))
        {
            return;
        }
        self.wgs84 = false;
        self.marks.unjudged = true;
        let message = format!(
            "the coordinates are in `{}`; only WGS 84 (longitude, latitude) is read",
            if word.is_empty() { "a system without name".to_owned() } else { shown(word) }
        );
        let help = "save the layer in EPSG:4326, which RFC 7946 demands";
        self.wrong("out-of-range", name.unwrap_or(crs), message, Some(help.to_owned()));
    }

    pub(super) fn options(&mut self, root: &Node) {
        let Some(node) = root.get(OPTIONS).filter(|n| n.value != Value::Null) else { return };
        let Some(members) = node.object() else {
            let message = format!("`{OPTIONS}` must be an object");
            self.wrong(codes::BAD_VALUE, node, message, None);
            return;
        };
        let (line, column) = self.cursor.place(node.at);
        let place = Place { file: Rc::clone(&self.file), line, column };
        self.sources.set_row(Table::Region, 0, place);
        for (name, value) in members {
            let Some((key, slot)) = HEAT_KEYS.iter().find(|(key, _)| key == name) else {
                let help = match closest(name, HEAT_KEYS.map(|(key, _)| key)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("keys are {}", HEAT_KEYS.map(|(key, _)| key).join(", ")),
                };
                let message = format!("there is no `{}` in `{OPTIONS}`", shown(name));
                self.wrong(codes::UNKNOWN_KEY, value, message, Some(help));
                continue;
            };
            match value.number().filter(|x| x.is_finite()) {
                Some(x) => *slot(&mut self.heat.options) = x,
                None => {
                    let message = format!("`{key}` must be a number");
                    self.wrong(codes::BAD_NUMBER, value, message, None);
                    self.marks.bad.insert((Table::Region, 0));
                }
            }
            let (line, column) = self.cursor.place(value.at);
            self.sources.set_field(Table::Region, 0, key, line, column);
        }
    }
}
