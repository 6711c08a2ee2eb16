"""An application behind the product's own HTTP and WebSocket protocols, in the test's process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from ringfence.server import sockets


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[int]:
    """Gives the port."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, http=sockets.Http, ws=sockets.Socket)
    config.load()
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    made = lambda: sockets.Http(config=config, server_state=state, app_state={})  # noqa: E731
    server = await loop.create_server(made, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
