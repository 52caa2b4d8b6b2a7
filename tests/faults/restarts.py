"""`python -m tests.faults.restarts`: a worker sends while whoever started this lets the database of DATABASE_URL crash."""

from __future__ import annotations

import sys

from tests.faults.chaos import desk


def main() -> int:
    """Run, and say what came of it; the exit status."""
    with desk() as folder:
        from tests.faults.restarting import run

        return run(folder)


if __name__ == "__main__":
    sys.exit(main())
