"""The light ranking of one language's tips: words and runs of letters, in what people ask and in the whole tip.

Each tip is seen from four sides for a query; every side is BM25 as a share of what the query could reach (see
`bm25`), so it lies within 0..1 and one set of weights serves knowledge bases of any size:

    asked           all words, function words too, in the title and the phrasings together
    asked_letters   runs of four letters in the same, also across words; forgives inflection and typing
    whole           the words that tell, in title, phrasings and body together
    whole_letters   runs of four letters in the same

The score is their mean. Where a tip has no phrasings, its title stands for them. A learnt phrasing that is much like
the query raises all sides of its tip (see `heard`). Nothing here is stored: the index is rebuilt when tips change.

Measured on 648 development questions (recall@1, halves by tip): the mean .87; weights fitted on the other half .87;
the older six sides (title, body and phrasings apart, the nearest single phrasing, three letters, cover) .77, and .82
with the nearest phrasing left out. A ridge classifier of phrasings .83 alone and nothing on top. Phrasings are short
and each says another thing: together they describe the need better than the nearest one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from tips.analysis import analyser
from tips.bm25 import Bm25, Floats, Postings
from tips.heard import Heard, Phrasing
from tips.lexicon import lexicon
from tips.models import Language, Text, Tip
from tips.query import Query, parse
from tips.reading import Reader, runs
from tips.repair import Repairer
from tips.tokens import all_words

FEATURES = ("asked", "asked_letters", "whole", "whole_letters")


class Ranker:
    """The tips of one language, ready to be searched. Immutable, so any thread may use it."""

    def __init__(self, language: Language, tips: Sequence[Tip], synonyms: Iterable[Sequence[str]] = ()) -> None:
        self.language = language
        self.ids = [tip.id for tip in tips]
        read = [_fields(tip.texts[language]) for tip in tips]
        vocabulary = [word for fields in read for words in fields for word in words]
        self._lexicon = lexicon(language).with_synonyms(synonyms)
        self._analyser = analyser(language, set(vocabulary))
        self._repairer = Repairer(vocabulary, self._analyser)
        self._reader = Reader(self._lexicon, self._analyser)
        collected = {name: Postings() for name in FEATURES}
        for fields in read:
            for name, unit in self._units(fields).items():
                collected[name].add(unit)
        self._sides = {name: Bm25(postings) for name, postings in collected.items()}
        learnt = ((row, said) for row, tip in enumerate(tips) for said in tip.texts[language].learnt)
        # Read as a question is, so that askers' typing errors do not become words of the tips.
        phrasings = (Phrasing(row, weight, self.query(said)) for row, (said, weight) in learnt)
        self._heard = Heard(phrasings, self._sides["whole"].idf, self._sides["asked_letters"].idf)

    def __len__(self) -> int:
        return len(self.ids)

    def query(self, text: str) -> Query:
        """The text as a query against this language's tips."""
        return parse(text, self._lexicon, self._analyser, self._repairer.repaired)

    def known(self, query: Query) -> float:
        """How well the tips know the words that tell, 0..1; one that is known by a compound's part only counts half."""
        known = (self._sides["whole"], self._heard)
        found = [
            max((weight for term, weight in word.terms if any(term in index for index in known)), default=0.0)
            for word in query.telling
        ]
        return sum(found) / len(found) if found else 0.0

    def holds(self, word: str) -> bool:
        """Whether the tips hold the word, in whatever form."""
        return any(term in self._sides["whole"] for term, _ in self._analyser.terms(word.lower())[:1])

    def base(self, word: str) -> str:
        """The word as the index knows it."""
        return next((term for term, _ in self._analyser.terms(word.lower())), word)

    def features(self, query: Query) -> Floats:
        """The sides of every tip for the query. Shape: (tips, len(FEATURES))."""
        found = np.column_stack([side.scores(_terms(query, name)) for name, side in self._sides.items()])
        for row, raised in self._heard.raised(query).items():
            found[row] = np.minimum(found[row] + raised, 1.0)
        return found

    def features_of(self, text: Text, query: Query) -> Floats:
        """The sides that a tip of this text would have. Shape: (len(FEATURES),)."""
        units = self._units(_fields(text))
        found = [side.score(_terms(query, name), units[name]) for name, side in self._sides.items()]
        return np.array(found, np.float32)

    def _units(self, fields: Sequence[list[str]]) -> dict[str, Mapping[str, float]]:
        """What a tip holds on each of its sides."""
        title, body, *phrasings = fields
        asked = [title, *phrasings]
        letters = runs(asked)
        return {
            "asked": self._reader.terms(chain(*asked)),
            "asked_letters": letters,
            "whole": self._reader.terms(chain(*fields), telling=True),
            "whole_letters": runs([body], letters),
        }


def scores(features: Floats) -> Floats:
    """The score of each tip, 0..1, from its sides."""
    total: Floats = features.mean(axis=1, dtype=np.float32)
    return total


def _terms(query: Query, name: str) -> Mapping[str, float]:
    return {"asked": query.terms, "whole": query.telling_terms}.get(name, query.runs)


def _fields(text: Text) -> list[list[str]]:
    """The words of title, body and each phrasing."""
    return [all_words(field) for field in (text.title, text.body, *text.phrasings)]
