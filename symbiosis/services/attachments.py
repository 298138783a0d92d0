"""Files of listings: the file first and then its row, so that a row never leads to nothing."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kisu.lib.files import CheckedFile, UploadError, store, stored_path
from members.models import AuditEntry, User
from members.services.audit import record
from symbiosis.models import Attachment, Listing
from symbiosis.models.listing import MAX_ATTACHMENTS
from symbiosis.services import SymbiosisError

ORPHAN_AFTER = timedelta(days=1)


def attachment_folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "attachments"


def add_attachment(*, by: User, listing: Listing, file: CheckedFile) -> Attachment:
    """Raises SymbiosisError for one too many, and when the disk refuses."""
    try:
        name = store(file, attachment_folder())
    except UploadError as error:
        raise SymbiosisError(error.message) from error
    try:
        with transaction.atomic():
            Listing.objects.select_for_update().get(pk=listing.pk)
            if listing.attachments.count() >= MAX_ATTACHMENTS:
                raise SymbiosisError(
                    _("A listing has at most %(most)s files. Remove one first.") % {"most": MAX_ATTACHMENTS}
                )
            attachment = Attachment.objects.create(
                listing=listing,
                name=file.name,
                stored_as=name,
                content_type=file.content_type,
                size=file.size,
                added_by=by,
            )
            _record(by=by, attachment=attachment, what="file added to a listing", changes=["", file.name])
    except BaseException:
        remove_files([name])
        raise
    return attachment


@transaction.atomic
def remove_attachment(*, by: User, attachment: Attachment) -> None:
    _record(by=by, attachment=attachment, what="file removed from a listing", changes=[attachment.name, ""])
    transaction.on_commit(partial(remove_files, [attachment.stored_as]), robust=True)
    attachment.delete()


def _record(*, by: User, attachment: Attachment, what: str, changes: list[str]) -> None:
    """In the listing's own history."""
    record(
        by=by,
        action=AuditEntry.Action.CHANGED,
        instance=attachment.listing,
        what=what,
        changes={"file": changes},
        organisation=attachment.listing.organisation,
    )


def remove_files(names: Iterable[str]) -> None:
    for name in names:
        with suppress(OSError):  # what can't be removed now is an orphan, and the night tries again
            stored_path(attachment_folder(), name).unlink(missing_ok=True)


def sweep_files(*, now: datetime) -> int:
    """Removes files without a row that are older than a day: a process died between the two. Returns how many."""
    folder = attachment_folder()
    if not folder.is_dir():
        return 0
    kept = set(Attachment.objects.values_list("stored_as", flat=True))
    removed = 0
    for path in folder.iterdir():
        with suppress(OSError):
            if path.name not in kept and path.stat().st_mtime < (now - ORPHAN_AFTER).timestamp():
                path.unlink()
                removed += 1
    return removed
