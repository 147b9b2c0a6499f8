//! The hydraulic solver that water and heat share: head-loss laws, pumps, valves, one
//! sparse symmetric factorisation. SI units: m, m³/s, s.
