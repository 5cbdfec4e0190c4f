"""From an answer of the knowledge base to a reply that a person reads: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.messages import say
from bot.models import Action, Button, Choice, Reply, TipView
from tips.facts import filled
from tips.library import Snapshot
from tips.models import Answer, Band, Language, Tip
from tips.together import together

ALSO_SHOWN = 2  # other candidates beside an answer
SUGGESTED = 3
THEME_TIPS = 20  # buttons at most


@dataclass(frozen=True, slots=True)
class Shelf:
    """What replies are made from: the tips in force, the organisation's facts, and how authors wish to be shown."""

    snapshot: Snapshot
    facts: Mapping[str, str]
    authors: Mapping[str, str] = field(default_factory=dict)

    def tip(self, tip_id: str) -> Tip | None:
        """The tip in force under the id."""
        return self.snapshot.tips.get(tip_id)

    def say(self, language: Language, key: str, /, **values: object) -> str:
        """A message of the catalogue with the organisation's facts filled in."""
        support = filled("{it_support}", self.facts, language)
        return say(language, key, it_support=support, **values)

    def title(self, tip_id: str, language: Language) -> str:
        """The tip's title, as on its button."""
        tip = self.snapshot.tips[tip_id]
        shown = tip.language_for(language)
        return filled(tip.texts[shown].title, self.facts, shown)

    def body(self, tip_id: str, language: Language) -> str:
        """The tip's text, for looking at what it speaks of."""
        tip = self.snapshot.base.tips[tip_id]
        return tip.texts[tip.language_for(language)].body

    def view(self, tip: Tip, language: Language) -> TipView:
        """The tip as it is shown to a reader of the language."""
        shown = tip.language_for(language)
        text = tip.texts[shown]
        return TipView(
            id=tip.id,
            language=shown,
            title=filled(text.title, self.facts, shown),
            body=filled(text.body, self.facts, shown, markdown=True),
            details=self._details(tip, language),
            link=text.link,
            link_label=say(language, "read_more"),
            image=text.image.digest if text.image else "",
            image_alt=text.image.alt if text.image else "",
        )

    def _details(self, tip: Tip, language: Language) -> str:
        """The line of small print: theme, when it was reviewed, whose it is, and who wrote it."""
        theme = self.snapshot.themes.get(tip.theme)
        whose = self.facts.get("organisation") or say(language, "own_tip") if tip.own else say(language, "base_tip")
        if tip.reviewed:
            year, month = tip.reviewed.split("-")
            whose = f"{say(language, 'reviewed', month=int(month), year=year)}, {whose}"
        author = self.authors.get(tip.id, "") if tip.own else ""
        return " · ".join(filter(None, [theme.title(language) if theme else "", whose, author]))


def answered(shelf: Shelf, answer: Answer, question: int | None) -> Reply:
    """The reply to a question that is no small talk; `question` is its number in the journal, None if unstored."""
    ids = [match.id for match in answer.matches]
    if answer.band is Band.ANSWER:
        return shown_tip(shelf, ids[0], answer.language, question, also=ids[1 : 1 + ALSO_SHOWN], band=answer.band)
    language = answer.language
    if both := together(answer):
        return _shown_together(shelf, both, language, question)
    if answer.band is Band.SUGGEST:
        offered = tip_buttons(shelf, ids[:SUGGESTED], language, question)
        none = Button(say(language, "none_of_these"), Action("none", _origin(question, language)))
        choice = Choice(say(language, "choose"), (*offered, none))
        return Reply(language, say(language, "suggest"), choices=(choice,), band=answer.band, kind="suggest")
    nearest = tip_buttons(shelf, ids[:SUGGESTED], language, question)
    choices = (Choice(say(language, "nearest"), nearest),) if nearest else ()
    text = shelf.say(language, "hand_over")
    if question is not None:
        text += "\n\n" + say(language, "hand_over_stored")
    return Reply(language, text, choices=choices, band=answer.band, kind="hand_over")


def shown_tip(
    shelf: Shelf,
    tip_id: str,
    language: Language,
    question: int | None,
    also: Iterable[str] = (),
    band: Band | None = None,
) -> Reply:
    """A reply with the tip itself; asks whether it helped where a question led to it."""
    tip = shelf.tip(tip_id)
    if tip is None:
        return Reply(language, say(language, "gone"), kind="gone")
    choices = []
    if question is not None:
        choices.append(_feedback(tip_id, language, question))
    if others := tip_buttons(shelf, also, language, question):
        choices.append(Choice(say(language, "did_you_mean"), others))
    shown = tip.language_for(language)
    note = say(language, "other_language", language=say(language, f"in_{shown}")) if shown != language else ""
    return Reply(language, note, tip=shelf.view(tip, language), choices=tuple(choices), band=band, kind="tip")


def previewed(shelf: Shelf, tip: Tip, language: Language) -> Reply:
    """The reply with a tip that is not in force yet, as it would be shown in answer to a question."""
    return Reply(language, tip=shelf.view(tip, language), choices=(_feedback(tip.id, language, 0),), kind="tip")


def _shown_together(shelf: Shelf, both: tuple[str, str], language: Language, question: int | None) -> Reply:
    """Two tips, of which perhaps each tells a half; asks which of them helped."""
    first, second = (shelf.snapshot.base.tips[tip_id] for tip_id in both)
    shown = {tip.language_for(language) for tip in (first, second)} - {language}
    notes = [say(language, "other_language", language=say(language, f"in_{each}")) for each in sorted(shown)]
    text = "\n\n".join([say(language, "together"), *notes])
    choices = (_which_helped(shelf, both, language, question),) if question is not None else ()
    return Reply(
        language,
        text,
        tip=shelf.view(first, language),
        more=(shelf.view(second, language),),
        choices=choices,
        band=Band.SUGGEST,
        kind="tip",
    )


def _which_helped(shelf: Shelf, both: tuple[str, str], language: Language, question: int) -> Choice:
    def button(tip_id: str, helped: str, label: str) -> Button:
        return Button(label, Action("feedback", {"tip": tip_id, "helped": helped, **_origin(question, language)}))

    helped = [button(tip_id, "yes", shelf.title(tip_id, language)) for tip_id in both]
    neither = button(both[0], "no", say(language, "neither_helped"))
    return Choice(say(language, "which_helped"), (*helped, neither), once=True)


def tip_buttons(
    shelf: Shelf, ids: Iterable[str], language: Language, question: int | None = None
) -> tuple[Button, ...]:
    """A button for each tip."""
    origin = _origin(question, language)
    return tuple(Button(shelf.title(i, language), Action("tip", {"tip": i, **origin})) for i in ids)


def themes(shelf: Shelf, language: Language) -> Reply:
    """The themes as buttons, a choice for each series."""
    by_series: dict[str, list[Button]] = {}
    for theme in shelf.snapshot.themes.values():
        action = Action("theme", {"theme": theme.id, "lang": language})
        by_series.setdefault(theme.series or "digivinkki", []).append(Button(theme.title(language), action))
    choices = tuple(Choice(say(language, f"series_{series}"), tuple(buttons)) for series, buttons in by_series.items())
    return Reply(language, say(language, "themes"), choices=choices, kind="themes")


def theme_tips(shelf: Shelf, theme_id: str, language: Language) -> Reply:
    """The tips of a theme as buttons."""
    theme = shelf.snapshot.themes.get(theme_id)
    if theme is None:
        return Reply(language, say(language, "outdated_button"), kind="gone")
    ids = [tip.id for tip in shelf.snapshot.tips.values() if tip.theme == theme_id][:THEME_TIPS]
    label = say(language, "theme_tips", theme=theme.title(language))
    return Reply(language, choices=(Choice(label, tip_buttons(shelf, ids, language)),), kind="theme")


def _feedback(tip_id: str, language: Language, question: int) -> Choice:
    def button(helped: bool) -> Button:
        values = {"tip": tip_id, "helped": "yes" if helped else "no", **_origin(question, language)}
        return Button(say(language, "helped" if helped else "not_helped"), Action("feedback", values))

    return Choice(say(language, "did_it_help"), (button(True), button(False)), once=True)


def _origin(question: int | None, language: Language) -> dict[str, str]:
    return {"lang": language} if question is None else {"question": str(question), "lang": language}
