//! What a run comes to, picked from results: shared by the tiles, the map and the
//! sentences on the terminal.

use crate::ReportInput;
use crate::format::Clock;
use crate::icons::Mark;
use blackstart::region::{Asset, FacilityClass, SiteKind};
use blackstart::results::{FacilityState, INDOOR_THRESHOLDS_C, Service};
use blackstart::scenario::{Munition, Spare};

/// Words for a service.
pub(crate) const fn service_word(service: Service) -> &'static str {
    match service {
        Service::Electricity => "electricity",
        Service::Heat => "heat",
        Service::Water => "water",
    }
}

/// The three services, in the order of tables.
pub(crate) const SERVICES: [Service; 3] = [Service::Electricity, Service::Heat, Service::Water];

/// Words for a class of facility.
pub(crate) const fn class_word(class: FacilityClass) -> &'static str {
    match class {
        FacilityClass::Substation => "substation",
        FacilityClass::PowerPlant => "power plant",
        FacilityClass::BoilerHouse => "boiler house",
        FacilityClass::PumpingStation => "pumping station",
        FacilityClass::WaterTank => "water tank",
        FacilityClass::Line => "power line",
        FacilityClass::Cable => "power cable",
        FacilityClass::HeatMain => "heat main",
        FacilityClass::WaterMain => "water main",
    }
}

/// The same in the plural.
pub(crate) const fn class_words(class: FacilityClass) -> &'static str {
    match class {
        FacilityClass::Substation => "substations",
        FacilityClass::PowerPlant => "power plants",
        FacilityClass::BoilerHouse => "boiler houses",
        FacilityClass::PumpingStation => "pumping stations",
        FacilityClass::WaterTank => "water tanks",
        FacilityClass::Line => "power lines",
        FacilityClass::Cable => "power cables",
        FacilityClass::HeatMain => "heat mains",
        FacilityClass::WaterMain => "water mains",
    }
}

/// Words for a kind of site.
pub(crate) const fn site_word(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::Hospital => "hospital",
        SiteKind::WarmingPoint => "warming point",
        SiteKind::School => "school",
        SiteKind::Rescue => "fire and rescue",
        SiteKind::Telecom => "telephone and data",
        SiteKind::Wastewater => "wastewater",
        SiteKind::Other => "other",
    }
}

/// Words for a class of weapon.
pub(crate) const fn munition_words(m: Munition) -> &'static str {
    match m {
        Munition::MissileCruise => "cruise missiles",
        Munition::MissileCruiseSea => "cruise missiles from the sea",
        Munition::MissileBallistic => "ballistic missiles",
        Munition::Drone => "drones",
    }
}

/// Words for a spare.
pub(crate) const fn spare_word(spare: Spare) -> &'static str {
    match spare {
        Spare::Autotransformer => "large transformer",
        Spare::SwitchgearKit => "switchgear",
        Spare::PlantKit => "plant parts",
        Spare::ModularBoiler => "modular boiler",
        Spare::PumpSet => "pump set",
        Spare::Common => "common stock",
    }
}

/// The facts behind report and summary.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) input: ReportInput<'a>,
    pub(crate) clock: Clock,
    pub(crate) areas: usize,
    pub(crate) sites: usize,
    pub(crate) facilities: usize,
    pub(crate) hours: usize,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(input: &ReportInput<'a>) -> Self {
        Self {
            input: *input,
            clock: Clock::new(input.scenario.start),
            areas: input.region.places().areas.len(),
            sites: input.region.places().sites.len(),
            facilities: input.region.facilities().len(),
            hours: input.results.hours,
        }
    }

    /// True when the region says how this service reaches people at all.
    pub(crate) fn has(&self, service: Service) -> bool {
        let places = self.input.region.places();
        match service {
            Service::Electricity => places.areas.iter().any(|a| a.bus.is_some()),
            Service::Heat => !places.stock.is_empty(),
            Service::Water => places.areas.iter().any(|a| a.junction.is_some()),
        }
    }

    /// Share of a service in area `a` and hour `h`, 0 … 1; NaN when unknown.
    pub(crate) fn share(&self, service: Service, h: usize, a: usize) -> f64 {
        let places = &self.input.results.places;
        let area = &self.input.region.places().areas[a];
        let (column, served) = match service {
            Service::Electricity => (&places.electricity_share, area.bus.is_some()),
            Service::Heat => (&places.heat_share, true),
            Service::Water => (&places.water_share, area.junction.is_some()),
        };
        let value = column.get(h * self.areas + a).copied().unwrap_or(f64::NAN);
        if served { value.clamp(0.0, 1.0) } else { f64::NAN }
    }

    /// Share that is missing of the service that area `a` misses most in hour `h`.
    pub(crate) fn worst_missing(&self, h: usize, a: usize) -> f64 {
        SERVICES
            .iter()
            .filter(|s| self.has(**s))
            .map(|s| 1.0 - self.share(*s, h, a))
            .filter(|m| m.is_finite())
            .fold(f64::NAN, f64::max)
    }

    /// People without a service by hour.
    pub(crate) fn curve(&self, service: Service) -> &'a [f64] {
        let t = &self.input.results.totals;
        let curve = match service {
            Service::Electricity => &t.people_without_electricity,
            Service::Heat => &t.people_without_heat,
            Service::Water => &t.people_without_water,
        };
        &curve[..curve.len().min(self.hours)]
    }

    /// State of facility `f` in hour `h`.
    pub(crate) fn facility_state(&self, h: usize, f: usize) -> Option<FacilityState> {
        self.input.results.facilities.state.get(h * self.facilities + f).copied()
    }

    /// State of site `s` in hour `h`.
    pub(crate) fn site_state(&self, h: usize, s: usize) -> Option<FacilityState> {
        self.input.results.sites.state.get(h * self.sites + s).copied()
    }

    /// How a service fared over the whole run: mark and words.
    pub(crate) fn verdict(&self, service: Service) -> (Mark, String) {
        let s = &self.input.summary.services[service as usize];
        if self.hours == 0 {
            return (Mark::Unknown, "not computed".to_owned());
        }
        if !self.has(service) || !s.worst_people.is_finite() {
            return (Mark::Unknown, "no data".to_owned());
        }
        match s.back_to_95_h {
            Some(0) if s.worst_people < 0.5 => (Mark::Fine, "stable".to_owned()),
            Some(0) => (Mark::Fine, "over 95\u{202f}% served".to_owned()),
            Some(_) => (Mark::Warning, "lost, then back".to_owned()),
            None => (Mark::Lost, "not back".to_owned()),
        }
    }

    /// The lowest threshold of indoor temperature that homes fell below, with the hour.
    pub(crate) fn coldest_threshold(&self) -> Option<(f64, usize)> {
        let first = &self.input.summary.first_below_h;
        (0..INDOOR_THRESHOLDS_C.len())
            .rev()
            .find_map(|k| first[k].map(|h| (INDOOR_THRESHOLDS_C[k], h)))
    }

    /// The first water tank that runs empty though it is whole, with the hour.
    pub(crate) fn first_empty_tank(&self) -> Option<(usize, usize)> {
        let tanks: Vec<usize> = (0..self.facilities)
            .filter(|&f| {
                let facility = &self.input.region.facilities()[f];
                facility.class == FacilityClass::WaterTank
                    && facility.parts.iter().any(|p| matches!(p, Asset::Tank(_)))
            })
            .collect();
        (0..self.hours).find_map(|h| {
            tanks
                .iter()
                .find(|&&f| self.facility_state(h, f) == Some(FacilityState::Dark))
                .map(|&f| (f, h))
        })
    }

    /// Least water in all tanks: share of the first hour's, with the hour.
    pub(crate) fn lowest_tanks(&self) -> Option<(f64, usize)> {
        let volume = &self.input.results.totals.tank_volume_m3;
        let first = volume.first().copied().filter(|v| *v > 0.0)?;
        volume
            .iter()
            .enumerate()
            .filter(|(_, v)| v.is_finite())
            .min_by(|a, b| a.1.total_cmp(b.1))
            .map(|(h, v)| (v / first, h))
    }

    /// The site whose going dark is worth telling: the first hospital, else the first
    /// that had a backup, else the first. Position in `site_outages`.
    pub(crate) fn first_dark_site(&self) -> Option<usize> {
        let outages = &self.input.summary.site_outages;
        let sites = &self.input.region.places().sites;
        (0..outages.len()).min_by_key(|&i| {
            let rank = sites.get(outages[i].site.i()).map_or(3, |s| {
                if s.kind == SiteKind::Hospital {
                    0
                } else if s.backup_h > 0.0 {
                    1
                } else {
                    2
                }
            });
            (rank, outages[i].dark_from_h)
        })
    }

    /// Sites without any supply at once, at most: number and hour.
    pub(crate) fn most_dark_sites(&self) -> (usize, usize) {
        (0..self.hours).fold((0, 0), |best, h| {
            let dark = (0..self.sites)
                .filter(|&s| self.site_state(h, s) == Some(FacilityState::Dark))
                .count();
            if dark > best.0 { (dark, h) } else { best }
        })
    }

    /// Electricity asked for over the run, MWh.
    pub(crate) fn asked_mwh(&self) -> f64 {
        self.input.results.totals.demand_mw.iter().sum()
    }

    /// The hour in which the most electricity was missing, and how much, MW.
    pub(crate) fn largest_gap_mw(&self) -> (f64, usize) {
        let t = &self.input.results.totals;
        t.demand_mw
            .iter()
            .zip(&t.served_mw)
            .map(|(want, got)| want - got)
            .enumerate()
            .fold((0.0, 0), |best, (h, gap)| if gap > best.0 { (gap, h) } else { best })
    }

    /// Hours in which an area gets less than half of a service.
    pub(crate) fn hours_without(&self, service: Service, a: usize) -> usize {
        (0..self.hours).filter(|&h| self.share(service, h, a) < 0.5).count()
    }

    /// The coldest home of an area: °C and hour.
    pub(crate) fn coldest_home(&self, a: usize) -> Option<(f64, usize)> {
        let mut coldest: Option<(f64, usize)> = None;
        for h in 0..self.hours {
            let column = &self.input.results.places.indoor_min_c;
            let c = column.get(h * self.areas + a).copied().unwrap_or(f64::NAN);
            if c.is_finite() && coldest.is_none_or(|(best, _)| c < best) {
                coldest = Some((c, h));
            }
        }
        coldest
    }

    /// Hours with a degraded status, collapsed to runs of the same words:
    /// network, first hour, last hour, words.
    pub(crate) fn degraded_runs(&self) -> Vec<(&'static str, usize, usize, String)> {
        let t = &self.input.results.totals;
        let mut runs: Vec<(&'static str, usize, usize, String)> = Vec::new();
        for (network, column) in
            [("electricity", &t.grid_status), ("water", &t.water_status), ("heat", &t.heat_status)]
        {
            for (h, status) in column.iter().enumerate().filter(|(_, s)| s.is_degraded()) {
                let words = match status.word() {
                    "not_converged" => format!("not solved: {}", status.detail()),
                    _ => format!("solved after relaxing: {}", status.detail()),
                };
                match runs.last_mut() {
                    Some(run) if run.0 == network && run.2 + 1 == h && run.3 == words => run.2 = h,
                    _ => runs.push((network, h, h, words)),
                }
            }
        }
        runs
    }
}
