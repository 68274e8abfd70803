"""Headers that every answer carries."""

from flask import Flask, Response

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "kindred",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def list_headers(pointer_refresh_seconds: float) -> list[tuple[str, str]]:
    """Of an answer with lists, without its ETag.

    A client may keep it as long as this server may take to notice a new generation, then ask
    again with If-None-Match. Lists are about persons, so no proxy keeps them.
    """
    return [
        ("Content-Type", "application/json"),
        ("Cache-Control", f"private, max-age={int(pointer_refresh_seconds)}, must-revalidate"),
        ("Vary", "X-API-Key, Accept-Encoding"),
        *SECURITY_HEADERS.items(),
    ]


def set_headers(app: Flask) -> None:
    @app.after_request
    def _set(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        # No proxy keeps what is about persons, nor a refusal. Who may keep an answer says so.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
