"""The WebSocket sessions of meetings, and the delivery service behind them.
Not here: who gets which message (meetings), or pages and REST (server)."""
