"""The floor: a Flask route that takes a POST and returns constant bytes, on Kindred's own server.

`python -m benchmarks.serve.bare_flask`; host, port, workers and threads are Kindred's settings.
"""

from functools import partial

import orjson
from flask import Flask, Response

from server.process.workers import serve
from shared.settings import ServerSettings
from shared.stores import open_store

ANSWER = orjson.dumps(
    {
        "request_data": 54321,
        "data": {
            "model_handle": "tfidf_user_interest",
            "similar_users": [54321 + rank for rank in range(10)],
        },
        "generation": "20261121T020000Z-3f9a",
        "source": "model",
    }
)


def build_app() -> Flask:
    app = Flask(__name__)

    @app.post("/similar-users")
    def similar_users() -> Response:
        return Response(ANSWER, mimetype="application/json")

    return app


if __name__ == "__main__":
    settings = ServerSettings.load()
    threads = settings.threads_of_a_worker(open_store(settings.store_url).reads_are_local)
    serve(settings, threads, build_app, partial(print, flush=True))
