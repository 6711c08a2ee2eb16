//! The fence and the participant for the browser.
