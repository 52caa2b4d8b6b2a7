"""What a test measured, told after the tests: properties named `figure`, a line each, and the sum of those named `kills`."""

from __future__ import annotations

from typing import Any


def tell(reporter: Any) -> None:
    """Print the figures of all tests that ran, whatever became of them."""
    properties = [each for kind in ("passed", "failed") for report in reporter.stats.get(kind, ()) for each in _of(report)]
    lines = sorted(str(value) for name, value in properties if name == "figure")
    if not lines:
        return
    reporter.section("figures")
    for line in lines:
        reporter.line(line)
    if kills := sum(int(str(value)) for name, value in properties if name == "kills"):
        reporter.line(f"kills {kills}")


def _of(report: Any) -> list[tuple[str, object]]:
    return list(report.user_properties) if report.when == "call" else []
