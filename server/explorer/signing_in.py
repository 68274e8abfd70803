"""Sign in with an API key, sign out, and choose between light and dark."""

from flask import Response, render_template, request, url_for

from server.access.guard import auth_of_app
from server.explorer.blueprint import routes
from server.explorer.sessions import back_to, remember_theme
from server.explorer.sessions import sign_in as signed_in
from server.explorer.sessions import sign_out as signed_out
from server.problems import Problem


@routes.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | tuple[str, int] | str:
    auth = auth_of_app()
    if not auth.is_guarded:
        return back_to(None)
    asked_for = request.values.get("next")
    if request.method == "GET":
        return render_template("explorer/sign_in.html", next=asked_for, refusal=None)
    try:
        return signed_in(auth, request.form.get("key", "").strip(), back_to(asked_for))
    except Problem as problem:
        page = render_template("explorer/sign_in.html", next=asked_for, refusal=problem)
        return page, problem.kind.status


@routes.post("/sign-out")
def sign_out() -> Response:
    return signed_out(auth_of_app(), back_to(url_for("explorer.sign_in")))


@routes.post("/theme")
def theme() -> Response:
    return remember_theme(back_to(request.form.get("here")), request.form.get("theme", ""))
