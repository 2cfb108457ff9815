"""The fixtures that the other tests rely on."""

from urllib.parse import urlsplit

from tortoise.connection import get_connection


async def test_the_database_is_migrated_and_empty(database: str) -> None:
    rows = await get_connection("default").execute_query_dict("SELECT count(*) AS n FROM journal")
    assert rows == [{"n": 0}]


async def test_each_test_has_its_own_database(database: str, database_template: str) -> None:
    name = urlsplit(database).path.lstrip("/")
    rows = await get_connection("default").execute_query_dict("SELECT current_database() AS n")
    assert rows == [{"n": name}]
    assert name != database_template


async def test_redis_is_empty(redis_url: str) -> None:
    assert redis_url.startswith("unix://")
