from __future__ import annotations

from typing import Any

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    # The form modules that import gettext_lazy as _ call gettext _now.
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_now"]

    def handle(self, *args: Any, **options: Any) -> None:
        """The catalogues of kisu/locale as they are kept: long lines, no places, the tests' sentences left out.

        English is the message ids; its own catalogue only mends sentences of packages, so it is edited by hand.
        """
        options |= {"no_wrap": True, "no_location": True, "no_obsolete": True}
        options["exclude"] = [*options["exclude"], "en"]
        options["ignore_patterns"] = [*options["ignore_patterns"], "tests/*", "bench/*"]
        super().handle(*args, **options)
