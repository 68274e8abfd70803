"""The same lookup in FastAPI, as one would write it for speed.

A pydantic request model, the list by one prepared statement on an immutable SQLite file, the answer
as bytes from orjson. Run by uvicorn with uvloop and httptools:
`python -m benchmarks.serve.fastapi_lookup LISTS.sqlite PORT`.
"""

import sqlite3
import sys
from typing import Annotated

import orjson
import uvicorn
from fastapi import FastAPI, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.serve.lists import MODEL_HANDLE

QUERY = (
    "SELECT row FROM rows WHERE subject = ? AND section_index = "
    "(SELECT section_index FROM sections WHERE section = ?)"
)


class ListRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user_handle: int
    model_handle: str = MODEL_HANDLE
    limit: Annotated[int, Field(ge=1, le=1000)] = 10


def build_app(path: str) -> FastAPI:
    app = FastAPI()
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)

    @app.post("/similar-users")
    async def similar_users(asked: ListRequest) -> Response:
        section = f"similar_users/{asked.model_handle}"
        row = connection.execute(QUERY, (asked.user_handle, section)).fetchone()
        if row is None:
            raise HTTPException(404, f"User {asked.user_handle} is in no list.")
        stored = orjson.loads(row[0])
        answer = {
            "request_data": asked.user_handle,
            "data": {
                "model_handle": asked.model_handle,
                "similar_users": stored["entries"][: asked.limit],
            },
            "generation": path.rpartition("/")[2],
            "source": "model",
        }
        return Response(orjson.dumps(answer), media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run(
        build_app(sys.argv[1]),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
    )
