"""Translation services behind one small interface, spoken to by deep-translator."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Protocol

import requests
from deep_translator import DeeplTranslator, LibreTranslator, MicrosoftTranslator, deepl, libre, microsoft
from deep_translator.exceptions import (
    AuthorizationException,
    LanguageNotSupportedException,
    MicrosoftAPIerror,
    ServerException,
    TooManyRequests,
)

from bot.settings import Settings
from bot.translation.errors import TranslationError
from bot.translation.transport import Transport


class Provider(Protocol):
    """A translation service."""

    name: str

    def translate(self, text: str, source: str, target: str) -> str:
        """`text` in the language `target`; both languages as ISO 639 codes. Blocking. Raises `TranslationError`."""
        ...


class DeepTranslatorProvider:
    """One of deep-translator's services. `make` builds a translator for two languages."""

    def __init__(self, name: str, module: ModuleType, make: Callable[[str, str], Any], seconds: float) -> None:
        self.name = name
        self._make = make
        # The module's own `requests` is replaced once, before any thread uses it.
        module.requests = Transport(seconds)  # type: ignore[attr-defined]

    def translate(self, text: str, source: str, target: str) -> str:
        """See `Provider`."""
        try:
            found = self._make(source, target).translate(text)
        except LanguageNotSupportedException as error:
            raise TranslationError("unsupported_language") from error
        except requests.exceptions.Timeout as error:
            raise TranslationError("timeout") from error
        except AuthorizationException as error:
            raise TranslationError("refused") from error
        except TooManyRequests as error:
            raise TranslationError("rate_limited") from error
        except ServerException as error:
            raise TranslationError(_of_status(error)) from error
        except MicrosoftAPIerror as error:
            raise TranslationError("failed") from error
        except requests.exceptions.JSONDecodeError as error:
            raise TranslationError("garbage") from error
        except (requests.exceptions.ConnectionError, ConnectionError) as error:
            raise TranslationError("unreachable") from error
        except requests.exceptions.RequestException as error:
            raise TranslationError("garbage") from error
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            # What deep-translator does with an answer of another shape than it expects.
            raise TranslationError("garbage") from error
        except Exception as error:
            raise TranslationError("failed") from error
        if not isinstance(found, str) or not found.strip():
            raise TranslationError("garbage")
        return found


def _of_status(error: ServerException) -> Any:
    """The reason for an HTTP status: deep-translator gives its words, not its number."""
    words = str(error).lower()
    if "too_many" in words:
        return "rate_limited"
    if "key_invalid" in words:
        return "refused"
    return "failed"


def _libre(settings: Settings, seconds: float) -> DeepTranslatorProvider:
    key = settings.translation_key.get_secret_value() if settings.translation_key else ""
    base = settings.translation_url.rstrip("/") + "/"

    def make(source: str, target: str) -> Any:
        # deep-translator insists on a key; a service of one's own may need none.
        translator = LibreTranslator("en", "ja", api_key=key or "none", custom_url=base)
        translator.api_key = key
        # A server of one's own may know more languages than deep-translator lists: it says itself which it does not.
        translator.source, translator.target = source, target
        return translator

    return DeepTranslatorProvider("libretranslate", libre, make, seconds)


def _deepl(settings: Settings, seconds: float) -> DeepTranslatorProvider:
    key = settings.translation_key.get_secret_value() if settings.translation_key else ""
    free = key.endswith(":fx")
    return DeepTranslatorProvider(
        "deepl",
        deepl,
        lambda source, target: DeeplTranslator(source, target, api_key=key, use_free_api=free),
        seconds,
    )


def _microsoft(settings: Settings, seconds: float) -> DeepTranslatorProvider:
    key = settings.translation_key.get_secret_value() if settings.translation_key else ""
    region = settings.translation_region or None
    made: dict[tuple[str, str], Any] = {}
    lock = threading.Lock()

    def make(source: str, target: str) -> Any:
        # Its constructor asks the service for the list of languages each time.
        with lock:
            if (source, target) not in made:
                made[source, target] = MicrosoftTranslator(source, target, api_key=key, region=region)
            return made[source, target]

    return DeepTranslatorProvider("microsoft", microsoft, make, seconds)


_FACTORIES: Mapping[str, Callable[[Settings, float], DeepTranslatorProvider]] = {
    "libretranslate": _libre,
    "deepl": _deepl,
    "microsoft": _microsoft,
}


def provider(settings: Settings) -> Provider | None:
    """The configured service, None where none is. Raises `ValueError` when the configuration is incomplete."""
    name = settings.translation_provider
    if not name:
        return None
    if name == "libretranslate" and not settings.translation_url:
        raise ValueError("TRANSLATION_PROVIDER=libretranslate needs TRANSLATION_URL")
    if name != "libretranslate" and settings.translation_key is None:
        raise ValueError(f"TRANSLATION_PROVIDER={name} needs TRANSLATION_KEY")
    return _FACTORIES[name](settings, settings.translation_timeout)
