//! Who is without electricity, heat and water after infrastructure is damaged, and the
//! way back.
//!
//! The engine does no IO, reads no clock and prints nothing. Data flows one way:
//! a [`region::Region`] and a [`scenario::Scenario`], both checked and immutable, go
//! through the hour loop ([`sim`]) and become column [`results::Results`].

pub mod damage;
pub mod ensemble;
pub mod grid;
pub mod heat;
pub mod math;
pub mod pipes;
pub mod region;
pub mod repair;
pub mod results;
pub mod scenario;
pub mod sim;
pub mod synth;
pub mod water;
