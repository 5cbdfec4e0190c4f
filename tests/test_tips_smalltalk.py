"""What is small talk, of which kind and in which language; and what is a question all the same."""

from __future__ import annotations

import pytest

from bot.messages import catalogue
from tips.answering import KnowledgeBase
from tips.lexicon import lexicon
from tips.models import LANGUAGES, Language
from tips.smalltalk import small_talk

SAID: list[tuple[Language, str, str]] = [
    ("fi", "moi", "greeting"),
    ("fi", "Moikka!", "greeting"),
    ("fi", "hyvää päivää", "greeting"),
    ("fi", "Hyvää iltaa kaikille", "greeting"),
    ("fi", "huomenta", "greeting"),
    ("fi", "mitä kuuluu?", "how_are_you"),
    ("fi", "kiitos", "thanks"),
    ("fi", "kiitti paljon avusta :)", "thanks"),
    ("fi", "ok kiitos", "thanks"),
    ("fi", "kiitos, ei muuta", "thanks"),
    ("fi", "selvä", "agreed"),
    ("fi", "joo", "agreed"),
    ("fi", "ok kiitos", "thanks"),
    ("fi", "ei", "declined"),
    ("fi", "ei mitään", "declined"),
    ("fi", "mun äiti kuoli eilen", "sorrow"),
    ("fi", "en jaksa enää", "sorrow"),
    ("fi", "ahdistaa", "sorrow"),
    ("fi", "voi vittu kun mikään ei toimi", "anger"),
    ("sv", "ja", "agreed"),
    ("sv", "nej", "declined"),
    ("sv", "min pappa dog igår", "sorrow"),
    ("sv", "fy fan", "anger"),
    ("en", "yes", "agreed"),
    ("en", "no", "declined"),
    ("en", "my dad died", "sorrow"),
    ("en", "fuck this", "anger"),
    ("fi", "näkemiin", "goodbye"),
    ("fi", "hyvää viikonloppua", "goodbye"),
    ("fi", "hyvää yötä", "goodbye"),
    ("fi", "apua", "help_call"),
    ("fi", "APUA!!!", "help_call"),
    ("fi", "kuka olet", "who_are_you"),
    ("fi", "oletko sä robotti", "who_are_you"),
    ("fi", "oletko tekoäly?", "who_are_you"),
    ("sv", "är du en AI?", "who_are_you"),
    ("en", "are you an AI", "who_are_you"),
    ("sv", "hej", "greeting"),
    ("sv", "god kväll", "greeting"),
    ("sv", "hur mår du", "how_are_you"),
    ("sv", "tack så mycket", "thanks"),
    ("sv", "tack för hjälpen", "thanks"),
    ("sv", "hej då", "goodbye"),
    ("sv", "nå hej då", "goodbye"),
    ("sv", "trevlig helg", "goodbye"),
    ("sv", "vi ses", "goodbye"),
    ("sv", "hjälp mig", "help_call"),
    ("sv", "vem är du", "who_are_you"),
    ("en", "hi", "greeting"),
    ("en", "Good evening", "greeting"),
    ("en", "how are you", "how_are_you"),
    ("en", "thank you very much", "thanks"),
    ("en", "bye", "goodbye"),
    ("en", "have a nice day", "goodbye"),
    ("en", "good night", "goodbye"),
    ("en", "help me", "help_call"),
    ("en", "are you a bot", "who_are_you"),
    ("fi", "vittu mikä paska botti", "anger"),
    ("fi", "😡", "anger"),
    ("fi", "👍🏽", "agreed"),
    ("fi", "🙂", "agreed"),
    ("fi", "👎", "declined"),
    ("sv", "❤️", "thanks"),
    ("sv", "jävla skit är du", "anger"),
    ("en", "useless piece of shit", "anger"),
    # Whole phrases
    ("fi", "mitä teen nyt", "help_call"),
    ("fi", "Mitä mä teen?", "help_call"),
    ("fi", "mita ma teen", "help_call"),
    ("fi", "voitko auttaa", "help_call"),
    ("fi", "Hei, voitko auttaa?", "help_call"),
    ("fi", "auta mua", "help_call"),
    ("fi", "auttaako joku", "help_call"),
    ("fi", "ei auttanut", "help_call"),
    ("fi", "kuka sä oot", "who_are_you"),
    ("fi", "mitä osaat", "who_are_you"),
    ("fi", "mitä sä teet", "who_are_you"),
    ("fi", "kiitos ei tarvii", "thanks"),
    ("fi", "ei kiitos", "thanks"),
    ("fi", "auttoi", "thanks"),
    ("fi", "Kiitos, auttoi!", "thanks"),
    ("fi", "super", "thanks"),
    ("sv", "va gör ja nu", "help_call"),
    ("sv", "vad gör jag?", "help_call"),
    ("sv", "kan du hjälpa mig", "help_call"),
    ("sv", "Hej! Kan du hjälpa mig?", "help_call"),
    ("sv", "det hjälpte inte", "help_call"),
    ("sv", "vad kan du", "who_are_you"),
    ("sv", "vad gör du", "who_are_you"),
    ("sv", "nej tack", "thanks"),
    ("sv", "super", "thanks"),
    ("en", "what do I do now", "help_call"),
    ("en", "can you help me", "help_call"),
    ("en", "it did not help", "help_call"),
    ("en", "It didn't help", "help_call"),
    ("en", "what can you do", "who_are_you"),
    ("en", "no thanks", "thanks"),
    ("en", "super", "thanks"),
]


@pytest.mark.parametrize(("language", "text", "kind"), SAID)
def test_small_talk_has_a_kind(language: Language, text: str, kind: str) -> None:
    assert small_talk(text, language) == (kind, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fi", "apua, klikkasin linkkiä"),
        ("fi", "apua salasana"),
        ("fi", "moi, miten vaihdan salasanan"),
        ("fi", "hyvä salasana"),
        ("fi", "kiitos mutta ei toimi"),
        ("fi", "kuka soitti"),
        ("fi", "tekoäly"),
        ("sv", "AI"),
        ("en", "AI"),
        ("fi", "ei toimi"),
        ("fi", "ei auttanut salasanan vaihto"),
        ("fi", "salasana vanheni, mitä teen"),
        ("fi", "voitko auttaa salasanan kanssa"),
        ("sv", "vad gör jag med länken"),
        ("en", "what do I do with this link"),
        ("sv", "hej, jag har glömt lösenordet"),
        ("sv", "hjälp jag klickade"),
        ("sv", "vad gör mötet"),
        ("en", "hi my password expired"),
        ("en", "help with captions"),
        ("en", "how do I share"),
        ("fi", ""),
        ("fi", "🤷"),
        ("fi", "👍 mutta miten tulostan"),
        ("fi", "moi " * 9),  # nobody greets nine times
    ],
)
def test_one_word_beyond_small_talk_makes_it_a_question(language: Language, text: str) -> None:
    assert small_talk(text, language) is None


@pytest.mark.parametrize(("language", "text", "kind"), [("fi", "tack", "thanks"), ("sv", "hejdå", "goodbye")])
def test_a_word_of_two_languages_belongs_to_the_one_asked_about(language: Language, text: str, kind: str) -> None:
    assert small_talk(text, language) == (kind, language)


@pytest.mark.parametrize(
    ("text", "said_in"),
    [("hejdå", "sv"), ("cheers", "en"), ("kiitti", "fi"), ("goodbye", "en"), ("trevlig helg", "sv")],
)
def test_small_talk_is_recognised_whatever_the_language_was_taken_for(text: str, said_in: Language) -> None:
    for language in LANGUAGES:
        talk = small_talk(text, language)
        assert talk
        assert talk[1] == said_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_telling_word_is_small_talk_by_itself(language: Language) -> None:
    telling = {word for words, _ in lexicon(language).small_talk.values() for word in words}
    assert [word for word in sorted(telling) if small_talk(word, language) is None] == []


@pytest.mark.parametrize("preferred", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "kind", "said_in"),
    [
        ("mitä teen nyt", "help_call", "fi"),
        ("va gör ja nu", "help_call", "sv"),
        ("what do I do now", "help_call", "en"),
        ("kan du hjälpa mig", "help_call", "sv"),
        ("can you help me", "help_call", "en"),
        ("kuka sä oot", "who_are_you", "fi"),
        ("vad kan du", "who_are_you", "sv"),
        ("what can you do", "who_are_you", "en"),
        ("nej tack", "thanks", "sv"),
        ("no thanks", "thanks", "en"),
    ],
)
def test_a_phrase_is_answered_in_its_language(
    starter_base: KnowledgeBase, text: str, kind: str, said_in: Language, preferred: Language
) -> None:
    answer = starter_base.answer(text, preferred=preferred)
    assert (answer.small_talk, answer.language) == (kind, said_in)


@pytest.mark.parametrize("preferred", LANGUAGES)
def test_super_is_said_in_the_language_of_the_asker(starter_base: KnowledgeBase, preferred: Language) -> None:
    answer = starter_base.answer("super", preferred=preferred)
    assert (answer.small_talk, answer.language) == ("thanks", preferred)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_small_talk_of_its_kind(language: Language) -> None:
    phrases = lexicon(language).phrases
    assert {phrase: small_talk(phrase, language) for phrase in phrases} == {
        phrase: (kind, language) for phrase, kind in phrases.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_small_talk_has_a_reply(language: Language) -> None:
    assert lexicon(language).small_talk.keys() <= catalogue(language).keys()
