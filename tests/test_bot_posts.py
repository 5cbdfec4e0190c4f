"""What posts say, by kind and language: an entry of the calendar in, texts out; never a key."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot.answers import Shelf
from bot.dates import until, weekly, when
from bot.posts import Material, Posts, UnwritableError, begins, markdown, written
from bot.publishing import reply_of
from scheduler.models import ZONE, Destination, Entry, Key, Kind, Planned
from scheduler.posting import Post
from scheduler.recurrence import moment
from tips.library import Snapshot
from tips.models import LANGUAGES, Language
from tips.programme import starter_programme

DAY = date(2027, 1, 27)  # a Wednesday
HALL = Destination("teams-1", "teams", "19:hall")
TITLES: dict[Language, str] = {"fi": "Digiturvavartti: salasanat", "sv": "Säkerhetskvarten: lösenord", "en": "Quarter"}
QUARTER = Entry("sq-1", Kind.SECURITY_QUARTER, TITLES, DAY, dates=(DAY,), time=time(14), minutes=15, theme="passwords")
HOSTED = replace(QUARTER, host="Maija Mallikas", meeting_link="https://teams.microsoft.com/l/1")
TIP = Entry("weekly-tip", Kind.WEEKLY_TIP, {"fi": "Viikon vinkki"}, DAY, dates=(DAY,))
PRIVACY_DAY = Entry(
    "privacy-day",
    Kind.REMINDER,
    {"fi": "Tietosuojapäivä", "sv": "Dataskyddsdagen", "en": "Data Protection Day"},
    DAY,
    {"fi": "Katso, mitä pöydälläsi on.", "sv": "Se vad du har på bordet.", "en": "Look at your desk."},
    dates=(DAY,),
    joins_tip=True,
)


def plan(
    entry: Entry,
    part: str = "post",
    at: datetime | None = None,
    languages: tuple[Language, ...] = ("fi",),
    **more: object,
) -> Planned:
    place = replace(HALL, languages=languages)
    planned = Planned(Key(entry.id, DAY, part, place.id), entry.kind, at or moment(DAY, time(9)), entry, place)
    return replace(planned, **more)  # type: ignore[arg-type]


@pytest.fixture
def material(snapshot: Snapshot) -> Material:
    shelf = Shelf(snapshot, {"it_support": "IT-tuki, p. 08 123 4567"})
    return Material(shelf, starter_programme().sessions, moment(DAY, time(9)), lambda _: 0, lambda _: "")


def tip(languages: tuple[Language, ...] = ("fi",), heading: Entry | None = None) -> Planned:
    return plan(TIP, languages=languages, tip="password-strong", heading=heading)


def only(post: Post) -> str:
    (section,) = post.sections
    return section.body


# Days and times


@pytest.mark.parametrize(
    ("language", "day", "week"),
    [
        ("fi", "tiistaina 12.1. klo 9.00", "tiistaisin klo 9.00"),
        ("sv", "tisdag 12.1 kl. 9.00", "på tisdagar kl. 9.00"),
        ("en", "Tuesday 12 January at 9.00", "on Tuesdays at 9.00"),
    ],
)
def test_days_and_times_are_written_as_people_write_them(language: Language, day: str, week: str) -> None:
    assert when(datetime.fromisoformat("2027-01-12T07:00:00+00:00"), language) == day
    assert weekly(1, time(9), language) == week


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2027, 1, 20, 14, tzinfo=ZONE), "keskiviikkona 27.1. klo 14.00"),
        (datetime(2027, 1, 25, 23, 59, tzinfo=ZONE), "keskiviikkona 27.1. klo 14.00"),
        (datetime(2027, 1, 26, 0, 1, tzinfo=ZONE), "huomenna klo 14.00"),
        (datetime(2027, 1, 27, 9, tzinfo=ZONE), "tänään klo 14.00"),
        (datetime(2027, 1, 27, 13, 45, tzinfo=ZONE), "15 minuutin päästä"),
        (datetime(2027, 1, 27, 14, tzinfo=ZONE), "tänään klo 14.00"),
        (datetime(2027, 1, 27, 14, 1, tzinfo=ZONE), "keskiviikkona 27.1. klo 14.00"),
    ],
)
def test_how_near_it_is_is_said(now: datetime, said: str) -> None:
    assert until(moment(DAY, time(14)), now, "fi") == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_a_year_has_its_words(language: Language) -> None:
    said = {when(moment(date(2027, 1, 1) + timedelta(days=day), time(9)), language) for day in range(365)}
    assert len(said) == 365


# The weekly tip


@pytest.mark.parametrize(
    ("language", "kind", "more"),
    [
        ("fi", "Viikon vinkki · ", "Kysy lisää"),
        ("sv", "Veckans tips · ", "Fråga mer"),
        ("en", "Tip of the week · ", "Ask more"),
    ],
)
def test_a_weekly_tip_shows_the_tip_whole(material: Material, language: Language, kind: str, more: str) -> None:
    post = written(tip((language,)), material)
    (section,) = post.sections
    text = material.shelf.snapshot.base.tips["password-strong"].texts[language]
    assert (section.language, section.title) == (language, text.title)
    assert section.details.startswith(kind)
    assert section.link == text.link
    (button,) = post.buttons
    assert (button.label, button.action, button.values["theme"]) == (more, "ask_more", "passwords")


def test_placeholders_are_filled(material: Material) -> None:
    tips = material.shelf.snapshot.base.tips.values()
    chosen = next(tip for tip in tips if "{it_support}" in tip.texts["fi"].body)
    body = only(written(replace(tip(), tip=chosen.id), material))
    assert "08 123 4567" in body
    assert "{it_support}" not in body


def test_a_day_that_matters_heads_the_tip(material: Material) -> None:
    (section,) = written(tip(heading=PRIVACY_DAY), material).sections
    assert section.title.startswith("Tietosuojapäivä: ")
    assert section.body.startswith("Katso, mitä pöydälläsi on.\n\n")


def test_several_languages_come_one_after_another(material: Material) -> None:
    post = written(tip(("sv", "fi")), material)
    assert [section.language for section in post.sections] == ["sv", "fi"]
    assert post.buttons[0].label == "Fråga mer / Kysy lisää"
    assert markdown(post).count("\n\n---\n\n") == 1
    assert len(reply_of(post).more) == 1


def test_a_tip_in_one_language_comes_once_with_a_note(material: Material) -> None:
    base = material.shelf.snapshot.base.tips
    finnish = replace(base["password-strong"], texts={"fi": base["password-strong"].texts["fi"]})
    snapshot = Snapshot(2, replace(material.shelf.snapshot.pack, tips=(finnish,)), ())
    shelf = replace(material.shelf, snapshot=snapshot)
    post = written(tip(("sv", "fi", "en")), replace(material, shelf=shelf))
    assert [section.language for section in post.sections] == ["fi"]
    assert post.sections[0].body.startswith("Det här tipset finns bara på finska.")


def test_a_tip_that_is_gone_cannot_be_written(material: Material) -> None:
    with pytest.raises(UnwritableError, match="no-such-tip"):
        Posts(lambda _: material, lambda: material.now).compose(replace(tip(), tip="no-such-tip"))


# Sessions


@pytest.mark.parametrize(
    ("language", "line", "label"),
    [
        ("fi", "Aloita, kun sinulle sopii (15 min).", "Aloita"),
        ("sv", "Börja när det passar dig (15 min).", "Börja"),
        ("en", "Start when it suits you (15 min).", "Start"),
    ],
)
def test_a_session_at_ones_own_pace_has_a_button(material: Material, language: Language, line: str, label: str) -> None:
    planned = plan(QUARTER, languages=(language,))
    post = written(planned, material)
    assert post.title == TITLES[language]
    assert line in only(post)
    (button,) = post.buttons
    assert (button.label, button.action) == (label, "session")
    assert (button.values["theme"], button.values["run"]) == ("passwords", planned.key.text())


def test_how_many_have_gone_through_it_shows_once_there_are_some(material: Material) -> None:
    planned = plan(QUARTER)
    runs: list[str] = []

    def finished(run: str) -> int:
        runs.append(run)
        return 3

    assert "3" not in only(written(planned, material))
    assert "Läpi käyneitä: 3" in only(written(planned, replace(material, finished=finished)))
    assert runs == [planned.key.text()]


def test_ahead_of_time_it_says_when_and_has_no_button(material: Material) -> None:
    now = moment(DAY - timedelta(days=1), time(14))
    post = written(plan(QUARTER, "reminder-P1D", now), replace(material, now=now))
    assert "Tulossa huomenna klo 14.00." in only(post)
    assert post.buttons == ()


def test_it_begins_at_the_destinations_own_time(material: Material) -> None:
    planned = plan(QUARTER, "reminder-P1D")
    own = replace(planned, destination=replace(HALL, time=time(12, 15)))
    assert begins(planned) == moment(DAY, time(14))
    assert begins(own) == moment(DAY, time(12, 15))
    assert begins(replace(own, entry=HOSTED)) == moment(DAY, time(14))


def test_a_theme_without_a_pack_has_no_button(material: Material) -> None:
    assert written(plan(replace(QUARTER, theme="")), material).buttons == ()


def test_an_invitation_says_when_who_and_where(material: Material) -> None:
    now = moment(DAY - timedelta(days=7), time(14))
    (section,) = written(plan(HOSTED, "reminder-P7D", now), replace(material, now=now)).sections
    assert "**Keskiviikkona 27.1. klo 14.00** (15 min)" in section.body
    assert "Vetäjä: Maija Mallikas" in section.body
    assert (section.link, section.link_label) == (HOSTED.meeting_link, "Liity kokoukseen")


@pytest.mark.parametrize(
    ("part", "ahead", "said"),
    [
        ("reminder-P1D", timedelta(days=1), "**Huomenna klo 14.00** · keskiviikkona 27.1. klo 14.00 (15 min)"),
        ("reminder-PT15M", timedelta(minutes=15), "**15 minuutin päästä** · keskiviikkona 27.1. klo 14.00"),
        ("post", timedelta(0), "**Alkaa nyt.** · keskiviikkona 27.1. klo 14.00"),
        ("post", timedelta(hours=-3), "**Keskiviikkona 27.1. klo 14.00** (15 min)"),
    ],
)
def test_nearer_the_time_it_says_how_near(material: Material, part: str, ahead: timedelta, said: str) -> None:
    now = moment(DAY, time(14)) - ahead
    assert said in only(written(plan(HOSTED, part, now), replace(material, now=now)))


def test_the_calendars_own_words_go_before_the_packs(material: Material) -> None:
    assert "Tervetuloa!" in only(written(plan(replace(HOSTED, texts={"fi": "Tervetuloa!"})), material))
    assert "Digiturvavartti kestää 15 minuuttia" in only(written(plan(HOSTED), material))


def test_a_line_of_its_stands_in_its_slot(material: Material) -> None:
    topical = replace(material, topical=lambda _: "Uusi huijaus liikkuu")
    assert "**Ajankohtaista:** Uusi huijaus liikkuu" in only(written(plan(QUARTER), topical))
    assert "Ajankohtaista" not in only(written(plan(QUARTER), material))


def test_a_follow_up_has_three_points_and_the_recording(material: Material) -> None:
    entry = replace(HOSTED, recordings={DAY: "https://kunta.fi/tallenne"}, recording_link="https://kunta.fi/vanha")
    (section,) = written(plan(entry, "follow-up"), material).sections
    assert section.title == "Kertaus: Digiturvavartti: salasanat"
    assert re.findall(r"(?m)^(\d)\. ", section.body) == ["1", "2", "3"]
    assert "08 123 4567" in section.body
    assert (section.link, section.link_label) == ("https://kunta.fi/tallenne", "Katso tallenne")


# The rest


def test_a_reminder_is_in_the_organisations_words(material: Material) -> None:
    entry = replace(PRIVACY_DAY, texts={"fi": "Soita: {it_support}"})
    (section,) = written(plan(entry), material).sections
    assert (section.title, section.body) == ("Tietosuojapäivä", "Soita: IT-tuki, p. 08 123 4567")


def test_a_meeting_says_when_and_where(material: Material) -> None:
    meeting = replace(HOSTED, kind=Kind.MEETING, theme="", minutes=60)
    (section,) = written(plan(meeting, "reminder-P1D"), material).sections
    assert "**Tänään klo 14.00** · keskiviikkona 27.1. klo 14.00 (60 min)" in section.body
    assert section.link


def test_a_task_is_said_to_be_its_owners(material: Material) -> None:
    task = Entry("task", Kind.TASK, {"fi": "Käy kahvilla uusien kanssa"}, DAY, dates=(DAY,), owner="it")
    (section,) = written(plan(task), material).sections
    assert section.title == "Muistutus: Käy kahvilla uusien kanssa"
    assert "sinun tehtäväsi" in section.body


@pytest.mark.parametrize(("owner", "said"), [("supervisors", "esihenkilöt"), ("Anna", "Anna")])
def test_a_task_of_somebody_who_cannot_be_reached_is_to_be_passed_on(material: Material, owner: str, said: str) -> None:
    task = Entry("task", Kind.TASK, {"fi": "Tilaa koneet"}, DAY, dates=(DAY,), owner=owner)
    assert f"Tämän tekee: {said}. Välitä viesti eteenpäin." in only(written(plan(task), material))
    assert "sinun tehtäväsi" not in only(written(plan(task), material))


def test_a_task_in_july_is_told_with_its_own_day(material: Material) -> None:
    day = date(2027, 7, 14)
    task = Entry("task", Kind.TASK, {"fi": "Tilaa koneet"}, day, dates=(day,), time=time(9), owner="it")
    ahead = moment(day, time(9)) - timedelta(days=7)
    planned = replace(plan(task, "reminder-P7D", ahead), key=Key("task", day, "reminder-P7D", "hall"))
    assert "14.7. klo 9.00" in only(written(planned, replace(material, now=ahead)))


ENTRIES = [QUARTER, HOSTED, PRIVACY_DAY, replace(HOSTED, kind=Kind.MEETING), replace(PRIVACY_DAY, kind=Kind.TASK)]


def test_a_host_who_is_named_by_their_id_in_the_chat_is_called_by_name(material: Material) -> None:
    hosted = plan(replace(HOSTED, host="teams:29:1XJKJMvc5"))
    named = replace(material, host=lambda host: {"teams:29:1XJKJMvc5": "Megan Bowen"}[host])
    assert "Vetäjä: Megan Bowen" in only(written(hosted, named))
    unknown = only(written(hosted, replace(material, host=lambda _: "")))
    assert "29:" not in unknown
    assert "Vetäjä" not in unknown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["post", "reminder-P7D", "reminder-PT15M", "follow-up"])
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.kind}-{bool(entry.host)}")
def test_no_key_and_no_placeholder_shows(material: Material, entry: Entry, part: str, language: Language) -> None:
    shown = markdown(written(plan(entry, part, languages=(language,)), material))
    assert [word for word in (entry.id, part, "{", "}", "None") if word in shown] == []


def test_an_entry_in_finnish_only_comes_once(material: Material) -> None:
    post = written(plan(replace(QUARTER, titles={"fi": "Vartti"}), languages=("sv", "fi", "en")), material)
    assert [(section.language, section.title) for section in post.sections] == [("fi", "Vartti")]
