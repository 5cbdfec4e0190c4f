"""What Teams and Slack do alike: they greet, recognise who comes, and their answers follow an edited question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from bot.conversations import Conversation
from bot.desk import Desk
from bot.models import Reply
from bot.sending import SendError
from tips.models import Language

_log = structlog.get_logger()

_STEP, _LONGEST = 0.5, 60.0  # seconds


async def greet(
    desk: Desk, place: Conversation, language: Language | None, send: Callable[[Reply], Awaitable[object]]
) -> None:
    """Says welcome where nobody has. Raises what `send` does: then the welcome is owed, and said another time."""
    if not await desk.run(lambda: desk.conversations.greet(place, desk.now())):
        return
    try:
        await send(await desk.welcome(place.scope, language))
    except BaseException:
        await desk.run(lambda: desk.conversations.owe_welcome(place.id))
        raise


async def answer_to(
    desk: Desk, question: str, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> str | None:
    """The id of the message that answers a question, waited for while that is being written; '' where none came.

    None where no such question is known.
    """
    for _ in range(round(_LONGEST / _STEP)):
        answer = await desk.run(lambda: desk.events.answer_to(question))
        if answer != "":
            return answer
        await sleep(_STEP)
    return ""


async def met(desk: Desk, person: str, look_up: Callable[[], Awaitable[Iterable[str]]]) -> None:
    """Somebody speaks. `look_up` gives their addresses, as the platform tells them, and raises SendError; it is asked
    only while somebody is waited for, and no address is kept."""
    if not await desk.run(lambda: desk.newcomers.wanted(person, desk.now())):
        return
    try:
        addresses = list(await look_up())
    except SendError as error:
        _log.warning("nobody recognised", reason=str(error))
        return
    if addresses:
        await desk.run(lambda: desk.newcomers.arrived(person, addresses, desk.now()))
