"""The audit log: who changed what, from what to what, and what was refused. The database refuses to change its rows."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from members.models.geography import Region
from members.models.organisation import Organisation
from members.models.user import User
from members.permissions import Permission

# What rows say was done, in all rooms: message ids, which are stored in English and read in the reader's language.
ACTS = frozenset(
    {
        gettext_noop("account disabled"),
        gettext_noop("account enabled"),
        gettext_noop("account read"),
        gettext_noop("application decided"),
        gettext_noop("application submitted"),
        gettext_noop("audit log downloaded"),
        gettext_noop("changed in the administration"),
        gettext_noop("comparison dropped"),
        gettext_noop("contact of a listing read"),
        gettext_noop("correction of a reading undone"),
        gettext_noop("created in the administration"),
        gettext_noop("deleted in the administration"),
        gettext_noop("demo data loaded"),
        gettext_noop("enquiry answered"),
        gettext_noop("enquiry closed"),
        gettext_noop("enquiry opened"),
        gettext_noop("erasure approved"),
        gettext_noop("file added to a listing"),
        gettext_noop("file removed from a listing"),
        gettext_noop("impact recorded"),
        gettext_noop("indicator value corrected"),
        gettext_noop("indicator value entered"),
        gettext_noop("indicators counted"),
        gettext_noop("invitation accepted"),
        gettext_noop("invitation revoked"),
        gettext_noop("job started"),
        gettext_noop("job tried again"),
        gettext_noop("knowledge entry added"),
        gettext_noop("knowledge entry changed"),
        gettext_noop("knowledge entry kept"),
        gettext_noop("knowledge entry removed"),
        gettext_noop("knowledge entry to be taken out"),
        gettext_noop("listing closed"),
        gettext_noop("listing created"),
        gettext_noop("listing deleted"),
        gettext_noop("listing edited"),
        gettext_noop("listing expired"),
        gettext_noop("listing hidden"),
        gettext_noop("listing prolonged"),
        gettext_noop("listing published"),
        gettext_noop("listing rejected"),
        gettext_noop("listing submitted for review"),
        gettext_noop("mail queued again"),
        gettext_noop("match answered"),
        gettext_noop("matching compared"),
        gettext_noop("matching released"),
        gettext_noop("organisation approved as a member"),
        gettext_noop("organisation card edited"),
        gettext_noop("organisation left the network"),
        gettext_noop("people of an organisation read"),
        gettext_noop("person invited"),
        gettext_noop("person removed"),
        gettext_noop("personal data erased"),
        gettext_noop("personal data exported"),
        gettext_noop("plan loaded"),
        gettext_noop("profile changed"),
        gettext_noop("read in the administration"),
        gettext_noop("reading corrected"),
        gettext_noop("role ended"),
        gettext_noop("role granted"),
        gettext_noop("synergy begun"),
        gettext_noop("synergy edited"),
        gettext_noop("synergy moved"),
        gettext_noop("synergy realised"),
        gettext_noop("target changed"),
        gettext_noop("target set"),
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
