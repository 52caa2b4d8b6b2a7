"""What must hold for every provider. A provider's tests subclass `ProviderContract` and fill in its samples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.base import Action, BearerAuth, Provider
from providers.fields import ActionForm, BoundRows, FormContext, HeldCatalogue, RowForm, flat
from providers.types import Account, Answer, Command, Item, Json, Reading, Secrets, Verdict, WireRequest

Fields = Mapping[str, Json]
QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])
"""One suite runs for several providers, which hypothesis would take for a mistake."""
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
REF = "k7m2p9q4xz"

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4), max_leaves=12
)
headers = st.lists(
    st.tuples(st.sampled_from(["Content-Type", "Retry-After", "Date", "Location", "X-Other"]), st.text(max_size=40)), max_size=4
).map(tuple)


def answers(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[Answer]:
    """Answers of any status with such a body."""
    documented = st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 408, 413, 417, 422, 429, 500, 503])
    return st.builds(Answer, status=documented | st.integers(100, 599), headers=headers, body=bodies, complete=st.booleans())


def leaves_of(value: Json) -> Iterator[Json]:
    """Every value inside a JSON value that holds no others; an empty list or object counts as one."""
    if isinstance(value, dict | list) and value:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves_of(inner)
    else:
        yield value


class ProviderContract:
    """The suite. `samples` maps an action's key to forms as nested data: "least" has nothing optional, "full" has everything."""

    provider: ClassVar[Provider]
    account: ClassVar[Account]
    secrets: ClassVar[Mapping[str, str]]
    items: ClassVar[Mapping[str, Sequence[Item]]]
    samples: ClassVar[Mapping[str, Mapping[str, Fields]]]

    # --- to be filled in ----------------------------------------------------------------------

    def may_accept(self, answer: Answer) -> bool:
        """Whether the vendor documents this answer as success."""
        raise NotImplementedError

    # --- helpers ------------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "sample" in metafunc.fixturenames:
            named = [(action, name) for action, forms in self.samples.items() for name in forms]
            metafunc.parametrize("sample", named, ids=["-".join(pair) for pair in named])

    def context(self, reference: str = REF) -> FormContext:
        """The desk as these forms see it."""
        return FormContext(self.account, reference, "Europe/London", NOW, HeldCatalogue(self.items))

    def form(self, action: str, fields: Fields, reference: str = REF) -> ActionForm:
        """A composer form with that nested data."""
        return self.provider.action(action).form(flat(fields), context=self.context(reference))

    def command(self, action: str, fields: Fields, reference: str = REF) -> Command:
        """The command of a form that must be valid."""
        form = self.form(action, fields, reference)
        assert form.is_valid(), (form.errors, row_errors(form))
        return self.provider.action(action).command(form)

    def made(self, sample: tuple[str, str]) -> tuple[Action, Fields, Command]:
        """A sample with its action and command."""
        action, name = sample
        fields = self.samples[action][name]
        return self.provider.action(action), fields, self.command(action, fields)

    def body_of(self, command: Command) -> Json:
        """The JSON that would be sent."""
        return json.loads(self.provider.build(self.account, [command]).body)

    def a_request(self) -> WireRequest:
        """A request with as many commands as fit one call, of the first sample."""
        action, forms = next(iter(self.samples.items()))
        commands = [self.command(action, next(iter(forms.values())), f"{REF}{index}") for index in range(3)]
        return self.provider.build(self.account, commands[: self.provider.pack(self.account, commands)])

    # --- the declaration ----------------------------------------------------------------------

    def test_every_action_has_samples(self) -> None:
        assert set(self.samples) == {action.key for action in self.provider.actions}

    def test_actions_name_fields_and_kinds_that_exist(self) -> None:
        kinds = {kind.key for kind in self.provider.catalogue} | {""}
        for action in self.provider.actions:
            assert action.target_kind in kinds
            assert {action.target_field, *action.mask} - {""} <= set(action.form.base_fields)
        assert {kind.saves_by for kind in self.provider.catalogue} - {""} <= {action.key for action in self.provider.actions}

    def test_every_field_has_a_label_and_stands_in_one_group(self, sample: tuple[str, str]) -> None:
        form = self.form(sample[0], self.samples[sample[0]][sample[1]])
        assert all(field.label for field in form.fields.values())
        assert sorted(name for group in form.all_groups() for name in group.fields) == sorted(form.fields)

    def test_endpoints_are_hosts_that_may_be_called(self) -> None:
        for url in self.provider.endpoints(self.account):
            parts = urlsplit(url)
            assert parts.scheme == "https"
            assert any(fnmatchcase(parts.hostname or "", pattern) for pattern in self.provider.hosts)

    def test_a_key_is_made_from_the_reference_alone(self) -> None:
        keys = {self.provider.suggest_key(f"{REF}{index}") for index in range(100)}
        assert len(keys) == 100
        assert self.provider.suggest_key(REF) == self.provider.suggest_key(REF)
        assert self.provider.proves(self.provider.suggest_key(REF), REF)
        assert not self.provider.proves(self.provider.suggest_key(REF), "another1")

    # --- forms and commands -------------------------------------------------------------------

    def test_a_command_survives_storage(self, sample: tuple[str, str]) -> None:
        _action, _fields, command = self.made(sample)
        assert json.loads(json.dumps(command.values)) == command.values
        assert command.action == sample[0]
        assert command.key == self.provider.suggest_key(REF)

    def test_fields_make_the_same_command_again(self, sample: tuple[str, str]) -> None:
        """All but its secrets: those are asked for again."""
        action, _fields, command = self.made(sample)
        fields, secrets = action.fields(command), action.summarise(command).secrets
        assert not any(secret in json.dumps(fields, ensure_ascii=False) for secret in secrets)
        if secrets:
            assert not self.form(action.key, fields).is_valid()
        else:
            assert self.command(action.key, fields) == command

    def test_an_unbound_form_starts_from_the_same_fields(self) -> None:
        """Shown for "full" samples: where something was left out, the form suggests it."""
        for action_key in self.samples:
            action, _fields, command = self.made((action_key, "full"))
            if action.summarise(command).secrets:
                continue
            form = action.form(None, context=self.context(), initial=action.fields(command))
            shown = {bound.name: rows_of(bound) if isinstance(bound, BoundRows) else bound.value() for bound in form}
            assert self.command(action.key, shown) == command

    def test_a_command_says_what_will_happen(self, sample: tuple[str, str]) -> None:
        action, _fields, command = self.made(sample)
        summary = action.summarise(command)
        assert summary.sentence.endswith(".")
        assert summary.target
        body = self.provider.build(self.account, [command]).body.decode()
        assert all(number in body for number in summary.personal)
        assert all(json.dumps(secret)[1:-1] in body for secret in summary.secrets)
        shown = (summary.target, summary.detail, summary.sentence)
        assert not any(hidden in text for hidden in (*summary.personal, *summary.secrets) for text in shown)
        assert not any(secret in str(summary.references) for secret in summary.secrets)

    # --- requests -----------------------------------------------------------------------------

    def test_default_omits_options(self, sample: tuple[str, str]) -> None:
        _action, _fields, command = self.made(sample)
        values = list(leaves_of(self.body_of(command)))
        assert all(value not in (None, "", [], {}) for value in values)

    def test_a_request_goes_to_an_endpoint_without_credentials(self, sample: tuple[str, str]) -> None:
        _action, _fields, command = self.made(sample)
        request = self.provider.build(self.account, [command])
        assert any(request.url == url or request.url.startswith(f"{url}/") for url in self.provider.endpoints(self.account))
        assert request.keys == (command.key,)
        assert "authorization" not in {name.lower() for name, _value in request.headers}
        assert dict(request.headers)["Content-Type"].startswith("application/json")
        assert self.provider.build(self.account, [command]) == request

    def test_pack_takes_what_fits(self, sample: tuple[str, str]) -> None:
        action, fields, _command = self.made(sample)
        commands = [self.command(action.key, fields, f"{REF}{index}") for index in range(60)]
        count = self.provider.pack(self.account, commands)
        assert 1 <= count <= len(commands)
        request = self.provider.build(self.account, commands[:count])
        assert request.keys == tuple(command.key for command in commands[:count])
        assert not self.provider.limits.max_body or len(request.body) <= self.provider.limits.max_body

    def test_a_body_read_back_gives_the_same_command(self, sample: tuple[str, str]) -> None:
        action, fields, command = self.made(sample)
        target = str(self.form(action.key, fields)[action.target_field].value()) if action.target_field else ""
        (draft,) = self.provider.read(self.account, self.body_of(command), target)
        assert draft.action == action.key
        assert self.command(draft.action, draft.fields) == command

    # --- answers ------------------------------------------------------------------------------

    @given(answer=answers(st.binary(max_size=300)))
    @QUICK
    def test_any_bytes_give_an_outcome(self, answer: Answer) -> None:
        self.holds(answer)

    @given(answer=answers(json_values.map(lambda value: json.dumps(value).encode())))
    @QUICK
    def test_any_json_gives_an_outcome(self, answer: Answer) -> None:
        self.holds(answer)

    @pytest.mark.parametrize(
        "body",
        [
            b"[" * 100_000,
            b'{"a":' * 50_000,
            b"1" * 5_000,
            b"[" + b"9" * 5_000 + b"]",
            b"\xef\xbb\xbf[]",
            "[]".encode("utf-16"),
            b'"\\ud800"',
            b'["\\ud800"]',
            b"NaN",
            b"\x00",
            b"<!doctype html><title>Sign in</title>",
            b"x" * 100_000,
        ],
        ids=lambda body: repr(body[:12]),
    )
    def test_a_hostile_body_gives_an_outcome(self, body: bytes) -> None:
        for status in (200, 201, 400, 404, 500):
            self.holds(Answer(status=status, body=body))

    def holds(self, answer: Answer) -> Reading:
        """An answer read: an outcome for each key, nothing that cannot be stored, nothing accepted that is not."""
        request = self.a_request()
        reading = self.provider.parse(answer, request)
        assert set(reading.outcomes) == set(request.keys)
        assert reading.retry_after is None or 0 <= reading.retry_after <= 900
        for outcome in reading.outcomes.values():
            assert outcome.code.startswith(f"{self.provider.key}.")
            assert outcome.explanation
            assert len(outcome.said) <= 2_000
            texts = [outcome.said, outcome.explanation, outcome.advice, *(value for _kind, value in outcome.references)]
            assert all("\x00" not in text and text.encode() is not None for text in texts)
            assert outcome.verdict != Verdict.ACCEPTED or self.may_accept(answer)
        return reading

    # --- access -------------------------------------------------------------------------------

    def test_secrets_never_stand_in_an_address_or_a_repr(self) -> None:
        secrets = Secrets(self.secrets)
        assert set(self.secrets) == {secret.name for secret in self.provider.secrets}
        urls = [*self.provider.endpoints(self.account)]
        if isinstance(self.provider.auth, BearerAuth):
            urls.append(self.provider.auth.request(self.account, secrets).url)
        for value in self.secrets.values():
            assert not any(value in url for url in urls)
            assert value not in repr(secrets)

    # --- catalogue ----------------------------------------------------------------------------

    def test_every_kind_of_item_has_a_sample_and_makes_itself_again(self) -> None:
        assert set(self.items) == {kind.key for kind in self.provider.catalogue}
        for kind in self.provider.catalogue:
            for item in self.items[kind.key]:
                form = kind.form(flat(kind.form.fields_of(item)), account=self.account)
                assert form.is_valid(), (kind.key, item.key, form.errors, row_errors(form))
                assert form.item() == Item(item.key, item.label, item.data)


def rows_of(bound: BoundRows) -> list[dict[str, Any]]:
    """What the rows of a form show."""
    return [{part.name: part.value() for part in row} for row in bound.rows]


def row_errors(form: Any) -> list[Any]:
    """The errors inside the rows of a form."""
    rows: list[RowForm] = [row for bound in form if isinstance(bound, BoundRows) for row in bound.rows]
    return [row.errors for row in rows if row.errors]
