"""Every message between client and server as a model: `http` and `session`, one module a conversation.
The documentation and the TypeScript types are generated from here (tools/generate.py)."""
