"""Posting over a ledger in memory: claimed, published, marked; what fails, what is in doubt, what died on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from scheduler.models import Key, Planned, Status
from scheduler.planning import MISSED
from scheduler.poster import Poster
from scheduler.tally import Tally
from tests.posts import AGAIN, DOUBTFUL, GONE, NOW, REFUSED, Bench, Plain, Recording, item, pages, place

HERE, THERE = place(1), place(2)


async def posted(bench: Bench, *items: Planned) -> Tally:
    return await bench.poster.post(pages(items))


async def test_what_is_due_goes_out_once_and_stands_in_the_ledger_with_its_message() -> None:
    bench = Bench(Recording(), HERE, THERE)
    assert (await posted(bench, item(HERE), item(THERE))).sent == 2
    assert (await posted(bench, item(HERE), item(THERE))).sent == 0
    assert bench.publisher.went == [("d1", "post"), ("d2", "post")]
    delivery = bench.ledger.get(item(HERE).key)
    assert delivery is not None
    assert (delivery.status, delivery.message, delivery.tries) == (Status.SENT, "m1", 1)


async def test_the_claim_is_in_the_database_before_the_request_goes_out() -> None:
    seen: list[str] = []

    class Looking(Recording):
        async def publish(self, post: object) -> str:  # type: ignore[override]
            delivery = bench.ledger.get(item(HERE).key)
            seen.append(f"{delivery and delivery.status} {bench.database.conn.in_transaction}")
            return "m"

    bench = Bench(Looking(), HERE)
    await posted(bench, item(HERE))
    assert seen == ["claimed False"]


async def test_two_processes_send_it_once() -> None:
    bench = Bench(Recording(), HERE)
    other = bench.restarted()
    items = [item(place(number)) for number in range(120)]
    tallies = await asyncio.gather(bench.poster.post(pages(items)), other.post(pages(items)))
    assert sum(tally.sent for tally in tallies) == 120
    assert len(set(bench.publisher.went)) == len(bench.publisher.went) == 120


async def test_what_is_skipped_is_recorded_and_what_was_missed_is_counted() -> None:
    bench = Bench(Recording(), HERE, THERE)
    tally = await posted(bench, item(HERE, skipped="quiet"), item(THERE, skipped=MISSED))
    assert (tally.sent, tally.skipped, dict(tally.missed)) == (0, 2, {"tietoisku": 1})
    assert bench.statuses() == [("d1", "post", "skipped"), ("d2", "post", "skipped")]
    assert bench.publisher.sent == []
    again = await posted(bench, item(THERE, skipped=MISSED))
    assert (again.skipped, again.missed.total()) == (0, 0)


async def test_a_later_reminder_edits_the_first_message() -> None:
    bench = Bench(Recording(), HERE)
    await posted(bench, item(HERE, "reminder-P7D"))
    await posted(bench, item(HERE, "reminder-PT15M", edits="reminder-P7D"))
    assert bench.publisher.went == [("d1", "reminder-P7D")]
    [(message, post)] = bench.publisher.corrected
    assert (message, post.key.part) == ("m1", "reminder-PT15M")
    delivery = bench.ledger.get(item(HERE, "reminder-PT15M").key)
    assert delivery is not None
    assert delivery.message == "m1"


@pytest.mark.parametrize("first", [None, REFUSED])
async def test_a_reminder_whose_first_message_is_not_there_is_a_message_of_its_own(first: Exception | None) -> None:
    bench = Bench(Recording(), HERE)
    if first:
        await posted(bench, item(HERE, "reminder-P7D"))
        bench.publisher.faults = {"d1": [first]}
    await posted(bench, item(HERE, "reminder-PT15M", edits="reminder-P7D"))
    assert bench.publisher.went[-1] == ("d1", "reminder-PT15M")


async def test_what_may_pass_waits_in_the_ledger_and_what_follows_it_there_with_it() -> None:
    bench = Bench(Recording({"d1": [AGAIN]}), HERE, THERE)
    due = [item(HERE), item(HERE, "post-2"), item(THERE)]
    tally = await posted(bench, *due)
    assert (tally.sent, tally.later, tally.failed) == (1, 2, [])
    assert bench.statuses() == [("d1", "post", "planned"), ("d1", "post-2", "planned"), ("d2", "post", "sent")]
    assert (await posted(bench, *due)).sent == 2
    assert bench.publisher.went == [("d2", "post"), ("d1", "post"), ("d1", "post-2")]


async def test_pieces_arrive_in_order_however_long_the_first_takes() -> None:
    bench = Bench(Recording({"d1": [0.02]}), HERE)
    await posted(bench, item(HERE), item(HERE, "post-2"), item(HERE, "post-3"))
    assert bench.publisher.went == [("d1", "post"), ("d1", "post-2"), ("d1", "post-3")]


async def test_what_does_not_pass_within_a_day_is_given_up() -> None:
    bench = Bench(Recording({"d1": [AGAIN, AGAIN, AGAIN]}), HERE)
    await posted(bench, item(HERE))
    bench.clock.at = NOW + timedelta(hours=23)
    assert (await posted(bench, item(HERE))).later == 1
    bench.clock.at = NOW + timedelta(hours=24)
    assert (await posted(bench, item(HERE))).failed == [("Kanava 1", "gave up: 503")]
    assert bench.statuses() == [("d1", "post", "failed")]


async def test_what_is_refused_has_failed_and_keeps_nothing_else_back() -> None:
    bench = Bench(Recording({"d1": [REFUSED]}), HERE, THERE)
    tally = await posted(bench, item(HERE), item(HERE, "post-2"), item(THERE))
    assert (tally.sent, tally.failed) == (2, [("Kanava 1", "400 BadSyntax")])
    delivery = bench.ledger.get(item(HERE).key)
    assert delivery is not None
    assert (delivery.status, delivery.why) == (Status.FAILED, "400 BadSyntax")


async def test_a_destination_that_is_gone_is_lost_and_told_of_once() -> None:
    bench = Bench(Recording({"d1": [GONE, GONE]}), HERE)
    tally = await posted(bench, item(HERE), item(HERE, "post-2"))
    assert tally.lost == [("Kanava 1", "403 BotNotInConversationRoster")]
    assert tally.failed == []
    assert bench.places.lost == {"d1": "403 BotNotInConversationRoster"}
    assert bench.statuses() == [("d1", "post", "failed"), ("d1", "post-2", "failed")]


@pytest.mark.parametrize("fault", [RuntimeError("a defect"), KeyError("activity")])
async def test_a_defect_in_a_platform_is_a_failure_of_that_post_only(fault: Exception) -> None:
    bench = Bench(Recording({"d1": [fault]}), HERE, THERE)
    tally = await posted(bench, item(HERE), item(THERE))
    assert (tally.sent, tally.failed) == (1, [("Kanava 1", type(fault).__name__)])


async def test_a_post_that_cannot_be_written_is_a_failure_of_that_post_only() -> None:
    bench = Bench(Recording(), HERE, THERE, composer=Plain(bad=frozenset({"d1"})))
    tally = await posted(bench, item(HERE), item(THERE))
    assert (tally.sent, tally.failed) == (1, [("Kanava 1", "cannot be written: ValueError")])


async def test_so_many_are_on_their_way_at_the_same_time_and_no_more() -> None:
    where = [place(number) for number in range(200)]
    bench = Bench(Recording({one.id: [0.001] for one in where}), *where)
    tally = await bench.restarted(in_flight=16).post(pages([item(one) for one in where]))
    assert tally.sent == 200
    assert bench.publisher.most == 16


async def test_a_slow_destination_keeps_no_other_back() -> None:
    where = [place(number) for number in range(40)]
    bench = Bench(Recording({"d0": [0.05]}), *where)
    await bench.poster.post(pages([item(one) for one in where]))
    assert bench.publisher.went[-1] == ("d0", "post")


async def died_between(bench: Bench, *, sent: bool) -> None:
    """As a process leaves it that dies after the claim: before the request went out, or after it arrived."""
    bench.ledger.plan(item(HERE))
    bench.ledger.claim(item(HERE).key, bench.clock())
    if sent:
        bench.publisher.found[item(HERE).key.text()] = "1700000000.000100"
    bench.restarted()


async def test_what_went_out_before_a_crash_is_found_by_its_key_and_not_sent_again() -> None:
    bench = Bench(Recording(), HERE)
    await died_between(bench, sent=True)
    tally = await bench.poster.resolve("teams")
    assert tally.sent == 1
    assert (await posted(bench, item(HERE))).sent == 0
    delivery = bench.ledger.get(item(HERE).key)
    assert delivery is not None
    assert (delivery.status, delivery.message) == (Status.SENT, "1700000000.000100")
    assert bench.publisher.sent == []


async def test_what_is_not_found_after_a_crash_is_sent_again() -> None:
    bench = Bench(Recording(), HERE)
    await died_between(bench, sent=False)
    assert (await posted(bench, item(HERE))).sent == 0, "sent before the platform was asked"
    assert (await bench.poster.resolve("teams")).released == 1
    assert (await posted(bench, item(HERE))).sent == 1


async def test_where_the_platform_cannot_be_asked_now_it_is_asked_again_later() -> None:
    bench = Bench(Recording({"d1": [AGAIN]}), HERE)
    await died_between(bench, sent=True)
    assert (await bench.poster.resolve("teams")).later == 1
    assert bench.statuses() == [("d1", "post", "claimed")]
    assert (await bench.poster.resolve("teams")).sent == 1
    assert bench.publisher.sent == []


async def test_each_platform_resolves_its_own() -> None:
    bench = Bench(Recording(), HERE)
    await died_between(bench, sent=True)
    await bench.poster.resolve("slack")
    assert bench.publisher.asked == []


async def test_what_was_left_at_a_destination_that_is_no_more_has_failed() -> None:
    bench = Bench(Recording())
    await died_between(bench, sent=False)
    await bench.poster.resolve("teams")
    assert bench.statuses() == [("d1", "post", "failed")]


async def test_a_destination_that_turns_out_gone_when_asked_is_lost() -> None:
    bench = Bench(Recording({"d1": [GONE]}), HERE)
    await died_between(bench, sent=False)
    tally = await bench.poster.resolve("teams")
    assert (tally.lost, bench.statuses()) == ([("Kanava 1", str(GONE))], [("d1", "post", "failed")])


async def test_where_nobody_knows_what_became_of_it_the_platform_is_asked_before_it_is_sent_again() -> None:
    bench = Bench(Recording({"d1": [DOUBTFUL]}), HERE)
    tally = await posted(bench, item(HERE))
    assert (tally.later, bench.statuses()) == (1, [("d1", "post", "claimed")])
    assert (await posted(bench, item(HERE))).sent == 0
    await bench.poster.resolve("teams")
    assert bench.publisher.asked == [item(HERE).key]
    assert (await posted(bench, item(HERE))).sent == 1


async def test_what_is_on_its_way_is_not_taken_for_left_behind() -> None:
    bench = Bench(Recording({"d1": [0.02]}), HERE)
    sending = asyncio.create_task(posted(bench, item(HERE)))
    await asyncio.sleep(0.01)
    await bench.poster.resolve("teams")
    assert bench.publisher.asked == []
    assert (await sending).sent == 1


async def test_what_the_database_could_not_be_told_is_told_it_later_and_never_sent_again() -> None:
    class Breaking(Recording):
        async def publish(self, post: object) -> str:  # type: ignore[override]
            bench.broken = 1
            return await super().publish(post)  # type: ignore[arg-type]

    bench = Bench(Breaking(), HERE)
    assert (await posted(bench, item(HERE))).sent == 1
    assert bench.statuses() == [("d1", "post", "claimed")]
    await bench.poster.resolve("teams")
    assert bench.statuses() == [("d1", "post", "sent")]
    assert bench.publisher.asked == []
    assert len(bench.publisher.sent) == 1


async def test_what_is_cancelled_on_its_way_is_left_for_the_next_start() -> None:
    bench = Bench(Recording({"d1": [60.0]}), HERE)
    sending = asyncio.create_task(posted(bench, item(HERE)))
    await asyncio.sleep(0.01)
    sending.cancel()  # begins no more
    await asyncio.sleep(0.01)
    sending.cancel()  # gives up what is on its way
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert bench.statuses() == [("d1", "post", "claimed")]
    bench.publisher.faults = {}
    poster: Poster = bench.restarted()
    await poster.resolve("teams")
    assert (await posted(bench, item(HERE))).sent == 1


async def test_what_was_sent_is_corrected_and_withdrawn_everywhere() -> None:
    bench = Bench(Recording(), HERE, THERE)
    await posted(bench, item(HERE), item(THERE))
    tally = await bench.poster.standing.correct([(item(HERE), "m1"), (item(THERE), "m2")])
    assert (tally.sent, [message for message, _ in bench.publisher.corrected]) == (2, ["m1", "m2"])
    deliveries = bench.ledger.of("tietoisku", item(HERE).key.nominal)
    bench.publisher.faults = {"d2": [REFUSED]}
    tally = await bench.poster.standing.withdraw(
        [(one, bench.places.places[one.key.destination]) for one in deliveries]
    )
    assert (tally.sent, tally.failed, bench.publisher.withdrawn) == (1, [("Kanava 2", "400 BadSyntax")], ["m1"])
    assert bench.statuses() == [("d1", "post", "skipped"), ("d2", "post", "sent")]
    assert (await posted(bench, item(HERE))).sent == 0, "withdrawn, then sent again"


async def test_no_reminder_brings_back_an_invitation_that_was_withdrawn() -> None:
    bench = Bench(Recording(), HERE, THERE)
    await posted(bench, item(HERE, "reminder-P7D"), item(THERE, "reminder-P7D"))
    await posted(bench, item(HERE, "reminder-P1D", edits="reminder-P7D"))
    standing = bench.ledger.get(item(HERE, "reminder-P1D").key)
    assert standing is not None
    await bench.poster.standing.withdraw([(standing, HERE)])
    later = [item(where, "post", edits="reminder-P7D") for where in (HERE, THERE)]
    tally = await posted(bench, *later, item(HERE, "follow-up"))
    assert (tally.sent, tally.skipped) == (2, 1)
    assert bench.publisher.went == [("d1", "reminder-P7D"), ("d2", "reminder-P7D"), ("d1", "follow-up")]
    assert ("d1", "post", "skipped") in bench.statuses()


async def test_where_the_first_reminder_never_went_out_the_withdrawn_one_stays_away_too() -> None:
    bench = Bench(Recording(), HERE)
    await posted(bench, item(HERE, "reminder-P1D", edits="reminder-P7D"))
    standing = bench.ledger.get(item(HERE, "reminder-P1D").key)
    assert standing is not None
    await bench.poster.standing.withdraw([(standing, HERE)])
    tally = await posted(bench, item(HERE, "post", edits="reminder-P7D"))
    assert (tally.sent, tally.skipped) == (0, 1)
    assert bench.publisher.went == [("d1", "reminder-P1D")]


async def test_an_edit_that_is_on_its_way_does_not_bring_back_what_is_withdrawn_meanwhile() -> None:
    class Withdrawing(Recording):
        async def correct(self, *_: object) -> None:
            assert bench.ledger.withdrawn(item(HERE, "reminder-P7D").key, NOW)
            raise REFUSED

    bench = Bench(Withdrawing(), HERE)
    await posted(bench, item(HERE, "reminder-P7D"))
    tally = await posted(bench, item(HERE, "reminder-P1D", edits="reminder-P7D"))
    assert (tally.sent, tally.skipped, tally.failed) == (0, 1, [])
    assert bench.publisher.went == [("d1", "reminder-P7D")]
    assert bench.statuses() == [("d1", "reminder-P1D", "skipped"), ("d1", "reminder-P7D", "skipped")]


async def test_ten_minutes_of_faults_everything_is_delivered_afterwards_and_in_order() -> None:
    where = [place(number) for number in range(30)]
    due: Sequence[Planned] = [item(one, part) for part in ("post", "post-2") for one in where]
    bench = Bench(Recording({one.id: [AGAIN] * 5 + [DOUBTFUL] * 2 for one in where}), *where)
    for minute in range(10):
        bench.clock.at = NOW + timedelta(minutes=minute)
        await bench.poster.resolve("teams")
        tally = await bench.poster.post(pages(due))
        assert not tally.failed
    assert len(bench.publisher.went) == len(set(bench.publisher.went)) == 60
    by_place = {one.id: [part for where, part in bench.publisher.went if where == one.id] for one in where}
    assert set(map(tuple, by_place.values())) == {("post", "post-2")}


async def test_held_after_a_restore_nothing_overdue_goes_out_until_it_says_so() -> None:
    bench = Bench(Recording(), HERE)
    bench.ledger.hold_overdue(NOW)
    assert (await posted(bench, item(HERE))).sent == 0
    assert [one.key for one in bench.ledger.held()] == [Key("tietoisku", item(HERE).key.nominal, "post", "d1")]
    bench.ledger.end_hold(NOW, send=True)
    assert (await posted(bench, item(HERE))).sent == 1
