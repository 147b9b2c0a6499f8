//! Columns in another unit than the table's.

/// Units as column names end in them, with the quantity and the size in its base unit.
const UNITS: [(&str, &str, f64); 45] = [
    ("mm", "length", 1e-3),
    ("cm", "length", 1e-2),
    ("m", "length", 1.0),
    ("km", "length", 1e3),
    ("ft", "length", 0.3048),
    ("in", "length", 0.0254),
    ("inch", "length", 0.0254),
    ("mi", "length", 1609.344),
    ("w", "power", 1.0),
    ("kw", "power", 1e3),
    ("mw", "power", 1e6),
    ("gw", "power", 1e9),
    ("hp", "power", 745.7),
    ("kvar", "reactive power", 1e3),
    ("mvar", "reactive power", 1e6),
    ("kva", "apparent power", 1e3),
    ("mva", "apparent power", 1e6),
    ("v", "voltage", 1.0),
    ("kv", "voltage", 1e3),
    ("s", "time", 1.0),
    ("min", "time", 60.0),
    ("h", "time", 3600.0),
    ("hours", "time", 3600.0),
    ("d", "time", 86400.0),
    ("days", "time", 86400.0),
    ("m3h", "flow", 1.0 / 3600.0),
    ("m3_h", "flow", 1.0 / 3600.0),
    ("m3s", "flow", 1.0),
    ("m3_s", "flow", 1.0),
    ("l_s", "flow", 1e-3),
    ("lps", "flow", 1e-3),
    ("m3d", "flow", 1.0 / 86400.0),
    ("m3_d", "flow", 1.0 / 86400.0),
    ("gpm", "flow", 6.309_02e-5),
    ("m2", "area", 1.0),
    ("km2", "area", 1e6),
    ("m3", "volume", 1.0),
    ("l", "volume", 1e-3),
    ("deg", "angle", 1.0),
    ("rad", "angle", 57.295_779_513_082_32),
    ("c", "temperature", 1.0),
    ("k", "temperature", 1.0),
    ("f", "temperature", 1.0),
    ("bar", "pressure", 1e5),
    ("ohm", "impedance", 1.0),
];

/// `length_km` → (`length`, unit); `length` has none.
fn split(name: &str) -> (&str, Option<(&'static str, &'static str, f64)>) {
    let found = UNITS
        .iter()
        .filter_map(|unit| {
            let stem = name.strip_suffix(unit.0)?.strip_suffix('_')?;
            (!stem.is_empty()).then_some((stem, *unit))
        })
        // `q_m3_h` ends in `h` too: the longest unit is meant.
        .max_by_key(|(_, unit)| unit.0.len());
    match found {
        Some((stem, unit)) => (stem, Some(unit)),
        None => (name, None),
    }
}

/// The column of `columns` that `name` is, but for its unit, and how to mend it.
pub(crate) fn wrong_unit<'a>(name: &str, columns: &[&'a str]) -> Option<(&'a str, String)> {
    let lower = name.to_lowercase();
    let (stem, unit) = split(&lower);
    columns.iter().find_map(|column| {
        let (right_stem, right) = split(column);
        let right = right?;
        if right_stem != stem {
            return None;
        }
        let help = match unit {
            None => format!("say the unit in the name; values are in {}", spoken(right.0)),
            Some(unit) if unit.0 == right.0 => String::from("names are in small letters"),
            Some(unit) if unit.1 == right.1 && right.1 != "temperature" => {
                let factor = unit.2 / right.2;
                format!("1 {} = {} {}", spoken(unit.0), round(factor), spoken(right.0))
            }
            Some(_) => format!("write the values in {}", spoken(right.0)),
        };
        Some((*column, help))
    })
}

/// Six significant digits say enough in a hint.
fn round(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

fn spoken(unit: &str) -> &str {
    match unit {
        "w" => "W",
        "kw" => "kW",
        "mw" => "MW",
        "gw" => "GW",
        "kvar" => "kvar",
        "mvar" => "Mvar",
        "kva" => "kVA",
        "mva" => "MVA",
        "v" => "V",
        "kv" => "kV",
        "m3h" | "m3_h" => "m³/h",
        "m3s" | "m3_s" => "m³/s",
        "m3d" | "m3_d" => "m³/d",
        "l_s" | "lps" => "l/s",
        "m2" => "m²",
        "km2" => "km²",
        "m3" => "m³",
        "c" => "°C",
        "deg" => "degrees",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::wrong_unit;

    #[test]
    fn tells_the_factor() {
        let columns = ["length_m", "p_mw", "demand_m3h", "id"];
        assert_eq!(wrong_unit("length_km", &columns), Some(("length_m", "1 km = 1000 m".into())));
        assert_eq!(wrong_unit("p_kw", &columns), Some(("p_mw", "1 kW = 0.001 MW".into())));
        assert_eq!(
            wrong_unit("demand_l_s", &columns),
            Some(("demand_m3h", "1 l/s = 3.6 m³/h".into()))
        );
        let (right, help) = wrong_unit("length", &columns).expect("it lacks its unit");
        assert_eq!((right, help.contains("values are in m")), ("length_m", true));
        assert_eq!(wrong_unit("id_m", &columns), None);
        assert_eq!(wrong_unit("depth_m", &columns), None);
    }
}
