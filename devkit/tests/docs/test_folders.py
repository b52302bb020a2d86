"""Index pages of folders that have none."""

from pathlib import Path

from mkdocs.structure.files import File, Files

from hangar_devkit.docs.folders import indexes


def site(place: Path, **pages: str) -> Files:
    """Write the pages of a site; `__` in a name is `/`."""
    files = []
    for name, text in pages.items():
        path = place / (name.replace("__", "/") + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        uri = path.relative_to(place).as_posix()
        files.append(File(uri, str(place), str(place / "site"), use_directory_urls=True))
    return Files(files)


def test_folder_without_index_gets_one(tmp_path: Path) -> None:
    files = site(tmp_path, index="# Home", guide__tides="# High water", guide__b="text")
    assert indexes(files) == {
        "guide/index.md": "# Guide\n\n- [B](b.md)\n- [High water](tides.md)\n"
    }


def test_folder_with_index_is_left_alone(tmp_path: Path) -> None:
    assert indexes(site(tmp_path, guide__index="# Guide", guide__a="# A")) == {}


def test_readme_is_an_index(tmp_path: Path) -> None:
    assert indexes(site(tmp_path, guide__README="# Guide", guide__a="# A")) == {}


def test_folders_link_to_the_folders_inside(tmp_path: Path) -> None:
    found = indexes(site(tmp_path, how_to__deep__a="# A"))
    assert found["how_to/index.md"] == "# How to\n\n- [Deep](deep/index.md)\n"


def test_title_of_the_front_matter_is_used(tmp_path: Path) -> None:
    found = indexes(site(tmp_path, guide__a="---\ntitle: First\n---\n\n# A"))
    assert found["guide/index.md"].endswith("- [First](a.md)\n")
