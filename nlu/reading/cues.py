"""What in a message shows its kind: words of asking, complaining, begging, proposing, informing, and where
they stand.

A letter of three hundred characters tells a story; one clause at its beginning or its end says what is
wanted. Here are patterns and numbers only, the weights are learnt (`nlu.training.kinds`).
"""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

PATTERNS = {
    "asks": "请问|想问|问一下|问下|请教|咨询|询问|想了解|了解一下|想知道|求解|求告知",
    "answer": (
        "(?:望|请|盼|求|予以?|给予|得到|期待|明确)[^。!?]{0,8}(?:答复|解答|回复|明示|告知|解惑|释疑|回答)"
    ),
    "how": (
        "如何(?:办理?|申请|操作|处理|计算|缴|报|转|领|提取|认定|界定|查|才能|补|能)"
        "|怎么(?:办|样|申请|才能|弄|补|算|交|报|领|查|走|转)|怎样|(?:需要?|要|带|有|具备)(?:什么|哪些)"
        "|哪些(?:材料|资料|手续|条件|证件|部门|要求)|(?:什么|啥)(?:材料|手续|条件|流程|时间|政策|要求|标准|程序)"
    ),
    "where": "在哪|去哪|到哪|哪里|哪个(?:部门|单位|地方|窗口)|哪儿",
    "when": "什么时候|啥时候?|何时|几时|多久|几月|哪天|什么时间|哪年|何年|时间表",
    "much": "多少|几年|几个月|多大|多长",
    "whether": "是否|能否|可否|能不能|可不可以|是不是|有没有|会不会|要不要|还是",
    "may": "(?:可以|能|行|算|属于|符合|享受|有效|合法|正常|规定)[^。!?,]{0,14}吗",
    "particle": r"吗\s?[?。!,]|吗$|呢[?。]|呢$",
    "policy": "政策|规定|条例|标准|文件|流程|条件|资格|规划",
    "myself": "本人|我是|我于|我在|我想|我老婆|我爱人|我妈|我爸|我父|我母|我儿|我女|我家小?孩|我的",
    "together": "我们|业主们|全体|居民们|村民们|大家",
    "thanks": "谢谢|感谢|万分|此致|敬礼",
    "complains": "投诉|维权|讨个?说法|讨个?公道|控诉|强烈不满|抗议|差评",
    "party": "开发商|物业|公司|店家?|商家|学校|老板|中介|医院|营业厅|驾校|培训|机构|业委会|银行|酒店|司机",
    "wrong": (
        "欺骗|欺诈|虚假|霸王|乱收费|违规|拒不|拒绝|推诿|推脱|敷衍|不作为|态度(?:恶劣|极差|很差|差)|捆绑|强制|强行"
        "|擅自|忽悠|坑|无良|黑心|侵犯|侵占|扰民|拖欠|拖延|不给|不退|未经|不管|无视|乱"
    ),
    "suffers": "严重影响|影响(?:了|到)|噪音|噪声|臭|油烟|无法(?:入睡|休息|忍受)|苦不堪言|吵|污染|漏水",
    "unheard": (
        "(?:多次|反复|几次|无数次|一直)[^。!?]{0,14}(?:反映|投诉|沟通|协商|交涉|找|打电话|报警)|未果|无果|没人管"
        "|无人管|没有?人处理|踢皮球|互相推|不了了之|置之不理|不理不睬|没有下文|仍未|至今"
    ),
    "refund": "退款|退费|退钱|赔偿|退还|违约|补偿|合同",
    "informs": "举报|检举|揭发",
    "informer": "举报人|实名举报|举报信|被举报|匿名",
    "punish": (
        "查处|严惩|严查|彻查|查封|取缔|追究|惩处|惩治|绳之以法|立案|打击|调查核实|查办|问责|深挖|严肃处理|一查到底|铲除"
    ),
    "crime": (
        "赌博|赌场|赌资|卖淫|嫖|涉黄|涉黑|黑恶|恶势力|保护伞|传销|诈骗|非法|犯罪|偷税|漏税|贪污|腐败|受贿|行贿|违纪"
        "|违法|套取|骗取|挪用|无证|无照|无牌|假冒|假药|假证|走私|盗采|偷排|私自|地下|黑车|窝点|敛财|村霸|侵吞|营私|勾结"
    ),
    "begs": "请求|恳请|恳求|跪求|祈求|恳切|乞求|拜托|求助|救救|帮帮|求求|哀求",
    "officials": (
        "(?:请|望|求|恳|盼)[^。!?,]{0,10}(?:领导|政府|部门|书记|市长|县长|区长|局长)[^。!?]{0,12}"
        "(?:帮|解决|协调|关心|关注|重视|督促|支持|做主|协助)"
    ),
    "solve": "解决|协调|帮忙|帮助|协助|做主|讨回|追回|落实",
    "hardship": (
        "困难|贫困|低保|残疾|癌|重病|无助|无奈|绝望|走投无路|生活无着|血汗钱|农民工|寸步难行|不便|危险|隐患|老百姓"
    ),
    "works": (
        "(?:希望|请求|恳请|盼望?|期盼|要求|望|能否|请)[^。!?]{0,25}"
        "(?:安装|修建|修好|修复|维修|拆除|打通|开通|增加|整治|治理|清理|硬化|改造|通水|通电|供水|供电|安排|办理)"
    ),
    "proposes": "建议|提议|倡议|献策|呼吁|进言",
    "ways": (
        "应该|应当|最好|不妨|可以考虑|考虑(?:将|把|在|增|到)|有必要|宜|纳入|推行|推广|借鉴|学习|参照|效仿|试点|引进"
    ),
    "improve": (
        "增设|增加|优化|完善|调整|加强|改进|改善|升级|改造|新建|建设|打造|规范|提升|提高|缓解|合理|统筹|科学|延长|延伸"
    ),
    "city": "城市|全市|市民|发展|交通|规划|城区|片区|设施|形象|经济|旅游|公共|便民|方便|绿色|文明",
    "hopes": "希望|但愿|期望|盼",
    "praises": "表扬|点赞|称赞|锦旗|热心|辛苦了|好人|致敬|感动",
    "numbered": r"(?:^|[。;:\s])(?:[1-5一二三四][、.,)]|第[一二三四])",
    "addressed": "尊敬|书记|市长|县长|领导",
    "law": "《|法律|法规|条例|依法|第[一二三四五六七八九十\\d]+条",
    "rhetoric": "难道|凭什么|何在|天理|良心|试问|哪来的|谁给|为何|为什么|岂",
}
_COMPILED = [re.compile(pattern) for pattern in PATTERNS.values()]
_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_ASKED = re.compile(r"\?|吗|呢$")
_HEAD, _TAIL = 45, 90
_BEGIN, _END = 700, 400  # of endless letters the beginning and the end are read

_SHAPE = (
    "questions",
    "question",
    "questions_many",
    "ends_asking",
    "asks_late",
    "length",
    "short",
    "long",
    "calls",
)
NAMES = (
    *(f"{name}{where}" for name in PATTERNS for where in ("", "#", "<", ">")),
    *_SHAPE,
)


def cues(text: str) -> NDArray[np.float64]:
    """One number for each of `NAMES`: a pattern anywhere, how often (damped), near the beginning, near the
    end; then the shape of the message.
    """
    if len(text) > _BEGIN + _END:
        text = f"{text[:_BEGIN]}\n{text[-_END:]}"
    out: list[float] = []
    length = len(text)
    damp = 10 / (5 + math.log1p(length))
    for pattern in _COMPILED:
        found = [(match.start(), match.end()) for match in pattern.finditer(text)]
        head = any(end <= _HEAD for _, end in found)
        tail = any(start >= length - _TAIL for start, _ in found)
        out += (bool(found), math.log1p(len(found)) * damp, head, tail)
    return np.array([*out, *_shape(text)], dtype=np.float64)


def _shape(text: str) -> list[float]:
    sentences = [one for one in _SENTENCE.findall(text) if one.strip()]
    asked = [bool(_ASKED.search(one)) for one in sentences]
    count = sum(asked)
    return [
        count / max(1, len(sentences)),
        count > 0,
        count >= 3,
        bool(sentences) and "?" in sentences[-1],
        any(asked[-3:]),
        math.log1p(len(text)) / 2 - 2.2,
        len(text) < 80,
        len(text) > 300,
        min(3, text.count("!")) / 3,
    ]
