"""What a campaign is about: what must be the same where it is gone on with."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from simsync.engine.model import Model
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.systems.sut import System
from simsync.version import program_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a campaign depends on: ``options`` by their names on the command line, and ``parts``, each as a digest.

    A part is called by what is said of a campaign in which it is another one.
    """

    parts: dict[str, str]
    options: dict[str, str] = field(default_factory=dict)

    def refusal(self, other: About) -> str | None:
        """Why what is about this cannot go on with what was kept about the ``other``; None where it can."""
        for name, part in self.parts.items():
            if other.parts.get(name) != part:
                return f"it is {name}; begin anew without --resume"
        for name, value in self.options.items():
            if other.options.get(name) != value:
                return f"it is for {name} {other.options.get(name)}, not {value}; say so"
        return None


def about_of(system: System, model: Model, sources: Sources) -> About:
    """What a campaign depends on. Raises :class:`SystemFault` where the system does not say what it can do."""
    hello, overlap = system.hello, sources.overlap
    said = (hello.name, sorted(hello.can), sorted(hello.cannot), hello.disruptions)
    parts = {
        "of another version of simsync": (program_digest(),),
        "of other rules": (model.policy.digest,),
        "under other readings": (sorted(model.readings.items()),),
        "of a system that says otherwise what it is and can": said,
        "with another mapping": (system.names,),
        "with other scenarios": tuple((one.file, one.line, one.trace, one.rounds) for one in sources.scenarios),
        "with other sequences": (sources.systematic, sources.texts),
    }
    options: dict[str, object] = {
        "--random": sources.walks,
        "--seed": sources.seed,
        "--exhaustive-depth": sources.depth,
        "--items": sources.items,
        "--steps": sources.steps,
        "--overlap": None if overlap is None else overlap.wanted,
        "--order": None if overlap is None else str(overlap.order),
        "--rounds": None if overlap is None else overlap.drives,
    }
    digests = {name: hashlib.sha256(repr(part).encode()).hexdigest() for name, part in parts.items()}
    return About(parts=digests, options={name: str(value) for name, value in options.items()})
