"""The catalogues say the same in three languages, and exactly what the code and the templates ask them for."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.deskrules import CHOICES
from bot.hosting import MEETING_LINK, RECORDING, TOPICAL
from bot.menu import ENTRIES
from bot.messages import catalogue, say
from bot.people import ROLES
from bot.protection import KINDS
from bot.wishcards import KINDS as KINDS_OF_POSTS
from bot.wishcards import PAGES
from scheduler.models import Profile
from tips.lexicon import lexicon
from tips.models import LANGUAGES, SERIES, Language

ROOT = Path(__file__).parent.parent
SOURCES = sorted(file for room in ("bot", "commands", "web") for file in (ROOT / room).rglob("*.py"))
TEMPLATES = sorted((ROOT / "web" / "templates").glob("*.html"))

# Keys that code puts together: the beginning, and what may follow.
FAMILIES = {
    "setup_bad_": ("address", "contact", "mail", "value"),
    "in_": LANGUAGES,
    "weekday_": tuple("0123456"),
    "weekly_": tuple("0123456"),
    "date_": tuple(str(month) for month in range(1, 13)),
    "kind_": KINDS_OF_POSTS,
    "profile_": tuple(Profile),
    "subscribe_": PAGES,
    "subscribe_which_": PAGES,
    "series_": SERIES,
    "role_": ROLES,
    "draft_write_": ("title", "body", "reason"),
    "draft_field_": ("title", "body", "reason"),
    "draft_do_": ("title", "body", "theme", "by", "submit", "withdraw", "approve", "reason"),
    "rule_": tuple(CHOICES),
    "menu_": tuple(ENTRIES),
    "menu_about_": tuple(ENTRIES),
    "learnt_did_": ("approved", "removed", "undone", "restored"),
    "setup_": ("start", "rest", "later", "skip", "previous", "clear", "stop"),
    "warn_": KINDS,
    "type_": (RECORDING, MEETING_LINK, TOPICAL),
}


@dataclass(frozen=True)
class Said:
    """A call of `say`: where, the keys that it may ask for, and the values that it gives."""

    place: str
    keys: frozenset[str]
    values: frozenset[str]


def calls() -> Iterator[Said]:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) > 1 and _name(node.func) == "say":
                values = {keyword.arg or "" for keyword in node.keywords}
                if isinstance(node.func, ast.Attribute):
                    values.add("it_support")  # the shelf gives it to every message
                yield Said(f"{source.name}:{node.lineno}", frozenset(_keys(node.args[1])), frozenset(values))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _keys(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.JoinedStr):
        beginning = key.values[0]
        assert isinstance(beginning, ast.Constant)
        yield from (f"{beginning.value}{end}" for end in FAMILIES[str(beginning.value)])
    elif isinstance(key, ast.Constant):
        yield str(key.value)
    elif isinstance(key, ast.IfExp):
        yield from (*_keys(key.body), *_keys(key.orelse))


def assigned() -> set[str]:
    """Texts that modules of the bot give names to: keys that `say` is handed by name."""
    trees = (ast.parse(source.read_text(encoding="utf-8")) for source in SOURCES if source.parent.name == "bot")
    values = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    named = [value for value in values if isinstance(value, ast.IfExp | ast.Tuple)]
    return {str(text.value) for value in named for text in ast.walk(value) if isinstance(text, ast.Constant)}


def shown() -> set[str]:
    """The keys that templates and pages take from a catalogue directly."""
    pages = "".join(file.read_text(encoding="utf-8") for file in [*TEMPLATES, *SOURCES])
    return {*re.findall(r"\btext\.(\w+)", "".join(file.read_text(encoding="utf-8") for file in TEMPLATES))} | {
        *re.findall(r"catalogue\(\w+\)\[\"(\w+)\"\]", pages)
    }


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_language_has_the_same_messages_with_the_same_values(language: Language) -> None:
    finnish, other = catalogue("fi"), catalogue(language)
    assert list(other) == list(finnish)
    assert {key: placeholders(other[key]) for key in other} == {key: placeholders(finnish[key]) for key in finnish}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_text(language: Language) -> None:
    assert [key for key, text in catalogue(language).items() if not isinstance(text, str) or not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_looks_untranslated(language: Language) -> None:
    same_everywhere = {"name", "page_heading", "setup_value"}
    long = {key: text for key, text in catalogue(language).items() if len(text) > 12 and key not in same_everywhere}
    others = [catalogue(other) for other in LANGUAGES if other != language]
    assert [key for key, text in long.items() if any(other[key] == text for other in others)] == []


def test_every_message_asked_for_is_there() -> None:
    asked = {key: call.place for call in calls() for key in call.keys}
    asked |= dict.fromkeys(shown(), "a template") | dict.fromkeys(lexicon("fi").small_talk, "small talk")
    assert {key: place for key, place in asked.items() if key not in catalogue("fi")} == {}


def test_every_message_is_asked_for() -> None:
    asked = {key for call in calls() for key in call.keys} | shown() | assigned() | set(lexicon("fi").small_talk)
    assert [key for key in catalogue("fi") if key not in asked] == []


def test_every_message_is_given_its_values() -> None:
    lacking = {
        (call.place, key): placeholders(catalogue("fi")[key]) - call.values
        for call in calls()
        for key in call.keys
        if not placeholders(catalogue("fi")[key]) <= call.values
    }
    assert lacking == {}


def test_messages_for_templates_and_small_talk_need_no_values_that_nobody_gives() -> None:
    assert {key for key in shown() if placeholders(catalogue("fi")[key])} == set()
    assert {key for key in lexicon("fi").small_talk if placeholders(catalogue("fi")[key]) - {"it_support"}} == set()


def test_a_value_with_braces_is_shown_as_it_is() -> None:
    assert "{0.__class__} {x}" in say("fi", "setup_now", value="{0.__class__} {x}")


def test_an_unknown_message_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("fi", "no_such_message")


def test_a_date_and_a_full_stop_are_one_dot() -> None:
    assert "sunnuntaina 6.12. Jos" in say("fi", "pause_done", day="sunnuntaina 6.12.")
    assert "söndag 6.12. Vill" in say("sv", "pause_done", day="söndag 6.12")
