//! Group keys, admission, media keys, and the participant as a state machine.
