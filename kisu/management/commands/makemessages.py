from __future__ import annotations

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    # The form modules that import gettext_lazy as _ call gettext _now.
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_now"]
