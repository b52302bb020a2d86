"""Messages never show credentials."""

import pytest

from hangar_devkit.update.errors import UpdateError


@pytest.mark.parametrize(
    "address", ["https://user:SECRET@example.com/t", "https://SECRET@example.com/t"]
)
def test_credentials_in_an_address_are_left_out(address: str) -> None:
    assert str(UpdateError(f"Could not ask {address}: no")) == (
        "Could not ask https://***@example.com/t: no"
    )


def test_an_address_without_credentials_is_kept() -> None:
    assert str(UpdateError("git@example.com:t and https://example.com/@t")) == (
        "git@example.com:t and https://example.com/@t"
    )
