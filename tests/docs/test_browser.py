"""The pages in a real browser: quiet, alone, readable on a telephone and a desk, day and night."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
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
    *("environment/", "environment/proxy/", "environment/preflight/", "environment/pipeline/"),
    *("reference/command-line/", "reference/contracts/", "reference/sessions/"),
    "reference/tide_gauge/edge/",
]
VIEWS = [(width, scheme) for width in (400, 1400) for scheme in ("light", "dark")]
# WCAG 2.1, 1.4.3: contrast of text, as the ratio of luminances.
CONTRAST = """() => {
    const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
    const numbers = s => s.match(/[\\d.]+/g).map(Number)
    const backdrop = e => {
        for (; e; e = e.parentElement) {
            const c = numbers(getComputedStyle(e).backgroundColor)
            if (c.length < 4 || c[3] === 1) return c
        }
        return [255, 255, 255]
    }
    const article = document.querySelector('article')
    const ratios = [...article.querySelectorAll('h1, h2, p, li, td, th, a, p code, td code')]
        .filter(e => e.textContent.trim() && !e.matches('.headerlink') && e.offsetParent)
        .map(e => {
            const back = backdrop(e), [r, g, b, alpha = 1] = numbers(getComputedStyle(e).color)
            const ink = [r, g, b].map((c, i) => c * alpha + back[i] * (1 - alpha))
            const [x, y] = [luminance(ink), luminance(back)].sort((p, q) => q - p)
            return [(x + 0.05) / (y + 0.05), e.tagName + ': ' + e.textContent.trim().slice(0, 30)]
        })
    return ratios.filter(([ratio]) => ratio < 4.5)
}"""


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


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def visit(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    """A visit that has begun, on one screen."""
    width, scheme = request.param
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


@pytest.fixture(params=PAGES, ids=lambda page: page or "home")
def shown(request: pytest.FixtureRequest, visit: Visit, site: str) -> Visit:
    """One page, as it is once all is loaded."""
    visit.page.goto(site + request.param, wait_until="networkidle")
    return visit


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


def test_contrast(shown: Visit) -> None:
    assert shown.page.evaluate(CONTRAST) == []


def test_search_finds_a_page(visit: Visit, site: str) -> None:
    visit.page.goto(site)
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("libpcap")
    results = visit.page.locator(".md-search-result__link")
    results.first.wait_for(state="attached")
    found = [link.get_attribute("href") or "" for link in results.all()]
    assert any("environment/machine" in address for address in found)


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


def test_site_of_the_template_is_quiet(visit: Visit, template_site: str) -> None:
    visit.page.goto(template_site, wait_until="networkidle")
    elsewhere = [url for url in visit.elsewhere if not url.startswith(template_site)]
    assert (visit.noise, elsewhere) == ([], [])
