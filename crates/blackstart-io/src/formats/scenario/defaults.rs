//! What fills the gaps of a scenario, each with its source.

use blackstart::region::FacilityClass;
use blackstart::scenario::{ByMunition, Spare};

/// Repair teams by day per million people: 160 teams in a city of about three million
/// (Kyiv, 21 January 2026, statement of the city).
pub(super) const TEAMS_DAY_PER_MILLION: f64 = 53.0;

/// By night: 52 of the 160.
pub(super) const TEAMS_NIGHT_PER_MILLION: f64 = 17.0;

/// Mobile generators at critical points per million people: 124 in the same city.
pub(super) const MOBILE_GENERATORS_PER_MILLION: f64 = 40.0;

/// Residents of the country whose counts of strikes are public; a region's share of the
/// hits is taken to be its share of the people. Peak demand of 18.5 GW (IEA, 2024) at
/// 0.57 kW per person gives about 32 million.
pub(super) const NATION_PEOPLE: f64 = 32e6;

/// Share shot down or lost, November 2024 to March 2025, from the daily reports of the
/// air force: cruise missiles 0.77 of 576 (those from the sea are not told apart),
/// ballistic 0.20 of 153, drones 0.95 of 14,970.
pub(crate) const INTERCEPTED: ByMunition<f64> = [0.77, 0.20, 0.95, 0.77];

/// Relative odds of classes, an assumption: published counts name substations and power
/// plants most often, boiler houses and pumping stations at times, lines hardly ever.
pub(super) const CLASS_ODDS: [(FacilityClass, f64); 9] = [
    (FacilityClass::Substation, 5.0),
    (FacilityClass::PowerPlant, 3.0),
    (FacilityClass::BoilerHouse, 1.0),
    (FacilityClass::PumpingStation, 0.5),
    (FacilityClass::WaterTank, 0.0),
    (FacilityClass::Line, 0.25),
    (FacilityClass::Cable, 0.0),
    (FacilityClass::HeatMain, 0.25),
    (FacilityClass::WaterMain, 0.0),
];

/// Odds of the states of a facility that was hit and that nobody has looked at: an
/// assumption, those of a drone's hit.
pub(super) const UNKNOWN_ODDS: [f64; 4] = DRONE_ODDS;

/// Odds of slight, moderate, extensive, complete by class of weapon: an assumption. A
/// missile's warhead is about ten times a drone's; no published counts by state exist.
pub(super) const STATE_ODDS: ByMunition<[f64; 4]> =
    [CRUISE_ODDS, [0.10, 0.30, 0.40, 0.20], DRONE_ODDS, CRUISE_ODDS];

const DRONE_ODDS: [f64; 4] = [0.45, 0.40, 0.13, 0.02];

const CRUISE_ODDS: [f64; 4] = [0.15, 0.35, 0.35, 0.15];

/// Spares per million people, an assumption but for the first two: one or two
/// autotransformers are what an operator keeps per region of a million (they weigh
/// 200–300 t); modular boilers are this region's share of 239 units in the country.
pub(super) const SPARES_PER_MILLION: [(Spare, f64); 6] = [
    (Spare::Autotransformer, 1.5),
    (Spare::ModularBoiler, 239.0 / 32.0),
    (Spare::SwitchgearKit, 8.0),
    (Spare::PlantKit, 3.0),
    (Spare::PumpSet, 6.0),
    (Spare::Common, 200.0),
];

/// Hours before anybody may enter after a strike; operators only say that work starts
/// when security permits. An assumption.
pub(super) const ACCESS_DELAY_H: f64 = 4.0;

/// First hour of the day shift and of the night shift, an assumption.
pub(super) const SHIFTS: (u32, u32) = (8, 20);

/// Length of a turn of outage queues, h: one queue is off for four hours at a time.
pub(super) const TURN_H: u32 = 4;

/// Share of homes with an electric heater that is used in an outage of heat: an assumption.
/// Shops sold out and grids were overloaded by them in every outage of heat that was reported
/// on; no count of homes was found.
pub(super) const ELECTRIC_HEATER_SHARE: f64 = 0.3;

/// Share of homes with district or gas heating that have a stove besides: an assumption.
pub(super) const BACKUP_STOVE_SHARE: f64 = 0.0;

/// What overhead lines were built for: 15 mm of ice with 15 m/s of wind, an assumption. Codes
/// have zones from 10 mm to above 30 mm; older lines were built for less than today's.
pub(super) const DESIGN_ICE_MM: f64 = 15.0;

/// See [`DESIGN_ICE_MM`].
pub(super) const DESIGN_WIND_M_S: f64 = 15.0;

/// Wind while ice is on the lines where nothing is said of it, an assumption.
pub(super) const ICE_WIND_M_S: f64 = 8.0;

/// How far around a point its depth of water is taken to hold, km: an assumption.
pub(super) const FLOOD_REACH_KM: f64 = 1.0;

/// How long water stands, h: an assumption.
pub(super) const FLOOD_STANDS_H: f64 = 48.0;
