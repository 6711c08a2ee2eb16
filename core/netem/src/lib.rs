//! A simulated network: loss, delay, reordering and duplication from a seed.
