"""Whatever is in a file: a value or diagnostics, never another exception, in bounded time."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from fuzz import fuzzed
from fuzzing import MAPPING, try_mapping, try_scenario_file
from fuzzing import spoilt as spoilt_text
from simsync.engine.model import Model
from simsync.errors import SimsyncError
from simsync.policy.loading.files import USUAL
from simsync.questions.readings import report as readings
from simsync.questions.start.schema import schemas
from simsync.questions.why.why import explain
from simsync.report import as_json, phrases, tables
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.workers.workers import Where, cores

SCENARIOS = b"\n---\n".join(path.read_bytes() for path in sorted((ROOT / "scenarios").glob("*.yaml"))).split(b"\n---\n")
TOKENS = [
    *(b"[", b"]", b"{", b"}", b": ", b"- ", b"\n", b"  ", b"\t", b"\r", b"#", b"'", b'"', b"|\n", b">\n", b"? ", b"!", b"="),
    *(b"&a ", b"*a", b"!!str ", b"!!python/object:os.system ", b"<<: ", b"%YAML 1.1\n", b"---\n", b"...\n", b"{}", b"[]"),
    *(b"null", b"true", b"~", b"no", b"5", b"absent", b"lead", b"service", b"expect", b"items", b"given: ", b"finally: "),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"create note N1", b"steps", b"own-create"),
]  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """A file with a few things inserted, deleted, repeated or overwritten."""
    data = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(1, 40)))
        what = draw(st.sampled_from(["insert", "delete", "repeat", "overwrite"]))
        if what == "insert":
            data[at:at] = draw(st.sampled_from(TOKENS) | st.binary(max_size=4))
        elif what == "delete":
            del data[at:end]
        elif what == "repeat":
            data[at:at] = data[at:end]
        else:
            data[at:end] = draw(st.binary(max_size=end - at))
    return bytes(data)


def look_at_everything(model: Model, loader: ScenarioLoader, data: bytes) -> None:
    file = loader.load_bytes(data, "fuzzed.yaml")
    assert not (file.scenarios and file.diagnostics)
    assert file.scenarios or file.diagnostics
    for diagnostic in file.diagnostics:
        assert diagnostic.line >= 1
        assert diagnostic.col >= 1
        assert phrases.diagnostic(diagnostic).startswith(f"fuzzed.yaml:{diagnostic.line}:{diagnostic.col}: ")
    for scenario in file.scenarios:
        result = run_scenario(model, scenario)
        as_json.dumps([as_json.head(result), *(as_json.step(model, step) for step in result.steps)])


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=spoilt(SCENARIOS))
@pytest.mark.thorough
def test_spoilt_scenario_files(model: Model, loader: ScenarioLoader, data: bytes) -> None:
    look_at_everything(model, loader, data)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_at_all(model: Model, loader: ScenarioLoader, data: bytes) -> None:
    look_at_everything(model, loader, data)


def load_spoilt(file: str, data: bytes) -> None:
    from simsync.app import load_model

    with tempfile.TemporaryDirectory() as folder:
        machines = Path(folder) / "machines"
        shutil.copytree(ROOT / "machines", machines)
        (machines / file).write_bytes(data)
        try:
            model = load_model(machines)
        except SimsyncError:
            return
        schemas(model.factory, machines)
        tables.as_json(model, [sheet.name for sheet in tables.sheets(model)])
        readings.as_markdown(model.policy)
        loader = ScenarioLoader(model.factory)
        for original in SCENARIOS[::10]:
            for scenario in loader.load_bytes(original, "f").scenarios:
                result = run_scenario(model, scenario)
                last = result.steps[-1].outcome
                explain(model.under(result.readings), last.before, last.event)


@pytest.mark.thorough
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_spoilt_machine_files(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(list(USUAL.values())))
    load_spoilt(file, data.draw(spoilt([(ROOT / "machines" / file).read_bytes()])))


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=spoilt(SCENARIOS))
def test_spoilt_scenario_files_at_length(model: Model, loader: ScenarioLoader, data: bytes) -> None:
    look_at_everything(model, loader, data)


@pytest.mark.long
@settings(max_examples=4_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_spoilt_machine_files_at_length(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(list(USUAL.values())))
    load_spoilt(file, data.draw(spoilt([(ROOT / "machines" / file).read_bytes()])))


def test_slips_in_scenario_files_are_told_at_a_place_in_the_file(
    model: Model, loader: ScenarioLoader, tmp_path: Path
) -> None:
    originals = [one.decode() for one in SCENARIOS]
    ran = 0
    for seed in range(150):
        random = Random(seed)
        ran += try_scenario_file(loader, model, tmp_path / "a.yaml", spoilt_text(random, random.choice(originals)))
    assert 0 < ran < 150


def test_slips_in_mapping_files_are_told_at_a_place_in_the_file(model: Model, tmp_path: Path) -> None:
    used = sum(try_mapping(model, tmp_path / "a.yaml", spoilt_text(Random(seed), MAPPING)) for seed in range(100))
    assert 0 < used < 100


@pytest.mark.long
def test_many_slips_are_told_at_a_place_in_the_file() -> None:
    assert fuzzed("files", range(100_000), Where(cores()))[1] == []


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["files", "logs"])
def test_two_processes_come_to_the_same(kind: str) -> None:
    alone = fuzzed(kind, range(60), Where())
    assert (alone[0].total(), alone[1]) == (60, [])
    assert fuzzed(kind, range(60), Where(2)) == alone
