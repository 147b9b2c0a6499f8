//! Waves: the temperature of water that passes a point during a step, piece by piece.

use super::plugs::Piece;

/// Most pieces of a wave; with more it is cut anew into as many of equal length, which
/// keeps its heat and smears its fronts by a minute of an hour.
const MOST_PIECES: usize = 64;

/// An inflow of a junction: flow times heat capacity (W/K), and its wave in `pieces`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::heat) struct Inflow {
    pub flow_w_k: f64,
    pub first: usize,
    pub last: usize,
}

/// Mixes inflows (their waves are parts of `pieces`, each ends at `step_s`) and a constant
/// feed of `feed_w` watts in a flow of `feed_w_k` W/K into `out`.
pub(in crate::heat) fn mix(
    inflows: &mut [Inflow],
    pieces: &[Piece],
    (feed_w_k, feed_w): (f64, f64),
    step_s: f64,
    out: &mut Vec<Piece>,
) {
    out.clear();
    let flow = feed_w_k + inflows.iter().map(|i| i.flow_w_k).sum::<f64>();
    match inflows {
        [] => out.push(Piece { until_s: step_s, t_c: feed_w / feed_w_k }),
        [one] if feed_w_k <= 0.0 => out.extend_from_slice(&pieces[one.first..one.last]),
        _ => loop {
            let at = |i: &Inflow| pieces[i.first];
            let until_s = inflows.iter().map(|i| at(i).until_s).fold(step_s, f64::min);
            let heat: f64 = inflows.iter().map(|i| i.flow_w_k * at(i).t_c).sum();
            out.push(Piece { until_s, t_c: (heat + feed_w) / flow });
            if until_s >= step_s {
                break;
            }
            for i in inflows.iter_mut() {
                if at(i).until_s <= until_s && i.first + 1 < i.last {
                    i.first += 1;
                }
            }
        },
    }
    if out.len() > MOST_PIECES {
        cut_anew(out, step_s);
    }
}

/// Mean over the step, °C.
pub(in crate::heat) fn mean_c(wave: &[Piece], step_s: f64) -> f64 {
    let mut from_s = 0.0;
    let mut sum = 0.0;
    for piece in wave {
        sum += (piece.until_s - from_s) * piece.t_c;
        from_s = piece.until_s;
    }
    sum / step_s
}

fn cut_anew(wave: &mut Vec<Piece>, step_s: f64) {
    let mut heat = [0.0; MOST_PIECES];
    let length_s = step_s / MOST_PIECES as f64;
    let (mut k, mut from_s) = (0, 0.0);
    for piece in wave.iter() {
        while from_s < piece.until_s {
            let end_s = if k + 1 < MOST_PIECES { (k + 1) as f64 * length_s } else { step_s };
            let until_s = end_s.min(piece.until_s);
            heat[k] += (until_s - from_s) * piece.t_c;
            from_s = until_s;
            if until_s >= end_s && k + 1 < MOST_PIECES {
                k += 1;
            }
        }
    }
    wave.clear();
    wave.extend(heat.iter().enumerate().map(|(k, heat)| {
        let last = k + 1 == MOST_PIECES;
        let until_s = if last { step_s } else { (k + 1) as f64 * length_s };
        Piece { until_s, t_c: heat / (until_s - k as f64 * length_s) }
    }));
}
