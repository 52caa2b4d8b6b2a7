"""Filters for moments, days and durations, as people read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from providers.fields import MONTH_OF_SECONDS

register = template.Library()
FORMATS = {
    "": "j M Y, H:i:s",
    "minute": "j M Y, H:i",
    "long": "l j F Y, H:i",
    "date": "j M Y",
    "time": "H:i:s",
}
NEAR = timedelta(days=6)
"""Days as near as this are named with their weekday."""


@register.filter
def local(moment: datetime | None, style: str = "") -> str | SafeString:
    """A moment in the reader's zone: date and time, or `minute`, `long`, `date`, `time`, `exact` (with milliseconds)."""
    if not moment:
        return "—"
    here = timezone.localtime(moment)
    text = here.strftime("%H:%M:%S.%f")[:-3] if style == "exact" else date_format(here, FORMATS[style])
    return _time(moment, text)


@register.filter
def near(moment: datetime | None) -> str | SafeString:
    """A moment by its day as people say it, with the minute: "today, 18:00", "Mon 23 Nov, 09:00"."""
    if not moment:
        return "—"
    here = timezone.localtime(moment)
    return _time(moment, f"{_day(here.date())}, {date_format(here, 'H:i')}")


@register.filter
def day(moment: datetime | None) -> str:
    """The day of a moment in the reader's zone as people say it: "today", "yesterday", "Mon 23 Nov", "3 Feb 2026"."""
    return _day(timezone.localtime(moment).date()) if moment else "—"


def _day(found: date) -> str:
    today = timezone.localdate()
    named = {today - timedelta(days=1): _("yesterday"), today: _("today"), today + timedelta(days=1): _("tomorrow")}
    if found in named:
        return named[found]
    return date_format(found, "D j M" if abs(found - today) <= NEAR else "j M" if found.year == today.year else "j M Y")


@register.filter
def since(moment: datetime | None) -> str | SafeString:
    """How long ago a moment was, in its largest unit."""
    if not moment:
        return "—"
    ago = timesince(moment, depth=1)
    return _time(moment, _("just now") if ago.startswith("0") else _("%(span)s ago") % {"span": ago})


def _time(moment: datetime, text: str) -> SafeString:
    here = timezone.localtime(moment)
    title = f"{here:%Y-%m-%d %H:%M:%S} {zone_name(here)}"
    utc = moment.astimezone(ZoneInfo("UTC")).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return format_html('<time datetime="{}" title="{}">{}</time>', utc, title, text)


def zone_name(here: datetime) -> str:
    """The zone of an aware moment as people name it."""
    return timezone.get_current_timezone_name() if here.tzinfo == timezone.get_current_timezone() else str(here.tzname())


@register.filter
def milliseconds(value: int | None) -> str:
    """A measured duration: "212 ms" below ten seconds, "30.0 s" from there."""
    if value is None:
        return "—"
    return f"{value:,} ms" if value < 10_000 else f"{value / 1000:,.1f} s"


@register.filter
def seconds_in_words(value: Any) -> str:
    """A number of seconds from a minute up in days, hours, minutes and seconds; empty for anything else."""
    text = str(value if value is not None else "").strip()
    if not text.isascii() or not text.isdigit() or not 60 <= int(text[:12]) <= MONTH_OF_SECONDS:
        return ""
    minutes, seconds = divmod(int(text), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, _("d")), (hours, _("h")), (minutes, _("min")), (seconds, _("s")))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
