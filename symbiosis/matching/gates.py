"""Gates of law and sense between goods and a use: they close a pair, ask for something first, or add a note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from symbiosis.matching.knowledge import Knowledge
    from symbiosis.matching.market import Side

EVERY_USE = "*"


@dataclass(frozen=True, slots=True)
class Gate:
    """As in data/gates.toml, where each field is explained."""

    key: str
    effect: Literal["closes", "asks", "note"]
    kind: str
    text: Mapping[str, str]
    sources: Sequence[str]
    uses: Sequence[str]
    except_uses: Sequence[str] = ()
    properties: Sequence[str] = ()
    concepts: Sequence[str] = ()
    exact_concepts: Sequence[str] = ()
    both: bool = False
    stated_only: bool = False
    waste_only: bool = False
    unless_need: Sequence[str] = ()
    unless_offer: Sequence[str] = ()
    conditions: Sequence[str] = ()
    section: str = ""

    @classmethod
    def of(cls, key: str, entry: Mapping[str, Any]) -> Gate:
        return cls(
            key=key,
            effect=entry["effect"],
            kind=entry["kind"],
            text=entry["text"],
            sources=tuple(entry["source"]),
            uses=tuple(entry["uses"]),
            except_uses=tuple(entry.get("except_uses", ())),
            properties=tuple(entry.get("offer_any_property", ())),
            concepts=tuple(entry.get("offer_any_concept", ())),
            exact_concepts=tuple(entry.get("offer_exact_concept", ())),
            both=entry.get("both", False),
            stated_only=entry.get("stated_only", False),
            waste_only=entry.get("waste_only", False),
            unless_need=tuple(entry.get("unless_need_property", ())),
            unless_offer=tuple(entry.get("unless_offer_property", ())),
            conditions=tuple(entry.get("conditions", ())),
            section=entry.get("section", ""),
        )


@dataclass(frozen=True)
class Barriers:
    """The gates over two sides, each table with a column for each gate."""

    gates: Sequence[Gate]
    by_use: NDArray[np.bool_]
    """uses x gates, and a last row for a pair that no use joins."""
    by_material: NDArray[np.bool_]
    """materials x gates, and a last row for goods that nobody knows."""
    by_offer: NDArray[np.bool_]
    """Has a property of the gate."""
    spared_offer: NDArray[np.bool_]
    spared_need: NDArray[np.bool_]
    both: NDArray[np.bool_]
    closing: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        import numpy as np

        object.__setattr__(self, "closing", np.array([gate.effect == "closes" for gate in self.gates], dtype=bool))

    def hold(
        self, need: NDArray[np.int64], offer: NDArray[np.int64], goods: NDArray[np.int64], use: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """pairs x gates. `goods` and `use` are -1 where nothing is known."""
        import numpy as np

        has, named = self.by_offer[offer], self.by_material[goods]
        met = np.where(self.both, has & named, has | named)
        held: NDArray[np.bool_] = met & self.by_use[use] & ~self.spared_need[need] & ~self.spared_offer[offer]
        return held


def barriers(needs: Side, offers: Side, known: Knowledge) -> Barriers:
    """The properties that a text states spare a gate; an offer has those that its material usually has, too."""
    import numpy as np

    gates = list(known.gates.values())
    number = {key: place for place, key in enumerate(known.properties)}

    def table(names: Sequence[Sequence[str]], rows: Mapping[str, int]) -> NDArray[np.bool_]:
        marked = np.zeros((len(rows), len(gates)), dtype=bool)
        for column, keys in enumerate(names):
            marked[[rows[key] for key in keys], column] = True
        return marked

    def of_listings(listed: NDArray[np.bool_], names: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
        met: NDArray[np.bool_] = (listed.astype(np.float32) @ table(names, number).astype(np.float32)) > 0
        return met

    stated_only = np.array([gate.stated_only for gate in gates], dtype=bool)
    waste_only = np.array([gate.waste_only for gate in gates], dtype=bool)
    properties = [gate.properties for gate in gates]
    stated = of_listings(offers.states, properties)
    by_material = table([_goods_of(gate, known) for gate in gates], known.material_number)
    by_use = table([_uses_of(gate, known) for gate in gates], known.use_number)
    no_use = np.array([EVERY_USE in gate.uses for gate in gates], dtype=bool)
    return Barriers(
        gates=gates,
        by_use=np.vstack([by_use, no_use]),
        by_material=np.vstack([by_material, np.zeros(len(gates), dtype=bool)]),
        by_offer=np.where(stated_only, stated, stated | of_listings(offers.has, properties)),
        spared_offer=of_listings(offers.states, [gate.unless_offer for gate in gates])
        | (offers.reusable[:, None] & waste_only),
        spared_need=of_listings(needs.states, [gate.unless_need for gate in gates]),
        both=np.array([gate.both for gate in gates], dtype=bool),
    )


def _goods_of(gate: Gate, known: Knowledge) -> list[str]:
    below = [key for concept in gate.concepts for key in (concept, *known.narrower[concept])]
    return [*below, *gate.exact_concepts]


def _uses_of(gate: Gate, known: Knowledge) -> list[str]:
    meant = set(known.uses) if EVERY_USE in gate.uses else _with_narrower(gate.uses, known)
    return sorted(meant - _with_narrower(gate.except_uses, known))


def _with_narrower(uses: Sequence[str], known: Knowledge) -> set[str]:
    found = set(uses)
    while more := {key for key, use in known.uses.items() if key not in found and found.intersection(use.broader)}:
        found |= more
    return found
