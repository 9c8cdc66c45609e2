"""From a template to a page that is safe to open: escaped, bounded, loading nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from grader.results import RULES, Outcome

GENERATOR = "grader report"
_MARKED = f'<meta name="generator" content="{GENERATOR}">'
_LONGEST = 70_000  # characters of one text: all that is kept of what a check printed, and more
# Characters that would vanish, or would make a line say something else than it holds: control
# characters, marks that turn the direction of writing, halves of a character.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029"
    r"\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\uffff]"
)
GLYPHS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.TODO: "·",
    Outcome.BLOCKED: "○",
    Outcome.BROKEN: "!",
}
WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.TODO: "to do",
    Outcome.BLOCKED: "blocked",
    Outcome.BROKEN: "not judged",
}


def render(template: str, script: str = "", **values: Any) -> str:
    """Return the page that a template makes of `values`.

    Parameters
    ----------
    template : str
        A file of the folder ``templates``.
    script : str
        The script that the page may run, from the same folder; none by default.
    **values
        What the template names. Every text among them is untrusted.
    """
    style = _file("page.css") + _style("verdict.css", "class.css")
    code = _file(script) if script else ""
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; "
        f"script-src {_digest(code) if code else repr('none')}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    # Styles and script are ours, and their digests in the policy admit them and nothing else.
    return (
        _environment()
        .get_template(template)
        .render(policy=policy, style=Markup(style), script=Markup(code), **values)
    )


def fragment(template: str, **values: Any) -> str:
    """Return what a template makes of `values`, as a part of somebody else's page.

    Its styles reach no further than the fragment, and it runs no script.

    Parameters
    ----------
    template : str
        A file of the folder ``templates``.
    **values
        What the template names. Every text among them is untrusted.
    """
    style = Markup(_style("verdict.css"))
    return _environment().get_template(template).render(style=style, **values)


def is_ours(head: str) -> bool:
    """Whether a file that begins with `head` was made here, and may be made again."""
    return _MARKED in head


def visible(text: str) -> str:
    r"""Return `text`, bounded, with what cannot be seen written out.

    Examples
    --------
    >>> visible("a\0b\u202ec")
    'a\\x00b\\u202ec'
    """
    return _UNSEEN.sub(_escape, short(text, _LONGEST))


def short(text: str, longest: int = 300) -> str:
    """Return `text`, or its beginning with the rest counted.

    Examples
    --------
    >>> short("abcdefgh", 3)
    'abc … (5 characters more)'
    """
    if len(text) <= longest:
        return text
    return f"{text[:longest]} … ({len(text) - longest:,} characters more)"


def points(value: float) -> str:
    """Return points with at most two decimals.

    Examples
    --------
    >>> points(46.40), points(58.0)
    ('46.4', '58')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "check"), plural(2, "check")
    ('1 check', '2 checks')
    """
    return f"{count} {one if count == 1 else many or one + 's'}"


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] == "\r":  # the end of a line in a file from Windows
        return ""
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _style(*names: str) -> str:
    """Return style sheets that hold inside of what is of the class ``grader``, and only there.

    The class stands there three times, so that its rules win over a notebook's own.
    """
    rules = "".join(map(_file, names))
    return f"{_file('colours.css')}.grader.grader.grader {{\n{rules}}}\n"


@cache
def _file(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_file),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        # Whatever a template prints passes through here before it is escaped.
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"short": short, "points": points, "plural": plural}
    environment.globals |= {
        "GLYPHS": GLYPHS,
        "WORDS": WORDS,
        "RULES": RULES,
        "generator": GENERATOR,
    }
    return environment
