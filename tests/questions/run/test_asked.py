"""Steps that are asked for on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Run

MADE_PUBLIC = (
    *("--do", "service: create note N1, text: 'The fan, loud', internal: true"),
    *("--do", "service: edit N1, internal: false"),
)


def test_steps_are_asked_for_without_a_file(cli: Run) -> None:
    code, out, err = cli("run", *MADE_PUBLIC)
    assert (code, err) == (0, "")
    assert "who sees what" in out
    assert '"The fan, loud"' in out
    assert "1 answered, nothing expected; 2 steps checked" in out


def test_the_reading_that_turns_the_answer_comes_before_those_of_who_is_told(cli: Run) -> None:
    _, out, _ = cli("run", *MADE_PUBLIC)
    told = " ".join(out.split())
    assert "│ as read: late_publish=share; of who is told: emails_on_sync=no" in told
    first = "as the page is read: An item that was internal before it had a copy is made public. Does it cross"
    last = "of who is told, as the page is read: Does a synchronized change email the primary contact, as status"
    assert told.index(first) < told.index("(late_publish=share)") < told.index(last)
    _, out, _ = cli("run", "--do", "lead: create note N1")
    assert "│ as read, of who is told: emails_on_sync=no" in " ".join(out.split())


def test_steps_are_asked_for_under_all_readings(cli: Run) -> None:
    code, out, _ = cli("run", *MADE_PUBLIC, "--all-readings")
    assert code == 0
    assert "late_publish=never" in out


def test_steps_begin_where_that_is_said(cli: Run) -> None:
    code, out, _ = cli("run", "--given", "Waiting Approval", "--do", "lead: complete, expect: {refused: true}")
    assert (code, "given Waiting Approval" in out) == (0, True)


def test_steps_that_are_kept_are_the_scenario_that_was_run(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    _, asked, _ = cli("run", *MADE_PUBLIC, "--out", str(kept))
    assert kept.read_text().endswith("\n")
    assert cli("run", "--show", "all", str(kept))[1] == asked


def test_a_file_that_is_there_is_left_as_it_is(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    kept.write_text("mine")
    code, _, err = cli("run", *MADE_PUBLIC, "--out", str(kept))
    assert (code, kept.read_text()) == (2, "mine")
    assert "there is a file here already" in err


SUBMIT = (
    "'submit for approval' is not an action; did you mean 'insource complete', which leads to Waiting Approval? "
    "Allowed: create KIND NAME, edit NAME, delete NAME, accept, decline, start, insource complete\n"
)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--do", "service: crate note N1"], "--do:1:10: bad-action: 'crate' is not an action"),
        (
            ["--do", "partner: start"],
            "which partner? lead: Owns the original ticket and hands the work out.; service: Do",
        ),
        (["--do", "service: submit for approval"], SUBMIT),
        (["--do", "lead: submit"], "did you mean 'insource complete', which is for service? Allowed: create KIND NAME"),
        (
            ["--do", "service: shrug"],
            "'shrug' is not an action. Allowed: create KIND NAME, edit NAME, delete NAME, accept",
        ),
        (["--do", "lead: create note N1", "--do", "lead: edit N2, text: a"], "--do:2:7: unknown-item: 'N2' is not"),
        (["--do", "lead: create note N1, text: 'a\n\n b'", "--do", "lead: delte N1"], "--do:2:7: bad-action: 'delte'"),
        (["--do", "lead: create note N1, text: 'a\n\n b', tpe: a"], "--do:1:"),
        (["--do", "service: create note N1", "--given", "Waiting"], "--given: unknown-name: 'Waiting' is not"),
        (["--do", "service: create note N1}"], "--do:1:1: syntax"),
        (["--do", ""], "--do:1:1: bad-action"),
        (["--do", "service: create note N1", "scenarios"], "goes without PATH"),
        (["--given", "In Progress"], "--given: usage: it goes with --do"),
        (["--out", "x.yaml"], "--out: usage: it goes with --do"),
    ],
)
def test_what_cannot_be_asked_is_said(cli: Run, arguments: list[str], told: str) -> None:
    code, _, err = cli("run", *arguments)
    assert code == 2
    assert told in err


def test_nothing_is_kept_of_steps_that_cannot_be_asked(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    assert cli("run", "--do", "service: crate note N1", "--out", str(kept))[0] == 2
    assert not kept.exists()


def test_a_refusal_among_steps_that_are_in_no_file_does_not_lead_to_shrink(cli: Run, tmp_path: Path) -> None:
    steps = ("--do", "service: insource complete", "--do", "lead: complete")
    kept = tmp_path / "kept.yaml"
    code, out, _ = cli("run", *steps, "--out", kept)
    assert (code, "simsync shrink" in out) == (0, False)
    assert "in a file that counts as failed until it is expected" in out
    code, out, _ = cli("run", kept)
    assert (code, "simsync shrink" in out) == (1, True)


def test_a_refusal_is_an_answer_and_what_would_be_possible_is_said(cli: Run) -> None:
    steps = ("--do", "service: insource complete", "--do", "lead: complete")
    code, out, _ = cli("run", *steps)
    assert code == 0
    assert (
        out[out.index("     2 complete") :]
        == """\
     2 complete                                      ✗
       refused: 'complete' is possible in Accepted, In Progress only; the status is Waiting
       Approval, where these are possible: lead: approve completion, lead: reject completion
       as read: lead_completes=before_submission

       who sees what  lead's ticket  service's ticket
       no item
       Waiting Approval
       told: primary contact once (step 1)
       primary contact: The primary contact of the organization, who gets the emails about
       outsourcing; whose organization that is, the partner's or the client's, the page does not
       say.
       as the page is read: Until when can the lead complete the ticket by itself? In Accepted and
       In Progress. (lead_completes=before_submission)
       G2 is open, and no reading is about it: The page words the submission as if the service
       partner's own status became complete at once.
       answered, nothing expected: this is what the rules have happen

       How the page is read decides this: it would be allowed with
         Also in Waiting Approval, where it has the effect of approving. (lead_completes=any_time \
instead of before_submission)
           what would come of it: Waiting Approval → Complete; told: primary contact
           to see it: simsync run --do 'service: insource complete' --do 'lead: complete' \
--reading lead_completes=any_time

       It would also be allowed, all else being equal, with
         status: Accepted or In Progress (instead of Waiting Approval)

○ --do: answered: step 2 is refused, because 'complete' is possible in Accepted, In Progress only
in [brackets] what it rests on (simsync table statements)
as read: what else the page may mean: the same with --all-readings
1 scenario: 0 passed, 0 failed, 1 answered, nothing expected; 2 steps checked against the table
"""
    )


def test_several_refusals_are_answers_each_with_what_would_be_possible(cli: Run) -> None:
    code, out, _ = cli("run", "--given", "Assigned", "--do", "lead: complete", "--do", "service: start")
    assert code == 0
    assert "\n       step 1, lead: complete\n" in out
    assert "\n\n       step 2, service: start\n" in out
    assert "to see it: simsync run --given Assigned --do" not in out
    assert "○ --do: answered: step 1 is refused, because 'complete' is possible in" in out


def test_a_refusal_that_contradicts_what_is_expected_is_a_failure(cli: Run) -> None:
    code, out, _ = cli("run", "--do", "lead: start", "--do", "lead: create note N1, expect: {synced: true}")
    assert (code, "✘ --do: 1 failed" in out) == (1, True)
    assert "line  at" not in out
    assert "step  at" in out


def test_overlapping_actions_that_are_refused_are_answers(cli: Run) -> None:
    code, out, _ = cli("run", "--do", "together: [{lead: start}, {lead: create note N1}]", "--do", "lead: start")
    assert (code, "1 answered, nothing expected" in out) == (0, True)
