"""Where listings turn up besides their own pages: search over all, calendar, administration."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from kisu.lib.calendar import calendars
from kisu.lib.search import sources
from tests.factories.members import create_member, create_staff
from tests.factories.symbiosis import create_enquiry, create_listing, create_match, create_synergy

pytestmark = pytest.mark.django_db


def test_search_finds_what_its_reader_may_see():
    member = create_member()
    own = member.role_grants.get().organisation
    create_listing(title="Sawdust, open")
    create_listing(title="Sawdust, own draft", organisation=own, state="draft")
    create_listing(title="Sawdust, another's draft", state="draft")

    def found(user):
        source = sources["symbiosis.listings"]
        return {source.hit(row).title for row in source.find(user, "sawdust")}

    assert found(AnonymousUser()) == {"Sawdust, open"}
    assert found(member) == {"Sawdust, open", "Sawdust, own draft"}


def test_the_calendar_has_the_days_on_which_ones_own_listings_expire():
    member = create_member()
    own = member.role_grants.get().organisation
    today = date.today()
    mine = create_listing(organisation=own, created_by=member, valid_until=today + timedelta(days=5))
    create_listing(organisation=own, created_by=member, valid_until=today + timedelta(days=50))
    create_listing(organisation=own, created_by=member, valid_until=today + timedelta(days=5), state="draft")
    create_listing(valid_until=today + timedelta(days=5))
    entries = list(calendars["symbiosis.expiring_listings"].entries(member, today, today + timedelta(days=30)))
    assert [(entry.starts_on, entry.url) for entry in entries] == [(mine.valid_until, mine.get_absolute_url())]


MODELS = [
    "listing", "listingreading", "readingcorrection", "attachment", "match", "matchanswer", "enquiry", "message",
    "synergy", "synergystep", "materialclass", "service", "unit", "wastechapter", "wastecode",
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_staff_find_every_model_in_the_administration(client, model):
    create_enquiry(text="Canary between two")
    create_synergy(match=create_match())
    client.force_login(create_staff())
    response = client.get(reverse(f"admin:symbiosis_{model}_changelist"), {"q": "a"})
    assert response.status_code == 200
    assert b"Canary" not in response.content


def test_what_services_guard_is_only_shown_in_the_administration(client):
    listing = create_listing(state="in_review")
    message = create_enquiry(text="Canary between two").messages.get()
    client.force_login(create_staff())
    change = reverse("admin:symbiosis_listing_change", args=[listing.pk])
    form = client.get(change).context["adminform"].form
    assert not {"state", "organisation", "approved_by", "valid_until", "kind"} & set(form.fields)
    for act in ("add", "delete"):
        arguments = [] if act == "add" else [listing.pk]
        assert client.get(reverse(f"admin:symbiosis_listing_{act}", args=arguments)).status_code == 403
    page = client.get(reverse("admin:symbiosis_message_change", args=[message.pk]))
    assert b"Canary" not in page.content
