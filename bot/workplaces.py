"""A person's own unit, chosen once where they wish, and a tutor's absence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.dates import day
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply
from bot.naming import meant
from bot.units import Unit, UnitStore
from bot.wishes import pause_end
from scheduler.models import ZONE
from tips.models import Language

KIND = "unit"
_MOST_SHOWN = 20


class Workplaces:
    """The dialogs."""

    def __init__(self, units: UnitStore) -> None:
        self._units = units

    def choose(self, message: Message, about: str, language: Language) -> Reply | None:
        """'yksikkö', with a name behind it or not; None where that is no unit, but a question perhaps."""
        every = self._units.all()
        if len(about.split()) > 1 and not meant(about, {unit.id: [unit.name] for unit in every}):
            return None
        if not every or not about:
            return self._chosen(message, language)
        found = meant(about, {unit.id: [unit.name] for unit in every})
        if len(found) == 1:
            return self._joined(message.person, found[0], language)
        if not found:
            return _reply(language, say(language, "unit_unknown", name=about))
        return self._offer(message.person, [unit for unit in every if unit.id in found], language)

    def pressed(self, message: Message, values: Mapping[str, str], language: Language) -> Reply:
        """What the buttons do."""
        step, unit = values.get("step"), values.get("unit", "")
        if step == "leave":
            self._units.leave(message.person)
            return _reply(language, say(language, "unit_left"))
        if step == "choose":
            return self._chosen(message, language)
        below = self._units.children(unit) if unit and step == "open" else []
        if below:
            return self._offer(message.person, below, language, self._units.get(unit))
        return self._joined(message.person, unit, language)

    def _chosen(self, message: Message, language: Language) -> Reply:
        units = self._units.children("")
        return self._offer(message.person, units, language) if units else _reply(language, say(language, "unit_none"))

    def suggestion(self, person: str, language: Language) -> Button | None:
        """A button that leads here, for who has not chosen; None where there is nothing to choose."""
        if self._units.of(person) or not self._units.all():
            return None
        return Button(say(language, "unit_button"), Action(KIND, {"step": "choose", "lang": language}))

    def away(self, message: Message, span: str, language: Language, now: datetime) -> Reply | None:
        """'olen poissa 2 viikkoa', 'olen poissa 15.3. asti'; None where it is a question perhaps."""
        today = now.astimezone(ZONE).date()
        end = pause_end(span, today)
        if end is None:
            return None if len(span.split()) > 1 else _reply(language, say(language, "away_how"))
        self._units.be_away(message.person, end - timedelta(days=1))
        return _reply(language, say(language, "away_until", day=day(end, language)))

    def back(self, message: Message, language: Language) -> Reply:
        """'olen paikalla'."""
        self._units.be_away(message.person, None)
        return _reply(language, say(language, "away_back"))

    def _offer(self, person: str, units: list[Unit], language: Language, above: Unit | None = None) -> Reply:
        buttons = [_button(unit.name, "open", unit.id, language) for unit in units[:_MOST_SHOWN]]
        if above:
            buttons.append(_button(say(language, "unit_this", name=above.name), "join", above.id, language))
        lines = [say(language, "unit_choose")]
        if own := self._units.of(person):
            lines.append(say(language, "unit_now", name=own.name))
            buttons.append(_button(say(language, "unit_leave"), "leave", "", language))
        return _reply(language, "\n\n".join(lines), Choice("", tuple(buttons)))

    def _joined(self, person: str, unit_id: str, language: Language) -> Reply:
        unit = self._units.get(unit_id)
        if unit is None or not self._units.join(person, unit.id):
            return Reply(language, say(language, "outdated_button"), kind="gone")
        return _reply(language, say(language, "unit_chosen", name=unit.name))


def _button(label: str, step: str, unit: str, language: Language) -> Button:
    return Button(label, Action(KIND, {"step": step, "unit": unit, "lang": language}))


def _reply(language: Language, text: str, *choices: Choice) -> Reply:
    return Reply(language, text, choices=choices, kind=KIND)
