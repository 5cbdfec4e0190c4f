"""What posts say: a planned delivery in the destination's languages (`scheduler.posting.Composer`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.answers import Shelf
from bot.dates import capital, until, when
from bot.messages import say
from bot.people import ROLES
from bot.sessions import count_line, opening
from bot.shares import ITSELF
from bot.stores import Stores
from scheduler.models import SESSIONS, Entry, Kind, Planned
from scheduler.parts import FOLLOW_UP, POST, has_host
from scheduler.posting import Post, PostButton, Section
from scheduler.profiles import is_quiet
from scheduler.recurrence import moment, occurrences
from tips.errors import DigivinkkiError
from tips.facts import filled
from tips.models import Language
from tips.sessions import Session

_FURTHEST = timedelta(days=40)  # that an occurrence is moved from its nominal date
_MINUTES = 15  # of a session that does not say
SUPERVISORS = "supervisors"  # who do tasks of the ready year, and are no role


class UnwritableError(DigivinkkiError):
    """There is nothing to write a post from: its tip was removed meanwhile."""


@dataclass(frozen=True, slots=True)
class Material:
    """What posts are written from. `now` is when they go out, `finished` how many have gone through a run, `topical` a
    line of IT's for an occurrence's slot for what is new, '' for none, `host` the name of who holds it."""

    shelf: Shelf
    sessions: Mapping[str, Session]
    now: datetime
    finished: Callable[[str], int]
    topical: Callable[[Planned], str]
    host: Callable[[str], str] = str


def material(stores: Stores, shelf: Shelf, now: datetime, sessions: Mapping[str, Session]) -> Material:
    """What there is to write from in the stores."""

    def topical(planned: Planned) -> str:
        return stores.topical.get(planned.key.entry, planned.key.nominal)

    return Material(shelf, sessions, now, stores.progress.finished, topical, stores.people.called)


class Posts:
    """Writes posts, of what there is to write from at a moment. Called in the thread that owns the database."""

    def __init__(self, material: Callable[[datetime], Material], now: Callable[[], datetime]) -> None:
        self._material, self._now = material, now

    def compose(self, planned: Planned) -> Post:
        """The post of a delivery. Raises UnwritableError."""
        return written(planned, self._material(self._now()))


def written(planned: Planned, material: Material) -> Post:
    """The post: a section for each language of the destination that there is a text in, and buttons."""
    sections: dict[Language, Section] = {}
    for language in planned.destination.languages:
        section = _section(planned, material, language)
        sections.setdefault(section.language, section)
    return Post(planned.key, planned.destination, tuple(sections.values()), _buttons(planned, material, list(sections)))


def markdown(post: Post) -> str:
    """The post as one text, to look at before it goes out: its languages one after another with a line between."""
    return "\n\n---\n\n".join(_whole(section) for section in post.sections)


def begins(planned: Planned) -> datetime:
    """When what the delivery tells of begins: its own moment is that of a reminder or a follow-up."""
    entry, nominal, place = planned.entry, planned.key.nominal, planned.destination
    # As it is planned: a task and a day that heads a tip mind nobody's quiet period.
    minds = entry.kind is not Kind.TASK and not entry.joins_tip
    near = occurrences(entry, nominal - _FURTHEST, nominal + _FURTHEST, lambda day: minds and is_quiet(place, day))
    found = next((occurrence.at for occurrence in near if occurrence.nominal == nominal), None)
    if found is None:
        return planned.at
    own_pace = entry.kind in SESSIONS and not has_host(entry)
    return moment(found.date(), place.time) if own_pace and place.time else found


def recording_of(planned: Planned) -> str:
    """The address of the recording of that occurrence, '' for none."""
    return planned.entry.recordings.get(planned.key.nominal) or planned.entry.recording_link


def _section(planned: Planned, material: Material, language: Language) -> Section:
    if planned.kind is Kind.WEEKLY_TIP:
        return _tip(planned, material, language, say(language, "post_weekly_tip"))
    if planned.entry.id.startswith(ITSELF):
        return _shared(planned, material, language)
    shown = language if language in planned.entry.titles else next(iter(planned.entry.titles), language)
    if planned.key.part == FOLLOW_UP:
        return _follow_up(planned, material, shown)
    if planned.kind in SESSIONS and not has_host(planned.entry):
        return _own_pace(planned, material, shown)
    if planned.kind in SESSIONS or planned.kind is Kind.MEETING:
        return _hosted(planned, material, shown)
    return _told(planned, material, shown)


def _tip(planned: Planned, material: Material, language: Language, what: str) -> Section:
    """A tip under what it is: the week's, or one that was shared."""
    tip = material.shelf.tip(planned.tip)
    if tip is None:
        raise UnwritableError(f"the tip {planned.tip} is not there any more")
    view, day = material.shelf.view(tip, language), planned.heading
    note = "" if view.language == language else say(language, "other_language", language=_in(language, view.language))
    title = f"{day.title(language)}: {view.title}" if day else view.title
    body = _paragraphs(note, _text(day, material, language) if day else "", view.body)
    details = f"{what} · {view.details}"
    return Section(view.language, title, body, details, view.link, view.link_label if view.link else "")


def _shared(planned: Planned, material: Material, language: Language) -> Section:
    """What somebody shares: a tip, or their own words in the language in which they stand."""
    entry = planned.entry
    who = say(language, "post_shared_by", name=entry.host) if entry.host else say(language, "post_shared")
    if planned.tip:
        return _tip(planned, material, language, who)
    shown = language if language in entry.titles else next(iter(entry.titles), language)
    return Section(shown, entry.title(shown), _text(entry, material, shown), who)


def _own_pace(planned: Planned, material: Material, language: Language) -> Section:
    """A session that everybody goes through when it suits them: the post itself, or that it comes."""
    entry, minutes = planned.entry, _minutes(planned.entry, material)
    if planned.key.part == POST:
        line = say(language, "post_own_pace", minutes=minutes)
        count = count_line(material.finished(planned.key.text()), language)
    else:
        coming = until(begins(planned), material.now, language)
        line, count = say(language, "post_own_pace_coming", when=coming, minutes=minutes), ""
    body = _paragraphs(_about(entry, material, language), _topical(planned, material, language), line, count)
    return Section(language, entry.title(language), body)


def _hosted(planned: Planned, material: Material, language: Language) -> Section:
    """An invitation to a session or a meeting; nearer the time it says how near."""
    entry = planned.entry
    name = material.host(entry.host)
    host = say(language, "post_host", host=name) if name else ""
    lines = "  \n".join(filter(None, [_when(planned, material, language), host]))
    body = _paragraphs(_about(entry, material, language), _topical(planned, material, language), lines)
    label = say(language, "post_join") if entry.meeting_link else ""
    return Section(language, entry.title(language), body, link=entry.meeting_link, link_label=label)


def _when(planned: Planned, material: Material, language: Language) -> str:
    entry, at = planned.entry, begins(planned)
    full, near = when(at, language), until(at, material.now, language)
    if planned.key.part == POST:
        near = say(language, "post_begins") if at <= material.now < at + timedelta(minutes=entry.minutes) else full
    minutes = f" ({entry.minutes} min)" if entry.minutes else ""
    line = say(language, "post_at", when=capital(near))
    # The message stands when 'tomorrow' is over.
    return f"{line}{minutes}" if near == full else f"{line} · {full}{minutes}"


def _follow_up(planned: Planned, material: Material, language: Language) -> Section:
    entry, session, link = planned.entry, material.sessions.get(planned.entry.theme), recording_of(planned)
    shown, text = session.text(language) if session else (language, None)
    points = (
        "\n".join(f"{number}. {' '.join(point.split())}" for number, point in enumerate(text.points, 1)) if text else ""
    )
    body = _paragraphs(
        say(language, "post_follow_up_points") if points else "",
        filled(points, material.shelf.facts, shown, markdown=True),
        say(language, "post_follow_up_missed") if link else "",
    )
    label = say(language, "post_recording") if link else ""
    title = say(language, "post_follow_up", title=entry.title(language))
    return Section(language, title, body, link=link, link_label=label)


def _told(planned: Planned, material: Material, language: Language) -> Section:
    """A reminder in the organisation's words, or a task for its owner."""
    entry, ahead = planned.entry, planned.key.part != POST
    time = until(begins(planned), material.now, language) if ahead else ""
    line = say(language, "post_at", when=capital(time)) if ahead else ""
    if planned.kind is Kind.TASK:
        title = say(language, "post_task", title=entry.title(language))
        return Section(language, title, _paragraphs(line, _text(entry, material, language), _whose(entry, language)))
    return Section(language, entry.title(language), _paragraphs(line, _text(entry, material, language)))


def _whose(entry: Entry, language: Language) -> str:
    """Whose task it is. What is neither a role's nor of a person known here comes to who can pass it on."""
    if not entry.owner or ":" in entry.owner or entry.owner in ROLES:
        return say(language, "post_task_yours")
    owner = say(language, "supervisors") if entry.owner == SUPERVISORS else entry.owner
    return say(language, "post_task_others", owner=owner)


def _buttons(planned: Planned, material: Material, languages: list[Language]) -> tuple[PostButton, ...]:
    first, theme = languages[0], planned.entry.theme
    if planned.tip:
        tip = material.shelf.tip(planned.tip)
        values = {"theme": tip.theme if tip else "", "lang": first}
        return (PostButton(_label(say(language, "post_ask_more") for language in languages), "ask_more", values),)
    goes_alone = planned.kind in SESSIONS and not has_host(planned.entry) and planned.key.part == POST
    if not goes_alone or theme not in material.sessions:
        return ()
    label = _label(say(language, "post_begin") for language in languages)
    action = opening(theme, planned.key.text(), label, first).action
    return (PostButton(label, action.name, action.values),)


def _about(entry: Entry, material: Material, language: Language) -> str:
    """What a session is about, in the calendar's words, else in the invitation of its pack."""
    if text := _text(entry, material, language):
        return text
    session = material.sessions.get(entry.theme)
    if session is None:
        return ""
    shown, written_ = session.text(language)
    return filled(written_.invitation, material.shelf.facts, shown, markdown=True)


def _topical(planned: Planned, material: Material, language: Language) -> str:
    text = material.topical(planned)
    return say(language, "post_current", text=text) if text else ""


def _minutes(entry: Entry, material: Material) -> int:
    session = material.sessions.get(entry.theme)
    return entry.minutes or (session.minutes if session else _MINUTES)


def _text(entry: Entry, material: Material, language: Language) -> str:
    """The entry's text in the language, else in any that it has."""
    shown = language if language in entry.texts else next(iter(entry.texts), language)
    return filled(entry.texts.get(shown, ""), material.shelf.facts, shown, markdown=True)


def _in(language: Language, named: Language) -> str:
    return say(language, f"in_{named}")


def _label(labels: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(labels))


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())


def _whole(section: Section) -> str:
    link = f"[{section.link_label}]({section.link})" if section.link else ""
    return _paragraphs(f"**{section.title}**", section.body, link, section.details)
