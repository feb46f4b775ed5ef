"""Names of people that the model did not mark: told by who they are said to be, and by what they do.

Only surnames that are hardly ever the beginning of another word count: a street lamp that is taken for a
person would teach nonsense. What stands without such words around it is for the eye of whoever teaches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SURNAME = (
    "(?:欧阳|上官|司马|诸葛"
    "|[王李张刘陈杨黄赵吴周徐孙朱胡郭林罗郑梁谢宋唐许邓韩冯曹彭曾萧肖董潘袁蔡蒋余杜叶魏苏吕丁沈姚卢傅钟姜崔谭廖范汪陆贾韦夏邱侯邹熊孟秦阎薛尹雷黎陶贺顾郝龚邵严覃莫孔汤])"
)
_NAME = rf"{_SURNAME}[\u4e00-\u9fff]{{1,2}}?"
_WHO = (
    "儿子|女儿|孩子|小孩|丈夫|老公|爱人|妻子|老婆|父亲|母亲|爸爸|妈妈|爷爷|奶奶|弟弟|哥哥|姐姐|妹妹|侄子|孙子|孙女|邻居|房东|租客|老板|老板娘"
    "|包工头|工头|中介|经理|主任|书记|村长|队长|校长|老师|医生|司机|法人|法定代表人|负责人|联系人|业主|户主|学生|患者|同事|工友"
    "|[投反申举来]\\w人|当事人|本人|姓名|名叫|我叫|我是"
)
_DOES = "欠|拖欠|打|骂|骗|跑|拿|收|不给|不还|不退|不付|强占|霸占"
_AFTER = (
    r"(?=$|[,，。;；、!！?？:：\s()（）]|的|说|和|跟|与|于|在|是|把|被|给|已|因|没|不|也|就|又|还|要|上|从|到|向|态度|电话"
    rf"|手机|住|今年|{_DOES})"
)
_TOLD = re.compile(rf"(?:{_WHO})(?:[是叫为:：]|名叫|\s)?(?P<name>{_NAME}){_AFTER}")
_DOING = re.compile(
    rf"(?:^|[,，。;；、!！?？:：\s]|找|向|跟|被|让|由)(?P<name>{_NAME})(?={_DOES}|要(?:说法|钱|债|回))"
)
_WORDS = re.compile(
    "(?:周[围末边一二三四五六日]|许多|许可|严重|严格|曾经|余额|余款|雷雨|夏天|夏季|秦岭|汤[圆水]|顾客|顾及|叶子"
    "|林[地场业区]|黄[色昏]|陈旧|唐突)"
)


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where a name stands."""
    for pattern in (_TOLD, _DOING):
        for match in pattern.finditer(text):
            if not _WORDS.match(match["name"]):
                yield match.span("name")
