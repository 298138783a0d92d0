"""Releases of the matching: what waits, the comparison and its report, releasing and dropping."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.collation import finnish_order
from kisu.lib.tables import Column, NearestPaginator, filter_chips, table_page
from members.access import requires, signed_in, visible_or_404
from members.models import AuditEntry
from members.permissions import Permission
from symbiosis.filters import DifferenceFilter
from symbiosis.models import MatchingRelease, ReleaseDifference
from symbiosis.models.knowledge import change_rank
from symbiosis.models.match import Match
from symbiosis.services import SymbiosisError
from symbiosis.services.knowledge_catalogue import catalogue
from symbiosis.services.knowledge_entries import pending_entries
from symbiosis.services.release_report import Names, described, first_reason, reason_names, with_reasons
from symbiosis.services.releases import (
    ask_comparison,
    drop_release,
    is_outdated,
    publish_release,
    run_of,
)

PENDING_SHOWN = 50
HISTORY_SHOWN = 20


@requires(Permission.KNOWLEDGE)
@require_safe
def release_list(request: HttpRequest) -> TemplateResponse:
    """What the next release would change, the comparison that waits, and the releases so far."""
    open_states = (MatchingRelease.State.COMPARING, MatchingRelease.State.COMPARED)
    releases = MatchingRelease.objects.select_related("created_by__person", "released_by__person")
    table = table_page(request, releases.exclude(state__in=open_states), release_columns(), default="-created_at")
    pending = NearestPaginator(pending_entries(), PENDING_SHOWN).get_page(request.GET.get("pending", "1"))
    return TemplateResponse(
        request,
        "symbiosis/release_list.html",
        {
            "pending": pending,
            "changes": described(pending.object_list, catalogue()),
            "open": releases.filter(state__in=open_states).order_by("-pk"),
            "table": table,
        },
    )


def release_columns() -> list[Column]:
    return [
        Column("version", gettext_lazy("Version")),
        Column("state", gettext_lazy("State"), order_by="state"),
        Column("created_at", gettext_lazy("Compared"), order_by="created_at"),
        Column("released_at", gettext_lazy("Released"), order_by="released_at"),
    ]


@requires(Permission.KNOWLEDGE)
@require_POST
def release_compare(request: HttpRequest) -> HttpResponse:
    """Starts comparing, or leads to the comparison that runs."""
    return redirect(ask_comparison(by=signed_in(request), now=timezone.now()))


def difference_columns(names: Names) -> list[Column]:
    return [
        Column("change", gettext_lazy("Change"), order_by=(change_rank(), "pk"), export=change_label),
        Column("offer", pgettext_lazy("listing", "Offer"), order_by=finnish_order("offer__title")),
        Column("need", pgettext_lazy("listing", "Need"), order_by=finnish_order("need__title")),
        Column(
            "class_before",
            gettext_lazy("Before"),
            order_by="class_before",
            export=lambda row: row.get_class_before_display(),
        ),
        Column(
            "class_after",
            gettext_lazy("After"),
            order_by="class_after",
            export=lambda row: row.get_class_after_display(),
        ),
        Column("reasons", gettext_lazy("Why"), export=lambda row: first_reason(row, names)),
    ]


def change_label(row: ReleaseDifference) -> str:
    return {"appears": _("Appears"), "vanishes": _("Vanishes"), "changes": _("Changes class")}[row.change]


@requires(Permission.KNOWLEDGE)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def release_detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    release = visible_or_404(_releases(), pk=pk)
    if request.headers.get("HX-Target") == "run" and release.state != MatchingRelease.State.COMPARING:
        return HttpResponse(headers={"HX-Refresh": "true"})  # the progress turns into a page of another form
    found = DifferenceFilter(request.GET, queryset=release.differences.select_related("offer", "need"), request=request)
    names = reason_names()
    table = table_page(request, found.qs, difference_columns(names), default="pk")
    if download := table.download(_("Differences of a release")):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    compared = release.state == MatchingRelease.State.COMPARED
    return TemplateResponse(
        request,
        f"symbiosis/release_detail.html{part}",
        {
            "release": release,
            "run": run_of(release),
            "table": table,
            "headers": {header.key: header for header in table.headers},
            "differences": with_reasons(table.rows, names),
            "filter": found,
            "chips": filter_chips(request, found.form),
            "outdated": compared and is_outdated(release),
            "counts": release.counts,
            "classes": dict(Match.MatchClass.choices),
            "history": AuditEntry.objects.about(release).order_by("-at", "-pk")[:HISTORY_SHOWN],
        },
    )


@requires(Permission.KNOWLEDGE)
@require_POST
def release_publish(request: HttpRequest, pk: int) -> HttpResponse:
    release = visible_or_404(_releases(), pk=pk)
    try:
        publish_release(by=signed_in(request), release=release, now=timezone.now())
    except SymbiosisError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Released. Listings are read anew and matched now."))
    return redirect(release)


@requires(Permission.KNOWLEDGE)
@require_http_methods(["GET", "HEAD", "POST"])
def release_drop(request: HttpRequest, pk: int) -> HttpResponse:
    release = visible_or_404(_releases(), pk=pk)
    if request.method == "POST":
        try:
            drop_release(by=signed_in(request), release=release)
        except SymbiosisError as error:
            messages.error(request, str(error))
            return redirect(release)
        messages.success(request, _("The comparison was dropped. The drafts are still there."))
        return redirect("symbiosis:release_list")
    return TemplateResponse(request, "symbiosis/release_drop.html", {"release": release})


def _releases() -> QuerySet[MatchingRelease]:
    return MatchingRelease.objects.select_related("created_by__person", "released_by__person")
