import pytest

from members.models import AuditEntry
from symbiosis.models import AddedFitness, AddedMaterial, AddedTerm
from tests.factories.knowledge import create_fitness, create_material, create_release, create_term
from tests.factories.members import create_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(create_staff())
    return client


def url(kind, entry, end=""):
    return f"/tietopohja/lisaykset/{kind}/{entry.pk}/{end}"


def test_a_draft_is_changed(staff):
    term = create_term()
    staff.post(url("term", term), {"language": "sv", "pattern": "zworfel$", "note": "Oikein näin"})
    term.refresh_from_db()
    assert (term.language, term.pattern, term.note) == ("sv", "zworfel$", "Oikein näin")
    entry = AuditEntry.objects.get(what="knowledge entry changed")
    assert entry.changes["pattern"] == ["zworfel", "zworfel$"]


def test_an_entry_in_force_is_not_changed(staff):
    term = create_term(since=create_release())
    answer = staff.post(url("term", term), {"language": "en", "pattern": "zwaffel"})
    assert "Only a draft can be changed." in answer.content.decode()
    assert AddedTerm.objects.get().pattern == "zworfel"


def test_a_draft_is_deleted_after_asking(staff):
    term = create_term()
    assert "Delete the draft" in staff.get(url("term", term, "poista/")).content.decode()
    assert AddedTerm.objects.count() == 1
    staff.post(url("term", term, "poista/"))
    assert AddedTerm.objects.count() == 0
    assert AuditEntry.objects.filter(what="knowledge entry removed").count() == 1
    assert staff.post(url("term", term, "poista/")).status_code == 404


def test_an_entry_in_force_is_asked_out_and_may_be_kept(staff):
    term = create_term(since=create_release())
    staff.post(url("term", term, "poista/"))
    assert AddedTerm.objects.get().standing == "leaving"
    staff.post(url("term", term, "pida/"))
    assert AddedTerm.objects.get().standing == "in_force"
    acts = list(AuditEntry.objects.filter(object_id=str(term.pk)).order_by("pk").values_list("what", flat=True))
    assert acts == ["knowledge entry to be taken out", "knowledge entry kept"]


def test_what_hangs_on_a_material_goes_with_it(staff):
    release = create_release()
    material = create_material(since=release)
    draft = create_term(target="material:zworfel")
    in_force = create_fitness(material="zworfel", since=release)
    other = create_term(pattern="zwaffel")
    assert "2 words or fitness rows go with it." in staff.get(url("material", material, "poista/")).content.decode()
    staff.post(url("material", material, "poista/"))
    assert AddedMaterial.objects.get().to_retire
    assert AddedFitness.objects.get(pk=in_force.pk).to_retire
    assert list(AddedTerm.objects.all()) == [other]
    assert draft.pk != other.pk


def test_a_material_with_narrower_ones_stays(staff):
    material = create_material()
    create_material(key="below", label_fi="alla", broader="zworfel")
    answer = staff.post(url("material", material, "poista/"), follow=True)
    assert "Something narrower hangs on it." in answer.content.decode()
    assert AddedMaterial.objects.count() == 2


def test_an_entry_that_a_draft_replaces_is_not_kept(staff):
    old = create_fitness(since=create_release(), to_retire=True)
    create_fitness(level=3)
    answer = staff.post(url("fitness", old, "pida/"), follow=True)
    assert "A draft replaces this entry." in answer.content.decode()


def test_an_entry_that_is_gone_is_404(staff):
    gone = create_term(since=create_release(), until=create_release())
    assert staff.get(url("term", gone)).status_code == 404
