"""What boto3 is asked for, in the words of an IAM policy, and whether a policy allows it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

REGION, ACCOUNT = "us-east-1", "123456789012"


@dataclass(frozen=True)
class Call:
    action: str
    resource: str
    prefix: str = ""
    """Condition key s3:prefix."""


@dataclass
class Policy:
    """The Allow statements of a policy file; nothing else is allowed to be in it."""

    statements: list[Any]

    @classmethod
    def read(cls, path: Path, **names: str) -> "Policy":
        text = path.read_text()
        for placeholder, name in ({"REGION": REGION, "ACCOUNT": ACCOUNT} | names).items():
            text = text.replace(placeholder, name)
        policy = json.loads(text)
        assert set(policy) == {"Version", "Statement"}
        assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}
        return cls(policy["Statement"])

    @property
    def actions(self) -> set[str]:
        return {action for statement in self.statements for action in _listed(statement["Action"])}

    def allows(self, call: Call) -> bool:
        return any(
            call.action in _listed(statement["Action"])
            and any(fnmatchcase(call.resource, one) for one in _listed(statement["Resource"]))
            and fnmatchcase(call.prefix, _condition(statement))
            for statement in self.statements
        )


@dataclass
class Recorder:
    calls: set[Call] = field(default_factory=set)
    _lock: Any = field(default_factory=threading.Lock)

    @property
    def actions(self) -> set[str]:
        return {call.action for call in self.calls}

    def record(self, service: str, operation: str, request: Any) -> None:
        with self._lock:
            self.calls.update(_calls(service, operation, request))


@contextmanager
def recorded_calls() -> Iterator[Recorder]:
    """Everything that any boto3 client of this process is asked for within the block."""
    recorder = Recorder()
    send = BaseClient._make_api_call

    def record_and_send(client: Any, operation: str, request: Any) -> Any:
        recorder.record(client.meta.service_model.service_name, operation, request)
        return send(client, operation, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", record_and_send)
        yield recorder


def _calls(service: str, operation: str, request: Any) -> Iterator[Call]:
    match service, operation:
        case "s3", "ListObjectsV2":
            yield Call("s3:ListBucket", f"arn:aws:s3:::{request['Bucket']}", request["Prefix"])
        case "s3", _:
            yield Call(f"s3:{operation}", f"arn:aws:s3:::{request['Bucket']}/{request['Key']}")
        case "dynamodb", "DescribeImport":
            yield Call("dynamodb:DescribeImport", request["ImportArn"])
        case "dynamodb", "TransactWriteItems":
            # Allowed by what its parts are.
            for item in request["TransactItems"]:
                ((part, asked),) = item.items()
                yield Call(f"dynamodb:{part}Item", _table_arn(asked["TableName"]))
        case "dynamodb", _:
            table = request.get("TableCreationParameters", request).get("TableName")
            for name in [table] if table else request["RequestItems"]:
                yield Call(f"dynamodb:{operation}", _table_arn(name))


def _table_arn(name: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def _condition(statement: Any) -> str:
    return statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix", "*")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
