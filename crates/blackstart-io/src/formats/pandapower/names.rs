//! Names of columns in older files, as pandapower's own conversion has them.

/// The present name of a column, and what its numbers are multiplied by.
///
/// Before version 2, power was in kW, kvar and kVA, and generation was negative, so that
/// least and most were the other way round.
pub(super) fn current(table: &str, column: &str) -> (String, f64) {
    if let Some((name, factor)) = pandapipes(table, column) {
        return (name.into(), factor);
    }
    let mut name = column.to_owned();
    let mut factor = 1.0;
    if matches!(table, "trafo" | "trafo3w") && (name.starts_with("tp_") || name.starts_with("vsc"))
    {
        name = name
            .replace("tp_", "tap_")
            .replace("_st_", "_step_")
            .replace("_mid", "_neutral")
            .replace("vsc", "vk");
    }
    let renamed = match (table, name.as_str()) {
        ("line", "imax_ka") => Some("max_i_ka"),
        ("gen", "qmin_mvar") => Some("min_q_mvar"),
        ("gen", "qmax_mvar") => Some("max_q_mvar"),
        _ => None,
    };
    if let Some(renamed) = renamed {
        name = renamed.to_owned();
    }
    let injects = matches!(table, "gen" | "sgen" | "ext_grid");
    for (old, new) in [("_kw", "_mw"), ("_kvar", "_mvar"), ("_kva", "_mva")] {
        if name != "pfe_kw" && name.ends_with(old) && !name.contains("_per_") {
            name = format!("{}{new}", &name[..name.len() - old.len()]);
            factor = 1e-3;
            if injects && (new == "_mw" || new == "_mvar") {
                factor = -factor;
                name = match name.split_once('_') {
                    Some(("min", rest)) => format!("max_{rest}"),
                    Some(("max", rest)) => format!("min_{rest}"),
                    _ => name,
                };
            }
            break;
        }
    }
    (name, factor)
}

/// The same for tables that pandapipes has and pandapower has not.
fn pandapipes(table: &str, column: &str) -> Option<(&'static str, f64)> {
    Some(match (table, column) {
        ("pipe" | "valve" | "heat_exchanger", "diameter_m") => ("inner_diameter_mm", 1e3),
        ("pipe", "alpha_w_per_m2k") => ("u_w_per_m2k", 1.0),
        ("valve", "from_junction") => ("junction", 1.0),
        ("valve", "to_junction") => ("element", 1.0),
        ("circ_pump_mass" | "circ_pump_pressure", "from_junction") => ("return_junction", 1.0),
        ("circ_pump_mass" | "circ_pump_pressure", "to_junction") => ("flow_junction", 1.0),
        ("circ_pump_mass" | "circ_pump_pressure", "mdot_kg_per_s") => ("mdot_flow_kg_per_s", 1.0),
        ("circ_pump_mass" | "circ_pump_pressure", "p_bar") => ("p_flow_bar", 1.0),
        ("circ_pump_mass" | "circ_pump_pressure", "t_k") => ("t_flow_k", 1.0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::current;

    #[test]
    fn old_columns_get_their_present_names() {
        let cases = [
            ("trafo", "tp_st_percent", "tap_step_percent", 1.0),
            ("trafo", "tp_mid", "tap_neutral", 1.0),
            ("trafo", "vscr_percent", "vkr_percent", 1.0),
            ("trafo3w", "vsc_hv_percent", "vk_hv_percent", 1.0),
            ("trafo", "pfe_kw", "pfe_kw", 1.0),
            ("trafo", "sn_kva", "sn_mva", 1e-3),
            ("line", "imax_ka", "max_i_ka", 1.0),
            ("load", "q_kvar", "q_mvar", 1e-3),
            ("gen", "p_kw", "p_mw", -1e-3),
            ("sgen", "min_q_kvar", "max_q_mvar", -1e-3),
            ("sgen", "sn_kva", "sn_mva", 1e-3),
            ("bus", "vn_kv", "vn_kv", 1.0),
            ("pipe", "diameter_m", "inner_diameter_mm", 1e3),
            ("valve", "to_junction", "element", 1.0),
            ("pump", "to_junction", "to_junction", 1.0),
        ];
        for (table, old, name, factor) in cases {
            assert_eq!(current(table, old), (name.into(), factor), "{old}");
        }
    }
}
