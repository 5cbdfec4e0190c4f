"""What roles are called, as people write them: in a table, after 'anna rooli', in 'kuka on meidän digitutor?'."""

from __future__ import annotations

from bot.messages import say
from bot.people import COORDINATOR, IT, KEY_USER, PROTECTION, READER, TUTOR, Role
from tips.models import Language
from tips.tokens import undotted, words

# The first of each language is what it is called; the others are understood.
_NAMES = {
    IT: "tietohallinto; it; it-tuki; it-förvaltning; dataförvaltning; it-stöd",
    COORDINATOR: "koordinaattori; koordinator; samordnare; coordinator",
    TUTOR: "digitutor; digitutori; digituutori; tutor; tutori; digital tutor",
    KEY_USER: "pääkäyttäjä; huvudanvändare; key user",
    READER: "raportit; raporttien lukija; rapporter; läsare; läsare av rapporter; reports; reader; reader of reports",
    PROTECTION: "tietosuojavastaava; dataskyddsombud; data protection officer; dpo",
}
# Beginnings of the words that name a role in a question, however they are inflected.
_STEMS = {
    "tietosuojavast": PROTECTION,
    "dataskyddsom": PROTECTION,
    "dpo": PROTECTION,
    "pääkäyttäj": KEY_USER,
    "huvudanvänd": KEY_USER,
    "koordinaattor": COORDINATOR,
    "koordinator": COORDINATOR,
    "coordinator": COORDINATOR,
    "samordnar": COORDINATOR,
    "digitut": TUTOR,
    "digituu": TUTOR,
    "tutor": TUTOR,
}
_PAIRS = {("key", "user"): KEY_USER, ("protection", "officer"): PROTECTION}
_WHO = frozenset("kuka ketkä ketka kuka's vem vilka who whos who's".split())
_BESIDE = frozenset(
    """
    on ovat meidän meidan mun minun meillä meilla yksikön yksikkön yksikössä tämän tuon se kai oikein nyt siis täällä
    är vår våra min mitt vårt för på enhet enhets i den det
    is are our my the of for in at unit unit's a an data
    """.split()
)


def role_in(text: str) -> str | None:
    """The role of that name, '' for none at all, None where no role is called so."""
    said = _plain(text)
    return next((role for role, names in _NAMES.items() if said in map(_plain, names.split(";"))), None if said else "")


def role_at_start(text: str) -> tuple[str, str] | None:
    """The role that the words begin with, and what follows; None where they begin with none."""
    said = text.split()
    for count in range(min(len(said), 3), 0, -1):
        if role := role_in(" ".join(said[:count])):
            return role, " ".join(said[count:])
    return None


def asked_for(text: str) -> tuple[str, str] | None:
    """The role after which 'kuka on …?' asks, and of what; None where it asks something else."""
    said = words(text)
    if not said or said[0] not in _WHO:
        return None
    role, rest = "", []
    for number, word in enumerate(said[1:], 1):
        pair = _PAIRS.get((said[number - 1], word), "")
        stem = next((found for stem, found in _STEMS.items() if undotted(word).startswith(undotted(stem))), "")
        role = role or pair or stem
        if not (pair or stem or word in _BESIDE):
            rest.append(word)
    if role in _PAIRS.values():
        rest = [word for word in rest if word not in ("key", "protection")]
    return (role, " ".join(rest)) if role else None


def named(role: Role, language: Language) -> str:
    """The role as it is shown."""
    name = say(language, f"role_{role.name}")
    return f"{name} ({role.system})" if role.system else name


def _plain(text: str) -> str:
    return undotted(" ".join(words(text.replace("_", " "))))
