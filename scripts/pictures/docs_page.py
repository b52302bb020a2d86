"""Take the README's screenshot of the docs: make a project, build its site, open a page.

Usage: python -m scripts.pictures.docs_page
"""

import shutil
import subprocess
import sys
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cookiecutter.main import cookiecutter
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "pictures" / "docs.png"
PAGE = "reference/contracts/"
SIZE = (1280, 720)


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve files without logging."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def take_screenshot(site: Path) -> None:
    """Open the page in Chromium and save a screenshot.

    Args:
        site: The directory of the built docs.

    Raises:
        SystemExit: Chromium is not on the PATH.
    """
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium not found on the PATH; install it, for example: apt install chromium")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=site)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            width, height = SIZE
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"http://127.0.0.1:{server.server_port}/{PAGE}")
            page.screenshot(path=PICTURE)
            browser.close()
        server.shutdown()


def main() -> None:
    """Make a project, build its docs and take the screenshot."""
    with tempfile.TemporaryDirectory() as directory:
        project = Path(cookiecutter(str(ROOT), no_input=True, output_dir=directory))
        subprocess.run(["nox", "-s", "setup", "docs"], cwd=project, check=True)
        take_screenshot(project / "site")
    print(PICTURE.relative_to(ROOT))


if __name__ == "__main__":
    main()
