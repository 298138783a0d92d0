from datetime import date, timedelta

import pytest

from kisu.lib.dates import today
from members.permissions import Role
from symbiosis.models import MaterialClass, SynergyStep
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.symbiosis import create_impact, create_listing, create_synergy

pytestmark = pytest.mark.django_db

URL = "/synergiat/"


def shown(client, **query):
    return list(client.get(URL, query).context["table"].rows)


def test_members_see_their_own_and_coordinators_the_region(client):
    here, there = create_organisation(municipality_name="Jyväskylä"), create_organisation(municipality_name="Helsinki")
    ours, theirs = create_synergy(giver=here), create_synergy(giver=there)
    client.force_login(create_member(ours.receiver))
    assert shown(client) == [ours]
    client.force_login(create_coordinator("01"))
    assert shown(client) == [theirs]
    client.force_login(create_staff())
    assert shown(client) == [ours, theirs]


@pytest.mark.parametrize("role", [Role.EXPERT, Role.STEERING, Role.COMMS])
def test_others_have_no_synergies(client, role):
    client.force_login(create_with_role(role))
    assert client.get(URL).status_code == 403


def test_it_is_filtered_by_words_stage_party_and_next_step(client):
    bark = create_synergy(
        title="Bark to gardens", stage="discussion", next_step="Call", next_step_on=today() + timedelta(days=3)
    )
    late = create_synergy(title="Ash", next_step="Call", next_step_on=today() - timedelta(days=1))
    plastic = create_synergy(
        title="Film", stage="lapsed", offer=create_listing(material_class=MaterialClass.objects.get(code="plastic"))
    )
    client.force_login(create_staff())
    assert shown(client, q="bark gardens") == [bark]
    assert shown(client, q=MaterialClass.objects.get(code="plastic").name_fi) == [plastic]
    assert shown(client, q=late.receiver.name) == [late]
    assert shown(client, stage="discussion") == [bark]
    assert shown(client, organisation=plastic.giver_id) == [plastic]
    assert shown(client, no_next="true") == [late]


def test_days_in_the_stage_are_counted_from_the_last_step(client):
    old, new = create_synergy(title="Old"), create_synergy(title="New")
    SynergyStep.objects.create(synergy=old, stage="idea", on=today() - timedelta(days=64))
    SynergyStep.objects.create(synergy=new, stage="idea", on=today() - timedelta(days=1))
    client.force_login(create_staff())
    assert shown(client, sort="-days") == [old, new]
    page = client.get(URL).content.decode()
    assert "64 days" in page
    assert "1 day" in page


def test_the_board_has_the_five_stages_with_the_longest_waiting_first(client):
    for number in range(7):
        synergy = create_synergy(title=f"Idea {number}")
        SynergyStep.objects.filter(synergy=synergy).update(on=date(2025, 1, 31) - timedelta(days=number))
    create_synergy(stage="realised")
    create_synergy(
        stage="realised", impact=create_impact(kind="estimated"), realised_on=date(2026, 1, 1), title="Newest"
    )
    create_synergy(stage="on_hold")
    client.force_login(create_staff())
    response = client.get(URL, {"view": "board"})
    ideas, *_others, realised = response.context["board"]
    assert [column.stage.value for column in response.context["board"]] == [
        "idea", "discussion", "negotiation", "implementation", "realised",
    ]  # fmt: skip
    assert [synergy.title for synergy in ideas.synergies] == [f"Idea {number}" for number in (6, 5, 4, 3, 2)]
    assert (ideas.count, ideas.more, realised.count) == (7, 2, 2)
    # An estimate is counted, but its tonnes are not added to measured ones.
    assert (realised.tonnes, realised.synergies[0].title) == (100, "Newest")
    assert response.context["aside"]["on_hold"]["count"] == 1


def test_members_get_a_board_without_buttons(client):
    synergy = create_synergy()
    client.force_login(create_member(synergy.giver))
    assert "/vaihe/" not in client.get(URL, {"view": "board"}).content.decode()
    client.force_login(create_staff())
    assert f"/synergiat/{synergy.pk}/vaihe/" in client.get(URL, {"view": "board"}).content.decode()


def test_the_list_is_exported_with_its_figures(client):
    synergy = create_synergy(title="Bark", stage="realised")
    client.force_login(create_staff())
    rows = client.get(URL, {"muoto": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert rows[1].startswith(f"{synergy.number};Bark;{synergy.giver};{synergy.receiver};Realised;100")


@pytest.mark.parametrize("view", ["", "board"])
@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow(client, django_assert_num_queries, count, view):
    for _number in range(count):
        create_synergy(stage="realised", offer=create_listing())
        create_synergy()
    client.force_login(create_staff())
    client.get(URL, {"view": view})
    with django_assert_num_queries({"": 10, "board": 11}[view]):
        client.get(URL, {"view": view})
