"""The starter content: what every tip that comes with the product must be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tips import database, starter
from tips.checking import problems
from tips.fields import is_web_address
from tips.models import AUDIENCES, LANGUAGES, SERIES, Language, Pack
from tips.programme import Programme, starter_programme
from tips.programmechecking import problems as programme_problems
from tips.prose import plain, word_count
from tips.spelling import misspelt, speller
from tips.store import TipStore, migrations

CATALOGUE = Path(__file__).parent / "data" / "catalogue.txt"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return starter_programme()


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
    lengths = {
        (tip.id, lang): word_count(text.body, lang) for tip in starter_pack.tips for lang, text in tip.texts.items()
    }
    assert {place: words for place, words in lengths.items() if words > 80} == {}


def test_every_source_is_a_web_address(starter_pack: Pack) -> None:
    assert [tip.id for tip in starter_pack.tips if tip.source and not is_web_address(tip.source)] == []


def test_every_theme_has_a_series_and_three_titles(starter_pack: Pack) -> None:
    for theme in starter_pack.themes:
        assert theme.series in SERIES, theme.id
        assert set(theme.titles) == set(LANGUAGES), theme.id


def test_every_tip_of_the_catalogue_is_there_in_its_theme(starter_pack: Pack) -> None:
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()
    themes = {theme: ids.split() for theme, ids in (line.split(": ") for line in lines if line and line[0] != "#")}
    there = {theme: [tip.id for tip in starter_pack.tips if tip.theme == theme] for theme in themes}
    assert {theme: sorted(ids) for theme, ids in there.items()} == {t: sorted(ids) for t, ids in themes.items()}
    assert sum(map(len, themes.values())) == 162


def test_badges_wait_for_an_organisation_that_wants_them(starter_pack: Pack) -> None:
    assert [tip.id for tip in starter_pack.tips if tip.hidden] == ["badges-digital-skills"]


def test_nobody_without_a_computer_gets_a_pivot_table(starter_pack: Pack) -> None:
    audiences = {tip.id: tip.audience for tip in starter_pack.tips}
    assert [audiences[f"excel-{name}"] for name in ("pivot", "chart", "print-one-page")] == [("desk",)] * 3


def test_sessions_and_guides_pass_the_strict_check(starter_pack: Pack, programme: Programme) -> None:
    found = programme_problems(programme, {tip.id for tip in starter_pack.tips})
    assert [str(problem) for problem in found] == []


def test_there_is_a_session_for_every_theme(starter_pack: Pack, programme: Programme) -> None:
    assert programme.sessions.keys() == {theme.id for theme in starter_pack.themes}


def test_the_guides_for_those_who_run_it_are_there(programme: Programme) -> None:
    assert programme.guides.keys() == {"ai-guidelines", "onboarding", "onboarding-supervisor", "tutor-starter-pack"}


def test_guides_lead_to_tips_that_are_there(starter_pack: Pack, programme: Programme) -> None:
    ids = {tip.id for tip in starter_pack.tips}
    linked = {
        tip
        for guide in programme.guides.values()
        for text in guide.texts.values()
        for tip in re.findall(r"\(tip:([^)]+)\)", text.body)
    }
    assert linked
    assert linked - ids == set()


def test_reviews_are_spread_over_the_year(starter_pack: Pack) -> None:
    months = [tip.review_by for tip in starter_pack.tips]
    assert max(months.count(month) for month in months) <= len(months) / 6


def test_it_is_seeded_once(store: TipStore, starter_pack: Pack) -> None:
    assert starter.seed(store)
    assert not starter.seed(store)
    assert {tip.id for tip in store.in_force().tips} == {tip.id for tip in starter_pack.tips if not tip.hidden}


def test_the_fingerprint_follows_names_and_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter, "CONTENT", tmp_path)
    seen = {starter.fingerprint()}
    for name, content in [("a.yaml", "x"), ("a.yaml", "y"), ("b.yaml", "y")]:
        (tmp_path / name).write_text(content, encoding="utf-8")
        seen.add(starter.fingerprint())
    (tmp_path / "a.yaml").unlink()
    seen.add(starter.fingerprint())
    assert len(seen) == 5
