"""When posts go out: woken on time, one process per database, caught up at the start, whatever the clock does."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.stores import MIGRATIONS
from scheduler.calendar import CalendarStore
from scheduler.deliveries import Ledger
from scheduler.destinations import DestinationStore
from scheduler.lock import Lock
from scheduler.models import Destination, Entry, Kind, Moves, Status
from scheduler.outlook import Outlook
from scheduler.poster import Poster
from scheduler.posting import NotPostingError
from scheduler.runner import MINUTE, Runner
from tests.posts import AGAIN, DAY, GONE, NOW, Clock, Plain, Recording, item, place
from tips import database
from tips.errors import DatabaseError
from tips.models import Tip

T = TypeVar("T")

# A session, of which a week may have two.
AT_TEN = Entry(
    "tietoisku",
    Kind.TIP_SESSION,
    {"fi": "Tietoisku"},
    DAY,
    {"fi": "Muista."},
    dates=(DAY,),
    time=time(10),
    theme="passwords",
    own=True,
)
YEARS = timedelta(days=800)


class Server:
    """What runs the scheduler, over a database in memory and platforms that record."""

    def __init__(self, *places: Destination, entries: tuple[Entry, ...] = (AT_TEN,), path: Path | None = None) -> None:
        self.database = database.in_memory(MIGRATIONS)
        self.calendar, self.ledger = CalendarStore(self.database), Ledger(self.database)
        self.destinations = DestinationStore(self.database)
        self.calendar.add(entries)
        for one in places:
            self.destinations.put(one, NOW - YEARS)
        self.publishers = {"teams": Recording(), "slack": Recording()}
        self.clock, self.reports = Clock(), list[tuple[str, dict[str, str]]]()
        self.tips: list[Tip] = []
        self.broken = False
        self.holders: list[Destination] = []  # who has the role that a task names
        self.path = path or Path(":memory:")
        self.runner = self.started_anew()

    def started_anew(self) -> Runner:
        """The scheduler of a process that starts now."""
        posters = {
            name: Poster(
                publisher, Plain(), self.ledger, self, self.run, self.clock, lambda: database.durably(self.database)
            )
            for name, publisher in self.publishers.items()
        }
        outlook = Outlook(self.calendar, self.destinations, self.ledger, lambda: self.tips, self)
        self.runner = Runner(posters, outlook, self.ledger, self, Lock(self.path), self.run, self.clock, self.report)
        return self.runner

    async def run(self, call: Callable[[], T]) -> T:
        if self.broken:
            raise DatabaseError("digivinkki.db: the database is locked")
        return call()

    async def report(self, key: str, values: Mapping[str, str]) -> None:
        self.reports.append((key, dict(values)))

    async def at(self, moment: datetime) -> None:
        """The clock shows that, and the scheduler is woken."""
        self.clock.at = moment
        await self.runner.tick()
        await self.runner.idle()

    def get(self, destination_id: str) -> Destination | None:
        return self.destinations.get(destination_id)

    def owners(self, owner: str) -> list[Destination]:
        return self.holders

    def lose(self, destination: Destination, why: str, now: datetime) -> bool:
        return self.destinations.lose(destination.id, why)

    def regain(self) -> None:
        pass

    @property
    def went(self) -> list[str]:
        return [where for publisher in self.publishers.values() for where, _ in publisher.went]

    def statuses(self) -> list[str]:
        return [one.status for one in self.ledger.history(NOW - YEARS, NOW + YEARS)]


TEAMS, SLACK = place(1), place(2, "slack")
WAITED = replace(AT_TEN, time=time(12, 15))


async def test_a_post_goes_out_when_it_is_due_and_not_before() -> None:
    server = Server(TEAMS, SLACK, entries=(WAITED,))
    await server.at(NOW)
    assert server.went == []
    assert server.runner.next_due == datetime(2027, 1, 12, 10, 15, tzinfo=UTC)
    await server.at(NOW + timedelta(hours=2, minutes=14))
    assert server.went == []
    await server.at(NOW + timedelta(hours=2, minutes=15))
    assert sorted(server.went) == ["d1", "d2"]
    await server.at(NOW + timedelta(hours=2, minutes=16))
    assert len(server.went) == 2


async def test_nothing_is_read_anew_each_minute_unless_something_changed() -> None:
    server, reads = Server(TEAMS, entries=(WAITED,)), 0
    in_force = server.calendar.in_force

    def counted() -> list[Entry]:
        nonlocal reads
        reads += 1
        return in_force()

    server.calendar.in_force = counted  # type: ignore[method-assign]
    await server.at(NOW)
    first = reads
    for minute in range(1, 10):
        await server.at(NOW + minute * MINUTE)
    assert reads == first
    server.calendar.add([replace(AT_TEN, id="toinen", time=time(10, 9))])
    await server.at(NOW + 9 * MINUTE)
    assert reads > first
    assert server.went == ["d1"]


async def test_what_was_due_while_nobody_ran_is_caught_up_at_the_start() -> None:
    server = Server(TEAMS)
    await server.at(NOW + timedelta(days=1))
    assert server.went == ["d1"]


async def test_after_a_crash_what_had_not_arrived_goes_out_at_the_next_start_at_once() -> None:
    server = Server(TEAMS)
    server.publishers["teams"].faults = {"d1": [60.0]}
    await server.runner.tick()
    await until(lambda: server.publishers["teams"].under_way > 0)
    await server.runner.stop(within=0)  # as good as killed: it stays claimed
    assert server.statuses() == [Status.CLAIMED]
    server.started_anew()
    await server.at(NOW)
    assert (server.went, server.statuses()) == (["d1"], [Status.SENT])


async def test_what_makes_no_sense_any_more_is_recorded_and_told_to_it_once() -> None:
    server = Server(TEAMS)
    await server.at(NOW + timedelta(days=10))
    assert (server.went, server.statuses()) == ([], [Status.SKIPPED])
    await server.at(NOW + timedelta(days=10, hours=1))
    assert server.reports == [("posts_missed", {"count": "1", "what": "tietoisku (1)"})]


async def test_a_clock_that_jumps_back_an_hour_posts_nothing_twice_and_goes_on_posting() -> None:
    server = Server(TEAMS)
    await server.at(NOW)
    assert server.went == ["d1"]
    server.calendar.add([replace(AT_TEN, id="toinen", time=time(9, 30))])
    for minutes in range(-60, 61, 5):
        await server.at(NOW + timedelta(minutes=minutes))
    assert server.went == ["d1", "d1"]
    assert server.statuses() == [Status.SENT, Status.SENT]


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        (date(2027, 3, 28), time(3, 30), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),  # the lost hour
        (date(2027, 10, 31), time(3, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # the doubled hour
    ],
)
async def test_times_in_the_lost_and_the_doubled_hour_go_out_once(day: date, clock: time, utc: datetime) -> None:
    entry = replace(AT_TEN, start=day, dates=(day,), time=clock, moves=Moves.KEEP)
    server = Server(TEAMS, entries=(entry,))
    await server.at(utc - MINUTE)
    assert server.went == []
    for minutes in range(0, 180, 10):
        await server.at(utc + timedelta(minutes=minutes))
    assert server.went == ["d1"]


async def test_what_fails_in_a_way_that_may_pass_is_tried_again_a_minute_later_and_not_reported() -> None:
    server = Server(TEAMS)
    server.publishers["teams"].faults = {"d1": [AGAIN]}
    await server.at(NOW)
    assert server.statuses() == [Status.PLANNED]
    await server.at(NOW + timedelta(seconds=30))
    assert server.statuses() == [Status.PLANNED]
    await server.at(NOW + MINUTE)
    assert (server.statuses(), server.reports) == ([Status.SENT], [])


async def test_failures_of_a_run_are_told_to_it_together_and_once() -> None:
    lost, served = [place(number) for number in range(12)], place(99)
    server = Server(*lost, served)
    server.publishers["teams"].faults = {one.id: [GONE, GONE] for one in lost}
    await server.at(NOW)
    [(key, values)] = server.reports
    assert (key, values["count"], values["why"]) == ("posts_unreachable", "12", str(GONE))
    assert values["where"].endswith("Kanava 7, +2")
    server.calendar.add([replace(AT_TEN, id="toinen", time=time(10, 30))])
    await server.at(NOW + timedelta(minutes=30))
    assert len(server.reports) == 1
    assert server.went == ["d99", "d99"]


async def test_one_platforms_trouble_keeps_the_other_from_nothing() -> None:
    server = Server(TEAMS, SLACK)
    server.publishers["teams"].faults = {"d1": [30.0]}
    await server.runner.tick()
    await until(lambda: server.went == ["d2"])
    server.calendar.add([replace(AT_TEN, id="toinen", time=time(10, 1))])
    server.clock.at = NOW + MINUTE
    await asyncio.sleep(0.1)  # Slack's lane is through
    await server.runner.tick()
    await until(lambda: server.went == ["d2", "d2"])
    await server.runner.stop(within=0)


async def test_what_falls_due_while_a_platform_is_busy_goes_out_when_it_is_through() -> None:
    server = Server(TEAMS)
    server.publishers["teams"].faults = {"d1": [0.02]}
    await server.runner.tick()
    await until(lambda: server.publishers["teams"].under_way > 0)
    server.calendar.add([replace(AT_TEN, id="toinen", time=time(10, 1))])
    await server.at(NOW + MINUTE)
    assert server.went == ["d1"]
    await server.at(NOW + MINUTE)
    assert server.went == ["d1", "d1"]


async def test_a_locked_database_is_no_end_of_posting() -> None:
    server = Server(TEAMS)
    server.broken = True
    await server.at(NOW)
    server.broken = False
    await server.at(NOW + MINUTE)
    assert server.went == ["d1"]


async def test_after_a_restore_overdue_posts_wait_and_it_is_told_once() -> None:
    server = Server(TEAMS)
    server.ledger.hold_overdue(NOW)
    await server.at(NOW + MINUTE)
    await server.at(NOW + 20 * MINUTE)
    assert (server.went, server.reports) == ([], [("posts_held", {"count": "1"})])
    server.ledger.end_hold(server.clock.at, send=True)
    server.runner.wake()
    await server.at(NOW + 20 * MINUTE)
    assert server.went == ["d1"]


async def test_what_went_out_is_corrected_and_withdrawn_by_its_occurrence() -> None:
    server = Server(TEAMS, SLACK)
    await server.at(NOW)
    server.calendar.add([replace(AT_TEN, titles={"fi": "Tietoisku, korjattu"})])
    assert (await server.runner.correct("tietoisku", DAY)).sent == 2
    assert [post.title for _, post in server.publishers["slack"].corrected] == ["Tietoisku, korjattu"]
    assert (await server.runner.withdraw("tietoisku", DAY)).sent == 2
    assert (server.publishers["teams"].withdrawn, server.statuses()) == (["m1"], [Status.SKIPPED, Status.SKIPPED])
    await server.at(NOW + timedelta(hours=1))
    assert len(server.went) == 2


async def test_a_post_goes_out_now_when_it_is_asked_for_and_not_again_at_its_time() -> None:
    server = Server(TEAMS, entries=(WAITED,))
    await server.at(NOW)
    [planned] = [
        item
        async for page in Outlook(server.calendar, server.destinations, server.ledger, list).due(
            "teams", "teams", NOW + timedelta(hours=3), server.run
        )
        for item in page
    ]
    assert (await server.runner.post_now([replace(planned, at=NOW)])).sent == 1
    await server.at(NOW + timedelta(hours=3))
    assert server.went == ["d1"]


async def test_ten_thousand_destinations_are_planned_in_pages() -> None:
    server = Server(*[place(number) for number in range(1_200)])
    sizes = [
        len(page)
        async for page in Outlook(server.calendar, server.destinations, server.ledger, list).due(
            "teams", "teams", NOW, server.run
        )
    ]
    assert sizes == [500, 500, 200]


async def test_what_is_ordered_for_a_platform_that_is_not_connected_is_told() -> None:
    server = Server(TEAMS)
    await server.at(NOW)
    there = replace(place(9, "preview"), name="Kokeilu")
    await server.runner.post_now([item(there)])
    assert [(key, values["where"]) for key, values in server.reports] == [("posts_failed", "Kokeilu")]
    await server.runner.stop()


async def test_a_task_goes_to_its_owner_once() -> None:
    task = replace(AT_TEN, id="kahvit", kind=Kind.TASK, theme="", owner="teams:29:aino")
    server = Server(TEAMS, SLACK, replace(place(3), person="teams:29:aino"), entries=(task,))
    await server.at(NOW)
    assert server.went == ["d3"]


async def test_a_task_of_a_role_reaches_everybody_who_has_it_on_their_platform_and_no_newcomer_later() -> None:
    task = replace(AT_TEN, id="kahvit", kind=Kind.TASK, theme="", owner="it")
    holders = [
        replace(place(number, platform), person=f"p{number}") for number, platform in enumerate(("teams", "slack"))
    ]
    server = Server(TEAMS, SLACK, entries=(task,))
    server.holders = holders
    server.started_anew()
    await server.at(NOW)
    assert sorted(server.publishers["teams"].went + server.publishers["slack"].went) == [("d0", "post"), ("d1", "post")]
    assert server.publishers["slack"].went == [("d1", "post")]
    server.holders = [*holders, replace(place(7), person="p7")]
    await server.at(NOW + timedelta(days=2, hours=1))
    assert len(server.went) == 2
    assert server.reports == []


async def test_an_entry_that_cannot_be_read_keeps_no_other_back_and_it_hears_of_it_once() -> None:
    server = Server(TEAMS, entries=(AT_TEN, replace(AT_TEN, id="kahvit")))
    server.database.execute("update calendar_entries set data = '{}' where id = 'kahvit'")
    await server.at(NOW)
    await server.at(NOW + timedelta(minutes=11))
    assert server.went == ["d1"]
    assert [(key, values["what"]) for key, values in server.reports] == [("entry_broken", "kahvit")]


async def test_a_destination_that_cannot_be_read_keeps_no_other_back_and_it_hears_of_it_once() -> None:
    server = Server(TEAMS, SLACK, entries=(AT_TEN,))
    server.database.execute("update destinations set wishes = '{}' where id = 'd2'")
    await server.at(NOW)
    await server.at(NOW + timedelta(minutes=11))
    assert (server.went, [key for key, _ in server.reports]) == (["d1"], ["destination_broken"])


class TestLock:
    async def test_the_second_process_posts_nothing_and_takes_over_when_the_first_ends(self, tmp_path: Path) -> None:
        first, second = (Server(TEAMS, path=tmp_path / "digivinkki.db") for _ in range(2))
        await first.at(NOW)
        await second.at(NOW)
        assert (first.went, second.went) == (["d1"], [])
        assert (first.runner.posts, second.runner.posts) == (True, False)
        with pytest.raises(NotPostingError):
            await second.runner.correct("tietoisku", DAY)
        await first.runner.stop()
        await second.at(NOW)
        assert second.went == ["d1"]
        await second.runner.stop()

    def test_it_is_free_again_when_the_process_was_killed(self, tmp_path: Path) -> None:
        path = tmp_path / "digivinkki.db"
        code = f"""
import sys, time
from pathlib import Path
from scheduler.lock import Lock
lock = Lock(Path({str(path)!r}))
print(lock.take(), flush=True)
time.sleep(60)
"""
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "True\n"
            lock = Lock(path)
            assert not lock.take()
            os.kill(process.pid, signal.SIGKILL)
            process.wait(timeout=10)
            assert lock.take()
            assert lock.take()
            lock.release()
        finally:
            process.kill()
            process.wait(timeout=10)
            if process.stdout:
                process.stdout.close()

    def test_a_folder_that_is_not_there_is_said_plainly(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseError, match="No such file"):
            Lock(tmp_path / "missing" / "digivinkki.db").take()


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[None]:
    await server.runner.start()
    try:
        yield
    finally:
        await server.runner.stop()


async def test_it_posts_at_its_start_and_when_it_is_woken() -> None:
    """With APScheduler and the real clock."""
    server = Server(TEAMS)
    server.clock = lambda: datetime.now(UTC)  # type: ignore[assignment]
    today = datetime.now(UTC).date()
    yesterday = today - timedelta(days=1)
    entry = replace(AT_TEN, start=yesterday, dates=(yesterday, today), moves=Moves.KEEP)
    server.calendar.add([replace(entry, time=time(0, 1))])
    runner = server.started_anew()
    async with running(server):
        await until(lambda: bool(server.went))
        before = len(server.went)
        server.calendar.add([replace(entry, id="toinen", time=time(0, 2))])
        runner.wake()
        await until(lambda: len(server.went) > before)


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110  it happens in the calls of others
            await asyncio.sleep(0.005)
