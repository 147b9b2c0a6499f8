//! Standard types of lines and transformers.
//!
//! Numbers are those of PyPSA 0.35's `standard_types`, which takes them from pandapower
//! (Heuck et al., *Elektrische Energieversorgung*, 8th edition, 2010; Oeding & Oswald,
//! *Elektrische Kraftwerke und Netze*, 2011; Oswald, lecture notes on transformers).

/// A type of lines, per km.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineType {
    pub r_ohm: f64,
    pub x_ohm: f64,
    pub c_nf: f64,
    pub f_hz: f64,
}

/// A type of transformers.
#[derive(Clone, Copy, Debug)]
pub(super) struct TransformerType {
    pub s_nom_mva: f64,
    pub vk_percent: f64,
    pub vkr_percent: f64,
    pub pfe_kw: f64,
    pub i0_percent: f64,
    pub shift_deg: f64,
    pub tap_step_percent: f64,
}

/// Name, resistance and reactance in Ω/km, capacitance in nF/km, frequency in Hz.
const LINES: [(&str, [f64; 4]); 36] = [
    ("149-AL1/24-ST1A 10.0", [0.194, 0.315, 11.25, 50.0]),
    ("149-AL1/24-ST1A 110.0", [0.194, 0.41, 8.75, 50.0]),
    ("149-AL1/24-ST1A 20.0", [0.194, 0.337, 10.5, 50.0]),
    ("15-AL1/3-ST1A 0.4", [1.8769, 0.35, 11.0, 50.0]),
    ("184-AL1/30-ST1A 110.0", [0.1571, 0.4, 8.8, 50.0]),
    ("184-AL1/30-ST1A 20.0", [0.1571, 0.33, 10.75, 50.0]),
    ("24-AL1/4-ST1A 0.4", [1.2012, 0.335, 11.25, 50.0]),
    ("243-AL1/39-ST1A 110.0", [0.1188, 0.39, 9.0, 50.0]),
    ("243-AL1/39-ST1A 20.0", [0.1188, 0.32, 11.0, 50.0]),
    ("305-AL1/39-ST1A 110.0", [0.0949, 0.38, 9.2, 50.0]),
    ("48-AL1/8-ST1A 0.4", [0.5939, 0.3, 12.2, 50.0]),
    ("48-AL1/8-ST1A 10.0", [0.5939, 0.35, 10.1, 50.0]),
    ("48-AL1/8-ST1A 20.0", [0.5939, 0.372, 9.5, 50.0]),
    ("490-AL1/64-ST1A 220.0", [0.059, 0.285, 10.0, 50.0]),
    ("490-AL1/64-ST1A 380.0", [0.059, 0.253, 11.0, 50.0]),
    ("94-AL1/15-ST1A 0.4", [0.306, 0.29, 13.2, 50.0]),
    ("94-AL1/15-ST1A 10.0", [0.306, 0.33, 10.75, 50.0]),
    ("94-AL1/15-ST1A 20.0", [0.306, 0.35, 10.0, 50.0]),
    ("N2XS(FL)2Y 1x120 RM/35 64/110 kV", [0.153, 0.166, 112.0, 50.0]),
    ("N2XS(FL)2Y 1x185 RM/35 64/110 kV", [0.099, 0.156, 125.0, 50.0]),
    ("N2XS(FL)2Y 1x240 RM/35 64/110 kV", [0.075, 0.149, 135.0, 50.0]),
    ("N2XS(FL)2Y 1x300 RM/35 64/110 kV", [0.06, 0.144, 144.0, 50.0]),
    ("NA2XS2Y 1x185 RM/25 12/20 kV", [0.161, 0.117, 273.0, 50.0]),
    ("NA2XS2Y 1x240 RM/25 12/20 kV", [0.122, 0.112, 304.0, 50.0]),
    ("NA2XS2Y 1x95 RM/25 12/20 kV", [0.313, 0.132, 216.0, 50.0]),
    ("NAYY 4x120 SE", [0.225, 0.08, 264.0, 50.0]),
    ("NAYY 4x150 SE", [0.208, 0.08, 261.0, 50.0]),
    ("NAYY 4x50 SE", [0.642, 0.083, 210.0, 50.0]),
    ("Al/St 240/40 2-bundle 220.0", [0.06, 0.301, 12.5, 50.0]),
    ("Al/St 240/40 3-bundle 300.0", [0.04, 0.265, 13.2, 50.0]),
    ("Al/St 240/40 4-bundle 380.0", [0.03, 0.246, 13.8, 50.0]),
    ("Al/St 490/64 4-bundle 380.0", [0.015, 0.16, 16.5, 50.0]),
    ("HTLS 4-bundle 380.0", [0.02, 0.26, 13.9, 50.0]),
    ("Al/St 560/50 4-bundle 750.0", [0.013, 0.276, 13.13, 50.0]),
    ("HVDC XLPE 1000", [0.0022, 1e-06, 10000.0, 0.0]),
    ("HVDC Oil filled 1400", [0.00264, 1e-06, 10000.0, 0.0]),
];

/// Name, rating in MVA, impedance and its resistive part in %, iron losses in kW,
/// magnetising current in %, shift in degrees, step of the tap changer in %.
const TRANSFORMERS: [(&str, [f64; 7]); 14] = [
    ("0.25 MVA 10/0.4 kV", [0.25, 4.0, 1.2, 0.6, 0.24, 150.0, 2.5]),
    ("0.25 MVA 20/0.4 kV", [0.25, 6.0, 1.44, 0.8, 0.32, 150.0, 2.5]),
    ("0.4 MVA 10/0.4 kV", [0.4, 4.0, 1.325, 0.95, 0.2375, 150.0, 2.5]),
    ("0.4 MVA 20/0.4 kV", [0.4, 6.0, 1.425, 1.35, 0.3375, 150.0, 2.5]),
    ("0.63 MVA 10/0.4 kV", [0.63, 4.0, 1.0794, 1.18, 0.1873, 150.0, 2.5]),
    ("0.63 MVA 20/0.4 kV", [0.63, 6.0, 1.206, 1.65, 0.2619, 150.0, 2.5]),
    ("100 MVA 220/110 kV", [100.0, 12.0, 0.26, 55.0, 0.06, 0.0, 1.5]),
    ("160 MVA 380/110 kV", [160.0, 12.2, 0.25, 60.0, 0.06, 0.0, 1.5]),
    ("25 MVA 110/10 kV", [25.0, 10.04, 0.276, 28.51, 0.073, 150.0, 1.5]),
    ("25 MVA 110/20 kV", [25.0, 11.2, 0.282, 29.0, 0.071, 150.0, 1.5]),
    ("40 MVA 110/10 kV", [40.0, 10.04, 0.295, 30.45, 0.076, 150.0, 1.5]),
    ("40 MVA 110/20 kV", [40.0, 11.2, 0.302, 31.0, 0.08, 150.0, 1.5]),
    ("63 MVA 110/10 kV", [63.0, 10.04, 0.31, 31.51, 0.078, 150.0, 1.5]),
    ("63 MVA 110/20 kV", [63.0, 11.2, 0.322, 33.0, 0.086, 150.0, 1.5]),
];

pub(super) fn line(name: &str) -> Option<LineType> {
    let (_, [r_ohm, x_ohm, c_nf, f_hz]) = *LINES.iter().find(|(n, _)| *n == name)?;
    Some(LineType { r_ohm, x_ohm, c_nf, f_hz })
}

pub(super) fn transformer(name: &str) -> Option<TransformerType> {
    let (_, values) = *TRANSFORMERS.iter().find(|(n, _)| *n == name)?;
    let [s_nom_mva, vk_percent, vkr_percent, pfe_kw, i0_percent, shift_deg, tap_step_percent] =
        values;
    Some(TransformerType {
        s_nom_mva,
        vk_percent,
        vkr_percent,
        pfe_kw,
        i0_percent,
        shift_deg,
        tap_step_percent,
    })
}

/// Names of all types of lines, for did-you-means.
pub(super) fn line_names() -> impl Iterator<Item = &'static str> {
    LINES.iter().map(|(n, _)| *n)
}

/// Names of all types of transformers.
pub(super) fn transformer_names() -> impl Iterator<Item = &'static str> {
    TRANSFORMERS.iter().map(|(n, _)| *n)
}
