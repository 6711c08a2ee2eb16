//! Behaviour: what an estimator finds out over simulated paths, and that no receiver can harm it.

mod scenarios;
mod world;
