"""The machines as a statechart: regions side by side, whose arrows follow from events, from facts and from each other.

Several status machines are one in the engine, as their product. Here it is taken apart again: an arrow of a region
says in which states of the others it is there, so far as that matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from simsync.engine.model import Model
from simsync.errors import Code, usage_error
from simsync.policy.policy import ALONE, MachineSpec, State, When

Context = tuple[tuple[str, str], ...]
"""The states of other regions, each by its region."""
Given = tuple[Context, ...]
"""Where an arrow is there: in one of these contexts; everywhere, if there is none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """What an event does in a region; ``when`` tests what the event says."""

    event: str
    source: str
    dest: str
    when: When = ()
    given: Given = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One machine."""

    name: str
    about: str
    initial: str
    states: tuple[State, ...]
    arrows: tuple[Arrow, ...]

    def leaving(self, state: str) -> list[Arrow]:
        """The arrows that begin in a state."""
        return [arrow for arrow in self.arrows if arrow.source == state]

    def ends(self, state: State) -> bool:
        """Whether a state is final: declared so, and never left under these readings."""
        return state.final and not self.leaving(state.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All machines of a model. ``events`` are what they answer to, with what each means."""

    model: Model
    regions: tuple[Region, ...]
    events: Mapping[str, str]

    def header(self) -> Iterator[str]:
        """What the file is, of what it was made, and what an event of it means."""
        words = self.model.words
        readings = ", ".join(f"{name}={option}" for name, option in self.model.readings.items()) or "none"
        yield "The machines of a synchronization policy, written by simsync from its rules."
        yield f"model: {self.model.policy.digest}"
        yield f"readings: {readings}"
        yield words.say(
            "An event ACTOR.ACTION is an action of that actor. What an {item} comes to besides is decided by tables: "
            "their rows name the events of the link's machine. simsync export --to dmn writes them."
        )
        for event, meaning in self.events.items():
            yield f"  {event}: {meaning}"


def chart_of(model: Model) -> Chart:
    """The machines of a model; raises :class:`SimsyncError` where it declares none."""
    events: dict[str, str] = {}
    names: dict[str, str] = {}
    status, link = model.status_spec, model.link_spec
    regions: list[Region] = []
    if status.initial != ALONE:
        keys = tuple(status.parts(status.initial)) or (status.name,)
        for actor in model.vocabulary.acting:
            for transition in (t for t in status.transitions if actor in t.actors):
                tested = _told(_tested(model, transition.when))
                meaning = f"{actor}: {transition.trigger}{tested}"
                event = _event(names, actor, transition.trigger)
                events[event] = max(events.get(event, ""), meaning, key=len)
        regions += [_status_region(model, keys, number, names) for number in range(len(keys))]
    if link.initial != ALONE:
        arrows = []
        for t in link.transitions:
            event = _event(names, link.name, t.trigger)
            when = _tested(model, t.when)
            events[event] = max(events.get(event, ""), f"{t.trigger}{_told(when)}", key=len)
            arrows += [Arrow(event=event, source=s, dest=t.dest, when=when) for s in t.source]
        states = tuple(link.states.values())
        regions.append(
            Region(name=link.name, about=link.about, initial=link.initial, states=states, arrows=tuple(arrows))
        )
    if not regions:
        message = "these rules declare no machine; their tables are written by --to dmn, what they come to by --to json"
        raise usage_error("--to", message, code=Code.USAGE)
    return Chart(model=model, regions=tuple(regions), events=events)


def identifier(names: dict[str, str], name: str) -> str:
    """A name as an identifier, the same for the same name, and another for another one.

    >>> names = {}
    >>> identifier(names, "On Hold"), identifier(names, "on-hold"), identifier(names, "2nd")
    ('On_Hold', 'on_hold_2', '_2nd')
    """
    if name not in names:
        plain = re.sub(r"\W+", "_", name) or "_"
        plain = f"_{plain}" if plain[0].isdigit() else plain
        taken = {one.casefold() for one in names.values()}
        number, found = 1, plain
        while found.casefold() in taken:
            number += 1
            found = f"{plain}_{number}"
        names[name] = found
    return names[name]


def _event(names: dict[str, str], who: str, what: str) -> str:
    return f"{identifier(names, who)}.{identifier(names, what)}"


def _machine(model: Model, key: str) -> MachineSpec:
    """The machine as declared of which a region is."""
    found = [one for one in model.status_machines if key in (one.of, one.name)]
    return (found or [one for one in model.status_machines if one.of is not None] or [model.status_spec])[0]


def _status_region(model: Model, keys: tuple[str, ...], number: int, names: dict[str, str]) -> Region:
    spec, key = model.status_spec, keys[number]
    machine = _machine(model, key)
    arrows = tuple(_arrows(model, keys, number, machine, names))
    name = machine.name if len(keys) == 1 else key
    initial = _configuration(spec, spec.initial)[number]
    states = tuple(machine.states.values())
    return Region(name=name, about=machine.about, initial=initial, states=states, arrows=arrows)


def _configuration(spec: MachineSpec, state: str) -> tuple[str, ...]:
    """The state of each region."""
    return tuple(spec.parts(state).values()) or (state,)


def _tested(model: Model, when: When) -> When:
    """What a transition tests besides the options of readings, which are chosen."""
    return tuple(one for one in when if one[0] not in model.tested)


def _told(when: When) -> str:
    return f", with {', '.join(fact for fact, _ in when)}" if when else ""


def _arrows(
    model: Model, keys: tuple[str, ...], number: int, machine: MachineSpec, names: dict[str, str]
) -> Iterator[Arrow]:
    """The arrows of one region, each with the states of the others in which it is there."""
    spec, own = model.status_spec, {t.id for t in machine.transitions}
    found: dict[tuple[str, str, str, When], list[tuple[str, ...]]] = {}
    for t in spec.transitions:
        for source, actor in product(t.source, t.actors):
            before, after = _configuration(spec, source), _configuration(spec, t.dest)
            if before[number] != after[number] or (before == after and own & {*t.declared}):
                others = before[:number] + before[number + 1 :]
                event = _event(names, actor, t.trigger)
                arrow = event, before[number], after[number], _tested(model, t.when)
                found.setdefault(arrow, []).append(others)
    everywhere = {c[:number] + c[number + 1 :] for c in (_configuration(spec, s) for s in spec.states)}
    elsewhere = keys[:number] + keys[number + 1 :]
    for (event, source, dest, when), there in found.items():
        given = tuple(_given(elsewhere, set(there), everywhere))
        yield Arrow(event=event, source=source, dest=dest, when=when, given=given)


def _given(
    keys: tuple[str, ...], there: set[tuple[str, ...]], everywhere: Iterable[tuple[str, ...]]
) -> Iterator[Context]:
    """The contexts, without regions that do not matter."""
    every = set(everywhere)
    if there == every:
        return
    for number in reversed(range(len(keys))):
        fewer, others = {_without(c, number) for c in there}, {_without(c, number) for c in every - there}
        if not fewer & others:
            rest = keys[:number] + keys[number + 1 :]
            yield from _given(rest, fewer, fewer | others)
            return
    yield from (tuple(zip(keys, context, strict=True)) for context in sorted(there))


def _without(context: tuple[str, ...], number: int) -> tuple[str, ...]:
    return context[:number] + context[number + 1 :]
