//! The hour loop.
