from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kisu.lib.dates import today
from kisu.lib.tables import Column, table_page
from members.access import requires, signed_in, visible_or_404
from members.models import Organisation, User
from members.permissions import Permission
from symbiosis.forms import EnquiryForm, ReplyForm
from symbiosis.models import Enquiry, Listing, Match
from symbiosis.models.enquiry import EnquiryQuerySet
from symbiosis.services import SymbiosisError
from symbiosis.services.enquiries import (
    close_enquiry,
    open_enquiry,
    open_thread,
    possible_senders,
    reply,
    speaks_for,
)
from symbiosis.services.matches import answerable_sides


def enquiry_columns() -> list[Column]:
    return [
        Column("listing", gettext_lazy("Conversation"), order_by="listing__title"),
        Column("sender", gettext_lazy("Between"), order_by="sender__name"),
        Column("state", gettext_lazy("State"), order_by="state"),
        Column("messages_count", gettext_lazy("Messages"), order_by="messages_count", numeric=True),
        Column("last_at", gettext_lazy("Latest message"), order_by="last_at", numeric=True),
    ]


@requires(Permission.ENQUIRY)
@require_safe
def enquiry_list(request: HttpRequest) -> HttpResponseBase:
    user = signed_in(request)
    table = table_page(request, _enquiries(user).with_last_message(), enquiry_columns(), default="-last_at")
    waiting = set(
        Enquiry.objects.waiting_for(user).filter(pk__in=[row.pk for row in table.rows]).values_list("pk", flat=True)
    )
    return TemplateResponse(request, "symbiosis/enquiry_list.html", {"table": table, "waiting": waiting})


@requires(Permission.ENQUIRY)
@require_safe
def enquiry_detail(request: HttpRequest, pk: int) -> TemplateResponse:
    enquiry = visible_or_404(_enquiries(signed_in(request)), pk=pk)
    return _thread(request, enquiry, ReplyForm())


@requires(Permission.ENQUIRY)
@require_POST
def enquiry_reply(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    enquiry = visible_or_404(_enquiries(user), pk=pk)
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            reply(by=user, enquiry=enquiry, text=form.cleaned_data["text"], now=timezone.now())
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The message was sent."))
            return redirect(enquiry)
    return _thread(request, enquiry, form)


@requires(Permission.ENQUIRY)
@require_POST
def enquiry_close(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    enquiry = visible_or_404(_enquiries(user), pk=pk)
    try:
        close_enquiry(by=user, enquiry=enquiry)
    except SymbiosisError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The conversation is closed. It can still be read."))
    return redirect(enquiry)


@requires(Permission.ENQUIRY)
@require_http_methods(["GET", "HEAD", "POST"])
def enquiry_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Contact about a public listing."""
    user = signed_in(request)
    listings = Listing.objects.visible_to(user, on=today()).published(on=today())
    listing = visible_or_404(listings.select_related("organisation", "municipality", "unit"), pk=pk)
    senders = possible_senders(user=user, listing=listing, now=timezone.now())
    return _write(request, listing=listing, senders=senders, match=None, back=listing.get_absolute_url())


@requires(Permission.MATCH_ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
def match_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Contact from a match: from a side that the user may answer for, about the other side's listing."""
    user = signed_in(request)
    matches = Match.objects.answerable_by(user).select_related("offer__organisation", "need__organisation")
    match = visible_or_404(matches, pk=pk)
    sides = answerable_sides(match=match, user=user)
    asked = request.POST.get("sender", "") or request.GET.get("side", "")
    sender = next((side for side in sides if str(side.pk) == asked), sides[0])
    own = match.side_of(sender)
    assert own is not None  # noqa: S101  `sender` is one of the sides
    return _write(
        request,
        listing=match.other_side(own),
        senders=Organisation.objects.filter(pk=sender.pk),
        match=match,
        back=match.get_absolute_url(),
        sides=[side for side in sides if side != sender],
    )


def _write(
    request: HttpRequest,
    *,
    listing: Listing,
    senders: QuerySet[Organisation],
    match: Match | None,
    back: str,
    sides: Sequence[Organisation] = (),
) -> HttpResponse:
    user = signed_in(request)
    form = EnquiryForm(request.POST if request.method == "POST" else None, senders=senders)
    thread = open_thread(listing=listing, sender=form.only) if form.only else None
    if thread is not None and Enquiry.objects.visible_to(user).filter(pk=thread.pk).exists():
        messages.info(request, _("You have a conversation about this listing. Go on here."))
        return redirect(thread)
    if form.is_bound and form.is_valid():
        try:
            enquiry = open_enquiry(
                by=user,
                listing=listing,
                sender=form.cleaned_data["sender"],
                text=form.cleaned_data["text"],
                match=match,
                now=timezone.now(),
            )
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The message was sent. The answer comes here, and you get an e-mail of it."))
            return redirect(enquiry)
    return TemplateResponse(
        request,
        "symbiosis/enquiry_new.html",
        {
            "form": form,
            "listing": listing,
            "match": match,
            "back": back,
            "other_sides": sides,
            "nobody": not senders.exists(),
        },
    )


def _thread(request: HttpRequest, enquiry: Enquiry, form: ReplyForm) -> TemplateResponse:
    user = signed_in(request)
    return TemplateResponse(
        request,
        "symbiosis/enquiry_detail.html",
        {
            "enquiry": enquiry,
            "thread": enquiry.messages.select_related("author__person", "organisation").order_by("sent_at", "pk"),
            "form": form,
            "own": speaks_for(user=user, enquiry=enquiry),
            "sees_listing": Listing.objects.visible_to(user, on=today()).filter(pk=enquiry.listing_id).exists(),
            "sees_match": enquiry.match_id is not None
            and user.may(Permission.MATCH_READ)
            and Match.objects.visible_to(user).filter(pk=enquiry.match_id).exists(),
        },
    )


def _enquiries(user: User) -> EnquiryQuerySet:
    return Enquiry.objects.visible_to(user).select_related("listing__organisation", "sender", "match")
