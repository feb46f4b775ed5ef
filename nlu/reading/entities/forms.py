"""The forms of an address: numbers of houses and rooms, and the words around names. Patterns only."""

from __future__ import annotations

import re

from nlu.reading.entities.chinese_numbers import CHARS
from nlu.reading.entities.endings import ESTATE, SENTENCE, SPOKEN, VERBS

CLAUSE = re.compile(r"[^,。!?;:\n、，！？；]+")
MOBILE = re.compile(r"\s*(?<!\d)1[3-9]\d{9}(?!\d)\s*")
HAN = r"\u4e00-\u9fff"
N = rf"(?:[A-Za-z]{{0,2}}\d{{1,5}}[A-Za-z]?|[A-Za-z]{{1,2}}(?![A-Za-z])|[{CHARS}甲乙丙丁戊]{{1,4}})"
NO = re.compile(
    rf"(?:第)?(?:\d+[A-Za-z]?|[{CHARS}]{{1,5}})(?:(?:[-之~]|号[之附-])\d+)*(?:弄(?:\d+号)?|号(?!楼|院|线|门(?!口)|馆|地块|机|码|桥)(?:附\d+号?)?|#)"
)
ON_ROAD = re.compile("[路街巷弄]|大道")
IN_LANE = re.compile(r"(?<=\d弄)\d+号")
LANE = re.compile(r"\d+弄")
BARE_NO = re.compile(r"\d+(?:-\d+)?(?![\d栋幢座撞单室楼层期号弄#组队区路街年月日户档米公-])")
ROOM = re.compile(
    rf"(?:(?:{N}号院)?(?:{N}-)?{N}(?:号楼|幢楼?|栋楼?|撞|排|座|#楼?|号院)(?:[东西南北]?(?:{N}(?:单元|门|-)))?[,\s]?(?:{N}(?:号|室|房(?!产|屋)|楼|层|户|F|#)?(?:\d{{2,4}}[A-Za-z]?(?:号|室|房(?!产|屋))?)?)?(?:[东西]户)?"
    rf"|{N}单元(?:-?{N}(?:号|室|楼|层)?(?:\d{{2,4}}(?:室|号)?)?)?|[A-Za-z]?\d{{1,4}}[A-Za-z]?(?:[-一][A-Za-z]?\d{{1,5}}[A-Za-z]?){{1,3}}(?:室|号)?(?!\d)|[A-Za-z]-\d{{1,4}}[A-Za-z]?室?|{N}(?:室|楼(?![上下顶房市道梯宇盘栋])|层|F(?![A-Za-z]))(?:_?[A-Za-z]?\d{{2,6}}[A-Za-z]?(?:室|号|房)?)?)"
)
HIGHWAY = re.compile(r"(?:[GSXY]?\d{1,3}(?:国道|省道|县道|乡道)|[GS]\d{1,4}(?:[\u4e00-\u9fff]{2,4}高速)?)")
INNER = re.compile(
    r"(?<!新)村(?=.)(?![民庄镇])|路|与|对面|隔壁|门口|街道|[镇乡](?!.{0,4}府)|社区|附近|交叉|叉口|中间|电联|办事处|\d(?:室|房|栋|幢|单元|号|弄|排|楼)|[一二三四五六七八九十](?:楼|单元|幢|栋)"
)
CODE = re.compile(r"[A-Za-z\d](?=\d)|\d(?=[A-Za-z](?![座栋幢区楼]))")
# Words that no part of an address may cut in two.
WHOLE = re.compile(
    "街道|附近|对面|交叉口|路口|办事处|医院|单元|公司|工业|开发区|村委|社区|中间|门口|园区|功能区|交易区|住宅区|商务区|新区|大厦|花园|市场|小区|广场|学校|大学|中学|小学|公寓|中心"
)
FIRM = re.compile(
    ".(?:公司|厂|店|医院|学校|[小中大]学|学院|中心|超市|酒店|宾馆|银行|营业厅|幼儿园|集团|大酒店|城|厦|园|苑|局|所|院|部|馆|站)$"
)
TOWNSHIP = re.compile(
    rf"市(?!区|场|政|府|人民)|(?<![小社校园厂街片山景地业发新东西南北中务济能港库流A-Za-z\d{CHARS}])区|县"
)
SECTION = re.compile(rf"(?:[东西南北]|{N})(?:期|区|苑|组团)")
NO_START = re.compile(
    "小区|街道|社区|[路号镇村栋幢室楼口与]|对面|旁|隔壁|门口|附近|交叉口|交[汇界]处|以[东西南北]"
)
LEAD = re.compile("\\s*(?:另外|还有(?:就是)?|再就是|再者|此外|以及|顺便)")  # before a further request
JUNK = re.compile("(?:电联|电话联系|联系电话|电话|收货?)+$")
ROOM_CODE = re.compile(
    r"(?<![A-Za-z\d-])(?=[A-Za-z\d-]*\d)[A-Za-z\d]+(?:[-一][A-Za-z\d]+)*(?:室|房间?)?(?![A-Za-z\d号路街弄座幢栋区楼层期组队年月日公米-])"
)
# A village may have a name without an ending: 柳溪埠12号.
HAMLET = re.compile(
    rf"(?=((?:[{HAN}]{{2,4}}))(?<![路街道巷弄段线园苑城厦楼区庭院寓坊厂店场期市县镇乡湾府居里馆司心院校学行站所部座幢栋室层])\d+(?:号(?!楼|院)|$))"
)
GROUP = re.compile(rf"(?:\d{{1,2}}|[{CHARS}]{{1,3}})(?:组|队)(?:\d+号)?(?![织员成长])")
TEAM = re.compile(rf"(?=([{HAN}]{{1,4}}(?:村民)?小?组)(?!织|成|长|团))")
OPEN_ZONE = re.compile("开发区|[新园]区|高新区")
NAME_GOES_ON = re.compile(
    rf"[东西南北中门]?(?:[{CHARS}]?路|大道|大?街)|经济|高新|工业|轻纺|商业城|商务|住宅|人民医院|中心医院|农贸|批发|火车|汽车[东西南北]?站|客运|大学|[一二三]中|[{CHARS}]?[区期园]|[市县镇]|酒店|集团|公司|新?村|{ESTATE.pattern}"
)
MORE_AHEAD = re.compile(rf"[{HAN}]{{2,6}}(?:路|大道|街(?!道)|小区|花园|家园|公寓|村|社区|大厦|苑|工业|广场)")
ROAD_AHEAD = re.compile(rf"[{HAN}]{{2,6}}(?:路|大道|大?街|镇|街道|区)")
FIRM_WORDS = re.compile("有限|合作社|能源|电动|医院|大会堂|开发|热力|多功能|来[福利宝]")
THINGS = re.compile(rf"(?:[{CHARS}]{{1,3}}|\d)(?:栋|幢|座|层)楼?")
HOUSE = re.compile(r"\d+(?:号|弄|室|幢|栋|组)(?!线)|(?<=[园苑村城区厦期寓])\d+[-一]\d+")
LONGEST_ADDRESS = 60
SAID = re.compile(f"{SENTENCE.pattern}|{SPOKEN.pattern}|{VERBS.pattern}")
TAIL = re.compile(
    r"\d+(?:号楼?|室|弄|幢|栋|单元|楼|层|组)(?![线\d])|(?<=[路街道村苑园区城湾里期-])\d+(?![\d年月日天个人点分元块路])"
    rf"|(?:有限公司|公司|集团|[{HAN}]厂|店|医院|学校|[小中大]学|学院|幼儿园|超市|酒店|宾馆|银行|{ESTATE.pattern})(?![员长主工生们费里内外旁边])"
)
# "人民路和建设路口": where two roads meet, the second one is a road too.
CROSSING = re.compile(
    rf"(?<=路|街|道|巷)[和与跟及、]?([{HAN}]{{1,4}}(?:路|大道|大?街|巷))(?=的?(?:口|交叉|交[汇界]|路口|十字))"
)
NEAR = re.compile(
    "(?:的)?(?:口|交叉路?口|交[汇界]处|路口|十字路口|丁字路口|[东西南北]?(?:门|大门|出口|入口)(?:口|处|外)?|旁边?|对面|附近|隔壁|楼下|周边|[东西南北前后左右侧背]{1,2}[面边侧角])"
)
