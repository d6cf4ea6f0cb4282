"""The machines as a module for XState 5: a statechart that Stately's editor opens and `createActor` runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from simsync.questions.export.chart import Arrow, Chart, Context, Region, identifier

INDENT = "  "


def xstate(chart: Chart) -> str:
    """The module: ``machine``, and nothing else."""
    return "\n".join(_lines(chart)) + "\n"


def _lines(chart: Chart) -> Iterator[str]:
    keys = _Keys(chart)
    together = _needed(chart)
    yield from (f"// {line}".rstrip() for line in chart.header())
    yield f'import {{ {", ".join(("setup", *together))} }} from "xstate";'
    yield ""
    yield "export const machine = setup({"
    yield "  guards: {"
    yield "    said: ({ event }, { fact, values }) => values.includes(event[fact]),"
    yield "  },"
    yield "}).createMachine({"
    yield f'  id: "{keys.root}",'
    if len(chart.regions) == 1:
        yield from _region(chart.regions[0], keys, 1)
    else:
        yield '  type: "parallel",'
        yield "  states: {"
        for region in chart.regions:
            yield f"    {_text(keys.region(region.name))}: {{"
            yield from _region(region, keys, 3)
            yield "    },"
        yield "  },"
    yield "});"


def _needed(chart: Chart) -> tuple[str, ...]:
    """What the guards are put together of."""
    guards = " ".join(_guard(arrow, _Keys(chart)) for region in chart.regions for arrow in region.arrows)
    return tuple(name for name in ("and", "or", "stateIn") if f"{name}(" in guards)


class _Keys:
    """The keys of regions and states: their names, without the signs that mean something to XState."""

    def __init__(self, chart: Chart) -> None:
        regions: dict[str, str] = {}
        self.root = identifier({}, chart.regions[0].name if len(chart.regions) == 1 else "machines")
        self._regions = {region.name: _key(regions, region.name) for region in chart.regions}
        self._states = {region.name: self._keys(region) for region in chart.regions}

    @staticmethod
    def _keys(region: Region) -> dict[str, str]:
        names: dict[str, str] = {}
        return {state.name: _key(names, state.name) for state in region.states}

    def region(self, name: str) -> str:
        return self._regions[name]

    def of(self, region: str, state: str) -> str:
        return self._states[region][state]


def _key(names: dict[str, str], name: str) -> str:
    """A name that is no path, no id and no wildcard: a statechart's key."""
    plain = name.translate(str.maketrans(".#*", "___"))
    while plain in names.values():
        plain += "_"
    return names.setdefault(name, plain)


def _region(region: Region, keys: _Keys, depth: int) -> Iterator[str]:
    inner = INDENT * depth
    if region.about:
        yield f"{inner}description: {_text(region.about)},"
    yield f"{inner}initial: {_text(keys.of(region.name, region.initial))},"
    yield f"{inner}states: {{"
    for state in region.states:
        yield f"{inner}  {_text(keys.of(region.name, state.name))}: {{"
        if region.ends(state):
            yield f'{inner}    type: "final",'
        if state.phase:
            yield f"{inner}    tags: [{_text(f'phase: {state.phase}')}],"
        if state.about:
            yield f"{inner}    description: {_text(state.about)},"
        if arrows := region.leaving(state.name):
            yield f"{inner}    on: {{"
            for event in dict.fromkeys(arrow.event for arrow in arrows):
                told = [_arrow(region, one, keys) for one in arrows if one.event == event]
                choices = ", ".join(told)
                yield f"{inner}      {_text(event)}: {choices if len(told) == 1 else f'[{choices}]'},"
            yield f"{inner}    }},"
        yield f"{inner}  }},"
    yield f"{inner}}},"


def _arrow(region: Region, arrow: Arrow, keys: _Keys) -> str:
    guard = _guard(arrow, keys)
    target = _text(keys.of(region.name, arrow.dest))
    return f"{{ target: {target}, guard: {guard} }}" if guard else f"{{ target: {target} }}"


def _guard(arrow: Arrow, keys: _Keys) -> str:
    parts = [
        f'{{ type: "said", params: {{ fact: {_text(fact)}, values: {json.dumps(list(values), ensure_ascii=False)} }} }}'
        for fact, values in arrow.when
    ]
    if arrow.given:
        parts.append(_joined("or", [_context(context, keys) for context in arrow.given]))
    return _joined("and", parts) if parts else ""


def _context(context: Context, keys: _Keys) -> str:
    """Where the other regions are, as one state value."""
    inner = ", ".join(f"{_text(keys.region(region))}: {_text(keys.of(region, state))}" for region, state in context)
    return f"stateIn({{ {inner} }})"


def _joined(how: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{how}([{', '.join(parts)}])"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
