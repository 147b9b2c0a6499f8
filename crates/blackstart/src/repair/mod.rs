//! Crews, spares, deliveries; how repairs are carried out over time.
