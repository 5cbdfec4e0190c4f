"""What somebody typed into a form: kept as it was, so that a refusal loses nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from multidict import MultiMapping

_DAY = re.compile(r"([0-9]{1,2})\.\s*([0-9]{1,2})\.\s*([0-9]{4})")
LONGEST = 4_000  # characters of a field


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field: a key of the catalogue, and the values that its text speaks of."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """The values by field."""

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, posted: MultiMapping[object]) -> Form:
        """Of a request; files are left out."""
        names = dict.fromkeys(posted)
        return cls(
            {name: tuple(_clean(each) for each in posted.getall(name) if isinstance(each, str)) for name in names}
        )

    def one(self, name: str) -> str:
        """The field's value, '' of none."""
        return self.all(name)[0].strip() if self.all(name) else ""

    def all(self, name: str) -> tuple[str, ...]:
        """All values of the field."""
        return self.values.get(name, ())

    def has(self, name: str, value: object) -> bool:
        """Whether the value is among the field's."""
        return str(value) in self.all(name)

    def number(self, name: str, among: Collection[int]) -> int | None:
        """The field's number, None where it is none of these."""
        text = self.one(name)
        found = int(text) if re.fullmatch("-?[0-9]{1,9}", text) else None
        return found if found is not None and found in among else None

    def numbers(self, name: str, among: Iterable[int]) -> tuple[int, ...]:
        """Those of the numbers that are chosen."""
        return tuple(number for number in among if self.has(name, number))


def day_of(text: str) -> date | None:
    """The day of 2027-01-12 or 12.1.2027, None where it is none."""
    try:
        if found := _DAY.fullmatch(text.strip()):
            return date(int(found[3]), int(found[2]), int(found[1]))
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\0", "")[:LONGEST]
