//! `[[mobile_plant]]`: boilers and cogeneration units on wheels, where and when they are
//! connected.

use blackstart::region::{HeatJunctionIdx, PlantIdx, PlantKind, closest};
use blackstart::scenario::MobilePlant;
use jiff::civil::DateTime;

use super::Reader;
use crate::codes;
use crate::toml_doc::{Section, Value};

impl Reader<'_> {
    pub(super) fn mobile_plants(
        &self,
        top: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Vec<MobilePlant> {
        let mut out: Vec<MobilePlant> = Vec::new();
        for section in top.sections("mobile_plant") {
            let Some(one) = self.mobile_plant(&section, start, horizon_h) else { continue };
            if out.iter().any(|m| m.plant == one.plant) {
                let id = &self.region.heat().plants[one.plant.i()].id;
                let message = format!("mobile plant `{id}` is connected a second time");
                let help = String::from("one place a plant; write another row in plants.csv");
                section.push("contradiction", message, Some(help));
                continue;
            }
            out.push(one);
        }
        out
    }

    fn mobile_plant(
        &self,
        section: &Section<'_, '_>,
        start: Option<DateTime>,
        horizon_h: u32,
    ) -> Option<MobilePlant> {
        let from_h = self.at_h(section, start, horizon_h);
        let until_h = section.number_in("until_h", 0.0..=1e6, "hours after the start, above at_h");
        let plant = match section.get("plant") {
            Some(value) => self.mobile_called(&value),
            None => {
                let help = "write plant = \"ID\" of a row of kind mobile in plants.csv";
                let message = String::from("it is not said which plant is connected");
                section.push(codes::MISSING_KEY, message, Some(help.to_owned()));
                None
            }
        };
        let at = match section.get("at") {
            Some(value) => self.heat_place(&value),
            None => plant.map(|p| self.region.heat().plants[p.i()].junction),
        };
        if let (Some(from), Some(until)) = (from_h, until_h)
            && until <= from
        {
            let message = format!("it leaves at {until} h, not after it comes at {from} h");
            section.push("contradiction", message, None);
        }
        section.finish();
        Some(MobilePlant {
            plant: plant?,
            junction: at?,
            from_h: from_h?,
            until_h: until_h.unwrap_or(f64::INFINITY),
        })
    }

    fn mobile_called(&self, value: &Value<'_, '_>) -> Option<PlantIdx> {
        let name = value.text()?;
        let plants = &self.region.heat().plants;
        let mobile = || plants.iter().filter(|p| p.kind == PlantKind::Mobile);
        if let Some(i) = plants.iter().position(|p| p.id == name) {
            if plants[i].kind == PlantKind::Mobile {
                return Some(PlantIdx::new(i));
            }
            let message = format!("plant `{name}` is not mobile");
            let help = String::from("only rows of kind mobile in plants.csv can be connected");
            value.push(codes::BAD_VALUE, message, Some(help));
            return None;
        }
        let help = match closest(&name, mobile().map(|p| p.id.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => String::from("add a row of kind mobile to plants.csv"),
        };
        let message = format!("the region has no plant `{name}`");
        value.push(codes::BAD_VALUE, message, Some(help));
        None
    }

    /// The junction that a heat substation or a heat junction of this id stands for.
    fn heat_place(&self, value: &Value<'_, '_>) -> Option<HeatJunctionIdx> {
        let name = value.text()?;
        let heat = self.region.heat();
        if let Some(s) = heat.substations.iter().find(|s| s.id == name) {
            return Some(s.junction);
        }
        if let Some(j) = heat.junctions.iter().position(|j| j.id == name) {
            return Some(HeatJunctionIdx::new(j));
        }
        let ids = heat.substations.iter().map(|s| s.id.as_str());
        let ids = ids.chain(heat.junctions.iter().map(|j| j.id.as_str()));
        let help = closest(&name, ids).map(|near| format!("did you mean `{near}`?"));
        let message = format!("the region has no heat substation or heat junction `{name}`");
        value.push(codes::BAD_VALUE, message, help);
        None
    }
}
