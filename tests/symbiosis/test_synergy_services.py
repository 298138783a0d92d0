from datetime import date, timedelta
from decimal import Decimal

import pytest

from members.models import AuditEntry, Notification
from symbiosis.models import MaterialClass, Synergy
from symbiosis.services import SymbiosisError
from symbiosis.services.synergies import alike, edit_synergy, move_synergy, realise_synergy
from symbiosis.services.synergies import create_synergy as begin_synergy
from tests.factories.members import create_coordinator, create_member, create_organisation, create_staff, region
from tests.factories.symbiosis import create_listing, create_match, create_synergy

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


def move(synergy, stage, *, reached_on=TODAY, reason="", by=None):
    step = move_synergy(
        by=by or create_staff(), synergy=synergy, stage=stage, reached_on=reached_on, reason=reason, on=TODAY
    )
    synergy.refresh_from_db()
    return step


def realise(synergy, **values):
    figures = {
        "kind": "measured",
        "kept_in_use_t": Decimal("120.5"),
        "source": "Weighbridge",
        "reached_on": TODAY,
    } | values
    realise_synergy(by=create_staff(), synergy=synergy, on=TODAY, **figures)
    synergy.refresh_from_db()


@pytest.mark.parametrize(
    ("stage", "allowed"),
    [
        ("idea", ["discussion", "on_hold", "lapsed"]),
        ("discussion", ["negotiation", "on_hold", "lapsed"]),
        ("negotiation", ["implementation", "on_hold", "lapsed"]),
        ("implementation", ["on_hold", "lapsed"]),
        ("realised", []),
        ("on_hold", ["idea", "lapsed"]),
        ("lapsed", ["idea"]),
    ],
)
def test_it_goes_only_where_the_table_lets_it(stage, allowed):
    went = []
    for target in Synergy.Stage.values:
        synergy = create_synergy(stage=stage)
        try:
            move(synergy, target, reason="Because")
        except SymbiosisError:
            synergy.refresh_from_db()
            assert synergy.stage == stage
        else:
            went.append(target)
    assert sorted(went) == sorted(allowed)


def test_what_was_on_hold_goes_back_to_where_it_was():
    synergy = create_synergy()
    for stage in ("discussion", "negotiation", "on_hold"):
        move(synergy, stage, reason="Waits for a permit" if stage == "on_hold" else "")
    assert synergy.moves(steps=list(synergy.steps.order_by("on", "pk"))) == ["negotiation", "lapsed"]
    move(synergy, "negotiation")
    assert synergy.stage == "negotiation"


@pytest.mark.parametrize("stage", ["on_hold", "lapsed"])
def test_leaving_the_path_needs_a_reason(stage):
    synergy = create_synergy()
    with pytest.raises(SymbiosisError, match="why"):
        move(synergy, stage)


def test_days_are_not_in_the_future_nor_before_the_last_step():
    synergy = create_synergy(started_on=date(2026, 3, 1))
    with pytest.raises(SymbiosisError, match="future"):
        move(synergy, "discussion", reached_on=TODAY + timedelta(days=1))
    with pytest.raises(SymbiosisError, match="before the last step"):
        move(synergy, "discussion", reached_on=date(2026, 2, 28))
    assert move(synergy, "discussion", reached_on=date(2026, 3, 1)).on == date(2026, 3, 1)


def test_each_move_is_audited_and_told_to_both_organisations():
    coordinator = create_coordinator("13")
    synergy = create_synergy(giver=create_organisation(municipality_name="Jyväskylä"))
    people = {create_member(synergy.giver), create_member(synergy.receiver)}
    move(synergy, "discussion", by=coordinator)
    entry = AuditEntry.objects.get(what="synergy moved")
    assert (entry.actor, entry.changes) == (coordinator, {"stage": ["idea", "discussion"]})
    assert (entry.organisation, entry.region) == (synergy.giver, region("13"))
    assert {notice.user for notice in Notification.objects.filter(kind="synergy_moved")} == people
    assert synergy.steps.latest("pk").taken_by == coordinator


def test_realising_writes_the_impact_and_reckons_the_emissions():
    synergy = create_synergy(stage="implementation", next_step="First load")
    realise(synergy, factor=Decimal("0.3333"), attribution_percent=Decimal(50), one_off=True)
    impact = synergy.impact
    assert (synergy.stage, synergy.realised_on, synergy.next_step) == ("realised", TODAY, "")
    assert (impact.kept_in_use_t, impact.co2e_t, impact.factor) == (
        Decimal("120.500"),
        Decimal("40.163"),
        Decimal("0.3333"),
    )
    assert (impact.kind, impact.starts_on, impact.one_off, impact.attribution_percent) == (
        "measured",
        TODAY,
        True,
        Decimal(50),
    )
    assert synergy.steps.latest("pk").stage == "realised"
    assert AuditEntry.objects.filter(what__in=["synergy realised", "impact recorded"]).count() == 2


def test_emissions_that_are_not_known_stay_unknown():
    synergy = create_synergy(stage="implementation")
    realise(synergy)
    assert synergy.impact.co2e_t is None


def test_emissions_and_factor_together_are_refused_and_nothing_is_written():
    synergy = create_synergy(stage="implementation")
    with pytest.raises(SymbiosisError, match="not both"):
        realise(synergy, factor=Decimal(1), co2e_t=Decimal(2))
    synergy.refresh_from_db()
    assert (synergy.stage, synergy.impact) == ("implementation", None)


def test_only_what_is_implemented_is_realised():
    synergy = create_synergy(stage="negotiation")
    with pytest.raises(SymbiosisError, match="cannot go there"):
        realise(synergy)
    assert synergy.steps.count() == 1


def test_a_realised_one_is_not_realised_twice():
    synergy = create_synergy(stage="implementation")
    realise(synergy)
    with pytest.raises(SymbiosisError):
        realise(synergy, kept_in_use_t=Decimal(999))
    assert synergy.impact.kept_in_use_t == Decimal("120.5")


def test_one_synergy_of_a_match():
    match = create_match()
    values = {
        "by": create_staff(),
        "title": "Sawdust",
        "giver": match.offer.organisation,
        "receiver": match.need.organisation,
        "region": region(),
        "started_on": TODAY,
        "match": match,
        "on": TODAY,
    }
    synergy = begin_synergy(**values)
    assert (synergy.offer, synergy.need, synergy.stage) == (match.offer, match.need, "idea")
    assert [(step.stage, step.on) for step in synergy.steps.all()] == [("idea", TODAY)]
    with pytest.raises(SymbiosisError, match="already"):
        begin_synergy(**values)
    with pytest.raises(SymbiosisError, match="not the organisations"):
        begin_synergy(**values | {"receiver": create_organisation()})
    with pytest.raises(SymbiosisError, match="future"):
        begin_synergy(**values | {"started_on": TODAY + timedelta(days=1)})


def test_an_edit_is_audited():
    synergy = create_synergy()
    edit_synergy(by=create_staff(), synergy=synergy, title="Bark", next_step="Call", next_step_on=TODAY)
    entry = AuditEntry.objects.get(what="synergy edited")
    assert set(entry.changes) == {"title", "next_step", "next_step_on"}


def test_the_same_flow_is_found_by_parties_and_material():
    giver, receiver = create_organisation(), create_organisation()
    wood, plastic = (MaterialClass.objects.get(code=code) for code in ("wood", "plastic"))
    of_wood = create_synergy(giver=giver, receiver=receiver, offer=create_listing(organisation=giver))
    create_synergy(giver=giver, receiver=receiver, offer=create_listing(organisation=giver, material_class=plastic))
    create_synergy(giver=receiver, receiver=giver)
    create_synergy(giver=giver, receiver=receiver, stage="lapsed")

    staff = create_staff()
    assert alike(giver=giver, receiver=receiver, material_class=wood, user=staff) == ([of_wood], 0)
    assert alike(giver=giver, receiver=receiver, material_class=wood, user=staff, but=of_wood.pk) == ([], 0)
    assert alike(giver=giver, receiver=receiver, material_class=None, user=create_coordinator("01")) == ([], 2)
