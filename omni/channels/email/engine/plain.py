"""Plain text of a mail: out of HTML, and without what it quotes.

Rules: linear in the length on any input (no nested or overlapping repetition); the result is for
reading, search, previews and quotes, never for showing as HTML.
"""

import html
import re
from collections.abc import Iterable

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})?[^<>]*>")
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript"})
# fmt: off
_BLOCK = frozenset(
    {
        "address", "article", "blockquote", "div", "dl", "dt", "dd", "figure", "footer", "form",
        "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre",
        "section", "table", "tr", "ul", "br",
    }
)
# fmt: on
_BLANKS = re.compile(r"[ \t\u00a0]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_INTRODUCTION = re.compile(
    r"^(-{2,} ?(original message|forwarded message|原始邮件|原邮件|转发邮件).{0,40}"
    r"|_{10,}"
    r"|on .{4,200} wrote:"
    r"|\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC, .{1,200}:"
    r"|在 ?.{4,200}(写道|寫道)[:：]"
    r"|(from|发件人|寄件者)[:：] .{3,200})$",
    re.IGNORECASE,
)


def text_of_html(source: str) -> str:
    """Return the readable text of HTML, one line per block."""
    out: list[str] = []
    silent = ""
    position = 0
    source = _without_comments(source)
    for match in _TAG.finditer(source):
        closing, name = match.group(1), (match.group(2) or "").lower()
        if not silent:
            out.append(_BLANKS.sub(" ", source[position : match.start()].replace("\n", " ")))
            if name in _BLOCK:
                out.append("\n")
            elif name in ("td", "th"):
                out.append(" ")
        if name in _SILENT:
            silent = _after_silent(silent, name, bool(closing))
        position = match.end()
    if not silent:
        out.append(source[position:])
    return tidy_lines(html.unescape("".join(out)))


def _after_silent(silent: str, name: str, closing: bool) -> str:
    if not silent and not closing:
        return name
    return "" if closing and name == silent else silent


def _without_comments(source: str) -> str:
    out: list[str] = []
    position = 0
    while (start := source.find("<!--", position)) >= 0:
        end = source.find("-->", start + 4)
        if end < 0:
            break
        out.append(source[position:start])
        position = end + 3
    out.append(source[position:])
    return "".join(out)


def tidy_lines(text: str) -> str:
    """Strip each line and leave at most one empty line in a row."""
    lines = "\n".join(line.strip() for line in text.replace("\x00", "").split("\n"))
    return _EMPTY_LINES.sub("\n\n", lines).strip()


def own_words(text: str) -> str:
    """Return the text without what it quotes from earlier mails; all of it when nothing else."""
    lines = list(_until_quote(text.split("\n")))
    return "\n".join(lines).strip() or text.strip()


def _until_quote(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        bare = line.strip()
        if len(bare) < 300 and _INTRODUCTION.match(bare):
            return
        if not bare.startswith(">"):
            yield line


def preview(text: str, length: int = 200) -> str:
    """Return the first words of a mail as one line."""
    line = " ".join(own_words(text[:20_000]).split())
    return line if len(line) <= length else line[: length - 1] + "…"
