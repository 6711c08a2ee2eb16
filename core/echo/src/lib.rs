//! How long the way to a node takes, among nodes: what a beacon asks, what the node answers, and the least of what was
//! measured. Not here: what follows from it (`ringfence-fence`), or the socket of media (`ringfence-sfu`).
//!
//! The node signs a number that nobody could have known before it was asked, so the answer was not made earlier. How long
//! signing takes is part of what is measured: it makes the way longer and never shorter, and so proves less.
pub mod answering;
pub mod measuring;
pub mod packet;
#[cfg(feature = "socket")]
pub mod socket;

pub use answering::{Answerer, EchoKey};
pub use measuring::{Measured, Measuring, Step};
pub use packet::{Answer, LENGTH, Question, is_answer_of, is_question};
