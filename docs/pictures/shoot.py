"""Take the README's picture of the docs: generate a project, build its site, open a page."""

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
PICTURE = Path(__file__).with_name("docs.png")
PAGE = "reference/contracts/"
SIZE = (1280, 720)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def shoot(site: Path) -> None:
    """Open the page in Chromium and keep what it shows.

    Args:
        site: The built docs.

    Raises:
        SystemExit: There is no Chromium on the PATH.
    """
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no chromium on the PATH: `apt install chromium`, or your system's like")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site)) as server:
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
    """Make a project, build its docs, take the picture."""
    with tempfile.TemporaryDirectory() as place:
        project = Path(cookiecutter(str(ROOT), no_input=True, output_dir=place))
        subprocess.run(["nox", "-s", "setup", "docs"], cwd=project, check=True)
        shoot(project / "site")
    print(f"{PICTURE.relative_to(ROOT)}: taken")


if __name__ == "__main__":
    main()
