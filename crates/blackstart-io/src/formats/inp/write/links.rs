//! Pipes, pumps, valves, their states, and leaks.

use blackstart::region::{
    HeadLoss, Pipe, PipeStatus, Pump, PumpCurve, Valve, ValveKind, ValveStatus,
};

use super::super::lines::Section;
use super::super::tables::CurveUse;
use super::comments::Comments;
use super::numbers::{inverse, plain, scaled};
use super::{Writer, id};

impl Writer<'_> {
    pub(super) fn links(&mut self) {
        self.section(Section::Pipes);
        let mut comments = Comments::of(self.kept, Section::Pipes);
        for p in &self.water.pipes {
            let beside = comments.next(&p.id);
            let cells = self.pipe(p);
            self.cells(&cells, beside.as_ref());
        }
        self.lines(comments.tail());
        self.section(Section::Pumps);
        let mut comments = Comments::of(self.kept, Section::Pumps);
        for p in &self.water.pumps {
            let beside = comments.next(&p.id);
            let cells = self.pump(p);
            self.cells(&cells, beside.as_ref());
        }
        self.lines(comments.tail());
        self.section(Section::Valves);
        let mut comments = Comments::of(self.kept, Section::Valves);
        for v in &self.water.valves {
            let beside = comments.next(&v.id);
            let cells = self.valve(v);
            self.cells(&cells, beside.as_ref());
        }
        self.lines(comments.tail());
        self.statuses();
        self.leaks();
    }

    fn cells(&mut self, cells: &[String], beside: Option<&super::Beside<'_>>) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        self.row(&cells, beside);
    }

    fn pipe(&self, p: &Pipe<String>) -> Vec<String> {
        let roughness_unit = match self.water.options.head_loss {
            HeadLoss::DarcyWeisbach => self.units.roughness,
            HeadLoss::HazenWilliams | HeadLoss::ChezyManning => 1.0,
        };
        let status = match p.status {
            PipeStatus::Open => "Open",
            PipeStatus::Closed => "Closed",
            PipeStatus::CheckValve => "CV",
        };
        vec![
            id(&p.id),
            id(&p.from),
            id(&p.to),
            scaled(p.length_m, self.units.length),
            scaled(p.diameter_mm, self.units.diameter),
            scaled(p.roughness, roughness_unit),
            plain(p.minor_loss),
            status.to_owned(),
        ]
    }

    fn pump(&mut self, p: &Pump<String>) -> Vec<String> {
        let mut cells = vec![id(&p.id), id(&p.from), id(&p.to)];
        let mut put = |word: &str, value: String| cells.extend([word.to_owned(), value]);
        match &p.curve {
            PumpCurve::Power { kw } => put("POWER", scaled(*kw, self.units.power)),
            PumpCurve::Points(points) => {
                let units = (self.units.flow, self.units.length);
                let curve = self.curves.claim((CurveUse::Pump, &p.id), units, points);
                put("HEAD", id(&curve));
            }
        }
        if p.speed != 1.0 {
            put("SPEED", plain(p.speed));
        }
        if let Some(pattern) = p.pattern {
            put("PATTERN", self.pattern(pattern));
        }
        cells
    }

    pub(super) fn setting_unit(&self, kind: ValveKind) -> f64 {
        match kind {
            ValveKind::Prv | ValveKind::Psv | ValveKind::Pbv => self.units.pressure,
            ValveKind::Fcv => self.units.flow,
            ValveKind::Tcv | ValveKind::Gpv | ValveKind::Pcv => 1.0,
        }
    }

    /// A valve's setting as the file has it.
    pub(super) fn setting(&self, kind: ValveKind, setting: f64) -> String {
        scaled(setting, self.setting_unit(kind))
    }

    fn valve(&mut self, v: &Valve<String>) -> Vec<String> {
        let kind = match v.kind {
            ValveKind::Prv => "PRV",
            ValveKind::Psv => "PSV",
            ValveKind::Pbv => "PBV",
            ValveKind::Fcv => "FCV",
            ValveKind::Tcv => "TCV",
            ValveKind::Gpv => "GPV",
            ValveKind::Pcv => "PCV",
        };
        let mut cells = vec![id(&v.id), id(&v.from), id(&v.to)];
        cells.push(scaled(v.diameter_mm, self.units.diameter));
        cells.push(kind.to_owned());
        let user = (CurveUse::Valve, v.id.as_str());
        if v.kind == ValveKind::Gpv {
            let units = (self.units.flow, self.units.length);
            cells.push(id(&self.curves.claim(user, units, &v.curve)));
            cells.push(plain(v.minor_loss));
            return cells;
        }
        cells.push(self.setting(v.kind, v.setting));
        cells.push(plain(v.minor_loss));
        if v.kind == ValveKind::Pcv && !v.curve.is_empty() {
            cells.push(id(&self.curves.claim(user, (1.0, 1.0), &v.curve)));
        }
        cells
    }

    /// `[STATUS]`: pumps that are off and valves that are held; pipes say it themselves.
    fn statuses(&mut self) {
        let off = self.water.pumps.iter().filter(|p| !p.on).map(|p| (&p.id, "Closed"));
        let held = self.water.valves.iter().filter_map(|v| match v.status {
            ValveStatus::Active => None,
            ValveStatus::Open => Some((&v.id, "Open")),
            ValveStatus::Closed => Some((&v.id, "Closed")),
        });
        let rows: Vec<_> = off.chain(held).collect();
        if rows.is_empty() {
            return;
        }
        self.section(Section::Status);
        let mut comments = Comments::of(self.kept, Section::Status);
        for (link, status) in rows {
            self.row(&[&id(link), status], comments.next(link).as_ref());
        }
    }

    fn leaks(&mut self) {
        if self.water.leaks.is_empty() {
            return;
        }
        self.section(Section::Leakage);
        let mut comments = Comments::of(self.kept, Section::Leakage);
        let per_100m = 1.0 / self.units.length;
        let text = |x: f64| inverse(x, x / per_100m, |y| y * per_100m);
        for leak in &self.water.leaks {
            let Some(pipe) = self.water.pipes.get(leak.pipe as usize) else { continue };
            let (area, expansion) = (text(leak.area_mm2_100m), text(leak.expansion_mm2_m_100m));
            self.row(&[&id(&pipe.id), &area, &expansion], comments.next(&pipe.id).as_ref());
        }
        self.lines(comments.tail());
    }
}
