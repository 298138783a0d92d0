from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from members.models import User
from members.services.personal_data import export_of


class Command(BaseCommand):
    help = "Prints every row about a person as JSON (GDPR art. 15), and logs that it was read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--by", required=True, help="e-mail of who carries out the request")

    def handle(self, *args: Any, **options: Any) -> str:
        user = User.objects.filter(email__iexact=options["email"]).first()
        by = User.objects.active().filter(email__iexact=options["by"]).first()
        if user is None or by is None:
            raise CommandError("No such account.")
        return json.dumps(export_of(by=by, user=user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
