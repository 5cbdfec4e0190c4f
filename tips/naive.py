"""The search that anybody gets from SQLite in ten lines: FTS5 as it comes. The baseline of `measure`."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database

from tips.models import Language, Tip
from tips.tokens import words


class NaiveSearch:
    """unicode61, the question's words joined by OR, bm25 as it comes; title, body and phrasings in one table."""

    def __init__(self, tips: Iterable[Tip]) -> None:
        self._db = Database(memory=True)
        columns = {"tip": str, "language": str, "title": str, "body": str, "phrasings": str}
        self._db.table("tips").create(columns)
        self._db.table("tips").insert_all(
            {
                "tip": tip.id,
                "language": lang,
                "title": text.title,
                "body": text.body,
                "phrasings": "\n".join(text.phrasings),
            }
            for tip in tips
            for lang, text in tip.texts.items()
        )
        self._db.table("tips").enable_fts(["title", "body", "phrasings"])

    def search(self, question: str, language: Language, most: int = 3) -> list[str]:
        """The ids of the best tips, best first."""
        terms = " OR ".join(f'"{word}"' for word in words(question))
        if not terms:
            return []
        sql = """
            select tips.tip from tips_fts join tips on tips.rowid = tips_fts.rowid
            where tips_fts match ? and language = ? order by bm25(tips_fts) limit ?
        """
        return [row[0] for row in self._db.execute(sql, [terms, language, most])]
