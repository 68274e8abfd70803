"""Every page in light, in dark and on a phone: pictures to look at, and no barrier."""

import os
from pathlib import Path

import pytest

from tests.browser.test_course_page import course_path
from tests.browser.test_explorer import user_path
from tests.processes import ROOT

SCREENSHOTS = Path(os.environ.get("CI_ARTIFACTS") or ROOT / ".cache") / "screenshots"
PAGES = {
    "search": "/users?typed=a",
    "user": user_path("ada"),
    "did": f"{user_path('alma')}&looked=45",
    "all-users": "/users/all",
    "all-courses": "/courses",
    "chosen-courses": "/courses?only=tag/systems",
    "changes": "/users/changes?handle=%22ada%22",
    "course": course_path("go"),
    "hostile-course": course_path("docker"),
    "models": "/models",
    "generations": "/generations",
    "operations": "/operations",
    "try": "/try",
}
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
SEVERE = {"serious", "critical"}


@pytest.mark.parametrize("look", LOOKS)
def test_pages_can_be_read_by_everybody(make_visitor, axe, look):
    # Signing out, below, ends the session for all who share it.
    visitor = make_visitor(**LOOKS[look], storage_state=None)
    visitor.sign_in()
    page = visitor.page
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    findings = []
    for name, path in PAGES.items():
        visitor.open(path)
        findings += looked_at(page, name, look, axe)
    page.goto(f"{visitor.site.server.url}/")
    findings += looked_at(page, "start", look, axe)
    page.get_by_role("link", name="Generations", exact=True).click()
    page.locator("tbody a").first.click()
    findings += looked_at(page, "generation", look, axe)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    findings += looked_at(page, "sign-in", look, axe)
    assert findings == []


def looked_at(page, name: str, look: str, axe: str) -> list[str]:
    """What axe finds serious, and what does not fit; the picture goes to SCREENSHOTS."""
    page.wait_for_load_state()
    page.screenshot(path=SCREENSHOTS / f"{name}-{look}.png", full_page=True)
    page.evaluate(axe)
    violations = page.evaluate("axe.run().then(results => results.violations)")
    findings = [
        f"{name} {look}: {v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}"
        for v in violations
        if v["impact"] in SEVERE
    ]
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return findings + ([f"{name} {look}: {width} wide in {window}"] if width > window else [])
