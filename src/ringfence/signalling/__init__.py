"""The WebSocket session of a meeting. Not here: who gets which message (meetings)."""
