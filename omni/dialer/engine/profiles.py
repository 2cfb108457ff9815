"""Rule profiles: what the law of a place asks of a dialer, as versioned data.

Rules:
1. A profile is never edited: a change is a new version; a campaign stores the version it ran under.
2. A campaign may be stricter than its profile, never laxer (`effective_*` take the stricter).
3. Where the law names no number the field is None and only the campaign's own setting holds.

This is engineering, not legal advice. Sources are named per profile; what could not be read in the
primary text says so.
"""

from dataclasses import dataclass
from enum import StrEnum

from omni.dialer.model import HoursRule

EVERY_DAY = frozenset(range(1, 8))
HOURS_72_S = 72 * 3600
HOURS_24_S = 24 * 3600
H8, H9, H20, H21 = 8 * 60, 9 * 60, 20 * 60, 21 * 60


class Window(StrEnum):
    """Over which calls the share of drops is counted. Days and months are the site's."""

    CALENDAR_DAY = "calendar_day"
    ROLLING_24H = "rolling_24h"
    ROLLING_30D = "rolling_30d"
    CALENDAR_MONTH = "calendar_month"


class StartPoint(StrEnum):
    """From when the seconds until the message are counted."""

    CONNECTED = "connected"
    GREETING_START = "greeting_start"
    GREETING_END = "greeting_end"


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """The rules of one place. See the module's rules for None."""

    code: str
    version: int
    title_en: str
    title_zh: str
    source: str
    hours: tuple[HoursRule, ...] = ()
    drop_limit_pct: float | None = None
    windows: tuple[Window, ...] = (Window.CALENDAR_DAY,)
    message_after_s: float = 2.0
    message_from: StartPoint = StartPoint.CONNECTED
    min_ring_s: int = 0
    lock_after_drop_s: int = 0
    lock_after_machine_s: int = 0
    attempts_per_number_24h: int | None = None
    attempts_per_number_7d: int | None = None
    rest_after_conversation_s: int = 0
    machine_detection: bool = True
    caller_id_needed: bool = False
    consent_needed: bool = False


PROFILES: tuple[RuleProfile, ...] = (
    RuleProfile(
        "NONE",
        1,
        "No rules but the campaign's own",
        "无法规限制（仅按活动自身设置）",
        "Nothing: for demonstrations and places without rules.",
    ),
    RuleProfile(
        "US-TSR",
        1,
        "United States: Telemarketing Sales Rule",
        "美国：电话营销销售规则（TSR）",
        "16 CFR 310.4(b)(4), 310.4(c); 47 CFR 64.1200(a)(7). A day within the limit makes every "
        "30 days within it, so both are kept.",
        hours=(HoursRule(EVERY_DAY, H8, H21),),
        drop_limit_pct=3.0,
        windows=(Window.CALENDAR_DAY, Window.ROLLING_30D),
        message_from=StartPoint.GREETING_END,
        min_ring_s=15,
        lock_after_drop_s=HOURS_72_S,
        caller_id_needed=True,
    ),
    RuleProfile(
        "US-FL",
        1,
        "United States, Florida",
        "美国佛罗里达州",
        "Florida Statutes 501.616(6) beside the federal rule: 8:00-20:00, three attempts in 24 h.",
        hours=(HoursRule(EVERY_DAY, H8, H20),),
        drop_limit_pct=3.0,
        windows=(Window.CALENDAR_DAY, Window.ROLLING_30D),
        message_from=StartPoint.GREETING_END,
        min_ring_s=15,
        lock_after_drop_s=HOURS_72_S,
        attempts_per_number_24h=3,
        caller_id_needed=True,
    ),
    RuleProfile(
        "US-RegF",
        1,
        "United States: debt collection (Regulation F)",
        "美国：债务催收（Regulation F）",
        "12 CFR 1006.14(b)(2): seven calls in seven days per debt, seven days' rest after a "
        "conversation; 1006.6(b): hours.",
        hours=(HoursRule(EVERY_DAY, H8, H21),),
        drop_limit_pct=3.0,
        windows=(Window.CALENDAR_DAY, Window.ROLLING_30D),
        message_from=StartPoint.GREETING_END,
        min_ring_s=15,
        lock_after_drop_s=HOURS_72_S,
        attempts_per_number_7d=7,
        rest_after_conversation_s=7 * HOURS_24_S,
        caller_id_needed=True,
    ),
    RuleProfile(
        "UK-2010",
        1,
        "United Kingdom: Ofcom 2010 (withdrawn in 2017)",
        "英国：Ofcom 2010（2017 年已撤销）",
        "Ofcom, revised statement of policy on persistent misuse, 2010: less than 3 % of live "
        "calls per campaign in 24 hours; message within 2 s from the start of speech. Hours are "
        "industry practice.",
        hours=(HoursRule(EVERY_DAY, H8, H21),),
        drop_limit_pct=3.0,
        windows=(Window.CALENDAR_DAY, Window.ROLLING_24H),
        message_from=StartPoint.GREETING_START,
        min_ring_s=15,
        lock_after_drop_s=HOURS_72_S,
        lock_after_machine_s=HOURS_24_S,
        caller_id_needed=True,
    ),
    RuleProfile(
        "UK-2017",
        1,
        "United Kingdom: Ofcom 2017",
        "英国：Ofcom 2017",
        "Ofcom statement of 20 December 2016, in force 1 March 2017 (read in secondary sources): "
        "no safe level of drops, no machine detection.",
        hours=(HoursRule(EVERY_DAY, H8, H21),),
        drop_limit_pct=0.0,
        windows=(Window.CALENDAR_DAY, Window.ROLLING_24H),
        message_from=StartPoint.GREETING_START,
        min_ring_s=15,
        lock_after_drop_s=HOURS_72_S,
        machine_detection=False,
        caller_id_needed=True,
    ),
    RuleProfile(
        "CA-CRTC",
        1,
        "Canada: CRTC",
        "加拿大：CRTC",
        "CRTC Unsolicited Telecommunications Rules, part IV (secondary source): 5 % per calendar "
        "month; 9:00-21:30 on weekdays, 10:00-18:00 at the weekend.",
        hours=(
            HoursRule(frozenset({1, 2, 3, 4, 5}), H9, 21 * 60 + 30),
            HoursRule(frozenset({6, 7}), 10 * 60, 18 * 60),
        ),
        drop_limit_pct=5.0,
        windows=(Window.CALENDAR_MONTH,),
        min_ring_s=15,
        lock_after_drop_s=HOURS_72_S,
        caller_id_needed=True,
    ),
    RuleProfile(
        "CN",
        1,
        "China: commercial calls with consent",
        "中国：经同意的商业性电话",
        "MIIT draft on SMS and voice service, 2020 (news reports): consent needed, no cap on drops "
        "found; hours and the attempts' cap are good practice.",
        hours=(HoursRule(EVERY_DAY, H9, H20),),
        drop_limit_pct=3.0,
        windows=(Window.CALENDAR_DAY,),
        min_ring_s=15,
        lock_after_drop_s=HOURS_72_S,
        attempts_per_number_24h=3,
    ),
    RuleProfile(
        "CN",
        2,
        "China: commercial calls with consent",
        "中国：经同意的商业性电话",
        "MIIT draft on SMS and voice service, 2020 (news reports): consent needed, no cap on drops "
        "found; hours and the attempts' cap are good practice. Version 2 asks for a recorded "
        "consent of every contact.",
        hours=(HoursRule(EVERY_DAY, H9, H20),),
        drop_limit_pct=3.0,
        windows=(Window.CALENDAR_DAY,),
        min_ring_s=15,
        lock_after_drop_s=HOURS_72_S,
        attempts_per_number_24h=3,
        consent_needed=True,
    ),
)

_BY_KEY = {(profile.code, profile.version): profile for profile in PROFILES}
_NEWEST = {profile.code: profile for profile in sorted(PROFILES, key=lambda row: row.version)}


def newest(code: str) -> RuleProfile | None:
    """Return the newest version of a profile, None when no profile has this code."""
    return _NEWEST.get(code)


def profile_of(code: str, version: int) -> RuleProfile:
    """Return a profile as it stood in `version`; raises KeyError when there was none."""
    return _BY_KEY[code, version]


def all_newest() -> tuple[RuleProfile, ...]:
    """Return the newest version of every profile."""
    return tuple(_NEWEST.values())


def effective_drop_limit_pct(profile: RuleProfile, campaign_pct: float) -> float:
    """Return the stricter of the two limits."""
    if profile.drop_limit_pct is None:
        return campaign_pct
    return min(profile.drop_limit_pct, campaign_pct)


def effective_ring_s(profile: RuleProfile, campaign_s: int) -> int:
    """Return the ring time, at least what the profile asks."""
    return max(profile.min_ring_s, campaign_s)
