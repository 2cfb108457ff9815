"""The website widget's script, for any site, and the demonstration shop that carries it."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
DEMO = Path(__file__).parent / "demo"

# Any site may load the script; a new version reaches visitors within five minutes.
SCRIPT_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


def widget_routes() -> list[Route]:
    """Return `/widget.js`."""
    return [Route("/widget.js", _script, methods=["GET"])]


def shop_routes() -> list[Route]:
    """Return `/shop`, which says of itself that it is a demonstration: only that serves it."""
    return [Route("/shop", _shop, methods=["GET"])]


async def _script(_: Request) -> Response:
    built = STATIC / "widget.js"
    if not built.is_file():
        return JSONResponse(
            {"code": "web.not_built", "text": "run `make setup`", "data": {}}, status_code=503
        )
    return FileResponse(built, media_type="text/javascript", headers=SCRIPT_HEADERS)


async def _shop(request: Request) -> Response:
    """Answer in the language asked for, else in the browser's first."""
    wanted = request.query_params.get("lang") or request.headers.get("accept-language", "")
    page = "shop.zh.html" if wanted.lower().startswith("zh") else "shop.en.html"
    return FileResponse(DEMO / page, headers={"Cache-Control": "no-cache"})
