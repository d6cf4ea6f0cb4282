"""What scenarios cover of a model, painted on its machines: how often each state and transition is used, and holes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from simsync.drawing.extract import link_transitions, status_graphs
from simsync.drawing.graph import Edge, Graph, LabelLine, Standing, Usage
from simsync.policy.policy import MachineSpec
from simsync.questions.coverage.coverage import Coverage
from simsync.questions.coverage.goals import PAINTABLE, Goal, TakenTransition, state, transition


class Brush:
    """Tells how each state, transition and row stands, and what that means."""

    def __init__(self, coverage: Coverage) -> None:
        self._uses = coverage.uses
        self._why = {
            Goal(criterion, one.name): one.why
            for criterion in PAINTABLE
            for one in coverage.tallies[criterion].unreachable
        }

    def use(self, goal: Goal) -> Usage:
        """How a goal stands."""
        if count := self._uses.get(goal):
            return Usage(Standing.COVERED, count)
        return Usage(Standing.BEYOND if goal in self._why else Standing.HOLE)

    def told(self, goal: Goal) -> str:
        """How a goal stands in words, with the reason where it is out of reach."""
        standing = self.use(goal).standing
        return f"{standing}: {self._why[goal]}" if standing is Standing.BEYOND else str(standing)

    def paint(self, goals: Iterable[Goal], *, lines: bool) -> dict[Standing, str]:
        """What each standing that occurs among some goals means, for a legend; ``lines``: are there lines to dash."""
        goals = dict.fromkeys(goals)
        stands = {goal: self.use(goal).standing for goal in goals}
        why = dict.fromkeys(self._why[goal] for goal in goals if stands[goal] is Standing.BEYOND)
        dashed, zero, dotted = ("dashed, ", " (\u00d70)", "dotted, ") if lines else ("", "", "")
        says = {
            Standing.COVERED: f"covered: {_shares(stands)}; \u00d7n: n scenarios use it",
            Standing.HOLE: f"{dashed}never used{zero}: a hole, no scenario comes here",
            Standing.BEYOND: f"{dotted}out of reach, and in no total: {'; '.join(why)}",
        }
        found = set(stands.values()) | {Standing.COVERED}
        return {standing: text for standing, text in says.items() if standing in found}


def _shares(stands: Mapping[Goal, Standing]) -> str:
    """How much is covered of what can be: ``9 of 14 states, 14 of 32 transitions``."""
    shares = []
    for criterion, noun in PAINTABLE.items():
        found = [s for goal, s in stands.items() if goal.criterion is criterion and s is not Standing.BEYOND]
        if found:
            shares.append(f"{found.count(Standing.COVERED):,} of {len(found):,} {noun}s")
    return ", ".join(shares)


def painted_machines(coverage: Coverage) -> list[Graph]:
    """The status machines and the link machine with how many scenarios use each state and transition."""
    model, brush = coverage.model, Brush(coverage)
    drawn = zip(
        (*status_graphs(model), link_transitions(model)), (*model.status_machines, model.link_spec), strict=True
    )
    return [_painted(graph, spec, brush) for graph, spec in drawn]


def _painted(graph: Graph, spec: MachineSpec, brush: Brush) -> Graph:
    states = {node.id: state(spec, node.id) for node in graph.nodes}

    def moved(edge: Edge, line: LabelLine) -> Goal:
        return transition(TakenTransition(spec.name, line.ref, edge.source))

    goals = [*states.values(), *(moved(edge, line) for edge in graph.edges for line in edge.lines)]
    return replace(
        graph,
        nodes=tuple(replace(node, use=brush.use(states[node.id])) for node in graph.nodes),
        edges=tuple(
            replace(edge, lines=tuple(replace(line, use=brush.use(moved(edge, line))) for line in edge.lines))
            for edge in graph.edges
        ),
        paint=brush.paint(goals, lines=True),
    )
