"""What the portal reads of a listing: stored when it is sent, shown to who may edit it, corrected for good."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import AuditEntry
from members.permissions import Role
from symbiosis.matching.knowledge import Additions, Material, read
from symbiosis.models import ListingReading, ReadingCorrection
from symbiosis.services import SymbiosisError, readings
from symbiosis.services.knowledge import current_knowledge
from symbiosis.services.listings import (
    approve_listing,
    create_listing,
    edit_listing,
    prolong_listing,
    submit_listing,
    version_of,
)
from symbiosis.services.reading_search import find_targets
from symbiosis.services.readings import correct_reading, readable, refresh_readings, store_reading, undo_correction
from tests.factories import symbiosis as stuff
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_with_role,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def sawdust(**fields):
    """In English, so that the text is read by its own words."""
    return stuff.create_listing(**{"language": "en"} | fields)


def owner_of(listing):
    return create_org_admin(listing.organisation)


def labels(tags):
    return [tag.label for tag in tags]


def url(listing):
    return reverse("symbiosis:listing_reading", args=[listing.pk])


def test_the_page_says_from_which_words_it_was_read(client):
    listing = sawdust(title="Fine pine sawdust", description="")
    store_reading(listing, now=NOW)
    client.cookies["kisu_language"] = "en"
    client.force_login(owner_of(listing))
    assert "from “pine sawdust”" in client.get(url(listing)).content.decode()


# --- When it is read --------------------------------------------------------------------------------------------------


def test_a_reading_holds_materials_by_weight_and_the_version_of_the_knowledge():
    reading = store_reading(sawdust(), now=NOW)
    assert reading.main_material == "sawdust"
    assert reading.materials["sawdust"] == 1.0
    assert "dry" in reading.properties
    assert (reading.version, reading.read_at) == (current_knowledge().version, NOW)


@pytest.mark.parametrize("state", ["draft", "rejected", "hidden", "expired", "closed"])
def test_what_is_not_sent_is_not_read_and_the_knowledge_not_even_opened(state, monkeypatch):
    monkeypatch.setattr(readings, "current_knowledge", lambda: pytest.fail("opened"))
    assert store_reading(sawdust(state=state), now=NOW) is None
    assert not ListingReading.objects.exists()


def test_expertise_is_not_read():
    assert store_reading(sawdust(kind="expertise", material_class=None), now=NOW) is None


def test_it_is_read_when_it_is_submitted_approved_edited_and_prolonged():
    listing = sawdust(state="draft", nature="side_stream", title="Dry bark", description="Clean.")
    author, keeper = owner_of(listing), create_coordinator("13")

    def read_now():
        reading = ListingReading.objects.get(listing=listing)
        reading.delete()
        return reading.main_material

    submit_listing(by=author, listing=listing, now=NOW)
    assert read_now() == "bark"
    approve_listing(by=keeper, listing=listing, now=NOW)
    assert read_now() == "bark"
    listing.refresh_from_db()
    edit_listing(
        by=keeper, listing=listing, values={"title": "Dry sawdust"}, seen=version_of(listing), submit=False, now=NOW
    )
    assert read_now() == "sawdust"
    prolong_listing(by=author, listing=listing, until=NOW.date() + timedelta(days=30), now=NOW)
    assert read_now() == "sawdust"


def test_a_draft_that_is_created_or_edited_is_not_read(monkeypatch):
    monkeypatch.setattr(readings, "current_knowledge", lambda: pytest.fail("opened"))
    draft = sawdust(state="draft")
    by = owner_of(draft)
    edit_listing(by=by, listing=draft, values={"title": "Bark"}, seen=version_of(draft), submit=False, now=NOW)
    values = {
        name: getattr(draft, name)
        for name in ("title", "description", "language", "municipality", "valid_until", "material_class")
    }
    create_listing(by=by, kind="offer", organisation=draft.organisation, values=values, submit=False, now=NOW)
    assert not ListingReading.objects.exists()


def test_a_fault_of_the_matcher_keeps_nobody_from_publishing(monkeypatch, caplog):
    listing = sawdust(state="in_review")
    store_reading(listing, now=NOW)
    monkeypatch.setattr(readings, "read_listing", lambda facts, known: 1 / 0)
    approve_listing(by=create_staff(), listing=listing, now=NOW)
    listing.refresh_from_db()
    assert listing.state == "published"
    assert not ListingReading.objects.exists()
    assert f"Listing {listing.pk} could not be read" in caplog.text


# --- The night --------------------------------------------------------------------------------------------------------


def test_the_night_reads_what_is_missing_or_of_another_version_and_nothing_else():
    missing, old, fresh = sawdust(), sawdust(title="Bark, wet"), sawdust()
    closed, expertise = sawdust(state="closed"), sawdust(kind="expertise", material_class=None)
    stuff.create_reading(listing=old, main_material="glass", materials={"glass": 1.0})
    stuff.create_reading(listing=fresh, main_material="kept", version=current_knowledge().version)
    told = []
    assert refresh_readings(now=NOW, progress=lambda done, total: told.append((done, total))) == {
        "read": 2,
        "unreadable": 0,
    }
    assert told == [(2, 2)]
    assert dict(ListingReading.objects.values_list("listing", "main_material")) == {
        missing.pk: "sawdust",
        old.pk: "bark",
        fresh.pk: "kept",
    }
    assert not {closed.pk, expertise.pk} & set(ListingReading.objects.values_list("listing", flat=True))
    assert refresh_readings(now=NOW) == {"read": 0, "unreadable": 0}


def test_one_that_cannot_be_read_is_skipped_logged_and_left_without_a_reading(monkeypatch, caplog):
    good, bad = sawdust(), sawdust()
    stuff.create_reading(listing=bad)
    real = readings.read_listing

    def faulty(facts, known):
        if facts.key == str(bad.pk):
            raise ValueError(facts.key)
        return real(facts, known)

    monkeypatch.setattr(readings, "read_listing", faulty)
    assert refresh_readings(now=NOW) == {"read": 1, "unreadable": 1}
    assert list(ListingReading.objects.values_list("listing", flat=True)) == [good.pk]
    assert f"Listing {bad.pk} could not be read" in caplog.text


def test_the_night_keeps_the_corrections():
    listing = sawdust()
    stuff.create_correction(listing=listing, target="material:sawdust", holds=False)
    stuff.create_correction(listing=listing, target="material:bark", holds=True)
    refresh_readings(now=NOW)
    assert ListingReading.objects.get().materials == {"bark": 1.0}


@pytest.mark.parametrize("count", [1, 30])
def test_the_queries_of_a_night_do_not_grow_with_the_listings(count, django_assert_num_queries):
    organisation = create_organisation()
    for _number in range(count):
        stuff.create_correction(listing=sawdust(organisation=organisation))
    with django_assert_num_queries(7):  # release, what is due; a batch in a savepoint: rows, corrections, the write
        refresh_readings(now=NOW)


# --- Corrections ------------------------------------------------------------------------------------------------------


def test_a_correction_wins_at_once_and_after_an_edit_until_it_is_undone():
    listing = sawdust()
    by = owner_of(listing)
    correct_reading(by=by, listing=listing, target="material:sawdust", holds=False, now=NOW)
    reading = correct_reading(by=by, listing=listing, target="material:bark", holds=True, now=NOW)
    assert reading.materials == {"bark": 1.0}
    staff = create_staff()
    values = {"title": "Sawdust, much sawdust"}
    edit_listing(by=staff, listing=listing, values=values, seen=version_of(listing), submit=False, now=NOW)
    assert ListingReading.objects.get().materials == {"bark": 1.0}

    undo_correction(by=by, listing=listing, target="material:bark", now=NOW)
    reading = undo_correction(by=by, listing=listing, target="material:sawdust", now=NOW)
    assert reading.main_material == "sawdust"
    assert "bark" not in reading.materials
    assert not ReadingCorrection.objects.exists()


def test_properties_and_uses_are_corrected_too():
    listing = sawdust()
    by = owner_of(listing)
    correct_reading(by=by, listing=listing, target="property:dry", holds=False, now=NOW)
    reading = correct_reading(by=by, listing=listing, target="use:animal_bedding", holds=True, now=NOW)
    assert "dry" not in reading.properties
    assert reading.uses == {"animal_bedding": 1.0}


def test_a_correction_is_one_row_in_the_log_and_the_same_twice_is_none():
    listing = sawdust()
    by = owner_of(listing)
    for holds in (False, False, True):
        correct_reading(by=by, listing=listing, target="material:sawdust", holds=holds, now=NOW)
    for _time in range(2):
        undo_correction(by=by, listing=listing, target="material:sawdust", now=NOW)
    entries = AuditEntry.objects.order_by("pk")
    assert [(entry.what, entry.changes["reading_corrections__holds"]) for entry in entries] == [
        ("reading corrected", [None, False]),
        ("reading corrected", [False, True]),
        ("correction of a reading undone", [True, None]),
    ]
    first = entries[0]
    assert (first.actor, first.organisation, first.object_id) == (by, listing.organisation, str(listing.pk))


@pytest.mark.parametrize("target", ["material:unobtainium", "sawdust", "reason:sawdust", "material:", ""])
def test_what_the_knowledge_does_not_have_is_refused(target):
    listing = sawdust()
    with pytest.raises(SymbiosisError, match="does not know"):
        correct_reading(by=owner_of(listing), listing=listing, target=target, holds=True, now=NOW)
    assert not ReadingCorrection.objects.exists()


@pytest.mark.parametrize("fields", [{"state": "draft"}, {"state": "closed"}, {"kind": "expertise"}])
def test_what_is_not_read_is_not_corrected(fields):
    listing = sawdust(**fields)
    with pytest.raises(SymbiosisError, match="reads only"):
        correct_reading(by=owner_of(listing), listing=listing, target="material:bark", holds=True, now=NOW)


# --- In words ---------------------------------------------------------------------------------------------------------


def test_it_is_readable_in_each_language_the_weightiest_first():
    listing = sawdust()
    reading = stuff.create_reading(
        listing=listing,
        materials={"bark": 0.4, "sawdust": 1.0, "cutter_shavings": 0.8, "gone_since": 1.0},
        without=["glued"],
    )
    stuff.create_correction(listing=listing, target="use:animal_bedding", holds=True)
    stuff.create_correction(listing=listing, target="property:wet", holds=False)
    known = current_knowledge()
    read_ = readable(reading, "fi")
    assert labels(read_.materials) == ["sahanpuru", "kutterinlastu"]
    assert labels(read_.aside) == ["puunkuori"]
    assert [(tag.label, tag.corrected) for tag in read_.uses] == [(known.label("use:animal_bedding", "fi"), True)]
    assert labels(read_.without) == [known.label("property:glued", "fi")]
    assert labels(read_.denied) == [known.label("property:wet", "fi")]
    assert labels(readable(reading, "sv").materials)[0] == known.label("material:sawdust", "sv")


# --- Search -----------------------------------------------------------------------------------------------------------


def found(words, language="fi"):
    return [one.target for one in find_targets(words, language=language, known=current_knowledge())]


@pytest.mark.parametrize("words", ["sahanpuru", "Sahanpurua", "SAWDUST", "sågspån", "sagspan", "  sågspånen "])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_search_finds_by_name_term_and_inflected_word_in_every_language(words, language):
    assert found(words, language)[0] == "material:sawdust"


def test_search_finds_uses_too_and_says_what_a_thing_is_a_kind_of():
    known = current_knowledge()
    bedding = next(one for one in find_targets("kuivike", language="fi", known=known) if not one.is_material)
    assert bedding.target == "use:animal_bedding"
    dust = find_targets("sahanpuru", language="fi", known=known)[0]
    assert (dust.is_material, dust.broader) == (True, "puunjalostuksen sivuvirta")


def test_search_gives_the_twenty_best_in_finnish_order():
    known = read(
        additions=Additions(
            materials=[
                Material(key=f"x{number}", label=dict.fromkeys(("fi", "sv", "en"), f"zzyx {letter}"))
                for number, letter in enumerate("öäåzyabcdefghijklmnopqrstuv")
            ]
        )
    )
    names = [one.label for one in find_targets("zzyx", language="fi", known=known)]
    assert names == [f"zzyx {letter}" for letter in "abcdefghijklmnopqrst"]
    last = [one.label for one in find_targets("zzyx ö", language="fi", known=known)]
    assert last[0] == "zzyx ö"


@pytest.mark.parametrize("words", ["", "   ", "xyzzy", "\x00", "%", "a" * 500])
def test_search_of_nothing_finds_nothing(words):
    assert found(words) == []


# --- The listing's page -----------------------------------------------------------------------------------------------


def test_who_may_edit_it_sees_the_reading_on_its_page_and_nobody_else(client):
    author = create_member(create_organisation(municipality_name="Jyväskylä"))
    listing = sawdust(organisation=author.role_grants.get().organisation, created_by=author)
    store_reading(listing, now=NOW)

    def sees(user):
        if user is not None:
            client.force_login(user)
        page = client.get(listing.get_absolute_url())
        assert page.status_code == 200
        return "How the portal reads this listing" in page.text

    assert not sees(None)
    assert all(sees(user) for user in (author, owner_of(listing), create_coordinator("13"), create_staff()))
    strangers = [create_member(listing.organisation), create_member(), create_org_admin(create_organisation())]
    strangers += [create_coordinator("01"), create_with_role(Role.EXPERT), create_with_role(Role.STEERING)]
    assert not any(sees(user) for user in strangers)


def test_the_page_shows_tags_with_a_button_each_and_how_to_add(client):
    listing = sawdust()
    store_reading(listing, now=NOW)
    client.force_login(owner_of(listing))
    page = client.get(listing.get_absolute_url())
    assert labels(page.context["reading"].materials) == ["sawdust"]
    assert '<button class="button is-small is-quiet" type="submit" name="deny" value="material:sawdust">' in page.text
    assert f'href="{url(listing)}#search"' in page.text


def test_an_owner_of_whose_text_nothing_was_read_is_told_what_to_write(client):
    listing = sawdust(title="Various things", description="Ask for more.")
    client.force_login(owner_of(listing))
    assert "The portal has not read this listing yet" in client.get(listing.get_absolute_url()).text
    reading = store_reading(listing, now=NOW)
    assert (reading.materials, reading.uses, reading.main_material) == ({}, {}, "")
    page = client.get(listing.get_absolute_url()).text
    assert "We could not tell what this listing is about" in page
    assert f'action="{url(listing)}#search"' in page


@pytest.mark.parametrize("fields", [{"state": "draft"}, {"kind": "expertise", "material_class": None}])
def test_a_draft_and_expertise_show_no_reading(client, fields):
    listing = sawdust(**fields)
    client.force_login(owner_of(listing))
    assert client.get(listing.get_absolute_url()).context["reading"] is None
    assert "This listing is not read" in client.get(url(listing)).text


def test_saving_an_open_listing_points_to_the_reading(client):
    listing = sawdust(state="draft", nature="side_stream")
    client.force_login(owner_of(listing))
    page = client.post(reverse("symbiosis:listing_submit", args=[listing.pk]), follow=True)
    assert page.redirect_chain == [(listing.get_absolute_url(), 302)]
    assert [str(message) for message in page.context["messages"]][-1] == (
        "Check on this page how the portal reads the listing."
    )
    assert labels(page.context["reading"].materials) == ["sawdust"]


# --- The page of the reading ------------------------------------------------------------------------------------------


def test_a_press_corrects_and_leads_back_to_where_it_was_made(client):
    listing = sawdust()
    store_reading(listing, now=NOW)
    client.force_login(by := owner_of(listing))
    response = client.post(url(listing), {"deny": "material:sawdust"})
    assert response["Location"] == listing.get_absolute_url() + "#reading"
    correction = ReadingCorrection.objects.get()
    assert (correction.target, correction.holds, correction.made_by) == ("material:sawdust", False, by)

    response = client.post(url(listing), {"affirm": "material:bark", "back": "reading"}, follow=True)
    assert response.redirect_chain == [(url(listing) + "#reading", 302)]
    assert [(tag.label, tag.corrected) for tag in response.context["reading"].materials] == [("bark", True)]
    assert [(one.tag.label, one.holds) for one in response.context["corrections"]] == [
        ("bark", True),
        ("sawdust", False),
    ]
    response = client.post(url(listing), {"undo": "material:sawdust", "back": "reading"}, follow=True)
    assert labels(response.context["reading"].materials) == ["bark", "sawdust"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"affirm": ""},
        {"affirm": "material:bark", "deny": "material:bark"},
        {"affirm": "x" * 101},
        {"affirm": "material:bark", "back": "https://elsewhere.example/"},
    ],
)
def test_an_unfinished_press_changes_nothing_and_says_so(client, data):
    listing = sawdust()
    client.force_login(owner_of(listing))
    response = client.post(url(listing), data, follow=True)
    assert response.redirect_chain == [(url(listing), 302)]
    assert "Choose one thing to correct." in response.text
    assert not ReadingCorrection.objects.exists()


def test_a_press_on_what_is_not_known_any_more_says_so(client):
    listing = sawdust()
    client.force_login(owner_of(listing))
    response = client.post(url(listing), {"affirm": "material:unobtainium", "back": "reading"}, follow=True)
    assert "The portal does not know this word any more. Search for another." in response.text


def test_others_neither_read_nor_correct_it(client):
    listing = sawdust(organisation=create_organisation(municipality_name="Jyväskylä"))
    for user, status in [
        (create_member(listing.organisation), 403),
        (create_member(), 403),
        (create_coordinator("01"), 403),
        (create_with_role(Role.STEERING), 403),
        (create_coordinator("13"), 200),
    ]:
        client.force_login(user)
        assert client.get(url(listing)).status_code == status
        answer = client.post(url(listing), {"deny": "material:sawdust"})
        assert answer.status_code == (302 if status == 200 else status)
    assert ReadingCorrection.objects.count() == 1
    draft = sawdust(state="draft")
    assert client.get(url(draft)).status_code == 200
    client.force_login(create_member())
    assert client.get(url(draft)).status_code == 404


def test_the_search_offers_what_is_not_read_yet(client):
    listing = sawdust()
    store_reading(listing, now=NOW)
    client.force_login(owner_of(listing))
    page = client.get(url(listing), {"q": "sawdust"})
    assert page.context["found"][0].target == "material:sawdust"
    assert "Already in the reading" in page.text
    assert '<button class="button is-small" type="submit" name="affirm" value="material:bark">' in (
        client.get(url(listing), {"q": "bark"}).text
    )
    assert "knows no material or use by “&lt;xyzzy&gt;”" in client.get(url(listing), {"q": "<xyzzy>"}).text
    assert client.get(url(listing), {"q": "x" * 500}).context["found"] == []


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_costs_the_same_however_much_was_corrected(client, django_assert_num_queries, count):
    listing = sawdust()
    for key in list(current_knowledge().materials)[:count]:
        stuff.create_correction(listing=listing, target=f"material:{key}", holds=True)
    store_reading(listing, now=NOW)
    client.force_login(create_staff())
    client.get(url(listing))
    with django_assert_num_queries(QUERIES):
        client.get(url(listing), {"q": "bark"})


QUERIES = 11
