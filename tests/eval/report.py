"""`docs/quality.md`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tests.eval.measure import OUTCOMES, Result, Share
from tests.eval.perturbations import PERTURBATIONS

CONFUSIONS = 25


def report(results: Sequence[Result]) -> str:
    """The whole page."""
    parts = [
        "# Quality",
        "Written by `make eval`. Held-out questions (`tests/eval/`), asked over the chat API of the three running\n"
        "processes; the guide finds out the language by itself. *Right*: the expected office, topic, procedure or\n"
        'emergency, or no answer where none is right. *Asked back*: "did you mean" or "which office".\n'
        "*Confidently wrong*: another answer. A dash: no such set yet.",
        table(results),
        "![outcomes a language](images/quality.svg)",
        "## Language, danger, out of scope\n\n"
        "*Identified*: texts of `tests/eval/identification/` without a conversation. *Danger*: sentences of\n"
        "`tests/eval/safety/` answered with an emergency card. *False alarms*: other held-out questions that got one.",
        _shares(
            results,
            {
                "short texts identified": lambda r: r.short_identified,
                "long texts identified": lambda r: r.long_identified,
                "danger seen": lambda r: r.danger,
                "false alarms": lambda r: r.false_alarms,
                "out of scope not answered": lambda r: r.out_of_scope,
            },
        ),
        "## Right, an area",
        _shares(results, {area: _area(area) for area in sorted({area for r in results for area in r.areas})}),
        "## Typed differently\n\nOf the questions answered right: the share that still is when it is typed so.",
        _shares(results, {name: _robust(name) for name in PERTURBATIONS}),
        "## How honest the probabilities are\n\n![reliability a language](images/reliability.svg)",
        f"## What is mistaken for what\n\nThe {CONFUSIONS} most frequent confident mistakes of all languages.",
        _confusions(results),
    ]
    return "\n\n".join(parts) + "\n"


def table(results: Sequence[Result]) -> str:
    """Outcomes, a language a line."""
    lines = [
        "| language | questions | right | asked back | no answer | confidently wrong | in the right language |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        cells = " | ".join(f"{result.share(outcome):.1%}" for outcome in OUTCOMES)
        lines.append(f"| {result.language} | {result.total} | {cells} | {_cell(result.in_right_language)} |")
    return "\n".join(lines)


def _shares(results: Sequence[Result], columns: dict[str, Callable[[Result], Share | None]]) -> str:
    lines = [f"| language | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for result in results:
        cells = " | ".join(_cell(find(result)) for find in columns.values())
        lines.append(f"| {result.language} | {cells} |")
    return "\n".join(lines)


def _cell(share: Share | None) -> str:
    return "–" if share is None or share.value is None else f"{share.value:.1%} ({share.of})"


def _area(area: str) -> Callable[[Result], Share | None]:
    return lambda result: result.areas.get(area)


def _robust(name: str) -> Callable[[Result], Share | None]:
    return lambda result: result.robust.get(name)


def _confusions(results: Sequence[Result]) -> str:
    total: Counter[tuple[str, str]] = Counter()
    for result in results:
        total.update(result.confusions)
    lines = ["| asked | answered | times |", "|---|---|---|"]
    lines += [f"| {asked} | {given} | {times} |" for (asked, given), times in total.most_common(CONFUSIONS)]
    return "\n".join(lines)
