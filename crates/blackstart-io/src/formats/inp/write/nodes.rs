//! Nodes, demands, emitters, the drawing.

use blackstart::region::{Junction, JunctionDemand, Position, Tank};

use super::super::MapPoint;
use super::super::lines::{Section, tokens};
use super::super::tables::CurveUse;
use super::comments::Comments;
use super::numbers::{inverse, plain, scaled};
use super::{Writer, id};

impl Writer<'_> {
    pub(super) fn nodes(&mut self) {
        let mut listed = Comments::of(self.kept, Section::Demands);
        // One demand stands with its junction unless the file had it apart.
        let apart: Vec<bool> =
            self.water.junctions.iter().map(|j| j.demands.len() > 1 || listed.has(&j.id)).collect();
        self.junctions(&apart);
        self.reservoirs();
        self.tanks();
        if apart.contains(&true) {
            self.section(Section::Demands);
            for (j, _) in self.water.junctions.iter().zip(&apart).filter(|(_, apart)| **apart) {
                self.demands_of(j, &mut listed);
            }
            self.lines(listed.tail());
        }
        self.emitters();
    }

    fn junctions(&mut self, apart: &[bool]) {
        self.section(Section::Junctions);
        let mut comments = Comments::of(self.kept, Section::Junctions);
        for (j, &apart) in self.water.junctions.iter().zip(apart) {
            let (name, elevation) = (id(&j.id), scaled(j.elevation_m, self.units.length));
            let beside = comments.next(&j.id);
            match j.demands.first().filter(|_| !apart) {
                Some(&demand) => {
                    let [base, pattern] = self.demand(demand);
                    self.row(&[&name, &elevation, &base, &pattern], beside.as_ref());
                }
                None => self.row(&[&name, &elevation, "0"], beside.as_ref()),
            }
        }
        self.lines(comments.tail());
    }

    /// Base demand, and its pattern or nothing.
    fn demand(&self, demand: JunctionDemand) -> [String; 2] {
        let pattern = demand.pattern.map_or_else(String::new, |p| self.pattern(p));
        [scaled(demand.base_m3h, self.units.flow), pattern]
    }

    /// Rows of `[DEMANDS]`. Those of demand 0, which are no part of the network, are kept.
    fn demands_of(&mut self, j: &Junction, listed: &mut Comments<'_>) {
        let name = id(&j.id);
        let mut demands = j.demands.iter();
        let mut written = 0;
        while listed.has(&j.id) {
            let Some(beside) = listed.next(&j.id) else { break };
            let is_zero = tokens(beside.row).get(1).and_then(|t| t.parse().ok()) == Some(0.0);
            if is_zero {
                let cells = tokens(beside.row).into_iter().map(id).collect::<Vec<_>>();
                let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
                self.row(&cells, Some(&beside));
                written += 1;
            } else if let Some(&demand) = demands.next() {
                let [base, pattern] = self.demand(demand);
                self.row(&[&name, &base, &pattern], Some(&beside));
                written += 1;
            }
        }
        for &demand in demands {
            let [base, pattern] = self.demand(demand);
            self.row(&[&name, &base, &pattern], None);
            written += 1;
        }
        if written == 0 {
            self.row(&[&name, "0"], None);
        }
    }

    fn reservoirs(&mut self) {
        self.section(Section::Reservoirs);
        let mut comments = Comments::of(self.kept, Section::Reservoirs);
        let mut others = Comments::of(self.kept, Section::Tanks);
        for r in &self.water.reservoirs {
            let beside = comments.next(&r.id).or_else(|| others.next(&r.id));
            let head = scaled(r.head_m, self.units.length);
            match r.pattern {
                Some(p) => {
                    let pattern = self.pattern(p);
                    self.row(&[&id(&r.id), &head, &pattern], beside.as_ref());
                }
                None => self.row(&[&id(&r.id), &head], beside.as_ref()),
            }
        }
        self.lines(comments.tail());
    }

    fn tanks(&mut self) {
        self.section(Section::Tanks);
        let mut comments = Comments::of(self.kept, Section::Tanks);
        let mut others = Comments::of(self.kept, Section::Reservoirs);
        for t in &self.water.tanks {
            let beside = comments.next(&t.id).or_else(|| others.next(&t.id));
            let cells = self.tank(t);
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            self.row(&cells, beside.as_ref());
        }
        self.lines(comments.tail());
    }

    fn tank(&mut self, t: &Tank) -> Vec<String> {
        let (length, volume) = (self.units.length, self.units.volume);
        let mut cells = vec![id(&t.id)];
        let lengths = [t.elevation_m, t.init_level_m, t.min_level_m, t.max_level_m, t.diameter_m];
        cells.extend(lengths.map(|x| scaled(x, length)));
        // A cylinder's own volume below the lowest level needs no figure.
        let cylinder = std::f64::consts::FRAC_PI_4 * t.diameter_m * t.diameter_m * t.min_level_m;
        let by_itself = t.volume_curve.is_empty() && t.min_volume_m3 == cylinder;
        cells.push(if by_itself { "0".into() } else { scaled(t.min_volume_m3, volume) });
        if !t.volume_curve.is_empty() {
            let curve =
                self.curves.claim((CurveUse::Volume, &t.id), (length, volume), &t.volume_curve);
            cells.push(id(&curve));
        } else if t.overflow {
            cells.push("*".into());
        }
        if t.overflow {
            cells.push("YES".into());
        }
        cells
    }

    fn emitters(&mut self) {
        if self.water.junctions.iter().all(|j| j.emitter_m3h == 0.0) {
            return;
        }
        self.section(Section::Emitters);
        let mut comments = Comments::of(self.kept, Section::Emitters);
        let flow = self.units.flow;
        let per_metre = self.units.pressure.powf(self.water.options.emitter_exponent);
        for j in self.water.junctions.iter().filter(|j| j.emitter_m3h != 0.0) {
            let read = |x: f64| x * flow / per_metre;
            let text = inverse(j.emitter_m3h, j.emitter_m3h * per_metre / flow, read);
            self.row(&[&id(&j.id), &text], comments.next(&j.id).as_ref());
        }
        self.lines(comments.tail());
    }

    /// `[COORDINATES]` and `[VERTICES]`; positions on the globe where there is no drawing.
    pub(super) fn map(&mut self) {
        let file = self.file;
        let mut points = file.coordinates.clone();
        if points.is_empty() {
            let of = |id: &String, p: Option<Position>| {
                Some(MapPoint { id: id.clone(), x: p?.lon_deg, y: p?.lat_deg })
            };
            let w = self.water;
            points.extend(w.junctions.iter().filter_map(|j| of(&j.id, j.position)));
            points.extend(w.reservoirs.iter().filter_map(|r| of(&r.id, r.position)));
            points.extend(w.tanks.iter().filter_map(|t| of(&t.id, t.position)));
        }
        for (section, points) in
            [(Section::Coordinates, &points), (Section::Vertices, &file.vertices)]
        {
            if points.is_empty() {
                continue;
            }
            self.section(section);
            let mut comments = Comments::of(self.kept, section);
            for p in points {
                let beside = comments.next(&p.id);
                self.row(&[&id(&p.id), &plain(p.x), &plain(p.y)], beside.as_ref());
            }
            self.lines(comments.tail());
        }
    }
}
