"""The file system that holds a path."""

import pytest

from hangar_devkit.mounts import mounted_type

MOUNTINFO = """\
1 0 0:1 / / rw - ext4 /dev/sda rw
2 1 0:2 / /home rw - nfs4 server:/home rw
3 1 0:3 / /home/me/my\\040disk rw,relatime shared:1 - 9p host rw
4 1 0:4 / /homeland rw - tmpfs tmpfs rw
5 1 0:5 / /home/me/my\\040disk rw - cifs //host/disk rw
"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/etc", "ext4"),
        ("/home", "nfs4"),
        ("/home/me", "nfs4"),
        ("/homeland/me", "tmpfs"),
        ("/home/me/my disk/project", "cifs"),
    ],
)
def test_the_deepest_and_latest_mount_holds_the_path(path: str, found: str) -> None:
    assert mounted_type(path, MOUNTINFO) == found


def test_without_mounts_the_type_is_unknown() -> None:
    assert not mounted_type("/etc", "")
