"""Pairs of similar submissions as text, and as a section of a page."""

from __future__ import annotations

import base64
import hashlib
import html
import textwrap
from collections.abc import Mapping, Sequence

from grader.pairs import Pair, Passage
from grader.render.legible import legible

WHAT_IT_IS = (
    "These pairs share far more of their own, rare wording than pairs of this class usually "
    "do. That is a pointer, and no proof of anything: read both files, side by side, before "
    "you draw a conclusion or speak with anyone. Short functions have few forms, and students "
    "who learnt from the same page, or together, write alike."
)
WHAT_IT_IS_NOT = (
    "What the course itself says, and what many of the class wrote, is not counted. Not seen: "
    "statements in another order, the same idea in other words, a common source outside the "
    "class, and a passage that more than 30 students share."
)
NOTHING = "No two submissions share unusually much."
_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;"
    "margin:2rem auto;padding:0 1rem}summary{cursor:pointer;padding:.3rem 0}"
    ".sides{display:grid;grid-template-columns:1fr 1fr;gap:1rem}pre{overflow:auto;margin:.3rem 0}"
    "@media(max-width:40rem){.sides{grid-template-columns:1fr}}"
)
_WIDTH = 80
_MOST = 200


def similarity_text(pairs: Sequence[Pair], names: Mapping[str, str] | None = None) -> str:
    """Return the pairs as text for a terminal.

    Parameters
    ----------
    pairs : sequence of Pair
    names : mapping, optional
        What to call the students, by key.
    """
    if not pairs:
        return f"{NOTHING}\n"
    lines = [*textwrap.wrap(WHAT_IT_IS, _WIDTH), "", *textwrap.wrap(WHAT_IT_IS_NOT, _WIDTH), ""]
    for pair in pairs[:_MOST]:
        who = f"{_name(pair.first, names)} and {_name(pair.second, names)}"
        lines.append(_short(f"{pair.stage}  {who}", _WIDTH))
        lines.append(f"  share {_percent(pair.share)}, usual {_percent(pair.usual)}")
        lines += [f"    {_where(passage)}" for passage in pair.lines]
    if len(pairs) > _MOST:
        lines.append(f"... and {len(pairs) - _MOST} more pairs")
    return "\n".join(lines) + "\n"


def similarity_section(
    pairs: Sequence[Pair],
    names: Mapping[str, str] | None = None,
    sources: Mapping[tuple[str, str], str] | None = None,
) -> str:
    """Return the pairs as a section of a page: complete HTML that loads nothing.

    Parameters
    ----------
    pairs : sequence of Pair
    names : mapping, optional
        What to call the students, by key.
    sources : mapping, optional
        The files, by student and stage: their passages are then shown side by side.
    """
    body = "\n".join(_pair(pair, names, sources or {}) for pair in pairs[:_MOST])
    said = f"<p>{_escaped(WHAT_IT_IS)}</p>\n<p>{_escaped(WHAT_IT_IS_NOT)}</p>\n{body}"
    more = f"\n<p>... and {len(pairs) - _MOST} more pairs.</p>" if len(pairs) > _MOST else ""
    return (
        '<section aria-labelledby="h-similar">\n<h2 id="h-similar">Similar submissions</h2>\n'
        f"{said + more if pairs else f'<p>{NOTHING}</p>'}\n</section>\n"
    )


def similarity_page(
    pairs: Sequence[Pair],
    names: Mapping[str, str] | None = None,
    sources: Mapping[tuple[str, str], str] | None = None,
) -> str:
    """Return the section of `similarity_section` as a page of its own."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta http-equiv="Content-Security-Policy" '
        f"content=\"default-src 'none'; style-src 'sha256-{digest}'\">\n"
        f"<title>Similar submissions</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{similarity_section(pairs, names, sources)}</body>\n</html>\n"
    )


def _pair(
    pair: Pair, names: Mapping[str, str] | None, sources: Mapping[tuple[str, str], str]
) -> str:
    first, second = (f"<bdi>{_escaped(_name(k, names))}</bdi>" for k in (pair.first, pair.second))
    head = (
        f"{_escaped(pair.stage)}: {first} and {second} share {_percent(pair.share)} "
        f"(usual: {_percent(pair.usual)})"
    )
    texts = [sources.get((key, pair.stage), "").split("\n") for key in (pair.first, pair.second)]
    rows = "\n".join(_passage(passage, texts) for passage in pair.lines)
    return f"<details><summary>{head}</summary>\n<ol>\n{rows}\n</ol></details>"


def _passage(passage: Passage, texts: Sequence[Sequence[str]]) -> str:
    shown = ""
    for (start, end), lines in zip((passage.first, passage.second), texts, strict=True):
        part = "\n".join(_short(line, 120) for line in lines[start - 1 : min(end, start + 39)])
        shown += f"<pre>{_escaped(part)}</pre>" if part else ""
    side = f'<div class="sides">{shown}</div>'
    return f"<li>{_escaped(_where(passage))}{side if shown else ''}</li>"


def _where(passage: Passage) -> str:
    return f"lines {_span(passage.first)} like {_span(passage.second)} ({passage.tokens} tokens)"


def _span(lines: tuple[int, int]) -> str:
    return f"{lines[0]}-{lines[1]}" if lines[0] != lines[1] else str(lines[0])


def _name(key: str, names: Mapping[str, str] | None) -> str:
    return _short(" ".join((names or {}).get(key, key).split()), 60)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _short(text: str, most: int) -> str:
    text = legible(text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _escaped(text: str) -> str:
    return html.escape(text)
