"""The WSGI application."""

import multiprocessing
import os
import signal
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()


def _end_with_the_server() -> None:
    """End this worker process when the server that started it was killed: otherwise it would hold the port for ever."""
    if server := multiprocessing.parent_process():
        server.join()
        os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=_end_with_the_server, name="end-with-the-server", daemon=True).start()
