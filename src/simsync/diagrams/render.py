"""Texts to pictures: DOT by the `dot` on PATH or the one in the package graphviz-pure, SVG to PNG by resvg."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

FORMS = ("svg", "png")
_CLUSTER = re.compile(rb'((?:<!-- [^\n]* -->\n)?<g id="(clust\d+)" class="cluster">.*?</g>\n)', re.S)
ZOOM = 2


class RenderError(Exception):
    """The renderer complained, or drew less than there is; the message is a sentence."""


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
    shares = [share for core in range(cores) if (share := by_size[core::cores])]
    found: dict[int, dict[str, bytes]] = {}
    with ThreadPoolExecutor(cores) as pool:
        for done in pool.map(lambda share: _share(command, {n: jobs[n] for n in share}, forms), shares):
            found |= done
    return [found[number] for number in range(len(jobs))]


def _share(command: str, jobs: dict[int, Job], forms: Sequence[str]) -> dict[int, dict[str, bytes]]:
    """Several jobs by one process, which lays each of them out once for all forms."""
    with tempfile.TemporaryDirectory(prefix="simsync-") as folder:
        paths = {number: Path(folder) / f"{number}.dot" for number in jobs}
        for number, path in paths.items():
            path.write_text(jobs[number].dot, encoding="utf-8")
        try:
            done = subprocess.run(
                [command, *(f"-T{form}" for form in forms), "-O", *map(str, paths.values())],
                capture_output=True,
                timeout=60 + 10 * len(jobs),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RenderError(f"{command} could not be run: {error}") from error
        complaint = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode or "rror" in complaint:
            raise RenderError(f"{command} failed: {complaint or f'exit status {done.returncode}'}")
        return {number: _pictures(command, jobs[number], path, forms) for number, path in paths.items()}


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


def rasterized(svg: str) -> bytes | None:
    """An SVG of ours as PNG, at twice its size for sharp text; None where the packages for it are not installed."""
    try:
        import resvg_py
        from font_roboto import font_files
    except ImportError:
        return None
    faces = [font_files[face] for face in ("Roboto", "RobotoBold")]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=ZOOM, font_files=faces, font_family="Roboto", sans_serif_family="Roboto"
        )
    )
