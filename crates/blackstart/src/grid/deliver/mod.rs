//! Maximal load delivery: what a damaged grid can still serve.
//!
//! One recipe ([`DeliverOptions`], filled in as a `Problem`) says what may be decided
//! and what it is worth; each formulation ([`Formulation`], one file each) writes the same
//! recipe down in its own physics and answers with a [`Delivery`].
//!
//! After Coffrin, Bent, Tasseff, Sundar, Backhaus, *Relaxations of AC maximal load
//! delivery for severe contingency analysis*, IEEE Trans. Power Syst. 34(2), 2019
//! (arXiv 1710.07861), and the `mld` problems of PowerModelsRestoration.

mod ac;
mod commitment;
mod convex;
mod dc;
mod discrete;
mod options;
pub(super) mod problem;
mod relaxed;
mod result;
mod service;
mod soc;
#[cfg(test)]
mod tests;

use super::Snapshot;
use crate::region::Grid;
use problem::Problem;

pub use commitment::{Commitment, commit, deliver_committed};
pub use options::{
    AngleLimits, Control, DcBranch, DeliverOptions, Formulation, Limits, LoadWeights, Worth,
};
pub use result::{Binding, Delivery, DeliveryStatus, Limit, LimitKind, ObjectiveTerms, gap};

/// What `grid` can serve in the state `at`. Never panics on any snapshot whose tables are
/// as long as the grid's; a solver that fails, or a combination of options that a
/// formulation does not offer, is a status.
#[must_use]
pub fn deliver(grid: &Grid, at: &Snapshot, options: &DeliverOptions) -> Delivery {
    if !at.fits(grid) {
        let status = DeliveryStatus::NotOffered {
            why: "the snapshot's tables are not as long as the grid's".to_owned(),
        };
        return Delivery { status, ..relaxed::blank(grid, options.formulation) };
    }
    let problem = Problem::new(grid, at, options);
    match options.formulation {
        Formulation::Dc if service::answers(&problem, options) => {
            service::solve(grid, at, &problem, options)
        }
        Formulation::Dc => {
            discrete::search(&problem, options, &|fixed| dc::solve(grid, &problem, options, fixed))
        }
        Formulation::Soc => {
            discrete::search(&problem, options, &|fixed| soc::solve(grid, &problem, options, fixed))
        }
        // A search over local optima: no bound is known.
        Formulation::Ac => Delivery {
            bound: f64::INFINITY,
            ..discrete::search(&problem, options, &|fixed| {
                ac::solve(grid, &problem, options, fixed)
            })
        },
    }
}
