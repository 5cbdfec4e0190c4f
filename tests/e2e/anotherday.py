"""`app.py` on another day: its clock runs on from the moment given, everything else is as it is.

python tests/e2e/anotherday.py 2027-01-12T08:59:10+02:00 serve …
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import app


def main(moment: str, *arguments: str) -> int:
    """Runs the command of the arguments as if it were now that moment."""
    shift = datetime.fromisoformat(moment) - datetime.now(UTC)
    app.now = lambda: datetime.now(UTC) + shift
    return app.main(arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
