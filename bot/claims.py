"""How the first IT person gets the role: a one-time code that only somebody at the server can read."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from sqlite_utils import Database, Migrations

from tips.database import writing

# No 0/O, 1/I/L, 8/B: it is read off a screen. 8 of 28 are 38 bits; after MOST_TRIES wrong ones it is void.
_LETTERS = "ACDEFGHJKMNPQRTUVWXYZ2345679"
MOST_TRIES = 10
_CODE = re.compile(rf"(?<![\w-])([{_LETTERS}]{{4}})-([{_LETTERS}]{{4}})(?![\w-])", re.IGNORECASE)

migrations = Migrations("claims")


@migrations()
def create_claims(database: Database) -> None:
    """The open code as a hash, and how often somebody guessed wrong."""
    database.table("claims").create({"id": int, "code": str, "tries": int}, pk="id", not_null={"code", "tries"})


class ClaimStore:
    """One open code at a time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def new_code(self) -> str:
        """A fresh code; an earlier one is void. Only its hash is stored."""
        code = ""
        while not _has_digit(code):
            code = "".join(secrets.choice(_LETTERS) for _ in range(8))
        self._db.table("claims").upsert({"id": 1, "code": _digest(code), "tries": 0}, pk="id")
        return f"{code[:4]}-{code[4:]}"

    def is_open(self) -> bool:
        """Whether a code waits to be claimed."""
        return bool(self._db.execute("select exists(select 1 from claims where tries < ?)", [MOST_TRIES]).fetchone()[0])

    def withdraw(self) -> None:
        """Makes the open code void."""
        self._db.table("claims").delete_where()

    def claim(self, code: str) -> bool:
        """Whether this was the code. The right one is used up, a wrong one counts."""
        with writing(self._db):
            # The write first: it takes the database's lock, so that two claims cannot both read the same row.
            self._db.execute("update claims set tries = tries + 1 where id = 1")
            row = next(self._db.table("claims").rows_where("id = 1 and tries <= ?", [MOST_TRIES]), None)
            if row is None or not hmac.compare_digest(row["code"], _digest(code)):
                return False
            self.withdraw()
            return True


def code_in(text: str) -> str:
    """The code in the message, '' where there is none: 'team-chat' has no digit, as every code has."""
    codes = (match[1] + match[2] for match in _CODE.finditer(text))
    return next((code.upper() for code in codes if _has_digit(code)), "")


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
