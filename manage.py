#!/usr/bin/env python
"""Django's command line."""

import os
import signal
import sys


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    if sys.argv[1:2] in (["worker"], ["sandbox"]):
        # Until they listen for it, Ctrl-C ends them as SIGTERM does: as an exception it can get lost in an import.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
