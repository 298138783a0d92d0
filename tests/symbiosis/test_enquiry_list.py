import pytest

from symbiosis.models import Message
from tests.factories.members import create_member, create_organisation
from tests.factories.symbiosis import create_enquiry, create_listing

pytestmark = pytest.mark.django_db

URL = "/viestit/"


def test_own_threads_latest_first_and_those_that_wait(client):
    organisation = create_organisation()
    member = create_member(organisation)
    asked = create_enquiry(listing=create_listing(organisation=organisation), text="Private words")
    sent = create_enquiry(sender=organisation, by=member)
    create_enquiry()
    client.force_login(member)
    response = client.get(URL)
    assert list(response.context["table"].rows) == [sent, asked]
    assert response.context["waiting"] == {asked.pk}

    Message.objects.create(enquiry=asked, author=member, organisation=organisation, text="Yes")
    response = client.get(URL)
    assert list(response.context["table"].rows) == [asked, sent]
    assert response.context["waiting"] == set()


def test_an_empty_list_says_where_to_write_from(client):
    client.force_login(create_member())
    assert "Write from a listing or from a match." in client.get(URL).content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow(client, django_assert_num_queries, count):
    organisation = create_organisation()
    for _number in range(count):
        create_enquiry(sender=organisation)
    client.force_login(create_member(organisation))
    client.get(URL)
    with django_assert_num_queries(7):
        client.get(URL)
