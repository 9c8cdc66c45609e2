"""Similar submissions: copies are found, independent right answers are not."""

import ast
import json
import random
import re
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course import Course
from grader.pairs import Pair, Passage
from grader.render.similarity import similarity_section, similarity_text
from grader.similar import Part, parts_of, similar_pairs
from grader.wording import Vocabulary, wordings

ROOT = Path(__file__).resolve().parent.parent
UNIT = Course.find(ROOT).units[0]
PARTS = parts_of(UNIT)
STAGES = {stage.id: stage for stage in UNIT.stages}


def honest(stage: str) -> dict[str, bytes]:
    """Independent right answers: each stands below the solution, as the proof has it."""
    solution = STAGES[stage].solution.read_bytes()
    files = sorted(STAGES[stage].folder.glob("right/*.py"))
    return {file.stem: solution + b"\n\n" + file.read_bytes() for file in files}


def handed_in(files: dict[str, bytes], stage: str) -> dict[str, dict[str, bytes]]:
    return {key: {stage: code} for key, code in files.items()}


def own(stage: str, name: str) -> str:
    return (STAGES[stage].folder / "right" / f"{name}.py").read_text(encoding="utf-8")


# --- disguises --------------------------------------------------------------------------------
class _Renamed(ast.NodeTransformer):
    """Every name that a file itself binds gets another, and every number stays."""

    def __init__(self, tree: ast.AST, public: frozenset[str]) -> None:
        bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _stores(n)}
        bound |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        bound |= {
            n.name
            for n in ast.walk(tree)
            if isinstance(n, ast.FunctionDef) and n.name not in public and n.name[:2] != "__"
        }
        self._names = {name: f"thing_{i}" for i, name in enumerate(sorted(bound - public))}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._names.get(node.arg, node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._names.get(node.name, node.name)
        for arg in node.args.args:
            arg.annotation = ast.Name("int")
        node.returns = ast.Name("int")
        self.generic_visit(node)
        return node


def _stores(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def renamed(code: str, stage: str) -> str:
    tree = ast.parse(code)
    public = frozenset(re.findall(r"(?:def|class) (\w+)", PARTS[stage].stub)) | {"self", "np"}
    return ast.unparse(ast.fix_missing_locations(_Renamed(tree, public).visit(tree)))


def reformatted(code: str, stage: str) -> str:
    """As another formatter would have it: no blank lines, no comments, wide indentation."""
    return re.sub(r"(?m)^((?:    )+)", lambda m: m[1] * 2, ast.unparse(ast.parse(code)))


def commented(code: str, stage: str) -> str:
    lines = []
    for number, line in enumerate(ast.unparse(ast.parse(code)).split("\n")):
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() and not line.lstrip().startswith(("else", "elif", "except")):
            lines.append(f"{indent}# step {number}: this is my very own idea")
        lines.append(line)
    return "\n".join(lines)


def reordered(code: str, stage: str) -> str:
    tree = ast.parse(code)
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    rest = [n for n in tree.body if n not in imports]
    tree.body = [*imports, *reversed(rest)]
    return ast.unparse(tree)


def everything(code: str, stage: str) -> str:
    return commented(reordered(renamed(code, stage), stage), stage)


def edited(code: str, stage: str) -> str:
    """With some lines of one's own in each function, and one in eight taken out."""
    rng, lines = random.Random(stage), []
    for line in renamed(code, stage).split("\n"):
        lines.append(line)
        if line.startswith("def "):
            lines.append(f"    checked = {rng.randrange(10, 99)} * 3 > {rng.randrange(9)}")
    return "\n".join(lines)


DISGUISES = [renamed, reformatted, commented, reordered, everything, edited]
LONG = {
    "s13.padding": "pixel_by_pixel",
    "s13.im2col": "window_by_window",
    "s13.conv": "seven_loops",
    "s13.pooling": "plain_loops",
    "s13.lenet": "one_hot_and_einsum",
}


@pytest.mark.parametrize("stage", STAGES)
def test_independent_answers_are_not_called_similar(stage: str) -> None:
    assert similar_pairs(handed_in(honest(stage), stage), PARTS) == ()


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("stage", STAGES)
def test_a_disguised_copy_is_found_among_honest_answers(
    stage: str, disguise: Callable[[str, str], str]
) -> None:
    files, source = honest(stage), LONG[stage]
    files["copy"] = disguise(own(stage, source), stage).encode()
    pairs = similar_pairs(handed_in(files, stage), PARTS)
    assert [{pair.first, pair.second} for pair in pairs] == [{"copy", source}]
    assert pairs[0].share > 0.6 > 0.3 > pairs[0].usual
    assert pairs[0].lines


def test_the_passages_are_told_by_the_lines_of_both_files() -> None:
    files = honest("s13.padding")
    files["copy"] = ("\n" * 7 + own("s13.padding", "gather")).encode()
    (pair,) = similar_pairs(handed_in(files, "s13.padding"), PARTS)
    texts = [files[key].decode().split("\n") for key in (pair.first, pair.second)]
    assert pair.first == "copy"
    for passage in pair.lines:
        (a, b), (c, d) = passage.first, passage.second
        assert texts[0][a - 1 : b] == texts[1][c - 1 : d]
    assert sum(passage.tokens for passage in pair.lines) > 100


def test_who_copies_the_solution_is_not_similar_to_others_who_do() -> None:
    files = honest("s13.conv") | dict.fromkeys(("a", "b"), PARTS["s13.conv"].solution.encode())
    assert similar_pairs(handed_in(files, "s13.conv"), PARTS) == ()


def test_untouched_stubs_are_not_similar() -> None:
    files = dict.fromkeys("abcdef", PARTS["s13.conv"].stub.encode())
    assert similar_pairs(handed_in(files, "s13.conv"), PARTS) == ()


def test_what_a_large_part_of_the_class_wrote_is_not_unusual() -> None:
    answer = own("s13.im2col", "one_hot").encode()
    files = honest("s13.im2col") | {f"student{i}": answer for i in range(12)}
    assert similar_pairs(handed_in(files, "s13.im2col"), PARTS) == ()


def test_two_students_alone_are_compared_too() -> None:
    first, second = own("s13.conv", "seven_loops"), own("s13.conv", "einsum")
    copy = everything(first, "s13.conv")
    both = handed_in({"a": first.encode(), "b": copy.encode()}, "s13.conv")
    assert [(p.first, p.second) for p in similar_pairs(both, PARTS)] == [("a", "b")]
    both = handed_in({"a": first.encode(), "b": second.encode()}, "s13.conv")
    assert similar_pairs(both, PARTS) == ()


def test_it_does_not_matter_who_comes_first() -> None:
    files = honest("s13.conv")
    files["copy"] = everything(own("s13.conv", "seven_loops"), "s13.conv").encode()
    turned = {key[::-1]: files[key] for key in reversed(files)}
    (one,) = similar_pairs(handed_in(files, "s13.conv"), PARTS)
    (two,) = similar_pairs(handed_in(turned, "s13.conv"), PARTS)
    assert one == similar_pairs(handed_in(files, "s13.conv"), PARTS)[0]
    assert {one.first, one.second} == {two.first[::-1], two.second[::-1]}
    assert (one.share, one.usual) == (two.share, two.usual)
    here = {(p.first, p.second) for p in one.lines}
    there = {(p.first, p.second) for p in two.lines}
    assert there in (here, {(b, a) for a, b in here})


def test_a_copy_that_breaks_off_is_compared_as_far_as_it_goes() -> None:
    files = honest("s13.pooling")
    code = own("s13.pooling", "plain_loops")
    files["copy"] = (code[: len(code) * 3 // 4] + "\nx = [(((\n'''").encode()
    pairs = similar_pairs(handed_in(files, "s13.pooling"), PARTS)
    assert [{p.first, p.second} for p in pairs] == [{"copy", "plain_loops"}]


# --- hostile files ------------------------------------------------------------------------
HOSTILE = [
    b"x = " + b"(" * 100_000,
    b"x = " + b"-" * 900_000,
    b"a" + b" " * 900_000 + b"?",
    (b"?" * 1_900 + b"\n") * 500,
    b'"""' + b"\n" * 900_000,
    b"\0" * 500_000,
    bytes(range(256)) * 4_000,
    b"def f(a: b -> c:\n" * 40_000,
    b"if x:\n" + b"".join(b" " * i + b"if x:\n" for i in range(1, 1_300)),
    b"f'{" * 300_000,
    b"\\\n" * 400_000,
    b"x" * (3 << 20),
    b"",
    b"\xff\xfe\x00d\x00e\x00f",
]


def test_hostile_files_are_harmless() -> None:
    files = honest("s13.conv") | {f"hostile{i:02}": code for i, code in enumerate(HOSTILE)}
    files["copy"] = everything(own("s13.conv", "seven_loops"), "s13.conv").encode()
    start = time.perf_counter()
    pairs = similar_pairs(handed_in(files, "s13.conv"), PARTS)
    assert time.perf_counter() - start < 15
    assert [{p.first, p.second} for p in pairs] == [{"copy", "seven_loops"}]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400) | st.text("def f(x):=[]'\"\\#\n\t @;,.0aé\0->*{}", max_size=200))
def test_any_bytes_can_be_read(code: bytes | str) -> None:
    raw = code if isinstance(code, bytes) else code.encode("utf-8", "replace")
    for wording in wordings(raw, Vocabulary()):
        assert len(wording.text) == len(wording.lines)
        assert all(1 <= line <= raw.count(b"\n") + raw.count(b"\r") + 2 for line in wording.lines)


# --- normalising --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "y = 1"),
        ("x = 1  # one", "x = 1"),
        ("def f(a: int, *, b: list[int] = 3) -> dict[str, int]:\n return a",
         "def f(a, *, b=3):\n    return a"),
        ("def f(k=lambda a: a):\n pass", "def f(z=lambda b: b):\n pass"),
        ("x: list[int] = [1]", "x = [1]"),
        ("x = (a +\n     b)", "x = a + b"),
        ("x = [\n    1,\n    2,\n]", "x = [1, 2]"),
        ("x = 1; y = 2", "x = 1\ny = 2"),
        ("def f():\n    'Doc.'\n    return 'a'", "def f():\n    return \"b\""),
        ("return 1.", "return 1"),
    ],
)  # fmt: skip
def test_how_it_is_said_does_not_count(one: str, other: str) -> None:
    assert text(one) == text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x + y", "x - y"),
        ("x.sum", "x.max"),
        ("len(x)", "abs(x)"),
        ("if x: y", "while x: y"),
        ("x[a:b]", "x[a]"),
    ],
)
def test_what_is_said_counts(one: str, other: str) -> None:
    assert text(one) != text(other)


def text(code: str) -> list[str]:
    known = Vocabulary(frozenset({"f"}), frozenset({"sum", "max"}))
    return [wording.text for wording in wordings(code.encode(), known)]


# --- a large class ------------------------------------------------------------------------
def test_the_time_for_a_class_grows_with_the_class() -> None:
    rng = random.Random(7)
    files = {f"s{i:03}": drawn_up(rng).encode() for i in range(120)}
    files["copy"] = files["s050"]
    start = time.perf_counter()
    pairs = similar_pairs(handed_in(files, "any"), {"any": Part("", "")})
    assert time.perf_counter() - start < 10
    assert [{p.first, p.second} for p in pairs] == [{"copy", "s050"}]


def drawn_up(rng: random.Random) -> str:
    """A program like no other, of the words that all programs here are made of."""
    lines = []
    for number in range(6):
        lines.append(f"def f{number}(x):")
        for _ in range(12):
            name, sign = rng.choice(["len", "abs", "sum", "max"]), rng.choice("+-*/%")
            low, high, more = rng.randrange(20), rng.randrange(9), rng.randrange(99)
            lines.append(f"    y = {name}(x[{low}:{high}]) {sign} {more} {rng.choice('+-*')} y")
    return "\n".join(lines)


# --- what is shown ------------------------------------------------------------------------
PAIR = Pair("ada_1", "<b>bob</b>", "s13.conv", 0.874, 0.021, (Passage((3, 9), (14, 20), 61),))


def test_the_text_names_the_pair_and_says_what_it_is_and_is_not() -> None:
    shown = similarity_text([PAIR], {"ada_1": "Ada\x1b[2J Lovelace"})
    for words in ("s13.conv", "87 %", "usual 2 %", "lines 3-9 like 14-20", "61 tokens"):
        assert words in shown
    assert "no proof" in " ".join(shown.split())
    assert "\x1b" not in shown
    assert max(map(len, shown.split("\n"))) <= 80
    assert similarity_text([]) == "No two submissions share unusually much.\n"


def test_the_section_escapes_names_and_code_and_loads_nothing() -> None:
    sources = {("ada_1", "s13.conv"): "\n\n<script>alert(1)</script>\n" + "x\n" * 20}
    shown = similarity_section([PAIR], None, sources)
    assert "<script" not in shown and "<b>" not in shown
    assert "&lt;script&gt;" in shown and "&lt;b&gt;bob" in shown
    assert "no proof" in shown and "Not seen" in shown
    assert "http" not in shown and "src=" not in shown
    assert shown.count("<section") == shown.count("</section>") == 1
    assert "No two submissions" in similarity_section([])


def test_the_command_lists_the_pairs_and_writes_a_page(grader: Any, tmp_path: Path) -> None:
    files = honest("s13.conv")
    files["copy"] = everything(own("s13.conv", "seven_loops"), "s13.conv").encode()
    for key, code in files.items():
        (tmp_path / "subs" / key).mkdir(parents=True)
        (tmp_path / "subs" / key / "conv.py").write_bytes(code)
    (tmp_path / "subs" / "copy" / "padding.py").write_bytes(HOSTILE[0])
    page = tmp_path / "similar.html"
    arguments = (str(tmp_path / "subs"), "--html", str(page))
    done = grader("similar", *arguments, cwd=ROOT)
    assert done.code == 0, done.stderr
    assert "copy and seven_loops" in done.stdout and "share" in done.stdout
    assert "<pre>" in page.read_text() and "thing_" in page.read_text()
    done = grader("similar", *arguments, "padding", cwd=ROOT)
    assert done.stdout.startswith("No two submissions")


def test_who_handed_in_together_is_one_side_of_a_pair(grader: Any, tmp_path: Path) -> None:
    people = {1: ("Ann Lee", "Bob Roe"), 2: ("Cem Oz",)}
    told = "".join(f"submission_{n}:\n  :submitters:\n  - :name: Gone {n}\n" for n in (3, 4))
    for number, names in people.items():
        (tmp_path / f"submission_{number}").mkdir()
        code = everything(own("s13.conv", "seven_loops"), "s13.conv")
        (tmp_path / f"submission_{number}" / "conv.py").write_text(code)
        told += f"submission_{number}:\n  :submitters:\n"
        told += "".join(f"  - :name: {name}\n    :sid: {len(name)}\n" for name in names)
    (tmp_path / "submission_metadata.yml").write_text(told)
    done = grader("similar", str(tmp_path), "conv", "--json", "-", cwd=ROOT)
    tree = json.loads(done.stdout)
    (pair,) = tree["pairs"]
    names = [tree["names"][pair[side]] for side in ("first", "second")]
    assert names == ["Ann Lee, Bob Roe", "Cem Oz"]
    assert len(tree["refused"]) == 2


def test_a_report_of_many_pairs_is_bounded() -> None:
    pairs = [
        Pair(a, b, "s13.conv", 1.0, 0.0, PAIR.lines) for a, b in combinations("abcdefghij" * 3, 2)
    ]
    assert len(similarity_text(pairs)) < 40_000
    assert "more pairs" in similarity_text(pairs) and "more pairs" in similarity_section(pairs)
