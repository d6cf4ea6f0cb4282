"""Texts to pictures: DOT by the `dot` on PATH or the one in the package graphviz-pure, SVG to PNG by resvg."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from simsync.errors import Code, Diagnostic, SimsyncError

FORMS = ("svg", "png")
_CLUSTER = re.compile(rb'((?:<!-- [^\n]* -->\n)?<g id="(clust\d+)" class="cluster">.*?</g>\n)', re.S)
ZOOM, LARGEST = 2, 60e6


class RenderError(SimsyncError):
    """The renderer complained, or drew less than there is; the message is a sentence."""

    def __init__(self, message: str) -> None:
        super().__init__([Diagnostic(file="renderer", line=0, col=0, code=Code.RENDERER, message=message)])


@dataclass(frozen=True, slots=True)
class Job:
    """DOT to be rendered, and how many edges a picture of it must have."""

    name: str
    dot: str
    edges: int


def renderer() -> str | None:
    """The command that renders DOT, or None where there is none."""
    beside = Path(sys.executable).parent
    return shutil.which("dot") or shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=os.fspath(beside))


def rendered(command: str, jobs: Sequence[Job], forms: Sequence[str] = FORMS) -> list[dict[str, bytes]]:
    """Each job as pictures by form (``svg``, ``png``), the jobs shared out among the cores.

    Raises :class:`RenderError` where the renderer fails, complains, or (in SVG, where it can be counted) leaves out
    an edge: it may do so and still write a picture.
    """
    cores = os.cpu_count() or 1
    by_size = sorted(range(len(jobs)), key=lambda n: -len(jobs[n].dot))
    found: dict[int, dict[str, bytes]] = {}
    with ExitStack() as stack:
        shares = [
            stack.enter_context(_Share(command, {n: jobs[n] for n in own}, forms))
            for core in range(cores)
            if (own := by_size[core::cores])
        ]
        for share in shares:
            found |= share.done()
    return [found[number] for number in range(len(jobs))]


class _Share:
    """Several jobs on their way through one process, which lays each of them out once for all forms."""

    def __init__(self, command: str, jobs: Mapping[int, Job], forms: Sequence[str]) -> None:
        self._command = command
        self._jobs = jobs
        self._forms = forms

    def __enter__(self) -> _Share:
        self._folder = tempfile.TemporaryDirectory(prefix="simsync-")
        folder = Path(self._folder.name)
        self._paths = {number: folder / f"{number}.dot" for number in self._jobs}
        for number, path in self._paths.items():
            path.write_text(self._jobs[number].dot, encoding="utf-8")
        arguments = [self._command, *(f"-T{form}" for form in self._forms), "-O", *map(str, self._paths.values())]
        self._complaints = open(folder / "complaints", "w+b")
        try:
            self._process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=self._complaints)
        except OSError as error:
            self._clean()
            raise RenderError(f"{self._command} could not be run: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()  # where it is still at work, something went wrong elsewhere
        self._process.wait()
        self._clean()

    def _clean(self) -> None:
        self._complaints.close()
        self._folder.cleanup()

    def done(self) -> dict[int, dict[str, bytes]]:
        """The pictures, once they are there."""
        limit = 60 + 10 * len(self._jobs)
        try:
            code = self._process.wait(timeout=limit)
        except subprocess.TimeoutExpired as error:
            raise RenderError(f"{self._command} is not done after {limit} seconds") from error
        self._complaints.seek(0)
        complaint = " ".join(self._complaints.read(2000).decode("utf-8", "replace").split())
        if code or "rror" in complaint:
            raise RenderError(f"{self._command} failed: {complaint or f'exit status {code}'}")
        return {number: self._found(number, path) for number, path in self._paths.items()}

    def _found(self, number: int, path: Path) -> dict[str, bytes]:
        return _pictures(self._command, self._jobs[number], path, self._forms)


def _pictures(command: str, job: Job, path: Path, forms: Sequence[str]) -> dict[str, bytes]:
    pictures = {}
    for form in forms:
        try:
            pictures[form] = path.with_name(f"{path.name}.{form}").read_bytes()
        except OSError as error:
            raise RenderError(f"{command} wrote no {form} of {job.name}") from error
    if "svg" in pictures:
        pictures["svg"] = _stable(pictures["svg"])
    drawn = pictures.get("svg", b"").count(b'class="edge"')
    if "svg" in pictures and drawn != job.edges:
        raise RenderError(f"{command} drew {drawn} of {job.edges} edges of {job.name}")
    return pictures


def _stable(svg: bytes) -> bytes:
    """The picture with its clusters in order: some versions of `dot` write them in another one every time."""
    found = _CLUSTER.findall(svg)
    in_order = iter(sorted(found, key=lambda cluster: (len(cluster[1]), cluster[1])))
    return _CLUSTER.sub(lambda _: next(in_order)[0], svg)


def stamped(png: bytes, digest: str) -> bytes:
    """A PNG with the digest of what it was drawn from among its texts."""
    chunk = b"tEXt" + f"simsync\0{digest}".encode()
    header = 33  # the signature and the first chunk, which says how large the picture is
    length, check = (len(chunk) - 4).to_bytes(4, "big"), zlib.crc32(chunk).to_bytes(4, "big")
    return png[:header] + length + chunk + check + png[header:]


def rasterized(svg: str, area: float) -> bytes | None:
    """An SVG of ours as PNG, at twice its size for sharp text.

    None where the packages for it are not installed, or its ``area`` in pixels is too large even at half its size.
    """
    zoom = min(ZOOM, (LARGEST / max(area, 1)) ** 0.5)
    if zoom < 0.5:
        return None
    try:
        import resvg_py
        from font_roboto import font_files
    except ImportError:
        return None
    faces = [font_files[face] for face in ("Roboto", "RobotoBold")]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=zoom, font_files=faces, font_family="Roboto", sans_serif_family="Roboto"
        )
    )
