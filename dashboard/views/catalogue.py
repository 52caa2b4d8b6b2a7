"""The catalogue: what supervisors set up under their connections. Everybody reads it; supervisors and admins change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.decorators import permission
from dashboard.forms.catalogue import FilterForm, ItemEntry, cautions_of
from dashboard.models import CatalogueItem, Connection
from dashboard.queries import catalogue as queries
from dashboard.queries.pages import page_by_key
from dashboard.requests import DeskRequest, posted
from dashboard.roles import Permission
from dashboard.services import catalogue, saving
from dashboard.services.refusals import Refused
from dashboard.views.connections import provider_of
from providers.base import CatalogueKind, Provider


def kind_of(provider: str, kind: str) -> tuple[Provider, CatalogueKind]:
    """The provider and the kind of these keys; 404 when there is none."""
    found = provider_of(provider)
    try:
        return found, found.kind(kind)
    except KeyError as error:
        raise Http404 from error


@require_GET
@permission(Permission.READ_CATALOGUE)
def index(request: DeskRequest) -> HttpResponse:
    """Every kind of every provider, with what it is for and how many there are."""
    return render(request, "dashboard/catalogue/index.html", {"sections": queries.sections()})


@require_GET
@permission(Permission.READ_CATALOGUE)
def items(request: DeskRequest, provider: str, kind: str) -> HttpResponse:
    """The items of one kind, newest first."""
    found, declared = kind_of(provider, kind)
    filters = FilterForm.read(request.GET, provider=found)
    chosen = filters.chosen()
    page = page_by_key(queries.items(found, declared, **chosen), params=request.GET)
    used = queries.last_used(page.rows)
    context = {
        "provider": found,
        "kind": declared,
        "filters": filters,
        "filtered": bool(chosen),
        "page": page,
        "rows": [(row, used.get(row.pk)) for row in page.rows],
        "connections": Connection.objects.filter(provider=provider, archived_at=None).exists(),
        "may_edit": request.user.may(Permission.EDIT_CATALOGUE),
        "may_connect": request.user.may(Permission.MANAGE_CONNECTIONS),
    }
    return render(request, "dashboard/catalogue/items.html", context)


@require_http_methods(["GET", "POST"])
@permission(Permission.EDIT_CATALOGUE)
def add(request: DeskRequest, provider: str, kind: str) -> HttpResponse:
    """A new item, under one of the provider's connections."""
    found, declared = kind_of(provider, kind)
    wanted = Connection.objects.filter(name=request.GET.get("connection", ""), provider=provider, archived_at=None).first()
    entry = ItemEntry(declared, found, posted(request), connection=wanted)
    if entry.is_valid() and (saved := _save(request, entry)):
        return redirect("item", pk=saved.pk)
    context = {"provider": found, "kind": declared, "entry": entry, "wide": entry.has_rows}
    return render(request, "dashboard/catalogue/add.html", context, status=entry.status)


def _save(request: DeskRequest, entry: ItemEntry) -> CatalogueItem | None:
    """The stored item of a valid entry; None when it was refused, and then the form says why."""
    assert entry.connection is not None
    try:
        saved = saving.save(
            connection=entry.connection,
            kind=entry.kind.key,
            item=entry.form.item(),
            data=request.POST,
            by=request.user,
            existing=entry.existing,
            opened=request.POST.get("opened", ""),
        )
    except Refused as refusal:
        entry.refuse(refusal)
        return None
    text = _("%(name)s was saved and is on its way to the provider.") if saved.dispatch else _("%(name)s was saved.")
    messages.success(request, text % {"name": saved.item})
    return saved.item


def item_of(pk: int) -> CatalogueItem:
    """The item of that id with its connection; 404 when there is none."""
    return get_object_or_404(CatalogueItem.objects.select_related("connection"), pk=pk)


@require_GET
@permission(Permission.READ_CATALOGUE)
def item(request: DeskRequest, pk: int) -> HttpResponse:
    """One item: what it holds, the form that changes it, and where it was used."""
    row = item_of(pk)
    return _item_page(request, row, ItemEntry(row.declared, row.connection.vendor, existing=row))


@require_http_methods(["GET", "POST"])
@permission(Permission.EDIT_CATALOGUE)
def change(request: DeskRequest, pk: int) -> HttpResponse:
    """Change an item that is in use; archived ones are restored first."""
    row = item_of(pk)
    if request.method != "POST":
        return redirect("item", pk=pk)
    if row.archived_at or row.connection.archived_at:
        raise Http404
    entry = ItemEntry(row.declared, row.connection.vendor, request.POST, existing=row)
    if entry.is_valid() and _save(request, entry):
        return redirect("item", pk=pk)
    row.refresh_from_db()
    return _item_page(request, row, entry)


def _item_page(request: DeskRequest, row: CatalogueItem, entry: ItemEntry) -> HttpResponse:
    live, may_edit = not row.archived_at and not row.connection.archived_at, request.user.may(Permission.EDIT_CATALOGUE)
    context = {
        "item": row,
        "kind": row.declared,
        "provider": row.connection.vendor,
        "entry": entry,
        "wide": entry.has_rows,
        "editable": live and may_edit,
        "may_edit": may_edit and not row.connection.archived_at,
        "facts": queries.facts(row),
        "cautions": cautions_of(row),
        "use": queries.use_of(row),
        "opened": catalogue.version(row),
        "saving": queries.latest_saving(row),
        "actions": queries.actions_for(row.connection.vendor, row.declared) if live and request.user.may(Permission.COMPOSE) else [],
    }
    return render(request, "dashboard/catalogue/item.html", context, status=entry.status)


@require_POST
@permission(Permission.EDIT_CATALOGUE)
def archive(request: DeskRequest, pk: int) -> HttpResponse:
    """Take an item out of the composer's lists."""
    row = item_of(pk)
    if catalogue.archive(item=row, by=request.user):
        messages.success(request, _("%(name)s is archived: history keeps it, the composer offers it no more.") % {"name": row})
    return redirect("item", pk=pk)


@require_POST
@permission(Permission.EDIT_CATALOGUE)
def restore(request: DeskRequest, pk: int) -> HttpResponse:
    """Offer an archived item again."""
    row = item_of(pk)
    if catalogue.restore(item=row, by=request.user):
        messages.success(request, _("%(name)s can be used again.") % {"name": row})
    return redirect("item", pk=pk)
