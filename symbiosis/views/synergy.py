from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib.collation import finnish_order
from kisu.lib.dates import today
from kisu.lib.language import name_column
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import editable_or_403, requires, signed_in, visible_or_404
from members.models import AuditEntry, Organisation, User
from members.permissions import Permission
from symbiosis.filters import SynergyFilter
from symbiosis.forms import RealiseForm, SynergyEditForm, SynergyForm, SynergyStepForm
from symbiosis.models import Match, Synergy
from symbiosis.models.synergy import SynergyQuerySet
from symbiosis.services import SymbiosisError
from symbiosis.services.synergies import alike, create_synergy, edit_synergy, move_synergy, realise_synergy
from workpackages.models import Impact

HISTORY_SHOWN = 20
ON_BOARD = 5  # items a column
SUMMED = (Impact.Kind.MEASURED, Impact.Kind.CALCULATED)  # estimates are never added to them


def synergy_columns() -> list[Column]:
    return [
        Column("number", gettext_lazy("Number"), order_by="pk"),
        Column("title", gettext_lazy("Synergy"), order_by=finnish_order("title")),
        Column("giver", gettext_lazy("Provider")),
        Column("receiver", gettext_lazy("Recipient")),
        Column("stage", gettext_lazy("Stage"), order_by="stage_rank", export=lambda row: row.get_stage_display()),
        Column(
            "tonnes",
            gettext_lazy("Kept in use, t a year"),
            order_by="impact__kept_in_use_t",
            numeric=True,
            export=lambda row: row.impact.kept_in_use_t if row.impact else None,
        ),
        Column(
            "days",
            gettext_lazy("Days in the stage"),
            order_by="in_stage",
            numeric=True,
            export=lambda row: row.in_stage.days if row.in_stage is not None else None,
        ),
        Column("next_step", gettext_lazy("Next step"), order_by="next_step_on"),
        Column("next_step_on", gettext_lazy("Next step on")),
        Column("region", gettext_lazy("Region"), order_by=finnish_order(f"region__{name_column()}")),
        Column("started_on", gettext_lazy("Began")),
        Column("realised_on", gettext_lazy("Realised")),
    ]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One stage of the board: how many in all, their measured and calculated tonnes, and some of them."""

    stage: Synergy.Stage
    step: int
    count: int
    tonnes: Decimal | None
    synergies: list[Synergy]

    @property
    def more(self) -> int:
        return self.count - len(self.synergies)


@requires(Permission.SYNERGY_READ)
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def synergy_list(request: HttpRequest) -> HttpResponseBase:
    user, on = signed_in(request), today()
    found = SynergyFilter(request.GET, queryset=_synergies(user), request=request)
    table = table_page(request, found.qs, synergy_columns(), default=("stage_rank", "stage_since"))
    if download := table.download(_("Synergies")):
        return download
    board = request.GET.get("view") == "board"
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    editable = user.reach(Permission.SYNERGY_EDIT)
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("view", None)
    return TemplateResponse(
        request,
        f"symbiosis/synergy_list.html{part}",
        {
            "table": table,
            "headers": {header.key: header for header in table.headers},
            "board": _board(found.qs) if board else None,
            "aside": _counts(found.qs, Synergy.ASIDE) if board else None,
            "filter": found,
            "chips": filter_chips(request, found.form),
            "views": [
                {
                    "url": f"?{query.urlencode()}",
                    "label": pgettext("view", "Table"),
                    "icon": "table",
                    "current": not board,
                },
                {
                    "url": f"?{query.urlencode()}{'&' if query else ''}view=board",
                    "label": pgettext("view", "Stages"),
                    "icon": "partner",
                    "current": board,
                },
            ],
            "on": on,
            "may_edit": bool(editable),
            "all_regions": user.reach(Permission.SYNERGY_READ).everything,
            "figures": _synergies(user).under_way().count(),
            "no_next": _synergies(user).without_next_step(on=on).count(),
        },
    )


def _counts(synergies: SynergyQuerySet, stages: tuple[Synergy.Stage, ...]) -> dict[str, dict[str, Any]]:
    rows = (
        synergies.order_by()
        .filter(stage__in=stages)
        .values("stage")
        .annotate(count=Count("pk"), tonnes=Sum("impact__kept_in_use_t", filter=Q(impact__kind__in=SUMMED)))
    )
    return {row["stage"]: dict(row) for row in rows}


def _board(synergies: SynergyQuerySet) -> list[BoardColumn]:
    """The five stages of the path, those that have stood longest first; of the realised the newest. Three queries."""
    counts = _counts(synergies, Synergy.PATH)
    place = Window(RowNumber(), partition_by="stage", order_by=["stage_since", "pk"])
    first = synergies.filter(stage__in=Synergy.OPEN).annotate(place=place).filter(place__lte=ON_BOARD)
    newest = synergies.filter(stage=Synergy.Stage.REALISED).order_by("-realised_on", "-pk")[:ON_BOARD]
    shown = [*first.order_by(F("place")), *newest]
    return [
        BoardColumn(
            stage=stage,
            step=step,
            count=counts.get(stage, {}).get("count", 0),
            tonnes=counts.get(stage, {}).get("tonnes"),
            synergies=[synergy for synergy in shown if synergy.stage == stage],
        )
        for step, stage in enumerate(Synergy.PATH, start=1)
    ]


@requires(Permission.SYNERGY_READ)
@require_safe
def synergy_detail(request: HttpRequest, pk: int) -> TemplateResponse:
    user = signed_in(request)
    synergy = visible_or_404(_synergies(user).select_related("match"), pk=pk)
    steps = list(synergy.steps.select_related("taken_by__person").order_by("on", "pk"))
    editable = Synergy.objects.editable_by(user).filter(pk=pk).exists()
    moves = synergy.moves(steps=steps) if editable else []
    same: tuple[list[Synergy], int] = ([], 0)
    if editable and synergy.stage != Synergy.Stage.LAPSED:
        same = alike(
            giver=synergy.giver,
            receiver=synergy.receiver,
            material_class=synergy.material_class,
            user=user,
            but=synergy.pk,
        )
    history = None
    if user.may(Permission.AUDIT_READ):
        entries = AuditEntry.objects.visible_to(user).about(synergy).select_related("actor__person")
        history = entries.order_by("-at", "-pk")[:HISTORY_SHOWN]
    organisations = Organisation.objects.visible_to(user).filter(pk__in=[synergy.giver_id, synergy.receiver_id])
    return TemplateResponse(
        request,
        "symbiosis/synergy_detail.html",
        {
            "synergy": synergy,
            "steps": steps,
            "editable": editable,
            "moves": moves,
            "step_form": SynergyStepForm(moves=moves)
            if any(move != Synergy.Stage.REALISED for move in moves)
            else None,
            "can_realise": Synergy.Stage.REALISED in moves,
            "alike": same[0],
            "alike_hidden": same[1],
            "history": history,
            "linked": set(organisations.values_list("pk", flat=True)),
            "sees_match": synergy.match_id is not None
            and Match.objects.visible_to(user).filter(pk=synergy.match_id).exists(),
            "on": today(),
        },
    )


@requires(Permission.SYNERGY_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def synergy_new(request: HttpRequest, match_pk: int | None = None) -> HttpResponse:
    """A free synergy, or one of a match. What may be the same flow as another is asked back once."""
    user, on = signed_in(request), today()
    match = _match(user, match_pk) if match_pk is not None else None
    if match is not None and (begun := Synergy.objects.filter(match=match).first()) is not None:
        messages.info(request, _("The match is a synergy already."))
        seen = Synergy.objects.visible_to(user).filter(pk=begun.pk).exists()
        return redirect(begun if seen else match)
    start = {"started_on": on} | ({"title": match.offer.title[:150]} if match else {})
    data = request.POST if request.method == "POST" else None
    form = SynergyForm(data, user=user, match=match, initial=start)
    context: dict[str, Any] = {"form": form, "match": match}
    if form.is_bound and form.is_valid():
        material = match.offer.material_class if match else None
        values = form.values
        same, hidden = alike(giver=values["giver"], receiver=values["receiver"], material_class=material, user=user)
        try:
            if not (same or hidden) or form.cleaned_data["flow_seen"] == form.flow:
                synergy = create_synergy(by=user, match=match, on=on, **values)
                messages.success(request, _("The synergy was begun. Both organisations hear of it."))
                return redirect(synergy)
            form.data = request.POST.copy()
            form.data["flow_seen"] = form.flow
            context |= {"alike": same, "alike_hidden": hidden}
        except SymbiosisError as error:
            form.add_error(None, str(error))
    return TemplateResponse(request, "symbiosis/synergy_new.html", context)


def _match(user: User, pk: int) -> Match:
    matches = Match.objects.select_related(
        "offer__organisation__municipality__region", "offer__material_class", "need__organisation__municipality__region"
    )
    return editable_or_403(matches.visible_to(user), Match.objects.in_reach(user, Permission.SYNERGY_EDIT), pk=pk)


@requires(Permission.SYNERGY_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def synergy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    synergy = _editable(user, pk)
    start = {"title": synergy.title, "next_step": synergy.next_step, "next_step_on": synergy.next_step_on}
    form = SynergyEditForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_bound and form.is_valid():
        edit_synergy(by=user, synergy=synergy, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(synergy)
    return TemplateResponse(request, "symbiosis/synergy_edit.html", {"form": form, "synergy": synergy})


@requires(Permission.SYNERGY_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def synergy_step(request: HttpRequest, pk: int) -> HttpResponse:
    """To the next stage, on hold, lapsed, or back. The board's buttons send only the stage: then it is today."""
    user, on = signed_in(request), today()
    synergy = _editable(user, pk)
    if request.POST.get("stage") == Synergy.Stage.REALISED:
        return redirect("symbiosis:synergy_realise", pk=pk)
    moves = synergy.moves(steps=list(synergy.steps.order_by("on", "pk")))
    form = SynergyStepForm(request.POST if request.method == "POST" else None, moves=moves)
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        try:
            move_synergy(
                by=user,
                synergy=synergy,
                stage=values["stage"],
                reached_on=values["reached_on"] or on,
                reason=values["reason"],
                on=on,
            )
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The synergy moved on. Both organisations hear of it."))
            return redirect(synergy)
    can_realise = Synergy.Stage.REALISED in moves
    return TemplateResponse(
        request,
        "symbiosis/synergy_step.html",
        {"form": form, "synergy": synergy, "can_realise": can_realise, "movable": bool(form.fields["stage"].choices)},  # type: ignore[attr-defined]
    )


@requires(Permission.SYNERGY_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def synergy_realise(request: HttpRequest, pk: int) -> HttpResponse:
    user, on = signed_in(request), today()
    synergy = _editable(user, pk)
    if synergy.next_stage != Synergy.Stage.REALISED:
        messages.error(request, _("A synergy is realised after it has been implemented. Move it there first."))
        return redirect(synergy)
    form = RealiseForm(request.POST if request.method == "POST" else None, today=on)
    if form.is_bound and form.is_valid():
        try:
            realise_synergy(by=user, synergy=synergy, on=on, **form.cleaned_data)
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The synergy is realised. The night counts it into the indicators."))
            return redirect(synergy)
    same, hidden = alike(
        giver=synergy.giver, receiver=synergy.receiver, material_class=synergy.material_class, user=user, but=pk
    )
    return TemplateResponse(
        request,
        "symbiosis/synergy_realise.html",
        {"form": form, "synergy": synergy, "alike": same, "alike_hidden": hidden},
    )


def _editable(user: User, pk: int) -> Synergy:
    return editable_or_403(_synergies(user), Synergy.objects.editable_by(user), pk=pk)


def _synergies(user: User) -> SynergyQuerySet:
    return (
        Synergy.objects.visible_to(user)
        .with_stage_since(on=today())
        .select_related(
            "giver",
            "receiver",
            "region",
            "impact",
            "offer__unit",
            "offer__material_class",
            "need__unit",
            "need__material_class",
        )
    )
