"""What only solutions and mistakes say, and where in an edition it can be found."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import grader
from grader.course import Course
from grader.pristine import pristine
from grader.stub import answers

# What students are told on purpose: how a layer is used, how filters are laid out, what a
# step of gradient descent is, the rule for the gradient of a dense layer, of which one
# wrong answer is the beginning; and in a hint, what turns a list round.
TOLD = {
    "def __init__(self):",
    "layer.forward(x)",
    "out = layer.forward(x)",
    "grad_x = layer.backward(grad_out)",
    "layer.backward(grad_out)",
    "KH, KW, C_in, C_out = shape",
    "grad_x = grad_out",
    "W = W - lr * grad_W",
    "layers.reverse()",
}
GRADER = Path(grader.__file__).parent
_CODE = re.compile(r"[=(\[].*[\w)\]]")
_SILENT = ("#", '"""', "from ", "import ")
_READABLE = re.compile(rb"[\t\x20-\x7e]{8,}")


def secrets_of(course: Course) -> set[str]:
    """Return every line and the name of every function that only secret files have."""
    lines, names, given = set[str](), set[str](), list[str]()
    for unit in course.units:
        given += [path.read_text() for path in unit.given().values()]
        for stage in unit.stages:
            solution = "\n".join(answers(stage.solution.read_text()))
            lines |= telling(solution.splitlines())
            names |= set(re.findall(r"^def (_\w{6,})\(", solution, re.M))
            for path in (stage.folder / "mistakes.py", *stage.folder.glob("right/*.py")):
                lines |= telling(path.read_text().splitlines())
                names |= set(re.findall(r"^def (_?\w{8,})\(", path.read_text(), re.M))
            given.append(pristine(stage))
    # The grader knows no stage: what stands there tells nothing.
    given += [path.read_text() for path in GRADER.rglob("*.py")]
    told = "\n".join(given)
    secrets = {line for line in lines - TOLD if line not in told}
    secrets |= {f"{name}(" for name in names if name not in told}
    assert all(secret.isascii() for secret in secrets)
    return secrets


def telling(lines: Iterable[str]) -> set[str]:
    """Return the lines that say something: long enough, with code in them, and no import."""
    stripped = {line.strip() for line in lines}
    return {s for s in stripped if len(s) >= 16 and not s.startswith(_SILENT) and _CODE.search(s)}


def pieces(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Return all that can be read in an edition: each file, and what is packed inside."""
    for name, data in files.items():
        yield name, data
        if name.endswith(".bin"):
            yield from ((name, inner) for inner in _inflated(data))
        elif name.endswith((".npz", ".zip")):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from ((name, archive.read(member)) for member in archive.namelist())
        elif name.endswith(".ipynb"):  # its lines are quoted
            cells = json.loads(data)["cells"]
            yield name, "\n".join("".join(cell["source"]) for cell in cells).encode()


def found_in(parts: Iterable[tuple[str, bytes]], secrets: Iterable[str]) -> set[tuple[str, str]]:
    """Return the secrets that stand somewhere, with the name of the file."""
    texts = [(name, b"\n".join(_READABLE.findall(data))) for name, data in parts]
    everything = b"\n".join(text for _, text in texts)
    suspects = [secret for secret in secrets if secret.encode() in everything]
    return {
        (name, secret)
        for secret in suspects
        for name, text in texts
        if re.search(rf"(?<!\w){re.escape(secret)}".encode(), text)
    }


def _inflated(data: bytes) -> Iterator[bytes]:
    for start in range(min(len(data), 64)):
        try:
            yield zlib.decompress(data[start:])
        except zlib.error:
            continue
