"""The matcher's knowledge in the service centre's hands: lists, entries, drafts, and a text to try it on."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.dates import today
from kisu.lib.tables import Column, NearestPaginator, RowTable, filter_chips
from members.access import requires, signed_in, visible_or_404
from members.models import AuditEntry
from members.permissions import Permission
from symbiosis.forms.knowledge import (
    AddedFitnessForm,
    AddedMaterialForm,
    AddedUseForm,
    EntryFilterForm,
    NoteForm,
    TermForm,
    TryTextForm,
)
from symbiosis.models import AddedFitness, AddedMaterial, AddedTerm, AddedUse, WasteCode
from symbiosis.models.knowledge import Added
from symbiosis.services import SymbiosisError
from symbiosis.services.knowledge_catalogue import (
    Catalogue,
    Kind,
    Named,
    catalogue,
    listings_read_as,
    page_of,
    rows_of,
)
from symbiosis.services.knowledge_entries import (
    ENTRIES,
    add_entry,
    edit_entry,
    entries_hanging_on,
    keep_entry,
    pending_entries,
    remove_entry,
    spoken_pattern,
)
from symbiosis.services.knowledge_trial import try_text

FITS_SHOWN = 50
LISTINGS_SHOWN = 20
HISTORY_SHOWN = 20


# --- Lists ------------------------------------------------------------------------------------------------------------


def entry_columns(kind: Kind) -> list[Column]:
    material = kind == "material"
    return [
        Column("label", gettext_lazy("Material") if material else gettext_lazy("Use"), order_by="label"),
        Column("broader", gettext_lazy("Broader"), order_by="broader"),
        Column("fi", gettext_lazy("Words, fi"), order_by="fi", numeric=True),
        Column("sv", gettext_lazy("Words, sv"), order_by="sv", numeric=True),
        Column("en", gettext_lazy("Words, en"), order_by="en", numeric=True),
        Column(
            "others",
            gettext_lazy("Uses") if material else gettext_lazy("Materials"),
            order_by="others",
            numeric=True,
        ),
        Column("listings", gettext_lazy("Open listings"), order_by="listings", numeric=True),
        Column("standing", gettext_lazy("Origin"), order_by="standing"),
    ]


@requires(Permission.KNOWLEDGE)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def knowledge_material_list(request: HttpRequest) -> HttpResponseBase:
    return _list(request, "material", name=_("Materials of the matching"))


@requires(Permission.KNOWLEDGE)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def knowledge_use_list(request: HttpRequest) -> HttpResponseBase:
    return _list(request, "use", name=_("Uses of the matching"))


def _list(request: HttpRequest, kind: Kind, *, name: str) -> HttpResponseBase:
    form = EntryFilterForm(request.GET, kind=kind)
    table = RowTable(request, form.kept(rows_of(kind, on=today())), entry_columns(kind), default="label", per_page=50)
    if download := table.download(name):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"symbiosis/knowledge_list.html{part}",
        {
            "kind": kind,
            "name": name,
            "page_name": f"symbiosis:knowledge_{kind}",
            "table": table,
            "form": form,
            "chips": filter_chips(request, form),
            "pending": len(pending_entries()),
        },
    )


# --- One entry --------------------------------------------------------------------------------------------------------


@requires(Permission.KNOWLEDGE)
@require_safe
def knowledge_material(request: HttpRequest, key: str) -> TemplateResponse:
    return _page(request, "material", key)


@requires(Permission.KNOWLEDGE)
@require_safe
def knowledge_use(request: HttpRequest, key: str) -> TemplateResponse:
    return _page(request, "use", key)


def _page(request: HttpRequest, kind: Kind, key: str) -> TemplateResponse:
    page = page_of(kind, key)
    if page is None:
        raise Http404
    listings = listings_read_as(kind, key, on=today())
    codes = {code.code: code for code in WasteCode.objects.filter(code__in=page.codes)}
    return TemplateResponse(
        request,
        "symbiosis/knowledge_page.html",
        {
            "kind": kind,
            "page": page,
            "fits": NearestPaginator(page.fits, FITS_SHOWN).get_page(request.GET.get("page", "1")),
            "codes": [codes.get(code, code) for code in page.codes],
            "listings": listings[:LISTINGS_SHOWN],
            "listing_count": len(listings),
            "history": AuditEntry.objects.about(page.entry).order_by("-at", "-pk")[:HISTORY_SHOWN]
            if page.entry
            else None,
        },
    )


# --- What the service centre adds -------------------------------------------------------------------------------------


@requires(Permission.KNOWLEDGE)
@require_http_methods(["GET", "HEAD", "POST"])
def knowledge_entry_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A draft of a material, a use, a term or a fitness. The address says of what: ?of=material:straw."""
    model = _model(kind)
    whole = catalogue()
    of = _named(whole, request.GET.get("of", ""))
    if kind == "term" and of is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = _form(kind, data, whole=whole, of=of, initial=_start(kind, of, request))
    if form.is_bound and form.is_valid():
        try:
            entry = add_entry(by=signed_in(request), model=model, values=form.values, now=timezone.now())
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            _say_added(request, entry)
            return redirect(_place_of(entry, of))
    return TemplateResponse(
        request,
        "symbiosis/knowledge_entry_new.html",
        {"form": form, "kind": kind, "of": of, "back": _url(of) if of else _list_url(kind)},
    )


@requires(Permission.KNOWLEDGE)
@require_http_methods(["GET", "HEAD", "POST"])
def knowledge_entry_edit(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    entry = _entry(kind, pk)
    whole = catalogue()
    of = _named_of(whole, entry)
    data = request.POST if request.method == "POST" else None
    form = _form(kind, data, whole=whole, of=of, initial={**vars(entry)})
    if form.is_bound and form.is_valid():
        try:
            edit_entry(by=signed_in(request), entry=entry, values=form.values)
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. It comes into force at the next release."))
            return redirect(_place_of(entry, None))
    return TemplateResponse(
        request,
        "symbiosis/knowledge_entry_edit.html",
        {"form": form, "kind": kind, "entry": entry, "of": of, "back": _place_of(entry, None)},
    )


@requires(Permission.KNOWLEDGE)
@require_http_methods(["GET", "HEAD", "POST"])
def knowledge_entry_remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Deletes a draft; asks an entry in force to go out at the next release."""
    entry = _entry(kind, pk)
    back = _place_of(entry, None)
    if request.method == "POST":
        try:
            deleted = remove_entry(by=signed_in(request), entry=entry)
        except SymbiosisError as error:
            messages.error(request, str(error))
            return redirect(back)
        if deleted:
            messages.success(request, _("The draft was deleted."))
        else:
            messages.success(request, _("It goes out at the next release. Until then it is in force."))
        gone = deleted and kind in ("material", "use")
        return redirect(_list_url(kind) if gone else back)
    hanging = entries_hanging_on(entry)
    return TemplateResponse(
        request,
        "symbiosis/knowledge_entry_remove.html",
        {"entry": entry, "kind": kind, "back": back, "hanging": hanging, "of": _named_of(catalogue(), entry)},
    )


@requires(Permission.KNOWLEDGE)
@require_POST
def knowledge_entry_keep(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    entry = _entry(kind, pk)
    try:
        keep_entry(by=signed_in(request), entry=entry)
    except SymbiosisError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The entry stays in force."))
    return redirect(_place_of(entry, None))


@requires(Permission.KNOWLEDGE)
@require_http_methods(["GET", "HEAD", "POST"])
def knowledge_try(request: HttpRequest) -> TemplateResponse:
    """How a text is read with what is in force and with the drafts. Sent by POST for its length; keeps nothing."""
    form = TryTextForm(request.POST if request.method == "POST" else None)
    tried = try_text(**form.cleaned_data, on=today()) if form.is_bound and form.is_valid() else None
    return TemplateResponse(request, "symbiosis/knowledge_try.html", {"form": form, "tried": tried})


# --- Where entries belong ---------------------------------------------------------------------------------------------


def _model(kind: str) -> type[Added]:
    if kind not in ENTRIES:
        raise Http404
    return ENTRIES[kind]


def _entry(kind: str, pk: int) -> Any:
    rows: Any = _model(kind)._default_manager
    return visible_or_404(rows.filter(until=None), pk=pk)


def _named(whole: Catalogue, target: str) -> Named | None:
    """Of "material:straw"; None for what is not there."""
    kind, _colon, key = target.partition(":")
    if kind not in ("material", "use") or key not in whole.entries(cast(Kind, kind)):
        return None
    return whole.named(cast(Kind, kind), key)


def _named_of(whole: Catalogue, entry: Added) -> Named | None:
    if isinstance(entry, AddedTerm):
        return _named(whole, entry.target)
    if isinstance(entry, AddedFitness):
        return whole.named("material", entry.material)
    assert isinstance(entry, AddedMaterial | AddedUse)  # noqa: S101
    return whole.named("material" if isinstance(entry, AddedMaterial) else "use", entry.key)


def _url(named: Named) -> str:
    return reverse(f"symbiosis:knowledge_{named.kind}", args=[named.key])


def _list_url(kind: str) -> str:
    return reverse("symbiosis:knowledge_use_list" if kind == "use" else "symbiosis:knowledge_material_list")


def _place_of(entry: Added, of: Named | None) -> str:
    """The page on which the entry is seen."""
    if isinstance(entry, AddedMaterial | AddedUse):
        return _url(Named("material" if isinstance(entry, AddedMaterial) else "use", entry.key, ""))
    if of is not None:
        return _url(of)
    if isinstance(entry, AddedFitness):
        return _url(Named("material", entry.material, ""))
    assert isinstance(entry, AddedTerm)  # noqa: S101
    kind, _colon, key = entry.target.partition(":")
    return _url(Named(cast(Kind, kind), key, ""))


def _start(kind: str, of: Named | None, request: HttpRequest) -> dict[str, Any]:
    """What the address fills in: of what, with what, and a word to begin with."""
    if kind == "term":
        return {name: request.GET[name][:80] for name in ("language", "pattern") if name in request.GET}
    if of is None:
        return {}
    return {of.kind: of.key, "use": request.GET.get("use", "")} | (
        {"use": of.key} if of.kind == "use" else {"broader": of.key}
    )


def _form(kind: str, data: Any, *, whole: Catalogue, of: Named | None, initial: dict[str, Any]) -> NoteForm:
    if kind == "term":
        assert of is not None  # noqa: S101  the views have asked
        return TermForm(data, target=f"{of.kind}:{of.key}", initial=initial)
    forms = {"material": AddedMaterialForm, "use": AddedUseForm, "fitness": AddedFitnessForm}
    return forms[kind](data, catalogue=whole, initial=initial)


def _say_added(request: HttpRequest, entry: Added) -> None:
    if isinstance(entry, AddedTerm):
        text = _("Added as a draft. It meets %(what)s. It comes into force at the next release.")
        messages.success(request, text % {"what": spoken_pattern(entry.pattern)})
    else:
        messages.success(request, _("Added as a draft. It comes into force at the next release."))
