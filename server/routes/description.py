"""How routes describe themselves in the OpenAPI document."""

from http import HTTPStatus
from typing import Any

from flask_openapi.blueprint import APIBlueprint

from server.access.guard import OPEN_BLUEPRINTS, SCHEME
from server.http.errors import MIMETYPE
from server.http.schemas import ProblemDetails
from server.problems import KINDS


def blueprint(import_name: str, tag: str) -> APIBlueprint:
    """A blueprint whose operations are named after their functions: clients are made from that."""
    name = import_name.rpartition(".")[2]

    def operation_id(*, name: str, **_: str) -> str:
        return name

    return APIBlueprint(
        name,
        import_name,
        abp_tags=[{"name": tag}],
        abp_security=None if name in OPEN_BLUEPRINTS else [{SCHEME: []}],
        operation_id_callback=operation_id,
    )


NOT_MODIFIED: dict[str | int | HTTPStatus, Any] = {
    304: {"description": "If-None-Match has the ETag of this answer: the client has it already"}
}


def problems(*statuses: int) -> dict[str | int | HTTPStatus, Any]:
    """The problems that a route may answer with; an unexpected one is always among them."""
    titles = {s: [k.title for k in KINDS.values() if k.status == s] for s in (*statuses, 500)}
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
    content = {MIMETYPE: {"schema": schema}}
    return {
        status: {"description": "; or: ".join(of_status), "content": content}
        for status, of_status in titles.items()
    }


def with_access(document: dict[str, Any], guarded: bool) -> None:
    """Add to an OpenAPI document what may be answered before a route is reached."""
    for operation in (op for path in document["paths"].values() for op in path.values()):
        refusals = (400, 401, 429) if "security" in operation else (400,)
        added = {str(status): text for status, text in problems(*refusals).items()}
        operation["responses"] = dict(sorted((added | operation["responses"]).items()))
        if "security" in operation and not guarded:
            operation["security"] = [{}, *operation["security"]]
