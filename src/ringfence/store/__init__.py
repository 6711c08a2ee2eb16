"""What outlives the process: meetings and the server's own keys. Not here: anything that opens a sealed thing."""
