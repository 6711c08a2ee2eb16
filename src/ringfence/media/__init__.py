"""The handle on the forwarder. Not here: forwarding itself (Rust threads)."""
