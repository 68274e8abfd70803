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


def set_headers(app: Flask) -> None:
    @app.after_request
    def _set(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        # Lists are about persons: no proxy keeps them. Static files say otherwise themselves.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
