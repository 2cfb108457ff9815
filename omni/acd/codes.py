"""Dispositions and break reasons: codes with names in both languages, and what they come with.

A disposition's `meaning` is what campaigns act on; the code itself is the site's own choice.
"""

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What a disposition says about the contact, for whoever decides what happens next."""

    NEUTRAL = "neutral"
    SUCCESS = "success"
    CALLBACK = "callback"
    NOT_INTERESTED = "not_interested"
    DO_NOT_CALL = "do_not_call"
    WRONG_NUMBER = "wrong_number"
    MACHINE = "machine"


DISPOSITION = "disposition"
BREAK_REASON = "break_reason"
NO_DISPOSITION = "none"
"""The disposition of an interaction whose wrap-up ran out."""


@dataclass(frozen=True, slots=True)
class Code:
    """One choice in a list. `kind`: disposition | break_reason; `group` sorts the list.

    For break reasons: `limit_s`, after which the break counts as overdrawn (0: never); `at_once`,
    how many may be on this break at a time (0: any number); `needs_approval`, by a supervisor.
    """

    kind: str
    code: str
    label_en: str
    label_zh: str
    group: str
    meaning: Meaning = Meaning.NEUTRAL
    active: bool = True
    limit_s: int = 0
    at_once: int = 0
    needs_approval: bool = False


def _disposition(
    code: str, label_en: str, label_zh: str, group: str, meaning: Meaning = Meaning.NEUTRAL
) -> Code:
    return Code(DISPOSITION, code, label_en, label_zh, group, meaning)


def _break(code: str, label_en: str, label_zh: str) -> Code:
    return Code(BREAK_REASON, code, label_en, label_zh, "break")


DEFAULT_CODES: tuple[Code, ...] = (
    _disposition("sale", "Sale", "成交", "sales", Meaning.SUCCESS),
    _disposition("appointment", "Appointment made", "已预约", "sales", Meaning.SUCCESS),
    _disposition("callback", "Call back later", "稍后回拨", "sales", Meaning.CALLBACK),
    _disposition("not_interested", "Not interested", "无意向", "sales", Meaning.NOT_INTERESTED),
    _disposition("do_not_call", "Do not call again", "要求勿扰", "sales", Meaning.DO_NOT_CALL),
    _disposition("wrong_number", "Wrong number", "号码有误", "sales", Meaning.WRONG_NUMBER),
    _disposition("machine", "Answering machine", "答录机", "sales", Meaning.MACHINE),
    _disposition("solved", "Solved", "已解决", "service", Meaning.SUCCESS),
    _disposition("follow_up", "Needs follow-up", "需跟进", "service"),
    _disposition("complaint", "Complaint", "投诉", "service"),
    _disposition("information", "Information given", "已答复咨询", "service"),
    _disposition("spam", "Spam or nuisance", "骚扰或垃圾信息", "service"),
    Code(DISPOSITION, NO_DISPOSITION, "No disposition given", "未填写结果", "other"),
    _break("short_break", "Short break", "小休"),
    _break("lunch", "Lunch", "午餐"),
    _break("training", "Training", "培训"),
    _break("meeting", "Meeting", "会议"),
    _break("technical", "Technical problem", "技术故障"),
    _break("back_office", "Back-office work", "后台工作"),
)
