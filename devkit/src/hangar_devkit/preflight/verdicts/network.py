"""PF7xx: proxies, certificates, locale and clock."""

from __future__ import annotations

from hangar_devkit.preflight.facts import network as probes
from hangar_devkit.preflight.verdicts import bad, check, ok

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

CLOCK_TOLERANCE = 60  # seconds
LOCAL = ("localhost", "127.0.0.1", "*")


@check(
    "PF701",
    "Proxy variables are consistent",
    why="Some programs read http_proxy, some HTTP_PROXY: when they differ, half of them fail.",
    fix="set both spellings to the same value, as a URL",
    level="warn",
)
def proxies_agree(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Both spellings of a proxy variable have the same value, which is a URL."""
    found = facts.of(probes.proxies)
    both = [name for name in probes.PROXIES if name in found and name.upper() in found]
    differing = [name for name in both if found[name] != found[name.upper()]]
    no_url = [n for n, v in found.items() if n.lower() != "no_proxy" and "://" not in v]
    if differing:
        yield bad(f"{differing[0]} and {differing[0].upper()} differ")
    elif no_url:
        yield bad(f"{no_url[0]} is not a URL")
    elif found:
        yield ok(", ".join(found))


@check(
    "PF702",
    "Proxy excludes localhost",
    why="Tests that go through the proxy to their own server hang.",
    fix={
        "linux": "export no_proxy=localhost,127.0.0.1 NO_PROXY=localhost,127.0.0.1",
        "macos": "export no_proxy=localhost,127.0.0.1 NO_PROXY=localhost,127.0.0.1",
        "windows": "setx NO_PROXY localhost,127.0.0.1",
    },
    level="warn",
)
def proxy_excludes_localhost(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """With a proxy, `no_proxy` contains localhost."""
    found = facts.of(probes.proxies)
    if not any(name.lower() != "no_proxy" for name in found):
        return
    excluded = f"{found.get('no_proxy', '')},{found.get('NO_PROXY', '')}".replace(" ", "").split(
        ","
    )
    yield (
        ok("no_proxy")
        if set(excluded).intersection(LOCAL)
        else bad("no_proxy does not contain localhost")
    )


@check(
    "PF703",
    "Certificate variables point to existing files",
    why="A missing certificate file breaks every download, with an error about trust.",
    fix="unset the variable, or restore the file",
)
def certificates_exist(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` and similar variables point to existing paths."""
    missing = facts.of(probes.missing_certificates)
    for name, path in missing.items():
        yield bad(f"{name} is {path}, which does not exist", subject=name)
    if not missing:
        yield ok("all exist")


@check(
    "PF704",
    "Text encoding is UTF-8",
    why="With another encoding, `open()` misreads UTF-8 text.",
    fix={
        "linux": "export LANG=C.UTF-8",
        "macos": "export LANG=en_US.UTF-8",
        "windows": "setx PYTHONUTF8 1",
    },
    level="warn",
)
def text_is_utf8(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The encoding of the locale is UTF-8, or Python is set to use it."""
    locale = facts.of(probes.locale)
    unset = locale in ("", "C", "POSIX") and facts.platform != "windows"  # PEP 538 makes it UTF-8
    if facts.of(probes.utf8_mode) or unset or "utf8" in locale.lower().replace("-", ""):
        yield ok(locale or "UTF-8")
    else:
        yield bad(f"the locale is {locale or 'the default of Windows'}")


@check(
    "PF705",
    "System clock is correct",
    why="A clock that is behind breaks TLS, caches and comparisons of file times.",
    fix={
        "linux": "sudo timedatectl set-ntp true; in WSL: wsl --shutdown",
        "macos": "sudo sntp -sS time.apple.com",
        "windows": "w32tm /resync",
    },
    level="warn",
)
def clock_is_right(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """No file of the project is dated in the future."""
    seconds = facts.of(probes.seconds_behind)
    if seconds > CLOCK_TOLERANCE:
        yield bad(f"a file of the project is {seconds} seconds ahead of the clock")
    else:
        yield ok("no file is dated in the future")
