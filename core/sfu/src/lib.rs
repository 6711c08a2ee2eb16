//! The forwarder of sealed frames: rooms as values, and the threads that run them.
