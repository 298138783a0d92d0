from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from kisu.lib import formats
from kisu.lib.collation import finnish_order
from kisu.lib.dates import days_left, today
from kisu.lib.tables import Column, filter_chips, table_page
from members.access import editable_or_403, public, requires, signed_in, visible_or_404
from members.models import AuditEntry, Organisation, User
from members.permissions import Permission
from members.views.identity import confirm_identity
from symbiosis.filters import ListingFilter, OwnListingFilter
from symbiosis.forms import CloseForm, ListingForm, ProlongForm, ReasonForm
from symbiosis.forms.listing import template_of
from symbiosis.models import Listing
from symbiosis.models.listing import ListingQuerySet
from symbiosis.services import SymbiosisError
from symbiosis.services.beyond import beyond_listing
from symbiosis.services.beyond_pairs import beyond_pairs
from symbiosis.services.listings import (
    approve_listing,
    close_listing,
    create_listing,
    delete_listing,
    edit_listing,
    hide_listing,
    may_publish,
    prolong_listing,
    read_contact,
    reject_listing,
    submit_listing,
)
from symbiosis.services.matches import matches_of
from symbiosis.services.readings import is_read, reading_of
from symbiosis.services.receivers import SHOWN as RECEIVERS_SHOWN
from symbiosis.services.receivers import receivers_of

HISTORY_SHOWN = 20


def listing_columns(*, state: bool) -> list[Column]:
    """What the list is sorted by and what its export holds: only what the public may see."""
    columns = [
        Column("pk", gettext_lazy("Number")),
        Column("kind", gettext_lazy("Kind of listing"), export=lambda row: row.get_kind_display()),
        Column("title", gettext_lazy("Title"), order_by=finnish_order("title")),
        Column("organisation", gettext_lazy("Organisation")),
        Column("nature", gettext_lazy("Waste or side stream"), export=lambda row: row.get_nature_display()),
        Column("material_class", gettext_lazy("Material class")),
        Column("waste_code.display_code", gettext_lazy("Waste code")),
        Column("hazardous", gettext_lazy("Hazard"), export=lambda row: hazard_text(row)),
        # Tonnes, kilograms and cubic metres in one order by size: a cubic metre counts as a tonne.
        Column(
            "quantity",
            gettext_lazy("Quantity"),
            order_by=F("quantity") * F("unit__to_base"),
            numeric=True,
        ),
        Column("unit.symbol", gettext_lazy("Unit")),
        Column("continuity", gettext_lazy("How it arises"), export=lambda row: row.get_continuity_display()),
        Column("municipality", gettext_lazy("Municipality")),
        Column("municipality.region", gettext_lazy("Region")),
        Column("language", gettext_lazy("Language of the text")),
        Column(
            "published",
            gettext_lazy("Published"),
            order_by="published_at",
            numeric=True,
            export=lambda row: row.published_at,
        ),
        Column("valid_until", gettext_lazy("Valid until"), order_by="valid_until"),
        Column("description", gettext_lazy("Description")),
    ]
    if state:
        columns.insert(2, Column("state", gettext_lazy("State"), export=lambda row: row.get_state_display()))
    return columns


def hazard_text(listing: Listing) -> str:
    if listing.kind == Listing.Kind.NEED:
        return _("Hazardous waste is accepted too") if listing.hazardous else _("Hazardous waste is not accepted")
    return {True: _("Hazardous waste"), False: _("Not hazardous"), None: _("Hazard not known")}[listing.hazardous]


@public(why="published listings are for everybody; the own ones in other states for those who post")
@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def listing_list(request: HttpRequest) -> HttpResponseBase:
    user = request.user
    posts = user.is_authenticated and user.may(Permission.LISTING_CREATE)
    listings = _with_relations(Listing.objects.visible_to(user, on=today()))
    found = (OwnListingFilter if posts else ListingFilter)(request.GET, queryset=listings, request=request)
    table = table_page(request, found.qs, listing_columns(state=posts), default="-published")
    if download := table.download(_("Listings")):
        return download
    sorts = {
        "-published": pgettext("order", "Newest first"),
        "valid_until": pgettext("order", "Expiring first"),
        "-quantity": pgettext("order", "Largest quantity first"),
        "title": pgettext("order", "By title"),
    }
    own = "own" in found.form.changed_data
    views = [
        {"label": _("All listings"), "url": request.path, "icon": "list", "current": not own},
        {"label": _("Own listings"), "url": f"{request.path}?own=true", "icon": "person", "current": own},
    ]
    part = "#results" if request.headers.get("HX-Target") == "results" else ""
    return TemplateResponse(
        request,
        f"symbiosis/listing_list.html{part}",
        {
            "views": views if posts else [],
            "table": table,
            "filter": found,
            "chips": filter_chips(request, found.form),
            "sorts": [{"value": key, "label": label, "current": table.sort == key} for key, label in sorts.items()],
            "posts": posts,
        },
    )


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers for a listing. Address and phone only for the same organisation, the region's coordinator, staff."""

    name: str
    title: str
    email: str = ""
    phone: str = ""


@public(why="a published listing is for everybody; others 404")
@require_safe
def listing_detail(request: HttpRequest, pk: int) -> TemplateResponse:
    on = today()
    listings = _with_relations(Listing.objects.visible_to(request.user, on=on)).select_related("created_by__person")
    listing = visible_or_404(listings, pk=pk)
    context: dict[str, Any] = {
        "listing": listing,
        "key_facts": _key_facts(listing, on=on),
        "facts": _facts(listing),
        "files": listing.attachments.order_by("added_at", "pk"),
        "is_open": listing.is_open(on=on),
        # The card of a firm that is no member is for those who keep the register.
        "organisation_url": listing.organisation.get_absolute_url()
        if listing.organisation.is_member
        or Organisation.objects.visible_to(request.user).filter(pk=listing.organisation_id).exists()
        else "",
    }
    if request.user.is_authenticated:
        context |= _for_user(listing, request.user, on=on)
    return TemplateResponse(request, "symbiosis/listing_detail.html", context)


def _for_user(listing: Listing, user: User, *, on: date) -> dict[str, Any]:
    """What a signed-in person sees and may do besides."""
    one = Listing.objects.filter(pk=listing.pk)
    editable = one.editable_by(user).exists()
    moderates = user.may(Permission.LISTING_MODERATE) and may_publish(by=user, listing=listing)
    contact = None
    if user.may(Permission.LISTING_CONTACT) and (contact := _contact(listing, user)):
        read_contact(by=user, listing=listing, now=timezone.now())
    history = None
    if user.may(Permission.AUDIT_READ):
        entries = AuditEntry.objects.visible_to(user).about(listing).exclude(action=AuditEntry.Action.READ)
        history = entries.select_related("actor__person").order_by("-at", "-pk")[:HISTORY_SHOWN]
    state = listing.state
    inside = listing.organisation_id in user.reach(Permission.LISTING_CREATE).organisations
    writes = listing.is_open(on=on) and not inside and user.may(Permission.ENQUIRY)
    return {
        "editable": editable,
        "own": inside or listing.created_by_id == user.pk,
        "sees_reason": inside or editable,
        "contact_url": reverse("symbiosis:enquiry_new", args=[listing.pk]) if writes else "",
        "matches": matches_of(listing=listing, user=user, on=on) if listing.is_material else [],
        "reading": reading_of(listing, get_language() or "fi") if editable else None,
        "beyond": beyond_listing(listing=listing, user=user, on=on),
        "receivers": receivers_of(listing=listing, user=user, on=on, limit=RECEIVERS_SHOWN),
        "others": beyond_pairs(listing=listing, user=user, on=on),
        "correctable": editable and is_read(listing),
        "contact": contact,
        "history": history,
        "can_submit": editable and listing.can_be_submitted,
        "publishes": moderates,
        "can_edit": editable and listing.can_be_edited,
        "can_prolong": editable and listing.can_be_prolonged,
        "can_close": editable and state != Listing.State.CLOSED,
        "can_copy": one.in_reach(user, Permission.LISTING_CREATE).exists(),
        "can_approve": moderates and state in {Listing.State.IN_REVIEW, Listing.State.HIDDEN},
        "can_reject": moderates and state == Listing.State.IN_REVIEW,
        "can_hide": moderates and state == Listing.State.PUBLISHED,
        "can_delete": user.may(Permission.ADMIN),
    }


def _contact(listing: Listing, user: User) -> Contact | None:
    person = getattr(listing.created_by, "person", None)
    if person is None:
        return None
    place = person.affiliations.in_force(on=today()).order_by("pk").first()
    title = place.title if place else ""
    organisations = Organisation.objects.filter(pk=listing.organisation_id)
    if not organisations.in_reach(user, Permission.ORGANISATION_PEOPLE).exists():
        return Contact(person.name, title)
    return Contact(person.name, title, person.email, person.phone)


@requires(Permission.LISTING_CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def listing_new(request: HttpRequest, kind: str = "") -> HttpResponse:
    """First which kind, then the form of that kind."""
    user = signed_in(request)
    if not kind:
        return TemplateResponse(request, "symbiosis/listing_new.html", {"kinds": Listing.Kind.choices})
    if kind not in Listing.Kind.values:
        raise Http404
    form = _listing_form(request, kind=kind, user=user)
    if form.is_bound and form.is_valid():
        try:
            listing = create_listing(
                by=user,
                kind=kind,
                organisation=form.cleaned_data["organisation"],
                values=form.values,
                submit=_submits(request),
                now=timezone.now(),
            )
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            _say_state(request, listing)
            return redirect(listing)
    return TemplateResponse(request, "symbiosis/listing_new_form.html", {"form": form, "kind": kind})


@requires(Permission.LISTING_CREATE)
@require_safe
def listing_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a new listing, filled in from an older one."""
    user = signed_in(request)
    listing = _listing(request, pk, Listing.objects.in_reach(user, Permission.LISTING_CREATE))
    start = template_of(listing) | {"organisation": listing.organisation_id}
    del start["valid_until"]
    form = ListingForm(kind=listing.kind, user=user, on=today(), initial=start)
    return TemplateResponse(
        request, "symbiosis/listing_new_form.html", {"form": form, "kind": listing.kind, "source": listing}
    )


@requires(Permission.LISTING_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def listing_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    listing = _listing(request, pk, Listing.objects.editable_by(user))
    if not listing.can_be_edited:
        messages.error(request, _("A closed listing is not edited. Copy it to a new one."))
        return redirect(listing)
    form = _listing_form(request, kind=listing.kind, user=user, listing=listing)
    if form.is_bound and form.is_valid():
        try:
            saved = edit_listing(
                by=user,
                listing=listing,
                values=form.values,
                seen=form.cleaned_data["seen"],
                submit=_submits(request),
                now=timezone.now(),
            )
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            _say_state(request, saved)
            return redirect(saved)
    return TemplateResponse(
        request,
        "symbiosis/listing_edit.html",
        {
            "form": form,
            "listing": listing,
            "kind": listing.kind,
            "reviewed_again": listing.can_be_prolonged and not may_publish(by=user, listing=listing),
        },
    )


def _listing_form(request: HttpRequest, *, kind: str, user: User, listing: Listing | None = None) -> ListingForm:
    """A press on "search" among the waste codes comes back as a form that is filled in but not judged."""
    on = today()
    if request.method != "POST":
        return ListingForm(kind=kind, user=user, on=on, listing=listing)
    searched = request.POST.get("waste_code_q", "")
    if "search_waste_code" in request.POST:
        return ListingForm(kind=kind, user=user, on=on, listing=listing, initial=request.POST.dict(), searched=searched)
    draft = not _submits(request) and (listing is None or listing.can_be_submitted)
    return ListingForm(request.POST, kind=kind, user=user, on=on, listing=listing, draft=draft, searched=searched)


def _submits(request: HttpRequest) -> bool:
    return request.POST.get("save") == "submit"


def _say_state(request: HttpRequest, listing: Listing) -> None:
    match listing.state:
        case Listing.State.PUBLISHED:
            messages.success(
                request,
                _("The listing is published. It is valid until %(date)s.")
                % {"date": formats.date(listing.valid_until)},
            )
        case Listing.State.IN_REVIEW:
            messages.success(request, _("The listing was sent to the regional coordinator for review."))
        case Listing.State.DRAFT:
            messages.success(request, _("The draft was saved. Nobody outside your organisation sees it."))
        case _:
            messages.success(request, _("Saved."))
    if is_read(listing):
        messages.info(request, _("Check on this page how the portal reads the listing."))


@requires(Permission.LISTING_EDIT)
@require_POST
def listing_submit(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    listing = _listing(request, pk, Listing.objects.editable_by(user))
    try:
        listing = submit_listing(by=user, listing=listing, now=timezone.now())
    except SymbiosisError as error:
        messages.error(request, str(error))
        return redirect("symbiosis:listing_edit", pk=pk) if listing.missing else redirect(listing)
    _say_state(request, listing)
    return redirect(listing)


@requires(Permission.LISTING_MODERATE)
@require_POST
def listing_approve(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    listing = _listing(request, pk, Listing.objects.moderatable_by(user))
    try:
        listing = approve_listing(by=user, listing=listing, now=timezone.now())
    except SymbiosisError as error:
        messages.error(request, str(error))
    else:
        _say_state(request, listing)
    return redirect(listing)


@requires(Permission.LISTING_MODERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def listing_reject(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    listing = _listing(request, pk, Listing.objects.moderatable_by(user))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            reject_listing(by=user, listing=listing, reason=form.cleaned_data["reason"], now=timezone.now())
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The listing was rejected. Its owner was told why."))
            return redirect(listing)
    return TemplateResponse(request, "symbiosis/listing_reject.html", {"form": form, "listing": listing})


@requires(Permission.LISTING_MODERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def listing_hide(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    listing = _listing(request, pk, Listing.objects.moderatable_by(user))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            hide_listing(by=user, listing=listing, reason=form.cleaned_data["reason"], now=timezone.now())
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The listing is hidden. Its owner was told why."))
            return redirect(listing)
    return TemplateResponse(request, "symbiosis/listing_hide.html", {"form": form, "listing": listing})


@requires(Permission.LISTING_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def listing_close(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    listing = _listing(request, pk, Listing.objects.editable_by(user))
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            close_listing(by=user, listing=listing, reason=form.cleaned_data["reason"])
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The listing is closed."))
            return redirect(listing)
    return TemplateResponse(request, "symbiosis/listing_close.html", {"form": form, "listing": listing})


@requires(Permission.LISTING_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def listing_prolong(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    listing = _listing(request, pk, Listing.objects.editable_by(user))
    form = ProlongForm(request.POST if request.method == "POST" else None, on=today())
    if form.is_bound and form.is_valid():
        try:
            listing = prolong_listing(
                by=user, listing=listing, until=form.cleaned_data["valid_until"], now=timezone.now()
            )
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            _say_state(request, listing)
            return redirect(listing)
    return TemplateResponse(request, "symbiosis/listing_prolong.html", {"form": form, "listing": listing})


@requires(Permission.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def listing_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Docs/roles.md, 7: staff, with the password asked again."""
    user = signed_in(request)
    listing = _listing(request, pk)
    confirm_identity(request)
    if request.method == "POST":
        delete_listing(by=user, listing=listing)
        messages.success(request, _("The listing was deleted."))
        return redirect("symbiosis:listing_list")
    return TemplateResponse(
        request,
        "symbiosis/listing_delete.html",
        {
            "listing": listing,
            "files": listing.attachments.count(),
            "enquiries": listing.enquiries.count(),
            "matches": listing.matches_as_offer.count() + listing.matches_as_need.count(),
        },
    )


def _with_relations(listings: ListingQuerySet) -> ListingQuerySet:
    return listings.select_related(
        "organisation__municipality__region",
        "municipality__region",
        "material_class",
        "waste_code",
        "service",
        "industry",
        "unit",
    )


def _listing(request: HttpRequest, pk: int, editable: ListingQuerySet | None = None) -> Listing:
    """404 for one that can't be seen, 403 for one that is to be seen but not to be changed."""
    visible = _with_relations(Listing.objects.visible_to(request.user, on=today()))
    return visible_or_404(visible, pk=pk) if editable is None else editable_or_403(visible, editable, pk=pk)


def _key_facts(listing: Listing, *, on: date) -> list[dict[str, Any]]:
    left = days_left(listing.valid_until, on=on)
    facts: list[dict[str, Any]] = [
        {"label": _("Place"), "value": listing.municipality, "note": listing.municipality.region},
        {
            "label": _("Valid until"),
            "value": formats.date(listing.valid_until),
            "note": ngettext("%(days)s day left", "%(days)s days left", left) % {"days": formats.number(left)}
            if listing.is_open(on=on)
            else "",
        },
    ]
    if listing.continuity:
        facts.insert(1, {"label": _("How it arises"), "value": listing.get_continuity_display(), "note": ""})
    if listing.is_material:
        facts.insert(0, {"label": _("Quantity"), "value": listing.amount, "note": listing.quantity_note})
    elif listing.service:
        facts.insert(0, {"label": _("Service"), "value": listing.service, "note": ""})
    return facts


def _facts(listing: Listing) -> list[dict[str, Any]]:
    code = listing.waste_code
    facts = [
        (_("Waste or side stream"), listing.get_nature_display(), ""),
        (_("Material class"), listing.material_class, ""),
        (_("Hazard"), hazard_text(listing) if listing.is_material else "", ""),
        (_("Waste code"), code.display_code if code else "", code.name if code else ""),
        (_("Industry where it arises"), listing.industry.name if listing.industry else "", ""),
        (
            _("How far it may come from"),
            formats.quantity(listing.radius_km, "km") if listing.radius_km else "",
            _("by road") if listing.radius_km else "",
        ),
    ]
    return [{"label": label, "value": value, "note": note} for label, value, note in facts if value]
