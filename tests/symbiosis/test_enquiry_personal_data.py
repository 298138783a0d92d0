from datetime import timedelta

import pytest
from django.utils import timezone

from kisu.lib.personal_data import personal_models
from symbiosis.models import Enquiry, MatchAnswer, Message
from tests.factories.knowledge import create_fitness, create_material, create_release, create_term, create_use
from tests.factories.members import create_member
from tests.factories.symbiosis import create_correction, create_enquiry, create_listing, create_match, create_synergy

pytestmark = pytest.mark.django_db


def test_what_a_person_wrote_and_did_is_found_and_erased_and_the_rest_stays(client):
    writer, other = create_member(), create_member()
    enquiry = create_enquiry(by=writer, text="Canary words")
    Message.objects.create(enquiry=enquiry, author=other, text="Other words")
    match = create_match()
    for user, organisation in ((writer, match.offer.organisation), (other, match.need.organisation)):
        MatchAnswer.objects.create(
            match=match,
            organisation=organisation,
            answer="dismissed",
            reason="other",
            note=f"Note of {user.pk}",
            answered_by=user,
            answered_at=timezone.now(),
        )
    create_correction(listing=create_listing(created_by=writer), made_by=writer)
    create_synergy().steps.update(taken_by=writer)
    for create in (create_term, create_material, create_use, create_fitness):
        create(added_by=writer)
    create_release(created_by=writer)

    own = [entry for entry in personal_models if entry.key.startswith("symbiosis.")]
    assert {entry.key: entry.of(writer).count() for entry in own} == dict.fromkeys((entry.key for entry in own), 1)
    assert [entry.erase(writer) for entry in own] == [1] * len(own)

    assert [entry.of(writer).count() for entry in own] == [0] * len(own)
    assert [message.text for message in enquiry.messages.order_by("pk")] == ["", "Other words"]
    assert {answer.note for answer in match.answers.all()} == {"", f"Note of {other.pk}"}
    client.force_login(create_member(enquiry.sender))
    assert "The text was removed with its writer's account." in client.get(enquiry.get_absolute_url()).content.decode()


def test_threads_go_when_nobody_has_written_for_two_years():
    now = timezone.now()
    silent, lively = create_enquiry(), create_enquiry()
    long_ago = now - timedelta(days=760)
    Enquiry.objects.update(opened_at=long_ago)
    Message.objects.filter(enquiry=silent).update(sent_at=long_ago)
    messages = next(entry for entry in personal_models if entry.key == "symbiosis.Message")
    messages.expire(now.date())
    assert list(Enquiry.objects.all()) == [lively]
