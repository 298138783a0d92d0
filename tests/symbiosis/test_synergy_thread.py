"""The network's main job from end to end, through the services that the pages call."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from kisu.lib.dates import business_date
from kisu.lib.metrics import metrics
from members.services.jobs import run_job, start_job
from symbiosis.models import Match, MaterialClass, Unit
from symbiosis.services.enquiries import open_enquiry, reply
from symbiosis.services.listings import approve_listing, create_listing
from symbiosis.services.matches import answer_match
from symbiosis.services.synergies import create_synergy, move_synergy, realise_synergy
from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff

pytestmark = pytest.mark.django_db


def test_from_an_offer_and_a_need_to_a_figure_and_the_row_behind_it():
    now = timezone.now()
    today = business_date(now)
    sawmill = create_organisation(municipality_name="Jyväskylä", name="Sawmill")
    farm = create_organisation(municipality_name="Äänekoski", name="Farm", state="prospect")
    member, coordinator = create_member(sawmill), create_coordinator("13")
    facts = {
        "language": "en",
        "material_class": MaterialClass.objects.get(code="wood"),
        "quantity": Decimal(100),
        "unit": Unit.objects.get(code="t"),
        "continuity": "continuous",
        "valid_until": date(today.year + 1, 1, 1) if today.month > 7 else date(today.year, 8, 1),
    }
    offer = create_listing(
        by=member, kind="offer", organisation=sawmill, submit=True, now=now,
        values=facts | {
            "title": "Dry sawdust", "description": "Clean spruce sawdust for bedding.", "nature": "side_stream",
            "municipality": sawmill.municipality,
        },
    )  # fmt: skip
    approve_listing(by=coordinator, listing=offer, now=now)
    need = create_listing(
        by=coordinator, kind="need", organisation=farm, submit=True, now=now,
        values=facts | {
            "title": "Sawdust for bedding", "description": "We need dry sawdust.", "municipality": farm.municipality
        },
    )  # fmt: skip
    assert (need.state, need.on_behalf) == ("published", True)

    job = start_job(by=create_staff(), job="symbiosis.match_listings", now=now)
    assert run_job(run_id=job.pk, now=now) == "done"
    match = Match.objects.get(offer=offer, need=need)
    assert match.match_class == "good"

    answer_match(by=member, match=match, organisation=sawmill, answer="interested", now=now)
    answer_match(by=coordinator, match=match, organisation=farm, answer="interested", now=now)
    enquiry = open_enquiry(by=member, listing=need, sender=sawmill, text="When can you come?", match=match, now=now)
    reply(by=coordinator, enquiry=enquiry, text="On Friday.", now=now)
    assert [message.author for message in enquiry.messages.order_by("pk")] == [member, coordinator]

    synergy = create_synergy(
        by=coordinator, title="Sawdust to bedding", giver=sawmill, receiver=farm, match=match,
        region=sawmill.municipality.region, started_on=today, on=today,
    )  # fmt: skip
    realised = metrics["symbiosis.synergies_realised"]
    assert (metrics["symbiosis.synergies"].value(today), realised.value(today)) == (1, 0)
    for stage in ("discussion", "negotiation", "implementation"):
        move_synergy(by=coordinator, synergy=synergy, stage=stage, reached_on=today, on=today)
    realise_synergy(
        by=coordinator, synergy=synergy, reached_on=today, kind="measured", kept_in_use_t=Decimal(100),
        factor=Decimal("0.2"), source="Weighbridge", on=today,
    )  # fmt: skip

    assert realised.value(today) == 1
    [row] = realised.described(list(realised.rows(today)))
    assert (row.label, row.detail, row.on) == ("Sawdust to bedding", "Sawmill → Farm", today)
    assert row.url == synergy.get_absolute_url()
    assert metrics["symbiosis.organisations_benefiting"].value(today) == 2
    assert metrics["workpackages.material_kept_in_use_t"].value(today) == 100
    assert metrics["workpackages.co2e_reduction_t"].value(today) == 20
