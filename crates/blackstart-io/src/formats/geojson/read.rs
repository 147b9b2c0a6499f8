//! The features of a collection.

use std::path::Path;
use std::rc::Rc;

use blackstart::region::{Heat, Position, Table, closest};

use super::cursor::Cursor;
use super::geometry::Shape;
use super::told::{Tally, shown};
use super::{KINDS, Kind, Marks};
use crate::codes;
use crate::formats::Parsed;
use crate::formats::collect::Collector;
use crate::formats::json::{self, Node, Value};
use crate::problem::Severity;
use crate::sources::Sources;

/// A file while it is read.
pub(super) struct Reader<'t, 'f> {
    pub(super) cursor: Cursor<'t>,
    pub(super) problems: Collector<'f>,
    pub(super) file: Rc<Path>,
    pub(super) heat: Heat<String, String>,
    pub(super) sources: Sources,
    pub(super) marks: Marks,
    pub(super) tally: Tally,
    /// False if the file says that its coordinates are others.
    pub(super) wgs84: bool,
    /// Ends of pipes that name no junction: row, whether it is the far end, where.
    pub(super) ends: Vec<(usize, bool, Position)>,
    /// Plants and substations that name no junction.
    pub(super) homeless: Vec<(Table, usize, Position)>,
    /// Substations with a place of their own.
    pub(super) placed: Vec<(usize, Position)>,
}

pub(super) fn read(text: &str, file: &Path) -> (Parsed<Heat<String, String>>, Marks) {
    let mut reader = Reader {
        cursor: Cursor::new(text),
        problems: Collector::new(file),
        file: Rc::from(file),
        heat: Heat::default(),
        sources: Sources::default(),
        marks: Marks::default(),
        tally: Tally::default(),
        wgs84: true,
        ends: Vec::new(),
        homeless: Vec::new(),
        placed: Vec::new(),
    };
    match json::parse(text) {
        Ok(root) => reader.collection(&root),
        Err(error) => {
            json::tell(&mut reader.problems, text, &error);
            reader.marks.incomplete = true;
        }
    }
    let Reader { heat, sources, marks, problems, .. } = reader;
    (Parsed { value: heat, problems: problems.finish(), sources }, marks)
}

impl Reader<'_, '_> {
    fn collection(&mut self, root: &Node) {
        let Some(features) = self.features(root) else {
            self.marks.incomplete = true;
            return;
        };
        self.members(root);
        self.crs(root);
        self.options(root);
        for feature in features {
            self.cursor.begin(feature.at);
            if self.feature(feature).is_none() {
                self.marks.incomplete = true;
            }
        }
        self.join();
        self.tell_tally();
        let h = &self.heat;
        let empty = h.junctions.is_empty() && h.pipes.is_empty() && h.plants.is_empty();
        if empty && h.substations.is_empty() && self.problems.errors() == 0 {
            let message = "there is nothing of a heat network in this file".to_owned();
            self.tell(Severity::Warning, codes::IGNORED, root.at, String::new(), message, None);
        }
    }

    /// Reads one feature; none if it should have become a row and did not.
    fn feature(&mut self, feature: &Node) -> Option<()> {
        let word = feature.get("type").and_then(Node::text);
        if word != Some("Feature") {
            let at = feature.get("type").unwrap_or(feature);
            let message = "an item of `features` must be of type \"Feature\"".to_owned();
            self.wrong(codes::BAD_VALUE, at, message, None);
            return None;
        }
        let properties = feature.get("properties").filter(|p| p.value != Value::Null);
        let wrong = properties.filter(|p| p.object().is_none());
        if let Some(node) = wrong {
            let message = "`properties` must be an object or null".to_owned();
            self.wrong(codes::BAD_VALUE, node, message, None);
            return None;
        }
        let properties = properties.and_then(Node::object).unwrap_or(&[]);
        let shape = self.shape(feature);
        let kind = properties.iter().rev().find(|(name, _)| name == "kind").map(|(_, n)| n);
        let kind = kind.filter(|n| n.value != Value::Null && n.text() != Some(""));
        let Some(node) = kind else { return self.without_kind(feature, properties, shape) };
        let Some(word) = node.text() else {
            let message = "`kind` must be a text".to_owned();
            self.wrong(codes::BAD_VALUE, node, message, Some(kinds()));
            return None;
        };
        if let Some((_, kind)) = KINDS.iter().find(|(w, _)| *w == word) {
            return self.row(feature, properties, *kind, shape);
        }
        if let Some(near) = closest(word, KINDS.map(|(w, _)| w)) {
            let message = format!("`{}` is no kind of feature", shown(word));
            self.wrong(codes::BAD_WORD, node, message, Some(format!("did you mean `{near}`?")));
            return None;
        }
        self.tally.other(format!("{} of kind `{}`", shape.describe(), shown(word)), feature.at);
        Some(())
    }

    fn without_kind(
        &mut self,
        feature: &Node,
        properties: &[(String, Node)],
        shape: Shape,
    ) -> Option<()> {
        match shape {
            Shape::Line(_) | Shape::Broken(Some("LineString")) => {
                self.row(feature, properties, Kind::Pipe, shape)
            }
            Shape::Other(word) => {
                self.tally.other(word.to_owned(), feature.at);
                Some(())
            }
            Shape::Point(_) | Shape::None => {
                let message = format!("this {} has no `kind`", shape.describe());
                self.error(codes::MISSING_KEY, feature.at, message, Some(kinds()));
                None
            }
            // Its geometry was told.
            Shape::Broken(_) => None,
        }
    }

    fn row(
        &mut self,
        feature: &Node,
        properties: &[(String, Node)],
        kind: Kind,
        shape: Shape,
    ) -> Option<()> {
        let fits = match shape {
            Shape::None | Shape::Broken(None) => true,
            Shape::Line(_) | Shape::Broken(Some("LineString")) => kind == Kind::Pipe,
            Shape::Point(_) | Shape::Broken(Some("Point")) => kind != Kind::Pipe,
            Shape::Other(_) | Shape::Broken(_) => false,
        };
        if !fits {
            let expected = if kind == Kind::Pipe { "LineString" } else { "Point" };
            let (word, found) = (kind.word(), shape.describe());
            let message =
                format!("a feature of kind `{word}` is a {expected}, this one is a {found}");
            self.error(codes::BAD_VALUE, feature.at, message, None);
            // Only junctions are referred to.
            return (kind != Kind::Junction).then_some(());
        }
        match kind {
            Kind::Pipe => self.pipe(feature, properties, shape),
            Kind::Junction => self.junction(feature, properties, &shape),
            Kind::Plant(plant) => self.plant(feature, properties, plant, &shape),
            Kind::Substation => self.substation(feature, properties, &shape),
        }
        Some(())
    }
}

fn kinds() -> String {
    format!("write one of {}", KINDS.map(|(word, _)| word).join(", "))
}
