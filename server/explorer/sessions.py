"""Signing in with an API key: a cookie that says which key, signed with what only the server has.

The signature is made with the stored hash of the key itself. So no secret has to be kept or shared
between servers, and a session ends with its key.
"""

from flask import Response, redirect, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import Headers

from server.access.api_keys import Identity
from server.access.guard import Auth

SESSION_COOKIE = "kindred_session"
SESSION_SECONDS = 12 * 3600
THEME_COOKIE = "kindred_theme"
THEME_SECONDS = 365 * 24 * 3600
THEMES = ("auto", "light", "dark")
_SALT = "kindred explorer"


def forged(headers: Headers, host_url: str) -> bool:
    """True unless the browser says that a page of this server sent the form."""
    if site := headers.get("Sec-Fetch-Site"):
        return site != "same-origin"
    return headers.get("Origin", "") + "/" != host_url


def identity_of_session(auth: Auth) -> Identity | None:
    """Who signed in; without keys in use everybody. None if nobody did, or their key is gone."""
    if not auth.is_guarded:
        return auth.identify(None)
    token = request.cookies.get(SESSION_COOKIE, "")
    key_id = token.partition(".")[0]
    found = auth.key_of(key_id)
    if found is None:
        return None
    identity, secret = found
    try:
        signed = _serializer(secret).loads(token.partition(".")[2], max_age=SESSION_SECONDS)
    except BadData:
        return None
    return identity if signed == key_id else None


def sign_in(auth: Auth, key: str, response: Response) -> Response:
    """Remember in `response` whose key this is. Raises Problem if it is nobody's."""
    identity = auth.identify(key)
    found = auth.key_of(identity.key_id or "")
    if found is not None:
        token = f"{identity.key_id}.{_serializer(found[1]).dumps(identity.key_id)}"
        _set(response, SESSION_COOKIE, token, SESSION_SECONDS)
    return response


def forget(response: Response) -> Response:
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
    inside = address.startswith("/explorer") and "\\" not in address and address.isprintable()
    return _redirect(address if inside else url_for("explorer.users"))


def _redirect(address: str) -> Response:
    found = redirect(address, 303)
    return Response(found.get_data(), found.status_code, found.headers)


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=_SALT)


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
