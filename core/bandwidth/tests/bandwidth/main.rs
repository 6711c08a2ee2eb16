//! Behaviour: what an estimator finds out over simulated paths, and that no receiver can harm it.

mod changes;
mod crowds;
mod hostile;
mod lone;
mod receiver;
mod scenarios;
mod world;
