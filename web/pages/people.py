"""People and roles: who has which, given and taken by the same rule as in the chat; units as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aiohttp import web

from bot.granting import Granting, Outcome, may_give
from bot.people import IT, ROLES, TUTOR, Person, Role
from bot.peoplefiles import person_in
from bot.rolenames import named
from bot.roles import called
from bot.stores import Stores
from bot.units import Unit, UnitStore
from tips.models import Language
from web.pages.acting import act as acted
from web.pages.forms import Form
from web.pages.frame import PAGES, frame_of, missing, page
from web.pages.visitors import Visitor, visitor_of

PATH = "henkilot"
DONE = ("given", "had", "taken", "signed_out", "imported")
MOST = 150  # people that are listed
_LONGEST_SYSTEM = 60  # characters


@dataclass(frozen=True, slots=True)
class Line:
    """A person in the list."""

    id: str
    name: str
    roles: str
    unit: str


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person has; `mine` where the visitor may take it."""

    name: str
    system: str
    label: str
    mine: bool


def giver_of(visitor: Visitor) -> Person:
    """The visitor as the rule of giving knows people."""
    return Person(visitor.person, roles=tuple(Role(role) for role in visitor.roles))


async def every(request: web.Request) -> web.StreamResponse:
    """Who has a role, and the units."""
    return await _every(request)


async def one(request: web.Request) -> web.StreamResponse:
    """A person with their roles."""
    return await _one(request)


async def change(request: web.Request) -> web.StreamResponse:
    """Gives a role, takes one away, or ends all sessions of a person."""
    pages, form, visitor = request.app[PAGES], Form.of(await request.post()), visitor_of(request)
    typed, what = request.match_info.get("person") or form.one("henkilo"), form.one("tee")
    person, giver = _known(typed), giver_of(visitor)
    role = Role(form.one("rooli"), " ".join(form.one("jarjestelma").split())[:_LONGEST_SYSTEM])
    if not person:
        return await _every(request, why="person", form=form)
    if what == "sign_out" and giver.has(IT):
        await acted(request, "signed_out_other", person, lambda: pages.stores.signins.end_all(person))
        raise web.HTTPSeeOther(frame_of(request).url(PATH, person, tehty="signed_out"))
    if what not in ("give", "take"):
        return missing(request)
    outcome = await pages.desk.run(lambda: _granted(request, what, giver, person, role, form.one("nimi")))
    if outcome in (Outcome.GIVEN, Outcome.TAKEN):
        await acted(request, f"role_{outcome}", f"{person} {role.name} {role.system}".strip(), lambda: None)
    if outcome.value in DONE:
        raise web.HTTPSeeOther(frame_of(request).url(PATH, person, tehty=outcome.value))
    shown = _one if request.match_info.get("person") else _every
    return await shown(request, why=outcome.value, form=form)


def _granted(request: web.Request, what: str, giver: Person, person: str, role: Role, name: str) -> Outcome:
    pages = request.app[PAGES]
    granting, now = Granting(pages.stores.people, pages.stores.outbox), pages.desk.now()
    if what == "take":
        return granting.take(giver, person, role)
    outcome = granting.give(giver, person, role, now)
    if outcome is Outcome.GIVEN and name:
        pages.stores.people.call(person, name, now)
    return outcome


def _known(typed: str) -> str:
    """The id that was typed or stands in an address; '' where it is none. The preview has visitors of its own."""
    plain = typed.strip().removeprefix("mail:")
    return person_in(plain) or (typed if typed.startswith("preview:") and len(typed) <= 200 else "")


async def _every(request: web.Request, why: str = "", form: Form | None = None) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    (lines, count), units = await pages.desk.run(
        lambda: (_lines(pages.stores, language), _tree(pages.stores.units.all()))
    )
    done = request.query.get("tehty", "")
    context = {
        "lines": lines,
        "more": count - len(lines),
        "units": units,
        "form": form or Form({}),
        "problem": why,
        "roles": _offered(giver_of(visitor_of(request)), language),
        "done": done if done in DONE else "",
    }
    return page(request, "people.html", context, status=422 if why else 200)


async def _one(request: web.Request, why: str = "", form: Form | None = None) -> web.StreamResponse:
    pages, language = request.app[PAGES], frame_of(request).language
    wanted, giver = _known(request.match_info["person"]), giver_of(visitor_of(request))
    found = await pages.desk.run(lambda: pages.stores.people.person(wanted))
    unit = await pages.desk.run(lambda: _path(pages.stores.units, wanted))
    done = request.query.get("tehty", "")
    if not wanted or not (found.roles or done in DONE or why):
        return missing(request)
    held = [Held(each.name, each.system, named(each, language), may_give(giver, each.name)) for each in found.roles]
    context = {
        "person": found,
        "name": called(found, language),
        "held": held,
        "unit": unit,
        "form": form or Form({}),
        "problem": why,
        "roles": _offered(giver, language),
        "ends_sessions": giver.has(IT),
        "done": done if done in DONE else "",
    }
    return page(request, "person.html", context, status=422 if why else 200)


def _offered(giver: Person, language: Language) -> list[tuple[str, str]]:
    first = [TUTOR, *(role for role in ROLES if role not in (TUTOR, IT)), IT]
    return [(role, named(Role(role), language)) for role in first if may_give(giver, role)]


def _lines(stores: Stores, language: Language) -> tuple[list[Line], int]:
    """The people who are listed, and how many there are in all."""
    ids = list(dict.fromkeys(person for role in ROLES for person in stores.people.having(role)))
    people = [stores.people.person(each) for each in ids[:MOST]]
    lines = [
        Line(
            each.id,
            called(each, language),
            ", ".join(named(role, language) for role in each.roles),
            _path(stores.units, each.id),
        )
        for each in people
    ]
    return lines, len(ids)


def _path(units: UnitStore, person: str) -> str:
    unit = units.of(person)
    return " / ".join(each.name for each in reversed(units.up(unit.id))) if unit else ""


def _tree(units: Iterable[Unit]) -> list[tuple[int, str]]:
    """The units' names with their depth, those under one right after it."""
    under: dict[str, list[Unit]] = {}
    for unit in units:
        under.setdefault(unit.parent, []).append(unit)

    def below(parent: str, depth: int) -> Iterator[tuple[int, str]]:
        for unit in under.get(parent, ()):
            yield depth, unit.name
            yield from below(unit.id, depth + 1)

    return list(below("", 0))
