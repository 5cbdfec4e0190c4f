"""`ask`: one question from the command line, or a file of them. Nothing is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

import click

from bot.answers import Shelf, answered
from bot.models import Reply
from commands.context import Context, database_option, language_choice
from commands.waiting import whole
from tips.errors import QuestionsError
from tips.models import Answer, Band, Language
from tips.questions import objects


@click.command()
@click.argument("question", required=False)
@click.option("--lang", "language", type=language_choice, help="The question's language; else it is detected.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@click.option("--explain", is_flag=True, help="Also why: terms, repairs, features, scores.")
@click.option("--jsonl", "file", help='A file of questions, {"q": …, "lang"?: …} a line, or - for standard input.')
@database_option
@click.pass_obj
def ask(
    context: Context, question: str | None, language: Language | None, as_json: bool, explain: bool, file: str | None
) -> None:
    """Ask the tips a question."""
    if (question is None) == (file is None):
        raise click.UsageError("give a question, or --jsonl FILE")
    text = question or ""
    with context.stores() as stores:
        library = stores.library
        # Whoever asks here waits until all of the ranking is ready.
        shelf = Shelf(library.put(whole(library, library.read())), stores.facts.values())
        library.remember()  # what the tips have taught of themselves; nothing of the question
        if file is not None:
            _ask_all(shelf, file, language)
            return
        answer = shelf.snapshot.base.answer(text, language, preferred=context.settings.language)
    if as_json:
        click.echo(_line(answer, text))
    else:
        click.echo(_shown(shelf, answer))
    if explain:
        click.echo("\n".join(["", *_explained(answer)]))


def _ask_all(shelf: Shelf, file: str, language: Language | None) -> None:
    try:
        with sys.stdin if file == "-" else Path(file).open(encoding="utf-8-sig") as lines:
            for _, data in objects(_utf8(lines), "standard input" if file == "-" else file):
                answer = shelf.snapshot.base.answer(data["q"], data.get("lang") or language)
                click.echo(_line(answer, data["q"]))
    except UnicodeDecodeError:
        raise QuestionsError(f"{file}: is not UTF-8 text") from None
    except OSError as error:
        raise QuestionsError(f"{file}: {error.strerror}") from None


def _utf8(lines: TextIO) -> Iterable[str]:
    if lines is sys.stdin and hasattr(lines, "reconfigure"):
        lines.reconfigure(encoding="utf-8-sig")
    return lines


def _line(answer: Answer, question: str) -> str:
    data: dict[str, Any] = {
        "q": question,
        "lang": answer.language,
        "band": answer.band.value,
        "confidence": round(answer.confidence, 4),
        "matches": [{"id": match.id, "score": round(match.score, 4)} for match in answer.matches],
    }
    line = json.dumps(data, ensure_ascii=False)
    # Half of an emoji is JSON, but no UTF-8, and an old console lacks more: it goes out escaped, not lost.
    return line if _encodable(line) else json.dumps(data)


def _encodable(line: str) -> bool:
    try:
        line.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(shelf: Shelf, answer: Answer) -> str:
    if answer.band is Band.CHAT:
        return shelf.say(answer.language, answer.small_talk)
    return "\n\n".join(_parts(answered(shelf, answer, None)))


def _parts(reply: Reply) -> Iterable[str]:
    if reply.text:
        yield reply.text
    if reply.tip:
        yield from filter(None, (reply.tip.title, reply.tip.body, reply.tip.link, reply.tip.details))
    for choice in reply.choices:
        yield "\n".join([choice.label, *(f"  - {button.label}" for button in choice.buttons)])


def _explained(answer: Answer) -> Iterable[str]:
    yield f"band {answer.band.value}, confidence {answer.confidence:.3f}"
    yield from answer.notes
    for match in answer.matches:
        sides = "  ".join(f"{name} {value:.2f}" for name, value in match.features.items())
        yield f"{match.score:6.3f}  {match.id:28} {sides}"
