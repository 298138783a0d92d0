from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from kisu.demo.cast import ACCOUNTS
from kisu.demo.load import is_loaded


class Command(BaseCommand):
    help = "Prints whom one can sign in as in the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL or not is_loaded():
            raise CommandError("The demo is not loaded here.")
        with override("en"):
            roles = {account: str(account.role.label) if account.role else "Administrator" for account in ACCOUNTS}
        self.stdout.write(f"Sign in with the password {settings.DEMO_PASSWORD} as")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email:<26} {roles[account]}")
