"""Take pictures of pages in Chromium."""

import shutil
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import sync_playwright


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve files without logging."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def photograph(site: Path, page: str, pictures: dict[str, Path], size: tuple[int, int]) -> None:
    """Save a picture of a page in each colour scheme.

    Args:
        site: The directory of the built docs.
        page: Address of the page in the site.
        pictures: The file of each scheme, light or dark.
        size: Width and height of the window, in pixels.

    Raises:
        SystemExit: Chromium is not on the PATH.
    """
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("chromium not found on the PATH; install it, for example: apt install chromium")
    width, height = size
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=site)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for scheme, picture in pictures.items():
                window = browser.new_page(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if scheme == "dark" else "light",
                )
                window.goto(f"http://127.0.0.1:{server.server_port}/{page}")
                window.screenshot(path=picture)
                window.close()
            browser.close()
        server.shutdown()
