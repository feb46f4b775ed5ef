"""Which column holds what, told by its header in Chinese or English, or by whoever runs the import.

Only the columns named here are ever read into a phrase; personal ones are read to be struck out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu.imports.errors import ImportFailed

# In the order in which a name is preferred; the first column of the first matching name is taken.
NAMES: dict[str, str] = {
    "title": "标题 诉求标题 工单标题 留言主题 信件标题 事件标题 主题 题目 title subject summary",
    "body": """诉求内容 工单内容 留言详情 留言内容 信件内容 事件描述 问题描述 诉求描述 受理内容
        来电内容 反映内容 主要内容 具体内容 内容 正文 详情 描述 body content text
        description details message""",
    "category": """三级分类 三级标签 三级类别 二级分类 二级标签 二级类别 一级分类 一级标签 一级类别
        服务事项 诉求事项 归口类别 问题分类 诉求分类 工单分类 事项分类 内容分类 业务分类
        分类 类别 事项 标签 category topic subject_category class label service""",
    "department": """承办单位 主办单位 责任单位 处理单位 办理单位 承办部门 主办部门 责任部门 处理部门
        转办单位 派单单位 部门 单位 department agency handler unit""",
    "kind": """诉求类型 工单类型 信件类型 受理类型 留言类型 来电类型 诉求性质 类型 性质 kind
        type request_type""",
    "personal": """姓名 市民姓名 诉求人 联系人 来电人 投诉人 反映人 申请人 举报人 用户 留言用户
        用户名 电话 手机 手机号 联系电话 联系方式 来电号码 电话号码 身份证 身份证号
        证件号码 住址 家庭住址 详细地址 微信 微信号 邮箱 name citizen user phone mobile
        tel telephone id_number idcard id_card address wechat email contact""",
}
NONE = "-"  # for a role that no column has, whatever the headers seem to say
_SEVERAL = ("category", "personal")
_EXACT_ONLY = 3  # "类型", "name": too short to be looked for inside other headers


@dataclass(frozen=True)
class Columns:
    """Positions; -1 where the export has no such column."""

    title: int
    body: int
    category: tuple[int, ...]
    department: int
    kind: int
    personal: tuple[int, ...]

    @property
    def enough(self) -> bool:
        """Whether there is what a citizen wrote, and what it was about."""
        return (self.title >= 0 or self.body >= 0) and (bool(self.category) or self.department >= 0)


def _plain(header: str) -> str:
    return re.sub(r"[\W_]+", "", header.lower())


def _found(header: Sequence[str], role: str, taken: set[int]) -> list[int]:
    """Columns of one role, exact names before names inside longer headers."""
    plain = [_plain(one) for one in header]
    names = [_plain(one) for one in NAMES[role].split()]
    exact = [i for name in names for i, one in enumerate(plain) if one == name]
    inside = [
        i for name in names if len(name) >= _EXACT_ONLY for i, one in enumerate(plain) if name in one != name
    ]
    return [i for i in dict.fromkeys([*exact, *inside]) if i not in taken]


def _given(header: Sequence[str], role: str, wanted: Sequence[str]) -> list[int]:
    columns = []
    for name in wanted:
        if name == NONE:
            continue
        if name not in header:
            raise ImportFailed(f"--{role} {name}: no such column; there are {', '.join(header)}")
        columns.append(header.index(name))
    return columns


def assign(header: Sequence[str], given: Mapping[str, Sequence[str]]) -> Columns:
    """Options first, then what the headers say. Raises ImportFailed where something needed is missing."""
    columns = guess(header, given)
    if columns.title < 0 and columns.body < 0:
        raise ImportFailed(_say("--title or --body", "what the citizen wrote", header))
    if not columns.category and columns.department < 0:
        raise ImportFailed(_say("--category or --department", "what the ticket was about", header))
    return columns


def guess(header: Sequence[str], given: Mapping[str, Sequence[str]]) -> Columns:
    """The same, and whatever is missing is missing. A role that is given as "-" has no column."""
    found = {role: _given(header, role, given.get(role) or ()) for role in NAMES}
    taken = {i for columns in found.values() for i in columns}
    for role in NAMES:
        if given.get(role) and list(given[role]) == [NONE]:
            continue
        if not found[role] or role == "personal":
            more = _found(header, role, taken)
            found[role] += more if role in _SEVERAL else more[:1]
            taken.update(found[role])
    one = {role: columns[0] if columns else -1 for role, columns in found.items()}
    return Columns(
        one["title"],
        one["body"],
        tuple(found["category"]),
        one["department"],
        one["kind"],
        tuple(found["personal"]),
    )


def _say(option: str, what: str, header: Sequence[str]) -> str:
    return f"no column seems to say {what}: name it with {option}; there are {', '.join(header)}"
