"""What a few words name."""

from __future__ import annotations

import pytest

from bot.naming import meant

NAMES = {
    "passwords": ["passwords", "Salasanat", "Lösenord"],
    "teams-channels": ["teams-channels", "Teams-kanavat ja keskustelut"],
    "teams-meetings": ["teams-meetings", "Sujuvat Teams-kokoukset"],
    "excel": ["excel", "Excel arjen apuna"],
    "ai": ["ai", "Tekoäly työn apuna"],
    "mail": ["mail", "Sähköposti haltuun"],
}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("salasanat", ["passwords"]),
        ("SALASANAT!", ["passwords"]),
        ("salasanoista", ["passwords"]),
        ("salsanat", ["passwords"]),
        ("losenord", ["passwords"]),
        ("sahkoposti", ["mail"]),
        ("excelistä", ["excel"]),
        ("teams", ["teams-channels", "teams-meetings"]),
        ("teams kokoukset", ["teams-meetings"]),
        ("sujuvat teams-kokoukset", ["teams-meetings"]),
        ("ai", ["ai"]),
        ("apuna", ["excel", "ai"]),
        ("salasanat excel", []),
        ("myöhässä palaverista", []),
        ("a", []),
        ("", []),
        ("🙂", []),
    ],
)
def test_words_mean_what_they_name(text: str, ids: list[str]) -> None:
    assert meant(text, NAMES) == ids


@pytest.mark.parametrize("name", [name for names in NAMES.values() for name in names])
def test_a_full_name_means_only_its_own(name: str) -> None:
    assert len(meant(name, NAMES)) == 1
