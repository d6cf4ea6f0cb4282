"""The shortest way to where a query holds: it can be run, shows what was asked, and there is no shorter one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest

from conftest import ROOT, Run
from plain_search import PlainSearch
from sampling import few
from simsync.app import load_model
from simsync.engine.facts import holds
from simsync.engine.model import Model
from simsync.engine.state_facts import state_facts
from simsync.engine.world import World
from simsync.errors import SimsyncError
from simsync.policy.facts import domain_of
from simsync.policy.policy import Value, When
from simsync.questions.explore.explore import sought
from simsync.questions.explore.other_readings import other_ways
from simsync.questions.explore.report import witness
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml
from simsync.statespace.counting import CountingAbstraction
from simsync.statespace.last_step import step_domain
from simsync.statespace.properties import condition
from simsync.statespace.query import Query, query
from simsync.statespace.transition_table import engine_of, transition_table

BASE = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")


def end_of(model: Model, text: str) -> World | None:
    """The world in which the scenario found for a query ends, which passes as it is printed."""
    trace = sought(model, query(text, model.policy))
    if trace is None:
        return None
    if not trace.events:
        return World(trace.status)
    printed = as_yaml(witness(model, "found", trace))
    (loaded,) = ScenarioLoader(model.factory).load_bytes(printed.encode(), "x.yaml").scenarios
    result = run_scenario(model, loaded)
    assert result.passed
    return result.steps[-1].outcome.after


@pytest.mark.parametrize("model", few([ATELIER, BASE], 2), ids=["atelier", "shipped"])
def test_every_fact_with_every_value_is_found_as_asked_or_proved_absent(model: Model) -> None:
    found = 0
    for fact, values in domain_of(model.policy).items():
        for value in values:
            word = str(value).lower() if isinstance(value, bool) else value
            text = f"{fact} = {word}"
            world = end_of(model, text)
            if world is not None:
                found += 1
                facts = [state_facts(model, world.status, item) for item in (*world.items.values(), None)]
                assert any(holds(((fact, (value,)),), one) for one in facts)
    assert found > 15


@pytest.mark.thorough
def test_two_items_are_where_they_are_asked_to_be_and_no_sooner() -> None:
    """Against a plain search on the engine, for every pair of conditions out of a few."""
    parts: list[When] = [
        (("link", (link,)), ("owner", (owner,)))
        for link, owner in itertools.product(("held", "severed", "ended", "deleted"), BASE.vocabulary.partners)
    ]
    pairs = {f"{n}-{m}": (parts[n], parts[m]) for n in range(len(parts)) for m in range(n, len(parts))}

    def both(pair: tuple[When, When]) -> Callable[[World], bool]:
        def there(world: World) -> bool:
            facts = [state_facts(BASE, world.status, world.items.get(name)) for name in ("N1", "N2")]
            return all(holds(when, one) for when, one in zip(pair, facts, strict=True))

        return there

    names = {name: both(pair) for name, pair in pairs.items()}
    plain = PlainSearch(engine_of(BASE, ()), 2, {"charge"}).run(names)
    table = transition_table(BASE, ["charge"])
    several = CountingAbstraction(table)
    for name, (one, other) in pairs.items():
        way = several.way([condition(table, one), condition(table, other)])
        assert (None if way is None else len(way[1])) == plain.first.get(name)
    assert len(plain.first) > 20
    assert len(plain.first) < len(pairs)


@pytest.mark.parametrize(
    "text",
    [
        "link = held and status = Waiting Approval",
        "link(N1) = held and status = Waiting Acceptance",
        "link: held, phase: suspended",
        "{link: [held, severed], phase: [suspended]}",
        "link = 'held' AND phase = suspended or active",
    ],
)
def test_a_condition_can_be_written_as_in_the_rules_or_as_one_speaks(text: str) -> None:
    world = end_of(BASE, text)
    assert world is not None
    (item,) = world.items.values()
    assert item.link == "held"


def test_a_value_in_quotes_is_taken_as_it_stands() -> None:
    policy = load_model(ROOT / "tests" / "policies" / "bridge").policy
    status = next(name for name in policy.status.states if "," in name)
    for quote in ("'", '"'):
        asked = query(f"link = [{quote}{policy.link.initial}{quote}], status = {quote}{status}{quote}", policy)
        assert asked.status == (("status", (status,)),)
        assert asked.items == {"N1": (("link", (policy.link.initial,)),)}
    with pytest.raises(SimsyncError, match="'a, b' is not a value of 'status'"):
        query("status = 'a, b'", policy)


@pytest.mark.thorough
def test_memories_that_no_rule_looks_at_can_be_asked_about(cli: Run) -> None:
    code, out, _ = cli("find", "once internal alone = true and copy = present", "--format", "json")
    found = json.loads(out)
    assert (code, found["found"], len(found["scenario"]["steps"])) == (0, True, 2)


def test_what_cannot_be_is_proved(cli: Run) -> None:
    code, out, err = cli("find", "link(N1) = held and status = Complete")
    assert (code, err) == (1, "")
    assert "a proof, for any number of items" in out
    code, out, _ = cli("find", "link(N1) = held and status = Complete", "--format", "json")
    assert (code, json.loads(out)) == (
        1,
        {
            "query": "link(N1) = held and status = Complete",
            "found": False,
            "readings": BASE.readings,
            "other_readings": {"looked_at": 14, "found": []},
        },
    )


def test_where_one_begins_is_told(cli: Run) -> None:
    code, out, _ = cli("find", "status = Unsent")
    assert (code, out) == (0, "status = Unsent: so it is in Unsent with empty tickets, to which no step leads.\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lnk = held", "did you mean 'link'"),
        ("link = hold", "did you mean 'held'"),
        ("held", "'held' is no condition"),
        ("notified = contact", "'notified' is not a fact here; that is asked so: told = "),
        ("lnk = held", "`simsync find --facts` lists all of them, with their values"),
        ("link = held and", "'held and' is not a value of 'link'"),
        ("internal = maybe", "Allowed: false, true"),
        ("shareable(N1) = true and stale(N2) = perhaps", "'perhaps' is not a value of 'stale'"),
    ],
)
def test_a_query_that_says_nothing_is_told(cli: Run, text: str, words: str) -> None:
    code, out, err = cli("find", text)
    assert (code, out) == (2, "")
    assert words in err
    with pytest.raises(SimsyncError):
        query(text, BASE.policy)


def test_nothing_to_find(cli: Run) -> None:
    code, _, err = cli("find")
    assert code == 2
    assert "say what to find" in err


EMAILED = """\
There is no way to: told = primary contact and action = create
That is a proof, for one item, under the readings in force.
What a last step does to several items at once is not looked at.
With another option of a single reading there is one:
  Every step in which a change reaches the other ticket does, once a step. (emails_on_sync=yes instead of no)
    1 step; the same with --reading emails_on_sync=yes shows the way
"""


def test_the_reading_that_has_a_way_is_named(cli: Run) -> None:
    asked = "told = primary contact and action = create"
    assert cli("find", asked) == (1, EMAILED, "")
    assert cli("find", asked, "--reading", "emails_on_sync=yes")[0] == 0
    code, out, _ = cli("find", asked, "--format", "json")
    told = json.loads(out)
    assert (code, told["readings"], told["other_readings"]) == (
        1, BASE.readings, {"looked_at": 14, "found": [{"reading": "emails_on_sync", "option": "yes", "steps": 1}]}
    )  # fmt: skip


def test_other_readings_of_several_items_are_looked_at_too(cli: Run) -> None:
    _, out, _ = cli("find", "link(N1) = held and link(N2) = held and status = Complete")
    assert out.endswith("Nor is there one with another option of a single reading; 14 were looked at.\n")


READ = [ATELIER, *(load_model(ROOT / "tests" / "policies" / name) for name in ("wire", "charter")), BASE]


MANY = 20


def asked_of(model: Model) -> list[Query]:
    """Some of all facts with each value, also in each status, of those without a way under the readings in force."""
    domain = domain_of(model.policy)
    conditions = [(fact, (value,)) for fact, values in domain.items() for value in values]
    whole = [(one,) for one in conditions] + [(one, ("status", (s,))) for one in conditions for s in domain["status"]]
    queries = [Query(status=(), items={"N1": when}) for when in whole]
    table = transition_table(model, facts=domain)
    nowhere = [one for one in queries if not condition(table, one.conditions[0]).any()]
    return nowhere[:: max(1, len(nowhere) // MANY)]


@pytest.mark.thorough
@pytest.mark.parametrize("model", READ, ids=["atelier", "wire", "charter", "shipped"])
def test_the_other_readings_with_a_way_are_those_that_are_found_one_by_one(model: Model) -> None:
    options = [(r.name, o) for r in model.policy.readings.values() for o in r.options if o != model.readings[r.name]]
    tables = [transition_table(model.under(dict([one])), facts=domain_of(model.policy)) for one in options]
    for wanted in asked_of(model):
        there = [one for one, t in zip(options, tables, strict=True) if condition(t, wanted.conditions[0]).any()]
        assert [(one.reading, one.option) for one in other_ways(model, wanted).ways] == there


def test_what_takes_long_is_left_to_whoever_wants_it(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsync.questions.explore.other_readings.MOST", 1)
    _, out, _ = cli("find", "link = held and status = Complete")
    assert out.endswith("that was not looked at: --reading NAME=OPTION looks.\n")


def test_what_is_asked_twice_is_asked_once() -> None:
    twice = query("link = held and told = 'primary contact' and link = held", BASE.policy)
    assert twice == query('link = held and told = "primary contact"', BASE.policy)
    assert query("{status: Complete, status: Complete}", BASE.policy).text == "status: Complete"


def test_the_facts_are_listed(cli: Run) -> None:
    code, out, _ = cli("find", "--facts")
    assert code == 0
    listed: dict[str, tuple[Value, ...]] = {**domain_of(BASE.policy), **step_domain(BASE.policy)}
    recipients = BASE.policy.vocabulary.recipients
    told = [f"    {name}" for name in recipients]
    assert [line.split(":")[0] for line in out.splitlines()] == [*listed, *told]
    assert out.splitlines()[len(listed) :] == [f"    {name}: {about}" for name, about in recipients.items()]


@pytest.mark.parametrize("text", ["link{}x", "link ={}a", "link{0}({0}x", "status = a{}or", "{}"])
def test_a_question_of_many_blanks_is_read_in_one_go(text: str) -> None:
    with pytest.raises(SimsyncError):
        query(text.format(" " * 4_000), BASE.policy)  # looked through thrice for each blank they would take hours


def test_a_question_has_an_end() -> None:
    with pytest.raises(SimsyncError, match="a question has no more than 10,000 characters"):
        query("status = " + "Complete or " * 1_000, BASE.policy)


@pytest.mark.parametrize("value", ["true", "false"])
def test_what_no_ticket_ever_says_is_not_taken_for_a_no(cli: Run, value: str) -> None:
    code, out, err = cli("find", f"kind = time entry and lead.customer_visible = {value}")
    assert (code, err) == (1, "")
    unsaid = "lead.customer_visible is not said of a time entry, to which in these rules no 'internal' belongs: what is"
    assert out.startswith(f"{unsaid} seen there is open.\nThere is no way to: ")
    code, out, err = cli(
        "find", f"kind = note and link = held and status = Complete and lead.customer_visible = {value}"
    )
    assert (code, err) == (1, "")
    assert "That is a proof, for any number of items, under the readings in force.\nNor is there one" in out
