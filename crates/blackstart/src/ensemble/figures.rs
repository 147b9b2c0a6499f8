//! What is kept of one run in an ensemble.

use crate::region::Region;
use crate::results::{INDOOR_THRESHOLDS_C, Results, Summary, WITHOUT_WATER_BELOW};

/// The figures of one run: one draw under one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Person-hours without electricity, heat, water.
    pub person_hours_without: [f64; 3],
    /// Person-hours in homes below each of [`INDOOR_THRESHOLDS_C`].
    pub person_hours_below_c: [f64; INDOOR_THRESHOLDS_C.len()],
    /// Electricity not served, `MWh`.
    pub energy_not_served_mwh: f64,
    /// Heat not delivered, `MWh`.
    pub heat_not_delivered_mwh: f64,
    /// Water not supplied, m³.
    pub water_not_supplied_m3: f64,
    /// First hour from which at least 95 % of people have electricity, heat, water to the
    /// end; none where that is not within the horizon.
    pub back_to_95_h: [Option<usize>; 3],
    /// By area: person-hours without electricity, below 16 °C, and without water.
    pub area_person_hours: [Vec<f64>; 3],
    /// Position of the worst area: most hours per person, the three of
    /// `area_person_hours` added up; none without people.
    pub worst_area: Option<usize>,
    /// Repairs begun by damage; one facility may count more than once.
    pub facilities_damaged: usize,
    /// Hours computed.
    pub hours: usize,
    /// Hours in which a network could not be computed to tolerance: grid, water, heat.
    pub degraded_hours: [usize; 3],
}

impl Figures {
    /// Picks the figures out of a run.
    #[must_use]
    pub fn of(region: &Region, results: &Results, summary: &Summary) -> Self {
        let areas = &region.places().areas;
        let mut area_person_hours = [(); 3].map(|()| vec![0.0; areas.len()]);
        let [dark, cold, dry] = &mut area_person_hours;
        let below_16 = &results.places.people_below_c[BELOW_16];
        for (row, ((electricity, water), below)) in results
            .places
            .electricity_share
            .iter()
            .zip(&results.places.water_share)
            .zip(below_16)
            .enumerate()
        {
            let a = row % areas.len();
            dark[a] += areas[a].people * (1.0 - electricity);
            cold[a] += below;
            dry[a] += if *water < WITHOUT_WATER_BELOW { areas[a].people } else { 0.0 };
        }
        let per_person = |a: usize| (dark[a] + cold[a] + dry[a]) / areas[a].people;
        let worst_area = (0..areas.len())
            .filter(|&a| areas[a].people > 0.0)
            .reduce(|best, a| if per_person(a) > per_person(best) { a } else { best });
        Self {
            person_hours_without: summary.services.each_ref().map(|s| s.person_hours),
            person_hours_below_c: summary.person_hours_below_c,
            energy_not_served_mwh: summary.energy_not_served_mwh,
            heat_not_delivered_mwh: summary.heat_not_delivered_mwh,
            water_not_supplied_m3: summary.water_not_supplied_m3,
            back_to_95_h: summary.services.each_ref().map(|s| s.back_to_95_h),
            area_person_hours,
            worst_area,
            facilities_damaged: summary.facilities_damaged,
            hours: results.hours,
            degraded_hours: summary.degraded_hours,
        }
    }

    /// The value of one quantity.
    #[must_use]
    pub fn value(&self, quantity: Quantity) -> f64 {
        let days_to_95 =
            |s: usize| self.back_to_95_h[s].unwrap_or(self.hours) as f64 / HOURS_PER_DAY;
        match quantity {
            Quantity::WithoutElectricity => self.person_hours_without[0],
            Quantity::WithoutHeat => self.person_hours_without[1],
            Quantity::WithoutWater => self.person_hours_without[2],
            Quantity::Below16 => self.person_hours_below_c[BELOW_16],
            Quantity::Below12 => self.person_hours_below_c[BELOW_12],
            Quantity::EnergyNotServed => self.energy_not_served_mwh,
            Quantity::ElectricityTo95 => days_to_95(0),
            Quantity::HeatTo95 => days_to_95(1),
            Quantity::WaterTo95 => days_to_95(2),
        }
    }
}

const HOURS_PER_DAY: f64 = 24.0;
/// Positions in [`INDOOR_THRESHOLDS_C`].
const BELOW_16: usize = 1;
const BELOW_12: usize = 2;
const _: () =
    assert!(INDOOR_THRESHOLDS_C[BELOW_16] == 16.0 && INDOOR_THRESHOLDS_C[BELOW_12] == 12.0);

/// What policies are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Person-hours without electricity.
    WithoutElectricity,
    /// Person-hours without heat.
    WithoutHeat,
    /// Person-hours without water.
    WithoutWater,
    /// Person-hours in homes below 16 °C.
    Below16,
    /// Person-hours in homes below 12 °C.
    Below12,
    /// Electricity not served, `MWh`.
    EnergyNotServed,
    /// Days until at least 95 % of people have electricity to the end; the horizon where
    /// that is not reached, so it is a lower bound then.
    ElectricityTo95,
    /// The same for heat.
    HeatTo95,
    /// The same for water.
    WaterTo95,
}

impl Quantity {
    /// All, in the order of tables.
    pub const ALL: [Self; 9] = [
        Self::WithoutElectricity,
        Self::WithoutHeat,
        Self::WithoutWater,
        Self::Below16,
        Self::Below12,
        Self::EnergyNotServed,
        Self::ElectricityTo95,
        Self::HeatTo95,
        Self::WaterTo95,
    ];

    /// Name of its column in files, with its unit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::WithoutElectricity => "without_electricity_person_h",
            Self::WithoutHeat => "without_heat_person_h",
            Self::WithoutWater => "without_water_person_h",
            Self::Below16 => "below_16c_person_h",
            Self::Below12 => "below_12c_person_h",
            Self::EnergyNotServed => "energy_not_served_mwh",
            Self::ElectricityTo95 => "electricity_to_95_percent_days",
            Self::HeatTo95 => "heat_to_95_percent_days",
            Self::WaterTo95 => "water_to_95_percent_days",
        }
    }
}
