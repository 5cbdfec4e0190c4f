"""Guides and hosts' sheets in the chat: a page of whole sections at a time, with the tips that they point to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.answers import Shelf, tip_buttons
from bot.messages import say
from bot.models import Action, Button, Choice, Reply, Scope
from bot.naming import meant
from bot.progress import OWN
from bot.sessions import opening
from bot.texts import paragraphs
from tips.facts import filled
from tips.fields import number_in
from tips.guides import Guide
from tips.models import Language
from tips.programme import Programme
from tips.sessions import Session

KIND, HOST = "guide", "host"
_PAGE = 1_200  # characters, some screenfuls of a phone
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_TIP = re.compile(r"(:?)[ \t]*\[[^\]\n]*\]\(tip:([\w-]+)\)")


class Guides:
    """Shows guides, and what a session's host does minute by minute."""

    def __init__(self, programme: Callable[[], Programme]) -> None:
        self._programme = programme

    def named(self, text: str) -> list[str]:
        """The guides that the text names by their titles."""
        guides = self._programme().guides.values()
        return meant(text, {guide.id: [guide.id, *(one.title for one in guide.texts.values())] for guide in guides})

    def asked(self, guides: list[str], shelf: Shelf, language: Language) -> Reply:
        """The guide; where it is not one, buttons of those that are meant or of all."""
        if len(guides) == 1:
            return self._page(self._programme().guides[guides[0]], 0, shelf, language)
        every = self._programme().guides
        chosen = [every[guide] for guide in guides or every]
        buttons = tuple(self._button(guide, 0, guide.text(language)[1].title, language) for guide in chosen)
        return Reply(language, say(language, "guides_choose"), choices=(Choice("", buttons),), kind=KIND)

    def press(self, values: Mapping[str, str], shelf: Shelf, language: Language) -> Reply:
        """A guide's page."""
        guide, page = self._programme().guides.get(values.get("guide", "")), number_in(values.get("page", ""), 3)
        if guide is None or page is None:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        return self._page(guide, page, shelf, language)

    def host(self, themes: list[str], scope: Scope, shelf: Shelf, language: Language) -> Reply:
        """What the host of the theme's session does; where no one theme is meant, buttons."""
        if len(themes) == 1:
            return _sheet(self._programme().sessions[themes[0]], scope, shelf, language)
        sessions = self._programme().sessions
        offered = [theme for theme in shelf.snapshot.themes.values() if theme.id in (themes or sessions)]
        buttons = tuple(
            Button(theme.title(language), Action(HOST, {"theme": theme.id, "lang": language})) for theme in offered
        )
        return Reply(language, say(language, "host_choose"), choices=(Choice("", buttons),), kind=HOST)

    def press_host(self, values: Mapping[str, str], scope: Scope, shelf: Shelf, language: Language) -> Reply:
        """The sheet of the theme that was chosen."""
        theme = values.get("theme", "")
        if theme not in self._programme().sessions:
            return Reply(language, say(language, "outdated_button"), kind="gone")
        return self.host([theme], scope, shelf, language)

    def _page(self, guide: Guide, number: int, shelf: Shelf, language: Language) -> Reply:
        shown, text = guide.text(language)
        pages = _pages(text.body)
        number = min(number, len(pages) - 1)
        ids = [tip for _, tip in _TIP.findall(pages[number]) if shelf.tip(tip)]
        body = filled(_readable(pages[number], shelf, shown), shelf.facts, shown, markdown=True)
        place = f" · {number + 1}/{len(pages)}" if len(pages) > 1 else ""
        buttons = tip_buttons(shelf, dict.fromkeys(ids), language)
        choices = [Choice(say(language, "guide_tips"), buttons)] if buttons else []
        if number + 1 < len(pages):
            more = self._button(guide, number + 1, say(language, "guide_more"), language)
            choices.append(Choice("", (more,)))
        return Reply(language, f"**{text.title}**{place}\n\n{body}", choices=tuple(choices), kind=KIND)

    @staticmethod
    def _button(guide: Guide, page: int, label: str, language: Language) -> Button:
        return Button(label, Action(KIND, {"guide": guide.id, "page": str(page), "lang": language}))


def _sheet(session: Session, scope: Scope, shelf: Shelf, language: Language) -> Reply:
    shown, text = session.text(language)
    lines, minute = [], 0
    for step in text.host:
        lines.append(f"- **{minute}–{minute + step.minutes} min** {step.do}")
        minute += step.minutes
    said = say(
        language,
        "host_sheet",
        title=text.title,
        minutes="\n".join(lines),
        current=text.current,
        closing=text.closing,
    )
    dialog = scope is not Scope.PERSONAL
    read = opening(session.id, OWN, say(language, "host_read"), language, dialog=dialog)
    body = filled(said, shelf.facts, shown, markdown=True)
    return Reply(language, body, choices=(Choice("", (read,)),), kind=HOST)


def _pages(body: str) -> list[str]:
    """The sections of the text, as many on a page as there is room for; a longer one is split by its paragraphs."""
    pages = [""]
    for section in re.split(r"\n(?=## )", body.strip()):
        parts = [section] if len(section) <= _PAGE else paragraphs(section)
        for part in parts:
            joined = f"{pages[-1]}\n\n{part.strip()}".strip()
            if len(joined) <= _PAGE or not pages[-1]:
                pages[-1] = joined
            else:
                pages.append(part.strip())
    return pages


def _readable(text: str, shelf: Shelf, language: Language) -> str:
    """The Markdown with headings as bold lines, which every platform shows, and links to tips as their titles."""

    def titled(found: re.Match[str]) -> str:
        return f"{found[1]} *{shelf.title(found[2], language)}*" if shelf.tip(found[2]) else ""

    return _TIP.sub(titled, _HEADING.sub(r"**\1**", text))
