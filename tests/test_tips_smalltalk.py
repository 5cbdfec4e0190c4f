"""What is small talk, of which kind and in which language; and what is a question all the same."""

from __future__ import annotations

import pytest

from bot.messages import catalogue
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
    ("fi", "selvä", "thanks"),
    ("fi", "näkemiin", "goodbye"),
    ("fi", "hyvää viikonloppua", "goodbye"),
    ("fi", "hyvää yötä", "goodbye"),
    ("fi", "apua", "help_call"),
    ("fi", "APUA!!!", "help_call"),
    ("fi", "kuka olet", "who_are_you"),
    ("fi", "oletko sä robotti", "who_are_you"),
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
        ("sv", "hej, jag har glömt lösenordet"),
        ("sv", "hjälp jag klickade"),
        ("sv", "vad gör mötet"),
        ("en", "hi my password expired"),
        ("en", "help with captions"),
        ("en", "how do I share"),
        ("fi", ""),
        ("fi", "🙂"),
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_small_talk_has_a_reply(language: Language) -> None:
    assert lexicon(language).small_talk.keys() <= catalogue(language).keys()
