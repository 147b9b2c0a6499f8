//! `run.json`: what was computed, from what, with which assumptions, and how it ended.

use blackstart::results::{
    DEGREE_THRESHOLDS_C, HourStatus, INDOOR_THRESHOLDS_C, Service, ServiceSummary, Summary,
};
use blackstart::scenario::{
    ByMunition, CascadeModel, DrainRule, HomePolicy, Munition, Recovery, Scenario, Shedding, Skill,
    Spare, TemporaryFix,
};
use serde_json::{Map, Value, json};

use super::WriteInput;
use super::folder::PROGRAM;
use super::tables::local_time;

/// Changes with every change of the output's form.
pub(super) const FORMAT: u32 = 1;

/// The file; `files` are the names of all files of the folder.
pub(super) fn run_json(input: &WriteInput<'_>, files: &[&str]) -> Vec<u8> {
    let mut top = Object::default();
    let origin = input.provenance;
    top.set("program", PROGRAM);
    top.set("version", &*origin.version);
    top.set("format", FORMAT);
    top.set("notice", "Model result, not live data.");
    if let Some(created) = &origin.created {
        top.set("created", &**created);
    }
    top.set("files", files);
    let file = |f: &super::InputFile| json!({"name": f.name, "sha256": f.sha256});
    top.set("inputs", origin.inputs.iter().map(file).collect::<Vec<_>>());
    top.set("input_notes", &origin.notes);
    top.set("seed", input.scenario.seed);
    let setting = |(name, value): &(String, String)| json!({"name": name, "value": value});
    top.set("settings", origin.settings.iter().map(setting).collect::<Vec<_>>());
    top.set("region", region(input));
    top.set("scenario", scenario(input));
    let assumed = |a: &blackstart::scenario::Assumed| json!({"key": a.key, "text": a.text});
    top.set("assumptions", input.scenario.assumed.iter().map(assumed).collect::<Vec<_>>());
    let note = |n: &blackstart::region::Note| json!({"table": n.table.word(), "text": n.text});
    top.set("notes", input.region.notes().iter().map(note).collect::<Vec<_>>());
    top.set("summary", summary(input));
    top.set("hour_statuses", statuses(input));
    top.set("strikes", strikes(input));
    top.set("damage", damage(input));
    top.set("repairs", repairs(input));
    top.bytes()
}

/// A JSON object whose keys stay in the order in which they were set.
#[derive(Default)]
pub(super) struct Object(Vec<(&'static str, Value)>);

impl Object {
    pub fn set(&mut self, key: &'static str, value: impl serde::Serialize) {
        // Infinite and missing numbers become null; nothing here can fail otherwise.
        self.0.push((key, serde_json::to_value(value).unwrap_or(Value::Null)));
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = b"{".to_vec();
        for (i, (key, value)) in self.0.iter().enumerate() {
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            let comma = if i == 0 { "\n" } else { ",\n" };
            out.extend_from_slice(comma.as_bytes());
            out.extend_from_slice(format!("  \"{key}\": ").as_bytes());
            out.extend_from_slice(text.replace('\n', "\n  ").as_bytes());
        }
        out.extend_from_slice(b"\n}\n");
        out
    }
}

fn region(input: &WriteInput<'_>) -> Value {
    let r = input.region;
    json!({
        "name": r.name(),
        "people": r.people(),
        "areas": r.places().areas.len(),
        "sites": r.places().sites.len(),
        "buses": r.grid().buses.len(),
        "branches": r.grid().branches.len(),
        "generators": r.grid().generators.len(),
        "water_nodes": r.water().node_count(),
        "pipes": r.water().pipes.len(),
        "pumps": r.water().pumps.len(),
        "heat_pipes": r.heat().pipes.len(),
        "plants": r.heat().plants.len(),
        "facilities": r.facilities().len(),
        "dependencies": r.dependencies().len(),
    })
}

fn scenario(input: &WriteInput<'_>) -> Value {
    let mut value = scenario_without_cascade(input);
    if let Some(model) = input.scenario.policy.cascade {
        let word = match model {
            CascadeModel::Dc => "dc",
            CascadeModel::Ac => "ac",
        };
        value["policy"]["cascade"] = word.into();
    }
    value
}

fn scenario_without_cascade(input: &WriteInput<'_>) -> Value {
    let s: &Scenario = input.scenario;
    let event = |e: &blackstart::scenario::Event| json!({"name": e.name, "at_h": e.at_h, "kind": e.kind.word()});
    let (repair, policy) = (&s.repair, &s.policy);
    let (shedding, turn_h) = match policy.shedding {
        Shedding::Proportional => ("proportional", None),
        Shedding::Queues { turn_h } => ("queues", Some(turn_h)),
    };
    let stock: Map<String, Value> = Spare::ALL
        .iter()
        .zip(repair.spares)
        .map(|(spare, count)| (spare.word().to_owned(), count.into()))
        .collect();
    let delivery = |d: &blackstart::scenario::Delivery| json!({"at_h": d.at_h, "spare": d.spare.word(), "count": d.count});
    json!({
        "name": s.name,
        "start": local_time(s, 0.0),
        "horizon_h": s.horizon_h,
        "hours_computed": input.results.hours,
        "interrupted": input.results.hours < s.horizon_h as usize,
        "demand_factor": s.demand_factor,
        "events": s.events.iter().map(event).collect::<Vec<_>>(),
        "repair": {
            "teams_day": repair.teams_day,
            "teams_night": repair.teams_night,
            "day_from_h": repair.day_from_h,
            "day_to_h": repair.day_to_h,
            "access_delay_h": repair.access_delay_h,
            "priority": repair.rule.word(),
            "spares": stock,
            "deliveries": repair.deliveries.iter().map(delivery).collect::<Vec<_>>(),
            "recovery": recovery(&repair.recovery),
        },
        "policy": {
            "shedding": shedding,
            "turn_h": turn_h,
            "grid": policy.grid.word(),
            "import_share": policy.import_share,
            "mobile_generators": policy.mobile_generators,
            "mobile_generator_delay_h": policy.mobile_generator_delay_h,
            "backup_refuel_h_per_day": policy.backup_refuel_h_per_day,
            "plant_fuel_share": policy.plant_fuel_share,
            "indoor_set_c": policy.indoor_set_c,
            "homes": homes(&policy.homes),
        },
    })
}

fn homes(policy: &HomePolicy) -> Value {
    let h = &policy.heaters;
    let drain = |d: DrainRule| json!({"outdoor_c": d.outdoor_c, "after_h": d.after_h, "takes_h": d.takes_h});
    json!({
        "model": policy.model.word(),
        "electric_heater_share": h.electric_share,
        "electric_heater_kw": h.electric_kw,
        "backup_stove_share": h.stove_share,
        "backup_stove_kw": h.stove_kw,
        "heaters_below_c": h.below_c,
        "people_per_home": h.people_per_home,
        "pipes": policy.pipes.map(|p| json!({
            "drain": p.drain.map(drain),
            "refill_h": p.refill_h,
            "burst_ice_share": p.burst_ice_share,
            "burst_repair_h": p.burst_repair_h,
        })),
    })
}

fn summary(input: &WriteInput<'_>) -> Value {
    let s: &Summary = input.summary;
    let service = |v: &ServiceSummary| {
        json!({
            "service": match v.service {
                Service::Electricity => "electricity",
                Service::Heat => "heat",
                Service::Water => "water",
            },
            "worst_people": v.worst_people,
            "worst_hour": v.worst_hour,
            "last_people": v.last_people,
            "person_hours": v.person_hours,
            "back_to_95_h": v.back_to_95_h,
        })
    };
    let below: Vec<Value> = (0..INDOOR_THRESHOLDS_C.len())
        .map(|k| {
            json!({
                "below_c": INDOOR_THRESHOLDS_C[k],
                "person_hours": s.person_hours_below_c[k],
                "worst_people": s.worst_people_below_c[k],
                "first_hour": s.first_below_h[k],
            })
        })
        .collect();
    let degrees: Vec<Value> = DEGREE_THRESHOLDS_C
        .iter()
        .zip(s.person_degree_hours_below_c)
        .map(|(c, sum)| json!({"below_c": c, "person_k_h": sum}))
        .collect();
    let places = input.region.places();
    let coldest = s.coldest.map(|(hour, area, indoor_c)| {
        let area = places.areas.get(area).map(|a| a.id.as_str());
        json!({"hour": hour, "area": area, "indoor_c": indoor_c})
    });
    let outage = |o: &blackstart::results::SiteOutage| {
        json!({
            "site": places.sites[o.site.i()].id,
            "dark_from_h": o.dark_from_h,
            "dark_hours": o.dark_hours,
        })
    };
    json!({
        "people": s.people,
        "services": s.services.iter().map(service).collect::<Vec<_>>(),
        "energy_not_served_mwh": s.energy_not_served_mwh,
        "heat_not_delivered_mwh": s.heat_not_delivered_mwh,
        "water_not_supplied_m3": s.water_not_supplied_m3,
        "indoor": below,
        "person_degree_hours": degrees,
        "worst_people_drained": s.worst_people_drained,
        "worst_people_burst": s.worst_people_burst,
        "worst_people_taps_frozen": s.worst_people_taps_frozen,
        "worst_emergency_heaters_mw": s.worst_emergency_heaters_mw,
        "coldest": coldest,
        "worst_hour": s.worst_hour,
        "worst_hour_time": local_time(input.scenario, s.worst_hour as f64),
        "facilities_damaged": s.facilities_damaged,
        "facilities_repaired": s.facilities_repaired,
        "site_outages": s.site_outages.iter().map(outage).collect::<Vec<_>>(),
        "sites_on_backup_worst": s.sites_on_backup_worst.0,
        "sites_on_backup_worst_hour": s.sites_on_backup_worst.1,
        "degraded_hours": {
            "grid": s.degraded_hours[0],
            "water": s.degraded_hours[1],
            "heat": s.degraded_hours[2],
        },
    })
}

/// How teams work.
fn recovery(r: &Recovery) -> Value {
    let skills: Map<String, Value> = Skill::ALL
        .iter()
        .zip(r.skilled)
        .map(|(skill, shift)| {
            (skill.word().to_owned(), json!({"day": shift.day, "night": shift.night}))
        })
        .collect();
    let temporary: Map<String, Value> = TemporaryFix::ALL
        .iter()
        .zip(r.temporary)
        .map(|(fix, n)| (fix.word().to_owned(), n.into()))
        .collect();
    let depots: Vec<[f64; 2]> = r.depots.iter().map(|d| [d.lon_deg, d.lat_deg]).collect();
    json!({
        "skills": skills,
        "depots": depots,
        "travel_km_h": r.travel_km_h,
        "inspection_h": r.inspection_h,
        "most_teams_factor": r.most_teams_factor,
        "more_teams_exponent": r.more_teams_exponent,
        "temporary": temporary,
        "temporary_h": r.temporary_h,
        "cannibalise": r.cannibalise,
        "districts": r.districts,
    })
}

/// By network: how many hours ended how, and each degraded hour with its words.
fn statuses(input: &WriteInput<'_>) -> Value {
    let t = &input.results.totals;
    let of = |column: &[HourStatus]| {
        let count = |word: &str| column.iter().filter(|s| s.word() == word).count();
        let degraded: Vec<Value> = column
            .iter()
            .enumerate()
            .filter(|(_, s)| s.is_degraded())
            .map(|(hour, s)| json!({"hour": hour, "status": s.word(), "detail": s.detail()}))
            .collect();
        json!({
            "solved": count("solved"),
            "relaxed": count("relaxed"),
            "not_converged": count("not_converged"),
            "degraded": degraded,
        })
    };
    json!({
        "grid": of(&t.grid_status),
        "water": of(&t.water_status),
        "heat": of(&t.heat_status),
    })
}

fn strikes(input: &WriteInput<'_>) -> Vec<Value> {
    let by_class = |counts: ByMunition<u32>| -> Map<String, Value> {
        let words = Munition::ALL.iter().map(|m| m.word().to_owned());
        words.zip(counts.map(Value::from)).collect()
    };
    let record = |r: &blackstart::results::StrikeRecord| {
        json!({
            "event": event_name(input, r.event),
            "at_h": r.at_h,
            "launched": by_class(r.launched),
            "got_through": by_class(r.got_through),
            "hits_in_region": by_class(r.hits),
        })
    };
    input.results.strikes.iter().map(record).collect()
}

fn damage(input: &WriteInput<'_>) -> Vec<Value> {
    let facilities = input.region.facilities();
    let record = |r: &blackstart::results::DamageRecord| {
        json!({
            "event": event_name(input, r.event),
            "at_h": r.at_h,
            "facility": facilities[r.facility.i()].id,
            "class": facilities[r.facility.i()].class.word(),
            "damage_state": r.state.word(),
            "functionality_share": r.functionality,
            "munition": r.munition.map(Munition::word),
        })
    };
    input.results.damage.iter().map(record).collect()
}

fn repairs(input: &WriteInput<'_>) -> Vec<Value> {
    let facilities = input.region.facilities();
    let record = |r: &blackstart::results::RepairRecord| {
        json!({
            "facility": facilities[r.facility.i()].id,
            "class": facilities[r.facility.i()].class.word(),
            "damage_state": r.state.word(),
            "damaged_h": r.damaged_at_h,
            "start_h": r.start_h,
            "end_h": r.end_h,
            "work_team_h": r.work_team_h,
            "done_team_h": r.done_team_h,
            "teams": r.teams,
            "spare": r.spare.map(Spare::word),
            "waits_for_spare": r.waits_for_spare,
            "people": r.people,
            "critical": r.critical,
            "inspected_h": r.inspected_h,
            "temporary": r.temporary.map(|(fix, _)| fix.word()),
            "temporary_from_h": r.temporary.map(|(_, from_h)| from_h),
            "cannibalised": r.cannibalised,
        })
    };
    input.results.repairs.iter().map(record).collect()
}

fn event_name<'a>(input: &WriteInput<'a>, event: usize) -> &'a str {
    input.scenario.events.get(event).map_or("", |e| e.name.as_str())
}
