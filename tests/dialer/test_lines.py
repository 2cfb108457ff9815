"""What the dialling tells the pacing of a contact, a campaign and the day."""

from datetime import UTC, datetime

import pytest

from omni.core.ids import CampaignId
from omni.dialer.engine.profiles import profile_of
from omni.dialer.lines import closes_s, plan_of, traits_now
from tests.dialer.calling import contact, plan

NOON = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)  # 12:00 in New York
CAMPAIGN = CampaignId("campaign")


@pytest.mark.parametrize(
    ("zones", "hour"), [(("America/New_York",), 12), ((), 16), (("Etc/Unknown",), 16)]
)
def test_a_contact_is_known_by_its_attempts_hour_and_kind(
    zones: tuple[str, ...], hour: int
) -> None:
    traits = traits_now(contact(1, CAMPAIGN, zones=zones, attempts=7), NOON)
    assert dict(traits) == {"attempts": 4, "hour": hour, "kind": "other"}


def test_the_day_closes_with_its_hours_where_the_day_is_what_counts() -> None:
    florida, canada = profile_of("US-FL", 1), profile_of("CA-CRTC", 1)
    assert closes_s(plan(), florida, NOON) == NOON.replace(hour=20).timestamp()
    assert closes_s(plan(), canada, NOON) is None  # its month goes on
    assert closes_s(plan(), profile_of("NONE", 1), NOON) is None


def test_nobody_is_rung_for_less_than_the_law_asks() -> None:
    for code in ("US-TSR", "UK-2010", "NONE"):
        profile = profile_of(code, 1)
        least_s = plan_of(plan(), profile).give_up_s
        assert least_s is not None
        assert least_s >= max(15, profile.min_ring_s) + 3
