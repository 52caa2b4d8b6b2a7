"""Error pages."""

from dashboard.views.soon import soon

bad_request = forbidden = not_found = server_error = csrf_failure = soon
