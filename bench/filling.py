"""A line's past in a private database: citizens, what was said, tickets, hand-overs, the audit trail.

Written by PostgreSQL itself (`generate_series`). Texts come from places × matters × details, so that trigrams
are many and mixed. Sealed columns hold one sealed sentence each: it opens with the key of the run, and what
lists and search read are the masked copies.
"""

# ruff: noqa: E501  # statements and lists of words read better whole

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from bot.store.sealing import Sealer

DAYS = 60
PLACES = (
    "城北区红旗路", "城南区解放大道", "高新区科技一路", "滨江区江堤街", "老城区鼓楼巷", "东湖区环湖路", "西山区矿务局",
    "开发区工业园", "临港区码头路", "新城区市民广场", "北站前街", "南门菜市场", "滨河公园", "体育中心", "火车站广场",
    "人民医院门口", "第三中学旁", "幸福小区", "阳光花园", "金色家园", "和平里", "翠竹苑", "碧水湾", "中山路步行街",
)  # fmt: skip
MATTERS = (
    "暖气不热，屋里只有十几度", "楼上半夜装修吵得睡不着", "路灯坏了一个月没人修", "下水道堵了往外冒脏水", "物业乱收停车费",
    "电梯三天两头停运", "老板拖欠三个月工资", "健身房关门不退卡", "井盖破了怕有人掉下去", "垃圾桶满了没人清运",
    "广场舞音响太大", "公交车到站不停", "出租车拒载还绕路", "学区划分看不明白", "医保报销比例是多少", "公积金怎么提取",
    "小区停水没有通知", "烧烤摊油烟呛人", "违章建筑挡了采光", "流浪狗追着孩子跑", "工地夜里还在打桩", "快递柜占了消防通道",
    "树枝压到电线", "人行道被车占满", "办居住证要什么材料", "老人高龄补贴没到账", "河水发黑有臭味", "网络诈骗钱能追回吗",
)  # fmt: skip
DETAILS = (
    "从上周开始的", "已经投诉过两次", "家里有老人和小孩", "希望尽快处理", "请给个说法", "邻居们都有意见", "有照片为证",
    "打过电话没人管", "每天晚上都这样", "影响出行安全", "要求退钱", "谢谢你们", "能不能派人看看", "麻烦催一下", "越快越好",
    "昨天又发生了一次",
)  # fmt: skip
SERVICES = (
    "heating", "social_noise", "street_lights", "drainage", "parking", "lifts", "unpaid_wages", "prepaid_card",
    "manholes", "refuse", "construction_noise", "bus", "taxi", "school_admission", "medical_insurance", "housing_fund",
)  # fmt: skip
STATES = ("accepted", "dispatched", "signed", "returned", "answered", "closed", "closed", "closed", "redo")


@dataclass(frozen=True)
class Size:
    conversations: int = 100_000
    messages: int = 1_000_000
    tickets: int = 200_000
    handovers: int = 30_000
    audit: int = 300_000

    def smaller(self, by: int) -> Size:
        return Size(*(max(1, getattr(self, name) // by) for name in self.__dataclass_fields__))


def fill(url: str, sealer: Sealer, size: Size, operators: list[int], say: Callable[[str], None]) -> None:
    """Into an empty, migrated database. Indexes of trigrams are built afterwards: ten times faster."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        _words(connection)
        later = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%gin_trgm_ops%'"
        ).fetchall()
        for name, _ in later:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        blob = {"text": sealer.seal("一句话"), "json": sealer.seal("{}")}
        blob["address"] = sealer.seal("oBench0000000000000000000000")
        values = {**blob, **{n: getattr(size, n) for n in size.__dataclass_fields__}, "days": DAYS}
        values |= {"operators": operators, "services": list(SERVICES), "states": list(STATES)}
        for what, statement in STATEMENTS.items():
            began = time.perf_counter()
            connection.execute(statement, values)
            say(f"  {what}: {time.perf_counter() - began:.0f} s")
        for _, definition in later:
            connection.execute(definition)
        connection.execute("ANALYZE")


def _words(connection: psycopg.Connection[object]) -> None:
    """random_text(): a sentence of the parts above, as a function of its number."""
    for name, parts in (("places", PLACES), ("matters", MATTERS), ("details", DETAILS)):
        connection.execute(
            sql.SQL("CREATE FUNCTION pg_temp.{}(n bigint) RETURNS text IMMUTABLE LANGUAGE sql AS {}").format(
                sql.Identifier(name),
                sql.Literal(
                    "SELECT (ARRAY["
                    + ",".join(f"'{part}'" for part in parts)
                    + f"])[(1 + n % {len(parts)})::int]"
                ),
            )
        )
    connection.execute("""
        CREATE FUNCTION pg_temp.sentence(n bigint) RETURNS text IMMUTABLE LANGUAGE sql AS $$
            SELECT pg_temp.places(n * 7919) || (n % 397) || '号'
                || CASE WHEN n % 3 = 0 THEN (n % 31) || '栋' ELSE '' END
                || pg_temp.matters(n / 7) || '，' || pg_temp.details(n / 11)
                || CASE WHEN n % 5 = 0 THEN '，' || pg_temp.details(n / 23) ELSE '' END
        $$""")
    # an hour of the day as citizens write: few at night, most in the morning and the early evening
    connection.execute("""
        CREATE FUNCTION pg_temp.moment(days float8) RETURNS timestamptz VOLATILE LANGUAGE sql AS $$
            SELECT least(clock_timestamp() - interval '1 second',
                date_trunc('day', clock_timestamp() AT TIME ZONE 'Asia/Shanghai')
                    AT TIME ZONE 'Asia/Shanghai' - floor(random() * days) * interval '1 day'
                + (ARRAY[0,1,6,7,7,8,8,8,8,9,9,9,9,10,10,10,10,11,11,12,13,14,14,15,15,16,16,17,17,18,18,19,19,20,20,21,22,23])
                    [1 + floor(random() * 38)::int] * interval '1 hour'
                + random() * interval '1 hour')
        $$""")


STATEMENTS = {
    "conversations": """
        INSERT INTO conversations (channel, address_index, address, language, seq, last_inbound_at, created_at)
        SELECT (ARRAY['wechat','wechat','web','sms/twilio'])[1 + n %% 4], decode(md5('c' || n), 'hex'),
               %(address)s, CASE WHEN n %% 20 = 0 THEN 'en' ELSE 'zh' END, 0, at, at - random() * interval '9 days'
        FROM (SELECT n, pg_temp.moment(%(days)s) AS at FROM generate_series(1, %(conversations)s) AS n) AS made
    """,
    "messages": """
        INSERT INTO messages (conversation_id, seq, author, body, masked, service, confidence, created_at)
        SELECT c.id, k, CASE WHEN k %% 2 = 1 THEN 'citizen' WHEN k %% 10 = 4 THEN 'operator' ELSE 'bot' END,
               %(text)s, CASE WHEN k %% 2 = 1 THEN pg_temp.sentence(c.id * 16 + k)
                              ELSE '好的，' || pg_temp.matters(c.id + k) || '的事我记下了' END,
               CASE WHEN k %% 2 = 1 THEN (%(services)s::text[])[1 + (c.id %% 16)] END,
               CASE WHEN k %% 2 = 1 THEN 0.9 END,
               c.last_inbound_at - (%(messages)s / %(conversations)s - k) * interval '40 seconds'
        FROM conversations AS c
        CROSS JOIN generate_series(1, %(messages)s / %(conversations)s) AS k
    """,
    "numbers of lines": """
        UPDATE conversations SET seq = %(messages)s / %(conversations)s
    """,
    "tickets": """
        INSERT INTO tickets (number, code, conversation_id, source, kind, service, category, department, urgency,
            state, deadline, summary, body, details, area, phone_index, created_at, updated_at)
        SELECT 'LJ' || to_char(at, 'YYYYMMDD') || lpad(n::text, 7, '0'), 'ABC123',
               1 + n %% %(conversations)s,
               (ARRAY['wechat','web','sms/twilio','console'])[1 + n %% 4],
               (ARRAY['complaint','help','question','suggestion'])[1 + n %% 4],
               (%(services)s::text[])[1 + n %% 16], '城乡建设', (ARRAY['housing','transport','water'])[1 + n %% 3],
               CASE WHEN n %% 200 = 0 THEN 'emergency' WHEN n %% 20 = 0 THEN 'high' ELSE 'normal' END,
               CASE WHEN at < clock_timestamp() - interval '12 days' AND n %% 400 <> 0 THEN 'closed'
                    ELSE (%(states)s::text[])[1 + n %% 9] END,
               at + interval '5 days', pg_temp.sentence(n * 16 + 1), %(text)s, %(json)s,
               (ARRAY['城北区','城南区','高新区','滨江区'])[1 + n %% 4], decode(md5('p' || n %% 50000), 'hex'), at,
               at + interval '1 day'
        FROM (SELECT n, pg_temp.moment(%(days)s) AS at FROM generate_series(1, %(tickets)s) AS n) AS made
    """,
    "events of tickets": """
        INSERT INTO ticket_events (ticket_id, verb, actor, body, data, created_at)
        SELECT id, 'filed', 'bot', %(text)s, '{}', created_at FROM tickets
        UNION ALL
        SELECT id, 'rated', 'citizen', %(text)s, jsonb_build_object('stars', 1 + (id * 7) %% 5),
               least(created_at + interval '2 days', clock_timestamp())
        FROM tickets WHERE id %% 3 = 0
    """,
    "hand-overs": """
        INSERT INTO handovers (conversation_id, reason, urgency, note, status, operator_id, service, queued_at,
            waiting_since, claimed_at, first_reply_at, ended_at, ended_how)
        SELECT 1 + n %% %(conversations)s, 'asked', 'normal', %(text)s, 'ended',
               (%(operators)s::bigint[])[1 + n %% cardinality(%(operators)s::bigint[])],
               (%(services)s::text[])[1 + n %% 16], at, at,
               at + random() * interval '90 seconds', at + interval '90 seconds' * (1 + random()),
               least(at + interval '5 minutes' * (1 + random()), clock_timestamp()), 'returned'
        FROM (SELECT n, pg_temp.moment(%(days)s) AS at FROM generate_series(1, %(handovers)s) AS n) AS made
    """,
    "events of hand-overs": """
        INSERT INTO seat_events (handover_id, conversation_id, verb, operator_id, note, at)
        SELECT handovers.id, conversation_id, happened.verb, operator_id, %(text)s, happened.at FROM handovers
        CROSS JOIN LATERAL (VALUES (1, 'queued', queued_at), (2, 'claimed', claimed_at), (3, 'ended', ended_at))
            AS happened (place, verb, at)
        ORDER BY handovers.id, place
    """,
    "deliveries": """
        INSERT INTO outbox (conversation_id, message_id, channel, content, status, error, created_at, sent_at)
        SELECT conversation_id, id, 'web', %(json)s,
               CASE WHEN id %% 5000 = 2 THEN 'given_up' ELSE 'delivered' END,
               CASE WHEN id %% 5000 = 2 THEN '40003' ELSE '' END, created_at, created_at
        FROM messages WHERE author <> 'citizen'
    """,
    "audit": """
        INSERT INTO audit (operator_id, verb, object, data, at)
        SELECT (%(operators)s::bigint[])[1 + n %% cardinality(%(operators)s::bigint[])],
               (ARRAY['login','unmask','unmask','unmask','export','canned.change','user.change'])[1 + n %% 7],
               'conversation:' || (1 + n %% %(conversations)s), jsonb_build_object('reason', pg_temp.details(n)), at
        FROM (SELECT n, pg_temp.moment(%(days)s) AS at FROM generate_series(1, %(audit)s) AS n) AS made
    """,
}
