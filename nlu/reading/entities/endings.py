"""How Chinese names of places end, and where in a sentence such a name can begin.

Lists of words, nothing else: what is a name, and what is an ordinary word that merely ends like one.
"""

from __future__ import annotations

import re


def any_of(words: str) -> str:
    """A pattern for one of these words, longest first."""
    return "(?:" + "|".join(sorted(words.split(), key=len, reverse=True)) + ")"


ROAD = re.compile(
    "(?:大道|大街|公路|支路|环路|胡同|街(?!道|舞|坊)|路(?!线|灯|面|段|基|政|过|况|人|边|牌|桥|上|由|障|费|途)|巷|弄"
    "|道(?![路理德具教歉谢士长口]))"
)
ALLEY = frozenset({"道", "弄", "巷"})
TOWN = re.compile("(?:街道(?:办事处|办(?!事))?|街办(?:事处)?|[镇乡](?![政府村下镇土里间民亲音愁情长党委]))")
COMMUNITY = re.compile(
    "(?:社区(?:居委会)?|居委会|村委会|行政村|(?<![新农])村(?![民里委上官口庄子镇干部支书务道]))"
)
ZONE = re.compile(
    any_of(
        """开发区 高新区 经开区 工业园区? 工业区 产业园区? 科技园区? 软件园 物流园 保税区 示范区 新区 园区 功能区
        交易区 住宅区 商务区"""
    )
)
ESTATE = re.compile(
    any_of(
        """小区 花园 家园 公寓 新村 新苑 新城 大厦 大楼 广场 名邸 名苑 名都 公馆 华庭 华府 豪庭 佳园 佳苑
        雅苑 雅居 嘉园 嘉苑 景苑 山庄 别墅 国际城 家属院 宿舍 安置房 火车站 汽车站 客运站 地铁站 公交站
        加油站 车站 立交桥 大桥 公园 体育馆 图书馆 博物馆 菜市场 农贸市场 批发市场 市场 步行街 商业街
        水库 码头 收费站 服务区 湿地 风景区 商城 商场 购物中心"""
    )
    + "|苑(?!区)|府(?![里上])|庭|邸"
)
WEAK_ESTATE = re.compile(
    "城(?![管里市区镇乡中内外北南东西])|园(?![林区艺])|湾|里(?![面边程头])|轩|阁|居(?![民委住留])|居民楼"
)

_COMMON_ENDS = """马路 道路 铁路 线路 电路 思路 出路 退路 套路 走路 上路 修路 让路 堵路 岔路 土路 水泥路
柏油路 沥青路 断头路 条路 段路 网路 必经之路 上街 逛街 条街 人行道 车道 通道 管道 渠道 知道 报道 下水道
楼道 河道 便道 盲道 匝道 味道 公道 轨道 频道 跑道 过道 坡道 步道 乡镇 城镇 家乡 老乡 下乡 故乡 回乡 农村
乡村 全村 城中村 各自然村 政府 家庭 法庭 出庭 开庭 邻居 定居 同居 家里 这里 那里 哪里 手里 心里 夜里 屋里
店里 公里 院里 法院 县城 进城 居民楼 写字楼 校园 菜园 幼儿园 首府 天府 炸街 骂街 跑路 夜路 远路 满街 满路
快速路 市政路 板街 餐饮街 商铺街 烂泥路 泥巴路 石子路 乡镇街 个村 几镇 返乡 进乡 个大楼 栋大楼 人才市场
楼下广场 公园广场 劳务市场 二手车市场 房地产市场 集贸市场 集市 各乡 各镇 每镇 某镇 该镇 背街小巷 小巷
街巷 城区 市区 校区 全城 商业城"""
_COMMON = """山路 小路 大路 老路 主路 辅路 村路 一路 半路 门前路 大街 步行街 商业街 美食街 小吃街 一条街
街道 小镇 古镇 本村 各村 我村 进村 社区 居委会 村委会 行政村 小区 我们小区 老旧小区 住宅小区 安置小区
封闭小区 新小区 整个小区 学府 后花园 公园 家园 公寓 宿舍 别墅 大厦 大楼 广场 市场 商场 车站 火车站 汽车站
地铁站 公交站 加油站 大桥 立交桥 水库 码头 收费站 工地 菜市场 农贸市场 批发市场 商城 新城 村里 市里 县里
厂里 楼里 城里 区里 校里 镇里 开发区 高新区 经开区 工业区 工业园 产业园 服务区 示范区 新区 家属院 安置房
客运站 十字路 丁字路 三岔路 红绿灯路 前面路 主要路 支路 公路 环路 购物中心 新村"""
ORDINARY = re.compile(f".*{any_of(_COMMON_ENDS)}|{any_of(_COMMON)}")

# What no name contains: pronouns, verbs, particles. Their presence makes a text a sentence.
NO_NAME = re.compile(
    "[我你您他她它的了吗呢吧啊着把被很就都还没请怎这那哪每某该是]|阿拉(?![善尔木山沟])|"
    + any_of(
        """什么 投诉 反映 举报 咨询 建议 希望 要求 关于 可以 能不能 是否 已经 因为 问题 严重 长期 不能
        不是 不让 不给 不到 有人 有个 一直 整个 所有 各个 通过 进行 发生 出现 存在 影响"""
    )
)
_TROUBLE = """停水 停电 停气 漏 堵 坏 噪音 吵 臭 欠 骗 乱 违 破损 施工 扰民 积水 垃圾 油烟 收费 拆迁 断
塌 涨 污染 不热 不亮 不管 不理 不修 不作为 何时 多久 几点 怎么 如何 占道 乱停 烂尾 拖 着火 起火 打架 求助 谢谢 你好 办理 申请"""
SENTENCE = re.compile(NO_NAME.pattern + "|" + any_of(_TROUBLE))
# The part of it that no address has, however odd its names.
SPOKEN = re.compile(
    f"[我你您他她它的了吗呢吧啊着没被]|{any_of(_TROUBLE)}|投诉|反映|举报|咨询(?!有限|公司|中心)|建议|希望|请问|请求|关于"
    "|擅自|本来|纳入|盼望|早日|开工|免费|容积率|恳请|感谢|增加|要求|一套|两套|取消|规划(?!局|院|馆)|反对|延期|伪造|套取|位于|私自|里面|周围|多家|垄断|状况|违建|开业|入驻|搬迁|引进|占用|统筹|考虑"
)
# In a clause that would be an address, what is left between its parts must hold none of these.
VERBS = re.compile(
    "表扬|医生|司机|业主|离小|[一两三几]个|一套|一间"
    "|[有在会能要出走跑补往喷停钱灌吃喝说打炸骂人来去想做办查修坐乘到缺少多好热冷谁]"
)
# Where a name cannot reach across: always, and where no word says otherwise.
_HARD = frozenset(
    "的了着在住到去从往由对把被给让及是就都也还很我你您他她它们这那哪每各某该请求问于,。!?;:、，！？；\n \"'()（）<>[]【】《》“”"
)
_SOFT = frozenset("和与跟同或向要想来回经过整全该本因为有没之")
_NAME_WORDS = re.compile(
    any_of(
        """和平 和谐 和顺 和美 和睦 和兴 和煦 向阳 向荣 向前 同心 同德 同济 同乐 同安 有为 本草 经纬 经济
        经开 全福 全民 来福 回龙 为民 过街 要塞"""
    )
)
_BEFORE = re.compile(
    any_of(
        """位于 靠近 附近 旁边 对面 门口 门前 我家 家住 坐落 住址 地址 地点 位置 投诉 反映 举报 咨询 建议
        关于 小区 街道 社区 大量 乱停 停车 整条 一条 这条 那条 沿着 途经 经过 路过 开往 前往 发生 业主
        居民 市民 村民 目前 现在 今天 昨天 最近 请问 何时 什么时候 为什么 怎么 全市 本市 我市 我区 我县
        我镇 我村 人行道 市区 城区 期间 公交 地铁 号线 多次 领导 尊敬 你好 您好 建设 修建 新建 规划 制止
        打通 责令 补种 清理 指导 治理 提高 加大 加强 整治 增加 请求 恳请 督促 查处 严查 处理 解决 协调
        修复 疏通 取缔 关停 拆除 落户 任镇 隔壁 听说 自称 公示里 管理 打造 增设 延长 整修 修缮 改造 封闭
        公司叫 公司是 店名叫 店名是 单位叫 单位是 名叫 名字叫 举办 关心 支持 推进 加快 启动 叫停 承接 承包 购买 户籍 户口 邻近 开车 骑车 打车 上周 表扬 感谢"""
    )
)
MOST = {"road": 8, "town": 6, "community": 7, "estate": 10}


def beginning(text: str, clause: int, ending: int, part: str) -> int:
    """Where in a sentence the name begins whose ending starts at `ending`."""
    lowest = max(clause, ending - MOST[part])
    first = lowest
    for at in range(ending - 1, lowest - 1, -1):
        char = text[at]
        soft = char in _SOFT and at < ending - 1 and not _NAME_WORDS.match(text, at)
        if char in _HARD or soft or (part != "estate" and char.isascii()):
            first = at + 1
            break
    for match in _BEFORE.finditer(text, first, ending):
        if match.end() < ending:
            first = match.end()
    return first


def joined_on(text: str, first: int) -> bool:
    """Whether the character here joins a name on ("解放路和中山路") and does not begin one ("和平路")."""
    return text[first] in "和跟及或" and not _NAME_WORDS.match(text, first)
