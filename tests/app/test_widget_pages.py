"""The widget's script and the demonstration shop."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from omni.app import widget_pages
from omni.app.widget_pages import shop_routes, widget_routes


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=[*widget_routes(), *shop_routes()]))
    async with httpx.AsyncClient(transport=transport, base_url="http://omni") as client:
        yield client


async def test_any_site_may_load_the_script(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widget_pages, "STATIC", tmp_path)
    assert (await client.get("/widget.js")).json()["code"] == "web.not_built"
    (tmp_path / "widget.js").write_text("1;")
    answer = await client.get("/widget.js")
    assert answer.text == "1;"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("query", "accepts", "language"),
    [("", "en", "en"), ("", "zh-CN,zh;q=0.9", "zh-CN"), ("?lang=zh", "en", "zh-CN")],
)
async def test_the_shop_speaks_both_languages_and_says_what_it_is(
    client: httpx.AsyncClient, query: str, accepts: str, language: str
) -> None:
    page = (await client.get(f"/shop{query}", headers={"Accept-Language": accepts})).text
    assert f'<html lang="{language}">' in page
    assert "/widget.js" in page
    assert "demonstration" in page or "演示" in page
    assert "<script>" not in page  # the policy allows scripts of our own origin only
