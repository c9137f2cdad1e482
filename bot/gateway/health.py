"""The state of every part of the guide."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from starlette.concurrency import run_in_threadpool

from bot.circuit import Circuit
from bot.gateway.conversations import Conversations
from bot.gateway.local_answers import LocalAnswers
from bot.gateway.metrics import Metrics
from bot.gateway.rasa_client import RasaClient

Part = Literal["knowledge", "conversations", "rasa", "actions"]
PARTS: Final[tuple[Part, ...]] = ("knowledge", "conversations", "rasa", "actions")


@dataclass(frozen=True, slots=True)
class Health:
    """Which parts work."""

    parts: Mapping[Part, bool]

    @property
    def ready(self) -> bool:
        """Whether the guide can answer as well as it ever can."""
        return all(self.parts.values())

    def as_dict(self) -> dict[str, object]:
        """The state as JSON values."""
        return {
            "status": "ready" if self.ready else "degraded",
            "parts": {part: "up" if up else "down" for part, up in self.parts.items()},
        }


class HealthCheck:
    """Looks at the parts when asked. The circuit learns what is found: who is told `ready` is answered by Rasa."""

    def __init__(
        self, local: LocalAnswers, conversations: Conversations, rasa: RasaClient, circuit: Circuit, metrics: Metrics
    ) -> None:
        self._local = local
        self._conversations = conversations
        self._rasa = rasa
        self._circuit = circuit
        self._metrics = metrics

    async def all(self) -> Health:
        """The state of all parts, looked at now."""
        knowledge, conversations, rasa, actions = await asyncio.gather(
            run_in_threadpool(self._local.knowledge_ready),
            self._conversations.ready(),
            self._rasa.probe("rasa"),
            self._rasa.probe("actions"),
        )
        parts: dict[Part, bool] = {
            "knowledge": knowledge[0],
            "conversations": conversations,
            "rasa": rasa,
            "actions": actions,
        }
        for part, up in parts.items():
            self._metrics.part_up.labels(part).set(up)
        self._circuit.probed(up=rasa and actions)
        return Health(parts)

    async def dialogue(self) -> bool:
        """Whether Rasa and the action server answer."""
        rasa, actions = await asyncio.gather(self._rasa.probe("rasa"), self._rasa.probe("actions"))
        self._metrics.part_up.labels("rasa").set(rasa)
        self._metrics.part_up.labels("actions").set(actions)
        return rasa and actions
