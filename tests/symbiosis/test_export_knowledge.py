import shutil
from io import StringIO

import pytest
from django.core.management import call_command

from symbiosis.matching.knowledge import DATA, Knowledge, read
from symbiosis.services.knowledge import additions_in_force
from symbiosis.services.knowledge_export import export_knowledge
from tests.factories.knowledge import create_fitness, create_material, create_release, create_term, create_use

pytestmark = pytest.mark.django_db

LANGUAGES = ("fi", "sv", "en")


@pytest.fixture
def added():
    release = create_release()
    create_material(since=release, label_fi='zworfeli "hieno" \\ karkea')
    create_material(key="zworfel_dust", label_fi="zworfelipöly", broader="zworfel", value="high", since=release)
    create_use(since=release)
    create_term(since=release)
    create_term(since=release, language="fi", pattern="zworfel$ pöly", target="material:zworfel")
    create_term(since=release, language="sv", pattern="*zworfel", target="use:animal_bedding")
    create_term(since=release, language="fi", pattern="zworfelipintai", target="property:dry")
    create_fitness(since=release)
    create_fitness(
        use="zworfeling", material="zworfel", level=3, since=release, reason_fi="", reason_sv="", reason_en=""
    )
    create_fitness(use="animal_bedding", material="sawdust", level=1, since=release)
    create_fitness(use="fuel", material="zworfel", level=2)  # a draft stays at home
    return additions_in_force()


def terms(known: Knowledge):
    return {
        (language, term.target, term.words)
        for language, lexicon in known.terms.items()
        for written in (lexicon.whole, lexicon.starts, lexicon.inside)
        for several in written.values()
        for term in several
    }


def reasons(known: Knowledge):
    return {
        pair: (
            fitness.level,
            [known.label(f"reason:{key}", language) for key in fitness.because for language in LANGUAGES],
        )
        for pair, fitness in known.fitness.items()
    }


def test_the_files_that_are_written_give_the_same_knowledge(added, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    names = [path.relative_to(folder).as_posix() for path in export_knowledge(additions=added, folder=folder)]
    assert [name for name in names if not name.startswith(("materials/wood", "uses.toml"))] == [
        "fitness/added.csv", "fitness/wood.csv", "materials/added.toml", "properties.toml", "reasons.toml",
        "uses_added.toml",
    ]  # fmt: skip
    back, wanted = read(folder), read(additions=added)
    assert dict(back.materials) == dict(wanted.materials)
    assert dict(back.uses) == dict(wanted.uses)
    assert terms(back) == terms(wanted)
    assert reasons(back) == reasons(wanted)
    assert back.label("material:zworfel", "fi") == 'zworfeli "hieno" \\ karkea'


def test_only_what_is_added_differs_in_the_files(added, tmp_path):
    export_knowledge(additions=added, folder=tmp_path)
    old = (DATA / "materials" / "wood.toml").read_text(encoding="utf-8").splitlines()
    new = (tmp_path / "materials" / "wood.toml").read_text(encoding="utf-8").splitlines()
    changed = [line for line, before in zip(new, old, strict=True) if line != before]
    assert len(changed) == 1
    assert changed[0].endswith('"zworfel"]')


def test_a_second_export_over_the_first_changes_nothing(added, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    paths = export_knowledge(additions=added, folder=folder)
    before = {path: path.read_text(encoding="utf-8") for path in paths}
    export_knowledge(additions=added, folder=folder, source=folder)
    assert {path: path.read_text(encoding="utf-8") for path in paths} == before


def test_the_command_names_what_it_wrote(added, tmp_path):
    told = StringIO()
    call_command("export_knowledge", to=tmp_path, stdout=told)
    assert str(tmp_path / "materials" / "added.toml") in told.getvalue()
    assert "fuel" not in (tmp_path / "fitness" / "added.csv").read_text(encoding="utf-8")


def test_the_command_says_when_there_is_nothing(tmp_path):
    told = StringIO()
    call_command("export_knowledge", to=tmp_path, stdout=told)
    assert told.getvalue() == "Nothing is in force that the files don't have.\n"
    assert list(tmp_path.iterdir()) == []
