"""A scenario under all readings: each different outcome once, held against running it under every combination."""

from __future__ import annotations

import json
from itertools import product
from math import prod
from pathlib import Path

import pytest

import simsync
from conftest import ROOT, Run
from simsync.app import load_model, load_scenarios
from simsync.engine.model import Model
from simsync.engine.trace import simulate
from simsync.questions.run.all_readings import DifferentOutcome, ReadEveryWay, read_every_way
from simsync.scenarios.scenario import Scenario
from simsync.statespace.read_every_way import observed

POLICIES = ROOT / "tests" / "policies"
EXAMPLES = ROOT / "examples" / "policies"
PLACES = [(POLICIES / one, POLICIES / f"{one}_scenarios") for one in ("bridge", "charter", "relay", "wire", "exchange")]
PLACES += [(EXAMPLES / one / "machines", EXAMPLES / one / "scenarios") for one in ("vdirsyncer", "zendesk", "minimal")]

ASKING = """\
scenario: Is a held note delivered?
given: {status: In Progress}
steps:
  - service: insource complete
  - service: create note N1
    text: The key
  - lead: reject completion
"""


def one_by_one(model: Model, scenario: Scenario, names: list[str]) -> dict[object, list[dict[str, str]]]:
    """Under every combination of some readings, the combinations by what is seen."""
    found: dict[object, list[dict[str, str]]] = {}
    for options in product(*(model.policy.readings[name].options for name in names)):
        combination = dict(zip(names, options, strict=True))
        outcomes = simulate(model.under({**scenario.readings, **combination}), scenario.trace)
        found.setdefault(tuple(map(observed, outcomes)), []).append(combination)
    return found


def covered(one: DifferentOutcome, combinations: list[dict[str, str]]) -> list[dict[str, str]]:
    return [c for c in combinations if any(cube.items() <= c.items() for cube in one.cubes)]


def hold(model: Model, scenario: Scenario, settled: list[str]) -> None:
    """Its outcomes are those that are found one by one, each under the combinations that are named."""
    names = [n for n in model.policy.readings if n not in settled and n not in scenario.readings]
    expected = one_by_one(model, scenario, names)
    made = read_every_way(model, scenario, settled)
    every = [one for some in expected.values() for one in some]
    assert made.combinations == len(every)
    told = {tuple(map(observed, one.outcomes)): covered(one, every) for one in made.outcomes}
    assert len(told) == len(made.outcomes)
    assert {key: sorted(map(str, some)) for key, some in told.items()} == {
        key: sorted(map(str, some)) for key, some in expected.items()
    }
    assert [one.combinations for one in made.outcomes] == [len(some) for some in told.values()]
    assert [one.in_force for one in made.outcomes] == [True, *[False] * (len(made.outcomes) - 1)]
    hold_apart(made)


def hold_apart(made: ReadEveryWay) -> None:
    """Readings that are told apart are independent: any choice of some may meet any of the others, and is as told."""
    deciding = [name for one in made.apart for name in one.readings]
    assert len(deciding) == len(set(deciding))
    assert prod(len(one.outcomes) for one in made.apart) == len(made.outcomes)
    ours = {name: made.model.readings[name] for name in made.open}
    for one in made.apart:
        for outcome in one.outcomes:
            assert {name for cube in outcome.cubes for name in cube} <= set(one.readings)
            (same,) = (
                other
                for other in made.outcomes
                if any({**ours, **cube}.items() >= whole.items() for cube in outcome.cubes for whole in other.cubes)
            )
            assert [*map(observed, same.outcomes)] == [*map(observed, outcome.outcomes)]


@pytest.mark.parametrize(("machines", "scenarios"), PLACES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_outcomes_are_those_of_every_combination(machines: Path, scenarios: Path) -> None:
    model = load_model(machines)
    for scenario in load_scenarios(scenarios, model=model):
        hold(model, scenario, [])


OPEN = ["resume", "emails_on_sync", "reason_note", "lead_completes"]


@pytest.mark.thorough
def test_outcomes_of_the_shipped_scenarios_are_those_of_every_combination_of_some(model: Model) -> None:
    settled = [name for name in model.policy.readings if name not in OPEN]
    for scenario in load_scenarios(ROOT / "scenarios", model=model):
        hold(model, scenario, settled)


@pytest.mark.thorough
@pytest.mark.parametrize("line", [4, 19, 30])
def test_outcomes_of_shipped_scenarios_are_those_of_every_combination(model: Model, line: int) -> None:
    (scenario,) = load_scenarios(f"{ROOT}/scenarios/suspension.yaml:{line}", model=model)
    hold(model, scenario, [])


def test_outcomes_stand_side_by_side_where_they_part(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text(ASKING)
    code, out, err = cli("run", path, "--all-readings", "--reading", "reason_note=none")
    assert (code, err) == (0, "")
    assert out[out.index("  given") :] == (
        """\
  given In Progress
  2 different outcomes, of 8,192 combinations of readings

  When the lead rejects a completion, is what was done while suspended delivered? (resume)
  A  Changes wait and are delivered on the resume, in the order in which the items were created.
     (resume=deliver, in force)
  B  What is done while suspended is never delivered as such; a later change carries the whole
     present text. (resume=discard)

  line 7, lead: reject completion   (here they first come apart)
                       A                                      B
    lead's ticket, N1  note · "The key" · internal users      not there
                       only

  G2 is open, and no reading is about it: The page words the submission as if the service partner's
  own status became complete at once.

1 scenario: 1 with different outcomes, 0 the same however it is read
"""
    )


BY_THEMSELVES = """\
  4 different outcomes, of 16,384 combinations of readings.
  2 readings decide them, each by itself: 2 x 2 = 4. What comes of each is told with all others as
  they are in force; --combined tells outcome by outcome.

  When the lead rejects a completion, is what was done while suspended delivered? (resume)
"""


def test_readings_that_do_not_bear_on_each_other_are_told_one_by_one(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text(ASKING + "  - service: edit N1\n    text: The keys\n")
    _, out, _ = cli("run", path, "--all-readings")
    assert BY_THEMSELVES in out
    assert out.endswith("""\

  Apart from that, only who is told depends on how the page is read:

  Does a synchronized change email the primary contact, as status actions do? (emails_on_sync)
  A  Only status actions do. (emails_on_sync=no, in force)
  B  Every step in which a change reaches the other ticket does, once a step. (emails_on_sync=yes)

  line 8, service: edit N1  text: "The keys"   (here they first come apart)
          A                                            B
    told  nobody                                       primary contact

  G2 is open, and no reading is about it: The page words the submission as if the service partner's
  own status became complete at once.
  G9 is open, and no reading is about it: What the internal mark of a copy means, and whether
  attachments bear it too.

1 scenario: 1 with different outcomes, 0 the same however it is read
""")


def test_many_outcomes_are_told_line_by_line_and_later_differences_too(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text(ASKING + "  - service: edit N1\n    text: The keys\n")
    _, out, _ = cli("run", path, "--all-readings", "--combined")
    assert "  8 different outcomes, of 16,384 combinations of readings\n" in out
    assert "  decided together: what one comes to depends on the others\n" not in out
    assert (
        """\
    lead's ticket, reason-note     A, B, C, D  not there
                                   E, F, G, H  note · "The completion was rejected." · customer
                                               visible
"""
        in out
    )
    assert out.endswith("""\
  line 8, service: edit N1  text: "The keys"
    told  A, B, E, F  nobody
          C, D, G, H  primary contact

  G2 is open, and no reading is about it: The page words the submission as if the service partner's
  own status became complete at once.
  G9 is open, and no reading is about it: What the internal mark of a copy means, and whether
  attachments bear it too.

1 scenario: 1 with different outcomes, 0 the same however it is read
""")


CHARGED = """\
scenario: A charge that the other changes
steps:
  - lead: create charge C1
  - service: edit C1
    text: Travel
"""


def test_readings_that_go_together_are_combined_and_refusals_say_why(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "charged.yaml"
    path.write_text(CHARGED)
    _, out, _ = cli("run", path, "--all-readings")
    assert "\n  2 different outcomes, of 16,384" in out
    assert "\n  Apart from that, only who is told depends" in out
    _, out, _ = cli("run", path, "--all-readings", "--combined")
    assert "\n  3 different outcomes, of 16,384" in out
    _, out, _ = cli("run", path, "--all-readings", "--reading", "emails_on_sync=no")
    assert out.endswith("""\
  line 4, service: edit C1  text: "Travel"
                          A                                    B
    the action            done                                 refused: the service partner's
                                                               ticket does not show this item now;
                                                               it shows no item
    service's ticket, C1  charge · "Travel"                    not there

1 scenario: 1 with different outcomes, 0 the same however it is read
""")


def test_what_overlaps_is_done_in_the_order_in_which_it_is_written(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "round.yaml"
    path.write_text("scenario: x\nsteps:\n  - together: [{lead: create note N1}, {service: create note N2}]\n")
    _, out, _ = cli("run", path, "--all-readings")
    assert "\n  what overlaps is done in the order in which it is written\n\n  who sees what" in out


def test_what_is_the_same_however_it_is_read_says_so(cli: Run) -> None:
    _, out, _ = cli("run", "--machines", EXAMPLES / "minimal" / "machines", EXAMPLES / "minimal", "--all-readings")
    assert "\n  These rules have no readings: the page is taken to mean this alone.\n" in out


ENDED = """\
scenario: A note of the time after the submission
steps:
  - service: insource complete
  - service: create note N1
    text: One more thing
  - lead: approve completion
  - service: start
"""


def test_where_there_is_one_outcome_it_is_told_and_which_readings_were_tried(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "ended.yaml"
    path.write_text(ENDED.replace("steps:", "given: {readings: {outsource_again: 'no'}}\nsteps:"))
    _, out, _ = cli("run", path, "--all-readings")
    assert (
        out[out.index("  given") :]
        == """\
  given In Progress, outsource_again=no
  line 8, service: start is refused: 'start' is possible in Accepted only; the status is Complete,
  which nothing leaves

  who sees what          lead's ticket  service's ticket
  N1                     not there      note
    text                                "One more thing"
    internal users only                 no
  Complete │ N1 ended
  told: primary contact 2 times (lines 4, 7)
  primary contact: The primary contact of the organization, who gets the emails about outsourcing;
  whose organization that is, the partner's or the client's, the page does not say.

  No reading changes this. Tried, in 8,192 combinations: resume, made_internal, late_publish,
  charges, charge_sever, lead_completes, submit_from_accepted, existing_items, suspended_edits,
  lead_copies, emails_on_sync, time_entry_notice, reason_note; given, and not tried: outsource_again
  of what these decide nobody sees anything: resume (line 5)

  G2 is open, and no reading is about it: The page words the submission as if the service partner's
  own status became complete at once.
  G6 is open, and no reading is about it: The page says only of notes and attachments that what is
  made while suspended is not seen after completion, and of no other kind.

1 scenario: 0 with different outcomes, 1 the same however it is read
"""
    )


def test_where_every_reading_is_given_that_is_said(cli: Run) -> None:
    chosen = [f"--reading={one.name}={next(iter(one.options))}" for one in load_model().policy.readings.values()]
    _, out, _ = cli("run", "--do", "lead: create note N1", "--all-readings", *chosen)
    assert "\n  Every reading is given, and so none was tried: resume, made_internal, late" in out


def test_a_reading_that_decides_only_who_is_told_doubles_nothing(cli: Run) -> None:
    _, out, _ = cli("run", "--do", "lead: create note N1", "--all-readings")
    assert "\n  told: nobody\n\n  No reading changes what is on tickets. Tried, in 16,384" in out
    assert out.endswith("""\
  Only who is told depends on how the page is read:

  Does a synchronized change email the primary contact, as status actions do? (emails_on_sync)
  A  Only status actions do. (emails_on_sync=no, in force)
  B  Every step in which a change reaches the other ticket does, once a step. (emails_on_sync=yes)

  step 1, lead: create note N1   (here they first come apart)
          A                                            B
    told  nobody                                       primary contact

  G9 is open, and no reading is about it: What the internal mark of a copy means, and whether
  attachments bear it too.

1 scenario: 0 with different outcomes, 1 the same but for who is told, 0 the same however it is read
""")


def test_who_is_told_may_depend_on_a_reading_with_another_one_only(cli: Run) -> None:
    steps = ("--do", "lead: create note N1", "--do", "service: accept", "--do", "lead: edit N1, internal: true")
    _, out, _ = cli("run", "--given", "Assigned", *steps, "--all-readings", "--reading", "existing_items=copied")
    assert "\n  where others are not as in force, who is told depends on these, too: emails_on_sync\n" in out


def test_several_scenarios_end_with_what_each_reading_changes(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "several.yaml"
    path.write_text("---\n".join([ASKING, ASKING, CHARGED, ENDED]))
    _, out, _ = cli("run", path, "--all-readings", "--list")
    assert (
        out.replace(str(path), "F")
        == """\
4 outcomes  F:1  Is a held note delivered?
4 outcomes  F:9  Is a held note delivered?
2 outcomes, others told  F:17  A charge that the other changes
1 outcome  F:23  A note of the time after the submission

2 scenarios come out otherwise under resume=discard: What is done while suspended is never delivered
as such; a later change carries the whole present text.
  F:1, 9

2 scenarios come out otherwise under reason_note=added: A rejection puts a note of the product's own
on both tickets; it belongs to the lead.
  F:1, 9

1 scenario comes out otherwise under charges=unsynced: A charge stays on its owner's ticket.
  F:17

in 1 scenario others are told under emails_on_sync=yes: Every step in which a change reaches the
other ticket does, once a step.
  F:17

4 scenarios: 3 with different outcomes, 1 the same however it is read
"""
    )


def test_what_nobody_sees_of_a_reading_is_said(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "held.yaml"
    path.write_text("scenario: x\ngiven: {status: Waiting Approval}\nsteps:\n  - service: create note N1\n")
    _, out, _ = cli("run", path, "--all-readings")
    assert "  of what these decide nobody sees anything: resume (line 4)\n" in out
    _, out, _ = cli("run", path, "--all-readings", "--reading", "resume=deliver")
    assert "nobody sees" not in out


def test_programs_are_told_the_same(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text(ASKING)
    code, out, _ = cli("run", path, "--all-readings", "--reading", "reason_note=none", "--format", "json")
    (made,) = json.loads(out)["scenarios"]
    assert (code, made["part_at"], made["combinations"]) == (0, 7, 8192)
    assert [(one["readings"], one["in_force"]) for one in made["outcomes"]] == [
        ([{"resume": "deliver"}], True),
        ([{"resume": "discard"}], False),
    ]
    assert [list(one["steps"][-1]["tickets"]["lead"]) for one in made["outcomes"]] == [["N1"], []]
    view = {"kind": "note", "text": "The key", "internal_users_only": True, "customer_visible": False}
    assert made["differences"] == [{"line": 7, "at": "lead", "item": "N1", "values": [view, None]}]
    assert made["independent"] == [
        {
            "decided_by": ["resume"],
            "outcomes": [{"in_force": one["in_force"], "readings": one["readings"]} for one in made["outcomes"]],
            "differences": made["differences"],
        }
    ]
    model = simsync.load_model(ROOT / "machines", {"reason_note": "none"})
    assert simsync.all_readings(model, path, settled=["reason_note"]).as_dict() == json.loads(out)
    assert "2 different outcomes" in str(simsync.all_readings(model, path, settled=["reason_note"]))


def test_options_that_do_not_go_together_and_bad_files(cli: Run, tmp_path: Path) -> None:
    assert "--all-readings: usage: it goes without" in cli("run", "--all-readings", "--show", "all")[2]
    assert "--all-readings: usage: it goes without" in cli("run", "--all-readings", "--list", "--combined")[2]
    assert "--combined: usage: it goes with --all-readings as text" in cli("run", "--combined")[2]
    (tmp_path / "bad.yaml").write_text("scenario: x\n")
    (tmp_path / "good.yaml").write_text(ASKING)
    code, out, err = cli("run", tmp_path, "--all-readings")
    assert (code, "missing-key" in err) == (2, True)
    assert out.endswith(
        "1 scenario: 1 with different outcomes, 0 the same however it is read; 1 problem in files not run\n"
    )
