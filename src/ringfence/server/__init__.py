"""The application: pages, REST, sockets. Not here: what a meeting is."""
