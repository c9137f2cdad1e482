from __future__ import annotations

from pathlib import Path

import pytest
from babel import Locale

from bot.i18n.languages import (
    LanguageRegistry,
    LanguageRegistryError,
    enabled_languages,
    fallback_chain,
    language,
    languages,
    registry,
)


def _registry(tmp_path: Path, entries: str) -> LanguageRegistry:
    path = tmp_path / "languages.yaml"
    path.write_text(f"languages:\n{entries}", encoding="utf-8")
    return LanguageRegistry.read(path)


JAPANESE = "  - {code: ja, name: 日本語, locale: ja_JP, spacy: ja, script: [Jpan]}\n"


def test_every_language_can_be_formatted_and_falls_back_to_the_authoritative_one() -> None:
    assert len({entry.code for entry in languages()}) == len(languages())
    for entry in languages():
        Locale.parse(entry.locale)
        chain = fallback_chain(entry.code)
        assert chain[0] == entry.code
        assert chain[-1] == registry().first.code
        assert len(set(chain)) == len(chain)


def test_enabled_languages_are_those_marked_so_and_the_first_is_one_of_them() -> None:
    assert set(enabled_languages()) == {entry for entry in languages() if entry.enabled}
    assert registry().first in enabled_languages()
    assert registry().common_fallback in enabled_languages()


def test_a_variant_is_read_as_its_base() -> None:
    variants = [entry for entry in languages() if entry.variant_of]
    assert variants
    for variant in variants:
        assert variant.base == variant.variant_of
        assert language(variant.base).base == variant.base


def test_an_unknown_code_is_a_typed_error_and_find_says_none() -> None:
    with pytest.raises(LanguageRegistryError) as caught:
        language("xx-none")
    assert caught.value.code == "unknown_language"
    assert registry().find("xx-none") is None
    assert registry().find(None) is None


def test_common_fallback_is_what_most_others_fall_back_to(tmp_path: Path) -> None:
    found = _registry(
        tmp_path,
        JAPANESE
        + "  - {code: en, name: English, locale: en_GB, spacy: en, script: [Latn], fallback: [ja]}\n"
        + "  - {code: vi, name: V, locale: vi_VN, spacy: vi, script: [Latn], fallback: [en]}\n"
        + "  - {code: id, name: I, locale: id_ID, spacy: id, script: [Latn], fallback: [en]}\n",
    )
    assert found.common_fallback.code == "en"
    assert found.chain("vi") == ("vi", "en", "ja")


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (JAPANESE + JAPANESE, "listed twice"),
        (JAPANESE.replace("script: [Jpan]", "script: [Jpan], fallback: [en]"), "not another language"),
        (JAPANESE.replace("script: [Jpan]", "script: [Jpan], variant_of: ja"), "not another language"),
        (JAPANESE.replace("name: 日本語, ", ""), "name"),
        (JAPANESE.replace("script: [Jpan]", "script: [Jpan], colour: red"), "colour"),
    ],
)
def test_a_broken_registry_is_refused_with_its_reason(tmp_path: Path, entries: str, says: str) -> None:
    with pytest.raises(LanguageRegistryError, match=says) as caught:
        _registry(tmp_path, entries)
    assert caught.value.code == "invalid"


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(LanguageRegistryError) as caught:
        LanguageRegistry.read(tmp_path / "nothing.yaml")
    assert caught.value.code == "unreadable"


def test_text_that_is_no_yaml_is_invalid(tmp_path: Path) -> None:
    path = tmp_path / "languages.yaml"
    path.write_text("languages: [", encoding="utf-8")
    with pytest.raises(LanguageRegistryError) as caught:
        LanguageRegistry.read(path)
    assert caught.value.code == "invalid"
