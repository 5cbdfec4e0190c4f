"""From a question to an answer: bands, languages, and anything at all that people may type."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tips.answering import MOST_MATCHES, KnowledgeBase
from tips.confidence import Confidence, signals
from tips.models import LANGUAGES, Answer, Band, Language, Pack, Text, Tip
from tips.ranking import FEATURES

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
any_text = settings(max_examples=50)


@pytest.fixture(scope="module")
def finnish_base(starter_pack: Pack) -> KnowledgeBase:
    """Tips in Finnish only, as an organisation's own may be."""
    return KnowledgeBase(Tip(tip.id, tip.theme, {"fi": tip.texts["fi"]}) for tip in starter_pack.tips)


@pytest.mark.parametrize(
    ("question", "band"),
    [
        ("salasana vanheni, mitä teen", Band.ANSWER),
        ("hur spelar jag in mötet", Band.ANSWER),
        ("how do i blur my background", Band.ANSWER),
        ("mikä on maapallon ympärysmitta", Band.HAND_OVER),
        ("kuka voitti jääkiekon mm-kisat", Band.HAND_OVER),
        ("vad är det för väder", Band.HAND_OVER),
        ("moi", Band.CHAT),
        ("tack så mycket", Band.CHAT),
        ("apua!", Band.CHAT),
        ("apua, klikkasin linkkiä", Band.ANSWER),
        ("hjälp, jag klickade på en länk", Band.ANSWER),
        ("help, i clicked a link", Band.ANSWER),
    ],
)
def test_the_band_says_what_to_do(starter_base: KnowledgeBase, question: str, band: Band) -> None:
    assert starter_base.answer(question).band is band


@pytest.mark.parametrize(
    "question",
    [
        "miten vaihdan salasanan " * 417,
        "🙂🙃🔑" * 20,
        'salasana AND "unohtui" OR NEAR(a b) NOT * ^ {x}: -',
        "'\"`´’”\"'",
        "\u202eanasalas\u202c \u200b\u200d\ufeff",
        "'; DROP TABLE tips; --",
        "\ud83d half of an emoji",
        "\x00\x01\x02",
        "{it_support} %s %(x)s {0.__class__}",
        "1" * 500,
        "ä" * 500,
        "",
    ],
)
def test_odd_input_gets_a_normal_answer(starter_base: KnowledgeBase, question: str) -> None:
    answer = starter_base.answer(question)
    assert_sound(answer)
    assert answer.question == question


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_knowledge_base_without_tips_hands_over(language: Language) -> None:
    answer = KnowledgeBase(()).answer("salasana lösenord password", language)
    assert (answer.band, answer.confidence, answer.matches, answer.language) == (Band.HAND_OVER, 0.0, (), language)


def test_a_knowledge_base_without_tips_still_says_hello() -> None:
    assert KnowledgeBase(()).answer("hello").small_talk == "greeting"


def test_tips_in_finnish_only_are_found_in_swedish_too(finnish_base: KnowledgeBase) -> None:
    answer = finnish_base.answer("hur gör jag med Authenticator på en ny telefon")
    assert answer.language == "sv"
    assert answer.notes[0] == "searched in fi"
    assert "mfa-new-phone" in [match.id for match in answer.matches]


def test_a_language_given_for_certain_does_not_hide_the_only_tips_there_are(finnish_base: KnowledgeBase) -> None:
    assert finnish_base.answer("Authenticator", "sv").matches


def test_small_talk_is_answered_in_the_language_it_was_said_in(starter_base: KnowledgeBase) -> None:
    said = [("hejdå", "sv"), ("trevlig helg", "sv"), ("bye", "en"), ("moi", "fi")]
    assert [starter_base.answer(text, preferred="fi").language for text, _ in said] == [lang for _, lang in said]


def test_two_knowledge_bases_of_the_same_tips_give_the_same_answers(
    starter_base: KnowledgeBase, starter_pack: Pack
) -> None:
    again = KnowledgeBase(starter_pack.tips)
    for question in ("salasna unohtu", "jag klickade på en länk", "share my screen", "mikä on maapallo"):
        assert again.answer(question) == starter_base.answer(question)


def test_an_explained_answer_names_repairs_terms_and_sides(starter_base: KnowledgeBase) -> None:
    answer = starter_base.answer("salasnaa")
    assert answer.notes[0] == "searched in fi"
    assert any(note.startswith("salasnaa -> ") for note in answer.notes)
    assert set(answer.matches[0].features) == set(FEATURES)


@pytest.mark.parametrize(
    ("chance", "band"),
    [
        (0.0, Band.HAND_OVER),
        (0.449, Band.HAND_OVER),
        (0.45, Band.SUGGEST),
        (0.759, Band.SUGGEST),
        (0.76, Band.ANSWER),
        (1.0, Band.ANSWER),
    ],
)
def test_the_bands_meet_without_a_gap(chance: float, band: Band) -> None:
    assert Confidence().band(chance) is band


@pytest.mark.parametrize(("answer_from", "band"), [(0.0, Band.ANSWER), (1.1, Band.SUGGEST)])
def test_the_thresholds_can_be_set_for_a_knowledge_base(answer_from: float, band: Band) -> None:
    tips = [Tip("one", "theme", {"fi": Text("Salasana", "Tekstiä.")})]
    base = KnowledgeBase(tips, Confidence(answer_from=answer_from, suggest_from=0.0))
    assert base.answer("salasana", "fi").band is band


def test_nothing_found_says_nothing(starter_base: KnowledgeBase) -> None:
    query = starter_base._rankers["fi"].query("salasana")
    assert signals(np.zeros((0, len(FEATURES)), np.float32), np.zeros(0, np.float32), query) is None
    assert signals(np.zeros((3, len(FEATURES)), np.float32), np.zeros(3, np.float32), query) is None


def test_a_lead_over_the_second_gives_confidence(starter_base: KnowledgeBase) -> None:
    query = starter_base._rankers["fi"].query("salasana vanheni")
    sides = np.full((2, len(FEATURES)), 0.5, np.float32)
    contested = signals(sides, sides.mean(axis=1), query)
    sides[1] = 0.1
    alone = signals(sides, sides.mean(axis=1), query)
    assert alone is not None
    assert contested is not None
    assert Confidence().of(alone) > Confidence().of(contested)


def test_words_that_no_tip_knows_take_the_confidence_away() -> None:
    base = KnowledgeBase([Tip("one", "theme", {"fi": Text("Mikä on salasana", "Tekstiä.")})], Confidence())
    assert base.answer("mikä on salasana", "fi").confidence > 0.8
    assert base.answer("mikä on zzzxqw", "fi").confidence == 0.0


@any_text
@given(ANY_TEXT, st.sampled_from([None, *LANGUAGES]), st.sampled_from([None, *LANGUAGES]))
def test_any_text_gets_a_sound_answer_and_the_same_again(
    starter_base: KnowledgeBase, text: str, language: Language | None, preferred: Language | None
) -> None:
    answer = starter_base.answer(text, language, preferred)
    assert_sound(answer)
    assert answer == starter_base.answer(text, language, preferred)
    assert language in (None, answer.language)


@any_text
@given(st.lists(st.sampled_from("salasana kokous länk lösenord phone meeting miten hur how mä 12  OR -x".split())))
def test_any_words_get_a_sound_answer(starter_base: KnowledgeBase, said: list[str]) -> None:
    assert_sound(starter_base.answer(" ".join(said)))


def assert_sound(answer: Answer) -> None:
    assert 0 <= answer.confidence <= 1
    assert len(answer.matches) <= MOST_MATCHES
    assert all(better.score >= worse.score > 0 for better, worse in pairwise(answer.matches))
    assert len({match.id for match in answer.matches}) == len(answer.matches)
    assert bool(answer.small_talk) == (answer.band is Band.CHAT)
    assert answer.matches or answer.band in (Band.CHAT, Band.HAND_OVER)


@pytest.mark.parametrize("preferred", LANGUAGES)
def test_an_address_tells_no_language(starter_base: KnowledgeBase, preferred: Language) -> None:
    assert starter_base.answer("http://invoice.example/pay-now.exe", preferred=preferred).language == preferred
    assert starter_base.answer("onko https://login.example/open-document aito", preferred=preferred).language == "fi"
