"""Libraries that need no description in the declaration: `libpcap = true` is enough."""

from __future__ import annotations

# apt names hold on Debian 12 and 13 and on Ubuntu: where a `t64` package replaced one, it
# provides the old name. Sources: packages.debian.org, packages.fedoraproject.org, formulae.brew.sh.
LIBRARIES: dict[str, dict[str, object]] = {
    "libcairo": {
        "soname": ["libcairo.so.2", "libcairo.2.dylib"],
        "apt": "libcairo2",
        "dnf": "cairo",
        "brew": "cairo",
    },
    "libgl": {
        "soname": ["libGL.so.1", "libGL.dylib", "opengl32.dll"],
        "apt": "libgl1",
        "dnf": "libglvnd-glx",
    },
    "libgomp": {
        "soname": ["libgomp.so.1", "libomp.dylib", "vcomp140.dll"],
        "apt": "libgomp1",
        "dnf": "libgomp",
        "brew": "libomp",
        "winget": "Microsoft.VCRedist.2015+.x64",
    },
    "libmagic": {
        "soname": ["libmagic.so.1", "libmagic.dylib"],
        "apt": "libmagic1",
        "dnf": "file-libs",
        "brew": "libmagic",
    },
    "libodbc": {
        "soname": ["libodbc.so.2", "libodbc.2.dylib", "odbc32.dll"],
        "apt": "libodbc2",
        "dnf": "unixODBC",
        "brew": "unixodbc",
    },
    "libpcap": {
        "soname": ["libpcap.so.1", "libpcap.so.0.8", "libpcap.A.dylib", "wpcap.dll"],
        "apt": "libpcap0.8",
        "dnf": "libpcap",
        "brew": "libpcap",
        "url": "https://npcap.com/#download",
    },
    "libpq": {
        "soname": ["libpq.so.5", "libpq.5.dylib", "libpq.dll"],
        "apt": "libpq5",
        "dnf": "libpq",
        "brew": "libpq",
        "winget": "PostgreSQL.PostgreSQL.17",
    },
    "libsndfile": {
        "soname": ["libsndfile.so.1", "libsndfile.dylib", "sndfile.dll"],
        "apt": "libsndfile1",
        "dnf": "libsndfile",
        "brew": "libsndfile",
    },
    "libusb": {
        "soname": ["libusb-1.0.so.0", "libusb-1.0.dylib", "libusb-1.0.dll"],
        "apt": "libusb-1.0-0",
        "dnf": "libusb1",
        "brew": "libusb",
    },
}
