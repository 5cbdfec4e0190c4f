"""Those who wait for likeness in meaning are told so, on standard error, and not too often."""

from __future__ import annotations

import pytest

from commands.waiting import _Progress


def told(capsys: pytest.CaptureFixture[str], *left: int) -> list[str]:
    progress = _Progress()
    for number in left:
        progress.told(number)
    said = capsys.readouterr()
    assert not said.out
    return said.err.splitlines()


def test_a_long_wait_is_told_at_once_and_every_few_hundred_texts(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, *range(1_200, 0, -32))
    assert lines[0] == "likeness in meaning: 1200 texts to go; this is done once, the next time they are there"
    assert [line.split()[3] for line in lines] == ["1200", "688", "176"]


def test_a_moment_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, 32) == []


def test_on_a_terminal_one_line_changes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    told_there = told(capsys, 64, 32)
    assert [line.strip() for line in told_there if line] == [
        "likeness in meaning: 64 texts to go",
        "likeness in meaning: 32 texts to go",
    ]
