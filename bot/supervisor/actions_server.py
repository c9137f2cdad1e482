"""`python -m bot.supervisor.actions_server`: the custom actions on loopback, without Rasa.

rasa-sdk's own command listens on every address unless `SANIC_HOST` says otherwise, allows every origin and lets sanic
start a second process.
"""

from __future__ import annotations

import logging

from bot.settings import settings

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Serves the actions of the package `actions` until SIGTERM or SIGINT."""
    from rasa_sdk import utils
    from rasa_sdk.endpoint import create_app

    chosen = settings()
    logging.basicConfig(level=chosen.log_level, format="%(asctime)s %(levelname)-8s %(name)s  %(message)s")
    utils.update_sanic_log_level()
    app = create_app("actions", cors_origins="")
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 3.0
    app.run(
        LOOPBACK,
        chosen.actions_port,
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
