"""What is asked to find out which readings a system follows: what tells most, the shortest, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conftest import ROOT
from driving import act
from simsync.app import load_model
from simsync.engine.machines import TransitionsMachine
from simsync.engine.model import Model, ModelFactory
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.questions.conform.diagnosis.inference import Inference, Open, Partition, VersionSpace, doubt
from simsync.questions.conform.sequences.drives import Drive
from systems.desks import MODEL
from systems.wire import WIRE

Question = tuple[Drive, list[Partition]]


def same(one: Sequence[Outcome], other: Sequence[Outcome]) -> bool:
    """As one who sees both tickets and hears of refusals."""
    seen, there = ([(each.refused is None, each.after) for each in outcomes] for outcomes in (one, other))
    return seen == there


def anything(_drive: Drive) -> bool:
    return True


def in_doubt(*names: str, model: Model = MODEL, possible: Callable[[Drive], bool] = anything) -> VersionSpace:
    """Beliefs in which only some readings are not settled."""
    return VersionSpace(model, {n: o for n, o in model.readings.items() if n not in names}, possible, same)


def wire(possible: Callable[[Drive], bool] = anything) -> VersionSpace:
    return in_doubt("frozen_work", model=WIRE, possible=possible)


def combos(beliefs: VersionSpace, *options: str) -> int:
    return sum(beliefs.combinations.with_option("frozen_work", option) for option in options)


def question(found: Question | None) -> tuple[Drive, list[tuple[int, tuple[Outcome, ...]]]]:
    assert found is not None
    drive, parts = found
    return drive, [(part.combos, part.outcomes) for part in parts]


def under(model: Model, drive: Drive, **readings: str) -> tuple[Outcome, ...]:
    return tuple(simulate(model.under(readings), drive.trace))


FILING = (act("desk: create story N1", body="text 1"), act("stringer: thaw"))
FILED = Drive(trace=Trace(status="Frozen", events=FILING), source="frozen_work=lost")
SENT_TO_PRINT = Drive(trace=Trace(status="Frozen", events=(act("stringer: gone"),)), source="frozen_work=passes")


def test_what_tells_most_is_asked_first() -> None:
    beliefs = wire()
    assert (beliefs.remaining, beliefs.total) == (0b111, 3)
    assert beliefs.options() == {"frozen_work": ("waits", "lost", "passes")}
    assert question(beliefs.next()) == (
        FILED,
        [(combos(beliefs, option), under(WIRE, FILED, frozen_work=option)) for option in ("passes", "lost", "waits")],
    )


def test_what_tells_the_rest_apart_is_asked_next_and_nothing_twice() -> None:
    beliefs = wire()
    assert question(beliefs.next())[0] == FILED
    beliefs.remaining = combos(beliefs, "waits", "passes")
    assert beliefs.options() == {"frozen_work": ("waits", "passes")}
    drive, parts = question(beliefs.next())
    assert (drive, [one for one, _ in parts]) == (
        SENT_TO_PRINT,
        [combos(beliefs, "passes"), combos(beliefs, "waits")],
    )
    assert beliefs.next() is None
    assert beliefs.why_open("frozen_work") == Open(
        options=("waits", "passes"), why="what would tell them apart did not, on this system", drive=SENT_TO_PRINT
    )


def test_what_is_settled_needs_no_question() -> None:
    beliefs = wire()
    beliefs.remaining = combos(beliefs, "lost")
    assert beliefs.next() is None
    assert beliefs.why_open("frozen_work") == Open(
        options=("lost",), why="as the others are settled, nobody can tell them apart"
    )


def test_what_looks_the_same_is_one_part() -> None:
    beliefs = VersionSpace(WIRE, {}, anything, lambda one, other: True)
    assert beliefs.parts(FILED) == [Partition(0b111, under(WIRE, FILED, frozen_work="passes"))]
    assert beliefs.next() is None
    assert beliefs.why_open("frozen_work") == Open(
        options=("waits", "lost", "passes"), why="what would tell them apart did not, on this system", drive=FILED
    )


def test_what_the_system_cannot_be_asked_to_do_is_not_asked() -> None:
    beliefs = wire(possible=lambda drive: drive != FILED)
    drive, parts = question(beliefs.next())
    assert (drive, [one for one, _ in parts]) == (
        SENT_TO_PRINT,
        [combos(beliefs, "passes"), combos(beliefs, "waits", "lost")],
    )
    beliefs.remaining = combos(beliefs, "waits", "lost")
    assert beliefs.next() is None
    assert beliefs.impossible == {("frozen_work", "lost"): FILED}
    assert beliefs.why_open("frozen_work") == Open(
        options=("waits", "lost"),
        why="what would tell them apart, this system cannot be asked to do",
        drive=FILED,
    )


def test_the_shortest_is_asked_and_more_looked_for_only_where_what_is_known_tells_nothing() -> None:
    looked: list[str] = []

    def possible(drive: Drive) -> bool:
        looked.append(drive.source)
        return True

    beliefs = in_doubt("made_internal", "submit_from_accepted", possible=possible)
    assert beliefs.total == 4
    first = question(beliefs.next())
    assert (first[0].source, [str(event) for event in first[0].trace.events]) == (
        "submit_from_accepted=yes", ["insource complete"]
    )  # fmt: skip
    assert looked == ["made_internal=withdraw", "submit_from_accepted=yes"]
    beliefs.remaining = first[1][0][0]
    second = question(beliefs.next())
    assert (second[0].source, [str(event) for event in second[0].trace.events]) == (
        "made_internal=withdraw", ["create note N1", "edit N1"]
    )  # fmt: skip
    assert [[one.bit_count() for one, _ in parts] for _, parts in (first, second)] == [[2, 2], [1, 1]]
    assert len(looked) == 2
    beliefs.remaining = second[1][0][0]
    assert beliefs.next() is None
    assert len(looked) == 2


def test_the_more_even_an_answer_is_the_more_it_tells() -> None:
    assert sorted([[4], [3, 1], [2, 2], [2, 1, 1], [1, 1, 1, 1]], key=doubt) == [
        [1, 1, 1, 1], [2, 1, 1], [2, 2], [3, 1], [4]
    ]  # fmt: skip
    assert [doubt(sizes) for sizes in ([4], [3, 1], [2, 2], [1, 1])] == [256, 27, 16, 1]


def test_of_questions_as_short_the_first_is_asked() -> None:
    beliefs = in_doubt("lead_completes", "submit_from_accepted")
    found = [question(beliefs.next())[0] for _ in range(2)]
    assert [(one.source, len(one.trace.events)) for one in found] == [
        ("lead_completes=any_time", 1), ("submit_from_accepted=yes", 1)
    ]  # fmt: skip


def with_twins() -> VersionSpace:
    """The reading of the second policy, of which the first option has two twins."""
    atelier = load_model(ROOT / "tests" / "policies" / "atelier")
    (reading,) = atelier.policy.readings.values()
    first, *others = reading.options.values()
    options = [first, replace(first, name="later"), *others, replace(first, name="latest")]
    twins = replace(reading, options={one.name: one for one in options})
    policy = replace(atelier.policy, readings={reading.name: twins})
    return in_doubt(reading.name, model=ModelFactory(policy, TransitionsMachine).model({}))


def test_options_that_do_the_same_nobody_can_tell_apart_but_each_from_others() -> None:
    beliefs = with_twins()
    ((name, (first, later, other, latest)),) = beliefs.options().items()
    bits = {option: beliefs.combinations.with_option(name, option) for option in (first, later, other, latest)}
    drive, parts = question(beliefs.next())
    assert drive.source == f"{name}={other}"
    assert {one for one, _ in parts} == {bits[other], bits[first] | bits[later] | bits[latest]}
    beliefs.remaining = bits[first] | bits[later] | bits[latest]
    assert beliefs.next() is None
    assert beliefs.why_open(name) == Open(
        options=(first, later, latest), why="as the others are settled, nobody can tell them apart"
    )
    beliefs.remaining = bits[other] | bits[latest]
    found = beliefs.why_open(name)
    assert (found.options, found.why) == ((other, latest), "what would tell them apart did not, on this system")
    assert found.drive is not None
    assert found.drive.trace.events == drive.trace.events


def test_the_options_found_are_the_readings() -> None:
    found = Inference(name="desk", model=WIRE, settled={"frozen_work": ("lost", 1), "resume": ("discard", 0)})
    assert found.readings == {"frozen_work": "lost", "resume": "discard"}
    assert Inference(name="desk", model=WIRE).readings == {}
