//! Maximal load delivery: what a damaged grid can still serve.
//!
//! One recipe ([`DeliverOptions`], filled in as a `Problem`) says what may be decided
//! and what it is worth; each formulation ([`Formulation`], one file each) writes the same
//! recipe down in its own physics and answers with a [`Delivery`].
//!
//! After Coffrin, Bent, Tasseff, Sundar, Backhaus, *Relaxations of AC maximal load
//! delivery for severe contingency analysis*, IEEE Trans. Power Syst. 34(2), 2019
//! (arXiv 1710.07861), and the `mld` problems of PowerModelsRestoration.

mod options;
#[allow(dead_code)]
pub(super) mod problem;
mod result;

pub use options::{
    AngleLimits, Control, DcBranch, DeliverOptions, Formulation, Limits, LoadWeights, Worth,
};
pub use result::{Binding, Delivery, DeliveryStatus, Limit, LimitKind, ObjectiveTerms, gap};
