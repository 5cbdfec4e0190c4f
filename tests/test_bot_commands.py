"""What is a command, in which language; and what is a question all the same."""

from __future__ import annotations

import re

import pytest

from bot.commands import Command, _phrases, begun_in, command_in, typed_form
from bot.messages import say
from tips.models import LANGUAGES, Language

SHOWN_IN_HELP = [
    "themes",
    "session",
    "guides",
    "share_tip",
    "my_questions",
    "unit",
    "language",
    "subscribe",
    "my_data",
    "delete_data",
]


@pytest.mark.parametrize(
    ("typed", "name", "language"),
    [
        ("ohje", "help", "fi"),
        ("Ohje!", "help", "fi"),
        ("hjälp", "help", "sv"),
        ("hjalp", "help", "sv"),
        ("help", "help", "en"),
        ("teemat", "themes", "fi"),
        ("teman", "themes", "sv"),
        ("themes", "themes", "en"),
        ("KIELI", "language", "fi"),
        ("språk", "language", "sv"),
        ("language", "language", "en"),
        ("suomeksi", "speak_fi", "fi"),
        ("på svenska", "speak_sv", "sv"),
        ("in English", "speak_en", "en"),
        ("kieli svenska", "speak_sv", "sv"),
        ("language suomi", "speak_fi", "fi"),
        ("vaihda kieli ruotsiksi", "speak_sv", "fi"),
        ("vaihda kieli ruotsi", "speak_sv", "fi"),
        ("puhu ruotsia", "speak_sv", "fi"),
        ("byt språk till finska", "speak_fi", "sv"),
        ("change language to Finnish", "speak_fi", "en"),
        ("näytä tietoni", "my_data", "fi"),
        ("nayta  tietoni.", "my_data", "fi"),
        ("visa mina uppgifter", "my_data", "sv"),
        ("show my data", "my_data", "en"),
        ("poista tietoni", "delete_data", "fi"),
        ("radera mina uppgifter", "delete_data", "sv"),
        ("delete my data", "delete_data", "en"),
        ("asetukset", "settings", "fi"),
    ],
)
@pytest.mark.parametrize("preferred", LANGUAGES)
def test_a_command_is_known_in_its_own_language(typed: str, name: str, language: Language, preferred: Language) -> None:
    assert command_in(typed, preferred) == Command(name, language)


@pytest.mark.parametrize(("preferred", "language"), [("sv", "sv"), ("en", "en")])
def test_a_command_of_two_languages_is_read_in_the_preferred_one(preferred: Language, language: Language) -> None:
    assert command_in("tips", preferred) == Command("themes", language)


@pytest.mark.parametrize(
    "text",
    [
        "ohje tulostamiseen",
        "mitä teemat ovat",
        "help me",
        "apua",
        "miten poista tietoni",
        "kieli on väärä wordissa",
        "",
        "🙂",
        "'; drop table",
    ],
)
def test_a_question_is_no_command(text: str) -> None:
    assert command_in(text, "fi") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_of_a_command_means_that_command(language: Language) -> None:
    forms = [(name, phrase) for name, by_language in _phrases().items() for phrase in by_language[language]]
    assert [form for form in forms if command_in(form[1], language) != Command(form[0], language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_commands_that_work(language: Language) -> None:
    shown = re.findall(r"\*\*(.+?)\*\*", say(language, "help", it_support=""))
    assert [command_in(typed, language) for typed in shown] == [Command(name, language) for name in SHOWN_IN_HELP]
    assert f"**{typed_form('help', language)}**" in say(language, "welcome")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["help_it", "help_coordinator", "help_tutor"])
def test_the_help_of_each_role_names_commands_that_work(key: str, language: Language) -> None:
    shown = [typed.removeprefix("@Digivinkki ") for typed in re.findall(r"\*\*(.+?)\*\*", say(language, key))]
    heading, *commands = shown
    assert heading.endswith(":")
    assert [typed for typed in commands if begun_in(typed, language, _phrases()) is None] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["help_it", "setup_done", "setup_postponed"])
def test_other_messages_name_the_command_for_settings(key: str, language: Language) -> None:
    assert f"**{typed_form('settings', language)}**" in say(language, key)
