"""The OpenAPI 3.1 document, from the same tables and types that serve and validate.

`python -m omni.app.openapi` prints it; the browser's client and types are generated from that.
The rows of the live tables stand among the components.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from omni.app.asgi import session_endpoints
from omni.app.bootstrap import endpoints as all_endpoints
from omni.app.desk_rows import CallbackRow, MeRow, MessageRow, PreviewRow, WorkRow
from omni.core.endpoint import Download, Endpoint, Upload, Wire
from omni.core.errors import Defect
from omni.core.live import Row
from omni.supervisor.model import (
    AgentRow,
    CampaignRow,
    EntryPointRow,
    GroupRow,
    QueueRow,
    TotalRow,
    TrunkRow,
)

LIVE_ROWS = (
    MeRow,
    WorkRow,
    MessageRow,
    CallbackRow,
    PreviewRow,
    TotalRow,
    EntryPointRow,
    QueueRow,
    GroupRow,
    AgentRow,
    TrunkRow,
    CampaignRow,
)
REFERENCE = "#/components/schemas/{model}"


class ErrorBody(Wire):
    """The answer to a request that failed. `code` is stable; `text` is for people."""

    code: str
    text: str
    data: dict[str, str | int | float | None]


def document(endpoints: Iterable[Endpoint], rows: Iterable[type[Row]] = ()) -> dict[str, Any]:
    """Return the document as JSON values."""
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    _, defined = models_json_schema(
        [(row, "serialization") for row in rows] + [(ErrorBody, "serialization")],
        ref_template=REFERENCE,
    )
    schemas.update(defined.get("$defs", {}))
    for endpoint in sorted(endpoints, key=lambda row: (row.path, row.method)):
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "omni", "version": version("omni")},
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    parameters += _query_parameters(endpoint.query, schemas)
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "responses": {
            **_success(endpoint, schemas),
            "default": {
                "description": "It failed; `code` says why.",
                "content": _json({"$ref": REFERENCE.format(model="ErrorBody")}),
            },
        },
    }
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is Upload:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": binary},
        }
    elif endpoint.body is not None:
        schema = _schema(endpoint.body, "validation", schemas)
        operation["requestBody"] = {"required": True, "content": _json(schema)}
    return operation


def _success(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    if endpoint.result is None:
        return {"204": {"description": "Done."}}
    if endpoint.result is Download:
        content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        return {"200": {"description": "The file.", "content": content}}
    schema = _schema(endpoint.result, "serialization", schemas)
    return {"200": {"description": "Done.", "content": _json(schema)}}


def _query_parameters(
    kind: type[BaseModel] | None, schemas: dict[str, Any]
) -> list[dict[str, Any]]:
    if kind is None:
        return []
    schema = TypeAdapter(kind).json_schema(ref_template=REFERENCE)
    _define(schemas, schema.pop("$defs", {}))
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema.get("properties", {}).items()
    ]


def _schema(kind: Any, mode: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type, as a reference when it is a model."""
    schema = TypeAdapter(kind).json_schema(ref_template=REFERENCE, mode=mode)
    _define(schemas, schema.pop("$defs", {}))
    if isinstance(kind, type) and issubclass(kind, BaseModel) and "$ref" not in schema:
        _define(schemas, {kind.__name__: schema})
        return {"$ref": REFERENCE.format(model=kind.__name__)}
    return schema


def _define(schemas: dict[str, Any], new: Mapping[str, Any]) -> None:
    """Add named schemas. A model's may come in several modes, which have the same fields.

    Raises:
        Defect: two models have one name: a page would get the wrong one's types.
    """
    for name, schema in new.items():
        known = schemas.setdefault(name, schema)
        if known.get("properties", {}).keys() != schema.get("properties", {}).keys():
            raise Defect(f"two models of the API are called {name}")
        schemas[name] = schema


def _operation_id(endpoint: Endpoint) -> str:
    words = re.split(r"[^A-Za-z0-9]+", f"{endpoint.method} {endpoint.path.removeprefix('/api')}")
    return "_".join(word.lower() for word in words if word)


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


class _Unbuilt:
    """Stands for the services: the tables are read, no handler is called."""

    def __getattr__(self, _: str) -> Any:
        return self

    def __call__(self, *_: object, **__: object) -> Any:
        return self


def main() -> None:
    """Print the document of the whole API."""
    unbuilt: Any = _Unbuilt()
    table = [*session_endpoints(), *all_endpoints(unbuilt)]
    json.dump(document(table, LIVE_ROWS), sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
