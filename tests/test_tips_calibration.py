"""Confidence learnt from the tips themselves: by their titles where they have phrasings, fixed where they are bare."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tips.answering import KnowledgeBase
from tips.calibration import BARE, WITH_PHRASINGS, calibrated
from tips.models import Pack, Text, Tip
from tips.ranking import Ranker


def rankers(tips: list[Tip]) -> dict:
    return {"fi": Ranker("fi", tips)}


def some(count: int, ways: int) -> list[Tip]:
    phrasings = ("kysytään näin", "tai noin", "joskus toisin", "ja vielä kerran")[:ways]
    return [Tip(f"tip-{n}", "theme", {"fi": Text(f"Aihe {n}", "Tekstiä.", phrasings)}) for n in range(count)]


def test_bare_tips_take_the_coefficients_that_were_fitted_for_them() -> None:
    tips = some(200, ways=0)
    assert replace(calibrated(rankers(tips), tips), answer_from=BARE.answer_from) == BARE


def test_a_few_tips_teach_nothing() -> None:
    tips = some(5, ways=4)
    assert calibrated(rankers(tips), tips) == WITH_PHRASINGS


def test_no_tips_at_all_can_be_calibrated() -> None:
    assert 0 < calibrated({}, []).answer_from <= 1


def test_the_starter_content_is_learnt_the_same_way_again(starter_base: KnowledgeBase, starter_pack: Pack) -> None:
    learnt = calibrated(starter_base._rankers, starter_pack.tips)
    assert learnt == starter_base.confidence
    assert learnt != WITH_PHRASINGS
    assert learnt.score > 0 < learnt.lead


@pytest.mark.parametrize("ways", [0, 4])
def test_more_precision_is_answered_later(ways: int) -> None:
    tips = some(3, ways)
    wanted = [calibrated(rankers(tips), tips, precision).answer_from for precision in (0.8, 0.9, 0.95, 0.99)]
    assert wanted == sorted(set(wanted))


def test_more_precision_is_answered_later_where_it_is_learnt(starter_base: KnowledgeBase, starter_pack: Pack) -> None:
    learnt = [calibrated(starter_base._rankers, starter_pack.tips, precision) for precision in (0.9, 0.95, 0.99)]
    assert learnt[0].answer_from < learnt[1].answer_from < learnt[2].answer_from


def test_tips_that_all_say_the_same_are_calibrated_without_a_warning() -> None:
    text = Text("Salasana", "Salasana.", ("salasana", "salasanat", "salasanan", "salasanaa"))
    tips = [Tip(f"tip-{n}", "theme", {"fi": text}) for n in range(60)]
    assert 0 < calibrated(rankers(tips), tips).answer_from <= 1.01
