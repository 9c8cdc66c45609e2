"""JUnit XML: what most build servers show as a table of tests.

Points have no place in this form and stand as properties.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from grader.grades import Grade, Standing
from grader.render.feedback import feedback
from grader.render.legible import check_text
from grader.results import CheckResult, CriterionResult, Outcome, StageResult

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = {
    Outcome.FAILED: "failure",
    Outcome.BROKEN: "error",
    Outcome.TODO: "skipped",
    Outcome.BLOCKED: "skipped",
}


def junit_xml(grade: Grade) -> str:
    """Return a grade as XML: a suite for each stage, a case for each check."""
    root = Xml.Element("testsuites")
    suites = [_suite(grade, stage) for stage in grade.stages] or [_without_checks(grade)]
    root.extend(suites)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("name", legal(grade.student.key or "grader"))
    root.set("time", f"{grade.report.seconds if grade.report else 0:.3f}")
    Xml.indent(root)
    text = Xml.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def legal(text: str) -> str:
    r"""Return `text` without the characters that XML 1.0 has no form for.

    Examples
    --------
    >>> legal("a\x00b\x1b[0m")
    'ab[0m'
    """
    return _ILLEGAL.sub("", text)


def _suite(grade: Grade, stage: StageResult) -> Xml.Element:
    cases = [_case(stage, criterion, c) for criterion in stage.criteria for c in criterion.checks]
    suite = Xml.Element("testsuite", name=legal(stage.id))
    if grade.report:
        suite.set("timestamp", legal(grade.report.started))
    earned = sum(grade.credit(stage, criterion) for criterion in stage.criteria)
    pairs = [("points", stage.points), ("earned", earned)]
    for criterion in stage.criteria:
        pairs += [
            (f"{criterion.id}.points", criterion.points),
            (f"{criterion.id}.earned", grade.credit(stage, criterion)),
        ]
    suite.append(_properties(pairs))
    suite.extend(cases)
    return _counted(suite, cases)


def _counted(suite: Xml.Element, cases: list[Xml.Element]) -> Xml.Element:
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
    return suite


def _case(stage: StageResult, criterion: CriterionResult, check: CheckResult) -> Xml.Element:
    kind = ".hidden" if check.hidden else ""
    case = Xml.Element(
        "testcase",
        classname=legal(f"{stage.id}.{criterion.id}{kind}"),
        name=legal(check.title),
        time=f"{check.seconds:.3f}",
    )
    if tag := _TAGS.get(check.outcome):
        evidence = check.evidence.what if check.evidence else check.outcome.value
        found = Xml.SubElement(case, tag, message=legal(evidence)[:500])
        found.text = legal(check_text(check))
    return case


def _without_checks(grade: Grade) -> Xml.Element:
    """A submission that was never checked is a suite with one case that says why."""
    suite = Xml.Element("testsuite", name="submission")
    suite.append(_properties([("points", grade.possible), ("earned", grade.earned)]))
    case = Xml.SubElement(suite, "testcase", classname="submission", name="can be graded")
    tag = "error" if grade.standing is Standing.BROKEN else "failure"
    Xml.SubElement(case, tag, message=legal(feedback(grade))[:500])
    return _counted(suite, [case])


def _properties(pairs: list[tuple[str, int]]) -> Xml.Element:
    properties = Xml.Element("properties")
    for name, value in pairs:
        Xml.SubElement(properties, "property", name=legal(name), value=str(value))
    return properties
