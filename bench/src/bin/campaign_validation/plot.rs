//! A band over time with reported points, as SVG.

use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 52.0;
const BOTTOM: f64 = 258.0;
const TOP: f64 = 34.0;

/// What is drawn.
pub struct Plot<'a> {
    pub title: &'a str,
    /// Ours: 10, 50 and 90 % of the cases, by hour.
    pub band: &'a [[f64; 3]],
    /// Reported: name, and points as days and share.
    pub points: &'a [(&'a str, Vec<(f64, f64)>)],
}

impl Plot<'_> {
    pub fn svg(&self) -> String {
        let days = self.band.len() as f64 / 24.0;
        let x = |day: f64| LEFT + (WIDTH - LEFT - 16.0) * day / days;
        let y = |share: f64| BOTTOM - (BOTTOM - TOP) * share.clamp(0.0, 1.2) / 1.2;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\"><rect width=\"100%\" height=\"100%\" \
             fill=\"#fff\"/><text x=\"{LEFT}\" y=\"18\" font-weight=\"600\">{}</text>\n",
            self.title
        );
        for tick in 0..=6 {
            let share = f64::from(tick) * 0.2;
            let _ = writeln!(
                out,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{:.0} %</text>",
                WIDTH - 16.0,
                LEFT - 6.0,
                y(share) + 4.0,
                share * 100.0,
                y = y(share)
            );
        }
        for day in 0..=days as usize {
            let at = x(day as f64);
            let _ = writeln!(
                out,
                "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{day} d</text>",
                BOTTOM + 17.0
            );
        }
        let line = |k: usize| -> Vec<String> {
            let point = |(h, row): (usize, &[f64; 3])| {
                format!("{:.1} {:.1}", x(h as f64 / 24.0), y(row[k]))
            };
            self.band.iter().enumerate().map(point).collect()
        };
        let mut edge = line(0);
        edge.extend(line(2).into_iter().rev());
        let _ = writeln!(
            out,
            "<path d=\"M{}Z\" fill=\"#b8528f\" opacity=\".22\"/><path d=\"M{}\" fill=\"none\" \
             stroke=\"#b8528f\" stroke-width=\"2\"/>",
            edge.join("L"),
            line(1).join("L")
        );
        for (k, (name, points)) in self.points.iter().enumerate() {
            let color = ["#17212b", "#0072b2"][k % 2];
            for (day, share) in points {
                let _ = writeln!(
                    out,
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{color}\"/>",
                    x(*day),
                    y(*share)
                );
            }
            let row = TOP + 14.0 + 17.0 * k as f64;
            let _ = writeln!(
                out,
                "<circle cx=\"430\" cy=\"{:.1}\" r=\"4\" fill=\"{color}\"/><text x=\"440\" \
                 y=\"{row:.1}\">{name}</text>",
                row - 4.0
            );
        }
        let row = TOP + 14.0 + 17.0 * self.points.len() as f64;
        let _ = writeln!(
            out,
            "<rect x=\"424\" y=\"{:.1}\" width=\"12\" height=\"10\" fill=\"#b8528f\" \
             opacity=\".4\"/><text x=\"440\" y=\"{row:.1}\">ours: middle, 10 to 90 %</text></svg>",
            row - 9.0
        );
        out
    }
}
