//! What a damage state means: how much of a facility still works, and what its repair
//! takes.
//!
//! Sources of the rows, by their letter:
//!
//! * **H**: FEMA, *Hazus Earthquake Model Technical Manual* 5.1/6.1. States and what
//!   share of the equipment has failed in them; restoration times as shipped in
//!   InfraRisk's fragility tables (MIT licence), which repeat or shorten those of Hazus.
//! * **U**: Ukrenergo's public statements: three weeks at best and two months as a rule
//!   to bring in an autotransformer that is in the country (UNN 2024-10-10, ua.energy
//!   2018); four 750 kV switchyards fully restored in 13 days (UNN 2024-10-10).
//! * **R**: RTS-GMLC, permanent outage durations of branches (10–11 h overhead lines,
//!   16–35 h cables, 768 h transformers).
//! * **M**: figures of the Hazus manual from secondary sources, not checked against it.
//! * **I**: InfraRisk's figures for power lines and water mains.
//! * **A**: our assumption. `docs/damage-and-repair.md` says for each why.
//!
//! Repair times are days around the clock with all the teams that the job takes; the
//! shop of [`crate::repair`] stretches them when there are fewer.

use crate::math::random::Distribution;
use crate::math::random::Distribution::{LogNormal, PositiveNormal, Triangular};
use crate::region::{Asset, Facility, FacilityClass, FacilityIdx, Region};
use crate::scenario::{DamageState, Spare};

/// What a damage state means for a facility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Share of the facility's capacity that still works, 0 … 1.
    pub functionality: f64,
    /// Length of the repair, days around the clock with `teams` teams.
    pub repair_days: Distribution,
    /// Teams it takes at once.
    pub teams: u32,
    /// Spare without which work does not start.
    pub spare: Option<Spare>,
    /// How many of that spare; 0 without one.
    pub spare_count: u32,
}

/// The rows of the catalogue: facility classes, substations by their highest voltage as
/// in Hazus (low 34.5–150 kV, medium about 230 kV, high about 500 kV).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Below 34.5 kV: a distribution circuit of Hazus.
    DistributionSubstation,
    /// 34.5 to 150 kV.
    LowVoltageSubstation,
    /// 150 to 400 kV, with autotransformers.
    MediumVoltageSubstation,
    /// From 400 kV, with autotransformers and stocked kits.
    HighVoltageSubstation,
    /// Power plant, with or without heat.
    PowerPlant,
    /// Boiler house.
    BoilerHouse,
    /// Pumping station.
    PumpingStation,
    /// Water tank.
    WaterTank,
    /// Overhead line.
    Line,
    /// Underground cable.
    Cable,
    /// Pair of heat mains.
    HeatMain,
    /// Water main.
    WaterMain,
}

impl Kind {
    /// All, in the order of the table.
    pub const ALL: [Self; 12] = [
        Self::DistributionSubstation,
        Self::LowVoltageSubstation,
        Self::MediumVoltageSubstation,
        Self::HighVoltageSubstation,
        Self::PowerPlant,
        Self::BoilerHouse,
        Self::PumpingStation,
        Self::WaterTank,
        Self::Line,
        Self::Cable,
        Self::HeatMain,
        Self::WaterMain,
    ];

    /// What it is called in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DistributionSubstation => "substation below 34.5 kV",
            Self::LowVoltageSubstation => "substation 34.5–150 kV",
            Self::MediumVoltageSubstation => "substation 150–400 kV",
            Self::HighVoltageSubstation => "substation from 400 kV",
            Self::PowerPlant => "power plant",
            Self::BoilerHouse => "boiler house",
            Self::PumpingStation => "pumping station",
            Self::WaterTank => "water tank",
            Self::Line => "overhead line",
            Self::Cable => "cable",
            Self::HeatMain => "heat main",
            Self::WaterMain => "water main",
        }
    }

    /// The row for a facility.
    #[must_use]
    pub fn of(region: &Region, facility: &Facility) -> Self {
        match facility.class {
            FacilityClass::Substation => {
                let kv = highest_kv(region, facility);
                if kv < 34.5 {
                    Self::DistributionSubstation
                } else if kv <= 150.0 {
                    Self::LowVoltageSubstation
                } else if kv < 400.0 {
                    Self::MediumVoltageSubstation
                } else {
                    Self::HighVoltageSubstation
                }
            }
            FacilityClass::PowerPlant => Self::PowerPlant,
            FacilityClass::BoilerHouse => Self::BoilerHouse,
            FacilityClass::PumpingStation => Self::PumpingStation,
            FacilityClass::WaterTank => Self::WaterTank,
            FacilityClass::Line => Self::Line,
            FacilityClass::Cable => Self::Cable,
            FacilityClass::HeatMain => Self::HeatMain,
            FacilityClass::WaterMain => Self::WaterMain,
        }
    }
}

/// What `state` means for `facility`.
#[must_use]
pub fn entry(region: &Region, facility: FacilityIdx, state: DamageState) -> Entry {
    let facility = &region.facilities()[facility.i()];
    row(Kind::of(region, facility), state, facility.size)
}

/// A row of the catalogue. `size_mw` counts for boiler houses alone, whose loss takes
/// as many modular boilers as their output asks for.
#[must_use]
pub fn row(kind: Kind, state: DamageState, size_mw: f64) -> Entry {
    let (functionality, repair_days, teams, spare) = figures(kind, state);
    let spare_count = match spare {
        None => 0,
        Some(Spare::ModularBoiler) => modular_boilers(size_mw),
        Some(_) => 1,
    };
    Entry { functionality, repair_days, teams, spare, spare_count }
}

/// Output of one modular boiler, MW: 635 MW in 239 units (government of Ukraine,
/// 2024-10-15).
pub const MODULAR_BOILER_MW: f64 = 635.0 / 239.0;

fn modular_boilers(size_mw: f64) -> u32 {
    // A size that is not known counts as one unit.
    ((size_mw / MODULAR_BOILER_MW).ceil() as u32).clamp(1, 1_000_000)
}

type Figures = (f64, Distribution, u32, Option<Spare>);

/// The table itself: functionality, days, teams, spare.
#[rustfmt::skip]
fn figures(kind: Kind, state: DamageState) -> Figures {
    use DamageState::{Complete, Extensive, Moderate, Slight};
    use Spare::{Autotransformer, Common, ModularBoiler, PlantKit, PumpSet, SwitchgearKit};
    const fn normal(mean: f64, sd: f64) -> Distribution { PositiveNormal { mean, sd } }
    const fn lognormal(mean: f64, sd: f64) -> Distribution { LogNormal { mean, sd } }

    match (kind, state) {
        // H: 4, 12, 50, 80 % of circuits failed.
        (Kind::DistributionSubstation, Slight)    => (0.96, normal(0.3, 0.2), 1, None),
        (Kind::DistributionSubstation, Moderate)  => (0.88, normal(1.0, 0.5), 1, Some(Common)),
        (Kind::DistributionSubstation, Extensive) => (0.50, normal(3.0, 1.5), 2, Some(Common)),
        (Kind::DistributionSubstation, Complete)  => (0.20, normal(7.0, 3.0), 3, Some(Common)),

        // H: 5, 40, 70, 100 % of disconnectors, breakers and transformers failed.
        (Kind::LowVoltageSubstation, Slight)      => (0.95, normal(1.0, 0.5), 1, None),
        (Kind::LowVoltageSubstation, Moderate)    => (0.60, normal(3.0, 1.5), 1, Some(SwitchgearKit)),
        (Kind::LowVoltageSubstation, Extensive)   => (0.30, normal(7.0, 3.5), 2, Some(SwitchgearKit)),
        (Kind::LowVoltageSubstation, Complete)    => (0.00, normal(30.0, 15.0), 3, Some(SwitchgearKit)),

        // H; complete: U, an autotransformer (200–300 t) has to be brought and built in.
        (Kind::MediumVoltageSubstation, Slight)   => (0.95, normal(1.0, 0.5), 1, None),
        (Kind::MediumVoltageSubstation, Moderate) => (0.60, normal(3.0, 1.5), 1, Some(SwitchgearKit)),
        (Kind::MediumVoltageSubstation, Extensive) => (0.30, normal(7.0, 3.5), 2, Some(SwitchgearKit)),
        (Kind::MediumVoltageSubstation, Complete) => (0.00, TRANSFORMER_SWAP, 3, Some(Autotransformer)),

        // H; extensive: U, 13 days in switchyards of 750 kV; complete: U.
        (Kind::HighVoltageSubstation, Slight)     => (0.95, normal(1.0, 0.5), 1, None),
        (Kind::HighVoltageSubstation, Moderate)   => (0.60, normal(3.0, 1.5), 1, Some(SwitchgearKit)),
        (Kind::HighVoltageSubstation, Extensive)  => (0.30, normal(13.0, 4.0), 3, Some(SwitchgearKit)),
        (Kind::HighVoltageSubstation, Complete)   => (0.00, TRANSFORMER_SWAP, 3, Some(Autotransformer)),

        // M.
        (Kind::PowerPlant, Slight)                => (0.80, normal(0.5, 0.1), 1, None),
        (Kind::PowerPlant, Moderate)              => (0.50, normal(3.6, 3.6), 1, Some(PlantKit)),
        (Kind::PowerPlant, Extensive)             => (0.10, normal(22.0, 21.0), 2, Some(PlantKit)),
        (Kind::PowerPlant, Complete)              => (0.00, normal(65.0, 30.0), 4, Some(PlantKit)),

        // A; complete: modular boilers on the site, 7 ± 3 days each set.
        (Kind::BoilerHouse, Slight)               => (0.80, normal(0.5, 0.1), 1, None),
        (Kind::BoilerHouse, Moderate)             => (0.50, normal(4.0, 3.0), 1, Some(Common)),
        (Kind::BoilerHouse, Extensive)            => (0.10, normal(22.0, 21.0), 2, Some(PlantKit)),
        (Kind::BoilerHouse, Complete)             => (0.00, normal(7.0, 3.0), 2, Some(ModularBoiler)),

        // H.
        (Kind::PumpingStation, Slight)            => (0.90, normal(0.9, 0.3), 1, None),
        (Kind::PumpingStation, Moderate)          => (0.50, normal(3.1, 2.7), 1, Some(Common)),
        (Kind::PumpingStation, Extensive)         => (0.10, normal(5.0, 3.0), 2, Some(PumpSet)),
        (Kind::PumpingStation, Complete)          => (0.00, normal(10.0, 3.0), 2, Some(PumpSet)),

        // H; complete: A, a new tank takes as long as a new substation.
        (Kind::WaterTank, Slight)                 => (1.00, normal(1.2, 0.4), 1, None),
        (Kind::WaterTank, Moderate)               => (0.80, normal(3.1, 2.7), 1, None),
        (Kind::WaterTank, Extensive)              => (0.00, normal(10.0, 3.0), 2, Some(Common)),
        (Kind::WaterTank, Complete)               => (0.00, normal(30.0, 15.0), 2, Some(Common)),

        // Slight, extensive, complete: I; moderate: R. Slight damage stays in service: A.
        (Kind::Line, Slight)                      => (1.00, normal(0.3, 0.2), 1, None),
        (Kind::Line, Moderate)                    => (0.00, lognormal(0.45, 0.2), 1, Some(Common)),
        (Kind::Line, Extensive)                   => (0.00, normal(3.0, 1.5), 2, Some(Common)),
        (Kind::Line, Complete)                    => (0.00, normal(7.0, 3.0), 3, Some(Common)),

        // Moderate: R; the others as lines: A.
        (Kind::Cable, Slight)                     => (1.00, normal(0.3, 0.2), 1, None),
        (Kind::Cable, Moderate)                   => (0.00, lognormal(1.0, 0.5), 1, Some(Common)),
        (Kind::Cable, Extensive)                  => (0.00, normal(3.0, 1.5), 2, Some(Common)),
        (Kind::Cable, Complete)                   => (0.00, normal(7.0, 3.0), 3, Some(Common)),

        // A: one break, several, a destroyed section; slight is a leak in service.
        (Kind::HeatMain, Slight)                  => (1.00, lognormal(0.5, 0.3), 1, None),
        (Kind::HeatMain, Moderate)                => (0.00, lognormal(1.5, 1.0), 1, Some(Common)),
        (Kind::HeatMain, Extensive)               => (0.00, lognormal(3.0, 2.0), 2, Some(Common)),
        (Kind::HeatMain, Complete)                => (0.00, lognormal(7.0, 4.0), 2, Some(Common)),

        // Moderate: I; slight is a leak in service, the others as several breaks: A.
        (Kind::WaterMain, Slight)                 => (1.00, lognormal(0.3, 0.1), 1, None),
        (Kind::WaterMain, Moderate)               => (0.00, lognormal(0.5, 0.2), 1, Some(Common)),
        (Kind::WaterMain, Extensive)              => (0.00, lognormal(1.0, 0.5), 2, Some(Common)),
        (Kind::WaterMain, Complete)               => (0.00, lognormal(3.0, 1.5), 2, Some(Common)),
    }
}

/// U: three weeks at best is the mode, two months the ordinary end of it.
const TRANSFORMER_SWAP: Distribution = Triangular { low: 14.0, mode: 21.0, high: 60.0 };

fn highest_kv(region: &Region, facility: &Facility) -> f64 {
    let grid = region.grid();
    let kv = |bus: crate::region::BusIdx| grid.buses[bus.i()].base_kv;
    facility
        .parts
        .iter()
        .map(|part| match *part {
            Asset::Bus(b) => kv(b),
            Asset::Branch(b) => {
                let branch = &grid.branches[b.i()];
                kv(branch.from).max(kv(branch.to))
            }
            Asset::Generator(_)
            | Asset::Pump(_)
            | Asset::Pipe(_)
            | Asset::Tank(_)
            | Asset::Plant(_)
            | Asset::HeatPipe(_)
            | Asset::Site(_) => 0.0,
        })
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_states_leave_less_and_take_longer() {
        for kind in Kind::ALL {
            let rows = DamageState::ALL.map(|state| row(kind, state, 20.0));
            for pair in rows.windows(2) {
                assert!(pair[0].functionality >= pair[1].functionality, "{kind:?}");
                assert!(pair[0].teams <= pair[1].teams, "{kind:?}");
                let work = |e: &Entry| e.repair_days.mean() * f64::from(e.teams);
                // A boiler house is not rebuilt: modular boilers stand in.
                if kind != Kind::BoilerHouse {
                    assert!(work(&pair[0]) < work(&pair[1]), "{kind:?}");
                }
            }
            for entry in rows {
                assert!((0.0..=1.0).contains(&entry.functionality));
                assert!(entry.teams > 0);
                assert_eq!(entry.spare.is_some(), entry.spare_count > 0, "{kind:?}");
                assert!(entry.repair_days.quantile(1e-6) > 0.0, "{kind:?}");
                assert!(entry.repair_days.quantile(1.0 - 1e-9).is_finite(), "{kind:?}");
            }
        }
    }

    #[test]
    fn boiler_houses_take_boilers_by_their_output() {
        let of = |size| row(Kind::BoilerHouse, DamageState::Complete, size).spare_count;
        assert_eq!(of(20.0), 8);
        assert_eq!(of(2.0), 1);
        assert_eq!(of(0.0), 1);
        assert_eq!(of(f64::NAN), 1);
        assert_eq!(row(Kind::PumpingStation, DamageState::Complete, 900.0).spare_count, 1);
    }
}
