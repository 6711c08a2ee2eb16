"""The application: pages, REST, the way to sessions. Not here: what a meeting is (meetings, signalling)."""
