"""The life of an organisation in the network: applying, being approved, its card, leaving."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from kisu.lib.dates import business_date
from kisu.lib.texts import plain
from members.models import Industry, Invitation, MembershipApplication, Municipality, Organisation, User
from members.permissions import Role
from members.services import MembersError
from members.services.audit import record_change, record_creation, snapshot
from members.services.mail import queue_mail
from members.services.notices import notify
from members.services.people import invite

# Names that differ by a letter or two of ten, or by the order of their words, are taken for the same firm's.
SIMILAR = 85  # of 100, RapidFuzz token sort ratio
LEGAL_FORMS = frozenset({"ab", "abp", "ay", "kb", "ky", "ltd", "osk", "oy", "oyj", "rf", "rp", "ry", "tmi"})


def similar_organisations(*, name: str, among: QuerySet[Organisation], limit: int = 5) -> list[Organisation]:
    """Those whose name is nearly the same without its legal form, most alike first."""
    wanted = _bare(name)
    if not wanted:
        return []
    names = {pk: _bare(other) for pk, other in among.values_list("pk", "name")}
    found = process.extract(wanted, names, scorer=fuzz.token_sort_ratio, score_cutoff=SIMILAR, limit=limit)
    rows = among.in_bulk([pk for _name, _score, pk in found])
    return [rows[pk] for _name, _score, pk in found]


def _bare(name: str) -> str:
    words = plain(name).replace(".", "").replace("-", " ").split()
    return " ".join(word for word in words if word not in LEGAL_FORMS)


@transaction.atomic
def apply_for_membership(
    *,
    name: str,
    business_id: str,
    kind: str,
    industry: Industry | None,
    municipality: Municipality,
    website: str,
    reason: str,
    contact_name: str,
    contact_email: str,
    contact_phone: str,
    language: str,
) -> MembershipApplication:
    """Writes an application from the public form, its receipt by mail, and notices to who decides.

    Raises MembersError when the organisation is a member already or has an application that waits.
    """
    member = Organisation.objects.filter(business_id=business_id, state=Organisation.State.MEMBER).first()
    if member is not None:
        raise MembersError(_("Already a member: %(name)s. Ask for an invitation.") % {"name": member.name})
    try:
        with transaction.atomic():
            application = MembershipApplication.objects.create(
                name=name,
                business_id=business_id,
                kind=kind,
                industry=industry,
                municipality=municipality,
                website=website,
                reason=reason,
                contact_name=contact_name,
                contact_email=contact_email.strip().lower(),
                contact_phone=contact_phone,
                language=language,
            )
    except IntegrityError as error:
        raise MembersError(_("This organisation has an application that waits for our answer.")) from error
    record_creation(by=None, instance=application, what="application submitted", region=municipality.region)
    queue_mail(
        template="members/mail/application_received",
        recipient=application.contact_email,
        language=language,
        context={"application": application},
    )
    deciders = User.objects.active().deciding_in(municipality.region, on=business_date(application.submitted_at))
    notify(users=deciders, kind="application_received", params={"title": name}, url=application.get_absolute_url())
    return application


@transaction.atomic
def approve_application(*, by: User, application: MembershipApplication, now: datetime) -> Invitation:
    """Makes the organisation a member and invites its first admin by mail.

    An organisation of the register with the same Business ID is taken, not doubled. Raises MembersError when the
    application was decided meanwhile, the organisation is a member, or its name belongs to another organisation.
    """
    _decide(by=by, application=application, state=MembershipApplication.State.APPROVED, reason="", now=now)
    organisation = Organisation.objects.select_for_update().filter(business_id=application.business_id).first()
    if organisation is not None and organisation.is_member:
        raise MembersError(
            _("Already a member: %(name)s. Reject the application and say so.") % {"name": organisation.name}
        )
    before: dict[str, Any] = {} if organisation is None else snapshot(organisation)
    if organisation is None:
        organisation = Organisation(business_id=application.business_id, name=application.name)
    organisation.kind = application.kind
    organisation.industry = application.industry
    organisation.municipality = application.municipality
    organisation.website = organisation.website or application.website
    organisation.state = Organisation.State.MEMBER
    organisation.joined_on, organisation.left_on = business_date(now), None
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:
        raise MembersError(
            _("Another organisation is called %(name)s. Check the Business ID.") % {"name": application.name}
        ) from error
    if before:
        record_change(by=by, instance=organisation, before=before, what="organisation approved as a member")
    else:
        record_creation(by=by, instance=organisation, what="organisation approved as a member")
    MembershipApplication.objects.filter(pk=application.pk).update(organisation=organisation)
    return invite(
        by=by,
        organisation=organisation,
        email=application.contact_email,
        name=application.contact_name,
        role=Role.ORG_ADMIN,
        language=application.language,
        now=now,
    )


@transaction.atomic
def reject_application(*, by: User, application: MembershipApplication, reason: str, now: datetime) -> None:
    """Rejects with a reason that the applicant gets by mail. Raises MembersError when it was decided meanwhile."""
    _decide(by=by, application=application, state=MembershipApplication.State.REJECTED, reason=reason, now=now)
    queue_mail(
        template="members/mail/application_rejected",
        recipient=application.contact_email,
        language=application.language,
        context={"application": application, "reason": reason},
    )


def _decide(*, by: User, application: MembershipApplication, state: str, reason: str, now: datetime) -> None:
    before = snapshot(application)
    decided = (
        MembershipApplication.objects.open()
        .filter(pk=application.pk)
        .update(state=state, decided_at=now, decided_by=by, decision_reason=reason)
    )
    if not decided:
        raise MembersError(_("Somebody has decided this application already."))
    application.refresh_from_db()
    record_change(
        by=by,
        instance=application,
        before=before,
        what="application decided",
        region=application.municipality.region,
    )


@transaction.atomic
def edit_organisation(*, by: User, organisation: Organisation, values: dict[str, Any]) -> None:
    """Saves the card's fields from a form's cleaned data. State, dates and Business ID never come this way.

    Raises MembersError when another organisation took the name meanwhile.
    """
    before = snapshot(Organisation.objects.get(pk=organisation.pk))
    for name in (
        "name",
        "kind",
        "industry",
        "municipality",
        "website",
        "description_fi",
        "description_sv",
        "description_en",
    ):
        if name in values:
            setattr(organisation, name, values[name])
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:
        raise MembersError(_("Another organisation has this name.")) from error
    record_change(by=by, instance=organisation, before=before, what="organisation card edited")


@transaction.atomic
def leave_network(*, by: User, organisation: Organisation, now: datetime) -> None:
    """Ends the membership today. Its people keep their accounts; their roles in it end with the membership's checks."""
    before = snapshot(organisation)
    organisation.state, organisation.left_on = Organisation.State.LEFT, business_date(now)
    organisation.save(update_fields=["state", "left_on", "changed_at"])
    record_change(by=by, instance=organisation, before=before, what="organisation left the network")
