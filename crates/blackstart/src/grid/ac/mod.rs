//! Optimisation of AC networks: a primal–dual interior point on the bus graph.
//!
//! [`Program`] is one island as data; [`InteriorPoint`] solves it. Optimal power flow and
//! maximal load delivery are two ways to fill a program.

mod assemble;
mod group;
mod interior_point;
mod line;
mod nearest;
mod program;
mod search;
mod side;
mod start;
mod state;

pub use group::{DcControls, Entry, Group, groups, range};
pub use interior_point::{InteriorPoint, Settings};
pub use line::TwoPort;
pub use nearest::nearest;
pub use program::{Ending, Limit, Line, Node, Point, Program, Terminal};
pub use start::Guess;
