"""The shape of fields; how one is delivered is said in a word, or by its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simsync.errors import Code, listed
from simsync.policy.facts import CHANGES
from simsync.policy.fields import Carried, Delivery
from simsync.policy.loading.nodes import MappingNode, Node, Problems
from simsync.policy.loading.shapes import BAD, AnyValue, Choice, Key, ListOf, MapOf, Record, Schema
from simsync.policy.policy import Value

BY, WHEN, AS = "by", "when", "as"


def delivery(got: bool | str | Mapping[str, Any], partners: tuple[str, ...]) -> Delivery | None:
    """What was read of a field's `delivered`; None where it is not delivered."""
    if isinstance(got, bool):
        return Delivery(by=partners) if got else None
    if isinstance(got, str):
        return Delivery(by=partners, when=Carried(got))
    by = tuple(partner for partner in partners if partner in got.get(BY, partners))
    maps = got.get(AS, {})
    return Delivery(
        by=by,
        when=Carried(got.get(WHEN, Carried.ALWAYS)),
        maps=tuple((partner, tuple(maps[partner].items())) for partner in by if partner in maps),
    )


def fields_shape(partners: tuple[str, ...], values: Mapping[str, tuple[Value, ...]]) -> MapOf:
    """The fields; ``values`` are those of each, none of a free text."""
    each = {name: _field_shape(partners, known) for name, known in values.items()}
    return MapOf("the fields", _field_shape(partners, None), each=each)


def deliveries_shape(partners: tuple[str, ...], values: Mapping[str, tuple[Value, ...]]) -> MapOf:
    """How fields are delivered under an option of a reading."""
    each = {name: DeliveredShape(partners, known) for name, known in values.items()}
    return MapOf("how fields are delivered", AnyValue(), tuple(each), each)


def _field_shape(partners: tuple[str, ...], values: tuple[Value, ...] | None) -> Record:
    changes = Choice("a change", CHANGES[:2])
    return Record(
        "a field",
        {
            "values": Key(_TextOrValues(), True),
            "default": Key(AnyValue(), True),
            "delivered": Key(DeliveredShape(partners, values), True),
            "set by": Key(ListOf(changes, "the actions that set it; none where nobody does"), True),
        },
    )


class _TextOrValues:
    """`text`, or the list of a field's values."""

    def read(self, node: Node, problems: Problems) -> Any:
        if getattr(node, "value", None) == "text":
            return ()
        return ListOf(AnyValue(), least=2).read(node, problems)

    def schema(self) -> Schema:
        return {"anyOf": [{"const": "text"}, ListOf(AnyValue(), least=2).schema()]}


class DeliveredShape:
    """`true`, `false`, when it is carried, or a mapping of by whom, when, and as what.

    ``values`` are the field's, none of a free text; None where they are not known.
    """

    def __init__(self, partners: tuple[str, ...], values: tuple[Value, ...] | None) -> None:
        when = Choice("when a field is carried", list(Carried), about="always is the default")
        by = Choice("a partner", partners, about="from whose ticket it is carried; from both where nothing is said")
        self._word = Choice("how a field is delivered", (True, False, *Carried), about="does a delivery carry it?")
        self._parts = Record(
            "how a field is delivered",
            {
                BY: Key(ListOf(by, least=1, or_one=True)),
                WHEN: Key(when),
                AS: Key(_ValueMaps(partners, values)),
            },
        )

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node, MappingNode):
            return self._word.read(node, problems)
        got = self._parts.read(node, problems)
        if got is BAD or BY not in got:
            return got
        each = got.get(AS)
        nodes = each.nodes if isinstance(each, EachPartner) else {}
        unused = {name: node for name, node in nodes.items() if name not in got[BY]}
        for partner, node in unused.items():
            message = (
                f"the field is carried by {listed(got[BY])} alone, so that what {partner}'s values become is unused"
            )
            problems.at(node, Code.OVERLAP, message)
        return BAD if unused else got

    def schema(self) -> Schema:
        return {"anyOf": [self._word.schema(), self._parts.schema()]}


class EachPartner(dict[str, dict[Value, Value]]):
    """What the values of each partner become, where that is said for each; with the nodes of the partners."""

    def __init__(self, maps: Mapping[str, dict[Value, Value]], nodes: Mapping[str, Node]) -> None:
        super().__init__(maps)
        self.nodes = nodes


@dataclass(frozen=True)
class _ValueMaps:
    """What values become on the other ticket: for both partners alike, or for each."""

    partners: tuple[str, ...]
    values: tuple[Value, ...] | None

    def read(self, node: Node, problems: Problems) -> Any:
        if self.values == ():
            problems.at(
                node, Code.WRONG_TYPE, "'as' says what values become; a free text has none, it is carried as it is"
            )
            return BAD
        if isinstance(node, MappingNode) and any(isinstance(value, MappingNode) for _, value in node.value):
            got = MapOf("the partners", self._one(), self.partners).read(node, problems)
            if got is BAD:
                return BAD
            return EachPartner({partner: self._told(pairs) for partner, pairs in got.items()}, got.nodes)
        pairs = self._one().read(node, problems)
        return BAD if pairs is BAD else dict.fromkeys(self.partners, self._told(pairs))

    def _one(self) -> MapOf:
        value = Choice("a value of the field", self.values or ())
        return MapOf("what values become", value, tuple(map(_spelled, self.values or ())))

    def _told(self, pairs: Mapping[str, Value]) -> dict[Value, Value]:
        by_name = {_spelled(value): value for value in self.values or ()}
        return {by_name[name]: value for name, value in pairs.items()}

    def schema(self) -> Schema:
        one = MapOf("what values become", AnyValue()).schema()
        each = MapOf("the partners", MapOf("what values become", AnyValue()), self.partners).schema()
        return {"anyOf": [one, each], "description": "value: what it becomes; what is not named is not carried"}


def _spelled(value: Value) -> str:
    return value if isinstance(value, str) else str(value).lower()
