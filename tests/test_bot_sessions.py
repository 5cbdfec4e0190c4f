"""A session gone through alone: opened, step by step, back, left and resumed, to the end; whatever is pressed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot import steps
from bot.answers import Shelf
from bot.assistant import Assistant
from bot.commands import typed_form
from bot.models import Action, Button, Message, Reply, Scope
from bot.progress import OWN, Progress, Run
from bot.sessions import count_line, opening
from bot.stores import MIGRATIONS, Stores
from scheduler.models import Destination, Entry, Key, Kind, Planned
from tests.conftest import NOW
from tips import database
from tips.library import Snapshot
from tips.models import LANGUAGES, Language
from tips.programme import starter_programme

ME = "teams:megan"
KEY = Key("quarter", date(2027, 1, 12), "post", "teams:hall")
SESSION = starter_programme().sessions["passwords"]
LAST = 9  # the step of the help: three points, do now, exercise, three questions before it
RIGHT = [question.right for question in SESSION.texts["fi"].quiz]


def planned(key: Key, kind: Kind = Kind.SECURITY_QUARTER) -> Planned:
    entry = Entry(key.entry, kind, {"fi": "Vartti"}, key.nominal, theme="passwords")
    return Planned(key, kind, NOW, entry, Destination(key.destination, "teams", "19:hall"))


def type_in(assistant: Assistant, text: str, scope: Scope = Scope.PERSONAL, person: str = ME) -> Reply:
    return assistant.respond(Message(text, person, "teams", scope), NOW)


def press(assistant: Assistant, action: Action, scope: Scope = Scope.PERSONAL, person: str = ME) -> Reply:
    return assistant.respond(Message("", person, "teams", scope, action), NOW)


def buttons(reply: Reply) -> list[Button]:
    return [button for choice in reply.choices for button in choice.buttons]


def doing(reply: Reply, do: str) -> Action:
    """The action of the reply's button that does so."""
    return next(button.action for button in buttons(reply) if button.action.values.get("do") == do)


def go(assistant: Assistant, reply: Reply, *does: str) -> Reply:
    """The reply after those presses."""
    for do in does:
        reply = press(assistant, doing(reply, do))
    return reply


def through(assistant: Assistant, reply: Reply, answers: list[int]) -> Reply:
    """The reply at the end, with those answers."""
    reply = go(assistant, reply, *["next"] * 6)
    for answer in answers:
        reply = go(assistant, reply, f"answer-{answer}", "next")
    return go(assistant, reply, "next")


def kept(stores: Stores, run: str = OWN, person: str = ME) -> Progress | None:
    return stores.progress.get(Run(stores.people.hashed(person, NOW), run, "passwords"))


@pytest.fixture
def post(stores: Stores) -> Button:
    """The button of a channel's post."""
    stores.deliveries.plan(planned(KEY))
    return opening("passwords", KEY.text(), "Aloita", "fi")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_is_gone_through_to_the_end(assistant: Assistant, stores: Stores, language: Language) -> None:
    stores.facts.put("it_support", "08 123 4567")
    text = SESSION.texts[language]
    reply = type_in(assistant, f"{typed_form('session', language)} {SESSION.id}")
    assert (reply.kind, reply.language, reply.in_place) == ("session", language, False)
    assert text.title in reply.text
    assert text.why[:40] in reply.text
    assert "15 min" in reply.text
    seen = []
    for _ in range(5):
        reply = go(assistant, reply, "next")
        assert reply.in_place
        seen.append(reply.text)
    for shown, part in zip(seen, [*text.points, text.do_now, text.exercise], strict=True):
        assert part[:25] in shown
    assert "08 123 4567" in seen[2]
    reply = go(assistant, reply, "next")
    for number, question in enumerate(text.quiz):
        assert question.question in reply.text
        assert [button.label for button in reply.choices[0].buttons] == list(question.options)
        assert question.explanation not in reply.text
        reply = go(assistant, reply, f"answer-{question.right if number else (question.right + 1) % 3}")
        assert question.explanation in reply.text
        assert question.options[question.right] in reply.text
        reply = go(assistant, reply, "next")
    assert text.help[:15] in reply.text
    reply = go(assistant, reply, "next")
    assert "2/3" in reply.text
    tips = [button.action.values["tip"] for button in buttons(reply) if button.action.name == "tip"]
    assert tips == list(SESSION.tips)
    assert press(assistant, buttons(reply)[0].action).kind == "tip"


@pytest.mark.parametrize("theme", starter_programme().sessions)
def test_every_session_can_be_gone_through(assistant: Assistant, stores: Stores, theme: str) -> None:
    reply = press(assistant, opening(theme, OWN, "", "fi").action)
    for _ in range(40):
        found = [button.action for button in buttons(reply) if button.action.values.get("do", "") not in ("", "back")]
        if found[0].values["do"] == "again":
            break
        reply = press(assistant, found[0])
        assert re.search(r"\{\w+\}", reply.text) is None
    assert stores.progress.known(stores.people.hashed(ME, NOW)) == 1


def test_looking_at_the_beginning_keeps_nothing(assistant: Assistant, stores: Stores) -> None:
    type_in(assistant, "digiturvavartti salasanat")
    assert kept(stores) is None


def test_it_goes_back_as_far_as_the_beginning_and_keeps_the_answers(assistant: Assistant, stores: Stores) -> None:
    reply = go(assistant, type_in(assistant, "digiturvavartti salasanat"), *["next"] * 6, "answer-1", "next")
    assert kept(stores) == Progress(7, "1")
    reply = go(assistant, reply, *["back"] * 7)
    assert kept(stores) == Progress(0, "1")
    assert [button.action.values["do"] for button in buttons(reply)] == ["next"]
    reply = go(assistant, reply, *["next"] * 6)
    assert "Oikein" in reply.text
    assert [button.action.values["do"] for button in buttons(reply)] == ["back", "next"]


def test_it_is_resumed_where_it_was_left_also_after_a_restart(assistant: Assistant, stores: Stores) -> None:
    go(assistant, type_in(assistant, "digiturvavartti salasanat"), *["next"] * 4)
    reply = type_in(Assistant(stores), "digiturvavartti salasanat")
    assert "Jatketaan" in reply.text
    assert "4/9" in reply.text
    assert "Jatketaan" not in type_in(assistant, "digiturvavartti salasanat", person="teams:other").text


def test_after_the_end_only_what_figures_need_is_kept(assistant: Assistant, stores: Stores) -> None:
    through(assistant, type_in(assistant, "digiturvavartti salasanat"), RIGHT)
    assert kept(stores) == Progress(0, "", "2027-01-12T07:15:00Z", 3, 3)
    assert "3/3" in type_in(assistant, "digiturvavartti salasanat").text


def test_going_through_it_again_counts_as_the_first_time(assistant: Assistant, stores: Stores, post: Button) -> None:
    done = through(assistant, press(assistant, post.action), [0, 0, 1])
    first = kept(stores, KEY.text())
    again = go(assistant, done, "again")
    assert kept(stores, KEY.text()) == first
    assert "3/3" in through(assistant, again, RIGHT).text
    assert kept(stores, KEY.text()) == first
    assert stores.progress.finished(KEY.text()) == 1


def test_a_post_counts_its_own_people(assistant: Assistant, stores: Stores, post: Button) -> None:
    assert count_line(stores.progress.finished(KEY.text()), "fi") == ""
    for number in range(2):
        reply = press(assistant, post.action, person=f"teams:{number}")
        while not any(button.action.values.get("do") == "again" for button in buttons(reply)):
            do = next(
                each for each in ("next", "answer-0") if any(b.action.values["do"] == each for b in buttons(reply))
            )
            reply = press(assistant, doing(reply, do), person=f"teams:{number}")
    through(assistant, type_in(assistant, "digiturvavartti salasanat"), RIGHT)
    assert stores.progress.finished(KEY.text()) == 2
    assert count_line(2, "fi") == "Läpi käyneitä: 2"


def test_a_post_and_ones_own_way_are_apart(assistant: Assistant, stores: Stores, post: Button) -> None:
    go(assistant, press(assistant, post.action), "next", "next")
    assert (kept(stores), kept(stores, KEY.text())) == (None, Progress(2))


@pytest.mark.parametrize("scope", [Scope.CHANNEL, Scope.GROUP])
def test_where_others_read_only_a_button_that_opens_a_dialog_is_shown(
    assistant: Assistant, stores: Stores, scope: Scope, post: Button
) -> None:
    for typed in ("digiturvavartti salasanat", "digiturvavartti", "isännän ohje salasanat"):
        reply = type_in(assistant, typed, scope)
        opened = [button.action for button in buttons(reply)]
        assert {action.values["do"] for action in opened} == {"open"}
        assert all(action.dialog for action in opened)
    reply = press(assistant, post.action, scope)
    assert reply.kind == "privately"
    assert "**digiturvavartti Salasanat**" in reply.text
    assert not reply.choices
    assert kept(stores, KEY.text()) is None


def test_a_press_that_comes_twice_is_done_once(assistant: Assistant, stores: Stores) -> None:
    reply = go(assistant, type_in(assistant, "digiturvavartti salasanat"), *["next"] * 5)
    for do in ("next", "answer-1", "next", "back"):
        action = doing(reply, do)
        reply = press(assistant, action)
        before = kept(stores)
        second = press(assistant, action)
        assert second.text == reply.text
        assert kept(stores) == before


def test_an_old_button_leads_to_where_one_is(assistant: Assistant, stores: Stores) -> None:
    first = type_in(assistant, "digiturvavartti salasanat")
    go(assistant, first, *["next"] * 4)
    reply = go(assistant, first, "next")
    assert "4/9" in reply.text
    assert "Jatketaan" in reply.text
    assert kept(stores) == Progress(4)


def test_the_last_button_pressed_again_shows_the_end_again(assistant: Assistant, stores: Stores) -> None:
    reply = go(assistant, type_in(assistant, "digiturvavartti salasanat"), *["next"] * 6)
    for answer in RIGHT:
        reply = go(assistant, reply, f"answer-{answer}", "next")
    done = go(assistant, reply, "next")
    before = kept(stores)
    assert go(assistant, reply, "next").text == done.text
    assert kept(stores) == before


def test_an_open_question_is_not_passed_by(assistant: Assistant, stores: Stores) -> None:
    go(assistant, type_in(assistant, "digiturvavartti salasanat"), *["next"] * 6)
    for do in ("next", "answer-3", "answer-9", "answer--1", "answer-x", "", "nonsense"):
        values = {"theme": "passwords", "run": OWN, "do": do, "at": "6", "lang": "fi"}
        assert "Kysymys 1/3" in press(assistant, Action("session", values)).text
        assert kept(stores) == Progress(6)


@pytest.mark.parametrize(
    "changes",
    [
        {"theme": "no-such"},
        {"theme": ""},
        {"theme": "puolikas \ud83d"},
        {"run": ""},
        {"run": "own2"},
        {"run": "quarter/2027-01-12/post/teams:other"},
        {"run": "quarter/20270112/post/teams:hall"},
        {"run": "tip/2027-01-12/post/teams:hall"},
        {"run": "quarter/2027-01-12/post"},
        {"run": "quarter/2027-99-12/post/teams:hall"},
        {"run": "///"},
        {"run": "quarter/2027-01-12/post/\ud83d"},
        {"run": "x" * 5_000},
        {"at": ""},
        {"at": "-1"},
        {"at": "²"},
        {"at": "9" * 50},
    ],
)
@pytest.mark.parametrize("do", ["open", "next"])
def test_a_changed_button_is_refused_politely_and_changes_nothing(
    assistant: Assistant, stores: Stores, post: Button, changes: dict[str, str], do: str
) -> None:
    stores.deliveries.plan(planned(replace(KEY, entry="tip"), Kind.WEEKLY_TIP))
    action = replace(post.action, values={**post.action.values, "do": do, **changes})
    reply = press(assistant, action)
    assert reply.kind == "gone"
    assert reply.text.startswith("Tämä painike on vanhentunut")
    assert stores.database.table("progress").count == 0
    assert press(assistant, Action("session")).kind == "gone"


def test_a_button_of_a_step_where_nothing_is_kept_leads_to_the_beginning(assistant: Assistant, stores: Stores) -> None:
    reply = go(assistant, type_in(assistant, "digiturvavartti salasanat"), *["next"] * 3)
    stores.progress.erase(stores.people.hashed(ME, NOW))
    assert SESSION.texts["fi"].why[:40] in go(assistant, reply, "next").text
    assert kept(stores) is None


def test_where_a_session_has_become_shorter_one_is_at_its_last_step(assistant: Assistant, stores: Stores) -> None:
    run = Run(stores.people.hashed(ME, NOW), OWN, "passwords")
    stores.progress.move(run, None, Progress(50, "0" * 20), NOW)
    reply = type_in(assistant, "digiturvavartti salasanat")
    assert "9/9" in reply.text
    go(assistant, reply, "next")
    assert kept(stores) == Progress(0, "", "2027-01-12T07:15:00Z", RIGHT.count(0), 3)


def test_long_options_are_listed_and_numbered(assistant: Assistant, stores: Stores) -> None:
    text = SESSION.texts["fi"]
    long = replace(text.quiz[0], options=("a" * 71, "b", "c"))
    session = replace(SESSION, texts={"fi": replace(text, quiz=(long, *text.quiz[1:]))})
    leaf = steps.Leaf(session, Shelf(stores.library.snapshot, {}), "fi", OWN)
    reply = leaf.step(Progress(6))
    assert f"1. {'a' * 71}\n2. b\n3. c" in reply.text
    assert [button.label[:4] for button in reply.choices[0].buttons] == ["1. a", "2. b", "3. c"]


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("digiturvavartti salasanat", "fi"),
        ("Digiturvavartti: salasanat!", "fi"),
        ("vartti salasanoista", "fi"),
        ("digivinkkituokio salsanat", "fi"),
        ("säkerhetskvart lösenord", "sv"),
        ("tipsstund losenord", "sv"),
        ("security quarter passwords", "en"),
        ("session passwords", "en"),
    ],
)
def test_a_theme_is_understood_by_its_title(assistant: Assistant, typed: str, language: Language) -> None:
    reply = type_in(assistant, typed)
    assert (reply.kind, reply.language) == ("session", language)
    assert SESSION.texts[language].title in reply.text


@pytest.mark.parametrize(
    ("typed", "count"),
    [("digiturvavartti", 21), ("vartti", 21), ("tuokio teams", 2), ("digivinkkituokio sienestys", 21)],
)
def test_where_no_one_theme_is_named_they_are_buttons(assistant: Assistant, typed: str, count: int) -> None:
    reply = type_in(assistant, typed)
    assert (reply.kind, len(buttons(reply))) == ("session", count)
    assert press(assistant, buttons(reply)[0].action).kind == "session"
    assert not buttons(reply)[0].action.dialog


@pytest.mark.parametrize(
    "typed", ["vartti myöhässä palaverista", "vartti kului eikä kone aukea", "session expired in hr"]
)
def test_an_ordinary_word_begins_a_question_all_the_same(assistant: Assistant, typed: str) -> None:
    assert type_in(assistant, typed).kind not in ("session", "guide", "host")


def test_without_tips_to_read_on_the_end_is_still_an_end(stores: Stores) -> None:
    leaf = steps.Leaf(replace(SESSION, tips=("gone",)), Shelf(stores.library.snapshot, {}), "fi", OWN)
    assert [button.action.values["do"] for button in buttons(leaf.done(Progress()))] == ["again"]


def test_ones_own_data_tell_of_sessions_and_erasing_forgets_them(assistant: Assistant, stores: Stores) -> None:
    go(assistant, type_in(assistant, "digiturvavartti salasanat"), "next")
    assert "Vartit ja tuokiot: 1 " in type_in(assistant, "näytä tietoni").text
    press(assistant, Action("delete", {"answer": "yes", "lang": "fi"}))
    assert kept(stores) is None
    assert "Vartit ja tuokiot: 0 " in type_in(assistant, "näytä tietoni").text


def test_a_new_year_begins_anew_and_keeps_the_count(assistant: Assistant, stores: Stores, post: Button) -> None:
    through(assistant, press(assistant, post.action), RIGHT)
    reply = assistant.respond(Message("", ME, "teams", action=post.action), NOW + timedelta(days=365))
    assert SESSION.texts["fi"].why[:40] in reply.text
    assert stores.progress.finished(KEY.text()) == 1


class Presses(RuleBasedStateMachine):
    """Any buttons that were ever shown, in any order, by two people: progress is never lost, never impossible."""

    pack: Snapshot

    def __init__(self) -> None:
        super().__init__()
        self.stores = Stores.of(database.in_memory(MIGRATIONS), Path(":memory:"))
        self.stores.library.put(self.pack)
        self.stores.deliveries.plan(planned(KEY))
        self.assistant = Assistant(self.stores)
        self.shown = [opening("passwords", run, "", "fi").action for run in (OWN, KEY.text())]
        self.ended: dict[tuple[str, str], Progress] = {}

    @rule(number=st.integers(0, 10_000), person=st.sampled_from(["a", "b"]), latest=st.booleans())
    def press(self, number: int, person: str, latest: bool) -> None:
        among = self.shown[-4:] if latest else self.shown
        action = among[number % len(among)]
        run = action.values["run"]
        before = kept(self.stores, run, person)
        reply = press(self.assistant, action, person=person)
        after = kept(self.stores, run, person)
        assert reply.kind == "session"
        self.check(before, after, action)
        again = press(self.assistant, action, person=person)
        if action.values["do"] not in ("open", "again"):
            assert again.kind == "session"
        assert kept(self.stores, run, person) == after
        self.shown += [button.action for button in buttons(reply) if button.action.name == "session"]

    def check(self, before: Progress | None, after: Progress | None, action: Action) -> None:
        was, now = before or Progress(), after or Progress()
        if after != before:
            assert int(action.values["at"]) == was.step
            ended = was.step == LAST and now.step == 0
            assert ended or abs(now.step - was.step) <= 1
            assert ended or now.answers.startswith(was.answers.rstrip("-"))
        assert was.finished in ("", now.finished)
        assert not was.finished or (was.correct, was.questions) == (now.correct, now.questions)

    @rule(theme=st.text(max_size=9), run=st.text(max_size=9), do=st.text(max_size=9), at=st.text(max_size=3))
    def press_what_was_never_shown(self, theme: str, run: str, do: str, at: str) -> None:
        rows = list(self.stores.database.table("progress").rows)
        reply = press(self.assistant, Action("session", {"theme": theme, "run": run, "do": do, "at": at}), person="a")
        assert reply.kind == "gone"
        assert list(self.stores.database.table("progress").rows) == rows

    @invariant()
    def rows_are_possible(self) -> None:
        for row in self.stores.database.table("progress").rows:
            assert 0 <= row["step"] <= LAST
            assert re.fullmatch(r"[012]{0,3}", row["answers"])
            assert row["step"] <= 6 + len(row["answers"])
            assert not row["finished"] or (row["questions"] == 3 and 0 <= row["correct"] <= 3)

    def teardown(self) -> None:
        self.stores.database.close()


def test_any_order_of_presses_never_loses_or_corrupts_progress(snapshot: Snapshot) -> None:
    Presses.pack = snapshot
    run_state_machine_as_test(Presses, settings=settings(max_examples=40, stateful_step_count=40))
