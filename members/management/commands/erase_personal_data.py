from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from members.models import User
from members.permissions import Role
from members.services import MembersError
from members.services.personal_data import erase, kept_of


class Command(BaseCommand):
    help = "Erases a person's data (GDPR art. 17) at their request. Two people of the staff answer for it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--by", help="e-mail of who carries it out")
        parser.add_argument("--approved-by", help="e-mail of a second person of the staff")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")

    def handle(self, *args: Any, **options: Any) -> str:
        user = User.objects.filter(email__iexact=options["email"], erased_at=None).first()
        if user is None:
            raise CommandError("No such account.")
        if options["dry_run"]:
            kept = [one for one in kept_of(user=user) if one.count]
            return "\n".join(f"{one.entry.key}: {one.count} {one.outcome}" for one in kept)
        by, approver = (_staff(options[name] or "") for name in ("by", "approved_by"))
        try:
            touched = erase(by=by, user=user, now=timezone.now(), approved_by=approver)
        except MembersError as error:
            raise CommandError(str(error)) from error
        return "\n".join(f"{key}: {count}" for key, count in touched.items() if count)


def _staff(email: str) -> User:
    user: User | None = User.objects.active().filter(email__iexact=email).first()
    if user is None or not user.roles & {Role.STAFF, Role.SUPERUSER}:
        raise CommandError(f"{email or 'Nobody'} is not of the staff. Name two with --by and --approved-by.")
    return user
