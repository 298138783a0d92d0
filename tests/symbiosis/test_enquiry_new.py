import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import Affiliation, Mail, Notification
from members.permissions import Role
from symbiosis.models import Enquiry, Message
from symbiosis.services import SymbiosisError
from symbiosis.services.enquiries import HOURLY, open_enquiry
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_with_role,
)
from tests.factories.symbiosis import create_enquiry, create_listing, create_match

pytestmark = pytest.mark.django_db


def url(listing):
    return reverse("symbiosis:enquiry_new", args=[listing.pk])


def test_the_owner_gets_a_notice_and_a_mail_without_addresses(client):
    owner = create_member()
    organisation = owner.role_grants.get().organisation
    colleague = create_member(organisation)
    listing = create_listing(organisation=organisation, created_by=owner)
    writer = create_member()
    client.force_login(writer)

    response = client.post(url(listing), {"text": "Is it still there?"})

    enquiry = Enquiry.objects.get()
    assert response["Location"] == enquiry.get_absolute_url()
    assert (enquiry.sender, enquiry.opened_by) == (writer.role_grants.get().organisation, writer)
    assert {notice.user for notice in Notification.objects.filter(kind="enquiry_received")} == {owner, colleague}
    mail = Mail.objects.get()
    assert mail.recipient == owner.email
    assert "Is it still there?" in mail.text
    for address in (writer.email, colleague.email, owner.email):
        assert address not in mail.text + mail.html


def test_the_mail_is_in_its_readers_language(client):
    owner = create_member(language="fi")
    listing = create_listing(organisation=owner.role_grants.get().organisation, created_by=owner)
    client.force_login(create_member())
    client.post(url(listing), {"text": "Hei"})
    assert Mail.objects.get().language == "fi"


def test_admins_get_the_mail_when_who_posted_has_left(client):
    organisation = create_organisation()
    admin = create_org_admin(organisation)
    listing = create_listing(organisation=organisation, created_by=create_member())
    client.force_login(create_member())
    client.post(url(listing), {"text": "Hello"})
    assert Mail.objects.get().recipient == admin.email


def test_the_coordinator_answers_for_a_firm_that_has_nobody_in_the_portal(client):
    coordinator = create_coordinator("13")
    listing = create_listing(organisation=create_organisation(municipality_name="Jyväskylä"))
    client.force_login(create_member())
    client.post(url(listing), {"text": "Hello"})

    enquiry = Enquiry.objects.get()
    assert Mail.objects.get().recipient == coordinator.email
    client.force_login(coordinator)
    assert client.get(enquiry.get_absolute_url()).status_code == 200


def test_from_a_match_it_goes_to_the_other_side(client):
    match = create_match()
    client.force_login(create_member(match.offer.organisation))
    client.post(reverse("symbiosis:match_contact", args=[match.pk]), {"text": "Let us talk."})
    enquiry = Enquiry.objects.get()
    assert (enquiry.listing, enquiry.sender, enquiry.match) == (match.need, match.offer.organisation, match)


def test_one_open_thread_per_organisation_and_listing(client):
    listing = create_listing()
    writer = create_member()
    client.force_login(writer)
    client.post(url(listing), {"text": "One"})
    again = client.post(url(listing), {"text": "Two"})
    assert again["Location"] == Enquiry.objects.get().get_absolute_url()
    assert Message.objects.count() == 1
    with pytest.raises(SymbiosisError, match="open conversation"):
        open_enquiry(
            by=writer, listing=listing, sender=writer.role_grants.get().organisation, text="Three", now=timezone.now()
        )


def test_nobody_writes_for_an_organisation_that_is_not_theirs(client):
    listing, foreign = create_listing(), create_organisation()
    writer = create_member()
    client.force_login(writer)
    client.post(url(listing), {"text": "Hello", "sender": foreign.pk})
    assert not Enquiry.objects.filter(sender=foreign).exists()


def test_a_coordinator_chooses_an_organisation_of_the_region(client):
    here, there = create_organisation(municipality_name="Jyväskylä"), create_organisation(municipality_name="Helsinki")
    create_organisation(municipality_name="Jyväskylä")
    listing = create_listing(organisation=there)
    client.force_login(create_coordinator("13"))
    page = client.get(url(listing)).content.decode()
    assert here.name in page

    client.post(url(listing), {"text": "Hello", "sender": there.pk})
    assert not Enquiry.objects.exists()
    client.post(url(listing), {"text": "Hello", "sender": here.pk})
    assert Enquiry.objects.get().sender == here


def test_an_expert_writes_from_the_organisation_where_they_work(client):
    expert, university = create_with_role(Role.EXPERT), create_organisation(kind="university")
    listing = create_listing()
    client.force_login(expert)
    assert "You belong to no organisation that could write" in client.get(url(listing)).content.decode()
    client.post(url(listing), {"text": "Hello"})
    assert not Enquiry.objects.exists()

    Affiliation.objects.create(person=expert.person, organisation=university, starts_on="2024-01-01")
    client.post(url(listing), {"text": "Hello"})
    assert Enquiry.objects.get().sender == university


@pytest.mark.parametrize("state", ["draft", "hidden", "expired", "closed"])
def test_only_public_listings_are_written_about(client, state):
    listing = create_listing(state=state)
    client.force_login(create_member())
    assert client.post(url(listing), {"text": "Hello"}).status_code == 404
    assert not Enquiry.objects.exists()


def test_not_about_the_own_listing(client):
    listing = create_listing()
    client.force_login(create_member(listing.organisation))
    client.post(url(listing), {"text": "Hello"})
    assert not Enquiry.objects.exists()


def test_an_empty_message_is_not_sent(client):
    client.force_login(create_member())
    page = client.post(url(create_listing()), {"text": " \u200b "})
    assert page.context["form"].errors["text"]
    assert not Enquiry.objects.exists()


def test_one_person_does_not_flood_the_network():
    writer, sender = create_member(), create_organisation()
    for _number in range(HOURLY):
        create_enquiry(by=writer)
    with pytest.raises(SymbiosisError, match="Too many"):
        open_enquiry(by=writer, listing=create_listing(), sender=sender, text="Hello", now=timezone.now())


def test_strangers_sign_in_first(client):
    response = client.post(url(create_listing()), {"text": "Hello"})
    assert response.status_code == 302
    assert not Enquiry.objects.exists()
