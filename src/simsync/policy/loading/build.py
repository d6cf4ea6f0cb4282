"""Records as read to the model's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsync.errors import Code, listed
from simsync.policy.citations import Citations
from simsync.policy.fields import Field
from simsync.policy.loading.fields import delivery
from simsync.policy.loading.nodes import Node, Problems
from simsync.policy.loading.shapes import Got
from simsync.policy.loading.table_shapes import BOTH
from simsync.policy.policy import (
    SAME,
    Claim,
    Creation,
    Decides,
    Effect,
    Kind,
    MachineSpec,
    Memory,
    Option,
    Phase,
    Property,
    Reading,
    Row,
    Shown,
    State,
    Table,
    Then,
    Transition,
    Vocabulary,
    When,
)
from simsync.policy.source import Span
from simsync.policy.words import Noun, Words


def span(node: Node, problems: Problems) -> Span:
    """Where a node starts."""
    mark = node.start_mark
    return Span(file=problems.file, line=mark.line + 1, col=mark.column + 1)


def _when(got: Mapping[str, Any] | None) -> When:
    return tuple((got or {}).items())


def vocabulary(got: Got, problems: Problems) -> Vocabulary:
    """From `vocabulary.yaml`."""
    kinds = {
        name: Kind(name=name, about=k.get("about", ""), fields=k["fields"], sources=k.get("sources", ()))
        for name, k in got["kinds"].items()
    }
    shows = tuple(
        Shown(
            name=n,
            field=s["field"],
            about=s.get("about", ""),
            negated=s.get("negated", False),
            ticket=s.get("ticket"),
            span=span(s.node, problems),
        )
        for n, s in got["shows"].items()
    )
    history = {
        n: Memory(
            name=n, about=m["about"], when=_when(m["when"]), sources=m.get("sources", ()), span=span(m.node, problems)
        )
        for n, m in got.get("history", {}).items()
    }
    return Vocabulary(
        partners=dict(got["partners"]),
        actors=dict(got.get("actors", {})),
        kinds=kinds,
        fields=_fields(got, problems),
        shows=shows,
        history=history,
        recipients=dict(got.get("recipients", {})),
        words=Words(**{name: _noun(word) for name, word in got.get("words", {}).items()}),
        span=span(got.nodes["partners"], problems),
    )


def _fields(got: Got, problems: Problems) -> dict[str, Field]:
    return {
        n: Field(
            name=n,
            values=f["values"],
            default=f["default"],
            delivered=delivery(f["delivered"], tuple(got["partners"])),
            set_by=f["set by"],
            span=span(f.node, problems),
        )
        for n, f in got["fields"].items()
    }


def _noun(got: str | Got) -> Noun:
    return Noun.of(got) if isinstance(got, str) else Noun(got["one"], got["many"])


def citations(got: Got, problems: Problems) -> Citations:
    """From `statements.yaml`."""
    statements = got["statements"]
    return Citations(
        statements={n: s["text"] for n, s in statements.items()},
        places={n: s["place"] for n, s in statements.items()},
        beyond={n: s["out of scope"] for n, s in statements.items() if "out of scope" in s},
        gaps=dict(got.get("gaps", {})),
        pages=dict(got.get("pages", {})),
        spans={n: span(s.node, problems) for n, s in statements.items()},
    )


def transition(got: Got, problems: Problems, reading: str | None = None) -> Transition:
    """One transition."""
    return Transition(
        id=got["id"],
        trigger=got["trigger"],
        source=got["source"],
        dest=got["dest"],
        actors=got.get("actor", ()),
        when=_when(got.get("when")),
        sources=got.get("sources", ()),
        reading=reading,
        span=span(got.node, problems),
    )


def machine(got: Got, problems: Problems) -> MachineSpec:
    """From `outsource_status.yaml` or `sync_link.yaml`."""
    states = {
        n: State(
            name=n,
            about=s.get("about", ""),
            final=s.get("final", False),
            phase=s.get("phase"),
            sources=s.get("sources", ()),
            span=span(s.node, problems),
        )
        for n, s in got["states"].items()
    }
    phases = {
        n: Phase(
            name=n,
            about=p.get("about", ""),
            tickets=p["tickets"],
            sources=p.get("sources", ()),
            takes_away=p.get("takes away", ()),
        )
        for n, p in got.get("phases", {}).items()
    }
    return MachineSpec(
        name=got["machine"],
        about=got.get("about", ""),
        initial=got["initial"],
        states=states,
        transitions=tuple(transition(t, problems) for t in got.get("transitions", ())),
        phases=phases,
        aliases={n: a["state"] for n, a in got.get("aliases", {}).items()},
        begin=got.get("scenarios begin in", got["initial"]),
        of=got.get("of"),
        span=span(got.node, problems),
    )


def row(got: Got, table: str, problems: Problems, reading: str | None = None) -> Row:
    """One row of a table."""
    return Row(
        id=got["id"],
        table=table,
        when=_when(got["when"]),
        then=_then(got["then"]) if got["then"] else Then(),
        sources=got.get("sources", ()),
        reading=reading,
        span=span(got.node, problems),
    )


def _then(got: Mapping[str, Any]) -> Then:
    if "allow" in got or "refuse" in got:
        return Then(refuse=got.get("refuse"))
    if "effect" in got:
        return Then(effect=Effect(got["effect"]), link=got.get("link"))
    if "notify" in got:
        return Then(notify=got["notify"])
    if not {"create", "move", "decide again"}.isdisjoint(got):
        return Then(
            create=_creation(got["create"]) if "create" in got else None,
            move=tuple(got.get("move", {}).items()),
            again="decide again" in got,
        )
    if "kind" in got:
        return Then(
            kind=None if got["kind"] == SAME else got["kind"],
            fields=tuple((n, v) for n, v in got.items() if n != "kind"),
        )
    ((fact, value),) = got.items()
    return Then(fact=fact, value=value)


def _creation(got: Mapping[str, Any]) -> Creation:
    about = ("kind", "owner", "on", "link")
    return Creation(
        kind=got["kind"],
        owner=got["owner"],
        both=got["on"] == BOTH,
        link=got.get("link"),
        fields=tuple((name, value) for name, value in got.items() if name not in about),
    )


def _named_once(records: tuple[Got, ...], key: str, problems: Problems) -> None:
    """Report names that are given twice in a list."""
    seen: set[str] = set()
    for record in records:
        if record[key] in seen:
            problems.at(record.nodes[key], Code.DUPLICATE_ID, f"there is a {key} '{record[key]}' already")
        seen.add(record[key])


def tables(got: Got, problems: Problems) -> dict[str, Table]:
    """From `sync_rules.yaml`."""
    _named_once(got["tables"], "table", problems)
    return {t["table"]: _table(t, problems) for t in got["tables"]}


def _table(got: Got, problems: Problems) -> Table:
    rows = tuple(row(r, got["table"], problems) for r in got["rows"])
    return Table(
        name=got["table"],
        question=got["question"],
        decides=Decides(got["decides"]),
        once=got.get("once", "item"),
        gives=rows[0].then.fact,
        scope=_when(got.get("scope")),
        rows=rows,
        span=span(got.node, problems),
    )


def readings(got: Got, rows: Mapping[str, str], partners: tuple[str, ...], problems: Problems) -> dict[str, Reading]:
    """From `readings.yaml`; ``rows`` tells the table of each row that may be replaced."""
    _named_once(got["readings"], "reading", problems)
    return {
        r["reading"]: Reading(
            name=r["reading"],
            question=r["question"],
            gap=r.get("gap", ""),
            evidence=r["evidence"],
            sources=r.get("sources", ()),
            options={n: _option(n, o, r["reading"], rows, partners, problems) for n, o in r["options"].items()},
            span=span(r.node, problems),
        )
        for r in got["readings"]
    }


def _option(
    name: str, got: Got, reading: str, rows: Mapping[str, str], partners: tuple[str, ...], problems: Problems
) -> Option:
    origin = f"{reading}={name}"
    return Option(
        name=name,
        about=got["about"],
        replace={
            old: tuple(row(r, rows[old], problems, origin) for r in new) for old, new in got.get("replace", {}).items()
        },
        add={table: tuple(row(r, table, problems, origin) for r in new) for table, new in got.get("add", {}).items()},
        transitions={
            machine: tuple(transition(t, problems, origin) for t in new)
            for machine, new in got.get("transitions", {}).items()
        },
        delivered={field: delivery(how, partners) for field, how in got.get("delivered", {}).items()},
    )


def properties(got: Got, problems: Problems) -> tuple[Property, ...]:
    """From `properties.yaml`."""
    _named_once(got["properties"], "property", problems)
    return tuple(_property(one, problems) for one in got["properties"])


def _property(got: Got, problems: Problems) -> Property:
    claim = next(claim for claim in Claim if claim in got)
    for key, claims in (("from", (Claim.ALWAYS_CAN, Claim.EVENTUALLY)), ("assuming", tuple(Claim)[1:])):
        if key in got and claim not in claims:
            problems.at(got.nodes[key], Code.UNKNOWN_KEY, f"'{key}' goes with {listed(claims)}, not with '{claim}'")
    return Property(
        name=got["property"],
        says=got.get("says", ""),
        claim=claim,
        what=_when(got[claim]),
        start=_when(got.get("from")),
        assuming=tuple(got.get("assuming", {}).items()),
        sources=got.get("sources", ()),
        span=span(got.node, problems),
    )
