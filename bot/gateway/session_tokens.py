"""Session tokens: a random id, signed with its time of issue, so that nobody can guess or alter another's."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog
from itsdangerous import BadSignature, TimestampSigner

from bot.settings import Settings

log = structlog.get_logger(__name__)

_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_MAX_LENGTH = 200


class SessionError(ValueError):
    """A token that opens no session."""

    def __init__(self, code: Literal["session_invalid", "session_expired"]) -> None:
        super().__init__(code)
        self.code: Literal["session_invalid", "session_expired"] = code


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a token says: the session's id and when the token was issued (seconds since 1970)."""

    session: str
    issued: int


class SessionTokens:
    """Issues and checks the tokens of sessions and of the page's forms."""

    def __init__(self, secret: str) -> None:
        self._sessions = _signer(secret, "session")
        self._forms = _signer(secret, "form")

    @staticmethod
    def new_id() -> str:
        """A session id of 128 random bits."""
        return secrets.token_urlsafe(16)

    def issue(self, session: str) -> str:
        """A token for a session, issued now."""
        return self._sessions.sign(session).decode()

    def read(self, token: str) -> TokenClaims:
        """What a token says. Raises `SessionError` (`session_invalid`) when it was not issued here."""
        return _read(self._sessions, token)

    def form_token(self, session: str) -> str:
        """The token a form of this session's page carries."""
        return self._forms.sign(session).decode()

    def form_token_fits(self, token: str, session: str) -> bool:
        """Whether a form's token was issued for this session."""
        try:
            return secrets.compare_digest(_read(self._forms, token).session, session)
        except SessionError:
            return False


def _signer(secret: str, purpose: str) -> TimestampSigner:
    return TimestampSigner(secret, salt=f"guide.{purpose}", key_derivation="hmac", digest_method=hashlib.sha256)


def _read(signer: TimestampSigner, token: str) -> TokenClaims:
    if not token.isascii() or len(token) > _MAX_LENGTH:
        raise SessionError("session_invalid")
    try:
        value, issued = signer.unsign(token, return_timestamp=True)
    except BadSignature as error:
        raise SessionError("session_invalid") from error
    session = value.decode("ascii", "replace")
    if not _ID.fullmatch(session):
        raise SessionError("session_invalid")
    return TokenClaims(session, int(issued.timestamp()))


def signing_secret(settings: Settings) -> str:
    """The configured secret, or the one kept in the run-time folder; made there at the first start.

    Where the folder cannot be written, a secret for this process only: sessions then end with it.
    """
    if settings.session_secret is not None:
        return settings.session_secret.get_secret_value()
    path = settings.var_dir / "session_secret"
    try:
        return _kept_secret(path)
    except OSError as error:
        log.warning("session secret is not kept: sessions end with this process", reason=error.strerror)
        return secrets.token_urlsafe(32)


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    for _attempt in range(2):
        if path.is_file() and (kept := path.read_text("ascii").strip()):
            return kept
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
        if path.exists() and path.stat().st_size == 0:
            path.unlink()
        # A link fails where another worker was first; its secret is then read.
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink(missing_ok=True)
    return path.read_text("ascii").strip()
