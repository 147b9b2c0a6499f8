//! Measured pipes: how late and how blurred a change of temperature arrives.

use std::f64::consts::PI;

use blackstart::heat::net::Fluid;
use blackstart::heat::plug::{PlugParameters, PlugPipe};

use super::text;

/// Root mean square errors, K, of eight tools on the pipe of Graz (Schweiger et al. 2018).
pub const GRAZ_TOOLS: [(&str, f64); 8] = [
    ("Dymola IBPSA", 0.233),
    ("TRNSYS 709 with capacity", 0.309),
    ("Simulink Carnot", 0.493),
    ("TRNSYS 604", 0.529),
    ("Dymola DCOL", 0.565),
    ("Dymola TPL", 0.602),
    ("TRNSYS 709", 1.448),
    ("IDA ICE", 1.538),
];

/// Runs of Liège, with what a plug-flow pipe written apart from this engine came to, K.
pub const LIEGE: [(&str, Option<f64>); 4] = [
    ("151202", Some(0.562)),
    ("151204_2", Some(0.282)),
    ("160118_1", Some(0.594)),
    ("160104_2", None),
];

/// Root mean square errors, K: with the wall's capacity and without it.
#[derive(Clone, Copy, Debug)]
pub struct Errors {
    pub with: f64,
    pub without: f64,
}

/// Columns of a file below `testdata/cases`.
fn columns(path: &str) -> Vec<Vec<f64>> {
    let rows: Vec<Vec<f64>> = text(path)
        .lines()
        .skip(1)
        .map(|l| l.split(',').map(|x| x.parse().unwrap()).collect())
        .collect();
    (0..rows[0].len()).map(|k| rows.iter().map(|r| r[k]).collect()).collect()
}

/// Length, inner and outer diameter, insulation: m; conductivity of the insulation, W/(m K);
/// transfer to the air, W/(m² K); wall: kg/m³ and J/(kg K).
struct Built {
    length_m: f64,
    inner_m: f64,
    outer_m: f64,
    insulation_m: f64,
    conductivity: f64,
    to_air: f64,
    wall_kg_m3: f64,
    wall_j_kg_k: f64,
}

impl Built {
    fn pipe(&self, start_c: f64, with_wall: bool) -> PlugPipe {
        let area = PI * self.inner_m * self.inner_m / 4.0;
        let round = self.outer_m + 2.0 * self.insulation_m;
        let resistance = (round / self.outer_m).ln() / (2.0 * PI * self.conductivity)
            + 1.0 / (PI * round * self.to_air);
        let wall = PI / 4.0 * (self.outer_m * self.outer_m - self.inner_m * self.inner_m);
        let wall_j_k = wall * self.length_m * self.wall_kg_m3 * self.wall_j_kg_k;
        let parameters = PlugParameters {
            // A change arrives when the water that stood in the pipe has left: its mass counts.
            content_kg: area * self.length_m * Fluid::water().density_kg_m3.at(start_c),
            heat_j_kg_k: 4180.0,
            loss_w_k: self.length_m / resistance,
            wall_j_k: if with_wall { wall_j_k } else { 0.0 },
            merge_k: 0.0,
        };
        PlugPipe::new(parameters, start_c)
    }
}

/// Root mean square of computed less measured outlet temperature, K.
fn rmse(mut pipe: PlugPipe, rows: &[Vec<f64>; 5], spread: Option<(f64, f64)>) -> f64 {
    let [time, flow, inlet, outlet, ambient] = rows;
    if let Some((first, last)) = spread {
        pipe.spread_c(first, last, 40);
    }
    pipe.set_wall_c(outlet[0]);
    let mut sum = 0.0;
    for i in 1..time.len() {
        let step = time[i] - time[i - 1];
        let mut out_c = f64::NAN;
        // Measured values run straight from one to the next.
        for part in [0.1, 0.3, 0.5, 0.7, 0.9] {
            let at = |x: &[f64]| x[i - 1] + part * (x[i] - x[i - 1]);
            out_c = pipe.advance(at(flow), at(inlet), ambient[i], step / 5.0).out_end_c;
        }
        sum += (out_c - outlet[i]).powi(2);
    }
    (sum / (time.len() - 1) as f64).sqrt()
}

/// Schweiger et al., Energy 164 (2018): 60.33 m of copper pipe, a step from 27 to 74 °C.
pub fn graz() -> Errors {
    let c = columns("heat-pipe-graz/measured.csv");
    let flow: Vec<f64> = c[1].iter().map(|x| x / 3600.0).collect();
    let rows = [c[0].clone(), flow, c[2].clone(), c[3].clone(), c[4].clone()];
    let built = Built {
        length_m: 60.33,
        inner_m: 0.020,
        outer_m: 0.022,
        insulation_m: 0.013,
        conductivity: 0.0442,
        to_air: 8.4,
        wall_kg_m3: 8960.0,
        wall_j_kg_k: 385.0,
    };
    let error = |wall: bool| rmse(built.pipe(rows[3][0], wall), &rows, None);
    Errors { with: error(true), without: error(false) }
}

/// University of Liège: 39 m of steel pipe DN50, data of the Modelica Buildings library.
pub fn liege(run: &str) -> Errors {
    let built = Built {
        length_m: 39.0,
        inner_m: 0.05248,
        outer_m: 0.0603,
        insulation_m: 0.013,
        conductivity: 0.04,
        to_air: 5.0,
        wall_kg_m3: 8000.0,
        wall_j_kg_k: 500.0,
    };
    let c = columns(&format!("heat-pipe-liege/{run}.csv"));
    let air = vec![18.0; c[0].len()];
    let rows = [c[0].clone(), c[1].clone(), c[3].clone(), c[2].clone(), air];
    let ends = Some((rows[2][0], rows[3][0]));
    let error = |wall: bool| rmse(built.pipe(rows[3][0], wall), &rows, ends);
    Errors { with: error(true), without: error(false) }
}
