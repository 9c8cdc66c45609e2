"""The pages: what they say, what they never carry out, and that a browser agrees."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from grader.cli import main
from grader.errors import Frame
from grader.grades import FollowThrough, Grade, Late, Standing, Student, to_json
from grader.render.html import (
    class_page,
    conflict_fragment,
    student_page,
    verdict_fragment,
    verdict_page,
)
from grader.render.html.arrays import answer_pictures, argument_pictures
from grader.results import (
    CheckResult,
    CriterionResult,
    Evidence,
    NamedMistake,
    Outcome,
    Report,
    Sandbox,
    Shown,
    StageResult,
)

PASSED, FAILED, TODO, BLOCKED, BROKEN = Outcome
VOID = {"meta", "link", "rect", "line", "col", "input"}
SWAPPED = NamedMistake(
    "s13.padding.swaps", "pad2d", "exchanges height and width", ("Look.", "Try 1x2.", "H first.")
)
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    "\"' onmouseover=alert(3) {{ 7*7 }} <!-- ]]> \0 \x1b[31m \u202etxt.exe \ud800 &amp;"
)


# --- grades to show -----------------------------------------------------------------------
def check(name, outcome, evidence=None, *, hidden=False, mistakes=(), by=""):
    return CheckResult(
        f"test_{name}", f"about {name}", hidden, outcome, 0.1, evidence, by, mistakes
    )


def criterion(name, *checks, points=2, sentence=""):
    return CriterionResult(name, sentence or f"the criterion {name}", points, checks)


def simple(name, outcome, **more):
    return criterion(name, check(name, outcome), **more)


def report(*stages, seconds=1.25):
    return Report("s13", "student", stages, Sandbox("L2"), "2026-01-01T00:00:00+00:00", seconds)


def stage(name, *criteria, printed=""):
    return StageResult(f"s13.{name}", f"Title of {name}", criteria, printed=printed)


def grade(*stages, key="ada_1", name="Ada", seconds=1.25, **more):
    possible = sum(s.points for s in stages)
    student = Student(key, name, f"{key}@example.org")
    return Grade(
        student, Standing.GRADED, possible, report=report(*stages, seconds=seconds), **more
    )


def array(*values, shape, excerpt=None):
    whole = tuple((0, n) for n in shape)
    return Shown(f"float64 array, shape {shape}", "float64", shape, values, excerpt or whole)


def evidence(what="the result has wrong values", **more):
    return Evidence(what, "pad2d(x, padding=1)", **more)


WRONG = evidence(
    arguments=(("x", array(1.0, 2.0, shape=(1, 2))),),
    expected=array(0.0, 2.5, 3.0, -4.0, shape=(2, 2)),
    got=array(0.0, 2.0, "nan", -4.0, shape=(2, 2)),
    index=(0, 1),
    frames=(Frame("stages/s13_cnn/padding/padding.py", 41, "pad2d", "return np.pad(x, 1)"),),
    printed="shape is (1, 2)",
)
MIXED = grade(
    stage(
        "padding",
        simple("size", PASSED),
        criterion(
            "frame",
            check("frame", FAILED, WRONG, mistakes=(SWAPPED,)),
            check("more", FAILED, evidence("another sentence"), hidden=False),
            points=3,
        ),
    ),
    stage(
        "im2col", criterion("rows", check("rows", BLOCKED, by="s13.padding")), simple("t", TODO)
    ),
)


# --- reading a page -----------------------------------------------------------------------
class Page(HTMLParser):
    """Elements, text and addresses of a page; a tag that does not fit is an error."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.words, self.attributes = [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def values(self, attribute):
        return [value for _, name, value in self.attributes if name == attribute]


def shown(html):
    return Page(html).text


# --- a student's page ---------------------------------------------------------------------
def test_a_page_tells_marks_in_numbers_and_outcomes_in_words():
    text = shown(student_page(MIXED))
    assert "Ada" in text
    assert "2 of 9 points" in text
    assert "✓ 1 passed" in text
    assert "✗ 1 failed" in text
    assert "○ 1 blocked" in text
    assert "· 1 to do" in text
    assert "the criterion frame failed 0 / 3" in text
    assert "An earlier stage is in the way: mend s13.padding first" in text


def test_a_failure_has_its_evidence_and_the_hints_come_one_inside_another():
    html = student_page(MIXED)
    text = shown(html)
    for part in ("the result has wrong values", "pad2d(x, padding=1)", "padding.py:41, in pad2d"):
        assert part in text
    assert "return np.pad(x, 1)" in text
    assert "shape is (1, 2)" in text
    assert "1 other check of it does not pass either" in text
    assert "another sentence" in text
    hints = html[html.index("exchanges height and width") :]
    nested = r"<details class=\"hint\">.*Look\..*<details class=\"hint\">.*Try 1x2.*<details"
    assert re.search(nested + r".*H first\..*</details>\s*</details>\s*</details>", hints, re.S)
    assert " open>" not in hints[: hints.index("H first.")]


def test_only_the_first_to_fix_is_unfolded():
    html = student_page(MIXED)
    assert html.count('<details class="why" open>') == 1
    assert html.index('<details class="why" open>') > html.index("the criterion frame")


def test_a_late_penalty_is_worked_out():
    late = Late("2026-01-03T09:00:00+01:00", "2026-01-01T18:00:00+01:00", 2, 25.0)
    text = shown(student_page(replace(MIXED, late=late)))
    assert "1.5 of 9 points" in text
    assert "2 days late, so 25 % of the 2 points earned are taken off" in text


def test_points_of_a_follow_through_are_said_to_be_that():
    again = stage("im2col", simple("rows", PASSED), simple("t", TODO))
    text = shown(student_page(replace(MIXED, followed=(FollowThrough(again, ("s13.padding",)),))))
    assert "4 of 9 points" in text
    assert "with the reference in place of s13.padding: 2 of the 2 points come from that" in text
    assert "it passes with the reference in place of s13.padding" in text


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing.REFUSED, "This submission could not be read"),
        (Standing.BROKEN, "Grading broke, and not by your fault"),
    ],
)
def test_without_a_report_the_reason_stands_in_friendly_words(standing, words):
    text = shown(student_page(Grade(Student("bo"), standing, 9, reason="it is a bomb")))
    assert words in text
    assert "it is a bomb" in text
    assert "no points yet, of 9" in text and "0 of 9" not in text


def test_notes_and_what_was_printed_on_import_are_there():
    loud = grade(stage("padding", simple("size", PASSED), printed="hello"), notes=("old.py?",))
    text = shown(student_page(loud))
    assert "What was printed when the file was imported hello" in text
    assert "old.py?" in text


def test_a_report_alone_is_a_page_too():
    text = shown(verdict_page(MIXED.report))
    assert "s13: your files" in text
    assert "2 of 9 points" in text
    solution = replace(MIXED.report, subject="solution")
    assert "s13: the solution" in shown(verdict_page(solution))
    noted = replace(MIXED.report, notes=("test_<a>.py was changed",))
    assert "test_<a>.py was changed" in shown(verdict_page(noted))


# --- hidden checks ------------------------------------------------------------------------
SECRET = Evidence(
    "SECRET sentence",
    "SECRET(call)",
    (("SECRET_x", array(7771.0, shape=(1,))),),
    array(7772.0, shape=(1,)),
    array(7773.0, shape=(1,)),
    (0,),
    (Frame("a.py", 1, "SECRET", "SECRET line"),),
    "SECRET print",
)
VEILED = grade(
    stage(
        "padding",
        criterion(
            "a",
            check("first", FAILED, SECRET, hidden=True, mistakes=(SWAPPED,)),
            check("second", FAILED, SECRET, hidden=True),
        ),
        criterion("b", check("third", PASSED, SECRET, hidden=True)),
    ),
)


def test_a_hidden_check_shows_title_outcome_and_mistake_and_nothing_else():
    followed = (FollowThrough(VEILED.stages[0], ("s13.other",)),)
    for html in (student_page(replace(VEILED, followed=followed)), verdict_page(VEILED.report)):
        assert not re.search("SECRET|777[123]", html)
        text = shown(html)
        assert "A hidden check: about first" in text
        assert "about second" in text
        assert "exchanges height and width" in text
        assert "is not shown" in text


def test_an_instructor_sees_all_of_a_hidden_check_and_is_told_so():
    for html in (
        student_page(VEILED, show_hidden=True),
        verdict_page(VEILED.report, show_hidden=True),
    ):
        text = shown(html)
        for part in ("SECRET sentence", "SECRET(call)", "SECRET_x", "7771", "SECRET line"):
            assert part in text
        assert "it is for the instructor" in text


def test_where_no_check_is_hidden_nothing_is_said_of_hidden_ones():
    for told in (True, False):
        assert "hidden" not in shown(verdict_page(MIXED.report, show_hidden=told))


def test_the_class_page_has_nothing_of_a_hidden_check():
    assert not re.search("SECRET|777[123]", class_page([VEILED], "t"))


# --- arrays -------------------------------------------------------------------------------
def difference(expected, got, shape, **more):
    both = (array(*values, shape=shape, **more) for values in (expected, got))
    return {p.name: p for p in answer_pictures(Evidence("", "", (), *both))}["difference"]


def cells(picture):
    return [[(c.text, c.shade) for c in row] for panel in picture.panels for _, row in panel.rows]


def test_a_difference_has_a_sign_in_its_text_and_in_its_shade():
    found = difference((0.0, 1.0, 1.0, 1e-16), (0.0, 4.0, -1.0, 0.0), (2, 2))
    assert cells(found) == [
        [("0", "d0"), ("+3", "p3")],
        [("-2", "m2"), ("≈0", "d0")],
    ]


def test_what_is_no_finite_number_is_named_and_no_difference_is_invented():
    found = difference(("nan", "inf", 1.0), ("nan", 1.0, "-inf"), (3,))
    assert cells(found) == [[("0", "d0"), ("≠", "odd"), ("≠", "odd")]]
    shown_got = answer_pictures(Evidence("", got=array("nan", 2.0, shape=(2,))))[0]
    assert cells(shown_got) == [[("nan", "odd"), ("2", "q0")]]


def test_equal_values_have_equal_shades_in_expected_and_got():
    expected, got = answer_pictures(
        Evidence("", "", (), array(0.0, 6.0, shape=(2,)), array(6.0, 12.0, 3.0, shape=(3,)))
    )
    assert cells(expected) == [[("0", "q0"), ("6", "q3")]]
    assert cells(got)[0][0] == ("6", "q3")


def test_the_first_difference_is_outlined_in_every_panel_that_has_it():
    pictures = answer_pictures(WRONG)
    assert [p.name for p in pictures] == ["expected", "got", "difference"]
    for picture in pictures:
        first = [(i, j) for i, (_, row) in enumerate(picture.panels[0].rows)
                 for j, cell in enumerate(row) if cell.first]  # fmt: skip
        assert first == [(0, 1)]
    html = student_page(MIXED)
    assert len(re.findall(r'<td class="\w+ first" title="the first difference">', html)) == 3
    assert "The first difference is at index" in html


def test_images_are_drawn_as_height_by_width_one_panel_for_each_channel():
    (x,) = argument_pictures(Evidence("", "", (("x", array(*range(12), shape=(1, 2, 3, 2))),)))
    assert [panel.label for panel in x.panels] == ["[0, :, :, 0]", "[0, :, :, 1]"]
    assert [[c.text for c in row] for _, row in x.panels[1].rows] == [
        ["1", "3", "5"],
        ["7", "9", "11"],
    ]


def test_an_excerpt_is_labelled_with_its_own_indices():
    part = array(1.0, 2.0, 3.0, 4.0, shape=(20, 30), excerpt=((3, 5), (7, 9)))
    (x,) = argument_pictures(Evidence("", "", (("x", part),)))
    (panel,) = x.panels
    assert (x.part, panel.label, panel.columns) == (True, "[3:5, 7:9]", ("7", "8"))
    assert [head for head, _ in panel.rows] == ["3", "4"]
    assert "a part of it" in student_page(
        grade(stage("padding", criterion("a", check("a", FAILED, Evidence("", got=part)))))
    )


@pytest.mark.parametrize(
    "odd",
    [
        Shown("", "f", (2, 2), (1.0,), ((0, 2), (0, 2))),
        Shown("", "f", (2,), (1.0, 2.0), ((0, 1), (0, 2))),
        Shown("", "f", (10**9,), (1.0, 2.0), ((0, 10**9),)),
        Shown("", "f", (1,) * 64, (1.0,), ((0, 1),) * 64),
        Shown("", "f", (0,), (), ((0, 0),)),
        Shown("", "f", (5000,), (1.0,) * 5000, ((0, 5000),)),
        Shown("", "f", (), (10**400,), ()),
        Shown("", "f", (1,), (1e308,), ((0, 1),)),
        Shown("", "f", (2,), (-1.7e308, 1.7e308), ((0, 2),)),
        Shown("", "f", (2,), (float("inf"), float("nan")), ((0, 2),)),
    ],
)
def test_an_array_that_contradicts_itself_or_is_extreme_is_no_accident(odd):
    other = replace(odd, values=odd.values[::-1])
    one = check("a", FAILED, Evidence("", "", (("x", odd),), odd, other, (0,)))
    html = student_page(grade(stage("padding", criterion("a", one))))
    assert len(html) < 60_000
    Page(html)


# --- hostile data -------------------------------------------------------------------------
def hostile_grades():
    text = HOSTILE * 3
    there = Shown(text, text, (1, 2), (text, 1.0), ((0, 1), (0, 2)))
    bad = Evidence(
        text, text, ((text, there),), there, there, (0, 0), (Frame(text, 1, text, text),), text
    )
    mistake = NamedMistake(f"s13.padding.{text}", text, text, (text, text, text))
    checks = tuple(
        CheckResult(text, text, False, o, 1.0, bad, text, (mistake,) * n)
        for o in Outcome
        for n in (1, 2)
    )
    parts = (
        StageResult(text, text, (CriterionResult(text, text, 3, checks),), (text,), text),
        stage("padding", CriterionResult("b", text, 3, checks[:1])),
    )
    run = Report(text, text, parts, Sandbox(text, (text,)), text, 2.0, {text: text})
    student = Student(text, text, text, text)
    yield Grade(student, Standing.GRADED, 9, text, (text,), run, late=Late(text, text, 1, 5.0))
    yield Grade(student, Standing.REFUSED, 9, text, (text,))
    yield Grade(student, Standing.BROKEN, 9, text)


def pages():
    yield "student", student_page(MIXED)
    yield "verdict", verdict_page(MIXED.report)
    yield "class", class_page([MIXED, VEILED], "A class")
    for each in hostile_grades():
        yield f"hostile {each.standing.value}", student_page(each)
        if each.report:
            yield "hostile verdict", verdict_page(each.report)
    unread = [(HOSTILE, HOSTILE)]
    yield "hostile class", class_page(hostile_grades(), HOSTILE, unread=unread)


@pytest.mark.parametrize(("kind", "html"), [pytest.param(*p, id=p[0]) for p in pages()])
def test_a_page_is_whole_and_loads_nothing(kind, html):
    page = Page(html)
    for tag in ("script", "img", "iframe", "object", "embed", "base"):
        assert page.tags.count(tag) == (tag == "script" and kind.endswith("class"))
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not [n for _, n, _ in page.attributes if n in ("style", "src", "srcset", "action")]
    links = [v for v in page.values("href") if v != "data:,"]
    assert all(re.fullmatch(r"#stage-\d+|students/[\w.~%-]+\.html", link) for link in links)
    assert not re.search(r"https?:|url\(|@import|expression\(", html.replace(HOSTILE, ""))
    policy = next(v for v in page.values("content") if "default-src" in v)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("kind", "html"), [pytest.param(*p, id=p[0]) for p in pages() if "hostile" in p[0]]
)
def test_what_a_submission_says_is_text_and_nothing_else(kind, html):
    for bad in ("<script>alert", "<img", "\"' onmouse", "<!--"):
        assert bad not in html
    assert "49" not in re.findall(r"\{\{.*?\}\}|49 <!", html)
    for unseen in ("\0", "\x1b", "\u202e", "\ud800"):
        assert unseen not in html
    assert "\\x00" in html
    assert "\\u202e" in html
    html.encode()


# --- a part of somebody else's page -------------------------------------------------------
def test_page_and_fragment_show_the_same():
    page, fragment = (
        re.findall(r'<ul class="criteria">.*?</section>', html, re.S)
        for html in (verdict_page(MIXED.report), verdict_fragment(MIXED.report))
    )
    assert page == fragment and len(page) == 2


def fragments():
    yield verdict_fragment(MIXED.report)
    yield verdict_fragment(next(hostile_grades()).report)
    yield conflict_fragment(HOSTILE, HOSTILE, [("-", HOSTILE), ("~", "")], [(HOSTILE, HOSTILE)])


@pytest.mark.parametrize("html", list(fragments()), ids=["verdict", "hostile verdict", "conflict"])
def test_a_fragment_runs_nothing_loads_nothing_and_styles_nothing_else(html):
    page = Page(html)
    assert not {"script", "img", "iframe", "link", "html", "body", "h1", "h2"} & set(page.tags)
    told = {name for _, name, _ in page.attributes}
    assert not [n for n in told if n.startswith("on") or n in ("style", "href", "src", "id")]
    for bad in ("<script>alert", "<img", "\"' onmouse", "<!--", "\0", "\x1b", "\u202e"):
        assert bad not in html
    style = re.sub(r"/\*.*?\*/", "", html.partition("<style>")[2].partition("</style>")[0])
    while "{" in style:  # a rule inside of another holds no further than that one
        style = re.sub(r"\{[^{}]*\}", ";", style, flags=re.S)
    outermost = [
        rule
        for rule in re.split(r";|,\n", re.sub(r"/\*.*?\*/", "", style, flags=re.S))
        if rule.strip()
    ]
    assert outermost and all(rule.strip().endswith(".grader") for rule in outermost)


def test_texts_without_end_are_cut_and_said_to_be():
    long = "x" * 2_000_000
    loud = Evidence(long, long, printed=long)
    checks = (check(long, FAILED, loud),) * 300
    huge = grade(
        stage("padding", criterion(long, *checks), printed=long), key="k" * 500, name=long
    )
    html = student_page(huge)
    assert len(html) < 400_000
    assert "characters more" in html
    assert len(class_page([huge], long)) < 100_000


# --- the class ----------------------------------------------------------------------------
def named(name, key, **more):
    return replace(MIXED, student=Student(key, name), **more)


def rows_of(html):
    return re.findall(r"<tr data-s.*?</tr>", html, re.S)


def test_the_class_page_has_a_row_a_student_and_a_column_a_criterion():
    html = class_page([named("Zoë", "z"), named("adam", "a")], "Autumn")
    page = Page(html)
    assert "Autumn" in page.text
    first, second = rows_of(html)
    assert "adam" in first
    assert 'href="students/z.html"' in second
    assert re.findall(r'<td class=(\w) title="(.*?)">(.)</td>', first) == [
        ("p", "padding size: passed", "✓"),
        ("f", "padding frame: failed", "✗"),
        ("b", "im2col rows: blocked", "○"),
        ("t", "im2col t: to do", "·"),
    ]
    assert page.values("scope").count("colgroup") == 2
    assert page.values("scope").count("col") == 3 + 4
    assert page.values("scope").count("row") == 2 + 1
    assert "2 of 2 graded 2 median of 9 points" in page.text


def test_students_of_one_name_are_told_apart():
    ada, other, bo = named("Ada Lee", "Ada_7"), named("ada lee", "Ada_8"), named("Bo", "b")
    page = shown(class_page([ada, replace(other, notes=("odd",)), bo], "t"))
    assert "Ada_8 (ada lee) : odd" in page and "Ada_7 (Ada Lee)" in page
    assert "b (Bo)" not in page


def test_criteria_that_only_some_have_get_a_column_at_their_place():
    some = grade(stage("padding", simple("a", PASSED), simple("c", PASSED)))
    more = grade(stage("padding", simple("rules", FAILED), *(simple(n, PASSED) for n in "abc")))
    html = class_page([some, more], "t")
    assert re.findall(r'data-by="\d+">(\w+)', html) == ["rules", "a", "b", "c"]
    assert 'data-o="npnp"' in html


def test_mistakes_are_counted_once_a_student_most_frequent_first():
    def makes(*sets):
        each = (check(f"c{i}", FAILED, mistakes=ms) for i, ms in enumerate(sets))
        return grade(stage("padding", criterion("a", *each)), key=str(len(sets)))

    def absent(key):
        what = Evidence(f"padding.py does not load: SyntaxError: {key}")
        return grade(stage("padding", criterion("a", check("c", FAILED, what))), key=key)

    rare = replace(SWAPPED, id="s13.padding.rare", name="is rare")
    other = replace(SWAPPED, id="s13.padding.other", name="is other")
    class_ = [
        makes((SWAPPED,), (SWAPPED, other), (SWAPPED,)),  # other: explained by what is alone
        makes((SWAPPED,)),
        makes((rare, SWAPPED), ()),  # either
        makes((), (), (), ()),
        *(absent(key) for key in "ab"),
    ]
    html = class_page(class_, "t")
    found = re.findall(r'class="count">(\d+)</span><span class="words">(.*?)</span>', html)
    assert found == [
        ("3", "pad2d exchanges height and width"),
        ("1", "pad2d is rare"),
        ("2", "padding.py does not load"),
        ("1", "fails, and no known mistake explains it"),
    ]


def test_what_is_refused_broken_slow_late_or_unreadable_is_pointed_at():
    late = Late("a", "b", 3, 10.0)
    class_ = [
        named("Late", "l", late=late, notes=("no time is known",)),
        Grade(Student("r", "Refused"), Standing.REFUSED, 9, reason="it is a bomb"),
        Grade(Student("b", "Broken"), Standing.BROKEN, 9, reason="no space left"),
        grade(stage("padding", simple("size", BROKEN)), key="s", name="Slow", seconds=77.7),
    ]
    html = class_page(class_, "t", unread=[("x.json", "not a grade")])
    text = shown(html)
    assert "1 file could not be read x.json : not a grade" in text
    assert "2 submissions refused or broken" in text
    assert "1 submission with a check that broke Slow : s13.padding size" in text
    assert "The slowest: 77.7 s" in text
    assert "1 refused 1 broken 1 late 1 unreadable" in text
    assert re.search(r'<td class="none" colspan="4"><b>refused</b> it is a bomb', html)
    assert '<abbr title="3 days late">L</abbr>' in html


def test_the_distribution_is_also_told_in_words():
    none = grade(stage("padding", simple("a", FAILED)))
    full = grade(stage("padding", simple("a", PASSED)))
    html = class_page([none, full, full], "t")
    assert "0 to 10: 1; 10 to 20: 0" in html
    assert "90 to 100: 2</title>" in html


def test_an_empty_class_is_a_page_too():
    assert "0 of 0 graded" in shown(class_page([], "t"))


def test_the_same_grades_make_the_same_bytes_in_whatever_order_they_come():
    class_ = [named(name, f"k{i}") for i, name in enumerate(("Eva", "Ada", "Mia", "eva"))]
    assert class_page(class_, "t") == class_page(reversed(class_), "t")
    assert student_page(MIXED) == student_page(MIXED)


# --- the command --------------------------------------------------------------------------
@pytest.fixture
def graded(tmp_path):
    """A folder as ``grader grade`` leaves it, with two grades."""
    folder = tmp_path / "grades"
    (folder / "results").mkdir(parents=True)
    for name, key in (("Ada", "ada_1"), ("Bo", "bo_2")):
        (folder / "results" / f"{key}.json").write_text(to_json(named(name, key)))
    return folder


def test_the_command_writes_a_class_and_a_page_a_student(graded, capfd):
    assert main(["report", str(graded), "--title", "My class"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert f"written: {graded / 'pages' / 'class.html'}" in out
    assert f"written: 2 in {graded / 'pages' / 'students'}" in out
    page = Page((graded / "pages" / "class.html").read_text(encoding="utf-8"))
    assert "My class" in page.text
    for link in (v for v in page.values("href") if v.startswith("students/")):
        assert (graded / "pages" / link).is_file()
    before = {p: p.read_bytes() for p in (graded / "pages").rglob("*.html")}
    assert main(["report", str(graded), "--title", "My class"]) == 0
    assert before == {p: p.read_bytes() for p in (graded / "pages").rglob("*.html")}


def test_hidden_checks_are_shown_only_when_asked_for(graded, tmp_path):
    key = VEILED.student.key
    (graded / "results" / f"{key}.json").write_text(to_json(VEILED))
    for option, told in ([], False), (["--show-hidden"], True):
        assert main(["report", str(graded), "--out", str(tmp_path / "out"), *option]) == 0
        text = (tmp_path / "out" / "students" / f"{key}.html").read_text(encoding="utf-8")
        assert ("SECRET" in text) is told


def test_a_file_that_is_no_grade_is_listed_and_the_rest_goes_on(graded, capfd):
    (graded / "results" / "torn.json").write_text('{"student": {')
    (graded / "results" / "copy.json").write_text(to_json(named("Ada", "ada_1")))
    (graded / "results" / "a\nb.json").write_text(to_json(named("Ada", "a\nb")))
    assert main(["report", str(graded)]) == 1
    out, err = capfd.readouterr()
    assert "written: 2 in" in out
    text = shown((graded / "pages" / "class.html").read_text(encoding="utf-8"))
    for name in ("torn.json", "copy.json", "a b.json"):
        assert name in text
    assert "3 unreadable" in text
    assert err.count("no page:") == 3
    assert "made anew by the same grader grade command" in err


def test_who_is_gone_from_the_class_has_no_new_page(graded, capfd):
    assert main(["report", str(graded)]) == 0
    (graded / "grading.json").write_text('{"gone": ["bo_2"]}')
    capfd.readouterr()
    assert main(["report", str(graded)]) == 0
    out, err = capfd.readouterr()
    assert "written: 1 in" in out
    said = " ".join(err.split())
    assert "left out of reports and exports: bo_2" in said
    assert "Pages of an earlier report, which stay until you remove them: bo_2" in said
    assert "bo_2" not in (graded / "pages/class.html").read_text(encoding="utf-8")


def test_a_folder_without_grades_is_wrong_use(tmp_path, capfd):
    assert main(["report", str(tmp_path)]) == 2
    assert "holds no grades" in " ".join(capfd.readouterr().err.split())


@pytest.mark.parametrize("theirs", ["class.html", "students/bo_2.html"])
def test_a_page_of_somebody_else_is_left_alone(graded, tmp_path, capfd, theirs):
    mine = tmp_path / "site" / theirs
    mine.parent.mkdir(parents=True)
    mine.write_text("<h1>my own page</h1>")
    assert main(["report", str(graded), "--out", str(tmp_path / "site")]) == 2
    assert "is left as it is" in " ".join(capfd.readouterr().err.split())
    assert mine.read_text() == "<h1>my own page</h1>"


def test_pages_are_not_put_among_hand_ins(graded, tmp_path, capfd):
    (tmp_path / "subs" / "ada").mkdir(parents=True)
    assert main(["report", str(graded), "--out", str(tmp_path / "subs")]) == 2
    assert "holds other things than pages" in " ".join(capfd.readouterr().err.split())
    assert [path.name for path in (tmp_path / "subs").iterdir()] == ["ada"]


def test_a_link_is_not_followed_out_of_the_folder(graded, tmp_path):
    target = tmp_path / "precious"
    target.write_text("precious")
    (graded / "pages").mkdir()
    (graded / "pages" / "class.html").symlink_to(target)
    assert main(["report", str(graded)]) == 2
    assert target.read_text() == "precious"


# --- in a browser -------------------------------------------------------------------------
STAGES = {"padding": 5, "im2col": 5, "conv": 7, "pooling": 7, "lenet": 7}


def synthetic(n):
    """The grade of student `n`: every outcome occurs, no two neighbours are alike."""
    if n % 97 == 5:
        return Grade(Student(f"s{n:04}", f"Student {n:04}"), Standing.REFUSED, 62, reason="a bomb")
    outcomes = (PASSED, PASSED, PASSED, FAILED, TODO, BLOCKED)
    stages = []
    for place, (name, count) in enumerate(STAGES.items()):
        mistake = NamedMistake(f"s13.{name}.m{n % 7}", "f", f"does {n % 7}", ("Look.",))
        criteria = []
        for i in range(count):
            outcome = outcomes[(n * 7 + place * 3 + i * (n % 5 + 1)) % 6]
            found = (mistake,) if outcome is FAILED else ()
            criteria.append(criterion(f"c-{i}", check("c", outcome, mistakes=found)))
        stages.append(stage(name, *criteria))
    return grade(*stages, key=f"s{n:04}", name=f"Student {n:04}", seconds=1 + n % 31)


@pytest.fixture(scope="module")
def big_class(tmp_path_factory):
    """The page of 1,000 students with 31 criteria, and the page of one of them."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "class.html").write_text(class_page(map(synthetic, range(1000)), "Big"), "utf-8")
    (folder / "students").mkdir()
    for n in range(1000):
        (folder / "students" / f"s{n:04}.html").write_text("", "utf-8")
    (folder / "one.html").write_text(student_page(MIXED), "utf-8")
    (folder / "bad.html").write_text(class_page(hostile_grades(), HOSTILE), "utf-8")
    return folder


def opened(browser, path, width=1280, scheme="light"):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    browser.get(path.as_uri())
    return browser.execute_script


VISIBLE = "[...document.querySelectorAll('#grid tbody tr')].filter(r => !r.hidden)"
NAMES = f"return {VISIBLE}.map(r => r.cells[0].textContent)"
# Contrast of every visible text with what lies behind it, as WCAG 2 counts it; the worst first.
CONTRAST = r"""
const light = (c) => c <= 10 ? c / 255 / 12.92 : ((c / 255 + .055) / 1.055) ** 2.4;
const parse = (text) => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
const luminance = ([r, g, b]) => .2126 * light(r) + .7152 * light(g) + .0722 * light(b);
const behind = (node) => {
  for (; node; node = node.parentElement) {
    const colour = parse(getComputedStyle(node).backgroundColor);
    if (colour.length < 4 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const worst = new Map();
for (let seen = 0; walker.nextNode() && seen < 3000; seen++) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest('svg')) continue;
  const style = getComputedStyle(node);
  const pair = [luminance(parse(style.color)), luminance(behind(node))].sort((a, b) => b - a);
  const ratio = (pair[0] + .05) / (pair[1] + .05);
  const name = node.tagName + '.' + node.className;
  worst.set(name, Math.min(ratio, worst.get(name) ?? 99));
}
return [...worst].sort((a, b) => a[1] - b[1]).slice(0, 5);
"""


def test_a_class_of_a_thousand_is_searched_filtered_and_sorted(browser, big_class):
    page = big_class / "class.html"
    assert page.stat().st_size < 6_000_000
    run = opened(browser, page)
    assert len(run(NAMES)) == 1000
    assert run("return document.querySelectorAll('#grid tbody td').length") > 30_000

    # Search narrows, and what it finds is counted.
    search = browser.find_element("id", "search")
    search.send_keys("student s012")
    assert run(NAMES) == [f"Student 012{i}" for i in range(10)]
    assert run("return shown.textContent") == "10 of 1000 students"
    search.send_keys("zzz")
    assert run("return none.hidden") is False
    run("again.click()")
    assert len(run(NAMES)) == 1000

    # A mistake shows its students, and once more shows all.
    click = "document.querySelector('button.mistake').click();"
    count = int(run("return document.querySelector('.mistake .count').textContent"))
    assert len(run(click + NAMES)) == count < 1000
    assert run("return document.querySelectorAll('.mistake[aria-pressed=true]').length") == 1
    assert len(run(click + NAMES)) == 1000
    run("standing.value = 'refused'; standing.dispatchEvent(new Event('change'))")
    assert run(NAMES) == [f"Student {n:04}" for n in range(1000) if n % 97 == 5]
    run("tools.reset()")

    # Sort by time, by a criterion, by points, twice by name; a layout each.
    def sort(by):
        button = f"document.querySelector('[data-by=\"{by}\"]')"
        run(f"{button}.click(); document.body.offsetHeight")
        return run(f"return {button}.closest('th').getAttribute('aria-sort')")

    assert sort("time") == "descending"
    seconds = run(f"return {VISIBLE}.map(r => Number(r.dataset.time))")
    assert seconds == sorted(seconds, reverse=True)
    assert sort("6") == "ascending"
    codes = run(f"return {VISIBLE}.map(r => r.dataset.o[6] || 'n')")
    assert codes == sorted(codes, key="xfbtrpn".index)
    assert sort("mark") == "descending"
    marks = run(f"return {VISIBLE}.map(r => r.dataset.o ? Number(r.dataset.mark) : -1)")
    assert marks == sorted(marks, reverse=True)
    assert sort("name") == "ascending"
    assert sort("name") == "descending"
    assert run(NAMES)[0] == "Student 0999"
    assert run("return document.querySelectorAll('[aria-sort]').length") == 1
    assert browser.get_log("browser") == []


def test_the_grid_works_by_keyboard(browser, big_class):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    run = opened(browser, big_class / "class.html")
    focused = (
        "const cell = document.activeElement.closest('td, th');"
        "return [cell.parentElement.cells[0].textContent, cell.cellIndex]"
    )

    def press(*keys):
        ActionChains(browser).send_keys(*keys).perform()
        return run(focused)

    run("document.querySelector('[data-by=\"30\"]').focus()")
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    assert run("return document.activeElement.closest('th').getAttribute('aria-sort')")
    run("document.querySelector('[data-by=name]').click()")
    run("document.querySelector('[data-by=\"30\"]').focus()")
    assert press(Keys.TAB) == ["Student 0000", 0]  # one stop for a thousand rows
    assert press(Keys.ARROW_DOWN, Keys.ARROW_DOWN) == ["Student 0002", 0]
    assert press(Keys.ARROW_RIGHT) == ["Student 0002", 1]
    assert press(Keys.END) == ["Student 0002", 33]
    assert press(Keys.ARROW_RIGHT) == ["Student 0002", 33]
    assert press(*[Keys.ARROW_DOWN] * 3) == ["Student 0005", 3]  # refused: one wide cell
    assert press(Keys.ARROW_DOWN) == ["Student 0006", 33]
    assert press(Keys.HOME) == ["Student 0006", 0]
    assert press(Keys.PAGE_UP) == ["Student 0000", 0]
    ActionChains(browser).send_keys(Keys.ARROW_RIGHT, Keys.ENTER).perform()
    assert browser.current_url.endswith("students/s0000.html")


def test_on_a_phone_only_the_grid_scrolls_sideways(browser, big_class):
    for name in ("class.html", "one.html", "bad.html"):
        run = opened(browser, big_class / name, width=390)
        run("for (const each of document.querySelectorAll('details')) each.open = true")
        assert run("return document.documentElement.scrollWidth") <= 390, name
    run = opened(browser, big_class / "class.html", width=390)
    wide, box = run(
        "const b = document.querySelector('.box'); return [b.scrollWidth, b.clientWidth]"
    )
    assert wide > box
    # The name stays in sight when the box is scrolled to its end.
    run("document.querySelector('.box').scrollLeft = 99999")
    name = run("return document.querySelector('#grid tbody th').getBoundingClientRect().left")
    assert 0 <= name < 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_by_day_and_by_night(browser, big_class, scheme):
    for name in ("class.html", "one.html"):
        run = opened(browser, big_class / name, scheme=scheme)
        paper = run("return getComputedStyle(document.body).backgroundColor")
        assert (int(re.search(r"\d+", paper)[0]) < 128) is (scheme == "dark")
        run("for (const each of document.querySelectorAll('details')) each.open = true")
        worst = run(CONTRAST)
        assert worst[0][1] >= 4.5, (name, worst)


NOTEBOOK = """<!doctype html><body {}><style>.jp td, .jp tr:nth-child(odd) {{ padding: 40px;
background: red; text-align: right }} .jp pre {{ background: none }}</style>
<h2 class="stage title">Mine</h2><p class="line">Mine</p><div class="jp">{}</div></body>"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("body", "dark"),
    [
        ("", None),
        ('data-jp-theme-light="true"', False),
        ('data-jp-theme-light="false"', True),
        ('class="vscode-light"', False),
        ('class="vscode-dark"', True),
        ('class="vscode-high-contrast"', True),
        ('class="vscode-high-contrast vscode-high-contrast-light"', False),
    ],
)
def test_a_fragment_follows_the_theme_around_it_and_changes_nothing_there(
    browser, tmp_path, body, dark, scheme
):
    for name, html in (("with", verdict_fragment(MIXED.report)), ("without", "")):
        (tmp_path / f"{name}.html").write_text(NOTEBOOK.format(body, html), "utf-8")
    mine = (
        "return [...document.querySelectorAll('body, body > h2, body > p')].map(each =>"
        " ['color', 'font', 'margin', 'padding', 'border', 'display', 'background', 'colorScheme']"
        ".map(name => getComputedStyle(each)[name]))"
    )
    before = opened(browser, tmp_path / "without.html", scheme=scheme)(mine)
    run = opened(browser, tmp_path / "with.html", scheme=scheme)
    assert run(mine) == before
    card = run("return getComputedStyle(document.querySelector('section')).backgroundColor")
    is_dark = int(re.search(r"\d+", card)[0]) < 128
    assert is_dark is ((scheme == "dark") if dark is None else dark)
    # The page's own rules do not reach in.
    cell = "getComputedStyle(document.querySelector('.panel tbody td'))"
    assert run(f"return [{cell}.textAlign, {cell}.backgroundColor]") != ["right", "rgb(255, 0, 0)"]
    assert float(run(f"return {cell}.paddingTop").removesuffix("px")) < 20
    run("for (const each of document.querySelectorAll('details')) each.open = true")
    worst = run(CONTRAST.replace("document.body", "document.querySelector('section')"))
    assert worst[0][1] >= 4.5, worst


def test_hostile_texts_run_nothing(browser, big_class):
    run = opened(browser, big_class / "bad.html")
    assert run("return document.scripts.length") == 1
    assert "alert(1)" in run("return document.body.textContent")
    assert browser.get_log("browser") == []  # no alert, no refusal by the policy: nothing tried
