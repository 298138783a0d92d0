from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from kisu.lib.calendar import calendars
from kisu.lib.search import sources
from tests.factories.members import create_member
from tests.factories.workpackages import create_indicator, create_lead, create_package, create_target, three
from workpackages.models import ClockPhase

pytestmark = pytest.mark.django_db


def found(key: str, user: object, words: str) -> list[str]:
    source = sources[key]
    return [source.hit(row).title for row in source.find(user, words)]


def test_indicators_are_found_by_all_and_packages_by_those_who_sign_in():
    create_package("TP4", **three("name", "Industrial symbiosis service"))
    create_indicator(**three("name", "Synergies born"))
    assert found("indicators", AnonymousUser(), "synergies") == ["Synergies born"]
    assert found("packages", AnonymousUser(), "symbiosis") == []
    assert found("packages", create_member(), "symbiosis") == ["TP4 Industrial symbiosis service"]


def test_the_calendar_has_hand_overs_phases_and_days_of_targets():
    package = create_package("TP1")
    create_lead(package=package, ends_on=date(2023, 8, 31))
    create_lead(package=package, partner="syke", starts_on=date(2023, 9, 1))
    # A new term of the same organisation is no hand-over; neither is the first lead of the next package.
    create_lead(package=package, partner="syke", starts_on=date(2023, 9, 15))
    create_lead(package=create_package("TP2"), starts_on=date(2023, 9, 20))
    ClockPhase.objects.create(
        code="launch", position=1, starts_on=date(2023, 8, 1), ends_on=date(2023, 9, 2), **three("name", "Launch")
    )
    ClockPhase.objects.create(code="undated", position=2, **three("name", "Undated"))
    create_target(create_indicator(**three("name", "Members")), date(2023, 9, 30), 100)

    month = date(2023, 9, 1), date(2023, 9, 30)
    ours = [calendars[key] for key in ("clock", "handovers", "targets")]
    member = create_member()
    entries = [entry for source in ours for entry in source.entries(member, *month)]

    assert [(entry.starts_on, entry.title) for entry in entries] == [
        (date(2023, 8, 1), "Launch"),
        (date(2023, 9, 1), "TP1: the lead passes from Motiva to Syke"),
        (date(2023, 9, 30), "Members"),
    ]
    assert entries[2].detail == "Target: 100 pcs"
    assert [list(source.entries(AnonymousUser(), *month)) for source in ours] == [[], [], []]
