"""Beacons: servers that measure how far away this one can be at most, and sign that.
Not here: measuring (core/sfu), what it proves (core/fence), or being a beacon for others (server)."""
