"""The audit log: staff read all of it, a coordinator the region's changes, an organisation's admin its own."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.tables import Column, filter_chips, table_page
from members.access import requires, signed_in
from members.filters import AuditFilter
from members.history import changes_of, in_words, who
from members.models import AuditEntry
from members.permissions import Permission
from members.services.audit import record

COLUMNS = [
    Column("at", gettext_lazy("Time"), order_by="at", numeric=True),
    Column("actor", gettext_lazy("Who"), export=who),
    Column("act", gettext_lazy("What was done"), order_by="what"),
    Column("label", gettext_lazy("Object"), order_by="label"),
    Column("changes", gettext_lazy("From – to"), export=lambda entry: "\n".join(map(str, changes_of(entry)))),
]


@requires(Permission.AUDIT_READ)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def audit_list(request: HttpRequest) -> HttpResponseBase:
    user = signed_in(request)
    everything = user.reach(Permission.AUDIT_READ).everything
    entries = AuditEntry.objects.visible_to(user).select_related("actor__person")
    found = AuditFilter(request.GET, queryset=entries, request=request)
    table = table_page(request, found.qs, COLUMNS, default="-at")
    if table.export_format:
        if not everything:
            raise PermissionDenied
        record(by=user, action=AuditEntry.Action.READ, instance=user, what="audit log downloaded")
    if download := table.download(_("Audit log")):
        return download
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"members/audit_list.html{part}",
        {
            "table": table,
            "lines": in_words(table.rows, links=True),
            "filter": found,
            "chips": filter_chips(request, found.form),
            "everything": everything,
        },
    )
