"""What a store holds, read past Kindred's own code."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from shared.stores.dynamodb.address import Address

Rows = dict[tuple[str, str], str]
"""(subject as JSON, section) -> rows as they are stored."""


@dataclass(frozen=True)
class Contents:
    """One generation, to the byte."""

    rows: Rows
    manifest: str
    digest: str = ""
    """SHA-256 of its file, if it is one."""


def contents(url: str, tenant: str, generation: str) -> Contents:
    if url.startswith("sqlite"):
        return _in_sqlite(Path(url.removeprefix("sqlite:///")), tenant, generation)
    return _in_dynamodb(Address.parse(url), tenant, generation)


def sqlite_file(url: str, generation: str, tenant: str = "default") -> Path:
    return Path(url.removeprefix("sqlite:///")) / tenant / f"{generation}.sqlite"


def bare_client(address: Address) -> Any:
    """boto3 as anybody uses it."""
    return boto3.client(
        "dynamodb",
        endpoint_url=address.endpoint,
        region_name=address.region,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def _in_sqlite(folder: Path, tenant: str, generation: str) -> Contents:
    path = folder / tenant / f"{generation}.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as lists:
        found = lists.execute(
            "SELECT subject, section, row FROM rows JOIN sections USING (section_index)"
        ).fetchall()
    with closing(sqlite3.connect(folder / "control.sqlite")) as control:
        (manifest,) = control.execute(
            "SELECT text FROM records WHERE tenant = ? AND name = ?",
            (tenant, f"manifest:{generation}"),
        ).fetchone()
    rows = {(json.dumps(subject), section): text for subject, section, text in found}
    assert len(rows) == len(found)
    return Contents(rows, manifest, hashlib.sha256(path.read_bytes()).hexdigest())


def _in_dynamodb(address: Address, tenant: str, generation: str) -> Contents:
    with closing(bare_client(address)) as client:
        scan = client.get_paginator("scan").paginate(
            TableName=f"{address.prefix}-{tenant}-{generation}-rows", ConsistentRead=True
        )
        rows = {
            (item["subject"]["S"], item["section"]["S"]): item["row"]["S"]
            for page in scan
            for item in page["Items"]
        }
        manifest = client.get_item(
            TableName=f"{address.prefix}-control",
            Key={"tenant": {"S": tenant}, "name": {"S": f"manifest:{generation}"}},
            ConsistentRead=True,
        )["Item"]["text"]["S"]
    return Contents(rows, manifest)
