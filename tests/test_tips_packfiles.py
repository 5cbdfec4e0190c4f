"""Packs as files: written and read back they are the same; whatever is broken is refused whole, with its place."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_tips_packs import QUICKLY, packs
from tips import packfiles, packimages
from tips.errors import PackError
from tips.models import Image, Pack, Text, Theme, Tip
from tips.packcsv import left_out
from tips.packfiles import read, write
from tips.packs import slug

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
YAML = """\
theme: passwords
series: digiturva
title: {fi: Salasanat}
tips:
  - id: password-strong
    audience: [all]
    fi:
      title: Tee vahva salasana
      body: Kolme sanaa riittää.
      phrasings: [millainen on hyvä salasana]
"""
LINE = '{"id": "a", "theme": "t", "fi": {"title": "A", "body": "B"}}\n'


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., PackError]:
    """Writes a file, reads it as a pack and returns the error, which must name the file."""

    def refused(name: str, content: str | bytes) -> PackError:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(PackError) as caught:
            read(file)
        assert caught.value.file == str(file)
        return caught.value

    return refused


def _with_image(file: str, tip_id: str = "a") -> str:
    image = f"image: {{file: {file!r}, alt: Kuva}}"
    return f"theme: t\ntips:\n  - id: {tip_id}\n    fi: {{title: A, body: B, {image}}}\n"


def _by_id(pack: Pack) -> tuple[dict[str, Theme], dict[str, Tip]]:
    return {theme.id: theme for theme in pack.themes}, {tip.id: tip for tip in pack.tips}


# --- Round trips --------------------------------------------------------------------------------------------------


@QUICKLY
@given(pack=packs(), suffix=st.sampled_from([".yaml", ".yml", ".jsonl", ".JSONL"]))
def test_a_pack_reads_back_from_one_file(tmp_path_factory: pytest.TempPathFactory, pack: Pack, suffix: str) -> None:
    file = tmp_path_factory.getbasetemp() / f"pack{suffix}"
    write(pack, file)
    used = {tip.theme for tip in pack.tips}
    assert read(file) == Pack(tuple(theme for theme in pack.themes if theme.id in used), pack.tips)


@QUICKLY
@given(pack=packs())
def test_a_pack_reads_back_from_a_folder(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> None:
    folder = tmp_path_factory.getbasetemp() / "any pack"
    shutil.rmtree(folder, ignore_errors=True)
    write(pack, folder)
    used = {tip.theme for tip in pack.tips}
    assert _by_id(read(folder)) == _by_id(Pack(tuple(theme for theme in pack.themes if theme.id in used), pack.tips))


@QUICKLY
@given(pack=packs())
def test_what_a_table_can_hold_reads_back_from_csv(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> None:
    file = tmp_path_factory.getbasetemp() / "pack.csv"
    tips = tuple(replace(tip, review_by="", source="", hidden=None) for tip in pack.tips if tip.texts)
    used = {tip.theme for tip in tips}
    themes = tuple(replace(theme, titles={}) for theme in pack.themes if theme.id in used)
    write(Pack(themes, tips), file)
    if tips:
        assert read(file) == Pack(themes, tips)
    else:
        with pytest.raises(PackError):
            read(file)


def test_the_starter_content_reads_back_from_a_folder(tmp_path: Path, starter_pack: Pack) -> None:
    write(starter_pack, tmp_path / "copy")
    assert _by_id(read(tmp_path / "copy")) == _by_id(starter_pack)
    assert len(list((tmp_path / "copy").glob("*.yaml"))) == len(starter_pack.themes)


def test_yaml_is_written_as_people_write_it(tmp_path: Path) -> None:
    write(Pack(tips=(Tip("a", "t", {"fi": Text("Äänitä", "Näin:\n\n1. Avaa")}),)), tmp_path / "a.yaml")
    written = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    assert "title: Äänitä\n" in written
    assert "body: |-\n      Näin:\n\n      1. Avaa\n" in written


@pytest.mark.parametrize(
    "odd", ["\u2028", "\x85", "\ufeff", "\r", "\t", " #", ": ", "\U0001f600", "---", "'", "\x0b", "\u202e"]
)
def test_yaml_keeps_odd_characters_of_a_text(tmp_path: Path, odd: str) -> None:
    pack = Pack(
        (Theme("t", "", {"fi": f"T{odd}"}),), (Tip("a", "t", {"fi": Text("A", f"B{odd}C\n{odd}D", (f"E{odd}f",))}),)
    )
    write(pack, tmp_path / "a.yaml")
    assert read(tmp_path / "a.yaml").tips[0].texts["fi"].body == f"B{odd}C\n{odd}D"
    assert read(tmp_path / "a.yaml").themes == pack.themes


@pytest.mark.parametrize("ids", [("Teams", "teams"), ("sää", "saa"), ("漢字", "日本"), ("a", "a-1", "A")])
def test_themes_whose_names_look_alike_get_a_file_each(tmp_path: Path, ids: tuple[str, ...]) -> None:
    pack = Pack(tips=tuple(Tip(f"tip-{n}", theme, {"fi": Text("A", "B")}) for n, theme in enumerate(ids)))
    write(pack, tmp_path / "own")
    assert {tip.id: tip.theme for tip in read(tmp_path / "own").tips} == {tip.id: tip.theme for tip in pack.tips}


# --- One file and many --------------------------------------------------------------------------------------------


def test_a_folder_is_read_with_its_folders_and_other_files_left_alone(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "archive.yaml").mkdir()
    (tmp_path / "a.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "more" / "b.JSONL").write_text(LINE, encoding="utf-8")
    (tmp_path / "README.md").write_text("theme: [", encoding="utf-8")
    assert [tip.id for tip in read(tmp_path).tips] == ["password-strong", "a"]


def test_a_yaml_file_may_hold_several_themes(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{YAML}---\ntheme: mfa\ntips: [{{id: b, hidden: true}}]\n", encoding="utf-8")
    pack = read(tmp_path / "a.yaml")
    assert [theme.id for theme in pack.themes] == ["passwords", "mfa"]
    assert [tip.theme for tip in pack.tips] == ["passwords", "mfa"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.yaml", YAML), ("a.jsonl", LINE), ("a.csv", "title,text\nA,B\n")], ids=lambda v: v[:7]
)
def test_a_byte_order_mark_does_no_harm(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert len(read(tmp_path / name).tips) == 1


def test_words_that_yaml_takes_for_values_stay_words(tmp_path: Path) -> None:
    text = (
        "theme: t\ntips:\n  - id: 112\n    reviewed: 2026-11\n    fi: {title: No, body: 0123, phrasings: [on, 1.0]}\n"
    )
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert read(tmp_path / "a.yaml").tips == (
        Tip("112", "t", {"fi": Text("No", "0123", ("on", "1.0"))}, reviewed="2026-11"),
    )


# --- Broken YAML --------------------------------------------------------------------------------------------------

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{beneath}'] * 9)}]\n"
    for beneath, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "must begin with theme"),
        ("# nothing yet\n", "must begin with theme"),
        ("---\n---\n", "must begin with theme"),
        ("just words", "must begin with theme"),
        ("- theme: t", "must begin with theme"),
        ("theme: t\ntips: ]", "not YAML: line 2: did not find"),
        ("theme: t\n\ttips: []", "not YAML: line 2"),
        ("theme: {a: b\n", "not YAML"),
        ("\x00", "not YAML"),
        ("theme: t\ntheme: u\n", "line 2: the field theme stands twice"),
        ("[theme]: t\n", "line 1: a field name must be text"),
        ("theme: t\n{a: b}: c\n", "line 2: a field name must be text"),
        ("theme: t\ntips:\n  - {id: a, ? {b: c} : d}\n", "line 3: a field name must be text"),
        (BOMB, "line 2: YAML aliases"),
        ("<<: &a {theme: t}\nb: *a\n", "line 2: YAML aliases"),
        ("theme: " + "[" * 100_000, "line 1: nested too deep"),
        ("theme: " + "{a: " * 1_000, "line 1: nested too deep"),
        ('!!python/object/apply:os.mkdir ["boom"]', "must begin with theme"),
        ("theme: !!python/object/apply:os.getcwd []", "must be text"),
        ("theme: t\ncolour: red\n", "field colour: is not a field"),
        ("theme: Sää ja tiet".encode("cp1252"), "is not UTF-8 text"),
        (YAML.encode("utf-16"), "is not UTF-8 text but UTF-16"),
        ("theme: t\ntips:\n  - {id: a, hidden: true}\n  - {hidden: true}\n", "tip 2: field id: is missing"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_broken_yaml_is_refused_with_the_reason(
    refusal: Callable[..., PackError], content: str | bytes, reason: str
) -> None:
    assert reason in str(refusal("a.yaml", content))


@pytest.mark.parametrize(
    ("line", "broken", "field"),
    [
        ("title: Tee vahva salasana", "title: ''", "fi.title"),
        ("body: Kolme sanaa riittää.", "text: Kolme sanaa riittää.", "fi.text"),
        ("audience: [all]", "audience: [kitchen]", "audience"),
        ("audience: [all]", "reviewed: 2026-13", "reviewed"),
        ("phrasings: [millainen on hyvä salasana]", "link: 'javascript:alert(1)'", "fi.link"),
    ],
)
def test_a_broken_tip_is_refused_with_file_tip_and_field(
    refusal: Callable[..., PackError], line: str, broken: str, field: str
) -> None:
    assert line in YAML
    error = refusal("a.yaml", YAML.replace(line, broken))
    assert (error.tip, error.field) == ("password-strong", field)


def test_an_id_with_a_slash_is_refused(refusal: Callable[..., PackError]) -> None:
    assert refusal("a.yaml", YAML.replace("password-strong", "password/strong")).field == "id"


def test_a_duplicate_id_is_refused_with_its_file(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(YAML, encoding="utf-8")
    with pytest.raises(PackError, match="the same id twice") as caught:
        read(tmp_path)
    assert (caught.value.file, caught.value.tip) == (str(tmp_path / "b.yaml"), "password-strong")


def test_a_duplicate_id_in_one_file_is_refused(refusal: Callable[..., PackError]) -> None:
    error = refusal("a.jsonl", LINE + LINE)
    assert (error.tip, error.field) == ("a", "id")


# --- Broken JSONL -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2 is not JSON"),
        ("theme: t", "line 2 is not JSON"),
        ("[" * 100_000, "line 2 is not JSON"),
        ("9" * 5_000, "line 2 is not JSON"),
        ("[]", "line 2 is not a JSON object"),
        ('{"theme": "t", "fi": {"title": "A", "body": "B"}}', "field id: line 2: is missing"),
        ("null", "line 2 is not a JSON object"),
        ('{"id": "b", "id": "c"}', "line 2: the field id stands twice"),
        ('{"id": "b", "theme": "t", "fi": {"title": "A", "title": "B"}}', "line 2: the field title stands twice"),
        ('{"id": "b", "theme": "t", "fi": {"title": "A"}}', "tip b: field fi.body: line 2: is missing"),
        ('{"id": "b", "theme": "t", "fi": {"title": "A", "body": "\\ud800"}}', "tip b: field fi.body: line 2: holds"),
        ('{"id": "b", "theme": 7, "fi": {"title": "A", "body": "B"}}', "tip b: field theme: line 2: must be text"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_broken_line_is_refused_with_its_number(refusal: Callable[..., PackError], line: str, reason: str) -> None:
    assert reason in str(refusal("a.jsonl", f"{LINE}{line}\n"))


def test_an_empty_file_of_lines_is_refused(refusal: Callable[..., PackError]) -> None:
    assert refusal("a.jsonl", "\n").reason == "holds no tips"


# --- CSV ----------------------------------------------------------------------------------------------------------


def _csv_tips(tmp_path: Path, content: bytes) -> tuple[Tip, ...]:
    (tmp_path / "Omat vinkit.csv").write_bytes(content)
    return read(tmp_path / "Omat vinkit.csv").tips


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_excel_in_finland_saves_is_read(tmp_path: Path, encoding: str, end: str) -> None:
    lines = ["Otsikko;Teksti;Linkki;Kieli", 'Käytä ääntä;"Paina; ja odota";https://kunta.fi;suomi', ";;;", ""]
    assert _csv_tips(tmp_path, end.join(lines).encode(encoding)) == (
        Tip("kayta-aanta", "omat-vinkit", {"fi": Text("Käytä ääntä", "Paina; ja odota", link="https://kunta.fi")}),
    )


@pytest.mark.parametrize(
    ("heading", "delimiter"),
    [
        ("title,text,link,language", ","),
        ("Rubrik\tText\tLänk\tSpråk", "\t"),
        ("otsikko; vinkki; url; kieli", ";"),
        ('"TITLE","BODY","LINK","LANG"', ","),
    ],
)
def test_columns_may_be_named_in_three_languages(tmp_path: Path, heading: str, delimiter: str) -> None:
    row = delimiter.join(["A", "B", "https://kunta.fi", "sv"])
    (tip,) = _csv_tips(tmp_path, f"{heading}\n{row}\n".encode())
    assert tip.texts == {"sv": Text("A", "B", link="https://kunta.fi")}


def test_a_table_whose_name_makes_no_id_is_of_the_theme_own(tmp_path: Path) -> None:
    (tmp_path / "漢字.csv").write_text("title,text\nA,B\n", encoding="utf-8")
    assert [tip.theme for tip in read(tmp_path).tips] == ["own"]


def test_rows_with_one_id_are_one_tip_in_several_languages(tmp_path: Path) -> None:
    (tip,) = _csv_tips(tmp_path, b"id,title,text,language,audience\na,A,B,fi,desk | tutor\na,C,D,Svenska,\n")
    assert tip.texts == {"fi": Text("A", "B"), "sv": Text("C", "D")}
    assert tip.audience == ("desk", "tutor")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("first", ["", "sep=;\r\n", '"sep=;"\n'])
def test_what_excel_puts_first_is_understood(tmp_path: Path, encoding: str, first: str) -> None:
    (tip,) = _csv_tips(tmp_path, f"{first}Otsikko;Teksti\r\nÄäni;a, b, c\r\n".encode(encoding))
    assert tip.texts == {"fi": Text("Ääni", "a, b, c")}


def _themes(tmp_path: Path, content: str, name: str = "Omat vinkit.csv") -> tuple[Theme, ...]:
    (tmp_path / name).write_text(content, encoding="utf-8")
    return read(tmp_path / name).themes


def test_a_theme_in_words_has_them_for_its_title_in_the_language_of_the_row(tmp_path: Path) -> None:
    rows = "a;A;B;fi;Palkat ja lomat\na;C;D;sv;Löner och semester\nb;E;F;fi;Palkat ja lomat\nc;G;H;fi;passwords\n"
    pay = Theme("palkat-ja-lomat", "", {"fi": "Palkat ja lomat", "sv": "Löner och semester"})
    assert _themes(tmp_path, f"id;Otsikko;Teksti;Kieli;Teema\n{rows}") == (pay, Theme("passwords", ""))


def test_a_table_without_themes_has_the_words_of_its_name_for_a_title(tmp_path: Path) -> None:
    for name in ("omat_vinkit.csv", "Omat vinkit.csv", "omat-vinkit.csv"):
        assert _themes(tmp_path, "title,text\nA,B\n", name) == (Theme("omat-vinkit", "", {"fi": "Omat vinkit"}),)


def test_a_line_may_name_its_theme_in_words(tmp_path: Path) -> None:
    line = '{"id": "a", "theme": "Löner & semester", "sv": {"title": "A", "body": "B"}}\n'
    assert _themes(tmp_path, line, "a.jsonl") == (Theme("loner-semester", "", {"sv": "Löner & semester"}),)


def test_audiences_and_months_are_understood_as_staff_write_them(tmp_path: Path) -> None:
    content = "Otsikko;Teksti;Kenelle;Tarkistettu\nA;B;Kaikki;11/2026\nC;D;förmän, tutor;1.2.2027\n"
    assert [(tip.audience, tip.reviewed) for tip in _csv_tips(tmp_path, content.encode())] == [
        (("all",), "2026-11"),
        (("supervisor", "tutor"), "2027-02"),
    ]


def test_a_text_over_several_lines_stays_one(tmp_path: Path) -> None:
    (tip,) = _csv_tips(tmp_path, b'title,text\nA,"Avaa:\n\n1. Yksi\n2. ""Kaksi"""\n')
    assert tip.texts["fi"].body == 'Avaa:\n\n1. Yksi\n2. "Kaksi"'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the first row must name the columns"),
        ("A,B\n", "unknown column 'A'; the first row must name"),
        ("title,link\nA,https://kunta.fi\n", "the first row must name the columns"),
        ("title,text,title\nA,B,C\n", "the first row must name the columns"),
        ("title,text,väri\nA,B,C\n", "unknown column 'väri'"),
        ("title,text\n", "holds no tips"),
        ("title,text\n , \n", "holds no tips"),
        ("title,text\nA,Hei, maailma\n", "line 2: more cells than columns"),
        ('title,text\nA,"B\n', "line 2: not CSV"),
        ('title,text\nA,"B" C\n', "line 2: not CSV"),
        (
            "title,text,language\nA,B,fi\nC,D,norja\n",
            "tip c: field language: line 3: must be fi, sv or en, not 'norja'",
        ),
        ("title,text\nA,B\na,C\n", "tip a: field title: line 3: the same tip twice in fi"),
        ("title,text\nA,\n", "tip a: field fi.body: is missing"),
        ("title,text\n,B\n", "field id: is missing"),
        ("title,text,link\nA,B,kunta.fi\n", "tip a: field fi.link: must be a web address"),
        ("title,text,audience\nA,B,keittiö\n", "tip a: field audience: must be of"),
        ("id,title,text\na/b,A,B\n", "field id: may hold"),
        (f"title,text\nA,{'x' * 200_000}\n", "not CSV: field larger"),
        (b"PK\x03\x04\0\0\0\x81\xff", "is not UTF-8 text: UTF-16 without its mark"),
        ("title;text\nA;B\n".encode("utf-16-le"), "UTF-16 without its mark"),
        (b"title;text\n\x81\xe4;B\n", "is neither UTF-8 nor Windows-1252 text"),
        (b"title;text\n\x01\xe4;B\n", "is neither UTF-8 nor Windows-1252 text"),
        (b"\xff\xfea", "is neither UTF-8 nor Windows-1252 text"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_table_is_refused_with_the_reason(
    refusal: Callable[..., PackError], content: str | bytes, reason: str
) -> None:
    assert reason in str(refusal("a.csv", content))


@pytest.mark.parametrize(("text", "made"), [("Käytä ääntä!", "kayta-aanta"), ("  Å  &  Ö ", "a-o"), ("漢字", "")])
def test_a_title_makes_an_id(text: str, made: str) -> None:
    assert slug(text) == made


# --- Files that are no packs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nothing.yaml", "nowhere/a.yaml", "x" * 5_000, "a\0b.yaml"])
def test_a_path_where_nothing_is_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PackError):
        read(tmp_path / name)


def test_a_folder_without_packs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("theme: t", encoding="utf-8")
    with pytest.raises(PackError, match=r"no pack in this folder \(looked for \.yaml"):
        read(tmp_path)


def test_an_unknown_kind_of_file_is_refused(refusal: Callable[..., PackError]) -> None:
    assert "unknown kind of file" in refusal("a.txt", YAML).reason


def test_an_unknown_kind_of_file_is_refused_unread(refusal: Callable[..., PackError]) -> None:
    assert "unknown kind of file" in refusal("a.docx", b"PK\x03\x04\xff").reason


def test_a_file_too_large_is_refused(
    tmp_path: Path, refusal: Callable[..., PackError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packfiles, "LARGEST_FILE", len(YAML.encode()) - 1)
    assert "is larger than" in refusal("a.yaml", YAML).reason
    monkeypatch.setattr(packfiles, "LARGEST_FILE", len(YAML.encode()))
    assert read(tmp_path / "a.yaml").tips


_BYTES = YAML.encode(), LINE.encode(), b"title;text;link\nA;B;https://kunta.fi\n"
_spliced = st.builds(
    lambda whole, junk, start, length: whole[:start] + junk + whole[start + length :],
    st.sampled_from(_BYTES),
    st.binary(max_size=6)
    | st.sampled_from([b"*a", b"&a ", b"[", b"{", b"? ", b": ", b"\n- ", b'"', b"!!python/x", b";"]),
    st.integers(0, 200),
    st.integers(0, 20),
)


@settings(max_examples=100)
@given(content=_spliced | st.binary(max_size=100), suffix=st.sampled_from([".yaml", ".jsonl", ".csv"]))
def test_no_bytes_raise_anything_but_a_pack_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    file = tmp_path_factory.getbasetemp() / f"any{suffix}"
    file.write_bytes(content)
    with suppress(PackError):
        assert read(file).themes


# --- Pictures -----------------------------------------------------------------------------------------------------


def test_a_picture_travels_with_its_pack(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(PNG)
    (tmp_path / "a.yaml").write_text(_with_image("images/a.png"), encoding="utf-8")
    pack = read(tmp_path / "a.yaml")
    image = pack.tips[0].texts["fi"].image
    assert image
    assert (image.file, image.alt, pack.images[image.digest]) == ("images/a.png", "Kuva", PNG)
    for target in ("copy", "copies/one.yaml", "lines/one.jsonl"):
        write(pack, tmp_path / "out" / target)
        assert read(tmp_path / "out" / target) == Pack(pack.themes, pack.tips, pack.images)


def test_two_pictures_of_one_name_both_stay(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / f"pack{number}"
        folder.mkdir()
        (folder / "a.png").write_bytes(PNG + bytes([number]))
        (folder / "a.yaml").write_text(_with_image("a.png", f"tip-{number}"), encoding="utf-8")
    pack = read(tmp_path)
    write(pack, tmp_path / "copy")
    again = read(tmp_path / "copy")
    assert again.images == pack.images
    assert _digests(again) == _digests(pack)


def _digests(pack: Pack) -> dict[str, str]:
    return {tip.id: text.image.digest for tip in pack.tips for text in tip.texts.values() if text.image}


@pytest.fixture
def picture_refusal(tmp_path: Path) -> Callable[[str], PackError]:
    """Reads a pack in a folder of its own with a picture at that path, and returns the error."""
    folder = tmp_path / "pack"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(PNG)

    def refused(file: str) -> PackError:
        (folder / "a.yaml").write_text(_with_image(file), encoding="utf-8")
        with pytest.raises(PackError) as caught:
            read(folder)
        assert (caught.value.file, caught.value.tip) == (str(folder / "a.yaml"), "a")
        assert caught.value.field == "fi.image"
        return caught.value

    return refused


@pytest.mark.parametrize("file", ["../secret.png", "images/../../secret.png", "/etc/hostname", "..", "images/../a.png"])
def test_a_picture_outside_the_pack_is_refused(picture_refusal: Callable[[str], PackError], file: str) -> None:
    assert "outside the pack's folder" in picture_refusal(file).reason


def test_an_absolute_path_into_the_pack_is_refused_too(
    tmp_path: Path, picture_refusal: Callable[[str], PackError]
) -> None:
    (tmp_path / "pack" / "a.png").write_bytes(PNG)
    assert "outside the pack's folder" in picture_refusal(str(tmp_path / "pack" / "a.png")).reason


@pytest.mark.parametrize("target", ["../secret.png", "/etc/hostname"])
def test_a_link_out_of_the_pack_is_refused(
    tmp_path: Path, picture_refusal: Callable[[str], PackError], target: str
) -> None:
    (tmp_path / "pack" / "a.png").symlink_to(target)
    assert "outside the pack's folder" in picture_refusal("a.png").reason


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("a.png", "no such file: a.png"),
        ("images", "no such file: images"),
        ("a.yaml/a.png", "no such file"),
        ("x" * 300, "cannot be read: File name too long"),
    ],
)
def test_a_missing_picture_is_refused(
    tmp_path: Path, picture_refusal: Callable[[str], PackError], file: str, reason: str
) -> None:
    (tmp_path / "pack" / "images").mkdir()
    assert picture_refusal(file).reason.startswith(reason)


@pytest.mark.parametrize("data", [b"", b"<svg onload='alert(1)'/>", b"RIFF\x04\0\0\0WAVE", b"MZ\x90"])
def test_a_file_that_is_no_picture_is_refused(
    tmp_path: Path, picture_refusal: Callable[[str], PackError], data: bytes
) -> None:
    (tmp_path / "pack" / "a.png").write_bytes(data)
    assert "is not a PNG" in picture_refusal("a.png").reason


def test_a_picture_too_large_is_refused(
    tmp_path: Path, picture_refusal: Callable[[str], PackError], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pack" / "a.png").write_bytes(PNG)
    monkeypatch.setattr(packimages, "LARGEST_IMAGE", len(PNG) - 1)
    assert "a.png is larger than" in picture_refusal("a.png").reason
    monkeypatch.setattr(packimages, "LARGEST_IMAGE", len(PNG))
    assert read(tmp_path / "pack").images


@pytest.mark.parametrize(
    ("start", "kind"),
    [(PNG, "png"), (b"\xff\xd8\xff\xe0", "jpeg"), (b"GIF89a", "gif"), (b"RIFF\0\0\0\0WEBPVP8 ", "webp"), (b"BM", None)],
)
def test_a_picture_is_known_by_its_first_bytes(start: bytes, kind: str | None) -> None:
    assert packimages.image_type(start) == (f"image/{kind}" if kind else "")


# --- Writing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.txt", "pack.v2"])
def test_an_unknown_kind_of_file_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(PackError, match="unknown kind of file"):
        write(Pack(), tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a-file/pack.yaml", "a-file/pack", "a-folder.yaml", "x" * 300])
def test_a_place_that_cannot_be_written_is_refused_with_its_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").write_text("", encoding="utf-8")
    (tmp_path / "a-folder.yaml").mkdir()
    with pytest.raises(PackError, match="cannot be written") as caught:
        write(Pack(tips=(Tip("a", "t", {"fi": Text("A", "B")}),)), tmp_path / name)
    assert caught.value.file == str(tmp_path / name)


def test_an_image_without_its_bytes_is_not_written(tmp_path: Path) -> None:
    tip = Tip("a", "t", {"fi": Text("A", "B", image=Image("a.png", "Kuva", "0" * 64))})
    write(Pack(tips=(tip,)), tmp_path / "own")
    assert [file.name for file in (tmp_path / "own").iterdir()] == ["t.yaml"]


def test_a_table_is_written_for_excel_in_finland_and_says_what_it_cannot_hold(tmp_path: Path) -> None:
    text = Text("Ääni", "B", image=Image("a.png", "Kuva", "d"))
    tip = Tip("a", "t", {"fi": text}, review_by="2027-01", source="IT")
    pack = Pack((Theme("t", "", {"fi": "T"}),), (tip,), {"d": PNG})
    write(pack, tmp_path / "a.csv")
    written = (tmp_path / "a.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfid;theme;series;")
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]
    assert left_out(pack) == ["pictures", "source", "review_by", "theme titles"]
    assert left_out(read(tmp_path / "a.csv")) == []


@pytest.mark.parametrize("target", ["own", "own/a.yaml", "own/a.jsonl", "own/a.csv"])
def test_a_full_disk_leaves_the_old_export_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    tips = tuple(Tip(name, name, {"fi": Text("A", "B", image=Image("a.png", "Kuva", "d"))}) for name in "ab")
    write(Pack(tips=tips, images={"d": PNG}), tmp_path / target)
    before = {file.name: file.read_bytes() for file in (tmp_path / "own").iterdir()}
    whole, written = Path.write_bytes, 0

    def full(self: Path, data: bytes) -> int:
        nonlocal written
        written += 1
        if written == len(before):
            whole(self, data[:5])
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    changed = tuple(replace(tip, texts={"sv": replace(tip.texts["fi"], title="C")}) for tip in tips)
    with pytest.raises(PackError, match="No space left"):
        write(Pack(tips=changed, images={"d": PNG + b"x"}), tmp_path / target)
    assert {file.name: file.read_bytes() for file in (tmp_path / "own").iterdir()} == before
