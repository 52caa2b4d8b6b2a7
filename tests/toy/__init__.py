"""A fourth provider, complete in one folder: what it takes to add one, and that it takes nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django import forms

from providers.answers import object_of, retry_after, said
from providers.base import Action, BasicAuth, CatalogueKind, Limits, Probe, Provider, Repeat, SecretField
from providers.fields import ActionForm, ItemChoiceField, ItemForm, SettingsForm, TextField
from providers.meanings import Meaning, usual
from providers.types import Account, Answer, Command, Draft, Json, Outcome, Reading, Signal, Summary, Verdict, WireRequest

TAKEN = Meaning(Verdict.ACCEPTED, "taken", "The pager service took the page.")
REFUSED = Meaning(Verdict.REJECTED, "refused", "The pager service refused this page.")
SPENT = Meaning(Verdict.NOT_SENT, "access", "The pager service refused the password.", "", Signal.ACCESS_REFUSED)


class PageForm(ActionForm):
    pager = ItemChoiceField("pager", "pager", label="Pager")
    text = TextField(max_length=80, label="Text")


class Settings(SettingsForm):
    base_url = forms.CharField(label="Address")


def command(form: ActionForm) -> Command:
    return Command("page", suggest_key(form.context.reference), {"pager": form.cleaned_data["pager"], "text": form.cleaned_data["text"]})


def fields(command: Command) -> Mapping[str, Json]:
    return {"pager": command.values["pager"], "text": command.values["text"]}


def summarise(command: Command) -> Summary:
    return Summary(command.values["pager"], command.values["text"], f"Page {command.values['pager']}.")


def suggest_key(ref: str) -> str:
    return f"page-{ref}"


def build(account: Account, commands: Sequence[Command]) -> WireRequest:
    pages = [{"key": command.key, **command.values} for command in commands]
    url = f"{account.settings['base_url']}/pages"
    return WireRequest("POST", url, (("Content-Type", "application/json"),), json.dumps(pages).encode(), tuple(c.key for c in commands))


def pack(account: Account, commands: Sequence[Command]) -> int:
    return min(len(commands), 3)


def parse(answer: Answer, sent: WireRequest) -> Reading:
    if answer.status == 200 and isinstance(refused := object_of(answer).get("refused"), list):
        return Reading({key: (REFUSED if key in refused else TAKEN).outcome("toy", said(answer)) for key in sent.keys})
    meaning = SPENT if answer.status == 401 else usual(answer.status)
    return Reading(dict.fromkeys(sent.keys, meaning.outcome("toy", said(answer))), meaning.signal, retry_after(answer))


def read(account: Account, body: Json, target: str) -> list[Draft]:
    return [Draft("page", {"pager": page["pager"], "text": page["text"]}) for page in body]


def probe(account: Account) -> WireRequest:
    return WireRequest("GET", f"{account.settings['base_url']}/pagers", ())


def read_probe(answer: Answer) -> Outcome:
    return (TAKEN if answer.status == 200 else SPENT).outcome("toy")


PROVIDER = Provider(
    key="toy",
    label="Toy pagers",
    short="Toy",
    settings_form=Settings,
    secrets=(SecretField("password", "Password"),),
    catalogue=(CatalogueKind("pager", "Pager", "Pagers", "A pager is a small box that beeps.", ItemForm, "bell"),),
    actions=(
        Action(
            key="page",
            label="Page somebody",
            purpose="Make a pager beep.",
            icon="bell",
            form=PageForm,
            command=command,
            fields=fields,
            summarise=summarise,
            target_kind="pager",
            target_field="pager",
        ),
    ),
    repeat=Repeat.SAME_ID,
    limits=Limits(in_flight=2, calls=0, per_seconds=1.0),
    hosts=("*.pagers.example",),
    auth=BasicAuth(username=lambda account: "desk", password="password"),
    suggest_key=suggest_key,
    proves=lambda key, ref: key == suggest_key(ref),
    build=build,
    pack=pack,
    parse=parse,
    read=read,
    endpoints=lambda account: (account.settings["base_url"],),
    probe=Probe(probe, read_probe),
    doubt_advice="Ask whoever carries the pager.",
)
