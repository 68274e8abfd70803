"""Who can ask this server, found out and said before it starts."""

from pathlib import Path

from server.access.key_file import read
from shared.errors import SettingsError
from shared.settings import DEFAULT_API_KEYS_FILE, ServerSettings


def who_may_ask(settings: ServerSettings) -> str:
    """The line for the operator.

    Raises SettingsError if the keys cannot be read, if they are missing although there must be
    some, or if nobody needs a key and the server would be reached from elsewhere.
    """
    path = Path(settings.api_keys_file)
    keys = read(path)
    if keys is None and settings.api_keys_file != DEFAULT_API_KEYS_FILE:
        raise SettingsError(
            f"API_KEYS_FILE names {path}, which is not there: make it with "
            "`python run_server.py keys create --tenant NAME`, or unset API_KEYS_FILE to "
            "serve without keys."
        )
    if keys is None and Path(settings.session_secret_file).exists():
        raise SettingsError(
            f"API_KEYS_FILE, {path}, is not there, although a server has used keys before, as "
            f"SESSION_SECRET_FILE, {settings.session_secret_file}, tells: put it back or make a "
            "key with `python run_server.py keys create --tenant NAME`. To serve without keys from "
            "now on, remove that file, too."
        )
    settings.check_exposure(guarded=keys is not None)
    if keys:
        tenants = len({key.tenant for key in keys})
        return f"Who asks must show an API key: {path} has {len(keys)}, for {tenants} tenant(s)."
    if keys is not None:
        return (
            f"WARNING: {path} holds no API key, so nobody can ask; "
            "`python run_server.py keys create --tenant NAME` makes one."
        )
    if settings.allow_anonymous:
        return (
            "WARNING: no API key is configured and ALLOW_ANONYMOUS=true: whoever reaches "
            f"{settings.server_host} port {settings.server_port} reads everybody's lists."
        )
    return (
        f"WARNING: no API key is configured, so only this machine can ask ({settings.server_host})."
    )
