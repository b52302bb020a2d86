"""The pages in a real browser: quiet, alone, accessible; on phone and desk, in light and dark."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.render import BIN, run
from tests.support.template import ROOT

from .conftest import Project, Serve

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# Without these a browser talks to its maker as it starts.
QUIET = (
    *("--disable-background-networking", "--disable-component-update", "--disable-gpu"),
    *("--disable-quic", "--disable-sync", "--no-first-run", "--no-sandbox"),
)
PAGES = [
    *("", "decisions/", "decisions/0001-inherit-the-environment-from-a-template/", "development/"),
    *("environment/", "environment/contract/", "environment/preflight/", "environment/pipeline/"),
    *("reference/command-line/", "reference/contracts/", "reference/sessions/"),
    "reference/tide_gauge/edge/",
]
TEMPLATE_PAGES = ["", "tutorial/grow-4-triage/", "reference/bench/"]
View = tuple[int, Literal["light", "dark"]]
VIEWS: list[View] = [(400, "light"), (400, "dark"), (1400, "light"), (1400, "dark")]
VIEW_NAMES = [f"{width}-{scheme}" for width, scheme in VIEWS]
# Level AA of the Web Content Accessibility Guidelines, versions 2.0 to 2.2.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
# What a user types, and the page that answers.
WORDS = {
    "install": "environment/machine",
    "ruff": "environment/strictness",
    "coverage": "environment/packages",
    "debug": "environment/tests",
    "secrets": "environment/service",
    "notebook": "environment/packages",
    "quarantine": "environment/history",
    "flaky": "environment/history",
    "Podman": "environment/troubleshooting",
    "Windows": "environment/troubleshooting",
}


@dataclass
class Visit:
    """What a browser did and showed at one page."""

    page: Page
    noise: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser without a window."""
    if CHROMIUM is None:
        pytest.skip("no chromium on PATH: `apt install chromium`, or your system's like")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(made: Project, serve: Serve) -> str:
    """The docs of a new project, served."""
    return serve(made.root / "site")


@contextlib.contextmanager
def visiting(browser: Browser, view: View, site: str) -> Iterator[Visit]:
    """Open a window of one width in one colour scheme, and watch what it does."""
    width, scheme = view
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    visit = Visit(context.new_page())
    visit.page.on(
        "console",
        lambda message: (
            visit.noise.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    visit.page.on("pageerror", lambda error: visit.noise.append(str(error)))
    visit.page.on(
        "request",
        lambda sent: (
            None
            if sent.url.startswith((site, "data:", "blob:"))
            else visit.elsewhere.append(sent.url)
        ),
    )
    yield visit
    context.close()


@pytest.fixture(params=VIEWS, ids=VIEW_NAMES)
def visit(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    """A window to work in."""
    with visiting(browser, request.param, site) as visit:
        yield visit


@pytest.fixture(scope="module", params=VIEWS, ids=VIEW_NAMES)
def window(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    """A window that shows one page after another."""
    with visiting(browser, request.param, site) as visit:
        yield visit


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: page or "home")
def shown(request: pytest.FixtureRequest, window: Visit, site: str) -> Visit:
    """One page, as it is once all is loaded. Leave it as it is."""
    return opened(window, site + request.param)


def opened(window: Visit, url: str) -> Visit:
    """Open a page, and forget what the window did before."""
    window.noise.clear()
    window.elsewhere.clear()
    window.page.goto(url, wait_until="networkidle")
    return window


def violations(visit: Visit) -> list[str]:
    """List what axe-core finds in the page, each rule with the elements that break it."""
    found = Axe().run(visit.page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:80]}" for rule in found for node in rule["nodes"]]


def test_no_console_message(shown: Visit) -> None:
    assert shown.noise == []


def test_no_request_elsewhere(shown: Visit) -> None:
    assert shown.elsewhere == []


def test_no_sideways_scrolling(shown: Visit) -> None:
    wide = shown.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_letters_are_large_enough(shown: Visit) -> None:
    size = shown.page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('article p')).fontSize)"
    )
    assert size >= 16


def test_accessible(shown: Visit) -> None:
    assert violations(shown) == []


@pytest.fixture(scope="module")
def desk(browser: Browser, site: str) -> Iterator[Page]:
    """The home page in a large window, with the search open."""
    with visiting(browser, (1400, "light"), site) as visit:
        visit.page.goto(site)
        visit.page.keyboard.press("/")
        yield visit.page


@pytest.mark.parametrize("word", WORDS)
def test_search_finds_a_word(desk: Page, word: str) -> None:
    desk.locator(".md-search__input").fill("")
    desk.locator(".md-search__input").press_sequentially(word)
    links = desk.locator(f".md-search-result__link[href*='{WORDS[word]}/']")
    links.first.wait_for(state="attached")
    assert links.count() > 0


def test_page_has_one_search(shown: Visit) -> None:
    assert shown.page.locator("input[type=text], input[type=search]").count() == 1


def test_colours_can_be_changed(visit: Visit, site: str) -> None:
    visit.page.goto(site)
    before = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    visit.page.locator("label[for^=__palette]:visible").first.click()
    after = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert after != before


def test_diagram_fits_the_colours(visit: Visit, site: str) -> None:
    visit.page.goto(f"{site}environment/")
    assert visit.page.locator(".diagram img:visible").count() == 1


@pytest.fixture(scope="session")
def template_site(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The template's own site, built and served."""
    place = tmp_path_factory.mktemp("site")
    command = (BIN / "properdocs", "build", "--strict", "--config-file=mkdocs.yml")
    built = run(*command, "--site-dir", place, cwd=ROOT)
    assert built.code == 0, built.err
    return serve(place)


@pytest.fixture(scope="module", params=TEMPLATE_PAGES, ids=lambda page: page or "home")
def shown_of_template(request: pytest.FixtureRequest, window: Visit, template_site: str) -> Visit:
    """One page of the template's site."""
    return opened(window, template_site + request.param)


def test_template_has_no_console_message(shown_of_template: Visit) -> None:
    assert shown_of_template.noise == []


def test_template_makes_no_request_elsewhere(shown_of_template: Visit, template_site: str) -> None:
    requests = shown_of_template.elsewhere
    assert [url for url in requests if not url.startswith(template_site)] == []


def test_template_is_accessible(shown_of_template: Visit) -> None:
    assert violations(shown_of_template) == []
