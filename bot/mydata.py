"""'Näytä tietoni' and 'poista tietoni': a person's own data, for that person only."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.approving import WAITS
from bot.deskbook import forget
from bot.messages import say
from bot.models import Action, Button, Choice, Reply
from bot.people import IT
from bot.rolenames import named
from bot.stores import Stores
from tips.database import writing
from tips.models import Language


class MyData:
    """Shows and erases what is kept of a person."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._people, self._journal, self._conversations = stores.people, stores.journal, stores.conversations
        self._units, self._outbox, self._handovers = stores.units, stores.outbox, stores.handovers
        self._drafts, self._lately = stores.drafts, stores.lately
        self._authors, self._shares, self._lessons = stores.authors, stores.shares, stores.lessons
        self._signins, self._audit, self._uploads = stores.signins, stores.audit, stores.uploads
        self._tallies = stores.tallies
        self._progress, self._destinations, self._deliveries = stores.progress, stores.destinations, stores.deliveries

    def shown(self, person_id: str, language: Language, now: datetime) -> Reply:
        """All that is kept under the person's id or this year's hash."""
        person = self._people.person(person_id)
        hashed, unit = self._people.hashed(person_id, now), self._units.of(person_id)
        text = say(
            language,
            "my_data",
            language=say(person.language, "language_name") if person.language else say(language, "not_chosen"),
            role=", ".join(named(role, language) for role in person.roles) or say(language, "role_none"),
            asked=len(self._handovers.of_asker(person_id)),
            unit=unit.name if unit else say(language, "not_chosen"),
            drafts=len(self._drafts.of(person_id)),
            written=len(self._authors.of(person_id)),
            shared=len(self._shares.since(person_id, datetime.min.replace(tzinfo=UTC))),
            feedback=say(language, "feedback_count", count=self._journal.feedback_count(hashed)),
            learnt=self._lessons.known(hashed),
            sessions=say(language, "session_kept", count=self._progress.known(hashed)),
            conversation=say(language, "yes" if self._conversations.known(person_id) else "no"),
            subscription=say(language, "yes" if self._destinations.known(person_id) else "no"),
            signins=say(language, "yes" if self._on_pages(person_id) else "no"),
            since=_day(person.since) or "–",
            counted=say(language, "yes" if self._tallies.known(hashed) else "no"),
            lately=say(language, "yes" if self._lately.known(hashed) else "no"),
            dialog=say(language, "yes" if self._people.dialog(person_id) else "no"),
        )
        return Reply(language, text, choices=(Choice("", (_button(language, "ask"),)),), kind="my_data")

    def _on_pages(self, person_id: str) -> bool:
        return self._signins.known(person_id) or self._audit.known(person_id)

    def asked_to_delete(self, person_id: str, language: Language) -> Reply:
        """Asks once more: a role is lost too."""
        text = say(language, "delete_data")
        if self._people.person(person_id).role == IT:
            text += " " + say(language, "delete_data_it")
        choice = Choice("", (_button(language, "yes"), _button(language, "no")), once=True)
        return Reply(language, text, choices=(choice,), kind="delete_data")

    def press(self, person_id: str, answer: str, language: Language, now: datetime) -> Reply:
        """Erases, or not, or asks first."""
        if answer == "ask":
            return self.asked_to_delete(person_id, language)
        if answer != "yes":
            return Reply(language, say(language, "data_kept"), kind="delete_data")
        hashed = self._people.hashed(person_id, now)
        with writing(self._stores.database):  # all of it, whatever happens meanwhile
            self._journal.erase_feedback(hashed)
            self._lessons.erase(hashed)
            self._progress.erase(hashed)
            self._lately.erase(hashed)
            self._tallies.erase(hashed)
            for destination in self._destinations.erase(person_id):
                self._deliveries.erase(destination)
            self._people.erase(person_id)
            self._conversations.erase(person_id)
            self._units.erase(person_id)
            self._outbox.erase(person_id)
            forget(self._stores, person_id, now)
            for draft in self._drafts.erase(person_id):
                self._outbox.again(WAITS, str(draft), now)
            self._authors.erase(person_id)
            self._shares.erase(person_id)
            self._signins.erase(person_id)
            self._audit.erase(person_id)
            self._uploads.forget(person_id)
        return Reply(language, say(language, "data_deleted"), kind="delete_data")


def _day(stamped: str) -> str:
    """The day of a stored moment as people write it here, '' for none."""
    return datetime.fromisoformat(stamped).strftime("%-d.%-m.%Y") if stamped else ""


def _button(language: Language, answer: str) -> Button:
    label = say(language, "delete_no" if answer == "no" else "delete_yes")
    return Button(label, Action("delete", {"answer": answer, "lang": language}))
