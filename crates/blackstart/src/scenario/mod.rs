//! What happens to a region: weather, strikes and other damage, and what there is to
//! repair with. Immutable, like the region.

mod campaign;
mod damage;
mod halt;
mod hazard;
mod homes;
mod measure;
mod mobile;
mod policy;
mod recovery;
mod repair;
mod weather;

pub use campaign::{Campaign, MASSIVE_MISSILES};
pub use damage::{
    Assumed, ByMunition, DamageState, Event, EventKind, HitRule, Interval, Munition, Strike,
    StruckAsset, Uninspected,
};
pub use halt::Halt;
pub use hazard::{Earthquake, Felt, Flood, Hazard, IceStorm, Icing, Motion, Shaking, Stretch};
pub use homes::{BuildingModel, DrainRule, EmergencyHeaters, HomePolicy, PipePolicy};
pub use measure::{Measure, PolicyCase};
pub use mobile::MobilePlant;
pub use policy::{CascadeModel, Grid as GridPolicy, Policy, Shedding};
pub use recovery::{Recovery, Shift, Skill, TemporaryFix};
pub use repair::{Delivery, PriorityRule, RepairResources, Spare, SpareStock};
pub use weather::{Sky, SkyHour, Weather, WeatherHour};

use jiff::civil::DateTime;

/// What happens, from `start`, for `hours()` steps of one hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Name for people.
    pub name: String,
    /// Local time of the first hour.
    pub start: DateTime,
    /// Number of hours.
    pub horizon_h: u32,
    /// Weather by hour; at least `horizon_h` long.
    pub weather: Weather,
    /// Damage, in time order.
    pub events: Vec<Event>,
    /// Campaigns, whose strikes are drawn: see [`Scenario::drawn`].
    pub campaigns: Vec<Campaign>,
    /// Mobile heat plants, each connected once; those that are not named stay away.
    pub mobile_plants: Vec<MobilePlant>,
    /// Teams and spares.
    pub repair: RepairResources,
    /// How shortage is shared, imports, fuel.
    pub policy: Policy,
    /// Agreed halts of strikes on infrastructure.
    pub halts: Vec<Halt>,
    /// Seed of every draw.
    pub seed: u64,
    /// Which draw of an ensemble; 0 for a single run.
    pub draw: u32,
    /// Demand against the design day, 1 = as in the region's tables.
    pub demand_factor: f64,
    /// What the scenario file left open and a default filled.
    pub assumed: Vec<Assumed>,
}

impl Scenario {
    /// One draw: its number set, and every campaign turned into the strikes of that draw,
    /// in time order with the other events. A scenario without campaigns is itself.
    #[must_use]
    pub fn drawn(&self, draw: u32) -> Self {
        let mut drawn = Self { draw, ..self.clone() };
        let clock_h = f64::from(self.start.hour()) + f64::from(self.start.minute()) / 60.0;
        for campaign in std::mem::take(&mut drawn.campaigns) {
            let horizon_h = f64::from(self.horizon_h);
            drawn.events.extend(campaign.events(self.seed, draw, clock_h, horizon_h));
        }
        drawn.events.sort_by(|a, b| a.at_h.total_cmp(&b.at_h));
        drawn
    }
}
