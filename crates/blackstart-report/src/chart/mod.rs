//! Charts over the hours of a run.

mod frame;
mod indoor;
mod people;
mod scale;

pub(crate) use frame::{Frame, axis_people};
pub(crate) use indoor::{building_words, indoor_charts};
pub(crate) use people::{power_chart, service_chart};
pub(crate) use scale::ticks;
