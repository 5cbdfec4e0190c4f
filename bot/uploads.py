"""A file that somebody sent to be imported, kept until they have looked at what it would change and said yes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database, Migrations

from tips.database import writing
from tips.moments import stamp

migrations = Migrations("uploads")


@migrations()
def create_uploads(database: Database) -> None:
    """One file a person; `digest` is the SHA-256 of `data`."""
    database.table("uploads").create(
        {"person": str, "digest": str, "name": str, "data": bytes, "at": str},
        pk="person",
        not_null={"digest", "name", "data", "at"},
    )


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    digest: str
    name: str
    data: bytes


def upload_of(name: str, data: bytes) -> Upload:
    """The file under its digest."""
    return Upload(hashlib.sha256(data).hexdigest(), name, data)


class UploadStore:
    """Reads and writes those files."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, person: str, upload: Upload, now: datetime) -> None:
        """Keeps the file, in the place of the person's earlier one."""
        row = {"person": person, "digest": upload.digest, "name": upload.name, "data": upload.data, "at": stamp(now)}
        with writing(self._db):
            self._db.table("uploads").upsert(row, pk="person")

    def get(self, person: str, digest: str) -> Upload | None:
        """The person's file, where it is the one of that digest."""
        sql = "select digest, name, data from uploads where person = ? and digest = ?"
        row = self._db.execute(sql, [person, digest]).fetchone()
        return Upload(*row) if row else None

    def forget(self, person: str) -> None:
        """Deletes the person's file."""
        self._db.table("uploads").delete_where("person = ?", [person])
