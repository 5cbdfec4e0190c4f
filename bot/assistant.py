"""The assistant: a Message in, a Reply out, the same for every channel. Knows no SDK and no clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot import admission, answers
from bot.admission import Admission
from bot.agenda import Agenda
from bot.answers import Shelf
from bot.calendarchat import ACTIONS as CALENDAR_ACTIONS
from bot.calendarchat import COMMANDS as CALENDAR_COMMANDS
from bot.calendarchat import CalendarChat
from bot.claims import code_in
from bot.colleagues import ACTIONS as PEOPLE
from bot.colleagues import Colleagues
from bot.commands import Command, Typed, command_in, nearly
from bot.deskchat import ACTIONS as DESK
from bot.deskchat import DeskChat
from bot.drafting import ACTIONS as DRAFTS
from bot.drafting import Drafting
from bot.following import Following
from bot.helpdesk import Helpdesk
from bot.learning import Learning
from bot.learningchat import ACTIONS as LEARNT
from bot.learningchat import LearningChat
from bot.messages import say
from bot.models import Action, Button, Choice, Message, Reply, Scope
from bot.mydata import MyData
from bot.needschat import ACTIONS as NEEDS
from bot.needschat import NeedsChat
from bot.people import COORDINATOR, IT, TENDS
from bot.posts import Material, material
from bot.protection import protected, unmasked
from bot.questions import ACTIONS as QUESTIONS
from bot.questions import Questions, examples
from bot.setup import KIND as SETUP
from bot.setup import Setup
from bot.sharing import ACTIONS as SHARES
from bot.sharing import Sharing
from bot.stores import Stores
from bot.studies import ACTIONS as STUDIES
from bot.studies import Studies
from bot.teaching import ACTIONS as TEACH
from bot.teaching import Teaching
from tips.database import explained
from tips.models import LANGUAGES, Band, Language, language_in
from tips.tokens import words


class Room(Protocol):
    """A part of the assistant with commands and buttons of its own."""

    def written(self, message: Message, preferred: Language, shelf: Shelf, now: datetime) -> Reply | None:
        """The reply to what is typed; None where it is for another."""

    def pressed(self, message: Message, action: Action, shelf: Shelf, language: Language, now: datetime) -> Reply:
        """What one of its buttons leads to."""


class Assistant:
    """Answers messages and presses. Synchronous: the caller decides in which thread. `language` is the default."""

    def __init__(
        self,
        stores: Stores,
        language: Language = "fi",
        organisation: str = "",
        subscribe: str = "anyone",
        address: str = "",
        support: str = "",
    ) -> None:
        self._stores = stores
        self.language, self._organisation = language, organisation
        self._setup = Setup(stores.people, stores.facts, stores.claims)
        self._studies = Studies(stores)
        self._colleagues = Colleagues(stores)
        self.helpdesk = Helpdesk(stores, self.shelf, language, support)
        self._desk = DeskChat(stores, self.helpdesk)
        self.drafting = Drafting(stores, self.shelf)
        self.learning, self._following = Learning(stores), Following(stores)
        self._questions = Questions(stores, self._following, self.learning)
        self.needs = NeedsChat(stores, self.drafting, self.shelf)
        self._calendar = CalendarChat(stores, self.material, subscribe)
        self._rooms: tuple[tuple[Collection[str], Room], ...] = (
            (CALENDAR_ACTIONS, self._calendar),
            (PEOPLE, self._colleagues),
            (DESK, self._desk),
            (SHARES, Sharing(stores, self._calendar.agenda, self.material)),
            (DRAFTS, self.drafting),
            (STUDIES, self._studies),
            (LEARNT, LearningChat(stores, self.learning)),
            (NEEDS, self.needs),
            (TEACH, Teaching(stores, self.learning)),
        )
        self._my_data = MyData(stores)
        self._admission = Admission(stores, address)

    @property
    def agenda(self) -> Agenda:
        """What is coming at a destination."""
        return self._calendar.agenda

    def material(self, now: datetime) -> Material:
        """What posts are written from at a moment: the tips of then, not of when the search was built."""
        shelf = replace(self.shelf(), snapshot=self._stores.library.newest())
        return material(self._stores, shelf, now, self._stores.sessions.in_force().sessions)

    def respond(self, message: Message, now: datetime) -> Reply:
        """The reply to a message or a press. Raises DatabaseError where it needs the database and cannot use it."""
        with explained(self._stores.path):
            preferred = self._preferred(message)
            reply = (
                self._pressed(message, message.action, preferred, now)
                if message.action
                else self._written(message, preferred, now)
            )
        self._following.said(message, reply, now)
        return replace(reply, in_thread=message.scope is Scope.CHANNEL)

    def welcome(self, scope: Scope, language: Language | None = None) -> Reply:
        """What is said when the bot is added: what it does, what is stored, who sees it, three examples."""
        language = language or self.language
        note = "welcome_personal" if scope is Scope.PERSONAL else "welcome_shared"
        text = f"{say(language, 'welcome')}\n\n{say(language, note)}"
        return Reply(language, text, choices=(examples(self.shelf(), language),), kind="welcome")

    def sorry(self, language: Language | None = None) -> Reply:
        """What is said where an answer could not be made. Needs no database: that may be why."""
        language = language or self.language
        return Reply(language, say(language, "sorry_failed"), kind="failed")

    def asked(self, text: str, language: Language, channel: str, now: datetime) -> Reply:
        """The reply to a question, whoever asks: no commands, no dialogs, nobody's data. Raises DatabaseError."""
        with explained(self._stores.path):
            return self._questions.written(Message(text, "", channel), language, self.shelf(), now)

    def found(self, text: str, language: Language, most: int) -> list[Reply]:
        """The tips that are found for a text, best first, as they are ranked for an answer. Nothing is stored."""
        shelf = self.shelf()
        matches = shelf.snapshot.base.answer(unmasked(protected(text).text), preferred=language).matches
        return [answers.shown_tip(shelf, match.id, language, None) for match in matches[:most]]

    def search(self, text: str, language: Language, most: int = 8) -> list[Reply]:
        """The best tips for a text, without buttons, for putting into a message. Nothing is stored."""
        shelf = self.shelf()
        answer = shelf.snapshot.base.answer(protected(text).text, preferred=language)
        ids = [match.id for match in answer.matches] or list(shelf.snapshot.base.tips)
        return [answers.shown_tip(shelf, tip_id, answer.language, None) for tip_id in ids[:most]]

    def _preferred(self, message: Message) -> Language:
        chosen = self._stores.people.person(message.person).language
        return chosen or message.locale or self.language

    def _written(self, message: Message, preferred: Language, now: datetime) -> Reply:
        command = command_in(message.text, preferred)
        if reply := self._claimed_or_cancelled(message, command, preferred, now):
            return reply
        shelf = self.shelf()
        for _, room in self._rooms:
            if reply := room.written(message, preferred, shelf, now):
                return reply
        if command and command.name != "cancel":
            self._stores.people.close_dialog(message.person)
            return self._commanded(message, command, shelf, now)
        dialog = self._stores.people.dialog(message.person) if message.scope is Scope.PERSONAL else None
        # A question in the middle of the first run is answered; the dialog waits.
        asks = message.text.rstrip().endswith("?")
        if dialog and dialog.kind == SETUP and not asks and self._stores.people.person(message.person).role == IT:
            return self._setup.told(message, dialog, dialog.language(preferred), now)
        if (near := nearly(message.text, preferred)) and self._is_no_word(message.text, shelf, preferred):
            return _did_you_mean(near, message.text)
        return self._questions.written(message, preferred, shelf, now)

    def _claimed_or_cancelled(
        self, message: Message, command: Command | None, preferred: Language, now: datetime
    ) -> Reply | None:
        """What goes before all that waits for an answer."""
        if self._stores.claims.is_open() and (code := code_in(message.text)):
            return self._setup.claim(message, code, preferred, now)
        if command and command.name == "cancel" and message.scope is Scope.PERSONAL:
            return self._cancelled(message.person, command.language)
        return None

    def _cancelled(self, person: str, language: Language) -> Reply:
        """'Peruuta': no answer to anything that waits for one, and no question."""
        dialog = self._stores.people.dialog(person)
        if dialog and dialog.kind == SETUP:
            return self._setup.postponed(person, language)
        self._stores.people.close_dialog(person)
        return Reply(language, say(language, "cancelled" if dialog else "cancel_nothing"), kind="cancel")

    def _is_no_word(self, text: str, shelf: Shelf, preferred: Language) -> bool:
        """Whether it may be mistyped: no small talk, and no single word that tips hold."""
        base, said = shelf.snapshot.base, words(text)
        known = len(said) == 1 and any(base.holds(said[0], language) for language in LANGUAGES)
        return not known and base.answer(text, preferred=preferred).band is not Band.CHAT

    def _commanded(self, message: Message, command: Command, shelf: Shelf, now: datetime) -> Reply:
        language = command.language
        private: dict[str, Callable[[], Reply]] = {
            "my_data": lambda: self._my_data.shown(message.person, language, now),
            "delete_data": lambda: self._my_data.asked_to_delete(message.person, language),
            "settings": lambda: self._setup.overview(message.person, language),
            **dict.fromkeys(admission.COMMANDS, lambda: self._admission.commanded(command, message, now)),
        }
        if command.name in private:
            if message.scope is not Scope.PERSONAL:
                return Reply(language, say(language, "privately"), kind="privately")
            return private[command.name]()
        if command.name in CALENDAR_COMMANDS:
            return self._calendar.commanded(command, message, shelf, now)
        if command.name in ("themes", "language"):
            return _languages(language) if command.name == "language" else answers.themes(shelf, language)
        if command.name.startswith("speak_"):
            return self._chose_language(message.person, command.name.removeprefix("speak_"), language, now)
        return self._help(message, shelf, language)

    def _help(self, message: Message, shelf: Shelf, language: Language) -> Reply:
        person = self._stores.people.person(message.person)
        parts = [shelf.say(language, "help")]
        if message.scope is Scope.PERSONAL:
            if person.has(IT):
                parts.append(say(language, "help_it"))
            elif person.has(COORDINATOR):
                parts.append(say(language, "help_coordinator"))
            if person.has(*TENDS):
                parts.append(say(language, "help_tutor"))
        text = "\n\n".join(parts)
        return Reply(language, text, choices=(examples(shelf, language),), kind="help")

    def _pressed(self, message: Message, action: Action, preferred: Language, now: datetime) -> Reply:
        language, shelf = language_in(action.values.get("lang")) or preferred, self.shelf()
        private: dict[str, Callable[[], Reply]] = {
            "setup": lambda: self._setup.press(message.person, action.values, language, now),
            "delete": lambda: self._my_data.press(message.person, action.values.get("answer", ""), language, now),
        }
        if action.name in private:
            if message.scope is not Scope.PERSONAL:
                return Reply(language, say(language, "privately"), kind="privately")
            return private[action.name]()
        for names, room in (*self._rooms, (QUESTIONS, self._questions)):
            if action.name in names:
                return room.pressed(message, action, shelf, language, now)
        public: dict[str, Callable[[], Reply]] = {
            "theme": lambda: answers.theme_tips(shelf, action.values.get("theme", ""), language),
            "language": lambda: self._chose_language(message.person, action.values.get("to", ""), language, now),
            "type": lambda: self._written(_typed(message, action), language, now),
        }
        press = public.get(action.name)
        return press() if press else Reply(language, say(language, "outdated_button"), kind="gone")

    def _chose_language(self, person: str, to: str, language: Language, now: datetime) -> Reply:
        if to not in LANGUAGES:
            return Reply(language, say(language, "unknown_language"), kind="language")
        self._stores.people.choose_language(person, to, now)
        return Reply(to, say(to, "language_chosen"), kind="language")

    def shelf(self) -> Shelf:
        """The tips in force and the organisation's facts."""
        named = {"organisation": self._organisation} if self._organisation else {}
        return Shelf(self._stores.library.snapshot, named | self._stores.facts.values(), self._stores.authors.shown())


def _did_you_mean(near: Typed, text: str) -> Reply:
    """'tila vinkit': the command that was mistyped, perhaps; else the words are searched for after all."""
    language = near.language
    run = Button(near.phrase, Action("type", {"text": near.phrase, "lang": language}))
    search = Button(say(language, "command_search"), Action("ask", {"text": text, "lang": language}))
    return Reply(language, say(language, "command_near"), choices=(Choice("", (run, search)),), kind="command_near")


def _typed(message: Message, action: Action) -> Message:
    """The message as if the words on the button had been typed; they may do no more than that."""
    return replace(message, text=action.values.get("text", ""), action=None)


def _languages(language: Language) -> Reply:
    buttons = tuple(
        Button(say(to, "language_name"), Action("language", {"to": to, "lang": language})) for to in LANGUAGES
    )
    return Reply(language, say(language, "choose_language"), choices=(Choice("", buttons),), kind="language")
