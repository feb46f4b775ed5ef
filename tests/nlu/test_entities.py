"""Details told by form, by names and by the shape of an address."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlu.reading.entities.chinese_numbers import number
from nlu.reading.entities.extract import as_rasa, find
from nlu.reading.normalise import normalise
from tests.nlu.small_model import make_gazetteer

TODAY = date(2026, 11, 22)  # a Sunday
PLACES = make_gazetteer()


def entities(text: str) -> list[dict[str, Any]]:
    normalised = normalise(text)
    return as_rasa(find(normalised.text, PLACES, TODAY), normalised)


def one(text: str, name: str) -> tuple[str, Any]:
    found = [e for e in entities(text) if e["entity"] == name]
    assert len(found) == 1, (text, found)
    return found[0]["value"], found[0].get("normalized")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("三千六", 3600), ("两万八", 28000), ("一万二", 12000), ("十几", 10), ("三十多", 30),
        ("18万", 180_000), ("1.2万", 12_000), ("六万多", 60_000), ("二〇二五", 2025), ("三千零六", 3006),
        ("3千5", 3500), ("5k", 5000), ("一百二十七", 127), ("好", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(said: str, value: float | None) -> None:
    assert number(said) == value


@pytest.mark.parametrize(
    ("text", "value", "normal"),
    [
        ("我电话13800138000", "13800138000", "+8613800138000"),
        ("打138-0013-8000吧", "138-0013-8000", "+8613800138000"),
        ("微信同号１３８００１３８０００", "１３８００１３８０００", "+8613800138000"),
        ("+86 138 0013 8000", "+86 138 0013 8000", "+8613800138000"),
        ("一三八零零一三八零零零找我", "一三八零零一三八零零零", "+8613800138000"),
        ("办公室0999-5550105转12", "0999-5550105转12", "+869995550105;ext=12"),
        ("客服400-800-1234没人接", "400-800-1234", "+864008001234"),
        ("一三三，零零零零，九九八八", "一三三，零零零零，九九八八", "+8613300009988"),
        ("手机：138.0013.8000", "138.0013.8000", "+8613800138000"),
        ("打(0999)5550105", "(0999)5550105", "+869995550105"),
        ("请打０９９９－５５５０１０５", "０９９９－５５５０１０５", "+869995550105"),
        ("0086-13800138000", "0086-13800138000", "+8613800138000"),
        ("亲戚的+852 2345 6789", "+852 2345 6789", "+85223456789"),
    ],
)
def test_phones(text: str, value: str, normal: str) -> None:
    assert one(text, "phone") == (value, normal)


@pytest.mark.parametrize(
    "text", ["订单202611220001234567", "12345热线", "身份证11010519491231002X", "3-5-1201室"]
)
def test_what_is_no_phone(text: str) -> None:
    assert [e for e in entities(text) if e["entity"] == "phone"] == []


@pytest.mark.parametrize(
    ("text", "name", "value", "normal"),
    [
        ("身份证11010519491231002x", "id_number", "11010519491231002x", "11010519491231002X"),
        ("湘A12345乱停", "plate", "湘A12345", "湘A12345"),
        ("临A·D12345的车", "plate", "临A·D12345", "临AD12345"),
        ("粤b 88k88", "plate", "粤b 88k88", "粤B88K88"),
        ("沪ADK1234绿牌", "plate", "沪ADK1234", "沪ADK1234"),
        ("京A-12345", "plate", "京A-12345", "京A12345"),
        ("粤Z1234港", "plate", "粤Z1234港", "粤Z1234港"),
        ("鲁Ｂ１２３４５", "plate", "鲁Ｂ１２３４５", "鲁B12345"),
        ("工程款80多万没给", "amount", "80多万", 800_000.0),
        ("押金两千三不退", "amount", "两千三", 2300.0),
        ("多收了四毛", "amount", "四毛", 0.4),
        ("一家五口挤着", "people", "一家五口", 5),
        ("二十三名工友", "people", "二十三名工友", 23),
        ("工单LJ2611220001怎么样了", "ticket", "LJ2611220001", "LJ2611220001"),
        ("坐38路车", "line", "38路", "38路"),
        ("地铁2号线停运", "line", "地铁2号线", "2号线"),
        ("K12路不准点", "line", "K12路", "K12路"),
        ("欠我三千六百元", "amount", "三千六百元", 3600.0),
        ("一共欠18万工资", "amount", "18万", 180_000.0),
        ("收了3块5", "amount", "3块5", 3.5),
        ("我们20多人没工资", "people", "20多人", 20),
        ("一共二十三个农民工", "people", "二十三个", 23),
    ],
)
def test_what_its_form_tells(text: str, name: str, value: str, normal: Any) -> None:
    assert one(text, name) == (value, normal)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("科创二路12号", "line"),
        ("3万平方米", "amount"),
        ("100万人口", "amount"),
        ("一个人", "people"),
        ("第3路口", "line"),
    ],
)
def test_what_only_looks_like_it(text: str, name: str) -> None:
    assert [e for e in entities(text) if e["entity"] == name] == []


@pytest.mark.parametrize(
    ("text", "value", "normal", "role"),
    [
        ("昨天下午三点停的水", "昨天下午三点", "2026-11-21T15:00", "point"),
        ("去年10月份以来一直停水", "去年10月份", "2025-10", "since"),
        ("2020年3月5日签的合同", "2020年3月5日", "2020-03-05", "point"),
        ("2025/1/9交的钱", "2025/1/9", "2025-01-09", "point"),
        ("上周五来过", "上周五", "2026-11-13", "point"),
        ("12月初开始的", "12月初", "2025-12", "since"),
        ("已经三个月了", "三个月", "P3M", "period"),
        ("停电20分钟", "20分钟", "PT20M", "period"),
        ("一年半没人管", "一年半", "P18M", "period"),
        ("半年没人清运", "半年", "P6M", "period"),
        ("前天晚上七点多吵架", "前天晚上七点多", "2026-11-20T19:00", "point"),
        ("上个月15号交的费", "上个月15号", "2026-10-15", "point"),
        ("两年前就说要修", "两年前", "2024-11-22", "point"),
        ("腊月二十八停的电", "腊月二十八", "2026-02-15", "point"),
        ("农历八月十五放鞭炮", "农历八月十五", "2026-09-25", "point"),
        ("正月初三交的定金", "正月初三", "2026-02-19", "point"),
        ("中秋节那天停水", "中秋节", "2026-09-25", "point"),
        ("九八年的房改房", "九八年", "1998", "point"),
        ("今早八点半堵车", "今早八点半", "2026-11-22T08:30", "point"),
        ("每天晚上11点到凌晨2点施工", "晚上11点到凌晨2点", "2026-11-22T23:00", "point"),
        ("2月30日", "2月30日", None, "point"),
    ],
)
def test_times(text: str, value: str, normal: str | None, role: str) -> None:
    found = [e for e in entities(text) if e["entity"] == "time"]
    assert [(e["value"], e.get("normalized"), e["role"]) for e in found] == [(value, normal, role)]


@pytest.mark.parametrize(
    "text", ["电梯三天两头停", "一天到晚施工", "住3号楼", "解放路3号", "有一点问题", "六年级", "月租三千"]
)
def test_what_is_no_time(text: str) -> None:
    assert [e for e in entities(text) if e["entity"] == "time"] == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("我住在滨江区解放路128号，楼上漏水", ["滨江区/district", "解放路128号/road"]),
        ("幸福里3栋2单元501漏水", ["幸福里/estate", "3栋2单元501/room"]),
        ("幸福里小区3栋1201 13812345678", ["幸福里小区/estate", "3栋1201/room"]),
        ("阿拉小区电梯又坏脱了", []),
        ("投诉青龙镇卫生差", ["青龙镇/town"]),
        ("锦绣花园门口乱停车", ["锦绣花园/estate", "门口/landmark"]),
        ("另外人民路88号垃圾也没人清", ["人民路88号/road"]),
        ("在建设路和中山路交叉口", ["建设路/road", "中山路/road", "交叉口/landmark"]),
        ("人民路和建设路口", ["人民路/road", "建设路/road", "口/landmark"]),
        ("解放路中山路口", ["解放路/road", "中山路/road", "口/landmark"]),
        (
            "投诉滨江区荷香路17号晚上施工扰民",
            ["滨江区/district", "荷香路17号/road"],
        ),
        (
            "我住在滨江区青石镇梧桐湾15-10-2203，楼上天天漏水",
            ["滨江区/district", "青石镇/town", "梧桐湾/estate", "15-10-2203/room"],
        ),
        ("锦绣花园附近天天乱停车", ["锦绣花园/estate", "附近/landmark"]),
        ("我们小区的马路上全是坑", []),
        ("街道不管，社区也不管", []),
        ("解放路12号院3栋2单元暖气不热", ["解放路/road", "12号院3栋2单元/room"]),
        ("我住12号院3栋2单元", ["12号院3栋2单元/room"]),
        ("幸福里小区物业不管", ["幸福里小区/estate"]),
        ("幸福里名都停水三天", ["幸福里名都/estate"]),
        ("举报滨江区杭州矿业偷挖", ["滨江区/district"]),  # a city does not lie in a district
        (
            "浙江省杭州市西湖区余杭塘路1901号",
            ["浙江省/province", "杭州市/city", "西湖区/district", "余杭塘路1901号/road"],
        ),
    ],
)
def test_places(text: str, parts: list[str]) -> None:
    kinds = {"province", "city", "district", "town", "community", "road", "estate", "room", "landmark"}
    assert [f"{e['value']}/{e['entity']}" for e in entities(text) if e["entity"] in kinds] == parts


@pytest.mark.parametrize(
    "text", ["小区物业不作为", "投诉我们小区物业", "社区医院不给开药", "前期物业不交接", "上游那个电镀厂偷排"]
)
def test_a_kind_of_firm_is_no_name(text: str) -> None:
    assert [e for e in entities(text) if e["entity"] in ("org", "estate")] == []


def test_what_introduces_a_firm_is_not_its_name() -> None:
    assert one("公司叫恒通建设，欠我们工资", "org")[0] == "恒通建设"


def test_the_owner_of_a_gym_is_nobodys_name() -> None:
    assert [e for e in entities("健身房老板跑路了") if e["entity"] == "person"] == []
    assert one("房老板跑路了", "person")[0] == "房老板"


def test_a_known_place_says_where_it_lies() -> None:
    _, normal = one("幸福里停水了", "estate")
    assert normal == {"value": "幸福里小区", "district": "滨江区", "town": "沿江街道"}


@given(st.text(max_size=80) | st.text("解放路12号3栋小区的在昨天一二三万元,。 13800138000A", max_size=80))
@example("¼#")
@settings(deadline=None)
def test_whatever_comes_spans_are_of_the_text_and_apart(text: str) -> None:
    found = entities(text)
    for entity in found:
        assert text[entity["start"] : entity["end"]] == entity["value"] != ""
    spans = sorted((e["start"], e["end"]) for e in found)
    assert all(first[1] <= second[0] or first == second for first, second in itertools.pairwise(spans))
