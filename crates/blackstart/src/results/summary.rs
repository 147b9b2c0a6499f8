//! Summaries of a run: the figures of the tiles and of the sentences on the terminal.

use super::{DEGREE_THRESHOLDS_C, FacilityState, INDOOR_THRESHOLDS_C, Results, SiteOutage};

use crate::region::{Region, SiteIdx};

/// Services in the order of [`Summary::services`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Electricity.
    Electricity,
    /// Heat.
    Heat,
    /// Water.
    Water,
}

/// One service over the whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSummary {
    /// Which.
    pub service: Service,
    /// Most people without it at once.
    pub worst_people: f64,
    /// The hour in which that was.
    pub worst_hour: usize,
    /// People without it in the last hour.
    pub last_people: f64,
    /// Person-hours without it.
    pub person_hours: f64,
    /// First hour from which at least 95 % of people have it to the end, if there is
    /// one; none while fewer do. 0 when it was never below.
    pub back_to_95_h: Option<usize>,
}

/// The figures that everything else is told by.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Residents.
    pub people: f64,
    /// Electricity, heat, water.
    pub services: [ServiceSummary; 3],
    /// Electricity not served, `MWh`.
    pub energy_not_served_mwh: f64,
    /// Heat not delivered, `MWh`.
    pub heat_not_delivered_mwh: f64,
    /// Water not supplied, m³.
    pub water_not_supplied_m3: f64,
    /// Person-hours below each of [`INDOOR_THRESHOLDS_C`].
    pub person_hours_below_c: [f64; INDOOR_THRESHOLDS_C.len()],
    /// Most people below each of them at once.
    pub worst_people_below_c: [f64; INDOOR_THRESHOLDS_C.len()],
    /// First hour in which anybody is below each of them.
    pub first_below_h: [Option<usize>; INDOOR_THRESHOLDS_C.len()],
    /// Persons times hours times kelvins below each of [`DEGREE_THRESHOLDS_C`].
    pub person_degree_hours_below_c: [f64; DEGREE_THRESHOLDS_C.len()],
    /// Most people at once in buildings whose heating is drained.
    pub worst_people_drained: f64,
    /// Most people at once in buildings whose heating has burst.
    pub worst_people_burst: f64,
    /// Most people at once whose taps are frozen or have burst.
    pub worst_people_taps_frozen: f64,
    /// Most electricity that emergency heaters got in an hour, MW.
    pub worst_emergency_heaters_mw: f64,
    /// Coldest indoor temperature: hour, area position, °C.
    pub coldest: Option<(usize, usize, f64)>,
    /// The hour in which the most people lack at least the worst of the services.
    pub worst_hour: usize,
    /// Facilities damaged, and repaired to full within the horizon.
    pub facilities_damaged: usize,
    /// See `facilities_damaged`.
    pub facilities_repaired: usize,
    /// Sites that ran dark.
    pub site_outages: Vec<SiteOutage>,
    /// Most sites on backup at once, and the hour.
    pub sites_on_backup_worst: (usize, usize),
    /// Hours with a degraded status, by network: grid, water, heat.
    pub degraded_hours: [usize; 3],
}

/// Sums a run up.
#[must_use]
pub fn summarise(region: &Region, results: &Results) -> Summary {
    let t = &results.totals;
    let people = region.people();
    let curves = [
        (Service::Electricity, &t.people_without_electricity),
        (Service::Heat, &t.people_without_heat),
        (Service::Water, &t.people_without_water),
    ];
    let services = curves.map(|(service, curve)| summarise_service(service, curve, people));
    let worst_hour = (0..results.hours)
        .map(|h| curves.iter().map(|(_, c)| c[h]).sum::<f64>())
        .enumerate()
        .fold((0, 0.0), |best, (h, sum)| if sum > best.1 { (h, sum) } else { best })
        .0;
    let areas = region.places().areas.len();
    let mut coldest = None;
    for h in 0..results.hours {
        for a in 0..areas {
            let c = results.places.indoor_min_c[h * areas + a];
            if c.is_finite() && coldest.is_none_or(|(_, _, best)| c < best) {
                coldest = Some((h, a, c));
            }
        }
    }
    let most = |column: &[f64]| column.iter().fold(0.0, |a: f64, &b| a.max(b));
    let gap = |want: &[f64], got: &[f64]| want.iter().zip(got).map(|(w, g)| w - g).sum::<f64>();
    let (site_outages, sites_on_backup_worst) = site_figures(region, results);
    let repaired = results.repairs.iter().filter(|r| r.end_h.is_some()).count();
    Summary {
        people,
        services,
        energy_not_served_mwh: gap(&t.demand_mw, &t.served_mw),
        heat_not_delivered_mwh: gap(&t.heat_demand_mw, &t.heat_delivered_mw),
        water_not_supplied_m3: gap(&t.water_demand_m3h, &t.water_supplied_m3h),
        person_hours_below_c: std::array::from_fn(|k| t.people_below_c[k].iter().sum()),
        worst_people_below_c: std::array::from_fn(|k| most(&t.people_below_c[k])),
        first_below_h: std::array::from_fn(|k| t.people_below_c[k].iter().position(|&p| p >= 0.5)),
        person_degree_hours_below_c: std::array::from_fn(|k| t.person_k_below_c[k].iter().sum()),
        worst_people_drained: most(&t.people_drained),
        worst_people_burst: most(&t.people_burst),
        worst_people_taps_frozen: most(&t.people_taps_frozen),
        worst_emergency_heaters_mw: most(&t.emergency_heaters_mw),
        coldest,
        worst_hour,
        facilities_damaged: results.repairs.len(),
        facilities_repaired: repaired,
        site_outages,
        sites_on_backup_worst,
        degraded_hours: [&t.grid_status, &t.water_status, &t.heat_status]
            .map(|s| s.iter().filter(|s| s.is_degraded()).count()),
    }
}

fn summarise_service(service: Service, without: &[f64], people: f64) -> ServiceSummary {
    let worst = without
        .iter()
        .enumerate()
        .fold((0, 0.0), |best, (h, &p)| if p > best.1 { (h, p) } else { best });
    // "Back" means for good: a service that returns for an hour is not back.
    let last_bad = without.iter().rposition(|&p| p > 0.05 * people);
    let back = match last_bad {
        None => Some(0),
        Some(h) if h + 1 < without.len() => Some(h + 1),
        Some(_) => None,
    };
    ServiceSummary {
        service,
        worst_people: worst.1,
        worst_hour: worst.0,
        last_people: without.last().copied().unwrap_or(0.0),
        person_hours: without.iter().sum(),
        back_to_95_h: back,
    }
}

fn site_figures(region: &Region, results: &Results) -> (Vec<SiteOutage>, (usize, usize)) {
    let sites = region.places().sites.len();
    let mut outages = Vec::new();
    for s in 0..sites {
        let dark = (0..results.hours)
            .filter(|h| results.sites.state[h * sites + s] == FacilityState::Dark);
        let mut hours = 0;
        let mut first = None;
        for h in dark {
            first.get_or_insert(h);
            hours += 1;
        }
        if let Some(dark_from_h) = first {
            outages.push(SiteOutage { site: SiteIdx::new(s), dark_from_h, dark_hours: hours });
        }
    }
    let mut worst = (0, 0);
    for h in 0..results.hours {
        let on = results.sites.state[h * sites..(h + 1) * sites]
            .iter()
            .filter(|s| **s == FacilityState::Backup)
            .count();
        if on > worst.0 {
            worst = (on, h);
        }
    }
    (outages, worst)
}
