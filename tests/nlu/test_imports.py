"""A city's past tickets: read whatever way they were saved, stripped, mapped, shown, written, taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from nlu import phrases
from nlu.imports import columns, labels, preview, store, table
from nlu.imports.__main__ import main
from nlu.imports.alike import Seen
from nlu.imports.choosing import Doubt, Left, allowed, choose
from nlu.imports.errors import ImportFailed
from nlu.imports.masking import mask
from nlu.imports.plan import Plan, cut, one_line, plan
from nlu.training.data import fingerprint, imported_files, stage

DATA = Path(__file__).resolve().parents[2] / "nlu_data"
HEADER = "工单编号,诉求标题,诉求内容,一级分类,二级分类,承办单位,诉求类型,姓名,联系电话\n"
ROWS = (
    "1,家里暖气不热,屋里只有十三度老人受不了,城乡建设,冬季采暖,热力公司,投诉,张三丰,13912345678\n"
    "2,公交车甩站,12路到站不停车直接开走了,交通运输,公共汽车,交通局,投诉,李四,13800000000\n"
    "3,公交车甩站,12路到站不停车,直接开走了！,交通运输,公共汽车,交通局,投诉,李四,13800000000,\n"
    '4,社保卡怎么补办,"卡丢了,想补一张\n请问去哪里",劳动和社会保障,社保,人社局,咨询,王五,\n'
    "5,请解决,我姓名张三丰电话13912345678请回电说明路灯何时能亮,奇怪类,,,求助,张三丰,13912345678\n"
    "6,好,,其他,,,,,\n"
)


@pytest.fixture(scope="module")
def known() -> labels.Labels:
    return labels.load(DATA, {})


def by_words(text: str) -> Mapping[str, float]:
    """A judge that knows three words."""
    words = {"暖": "heating", "公交": "bus", "社保": "social_insurance", "噪音": "social_noise"}
    found = [service for word, service in words.items() if word in text]
    return dict.fromkeys(found, 1 / len(found)) if found else {"consumer": 0.2}


def made(tmp_path: Path, content: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "tickets.csv"
    path.write_bytes(content.encode(encoding))
    return path


def planned(path: Path, known: labels.Labels, before: tuple[str, ...] = (), most: int = 300) -> Plan:
    read = table.read(path)
    return plan(read, columns.assign(read.header, {}), known, by_words, before, most)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_any_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    content = '标题,类别\r\n"暖气,\r\n不热",城乡建设\r\n\r\n路灯不亮,路灯\r\n'.replace(",", delimiter)
    read = table.read(made(tmp_path, content, encoding))
    assert read.header == ("标题", "类别")
    assert [row.cells[1] for row in read.rows] == ["城乡建设", "路灯"]
    assert [row.line for row in read.rows] == [2, 5]
    assert read.delimiter == delimiter and not read.broken


def test_broken_rows_are_counted_and_short_ones_filled(tmp_path: Path) -> None:
    read = table.read(made(tmp_path, "标题,类别\n停水,供水,多余\n停电\n停气,燃气,\n"))
    assert read.broken == (2,)
    assert [row.cells for row in read.rows] == [("停电", ""), ("停气", "燃气")]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"PK\x03\x04rest", "save it as CSV"), (b"", "empty"), (b"\xff\xff\x80abc", "neither UTF-8 nor GBK")],
)
def test_what_is_no_table_is_said_plainly(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(ImportFailed, match=said):
        table.read(path)


def test_columns_by_header_and_by_option() -> None:
    found = columns.assign(HEADER.strip().split(","), {})
    assert (found.title, found.body, found.category, found.department) == (1, 2, (4, 3), 5)
    assert (found.kind, found.personal) == (6, (7, 8))
    english = columns.assign(["id", "Subject", "Description", "Category", "Phone Number"], {})
    assert (english.title, english.body, english.category, english.personal) == (1, 2, (3,), (4,))
    given = columns.assign(["甲", "乙", "丙"], {"body": ["乙"], "category": ["丙", "甲"]})
    assert (given.title, given.body, given.category) == (-1, 1, (2, 0))
    with pytest.raises(ImportFailed, match="--title or --body"):
        columns.assign(["编号", "类别"], {})
    with pytest.raises(ImportFailed, match="--category or --department"):
        columns.assign(["编号", "内容"], {})
    with pytest.raises(ImportFailed, match="no such column; there are 编号, 内容"):
        columns.assign(["编号", "内容"], {"category": ["类别"]})


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("我叫王小明,电话13912345678,家里停水", "家里停水", ("王小明", "139")),
        ("座机0731-88886666,身份证430102199003078515", "身份证", ("8888", "430102")),
        ("车牌粤A12345乱停,请找车主", "乱停", ("A12345",)),
        ("住在3栋2单元501室,楼上漏水", "楼上漏水", ("501", "3栋")),
        ("我家五栋三单元四楼暖气不热", "暖气不热", ("五栋", "三单元")),
        ("联系人:欧阳建国,微信号abc_12345", "联系人", ("欧阳建国", "abc_12345")),
        ("邮箱zhang@example.com,网址http://a.example/b?id=3", "邮箱", ("zhang", "example")),
        ("幺三九一二三四五六七八打这个", "打这个", ("三九一二",)),
        ("银行卡6222 0212 3456 7890 123被扣费", "被扣费", ("6222", "7890")),
        ("找李主任他不理", "主任", ("李",)),
    ],
)
def test_personal_data_is_struck_out(text: str, kept: str, gone: tuple[str, ...]) -> None:
    masked = mask(text)
    assert kept in masked.text and masked.found
    assert [piece for piece in gone if piece in masked.text] == []


@pytest.mark.parametrize(
    "text",
    [
        "12路公交车晚点30分钟",
        "2020年9月1日起停水三天",
        "每月工资3500元,欠了8个月",
        "五号线地铁站口",
        "三座桥都坏了",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask(text).text == text


def test_what_stands_in_the_tickets_own_cells_is_struck_out() -> None:
    text = mask("玛丽亚昨天去过梧桐里5号,玛丽亚很生气,市民都这么说", ["玛丽亚 梧桐里5号", "市民", "男"]).text
    assert "玛丽亚" not in text and "梧桐里" not in text and "市民" in text


def test_near_duplicates_are_one() -> None:
    seen = Seen()
    text = "幸福里小区三号楼的电梯坏了半个月没有人来修理,老人上下楼非常困难"
    assert not seen.known(text)
    assert seen.known(text + "!!") and seen.known(text.replace("半个月", "半个月 ")) and seen.holds(text)
    assert not seen.known("幸福里小区三号楼的路灯坏了,晚上出门看不见路")
    assert not seen.holds("公交车不来")
    assert not seen.known("停水") and seen.known("停水") and not seen.known("停电")


def services(meant: labels.Meant | None) -> set[str]:
    return set(meant or ())


def test_labels_mean_services(known: labels.Labels) -> None:
    assert (
        services(known.category("供暖不热"))
        == services(known.category("heating"))
        == services(known.category("冬季采暖"))
        == {"heating"}
    )
    assert services(known.category("01 交通运输类(公交)")) == {"bus"}
    assert services(known.category("其他", "环保")) == {
        n for n, c in known.categories.items() if c == "环境保护"
    }
    # A deeper label narrows inside the broad one's category and never leaves it.
    assert services(known.category("安置补偿", "国土资源")) == {"land"}
    assert known.category("公共汽车", "城乡建设") == known.category("城乡建设")
    assert known.category("其他") is None and known.category("") is None and known.category("奇怪类") is None
    assert services(known.category("牛皮癣小广告")) == {"refuse"}  # from the city's own list
    assert "unpaid_wages" in (known.department("东湖新区人社局") or ())
    assert "bus" not in (known.department("住建") or ()) and known.department("住建")
    assert services(known.department("水务水利")) == services(known.department("望山县水利局")) != set()
    assert services(known.department("电力")) == {"power_supply"}
    assert known.department("人民路街道办事处") is None  # handles everything, so it says nothing
    assert [labels.kind(said) for said in ("投诉类", "意见建议", "咨询", "其他", "")] == [
        "complaint",
        "suggestion",
        "question",
        None,
        None,
    ]


def test_every_service_named_in_the_general_list_exists(known: labels.Labels) -> None:
    for path in (labels.GENERAL, DATA / labels.OWN):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        named = {one for meant in content["services"].values() for one in meant}
        assert named <= set(known.categories), named - set(known.categories)
        assert set(content["categories"]) <= set(known.categories.values())


def test_map_gives_a_label_its_meaning() -> None:
    given = labels.load(DATA, {"奇怪类": "路灯", "丙": "环境保护", "其他": "bus", "0203": "heating"})
    assert services(given.category("0203")) == {"heating"} and given.category("0204") is None
    assert services(given.category("奇怪类")) == {"street_lights"}
    assert services(given.category("其他")) == {"bus"}
    assert "social_noise" in (given.category("丙") or ())
    with pytest.raises(ImportFailed, match="is no service"):
        labels.load(DATA, {"甲": "没有这个"})


def test_the_model_chooses_inside_what_a_person_said(known: labels.Labels) -> None:
    meant = allowed(known, ("环境保护",), "")
    assert meant
    assert choose(known, meant, "楼下噪音", by_words) == "social_noise"
    assert choose(known, meant, "公交车太挤", by_words) == Doubt("bus")
    unsure = choose(known, meant, "什么都没说", by_words)
    assert isinstance(unsure, str) and known.categories[unsure] == "环境保护"
    assert choose(known, meant, "楼下噪音", None) is None
    assert choose(known, frozenset({"bus"}), "随便", None) == "bus"


def test_a_department_alone_or_inside_a_category(known: labels.Labels) -> None:
    alone = allowed(known, (), "人社局")
    assert alone and choose(known, alone, "社保怎么交", by_words) == "social_insurance"
    assert choose(known, alone, "公交车不来", by_words) == Doubt("bus")
    assert services(allowed(known, ("劳动和社会保障",), "医保局")) == {"medical_insurance"}
    assert services(allowed(known, ("冬季采暖",), "交警支队")) == {"heating"}
    assert allowed(known, ("其他",), "街道办") is None


def test_a_whole_file(tmp_path: Path, known: labels.Labels) -> None:
    result = planned(made(tmp_path, HEADER + ROWS.replace("不停车,直接", "不停车，直接"), "gbk"), known)
    assert [(one.service, one.kind) for one in result.taken] == [
        ("heating", "complaint"),
        ("bus", "complaint"),
        ("social_insurance", "question"),
    ]
    assert result.rows == 6
    assert result.left == {Left.DUPLICATE: 1, Left.UNKNOWN_LABEL: 1, Left.SHORT: 1}
    assert result.unknown == {"奇怪类": 1} and result.masked_rows >= 1
    assert "\n" not in "".join(one.text for one in result.taken)
    assert result.taken[2].text == "社保卡怎么补办。卡丢了,想补一张 请问去哪里"


def test_what_label_and_text_dispute_is_shown_and_left_out(tmp_path: Path, known: labels.Labels) -> None:
    result = planned(made(tmp_path, "标题,类别\n公交车总是不来,环境保护\n楼下噪音太大,环保\n"), known)
    assert [one.service for one in result.taken] == ["social_noise"] and result.left == {Left.DISAGREES: 1}
    assert [(one.line, one.label, one.model) for one in result.doubted] == [(2, "环境保护", "bus")]


def test_no_more_of_a_service_than_asked_for(tmp_path: Path, known: labels.Labels) -> None:
    texts = ("停水三天了没人管", "水压太小洗不了澡", "自来水发黄有股怪味", "水费突然多了一倍")
    path = made(tmp_path, "标题,类别\n" + "".join(f"{text},供水\n" for text in texts))
    result = planned(path, known, most=2)
    assert len(result.taken) == 2 and result.left == {Left.ENOUGH: 2}
    again = planned(path, known, before=tuple(one.text for one in result.taken))
    assert again.left == {Left.ALREADY: 2} and len(again.taken) == 2


def test_texts_cannot_break_the_file_they_are_written_to(tmp_path: Path, known: labels.Labels) -> None:
    hostile = '"- intent: bus\n[甲](person) {""a"": 1} # : |\u2028停水\t了\x07 \'没人""管"'
    result = planned(made(tmp_path, f"标题,类别\n{hostile},供水\n"), known)
    path = store.write(tmp_path / "imports", "x", result.taken)
    (phrase,) = phrases.read_file(path)
    assert phrase.text == result.taken[0].text and phrase.intent == "water_supply" and not phrase.spans
    assert one_line("甲\n\n乙\u2028丙") == "甲 乙 丙"


def test_long_letters_are_cut_at_a_clause() -> None:
    text = "楼上漏水没有人管," * 100
    assert 200 < len(cut(text)) <= 400 and cut(text).endswith(",")
    assert cut("短") == "短" and len(cut("长" * 1000)) == 400


def test_an_import_is_training_data_that_can_be_taken_back(tmp_path: Path, known: labels.Labels) -> None:
    folder = tmp_path / "imports"
    result = planned(made(tmp_path, HEADER + ROWS), known)
    before = fingerprint(DATA, folder)
    path = store.write(folder, "old", result.taken)
    assert path.stat().st_mode & 0o077 == 0
    assert imported_files(folder) == [path] and fingerprint(DATA, folder) != before
    staged = stage(DATA, tmp_path / "staged", folder)
    content = yaml.safe_load((staged / "past_tickets" / "old.yml").read_text(encoding="utf-8"))
    assert {block["intent"] for block in content["nlu"]} == {one.service for one in result.taken}
    assert all("safety" not in block["metadata"]["teaches"] for block in content["nlu"])
    with pytest.raises(ImportFailed, match="already"):
        store.write(folder, "old", result.taken)
    assert store.undo(folder, "old") == len(result.taken) and not imported_files(folder)
    assert fingerprint(DATA, folder) == before
    with pytest.raises(ImportFailed, match="there are: none"):
        store.undo(folder, "../../secret")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = made(tmp_path, "标题,类别,电话\n暖气不热打13912345678,冬季采暖,13912345678\n噪音太大,奇怪类,\n")
    places = ["--data", str(DATA), "--into", str(tmp_path / "imports"), "--models", str(tmp_path / "none")]
    assert main([*places, str(path)]) == 0
    said = capsys.readouterr().out
    assert "供暖不热" in said and "奇怪类" in said and "nothing is written yet" in said
    assert "13912345678" not in said and not (tmp_path / "imports").exists()
    assert main([*places, str(path), "--json", "--map", "奇怪类=social_noise"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["rows"], facts["accepted"], facts["masked"]["rows"]) == (2, 2, 1)
    assert main([*places, str(path), "--yes"]) == 0
    assert "tickets.yml" in capsys.readouterr().out
    assert main([*places, "--list"]) == 0 and "tickets  (1 phrases)" in capsys.readouterr().out
    assert main([*places, str(path), "--yes", "--name", "again"]) == 0  # nothing new, so nothing written
    assert not (tmp_path / "imports" / "again.yml").exists()
    assert main([*places, "--undo", "tickets"]) == 0
    assert main([*places, "--undo", "tickets"]) == 1 and "no import" in capsys.readouterr().err
    assert main([*places, str(tmp_path / "missing.csv")]) == 1
    assert main([*places]) == 1


def test_the_preview_names_columns_and_pads_chinese(tmp_path: Path, known: labels.Labels) -> None:
    read = table.read(made(tmp_path, HEADER + ROWS))
    found = columns.assign(read.header, {})
    result = plan(read, found, known, by_words)
    lines = list(preview.lines(preview.facts(read, found, known, result)))
    assert "title ← 诉求标题" in lines[0] and "personal ← 姓名, 联系电话" in lines[0]
    assert preview.pad("供暖", 6) == "供暖  " and len(preview.shortened("长" * 99)) == 47
