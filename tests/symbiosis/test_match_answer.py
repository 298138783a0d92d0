import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import AuditEntry, Notification
from symbiosis.models import MatchAnswer
from symbiosis.services import SymbiosisError
from symbiosis.services.matches import answer_match
from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff
from tests.factories.symbiosis import create_listing, create_match, create_need, create_synergy

pytestmark = pytest.mark.django_db


def url(match):
    return reverse("symbiosis:match_answer", args=[match.pk])


def answers(match):
    return {answer.organisation: answer.answer for answer in match.answers.all()}


def test_interest_is_one_press_and_the_other_side_hears_of_it(client):
    match = create_match()
    member, other = create_member(match.offer.organisation), create_member(match.need.organisation)
    client.force_login(member)

    response = client.post(url(match), {"answer": "interested"})

    assert response["Location"] == match.get_absolute_url()
    assert answers(match) == {match.offer.organisation: "interested"}
    notice = Notification.objects.get()
    assert (notice.user, notice.kind, notice.params["title"]) == (other, "interest_shown", match.need.title)
    entry = AuditEntry.objects.get(what="match answered")
    assert (entry.actor, entry.organisation) == (member, match.offer.organisation)


def test_the_same_answer_again_changes_nothing(client):
    match = create_match()
    create_member(match.need.organisation)
    client.force_login(create_member(match.offer.organisation))
    client.post(url(match), {"answer": "interested"})
    client.post(url(match), {"answer": "interested"})
    assert Notification.objects.count() == 1
    assert AuditEntry.objects.filter(what="match answered").count() == 1


def test_turning_down_needs_a_reason(client):
    match = create_match()
    client.force_login(create_member(match.offer.organisation))
    page = client.post(url(match), {"answer": "dismissed"})
    assert "Choose a reason." in page.content.decode()
    assert answers(match) == {}

    client.post(url(match), {"answer": "dismissed", "reason": "wrong_quality", "note": "Too wet."})
    answer = MatchAnswer.objects.get()
    assert (answer.answer, answer.reason, answer.note) == ("dismissed", "wrong_quality", "Too wet.")


def test_a_side_may_change_its_mind(client):
    match = create_match()
    client.force_login(create_member(match.offer.organisation))
    client.post(url(match), {"answer": "dismissed", "reason": "too_far"})
    client.post(url(match), {"answer": "interested", "reason": "too_far", "note": "left over"})
    answer = MatchAnswer.objects.get()
    assert (answer.answer, answer.reason, answer.note) == ("interested", "", "")


def test_answers_stay_when_a_synergy_has_begun(client):
    match = create_match()
    create_synergy(match=match, giver=match.offer.organisation, receiver=match.need.organisation)
    client.force_login(create_member(match.offer.organisation))
    page = client.post(url(match), {"answer": "interested"}).content.decode()
    assert "The match is a synergy already." in page
    assert answers(match) == {}


def test_who_turned_it_down_is_not_troubled_by_the_other_sides_interest():
    match = create_match()
    create_member(match.need.organisation)
    for organisation, answer, reason in (
        (match.need.organisation, "dismissed", "too_far"),
        (match.offer.organisation, "interested", ""),
    ):
        answer_match(
            by=create_staff(), match=match, organisation=organisation, answer=answer, reason=reason, now=timezone.now()
        )
    assert not Notification.objects.filter(kind="interest_shown").exists()


def test_staff_say_for_which_side_they_answer(client):
    match = create_match()
    client.force_login(create_staff())
    client.post(url(match), {"answer": "interested"})
    assert answers(match) == {}
    client.post(url(match), {"answer": "interested", "side": match.need.organisation_id})
    assert answers(match) == {match.need.organisation: "interested"}


def test_a_coordinator_answers_for_the_region_only(client):
    match = create_match(
        offer=create_listing(organisation=create_organisation(municipality_name="Jyväskylä")),
        need=create_need(organisation=create_organisation(municipality_name="Helsinki")),
    )
    client.force_login(create_coordinator("13"))
    client.post(url(match), {"answer": "interested", "side": match.need.organisation_id})
    assert answers(match) == {}
    client.post(url(match), {"answer": "interested"})
    assert answers(match) == {match.offer.organisation: "interested"}


def test_a_member_cannot_answer_for_the_other_side(client):
    match = create_match()
    client.force_login(create_member(match.offer.organisation))
    client.post(url(match), {"answer": "interested", "side": match.need.organisation_id})
    assert answers(match) == {}


def test_a_stranger_gets_404_and_changes_nothing(client):
    match = create_match()
    client.force_login(create_member())
    assert client.get(url(match)).status_code == 404
    assert client.post(url(match), {"answer": "interested"}).status_code == 404
    assert answers(match) == {}


def test_a_third_organisation_is_no_side():
    match = create_match()
    with pytest.raises(SymbiosisError, match="no side"):
        answer_match(
            by=create_staff(), match=match, organisation=create_organisation(), answer="interested", now=timezone.now()
        )
