"""What a meeting is while it runs: who is connected, who waits, who is told what. No I/O.
Not here: sockets and media (signalling, media), or what a commit may do (the core's gate)."""
