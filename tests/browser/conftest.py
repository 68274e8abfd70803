"""A real browser on a real server process."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from shared.events import Event, open_log
from shared.stores import open_store
from tests.processes import ROOT
from tests.server.access.keys import add_key
from tests.server.explorer.platform import publish_platform
from tests.server.running import Server, running_server

AXE = ROOT / ".cache/axe-core/node_modules/axe-core/axe.min.js"
MISSING = {
    "chromium": "chromium is not installed (Debian's package; any Chromium on the PATH will do)",
    "axe": "axe-core is not installed; `make .cache/axe-core` fetches it from npm",
}
# Debian's Chromium needs the first two in a container; the last keeps it from calling home.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def absent(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING[what])
    pytest.skip(MISSING[what])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        absent("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=OPTIONS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.exists():
        absent("axe")
    return AXE.read_text()


@dataclass
class Site:
    server: Server
    key: str

    def address(self, path: str = "") -> str:
        return f"{self.server.url}/explorer{path}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server with keys, two generations, and lists of hostile names."""
    folder: Path = tmp_path_factory.mktemp("explorer")
    store = open_store(f"sqlite:///{folder / 'store'}")
    publish_platform(store)
    publish_platform(store)
    store.close()
    log = open_log(f"sqlite:///{folder / 'store'}")
    seen = Event("e", "view", "alma", "2026-12-01T00:00:00.000000Z", "go", seconds=60.0)
    log.append("default", [seen])
    log.close()
    keys, pictures = folder / "keys.json", folder / "pictures"
    (pictures / "default" / "go").mkdir(parents=True)
    Image.new("RGB", (640, 360), (40, 120, 160)).save(pictures / "default" / "go" / "gopher.png")
    _, key = add_key(keys, rights="read,write")
    with running_server(folder / "store", api_keys_file=keys, pictures_folder=pictures) as server:
        yield Site(server, key)


@dataclass
class Visitor:
    """A page whose every complaint and request is kept."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> None:
        self.page.goto(self.site.address(path))

    def sign_in(self) -> None:
        self.open("/sign-in")
        self.page.get_by_label("API key").fill(self.site.key)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/explorer/users")


@pytest.fixture(scope="session")
def session(browser: Browser, site: Site) -> dict:
    """The cookies of somebody who has signed in."""
    context = browser.new_context()
    Visitor(context.new_page(), site).sign_in()
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def make_visitor(browser: Browser, site: Site, session: dict):
    """Opens pages as somebody who has signed in; in the end nobody may have complained, and
    nothing may have been asked of anybody else."""
    opened: list[tuple[BrowserContext, Visitor]] = []

    def make(**options: object) -> Visitor:
        context = browser.new_context(**({"storage_state": session} | options))
        context.set_default_timeout(60_000)
        visitor = Visitor(context.new_page(), site)
        page = visitor.page
        page.on("console", lambda message: visitor.complaints.append(message.text))
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        page.on("dialog", lambda dialog: visitor.complaints.append(dialog.message))
        page.on("request", lambda request: visitor.requested.append(request.url))
        opened.append((context, visitor))
        return visitor

    yield make
    for context, visitor in opened:
        context.close()
        assert visitor.complaints == []
        assert [url for url in visitor.requested if not url.startswith(site.server.url)] == []


@pytest.fixture
def visitor(make_visitor) -> Visitor:
    return make_visitor()
