from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from kisu.lib.dates import at_local, today
from members.models import AuditEntry
from members.permissions import Role
from symbiosis.models import MatchAnswer
from symbiosis.services.match_figures import mark_seen, match_figures, sum_of, wilson
from symbiosis.services.matches import answer_match
from tests.factories.members import (
    create_coordinator,
    create_member,
    create_org_admin,
    create_organisation,
    create_staff,
    create_with_role,
)
from tests.factories.symbiosis import create_enquiry, create_listing, create_match, create_need, create_synergy

pytestmark = pytest.mark.django_db

URL = "/osumat/luvut/"
CLOCK = time(0, 0)


def answer(match, says, side="offer", **fields):
    return MatchAnswer.objects.create(
        match=match,
        organisation=getattr(match, side).organisation,
        answer="interested" if says == "interested" else "dismissed",
        reason="" if says == "interested" else says,
        **{"answered_at": timezone.now()} | fields,
    )


def figures(user=None, since=None, until=None):
    return {row.match_class: row for row in match_figures(user=user or create_staff(), since=since, until=until)}


# --- First opened -----------------------------------------------------------------------------------------------------


def opened(match):
    match.refresh_from_db()
    return match.seen_at


def test_the_first_look_of_either_side_is_kept_and_later_ones_are_not(client):
    match = create_match()
    client.force_login(create_member(match.need.organisation))
    client.get(match.get_absolute_url())
    first = opened(match)
    assert first is not None
    client.force_login(create_member(match.offer.organisation))
    client.get(match.get_absolute_url())
    assert opened(match) == first


def test_a_look_that_was_overtaken_changes_nothing():
    match = create_match()
    stale = type(match).objects.get(pk=match.pk)
    member, now = create_member(match.offer.organisation), timezone.now()
    mark_seen(match=match, by=member, now=now)
    mark_seen(match=stale, by=member, now=now + timedelta(minutes=1))
    assert opened(match) == now


def test_who_belongs_to_no_side_does_not_open_it(client):
    match = create_match(offer=create_listing(organisation=create_organisation(municipality_name="Jyväskylä")))
    for user in (create_staff(), create_coordinator("13")):
        client.force_login(user)
        assert client.get(match.get_absolute_url()).status_code == 200
    assert opened(match) is None
    client.force_login(create_member())
    assert client.get(match.get_absolute_url()).status_code == 404
    assert opened(match) is None


def test_the_list_opens_nothing(client):
    match = create_match()
    client.force_login(create_member(match.offer.organisation))
    client.get(reverse("symbiosis:match_list"))
    assert opened(match) is None


# --- Figures ----------------------------------------------------------------------------------------------------------


def test_pairs_are_counted_by_class_and_by_what_became_of_them():
    create_match(match_class="distant")
    create_match(seen_at=timezone.now())
    interesting = create_match(seen_at=timezone.now())
    for side in ("offer", "need"):
        answer(interesting, "interested", side)
    create_enquiry(listing=interesting.offer, match=interesting)
    create_enquiry(listing=interesting.need, match=interesting)
    create_synergy(match=interesting, stage="realised")
    answered = create_match()
    answer(answered, "too_far")
    create_synergy(match=answered)
    create_enquiry()
    create_synergy()

    rows = figures()
    good, distant = rows["good"], rows["distant"]
    assert list(rows) == ["good", "possible", "distant"]
    assert (good.suggested, good.opened, good.answered, good.interested, good.dismissed) == (3, 2, 2, 1, 1)
    assert (good.contacted, good.synergies, good.realised) == (1, 2, 1)
    assert (distant.suggested, distant.opened, distant.answered) == (1, 0, 0)
    assert rows["possible"].suggested == 0
    assert sum_of(rows.values()).suggested == 4


def test_a_pair_is_in_the_row_of_each_sides_reason():
    match = create_match(match_class="possible")
    answer(match, "too_far")
    answer(match, "too_little", "need")
    same = create_match(match_class="possible")
    answer(same, "too_far")
    answer(same, "too_far", "need")
    row = figures()["possible"]
    by_reason = dict(zip(MatchAnswer.Reason.values, row.reasons, strict=True))
    assert (by_reason["too_far"], by_reason["too_little"], by_reason["wrong_quality"]) == (2, 1, 0)
    assert row.dismissed == 2


def test_precision_is_of_pairs_judged_by_the_goods():
    for _number in range(3):
        answer(create_match(), "interested")
    for reason in ("wrong_quality", "not_allowed", "too_far", "too_little", "already_taken", "other"):
        answer(create_match(), reason)
    torn = create_match()
    answer(torn, "interested")
    answer(torn, "wrong_quality", "need")
    far = create_match()
    answer(far, "interested")
    answer(far, "too_far", "need")

    row = figures()["good"]
    assert (row.fitting, row.unfitting) == (4, 3)
    assert row.precision == pytest.approx(100 * 4 / 7)
    assert row.interval == pytest.approx((25.05, 84.18), abs=0.01)


@pytest.mark.parametrize(("count", "told"), [(4, False), (5, True)])
def test_precision_is_told_from_five_judged_pairs(count, told):
    for _number in range(count):
        answer(create_match(), "interested")
    row = figures()["good"]
    assert row.judged == count
    assert (row.precision is not None, row.interval is not None) == (told, told)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (8, 10, 0.4902, 0.9433)]
)
def test_the_interval_is_wilsons(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.0001)


def test_a_pair_counts_in_the_class_that_people_judged():
    match = create_match(match_class="good")
    organisation = match.offer.organisation
    member = create_member(organisation)

    def say(**values):
        answer_match(by=member, match=match, organisation=organisation, now=timezone.now(), **values)

    say(answer="dismissed", reason="wrong_quality")
    match.match_class = "distant"  # the night heeds the answer
    match.save()
    say(answer="dismissed", reason="not_allowed")
    rows = figures()
    assert (rows["good"].suggested, rows["good"].unfitting) == (1, 1)
    assert rows["distant"].suggested == 0


def test_answers_without_a_class_go_by_the_pairs_own():
    answer(create_match(match_class="possible"), "interested")
    assert figures()["possible"].interested == 1


def test_the_period_takes_the_finnish_days_of_both_ends():
    def suggested(day, clock):
        return create_match(first_seen_at=at_local(day, clock))

    first, last = date(2026, 3, 1), date(2026, 3, 31)
    suggested(first, CLOCK)
    suggested(last, CLOCK.replace(hour=23, minute=59))
    suggested(first - timedelta(days=1), CLOCK.replace(hour=23, minute=59))
    suggested(last + timedelta(days=1), CLOCK)

    def count(**days):
        return figures(create_staff(), **days)["good"].suggested

    assert count(since=first, until=last) == 2
    assert count(since=first) == 3
    assert count(until=last) == 3
    assert count() == 4


def test_a_coordinator_counts_the_own_region():
    create_match(offer=create_listing(organisation=create_organisation(municipality_name="Jyväskylä")))
    south = create_organisation(municipality_name="Helsinki")
    elsewhere = create_match(
        offer=create_listing(organisation=south),
        need=create_need(organisation=create_organisation(municipality_name="Helsinki")),
    )
    answer(elsewhere, "interested")
    row = figures(create_coordinator("13"))["good"]
    assert (row.suggested, row.answered) == (1, 0)
    assert figures(create_coordinator("01"))["good"].answered == 1
    assert figures(create_staff())["good"].suggested == 2


@pytest.mark.parametrize("count", [1, 30])
def test_one_query_counts_all(django_assert_num_queries, count):
    for _number in range(count):
        match = create_match()
        answer(match, "interested")
        create_enquiry(listing=match.offer, match=match)
    staff = create_staff()
    assert staff.roles
    with django_assert_num_queries(1):
        match_figures(user=staff, since=None, until=None)


# --- The page ---------------------------------------------------------------------------------------------------------


def page(client, **query):
    return client.get(URL, query).content.decode()


def test_staff_and_coordinators_are_let_in_and_find_it_from_the_list(client):
    for user in (create_staff(), create_coordinator("13")):
        client.force_login(user)
        assert f'href="{URL}"' in client.get("/osumat/").content.decode()
        assert client.get(URL).status_code == 200


@pytest.mark.parametrize("make", [create_member, create_org_admin])
def test_members_are_refused_and_have_no_link(client, make):
    client.force_login(make())
    assert f'href="{URL}"' not in client.get("/osumat/").content.decode()
    assert client.get(URL).status_code == 403
    assert AuditEntry.objects.filter(action="refused").count() == 1


@pytest.mark.parametrize("role", [Role.EXPERT, Role.STEERING, Role.COMMS])
def test_others_are_refused(client, role):
    client.force_login(create_with_role(role))
    assert client.get(URL).status_code == 403


def test_the_share_and_its_range_are_shown_or_why_not(client):
    for _number in range(5):
        answer(create_match(), "interested")
    answer(create_match(match_class="possible"), "wrong_quality")
    client.force_login(create_staff())
    shown = page(client)
    assert "100%" in shown
    assert "57–100%" in shown
    assert "5 of 5 judged" in shown
    assert "1 judged, 5 needed" in shown
    assert "Wrong quality" in shown


def test_without_a_pair_it_says_what_comes_next(client):
    client.force_login(create_staff())
    assert "No pairs yet. We look every night." in page(client)
    create_match(first_seen_at=timezone.now() - timedelta(days=800))
    assert "No pairs in that time" in page(client, period="12")


def test_nobody_turned_anything_down(client):
    create_match()
    client.force_login(create_staff())
    assert "Nobody has turned down a pair of that time." in page(client)


def test_the_fields_narrow_together(client):
    on = today()
    client.force_login(create_staff())

    def limits(**query):
        context = client.get(URL, query).context
        return context["since"], context["until"]

    assert limits() == (None, None)
    assert limits(period="year") == (date(on.year, 1, 1), None)
    assert limits(period="year", since="1.2.2020") == (date(on.year, 1, 1), None)
    assert limits(since="1.2.2020", until="3.2.2020") == (date(2020, 2, 1), date(2020, 2, 3))
    assert limits(period="12")[0] < on - timedelta(days=360)


@pytest.mark.parametrize(
    "query",
    [{"since": "31.2.2026"}, {"until": "tomorrow"}, {"period": "13"}, {"since": "2.1.2026", "until": "1.1.2026"}],
)
@pytest.mark.parametrize("form", [{}, {"muoto": "csv"}])
def test_a_wrong_period_is_told_and_counts_nothing(client, query, form):
    create_match()
    client.force_login(create_staff())
    response = client.get(URL, query | form)
    assert response.context["form"].errors
    assert "alert is-late" in response.content.decode()
    assert response.context["total"].suggested == 0


def test_the_filter_swaps_the_results_alone(client):
    create_match()
    client.force_login(create_staff())
    part = client.get(URL, headers={"HX-Request": "true", "HX-Target": "results"}).content.decode()
    assert 'id="results"' in part
    assert "<h1>" not in part


def test_it_is_exported_with_the_reasons(client):
    for _number in range(5):
        answer(create_match(), "interested")
    answer(create_match(), "wrong_quality")
    client.force_login(create_staff())
    head, good, *others = client.get(URL, {"muoto": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert head.startswith("Class;Suggested;Opened;")
    row = dict(zip(head.split(";"), good.split(";"), strict=True))
    assert row["Class"] == "Good"
    assert row["Judged"] == "6"
    assert row["Precision, %"] == "83,3"
    assert row["Precision at least, %"] == "43,6"
    assert row["Turned down: Wrong quality"] == "1"
    assert [line.split(";")[0] for line in others] == ["Possible", "Distant"]


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow(client, django_assert_num_queries, count):
    for _number in range(count):
        answer(create_match(), "too_far")
    client.force_login(create_staff())
    client.get(URL)
    with django_assert_num_queries(QUERIES):
        client.get(URL)


QUERIES = 5
