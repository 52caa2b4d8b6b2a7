"""Keys of the right length for settings that are only loaded."""

from __future__ import annotations

import base64

KEY = base64.b64encode(b"k" * 32).decode()
OTHER = base64.b64encode(b"o" * 32).decode()
