//! Which sections a case of a revision has, in which order, and the fields of their
//! records, from the manuals of those revisions.

/// A section of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first line, which is no section.
    Identification,
    SystemWide,
    Bus,
    Load,
    FixedShunt,
    Generator,
    Branch,
    Switch,
    Transformer,
    Area,
    TwoTerminalDc,
    Vsc,
    Correction,
    MultiTerminalDc,
    MultiSection,
    Zone,
    Transfer,
    Owner,
    Facts,
    SwitchedShunt,
    Gne,
    Induction,
    Substation,
}

/// Every section with the words by which comments call it, in the order of a file.
const WORDS: [(Kind, &[&str]); 22] = [
    (Kind::SystemWide, &["SYSTEM-WIDE"]),
    (Kind::Bus, &["BUS"]),
    (Kind::Load, &["LOAD"]),
    (Kind::FixedShunt, &["FIXED SHUNT", "FIXED BUS SHUNT"]),
    (Kind::Generator, &["GENERATOR"]),
    (Kind::Branch, &["BRANCH", "NON-TRANSFORMER BRANCH"]),
    (Kind::Switch, &["SYSTEM SWITCHING DEVICE"]),
    (Kind::Transformer, &["TRANSFORMER"]),
    (Kind::Area, &["AREA", "AREA INTERCHANGE"]),
    (Kind::TwoTerminalDc, &["TWO-TERMINAL DC", "TWO-TERMINAL DC LINE"]),
    (Kind::Vsc, &["VOLTAGE SOURCE CONVERTER", "VSC DC LINE"]),
    (Kind::Correction, &["IMPEDANCE CORRECTION", "TRANSFORMER IMPEDANCE CORRECTION"]),
    (Kind::MultiTerminalDc, &["MULTI-TERMINAL DC", "MULTI-TERMINAL DC LINE"]),
    (Kind::MultiSection, &["MULTI-SECTION LINE", "MULTI-SECTION LINE GROUP"]),
    (Kind::Zone, &["ZONE"]),
    (Kind::Transfer, &["INTER-AREA TRANSFER"]),
    (Kind::Owner, &["OWNER"]),
    (Kind::Facts, &["FACTS CONTROL DEVICE", "FACTS DEVICE"]),
    (Kind::SwitchedShunt, &["SWITCHED SHUNT"]),
    (Kind::Gne, &["GNE", "GNE DEVICE"]),
    (Kind::Induction, &["INDUCTION MACHINE"]),
    (Kind::Substation, &["SUBSTATION"]),
];

impl Kind {
    /// The sections of `revision` in their order.
    pub fn order(revision: u32) -> impl Iterator<Item = Self> {
        let since = |kind: Self| {
            if [Self::SystemWide, Self::Switch, Self::Substation].contains(&kind) {
                34
            } else if kind == Self::Induction {
                33
            } else {
                32
            }
        };
        WORDS.iter().map(|(kind, _)| *kind).filter(move |kind| revision >= since(*kind))
    }

    /// What comments call it.
    pub fn words(self) -> &'static str {
        WORDS.iter().find(|(kind, _)| *kind == self).map_or("IDENTIFICATION", |(_, words)| words[0])
    }

    /// The section that `BEGIN … DATA` in a comment announces.
    pub fn announced(comment: &str) -> Option<Self> {
        let upper = comment.to_ascii_uppercase();
        let name = upper.split("BEGIN ").nth(1)?.split(" DATA").next()?.trim();
        WORDS.iter().find(|(_, words)| words.contains(&name)).map(|(kind, _)| *kind)
    }
}

pub(super) const BUS: &str = "I NAME BASKV IDE AREA ZONE OWNER VM VA NVHI NVLO EVHI EVLO";
pub(super) const LOAD: &str =
    "I ID STAT AREA ZONE PL QL IP IQ YP YQ OWNER SCALE INTRPT DGENP DGENQ DGENM LOADTYPE";
pub(super) const FIXED_SHUNT: &str = "I ID STAT GL BL";
const GENERATOR_33: &str = "I ID PG QG QT QB VS IREG MBASE ZR ZX RT XT GTAP STAT RMPCT PT PB O1 F1 \
                            O2 F2 O3 F3 O4 F4 WMOD WPF NREG";
const GENERATOR_35: &str = "I ID PG QG QT QB VS IREG NREG MBASE ZR ZX RT XT GTAP STAT RMPCT PT PB \
                            BASLOD O1 F1 O2 F2 O3 F3 O4 F4 WMOD WPF";
const BRANCH_33: &str =
    "I J CKT R X B RATE1 RATE2 RATE3 GI BI GJ BJ STAT MET LEN O1 F1 O2 F2 O3 F3 O4 F4";
const BRANCH_34: &str = "I J CKT R X B NAME RATE1 RATE2 RATE3 RATE4 RATE5 RATE6 RATE7 RATE8 RATE9 \
                         RATE10 RATE11 RATE12 GI BI GJ BJ STAT MET LEN O1 F1 O2 F2 O3 F3 O4 F4";
pub(super) const SWITCH: &str = "I J CKT X RATE1 RATE2 RATE3 RATE4 RATE5 RATE6 RATE7 RATE8 RATE9 \
                                 RATE10 RATE11 RATE12 STAT NSTAT MET STYPE NAME";
pub(super) const TRANSFORMER: &str =
    "I J K CKT CW CZ CM MAG1 MAG2 NMETR NAME STAT O1 F1 O2 F2 O3 F3 O4 F4 VECGRP ZCOD";
pub(super) const IMPEDANCES: &str =
    "R1-2 X1-2 SBASE1-2 R2-3 X2-3 SBASE2-3 R3-1 X3-1 SBASE3-1 VMSTAR ANSTAR";
const WINDING_33: &str =
    "WINDV NOMV ANG RATE1 RATE2 RATE3 COD CONT RMA RMI VMA VMI NTP TAB CR CX CNXA";
const WINDING_34: &str = "WINDV NOMV ANG RATE1 RATE2 RATE3 RATE4 RATE5 RATE6 RATE7 RATE8 RATE9 \
                          RATE10 RATE11 RATE12 COD CONT RMA RMI VMA VMI NTP TAB CR CX CNXA";
const WINDING_35: &str = "WINDV NOMV ANG RATE1 RATE2 RATE3 RATE4 RATE5 RATE6 RATE7 RATE8 RATE9 \
                          RATE10 RATE11 RATE12 COD CONT NODE RMA RMI VMA VMI NTP TAB CR CX CNXA";
const SWITCHED_SHUNT_33: &str =
    "I MODSW ADJM STAT VSWHI VSWLO SWREG RMPCT RMIDNT BINIT N1 B1 N2 B2";
const SWITCHED_SHUNT_35: &str =
    "I ID MODSW ADJM STAT VSWHI VSWLO SWREG NREG RMPCT RMIDNT BINIT S1 N1 B1";

pub(super) fn generator(revision: u32) -> &'static str {
    if revision >= 35 { GENERATOR_35 } else { GENERATOR_33 }
}

pub(super) fn branch(revision: u32) -> &'static str {
    if revision >= 34 { BRANCH_34 } else { BRANCH_33 }
}

pub(super) fn winding(revision: u32) -> &'static str {
    match revision {
        35.. => WINDING_35,
        34 => WINDING_34,
        _ => WINDING_33,
    }
}

pub(super) fn switched_shunt(revision: u32) -> &'static str {
    if revision >= 35 { SWITCHED_SHUNT_35 } else { SWITCHED_SHUNT_33 }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn comments_announce_sections() {
        let announced = Kind::announced(" END OF BUS DATA, BEGIN LOAD DATA");
        assert_eq!(announced, Some(Kind::Load));
        assert_eq!(Kind::announced("END OF AREA DATA, begin vsc dc line data"), Some(Kind::Vsc));
        assert_eq!(Kind::announced("END OF BUS DATA"), None);
        assert_eq!(Kind::announced("BEGIN NOTHING DATA"), None);
        assert_eq!(Kind::order(33).next(), Some(Kind::Bus));
        assert_eq!((Kind::order(33).count(), Kind::order(35).count()), (19, 22));
    }
}
