//! Runs that do not agree with EPANET, and why.

const BEHIND_FCV: &str = "demands behind a flow control valve exceed its setting: no heads fulfil them, EPANET's are millions of metres below ground";
const NARROW: &str = "EPANET's heads are 1e30 m and more below ground: pipes far too narrow for their demands; flows agree";
const BEHIND_PSV: &str = "the demand behind the sustaining valve ~@RV-18 takes the pressure that the valve holds: neither open nor active does it fulfil both; EPANET shuts it and takes the demand through the shut valve, at 105 km below ground, or leaves it open";
const NO_STATE: &str = "demand-driven without pumps, tanks run empty and no heads fulfil the demands: EPANET calls every report unbalanced or cut off, and 2.3 ends with error 110";
const SPEED_75: &str = "a control of the file sets the speed of a pump of constant power to 75 and so its power 420,000-fold; EPANET takes such a pump for a closed link below 50 l/s, here it stands where it would need more than 1 km of head";
const SURPLUS: &str = "EPANET 2.2 gives junctions with much pressure more than they ask for (1e-8 ft³/s a foot beyond the required pressure: in ky9 19.43 instead of 19.39 l/s in all, in ky12 19.91 instead of 19.82), which 2.3 no longer does";
const PARTIAL: &str = "in one of 25 reports EPANET 2.2 gives all of a demand at 18.96 m, where its law gives 97 %; 2.3 agrees";
const LEAK: &str = "closed links let water through in EPANET, 1e-8 ft³/s a foot; where a pump is dark or stuck, zones lie 50 to 360 m below ground, and what leaks shifts their heads by 0.015 to 0.05 m (ky12: 0.8 m of 200)";

/// Network, version of EPANET, mode, run (`*` for any), why.
pub const KNOWN: [(&str, &str, &str, &str, &str); 19] = [
    ("epanet/ky10", "2.3", "dda", "*", LEAK),
    ("epanet/ky10", "2.2", "pda", "own", SURPLUS),
    ("epanet-odd/fcv_open_no_downstream_sources", "*", "dda", "*", BEHIND_FCV),
    ("epanet-odd/tank_controls_1", "2.2", "pda", "on", PARTIAL),
    ("epyt/Richmond_standard", "*", "dda", "out", NO_STATE),
    ("epyt/Richmond_standard", "*", "dda", "own", NO_STATE),
    ("epyt/gessler1985", "*", "dda", "*", NARROW),
    ("epyt/hanoi-exeter", "*", "dda", "*", NARROW),
    ("epyt/ky10", "2.3", "dda", "*", LEAK),
    ("epyt/ky10", "2.2", "pda", "own", SURPLUS),
    ("epyt/ky11", "2.2", "pda", "*", SURPLUS),
    ("epyt/ky12", "2.2", "pda", "*", SURPLUS),
    ("epyt/ky12", "2.3", "pda", "own", LEAK),
    ("epyt/ky13", "2.2", "pda", "own", SPEED_75),
    ("epyt/ky14", "*", "*", "*", SPEED_75),
    ("epyt/ky15", "*", "dda", "*", BEHIND_PSV),
    ("epyt/ky15", "2.2", "pda", "*", SURPLUS),
    ("epyt/ky3", "2.2", "dda", "own", LEAK),
    ("epyt/ky9", "2.2", "pda", "*", SURPLUS),
];

/// Which lines of [`KNOWN`] speak of a run.
pub fn lines(
    name: &str,
    version: &str,
    mode: &str,
    run: &str,
) -> impl Iterator<Item = usize> + use<> {
    let fits = |pattern: &str, text: &str| pattern == "*" || pattern == text;
    let found = |k: &(&str, &str, &str, &str, &str)| {
        k.0 == name && fits(k.1, version) && fits(k.2, mode) && fits(k.3, run)
    };
    KNOWN.map(|k| found(&k)).into_iter().enumerate().filter(|k| k.1).map(|k| k.0)
}
