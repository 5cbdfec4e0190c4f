"""Packs that arrive as bytes: a .zip is believed in nothing; what does not fit is refused, and nothing lies outside."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tips import archives
from tips.archives import pack_of, unpack, zipped
from tips.errors import PackError
from tips.models import Image, Pack, Text, Theme, Tip

HEAD = "theme: own\nseries: digivinkki\ntitle: {fi: Omat}\ntips:\n"
YAML = (HEAD + "- id: a\n  fi: {title: Otsikko, body: Teksti ä.}\n").encode()
PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 20


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


def test_a_folder_comes_back_whole_with_its_pictures() -> None:
    text = Text("Otsikko", "Teksti.", ("miten?",), image=Image("kuvat/a.png", "Kuva", "d"))
    pack = Pack((Theme("own", "digivinkki", {"fi": "Omat"}),), (Tip("a", "own", {"fi": text}),), {"d": PICTURE})
    read = pack_of("paketti.zip", zipped(pack))
    assert [tip.id for tip in read.tips] == ["a"]
    assert list(read.images.values()) == [PICTURE]


@pytest.mark.parametrize("name", ["p.yaml", "P.YAML", "../../p.yaml", "..\\p.yaml", "/etc/passwd.yaml"])
def test_one_file_is_read_by_its_suffix_wherever_it_says_that_it_was(name: str) -> None:
    assert [tip.id for tip in pack_of(name, YAML).tips] == ["a"]


def test_a_table_in_windows_letters_is_read() -> None:
    read = pack_of("Palkat ja lomat.csv", "otsikko;teksti\nLoma;Pyydä lomaa ä\n".encode("cp1252"))
    assert read.tips[0].texts["fi"].body == "Pyydä lomaa ä"
    assert read.themes[0].titles["fi"] == "Palkat ja lomat"


@pytest.mark.parametrize(
    "name", ["../a.yaml", "a/../../b.yaml", "/a.yaml", "C:\\a.yaml", "..\\a.yaml", "a/..\\..\\b.yaml", "../kuva.png"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(PackError, match="leads out"):
        unpack(archive({"good.yaml": YAML, name: YAML}), folder)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_link_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        link = zipfile.ZipInfo("a.yaml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    with pytest.raises(PackError, match="leads out"):
        unpack(out.getvalue(), tmp_path)


def test_a_bomb_is_refused_as_it_unfolds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archives, "LARGEST_FILE", 100_000)
    bomb = archive({"a.yaml": b"x" * 50_000_000})
    assert len(bomb) < 100_000
    with pytest.raises(PackError, match="larger than fits"):
        unpack(bomb, tmp_path)
    assert (tmp_path / "a.yaml").stat().st_size <= 200_000


def test_many_files_are_refused_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archives, "LARGEST_WHOLE", 250)
    with pytest.raises(PackError, match="larger than fits"):
        unpack(archive({f"{number}.yaml": YAML for number in range(3)}), tmp_path)
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    with pytest.raises(PackError, match="3 files"):
        unpack(archive({f"{number}.yaml": YAML for number in range(3)}), tmp_path)


def test_what_is_no_part_of_a_pack_is_left_where_it_is(tmp_path: Path) -> None:
    unpack(archive({"__MACOSX/a.yaml": b"", ".hidden.yaml": b"", "run.sh": b"x", "a.yaml": YAML}), tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["a.yaml"]


def test_an_error_names_the_file_inside_and_no_path_of_the_server() -> None:
    with pytest.raises(PackError) as error:
        pack_of(
            "p.zip",
            archive({"good.yaml": YAML, "sub/bad.yaml": YAML.replace(b"id: a", b"id: b").replace(b"body", b"bodi")}),
        )
    assert (error.value.file, error.value.tip) == ("sub/bad.yaml", "b")
    assert str(error.value).startswith("sub/bad.yaml: ")
    with pytest.raises(PackError, match="unknown kind"):
        pack_of("p.exe", b"MZ")


@settings(max_examples=50)  # files are written
@given(st.binary(max_size=300))
def test_any_bytes_are_a_pack_or_refused(data: bytes) -> None:
    for name in ("p.zip", "p.csv", "p.jsonl"):
        try:
            pack_of(name, data)
        except PackError as error:
            assert error.reason  # noqa: PT017  either is right


@settings(max_examples=50)  # files are written
@given(st.integers(0, 400), st.integers(0, 255))
def test_a_broken_archive_is_refused_plainly(place: int, value: int) -> None:
    data = bytearray(archive({"a.yaml": YAML}))
    data[place % len(data)] = value
    try:
        pack_of("p.zip", bytes(data))
    except PackError as error:
        assert error.reason  # noqa: PT017  either is right
