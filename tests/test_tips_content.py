"""The starter content: what every tip that comes with the product must be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tips import database, starter
from tips.checking import body_words, plain, problems
from tips.models import AUDIENCES, LANGUAGES, SERIES, Language, Pack
from tips.packs import is_web_address
from tips.spelling import misspelt, speller
from tips.store import TipStore, migrations


@pytest.fixture
def store() -> Iterator[TipStore]:
    opened = database.in_memory([migrations])
    yield TipStore(opened)
    opened.close()


def test_the_starter_content_passes_the_strict_check(starter_pack: Pack) -> None:
    assert [str(problem) for problem in problems(starter_pack)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_starter_content_is_spelt_right(starter_pack: Pack, language: Language) -> None:
    if (check := speller(language)) is None:
        pytest.skip(f"no speller for {language}")
    texts = [tip.texts[language] for tip in starter_pack.tips]
    assert misspelt("\n".join(f"{text.title}\n{plain(text.body)}" for text in texts), check) == []


def test_every_tip_has_three_languages_and_a_known_audience(starter_pack: Pack) -> None:
    for tip in starter_pack.tips:
        assert set(tip.texts) == set(LANGUAGES), tip.id
        assert tip.audience, tip.id
        assert set(tip.audience) <= set(AUDIENCES), tip.id


def test_every_body_is_read_in_half_a_minute(starter_pack: Pack) -> None:
    lengths = {(tip.id, lang): body_words(text, lang) for tip in starter_pack.tips for lang, text in tip.texts.items()}
    assert {place: words for place, words in lengths.items() if words > 80} == {}


def test_every_source_is_a_web_address(starter_pack: Pack) -> None:
    assert [tip.id for tip in starter_pack.tips if tip.source and not is_web_address(tip.source)] == []


def test_every_theme_has_a_series_and_three_titles(starter_pack: Pack) -> None:
    for theme in starter_pack.themes:
        assert theme.series in SERIES, theme.id
        assert set(theme.titles) == set(LANGUAGES), theme.id


@pytest.mark.parametrize("theme", ["passwords", "mfa", "phishing", "teams-meetings"])
def test_the_first_four_themes_are_there(starter_pack: Pack, theme: str) -> None:
    assert sum(tip.theme == theme for tip in starter_pack.tips) >= 5


def test_reviews_are_spread_over_the_year(starter_pack: Pack) -> None:
    months = [tip.review_by for tip in starter_pack.tips]
    assert max(months.count(month) for month in months) <= len(months) / 3


def test_it_is_seeded_once(store: TipStore, starter_pack: Pack) -> None:
    assert starter.seed(store)
    assert not starter.seed(store)
    assert {tip.id for tip in store.in_force().tips} == {tip.id for tip in starter_pack.tips}


def test_the_fingerprint_follows_names_and_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter, "CONTENT", tmp_path)
    seen = {starter.fingerprint()}
    for name, content in [("a.yaml", "x"), ("a.yaml", "y"), ("b.yaml", "y")]:
        (tmp_path / name).write_text(content, encoding="utf-8")
        seen.add(starter.fingerprint())
    (tmp_path / "a.yaml").unlink()
    seen.add(starter.fingerprint())
    assert len(seen) == 5
