"""Runs the gateway: `python -m bot.gateway`."""

from __future__ import annotations

import errno
import socket
import sys

import structlog
import uvicorn

from bot.gateway.logging_setup import set_up_logging
from bot.settings import settings

log = structlog.get_logger("bot.gateway")

_SHUTDOWN_SECONDS = 10


def main() -> int:
    """Serve until SIGINT or SIGTERM; running answers are finished first. Returns the exit code."""
    current = settings()
    set_up_logging(current.log_level)
    try:
        listening = _listen(current.host, current.port)
    except OSError as error:
        reason = "the port is in use" if error.errno == errno.EADDRINUSE else error.strerror
        log.error("cannot listen", host=current.host, port=current.port, reason=reason)
        return 1
    # Loading the app takes seconds; a port in use is told before that.
    from bot.gateway.app import create_app

    config = uvicorn.Config(
        create_app(current),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        timeout_keep_alive=30,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    with listening:
        server.run(sockets=[listening])
    return 0 if server.started else 1


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
        listening.set_inheritable(True)
    except OSError:
        listening.close()
        raise
    return listening


if __name__ == "__main__":
    sys.exit(main())
