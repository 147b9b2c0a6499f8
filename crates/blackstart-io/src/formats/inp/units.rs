//! Units of an `.inp` file and their conversion to those of
//! [`Water`](blackstart::region::Water).
//!
//! A flow unit decides for US customary or SI units in all quantities (EPANET 2.2 User
//! Manual, appendix A "Units of Measurement"). Pressures in psi are 0.4333 per foot of
//! water as in EPANET itself, so that a file means here what it means there.

use crate::formats::collect::nearest;

/// Metres per foot.
const FOOT_M: f64 = 0.3048;
/// Cubic metres per hour in one cubic foot per second.
const CFS_M3H: f64 = FOOT_M * FOOT_M * FOOT_M * 3600.0;
/// Litres of a US gallon and of an imperial gallon.
const US_GALLON_L: f64 = 3.785_411_784;
const IMPERIAL_GALLON_L: f64 = 4.546_09;
/// Cubic feet of an acre-foot.
const ACRE_FOOT_FT3: f64 = 43_560.0;
/// psi per foot of water, EPANET's constant.
const PSI_PER_FOOT: f64 = 0.4333;
/// kPa per psi, EPANET's constant.
const KPA_PER_PSI: f64 = 6.895;
/// kW per horsepower, EPANET's constant.
const HORSEPOWER_KW: f64 = 0.7457;

/// Flow units: word, m³/h of one unit, US customary or not.
const FLOWS: [(&str, f64, bool); 11] = [
    ("CFS", CFS_M3H, true),
    ("GPM", US_GALLON_L * 0.06, true),
    ("MGD", US_GALLON_L * 1e3 / 24.0, true),
    ("IMGD", IMPERIAL_GALLON_L * 1e3 / 24.0, true),
    ("AFD", ACRE_FOOT_FT3 * FOOT_M * FOOT_M * FOOT_M / 24.0, true),
    ("LPS", 3.6, false),
    ("LPM", 0.06, false),
    ("MLD", 1e3 / 24.0, false),
    ("CMH", 1.0, false),
    ("CMD", 1.0 / 24.0, false),
    ("CMS", 3600.0, false),
];

/// Pressure units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressure {
    Psi,
    Kpa,
    Metres,
    Bar,
    Feet,
}

/// Factors from a file's units to ours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Units {
    /// To m³/h.
    pub flow: f64,
    /// True for US customary units.
    pub us: bool,
    /// Elevations, heads, lengths, tank diameters, levels: to m.
    pub length: f64,
    /// Pipe diameters: to mm.
    pub diameter: f64,
    /// Darcy–Weisbach roughness: to mm.
    pub roughness: f64,
    /// Pump power: to kW.
    pub power: f64,
    /// Volumes: to m³.
    pub volume: f64,
    /// Pressures: to m of the network's fluid.
    pub pressure: f64,
}

impl Units {
    /// The units of a flow unit's word with a pressure unit (the system's own if none).
    pub fn new(word: &str, pressure: Option<Pressure>, specific_gravity: f64) -> Option<Self> {
        let (_, flow, us) = FLOWS.iter().find(|(w, ..)| word.eq_ignore_ascii_case(w))?;
        let pressure = pressure.unwrap_or(if *us { Pressure::Psi } else { Pressure::Metres });
        let kpa_m = FOOT_M / (PSI_PER_FOOT * KPA_PER_PSI);
        let head = match pressure {
            Pressure::Psi => FOOT_M / PSI_PER_FOOT,
            Pressure::Kpa => kpa_m,
            Pressure::Bar => kpa_m * 100.0,
            Pressure::Metres => 1.0,
            Pressure::Feet => FOOT_M,
        };
        let pick = |customary: f64, si: f64| if *us { customary } else { si };
        Some(Self {
            flow: *flow,
            us: *us,
            length: pick(FOOT_M, 1.0),
            diameter: pick(25.4, 1.0),
            // Thousandths of a foot, or millimetres.
            roughness: pick(FOOT_M, 1.0),
            power: pick(HORSEPOWER_KW, 1.0),
            volume: pick(FOOT_M * FOOT_M * FOOT_M, 1.0),
            pressure: head / specific_gravity,
        })
    }

    /// A flow unit near to a word that is none.
    pub fn near(word: &str) -> Option<&'static str> {
        nearest(word, FLOWS.iter().map(|(w, ..)| *w))
    }

    /// All flow units, for messages.
    pub fn words() -> String {
        FLOWS.map(|(w, ..)| w).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flow_units_have_their_known_sizes() {
        // Rossman et al., EPANET 2.2 constants: units per cubic foot per second.
        let per_cfs = [
            ("CFS", 1.0),
            ("GPM", 448.831),
            ("MGD", 0.646_32),
            ("IMGD", 0.5382),
            // EPANET has 1.9837, which is not 86,400 s over 43,560 ft².
            ("AFD", 1.983_471),
            ("LPS", 28.317),
            ("LPM", 1699.0),
            ("MLD", 2.4466),
            ("CMH", 101.94),
            ("CMD", 2446.6),
            ("CMS", 0.028_317),
        ];
        for (word, n) in per_cfs {
            let units = Units::new(word, None, 1.0).unwrap();
            let ours = CFS_M3H / units.flow;
            assert!((ours / n - 1.0).abs() < 1e-4, "{word}: {ours} per CFS, EPANET has {n}");
        }
        assert!(Units::new("GPH", None, 1.0).is_none());
    }

    #[test]
    fn pressures_become_metres() {
        let m = |word, p| Units::new(word, p, 1.0).unwrap().pressure;
        assert!((m("GPM", None) - 0.70344).abs() < 1e-5);
        assert_eq!(m("LPS", None), 1.0);
        assert!((m("GPM", Some(Pressure::Kpa)) - 0.10202).abs() < 1e-5);
        assert!((m("LPS", Some(Pressure::Bar)) - 10.2).abs() < 0.01);
        assert_eq!(m("LPS", Some(Pressure::Feet)), 0.3048);
        // A denser fluid needs less height for the same pressure.
        assert!(Units::new("LPS", None, 1.25).unwrap().pressure == 0.8);
    }
}
