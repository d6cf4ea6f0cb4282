"""The machines in SCXML, the W3C's notation for statecharts: one parallel state with a region a machine."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Comment, Element, SubElement, indent, tostring

from simsync.policy.policy import Value
from simsync.questions.export.chart import Arrow, Chart, Given, Region, identifier

NAMESPACE = "http://www.w3.org/2005/07/scxml"
OURS = "urn:simsync"
"""The namespace of what SCXML has no place for: a state's phase, a name as the rules have it."""


def scxml(chart: Chart) -> str:
    """The document."""
    ids = _Ids(chart.regions)
    root = Element("scxml", {"xmlns": NAMESPACE, "xmlns:simsync": OURS, "version": "1.0", "datamodel": "ecmascript"})
    root.append(Comment("\n" + "".join(f"  {line}\n" for line in chart.header()).replace("--", "- -")))
    if len(chart.regions) == 1:
        (region,) = chart.regions
        root.set("initial", ids.of(region.name, region.initial))
        _fill(root, region, ids)
    else:
        root.set("initial", "machines")
        parallel = SubElement(root, "parallel", {"id": "machines"})
        for region in chart.regions:
            initial = ids.of(region.name, region.initial)
            named = {"id": ids.region(region.name), "initial": initial, "simsync:name": region.name}
            _fill(SubElement(parallel, "state", named), region, ids)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _fill(element: Element, region: Region, ids: _Ids) -> None:
    for state in region.states:
        phase = {"simsync:phase": state.phase} if state.phase else {}
        tag = "final" if region.ends(state) else "state"
        named = {"id": ids.of(region.name, state.name), "simsync:name": state.name, **phase}
        made = SubElement(element, tag, named)
        for arrow in region.leaving(state.name):
            condition = _condition(arrow, ids)
            tested = {"cond": condition} if condition else {}
            SubElement(made, "transition", {"event": arrow.event, **tested, "target": ids.of(region.name, arrow.dest)})


class _Ids:
    """The ids of states, each told from all others in the document."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._regions: dict[str, str] = {"": "machines"}
        self._states: dict[tuple[str, str], str] = {}
        several = len(tuple(regions)) > 1
        for region in regions:
            names: dict[str, str] = {}
            for state in region.states:
                own = identifier(names, state.name)
                self._states[region.name, state.name] = f"{self.region(region.name)}.{own}" if several else own

    def region(self, name: str) -> str:
        return identifier(self._regions, name)

    def of(self, region: str, state: str) -> str:
        return self._states[region, state]


def _condition(arrow: Arrow, ids: _Ids) -> str:
    """A condition in ECMAScript: what the event says, and in which states the other regions are."""
    parts = [_any(f"_event.data[{_text(fact)}] === {_text(value)}" for value in values) for fact, values in arrow.when]
    if arrow.given:
        parts.append(_places(arrow.given, ids))
    return " && ".join(parts)


def _places(given: Given, ids: _Ids) -> str:
    where = (" && ".join(f"In('{ids.of(region, state)}')" for region, state in context) for context in given)
    return _any(where)


def _any(texts: Iterable[str]) -> str:
    one, *others = texts
    return f"({' || '.join((one, *others))})" if others else one


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
