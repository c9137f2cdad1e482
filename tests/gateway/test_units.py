"""The gateway's small parts on their own."""

from __future__ import annotations

import asyncio
import sqlite3
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circuit import Circuit
from bot.gateway.conversations import MOST_UNSAVED, Conversations, Entry, Session
from bot.gateway.guide import SessionLocks
from bot.gateway.page_view import display, mail, telephone, web
from bot.gateway.prober import Prober
from bot.gateway.rate_limit import TokenBuckets, client_address
from bot.gateway.session_tokens import SessionError, SessionTokens, signing_secret
from bot.gateway.text_cleaning import NotUnicodeError, clean_text
from bot.settings import Settings


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_clean_text_is_clean_and_stays_so(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not cleaned.startswith("/")
    assert cleaned == cleaned.strip()
    for character in cleaned:
        assert character in "\n\u200c\u200d" or unicodedata.category(character) not in {"Cc", "Cf", "Co"}


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\u0301", "á"),
        ("が", "が"),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("one \t two\r\n\r\n three ", "one two\nthree"),
        ("क्\u200dष", "क्\u200dष"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("pass\u200dport", "passport"),
        ("\u200dक", "क"),
        ("pa\u00adss\x00port\x1b[31m", "passport[31m"),
        ("Z" + "\u0316" * 40, "Z" + "\u0316" * 4),
        ("tiếng Việt", "tiếng Việt"),
        ("// / /help", "help"),
        ("3/4", "3/4"),
        ("\U000e0041hi\U000e007f", "hi"),
        ("ㅤ", ""),
    ],
)
def test_clean_text_examples(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_lone_surrogates_are_no_text() -> None:
    with pytest.raises(NotUnicodeError):
        clean_text("a\ud800")


def test_buckets_fill_evenly_and_forget_the_oldest() -> None:
    clock = Clock()
    buckets = TokenBuckets(2, most_keys=3, clock=clock)
    assert [buckets.take("a"), buckets.take("a")] == [0.0, 0.0]
    assert buckets.take("a") == pytest.approx(30.0)
    clock.now += 30
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    for key in "bcd":
        buckets.take(key)
    assert len(buckets) == 3
    assert buckets.take("a") == 0.0, "forgotten, so full again"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", None, [], "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", [], "192.0.2.1"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.7", ["10.0.0.1"], "198.51.100.7"),
        ("10.0.0.1", "203.0.113.5, 10.0.0.2", ["10.0.0.1", "10.0.0.2"], "203.0.113.5"),
        ("10.0.0.1", "", ["10.0.0.1"], "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, [], "2001:db8:1:2::/64"),
        (None, None, [], "unknown"),
        ("10.0.0.1", "x" * 500, ["10.0.0.1"], "x" * 64),
    ],
)
def test_the_address_a_request_counts_for(
    peer: str | None, forwarded: str | None, trusted: list[str], address: str
) -> None:
    assert client_address(peer, forwarded, frozenset(trusted)) == address


def test_tokens_of_other_secrets_and_purposes_do_not_open() -> None:
    tokens = SessionTokens("one")
    session = tokens.new_id()
    assert tokens.read(tokens.issue(session)).session == session
    assert tokens.form_token_fits(tokens.form_token(session), session)
    assert not tokens.form_token_fits(tokens.form_token(tokens.new_id()), session)
    assert not tokens.form_token_fits(tokens.issue(session), session)
    for bad in (SessionTokens("two").issue(session), tokens.form_token(session), "", "a.b.c", "é", "x" * 10_000):
        with pytest.raises(SessionError):
            tokens.read(bad)


@given(st.text(max_size=80))
def test_no_rubbish_is_a_token(text: str) -> None:
    with pytest.raises(SessionError):
        SessionTokens("one").read(text)


def test_the_secret_is_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path / "var")
    first = signing_secret(settings)
    assert signing_secret(settings) == first
    assert len(first) >= 32
    path = tmp_path / "var" / "session_secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["session_secret"]
    path.write_text("")
    renewed = signing_secret(settings)
    assert renewed
    assert signing_secret(settings) == renewed


def test_a_circuit_opens_waits_and_closes() -> None:
    clock = Clock()
    circuit = Circuit("rasa", clock=clock)
    for _ in range(2):
        assert circuit.allow()
        circuit.failed(hard=True)
    assert not circuit.allow()
    clock.now += 1.1
    assert circuit.allow(), "one try after the wait"
    assert not circuit.allow(), "and only one"
    circuit.failed(hard=True)
    clock.now += 1.1
    assert not circuit.allow(), "the wait has doubled"
    clock.now += 1
    assert circuit.allow()
    circuit.given_up()
    assert circuit.allow()
    circuit.succeeded()
    assert circuit.allow()
    assert circuit.allow()


def test_unusable_answers_do_not_open_a_circuit_and_probes_do() -> None:
    circuit = Circuit("rasa", clock=Clock())
    for _ in range(10):
        assert circuit.allow()
        circuit.failed(hard=False)
    circuit.probed(up=False)
    assert circuit.is_open
    assert not circuit.allow()
    circuit.probed(up=True)
    assert circuit.allow()


async def test_a_prober_survives_a_failing_probe_and_hurries() -> None:
    circuit = Circuit("rasa")
    results: list[bool | Exception] = [OSError("no"), False, True]
    seen = asyncio.Event()

    async def probe() -> bool:
        result = results.pop(0) if results else True
        if not results:
            seen.set()
        if isinstance(result, Exception):
            raise result
        return result

    prober = Prober(probe, circuit, seconds_up=60, seconds_down=0.01)
    prober.start()
    await asyncio.sleep(0.05)
    prober.hurry()
    await asyncio.wait_for(seen.wait(), 5)
    await prober.stop()
    assert not circuit.is_open


async def test_session_locks_keep_order_and_are_forgotten() -> None:
    locks = SessionLocks()
    order: list[int] = []

    async def work(number: int) -> None:
        async with locks.of("a"):
            await asyncio.sleep(0.01 * (3 - number))
            order.append(number)

    await asyncio.gather(*(work(number) for number in range(3)))
    assert order == [0, 1, 2]
    assert len(locks) == 0


def _session(identifier: str = "s", at: float = 1_000.0) -> Session:
    return Session(identifier, "vi", True, at, at)


def _entry(text: str, at: float = 1_000.0) -> Entry:
    return Entry("resident", "vi", text, None, at)


def _on_disk(folder: Path, words: bytes) -> bool:
    return any(words in file.read_bytes() for file in folder.iterdir())


async def test_conversations_are_kept_in_order(tmp_path: Path) -> None:
    store = Conversations(tmp_path / "deep" / "c.sqlite3")
    card = {"title": "Xin chào", "rows": []}
    for number in range(3):
        await store.record(_session(), [_entry(str(number)), Entry("guide", "vi", "x", card, 1.0)])
    assert await store.load("s") == _session()
    assert await store.load("other") is None
    history = await store.history("s")
    assert [entry.text for entry in history if entry.author == "resident"] == ["0", "1", "2"]
    assert history[1].card == card
    assert [entry.text for entry in await store.history("s", limit=2)] == ["2", "x"]
    await store.close()


async def test_what_is_deleted_is_gone_from_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    store = Conversations(path)
    await store.record(_session(), [_entry("my private words")])
    await store.record(_session("t"), [_entry("other words")])
    await store.delete("s")
    assert await store.load("s") is None
    assert await store.history("s") == []
    assert await store.history("t") != []
    await store.close()
    assert not _on_disk(tmp_path, b"my private words")


async def test_old_conversations_are_purged(tmp_path: Path) -> None:
    now = 100 * 86_400.0
    store = Conversations(tmp_path / "c.sqlite3", clock=lambda: now)
    await store.record(_session("old", now - 31 * 86_400), [_entry("old words", now - 31 * 86_400)])
    await store.record(_session("long", now), [_entry("first words", now - 40 * 86_400), _entry("new", now)])
    assert await store.purge(30) == 2
    assert await store.load("old") is None
    assert [entry.text for entry in await store.history("long")] == ["new"]
    await store.close()
    assert not _on_disk(tmp_path, b"old words")
    assert not _on_disk(tmp_path, b"first words")


async def test_a_locked_file_keeps_words_in_memory_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    store = Conversations(path)
    await store.record(_session(), [_entry("saved")])
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    await store.record(_session(), [_entry("waiting")])
    await store.record(_session("t"), [_entry("deleted while waiting")])
    await store.delete("t")
    assert not await store.ready()
    assert [entry.text for entry in await store.history("s")] == ["saved", "waiting"]
    assert await store.history("t") == []
    assert store.failure
    for number in range(MOST_UNSAVED + 10):
        await store.record(_session("flood"), [_entry(str(number))])
    assert store.unsaved == MOST_UNSAVED
    blocker.execute("ROLLBACK")
    blocker.close()
    await store.flush(force=True)
    assert store.unsaved == 0
    assert store.failure is None
    assert await store.ready()
    await store.close()


async def test_a_file_that_is_no_database_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite3"
    path.write_bytes(b"this is no database, and it is long enough to be taken for one" * 50)
    store = Conversations(path)
    await store.open()
    await store.record(_session(), [_entry("still there")])
    assert [entry.text for entry in await store.history("s")] == ["still there"]
    assert await store.load("s") == _session()
    assert await store.purge(30) == 0
    assert not await store.ready()
    await store.close()


@pytest.mark.parametrize(
    ("number", "address"),
    [("045-222-1209", "tel:045-222-1209"), ("#7119", "tel:%237119"), ("+81-45-222-1209", "tel:+81-45-222-1209"),
     ("119", "tel:119"), ("045;x", ""), ("javascript:1", ""), ("", "")],
)  # fmt: skip
def test_telephone_addresses(number: str, address: str) -> None:
    assert telephone(number) == address


def test_only_web_and_mail_addresses_become_links() -> None:
    assert web("https://example.jp/a?b=c") == "https://example.jp/a?b=c"
    for bad in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a b", 'https://a"b', None, ""):
        assert web(bad) == ""
    assert mail("a@example.jp") == "mailto:a@example.jp"
    assert mail("a@example.jp?cc=b@c.d") == ""


@given(st.text(max_size=60), st.sampled_from(["ja", "ja-x-easy", "en", "unknown"]))
def test_displayed_text_holds_no_markup_of_its_own(text: str, code: str) -> None:
    html = str(display(text, code))
    for allowed in ("<ruby>", "</ruby>", "<rp>", "</rp>", "<rt>", "</rt>", "<br>"):
        html = html.replace(allowed, "")
    assert "<" not in html
    assert ">" not in html
