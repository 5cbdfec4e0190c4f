"""Which tip comes first: on well-known questions of the starter content, and on small sets of tips made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tips.answering import KnowledgeBase
from tips.bm25 import Bm25, Postings
from tips.models import LANGUAGES, Language, Text, Tip
from tips.ranking import FEATURES, Ranker

# What the starter content must find in any edition, with Voikko and without.
WELL_KNOWN = [
    ("salasana vanheni", "password-change-expired"),
    ("klikkasin huijauslinkkiä", "phishing-clicked"),
    ("mikrofoni ei toimi kokouksessa", "meeting-audio-problems"),
    ("taustan sumentaminen kokouksessa", "meeting-background-blur"),
    ("pääsenkö kokoukseen puhelimella", "meeting-join-phone"),
    ("tekstitykset päälle kokouksessa", "meeting-live-captions"),
    ("jag har glömt mitt lösenord", "password-forgotten"),
    ("hur spelar jag in mötet", "meeting-record"),
    ("dela skärmen i mötet", "meeting-share-screen"),
    ("i clicked a strange link", "phishing-clicked"),
    ("how do i record a meeting", "meeting-record"),
    ("blur my background", "meeting-background-blur"),
]
TYPING_ERRORS = [
    ("salasna vanheni", "password-change-expired"),
    ("klikkasin huijauslinkia", "phishing-clicked"),
    ("mikrofooni ei toimi palaverissa", "meeting-audio-problems"),
    ("taustan sumetaminen", "meeting-background-blur"),
    ("jag har glömt mitt lösenrod", "password-forgotten"),
    ("bakgrunnden suddig i mötet", "meeting-background-blur"),
    ("clicked on a phising link", "phishing-clicked"),
    ("record the meting", "meeting-record"),
    ("blur my backgruond", "meeting-background-blur"),
]
MISSING_DOTS = [
    ("aanet ei kuulu teamsissa", "meeting-audio-problems"),
    ("paasenko kokoukseen puhelimella", "meeting-join-phone"),
    ("tekstitykset paalle kokouksessa", "meeting-live-captions"),
    ("jag har glomt mitt losenord", "password-forgotten"),
    ("dela skarmen", "meeting-share-screen"),
]
SPOKEN = [
    ("mä klikkasin sitä huijauslinkkii", "phishing-clicked"),
    ("mun mikki ei toimi palaverissa", "meeting-audio-problems"),
    ("miten mä saan taustan sumeeks", "meeting-background-blur"),
    ("mitenkä mä liityn palaveriin luurilla", "meeting-join-phone"),
    ("millai jaan näytön", "meeting-share-screen"),
    ("tuli hyväksymispyyntö enkä oo kirjautumas", "mfa-unexpected-prompt"),
    ("ja ha glömt lösenorde", "password-forgotten"),
    ("mikrofonen funkar int", "meeting-audio-problems"),
    ("my mic isnt working", "meeting-audio-problems"),
]


@pytest.mark.parametrize(("question", "tip"), [*WELL_KNOWN, *TYPING_ERRORS, *MISSING_DOTS, *SPOKEN])
def test_a_well_known_question_finds_its_tip_however_it_is_typed(
    starter_base: KnowledgeBase, question: str, tip: str
) -> None:
    assert starter_base.answer(question).matches[0].id == tip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_of_the_starter_content_finds_its_tip(starter_base: KnowledgeBase, language: Language) -> None:
    titles = {tip.id: tip.texts[language].title for tip in starter_base.tips.values()}
    lost = [
        title
        for tip_id, title in titles.items()
        if tip_id not in [match.id for match in starter_base.answer(title, language).matches[:2]]
    ]
    assert lost == []


def tip(tip_id: str, title: str, body: str = "Tekstiä.", *ways: str, language: Language = "fi") -> Tip:
    return Tip(tip_id, "theme", {language: Text(title, body, ways)})


def found(tips: list[Tip], question: str, language: Language = "fi") -> list[str]:
    return [match.id for match in KnowledgeBase(tips).answer(question, language).matches]


def test_a_word_in_the_title_counts_for_more_than_one_in_the_body() -> None:
    tips = [tip("body", "Yhteys", "Käytä kalenteria."), tip("title", "Kalenteri", "Avaa yhteys.")]
    assert found(tips, "kalenteri") == ["title", "body"]


def test_a_way_of_asking_leads_to_its_tip() -> None:
    tips = [tip("one", "Jaettu asiakirja"), tip("two", "Yhteinen muokkaus", "Tekstiä.", "monta tekijää yhtä aikaa")]
    assert found(tips, "kirjoitetaan monta tekijää yhtä aikaa")[0] == "two"


@pytest.mark.parametrize(
    ("language", "title", "question"),
    [("fi", "Puhelin", "luuri"), ("fi", "Palaveri", "miitti"), ("sv", "Telefon", "mobil"), ("en", "Password", "pw")],
)
def test_another_word_for_the_same_thing_finds_the_tip(language: Language, title: str, question: str) -> None:
    tips = [tip("other", "Kalenteri", language=language), tip("right", title, language=language)]
    assert found(tips, question, language)[:1] == ["right"]


def test_a_part_of_a_compound_finds_the_whole() -> None:
    tips = [tip("other", "Kalenteri"), tip("right", "Salasanasuunnitelma", "Salasana ja suunnitelma.")]
    assert found(tips, "suunnitelma") == ["right"]


def test_what_no_tip_holds_matches_nothing() -> None:
    assert found([tip("one", "Kalenteri"), tip("two", "Salasana")], "zzzz qqqq") == []


def test_equal_tips_stay_in_their_order() -> None:
    tips = [tip(f"tip-{n}", "Salasana ja kalenteri" if n % 2 else "Salasana") for n in range(40)]
    assert found(tips, "salasana kalenteri") == [f"tip-{n}" for n in range(1, 21, 2)]
    assert found(tips[::-1], "salasana kalenteri") == [f"tip-{n}" for n in range(39, 20, -2)]


def test_at_most_ten_tips_match() -> None:
    assert len(found([tip(f"tip-{number}", "Salasana") for number in range(15)], "salasana")) == 10


@pytest.mark.parametrize("title", ["🙂", "ja", "…"])
def test_a_tip_without_a_telling_word_does_no_harm(title: str) -> None:
    tips = [Tip("empty", "theme", {"fi": Text(title, title)}), tip("right", "Salasana")]
    assert found(tips, "salasana") == ["right"]


def test_a_ranker_keeps_to_its_language(starter_base: KnowledgeBase) -> None:
    both = Tip("both", "theme", {"fi": Text("Salasana", "Tekstiä."), "sv": Text("Lösenord", "Text.")})
    assert KnowledgeBase([both]).answer("lösenord", "fi").matches == ()
    assert len(Ranker("sv", [both])) == 1


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from("mä unohdin salasana salasanan kokous linkki ei outo viesti puhelin xyz 12 teams".split()))
)
def test_every_side_of_a_tip_lies_within_its_bounds(starter_base: KnowledgeBase, said: list[str]) -> None:
    ranker = starter_base._rankers["fi"]
    sides = ranker.features(ranker.query(" ".join(said)))
    assert sides.shape == (len(ranker), len(FEATURES))
    assert (sides >= 0).all()
    assert (sides <= 1.0001).all()


def indexed(units: Sequence[Mapping[str, float]]) -> Bm25:
    postings = Postings()
    for unit in units:
        postings.add(unit)
    return Bm25(postings)


def test_an_index_knows_how_telling_a_term_is_and_how_well_a_unit_fits() -> None:
    index = indexed([{"a": 1.0, "b": 2.0}, {"b": 0.5}, {}])
    assert index.size == 3
    assert "a" in index
    assert "c" not in index
    assert index.idf("c") > index.idf("a") > index.idf("b")
    found = index.scores({"b": 2.0, "a": 1.0, "c": 0.5})
    assert found[0] > found[1] > found[2] == 0
    assert found[0] < 1


def test_a_unit_outside_the_index_fits_as_it_would_inside() -> None:
    units = [{"a": 1.0, "b": 2.0}, {"b": 0.5, "c": 1.0}, {"d": 1.0}]
    index, query = indexed(units), {"b": 2.0, "c": 1.0, "zzz": 1.0}
    assert np.allclose(index.scores(query), [index.score(query, unit) for unit in units])


@pytest.mark.parametrize(("counts", "size"), [([1, 255], 1), ([1, 0.5], 2), ([1, 256], 4), ([1, 0.3], 4)])
def test_small_counts_are_kept_in_a_byte_or_two_where_that_loses_nothing(counts: list[float], size: int) -> None:
    index = indexed([{"a": count} for count in counts])
    assert index._counts.itemsize == size
    assert index._counts.tolist() == pytest.approx(counts)


def test_an_index_of_nothing_finds_nothing() -> None:
    assert indexed([]).scores({"a": 1.0}).shape == (0,)
    assert not indexed([{}, {}]).scores({"a": 1.0}).any()
    assert not indexed([{"a": 1.0}]).scores({}).any()


def test_a_tip_with_another_text_is_seen_as_if_it_had_it(starter_base: KnowledgeBase) -> None:
    ranker = starter_base._rankers["fi"]
    query = ranker.query("salasana vanheni")
    place = ranker.ids.index("password-change-expired")
    text = starter_base.tips["password-change-expired"].texts["fi"]
    assert np.allclose(ranker.features(query)[place], ranker.features_of(text, query))
    assert (ranker.features_of(Text("", ""), query) == 0).all()
