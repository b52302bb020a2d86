"""What the tests of devkit share: a person of their own for git."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def clean_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's own settings out of the tests."""
    config = tmp_path_factory.mktemp("settings") / "gitconfig"
    config.write_text(
        "[user]\nname = Test\nemail = test@example.com\n[init]\ndefaultBranch = main\n",
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        patch.delenv("VIRTUAL_ENV", raising=False)
        yield
