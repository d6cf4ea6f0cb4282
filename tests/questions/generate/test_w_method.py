"""Suites with a proof: no machine of the promised size that does otherwise passes, and nothing of them is missing."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path as File

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.mutation.mutants import mutants
from simsync.questions.generate.complete import InputWord, ItemMachine, TooManySteps, complete
from simsync.questions.generate.mealy import Mealy, MealyStep, identifiers
from simsync.questions.generate.w_method import complete_text, completed
from simsync.questions.mutate.mutate import mutation
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.statespace.comparing import first_difference
from simsync.workers.workers import Where

ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
BASE = load_model(ROOT / "machines")
MANY = 10**6


def machine(size: int, chance: random.Random, inputs: int = 2) -> Mealy:
    """A random machine of which every state can be reached and told from every other."""
    while True:
        steps = [
            {given: MealyStep(chance.randrange(size), chance.randrange(2)) for given in range(inputs)}
            for _ in range(size)
        ]
        found = Mealy(steps, [0])
        if len(found.access()) == size == len(found.minimized().steps):
            return found


def every(domains: Sequence[Sequence[int]], leads: Sequence[dict[int, Sequence[int]]]) -> Iterator[Mealy]:
    """Every machine over outputs 0 and 1 with these inputs in each state, each leading to one of some states."""
    choices = [
        [MealyStep(after, seen) for after in leads[state][given] for seen in (0, 1)]
        for state, domain in enumerate(domains)
        for given in domain
    ]
    for chosen in product(*choices):
        steps = iter(chosen)
        yield Mealy([{given: next(steps) for given in domain} for domain in domains], [0])


def passes(found: Mealy, wanted: list[tuple[InputWord, tuple[object, ...]]]) -> bool:
    return all(found.run(found.starts[path.start], path.word)[1] == seen for path, seen in wanted)


def equal(one: Mealy, other: Mealy) -> bool:
    """Whether nothing tells the two apart, by walking through both side by side."""
    waiting = list(zip(one.starts, other.starts, strict=True))
    for here, there in waiting:  # grows while we walk
        for given, step in one.steps[here].items():
            theirs = other.steps[there][given]
            if step.seen != theirs.seen:
                return False
            if (step.after, theirs.after) not in waiting:
                waiting.append((step.after, theirs.after))
    return True


def expected(spec: Mealy, extra: int) -> list[tuple[InputWord, tuple[object, ...]]]:
    return [(path, spec.run(spec.starts[path.start], path.word)[1]) for path in complete(spec, extra, MANY)]


@pytest.mark.parametrize(("size", "extra", "seed"), [(2, 0, 1), (2, 0, 2), (2, 1, 3), (2, 1, 4), (3, 0, 5), (3, 0, 6)])
def test_of_all_small_machines_only_equal_ones_pass(size: int, extra: int, seed: int) -> None:
    spec = machine(size, random.Random(seed))
    wanted = expected(spec, extra)
    states = range(size + extra)
    passing = 0
    for found in every([(0, 1)] * len(states), [dict.fromkeys((0, 1), states)] * len(states)):
        if passes(found, wanted):
            passing += 1
            assert equal(spec, found)
    assert passing >= 1


def test_a_suite_that_only_takes_every_transition_lets_wrong_machines_pass() -> None:
    """What the tests above would see if states were not identified."""
    spec = machine(3, random.Random(5))
    paths = [InputWord(0, (*way, given)) for state, (_, way) in spec.access().items() for given in spec.steps[state]]
    wanted = [(path, spec.run(0, path.word)[1]) for path in paths]
    everything = every([(0, 1)] * 3, [dict.fromkeys((0, 1), range(3))] * 3)
    assert any(passes(found, wanted) and not equal(spec, found) for found in everything)


def test_so_it_is_where_not_every_input_makes_sense_everywhere() -> None:
    """Input 0 leads from two states of one sort to two of another; only states of a sort need to be told apart."""
    domains, ones, others = [(0, 1), (0, 1), (1, 2), (1, 2)], (0, 1), (2, 3)
    first: dict[int, Sequence[int]] = {0: others, 1: ones}
    second: dict[int, Sequence[int]] = {1: others, 2: others}
    leads = [first, first, second, second]
    spec = Mealy(
        [
            {0: MealyStep(2, 0), 1: MealyStep(1, 0)},
            {0: MealyStep(3, 0), 1: MealyStep(0, 1)},
            {1: MealyStep(3, 0), 2: MealyStep(2, 1)},
            {1: MealyStep(2, 0), 2: MealyStep(2, 0)},
        ],
        [0],
    )
    wanted = expected(spec, 0)
    passing = [found for found in every(domains, leads) if passes(found, wanted)]
    assert passing
    assert all(equal(spec, found) for found in passing)


def test_every_start_is_held_against_the_state_it_should_be() -> None:
    """Two starts that are one state of the rules can be two in an implementation."""
    spec = Mealy([{0: MealyStep(1, 0)}, {0: MealyStep(1, 1)}], [0, 0])
    wrong = Mealy([{0: MealyStep(1, 0)}, {0: MealyStep(1, 1)}], [0, 1])
    assert not passes(wrong, expected(spec, 0))


def beginnings(paths: Sequence[InputWord]) -> set[InputWord]:
    return {InputWord(path.start, path.word[:length]) for path in paths for length in range(len(path.word) + 1)}


def naive(spec: Mealy, extra: int) -> list[InputWord]:
    """What the method is by its definition, written out: reach a state, take a word, identify the state after it."""
    found = []
    for start, way in spec.access().values():
        for length in range(extra + 2):
            for word in product({given for one in spec.steps for given in one}, repeat=length):
                state = spec.starts[start]
                for given in (*way, *word):
                    if given not in spec.steps[state]:
                        break
                    state = spec.steps[state][given].after
                else:
                    found += [InputWord(start, (*way, *word, *last)) for last in identifiers(spec)[state] or ((),)]
    return found


@pytest.mark.parametrize("extra", [0, 1, 2])
def test_nothing_is_missing_nothing_is_more_and_nothing_is_done_twice(extra: int) -> None:
    spec = machine(6, random.Random(extra), 3)
    paths = complete(spec, extra, MANY)
    assert beginnings(paths) == beginnings(naive(spec, extra))
    for path in paths:
        assert sum(path in beginnings([other]) for other in paths) == 1


@pytest.mark.parametrize("seed", range(12))
def test_identifiers_tell_every_two_states_apart_by_a_common_word(seed: int) -> None:
    spec = machine(3 + seed * 3, random.Random(seed))
    told = identifiers(spec)
    for one, other in product(range(len(spec.steps)), repeat=2):
        if one != other:
            common = beginnings([InputWord(0, w) for w in told[one]]) & beginnings(
                [InputWord(0, w) for w in told[other]]
            )
            assert any(spec.run(one, path.word)[1] != spec.run(other, path.word)[1] for path in common)


def test_a_suite_that_is_too_large_is_not_made() -> None:
    spec = machine(5, random.Random(0))
    steps = sum(len(path.word) for path in complete(spec, 1, MANY))
    assert complete(spec, 1, steps)
    for most in (steps - 1, 3):
        with pytest.raises(TooManySteps):
            complete(spec, 1, most)


def test_a_machine_is_minimized_to_what_can_be_told_apart() -> None:
    spec = machine(4, random.Random(3))
    twice = [{given: step._replace(after=step.after + 4) for given, step in one.items()} for one in spec.steps]
    both = Mealy([*twice, *(dict(one) for one in spec.steps)], [0])
    assert len(both.minimized().steps) == 4
    assert equal(both.minimized(), spec)


def test_the_suite_of_a_policy_passes_and_is_that_of_its_machine() -> None:
    made = completed(ATELIER, (), 0)
    file = ScenarioLoader(ATELIER.factory).load_bytes(complete_text(made, lambda *_: None).encode(), "w.yaml")
    assert not file.diagnostics
    assert len(file.scenarios) == len(made.paths)
    assert sum(len(one.steps) for one in file.scenarios) == made.steps
    assert all(run_scenario(ATELIER, scenario).passed for scenario in file.scenarios)
    assert len({one.name for one in file.scenarios}) == len(file.scenarios)


def test_every_mutant_of_the_promised_size_fails() -> None:
    made = completed(ATELIER, (), 0)
    text = complete_text(made, lambda *_: None)
    scenarios = ScenarioLoader(ATELIER.factory).load_bytes(text.encode(), "w.yaml").scenarios
    most, promised = made.item.size[0], 0
    chance = random.Random(5)
    for mutant in chance.sample(mutants(ATELIER), 60):
        other = ATELIER.factory.variant(mutant.policy).model(ATELIER.readings)
        if first_difference(ATELIER, other) and ItemMachine.of(other, made.kinds).size[0] <= most:
            promised += 1
            assert any(not run_scenario(other, scenario).passed for scenario in scenarios), mutant.id
    assert promised > 20


@pytest.mark.long
def test_under_the_shipped_rules_only_what_other_readings_say_survives(tmp_path: File) -> None:
    """All 9,053 scenarios against all mutants; the same of a small policy stands above."""
    (tmp_path / "w-method.yaml").write_text(complete_text(completed(BASE, (), 0), lambda *_: None))
    made = mutation(BASE, [str(tmp_path)], Where(2), lambda *_: None)
    ways = [one.way for one in made.survivors]
    assert len(ways) < 0.3 * len(made.judgements)
    assert [way for way in ways if way is None or not way.readings] == []


@pytest.mark.thorough
def test_counts_of_the_shipped_rules_are_those_that_the_documentation_says() -> None:
    page = (ROOT / "docs" / "suites.md").read_text()
    for kinds in ((), *((kind,) for kind in BASE.vocabulary.kinds)):
        made = completed(BASE, kinds, 0)
        states, transitions = made.item.size
        row = f"| {states} | {transitions:,} | {len(made.paths):,} | {made.steps:,} |"
        assert f"| {kinds[0] if kinds else 'all'} | {made.item.places:,} {row}" in page


@pytest.mark.thorough
def test_the_command(cli: Run, tmp_path: File) -> None:
    arguments = ("generate", "--cover", "w-method", "--out", tmp_path, "--reading", "charges=unsynced", "--kind")
    code, out, _ = cli(*arguments, "charge")
    assert (code, "Proven: " in out) == (0, True)
    text = (tmp_path / "w-method.yaml").read_text()
    assert "readings: {charges: unsynced}" in text
    assert cli("run", tmp_path)[0] == 0
    assert cli(*arguments, "charge")[0] == 0
    assert (tmp_path / "w-method.yaml").read_text() == text


@pytest.mark.thorough
def test_bad_input(cli: Run, tmp_path: File) -> None:
    arguments = ("generate", "--out", tmp_path, "--cover")
    code, _, err = cli(*arguments, "w-method", "--kind", "chrage")
    assert (code, "did you mean 'charge'?" in err) == (2, True)
    code, _, err = cli(*arguments, "w-method", "--extra-states", "3")
    assert code == 2
    assert re.search(r"3 more states take 200,000 steps or more for \d+% of them, .* say --kind for items of one", err)
    code, _, err = cli(*arguments, "w-method", "--seed", "1")
    assert (code, "leaves nothing to chance" in err) == (2, True)
    for option in (("--kind", "charge"), ("--extra-states", "0")):
        code, _, err = cli(*arguments, "pairs", *option)
        assert (code, "this is for --cover w-method" in err) == (2, True)
    assert cli(*arguments, "w-method", "--extra-states", "-1")[0] == 2
    assert not list(tmp_path.iterdir())
