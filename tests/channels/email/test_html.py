"""A stranger's HTML made safe to show."""

import pytest

from omni.channels.email.engine.plain import own_words, preview, text_of_html
from omni.channels.email.gateway.html import Nh3Cleaner

PICTURES = {"logo@x": "/api/mail-attachments/1"}


def clean(html: str, *, remote_images: bool = False) -> str:
    return Nh3Cleaner().clean(html, PICTURES, remote_images=remote_images).html


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' JaVaScRiPt:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<svg onload=alert(1)></svg>",
        "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
        "<form action=//evil.example><input name=password></form>",
        "<style>@import 'http://evil.example'</style>",
        "<link rel=stylesheet href=//evil.example>",
        "<meta http-equiv=refresh content='0;url=//evil.example'>",
        "<base href=//evil.example>",
        "<object data=//evil.example></object>",
        "<div style='background:url(//evil.example)'>x</div>",
        "<div style='background-image:url(//evil.example)'>x</div>",
        "<div style='width:expression(alert(1))'>x</div>",
        "<div style='color:r\\65 d;b\\61 ckground:u\\72l(//evil.example)'>x</div>",
        "<div style='position:fixed;top:0'>x</div>",
        "<table background='//evil.example'><td background='//evil.example'>x</table>",
        "<img src='//evil.example/x.gif'>",
        "<img src='http://evil.example/x.gif' srcset='http://evil.example/y.gif 2x'>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<video poster=//evil.example src=//evil.example></video>",
        "<a href='/api/logout'>x</a>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(evil: str) -> None:
    cleaned = clean(f"<p>before</p>{evil}<p>after</p>")
    assert "<p>before</p>" in cleaned
    assert "<p>after</p>" in cleaned
    for word in ("alert", "evil.example", "/api/", "<form", "<input", "position", "script"):
        assert word not in cleaned


def test_inline_pictures_links_and_looks_stay() -> None:
    cleaned = clean(
        '<p style="color:red">x</p><img src="cid:logo@x"><img src="data:image/png;base64,AAAA">'
        '<a href="https://shop.example">shop</a><a href="mailto:a@b.example">m</a>'
        '<img src="cid:unknown">'
    )
    assert '<p style="color:red">x</p>' in cleaned
    assert '<img src="/api/mail-attachments/1">' in cleaned
    assert "data:image/png;base64,AAAA" in cleaned
    assert 'href="https://shop.example"' in cleaned
    assert 'target="_blank"' in cleaned
    assert "noreferrer" in cleaned
    assert "cid:" not in cleaned


def test_remote_pictures_are_counted_and_shown_on_demand() -> None:
    page = '<img src="https://x.example/a.png"><img src="http://x.example/b.png">'
    assert Nh3Cleaner().clean(page, {}, remote_images=False).blocked_images == 2
    shown = Nh3Cleaner().clean(page, {}, remote_images=True)
    assert shown.blocked_images == 0
    assert "https://x.example/a.png" in shown.html


def test_text_of_html() -> None:
    assert text_of_html("<!-- <b>no</b> --><p>a<p>b<br>c<td>d") == "a\nb\nc d"
    assert text_of_html("<head><title>t</title></head><script>if (a<b) x</script>yes") == "yes"
    assert text_of_html("1 < 2 &amp; 3<!-- open") == "1 < 2 & 3<!-- open"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Thanks\n\nOn Sat, Nov 21, 2026 at 10:00 Bob wrote:\n> hi", "Thanks"),
        ("Thanks\n> hi\nBye", "Thanks\nBye"),
        ("谢谢\n\n在 2026年11月21日，客服写道：\n> 您好", "谢谢"),
        ("谢谢\n------------------ 原始邮件 ------------------\n发件人: x", "谢谢"),
        ("Hi\n-----Original Message-----\nFrom: x", "Hi"),
        ("2026-11-21 10:00 UTC, Bob <b@x>:\n> hi", "2026-11-21 10:00 UTC, Bob <b@x>:\n> hi"),
        ("> all quoted", "> all quoted"),
    ],
)
def test_own_words(text: str, own: str) -> None:
    assert own_words(text) == own


def test_preview_is_one_short_line() -> None:
    assert preview("Hello\n\nthere\n> old") == "Hello there"
    assert len(preview("word " * 100)) == 200
