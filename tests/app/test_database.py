"""The list of models is whole, and its parts do not get in each other's way."""

from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from inspect import getmembers, isclass
from itertools import pairwise
from pathlib import Path

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.connection import get_connection
from tortoise.fields import Field
from tortoise.migrations.operations import AddField
from tortoise.models import Model

from omni.app import migrations
from omni.app.database import MODELS, migrate, opened, pending_changes


def models() -> list[type[Model]]:
    """Return every model of the listed modules."""
    return [
        value
        for name in MODELS
        if find_spec(name) is not None
        for _, value in getmembers(import_module(name), isclass)
        if issubclass(value, Model) and value.__module__ == name
    ]


def test_no_two_models_share_a_name_or_a_table() -> None:
    # Tortoise knows the models of an application by their class names alone: of two, one is lost.
    names = Counter(model.__name__ for model in models())
    tables = Counter(model._meta.db_table for model in models())
    assert [name for name, count in (names + tables).items() if count > 1] == []


async def test_the_migrations_say_what_the_models_say() -> None:
    assert await pending_changes() == [], "write one: omni migrate --write"


def migration_modules() -> list[str]:
    """Return the names of the migrations, first to last."""
    folder = Path(migrations.__path__[0])
    return sorted(path.stem for path in folder.glob("[0-9]*.py"))


def test_each_migration_follows_the_one_before() -> None:
    names = migration_modules()
    for before, name in pairwise(names):
        migration = import_module(f"omni.app.migrations.{name}").Migration
        assert migration.dependencies == [("omni", before)], name


def test_new_columns_have_a_value_for_the_rows_that_are_there() -> None:
    for name in migration_modules():
        migration = import_module(f"omni.app.migrations.{name}").Migration
        for operation in migration.operations:
            if isinstance(operation, AddField):
                field = operation.field
                assert isinstance(field, Field)
                assert field.null or field.has_db_default(), (name, operation.name)


async def test_migrating_twice_changes_nothing(empty_database_url: str) -> None:
    steps: list[str] = []
    await migrate(empty_database_url, steps.append)
    assert steps
    steps.clear()
    await migrate(empty_database_url, steps.append)
    assert steps == []
    async with opened(empty_database_url):
        for model in models():
            assert await model.all().count() == 0


@pytest.mark.usefixtures("database")
async def test_a_connection_is_given_back_without_a_word_to_the_server() -> None:
    client = get_connection("default")
    assert isinstance(client, AsyncpgDBClient)
    await client.execute_query("SELECT 1")
    assert client._pool is not None
    async with client._pool.acquire() as connection:
        before = connection._protocol.queries_count
    async with client._pool.acquire() as connection:
        assert connection._protocol.queries_count == before


@pytest.mark.usefixtures("database")
async def test_a_connection_given_back_in_the_middle_has_no_open_transaction() -> None:
    client = get_connection("default")
    assert isinstance(client, AsyncpgDBClient)
    await client.execute_query("SELECT 1")
    assert client._pool is not None
    async with client._pool.acquire() as connection:
        await connection.execute("BEGIN; SET LOCAL statement_timeout = 1234")
    async with client._pool.acquire() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SHOW statement_timeout") == "0"
