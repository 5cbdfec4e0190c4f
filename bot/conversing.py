"""What Teams and Slack do alike: they greet, and their answers follow an edited question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.conversations import Conversation
from bot.desk import Desk
from bot.models import Reply
from tips.models import Language

_STEP, _LONGEST = 0.5, 60.0  # seconds


async def greet(
    desk: Desk, place: Conversation, language: Language | None, send: Callable[[Reply], Awaitable[object]]
) -> None:
    """Says welcome where nobody has. Raises what `send` does: then the welcome is owed, and said another time."""
    if not await desk.run(lambda: desk.conversations.greet(place, desk.now())):
        return
    try:
        await send(desk.welcome(place.scope, language))
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
