"""Who looks at a page: somebody who has signed in from the chat, or anybody."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.people import READER, RUNS
from tips.models import Language

ADMINISTERS = frozenset(RUNS)
READS = ADMINISTERS | {READER}  # roles that see figures


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor: the person's id in the chat, '' for anybody; the roles as they are now; what their forms carry."""

    person: str = ""
    roles: frozenset[str] = frozenset()
    language: Language | None = None
    token: str = ""

    @property
    def signed_in(self) -> bool:
        """Whether the visitor came by a link from the chat."""
        return bool(self.person)

    @property
    def administers(self) -> bool:
        """Whether the visitor plans the programme."""
        return not self.roles.isdisjoint(ADMINISTERS)

    @property
    def reads(self) -> bool:
        """Whether the visitor sees figures."""
        return not self.roles.isdisjoint(READS)


ANYBODY = Visitor()
VISITOR = web.RequestKey("visitor", Visitor)


def visitor_of(request: web.Request) -> Visitor:
    """The visitor, as the guard of the page found them out."""
    visitor: Visitor = request.get(VISITOR, ANYBODY)
    return visitor
