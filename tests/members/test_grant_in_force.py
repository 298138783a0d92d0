from __future__ import annotations

from datetime import date, timedelta

import pytest

from members.models import RoleGrant
from members.permissions import Permission, Role
from tests.factories.members import create_user, grant

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(-1, None, True), (0, None, True), (1, None, False), (-2, -1, False), (-2, 0, True), (-2, 1, True)],
)
def test_a_grant_at_hand_holds_on_the_days_that_the_database_says(starts: int, ends: int | None, holds: bool) -> None:
    held = grant(
        create_user(),
        Role.EXPERT,
        starts_on=DAY + timedelta(days=starts),
        ends_on=None if ends is None else DAY + timedelta(days=ends),
    )
    assert held.holds_on(DAY) is holds
    assert RoleGrant.objects.in_force(on=DAY).exists() is holds


def test_a_right_that_was_asked_for_is_kept_with_the_grants_that_it_follows_from() -> None:
    user = create_user()
    assert not user.may(Permission.JOBS)
    grant(user, Role.STAFF)
    assert user.may(Permission.JOBS)
    assert type(user).objects.get(pk=user.pk).may(Permission.JOBS)
