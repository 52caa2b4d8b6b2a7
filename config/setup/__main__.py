"""What the Makefile calls with the system's Python: `python3 -m config.setup run`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (this file alone is also read by older ones)
    sys.exit("Dispatch Desk needs Python 3.11 or newer; %s is %s." % (sys.executable, sys.version.split()[0]))  # noqa: UP031

from config.setup import checks, extras, run, tests
from config.setup.trouble import Trouble

COMMANDS = {
    "run": run.run,
    "test": tests.run,
    "lint": checks.lint,
    "types": checks.types,
    "pictures": extras.pictures,
    "bench-engine": extras.bench_engine,
    "bench-pages": extras.bench_pages,
    "chaos": extras.chaos,
}


def main(words: list[str]) -> int:
    """Carry one command out; the exit status."""
    if len(words) != 1 or words[0] not in COMMANDS:
        print(f"Use one of: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 64
    try:
        return COMMANDS[words[0]]()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The set-up cannot go on: {error.filename or words[0]}: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
