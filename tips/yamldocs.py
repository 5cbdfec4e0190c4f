"""YAML as people write it: every scalar is text, nothing unfolds, and errors name their line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tips.errors import PackError
from tips.reasons import reason

_DEEPEST = 20
_RARE_BREAK = re.compile("[\x85\u2028\u2029]")


def read(text: str, begins: str) -> list[dict[str, Any]]:
    """The documents of a text, which must hold fields; `begins` names the first ones. Raises PackError."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            # An alias is how a small file unfolds into gigabytes ('YAML bomb'); nobody here ever needs one.
            if isinstance(event, yaml.AliasEvent):
                raise PackError(f"{_line(event)}YAML aliases (*) are not allowed")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise PackError(f"{_line(event)}nested too deep")
        documents = [document for document in yaml.load_all(text, Loader=_Loader) if document]
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "broken"
        number = _number(error)
        where = (
            reason("file_yaml_line", number=number, problem=problem) if number else reason("file_yaml", problem=problem)
        )
        raise PackError(where) from None
    if not documents or not all(isinstance(document, dict) for document in documents):
        raise PackError(f"must begin with {begins}")
    return documents


def shipped(file: Path) -> Any:
    """What stands in a file that comes with the product, scalars as YAML has them."""
    return yaml.load(file.read_text(encoding="utf-8"), _Shipped)  # noqa: S506  the safe loader, in C where it is there


def write(documents: Iterable[Mapping[str, Any]]) -> str:
    """The documents as `read` reads them."""
    text: str = yaml.dump_all(documents, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return text


_Shipped = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader  # ten times as fast: a tenth of the start


class _Loader(yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader):  # type: ignore[misc]
    """Everything is text, so `title: No` and `title: 112` stay what was written; a key may stand once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise PackError(f"{_line(key)}a field name must be text")
            if key.value in seen:
                raise PackError(f"{_line(key)}the field {key.value} stands twice")
            seen.add(key.value)
        mapping: dict[str, Any] = super().construct_mapping(node, deep=deep)
        return mapping


def _line(place: object) -> str:
    """'line 7: ' of what PyYAML reports, '' where it does not say."""
    number = _number(place)
    return f"line {number}: " if number else ""


def _number(place: object) -> int:
    mark = getattr(place, "start_mark", None) or getattr(place, "problem_mark", None)
    return mark.line + 1 if mark else 0


class _Dumper(yaml.SafeDumper):
    """Text of several lines as a block, as people write it."""


def _string_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML folds the rarer line breaks (Word's \u2028) into others unless they are quoted.
    style = '"' if _RARE_BREAK.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string_node)
