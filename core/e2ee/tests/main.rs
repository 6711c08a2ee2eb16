//! The tests of this crate from outside, as one program: what they share is compiled once.
mod amending;
mod away;
mod consent;
mod frames;
mod gate;
mod lies;
mod logs;
mod measuring;
mod meeting;
mod passphrase;
mod provider;
mod rejoin;
mod soak;
mod world;
