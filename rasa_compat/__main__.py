"""`python -m rasa_compat <arguments of rasa>`: Rasa's command line with the mends in place."""

from __future__ import annotations

import os

import rasa_compat  # noqa: F401  (puts the mends in place)


def name_endpoints() -> None:
    """Sets the variables that `endpoints.yml` names, for commands that are not started by the supervisor."""
    if "GUIDE_TRACKER_DB" in os.environ:
        return
    from bot.settings import settings
    from bot.supervisor.parts import endpoint_variables

    for name, value in endpoint_variables(settings()).items():
        os.environ.setdefault(name, value)


def main() -> None:
    """Runs Rasa's command line."""
    name_endpoints()
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
