"""What a search on the engine finds, up to a bound, where what one item comes to depends on others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simsync.engine.decision import Defect
from simsync.engine.model import Model
from simsync.policy.source import Span
from simsync.questions.check.findings import Finding
from simsync.questions.check.suspicious_rules import misread
from simsync.statespace.following import NAMES, Following, follow

STEPS = 20_000
"""Steps that are tried at most under one choice of readings."""


@dataclass(frozen=True, slots=True)
class BoundedSearch:
    """What was tried under the readings chosen, and under each other option of one reading, all else as it is."""

    model: Model
    followed: tuple[tuple[Model, Following], ...]

    @classmethod
    def of(cls, model: Model) -> BoundedSearch:
        """Try what partners can do, breadth first, under each of these choices."""
        others = (
            model.under({reading.name: option})
            for reading in model.policy.readings.values()
            for option in reading.options
            if option != model.readings[reading.name]
        )
        return cls(model, tuple((one, follow(one, STEPS)) for one in (model, *others)))

    @property
    def whole(self) -> bool:
        """Whether nothing within the bound was left out."""
        return all(found.whole for _, found in self.followed)

    def findings(self) -> Iterator[Finding]:
        """Faults that steps run into, what is misread, rows that decided nothing if all was tried, and the bound."""
        told = set[tuple[object, ...]]()
        for one, found in self.followed:
            for defect, way in found.faults:
                key = (defect.kind, defect.tables, defect.rows, defect.broken)
                if key not in told:
                    told.add(key)
                    trace = replace(way, readings=one.chosen)
                    yield Finding(
                        code=defect.kind,
                        where=self._place(defect),
                        message=defect.message,
                        table=defect.tables[0] if defect.tables else None,
                        rows=defect.rows,
                        way=trace,
                        defect=defect,
                    )
        yield from misread(self.model.policy)
        if not told and self.whole:
            yield from self._unused()
        yield self._bound()

    def _place(self, defect: Defect) -> Span:
        policy = self.model.policy
        places = [row.span for row in policy.rows if row.id in defect.rows]
        places += [policy.tables[name].span for name in defect.tables]
        return [*places, *(claim.span for claim in policy.properties if claim.name == defect.broken)][0]

    def _unused(self) -> Iterator[Finding]:
        decided = {name for _, found in self.followed for name in found.rows}
        for row in self.model.policy.rows:
            if row.id not in decided:
                message = f"row '{row.id}' decides nothing that was tried"
                yield Finding(code="row-never-used", where=row.span, message=message, table=row.table, rows=(row.id,))

    def _bound(self) -> Finding:
        """Up to what it was looked at, and why."""
        policy, words, tested = self.model.policy, self.model.words, self.model.factory.present[0]
        steps = sum(found.steps for _, found in self.followed)
        under = f", under {len(self.followed)} choices of readings" if len(self.followed) > 1 else ""
        end = "that is all there are" if self.whole else "there are more"
        message = (
            f"rules test '{tested}', so that {words.item.many} were looked at together, up to {len(NAMES)}: "
            f"{steps:,} steps{under}; {end}"
        )
        testing = (row.span for row in policy.rows if tested in dict(row.when))
        return Finding(code="bounded", where=next(testing, policy.status.span), message=message)
