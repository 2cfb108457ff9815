"""Making a stranger's HTML safe to show, with nh3 (ammonia).

Rules:
1. An allow-list: what is not named is dropped; scripts, styles and forms with what is in them.
2. Nothing is fetched from elsewhere until the reader asks for it: remote pictures lose their source
   (they would tell the sender that and where the mail was read), CSS keeps only properties that
   cannot name an address.
3. Inline pictures (`cid:`) point to our own attachments; links open outside and tell nothing.
4. The page is shown in a sandboxed frame all the same: two walls.
"""

import re
from collections.abc import Mapping

import nh3

from omni.channels.email.model import Cleaned

# fmt: off
_TAGS = frozenset(
    {
        "a", "abbr", "address", "article", "b", "bdi", "bdo", "big", "blockquote", "br",
        "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn",
        "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4",
        "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "ol", "p",
        "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary",
        "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul",
        "var", "wbr",
    }
)
# fmt: on
# fmt: off
_SILENCED = frozenset(
    {
        "script", "style", "title", "textarea", "select", "button", "form", "iframe", "object",
        "noscript", "svg",
    }
)
# fmt: on
_LAYOUT = {"align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"}
_TABLE = {"border", "cellpadding", "cellspacing", "colspan", "rowspan", "nowrap", "summary"}
_ATTRIBUTES = {
    "*": _LAYOUT,
    "a": {"href", "name"},
    "img": {"src", "alt", "border"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "col": {"span"},
    "table": _TABLE,
    "td": _TABLE,
    "th": _TABLE | {"scope"},
    "blockquote": {"type"},
}
# No property whose value may be an address (background-image, list-style-image, content, cursor …).
# fmt: off
_STYLES = frozenset(
    {
        "background-color", "border", "border-bottom", "border-collapse", "border-color",
        "border-left", "border-radius", "border-right", "border-spacing", "border-style",
        "border-top", "border-width", "color", "direction", "display", "font-family", "font-size",
        "font-style", "font-variant", "font-weight", "height", "letter-spacing", "line-height",
        "margin", "margin-bottom", "margin-left", "margin-right", "margin-top", "max-width",
        "min-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
        "table-layout", "text-align", "text-decoration", "text-indent", "text-transform",
        "vertical-align", "white-space", "width", "word-break", "word-spacing", "word-wrap",
    }
)
# fmt: on
_REMOTE = re.compile(r"\s*(https?:|//)", re.IGNORECASE)
_LINK = re.compile(r"\s*(https?|mailto|tel):", re.IGNORECASE)
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_DATA_PICTURE = re.compile(r"data:image/(png|jpeg|jpg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_MAY_FETCH = re.compile(r"url\s*\(|image-set|expression|@import|\\", re.IGNORECASE)


class Nh3Cleaner:
    """See `omni.channels.email.ports.Cleaner`."""

    def clean(self, html: str, pictures: Mapping[str, str], *, remote_images: bool) -> Cleaned:
        blocked = 0

        def value(tag: str, attribute: str, content: str) -> str | None:
            nonlocal blocked
            if attribute == "style":
                return ";".join(one for one in content.split(";") if not _MAY_FETCH.search(one))
            if attribute == "src":
                source = _picture(content.strip(), pictures, remote_images=remote_images)
                blocked += tag == "img" and bool(_REMOTE.match(content)) and source is None
                return source
            if attribute == "href":
                return content if _LINK.match(content) else None
            return content

        cleaned = nh3.clean(
            html,
            tags=set(_TAGS),
            clean_content_tags=set(_SILENCED),
            attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
            attribute_filter=value,
            url_schemes=set(_SCHEMES),
            url_relative="pass_through",  # our own addresses of inline pictures; others went above
            link_rel="noopener noreferrer nofollow",
            set_tag_attribute_values={"a": {"target": "_blank"}},
            filter_style_properties=set(_STYLES),
        )
        return Cleaned(cleaned, blocked)


def _picture(source: str, pictures: Mapping[str, str], *, remote_images: bool) -> str | None:
    """Return where a picture is fetched from, None when it is not to be shown."""
    lower = source.lower()
    if lower.startswith("cid:"):
        return pictures.get(source[4:])
    if lower.startswith("data:"):
        return source if _DATA_PICTURE.fullmatch(source) else None
    return source if remote_images and _REMOTE.match(source) else None
