"""Comparing, releasing and dropping; the night's questions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from kisu.lib.dates import today
from members.models import JobRun, Notification
from symbiosis.matching.knowledge import knowledge
from symbiosis.models import (
    AddedFitness,
    AddedMaterial,
    AddedTerm,
    Match,
    MatchingRelease,
    MaterialClass,
    ReleaseDifference,
)
from symbiosis.services import SymbiosisError, releases
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.night import match_listings
from symbiosis.services.releases import (
    ask_comparison,
    compare,
    compare_matching,
    drop_release,
    first_release,
    is_outdated,
    publish_release,
    unreleased_change,
)
from tests.factories.knowledge import create_fitness, create_material, create_release, create_term
from tests.factories.members import create_staff
from tests.factories.symbiosis import create_listing, create_match, create_need

pytestmark = pytest.mark.django_db


def compared(by=None):
    release = ask_comparison(by=by, now=timezone.now())
    compare(release=release, on=today(), now=timezone.now())
    release.refresh_from_db()
    return release


def a_pair(word="zworfel"):
    """Only the word of the draft joins the two."""
    offer = create_listing(
        title=f"Fine {word}", description=f"A heap of {word}.", language="en", material_class=of_class("glass")
    )
    need = create_need(
        title="Bedding for horses", description="For our stable.", language="en", material_class=of_class("rubber")
    )
    return offer, need


def of_class(code):
    return MaterialClass.objects.get(code=code)


def test_a_draft_brings_a_match_that_the_comparison_shows_and_the_release_publishes():
    staff = create_staff()
    offer, need = a_pair()
    create_term()
    match_listings(on=today(), now=timezone.now())
    assert not Match.objects.filter(withdrawn_at=None, offer=offer, need=need).exists()

    release = compared(by=staff)
    [difference] = ReleaseDifference.objects.all()
    assert (difference.offer, difference.need, difference.change) == (offer, need, "appears")
    assert difference.reasons[0]["params"]["goods"] == "sawdust"
    assert {name: release.counts[name] for name in ("appears", "vanishes", "changes", "stays")} == {
        "appears": 1, "vanishes": 0, "changes": 0, "stays": 0,
    }  # fmt: skip
    assert not Match.objects.filter(withdrawn_at=None).exists()
    assert Notification.objects.get(user=staff).kind == "matching_compared"

    publish_release(by=staff, release=release, now=timezone.now())
    assert current_knowledge().version == release.version
    assert AddedTerm.objects.get().since == release
    match_listings(on=today(), now=timezone.now())
    assert Match.objects.filter(withdrawn_at=None, offer=offer, need=need).exists()


def test_what_vanishes_and_what_changes_class_is_counted():
    offer, need = a_pair("sawdust")
    create_match(offer=offer, need=need, match_class="distant")
    gone = create_match(
        offer=create_listing(title="Qqxqq", description="Qqx", material_class=of_class("metal")), need=need
    )
    create_match(offer=create_listing(state="closed"), need=need)
    create_match(withdrawn_at=timezone.now())

    release = compared()
    assert {row.change for row in release.differences.filter(offer=offer, need=need)} == {"changes"}
    [vanished] = release.differences.filter(offer=gone.offer)
    assert (vanished.change, vanished.class_before, vanished.reasons) == ("vanishes", "good", gone.reasons)
    assert not release.differences.filter(offer__state="closed").exists()
    assert release.counts["vanishes"] == 1


def test_at_most_so_many_are_kept_and_the_counts_are_whole(monkeypatch):
    monkeypatch.setattr(releases, "KEPT", 2)
    need = create_need(title="Qqxqq", description="Qqx", material_class=of_class("metal"))
    for match_class in ("distant", "good", "possible"):
        offer = create_listing(title="Zzz", description="Yyy", material_class=of_class("glass"))
        create_match(offer=offer, need=need, match_class=match_class)
    release = compared()
    assert [row.class_before for row in release.differences.order_by("pk")] == ["good", "possible"]
    assert (release.counts["vanishes"], release.counts["kept"]) == (3, 2)


def test_a_second_comparison_leads_to_the_running_one():
    staff = create_staff()
    first = ask_comparison(by=staff, now=timezone.now())
    assert ask_comparison(by=create_staff(), now=timezone.now()) == first
    assert JobRun.objects.filter(job="symbiosis.compare_matching").count() == 1


def test_a_new_comparison_drops_the_older_one():
    older = compared()
    newer = compared()
    older.refresh_from_db()
    assert (older.state, newer.state) == ("dropped", "compared")


def test_a_comparison_that_was_dropped_while_it_ran_writes_nothing():
    release = ask_comparison(by=None, now=timezone.now())
    drop_release(by=create_staff(), release=release)
    assert compare(release=release, on=today(), now=timezone.now()) == {"superseded": True}
    assert compare_matching(release_id=release.pk, on=today(), now=timezone.now()) == {"superseded": True}
    assert MatchingRelease.objects.get(pk=release.pk).state == "dropped"


def test_started_from_the_page_of_jobs_it_asks_for_a_comparison():
    result = compare_matching(release_id=None, on=today(), now=timezone.now())
    assert MatchingRelease.objects.get(pk=result["release"]).state == "comparing"


def test_drafts_that_contradict_the_files_drop_it_with_the_reason():
    create_material(broader="no-such-material")
    release = compared()
    assert release.state == "dropped"
    assert "no-such-material" in release.counts["error"]


def test_a_release_is_refused_when_drafts_changed_since():
    staff = create_staff()
    create_term()
    release = compared(by=staff)
    create_term(pattern="zwaffel")
    assert is_outdated(release)
    with pytest.raises(SymbiosisError, match="has changed since this comparison"):
        publish_release(by=staff, release=release, now=timezone.now())
    assert not AddedTerm.objects.in_force().exists()


def test_two_presses_are_one_release():
    staff = create_staff()
    create_term()
    release = compared(by=staff)
    first = publish_release(by=staff, release=release, now=timezone.now())
    again = publish_release(by=create_staff(), release=release, now=timezone.now() + timedelta(hours=1))
    assert (again.released_by, again.released_at) == (staff, first.released_at)
    assert JobRun.objects.filter(job="symbiosis.match_listings", arguments={"release": release.pk}).count() == 1


def test_a_comparison_that_runs_or_was_dropped_is_not_released():
    staff = create_staff()
    for state in ("comparing", "dropped"):
        with pytest.raises(SymbiosisError, match="waits for release"):
            publish_release(by=staff, release=create_release(state=state), now=timezone.now())


def test_a_released_one_is_not_dropped():
    with pytest.raises(SymbiosisError, match="released already"):
        drop_release(by=create_staff(), release=create_release())


def test_what_is_asked_out_leaves_and_what_replaces_it_comes():
    staff = create_staff()
    before = create_release()
    old = create_fitness(since=before, to_retire=True)
    new = create_fitness(level=3)
    stays = create_material(since=before)
    release = publish_release(by=staff, release=compared(), now=timezone.now())
    assert AddedFitness.objects.get(pk=old.pk).until == release
    assert AddedFitness.objects.get(pk=new.pk).since == release
    assert AddedMaterial.objects.get(pk=stays.pk).since == before
    assert release.counts["entries"] == 2
    assert current_knowledge().fitness["animal_bedding", "concrete"].level == 3
    assert current_knowledge().version == release.version


# --- For the night ----------------------------------------------------------------------------------------------------


def test_a_portal_without_any_release_gets_one_of_what_is_in_force():
    release = first_release(known=knowledge(), now=timezone.now())
    assert release is not None
    assert (release.state, release.version) == ("released", knowledge().version)
    assert first_release(known=knowledge(), now=timezone.now()) is None


def test_a_change_of_files_is_compared_once():
    known = knowledge()
    assert not unreleased_change(known=known)  # without any release first_release has its turn
    create_release(version=known.version)
    assert not unreleased_change(known=known)
    MatchingRelease.objects.update(version="of-another-code")
    assert unreleased_change(known=known)
    release = ask_comparison(by=None, now=timezone.now())
    assert not unreleased_change(known=known)
    compare(release=release, on=today(), now=timezone.now())
    assert not unreleased_change(known=known)
    drop_release(by=create_staff(), release=release)
    assert not unreleased_change(known=known)


def test_what_the_night_compared_is_told_to_staff():
    staff = create_staff()
    create_release(version="of-another-code")
    release = compared()
    notice = Notification.objects.get(user=staff)
    assert (notice.kind, notice.url) == ("matching_compared", f"/tietopohja/julkaisut/{release.pk}/")


def test_after_the_release_of_an_upgrade_nothing_is_left_to_compare():
    create_release(version="of-another-code", released_at=timezone.now() - timedelta(days=1))
    publish_release(by=create_staff(), release=compared(), now=timezone.now())
    assert not unreleased_change(known=current_knowledge())
