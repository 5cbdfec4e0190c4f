"""The rules of questions to people, in the chat: IT sees them and chooses others."""

from __future__ import annotations

from collections.abc import Mapping

from bot.deskrules import CHOICES, NO, YES, RuleStore
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.people import IT, PeopleStore
from tips.models import Language

KIND = "rules"


class RuleBook:
    """The dialog."""

    def __init__(self, people: PeopleStore, rules: RuleStore) -> None:
        self._people, self._rules = people, rules

    def shown(self, message: Message, language: Language) -> Reply:
        """The rules as they are, each with a button."""
        return self._refusal(message, language) or self._list(language)

    def pressed(self, message: Message, values: Mapping[str, str], language: Language) -> Reply:
        """Offers what may be chosen, or takes the choice. Nothing that the button carries is trusted."""
        if refusal := self._refusal(message, language):
            return refusal
        name, value = values.get("rule", ""), values.get("value", "")
        if not name:
            return self._list(language)
        if name not in CHOICES or (value and not self._rules.choose(name, value)):
            return Reply(language, say(language, "outdated_button"), kind="gone")
        return self._list(language) if value else self._offered(name, language)

    def _refusal(self, message: Message, language: Language) -> Reply | None:
        if message.scope is not Scope.PERSONAL:
            return Reply(language, say(language, "privately"), kind="privately")
        if not self._people.person(message.person).has(IT):
            return Reply(language, say(language, "setup_not_it"), kind=KIND)
        return None

    def _list(self, language: Language) -> Reply:
        values = self._rules.values()
        lines = [
            say(language, "setup_value", name=say(language, f"rule_{name}"), value=_said(values[name], language))
            for name in CHOICES
        ]
        buttons = tuple(_button(say(language, f"rule_{name}"), name, "", language) for name in CHOICES)
        text = "\n".join([say(language, "rules_title"), "", *lines])
        return Reply(
            language, text, choices=(Choice(say(language, "rules_change"), buttons),), in_place=True, kind=KIND
        )

    def _offered(self, name: str, language: Language) -> Reply:
        ordered = sorted(CHOICES[name], key=lambda value: (not value.isdigit(), int(value) if value.isdigit() else 0))
        buttons = tuple(_button(_said(value, language), name, value, language) for value in ordered)
        now = say(language, "setup_now", value=_said(self._rules.values()[name], language))
        text = f"**{say(language, f'rule_{name}')}**\n\n{now}"
        return Reply(language, text, choices=(Choice("", buttons),), in_place=True, kind=KIND)


def rules_button(language: Language) -> Button:
    """A button that leads here."""
    return _button(say(language, "rules_open"), "", "", language)


def _said(value: str, language: Language) -> str:
    if value in (YES, NO):
        return say(language, "rules_yes" if value == YES else "rules_no")
    return say(language, "rules_hours", hours=value)


def _button(label: str, rule: str, value: str, language: Language) -> Button:
    return Button(label, Action(KIND, {"rule": rule, "value": value, "lang": language}))
