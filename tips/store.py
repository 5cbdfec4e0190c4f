"""The tips in the database, in two layers: the starter content, and over it the organisation's own packs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from sqlite_utils import Database, Migrations

from tips.database import writing
from tips.models import Pack, Theme, Tip
from tips.packs import slug, theme_mapping, theme_of, tip_mapping, tip_of
from tips.vectors import VectorStore

BASE, OWN = "base", "own"

migrations = Migrations("tips")


@migrations()
def create_tips(database: Database) -> None:
    """Tips and themes by layer, as JSON of the pack format; pictures by digest; single values in `meta`."""
    database.table("meta").create({"key": str, "value": str}, pk="key", not_null={"value"})
    database.table("themes").create(
        {"layer": str, "id": str, "series": str, "data": str}, pk=("layer", "id"), not_null={"series", "data"}
    )
    database.table("tips").create(
        {"layer": str, "id": str, "theme": str, "data": str}, pk=("layer", "id"), not_null={"theme", "data"}
    )
    database.table("images").create({"digest": str, "data": bytes}, pk="digest", not_null={"data"})


@migrations()
def create_vectors(database: Database) -> None:
    """Vectors of passages by model; derived, and kept because a tip takes a tenth of a second."""
    database.table("vectors").create({"model": str, "digest": str, "vector": bytes}, pk=("model", "digest"))


@migrations()
def index_themes(database: Database) -> None:
    """The tips of a theme are read for a page of theirs."""
    database.table("tips").create_index(["theme"])


class TipStore:
    """Reads and writes the tips. `revision` grows with every change, so that others know when to read anew."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def seed(self, fingerprint: str, read: Callable[[], Pack]) -> bool:
        """Lays the starter content where its fingerprint is not the one that is there. True where it changed."""
        if self._meta("starter") == fingerprint:
            return False
        pack = read()
        with writing(self._db):
            self._db.table("tips").delete_where("layer = ?", [BASE])
            self._db.table("themes").delete_where("layer = ?", [BASE])
            self._write(pack, BASE)
            self._set_meta("starter", fingerprint)
        return True

    def add(self, pack: Pack, only: bool | None = None) -> None:
        """Lays a pack of the organisation's over what is there, all of it or nothing.

        `only=True` hides every other tip, `only=False` shows them again; None leaves that as it is.
        """
        own = self._tips(OWN)
        # What only hides or shows a tip of the organisation's own leaves its words there.
        tips = (tip.laid_over(own[tip.id]) if tip.id in own and not tip.texts else tip for tip in pack.tips)
        with writing(self._db):
            self._write(replace(pack, tips=tuple(tips)), OWN)
            ids = [tip.id for tip in pack.tips]
            if only:
                self._set_meta("only", json.dumps(ids))
            elif only is False:
                self._db.table("meta").delete_where("key = 'only'")
            elif shown := self._meta("only"):
                self._set_meta("only", json.dumps(list(dict.fromkeys([*json.loads(shown), *ids]))))

    def without_a_tip(self, pack: Pack) -> list[str]:
        """The ids that the pack would hide or show, and that no tip has."""
        known = {tip.id for layer in (BASE, OWN) for tip in self._tips(layer).values() if tip.texts}
        return [tip.id for tip in pack.tips if not tip.texts and tip.id not in known]

    def in_force(self) -> Pack:
        """What staff get: own tips over the starter's, hidden ones left out, in the order of their themes."""
        themes = self._themes()
        base, own = self._tips(BASE), self._tips(OWN)
        shown = self._meta("only")
        ids = json.loads(shown) if shown else [*base, *(tip_id for tip_id in own if tip_id not in base)]
        tips = [own[i].laid_over(base.get(i, Tip(i))) if i in own else base[i] for i in ids if i in own or i in base]
        visible = [tip for tip in tips if tip.texts and not tip.hidden]
        order = {theme_id: number for number, theme_id in enumerate(themes)}
        visible.sort(key=lambda tip: order.get(tip.theme, len(order)))
        used = {tip.theme for tip in visible}
        return Pack(tuple(theme for theme in themes.values() if theme.id in used), tuple(visible))

    def whole(self, tip_id: str) -> Tip | None:
        """The tip as it is in force, a hidden one too; None where there is none of that id."""
        base, own = self.base(tip_id), self.own(tip_id)
        return layered(base, own) if base or own else None

    def put(self, tip: Tip) -> None:
        """Puts the tip into the organisation's layer just as it is, in the place of what stood there."""
        with writing(self._db):
            self._write(Pack((Theme(tip.theme, ""),), (tip,)), OWN)
            if shown := self._meta("only"):
                self._set_meta("only", json.dumps(list(dict.fromkeys([*json.loads(shown), tip.id]))))

    def own(self, tip_id: str) -> Tip | None:
        """The tip as it stands in the organisation's layer."""
        return self._tips(OWN, "id = ?", tip_id).get(tip_id)

    def base(self, tip_id: str) -> Tip | None:
        """The tip as it stands in the starter content."""
        return self._tips(BASE, "id = ?", tip_id).get(tip_id)

    def only(self) -> list[str] | None:
        """The ids of the tips that show, where the others are hidden all together; None where they are not."""
        shown = self._meta("only")
        return list(json.loads(shown)) if shown else None

    def layers(self) -> tuple[dict[str, Tip], dict[str, Tip]]:
        """All tips by id as they stand in the starter content, and in the organisation's layer."""
        return self._tips(BASE), self._tips(OWN)

    def standing(self, theme: str) -> list[tuple[Tip | None, Tip | None]]:
        """The tips of a theme as they stand in both layers, base and own, hidden ones too."""
        among = "id in (select id from tips where theme = ?)"
        base, own = self._tips(BASE, among, theme), self._tips(OWN, among, theme)
        pairs = [(base.get(tip_id), own.get(tip_id)) for tip_id in dict.fromkeys([*base, *own])]
        return [pair for pair in pairs if layered(*pair).theme == theme]

    def hidden(self) -> list[tuple[Tip | None, Tip | None]]:
        """The tips that are hidden one by one, as they stand in both layers."""
        among = "id in (select id from tips where json_extract(data, '$.hidden'))"
        base, own = self._tips(BASE, among), self._tips(OWN, among)
        pairs = [(base.get(tip_id), own.get(tip_id)) for tip_id in dict.fromkeys([*base, *own])]
        return [pair for pair in pairs if layered(*pair).hidden]

    def themes(self) -> dict[str, Theme]:
        """All themes, also those whose tips are hidden."""
        return self._themes()

    def free_id(self, title: str) -> str:
        """An id made of the title that no tip has; none of the starter's, so nothing of it is overridden."""
        stem, taken = f"own-{slug(title) or 'tip'}"[:100].rstrip("-"), self.ids()
        return next(name for n in range(1, len(taken) + 2) if (name := stem if n == 1 else f"{stem}-{n}") not in taken)

    def ids(self) -> frozenset[str]:
        """The ids of all tips, hidden ones too."""
        return frozenset(tip for (tip,) in self._db.execute("select id from tips").fetchall())

    def take_away(self, tip_id: str) -> None:
        """Removes the tip from the organisation's layer: what lies beneath is in force again."""
        with writing(self._db):
            self._db.table("tips").delete_where("layer = ? and id = ?", [OWN, tip_id])
            self._set_meta("revision", str(self.revision() + 1))

    def starter(self) -> tuple[Tip, ...]:
        """The tips of the starter content, hidden ones too: they teach the three languages."""
        return tuple(self._tips(BASE).values())

    def with_images(self, pack: Pack) -> Pack:
        """The pack with the pictures that its tips name, for export."""
        digests = {text.image.digest for tip in pack.tips for text in tip.texts.values() if text.image}
        images = {digest: data for digest in digests if (data := self.image(digest)) is not None}
        return Pack(pack.themes, pack.tips, images)

    def image(self, digest: str) -> bytes | None:
        """The picture stored under the digest."""
        row = self._db.execute("select data from images where digest = ?", [digest]).fetchone()
        return row[0] if row else None

    def vectors(self, model: str) -> VectorStore:
        """The vectors of the model."""
        return VectorStore(self._db, model)

    def learnt(self, source: str, name: str = "learnt") -> dict[str, float] | None:
        """What was learnt by that name from these tips and that source, None where something else was, or nothing."""
        kept = json.loads(self._meta(name) or "{}")
        values: dict[str, float] = kept.get("values", {})
        return values if kept.get("from") == [self.revision(), source] and values else None

    def keep_learnt(self, values: Mapping[str, float], source: str, revision: int, name: str = "learnt") -> None:
        """Stores what was learnt from the tips of that revision."""
        self._set_meta(name, json.dumps({"from": [revision, source], "values": values}))

    def revision(self) -> int:
        """A number that is another after every change of the tips, also by another process."""
        return int(self._meta("revision") or 0)

    def revise(self, beyond: int) -> None:
        """Makes the revision greater than `beyond` too, so that a server notices a restored database."""
        self._set_meta("revision", str(max(beyond, self.revision()) + 1))

    def _write(self, pack: Pack, layer: str) -> None:
        self._db.table("themes").upsert_all(
            [_theme_row(theme, layer) for theme in pack.themes if layer == BASE or theme.titles or theme.series],
            pk=("layer", "id"),
        )
        self._db.table("tips").upsert_all([_tip_row(tip, layer) for tip in pack.tips], pk=("layer", "id"))
        self._db.table("images").upsert_all(
            [{"digest": digest, "data": data} for digest, data in pack.images.items()], pk="digest"
        )
        self._set_meta("revision", str(self.revision() + 1))

    def _themes(self) -> dict[str, Theme]:
        themes: dict[str, Theme] = {}
        for row in self._db.query("select id, data from themes order by layer, rowid"):
            theme, _ = theme_of(json.loads(row["data"]))
            themes[theme.id] = theme.laid_over(themes.get(theme.id, Theme(theme.id)))
        for row in self._db.query("select distinct theme from tips where theme <> '' order by rowid"):
            themes.setdefault(row["theme"], Theme(row["theme"]))
        return themes

    def _tips(self, layer: str, where: str = "true", *values: str) -> dict[str, Tip]:
        sql = f"select id, theme, data from tips where layer = ? and {where} order by rowid"  # noqa: S608  of this module
        rows = self._db.query(sql, [layer, *values])
        return {row["id"]: stored_tip(row["data"], row["theme"], own=layer == OWN) for row in rows}

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("select value from meta where key = ?", [key]).fetchone()
        return row[0] if row else None

    def _set_meta(self, key: str, value: str) -> None:
        self._db.table("meta").upsert({"key": key, "value": value}, pk="key")


def _theme_row(theme: Theme, layer: str) -> dict[str, str]:
    data = json.dumps(theme_mapping(theme), ensure_ascii=False)
    return {"layer": layer, "id": theme.id, "series": theme.series, "data": data}


def _tip_row(tip: Tip, layer: str) -> dict[str, str]:
    return {"layer": layer, "id": tip.id, "theme": tip.theme, "data": tip_text(tip)}


def layered(base: Tip | None, own: Tip | None) -> Tip:
    """The tip as staff would get it, of what stands in the two layers; at least one must be there."""
    return own.laid_over(base or Tip(own.id)) if own else cast(Tip, base)


def tip_text(tip: Tip) -> str:
    """The tip as it is stored: JSON of the pack format, and which pictures."""
    data = tip_mapping(tip)
    for language, text in tip.texts.items():
        if text.image:
            data[language]["image"]["digest"] = text.image.digest
    return json.dumps(data, ensure_ascii=False)


def stored_tip(text: str, theme: str, *, own: bool) -> Tip:
    """The tip that was stored so."""
    data: dict[str, Any] = json.loads(text)
    digests = {
        language: text["image"].pop("digest", "")
        for language, text in data.items()
        if isinstance(text, dict) and "image" in text
    }
    tip = replace(tip_of(data, theme), own=own)
    if not digests:
        return tip
    texts = {
        language: replace(text, image=replace(text.image, digest=digests[language])) if text.image else text
        for language, text in tip.texts.items()
    }
    return replace(tip, texts=texts)
