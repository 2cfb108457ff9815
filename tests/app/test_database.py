"""The list of models is whole, and its parts do not get in each other's way."""

from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from inspect import getmembers, isclass

from tortoise.models import Model

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
