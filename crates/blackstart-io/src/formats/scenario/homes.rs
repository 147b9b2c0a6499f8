//! `[homes]`: the model of buildings, emergency heaters, pipes that freeze.

use blackstart::scenario::{BuildingModel, DrainRule, EmergencyHeaters, HomePolicy, PipePolicy};

use super::{Reader, defaults};
use crate::toml_doc::Section;

/// Reads the numbers of a section that may not be there.
struct Numbers<'r, 'f, 's, 'd, 'a> {
    reader: &'r mut Reader<'f>,
    section: Option<&'s Section<'d, 'a>>,
}

impl Numbers<'_, '_, '_, '_, '_> {
    /// Sets `slot` to the number of `key`, or tells that its default was taken.
    fn read(
        &mut self,
        key: &'static str,
        slot: &mut f64,
        range: (f64, f64),
        unit: &str,
        source: &str,
    ) {
        let must = format!("from {} to {}{unit}", range.0, range.1);
        match self.section.and_then(|s| s.number_in(key, range.0..=range.1, &must)) {
            Some(value) => *slot = value,
            None if self.section.is_none_or(|s| s.get(key).is_none()) => {
                self.reader.assume(&format!("homes.{key}"), format!("{slot}{unit} ({source})"));
            }
            None => {}
        }
    }
}

const ASSUMPTION: &str = "assumption";

impl Reader<'_> {
    pub(super) fn homes(&mut self, section: Option<&Section<'_, '_>>) -> HomePolicy {
        let models = BuildingModel::ALL.map(|m| (m.word(), m));
        let model = section.and_then(|s| s.word("model", &models)).unwrap_or_default();
        let heaters = self.heaters(section);
        let freezes = section.and_then(|s| s.flag("freezing")).unwrap_or(true);
        let pipes = self.pipes(section, freezes);
        if let Some(section) = section {
            section.finish();
        }
        HomePolicy { model, heaters, pipes }
    }

    fn heaters(&mut self, section: Option<&Section<'_, '_>>) -> EmergencyHeaters {
        let mut h = EmergencyHeaters {
            electric_share: defaults::ELECTRIC_HEATER_SHARE,
            stove_share: defaults::BACKUP_STOVE_SHARE,
            ..EmergencyHeaters::default()
        };
        let mut numbers = Numbers { reader: self, section };
        let share = (0.0, 1.0);
        numbers.read("electric_heater_share", &mut h.electric_share, share, "", ASSUMPTION);
        numbers.read("electric_heater_kw", &mut h.electric_kw, (0.0, 20.0), " kW", ASSUMPTION);
        numbers.read("backup_stove_share", &mut h.stove_share, share, "", ASSUMPTION);
        numbers.read("backup_stove_kw", &mut h.stove_kw, (0.0, 20.0), " kW", ASSUMPTION);
        numbers.read("heaters_below_c", &mut h.below_c, (-50.0, 30.0), " °C", ASSUMPTION);
        let household = "2.58 in 2021, state statistics, as commonly cited";
        numbers.read("people_per_home", &mut h.people_per_home, (0.5, 20.0), "", household);
        h
    }

    /// Pipes; the keys are read in any case so that slips in them are told.
    fn pipes(&mut self, section: Option<&Section<'_, '_>>, freezes: bool) -> Option<PipePolicy> {
        let mut p = PipePolicy::default();
        let mut rule = DrainRule::default();
        let mut repair_days = p.burst_repair_h / 24.0;
        let drains = section.and_then(|s| s.flag("draining")).unwrap_or(true);
        let assumed = self.assumed.len();
        let mut numbers = Numbers { reader: self, section };
        let (hours, rules) = ((0.0, 8784.0), "Kyiv city, November 2022");
        numbers.read("drain_below_c", &mut rule.outdoor_c, (-50.0, 10.0), " °C", rules);
        numbers.read("drain_after_h", &mut rule.after_h, hours, " h", ASSUMPTION);
        let morning = "some 1,100 blocks in a morning, Kyiv, February 2026";
        numbers.read("drain_h", &mut rule.takes_h, (1.0, 8784.0), " h", morning);
        numbers.read("refill_h", &mut p.refill_h, (1.0, 8784.0), " h", ASSUMPTION);
        let ice = (0.01, 1.0);
        numbers.read("burst_ice_share", &mut p.burst_ice_share, ice, "", ASSUMPTION);
        let month = "more than a month for some 700 buildings, Alchevsk 2006";
        numbers.read("burst_repair_days", &mut repair_days, (0.1, 366.0), " days", month);
        p.burst_repair_h = repair_days * 24.0;
        p.drain = drains.then_some(rule);
        if !freezes {
            // What does not count is no assumption of the run.
            self.assumed.truncate(assumed);
        }
        freezes.then_some(p)
    }
}
