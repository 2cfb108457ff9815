"""Conversions between the dialer's values and what crosses the wire (`wire.py`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from omni.acd.bodies import skill_bodies
from omni.acd.model import Skill
from omni.dialer.counting import Blocked
from omni.dialer.engine.gates import Verdict
from omni.dialer.engine.profiles import RuleProfile
from omni.dialer.model import (
    Campaign,
    Contact,
    Counts,
    DoNotCall,
    Holiday,
    HoursRule,
    Removal,
    RetryRule,
)
from omni.dialer.service import Explained
from omni.dialer.trial import Band, TrialPlan, TrialResult
from omni.dialer.trials import TrialWish
from omni.dialer.wire import (
    BandOut,
    BlockedOut,
    CampaignChanges,
    CampaignNew,
    CampaignOut,
    ContactBlockedOut,
    ContactNumberOut,
    ContactOut,
    DoNotCallOut,
    DoNotCallRemoved,
    GateCount,
    GateState,
    HolidayOut,
    HoursBody,
    NumberState,
    RetryBody,
    RuleProfileOut,
    TrialAssumed,
    TrialNew,
    TrialOut,
)


def minute_text(minute: int) -> str:
    """Return a minute of the day as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minute_of(text: str) -> int:
    """Return the minute of the day of HH:MM."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def hours_out(rules: Iterable[HoursRule]) -> list[HoursBody]:
    """Return calling hours for the wire."""
    return [
        HoursBody(
            weekdays=sorted(rule.weekdays),
            start=minute_text(rule.from_minute),
            end=minute_text(rule.to_minute),
        )
        for rule in rules
    ]


def hours_in(bodies: Iterable[HoursBody]) -> tuple[HoursRule, ...]:
    """Return calling hours from the wire."""
    return tuple(
        HoursRule(frozenset(body.weekdays), minute_of(body.start), minute_of(body.end))
        for body in bodies
    )


def retries_in(bodies: Iterable[RetryBody]) -> tuple[RetryRule, ...]:
    """Return retry rules from the wire."""
    return tuple(
        RetryRule(body.outcome, body.delay_s, body.attempts, body.next_number) for body in bodies
    )


def campaign_fields(body: CampaignNew | CampaignChanges) -> dict[str, Any]:
    """Return what the body says as fields of `Campaign`; what is absent is not in it."""
    fields = {name: getattr(body, name) for name in body.model_fields_set}
    if fields.get("hours") is not None:
        fields["hours"] = hours_in(fields["hours"])
    if fields.get("needs") is not None:
        fields["needs"] = tuple(
            Skill(one.name, one.level, one.preferred) for one in fields["needs"]
        )
    if fields.get("number_order") is not None:
        fields["number_order"] = tuple(dict.fromkeys(fields["number_order"]))
    if fields.get("retries") is not None:
        fields["retries"] = retries_in(fields["retries"])
    return {
        name: value for name, value in fields.items() if value is not None or name == "trunk_id"
    }


def campaign_out(campaign: Campaign, counts: Counts) -> CampaignOut:
    """Return a campaign for the wire."""
    return CampaignOut(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        queue_id=campaign.queue_id,
        mode=campaign.mode,
        state=campaign.state,
        drop_limit_pct=campaign.drop_limit_pct,
        profile=campaign.profile,
        profile_version=campaign.profile_version,
        needs=skill_bodies(campaign.needs),
        trunk_id=campaign.trunk_id,
        caller_id=campaign.caller_id,
        ring_s=campaign.ring_s,
        lines_per_agent=campaign.lines_per_agent,
        max_lines_per_agent=campaign.max_lines_per_agent,
        max_attempts=campaign.max_attempts,
        retries=[
            RetryBody(
                outcome=rule.outcome,
                delay_s=rule.delay_s,
                attempts=rule.attempts,
                next_number=rule.next_number,
            )
            for rule in campaign.retries
        ],
        hours=hours_out(campaign.hours),
        default_region=campaign.default_region,
        holiday_region=campaign.holiday_region,
        consent_required=campaign.consent_required,
        callback_wait_min=campaign.callback_wait_min,
        weight=campaign.weight,
        preview_s=campaign.preview_s,
        preview_then=campaign.preview_then,
        message=campaign.message,
        drop_message=campaign.drop_message,
        connect_key=campaign.connect_key,
        forbid_key=campaign.forbid_key,
        calls_per_second=campaign.calls_per_second,
        max_lines=campaign.max_lines,
        answer_detection=campaign.answer_detection,
        on_machine=campaign.on_machine,
        detection_off=campaign.detection_off,
        number_order=list(campaign.number_order),
        max_attempts_number=campaign.max_attempts_number,
        next_number_s=campaign.next_number_s,
        created_at=campaign.created_at,
        started_at=campaign.started_at,
        contacts=counts.contacts,
        open=counts.open,
        done=counts.done,
    )


def profile_out(profile: RuleProfile) -> RuleProfileOut:
    """Return a rule profile for the wire."""
    return RuleProfileOut(
        code=profile.code,
        version=profile.version,
        title_en=profile.title_en,
        title_zh=profile.title_zh,
        source=profile.source,
        hours=hours_out(profile.hours),
        drop_limit_pct=profile.drop_limit_pct,
        windows=[str(window) for window in profile.windows],
        message_after_s=profile.message_after_s,
        message_from=profile.message_from,
        min_ring_s=profile.min_ring_s,
        lock_after_drop_s=profile.lock_after_drop_s,
        attempts_per_number_24h=profile.attempts_per_number_24h,
        attempts_per_number_7d=profile.attempts_per_number_7d,
        consent_needed=profile.consent_needed,
    )


def contact_out(contact: Contact) -> ContactOut:
    """Return a contact for the wire."""
    return ContactOut(
        contact_id=contact.contact_id,
        number=contact.number,
        name=contact.name,
        external_id=contact.external_id,
        zones=list(contact.zones),
        extra=dict(contact.extra),
        state=contact.state,
        finish_reason=contact.finish_reason,
        attempts=contact.attempts,
        next_at=contact.next_at,
        last_at=contact.last_at,
        last_outcome=contact.last_outcome,
        disposition=contact.disposition,
        consent_at=contact.consent_at,
        consent_source=contact.consent_source,
        callback_at=contact.callback_at,
        callback_agent=contact.callback_agent,
        callback_note=contact.callback_note,
        numbers=[
            ContactNumberOut(
                number=one.number, kind=one.kind, attempts=one.attempts, finished=one.finished
            )
            for one in contact.all_numbers
        ],
    )


def do_not_call_out(entry: DoNotCall, names: Mapping[str, str]) -> DoNotCallOut:
    """Return an entry of the do-not-call list for the wire; `names` are the users'."""
    return DoNotCallOut(**_entry(entry, names))


def do_not_call_removed(
    entry: DoNotCall, removal: Removal, names: Mapping[str, str]
) -> DoNotCallRemoved:
    """Return an entry that was taken off for the wire."""
    return DoNotCallRemoved(
        **_entry(entry, names),
        removed_at=removal.at,
        removed_by=removal.by,
        removed_by_name=names.get(removal.by, ""),
        removed_reason=removal.reason,
    )


def _entry(entry: DoNotCall, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "number": entry.number,
        "campaign_id": entry.campaign_id or None,
        "reason": entry.reason,
        "added_at": entry.added_at,
        "added_by": entry.added_by,
        "added_by_name": names.get(entry.added_by, ""),
    }


def holiday_out(holiday: Holiday) -> HolidayOut:
    """Return a holiday for the wire."""
    return HolidayOut(
        holiday_id=holiday.holiday_id, region=holiday.region, day=holiday.day, name=holiday.name
    )


def blocked_out(blocked: Blocked) -> BlockedOut:
    """Return a campaign's gate counts for the wire."""
    return BlockedOut(
        campaign_id=blocked.campaign_id,
        at=blocked.at,
        contacts=blocked.contacts,
        dialable=blocked.dialable,
        gates=[GateCount(gate=gate, count=count) for gate, count in blocked.gates.items()],
        whole=blocked.whole,
    )


def contact_blocked_out(explained: Explained) -> ContactBlockedOut:
    """Return one contact's gates for the wire."""
    return ContactBlockedOut(
        contact_id=explained.contact_id,
        at=explained.at,
        dialable=all(verdict.closed is None for verdict in explained.verdicts),
        number=explained.number,
        gates=[_gate(verdict) for verdict in explained.verdicts],
        numbers=[
            NumberState(
                number=each.facts.number,
                kind=each.facts.kind,
                stopped=_gate(each.stopped) if each.stopped else None,
            )
            for each in explained.numbers
        ],
    )


def _gate(verdict: Verdict) -> GateState:
    return GateState(
        gate=verdict.gate,
        open=verdict.closed is None,
        until=verdict.closed.until if verdict.closed else None,
        detail=verdict.closed.detail if verdict.closed else "",
    )


def trial_wish(body: TrialNew) -> TrialWish:
    """Return what to try, from the wire."""
    share = body.answer_rate_pct / 100 if body.answer_rate_pct is not None else None
    return TrialWish(
        agents=body.agents,
        hours=body.hours,
        mode=body.mode,
        limit_pct=body.drop_limit_pct,
        answer_share=share,
        contacts=body.contacts,
        talk_mean_s=body.talk_mean_s,
        wrap_up_mean_s=body.wrap_up_mean_s,
        seeds=body.seeds,
        replay_from=body.replay_from,
    )


def _band_out(band: Band) -> BandOut:
    return BandOut(low=round(band.low, 2), mean=round(band.mean, 2), high=round(band.high, 2))


def _assumed(plan: TrialPlan) -> TrialAssumed:
    shares = plan.hourly_shares or (plan.answer_share,)
    return TrialAssumed(
        mode=plan.mode,
        agents=plan.agents,
        hours=plan.hours,
        drop_limit_pct=plan.drop_limit_pct,
        answer_rate_pct=round(100 * sum(shares) / len(shares), 2),
        talk_mean_s=round(plan.talk_mean_s, 1),
        wrap_up_mean_s=round(plan.wrap_up_mean_s, 1),
        contacts=plan.contacts,
        seeds=plan.seeds,
    )


def trial_out(result: TrialResult) -> TrialOut:
    """Return what simulated days came to, for the wire."""
    penetration = result.penetration_pct
    return TrialOut(
        utilisation_pct=_band_out(result.utilisation_pct),
        talk_min_per_agent_hour=_band_out(result.talk_min_per_agent_hour),
        wait_mean_s=_band_out(result.wait_mean_s),
        drop_pct=_band_out(result.drop_pct),
        worst_drop_pct=round(result.worst_pct, 3),
        dialled=_band_out(result.dialled),
        answered=_band_out(result.answered),
        penetration_pct=_band_out(penetration) if penetration else None,
        finish_h=_band_out(result.finish_h),
        predictive_gain_pct=round(result.predictive_gain_pct, 2),
        assumed=_assumed(result.plan),
    )
