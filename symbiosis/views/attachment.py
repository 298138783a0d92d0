from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kisu.lib.dates import today
from kisu.lib.files import serve_file
from members.access import editable_or_403, public, requires, signed_in, visible_or_404
from members.permissions import Permission
from symbiosis.forms import AttachmentForm
from symbiosis.models import Listing
from symbiosis.models.listing import MAX_ATTACHMENTS
from symbiosis.services import SymbiosisError
from symbiosis.services.attachments import add_attachment, attachment_folder, remove_attachment


def _own_listing(request: HttpRequest, pk: int) -> Listing:
    user = signed_in(request)
    visible = Listing.objects.visible_to(user, on=today()).select_related("organisation__municipality__region")
    return editable_or_403(visible, Listing.objects.editable_by(user), pk=pk)


@requires(Permission.LISTING_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def attachment_add(request: HttpRequest, pk: int) -> HttpResponse:
    listing = _own_listing(request, pk)
    form = AttachmentForm(request.POST, request.FILES) if request.method == "POST" else AttachmentForm()
    if form.is_bound and form.is_valid():
        try:
            add_attachment(by=signed_in(request), listing=listing, file=form.cleaned_data["file"])
        except SymbiosisError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The file was added."))
            return redirect("symbiosis:attachment_add", pk=pk)
    return TemplateResponse(
        request,
        "symbiosis/attachment_add.html",
        {
            "form": form,
            "listing": listing,
            "files": listing.attachments.order_by("added_at", "pk"),
            "most": MAX_ATTACHMENTS,
        },
    )


@public(why="a file is as public as its listing; others 404")
@require_safe
def attachment_download(request: HttpRequest, pk: int, attachment_pk: int) -> FileResponse:
    listing = visible_or_404(Listing.objects.visible_to(request.user, on=today()), pk=pk)
    attachment = visible_or_404(listing.attachments.all(), pk=attachment_pk)
    try:
        return serve_file(
            attachment_folder(), attachment.stored_as, name=attachment.name, content_type=attachment.content_type
        )
    except FileNotFoundError as error:
        raise Http404 from error


@requires(Permission.LISTING_EDIT)
@require_POST
def attachment_remove(request: HttpRequest, pk: int, attachment_pk: int) -> HttpResponse:
    listing = _own_listing(request, pk)
    attachment = visible_or_404(
        listing.attachments.select_related("listing__organisation__municipality__region"), pk=attachment_pk
    )
    remove_attachment(by=signed_in(request), attachment=attachment)
    messages.success(request, _("The file was removed."))
    return redirect("symbiosis:attachment_add", pk=pk)
