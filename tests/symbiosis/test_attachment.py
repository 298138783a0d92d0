import errno
import io
import os
import time
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from kisu.lib.files import check_upload
from members.models import AuditEntry
from symbiosis.models import Attachment
from symbiosis.services import SymbiosisError
from symbiosis.services.attachments import add_attachment, attachment_folder, sweep_files
from symbiosis.services.listings import delete_listing
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
)
from tests.factories.symbiosis import create_listing

pytestmark = pytest.mark.django_db


def text(name="analysis.txt", content=b"Moisture 12 %"):
    return SimpleUploadedFile(name, content)


def picture():
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), "green").save(stream, "PNG")
    return SimpleUploadedFile("../../heap.png", stream.getvalue())


def add(listing):
    return reverse("symbiosis:attachment_add", args=[listing.pk])


def file_url(act, attachment):
    return reverse(f"symbiosis:attachment_{act}", args=[attachment.listing_id, attachment.pk])


def own_listing(**fields):
    member = create_member()
    organisation = member.role_grants.get().organisation
    return member, create_listing(organisation=organisation, created_by=member, **fields)


def with_file(**fields):
    member, listing = own_listing(**fields)
    checked = check_upload(text(), kinds={"txt"})
    return member, add_attachment(by=member, listing=listing, file=checked)


def stored():
    return sorted(path.name for path in attachment_folder().iterdir()) if attachment_folder().is_dir() else []


def test_a_file_is_stored_under_a_name_of_ours_and_shown_under_its_own(client):
    member, listing = own_listing()
    client.force_login(member)
    assert client.post(add(listing), {"file": picture()})["Location"] == add(listing)
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.content_type, attachment.added_by) == ("heap.png", "image/png", member)
    assert stored() == [attachment.stored_as]
    assert len(attachment.stored_as) == 36
    entry = AuditEntry.objects.get(what="file added to a listing")
    assert (entry.model, entry.object_id) == ("symbiosis.Listing", str(listing.pk))


@pytest.mark.parametrize(
    ("file", "error"),
    [
        (text("page.png", b"<html><script>alert(1)</script>"), "File type not allowed"),
        (text("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), "File type not allowed"),
        (text("empty.txt", b""), "The file is empty."),
        (text("tool.exe", b"MZ\x90\x00\x03"), "File type not allowed"),
    ],
)
def test_hostile_files_are_refused_with_a_reason_and_leave_nothing(client, file, error):
    member, listing = own_listing()
    client.force_login(member)
    file.seek(0)
    response = client.post(add(listing), {"file": file})
    assert error in str(response.context["form"].errors["file"])
    assert not Attachment.objects.exists()
    assert stored() == []


def test_a_file_above_ten_megabytes_is_refused(client):
    member, listing = own_listing()
    client.force_login(member)
    response = client.post(add(listing), {"file": text(content=b"a" * (10 * 1024 * 1024 + 1))})
    assert "too large" in str(response.context["form"].errors["file"])


def test_a_listing_has_ten_files_at_most(client):
    member, attachment = with_file()
    for number in range(9):
        Attachment.objects.create(
            listing=attachment.listing, name="x", stored_as=f"{number}", content_type="text/plain", size=1
        )
    client.force_login(member)
    response = client.post(add(attachment.listing), {"file": text()})
    assert response.context["form"].non_field_errors() == ["A listing has at most 10 files. Remove one first."]
    assert stored() == [attachment.stored_as]


def test_who_may_not_edit_the_listing_adds_and_removes_nothing(client):
    _member, attachment = with_file()
    listing = attachment.listing
    hidden = with_file(state="draft")[1]
    cases = [
        (create_member(), attachment, 403),
        (create_member(listing.organisation), attachment, 403),
        (create_coordinator("01"), attachment, 403),
        (create_org_admin(), hidden, 404),
        (create_coordinator("01"), hidden, 404),
    ]
    for user, subject, expected in cases:
        client.force_login(user)
        assert client.post(add(subject.listing), {"file": text()}).status_code == expected
        assert client.post(file_url("remove", subject)).status_code == expected
    client.logout()
    assert client.post(file_url("remove", attachment))["Location"].startswith("/tili/login/")
    assert Attachment.objects.count() == 2
    assert len(stored()) == 2


@pytest.mark.parametrize("who", ["org_admin", "coordinator", "staff"])
def test_admins_coordinators_and_staff_may_too(client, who):
    listing = create_listing()
    user = {
        "org_admin": lambda: create_org_admin(listing.organisation),
        "coordinator": lambda: create_coordinator("13"),
        "staff": create_staff,
    }[who]()
    client.force_login(user)
    client.post(add(listing), {"file": text()})
    assert listing.attachments.count() == 1


def test_a_file_is_downloaded_and_never_opened_in_the_page(client):
    _member, attachment = with_file()
    response = client.get(file_url("download", attachment))
    assert b"".join(response.streaming_content) == b"Moisture 12 %"
    assert response["Content-Disposition"] == 'attachment; filename="analysis.txt"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("state", ["draft", "in_review", "expired", "closed", "rejected", "hidden"])
def test_a_file_is_as_hidden_as_its_listing(client, state):
    member, attachment = with_file(state=state)
    assert client.get(file_url("download", attachment)).status_code == 404
    client.force_login(create_member())
    assert client.get(file_url("download", attachment)).status_code == 404
    client.force_login(member)
    with closing(client.get(file_url("download", attachment))) as response:
        assert response.status_code == 200


def test_a_file_is_found_only_under_its_own_listing(client):
    _member, hidden = with_file(state="draft")
    public = create_listing()
    path = reverse("symbiosis:attachment_download", args=[public.pk, hidden.pk])
    assert client.get(path).status_code == 404
    client.force_login(create_org_admin(public.organisation))
    assert client.post(reverse("symbiosis:attachment_remove", args=[public.pk, hidden.pk])).status_code == 404
    assert Attachment.objects.filter(pk=hidden.pk).exists()


def test_a_row_whose_file_is_gone_is_404(client):
    _member, attachment = with_file()
    (attachment_folder() / attachment.stored_as).unlink()
    assert client.get(file_url("download", attachment)).status_code == 404


def test_a_removed_file_is_gone_after_the_commit(client, django_capture_on_commit_callbacks):
    member, attachment = with_file()
    client.force_login(member)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(file_url("remove", attachment))
        assert stored() == [attachment.stored_as]
    assert stored() == []
    assert not Attachment.objects.exists()


def test_the_files_of_a_deleted_listing_go_with_it(django_capture_on_commit_callbacks):
    _member, attachment = with_file()
    with django_capture_on_commit_callbacks(execute=True):
        delete_listing(by=create_staff(), listing=attachment.listing)
    assert stored() == []


def test_a_row_that_fails_leaves_no_file(monkeypatch):
    member, listing = own_listing()
    monkeypatch.setattr(Attachment.objects, "create", lambda **fields: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add_attachment(by=member, listing=listing, file=check_upload(text(), kinds={"txt"}))
    assert stored() == []


def test_a_full_disk_is_told_and_leaves_no_row(monkeypatch):
    member, listing = own_listing()

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("kisu.lib.files.os.fsync", full)
    with pytest.raises(SymbiosisError, match="could not be saved"):
        add_attachment(by=member, listing=listing, file=check_upload(text(), kinds={"txt"}))
    assert not Attachment.objects.exists()
    assert stored() == []


def test_the_night_sweeps_files_that_no_row_leads_to_after_a_day():
    _member, attachment = with_file()
    folder = attachment_folder()
    old, new, part = folder / "old.txt", folder / "new.txt", folder / ".half.part"
    for path in (old, new, part):
        path.write_text("x")
    past = time.time() - timedelta(days=2).total_seconds()
    for path in (old, part, folder / attachment.stored_as):
        os.utime(path, (past, past))
    assert sweep_files(now=timezone.now()) == 2
    assert stored() == sorted([attachment.stored_as, "new.txt"])


def test_nothing_to_sweep_where_no_file_was_ever_added():
    create_organisation()
    assert sweep_files(now=timezone.now()) == 0
