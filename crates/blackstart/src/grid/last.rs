//! The last answer, for an hour in which nothing has changed.
//!
//! A dispatch is a function of its input alone, so the answer to an equal input is the
//! same to the last bit. Cases with flat loads have many such hours.

use super::dispatch::{Demand, Dispatch, DispatchInput};

/// One input with its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Last {
    bus_in_service: Vec<bool>,
    branch_in_service: Vec<bool>,
    rate_mw: Vec<f64>,
    p_min_mw: Vec<f64>,
    p_max_mw: Vec<f64>,
    dc_line_in_service: Vec<bool>,
    demands: Vec<Demand>,
    answer: Option<Dispatch>,
}

impl Last {
    /// The answer, if `input` equals the last one. A NaN equals nothing.
    pub fn answer_to(&self, input: &DispatchInput<'_>) -> Option<&Dispatch> {
        let same = self.bus_in_service == input.bus_in_service
            && self.branch_in_service == input.branch_in_service
            && self.rate_mw == input.rate_mw
            && self.p_min_mw == input.p_min_mw
            && self.p_max_mw == input.p_max_mw
            && self.dc_line_in_service == input.dc_line_in_service
            && self.demands == input.demands;
        self.answer.as_ref().filter(|_| same)
    }

    /// Remembers an answer, reusing memory.
    pub fn keep(&mut self, input: &DispatchInput<'_>, answer: &Dispatch) {
        copy(&mut self.bus_in_service, input.bus_in_service);
        copy(&mut self.branch_in_service, input.branch_in_service);
        copy(&mut self.rate_mw, input.rate_mw);
        copy(&mut self.p_min_mw, input.p_min_mw);
        copy(&mut self.p_max_mw, input.p_max_mw);
        copy(&mut self.dc_line_in_service, input.dc_line_in_service);
        copy(&mut self.demands, input.demands);
        self.answer = Some(answer.clone());
    }

    /// Forgets it: the solver's settings have changed.
    pub fn forget(&mut self) {
        self.answer = None;
    }
}

fn copy<T: Copy>(to: &mut Vec<T>, from: &[T]) {
    to.clear();
    to.extend_from_slice(from);
}
