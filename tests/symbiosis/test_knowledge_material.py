import subprocess
import sys

import pytest
from django.utils import timezone

from symbiosis.models import ListingReading
from tests.factories.knowledge import create_fitness, create_material, create_release, create_term
from tests.factories.members import create_staff
from tests.factories.symbiosis import create_listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(create_staff())
    return client


def test_a_material_shows_names_place_codes_words_uses_and_listings(staff):
    listing = create_listing(title="Purua Jyväskylästä")
    ListingReading.objects.create(listing=listing, main_material="sawdust", version="0", read_at=timezone.now())
    answer = staff.get("/tietopohja/materiaalit/sawdust/")
    page, text = answer.context["page"], answer.content.decode()
    assert [named.key for named in page.broader] == ["wood_residue"]
    assert "sågspån" in text
    assert "03 01 05" in text
    assert next(fit.other.key for fit in page.fits if fit.level == 3 and not fit.by) == "animal_bedding"
    assert "Purua Jyväskylästä" in text
    assert not page.is_mute


def test_inherited_fitness_says_from_where(staff):
    page = staff.get("/tietopohja/materiaalit/sawdust/").context["page"]
    inherited = {fit.other.key: fit.by for fit in page.fits if fit.by}
    assert "wood" in set(inherited.values())


def test_drafts_stand_beside_what_is_in_force(staff):
    create_term(target="material:concrete", pattern="zworfel")
    create_term(target="material:concrete", pattern="zwaffel", since=create_release())
    draft = create_fitness()
    text = staff.get("/tietopohja/materiaalit/concrete/").content.decode()
    assert [word for word in ("zworfel", "zwaffel", "Draft", "Added, in force", "is hard") if word not in text] == []
    page = staff.get("/tietopohja/kaytot/animal_bedding/").context["page"]
    assert page.fits[0].entry == draft
    assert page.fits[0].other.key == "concrete"


def test_a_draft_has_its_page_and_says_that_no_word_names_it(staff):
    create_material()
    answer = staff.get("/tietopohja/materiaalit/zworfel/")
    assert answer.context["page"].is_mute
    assert "No word names it" in answer.content.decode()
    assert [named.key for named in staff.get("/tietopohja/materiaalit/wood/").context["page"].narrower].count(
        "zworfel"
    ) == 1


def test_what_is_not_there_is_404(staff):
    assert staff.get("/tietopohja/materiaalit/qqxqq/").status_code == 404
    assert staff.get("/tietopohja/kaytot/sawdust/").status_code == 404


def test_a_use_lists_its_materials_page_by_page(staff):
    answer = staff.get("/tietopohja/kaytot/fuel/", {"page": "2"})
    assert answer.context["fits"].number == 2
    assert len(answer.context["page"].fits) > 300


def test_the_pages_never_load_numpy():
    script = (
        "import sys, django; django.setup();"
        "import kisu.urls, symbiosis.views.knowledge, symbiosis.views.release;"
        "from symbiosis.matching.knowledge import knowledge;"
        "from symbiosis.services.knowledge_catalogue import _index, row_behind;"
        "known = knowledge(); _index(known); row_behind(known, 'fuel', 'sawdust');"
        "sys.exit(int('numpy' in sys.modules or 'sklearn' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
