"""The web application: log-in, the API, live push, the built pages.

Security headers go on every answer. Scripts come from our own origin only; styles may be inline
because the component library positions its pop-ups that way (ADR-0006).
"""

from collections.abc import Iterable
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from omni.app.account_api import Credentials, Me, me
from omni.app.auth import Accounts
from omni.app.live import LiveHub
from omni.app.web import COOKIE, error_response, routes
from omni.app.widget_pages import shop_routes, widget_routes
from omni.core.endpoint import Endpoint, SocketEndpoint
from omni.core.errors import Fault, Invalid, Unauthenticated

STATIC = Path(__file__).parent / "static"
LOGIN_MAX_BYTES = 4096

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self' data:",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}


class SecurityHeaders:
    """Put our headers on every answer that has none of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


def application(
    accounts: Accounts,
    hub: LiveHub,
    endpoints: Iterable[Endpoint],
    sockets: Iterable[SocketEndpoint],
    *,
    shop: bool = False,
) -> Starlette:
    """Return the ASGI application. `shop`: with the demonstration's shop."""
    live = SocketEndpoint("/api/live", hub.serve)
    return Starlette(
        routes=[
            *_session_routes(accounts),
            *routes(endpoints, [live, *sockets], accounts),
            Route("/api/{rest:path}", _no_such_route, methods=["GET", "POST", "PUT", "DELETE"]),
            *widget_routes(),
            *(shop_routes() if shop else ()),
            Mount("/assets", StaticFiles(directory=STATIC / "web" / "assets", check_dir=False)),
            Route("/{rest:path}", _page, methods=["GET"]),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(GZipMiddleware, minimum_size=1024)],
    )


def session_endpoints() -> list[Endpoint]:
    """Describe the routes of log-in for the OpenAPI document (they set cookies themselves)."""

    async def unused(_: object) -> None:
        raise Invalid("unused")

    return [
        Endpoint("POST", "/api/login", "Log in", unused, body=Credentials, result=Me, public=True),
        Endpoint("POST", "/api/logout", "Log out", unused),
        Endpoint("GET", "/api/me", "Say who is logged in", unused, result=Me),
    ]


def _session_routes(accounts: Accounts) -> list[Route]:
    async def log_in(request: Request) -> Response:
        try:
            raw = await request.body()
            if len(raw) > LOGIN_MAX_BYTES:
                raise Invalid("invalid", "the body is too large")
            try:
                typed = Credentials.model_validate_json(raw)
            except ValueError:
                raise Invalid("invalid", "email and password are needed") from None
            address = request.client.host if request.client else ""
            token, session = await accounts.log_in(typed.email, typed.password, address)
        except Fault as fault:
            return error_response(fault)
        answer = JSONResponse(me(session).model_dump(mode="json"))
        answer.set_cookie(
            COOKIE,
            token,
            max_age=int(accounts.session_life.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    async def log_out(request: Request) -> Response:
        token = request.cookies.get(COOKIE)
        session = await accounts.session(token)
        if session and request.headers.get("x-csrf-token") == session.csrf_token:
            await accounts.log_out(token)
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE)
        return answer

    async def who(request: Request) -> Response:
        session = await accounts.session(request.cookies.get(COOKIE))
        if session is None:
            return error_response(Unauthenticated("session.none", "log in first"))
        return JSONResponse(me(session).model_dump(mode="json"))

    return [
        Route("/api/login", log_in, methods=["POST"]),
        Route("/api/logout", log_out, methods=["POST"]),
        Route("/api/me", who, methods=["GET"]),
    ]


async def _no_such_route(_: Request) -> Response:
    return JSONResponse({"code": "route.unknown", "text": "", "data": {}}, status_code=404)


async def _page(request: Request) -> Response:
    """Answer with the single page, or with a file that stands beside it (icon, sounds)."""
    web = STATIC / "web"
    wanted = (web / request.path_params["rest"]).resolve()
    if wanted.is_relative_to(web) and wanted.is_file():
        return FileResponse(wanted)
    index = web / "index.html"
    if not index.is_file():
        return JSONResponse(
            {"code": "web.not_built", "text": "run `make setup`", "data": {}}, status_code=503
        )
    return FileResponse(index, headers={"Cache-Control": "no-cache"})
