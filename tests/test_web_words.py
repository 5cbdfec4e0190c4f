"""The pages' texts: the same in three languages, every one used, every one asked for there."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scheduler.models import Moves
from scheduler.rhythms import Pattern
from tips.incoming import Effect
from tips.models import AUDIENCES, LANGUAGES, Language
from tips.reasons import REASONS
from web.pages import destinations, entries, figures, people, posters, waiting, weeks
from web.pages.entryforms import blank, form_of
from web.pages.kinds import KINDS
from web.pages.sessionchecks import PARTS
from web.pages.sessionediting import DONE as SESSION_DONE
from web.pages.tipediting import DONE as TIP_DONE
from web.pages.upcoming import DONE
from web.pages.words import clock, counted, day, months, word, words

ROOT = Path(__file__).parent.parent / "web"
SIGNINS = ("open", "used", "expired", "unknown", "needed", "ended", "no_role", "forged", "left", "too_large")
# Keys that templates put together: the beginning, and what may follow.
FAMILIES = {
    "audience_": AUDIENCES,
    "changed_": ("added", "changed", "hidden", "shown", "reset", "removed"),
    "done_": DONE,
    "before_": tuple(f"{unit}_{count}" for unit in ("days", "hours", "minutes") for count in ("one", "many")),
    "destination_done_": destinations.DONE,
    "entry_done_": entries.DONE,
    "figure_": tuple(measure.key for measure in figures.MEASURES),
    "means_": tuple(measure.key for measure in figures.MEASURES),
    "csv_": ("month", "unit", *figures._COLUMNS),
    "felt_thanks_": ("yes", "no"),
    "field_": tuple(name for name in form_of(blank(date(2027, 1, 1))).values if name != "versio"),
    "moves_": tuple(Moves),
    "nth_": ("1", "2", "3", "4", "last"),
    "pattern_": tuple(Pattern),
    "step_": (*waiting.STEPS, "is_done", "is_open"),
    "time_cannot_": ("move", "leave_out", "back", "theme"),
    "week_done_": weeks.DONE,
    "draft_done_": ("approve", "reject"),
    "draft_problem_": ("changed", "no_reason", "protected", "own", "refused"),
    "draft_state_": ("waiting", "approved", "rejected"),
    "effect_": (*Effect, "others"),
    "tipfield_": ("theme", "audience", "reviewed", "review_by", "source", "hidden"),
    "kind_": tuple(KINDS.values()),
    "lacks_": LANGUAGES,
    "language_": LANGUAGES,
    "list_": ("own", "hidden"),
    "mark_": ("own", "hidden", "stale"),
    "only_": LANGUAGES,
    "part_": ("title", "body", "link", "phrasings", "image"),
    "people_cannot_": ("not_taken", "refused", "unfit", "person"),
    "people_change_": ("role", "name", "unit", "topics"),
    "people_done_": people.DONE,
    "people_file_": ("columns", "csv", "empty", "cells", "person", "role", "system", "topic"),
    "poster_": (*dict.fromkeys(posters._MEETINGS.values()), "remote"),
    "series_": ("digivinkki", "digiturva"),
    "sessionpart_": PARTS,
    "sessions_": ("digivinkki", "digiturva"),
    "session_done_": SESSION_DONE,
    "signin_": (*SIGNINS, *(f"{state}_title" for state in SIGNINS)),
    "tip_done_": TIP_DONE,
}


def asked() -> set[str]:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "templates" / "pages").glob("*.html")]
    texts += [file.read_text(encoding="utf-8") for file in (ROOT / "pages").glob("*.py")]
    whole = "\n".join(texts)
    keys = set(re.findall(r"""\bt\(["'](\w+)["'][,)]""", whole)) | set(re.findall(r'word\(\s*\w+,\s*"(\w+)"', whole))
    for key in re.findall(r"""counted\(["'](\w+)["'],""", whole):
        keys |= {f"{key}_one", f"{key}_many"}
    whole_keys = re.findall(r"""(?:Problem\(|problem=)"(\w+)\"""", whole)
    keys |= set(whole_keys) | set(re.findall(r"""hint=t\("(\w+)"\)""", whole))
    beginnings = re.findall(r"""\bt\(["'](\w+_)["'] ~""", whole) + re.findall(
        r"""(?:word\(\w+, |problem=|Problem\()f["'](\w+_)\{""", whole
    )
    for beginning in beginnings:
        keys |= {f"{beginning}{end}" for end in FAMILIES[beginning]}
    # What can be wrong with a text, and what the log may tell, stand in tables of their own.
    keys |= {f"check_{key}" for key in REASONS}
    return keys | {key for key in words("fi") if key.startswith("act_")}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_language_has_the_same_texts_with_the_same_values(language: Language) -> None:
    finnish, other = words("fi"), words(language)
    assert list(other) == list(finnish)
    assert {key: placeholders(other[key]) for key in other} == {key: placeholders(finnish[key]) for key in finnish}


def test_every_text_is_used_and_every_one_asked_for_is_there() -> None:
    found = asked()
    # 'Sign in' with a link that cannot be used any more has a form of its own for each state.
    assert found - words("fi").keys() == set()
    assert words("fi").keys() - found == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_text_and_looks_translated(language: Language) -> None:
    others = [words(other) for other in LANGUAGES if other != language]
    for key, text in words(language).items():
        assert isinstance(text, str), key
        assert text.strip(), key
        assert len(text) <= 12 or all(other[key] != text for other in others), key


def test_the_texts_name_commands_that_work() -> None:
    from bot.commands import command_in  # noqa: PLC0415  only here

    typed = {"fi": ["avaa hallinta", "avaa ohjeet"], "sv": ["öppna administrationen", "öppna råden"]}
    typed["en"] = ["open admin", "open guide"]
    for language in LANGUAGES:
        needed = word(language, "signin_needed")
        for phrase, name in zip(typed[language], ("open_admin", "open_guide"), strict=True):
            assert phrase in needed
            command = command_in(phrase, language)
            assert command is not None
            assert command.name == name
    subscribe = {"fi": "tilaa vinkit", "sv": "prenumerera på tips", "en": "subscribe to tips"}
    for language in LANGUAGES:
        assert subscribe[language] in word(language, "next_nowhere")
        found = command_in(subscribe[language], language)
        assert found is not None
        assert found.name == "subscribe"


@pytest.mark.parametrize(
    ("language", "short", "first"),
    [
        ("fi", "ti 12.1.", "tammikuu"),
        ("sv", "tis 12.1", "januari"),
        ("en", "Tue 12 Jan", "January"),
    ],
)
def test_days_are_written_as_each_language_does(language: Language, short: str, first: str) -> None:
    on = date(2027, 1, 12)
    assert day(on, language) == short
    assert months(language)[0] == first


def test_the_clock_is_that_of_finland() -> None:
    assert clock(datetime(2027, 1, 12, 7, 5, tzinfo=UTC)) == "9.05"
    assert clock(datetime(2027, 7, 12, 7, 5, tzinfo=UTC)) == "10.05"


def test_one_and_many_differ() -> None:
    assert counted("fi", "found", 1) == "Löytyi 1 vinkki"
    assert counted("fi", "found", 3).startswith("Löytyi 3 vinkkiä")
