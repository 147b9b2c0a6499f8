//! What flows, and the curves of pumps.

use blackstart::heat::net::{CapacityMean, Fluid, Property};

use super::{Reader, ZERO_C_K};
use crate::formats::json::{self, Node};
use crate::problem::Severity;

/// The content of an object, which may be a text that holds JSON itself.
pub(super) fn content(node: &Node) -> Option<Node> {
    let inner = node.get("_object").unwrap_or(node);
    match inner.text() {
        Some(text) => json::parse(text).ok(),
        None => Some(inner.clone()),
    }
}

/// Numbers of a list, of numpy's array, or of one number.
pub(super) fn numbers(node: &Node) -> Option<Vec<f64>> {
    if let Some(x) = node.number() {
        return Some(vec![x]);
    }
    if let Some(list) = node.list() {
        return list.iter().map(|x| numbers(x)?.first().copied()).collect();
    }
    numbers(&content(node).filter(|inner| inner != node)?)
}

/// True if the net's fluid says that it is a gas.
pub(super) fn is_gas(net: &Node) -> bool {
    let Some(fluid) = net.get("fluid").and_then(content) else { return false };
    matches!(fluid.get("is_gas").map(Node::describe).as_deref(), Some("true"))
        || fluid.get("fluid_type").and_then(Node::text) == Some("gas")
}

impl Reader<'_, '_> {
    pub(super) fn read_fluid(&mut self) {
        let fluid = self.file_net.get("fluid").and_then(content);
        let properties = fluid.as_ref().and_then(|f| f.get("all_properties")).and_then(content);
        let water = Fluid::water();
        let mut take = |name: &str, otherwise: Property| {
            let found = properties.as_ref().and_then(|p| p.get(name)).and_then(property);
            found.unwrap_or_else(|| {
                let message =
                    format!("the fluid has no `{name}` that can be read: water's is taken");
                self.remark("fluid", Severity::Warning, message);
                otherwise
            })
        };
        let density_kg_m3 = take("density", water.density_kg_m3);
        let viscosity_pa_s = take("viscosity", water.viscosity_pa_s);
        let heat_j_kg_k = take("heat_capacity", water.heat_j_kg_k);
        self.net.fluid = Fluid {
            density_kg_m3,
            viscosity_pa_s,
            heat_j_kg_k,
            // What pandapipes computes with, so that its numbers come out.
            capacity_mean: CapacityMean::Ends,
        };
    }
}

/// A property of whatever class; temperatures are in K.
fn property(node: &Node) -> Option<Property> {
    let class = node.get("_class").and_then(Node::text).unwrap_or_default().to_owned();
    let inner = content(node)?;
    let number = |key: &str| numbers(inner.get(key)?)?.first().copied().filter(|x| x.is_finite());
    if let (Some(x), Some(y)) = (inner.get("x"), inner.get("y")) {
        let points: Vec<(f64, f64)> =
            numbers(x)?.into_iter().map(|t| t - ZERO_C_K).zip(numbers(y)?).collect();
        return Property::table(points);
    }
    if class.contains("Linear") {
        // Two points make a straight line.
        let (slope, offset) = (number("slope")?, number("offset")?);
        let at = |t_c: f64| (t_c, offset + slope * (t_c + ZERO_C_K));
        return Property::table(vec![at(0.0), at(100.0)]);
    }
    number("value").map(Property::Constant)
}
