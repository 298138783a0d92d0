import pytest
from django.utils import timezone

from members.models import AuditEntry, JobRun
from symbiosis.matching.knowledge import knowledge
from symbiosis.models import MatchingRelease, ReleaseDifference
from tests.factories.knowledge import create_material, create_release, create_term
from tests.factories.members import create_staff
from tests.factories.symbiosis import create_listing, create_need

pytestmark = pytest.mark.django_db

LIST = "/tietopohja/julkaisut/"


@pytest.fixture
def staff(client):
    client.force_login(create_staff())
    return client


def a_report(*, count=1, **fields):
    """A comparison of what the files know, with differences."""
    release = create_release(
        **{
            "state": "compared",
            "version": knowledge().version,
            "counts": {"appears": 7, "vanishes": 1, "changes": 0, "stays": 40, "kept": 8},
        }
        | fields
    )
    for _number in range(count):
        reason = {"code": "same_goods", "for_it": True, "params": {"goods": "sawdust"}}
        ReleaseDifference.objects.create(
            release=release,
            offer=create_listing(title="Purua"),
            need=create_need(title="Kuiviketta"),
            class_after="good",
            reasons=[reason],
        )
    return release


def test_the_report_counts_and_says_why(staff):
    release = a_report()
    text = staff.get(release.get_absolute_url()).content.decode()
    assert '<a href="?change=appears">7</a>' in text
    assert "What is looked for is offered: sawdust" in text
    assert "Purua" in text
    assert f"{release.get_absolute_url()}julkaise/" in text


def test_the_reason_names_a_draft(staff):
    create_material()
    release = a_report(count=0)
    ReleaseDifference.objects.create(
        release=release, offer=create_listing(), need=create_need(), class_after="good",
        reasons=[{"code": "same_goods", "for_it": True, "params": {"goods": "zworfel"}}],
    )  # fmt: skip
    assert "What is looked for is offered: zworfel stuff" in staff.get(release.get_absolute_url()).content.decode()


def test_it_is_filtered_by_change_and_class(staff):
    release = a_report()
    url = release.get_absolute_url()
    ReleaseDifference.objects.create(
        release=release, offer=create_listing(title="Lasia"), need=create_need(), class_before="distant",
        reasons=[{"code": "from_a_later_version", "for_it": True, "params": {}}],
    )  # fmt: skip

    def shown(**query):
        return [row.offer.title for row, _reason in staff.get(url, query).context["differences"]]

    assert shown() == ["Purua", "Lasia"]
    assert shown(change="appears") == ["Purua"]
    assert shown(change="vanishes") == ["Lasia"]
    assert shown(change="changes") == []
    assert shown(class_before="distant") == ["Lasia"]
    assert "Nothing matches these filters." in staff.get(url, {"change": "changes"}).content.decode()


def test_it_is_exported(staff):
    lines = staff.get(a_report().get_absolute_url(), {"muoto": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert lines[1] == "Appears;Purua;Kuiviketta;;Good;What is looked for is offered: sawdust"


@pytest.mark.parametrize("count", [1, 25])
def test_the_number_of_queries_does_not_grow(staff, django_assert_num_queries, count):
    release = a_report(count=count)
    staff.get(release.get_absolute_url())
    with django_assert_num_queries(QUERIES):
        staff.get(release.get_absolute_url())


QUERIES = 18


def test_a_running_comparison_shows_its_progress_and_then_the_whole_page(staff):
    release = create_release(state="comparing", version="")
    JobRun.objects.create(
        job="symbiosis.compare_matching", arguments={"release": release.pk}, state="running", done=3, total=9,
        not_before=timezone.now(),
    )  # fmt: skip
    assert "3 / 9" in staff.get(release.get_absolute_url()).content.decode()
    MatchingRelease.objects.update(state="compared")
    polled = staff.get(release.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "run"})
    assert polled["HX-Refresh"] == "true"


def test_a_comparison_that_failed_says_so(staff):
    release = create_release(state="comparing", version="")
    JobRun.objects.create(
        job="symbiosis.compare_matching", arguments={"release": release.pk}, state="parked", not_before=timezone.now()
    )
    assert "Comparing failed three times." in staff.get(release.get_absolute_url()).content.decode()


def test_the_button_compares_and_a_second_press_leads_to_the_same(staff):
    first, second = staff.post(f"{LIST}vertaa/"), staff.post(f"{LIST}vertaa/")
    assert first["Location"] == second["Location"] == MatchingRelease.objects.get().get_absolute_url()


def test_releasing_and_dropping_by_buttons(staff):
    release = a_report(count=0)
    answer = staff.post(f"{release.get_absolute_url()}julkaise/", follow=True)
    assert "Released. Listings are read anew and matched now." in answer.content.decode()
    assert "In force since" in answer.content.decode()
    assert AuditEntry.objects.filter(what="matching released").count() == 1
    other = a_report(count=0)
    assert "The drafts stay" in staff.get(f"{other.get_absolute_url()}hylkaa/").content.decode()
    staff.post(f"{other.get_absolute_url()}hylkaa/")
    assert MatchingRelease.objects.get(pk=other.pk).state == "dropped"


def test_an_outdated_comparison_is_not_released(staff):
    create_term()
    release = a_report(count=0)
    text = staff.get(release.get_absolute_url()).content.decode()
    assert "so it can't be released" in text
    assert f"{release.get_absolute_url()}julkaise/" not in text
    answer = staff.post(f"{release.get_absolute_url()}julkaise/", follow=True)
    assert "Compare again and look first." in answer.content.decode()
    assert MatchingRelease.objects.get().state == "compared"


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_waits_and_what_was_released(staff):
    create_term(note="Sahalta", added_by=create_staff())
    create_term(pattern="zwaffel", since=create_release(), to_retire=True)
    a_report(count=0)
    answer = staff.get(LIST)
    text = answer.content.decode()
    assert [change.text for change in answer.context["changes"]] == ["Word zwaffel (English)", "Word zworfel (English)"]
    assert "Comes in" in text
    assert "Goes out" in text
    assert "A comparison waits for your decision" in text
    assert answer.context["table"].count == 1


def test_empty_lists_say_what_to_do(staff):
    text = staff.get(LIST).content.decode()
    assert "Nothing waits." in text
    assert "Nothing has been released yet." in text


@pytest.mark.parametrize("count", [1, 30])
def test_the_lists_queries_do_not_grow(staff, django_assert_num_queries, count):
    for number in range(count):
        create_term(pattern=f"zworfel{number}", added_by=create_staff())
        create_release(version=f"v{number}", released_by=create_staff())
    staff.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        staff.get(LIST)


LIST_QUERIES = 14
