//! Readers of RTP header extensions and payload descriptors that a forwarder needs.
