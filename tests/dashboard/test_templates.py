"""The components: what a field, a row, a summary of errors and the small filters make of their values."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.http import HttpResponse
from django.template import engines
from django.utils import timezone

from dashboard.choices import State
from dashboard.templatetags import desk, times
from dashboard.templatetags.highlight import MOST, pieces
from providers.fields import ActionForm, FormContext, Group, HeldCatalogue, RowForm, RowsField, SecondsField, SuggestField, TextField
from providers.types import Account, Item
from tests.client import problems, read


class Skill(RowForm):
    blank_when = ("name",)
    name = TextField(max_length=20, label="Skill")
    need = forms.ChoiceField(
        choices=[("must", "Mandatory"), ("expires", "Expires")], widget=forms.RadioSelect, label="Need", initial="must"
    )
    seconds = SecondsField(least=1, required=False, label="For")


class Example(ActionForm):
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)
    name = TextField(max_length=10, label="Display name", help_text="What agents see")
    notes = TextField(lines=True, required=False, label="Notes")
    wait = SecondsField(required=False, label="Wait")
    kind = forms.ChoiceField(choices=[("a", "Live"), ("b", "Chat")], widget=forms.RadioSelect, required=False, label="Kind")
    tags = forms.MultipleChoiceField(choices=[("x", "X")], widget=forms.CheckboxSelectMultiple, required=False, label="Tags")
    agree = forms.BooleanField(required=False, label="Agree")
    place = forms.ChoiceField(choices=[("p", "Paris")], required=False, label="Place")
    agent = SuggestField("agent", required=False, label="Agent")
    skills = RowsField(Skill, label="Skills", add_label="Add a skill")


AGENTS = HeldCatalogue({"agent": [Item("jo", "Jo <Doe>")]})
GROUPS = (Group("Who", ("name", "agent", "missing")), Group("Rarely", ("wait", "skills"), hint="Leave it", folded=True))


def render(template: str, **context: Any) -> str:
    """A fragment, held against the rules."""
    html: str = engines["django"].from_string(template).render(context)
    assert problems(read(HttpResponse(html)), whole=False) == []
    return html


def form_html(data: dict[str, str] | None = None, groups: Any = ()) -> str:
    form = Example(data, context=FormContext(Account("toy", "toy-1", {}), "r", "UTC", timezone.now(), AGENTS))
    form.is_valid()
    return render(
        '<form action="/">{% include "components/form_errors.html" %}{% include "components/form.html" %}</form>', form=form, groups=groups
    )


def test_a_field_is_tied_to_its_label_hint_and_error() -> None:
    html = form_html({"name": "longer than ten"})
    assert '<label for="id_name">Display name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<span class="error" id="id_name_error">' in html
    assert '<span class="hint" id="id_name_helptext">What agents see</span>' in html


def test_limits_are_counted_and_shown() -> None:
    html = form_html({"name": "Case"})
    assert 'data-counter="id_name_counter"' in html
    assert '<span class="counter" id="id_name_counter">4 of 10</span>' in html


def test_durations_are_shown_both_ways() -> None:
    html = form_html({"wait": "90"})
    assert 'class="with-unit"' in html
    assert "<span>seconds</span>" in html
    assert '<span class="hint words" id="id_wait_words">1 min 30 s</span>' in html


def test_choices_look_like_one_control_and_need_no_script() -> None:
    html = form_html({"kind": "b"})
    assert "<legend>Kind" in html
    assert '<input type="radio" name="kind" value="b" id="id_kind_1" checked>' in html
    assert '<label for="id_kind_1">' in html


def test_suggestions_stand_in_a_datalist_and_are_escaped() -> None:
    html = form_html()
    assert 'list="suggested_agent_keys"' in html
    assert re.search('<datalist id="suggested_agent_keys"[^>]*><option value="jo">Jo &lt;Doe&gt;</option>', html)


def test_rows_can_be_added_and_removed_without_a_script() -> None:
    html = form_html({"skills-0-name": "Billing", "skills-0-need": "must", "skills-3-name": "x" * 21, "skills-3-need": "expires"})
    assert 'name="add" value="skills"' in html
    assert 'name="remove" value="skills-0"' in html
    assert 'name="remove" value="skills-3"' in html
    assert 'name="skills-3-name" value="' + "x" * 21 in html
    assert 'name="skills-0-need" value="must"' in html
    assert "Remove Skills 2" in html


def test_errors_are_summarised_with_links_to_their_fields() -> None:
    html = form_html({"skills-0-name": "x" * 21, "skills-0-need": "must"})
    assert 'role="alert"' in html
    assert '<a href="#id_name">Display name</a>: This field is required.' in html
    assert '<a href="#id_skills-0-name">Skills 1, Skill</a>' in html
    assert 'role="alert"' not in form_html()


def test_groups_stand_under_titles_and_folded_ones_open_when_they_hold_something() -> None:
    closed, opened = form_html({"name": "x"}, GROUPS), form_html({"name": "x", "wait": "5"}, GROUPS)
    assert "<h2>Who</h2>" in closed
    assert "<details>" in closed
    assert "<details open>" in opened
    assert opened.count('name="name"') == opened.count('name="notes"') == opened.count('name="hidden"') == 1


def test_pills_say_a_word_and_a_colour() -> None:
    assert render('{% include "components/pill.html" only %}'.replace("only", "with state=state only"), state=State.IN_DOUBT) == (
        '<span class="pill doubt">In doubt</span>\n'
    )
    assert 'class="pill warn">Slow<' in render('{% include "components/pill.html" with colour="warn" label="Slow" only %}')


def test_code_is_coloured_and_escaped() -> None:
    html = render('{% include "components/code.html" with text=text language="json" only %}', text='{"a<b": "</pre>", "n": -1.5e3}')
    assert '<span class="k">&quot;a&lt;b&quot;</span>' in html
    assert '<span class="s">&quot;&lt;/pre&gt;&quot;</span>' in html
    assert '<span class="n">-1.5e3</span>' in html


@pytest.mark.parametrize("text", ['{"a": [1, true, "x\\"y"]}', "POST /x\n{}", "", "x" * (MOST + 1), '"open', "curl -X POST 'a'"])
@pytest.mark.parametrize("language", ["json", "curl", "http", "", "klingon"])
def test_colouring_changes_no_character(text: str, language: str) -> None:
    assert "".join(piece for _kind, piece in pieces(text, language)) == text


def test_progress_is_drawn_without_styles() -> None:
    html = render(
        '{% include "components/progress.html" with parts=parts total=20 label="3 of 20" only %}',
        parts=[("good", 2), ("bad", 1), ("doubt", 0)],
    )
    assert '<rect class="hue-good" x="0.0" y="0" width="10.0" height="10">' in html
    assert '<rect class="hue-bad" x="10.0" y="0" width="5.0" height="10">' in html
    assert "hue-doubt" not in html
    assert 'aria-label="3 of 20"' in html


def test_other_components_render_with_nothing_but_their_own_values() -> None:
    moment = datetime(2026, 11, 20, 14, 2, 28, 11_000, tzinfo=UTC)
    assert "14:02:28.011" in render(
        '{% include "components/timeline.html" with events=events only %}', events=[{"at": moment, "title": "Sent", "kind": "doubt"}]
    )
    assert "Review" in render('{% include "components/notice.html" with kind="doubt" text="Two" url="/doubts/" label="Review" only %}')
    assert "<h2>None</h2>" in render('{% include "components/empty.html" with icon="users" title="None" text="x" only %}')


# --- filters --------------------------------------------------------------------------------------


def test_times_are_shown_in_the_readers_zone_with_utc_beside() -> None:
    moment = datetime(2026, 7, 1, 23, 30, 5, 678_900, tzinfo=UTC)
    with timezone.override("Europe/London"):
        shown = times.local(moment)
        assert shown == ('<time datetime="2026-07-01T23:30:05.678Z" title="2026-07-02 00:30:05 Europe/London">2 Jul 2026, 00:30:05</time>')
        assert ">00:30:05.678<" in times.local(moment, "exact")
        assert ">Thursday 2 July 2026, 00:30<" in times.local(moment, "long")
    assert times.local(None) == "—"


@pytest.mark.parametrize(
    ("days", "shown"),
    [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (4, "Sun 5 Jul"), (-6, "Thu 25 Jun"), (7, "8 Jul"), (300, "27 Apr 2027")],
)
def test_days_as_people_say_them_in_the_readers_zone(days: int, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    with timezone.override("Europe/London"):
        assert times.day(now + timedelta(days=days)) == shown
        assert f">{shown}, 00:30<" in times.near(now + timedelta(days=days))
    assert (times.day(None), times.near(None)) == ("—", "—")


@pytest.mark.parametrize(("ago", "shown"), [(5, "just now"), (130, "2\xa0minutes ago"), (90_000, "1\xa0day ago")])
def test_how_long_ago(ago: int, shown: str) -> None:
    assert f">{shown}<" in times.since(timezone.now() - timedelta(seconds=ago))


@pytest.mark.parametrize(("value", "shown"), [(None, "—"), (0, "0 ms"), (212, "212 ms"), (9_999, "9,999 ms"), (30_000, "30.0 s")])
def test_measured_durations(value: int | None, shown: str) -> None:
    assert times.milliseconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (90, "1 min 30 s"),
        ("3600", "1 h"),
        (2_678_399, "30 d 23 h 59 min 59 s"),
        (59, ""),
        ("", ""),
        (None, ""),
        ("x", ""),
        (2_678_400, ""),
        ("٩٠", ""),
    ],
)
def test_seconds_in_words(value: Any, shown: str) -> None:
    assert times.seconds_in_words(value) == shown


@pytest.mark.parametrize(("name", "shown"), [("Sam Supervisor", "SS"), ("ada", "AD"), ("Jean Luc de Mer", "JL")])
def test_initials(name: str, shown: str) -> None:
    assert desk.initials(name) == shown


def test_hues_follow_the_registry_and_an_unknown_provider_has_one_too() -> None:
    assert [desk.hue(key) for key in ("vonage", "acoustic", "ccai", "toy")] == ["hue-1", "hue-2", "hue-3", "hue-1"]


@pytest.mark.parametrize(
    ("letter", "shown"), [("é", "é"), ("☎", "☎"), ("—", "—"), ("\ufe0f", "U+FE0F"), ("\xa0", "U+00A0"), ("\u200b", "U+200B")]
)
def test_a_character_without_a_mark_of_its_own_is_named_by_its_code(letter: str, shown: str) -> None:
    assert desk.visible(letter) == shown
