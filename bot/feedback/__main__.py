"""The notes as CSV on standard output, newest first: `python -m bot.feedback [feedback|unanswered|unsure]`."""

from __future__ import annotations

import argparse
import asyncio
import csv
import datetime as dt
import json
import sqlite3
import sys

from bot.answers.request import TOKYO
from bot.feedback.store import FeedbackStore, Kind, Note
from bot.settings import settings

_COLUMNS = (
    "day", "kind", "language", "channel", "question", "intent", "confidence", "status", "shown", "right", "reason"
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Command line. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", nargs="?", choices=("feedback", "unanswered", "unsure"))
    options = parser.parse_args(arguments)
    path = settings().feedback_db
    if not path.is_file():
        print(f"{path} does not exist: nothing has been noted yet", file=sys.stderr)
        return 1
    try:
        notes = asyncio.run(_read(options.kind))
    except sqlite3.Error as error:
        print(f"{path} cannot be read: {error}", file=sys.stderr)
        return 1
    writer = csv.writer(sys.stdout)
    writer.writerow(_COLUMNS)
    writer.writerows(_row(note) for note in notes)
    return 0


async def _read(kind: Kind | None) -> list[Note]:
    store = FeedbackStore(settings().feedback_db)
    try:
        return await store.notes(kind, limit=1_000_000)
    finally:
        await store.close()


def _row(note: Note) -> tuple[object, ...]:
    day = dt.datetime.fromtimestamp(note.time, TOKYO).date().isoformat()
    shown = json.dumps(note.shown, ensure_ascii=False)
    right = {None: "", True: "yes", False: "no"}[note.right]
    return (day, note.kind, note.language, note.channel, note.question, note.intent or "", note.confidence or "",
            note.status, shown, right, note.reason or "")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
