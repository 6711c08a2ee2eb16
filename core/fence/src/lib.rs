//! The fence: policies, node statements and the one decision about both.
