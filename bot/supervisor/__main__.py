"""`python -m bot.supervisor serve | train | stories`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

import pydantic

from bot.settings import settings
from bot.supervisor.errors import SupervisorError
from bot.supervisor.guide import Guide

EXIT_FAILURE = 1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: What a shell reports for a program ended by Ctrl-C or SIGTERM; a clean stop of `serve` is a success instead.
EXIT_INTERRUPTED = 130


async def run(command: str) -> int:
    """Runs the command; SIGINT and SIGTERM cancel it. Gives the exit code."""
    guide = Guide(settings())
    actions = {"serve": guide.serve, "train": guide.prepare, "stories": guide.test_stories}
    work = asyncio.create_task(actions[command]())
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not work.done():
            guide.say("stopping")
            work.cancel()
        for number in SIGNALS:
            # A second signal must not interrupt the stopping of the children; that is bounded in time.
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        await work
    except asyncio.CancelledError:
        guide.say("stopped")
        return 0 if command == "serve" else EXIT_INTERRUPTED
    return 0


def main() -> int:
    """Command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bot.supervisor", description=__doc__)
    parser.add_argument("command", choices=("serve", "train", "stories"))
    arguments = parser.parse_args()
    try:
        return asyncio.run(run(arguments.command))
    except SupervisorError as error:
        for line in error.details:
            print(f"  {line}", file=sys.stderr)
        print(f"guide: {error.message}", file=sys.stderr)
    except pydantic.ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            print(f"guide: setting {name}: {problem['msg']}", file=sys.stderr)
    except OSError as error:
        print(f"guide: {error.strerror}: {error.filename or ''}", file=sys.stderr)
    return EXIT_FAILURE


if __name__ == "__main__":
    sys.exit(main())
