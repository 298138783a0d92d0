import pytest

from tests.factories.knowledge import create_material, create_term
from tests.factories.members import create_staff

pytestmark = pytest.mark.django_db

URL = "/tietopohja/kokeile/"


def tried(client, **values):
    client.force_login(create_staff())
    return client.post(URL, {"kind": "offer", "language": "en", "title": "Fine zworfel", "description": ""} | values)


def test_a_text_is_read_with_what_is_in_force_and_with_the_drafts(client):
    create_term()
    answer = tried(client)
    trial = answer.context["tried"]
    assert trial.in_force.materials == []
    assert [(item.key, item.new) for item in trial.drafts.materials] == [("sawdust", True)]
    assert "Differs" in answer.content.decode()


def test_drafts_that_change_nothing_say_so(client):
    create_term()
    assert "The drafts change nothing in this text." in tried(client, title="Concrete").content.decode()


def test_without_drafts_there_is_one_reading(client):
    answer = tried(client, title="Dry sawdust")
    trial = answer.context["tried"]
    assert trial.drafts is None
    assert trial.in_force.materials[0].label == "sawdust"
    assert "There are no drafts" in answer.content.decode()


def test_drafts_that_contradict_the_files_say_how(client):
    create_material(broader="no-such-material")
    answer = tried(client)
    assert "The drafts contradict what is known already." in answer.content.decode()


def test_an_empty_text_is_asked_for(client):
    assert set(tried(client, title="").context["form"].errors) == {"title"}
