from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kisu.demo.load import NotEmptyError, is_loaded, load_demo


class Command(BaseCommand):
    help = "Fills an empty local database with the demo. Loading again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("Demo data are for a local portal only.")
        if is_loaded():
            self.stdout.write("The demo is loaded already.")
            return
        try:
            load_demo(now=timezone.now(), say=self.stdout.write)
        except NotEmptyError as error:
            raise CommandError(str(error)) from error
