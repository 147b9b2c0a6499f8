//! From an event to damaged facilities: one file per damage model.
