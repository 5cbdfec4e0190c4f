"""A learnt phrasing speaks for its tip where the question says much the same, and is silent otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tips.answering import KnowledgeBase
from tips.bm25 import Floats
from tips.confidence import Confidence
from tips.gain import Gain, gain, told
from tips.models import Text, Tip
from tips.questions import Question
from tips.ranking import Ranker, scores

ODD = "kirjautuminen herjaa päiväystä"
TIPS = (
    Tip("old", "x", {"fi": Text("Vaihda vanhentunut salasana", "Valitse asetukset.", ("salasana vanheni",))}),
    Tip("print", "x", {"fi": Text("Tulosta asiakirja", "Paina tulostuskuvaketta.", ("miten tulostan paperille",))}),
    Tip("clock", "x", {"fi": Text("Aseta kello", "Valitse päiväys.", ("kello on väärässä",))}),
)


def taught(weight: float = 0.8, said: str = ODD) -> Ranker:
    old = replace(TIPS[0], texts={"fi": replace(TIPS[0].texts["fi"], learnt=((said, weight),))})
    return Ranker("fi", (old, *TIPS[1:]))


def score(ranker: Ranker, text: str) -> Floats:
    return scores(ranker.features(ranker.query(text)))


@pytest.mark.parametrize("text", [ODD, "herjaa päiväystä kirjautuminen", "kirjautuminen herjaa paivaysta taas"])
def test_the_same_wording_finds_its_tip_also_in_other_order_or_carelessly_typed(text: str) -> None:
    assert int(np.argmax(score(Ranker("fi", TIPS), text))) != 0
    assert int(np.argmax(score(taught(), text))) == 0


@pytest.mark.parametrize("text", ["miten tulostan", "kello on väärässä", "salasana vanheni", "kissa"])
def test_other_questions_are_ranked_as_before(text: str) -> None:
    assert score(taught(), text).tolist() == score(Ranker("fi", TIPS), text).tolist()


def test_a_greater_weight_raises_more_and_none_raises_beyond_one() -> None:
    plain, used, approved = (score(ranker, ODD)[0] for ranker in (Ranker("fi", TIPS), taught(0.5), taught(0.8)))
    assert plain < used < approved <= 1
    assert score(taught(1.0, "salasana vanheni"), "salasana vanheni")[0] <= 1


def test_words_that_were_learnt_are_known() -> None:
    before, after = Ranker("fi", TIPS), taught()
    assert before.known(before.query("kirjautuminen herjaa")) < after.known(after.query("kirjautuminen herjaa")) == 1.0


def test_typing_errors_of_askers_repair_nothing() -> None:
    assert [word.read for word in taught(said="salaasna rikki").query("salaasna").words] == ["salasana"]


def test_the_gain_is_of_the_other_question_both_ways() -> None:
    asked = [Question(text, "fi", frozenset({"old"}), gold="old") for text in (ODD, "herja päiväyksestä tuli")]
    asked += [Question("tulosta", "fi", frozenset({"print"}), gold="print"), Question("skriv", "sv", gold="old")]

    found = gain(TIPS, asked, lambda tips: KnowledgeBase(tips, Confidence()))
    assert found["the same again"] == Gain(2, 0, 2, 0)
    assert (found["the other one"].asked, found["the other one"].lost) == (2, 0)
    assert found["typed carelessly"].after > found["typed carelessly"].before
    assert "the same again         2 | 0.000 before, 1.000 after; 0 lost by it" in told(found)
    assert "no tip" in told(gain(TIPS, asked[2:], lambda tips: KnowledgeBase(tips, Confidence())))
