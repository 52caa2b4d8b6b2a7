"""Filters and tags of every template: what things look like, fields, parts of pages."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.middleware.csrf import get_token
from django.template.base import NodeList, Parser, Token
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.templatetags.highlight import pieces
from providers.fields import ActionForm, CatalogueField, SecondsField, TextField
from providers.registry import PROVIDERS

register = template.Library()
HUES = 6
SHORT = 100
"""Characters up to which every one is counted as it is typed."""


# --- what things look like ------------------------------------------------------------------------


@register.filter
def hue(provider: Any) -> str:
    """The class that colours a provider (or its key): by its place in the registry."""
    key = getattr(provider, "key", provider)
    place = list(PROVIDERS).index(key) if key in PROVIDERS else 0
    return f"hue-{place % HUES + 1}"


@register.filter
def initials(name: str) -> str:
    """Two letters that stand for a person."""
    words = name.split()
    return "".join(word[0] for word in words[:2]).upper() if len(words) > 1 else name[:2].upper()


@register.filter
def visible(letter: str) -> str:
    """A character as people can see it: by its code where it leaves no mark by itself."""
    return letter if unicodedata.category(letter)[0] in "LNPS" else f"U+{ord(letter):04X}"


@register.filter
def tokens(text: str, language: str = "") -> Iterable[tuple[str, str]]:
    """A text as (class, piece) for colouring."""
    return pieces(text, language)


@register.filter
def readable(body: str) -> str:
    """A JSON text over several lines; any other text as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body


@register.filter
def stacked(parts: Iterable[tuple[str, int]], total: int | str) -> list[tuple[str, float, float]]:
    """(colour, count) pairs as (colour, start, width) in hundredths of `total`, side by side."""
    counted = list(parts)
    whole = max(int(total), sum(count for _colour, count in counted), 1)
    starts = accumulate((count for _colour, count in counted), initial=0)
    return [
        (colour, round(start * 100 / whole, 3), round(count * 100 / whole, 3))
        for (colour, count), start in zip(counted, starts, strict=False)
        if count
    ]


# --- fields ---------------------------------------------------------------------------------------


@register.filter
def looks(field: BoundField) -> str:
    """Which control a field is: hidden, rows, choice (segments), checks, tick, select, text."""
    widget = field.field.widget
    kinds: tuple[tuple[str, bool], ...] = (
        ("hidden", field.is_hidden),
        ("rows", hasattr(field, "rows")),
        ("checks", isinstance(widget, forms.CheckboxSelectMultiple)),
        ("choice", isinstance(widget, forms.RadioSelect)),
        ("tick", isinstance(widget, forms.CheckboxInput)),
    )
    return next((kind for kind, holds in kinds if holds), "text")


@register.filter
def is_number(field: BoundField) -> bool:
    """Whether a field takes a number with a unit."""
    return isinstance(field.field, forms.IntegerField)


@register.filter
def is_duration(field: BoundField) -> bool:
    """Whether a field takes seconds."""
    return isinstance(field.field, SecondsField)


@register.filter
def suggests(field: BoundField) -> str:
    """The id of the list of suggestions that a field draws on; empty when it has none."""
    return list_id(field.field) if isinstance(field.field, CatalogueField) and field.field.is_typed else ""


def list_id(field: CatalogueField) -> str:
    """The id of a list of suggestions, the same for every field that suggests the same."""
    return f"suggested_{field.kind}_{'keys' if field.by_key else 'names'}"


@register.filter
def suggesting(form: forms.BaseForm) -> dict[str, CatalogueField]:
    """A field for each list of suggestions that the fields of a form and their rows draw on, by its id."""
    fields = form.catalogue_fields() if isinstance(form, ActionForm) else ()
    return {list_id(field): field for field in fields if field.is_typed}


@register.filter
def limit(field: BoundField) -> int | None:
    """The most characters a text field takes, when people should see them counted."""
    return field.field.max_length if isinstance(field.field, TextField) else None


@register.filter
def counts_late(field: BoundField) -> bool:
    """Whether the limit is so wide that its counter only helps once half of it is used: one line of more than a hundred characters."""
    return isinstance(field.field, TextField) and not field.field.lines and (field.field.max_length or 0) > SHORT


@register.filter
def is_idle(field: BoundField) -> bool:
    """Whether a field holds too little for its counter to be of interest."""
    used = characters(field.value())
    return used * 2 < (limit(field) or 0) if counts_late(field) else not used


@register.filter
def characters(value: Any) -> int:
    """The characters of a text; 0 for nothing."""
    return len(str(value)) if value is not None else 0


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A field's control, tied to its hint and errors and with the class that makes it look right."""
    widget = field.field.widget
    css = "check-control" if isinstance(widget, forms.CheckboxInput) else "input"
    attrs: dict[str, Any] = {"class": f"{widget.attrs.get('class', '')} {css}".strip()}
    if described := " ".join(describing(field)):
        attrs["aria-describedby"] = described
    if suggests(field):
        attrs |= {"list": suggests(field), "autocomplete": "off"}
    if is_duration(field):
        attrs["data-seconds"] = f"{field.auto_id}_words"
    if most := limit(field):
        # Whoever pastes too much is told so: with maxlength the browser would cut it off without a word.
        attrs |= {"data-counter": f"{field.auto_id}_counter", "data-limit": most, "maxlength": False}
    return field.as_widget(attrs=attrs)


def describing(field: BoundField) -> Iterator[str]:
    """The ids of the texts that explain a field."""
    if field.help_text:
        yield f"{field.auto_id}_helptext"
    if is_duration(field):
        yield f"{field.auto_id}_words"
    if field.errors:
        yield f"{field.auto_id}_error"


@register.filter
def described_by(field: BoundField) -> str:
    """The ids of the texts that explain a field, for groups of controls."""
    return " ".join(describing(field))


@register.filter
def ungrouped(form: forms.BaseForm, groups: Iterable[Any]) -> list[BoundField]:
    """The visible fields that stand in no group."""
    taken = {name for group in groups for name in group.fields}
    return [field for field in form.visible_fields() if field.name not in taken]


@register.filter
def holds_something(form: forms.BaseForm, group: Any) -> bool:
    """Whether a field of a folded group has an error or a value other than the suggested one, so that it must stand open."""
    suggested = form.suggest(form.context) if isinstance(form, ActionForm) else {}
    fields = [form[name] for name in group.fields if name in form.fields]
    return any(field.errors or _value(field) not in (None, "", [], suggested.get(field.name)) for field in fields)


def _value(field: BoundField) -> Any:
    return getattr(field, "rows", None) if looks(field) == "rows" else field.value()


@register.filter
def present(form: forms.BaseForm, group: Any) -> list[BoundField]:
    """The fields of a group that this form has, hidden ones left out."""
    return [form[name] for name in group.fields if name in form.fields and not form[name].is_hidden]


# --- pages ----------------------------------------------------------------------------------------


@register.simple_block_tag
def table(content: str, label: str, *, scrolls: bool = False) -> SafeString:
    """`{% table label %}<thead>…{% endtable %}`: its rows become cards on narrow screens, or with `scrolls` it scrolls there."""
    return SafeString(render_to_string("components/table.html", {"content": content, "label": label, "scrolls": scrolls}))


@register.simple_block_tag
def dialog(content: str, name: str, title: str) -> SafeString:
    """`{% dialog name title %}…{% enddialog %}`: a dialog that a button with `popovertarget` opens."""
    return SafeString(render_to_string("components/dialog.html", {"content": content, "name": name, "title": title}))


@register.simple_tag(takes_context=True)
def csrf_field(context: RequestContext) -> SafeString:
    """The CSRF field, also within a template included with `only`."""
    token = get_token(context.request) if context.request else ""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)


class CapturedNode(template.Node):
    """Renders its content once, for use in several places."""

    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: template.Context) -> SafeString:
        """Keep the content under the name; show nothing."""
        context[self.name] = SafeString(self.nodelist.render(context).strip())
        return SafeString("")


@register.tag
def captured(parser: Parser, token: Token) -> CapturedNode:
    """`{% captured as name %}…{% endcaptured %}`."""
    name = token.split_contents()[-1]
    nodelist = parser.parse(("endcaptured",))
    parser.delete_first_token()
    return CapturedNode(nodelist, name)
