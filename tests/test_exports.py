"""Exports: each format against its documented shape, and the command that writes them."""

import base64
import csv
import dataclasses
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import grades, results
from grader.cli import main
from grader.errors import UsageError
from grader.gradebook import read_grades, read_one
from grader.grades import FollowThrough, Grade, Late, Standing, Student
from grader.render.canvas import canvas_csv
from grader.render.classroom import classroom_payload
from grader.render.classroom50 import classroom50_result
from grader.render.feedback import feedback
from grader.render.gradescope import VISIBILITIES, failure_results, gradescope_results
from grader.render.junit import junit_xml, legal
from grader.render.moodle import moodle_csv
from grader.render.sheet import csv_text, harmless, read_roster
from grader.results import (
    CheckResult,
    CriterionResult,
    Evidence,
    NamedMistake,
    Outcome,
    Report,
    Sandbox,
    StageResult,
)

EXPECTED = Path(__file__).parent / "expected"
PASSED, FAILED, TODO, BLOCKED, BROKEN = Outcome
SECRET = "the hidden shape is (7, 5)"
MISTAKE = NamedMistake("s13.padding.both", "pad2d", "pads every axis", ("Look at N.", "b", "c"))


def check(outcome, *, hidden=False, title="A small image gets a frame", what="it is 3, not 4"):
    evidence = Evidence(SECRET if hidden else what) if outcome is not PASSED else None
    mistakes = (MISTAKE,) if outcome is FAILED and not hidden else ()
    return CheckResult("test_it", title, hidden, outcome, 0.25, evidence, mistakes=mistakes)


def criterion(*checks, points=3, name="frame"):
    return CriterionResult(name, "pads height and width", points, checks)


def report(*stages):
    return Report("s13", "student", stages, Sandbox("L1"), "2026-01-01T00:00:00+00:00", 1.5)


def graded(key="doejane_7", *criteria, name="Jane Doe", email="jane@example.edu", id="7", **more):
    criteria = criteria or (criterion(check(PASSED)), criterion(check(FAILED), name="sides"))
    found = report(StageResult("s13.padding", "Padding", tuple(criteria)))
    possible = sum(c.points for c in criteria)
    student = Student(key, name, email, id)
    return Grade(student, Standing.GRADED, possible, report=found, **more)


def refused(key="roe_8", reason="it is no zip file"):
    return Grade(Student(key, "Ron Roe", "ron@example.edu", "8"), Standing.REFUSED, 6, reason)


def broken(key="poe_9"):
    return Grade(Student(key, "Pia Poe", "pia@example.edu", "9"), Standing.BROKEN, 6, "it died")


def table(text):
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def class_of(tmp_path):
    """Writes grades where ``grader grade`` would."""

    def write(*found):
        folder = tmp_path / "grades"
        (folder / "results").mkdir(parents=True, exist_ok=True)
        for grade in found:
            path = folder / "results" / f"{grade.student.key}.json"
            path.write_text(grades.to_json(grade), encoding="utf-8")
        return folder

    return write


def export(*arguments):
    return main(["export", *map(str, arguments)])


# --- the grades of a class ----------------------------------------------------------------
def test_grades_come_in_the_order_of_their_keys(class_of):
    folder = class_of(graded("b"), graded("a"), graded("a-2"), graded("B"))
    found, unreadable = read_grades(folder)
    assert [grade.student.key for grade in found] == ["B", "a", "a-2", "b"]
    assert unreadable == []


def test_grades_are_read_one_at_a_time(class_of):
    folder = class_of(graded("a"), graded("b"))
    found, unreadable = read_grades(folder)
    next(found)
    (folder / "results" / "b.json").write_text("{}")  # had it been read before, it would do
    assert list(found) == []
    assert [each.path.name for each in unreadable] == ["b.json"]


def test_files_that_hold_no_grade_are_told_and_the_rest_is_read(class_of):
    folder = class_of(graded("good"), graded("z"))
    there = folder / "results"
    (there / "z.json").rename(there / "copy of z.json")
    (there / "cut.json").write_text('{"student": {"key"')
    (there / "deep.json").write_text("[" * 100_000)
    (there / "binary.json").write_bytes(b"\xff\xfe\0")
    (there / "folder.json").mkdir()
    (there / ".new-x.json").write_text("a file that is being written")
    found, unreadable = read_grades(folder)
    assert [grade.student.key for grade in found] == ["good"]
    why = {each.path.name: each.why for each in unreadable}
    assert set(why) == {"copy of z.json", "cut.json", "deep.json", "binary.json", "folder.json"}
    assert "grade of 'z'" in why["copy of z.json"]


def test_a_folder_without_grades_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no grades"):
        read_grades(tmp_path)


def test_a_report_is_read_as_a_grade_of_nobody(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(results.to_json(graded().report))
    found = read_one(path)
    assert (found.earned, found.possible, found.student.key) == (3, 6, "")
    path.write_text("{}")
    with pytest.raises(UsageError, match=r"neither a grade .* nor|neither a grade"):
        read_one(path)


# --- CSV ----------------------------------------------------------------------------------
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))


@given(st.lists(st.lists(cells, min_size=2, max_size=4), max_size=5))
def test_what_is_written_as_csv_is_read_back(rows):
    assert table(csv_text(rows)) == rows


@given(st.text())
def test_no_text_is_a_formula(text):
    cell = harmless(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))
    assert table(csv_text([[cell, "x"]]))[0][1] == "x"


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_plain_words_stay_as_they_are(text):
    assert harmless(f"{text}, O'Neil-Smith") == f"{text}, O'Neil-Smith"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_a_name_that_is_a_formula_becomes_text(name):
    for text in (
        canvas_csv([graded(name=name)], "A (1)").text,
        moodle_csv([graded()], roster=worksheet(name=name)).text,
    ):
        assert [c for row in table(text) for c in row if c.startswith("'")], text
        assert name not in [cell for row in table(text) for cell in row]


# --- Canvas -------------------------------------------------------------------------------
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


def gradebook(*rows, points="6.0"):
    lines = [
        "Student,ID,SIS User ID,SIS Login ID,Section,Convolution (1234),Current Score",
        ",,,,,Manual Posting,",
        f"    Points Possible,,,,,{points},(read only)",
        *rows,
    ]
    return read_roster("\ufeff" + "\n".join(lines) + "\n", "gradebook.csv")


def test_canvas_gets_its_columns_the_points_and_a_row_for_each_student():
    late = Late("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", 1, 25.0)
    one = graded("a", name='Doe, "Jane"\nJ. Ä')
    canvas = graded("b", name="", email="", id="11", late=late)
    sheet = canvas_csv([one, canvas, refused()], "Convolution (1234)")
    assert table(sheet.text) == [
        [*CANVAS, "Convolution (1234)"],
        ["    Points Possible", "", "", "", "", "6"],
        ['Doe, "Jane"\nJ. Ä', "", "", "", "", "3"],
        ["b", "11", "", "", "", "2.25"],
        ["Ron Roe", "", "", "", "", ""],
    ]
    assert sheet.missing == ()
    assert sheet.empty == ("roe_8: refused: it is no zip file",)
    assert sheet.remarks == ("2 rows have a name and no Canvas ID; better use --roster",)


@pytest.mark.parametrize("title", ["", "Convolution", "Convolution (a)", "(12)", "Conv (12) x"])
def test_canvas_without_the_assignments_id_is_refused(title):
    with pytest.raises(UsageError, match="new assignment"):
        canvas_csv([], title)


def test_canvas_for_a_class_of_nobody():
    sheet = canvas_csv([], "Convolution (1234)")
    assert table(sheet.text) == [
        [*CANVAS, "Convolution (1234)"],
        ["    Points Possible", "", "", "", "", ""],
    ]


def test_a_grading_that_broke_is_no_zero():
    sheet = canvas_csv([broken(), graded()], "Convolution (1234)")
    assert [row[-1] for row in table(sheet.text)[2:]] == ["", "3"]
    assert "our fault" in sheet.empty[0]


def test_rows_and_ids_come_from_the_roster_by_id_then_login_then_name():
    roster = gradebook(
        '"Doe, Jane",7,S1,jd1,A,1,50',
        '"Roe, Ron",100,S2,ron@example.edu,A,2,',
        '"Zoë, Äda",101,S3,az,B,,',
        '"=Gone, Guy",102,S4,gg,B,4.5,',
    )
    found = [
        graded("by_id", name="", email=""),
        refused("by_mail"),
        graded("by_name", name="äda zoë", email="", id=""),
        graded("stranger", name="Nobody", email="", id="55"),
        broken(),
    ]
    sheet = canvas_csv(found, "Convolution (1234)", roster)
    assert table(sheet.text) == [
        [*CANVAS, "Convolution (1234)"],
        ["    Points Possible", "", "", "", "", "6"],
        ["Doe, Jane", "7", "S1", "jd1", "A", "3"],
        ["Roe, Ron", "100", "S2", "ron@example.edu", "A", ""],
        ["Zoë, Äda", "101", "S3", "az", "B", "3"],
        ["'=Gone, Guy", "102", "S4", "gg", "B", "4.5"],
    ]
    assert [line.split(":")[0] for line in sheet.missing] == ["stranger"]
    assert [line.split(":")[0] for line in sheet.empty] == ["by_mail", "poe_9"]
    assert "=Gone, Guy: no grade, the cell stays as it is" in sheet.remarks
    assert not any(remark.startswith("Roe, Ron") for remark in sheet.remarks)
    assert "by_name (äda zoë): found by name alone" in sheet.remarks


def test_a_folder_that_is_named_after_a_login_finds_its_row():
    nobody = {"name": "", "email": "", "id": ""}
    roster = gradebook('"Doe, Jane",7,,jdoe,A,,')
    sheet = canvas_csv([graded("JDoe", **nobody)], "Convolution (1234)", roster)
    assert table(sheet.text)[2][-1] == "3"
    sheet = moodle_csv([graded("jane@example.edu", **nobody)], roster=worksheet())
    assert table(sheet.text)[1][4] == "3"
    assert sheet.missing == ()


def test_one_row_takes_one_grade_and_a_name_of_two_is_nobodys():
    roster = gradebook('"Doe, Jane",7,,,A,,', '"Lee, Kim",1,,,A,,', '"Lee, Kim",2,,,B,,')
    two = [graded("first"), graded("second"), graded("kim", name="Kim Lee", email="", id="")]
    sheet = canvas_csv(two, "Convolution (1234)", roster)
    assert [row[-1] for row in table(sheet.text)[2:]] == ["3", "", ""]
    assert any("second: Doe, Jane has another grade" in line for line in sheet.missing)
    assert any(line.startswith("kim: ") for line in sheet.missing)


def test_a_number_of_another_platform_gives_nobody_elses_grade():
    roster = gradebook(
        '"Young, Xavier",100,S1,xavier@example.edu,A,,',
        '"Smith, Ann",200,S2,ann@example.edu,A,,',
        '"Lee, Sue",300,,,A,,',
        '"Lee, Kim",400,,,A,,',
        '"Gray, Ed",500,S5,other@example.edu,A,,',
    )
    found = [
        graded("ann", name="Ann Smith", email="ann@example.edu", id="100"),
        graded("kim", name="Kim Lee", email="kim@example.edu", id="300"),
        graded("guest", name="Guy Guest", email="", id="200"),
        graded("ed", name="Eddie Fox", email="ed@example.edu", id="500"),
    ]
    sheet = canvas_csv(found, "Convolution (1234)", roster)
    assert [row[-1] for row in table(sheet.text)[2:]] == ["", "3", "", "3", ""]
    says = "who has the same number or login, but another"
    assert sheet.missing == (
        f"guest: not given to Smith, Ann, {says} name",
        f"ed: not given to Gray, Ed, {says} e-mail address",
    )
    assert any(
        r.startswith("kim: found by name alone; not given to Lee, Sue") for r in sheet.remarks
    )


def test_the_same_address_and_another_name_is_told():
    roster = gradebook('"Doe, Jonathan",7,,jane@example.edu,A,,')
    sheet = canvas_csv([graded(name="Johnny Roe")], "Convolution (1234)", roster)
    assert table(sheet.text)[2][-1] == "3"
    assert sheet.remarks == (
        "doejane_7: Johnny Roe is Doe, Jonathan in the roster; the same person?",
    )


def test_a_gradebook_with_semicolons_two_name_columns_and_other_points():
    text = (
        "LastName;FirstName;ID;SIS User ID;SIS Login ID;Section;Convolution (1234)\n"
        "Points Possible;;;;;;100,0\nDoe;Jane;7;;;A;\n"
    )
    sheet = canvas_csv([graded()], "Conv (1234)", read_roster(text, "x"))
    assert table(sheet.text)[2] == ["Doe", "Jane", "7", "", "", "A", "3"]
    assert any("Canvas has 100 points" in remark for remark in sheet.remarks)


def test_the_points_that_canvas_has_too_are_no_remark():
    sheet = canvas_csv([graded()], "Convolution (1234)", gradebook('"Doe, Jane",7,,,A,,'))
    assert sheet.remarks == ()
    sheet = canvas_csv([graded()], "Other (99)", gradebook('"Doe, Jane",7,,,A,,'))
    assert any("is the id right?" in remark for remark in sheet.remarks)


def test_a_roster_that_is_no_gradebook_is_refused():
    with pytest.raises(UsageError, match="no gradebook"):
        canvas_csv([graded()], "A (1)", read_roster("a,b\n1,2\n", "x"))
    with pytest.raises(UsageError, match="empty"):
        read_roster("\n", "x")


# --- Moodle -------------------------------------------------------------------------------
def worksheet(*rows, name="Jane Doe", most="10.00"):
    header = (
        "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments"
    )
    row = ["Participant 7", name, "jane@example.edu", "Submitted", "", most, "Yes", "-", "-", ""]
    return read_roster("\n".join([header, csv_text([row]), *rows]), "worksheet.csv")


def test_moodle_gets_one_key_the_grade_and_feedback():
    sheet = moodle_csv([graded(), refused(), broken()])
    header, jane, ron, pia = table(sheet.text)
    assert header == ["Email address", "Grade", "Feedback"]
    assert jane[:2] == ["jane@example.edu", "3"]
    assert jane[2].startswith("3 of 6 points (padding 3/6). First to fix: s13.padding")
    assert "Looks like: pad2d pads every axis." in jane[2]
    assert ron == [
        "ron@example.edu",
        "",
        "Your submission could not be read: it is no zip file.",
    ]
    assert pia == ["pia@example.edu", "", ""]
    assert [line.split(":")[0] for line in sheet.empty] == ["roe_8", "poe_9"]
    by_id = table(moodle_csv([graded()], "id").text)
    assert [by_id[0][0], by_id[1][0]] == ["ID number", "7"]


def test_a_student_without_an_address_is_told_and_not_lost_silently():
    sheet = moodle_csv([graded("a", email=""), graded("b")])
    assert len(table(sheet.text)) == 2
    assert sheet.missing == ("a: no e-mail address is known; use --roster WORKSHEET",)


def test_a_number_of_a_folders_name_is_no_id_number_of_moodle():
    moodle = graded("jane_128", email="", id="128")
    canvas = graded("doejane_100", name="", email="", id="100")
    sheet = moodle_csv([moodle, canvas, graded(id="S-7")], "id")
    assert [row[0] for row in table(sheet.text)] == ["ID number", "S-7"]
    assert sheet.missing == (
        "jane_128: 128 is no known ID number; use --roster WORKSHEET",
        "doejane_100: 100 is no known ID number; use --roster WORKSHEET",
    )


@pytest.mark.parametrize("match", ["email", "id"])
def test_moodle_gets_one_grade_for_each_it_knows(match):
    sheet = moodle_csv([graded("a"), graded("b")], match)
    assert len(table(sheet.text)) == 2
    (told,) = sheet.missing
    assert told.startswith("b: ") and "has another grade already" in told


def test_a_worksheet_keeps_its_columns_and_gets_grades():
    roster = worksheet(
        "Participant 8,Ron Roe,ron@example.edu,-,5.00,10.00,No,-,-,old",
        'Participant 77,"Gone, Guy",,-,,10.00,Yes,-,"Monday, 1 June",',
    )
    ron = graded("roe_8", email="ron@example.edu", id="8")
    sheet = moodle_csv([graded(email=""), ron], roster=roster)
    header, jane, ron, guy = table(sheet.text)
    assert header == list(roster.header)
    assert jane[:9] == [*roster.rows[0][:4], "3", *roster.rows[0][5:9]]
    assert jane[9].startswith("3 of 6 points")
    assert (ron, guy) == (list(roster.rows[1]), list(roster.rows[2]))
    assert sheet.missing == ("roe_8: Moodle says that the grade cannot be changed",)
    assert "Participant 77 Gone, Guy: no grade, the row stays as it is" in sheet.remarks


def test_who_was_refused_keeps_the_row_of_the_worksheet():
    roster = worksheet("Participant 8,Ron Roe,ron@example.edu,-,,6.00,Yes,-,-,", most="6.00")
    sheet = moodle_csv([graded(), refused()], roster=roster)
    assert table(sheet.text)[2] == list(roster.rows[1])
    assert sheet.empty == ("roe_8: refused: it is no zip file",)
    assert sheet.missing == sheet.remarks == ()


def test_a_worksheet_of_other_points_is_told():
    (told,) = moodle_csv([graded()], roster=worksheet(most="100,00")).remarks
    assert told == "Moodle's maximum grade is 100, the grades are out of 6"
    assert moodle_csv([graded()], roster=worksheet(most="6.00")).remarks == ()
    assert moodle_csv([graded()], roster=worksheet(most="-")).remarks == ()


def test_a_worksheet_matches_by_address_where_the_number_is_unknown():
    sheet = moodle_csv([graded(id="", email="JANE@example.edu")], roster=worksheet())
    assert table(sheet.text)[1][4] == "3"


def test_a_participants_number_of_another_platform_is_nobodys():
    roster = worksheet(
        "Participant 100,Xavier Young,xavier@example.edu,-,,10.00,Yes,-,-,",
        "Participant 8,Ron Roe,,-,,10.00,Yes,-,-,",
    )
    found = [
        graded("ann", name="Ann Smith", email="ann@example.edu", id="100"),
        graded("canvas_7", name="", email="", id="7"),
        graded("guest", name="Guy Guest", email="", id="8"),
        graded("jane", id="100"),
        graded("xavier", name="X. Young", email="", id="100"),
    ]
    sheet = moodle_csv(found, roster=roster)
    assert [row[4] for row in table(sheet.text)[1:]] == ["3", "3", ""]
    says = "who has the same number, but another"
    assert sheet.missing == (
        f"ann: not given to Xavier Young, {says} e-mail address",
        "canvas_7: not in the worksheet",
        f"guest: not given to Ron Roe, {says} name",
    )
    assert "xavier: X. Young is Xavier Young in the roster; the same person?" in sheet.remarks


def test_whom_an_address_leads_to_a_row_comes_before_a_number():
    first = graded("a", email="", id="7")
    sheet = moodle_csv([first, graded("b", id="")], roster=worksheet())
    assert sheet.missing == ("a: Participant 7 has another grade already",)


def test_more_points_than_moodle_takes_are_told():
    sheet = moodle_csv([graded()], roster=worksheet(most="2,50"))
    assert "more than Moodle's maximum grade of 2.5" in sheet.missing[0]
    assert table(sheet.text)[1][4] == ""


def test_a_roster_that_is_no_worksheet_is_refused():
    with pytest.raises(UsageError, match="no grading worksheet"):
        moodle_csv([graded()], roster=gradebook())


@given(st.text(), st.text())
def test_feedback_is_one_short_line_that_is_no_formula_and_no_html(reason, what):
    found = criterion(dataclasses.replace(check(FAILED), evidence=Evidence(what)))
    for grade in (refused(reason=reason), graded("a", found), broken()):
        sheet = moodle_csv([dataclasses.replace(grade, standing=grade.standing)])
        for row in table(sheet.text)[1:]:
            if grade.standing is Standing.BROKEN:
                assert row[1:] == ["", ""]
                continue
            assert row[2].strip()
            assert len(row[2]) <= 2001
            assert not set(row[2]) & set("<>\n\r\t\0")
            assert row[2][0] not in "=+-@"


def test_feedback_names_lateness_follow_through_and_that_all_is_well():
    late = Late("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", 1, 10.0)
    again = FollowThrough(StageResult("s13.padding", "Padding", ()), ("s13.im2col",))
    text = feedback(graded("a", criterion(check(PASSED), points=10), late=late, followed=(again,)))
    assert text.startswith(
        "9 of 10 points (padding 10/10). 10 % of 10 points are taken off: 1 day"
    )
    assert "checked again with the reference in place of s13.im2col" in text
    assert text.endswith("Everything passed.")


def test_feedback_says_what_is_wrong_with_a_file_as_a_whole():
    absent = criterion(*(check(FAILED, hidden=h, what="there is no padding.py") for h in (0, 0)))
    assert "First to fix: s13.padding, there is no padding.py." in feedback(graded("a", absent))
    one_of_two = criterion(check(FAILED, what="there is no padding.py"), check(FAILED))
    assert "First to fix: s13.padding, pads height" in feedback(graded("a", one_of_two))


def test_feedback_tells_nothing_that_only_a_hidden_check_knows():
    hidden = criterion(check(PASSED), check(FAILED, hidden=True))
    assert SECRET not in feedback(graded("a", hidden))


# --- Gradescope ---------------------------------------------------------------------------
TEXT = {"type": "string"}
GRADESCOPE = json.loads((EXPECTED / "gradescope.schema.json").read_text())


def odd():
    """A grade with everything that can be odd about one."""
    return graded(
        "odd",
        criterion(check(PASSED), check(FAILED, hidden=True)),
        criterion(check(TODO), name="todo"),
        criterion(check(BLOCKED), name="blocked"),
        criterion(check(BROKEN, what="\x1b[31m\0 ]]> &<\ud800\u202e"), name="broken"),
        criterion(name="without checks"),
        CriterionResult("rules", "uses scipy", 0, (check(FAILED),)),
    )


EVERY = [graded(), refused(), broken(), odd(), graded("a", criterion(check(PASSED)))]


@pytest.mark.parametrize("grade", EVERY, ids=lambda grade: grade.student.key)
@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_gradescope_results_have_the_documented_shape(grade, visibility):
    found = json.loads(json.dumps(gradescope_results(grade, visibility)))
    jsonschema.validate(found, GRADESCOPE)
    assert found["score"] == grade.mark
    assert "\x1b" not in json.dumps(found, ensure_ascii=False)


def test_what_hidden_checks_found_is_shown_when_it_was_chosen():
    hidden = criterion(check(PASSED), check(FAILED, hidden=True))
    (shown, veiled) = gradescope_results(graded("a", hidden), "hidden")["tests"]
    assert (shown["visibility"], veiled["visibility"]) == ("visible", "hidden")
    assert (shown["score"], shown["max_score"]) == (0, 3)
    assert "score" not in veiled  # a hidden score would hide the total
    assert SECRET in veiled["output"]
    assert SECRET not in json.dumps(shown)
    assert "a hidden check of this criterion does not" in shown["output"]


def test_the_points_of_a_followed_stage_and_a_penalty_count():
    again = StageResult("s13.padding", "Padding", (criterion(check(PASSED)),))
    late = Late("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", 1, 50.0)
    found = gradescope_results(
        graded(
            "a",
            criterion(check(BLOCKED)),
            followed=(FollowThrough(again, ("s13.first",)),),
            late=late,
        )
    )
    assert found["score"] == 1.5
    assert found["tests"][0]["score"] == 3
    assert found["tests"][0]["status"] == "passed"


def test_our_own_failure_is_a_result_too():
    found = failure_results("no sandbox")
    jsonschema.validate(found, GRADESCOPE)
    assert found["score"] == 0
    assert "the grader's fault, not yours" in found["output"]


# --- Classroom 50 -------------------------------------------------------------------------
POINTS = {"type": "integer", "minimum": 0}
SOME = {"type": "string", "minLength": 1}
CLASSROOM50 = {
    "type": "object",
    "required": [
        *["schema", "classroom", "assignment", "submission", "commit", "release", "review"],
        *["datetime", "score", "max-score", "tests"],
    ],
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        **dict.fromkeys("classroom assignment submission commit release review".split(), SOME),
        "datetime": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "score": POINTS,
        "max-score": POINTS,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["test-name", "passed", "score", "max-score"],
                "properties": {
                    "test-name": SOME,
                    "passed": {"type": "boolean"},
                    "score": POINTS,
                    "max-score": POINTS,
                },
            },
        },
    },
}
RUNNER = {
    "CLASSROOM": "cs1",
    "ASSIGNMENT": "conv",
    "SUBMISSION_TAG": "submit/2026-12-01-abc",
    "COMMIT_URL": "https://example.org/commit/abc",
    "RELEASE_URL": "https://example.org/release/1",
    "REVIEW_URL": "https://example.org/review",
}


@pytest.mark.parametrize("grade", EVERY, ids=lambda grade: grade.student.key)
def test_classroom50_results_have_the_documented_shape(grade):
    found = classroom50_result(grade, RUNNER, "2026-12-01T17:00:00Z")
    jsonschema.validate(json.loads(json.dumps(found)), CLASSROOM50)
    assert found["score"] == sum(test["score"] for test in found["tests"])


def test_classroom50_takes_its_names_from_the_runner():
    now = "2026-12-01T17:00:00Z"
    found = classroom50_result(graded(), RUNNER, now)
    assert found["submission"] == RUNNER["SUBMISSION_TAG"]
    assert found["review"] == RUNNER["REVIEW_URL"]
    older = {name: value for name, value in RUNNER.items() if name != "REVIEW_URL"}
    assert classroom50_result(graded(), older, now)["review"] == RUNNER["COMMIT_URL"]
    with pytest.raises(UsageError, match="no CLASSROOM"):
        classroom50_result(graded(), {}, now)


# --- GitHub Classroom ---------------------------------------------------------------------
CLASSROOM = {
    "type": "object",
    "required": ["status", "max_score", "tests"],
    "properties": {
        "status": {"enum": ["pass", "fail", "error"]},
        "max_score": POINTS,
        "tests": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "status", "score", "message", "test_code"],
                "properties": {
                    "name": SOME,
                    "status": {"enum": ["pass", "fail", "error"]},
                    "score": POINTS,
                    "message": {"type": ["string", "null"]},
                    "test_code": TEXT,
                },
            },
        },
    },
}


@pytest.mark.parametrize("grade", EVERY, ids=lambda grade: grade.student.key)
def test_classroom_payloads_have_the_documented_shape(grade):
    payload = classroom_payload(grade)
    assert payload.isascii()
    assert "\n" not in payload
    found = json.loads(base64.b64decode(payload, validate=True))
    jsonschema.validate(found, CLASSROOM)
    assert sum(test["score"] for test in found["tests"]) == grade.earned
    assert SECRET not in json.dumps(found)


@pytest.mark.parametrize(
    ("grade", "status"),
    [
        (graded("a", criterion(check(PASSED))), "pass"),
        (graded(), "fail"),
        (refused(), "fail"),
        (broken(), "error"),
        (odd(), "error"),
    ],
)
def test_classroom_tells_failures_from_errors(grade, status):
    assert json.loads(base64.b64decode(classroom_payload(grade)))["status"] == status


# --- JUnit --------------------------------------------------------------------------------
@pytest.mark.parametrize("grade", EVERY, ids=lambda grade: grade.student.key)
def test_junit_counts_what_it_holds(grade):
    root = ElementTree.fromstring(junit_xml(grade).encode())
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        cases = suite.findall("testcase")
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name)) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.get("tests")) == len(cases)
        assert all(case.get("name") and case.get("classname") for case in cases)
        assert float(suite.get("time")) == pytest.approx(
            sum(float(case.get("time", 0)) for case in cases)
        )
    assert int(root.get("tests")) == len(root.findall(".//testcase"))


def test_junit_has_a_case_for_each_check_and_points_as_properties():
    root = ElementTree.fromstring(junit_xml(odd()))
    kinds = [next((c.tag for c in case), "passed") for case in root.iter("testcase")]
    assert kinds == ["passed", "failure", "skipped", "skipped", "error", "failure"]
    properties = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert (properties["points"], properties["frame.points"]) == ("15", "3")


@given(st.text(st.characters()))
def test_junit_is_xml_whatever_a_student_printed(text):
    text_of_student = criterion(check(FAILED, title=text or "x", what=text))
    root = ElementTree.fromstring(junit_xml(graded("a", text_of_student)).encode())
    assert root.find(".//failure") is not None
    ElementTree.fromstring(f"<a>{legal(text).replace('&', '').replace('<', '')}</a>".encode())


# --- the command --------------------------------------------------------------------------
def test_canvas_from_a_folder_of_grades(class_of, tmp_path, capsys):
    folder = class_of(graded(), refused())
    out = tmp_path / "canvas.csv"
    assert export(folder, "--to", "canvas", "--assignment", "Conv (12)", "--out", out) == 1
    assert len(table(out.read_bytes().decode())) == 4
    done, said = capsys.readouterr()
    assert done == f"written: {out}\n"
    assert said == (
        "Left empty, as nothing was graded:\n  roe_8: refused: it is no zip file\n"
        "To know:\n  2 rows have a name and no Canvas ID; better use --roster\n"
    )


def test_a_name_that_no_key_can_have_stands_beside_it(class_of, tmp_path, capsys):
    lei, zoe = Student("3006-ff8f52df", "李 雷"), Student("Zoe_3", "Zoë")
    folder = class_of(
        dataclasses.replace(refused(), student=lei), dataclasses.replace(graded(), student=zoe)
    )
    assert export(folder, "--to", "moodle") == 1
    said = capsys.readouterr().err
    assert "  3006-ff8f52df (李 雷): refused" in said and "  Zoe_3 (Zoë): no e-mail" in said


def test_who_is_gone_from_the_class_is_named_and_left_out(class_of, tmp_path, capsys):
    folder = class_of(graded("ann"), graded("bob"))
    (folder / "grading.json").write_text('{"gone": ["bob"], "finished": false}')
    assert export(folder, "--to", "moodle") == 0
    said = capsys.readouterr()
    assert len(table(said.out)) == 2
    assert "No longer among the submissions (1)." in said.err and "exports: bob" in said.err
    assert "was not finished" in said.err
    out = tmp_path / "results"
    assert export(folder, "--to", "gradescope", "--out", out) == 0
    assert [path.name for path in out.iterdir()] == ["ann.json"]


def test_what_cannot_be_read_is_told_and_the_rest_is_exported(class_of, capsys):
    folder = class_of(graded())
    (folder / "results" / "bad.json").write_text("{")
    assert export(folder, "--to", "moodle") == 1
    said = capsys.readouterr()
    assert len(table(said.out)) == 2
    assert "bad.json" in said.err


def test_a_roster_is_read_from_a_file(class_of, tmp_path, capsys):
    roster = tmp_path / "gradebook.csv"
    roster.write_text('\ufeffStudent,ID,Section\nPoints Possible,,\n"Doe, Jane",7,A\n')
    command = [class_of(graded()), "--to", "canvas", "--assignment", "C (1)", "--roster", roster]
    assert export(*command) == 0
    assert table(capsys.readouterr().out)[2] == ["Doe, Jane", "7", "A", "3"]
    roster.write_bytes(b"\xff\xff")
    assert export(*command) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_canvas_asks_for_the_assignment_by_the_titles_of_the_roster(class_of, tmp_path, capsys):
    roster = tmp_path / "gradebook.csv"
    roster.write_text("Student,ID,Section,Conv (12),It's (3),Current Score\n", encoding="utf-8")
    command = [class_of(graded()), "--to", "canvas"]
    assert export(*command) == 2
    ask = "grader: which assignment? Say its title, with the id. "
    example = "For instance:\n--assignment 'Convolution (1234)'\n"
    assert capsys.readouterr().err == ask + example
    assert export(*command, "--roster", roster) == 2
    said = capsys.readouterr().err
    assert "The roster has:\n--assignment 'Conv (12)'\n--assignment " in said
    assert "(3)" in said and "Current Score" not in said
    assert export(*command, "--assignment", "") == 2
    assert "the assignment '' has no id" in capsys.readouterr().err


def test_a_long_list_is_cut(class_of, capsys):
    folder = class_of(*(graded(f"s{i}", email="") for i in range(130)))
    assert export(folder, "--to", "moodle") == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) < 110
    assert "... and 30 more" in said


@pytest.mark.parametrize(("form", "ending"), [("gradescope", "json"), ("junit", "xml")])
def test_each_student_gets_a_file(class_of, tmp_path, form, ending):
    out = tmp_path / "out"
    assert export(class_of(graded(), refused()), "--to", form, "--out", out) == 0
    assert sorted(p.name for p in out.iterdir()) == [f"doejane_7.{ending}", f"roe_8.{ending}"]


def test_a_report_of_check_is_exported(tmp_path, capsys, monkeypatch):
    path = tmp_path / "report.json"
    path.write_text(results.to_json(graded().report))
    for name, value in RUNNER.items():
        monkeypatch.setenv(name, value)
    assert export(path, "--to", "classroom50") == 0
    jsonschema.validate(json.loads(capsys.readouterr().out), CLASSROOM50)
    assert export(path, "--to", "junit") == 0
    ElementTree.fromstring(capsys.readouterr().out.encode())
    assert export(path, "--to", "classroom", "--github-output") == 0
    name, _, value = capsys.readouterr().out.strip().partition("=")
    assert name == "result"
    jsonschema.validate(json.loads(base64.b64decode(value)), CLASSROOM)


def test_what_is_there_is_kept_unless_it_is_the_same_or_forced(class_of, tmp_path, capsys):
    out = tmp_path / "grades.csv"
    out.write_text("mine")
    command = [class_of(graded()), "--to", "moodle", "--out", out]
    assert export(*command) == 0
    (copy,) = tmp_path.glob("grades.2*.csv")
    assert copy.read_text() == "mine"
    assert copy.name in capsys.readouterr().err
    assert export(*command) == 0
    assert list(tmp_path.glob("grades.2*.csv")) == [copy]
    out.write_text("mine again")
    assert export(*command, "--force") == 0
    assert list(tmp_path.glob("grades.2*.csv")) == [copy]
    assert out.read_text().startswith("Email address")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "canvas"], "needs a SOURCE"),
        (["GRADES", "--to", "canvas"], "which assignment?"),
        (["GRADES", "--to", "canvas", "--assignment", "C"], "has no id"),
        (["GRADES", "--to", "canvas", "--match", "id"], "--match is for --to moodle"),
        (["GRADES", "--to", "junit", "--roster", "x"], "--roster is for --to canvas and moodle"),
        (["GRADES", "--to", "junit"], "say --out FOLDER"),
        (["GRADES", "--to", "classroom50"], "for one submission"),
        (["GRADES/results/doejane_7.json", "--to", "moodle"], "needs a folder"),
        (["GRADES/none.json", "--to", "junit"], "no such file"),
        (["GRADES", "--to", "moodle", "--out", "no/such/place.csv"], "no folder"),
        (["GRADES", "--to", "moodle", "--roster", "none.csv"], "no such file"),
        (["GRADES", "--to", "gradescope-autograder", "--out", "a.zip"], "takes no SOURCE"),
        (["--to", "gradescope-autograder"], "needs a file"),
        (["GRADES", "--to", "excel"], "is not one of"),
    ],
)
def test_wrong_use_is_told_without_a_traceback(class_of, arguments, message, capsys):
    folder = str(class_of(graded()))
    assert main(["export", *(a.replace("GRADES", folder) for a in arguments)]) == 2
    said = capsys.readouterr().err
    assert message in " ".join(said.split())
    assert "Traceback" not in said


def test_the_help_has_examples_and_fits_a_terminal(capsys):
    assert export("--help") == 0
    said = capsys.readouterr().out
    assert "grader export grades --to canvas" in said
    assert all(len(line) <= 80 for line in said.splitlines())
