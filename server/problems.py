"""What can be wrong with a request, as RFC 9457 problems: plain data, no Flask here."""

from dataclasses import dataclass
from typing import Any

TYPE_PREFIX = "/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: what programs switch on."""

    name: str
    status: int
    title: str
    help: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("malformed-body", 400, "The body is not a JSON object",
             "Send one JSON object in UTF-8 with the header Content-Type: application/json."),
        Kind("invalid-request", 422, "A field is missing or has a wrong value",
             "`errors` names each field by a JSON pointer and says what it must be."),
        Kind("untrusted-host", 400, "The server is not called so",
             "Use a name or address of the server, or add the name to its TRUSTED_HOSTS."),
        Kind("unauthorized", 401, "A valid API key is needed",
             "Send a key in the header X-API-Key; whoever runs the server gives one out."),
        Kind("unknown-user", 404, "There is no such user",
             "Check the handle and its JSON type. Users are new until they do or say something."),
        Kind("unknown-course", 404, "There is no such course",
             "Check the handle and its JSON type. The next refresh lists described courses."),
        Kind("unknown-group", 404, "The model ranks nothing for this group",
             "Ask for level/NAME, tag/NAME, segment/COLUMN/VALUE or interest/TAG of the tables."),
        Kind("user-without-lists", 404, "The model has no list for this user",
             "Ask one of `models_with_lists`, or leave the user out."),
        Kind("course-without-lists", 404, "The model has no list for this course",
             "Ask one of `models_with_lists`, or leave the course out."),
        Kind("unknown-model", 404, "There is no such model",
             "Use one of `valid_model_handles`; GET /models describes them."),
        Kind("model-skipped", 404, "The model did not run in the live generation",
             "Use one of `valid_model_handles`; GET /models says why a model was skipped."),
        Kind("model-without-kind", 404, "The model does not give this kind of list",
             "Use one of `valid_model_handles`; `serves` in GET /models lists what each gives."),
        Kind("unknown-route", 404, "There is no such address",
             "GET / lists the addresses, /docs explains them."),
        Kind("wrong-method", 405, "The address does not take this method",
             "The header Allow lists the methods that it takes."),
        Kind("body-too-large", 413, "The body is too large",
             "Send fewer handles in one request."),
        Kind("unsupported-encoding", 415, "The body is compressed",
             "Send the body as it is, without the header Content-Encoding."),
        Kind("bad-request", 400, "The request cannot be understood",
             "Send well-formed HTTP; /docs shows examples."),
        Kind("metrics-refused", 401, "The metrics are not for everybody",
             "Send `Authorization: Bearer TOKEN` with the METRICS_TOKEN of the server."),
        Kind("too-many-requests", 429, "The limit of this key is used up",
             "Ask again after Retry-After seconds; a batch counts as its handles."),
        Kind("keys-unreadable", 503, "The server cannot read its keys",
             "This is for whoever runs the server; its log says what is wrong with the file."),
        Kind("forbidden", 403, "The key may not do this",
             "Ask whoever runs the server for a key with the right that `detail` names."),
        Kind("no-event-log", 501, "Events are not kept here",
             "STORE_URL has to name a store that keeps events."),
        Kind("too-many-events", 429, "No more events are kept for this tenant",
             "`python run_generator.py events compact --before DATE` drops what the tables have."),
        Kind("events-not-kept", 503, "Events cannot be kept now",
             "Send them again after Retry-After seconds; the server's log says what is wrong."),
        Kind("nothing-published", 503, "Nothing is published yet",
             "Run `python run_generator.py`, then ask again."),
        Kind("store-unavailable", 503, "The lists cannot be read now",
             "Ask again after Retry-After seconds; the server's log says what is wrong."),
        Kind("lists-too-old", 503, "The lists are older than allowed",
             "Allow a larger `max_age_seconds`, or run the generator."),
        Kind("unexpected-error", 500, "The server failed",
             "This is a fault of the server; its log holds the details."),
    )
}  # fmt: skip


class Problem(Exception):
    """One refusal: `detail` says cause and cure, `members` are extra fields for programs."""

    def __init__(
        self,
        name: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.kind = KINDS[name]
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": TYPE_PREFIX + self.kind.name,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            **self.members,
        }
