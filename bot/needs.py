"""What staff lack: the questions of a month that no tip answered or helped with, grouped by meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from bot.breach import is_suspected
from bot.journal import Journal, Unhelped
from bot.protection import unmasked
from bot.wording import teachable
from scheduler.models import ZONE
from tips.answering import KnowledgeBase
from tips.grouping import grouped
from tips.models import LANGUAGES, Band, Language, language_in

_MOST_PHRASINGS, _LOOKED_AT = 8, 10


@dataclass(frozen=True, slots=True)
class Month:
    """A month as it is in Finland."""

    year: int
    month: int

    @classmethod
    def of(cls, now: datetime) -> Month:
        """The month of the moment."""
        local = now.astimezone(ZONE)
        return cls(local.year, local.month)

    @classmethod
    def named(cls, name: str) -> Month | None:
        """The month of a name such as '2027-01', None where it is none (never trust a button)."""
        try:
            day = date.fromisoformat(f"{name}-01")
        except ValueError:
            return None
        return cls(day.year, day.month)

    @property
    def name(self) -> str:
        """'2027-01'."""
        return f"{self.year}-{self.month:02}"

    @property
    def before(self) -> Month:
        """The month before."""
        day = date(self.year, self.month, 1) - timedelta(days=1)
        return Month(day.year, day.month)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From its first moment until that of the next."""
        start = date(self.year, self.month, 1)
        end = (start + timedelta(days=31)).replace(day=1)
        return tuple(datetime.combine(day, time(), ZONE) for day in (start, end))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Need:
    """What several people asked for in their own words, the most typical question first."""

    language: Language
    questions: tuple[Unhelped, ...]

    @property
    def count(self) -> int:
        """How many times it was asked."""
        return len(self.questions)

    @property
    def example(self) -> str:
        """The most typical question."""
        return self.questions[0].text

    def phrasings(self, base: KnowledgeBase) -> tuple[str, ...]:
        """The wordings with nothing of people in them, each once."""
        said = (teachable(question.text, self.language, base) for question in self.questions)
        return tuple(islice(dict.fromkeys(filter(None, said)), _MOST_PHRASINGS))


def needs_of(asked: list[Unhelped], base: KnowledgeBase, most: int = 20) -> list[Need]:
    """The needs of a month's questions, the largest first; those left out that a tip in force answers by now.

    It touches no database, and takes long where the questions are many.
    """
    found = [need for language in LANGUAGES for need in _in_language(asked, language, base)]
    found.sort(key=lambda need: (-need.count, min(question.id for question in need.questions)))
    looked_at = found[: _LOOKED_AT * most]  # to ask them all again would take long
    return [_fit_to_show(need, base) for need in islice((n for n in looked_at if not _answered(n, base)), most)]


def need_of(journal: Journal, base: KnowledgeBase, month: Month, question: int) -> Need | None:
    """The need to which the question belongs, None where it is no more among them."""
    asked = journal.unhelped(*month.span)
    language = next((_language(each) for each in asked if each.id == question), None)
    of_it = (need for need in _in_language(asked, language, base)) if language else ()
    return next((need for need in of_it if any(each.id == question for each in need.questions)), None)


def _in_language(asked: list[Unhelped], language: Language, base: KnowledgeBase) -> Iterator[Need]:
    # A suspected breach is the data protection officer's, and asks for more than a tip.
    mine = [each for each in asked if _language(each) == language and not is_suspected(each.text)]
    queries = {text: base.read(unmasked(text), language) for text in {question.text for question in mine}}
    telling = {text: query.telling_terms if query else {} for text, query in queries.items()}
    for places in grouped([telling[question.text] for question in mine]):
        yield Need(language, tuple(mine[place] for place in places))


def _fit_to_show(need: Need, base: KnowledgeBase) -> Need:
    """The same with wordings first that hold nothing of people."""
    shown = sorted(need.questions, key=lambda each: teachable(each.text, need.language, base) is None)
    return replace(need, questions=tuple(shown))


def _answered(need: Need, base: KnowledgeBase) -> bool:
    """Whether there is a tip by now for what there was none."""
    first = need.questions[0]
    return first.unanswered and base.answer(unmasked(first.text), need.language).band is Band.ANSWER


def _language(question: Unhelped) -> Language:
    return language_in(question.language) or LANGUAGES[0]
