//! The tests of this crate from outside, as one program: what they share is compiled once.
mod amending;
mod away;
mod beacons;
mod consent;
mod data_sets;
mod frames;
mod gate;
mod lies;
mod logs;
mod measuring;
mod meeting;
mod passphrase;
mod provider;
mod receipts;
mod rejoin;
mod soak;
mod world;
