"""The API's common part: log-in, roles, CSRF, validation, errors, uploads and downloads."""

from collections.abc import AsyncIterator

import httpx
import pytest
from argon2 import PasswordHasher
from pydantic import Field
from starlette.applications import Starlette
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from omni.app.account_api import endpoints as account_endpoints
from omni.app.asgi import application
from omni.app.auth import Accounts
from omni.app.live import LiveHub
from omni.app.openapi import document
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.core.endpoint import Call, Download, Endpoint, Upload, Wire
from omni.core.errors import Conflict, Defect
from omni.core.terms import Role

pytestmark = pytest.mark.usefixtures("database")
PASSWORD = "correct horse"


class Order(Wire):
    size: int = Field(le=1000)


async def echo(call: Call) -> Order:
    order: Order = call.body
    return order


async def refuse(_: Call) -> None:
    raise Conflict("busy", "not now", left=3)


async def explode(_: Call) -> None:
    raise RuntimeError("a secret")


async def ask_dead_database(_: Call) -> None:
    async with in_transaction() as connection:
        [row] = await connection.execute_query_dict("SELECT pg_backend_pid() AS pid")
        await get_connection("default").execute_query(
            "SELECT pg_terminate_backend($1)", [row["pid"]]
        )


async def turn_round(call: Call) -> Download:
    upload: Upload = call.body

    content = b"".join([chunk async for chunk in upload.chunks])

    async def chunks() -> AsyncIterator[bytes]:
        yield content[::-1]

    return Download(upload.file_name, "text/plain", chunks())


TABLE = [
    Endpoint("POST", "/api/order", "Order", echo, body=Order, result=Order),
    Endpoint("POST", "/api/refuse", "Refuse", refuse, frozenset({Role.MANAGER})),
    Endpoint("GET", "/api/explode", "Explode", explode),
    Endpoint("GET", "/api/away", "Away", ask_dead_database),
    Endpoint("POST", "/api/turn", "Turn", turn_round, body=Upload, result=Download),
]


@pytest.fixture
async def accounts() -> Accounts:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(SystemClock(), RandomIdentities(), hasher)
    await accounts.add("ann@example.com", "Ann", frozenset({Role.AGENT}), PASSWORD)
    return accounts


@pytest.fixture
def app(accounts: Accounts) -> Starlette:
    return application(accounts, LiveHub([]), [*TABLE, *account_endpoints(accounts)], [])


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
        yield client


async def log_in(client: httpx.AsyncClient, email: str = "ann@example.com") -> None:
    answer = await client.post("/api/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]


async def test_log_in_sets_a_closed_cookie_and_log_out_ends_the_session(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/api/me")).status_code == 401
    answer = await client.post(
        "/api/login", json={"email": "Ann@Example.com ", "password": PASSWORD}
    )
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await client.get("/api/me")).json()["name"] == "Ann"
    stolen = client.cookies["omni_session"]
    await client.post("/api/logout", headers={"X-CSRF-Token": answer.json()["csrf_token"]})
    client.cookies.set("omni_session", stolen)
    assert (await client.get("/api/me")).status_code == 401


async def test_failures_are_limited_per_account_and_say_when_to_come_back(
    client: httpx.AsyncClient,
) -> None:
    for _ in range(5):
        wrong = await client.post(
            "/api/login", json={"email": "ann@example.com", "password": "wrong one"}
        )
        assert wrong.json()["code"] == "login.wrong"
    limited = await client.post(
        "/api/login", json={"email": "ann@example.com", "password": PASSWORD}
    )
    assert limited.status_code == 429
    assert 0 < int(limited.headers["retry-after"]) <= 300
    unknown = await client.post(
        "/api/login", json={"email": "bob@example.com", "password": "wrong one"}
    )
    assert unknown.json()["code"] == "login.wrong"


async def test_unsafe_requests_need_the_token_of_this_session(client: httpx.AsyncClient) -> None:
    await log_in(client)
    token = client.headers.pop("X-CSRF-Token")
    refused = await client.post("/api/order", json={"size": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "session.csrf")
    accepted = await client.post("/api/order", json={"size": 1}, headers={"X-CSRF-Token": token})
    assert accepted.json() == {"size": 1}


async def test_roles_are_checked_in_the_api(client: httpx.AsyncClient, accounts: Accounts) -> None:
    await log_in(client)
    assert (await client.post("/api/refuse")).json()["code"] == "role.missing"
    await accounts.add("max@example.com", "Max", frozenset({Role.MANAGER}), PASSWORD)
    await log_in(client, "max@example.com")
    refused = await client.post("/api/refuse")
    assert (refused.status_code, refused.json()["data"]) == (409, {"left": 3})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"size":"x"}', b'{"size":1,"more":2}'])
async def test_a_body_that_does_not_fit_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    await log_in(client)
    answer = await client.post("/api/order", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_a_refused_body_says_which_field_and_what_is_allowed(
    client: httpx.AsyncClient,
) -> None:
    await log_in(client)
    data = (await client.post("/api/order", content=b'{"size":1000000}')).json()["data"]
    assert data == {"field": "size", "reason": "less_than_equal", "limit": 1000, "given": 1000000}
    data = (await client.post("/api/order", content=b'{"size":"secret"}')).json()["data"]
    assert data == {"field": "size", "reason": "int_parsing", "limit": None, "given": None}


async def test_a_body_without_end_is_cut_off(client: httpx.AsyncClient) -> None:
    await log_in(client)
    assert (await client.post("/api/order", content=b" " * 1_000_001)).status_code == 413


async def test_what_we_did_not_expect_tells_nothing(client: httpx.AsyncClient) -> None:
    await log_in(client)
    answer = await client.get("/api/explode")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text


async def test_while_the_database_is_away_a_request_may_be_repeated(
    client: httpx.AsyncClient,
) -> None:
    await log_in(client)
    answer = await client.get("/api/away")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")
    assert (await client.get("/api/me")).status_code == 200


async def test_files_go_in_and_out_as_streams(client: httpx.AsyncClient) -> None:
    await log_in(client)
    answer = await client.post("/api/turn", content=b"abc", headers={"X-File-Name": "a b.txt"})
    assert answer.content == b"cba"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%20b.txt"


async def test_security_headers_are_on_every_answer(client: httpx.AsyncClient) -> None:
    for path in ("/api/me", "/api/nothing", "/"):
        headers = (await client.get(path)).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_the_shop_is_served_in_the_demonstration_only(accounts: Accounts) -> None:
    for shop in (False, True):
        app = application(accounts, LiveHub([]), [], [], shop=shop)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
            answer = await client.get("/shop")
        assert ("data-site" in answer.text or "widget.js" in answer.text) is shop


async def test_users_can_be_deactivated_and_are_then_out(
    client: httpx.AsyncClient, accounts: Accounts
) -> None:
    await accounts.add("root@example.com", "Root", frozenset({Role.ADMIN}), PASSWORD)
    await log_in(client, "root@example.com")
    users = (await client.get("/api/users")).json()
    ann = next(user for user in users if user["name"] == "Ann")
    assert "password" not in str(ann)
    token, _ = await accounts.log_in("ann@example.com", PASSWORD, "::1")
    changed = await client.patch(f"/api/users/{ann['user_id']}", json={"active": False})
    assert changed.json()["active"] is False
    assert await accounts.session(token) is None


def test_the_document_describes_the_table() -> None:
    described = document(TABLE)
    assert described["openapi"] == "3.1.0"
    post = described["paths"]["/api/order"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Order"
    }
    assert "Order" in described["components"]["schemas"]


def test_two_models_of_one_name_are_found() -> None:
    class Order(Wire):
        other: int

    async def nothing(call: Call) -> None: ...

    again = Endpoint("POST", "/api/other", "Another order.", nothing, body=Order)
    with pytest.raises(Defect, match="called Order"):
        document([*TABLE, again])
