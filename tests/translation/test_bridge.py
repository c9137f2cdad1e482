"""The bridge against a real server that speaks LibreTranslate's protocol."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.settings import Settings
from bot.translation.bridge import Bridge
from bot.translation.errors import TranslationError
from bot.translation.protection import Glossary
from bot.translation.providers import provider
from tests.gateway.conftest import free_port
from tests.translation.libretranslate import LibreTranslateServer

TIMEOUT = 0.5


def bridge_to(url: str, *names: str, **details: Any) -> Bridge:
    settings = Settings(translation_provider="libretranslate", translation_url=url, translation_timeout=TIMEOUT)
    return Bridge(provider(settings), Glossary(names), pause=lambda _seconds: None, **details)


def reason_of(bridge: Bridge, text: str = "bonjour", source: str = "fr") -> str:
    with pytest.raises(TranslationError) as caught:
        bridge.translate(text, source, "en")
    return caught.value.reason


def test_a_text_is_translated_and_stays_out_of_the_address(libretranslate: LibreTranslateServer) -> None:
    assert bridge_to(libretranslate.url).translate("bonjour", "fr", "en") == "<en> bonjour"
    assert libretranslate.heard[0]["source"] == "fr"
    assert "bonjour" not in libretranslate.addresses[0]


def test_names_numbers_and_addresses_stay_as_they_are(libretranslate: LibreTranslateServer) -> None:
    bridge = bridge_to(libretranslate.url, "Tsurumi International Lounge", "Tsurumi", "鶴見国際交流ラウンジ")
    text = (
        "Tsurumi International Lounge (鶴見国際交流ラウンジ), 045-511-5311, 10:00-17:00, https://a.example/x?y=z, #7119"
    )
    assert bridge.translate(text, "en", "fr") == f"<fr> {text}"
    sent = libretranslate.heard[0]["q"]
    assert not any(part in sent for part in ("Tsurumi", "鶴見", "045", "example", "7119", "17:00"))


def test_a_line_that_loses_its_names_stays_untranslated(libretranslate: LibreTranslateServer) -> None:
    libretranslate.modes = ["loses names"]
    assert bridge_to(libretranslate.url, "Tsurumi").translate("to Tsurumi", "en", "fr") == "to Tsurumi"


def test_joined_lines_are_translated_one_by_one(libretranslate: LibreTranslateServer) -> None:
    libretranslate.modes = ["joins lines"]
    assert bridge_to(libretranslate.url).translate_all(["one", "two"], "en", "fr") == ["<fr> one", "<fr> two"]


def test_what_is_known_is_not_asked_again(libretranslate: LibreTranslateServer) -> None:
    bridge = bridge_to(libretranslate.url)
    bridge.translate_all(["one", "two"], "en", "fr")
    bridge.translate_all(["two", "one"], "en", "fr")
    assert len(libretranslate.heard) == 1
    bridge.translate("one", "en", "de")
    assert len(libretranslate.heard) == 2


def test_long_texts_are_sent_in_parts(libretranslate: LibreTranslateServer) -> None:
    texts = [f"{number} " + "word " * 300 for number in range(8)]
    assert len(bridge_to(libretranslate.url).translate_all(texts, "en", "fr")) == 8
    assert all(len(each["q"]) <= 5_000 for each in libretranslate.heard)
    assert len(libretranslate.heard) > 1


@pytest.mark.parametrize("mode", ["429", "500"])
def test_a_passing_failure_is_tried_again(libretranslate: LibreTranslateServer, mode: str) -> None:
    libretranslate.modes = [mode]
    assert bridge_to(libretranslate.url).translate("bonjour", "fr", "en") == "<en> bonjour"
    assert len(libretranslate.heard) == 2


@pytest.mark.parametrize(
    ("mode", "reason", "asked"),
    [
        ("429", "rate_limited", 2),
        ("500", "failed", 2),
        ("403", "refused", 1),
        ("garbage", "garbage", 1),
        ("other shape", "garbage", 1),
        ("number", "garbage", 1),
        ("empty", "garbage", 1),
        ("endless", "garbage", 1),
    ],
)
def test_failures_have_reasons(libretranslate: LibreTranslateServer, mode: str, reason: str, asked: int) -> None:
    libretranslate.modes = [mode, mode]
    assert reason_of(bridge_to(libretranslate.url)) == reason
    assert len(libretranslate.heard) == asked


def test_an_unknown_language_is_a_failure(libretranslate: LibreTranslateServer) -> None:
    assert reason_of(bridge_to(libretranslate.url), source="xx") == "failed"


def test_a_slow_service_is_given_up(libretranslate: LibreTranslateServer) -> None:
    libretranslate.delay = 10 * TIMEOUT
    started = time.monotonic()
    assert reason_of(bridge_to(libretranslate.url, tries=1)) == "timeout"
    assert time.monotonic() - started < 8 * TIMEOUT


def test_an_answer_in_drops_is_given_up(libretranslate: LibreTranslateServer) -> None:
    libretranslate.modes = ["drips"]
    started = time.monotonic()
    assert reason_of(bridge_to(libretranslate.url, tries=1)) == "timeout"
    assert time.monotonic() - started < 8 * TIMEOUT


def test_no_key_is_sent_where_none_is_set(libretranslate: LibreTranslateServer) -> None:
    bridge_to(libretranslate.url).translate("bonjour", "fr", "en")
    assert "api_key" not in libretranslate.heard[0]


def test_nobody_there_opens_the_circuit(libretranslate: LibreTranslateServer) -> None:
    bridge = bridge_to(f"http://127.0.0.1:{free_port()}")
    assert reason_of(bridge) == "unreachable"
    started = time.monotonic()
    assert reason_of(bridge) == "unreachable"
    assert time.monotonic() - started < 0.1


def test_off_without_a_service() -> None:
    bridge = Bridge(provider(Settings(translation_provider="")))
    assert not bridge.is_on
    assert reason_of(bridge) == "off"


@pytest.mark.parametrize(
    "values", [{"translation_provider": "libretranslate"}, {"translation_provider": "deepl"},
               {"translation_provider": "microsoft"}]
)  # fmt: skip
def test_an_incomplete_configuration_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs TRANSLATION_"):
        provider(Settings(**values))


@pytest.mark.parametrize("name", ["deepl", "microsoft"])
def test_services_that_cannot_be_reached_fail_with_a_reason(name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request leaves this machine: a proxy that nobody listens on takes the connection."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    found = provider(Settings(translation_provider=name, translation_key=SecretStr("k"), translation_timeout=TIMEOUT))
    assert found is not None
    with pytest.raises(TranslationError) as caught:
        found.translate("hello", "en", "fr")
    assert caught.value.reason in {"unreachable", "failed", "garbage"}


@given(st.text(max_size=200))
def test_protection_gives_back_what_it_took(text: str) -> None:
    protected = Glossary(["Tsurumi", "鶴見"]).protect(text)
    restored = protected.restore(protected.text)
    assert restored is not None
    assert all(kept in restored for kept in protected.kept)


def test_a_doubled_token_is_noticed() -> None:
    protected = Glossary(["Tsurumi"]).protect("to Tsurumi")
    assert protected.restore(protected.text + protected.text) is None
    assert protected.restore("") is None
