"""Who: persons by title or introduction, organisations and shops by how their names end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.reading.entities.base import Found
from nlu.reading.entities.endings import beginning

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾萧肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石"
    "戴贾韦夏邱方侯邹熊孟秦白江阎闫薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟"
    "殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农"
    "司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
TITLES = "先生|女士|小姐|阿姨|大爷|大妈|大姐|师傅|老师|医生|大夫|护士|护士长|主任|经理|警官|老板|老板娘|局长|书记|村长|村主任|校长|园长|科长|队长|院长|所长|处长|站长|总监?|工头|主席|会长|同学|教练|律师|某某?|副\\w长"
_TITLED = re.compile(
    rf"(?<![\u4e00-\u9fff])(?:[{SURNAMES}][\u4e00-\u9fff]{{0,2}}?|某)(?:{TITLES})|[{SURNAMES}](?:[\u4e00-\u9fff]{{1,2}})?(?:{TITLES})|[{SURNAMES}]某某?(?!些)"
)
_NOT_NAMES = re.compile(
    "(?:[\u4e00-\u9fff]*)(?:公司|经常|高中老师|小学老师|中学|全体|任何|关于|时候|成为|和|解决|路)"
)
_INTRODUCED = re.compile(
    rf"(?:我叫|我的?名字是?叫?|本人(?:姓名)?|姓名[:是]?|联系人[:是]?|名叫|叫做|免贵姓)\s*((?:欧阳|上官|司马|诸葛)?[{SURNAMES}]?[\u4e00-\u9fff]{{1,3}}?)(?=[,。.;\s、(]|$|电话|手机|住|,|是|男|女|今年|在)"
)
_ORG = re.compile(
    "(?:装饰|建材|物流|快递|矿业|路桥|职校|采砂场|手机城|养生馆|(?<=[\u4e00-\u9fff]{2})厂(?![里房长区门方家商子址])|(?<=[\u4e00-\u9fff]{2})[一二三四五六七八九十][中小](?=[的学校门后建]|$|[,。])|有限责任公司|股份有限公司|有限公司|分公司|公司|集团|工厂|加工厂|[砖钢纸酒药化农]厂|[材工品装械料剂鞋衣]厂|砖厂|旗舰店|专卖店|超市|饭店|酒楼|餐馆|餐厅|火锅店?|烧烤店?|大排档|宾馆|酒店|旅馆|民宿|KTV|ktv|网吧|酒吧"
    "|诊所|药店|药房|门诊部?|口腔|美容院?|医美|理发店|健身房?|影楼|中介|置业|地产|建设|建筑|劳务|驾校|培训班|培训机构|培训学校|培训中心|教育|托管班|辅导班|幼儿园|小学|中学|高中|大学|学院|学校|职高|技校|医院|卫生院|保健院"
    "|银行|物业|敬老院|养老院|福利院|合作社|事务所|旅行社|汽修厂?|修理厂|4S店|洗车店|水果店|奶茶店|面馆|米粉店|蛋糕店|服装店|眼镜店|手机店|商行|门店|洗浴|足浴|会所|俱乐部|游泳馆|影院|煤矿|采石场|养殖场|屠宰场|搅拌站|加工坊)"
)
_NO_ORG = re.compile(
    r".*(?:这家|那家|一家|几家|两家|多家|某家?|我们|你们|他们|各|所有|附近|楼下|门口|当地|本地|有些|很多|大量|我|有个|开了|一个|去|找|跟|说|向|被|把|让|给|到|在|的).*"
)
_PLAIN = re.compile(
    "(?:小区|社区|街道|单位|前期|原来?|现|装修|建筑|物业|房产|房地产|开发|劳务|保险|电信|快递|物流|自来水|装饰|建材|物流|快递|本地|同城|不动|固定|燃气|热力|供热|供电|供水|公交|地铁|出租车|网约车|搬家|租赁|中介|贷款|投资|外卖|教育|培训|美容|旅游|建设|施工|总|子|分|大|小|新|老|母|人力资源|国有|私营|民营|上市|科技|网络|实体|连锁|品牌|街边|路边|无证|黑|私立|公立|公办|民办|重点|附属|寄宿|农村|乡镇|县级|市级|三甲|综合|专科|儿童|妇幼|整形|养生|早教|足疗|经济|基础|城市|违章|违法|工程|义务|高等|职业|成人|学前|素质|家庭|继续|老年|保障|安全|社会|国际|国家|道路|设施|文化|生态|精神文明|医疗|配套|文明|住宅|城乡|乡村)*"
)


# Endings that are ordinary words as well, and those that are so only after a stem that is no name.
_WORDS = frozenset(["教育", "建设", "建筑", "口腔"])
_NAMED_SO = re.compile("[,。;!? 、]|的|公司|老板|不|欠|拖|骗|拒|无|当老师|$")
_TRADES = frozenset(["地产", "置业", "劳务", "物业", "装饰", "建材", "物流", "快递", "矿业", "路桥"])
_GOES_ON = re.compile("[们管费办市局园区业员单柜费用房站点包裹材料派遣合同市场]")


def persons(text: str) -> Iterator[Found]:
    """Names that are introduced, and names with a title."""
    for match in _INTRODUCED.finditer(text):
        name = match[1]
        if name and name[0] in SURNAMES and (len(name) >= 2 or "姓" in match.group()):
            yield Found(match.start(1), match.end(1), "person", None, 0.85)
    for match in _TITLED.finditer(text):
        trade = match.group().startswith("房") and re.match("[\u4e00-\u9fff]", text[match.start() - 1 :])
        if not _NOT_NAMES.search(match.group()) and not (match.start() and trade):  # 健身房老板
            yield Found(match.start(), match.end(), "person", None, 0.6)


def organisations(text: str) -> Iterator[Found]:
    """Companies, shops, schools, hospitals that have a name of their own."""
    for match in _ORG.finditer(text):
        if re.match("(?:们|里|老板|员工|人员|工人|门口|附近)", text[match.end() :]) and match.group() in (
            "教育",
            "建设",
            "建筑",
        ):
            continue
        first = beginning(text, 0, match.start(), "estate")
        stem = text[first : match.start()]
        if match.group() in _WORDS and not _NAMED_SO.match(text, match.end()):
            continue
        if match.group() in _TRADES and not (2 <= len(stem) <= 4 and not _GOES_ON.match(text, match.end())):
            continue
        if re.search("[这那哪某一几]$", text[:first]) and stem[:1] in ("个", "家", "间"):
            continue  # 上游那个电镀厂
        if len(stem) < 2 or _PLAIN.fullmatch(stem) or _NO_ORG.fullmatch(stem):
            continue
        yield Found(first, match.end(), "org", None, 0.7)
