import pytest
from django.urls import reverse

from members.models import Mail, Notification
from members.permissions import Role
from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff, grant
from tests.factories.symbiosis import create_enquiry, create_listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    """Somebody of one organisation has written to another, both with people in the portal."""
    owner, writer = create_member(), create_member()
    listing = create_listing(organisation=owner.role_grants.get().organisation, created_by=owner)
    enquiry = create_enquiry(
        listing=listing, sender=writer.role_grants.get().organisation, by=writer, text="Canary words"
    )
    return enquiry, owner, writer


def reply(client, enquiry, text="Yes, come and look."):
    return client.post(reverse("symbiosis:enquiry_reply", args=[enquiry.pk]), {"text": text})


def test_both_sides_read_and_answer(client, thread):
    enquiry, owner, writer = thread
    client.force_login(owner)
    assert "Canary words" in client.get(enquiry.get_absolute_url()).content.decode()
    assert reply(client, enquiry)["Location"] == enquiry.get_absolute_url()

    enquiry.refresh_from_db()
    assert enquiry.state == "answered"
    answer = enquiry.messages.latest("pk")
    assert (answer.author, answer.organisation) == (owner, owner.role_grants.get().organisation)
    assert Notification.objects.get().user == writer
    assert Mail.objects.get().recipient == writer.email

    client.force_login(writer)
    reply(client, enquiry, "Tomorrow?")
    enquiry.refresh_from_db()
    assert enquiry.state == "open"
    assert Mail.objects.latest("pk").recipient == owner.email


def test_the_page_shows_no_addresses(client, thread):
    enquiry, owner, writer = thread
    client.force_login(owner)
    assert writer.email not in client.get(enquiry.get_absolute_url()).content.decode()


def test_a_third_organisation_finds_nothing_and_no_mail_leaves(client, thread):
    enquiry, _owner, _writer = thread
    client.force_login(create_member())
    assert client.get(enquiry.get_absolute_url()).status_code == 404
    assert reply(client, enquiry).status_code == 404
    assert client.post(reverse("symbiosis:enquiry_close", args=[enquiry.pk])).status_code == 404
    assert (enquiry.messages.count(), Mail.objects.count(), Notification.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize("create", [create_coordinator, create_staff])
def test_the_regions_post_is_not_the_coordinators_nor_staffs_to_read(client, thread, create):
    enquiry, _owner, _writer = thread
    client.force_login(create())
    assert client.get(enquiry.get_absolute_url()).status_code == 404


def test_a_coordinator_reads_what_they_opened_for_a_firm(client):
    coordinator, owner = create_coordinator("13"), create_member()
    listing = create_listing(organisation=owner.role_grants.get().organisation, created_by=owner)
    enquiry = create_enquiry(listing=listing, sender=create_organisation(), by=coordinator)
    client.force_login(owner)
    reply(client, enquiry)
    assert Mail.objects.get().recipient == coordinator.email

    client.force_login(coordinator)
    reply(client, enquiry, "Thank you.")
    assert enquiry.messages.latest("pk").organisation == enquiry.sender


def test_who_has_left_the_organisation_reads_no_more(client, thread):
    enquiry, _owner, writer = thread
    writer.role_grants.all().delete()
    grant(writer, Role.MEMBER, organisation=create_organisation())
    client.force_login(writer)
    assert client.get(enquiry.get_absolute_url()).status_code == 404


def test_a_message_that_is_sent_twice_is_written_once(client, thread):
    enquiry, owner, _writer = thread
    client.force_login(owner)
    reply(client, enquiry)
    reply(client, enquiry)
    assert enquiry.messages.count() == 2
    assert Mail.objects.count() == 1


def test_a_closed_thread_is_read_but_not_answered(client, thread):
    enquiry, owner, _writer = thread
    client.force_login(owner)
    client.post(reverse("symbiosis:enquiry_close", args=[enquiry.pk]))
    enquiry.refresh_from_db()
    assert enquiry.is_closed
    page = reply(client, enquiry).content.decode()
    assert "The conversation is closed. Start a new one from the listing." in page
    assert enquiry.messages.count() == 1


def test_the_text_is_shown_as_text(client, thread):
    enquiry, owner, _writer = thread
    client.force_login(owner)
    reply(client, enquiry, "<script>alert(1)</script>")
    page = client.get(enquiry.get_absolute_url()).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in Mail.objects.get().html
