"""How the portal reads a listing: for its owner to correct, and the service centre's list of those it can't read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.collation import finnish_order
from kisu.lib.dates import today
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import editable_or_403, requires, signed_in
from members.models import User
from members.permissions import Permission
from symbiosis.filters import ReadingFilter
from symbiosis.forms import CorrectionForm, ReadingSearchForm
from symbiosis.matching.knowledge import Knowledge
from symbiosis.models import Listing
from symbiosis.services import SymbiosisError
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.reading_search import find_targets
from symbiosis.services.readings import (
    ReadableReading,
    correct_reading,
    corrections_of,
    readable,
    reading_of,
    undo_correction,
)


@requires(Permission.LISTING_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def listing_reading(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole reading with its corrections. A press there or on the listing's page comes here too."""
    user = signed_in(request)
    visible = Listing.objects.visible_to(user, on=today()).select_related("organisation", "reading")
    listing = editable_or_403(visible, Listing.objects.editable_by(user), pk=pk)
    if request.method == "POST":
        return _correct(request, listing, user)
    language = get_language() or "fi"
    form = ReadingSearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    reading = reading_of(listing, language)
    return TemplateResponse(
        request,
        "symbiosis/reading_detail.html",
        {
            "listing": listing,
            "reading": reading,
            "corrections": corrections_of(listing, language) if reading else [],
            "form": form,
            "words": words,
            "found": find_targets(words, language=language, known=current_knowledge()),
            "already": {tag.target for tag in [*reading.materials, *reading.uses]} if reading else set(),
            "works_on_knowledge": user.may(Permission.KNOWLEDGE),
        },
    )


def _correct(request: HttpRequest, listing: Listing, user: User) -> HttpResponse:
    form, now = CorrectionForm(request.POST), timezone.now()
    if not form.is_valid():
        messages.error(request, _("Choose one thing to correct."))
        return redirect("symbiosis:listing_reading", pk=listing.pk)
    act, target = form.cleaned_data["act"], form.cleaned_data["target"]
    try:
        if act == "undo":
            undo_correction(by=user, listing=listing, target=target, now=now)
        else:
            correct_reading(by=user, listing=listing, target=target, holds=act == "affirm", now=now)
    except SymbiosisError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("The correction was undone. Matches follow the text.")
            if act == "undo"
            else _("Corrected. Matches follow it."),
        )
    back = "listing_reading" if form.cleaned_data["back"] else "listing_detail"
    return redirect(reverse(f"symbiosis:{back}", args=[listing.pk]) + "#reading")


@requires(Permission.KNOWLEDGE)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def reading_list(request: HttpRequest) -> HttpResponseBase:
    language, known = get_language() or "fi", current_knowledge()
    listings = (
        Listing.objects.published(on=today())
        .material()
        .select_related("organisation", "reading")
        .prefetch_related("reading_corrections")
    )
    found = ReadingFilter(request.GET, queryset=listings, request=request)
    table = table_page(request, found.qs, reading_columns(language, known), default="title")
    if download := table.download(_("Readings of listings")):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"symbiosis/reading_list.html{part}",
        {
            "table": table,
            "rows": [(listing, _read(listing, language, known)) for listing in table.rows],
            "filter": found,
            "chips": filter_chips(request, found.form),
        },
    )


def reading_columns(language: str, known: Knowledge) -> list[Column]:
    return [
        Column("title", gettext_lazy("Title"), order_by=finnish_order("title")),
        Column("kind", gettext_lazy("Kind of listing"), order_by="kind", export=lambda row: row.get_kind_display()),
        Column("organisation", gettext_lazy("Organisation"), order_by=finnish_order("organisation__name")),
        Column("language", gettext_lazy("Language of the text"), order_by="language"),
        Column("read", gettext_lazy("What was read"), export=lambda row: _read(row, language, known).gist),
        Column(
            "read_at",
            pgettext_lazy("of a listing", "Read"),
            order_by="reading__read_at",
            numeric=True,
            export=lambda row: _read(row, language, known).read_at,
        ),
    ]


def _read(listing: Listing, language: str, known: Knowledge) -> ReadableReading:
    reading = getattr(listing, "reading", None)
    return readable(reading, language, known=known) if reading else ReadableReading()
