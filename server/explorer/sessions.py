"""Signing in with an API key: a cookie that says which key, signed by the server."""

from urllib.parse import unquote

from flask import Response, redirect, request, url_for
from werkzeug.datastructures import Headers

from server.access.api_keys import Identity
from server.access.guard import Auth, require_right
from server.access.session_tokens import SESSION_SECONDS

SESSION_COOKIE = "kindred_session"
THEME_COOKIE = "kindred_theme"
THEME_SECONDS = 365 * 24 * 3600
THEMES = ("auto", "light", "dark")


def forged(headers: Headers, host_url: str) -> bool:
    """True unless the browser says that a page of this server sent the form."""
    if site := headers.get("Sec-Fetch-Site"):
        return site != "same-origin"
    return headers.get("Origin", "") + "/" != host_url


def identity_of_session(auth: Auth) -> Identity | None:
    """Who signed in; without keys in use everybody. None if nobody did, or their key is gone."""
    if not auth.is_guarded:
        return auth.identify(None)
    token, key_id = _token()
    identity, key_hash = auth.key_of(key_id) or (None, b"")
    if identity is None or "read" not in identity.rights:
        return None
    return identity if auth.sessions.is_valid(token, key_id, key_hash) else None


def sign_in(auth: Auth, key: str, response: Response) -> Response:
    """Remember in `response` whose key this is.

    Raises Problem if it is nobody's, or may not read.
    """
    identity = auth.identify(key)
    require_right(identity, "read")
    key_id = identity.key_id or ""
    if found := auth.key_of(key_id):
        _set(response, SESSION_COOKIE, auth.sessions.issue(key_id, found[1]), SESSION_SECONDS)
    return response


def sign_out(auth: Auth, response: Response) -> Response:
    """End the session for whoever holds its cookie, and have this browser forget it."""
    token, key_id = _token()
    if found := auth.key_of(key_id):
        auth.sessions.end(token, key_id, found[1])
    response.delete_cookie(
        SESSION_COOKIE,
        path="/explorer",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return response


def remember_theme(response: Response, theme: str) -> Response:
    if theme in THEMES:
        _set(response, THEME_COOKIE, theme, THEME_SECONDS)
    return response


def sign_in_address() -> Response:
    """To the form, which leads back to what was asked."""
    if "HX-Request" in request.headers:
        # A part of a page was asked; the whole page is to go.
        return Response(status=401, headers={"HX-Redirect": url_for("explorer.sign_in")})
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return _redirect(url_for("explorer.sign_in", next=here))


def back_to(address: str | None) -> Response:
    """To a page of the explorer, whatever was asked for.

    What cannot stand in a header, such as a new line, is no address; werkzeug refuses it only when
    the answer is made, which would be a 500.
    """
    address = address or ""
    return _redirect(address if _is_inside(address) else url_for("explorer.users"))


def _is_inside(address: str) -> bool:
    """Browsers take `\\` for `/`, and follow `..` however it is written."""
    path = unquote(address.partition("?")[0].partition("#")[0])
    begins_so = path == "/explorer" or path.startswith("/explorer/")
    leads_out = "\\" in address or ".." in path.split("/")
    return begins_so and not leads_out and address.isprintable()


def _redirect(address: str) -> Response:
    found = redirect(address, 303)
    return Response(found.get_data(), found.status_code, found.headers)


def _token() -> tuple[str, str]:
    """The cookie of this request, and the public ID of the key that it says it is of."""
    token = request.cookies.get(SESSION_COOKIE, "")
    return token, token.partition(".")[0]


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/explorer",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
