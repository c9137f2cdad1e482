"""Deleting a conversation everywhere it is kept: the gateway's own store and Rasa's trackers."""

from __future__ import annotations

from bot.gateway.conversations import Conversations
from bot.gateway.trackers import Trackers


class Forgetting:
    """Both stores. What cannot be deleted now is repeated by their `flush`."""

    def __init__(self, conversations: Conversations, trackers: Trackers) -> None:
        self._conversations = conversations
        self._trackers = trackers

    async def forget(self, session_id: str) -> bool:
        """Delete a session; False when some of it will only be deleted later. Never raises."""
        deleted = await self._conversations.delete(session_id)
        return await self._trackers.delete(session_id) and deleted
