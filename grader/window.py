"""A terminal as a picture: what was printed, with its colours, as SVG. Text in, text out."""

from __future__ import annotations

import io
import re
from html import escape

COLUMNS = 80
# A terminal is dark on every page, and words on it stand out, faint ones too.
_BACKGROUND, _FOREGROUND = (22, 27, 34), (230, 237, 243)
_COLOURS = [
    *((72, 79, 88), (255, 123, 114), (86, 211, 100), (227, 179, 65)),
    *((121, 192, 255), (210, 168, 255), (118, 227, 234), _FOREGROUND),
]
_LINE_ENDS = re.compile(r"<text [^>]*>\n</text>")
# rich fills it in. No font is fetched: on a page, a picture may fetch nothing.
_FORM = """\
<svg xmlns="http://www.w3.org/2000/svg" width="680" viewBox="0 0 {width} {height:g}" role="img" \
aria-labelledby="{unique_id}-title {unique_id}-description">
<!-- about -->
<style>
.{unique_id}-matrix {{ font: {char_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, \
"DejaVu Sans Mono", "Liberation Mono", monospace }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect width="{terminal_width:g}" height="{terminal_height:g}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g class="{unique_id}-matrix" transform="translate({terminal_x}, {terminal_y})" \
clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}{matrix}
</g>
</svg>
"""


def window(printed: str, name: str, title: str, description: str) -> str:
    """Return a terminal in which something was printed, as an SVG file.

    Parameters
    ----------
    printed : str
        At most 80 columns wide; with escape codes for colours.
    name : str
        Makes the picture's ids its own, on a page with several.
    title, description : str
        For those who do not see it.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    console = Console(record=True, width=COLUMNS + 2, file=io.StringIO(), highlight=False)
    console.print(Padding(Text.from_ansi(printed.rstrip("\n")), (0, 1)))
    raw = console.export_svg(
        title="",
        theme=TerminalTheme(_BACKGROUND, _FOREGROUND, _COLOURS),
        code_format=_FORM,
        unique_id=name,
    )
    about = (
        f'<title id="{name}-title">{escape(title, quote=False)}</title>\n'
        f'<desc id="{name}-description">{escape(description, quote=False)}</desc>'
    )
    text = _LINE_ENDS.sub("\n", raw).replace("<!-- about -->", about, 1)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"
