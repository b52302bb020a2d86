"""A service behind a private CA: the page *Proxy* of the guide, followed to the letter."""

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.containers.conftest import Image
from tests.support.container import UV, build, command, succeed
from tests.support.guide import Step, steps
from tests.support.servers import Quiet, serving

pytestmark = pytest.mark.container

SECTION = "A certificate of your company"
TAG = "hangar-test-private-ca"
# The usual two ways to ask a server: the standard library, and a package with its own certificates.
CLIENTS = {
    "urllib": "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).status)",
    "requests": "import sys, requests as r; print(r.get(sys.argv[1]).status_code)",
}
RUN = (
    *("docker", "run", "--rm", "--network=host", "--read-only", "--cap-drop=ALL"),
    "--entrypoint=python",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the certificate of a CA, and with a key and certificate that it signed."""
    folder = tmp_path_factory.mktemp("company")
    request = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    own = ("-keyout", "ca.key", "-out", "company.crt", "-subj", "/CN=Company")
    succeed(*request, *own, "-addext", "keyUsage=critical,keyCertSign", cwd=folder)
    signed = ("-CA", "company.crt", "-CAkey", "ca.key", "-keyout", "server.key")
    names = ("-out", "server.crt", "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1")
    succeed(*request, *signed, *names, "-addext", "basicConstraints=CA:FALSE", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def service(company: Path) -> Iterator[str]:
    """The address of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(company / "server.crt", company / "server.key")
    with serving(Quiet, context) as address:
        yield address


@pytest.fixture(scope="module")
def edited(project: Path, company: Path, shared: Path) -> Path:
    """The project with the edits of the page, and with Requests."""
    copy = shutil.copytree(project, shared / "private-ca")
    shutil.copy(company / "company.crt", copy)
    succeed(UV, "add", "--quiet", "--no-sync", "requests", cwd=copy)
    # Certificates that this machine's own proxy may have: the build downloads through it.
    for certificate in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        shutil.copy(certificate, copy)
    for step in steps("proxy.md", SECTION):
        if step.title:
            Step(step.text.replace("company.crt", "*.crt"), step.title).edit(copy)
    return copy


@pytest.fixture(scope="module")
def tag(engine: docker.DockerClient, edited: Path) -> str:
    """The image of what is shipped; the fixture of the engine removes it."""
    build(edited, "runtime", TAG)
    return TAG


@pytest.mark.parametrize("client", CLIENTS)
def test_the_program_in_the_image_connects(tag: str, service: str, client: str) -> None:
    assert succeed(*RUN, tag, "-c", CLIENTS[client], service).strip() == "200"


def test_another_image_does_not_connect(image: Image, service: str) -> None:
    done = command(*RUN, image("runtime"), "-c", CLIENTS["urllib"], service)
    assert "unable to get local issuer certificate" in done.stdout


@pytest.mark.parametrize("client", CLIENTS)
def test_the_program_on_the_host_connects(
    edited: Path, service: str, client: str, tmp_path: Path
) -> None:
    typed = "\n".join(step.text for step in steps("proxy.md", SECTION) if not step.title)
    ask = f'exec "{UV}" run --quiet --no-dev --frozen python -c "$0" "$1"'
    words = ("sh", "-ec", f"{typed}\n{ask}", CLIENTS[client], service)
    assert succeed(*words, cwd=edited, env={"HOME": str(tmp_path)}).strip() == "200"
