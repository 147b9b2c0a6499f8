//! The tables of a region folder: names, columns, words. Reader and writer share them;
//! `docs/formats/region.md` describes them.

use blackstart::region::{
    BranchKind, BuildingType, BusKind, GeneratorKind, Heating, Laid, LoadProfile, PipeStatus,
    PlantKind, Priority, SiteKind, ValveKind, ValveStatus,
};

use crate::formats::table::Layout;

macro_rules! layouts {
    ($($name:ident = $word:literal [$($required:literal),*] [$($optional:literal),*];)*) => {
        $(pub(crate) const $name: Layout = Layout {
            columns: &[$($required,)* $($optional,)*],
            required: [$($required),*].len(),
        };)*

        /// Every table with its name, in the order they are read.
        pub(crate) const ALL: &[(&str, Layout)] = &[$(($word, $name)),*];
    };
}

layouts! {
    BUSES = "buses" ["id", "base_kv"]
        ["name", "lon_deg", "lat_deg", "shunt_g_mw", "shunt_b_mvar", "vm_pu", "va_deg",
         "kind", "vm_min_pu", "vm_max_pu", "facility", "in_service"];
    BRANCHES = "branches" ["id", "kind", "from", "to", "x_pu"]
        ["r_pu", "b_pu", "tap", "shift_deg", "rate_mva", "in_service"];
    GENERATORS = "generators" ["id", "kind", "bus", "p_max_mw"]
        ["p_min_mw", "p_mw", "q_min_mvar", "q_max_mvar", "vm_pu", "fuel_h", "facility",
         "in_service"];
    LOADS = "loads" ["id", "bus", "p_mw"]
        ["q_mvar", "priority", "queue", "profile", "in_service"];
    DC_LINES = "dc_lines" ["id", "from", "to", "p_max_mw"]
        ["p_mw", "p_min_mw", "loss_mw", "loss_share", "in_service"];
    BUS_POSITIONS = "bus_positions" ["bus", "lon_deg", "lat_deg"] [];
    PATTERNS = "patterns" ["id", "multipliers"] [];
    JUNCTIONS = "junctions" ["id", "elevation_m"]
        ["demand_m3h", "pattern", "emitter_m3h", "lon_deg", "lat_deg"];
    RESERVOIRS = "reservoirs" ["id", "head_m"] ["pattern", "lon_deg", "lat_deg"];
    TANKS = "tanks" ["id", "elevation_m", "init_level_m", "max_level_m"]
        ["diameter_m", "min_level_m", "min_volume_m3", "volume_curve_m_m3", "overflow",
         "lon_deg", "lat_deg", "facility"];
    PIPES = "pipes" ["id", "from", "to", "length_m", "diameter_mm", "roughness"]
        ["minor_loss", "status", "leak_area_mm2_100m", "leak_expansion_mm2_m_100m"];
    PUMPS = "pumps" ["id", "from", "to"]
        ["curve_m3h_m", "power_kw", "speed", "pattern", "on", "facility", "price_per_kwh",
         "price_pattern", "efficiency_m3h_percent"];
    VALVES = "valves" ["id", "from", "to", "kind", "diameter_mm"]
        ["setting", "curve_m3h_m", "minor_loss", "status"];
    CONTROLS = "controls" ["edge", "action", "when"]
        ["value", "node", "limit_m", "time_h", "clock_h"];
    RULES = "rules" ["rule", "clause", "what"]
        ["of", "relation", "value", "tolerance", "priority"];
    HEAT_JUNCTIONS = "heat_junctions" ["id"] ["elevation_m", "lon_deg", "lat_deg"];
    HEAT_PIPES = "heat_pipes" ["id", "from", "to", "length_m", "diameter_mm"]
        ["roughness_mm", "loss_w_m_k", "laid"];
    PLANTS = "plants" ["id", "kind", "junction", "heat_max_mw"]
        ["name", "generator", "power_to_heat", "power_loss_per_heat", "operating_mw",
         "efficiency", "pump_head_m", "fuel_h", "lon_deg", "lat_deg", "facility"];
    HEAT_SUBSTATIONS = "heat_substations" ["id", "junction", "design_mw"]
        ["hot_water_mw", "bypass_share"];
    AREAS = "areas" ["id", "people"]
        ["name", "district", "lon_deg", "lat_deg", "bus", "junction", "substation", "queue"];
    BUILDING_TYPES = "building_types" ["id", "like"]
        ["wall_m2_per_m2", "wall_u_w_m2_k", "window_m2_per_m2", "window_u_w_m2_k",
         "roof_m2_per_m2", "roof_u_w_m2_k", "ground_m2_per_m2", "ground_u_w_m2_k",
         "ground_factor", "storey_m", "air_change_1_h", "stack_to_wind", "mass_m2_per_m2",
         "mass_kj_m2_k", "gains_w_m2", "window_gain", "glass_gain", "absorptance"];
    STOCK = "stock" ["area", "building", "heating", "people", "floor_m2"] [];
    SITES = "sites" ["id", "kind"]
        ["name", "area", "lon_deg", "lat_deg", "bus", "junction", "substation", "need_mw",
         "need_m3h", "backup_h"];
    DEPENDENCIES = "dependencies" ["asset", "on"] ["need_mw", "need_m3h", "buffer_h"];
}

/// Values of optional columns where the file says nothing.
pub(crate) mod default {
    /// Roughness of a heat pipe, mm: steel after years of service.
    pub(crate) const HEAT_ROUGHNESS_MM: f64 = 0.5;
    /// Heat loss of each heat pipe, W/(m K): old mineral-wool insulation.
    pub(crate) const HEAT_LOSS_W_M_K: f64 = 0.6;
    /// Head of a plant's circulation pumps at zero flow, m.
    pub(crate) const PUMP_HEAD_M: f64 = 60.0;
    /// Electricity per heat of a CHP at least, MW/MW.
    pub(crate) const POWER_TO_HEAT: f64 = 0.45;
    /// Heat (and electricity) of a plant per energy of fuel.
    pub(crate) const PLANT_EFFICIENCY: f64 = 0.9;
}

pub(crate) const BRANCH_KINDS: [(&str, BranchKind); 3] = [
    ("line", BranchKind::Line),
    ("cable", BranchKind::Cable),
    ("transformer", BranchKind::Transformer),
];

pub(crate) const BUS_KINDS: [(&str, BusKind); 3] =
    [("load", BusKind::Load), ("generator", BusKind::Generator), ("reference", BusKind::Reference)];

pub(crate) const GENERATOR_KINDS: [(&str, GeneratorKind); 8] = [
    ("chp", GeneratorKind::Chp),
    ("thermal", GeneratorKind::Thermal),
    ("nuclear", GeneratorKind::Nuclear),
    ("hydro", GeneratorKind::Hydro),
    ("wind", GeneratorKind::Wind),
    ("solar", GeneratorKind::Solar),
    ("import", GeneratorKind::Import),
    ("other", GeneratorKind::Other),
];

pub(crate) const PRIORITIES: [(&str, Priority); 3] = [
    ("critical", Priority::Critical),
    ("homes", Priority::Homes),
    ("business", Priority::Business),
];

pub(crate) const PROFILES: [(&str, LoadProfile); 3] = [
    ("flat", LoadProfile::Flat),
    ("homes", LoadProfile::Homes),
    ("business", LoadProfile::Business),
];

pub(crate) const PIPE_STATUSES: [(&str, PipeStatus); 3] = [
    ("open", PipeStatus::Open),
    ("closed", PipeStatus::Closed),
    ("check_valve", PipeStatus::CheckValve),
];

pub(crate) const VALVE_KINDS: [(&str, ValveKind); 7] = [
    ("prv", ValveKind::Prv),
    ("psv", ValveKind::Psv),
    ("pbv", ValveKind::Pbv),
    ("fcv", ValveKind::Fcv),
    ("tcv", ValveKind::Tcv),
    ("gpv", ValveKind::Gpv),
    ("pcv", ValveKind::Pcv),
];

pub(crate) const VALVE_STATUSES: [(&str, ValveStatus); 3] =
    [("active", ValveStatus::Active), ("open", ValveStatus::Open), ("closed", ValveStatus::Closed)];

/// What a control does; `set` takes the column `value`.
pub(crate) const ACTIONS: [(&str, Action); 3] =
    [("open", Action::Open), ("close", Action::Close), ("set", Action::Set)];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Open,
    Close,
    Set,
}

/// When a control acts.
pub(crate) const WHENS: [(&str, When); 4] = [
    ("above", When::Above),
    ("below", When::Below),
    ("at_time", When::AtTime),
    ("at_clock", When::AtClock),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Above,
    Below,
    AtTime,
    AtClock,
}

pub(crate) const PLANT_KINDS: [(&str, PlantKind); 3] = [
    ("chp", PlantKind::Chp),
    ("boiler_house", PlantKind::BoilerHouse),
    ("mobile", PlantKind::Mobile),
];

pub(crate) const LAID: [(&str, Laid); 2] = [("ground", Laid::Ground), ("air", Laid::Air)];

pub(crate) const BUILDINGS: [(&str, BuildingType); 4] = [
    ("panel", BuildingType::Panel),
    ("brick", BuildingType::Brick),
    ("new", BuildingType::New),
    ("detached", BuildingType::Detached),
];

pub(crate) const HEATINGS: [(&str, Heating); 4] = [
    ("district", Heating::District),
    ("gas", Heating::Gas),
    ("electric", Heating::Electric),
    ("stove", Heating::Stove),
];

pub(crate) const SITE_KINDS: [(&str, SiteKind); 7] = [
    ("hospital", SiteKind::Hospital),
    ("warming_point", SiteKind::WarmingPoint),
    ("school", SiteKind::School),
    ("rescue", SiteKind::Rescue),
    ("telecom", SiteKind::Telecom),
    ("wastewater", SiteKind::Wastewater),
    ("other", SiteKind::Other),
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn the_page_lists_every_table_and_column() {
        let page = include_str!("../../../../../docs/formats/region.md");
        for (table, layout) in ALL {
            let (_, entry) = page
                .split_once(&format!("- `{table}.csv`:"))
                .unwrap_or_else(|| panic!("docs/formats/region.md lacks {table}.csv"));
            let entry = entry.split("\n- ").next().unwrap_or(entry);
            for (k, column) in layout.columns.iter().enumerate() {
                let bold = entry.contains(&format!("**{column}**"));
                assert!(entry.contains(column), "{table}.csv: {column} is not described");
                assert_eq!(bold, k < layout.required, "{table}.csv: is {column} required?");
            }
        }
    }
}
