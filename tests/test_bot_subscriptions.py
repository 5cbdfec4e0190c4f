"""'Tilaa vinkit': what people type about days and times, the cards of a subscription, IT's handling of posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.assistant import Assistant
from bot.commands import typed_form
from bot.conversations import Conversation
from bot.messages import say
from bot.models import Action, Button, Message, Reply, Scope
from bot.orders import Clerk, Order, What
from bot.people import IT
from bot.progress import Progress, Run
from bot.stores import Stores
from bot.wishcards import KINDS, Draft
from bot.wishes import Wish, is_nearly_wish, is_not_now, pause_end, wish_in
from scheduler.models import ZONE, Destination, Entry, Key, Kind, Planned, Profile
from scheduler.parts import EARLIEST, LATEST
from scheduler.planning import planned
from scheduler.tally import Tally
from tests.conftest import NOW
from tips.models import LANGUAGES, Language, Pack

T = TypeVar("T")

ME, BOSS = "teams:me", "teams:boss"
HALL, NURSERY = "19:hall", "19:nursery"
NAMES = {HALL: "Kunta / Vinkit"}
TODAY = date(2027, 1, 12)  # a Tuesday
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
any_input = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

TIP = Entry("weekly-tip", Kind.WEEKLY_TIP, {"fi": "Viikon vinkki"}, date(2027, 1, 4), rrule="FREQ=WEEKLY;BYDAY=TU")
SESSION = Entry(
    "quarter",
    Kind.SECURITY_QUARTER,
    {"fi": "Digiturvavartti: salasanat"},
    date(2027, 1, 7),
    dates=(date(2027, 1, 7), date(2027, 2, 4)),
    time=time(14),
    minutes=15,
    theme="passwords",
    host=ME,
)


NEWS = Entry(
    "news", Kind.REMINDER, {"fi": "Päivitys illalla"}, date(2027, 1, 11), {"fi": "Sulje kone."}, time=time(8), own=True
)

# What is typed


@pytest.mark.parametrize(
    ("text", "weekday", "hour", "minute"),
    [
        ("ti 12.15", 1, 12, 15),
        ("Ti 12.15", 1, 12, 15),
        ("torstaisin klo 9", 3, 9, 0),
        ("torstaisin kello 9.", 3, 9, 0),
        ("tiistaina klo 12:15", 1, 12, 15),
        ("keskiviikkoisin 12.15", 2, 12, 15),
        ("ke klo 0915", 2, 9, 15),
        ("joka maanantai klo 8", 0, 8, 0),
        ("klo 9 perjantaina, kiitos!", 4, 9, 0),
        ("pe puoli 10", 4, 9, 30),
        ("tis 12.15", 1, 12, 15),
        ("tisdagar kl. 9.00", 1, 9, 0),
        ("på torsdagar kl 9", 3, 9, 0),
        ("varje mån halv 10", 0, 9, 30),
        ("man 9.30", 0, 9, 30),
        ("ons klockan 13.45", 2, 13, 45),
        ("lör 9", 5, 9, 0),
        ("lor 9", 5, 9, 0),
        ("sön 9", 6, 9, 0),
        ("Tue 12:15", 1, 12, 15),
        ("on Thursdays at 9", 3, 9, 0),
        ("every Wed 2 pm", 2, 14, 0),
        ("Fri 2pm", 4, 14, 0),
        ("Mon 12 am", 0, 0, 0),
        ("Friday at 9 in the morning", 4, 9, 0),
        ("TO 12.15", 3, 12, 15),
        ("su 3.00", 6, 3, 0),
    ],
)
def test_a_day_and_a_time_are_understood(text: str, weekday: int, hour: int, minute: int) -> None:
    assert wish_in(text) == Wish(weekday, time(hour, minute))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("torstai", Wish(3)),
        ("to", Wish(3)),
        ("tisdag", Wish(1)),
        ("Monday", Wish(0)),
        ("klo 12.15", Wish(time=time(12, 15))),
        ("at 9", Wish(time=time(9))),
        ("12:15", Wish(time=time(12, 15))),
    ],
)
def test_either_alone_is_understood(text: str, wish: Wish) -> None:
    assert wish_in(text) == wish


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ti-to 9",
        "ti ja to klo 9",
        "ti 25.00",
        "ti 12.60",
        "ti 9 10",
        "klo",
        "13 pm",
        "puoli",
        "miten vaihdan salasanan tiistaina klo 9",
        "tiistaina klo 9 ei toimi",
        "12.1.",
        "9999999",
        "ti 12.15 ti 12.15 ti 12.15 ti 12.15 ti 12.15",
        "🙂",
    ],
)
def test_what_is_no_day_and_time_is_not(text: str) -> None:
    assert wish_in(text) is None


def test_weekends_and_nights_are_known() -> None:
    assert Wish(5).at_weekend
    assert not Wish(4).at_weekend
    assert Wish(time=time(6, 59)).at_night
    assert not Wish(time=EARLIEST).at_night
    assert not Wish(time=LATEST).at_night
    assert Wish(time=time(18, 1)).at_night


@given(st.integers(0, 6), st.times())
def test_every_day_and_time_is_read_back(weekday: int, at: time) -> None:
    wish = Wish(weekday, at.replace(second=0, microsecond=0))
    for day in ("ma ti ke to pe la su", "mån tis ons tors fre lör sön", "mon tue wed thu fri saturdays sundays"):
        name = day.split()[weekday]
        for mark in ".:":
            if name != "saturdays":
                assert wish_in(f"{name} {at.hour}{mark}{at.minute:02}") == wish


@given(ANY_TEXT)
def test_any_text_is_a_wish_or_none(text: str) -> None:
    wish = wish_in(text)
    assert wish is None or wish.weekday is not None or wish.time is not None
    is_nearly_wish(text)
    end = pause_end(text, TODAY)
    assert end is None or end > TODAY


@pytest.mark.parametrize(
    "text", ["nyt ei käy", "Ei nyt.", "nyt ei kay", "myöhemmin", "peru", "inte nu", "nej tack", "not now", "No!"]
)
def test_putting_off_is_understood(text: str) -> None:
    assert is_not_now(text)


def test_a_question_is_no_putting_off() -> None:
    assert not is_not_now("ei toimi")
    assert not is_not_now("miten peruutan kokouksen")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2 viikkoa", date(2027, 1, 26)),
        ("kaksi viikkoa", date(2027, 1, 26)),
        ("viikko", date(2027, 1, 19)),
        ("viikon ajan", date(2027, 1, 19)),
        ("2vk", date(2027, 1, 26)),
        ("3 pv", date(2027, 1, 15)),
        ("kuukausi", date(2027, 2, 12)),
        ("1 kk", date(2027, 2, 12)),
        ("15.3. asti", date(2027, 3, 15)),
        ("15.3.2027", date(2027, 3, 15)),
        ("11.1.", date(2028, 1, 11)),
        ("2 veckor", date(2027, 1, 26)),
        ("två veckor", date(2027, 1, 26)),
        ("i en månad", date(2027, 2, 12)),
        ("till 15.3", date(2027, 3, 15)),
        ("2 weeks", date(2027, 1, 26)),
        ("for a month", date(2027, 2, 12)),
        ("until 15.3.", date(2027, 3, 15)),
        ("10 days", date(2027, 1, 22)),
    ],
)
def test_a_pause_has_its_end(text: str, end: date) -> None:
    assert pause_end(text, TODAY) == end


@pytest.mark.parametrize(
    "text", ["", "0 viikkoa", "400 päivää", "31.2.", "12.1.2027", "1.1.2020", "2", "pitkä", "999 kk", "kahvi 2 viikkoa"]
)
def test_what_is_no_pause_has_none(text: str) -> None:
    assert pause_end(text, TODAY) is None


# The cards


@pytest.fixture(autouse=True)
def calendar(stores: Stores) -> None:
    stores.calendar.add([TIP, SESSION])


def say_to(assistant: Assistant, text: str, scope: Scope = Scope.CHANNEL, place: str = HALL, person: str = ME) -> Reply:
    return assistant.respond(Message(text, person, "teams", scope, place=place, place_name=NAMES.get(place, "")), NOW)


def alone(assistant: Assistant, text: str, person: str = ME) -> Reply:
    return say_to(assistant, text, Scope.PERSONAL, f"a:{person}", person)


def press(
    assistant: Assistant, button: Button | Action, scope: Scope = Scope.CHANNEL, place: str = HALL, person: str = ME
) -> Reply:
    action = button.action if isinstance(button, Button) else button
    message = Message("", person, "teams", scope, action, place=place, place_name=NAMES.get(place, ""))
    return assistant.respond(message, NOW)


def press_alone(assistant: Assistant, button: Button, person: str = ME) -> Reply:
    return press(assistant, button, Scope.PERSONAL, f"a:{person}", person)


def button(reply: Reply, label: str) -> Button:
    return next(one for choice in reply.choices for one in choice.buttons if one.label.removeprefix("✓ ") == label)


def labels(reply: Reply) -> list[str]:
    return [one.label for choice in reply.choices for one in choice.buttons]


def places(stores: Stores) -> list[Destination]:
    return stores.destinations.all()


def subscribe(assistant: Assistant, place: str = HALL, person: str = ME) -> None:
    press(assistant, button(say_to(assistant, "tilaa vinkit", place=place, person=person), "Tilaa näin"), place=place)


def test_one_press_suffices(assistant: Assistant, stores: Stores) -> None:
    offered = say_to(assistant, "tilaa vinkit")
    assert offered.in_thread
    assert "Tilataanko vinkit tänne?" in offered.text
    assert "tiistaisin klo 9.00" in offered.text
    assert "Kieli: suomi" in offered.text
    assert "toimisto" in offered.text
    assert "Ensimmäinen tulee tiistaina 19.1. klo 9.00." in offered.text
    assert places(stores) == []
    done = press(assistant, button(offered, "Tilaa näin"))
    assert "tilaus on tehty" in done.text
    assert "peru tilaus" in done.text
    (place,) = places(stores)
    assert (place.platform, place.conversation, place.name, place.person) == ("teams", HALL, "Kunta / Vinkit", "")
    assert (place.languages, place.profile, place.weekday, place.time) == (("fi",), Profile.OFFICE, 1, time(9))
    assert place.since == NOW


@pytest.mark.parametrize(
    ("typed", "language", "yes"),
    [
        ("tilaa vinkit", "fi", "Tilaa näin"),
        ("prenumerera", "sv", "Prenumerera så"),
        ("subscribe", "en", "Subscribe like this"),
    ],
)
def test_it_is_offered_in_the_language_of_the_command(
    assistant: Assistant, stores: Stores, typed: str, language: Language, yes: str
) -> None:
    offered = say_to(assistant, typed)
    assert (offered.kind, offered.language) == ("subscribe", language)
    press(assistant, button(offered, yes))
    assert places(stores)[0].languages == (language,)


def test_every_wish_can_be_changed(assistant: Assistant, stores: Stores) -> None:
    card = say_to(assistant, "tilaa vinkit")
    card = press(assistant, button(press(assistant, button(card, "Kieli")), "svenska ja suomi"))
    card = press(assistant, button(press(assistant, button(card, "Työpaikka")), "varhaiskasvatus"))
    card = press(assistant, button(press(assistant, button(card, "Päivä ja aika")), "tiistaisin klo 12.15"))
    kinds = press(assistant, button(press(assistant, button(card, "Mitä tulee")), "muistutukset"))
    assert "muistutukset" in labels(kinds)
    card = press(assistant, button(kinds, "Takaisin"))
    assert "varhaiskasvatus" in card.text
    press(assistant, button(card, "Tilaa näin"))
    (place,) = places(stores)
    assert place.languages == ("sv", "fi")
    assert place.profile is Profile.DAY_CARE
    assert (place.weekday, place.time) == (1, time(12, 15))
    assert place.kinds == (Kind.WEEKLY_TIP, Kind.SECURITY_QUARTER, Kind.TIP_SESSION)


def test_what_is_chosen_is_marked(assistant: Assistant) -> None:
    card = say_to(assistant, "tilaa vinkit")
    assert "✓ suomi" in labels(press(assistant, button(card, "Kieli")))
    assert "✓ toimisto" in labels(press(assistant, button(card, "Työpaikka")))
    assert "✓ tiistaisin klo 9.00" in labels(press(assistant, button(card, "Päivä ja aika")))


def test_one_kind_always_stays(assistant: Assistant) -> None:
    page = press(assistant, button(say_to(assistant, "tilaa vinkit"), "Mitä tulee"))
    for label in ("digiturvavartit", "digivinkkituokiot", "muistutukset", "viikon vinkki"):
        page = press(assistant, button(page, label))
    assert [label for label in labels(page) if label.startswith("✓")] == ["✓ viikon vinkki"]


@pytest.mark.parametrize(
    ("typed", "weekday", "at"),
    [
        ("ti 12.15", 1, time(12, 15)),
        ("torstaisin klo 9", 3, time(9)),
        ("Wed 2pm", 2, time(14)),
        ("fre 9.30", 4, time(9, 30)),
    ],
)
@pytest.mark.parametrize("scope", [Scope.CHANNEL, Scope.GROUP])
def test_day_and_time_are_typed(
    assistant: Assistant, stores: Stores, typed: str, weekday: int, at: time, scope: Scope
) -> None:
    say_to(assistant, "tilaa vinkit", scope)
    press(assistant, button(say_to(assistant, typed, scope), "Tilaa näin"), scope)
    assert (places(stores)[0].weekday, places(stores)[0].time) == (weekday, at)


TYPED_INTO_THE_CARD = [
    ("la 9", "Viikonloppuna en lähetä"),
    ("ti 6.00", "klo 7–18"),
    ("ti iltapäivästä", "En ymmärtänyt aikaa"),
    ("ti 25.00", "En ymmärtänyt aikaa"),
    ("nyt ei käy", "en tilannut mitään"),
    ("ei nyt", "en tilannut mitään"),
]


@pytest.mark.parametrize(("typed", "fragment"), TYPED_INTO_THE_CARD)
def test_what_cannot_be_is_answered_plainly(assistant: Assistant, stores: Stores, typed: str, fragment: str) -> None:
    say_to(assistant, "tilaa vinkit")
    assert fragment in say_to(assistant, typed).text
    assert places(stores) == []


@pytest.mark.parametrize("typed", ["salasana vanheni", "ti 12.15?", "moi", "ohje"])
def test_a_question_meanwhile_is_answered(assistant: Assistant, typed: str) -> None:
    say_to(assistant, "tilaa vinkit")
    assert say_to(assistant, typed).kind != "subscribe"


def test_elsewhere_and_later_and_by_others_a_time_is_no_wish(assistant: Assistant) -> None:
    say_to(assistant, "tilaa vinkit")
    assert say_to(assistant, "ti 12.15", place=NURSERY).kind != "subscribe"
    assert say_to(assistant, "ti 12.15", person="teams:other").kind != "subscribe"
    late = Message("ti 12.15", ME, "teams", Scope.CHANNEL, place=HALL)
    assert assistant.respond(late, NOW + timedelta(days=2)).kind != "subscribe"


def test_after_the_press_a_time_is_no_wish_any_more(assistant: Assistant) -> None:
    subscribe(assistant)
    assert say_to(assistant, "ti 12.15").kind != "subscribe"


def test_a_press_that_comes_twice_makes_one_destination(assistant: Assistant, stores: Stores) -> None:
    yes = button(say_to(assistant, "tilaa vinkit"), "Tilaa näin")
    press(assistant, yes)
    press(assistant, yes, person="teams:other")
    assert len(places(stores)) == 1


def test_a_subscription_is_changed_and_keeps_its_id(assistant: Assistant, stores: Stores) -> None:
    subscribe(assistant)
    (before,) = places(stores)
    card = say_to(assistant, "tilaa vinkit")
    assert "on jo tilattu" in card.text
    assert "Seuraava tulee" in card.text
    assert "tiistaisin klo 9.00" in card.text
    press(assistant, button(say_to(assistant, "to 10"), "Tallenna näin"))
    assert places(stores) == [replace(before, weekday=3, time=time(10))]


def test_the_end_is_confirmed(assistant: Assistant, stores: Stores) -> None:
    subscribe(assistant)
    assert "jatkuu" in press(assistant, button(say_to(assistant, "peru tilaus"), "Älä peru")).text
    assert len(places(stores)) == 1
    assert "peruttu" in press(assistant, button(say_to(assistant, "peru tilaus"), "Peru tilaus")).text
    assert places(stores) == []
    assert "ei ole tilattu" in say_to(assistant, "peru tilaus").text


def test_a_person_subscribes_in_private_at_a_time_of_their_own(assistant: Assistant, stores: Stores) -> None:
    assert "Muut eivät näe" in alone(assistant, "tilaa vinkit").text
    press_alone(assistant, button(alone(assistant, "ke 12.15"), "Tilaa näin"))
    (place,) = places(stores)
    assert (place.person, place.conversation, place.weekday, place.time) == (ME, f"a:{ME}", 2, time(12, 15))
    assert "Kunta" not in place.name
    assert alone(assistant, "peru tilaus").text.startswith("Perunko")


def test_who_has_their_data_erased_gets_no_more(assistant: Assistant, stores: Stores) -> None:
    assert "tilaus sinulle: ei ole" in alone(assistant, "näytä tietoni").text
    subscribe(assistant)
    press_alone(assistant, button(alone(assistant, "tilaa vinkit"), "Tilaa näin"))
    send(stores, assistant)
    assert "tilaus sinulle: on" in alone(assistant, "näytä tietoni").text
    press_alone(assistant, button(alone(assistant, "poista tietoni"), "Poista tietoni"))
    (place,) = places(stores)
    assert place.conversation == HALL
    assert stores.deliveries.had(place.id)
    assert len(stores.deliveries.of("weekly-tip", TODAY)) == 1


def test_without_a_place_the_known_private_conversation_is_used(assistant: Assistant, stores: Stores) -> None:
    slash = Message("tilaa vinkit", ME, "slack", Scope.PERSONAL)
    assert "En voi tilata" in assistant.respond(slash, NOW).text
    stores.conversations.seen(Conversation("D1", "slack", Scope.PERSONAL, person=ME), NOW)
    assert "Lähetänkö" in assistant.respond(slash, NOW).text


def test_a_pause_ends_by_itself_or_by_word(assistant: Assistant, stores: Stores) -> None:
    press_alone(assistant, button(alone(assistant, "tilaa vinkit"), "Tilaa näin"))
    assert "tiistaina 26.1." in alone(assistant, "tauko 2 viikkoa").text
    assert places(stores)[0].paused_until == date(2027, 1, 26)
    assert "Ensimmäinen" not in alone(assistant, "mitä seuraavaksi").text
    assert "tiistaina 26.1. klo 9.00" in alone(assistant, "mitä seuraavaksi").text
    assert "vinkit jatkuvat" in alone(assistant, "jatka").text
    assert places(stores)[0].paused_until is None
    assert "ei ole päällä" in alone(assistant, "jatka").text


def test_after_a_long_pause_it_is_said_when_the_tips_go_on(assistant: Assistant) -> None:
    subscribe(assistant)
    say_to(assistant, "tauko 30.9. asti")
    text = say_to(assistant, "mitä seuraavaksi").text
    assert text.startswith("Vinkit ovat tauolla. Ne jatkuvat torstaina 30.9.\n\n**Tänne on tulossa:**")
    assert "- torstaina 30.9. klo 9.00: " in text


def test_what_came_this_week_does_not_come_again_on_another_day(assistant: Assistant, stores: Stores) -> None:
    subscribe(assistant)
    send(stores, assistant)
    say_to(assistant, "tilaa vinkit")
    press(assistant, button(say_to(assistant, "to 12.15"), "Tallenna näin"))
    assert "- torstaina 14.1." not in say_to(assistant, "mitä seuraavaksi").text


@pytest.mark.parametrize(
    ("typed", "label", "language"),
    [("tauko", "2 viikkoa", "fi"), ("paus", "2 veckor", "sv"), ("pause", "2 weeks", "en")],
)
def test_a_pause_is_chosen_by_button(
    assistant: Assistant, stores: Stores, typed: str, label: str, language: Language
) -> None:
    subscribe(assistant)
    asked = say_to(assistant, typed)
    assert asked.language == language
    press(assistant, button(asked, label))
    assert places(stores)[0].paused_until == date(2027, 1, 26)


@pytest.mark.parametrize("typed", ["tauko 2 viikkoa", "paus 2 veckor", "pause 2 weeks", "tauko 26.1. asti"])
def test_a_pause_is_typed(assistant: Assistant, stores: Stores, typed: str) -> None:
    subscribe(assistant)
    say_to(assistant, typed)
    assert places(stores)[0].paused_until == date(2027, 1, 26)


def test_a_question_about_a_pause_is_a_question(assistant: Assistant) -> None:
    assert alone(assistant, "tauko kokouksessa miten").kind != "subscribe"


def test_a_channel_that_subscribes_again_is_known_by_what_it_had_and_a_person_is_not(
    assistant: Assistant, stores: Stores
) -> None:
    ids = []
    for _ in range(2):
        subscribe(assistant)
        press_alone(assistant, button(alone(assistant, "tilaa vinkit"), "Tilaa näin"))
        ids += [place.id for place in sorted(places(stores), key=lambda place: place.person)]
        for place in places(stores):
            stores.destinations.remove(place.id)
    assert (ids[0] == ids[2], ids[1] == ids[3]) == (True, False)


@pytest.mark.parametrize("typed", ["tauko 32.13. asti", "tauko 0 päivää", "tauko 500 päivää", "paus 99 veckor"])
def test_a_pause_that_cannot_be_is_told_and_changes_nothing(assistant: Assistant, stores: Stores, typed: str) -> None:
    subscribe(assistant)
    before = places(stores)
    reply = say_to(assistant, typed)
    assert reply.kind == "subscribe"
    assert ("enintään vuoden" if typed.startswith("tauko") else "högst ett år") in reply.text
    assert places(stores) == before


def test_a_pause_over_the_new_year_says_the_year(assistant: Assistant) -> None:
    subscribe(assistant)
    assert "lauantaina 1.1.2028." in say_to(assistant, "tauko 1.1. asti").text
    assert "lauantaina 1.1.2028" in say_to(assistant, "mitä seuraavaksi").text


@pytest.mark.parametrize("typed", ["peru tilaus", "tauko", "tauko 2 viikkoa", "jatka", "mitä seuraavaksi"])
def test_where_nothing_is_subscribed_that_is_said(assistant: Assistant, typed: str) -> None:
    assert "ei ole tilattu" in say_to(assistant, typed).text


def test_what_is_coming_is_told_with_its_reason(assistant: Assistant) -> None:
    subscribe(assistant)
    text = say_to(assistant, "mitä seuraavaksi").text
    assert "- tiistaina 19.1. klo 9.00: " in text
    assert "viikon aiheesta" in text
    assert text.count("\n- ") == 3


def test_only_it_may_subscribe_a_channel_where_that_is_set(stores: Stores) -> None:
    assistant = Assistant(stores, subscribe="it")
    assert "tietohallinto" in say_to(assistant, "tilaa vinkit").text
    press(assistant, Action("subscribe", {"step": "yes", "lang": "fi"}))
    assert places(stores) == []
    press_alone(assistant, button(alone(assistant, "tilaa vinkit"), "Tilaa näin"))
    stores.people.give_role(BOSS, IT, NOW)
    press(assistant, button(say_to(assistant, "tilaa vinkit", person=BOSS), "Tilaa näin"), person=BOSS)
    assert {place.person for place in places(stores)} == {ME, ""}


def test_nothing_is_posted_where_nobody_subscribed(stores: Stores) -> None:
    assert stores.destinations.all() == []


VALUES = st.sampled_from(["", "fi", "fi,sv,xx", "office", "weekly_tip", "9", "1", "09:00", "03:00", "25:99"]) | ANY_TEXT
VALUE_NAMES = st.sampled_from(["step", "languages", "profile", "kinds", "weekday", "time", "lang", "days"])
STEPS = st.sampled_from(["show", "yes", "no", "end", "end_yes", "end_no", "pause", "languages", "when", "kinds", "x"])


@any_input
@given(STEPS, st.dictionaries(VALUE_NAMES, VALUES))
def test_any_press_gets_a_reply_and_stores_only_what_can_be(
    assistant: Assistant, stores: Stores, step: str, values: dict[str, str]
) -> None:
    reply = press(assistant, Action("subscribe", {**values, "step": step}))
    assert reply.text
    for place in places(stores):
        assert set(place.languages) <= set(LANGUAGES)
        assert place.kinds
        assert (place.weekday is None) == (place.time is None)
        assert place.weekday is None or place.weekday < 5
        assert place.time is None or EARLIEST <= place.time <= LATEST


@given(
    st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True),
    st.sampled_from(Profile),
    st.lists(st.sampled_from(KINDS), min_size=1, unique=True),
    st.none() | st.tuples(st.integers(0, 4), st.times(EARLIEST, LATEST)),
)
def test_a_draft_comes_back_as_it_was_sent(
    languages: list[Language], profile: Profile, kinds: list[Kind], when: tuple[int, time] | None
) -> None:
    ordered = tuple(kind for kind in KINDS if kind in kinds)
    at = when[1].replace(second=0, microsecond=0) if when else None
    draft = Draft(tuple(languages), profile, ordered, when[0] if when else None, at)
    assert Draft.of(draft.values, Draft()) == draft


# IT


@pytest.fixture
def boss(stores: Stores) -> str:
    stores.people.give_role(BOSS, IT, NOW)
    return BOSS


IT_TYPES = ["tilaukset", "julkaise", "korjaa", "peru julkaisu"]


@pytest.mark.parametrize("typed", IT_TYPES)
def test_who_is_not_it_gets_a_polite_word(assistant: Assistant, typed: str) -> None:
    assert "tietohallinto" in alone(assistant, typed).text


@pytest.mark.parametrize("typed", [*IT_TYPES, "ajankohtaista salasanat: uutta", "tallenne salasanat https://x.fi/1"])
def test_in_a_channel_it_is_asked_to_write_in_private(assistant: Assistant, boss: str, typed: str) -> None:
    assert say_to(assistant, typed, person=boss).kind == "privately"


@pytest.mark.parametrize("name", ["destinations", "publish", "correct", "withdraw", "held"])
def test_buttons_of_its_do_nothing_for_others(assistant: Assistant, stores: Stores, name: str) -> None:
    subscribe(assistant)
    values = {"step": "yes", "to": "*", "send": "no", "id": places(stores)[0].id}
    assert "tietohallinto" in press(assistant, Action(name, values), Scope.PERSONAL).text
    assert stores.orders.open() == []


def test_it_lists_and_removes(assistant: Assistant, stores: Stores, boss: str) -> None:
    assert "ei ole vielä tilattu" in alone(assistant, "tilaukset", boss).text
    subscribe(assistant)
    subscribe(assistant, NURSERY)
    press_alone(assistant, button(alone(assistant, "tilaa vinkit"), "Tilaa näin"))
    hall = stores.destinations.by_conversation("teams", HALL)
    assert hall
    stores.destinations.lose(hall.id, "the app was removed")
    listed = alone(assistant, "tilaukset", boss)
    assert "Kanavat, jotka saavat vinkkejä: 2" in listed.text
    assert "- **Kunta / Vinkit**: tiistaisin klo 9.00, suomi, toimisto, **ei tavoiteta**" in listed.text
    assert "kanava 1, Teams" in listed.text  # the platform does not tell its name
    assert "Yksityisiä tilauksia: 1" in listed.text
    assert ME not in listed.text
    coming = press_alone(assistant, button(listed, "Kunta / Vinkit"), boss)
    assert "tiistaina 19.1." in coming.text
    sure = press_alone(assistant, button(listed, "Poista: Kunta / Vinkit"), boss)
    assert len(places(stores)) == 2
    press_alone(assistant, button(sure, "Poista: Kunta / Vinkit"), boss)
    assert HALL not in [place.conversation for place in stores.destinations.all(active=False)]


def test_it_sees_what_is_coming_as_it_will_look(assistant: Assistant, stores: Stores, boss: str) -> None:
    subscribe(assistant)
    stores.calendar.add([SESSION])
    coming = press_alone(assistant, button(alone(assistant, "tilaukset", boss), "Kunta / Vinkit"), boss)
    (choice,) = coming.choices
    assert choice.label == "Katso, miltä viesti näyttää:"
    tip, *others = choice.buttons
    assert tip.label.startswith("Tiistaina 19.1.: ")
    looked = press_alone(assistant, tip, boss).text
    assert tip.label.removeprefix("Tiistaina 19.1.: ") in looked
    assert "Viikon vinkki · " in looked
    ahead = next(one for one in others if "ennakkotieto, Digiturvavartti" in one.label)
    assert "Torstaina 4.2. klo 14.00" in press_alone(assistant, ahead, boss).text
    changed = replace(tip.action, values={**tip.action.values, "nominal": "no day"})
    assert press(assistant, changed, Scope.PERSONAL, f"a:{boss}", boss).kind == "gone"
    assert stores.orders.open() == []


def test_it_posts_now_after_looking_at_it(assistant: Assistant, stores: Stores, boss: str) -> None:
    subscribe(assistant)
    where = alone(assistant, "julkaise", boss)
    assert labels(where) == ["Kaikkialle", "Kunta / Vinkit"]
    looked = press_alone(assistant, button(where, "Kunta / Vinkit"), boss)
    assert "Tältä se näyttää" in looked.text
    assert "Viikon vinkki · " in looked.text
    assert stores.orders.open() == []
    assert "en julkaissut" in press_alone(assistant, button(looked, "Älä julkaise"), boss).text
    yes = button(looked, "Julkaise nyt")
    for _ in range(2):
        assert "Paikkoja on 1" in press_alone(assistant, yes, boss).text
    (order,) = stores.orders.open()
    assert order == Order(What.PUBLISH, "weekly-tip", TODAY, places(stores)[0].id)


class RecordingHands:
    """Posts into a list."""

    def __init__(self, *, posts: bool = True) -> None:
        self.posts, self.done = posts, list[object]()

    async def post_now(self, items: list[Planned]) -> Tally:
        self.done.append([item.key for item in items])
        return Tally()

    async def correct(self, entry: str, nominal: date, destination: str = "") -> Tally:
        self.done.append(("correct", entry, nominal, destination))
        return Tally()

    async def withdraw(self, entry: str, nominal: date, destination: str = "") -> Tally:
        self.done.append(("withdraw", entry, nominal, destination))
        return Tally()


async def at_once(call: Callable[[], T]) -> T:
    return call()


async def test_orders_are_carried_out_once_by_the_process_that_posts(
    assistant: Assistant, stores: Stores, boss: str
) -> None:
    subscribe(assistant)
    looked = press_alone(assistant, button(alone(assistant, "julkaise", boss), "Kaikkialle"), boss)
    press_alone(assistant, button(looked, "Julkaise nyt"), boss)
    stores.orders.place(Order(What.WITHDRAW, "weekly-tip", TODAY), NOW)
    idle, hands = RecordingHands(posts=False), RecordingHands()
    for one, count in ((idle, 0), (hands, 2), (hands, 0)):
        clerk = Clerk(stores.orders, assistant.agenda.item, one, at_once, lambda: NOW)
        assert await clerk.carry_out() == count
    key = Key("weekly-tip", TODAY, "post", places(stores)[0].id)
    assert (idle.done, hands.done) == ([], [[key], ("withdraw", "weekly-tip", TODAY, "")])


def test_an_order_may_be_for_later_and_be_cancelled(stores: Stores) -> None:
    later = NOW + timedelta(hours=3)
    order = Order(What.PUBLISH, "weekly-tip", TODAY, "hall")
    stores.orders.place(order, NOW, later)
    assert (stores.orders.open(NOW), stores.orders.open(later), stores.orders.open()) == ([], [order], [order])
    assert stores.orders.cancel(order)
    assert not stores.orders.cancel(order)
    assert stores.orders.open() == []


def send(stores: Stores, assistant: Assistant) -> None:
    """This week's tip goes out, everywhere."""
    for place in places(stores):
        item = assistant.agenda.tip_now(place, NOW)
        assert item
        stores.deliveries.plan(item)
        assert stores.deliveries.claim(item.key, NOW)
        assert stores.deliveries.sent(item.key, f"message in {place.id}", NOW)


def test_what_went_out_is_not_posted_again(assistant: Assistant, stores: Stores, boss: str) -> None:
    subscribe(assistant)
    send(stores, assistant)
    where = alone(assistant, "julkaise", boss)
    assert "ei olisi jo lähetetty" in press_alone(assistant, button(where, "Kaikkialle"), boss).text
    assert "viimeksi tiistaina 12.1." in alone(assistant, "tilaukset", boss).text


@pytest.mark.parametrize(
    ("typed", "yes", "no", "what"),
    [
        ("korjaa", "Korjaa", "Älä korjaa", What.CORRECT),
        ("peru julkaisu", "Poista julkaisu", "Älä poista", What.WITHDRAW),
    ],
)
def test_the_last_post_is_corrected_or_withdrawn_everywhere(
    assistant: Assistant, stores: Stores, boss: str, typed: str, yes: str, no: str, what: What
) -> None:
    assert "En ole vielä julkaissut" in alone(assistant, typed, boss).text
    subscribe(assistant)
    subscribe(assistant, NURSERY)
    send(stores, assistant)
    looked = alone(assistant, typed, boss)
    assert "Paikkoja on 2" in looked.text
    assert "Viikon vinkki" in looked.text
    press_alone(assistant, button(looked, no), boss)
    assert stores.orders.open() == []
    press_alone(assistant, button(looked, yes), boss)
    assert stores.orders.open() == [Order(what, "weekly-tip", TODAY)]


@pytest.mark.parametrize(("typed", "yes"), [("korjaa", "Korjaa"), ("peru julkaisu", "Poista julkaisu")])
def test_another_recent_post_can_be_chosen(
    assistant: Assistant, stores: Stores, boss: str, typed: str, yes: str
) -> None:
    subscribe(assistant)
    send(stores, assistant)
    stores.calendar.add([NEWS])
    (place,) = places(stores)
    (news,) = planned([NEWS], [replace(place, since=None)], [], NOW - timedelta(days=3), NOW)
    stores.deliveries.plan(news)
    stores.deliveries.claim(news.key, NOW - timedelta(days=1))
    stores.deliveries.sent(news.key, "news", NOW - timedelta(days=1))
    looked = alone(assistant, typed, boss)
    assert "Viikon vinkki" in looked.text
    assert looked.choices[-1].label == "Vai jokin muu julkaisu:"
    chosen = press_alone(assistant, button(looked, "Maanantaina 11.1.: Päivitys illalla"), boss)
    assert "Päivitys illalla" in chosen.text
    assert "muistutuksia" not in looked.text
    assert ("sen muistutuksiakaan" in chosen.text) is (typed == "peru julkaisu")
    assert labels(chosen)[-1].startswith("Tiistaina 12.1.: ")
    assert stores.orders.open() == []
    press_alone(assistant, button(chosen, yes), boss)
    assert [(order.entry, order.nominal) for order in stores.orders.open()] == [("news", date(2027, 1, 11))]


def test_a_correction_is_written_from_the_tips_of_that_moment(assistant: Assistant, stores: Stores, boss: str) -> None:
    subscribe(assistant)
    send(stores, assistant)
    tip = stores.library.snapshot.tips[stores.deliveries.of("weekly-tip", TODAY)[0].tip]
    text = replace(tip.texts["fi"], title="Aivan uusi otsikko")
    stores.tips.add(Pack((), (replace(tip, texts={**tip.texts, "fi": text}, own=True),)))
    assert stores.library.outdated()
    assert "Aivan uusi otsikko" in alone(assistant, "korjaa", boss).text


def test_in_the_preview_nothing_is_said_to_be_posted(assistant: Assistant, stores: Stores, boss: str) -> None:
    stores.destinations.put(Destination("preview-1", "preview", "preview:x"), NOW)
    looked = press_alone(assistant, button(alone(assistant, "julkaise", boss), "Kaikkialle"), boss)
    assert "kokeilusivulle ei voi julkaista" in looked.text
    assert "Viikon vinkki · " in looked.text
    assert labels(looked) == []
    subscribe(assistant)
    looked = press_alone(assistant, button(alone(assistant, "julkaise", boss), "Kaikkialle"), boss)
    assert "Paikkoja on 1" in press_alone(assistant, button(looked, "Julkaise nyt"), boss).text


def test_what_was_taken_out_of_the_calendar_can_still_be_withdrawn(
    assistant: Assistant, stores: Stores, boss: str
) -> None:
    subscribe(assistant)
    send(stores, assistant)
    stores.calendar.add([replace(TIP, hidden=True)])
    assert "En ole vielä julkaissut" in alone(assistant, "korjaa", boss).text
    looked = alone(assistant, "peru julkaisu", boss)
    assert "\n\nTiistaina 12.1.: " in looked.text
    press_alone(assistant, button(looked, "Poista julkaisu"), boss)
    assert stores.orders.open() == [Order(What.WITHDRAW, "weekly-tip", TODAY)]


def test_it_decides_about_what_a_restore_held_back(assistant: Assistant, stores: Stores, boss: str) -> None:
    stores.deliveries.hold_overdue(NOW)
    assert "Julkaisuja oli 0" in press(assistant, Action("held", {"send": "no"}), Scope.PERSONAL, person=boss).text
    assert not stores.deliveries.is_holding()


# Links of sessions


@pytest.mark.parametrize("person", [BOSS, ME])  # ME is the host
@pytest.mark.parametrize(
    "typed",
    [
        "tallenne salasanat https://kunta.fi/tallenne?a=1",
        "tallenna salasanat https://kunta.fi/tallenne?a=1",
        "inspelning lösenord https://kunta.fi/tallenne?a=1",
        "recording passwords https://kunta.fi/tallenne?a=1.",
    ],
)
def test_a_recording_is_added_to_the_last_session(
    assistant: Assistant, stores: Stores, boss: str, person: str, typed: str
) -> None:
    assert "7" in alone(assistant, typed, person).text
    entry = next(entry for entry in stores.calendar.in_force() if entry.id == "quarter")
    assert entry.recordings == {date(2027, 1, 7): "https://kunta.fi/tallenne?a=1"}
    start = datetime(2027, 1, 7, tzinfo=ZONE)
    items = planned([entry], [Destination("x", "teams", "19:x")], [], start, start + timedelta(days=60))
    assert [item.key.nominal for item in items if item.key.part == "follow-up"] == [date(2027, 1, 7)]


@pytest.mark.parametrize(
    ("typed", "fragment"),
    [
        ("tallenne kryptovaluutat https://kunta.fi/x", "En löytänyt"),
        ("tallenne", "Kirjoita näin: **tallenne salasanat"),
        ("ajankohtaista kryptovaluutat: uutta", "En löytänyt"),
        ("ajankohtaista", "Kirjoita näin: **ajankohtaista salasanat"),
        ("kokouslinkki", "Kirjoita näin: **kokouslinkki salasanat"),
        ("ajankohtaista salasanat: salasanani on Kissa123", "ei pidä lähettää"),
        (f"ajankohtaista salasanat: {'uutta ' * 51}", "mahtuu 300 merkkiä"),
        ("kokouslinkki kryptovaluutat https://x.fi/1", "kokouslinkki salasanat"),
    ],
)
def test_what_does_not_fit_a_session_is_told(assistant: Assistant, boss: str, typed: str, fragment: str) -> None:
    text = alone(assistant, typed, boss).text
    assert fragment in text
    assert "…." not in text


def test_others_cannot_add_links(assistant: Assistant, stores: Stores) -> None:
    reply = alone(assistant, "tallenne salasanat https://kunta.fi/x", "teams:other")
    assert "vetäjä, koordinaattori tai tietohallinto" in reply.text
    assert "tietohallinto" in alone(assistant, "ajankohtaista salasanat: uutta", "teams:other").text
    assert stores.calendar.in_force()[-1].recordings == {}


def test_a_topical_line_waits_for_the_next_session(assistant: Assistant, stores: Stores, boss: str) -> None:
    assert "torstaina 4.2." in alone(assistant, "ajankohtaista salasanat: Uusi huijaus liikkuu", boss).text
    assert stores.topical.get("quarter", date(2027, 2, 4)) == "Uusi huijaus liikkuu"
    assert stores.topical.get("quarter", date(2027, 1, 7)) == ""


def test_a_meeting_link_is_for_the_session(assistant: Assistant, stores: Stores, boss: str) -> None:
    alone(assistant, "kokouslinkki salasanat https://teams.microsoft.com/l/1", boss)
    assert stores.calendar.in_force()[-1].meeting_link == "https://teams.microsoft.com/l/1"


@pytest.mark.parametrize("typed", ["tallenne ei näy", "miten tallenne jaetaan: ohje", "https://kunta.fi on rikki"])
def test_a_question_with_the_same_words_is_a_question(assistant: Assistant, boss: str, typed: str) -> None:
    assert alone(assistant, typed, boss).kind not in ("hosting", "subscribe")


def test_with_people_alone_no_empty_list_is_shown(assistant: Assistant, boss: str) -> None:
    press_alone(assistant, button(alone(assistant, "tilaa vinkit"), "Tilaa näin"))
    assert alone(assistant, "tilaukset", boss).text == "Yksityisiä tilauksia: 1"


def test_the_preview_says_that_nothing_is_posted_to_it(assistant: Assistant) -> None:
    offered = assistant.respond(Message("tilaa vinkit", "preview:x", "preview", place="preview:x"), NOW)
    assert "Tämä on kokeilusivu" in offered.text
    assert "Ensimmäinen tulee" not in offered.text
    assert "Teamsissa tai Slackissa ensimmäinen tulisi tiistaina 19.1. klo 9.00." in offered.text
    assert "kokeilusivu" not in alone(assistant, "tilaa vinkit").text


# How sessions went


def gone_through(stores: Stores, people: int) -> None:
    for number in range(people):
        run = Run(f"hash{number}", "quarter/2027-01-07/post/d1", "passwords")
        stores.progress.move(run, None, Progress(0, "", "2027-01-08T08:00:00Z", 2, 3), NOW)


@pytest.mark.parametrize(
    ("typed", "people", "line"),
    [
        ("tulokset", 5, "- **Digiturvavartti: salasanat**, torstaina 7.1.: käynyt läpi 5, oikeita vastauksia 67 %"),
        ("tulokset", 4, "käynyt läpi 4, vastaukset näkyvät, kun läpikäyneitä on 5"),
        ("resultat", 5, "gått igenom: 5, rätta svar 67 %"),
        ("results", 5, "gone through by 5, 67 % of the answers right"),
    ],
)
@pytest.mark.parametrize("person", [BOSS, ME])  # ME is the host
def test_it_and_the_host_see_how_a_session_went(
    assistant: Assistant, stores: Stores, boss: str, typed: str, people: int, line: str, person: str
) -> None:
    gone_through(stores, people)
    assert line in alone(assistant, typed, person).text


def test_others_do_not_see_it_and_a_host_sees_only_their_own(assistant: Assistant, stores: Stores, boss: str) -> None:
    assert "Kukaan ei ole vielä" in alone(assistant, "tulokset", boss).text
    gone_through(stores, 5)
    assert "Tulokset näkee" in alone(assistant, "tulokset", "teams:other").text
    assert say_to(assistant, "tulokset", person=boss).kind == "privately"
    stores.calendar.add([replace(SESSION, host="teams:other"), replace(SESSION, id="mine")])
    assert "Kukaan ei ole vielä" in alone(assistant, "tulokset").text


@pytest.mark.parametrize(("typed", "language"), [("jatka", "fi"), ("fortsätt", "sv"), ("resume", "en")])
def test_to_go_on_with_nothing_paused_leads_to_the_quarter(
    assistant: Assistant, typed: str, language: Language
) -> None:
    said = alone(assistant, typed).text
    assert said == say(language, "resume_nothing")
    assert f"**{typed_form('session', language)}**" in said
