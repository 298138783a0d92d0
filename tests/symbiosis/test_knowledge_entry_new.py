import pytest

from members.models import AuditEntry
from symbiosis.models import AddedFitness, AddedMaterial, AddedTerm, AddedUse
from tests.factories.knowledge import create_fitness, create_material, create_release, create_term
from tests.factories.members import create_staff

pytestmark = pytest.mark.django_db

TERM = "/tietopohja/lisaykset/term/uusi/?of=material:sawdust"


@pytest.fixture
def staff(client):
    client.force_login(create_staff())
    return client


def send(client, url=TERM, **values):
    return client.post(url, {"language": "en", "note": ""} | values)


def errors(answer):
    return " ".join(str(error) for errors in answer.context["form"].errors.values() for error in errors)


def test_a_word_becomes_a_draft_and_is_told_in_words(staff):
    answer = staff.post(TERM, {"language": "fi", "pattern": "Zworfel-puru", "note": "Sahalta"}, follow=True)
    term = AddedTerm.objects.get()
    assert (term.target, term.language, term.pattern, term.note) == (
        "material:sawdust", "fi", "zworfel puru", "Sahalta",
    )  # fmt: skip
    assert term.standing == "draft"
    assert AuditEntry.objects.filter(what="knowledge entry added", object_id=str(term.pk)).count() == 1
    assert "words that begin with zworfel, words that begin with puru" in answer.content.decode()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("", "Fill this in"),
        ("zw", "at least 3 letters"),
        ("*zw$", "at least 3 letters"),
        ("123456", "Numbers alone"),
        ("zwor*fel", "is not a word"),
        ("zwor!", "is not a word"),
        ("aaa bbb ccc ddd eee fff", "one to 5 words"),
        ("z" * 81, "too long"),
    ],
)
def test_silly_patterns_are_refused(staff, pattern, said):
    assert said in errors(send(staff, pattern=pattern))
    assert AddedTerm.objects.count() == 0


def test_a_word_of_another_material_is_asked_back_once(staff):
    answer = send(staff, pattern="concrete")
    assert "So far this is read as: concrete" in errors(answer)
    assert "words that begin with concrete" in errors(answer)
    assert AddedTerm.objects.count() == 0
    assert send(staff, pattern="concrete", confirmed="on").status_code == 302
    assert AddedTerm.objects.count() == 1


def test_a_draft_of_another_material_is_asked_back_too(staff):
    create_term(target="material:concrete", pattern="zworfel")
    assert "So far this is read as: concrete" in errors(send(staff, pattern="zworfel"))


def test_a_word_that_it_has_is_refused_and_a_double_click_is_one_draft(staff):
    assert "It has this word already." in errors(send(staff, pattern="sawdust"))
    assert send(staff, pattern="zworfel").status_code == 302
    assert send(staff, pattern="zworfel").status_code == 302
    assert AddedTerm.objects.count() == 1


@pytest.mark.parametrize("of", ["", "material:qqxqq", "property:dry", "material"])
def test_a_word_belongs_to_something(staff, of):
    assert staff.get("/tietopohja/lisaykset/term/uusi/", {"of": of}).status_code == 404


def test_an_unknown_kind_is_404(staff):
    assert staff.get("/tietopohja/lisaykset/nonsense/uusi/").status_code == 404


def test_a_material_gets_its_key_from_the_finnish_name(staff):
    url = "/tietopohja/lisaykset/material/uusi/?of=material:wood"
    assert staff.get(url).context["form"].initial["broader"] == "wood"
    values = {"label_fi": "Höylän pöly", "label_sv": "Hyveldamm", "label_en": "Planer dust"}
    answer = staff.post(url, {**values, "broader": "wood", "value": "low"})
    added = AddedMaterial.objects.get()
    assert added.key == "hoylan_poly"
    assert answer["Location"] == "/tietopohja/materiaalit/hoylan_poly/"
    create_material(key="hoylan_kuori", label_fi="aivan muu")
    staff.post(url, {**values, "label_fi": "Höylän kuori", "broader": "", "value": "low"})
    assert AddedMaterial.objects.get(label_fi="Höylän kuori").key == "hoylan_kuori_2"


def test_a_name_that_is_taken_is_refused(staff):
    values = {"label_fi": "Sahanpuru", "label_sv": "x", "label_en": "x", "broader": "", "value": "low"}
    assert "of this Finnish name already" in errors(staff.post("/tietopohja/lisaykset/material/uusi/", values))


def test_a_use_and_a_fitness(staff):
    values = {"label_fi": "Zworfelointi", "label_sv": "Zworfling", "label_en": "Zworfeling", "broader": ""}
    staff.post("/tietopohja/lisaykset/use/uusi/", values)
    use = AddedUse.objects.get()
    url = f"/tietopohja/lisaykset/fitness/uusi/?of=use:{use.key}"
    answer = staff.post(url, {"use": use.key, "material": "sawdust", "level": "2"})
    assert answer["Location"] == f"/tietopohja/kaytot/{use.key}/"
    fitness = AddedFitness.objects.get()
    assert (fitness.use, fitness.material, fitness.level) == (use.key, "sawdust", 2)


def test_a_reason_is_written_in_all_languages_or_none(staff):
    values = {"use": "fuel", "material": "sawdust", "level": "2", "reason_fi": "palaa"}
    assert "all three languages" in errors(staff.post("/tietopohja/lisaykset/fitness/uusi/", values))
    assert AddedFitness.objects.count() == 0


def test_an_empty_form_says_what_is_missing(staff):
    form = staff.post("/tietopohja/lisaykset/fitness/uusi/", {}).context["form"]
    assert set(form.errors) == {"use", "material", "level"}


def test_a_fitness_in_force_is_replaced_and_asked_out(staff):
    old = create_fitness(since=create_release())
    staff.post(
        "/tietopohja/lisaykset/fitness/uusi/?of=material:concrete",
        {"use": "animal_bedding", "material": "concrete", "level": "0"},
    )
    old.refresh_from_db()
    assert old.standing == "leaving"
    assert AddedFitness.objects.exclude(pk=old.pk).get().standing == "draft"


def test_two_drafts_of_one_pair_are_refused(staff):
    create_fitness()
    values = {"use": "animal_bedding", "material": "concrete", "level": "3"}
    assert "A draft says already" in errors(staff.post("/tietopohja/lisaykset/fitness/uusi/", values))
