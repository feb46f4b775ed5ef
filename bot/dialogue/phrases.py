"""Short things people say, told apart by rules: buttons in words, yes and no, wishes to stop or to skip.

These work without a model and are believed before one, because the whole message is such a phrase. Longer
messages are the model's. Patterns only; what follows from them is decided elsewhere.
"""

from __future__ import annotations

import re
import unicodedata

_TAIL = (
    r"[\s。.！!~～，,、？?…]*(?:吧|呀|啊|哦|噢|了|哈|呢|嘛|的|谢谢|please|pls)?[\s。.！!~～，,？?…🙏👌😊]*"
)


def whole(*alternatives: str) -> re.Pattern[str]:
    """Matches a message that is nothing but one of these."""
    return re.compile(r"^\s*(?:" + "|".join(alternatives) + ")" + _TAIL + "$", re.IGNORECASE)


def _anywhere(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


def plain(text: str) -> str:
    """Folded width and case-neutral edges: what the patterns are written for."""
    return unicodedata.normalize("NFKC", text).strip()


# In order: the first that fits names the act.
ACTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "ask_person",
        whole(
            r"(?:我要|我想|请|麻烦|帮我|给我|快|能|可以|可不可以|直接)*(?:转|找|接|换|要|叫|来)?(?:一下|个|到)?"
            r"(?:人工|真人|活人|客服|话务员|接线员|工作人员|坐席|接线生)(?:客服|服务|坐席|接听|处理|吗)*",
            r"(?:转接|人工呢|有人吗|有没有人|找个人(?:来)?(?:说|聊|谈)?|我要跟人说话|别让机器人.{0,6})",
            r"(?:talk|speak|connect me) (?:to|with) .{0,20}",
            r"(?:a )?(?:real )?(?:human|person|operator|agent)(?: please)?",
        ),
    ),
    (
        "who",  # by law a machine says that it is one
        whole(
            r"(?:请问|那个|所以)?[你您]们?(?:到底|究竟)?是(?:不是)?(?:个|一个)?(?:什么)?"
            r"(?:机器人?|真人|活人|人工智能|人工|智能客服|ai|电脑|程序|人还是机器人?|机器人?还是(?:真|活)?人|谁|哪位|人)"
            r"(?:啊|呀|吗|嘛|吧|么|回复|在回复|呢)*",
            r"(?:请问)?(?:[你您]们?)?(?:12345|热线|这边|这里|这儿|现在)*(?:都)?(?:是|用)(?:不是)?(?:机器人?|人工智能|ai|真人|人工|人)"
            r"在?(?:接|回复?|答复?|说话|聊天?|应付)(?:我|话|的|啊|呀|吗|嘛|吧|么|呢)*",
            r"(?:我)?(?:是)?在?(?:跟|和)(?:机器人|真人|人工智能|ai)(?:说话|聊天|对话|聊)(?:吗|吧|呢)*",
            r"(?:are you|is this) (?:a |an )?(?:bot|robot|human|real person|person|machine|ai)",
            r"(?:你|您)叫(?:什么|啥)(?:名字)?|who are you|what is your name",
        ),
    ),
    (
        "cancel",
        whole(
            r"算了[吧，,\s]*(?:不.{1,8})?",
            r"(?:我)?不(?:想|用|要)?再?(?:办|弄|报|投诉|反映|登记|提交|举报|说|问)了",
            r"(?:我)?不(?:想|用|要)(?:投诉|反映|登记|提交|举报|办理)了?",
            r"取消(?:登记|工单|本次|这次)?",
            r"退出|放弃|cancel|never ?mind|forget it|stop",
        ),
    ),
    (
        "change",
        whole(r"(?:我要|我想|要|需要|帮我|再)?(?:修改|更改|改动|改改|改)(?:一下|内容|信息)?", r"change|edit"),
    ),
    (
        "stay_anonymous",
        whole(
            r"(?:我(?:要|想|希望)?|请|可以|能|能不能|可不可以)*匿名(?:举报|投诉|反映|处理|吗|可以吗|行吗)*",
            r"不(?:想|愿意?|要)?(?:留|透露|公开|说|暴露)(?:我的?)?(?:姓名|名字|电话|信息|身份|号码|联系方式)",
            r"anonymous(?:ly)?|stay anonymous",
        ),
    ),
    (
        "skip",
        whole(
            r"跳过|略过?|下一(?:个|题)|pass|skip|none",
            r"(?:我)?(?:也|真|实在)?(?:不知道|不清楚|不记得|不太清楚|不确定|不晓得|记不清楚?|没注意|说不清|忘记?)",
            r"(?:我)?(?:不方便|不太方便|不想|不愿意?)(?:说|透露|提供|讲|留|给)?",
            r"不提供|不留|不给|保密|没有|没|无|暂无|没得|冇",
            r"(?:i )?(?:don'?t|do not) know|not sure|no idea|rather not(?: say)?|prefer not to(?: say)?",
        ),
    ),
    (
        "rate",
        whole(
            r"[1-5一二三四五]颗?星|(?:非常|很|基本|比较|不|很不|非常不)?满意|已?经?解决了?",
            r"[1-5] ?stars?|solved",
        ),
    ),
    (
        "not_solved",
        whole(
            r"(?:还|根本|都)?(?:没|没有|未)(?:给)?(?:解决|处理好?|修好|弄好)|not (?:solved|fixed)(?: yet)?"
        ),
    ),
    ("withdraw", whole(r"(?:我要|请|帮我)?(?:撤回|撤销|撤单)(?:工单|投诉|这件)?|withdraw")),
    ("urge", whole(r"(?:请|帮我|麻烦)?(?:再)?(?:催(?:一下|一催|办|单)|催催)|urge(?: them)?")),
    (
        "ask_progress",
        whole(
            r"(?:我要|我想|帮我)?(?:查询?|看)?(?:一?下)?(?:我的)?(?:工单|办理)?(?:的)?进[度展](?:怎么样)?",
            r"(?:帮我)?查(?:询|一下)?(?:我的)?工单|办得?怎么样|(?:check )?(?:my )?(?:status|progress)",
        ),
    ),
    ("ask_redo", whole(r"(?:我要|请|帮我)?(?:重办|重新(?:办理?|处理))(?:一下|一次)?|redo")),
    ("add_detail", whole(r"(?:我)?(?:还?要|想|再)?补充(?:一下|一点|材料|情况)*|add more")),
    (
        "repeat",
        whole(
            r"(?:你|麻烦|请)?(?:再|重新?)(?:说|讲|发|问)(?:一?[遍次]|一下)",
            r"没(?:听|看)(?:懂|清|明白)|repeat|say again|what\??",
        ),
    ),
    (
        "help",
        whole(
            r"帮助|菜单|功能|怎么用|咋用|使用说明|help|menu",
            r"(?:你|您|这里?)(?:都)?(?:能|可以|会)(?:做|干|办|帮我?做?)?(?:些)?(?:什么|啥|哪些)(?:事|事情)?(?:吗)?",
            r"what can you do|[。．.…,，!！?？~～、\s]+",
        ),
    ),
    (
        "greet",
        whole(
            r"您好|你好|在吗|在么|在不在|喂|哈喽|哈罗|嗨|(?:早上|上午|中午|下午|晚上)好",
            r"hello|hi|hey|good (?:morning|afternoon|evening)",
        ),
    ),
    (
        "thank",
        whole(
            r"(?:好的?[，,\s]*)?(?:太|非常|十分|多)?(?:感谢|谢谢?)(?:您|你|你们|啦|了)*",
            r"辛苦了?|麻烦(?:您|你)了|thanks?(?: you)?(?: very much| a lot)?|thx",
        ),
    ),
    ("bye", whole(r"再见|拜拜|拜|先这样|没事了|没有(?:别的|其他)?(?:事|问题)了|bye|goodbye|see you")),
    (
        "affirm",
        whole(
            r"(?:(?:是的?|对[的头啊]?|没错|正确|好[的啊]?|行[的啊]?|可以|嗯|恩|中|要得|确认|提交|确定|没问题|同意|办|登记|要|需要|就这样"
            r"|就这么(?:办|写)|(?:确认|帮我|请|麻烦)(?:提交|登记|办理|反映|转过去))[，,、\s]*)+",
            r"(?:(?:ok(?:ay)?|yes|yep|y|sure|confirm|submit|right|correct)[,\s]*)+",
        ),
    ),
    (
        "deny",
        whole(
            r"不|不是|不对|不行|否|错|错了|不用|不要|不需要|不必|别|(?:以上)?都不(?:是|对)",
            r"no|nope|n|none of (?:them|these)",
        ),
    ),
)

# "You got that wrong": not my matter at all.
MISTAKEN = whole(
    r"(?:不[对是][，,\s]*)?(?:你|您|你们|机器人|小连)(?:好像|可能|是不是|怎么|都|又|根本|完全|压根)*"
    r"(?:(?:搞|弄|理解|听|记|认|分|归|看)(?:错|岔|反)了?|没(?:有)?(?:听懂|明白|理解|弄懂|搞懂|听明白))"
    r"(?:我)?(?:的?(?:意思|话)|说的(?:话|事|意思)?|(?:在)?说(?:的)?(?:什么|啥)|的)?",
    r"(?:不[对是][，,\s]*)?(?:搞|弄|理解)(?:错|反|岔)了?(?:吧|我?的?意思)?",
    r"(?:我)?(?:说的|要说的|问的)?不是(?:说|指|问|要说|反映|投诉)?(?:这|那)(?:个|件|类|回|种)?(?:事情?|意思|问题|方面)?",
    r"答非所问|牛头不对马嘴|驴唇不对马嘴|文不对题",
    r"that'?s not (?:it|what i (?:mean|meant|said|asked)(?: about)?)",
    r"(?:that'?s )?(?:the )?wrong (?:topic|category|thing)",
    r"you(?:'ve)? (?:got|have|get) (?:it|me|that) wrong|you misunderstood(?: me)?",
)
NOT_SO = whole(r"(?:以上|这些)?都不是|(?:不是的?|不对|错了?|no)(?:[，,\s]*(?:不是的?|不对|错了?|no))*")

CORRECTION = re.compile(
    r"^(?:不对|不是|错了|说错|打错|写错|填错|更正|纠正|改一下|改成|应该是|改为|sorry|correction|no,|wrong)"
    r"|(?:写|说|打|填|搞|弄|记|输)错了?|有误|改成|改为|应该是|才对"
)
WHY = re.compile(
    r"(?:为什么|为啥|干嘛|干什么|干啥|凭什么|有什么用|做什么用|咋个?还?要|why|what for)", re.IGNORECASE
)
ANOTHER = re.compile(
    r"(?:^|[。！!，,；;\s])(?:还有|另外|再(?:反映|投诉|说|问|咨询|报)|顺便|对了|还想|also|another)"
)
QUESTION = re.compile(
    r"(?:[?？]|吗|怎么|怎样|如何|咋|请问|什么时候|哪里|哪儿|多少|能不能|可不可以|是否|为什么"
    r"|what|how|when|where|can i)",
    re.I,
)
STRONG = re.compile(
    r"去死|妈的|他妈|你妈|草泥|操你|滚|傻[逼比b叉]|白痴|废物|垃圾(?:热线|政府|12345|客服|东西|部门)"
    r"|骗子|狗屁|放屁|王八|畜生|混蛋|不要脸|fuck|shit|idiot",
    re.IGNORECASE,
)
ENGLISH = whole(
    r"(?:切换|换成|用|讲|说)?(?:英文|英语)(?:版|服务)?|english(?: please)?|in english|speak english"
)
_TAUGHT = re.compile(
    r"[\u3400-\u9fff]|\b(?:the|is|are|my|we|our|you|of|and|not|how|where|when|what|who|does|please|there|for|"
    r"has|have|was|with|from|it|this|that|i'm|don't)\b",
    re.IGNORECASE,
)
CHINESE = whole(r"(?:切换|换成|用|讲|说)?(?:中文|汉语|普通话)(?:版|服务)?|chinese(?: please)?")

# Verbs for a ticket that exists, for times without a model: searched anywhere, but only in short messages.
TICKET_ACTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ask_redo", _anywhere(r"重办|重新(?:办理?|处理)|再办一次|redo|reopen")),
    ("not_solved", _anywhere(r"(?:没|没有|还没|未)(?:给)?(?:解决|处理好|修好|弄好)|not (?:solved|fixed)")),
    ("withdraw", _anywhere(r"撤回|撤销|撤单|撤诉|不(?:用|要)(?:处理|管)了|withdraw")),
    ("urge", _anywhere(r"催(?:一下|办|单|促)|催催|加急|(?:快点|尽快)(?:办|处理|解决)|urge|hurry")),
    (
        "ask_progress",
        _anywhere(
            r"进度|进展|办得怎么样|处理得?(?:怎么样|到哪)|(?:有|没)(?:结果|回复|消息)",
            r"查(?:一下)?(?:我的)?工单|status|progress",
        ),
    ),
    ("add_detail", _anywhere(r"^(?:我)?(?:再|要|想)?补充|^忘了说|^还有一点|^add(?:ing)?\b")),
    (
        "rate",
        whole(
            r"[1-5一二三四五]颗?星|(?:非常|很|基本|比较|不|很不|非常不)?满意|好评|差评|已?经?解决了?",
            r"[1-5] ?stars?|(?:very )?(?:dis)?satisfied|solved",
        ),
    ),
)


def act_of(text: str) -> str:
    """The act that a whole short message plainly is, else ""."""
    short = plain(text)
    if not short or len(short) > 40:
        return ""
    return next((name for name, pattern in ACTS if pattern.match(short)), "")


def ticket_act_of(text: str) -> str:
    """What a short message wants of a ticket, else ""."""
    short = plain(text)
    if len(short) > 30:
        return ""
    return next((name for name, pattern in TICKET_ACTS if pattern.search(short)), "")


def is_deny(text: str) -> bool:
    """ "没有" and "不用了" are both a skip and a no; which one, the question decides."""
    short = plain(text)
    return any(p.match(short) for name, p in ACTS if name == "deny") or short.rstrip("了吧") in (
        "没有",
        "没",
        "无",
    )


def taught(text: str) -> bool:
    """Whether a text is in a language that the model was taught, Chinese or English: what it sees in other
    languages is chance.
    """
    return bool(_TAUGHT.search(text))
