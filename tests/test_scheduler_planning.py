"""What is posted when: by example, and as properties of any destination in any year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.choosing import Choice, Why
from scheduler.durations import iso_duration
from scheduler.models import SESSIONS, ZONE, Destination, Entry, Key, Kind, Moves, Planned, Profile, Season
from scheduler.planning import MISSED, due, is_open, planned
from scheduler.profiles import is_quiet
from scheduler.workdays import is_working_day, previous_working_day
from tips.models import Tip

HALL = Destination("hall", "teams", "19:hall")
SCHOOL = Destination("school", "teams", "19:school", profile=Profile.SCHOOL)
THEMES = ("passwords", "phishing", "excel", "calendar")
TIPS = tuple(Tip(f"{theme}-{number}", theme) for number in range(20) for theme in THEMES)
WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
NEW_YEAR, NEXT_YEAR = datetime(2027, 1, 1, tzinfo=ZONE), datetime(2028, 1, 1, tzinfo=ZONE)


def _entry(id_: str, kind: Kind, day: date, **fields: object) -> Entry:
    return Entry(id_, kind, {"en": id_}, day, **fields)  # type: ignore[arg-type]


WEEKLY = _entry(
    "weekly",
    Kind.WEEKLY_TIP,
    date(2027, 1, 5),
    rrule="FREQ=WEEKLY;BYDAY=TU",
    time=time(9),
    weeks={week: THEMES[week % 4] for week in range(1, 54)},
    seasons=(Season("excel-7", (3, 1), (3, 31)),),
)
QUARTER = _entry("quarter", Kind.SECURITY_QUARTER, date(2027, 2, 3), time=time(14), minutes=15, reminders=(WEEK, DAY))
HOSTED = _entry(
    "hosted",
    Kind.TIP_SESSION,
    date(2027, 4, 7),
    time=time(14),
    minutes=15,
    host="Liisa",
    reminders=(timedelta(minutes=15), DAY, WEEK),
)
PASSWORD_DAY = _entry("password-day", Kind.REMINDER, date(2027, 5, 6), theme="passwords", joins_tip=True)
TASK = _entry("coffee", Kind.TASK, date(2027, 7, 14), owner="teams:29:liisa", reminders=(WEEK,))
YEAR = (
    WEEKLY,
    replace(QUARTER, rrule="FREQ=MONTHLY;BYDAY=1WE"),
    replace(HOSTED, rrule="FREQ=MONTHLY;BYDAY=3TH"),
    replace(PASSWORD_DAY, rrule="FREQ=YEARLY"),
    _entry("christmas-eve", Kind.REMINDER, date(2027, 12, 24), rrule="FREQ=YEARLY"),
    replace(TASK, rrule="FREQ=YEARLY"),
)


def _at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def _plan(
    entries: Sequence[Entry],
    start: datetime = NEW_YEAR,
    end: datetime = NEXT_YEAR,
    places: Sequence[Destination] = (HALL,),
    **more: object,
) -> list[Planned]:
    return list(planned(entries, places, TIPS, start, end, **more))  # type: ignore[arg-type]


def _lines(items: Iterable[Planned]) -> list[str]:
    return [
        f"{item.at:%d.%m. %H.%M} {item.key.part}"
        + (f" edits {item.edits}" if item.edits else "")
        + (f" skipped {item.skipped}" if item.skipped else "")
        for item in items
    ]


def _week(entries: Sequence[Entry], monday: datetime, place: Destination = HALL, **more: object) -> list[Planned]:
    return _plan(entries, monday, monday + WEEK, (place,), **more)


# Weekly tips


def test_a_weekly_tip_is_of_its_week_s_theme() -> None:
    (item,) = _week([WEEKLY], _at(2027, 1, 11))
    assert (item.at, item.tip, item.key) == (
        _at(2027, 1, 12, 9),
        "excel-0",
        Key("weekly", date(2027, 1, 12), "post", "hall"),
    )
    assert Why.of(item.why) == Why("theme", "excel")


def test_it_comes_on_the_destination_s_day_and_time_by_the_same_key() -> None:
    (item,) = _week([WEEKLY], _at(2027, 1, 11), replace(HALL, weekday=3, time=time(12, 15)))
    assert (item.at, item.key.nominal) == (_at(2027, 1, 14, 12, 15), date(2027, 1, 12))


@pytest.mark.parametrize(
    ("monday", "weekday", "day"),
    [
        (_at(2027, 1, 4), 2, 7),  # Epiphany: the next working day
        (_at(2027, 3, 22), 4, 25),  # Good Friday: none is left after it, so the one before
        (_at(2027, 1, 11), 6, 15),  # a Sunday
    ],
)
def test_it_moves_within_its_week(monday: datetime, weekday: int, day: int) -> None:
    (item,) = _week([WEEKLY], monday, replace(HALL, profile=Profile.CUSTOM, weekday=weekday))
    assert (item.at.day, item.skipped) == (day, "")


@pytest.mark.parametrize(("asked", "shown"), [(time(5), time(7)), (time(21, 30), time(18)), (time(7, 30), time(7, 30))])
def test_nothing_comes_at_night(asked: time, shown: time) -> None:
    (item,) = _week([WEEKLY], _at(2027, 1, 11), replace(HALL, time=asked))
    assert item.at.time() == shown


def test_quiet_weeks_are_skipped_with_the_reason() -> None:
    july = _plan([WEEKLY], _at(2027, 7, 5), _at(2027, 7, 26))
    assert _lines(july) == [f"{day}.07. 09.00 post skipped quiet" for day in ("06", "13", "20")]


def test_a_pause_ends_by_itself() -> None:
    found = _plan([WEEKLY], _at(2027, 2, 1), _at(2027, 2, 22), [replace(HALL, paused_until=date(2027, 2, 10))])
    assert _lines(found) == ["02.02. 09.00 post skipped pause", "10.02. 09.00 post", "16.02. 09.00 post"]


def test_a_day_that_matters_heads_that_week_s_tip_on_that_day() -> None:
    (item,) = _week([WEEKLY, PASSWORD_DAY], _at(2027, 5, 3), replace(HALL, profile=Profile.CUSTOM))
    # Ascension Day is the 6th: the next working day.
    assert (item.at, item.heading, item.tip) == (_at(2027, 5, 7, 9), PASSWORD_DAY, "passwords-0")
    assert Why.of(item.why) == Why("day", "password-day")


def test_of_two_days_in_a_week_the_first_heads_and_no_day_is_without_a_line() -> None:
    later = _entry("later", Kind.REMINDER, date(2027, 5, 5), joins_tip=True)
    day = replace(later, id="first", start=date(2027, 5, 4))
    items = _week([WEEKLY, later, day], _at(2027, 5, 3))
    assert [(item.key.entry, item.skipped) for item in items] == [("weekly", ""), ("later", "too_many")]
    assert items[0].heading == day


def test_a_day_that_finds_no_tip_is_a_post_of_its_own() -> None:
    assert _lines(_week([PASSWORD_DAY], _at(2027, 5, 3))) == ["07.05. 09.00 post"]


def test_an_editor_s_choice_for_the_week() -> None:
    items = _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 1, 25), choices={(2027, 3, ""): Choice("passwords-9")})
    assert [item.tip for item in items] == ["excel-0", "passwords-9"]
    assert items[1].why == "editor"


def test_a_choice_for_one_destination_at_its_own_moment() -> None:
    thursday = datetime(2027, 1, 21, 14, 15, tzinfo=ZONE)
    choices = {(2027, 3, "hall"): Choice("passwords-9", thursday), (2027, 3, ""): Choice("phishing-3")}
    span = (_at(2027, 1, 18), _at(2027, 1, 25))
    (mine,), (other,) = (
        list(planned([WEEKLY], [place], TIPS, *span, choices=choices)) for place in (HALL, replace(HALL, id="other"))
    )
    assert (mine.tip, mine.at, mine.key.nominal) == ("passwords-9", thursday, date(2027, 1, 19))
    assert (other.tip, other.at.weekday()) == ("phishing-3", 1)


def test_a_moment_outside_its_week_is_not_heeded() -> None:
    choices = {(2027, 3, "hall"): Choice("passwords-9", datetime(2027, 2, 4, 9, tzinfo=ZONE))}
    (item,) = planned([WEEKLY], [HALL], TIPS, _at(2027, 1, 18), _at(2027, 1, 25), choices=choices)
    assert (item.tip, item.at.date()) == ("passwords-9", date(2027, 1, 19))


def test_what_went_out_is_not_chosen_anew_and_not_next_week_either() -> None:
    sent = {Key("weekly", date(2027, 1, 12), "post", "hall"): "excel-5"}
    had = {"hall": {"excel-5": date(2027, 1, 12), "calendar-0": date(2026, 3, 1)}}
    items = _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 1, 25), sent=sent, had=had)
    assert [item.tip for item in items] == ["excel-5", "calendar-1"]


def test_without_a_tip_it_is_skipped_with_the_reason() -> None:
    (item,) = planned([WEEKLY], [HALL], (), _at(2027, 1, 11), _at(2027, 1, 18))
    assert item.skipped == "no_tip"


# Sessions, meetings, reminders, tasks


def test_a_session_at_one_s_own_pace_is_told_of_before_and_posted() -> None:
    found = _plan([QUARTER], places=[replace(HALL, time=time(12, 15))])
    assert _lines(found) == [
        "27.01. 12.15 reminder-P7D",
        "02.02. 12.15 reminder-P1D edits reminder-P7D",
        "03.02. 12.15 post",
    ]


def test_a_host_invites_once_and_everything_later_edits_that() -> None:
    assert _lines(_plan([HOSTED])) == [
        "31.03. 14.00 reminder-P7D",
        "06.04. 14.00 reminder-P1D edits reminder-P7D",
        "07.04. 13.45 reminder-PT15M edits reminder-P7D",
        "07.04. 14.00 post edits reminder-P7D",
    ]


def test_a_host_invites_a_week_ahead_where_the_calendar_does_not_say_when() -> None:
    assert _lines(_plan([replace(HOSTED, reminders=())]))[0] == "31.03. 14.00 reminder-P7D"


def test_a_recording_follows() -> None:
    *_, last = _plan([replace(HOSTED, recording_link="https://example.org/recording")])
    assert _lines([last]) == ["07.04. 14.15 follow-up"]


def test_a_reminder_moves_to_the_working_day_before() -> None:
    easter = replace(HOSTED, start=date(2027, 3, 30), reminders=(DAY, timedelta(days=2)))
    assert _lines(_plan([easter]))[:2] == [
        "25.03. 14.00 reminder-P2D",  # Good Friday to Easter Monday are off
        "25.03. 14.00 reminder-P1D edits reminder-P2D",
    ]


def test_a_reminder_in_a_quiet_time_is_skipped_and_the_next_one_invites() -> None:
    after = replace(HOSTED, start=date(2027, 8, 11), reminders=(WEEK, timedelta(minutes=15)))
    assert _lines(_plan([after], places=[SCHOOL])) == [
        "04.08. 14.00 reminder-P7D skipped quiet",
        "11.08. 13.45 reminder-PT15M",
        "11.08. 14.00 post edits reminder-PT15M",
    ]


def test_a_session_in_a_quiet_week_moves_and_one_in_a_long_holiday_is_skipped() -> None:
    autumn, summer = replace(QUARTER, start=date(2027, 10, 20)), replace(QUARTER, start=date(2027, 6, 16))
    assert _lines(_plan([autumn], places=[SCHOOL]))[-1] == "25.10. 14.00 post"
    assert {item.skipped for item in _plan([summer], places=[SCHOOL])} == {"quiet"}


@pytest.mark.parametrize(
    ("to", "places"),
    [
        (("all",), ["hall", "school"]),
        (("profile:school",), ["school"]),
        (("hall",), ["hall"]),
        (("quiet-one",), ["quiet-one"]),  # named, so its kinds do not matter
        ((), []),
    ],
)
def test_whom_an_entry_is_for(to: tuple[str, ...], places: list[str]) -> None:
    everywhere = [HALL, SCHOOL, replace(HALL, id="quiet-one", kinds=(Kind.WEEKLY_TIP,))]
    found = _plan([replace(QUARTER, to=to, reminders=())], places=everywhere)
    assert [item.key.destination for item in found] == places


def test_a_task_goes_to_its_owner_in_private_also_in_july() -> None:
    liisa = Destination("liisa", "teams", "a:1", person="teams:29:liisa", kinds=())
    found = _plan([TASK], places=[HALL, liisa])
    assert _lines(found) == ["07.07. 09.00 reminder-P7D", "14.07. 09.00 post"]
    assert {item.destination for item in found} == {liisa}
    (unknown, _) = _plan([replace(TASK, owner="")])
    assert (unknown.destination.id, unknown.destination.person) == ("owner:it", "it")


def test_few_pings_a_session_beside_the_tip_and_no_third() -> None:
    busy = replace(QUARTER, reminders=(DAY,))
    items = _week([WEEKLY, busy, replace(busy, id="second"), replace(busy, id="third")], _at(2027, 2, 1))
    assert Counter(item.key.entry for item in items if item.skipped == "too_many") == {"third": 2, "weekly": 1}


def test_the_organisation_s_own_reminder_goes_before_the_tip_and_the_tip_before_any_other() -> None:
    reminder = _entry("backup", Kind.REMINDER, date(2027, 2, 4))
    for own, left in ((True, "backup"), (False, "weekly")):
        items = _week([WEEKLY, replace(reminder, own=own)], _at(2027, 2, 1))
        assert [item.key.entry for item in items if not item.skipped] == [left]


def test_reminders_of_a_session_leave_the_tip_its_place() -> None:
    items = _plan([WEEKLY, QUARTER, replace(QUARTER, id="next", start=date(2027, 2, 10))], _at(2027, 2, 1))
    shown = {item.key.part: (item.skipped, item.edits) for item in items if item.key.entry == "next"}
    assert shown == {
        "reminder-P7D": ("too_many", ""),
        "reminder-P1D": ("", ""),
        "post": ("", "reminder-P1D"),
    }


def test_nothing_before_it_was_a_destination() -> None:
    late = replace(HALL, since=_at(2027, 1, 13))
    assert _lines(_plan([WEEKLY], _at(2027, 1, 4), _at(2027, 1, 25), [late])) == ["19.01. 09.00 post"]


@pytest.mark.parametrize(
    ("ahead", "name"),
    [
        (timedelta(days=7), "P7D"),
        (timedelta(minutes=15), "PT15M"),
        (timedelta(hours=2), "PT2H"),
        (timedelta(days=1, hours=2, minutes=5), "P1DT2H5M"),
    ],
)
def test_the_name_of_a_reminder(ahead: timedelta, name: str) -> None:
    assert iso_duration(ahead) == name


# The clock


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (_at(2027, 3, 28), datetime(2027, 3, 28, 1, tzinfo=UTC)),  # 3.30 does not exist: 4.00
        (_at(2027, 10, 31), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # 3.30 comes twice: the first
    ],
)
def test_a_time_in_the_lost_or_the_doubled_hour_comes_once(day: datetime, moment: datetime) -> None:
    night = replace(WEEKLY, rrule="", moves=Moves.KEEP, time=time(3, 30), start=day.date())
    (item,) = _plan([night], day, day + DAY)
    assert item.at.astimezone(UTC) == moment
    assert due([item], item.at + timedelta(hours=1), {item.key}) == []


def test_due_is_what_has_come_and_is_not_done() -> None:
    items = _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 2, 1))
    assert due(items, _at(2027, 1, 12, 8, 59), ()) == []
    assert due(items, _at(2027, 1, 12, 9), ()) == items[:1]
    assert due(items, _at(2027, 1, 12, 9), {items[0].key}) == []


def test_a_weekly_tip_is_caught_up_until_the_next() -> None:
    items = _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 2, 1))
    assert due(items, _at(2027, 1, 18, 10), ()) == items[:1]
    first, second = due(items, _at(2027, 1, 19, 9), ())
    assert (first.skipped, second) == (MISSED, items[1])
    # The second was sent before: the first comes no more.
    assert [item.skipped for item in due(items, _at(2027, 1, 19, 9), {items[1].key})] == [MISSED]


@pytest.mark.parametrize(
    ("entry", "part", "last"),
    [
        (HOSTED, "reminder-P7D", _at(2027, 4, 7, 14)),
        (HOSTED, "reminder-PT15M", _at(2027, 4, 7, 13, 50)),
        (QUARTER, "post", _at(2027, 2, 10, 14)),
        (_entry("note", Kind.REMINDER, date(2027, 2, 1), time=time(9)), "post", _at(2027, 2, 4, 9)),
        (_entry("forum", Kind.MEETING, date(2027, 2, 1), time=time(9)), "post", _at(2027, 2, 4, 9)),
        (TASK, "post", _at(2027, 7, 19, 9)),
    ],
)
def test_how_long_it_is_caught_up(entry: Entry, part: str, last: datetime) -> None:
    place = replace(HALL, kinds=tuple(Kind))
    (item,) = (item for item in _plan([entry], places=[place]) if item.key.part == part)
    assert [due([item], now, ())[0].skipped for now in (last, last + timedelta(seconds=1))] == ["", MISSED]


@pytest.mark.parametrize("now", [_at(2027, 1, 12, 22), _at(2027, 1, 16, 12), _at(2027, 1, 13, 6, 59)])
def test_what_is_late_waits_for_working_hours(now: datetime) -> None:
    items = _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 1, 18))
    assert due(items, now, ()) == []
    assert not is_open(HALL, now)


def test_a_skipped_one_is_handed_on_to_be_recorded() -> None:
    (item,) = due(_plan([WEEKLY], _at(2027, 7, 5), _at(2027, 7, 12)), _at(2027, 7, 7), ())
    assert item.skipped == "quiet"


# Any destination, any time

places = st.builds(
    Destination,
    id=st.just("any"),
    platform=st.just("teams"),
    conversation=st.just("19:any"),
    profile=st.sampled_from(Profile),
    weekday=st.none() | st.integers(0, 6),
    time=st.none() | st.times().map(lambda found: found.replace(second=0, microsecond=0)),
    paused_until=st.none() | st.dates(date(2027, 1, 1), date(2028, 12, 31)),
    person=st.sampled_from(["", "teams:29:anna"]),
)
starts = st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 1), timezones=st.just(ZONE))  # noqa: DTZ001


@settings(max_examples=30)
@given(places, starts, st.integers(1, 60))
def test_what_is_posted_is_posted_by_day_on_working_days_and_is_little(
    place: Destination, start: datetime, days: int
) -> None:
    items = [item for item in _plan(YEAR, start, start + timedelta(days=days), [place]) if item.kind is not Kind.TASK]
    posts: dict[tuple[int, int], list[Planned]] = defaultdict(list)
    for item in items:
        assert start <= item.at < start + timedelta(days=days)
        if item.skipped:
            continue
        assert time(7) <= item.at.time() <= time(18)
        assert is_working_day(item.at.date())
        assert not is_quiet(place, item.at.date())
        assert place.paused_until is None or item.at.date() >= place.paused_until
        assert item.until
        assert item.until > item.at
        if not item.edits:
            posts[item.at.isocalendar()[:2]].append(item)
    for week in posts.values():
        assert len(week) <= (2 if any(item.kind in SESSIONS for item in week) else 1)
    assert len({item.key for item in items}) == len(items)
    assert [item.at for item in items] == sorted(item.at for item in items)


@settings(max_examples=20)
@given(places, starts, st.integers(1, 40), st.integers(1, 40))
def test_whatever_the_window_the_same_comes_out(place: Destination, start: datetime, one: int, other: int) -> None:
    middle, end = start + timedelta(days=one), start + timedelta(days=one + other)
    whole = _plan(YEAR, start, end, [place])
    first = _plan(YEAR, start, middle, [place])
    had = {place.id: {item.tip: item.at.date() for item in first if item.tip}}
    sent = {item.key: item.tip for item in first if item.tip}
    second = _plan(YEAR, middle, end, [place], had=had, sent=sent)

    def shown(items: list[Planned]) -> list[tuple[object, ...]]:
        return [(item.key, item.at, item.skipped, item.edits) for item in items]

    assert shown(first) + shown(second) == shown(whole)
    assert not {item.tip for item in first if item.tip} & {item.tip for item in second if item.tip}


@settings(max_examples=30)
@given(places, st.dates(date(2027, 2, 1), date(2028, 12, 31)), st.sets(st.integers(1, 20), max_size=3))
def test_reminders_come_at_their_distance_or_on_the_working_day_before(
    place: Destination, day: date, ahead: set[int]
) -> None:
    entry = replace(HOSTED, start=day, reminders=tuple(timedelta(days=days) for days in ahead))
    items = _plan([entry], _at(2026, 1, 1), _at(2030, 1, 1), [replace(place, paused_until=None)])
    event = next(item for item in items if item.key.part == "post")
    for item in items:
        if item is not event and not item.skipped:
            wished = event.at.date() - timedelta(days=int(item.key.part[10:-1]))
            assert item.at.date() == previous_working_day(wished, lambda on: is_quiet(place, on))
            assert item.at.time() == event.at.time()
    told = [item for item in items if not item.skipped]
    assert [bool(item.edits) for item in told] == [number > 0 for number in range(len(told))]


def test_a_new_tip_comes_when_it_is_ripe_and_for_an_editor_before() -> None:
    first = next(item.tip for item in _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 1, 18)))
    ripe = {first: _at(2027, 1, 19, 9)}
    assert first not in {item.tip for item in _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 1, 18), ripe=ripe)}
    chosen = {(2027, 2, ""): Choice(first)}
    assert _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 1, 18), ripe=ripe, choices=chosen)[0].tip == first
    assert first in {item.tip for item in _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 3, 1), ripe=ripe)}
    # What another place was promised in another week makes it nobody else's.
    elsewhere = {(2027, 3, "other"): Choice(first)}
    assert _plan([WEEKLY], _at(2027, 1, 11), _at(2027, 1, 18), ripe=ripe, choices=elsewhere)[0].tip != first
