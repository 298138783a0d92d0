"""The audit log: who changed what, from what to what, and what was refused. The database refuses to change its rows."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as noop

from members.models.geography import Region
from members.models.organisation import Organisation
from members.models.user import User
from members.permissions import Permission

# What rows say was done, in all rooms: message ids, which are stored in English and read in the reader's language.
ACTS = frozenset(
    {
        noop("account disabled"),
        noop("account enabled"),
        noop("account read"),
        noop("application decided"),
        noop("application submitted"),
        noop("audit log downloaded"),
        noop("changed in the administration"),
        noop("contact of a listing read"),
        noop("created in the administration"),
        noop("deleted in the administration"),
        noop("demo data loaded"),
        noop("enquiry opened"),
        noop("erasure approved"),
        noop("file added to a listing"),
        noop("file removed from a listing"),
        noop("impact recorded"),
        noop("indicator value corrected"),
        noop("indicator value entered"),
        noop("indicators counted"),
        noop("invitation accepted"),
        noop("invitation revoked"),
        noop("job started"),
        noop("job tried again"),
        noop("listing closed"),
        noop("listing created"),
        noop("listing deleted"),
        noop("listing edited"),
        noop("listing expired"),
        noop("listing hidden"),
        noop("listing prolonged"),
        noop("listing published"),
        noop("listing rejected"),
        noop("listing submitted for review"),
        noop("mail queued again"),
        noop("match answered"),
        noop("organisation approved as a member"),
        noop("organisation card edited"),
        noop("organisation left the network"),
        noop("people of an organisation read"),
        noop("person invited"),
        noop("person removed"),
        noop("personal data erased"),
        noop("personal data exported"),
        noop("plan loaded"),
        noop("profile changed"),
        noop("read in the administration"),
        noop("role ended"),
        noop("role granted"),
        noop("synergy begun"),
        noop("synergy edited"),
        noop("target changed"),
        noop("target set"),
    }
)


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: User) -> Self:
        """Refusals are for staff; changes also for the region's coordinator and the organisation's admin."""
        reach = user.reach(Permission.AUDIT_READ)
        if reach.everything:
            return self
        within = Q(organisation__in=reach.organisations) | Q(region__in=reach.regions)
        return self.filter(within).exclude(action=AuditEntry.Action.REFUSED)

    def about(self, instance: models.Model) -> Self:
        """The history of one object, which outlives it."""
        return self.filter(model=instance._meta.label, object_id=str(instance.pk)).exclude(
            action=AuditEntry.Action.REFUSED
        )


class AuditEntry(models.Model):
    """One act. `changes` is {"field": [before, after]}; a personal field says only that it changed: ["•", "•"].

    There are no real foreign keys to who and where: the row outlives them, and the database refuses the UPDATE that
    a deleted organisation or account would ask for.
    """

    class Action(models.TextChoices):
        CREATED = "created", _("Created")
        CHANGED = "changed", _("Changed")
        DELETED = "deleted", _("Deleted")
        READ = "read", _("Personal data read")
        REFUSED = "refused", _("Refused")

    at = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    action = models.CharField(_("act"), max_length=8, choices=Action.choices)
    model = models.CharField(_("kind of object"), max_length=60)
    object_id = models.CharField(_("number"), max_length=40)
    label = models.CharField(_("object"), max_length=200)
    what = models.CharField(_("what was done"), max_length=120)
    changes = models.JSONField(_("changes"), default=dict)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    region = models.ForeignKey(
        Region, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+", verbose_name=_("region")
    )
    request_id = models.CharField(_("request"), max_length=32, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [models.Index(fields=["model", "object_id", "at"], name="audit_of_an_object")]

    def __str__(self) -> str:
        return f"{self.what}: {self.label}"

    @property
    def act(self) -> str:
        """What was done, in the reader's language."""
        if self.action == self.Action.REFUSED:
            return gettext("Refused: %(request)s") % {"request": self.what}
        return gettext(self.what)
