"""Synergies: from an idea to tonnes. Each step is dated, audited, and told to both organisations."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members.models import Organisation, Region, User
from members.services.audit import record_change, record_creation, snapshot
from members.services.notices import notify
from symbiosis.models import Match, MaterialClass, Synergy, SynergyStep
from symbiosis.services import SymbiosisError
from symbiosis.services.audience import people_of
from workpackages.models import Impact

THOUSANDTH = Decimal("0.001")


@transaction.atomic
def create_synergy(
    *,
    by: User,
    title: str,
    giver: Organisation,
    receiver: Organisation,
    region: Region,
    started_on: date,
    next_step: str = "",
    next_step_on: date | None = None,
    match: Match | None = None,
    on: date,
) -> Synergy:
    """An idea, from a match or free. Raises SymbiosisError for a match that is one already, a future day, one party."""
    if giver == receiver:
        raise SymbiosisError(_("A synergy joins two organisations. Choose another recipient."))
    if match is not None and {giver.pk, receiver.pk} != {side.organisation_id for side in match.sides}:
        raise SymbiosisError(_("These are not the organisations of the match."))
    _not_in_the_future(started_on, on=on)
    try:
        with transaction.atomic():
            synergy = Synergy.objects.create(
                title=title,
                giver=giver,
                receiver=receiver,
                region=region,
                offer=match.offer if match else None,
                need=match.need if match else None,
                match=match,
                started_on=started_on,
                next_step=next_step,
                next_step_on=next_step_on,
                created_by=by,
            )
    except IntegrityError as error:
        raise SymbiosisError(_("The match is a synergy already.")) from error
    SynergyStep.objects.create(synergy=synergy, stage=Synergy.Stage.IDEA, on=started_on, taken_by=by)
    record_creation(by=by, instance=synergy, what="synergy begun", organisation=giver, region=region)
    _tell(synergy, by=by, on=on)
    return synergy


@transaction.atomic
def move_synergy(
    *, by: User, synergy: Synergy, stage: str, reached_on: date, reason: str = "", on: date
) -> SynergyStep:
    """Takes it to a stage that the model's table allows; leaving the path needs a reason.

    Raises SymbiosisError for another stage, a day before the last step or to come, and for realising, which needs
    figures (`realise_synergy`).
    """
    row = _locked(synergy)
    if stage == Synergy.Stage.REALISED:
        raise SymbiosisError(_("Give the tonnes when the synergy is realised."))
    if stage in Synergy.ASIDE and not reason:
        raise SymbiosisError(_("Tell why the synergy leaves its path."))
    return _step(row, by=by, stage=Synergy.Stage(stage), reached_on=reached_on, reason=reason, on=on)


@transaction.atomic
def realise_synergy(
    *,
    by: User,
    synergy: Synergy,
    reached_on: date,
    kind: str,
    kept_in_use_t: Decimal,
    co2e_t: Decimal | None = None,
    factor: Decimal | None = None,
    source: str,
    one_off: bool = False,
    attribution_percent: Decimal = Decimal(100),
    on: date,
) -> SynergyStep:
    """The last step: writes what the synergy does in a year. With an emission factor (t CO2e per t) CO2e is reckoned.

    Raises SymbiosisError as `move_synergy` does, and for both CO2e and a factor.
    """
    row = _locked(synergy)
    if co2e_t is not None and factor is not None:
        raise SymbiosisError(_("Give the emissions or a factor, not both."))
    if factor is not None:
        co2e_t = (kept_in_use_t * factor).quantize(THOUSANDTH, ROUND_HALF_UP)
    _check_move(row, Synergy.Stage.REALISED, reached_on=reached_on, on=on)
    row.impact = Impact.objects.create(
        kind=Impact.Kind(kind),
        starts_on=reached_on,
        one_off=one_off,
        kept_in_use_t=kept_in_use_t,
        co2e_t=co2e_t,
        factor=factor,
        source=source,
        attribution_percent=attribution_percent,
    )
    record_creation(by=by, instance=row.impact, what="impact recorded", organisation=row.giver, region=row.region)
    return _step(row, by=by, stage=Synergy.Stage.REALISED, reached_on=reached_on, reason="", on=on)


@transaction.atomic
def edit_synergy(*, by: User, synergy: Synergy, title: str, next_step: str, next_step_on: date | None) -> None:
    row = _locked(synergy)
    before = snapshot(row)
    row.title, row.next_step, row.next_step_on = title, next_step, next_step_on
    row.save(update_fields=["title", "next_step", "next_step_on"])
    record_change(by=by, instance=row, before=before, what="synergy edited", organisation=row.giver, region=row.region)


def alike(
    *,
    giver: Organisation,
    receiver: Organisation,
    material_class: MaterialClass | None,
    user: User,
    but: int | None = None,
) -> tuple[list[Synergy], int]:
    """Synergies that may be the same flow, lest it is counted twice: those that the user sees, and how many more."""
    others = Synergy.objects.all() if but is None else Synergy.objects.exclude(pk=but)
    found = others.alike(giver=giver, receiver=receiver, material_class=material_class)
    seen = list(found.visible_to(user).order_by("-started_on", "-pk"))
    return seen, found.count() - len(seen)


def _locked(synergy: Synergy) -> Synergy:
    return (
        Synergy.objects.select_for_update(of=("self",))
        .select_related("giver__municipality", "receiver__municipality", "region")
        .get(pk=synergy.pk)
    )


def _not_in_the_future(day: date, *, on: date) -> None:
    if day > on:
        raise SymbiosisError(_("The day cannot be in the future."))


def _check_move(synergy: Synergy, stage: Synergy.Stage, *, reached_on: date, on: date) -> None:
    steps = list(synergy.steps.order_by("on", "pk"))
    if stage not in synergy.moves(steps=steps):
        raise SymbiosisError(_("The synergy cannot go there from its stage. Someone may have moved it meanwhile."))
    _not_in_the_future(reached_on, on=on)
    if steps and reached_on < steps[-1].on:
        raise SymbiosisError(_("The day cannot be before the last step."))


def _step(synergy: Synergy, *, by: User, stage: Synergy.Stage, reached_on: date, reason: str, on: date) -> SynergyStep:
    _check_move(synergy, stage, reached_on=reached_on, on=on)
    before = snapshot(Synergy.objects.get(pk=synergy.pk))
    synergy.stage = stage
    if stage == Synergy.Stage.REALISED:
        synergy.realised_on = reached_on
        synergy.next_step, synergy.next_step_on = "", None
    synergy.save(update_fields=["stage", "realised_on", "impact", "next_step", "next_step_on"])
    step = SynergyStep.objects.create(synergy=synergy, stage=stage, on=reached_on, reason=reason, taken_by=by)
    what = "synergy realised" if stage == Synergy.Stage.REALISED else "synergy moved"
    record_change(by=by, instance=synergy, before=before, what=what, organisation=synergy.giver, region=synergy.region)
    _tell(synergy, by=by, on=on)
    return step


def _tell(synergy: Synergy, *, by: User, on: date) -> None:
    people = {user.pk: user for side in (synergy.giver, synergy.receiver) for user in people_of(side, on=on)}
    notify(
        users=[user for user in people.values() if user != by],
        kind="synergy_moved",
        params={"title": synergy.title},
        url=synergy.get_absolute_url(),
    )
