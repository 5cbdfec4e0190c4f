"""Whether two tips answer a question together: where one alone is not sure enough, two may be."""

from __future__ import annotations

from tips.models import Answer, Band

# Of the score before it: how near the second must come to the first, and how far the third must stay behind.
_NEAR, _BEHIND = 0.9, 0.8


def together(answer: Answer) -> tuple[str, str] | None:
    """The ids of two tips to be shown side by side; None where they had better be offered by their titles.

    In the band `suggest` only: an answer stands alone, and what is handed over is not shown. The two are about equally
    likely and far before the rest: 'lost phone' asks for what to do with the phone and for how to sign in without it.
    """
    if answer.band is not Band.SUGGEST or len(answer.matches) < 2:
        return None
    first, second, *rest = answer.matches
    third = rest[0].score if rest else 0.0
    near = second.score >= _NEAR * first.score and third <= _BEHIND * second.score
    return (first.id, second.id) if near else None
