"""Phones, days, places, amounts and the rest: what is found, what will do, what is mended."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.dialogue import checks, details, phrases, places, splitting
from bot.dialogue.types import Entity
from tests.unit.transcripts import catalogue

NOW = datetime(2025, 11, 26, 11, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def entities(text: str, *found: tuple[str, str]) -> list[Entity]:
    return [Entity(name, value, text.index(value), text.index(value) + len(value)) for name, value in found]


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13900001111", "+8613900001111"),
        ("我的电话是139 0000 1111谢谢", "+8613900001111"),
        ("电话：139-0000-1111", "+8613900001111"),
        ("+86 13900001111", "+8613900001111"),
        ("打0999-5551234找我", "+869995551234"),
        ("010-66668888", "+861066668888"),
        ("１３９００００１１１１", "+8613900001111"),
        ("12345", ""),
        ("1390000111", ""),
        ("三天了", ""),
    ],
)
def test_a_phone_is_found_in_any_writing(text: str, phone: str) -> None:
    assert checks.phone(phrases.plain(text)) == phone


def test_a_local_number_counts_only_when_it_was_asked_for() -> None:
    assert checks.phone("5551234", "0999", loose=True) == "+869995551234"
    assert checks.phone("5551234", "0999") == ""


def test_a_phone_is_shown_as_people_write_it() -> None:
    assert checks.national("+8613900001111") == "13900001111"
    assert checks.national("+869995551234").replace("-", "") == "09995551234"
    assert checks.national("+14155552671").startswith("+1")
    assert checks.national("nonsense") == "nonsense"


@pytest.mark.parametrize(
    ("text", "rest"),
    [("幸福里小区3栋，电话13900001111", "幸福里小区3栋"), ("13900001111", ""), ("我 在 这里", "我 在 这里")],
)
def test_what_stands_beside_a_phone_stays_as_written(text: str, rest: str) -> None:
    assert checks.without_phone(text) == rest


@pytest.mark.parametrize(
    ("text", "ahead"),
    [
        ("昨天晚上8点", False),
        ("三天前", False),
        ("每天晚上10点", False),
        ("明天", True),
        ("下周三", True),
        ("2026年3月1日", True),
        ("12月3日", True),
        ("11月3日", False),
        ("半个月了", False),
        ("不记得", False),
    ],
)
def test_a_day_to_come_is_seen(text: str, ahead: bool) -> None:
    assert checks.ahead(text, NOW) is ahead


def test_yesterday_gets_its_date() -> None:
    assert checks.dated("昨天晚上", NOW) == "昨天晚上（2025-11-25）"
    assert checks.dated("半个月了", NOW) == "半个月了"


def test_other_shapes() -> None:
    assert checks.plate("车牌临A12345，不，是京A·12345") == "京A12345"
    assert checks.id_number("身份证11010519491231002X") == "11010519491231002X"
    assert checks.id_number("110105194912310021") == ""
    assert checks.money("欠我两万多块钱") == "两万多块钱"
    assert checks.money("收了我380元押金") == "380元"


@pytest.mark.parametrize(
    ("text", "found", "place"),
    [
        ("滨江区幸福里小区3栋漏水", "district 滨江区 estate 幸福里小区 room 3栋", "滨江区幸福里小区3栋"),
        ("我住城北区，建设路8号没井盖", "district 城北区 road 建设路8号", "城北区建设路8号"),
        ("幸福里小区的3栋", "estate 幸福里小区 room 3栋", "幸福里小区的3栋"),
        ("人民医院到幸福里小区3栋没灯", "estate 人民医院 estate 幸福里小区 room 3栋", "幸福里小区3栋"),
        ("没有地方", "", ""),
    ],
)
def test_parts_of_a_place_are_joined(text: str, found: str, place: str) -> None:
    words = found.split()
    assert places.joined(text, entities(text, *zip(words[::2], words[1::2], strict=True))) == place


@pytest.mark.parametrize(
    "text", ["", "我家楼下", "这里", "小区里面", "附近", "门口", "在我家旁边", "near my home"]
)
def test_a_vague_place_is_seen(text: str) -> None:
    assert places.vague(text)


@pytest.mark.parametrize("text", ["幸福里小区", "解放路", "第三中学门口", "Happiness Estate"])
def test_a_place_that_can_be_found_is_not_vague(text: str) -> None:
    assert not places.vague(text)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("幸福里小区2栋", "是3栋", "幸福里小区3栋"),
        ("幸福里小区2栋1单元", "3栋", "幸福里小区3栋1单元"),
        ("幸福里小区", "3栋2单元", "幸福里小区3栋2单元"),
        ("幸福里小区2栋", "阳光花园5栋", "阳光花园5栋"),
        ("", "解放路", "解放路"),
    ],
)
def test_a_correction_changes_only_what_it_names(old: str, new: str, place: str) -> None:
    assert places.merged(old, new) == place


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("滨江区", "幸福里小区", "滨江区幸福里小区"),
        ("滨江区", "滨江区幸福里小区", "滨江区幸福里小区"),
        ("幸福里小区", "3栋", "幸福里小区3栋"),
        ("幸福里小区3栋", "人民医院", "幸福里小区3栋"),
        ("幸福里小区3栋", "我家", "幸福里小区3栋"),
    ],
)
def test_a_second_mention_makes_a_place_no_worse(old: str, new: str, place: str) -> None:
    assert places.refined(old, new, ("滨江区",)) == place


def test_entities_go_where_the_service_wants_them() -> None:
    wages = catalogue().service("unpaid_wages")
    text = "宏远建筑公司欠我们20多人工资18万，三个月了"
    seen = (("org", "宏远建筑公司"), ("people", "20多人"), ("amount", "18万"), ("time", "三个月了"))
    got = details.found(text, entities(text, *seen), wages, NOW)
    assert got == {"employer": "宏远建筑公司", "people": "20多人", "amount": "18万", "period": "三个月了"}


def test_details_of_an_unknown_service_find_their_names_later() -> None:
    text = "宏远建筑公司三个月没发钱"
    generic = details.found(text, entities(text, ("org", "宏远建筑公司"), ("time", "三个月")), None, NOW)
    assert generic == {"party": "宏远建筑公司", "time": "三个月"}
    adapted = details.adapted(generic, catalogue().service("unpaid_wages"))
    assert adapted == {"employer": "宏远建筑公司", "period": "三个月"}


def test_a_name_is_taken_when_it_is_given() -> None:
    assert details.found("我叫王小明，电话13900001111", [], None, NOW)["name"] == "王小明"
    assert "name" not in details.found("我是来投诉的", [], None, NOW)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("王建国", "王建国"),
        ("我叫王建国。", "王建国"),
        ("我姓王", "王"),
        ("叫我老王就行", "老王"),
        ("王女士", "王女士"),
        ("欧阳建国先生", "欧阳建国先生"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("王建国，13900001111", "王建国"),
        ("John Smith", "John Smith"),
        ("my name is Li Wei", "Li Wei"),
        ("不想说", ""),
        ("为什么要名字", ""),
        ("昨天晚上楼上又漏水了", ""),
        ("", ""),
    ],
)
def test_a_bare_name_is_one_only_when_it_was_asked_for(answer: str, name: str) -> None:
    heard = details.found(answer, [], None, NOW)
    assert details.checked("name", answer, heard, NOW, "") == details.Checked(name)
    assert heard.get("name", name) == name
    assert "name" not in details.found("王建国", [], None, NOW)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("路灯不亮", True),
        ("我要投诉路灯", False),
        ("投诉", False),
        ("你好，请问", False),
        ("我想反映一下路灯的问题", False),
        ("路灯坏了", True),
        ("i want to complain", False),
        ("the street lights are broken", True),
    ],
)
def test_words_that_say_what_is_wrong(text: str, tells: bool) -> None:
    assert details.substantive(text, catalogue().service("street_lights")) is tells


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("转人工", "ask_person"),
        ("我要找真人客服！", "ask_person"),
        ("人工湖的水很脏", ""),
        ("算了，不投诉了", "cancel"),
        ("不办了", "cancel"),
        ("跳过吧", "skip"),
        ("不知道", "skip"),
        ("我也不太清楚", "skip"),
        ("好的", "affirm"),
        ("是的，没问题", "affirm"),
        ("没问题，提交", "affirm"),
        ("好的谢谢", "thank"),
        ("谢谢您", "thank"),
        ("您好！", "greet"),
        ("不用了", "deny"),
        ("都不是", "deny"),
        ("再说一遍", "repeat"),
        ("你能做什么？", "help"),
        ("不想留电话", "stay_anonymous"),
        ("匿名", "stay_anonymous"),
        ("yes please", "affirm"),
        ("", ""),
        ("好吃的饭店倒闭了", ""),
        ("不亮", ""),
    ],
)
def test_short_phrases_are_told_apart(text: str, act: str) -> None:
    assert phrases.act_of(text) == act


@pytest.mark.parametrize("text", ["嗯" * 40, "好" * 39 + "坏", "对的，" * 13 + "x", "小区" * 19, "1" * 40])
def test_no_phrase_takes_long_to_tell(text: str) -> None:
    phrases.act_of(text)
    phrases.ticket_act_of(text)
    places.vague(text * 20)
    assert details.substantive(text * 50, None) in (True, False)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("暖气不热三天了。另外解放路的垃圾没人清，我电话13900001111", 2),
        ("路灯不亮。还有垃圾没人清。第三件，井盖坏了", 3),
        ("暖气不热。另外我电话是13900001111", 0),
        ("暖气不热。另外，谢谢", 0),
        ("暖气不热，还有老人孩子在家", 0),
        ("您好。另外路灯不亮好几天了", 0),
        ("物业乱收费。" * 30 + "另外绿化也被破坏了", 0),
    ],
)
def test_a_second_request_begins_with_its_own_sentence(text: str, count: int) -> None:
    assert len(splitting.requests(text, ())) == count


def test_the_models_own_separation_is_believed() -> None:
    assert splitting.requests("暖气不热路灯不亮", ("暖气不热", "路灯不亮")) == ("暖气不热", "路灯不亮")
