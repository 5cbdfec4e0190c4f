"""Rhythms in words: what people would say, in three languages."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from scheduler.models import Entry, Kind
from scheduler.starter import starter_year
from tips.models import LANGUAGES, Language
from web.pages.rhythmwords import ahead, told

TUESDAY = date(2027, 1, 12)


@pytest.mark.parametrize(
    ("rule", "fi", "sv", "en"),
    [
        (
            "FREQ=MONTHLY;BYDAY=2TU",
            "joka kuukauden toinen tiistai klo 9.00",
            "den andra tisdagen varje månad kl. 9.00",
            "the second Tuesday of every month at 9.00",
        ),
        ("FREQ=WEEKLY;BYDAY=TU", "joka tiistai klo 9.00", "varje tisdag kl. 9.00", "every Tuesday at 9.00"),
        (
            "FREQ=WEEKLY;BYDAY=MO,WE,FR",
            "joka maanantai, keskiviikko ja perjantai klo 9.00",
            "varje måndag, onsdag och fredag kl. 9.00",
            "every Monday, Wednesday and Friday at 9.00",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "2 viikon välein: tiistai klo 9.00",
            "med 2 veckors mellanrum: tisdag kl. 9.00",
            "every 2 weeks: Tuesday at 9.00",
        ),
        (
            "FREQ=YEARLY;BYMONTH=10;BYDAY=1TH",
            "joka vuosi lokakuun ensimmäinen torstai klo 9.00",
            "den första torsdagen i oktober varje år kl. 9.00",
            "the first Thursday of October every year at 9.00",
        ),
        (
            "FREQ=MONTHLY;BYMONTH=3,9;BYDAY=-1FR",
            "maaliskuun ja syyskuun viimeinen perjantai klo 9.00",
            "den sista fredagen i mars och september kl. 9.00",
            "the last Friday of March and September at 9.00",
        ),
        (
            "FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,8,9,10,11,12;BYDAY=2MO",
            "joka kuukauden toinen maanantai klo 9.00, ei heinäkuussa",
            "den andra måndagen varje månad kl. 9.00, inte i juli",
            "the second Monday of every month at 9.00, not in July",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=15;UNTIL=20270630",
            "joka kuukauden 15. päivä klo 9.00, ke 30.6.2027 asti",
            "den 15 varje månad kl. 9.00, till ons 30.6.2027",
            "day 15 of every month at 9.00, until Wed 30 Jun 2027",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=3TU",
            "3 kuukauden välein kolmas tiistai klo 9.00",
            "den tredje tisdagen med 3 månaders mellanrum kl. 9.00",
            "the third Tuesday, every 3 months at 9.00",
        ),
        ("", "kerran, ti 12.1.2027 klo 9.00", "en gång, tis 12.1.2027 kl. 9.00", "once, Tue 12 Jan 2027 at 9.00"),
        ("FREQ=DAILY", "oma sääntö: FREQ=DAILY", "egen regel: FREQ=DAILY", "own rule: FREQ=DAILY"),
    ],
)
def test_a_rhythm_is_told_in_words(rule: str, fi: str, sv: str, en: str) -> None:
    entry = Entry("e", Kind.MEETING, {"fi": "E"}, TUESDAY, rrule=rule, time=time(9))
    assert [told(entry, language) for language in ("fi", "sv", "en")] == [fi, sv, en]


def test_dates_one_by_one_are_named_the_first_of_many() -> None:
    days = tuple(TUESDAY + timedelta(days=7 * number) for number in range(6))
    few = Entry("e", Kind.MEETING, {}, TUESDAY, dates=days[:2])
    assert told(few, "fi") == "2 kertaa: ti 12.1.2027 ja ti 19.1.2027"
    assert told(Entry("e", Kind.MEETING, {}, TUESDAY, dates=days), "fi").endswith("ti 2.2.2027, …")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_of_the_ready_year_can_be_told(language: Language) -> None:
    assert all(told(entry, language) for entry in starter_year())


@pytest.mark.parametrize(
    ("before", "fi"),
    [
        (timedelta(days=1), "1 päivä ennen"),
        (timedelta(weeks=2), "14 päivää ennen"),
        (timedelta(hours=2), "2 tuntia ennen"),
        (timedelta(minutes=90), "90 minuuttia ennen"),
        (timedelta(minutes=15), "15 minuuttia ennen"),
    ],
)
def test_how_long_before(before: timedelta, fi: str) -> None:
    assert ahead(before, "fi") == fi
