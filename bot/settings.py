"""Every setting, read from the environment once. `docs/operations.md` lists them; a test keeps the list complete."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The process's settings. Environment variables carry the field's name in upper case (`PORT`, `RASA_PORT`, …)."""

    model_config = SettingsConfigDict(env_file=None, frozen=True)

    host: str = Field(default="127.0.0.1", description="address the gateway listens on")
    port: int = Field(default=8080, ge=1, le=65535, description="port the gateway listens on")
    rasa_port: int = Field(default=5005, ge=1, le=65535, description="port of Rasa, always on loopback")
    actions_port: int = Field(default=5055, ge=1, le=65535, description="port of the action server, always on loopback")
    rasa_timeout: float = Field(
        default=8.0, gt=0, description="seconds the gateway waits for Rasa before it answers by itself"
    )

    data_dir: Path = Field(default=PROJECT_ROOT / "data", description="curated knowledge, examples, catalogues")
    var_dir: Path = Field(default=PROJECT_ROOT / "var", description="databases and other run-time files")
    model_dir: Path = Field(default=PROJECT_ROOT / "models", description="trained models")

    session_secret: SecretStr | None = Field(
        default=None, description="key that signs session tokens; without it one is made and kept in var/"
    )
    session_idle_days: int = Field(default=30, ge=1, description="days after which an unused session token is refused")
    retention_days: int = Field(default=30, ge=1, description="days a conversation is kept")
    feedback_days: int = Field(default=365, ge=1, description="days feedback and unanswered questions are kept")
    context_idle_minutes: int = Field(
        default=30, ge=1, description="minutes after which a conversation no longer knows what it was about"
    )
    max_text_length: int = Field(default=1000, ge=100, description="characters of one message")
    max_body_bytes: int = Field(default=65_536, ge=4_096, description="bytes of one request body")
    rate_per_minute: int = Field(default=60, ge=1, description="messages a minute from one session")
    rate_per_minute_address: int = Field(default=300, ge=1, description="messages a minute from one network address")
    max_in_flight: int = Field(default=200, ge=1, description="messages answered at the same time; more get 503")
    trusted_proxies: str = Field(
        default="", description="comma-separated proxy addresses whose X-Forwarded-For is believed"
    )
    allowed_origins: str = Field(
        default="", description="comma-separated origins that may call the chat API from a browser"
    )
    translation_provider: Literal["", "libretranslate", "deepl", "microsoft"] = Field(
        default="",
        description="service for languages without own texts (libretranslate, deepl, microsoft); empty: off",
    )
    translation_url: str = Field(default="", description="base address of a LibreTranslate server")
    translation_key: SecretStr | None = Field(default=None, description="key of the translation service")
    translation_region: str = Field(default="", description="region of the Microsoft resource")
    translation_timeout: float = Field(default=4.0, gt=0, description="seconds to wait for the translation service")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")

    @property
    def model_path(self) -> Path:
        """The trained model in use."""
        return self.model_dir / "guide.tar.gz"

    @property
    def knowledge_db(self) -> Path:
        """SQLite file of the knowledge store."""
        return self.var_dir / "knowledge.sqlite3"

    @property
    def conversations_db(self) -> Path:
        """SQLite file of the gateway's sessions and conversations."""
        return self.var_dir / "conversations.sqlite3"

    @property
    def feedback_db(self) -> Path:
        """SQLite file of feedback and of questions that got no sure answer."""
        return self.var_dir / "feedback.sqlite3"

    @property
    def tracker_db(self) -> Path:
        """SQLite file of Rasa's tracker store."""
        return self.var_dir / "tracker.sqlite3"

    @property
    def rasa_url(self) -> str:
        """Base address of Rasa."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Base address of the action server."""
        return f"http://127.0.0.1:{self.actions_port}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
