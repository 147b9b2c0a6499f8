//! `water run`: a network over time.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use blackstart::region::Water;
use blackstart::results::HourStatus;
use blackstart::sim::Watch;
use blackstart::water::{Period, PeriodTimes, PumpMeter, PumpUse};
use blackstart_io::write;
use blackstart_io::write::water_tables::{self, WaterTables};
use serde_json::{Map, Value, json};

use super::setup::{Pressures, Setup, clock};
use crate::args::Cli;
use crate::args::water::Run;
use crate::commands::study::{self, Done, refuse};
use crate::diagnostics;
use crate::exit::Exit;
use crate::progress::Progress;

/// Rows of `nodes` and of `links` that are held in memory at most.
const MAX_ROWS: i64 = 40_000_000;

pub(super) fn run(cli: &Cli, args: &Run) -> Result<Exit, Exit> {
    if let Err(error) = write::check_folder(&args.output) {
        return Err(refuse(cli, &args.output, error.to_string()));
    }
    let setup = Setup::read(cli, &args.network, &args.how, Pressures::OfModel)?;
    let Setup { water, demand_driven, .. } = &setup;
    let mut period = Period::new(water, setup.times.clone()).demand_driven(*demand_driven);
    bearable(water, period.times())?;

    let mut found = Found::new(water);
    let interrupted = found.collect(&mut period, Progress::start(cli.quiet));
    let provenance = setup.provenance();
    let settings = setup.settings(period.times());
    let done = found.done(water, period.times(), interrupted);
    let output = study::Output { folder: &args.output, strict: args.strict };
    let exit = study::finish(cli, output, "water run", provenance, &settings, &done)?;
    if interrupted {
        diagnostics::say(&format!(
            "interrupted; what was finished is in {}",
            args.output.display()
        ));
        return Ok(Exit::Interrupted);
    }
    Ok(exit)
}

/// Refuses tables that would not fit into memory.
fn bearable(water: &Water, times: &PeriodTimes) -> Result<(), Exit> {
    let links = water.pipes.len() + water.pumps.len() + water.valves.len();
    let rows = i64::try_from(water.node_count().max(links)).unwrap_or(i64::MAX);
    let reports = times.duration_s / times.report_step_s.max(1) + 1;
    if reports.saturating_mul(rows) > MAX_ROWS {
        diagnostics::say(&format!(
            "{reports} reports of {rows} nodes or links are more than {MAX_ROWS} rows; take a \
             shorter --duration or a longer --report-step"
        ));
        return Err(Exit::Usage);
    }
    Ok(())
}

/// What a run comes to.
struct Found<'w> {
    tables: WaterTables,
    meter: PumpMeter<'w>,
    solutions: usize,
    reports: usize,
    relaxed: usize,
    not_converged: usize,
    first_trouble: Option<(i64, HourStatus)>,
    /// m³.
    demand_m3: f64,
    supplied_m3: f64,
    /// Lowest pressure at a junction with a demand in any report, m, with junction and time.
    lowest: Option<(f64, usize, i64)>,
    end_s: i64,
}

impl<'w> Found<'w> {
    fn new(water: &'w Water) -> Self {
        Self {
            tables: WaterTables::new(water),
            meter: PumpMeter::new(water),
            solutions: 0,
            reports: 0,
            relaxed: 0,
            not_converged: 0,
            first_trouble: None,
            demand_m3: 0.0,
            supplied_m3: 0.0,
            lowest: None,
            end_s: 0,
        }
    }

    /// Runs to the end; true if interrupted.
    fn collect(&mut self, period: &mut Period<'_>, mut progress: Progress) -> bool {
        let hours = |seconds: i64| usize::try_from(seconds / 3600).unwrap_or(0);
        let all_h = hours(period.times().duration_s);
        let mut interrupted = false;
        let water = period.water();
        loop {
            period.solve();
            self.look(period);
            let (asked, got) = {
                let m = period.moment();
                let sum = |flows: &[f64]| flows.iter().filter(|q| **q > 0.0).sum::<f64>();
                (sum(&m.demand_m3_s), sum(&m.supplied_m3_s))
            };
            let before_s = period.moment().time_s;
            // Only pumps' electricity needs the whole moment once more.
            let before = (!water.pumps.is_empty()).then(|| period.moment().clone());
            self.end_s = before_s;
            if progress.hour(hours(before_s), all_h) == ControlFlow::Break(()) {
                self.tables.interrupted(before_s);
                interrupted = true;
                break;
            }
            if !period.advance() {
                break;
            }
            let step_s = (period.now_s() - before_s) as f64;
            if let Some(moment) = before {
                self.meter.add(&moment, step_s);
            }
            self.demand_m3 += asked * step_s;
            self.supplied_m3 += got * step_s;
        }
        progress.finish();
        interrupted
    }

    fn look(&mut self, period: &Period<'_>) {
        let m = period.moment();
        self.solutions += 1;
        self.tables.solution(m);
        match m.status {
            HourStatus::Solved => {}
            HourStatus::Relaxed { .. } => self.relaxed += 1,
            HourStatus::NotConverged { .. } => self.not_converged += 1,
        }
        if m.status.is_degraded() && self.first_trouble.is_none() {
            self.first_trouble = Some((m.time_s, m.status.clone()));
        }
        if !period.is_report() {
            return;
        }
        self.reports += 1;
        self.tables.report(m);
        let junctions = &period.water().junctions;
        for (j, junction) in junctions.iter().enumerate() {
            let pressure = m.head_m[j] - junction.elevation_m;
            let lower = self.lowest.is_none_or(|(least, ..)| pressure < least);
            if m.demand_m3_s[j] > 0.0 && lower && !pressure.is_nan() {
                self.lowest = Some((pressure, j, m.time_s));
            }
        }
    }

    fn energy_kwh(&self) -> f64 {
        self.meter.uses().iter().map(|u| u.energy_kwh).sum()
    }

    /// Cost of the electricity, and the charge for its highest power.
    fn cost(&self, water: &Water) -> f64 {
        let cost = |u: &PumpUse| u.cost;
        let charge = water.energy.demand_charge_per_kw * self.meter.peak_kw();
        self.meter.uses().iter().map(cost).sum::<f64>() + charge
    }

    fn done(self, water: &Water, times: &PeriodTimes, interrupted: bool) -> Done {
        let share = if self.demand_m3 > 0.0 { self.supplied_m3 / self.demand_m3 } else { f64::NAN };
        let mut summary = Map::new();
        let mut put = |name: &str, value: Value| summary.insert(name.to_owned(), value);
        put("junctions", json!(water.junctions.len()));
        put("reservoirs", json!(water.reservoirs.len()));
        put("tanks", json!(water.tanks.len()));
        put("pipes", json!(water.pipes.len()));
        put("pumps", json!(water.pumps.len()));
        put("valves", json!(water.valves.len()));
        put("duration_s", json!(times.duration_s));
        put("end_s", json!(self.end_s));
        put("interrupted", json!(interrupted));
        put("solutions", json!(self.solutions));
        put("reports", json!(self.reports));
        put("relaxed", json!(self.relaxed));
        put("not_converged", json!(self.not_converged));
        put("demand_m3", json!(self.demand_m3));
        put("supplied_m3", json!(self.supplied_m3));
        if !water.pumps.is_empty() {
            put("pumps_kwh", json!(self.energy_kwh()));
            put("pumps_peak_kw", json!(self.meter.peak_kw()));
            put("pumps_cost", json!(self.cost(water)));
        }
        if let Some((pressure_m, junction, time_s)) = self.lowest {
            put("lowest_pressure_m", json!(pressure_m));
            put("lowest_pressure_node", json!(water.junctions[junction].id));
            put("lowest_pressure_time_s", json!(time_s));
        }
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{} nodes and {} links, {} to {}: {} solutions, {} reports.",
            water.node_count(),
            water.pipes.len() + water.pumps.len() + water.valves.len(),
            clock(0),
            clock(self.end_s),
            self.solutions,
            self.reports
        );
        if share.is_finite() {
            let _ = writeln!(
                text,
                "{:.1} of {:.1} m³ asked for were supplied ({:.2} %).",
                self.supplied_m3,
                self.demand_m3,
                share * 100.0
            );
        }
        if let Some((pressure_m, junction, time_s)) = self.lowest {
            let _ = writeln!(
                text,
                "Lowest pressure at a junction with a demand: {pressure_m:.2} m at {}, {}.",
                water.junctions[junction].id,
                clock(time_s)
            );
        }
        if !water.pumps.is_empty() {
            let (kwh, peak_kw) = (self.energy_kwh(), self.meter.peak_kw());
            let _ = write!(text, "Pumps: {kwh:.1} kWh, at most {peak_kw:.1} kW at once");
            let cost = self.cost(water);
            let _ =
                if cost > 0.0 { writeln!(text, "; cost {cost:.2}.") } else { writeln!(text, ".") };
        }
        if let Some((time_s, status)) = &self.first_trouble {
            let _ = writeln!(
                text,
                "{} solutions not converged, {} relaxed; the first at {}: {}.",
                self.not_converged,
                self.relaxed,
                clock(*time_s),
                status.detail()
            );
        }
        let mut tables = self.tables.finish();
        if !water.pumps.is_empty() {
            tables.push(water_tables::pumps(water, self.meter.uses(), self.end_s as f64));
        }
        Done { tables, summary, text, degraded: self.relaxed + self.not_converged > 0 }
    }
}
