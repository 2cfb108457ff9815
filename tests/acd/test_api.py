"""The ACD's API: the set-up takes effect at once, and what is wrong is refused with a code."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from omni.acd.administration import Administration
from omni.acd.api import endpoints
from omni.acd.bodies import LoadBody, MatrixBody, QueueNew, QueuePatch, StateBody, Turns, WrapUpBody
from omni.acd.calendar_api import CalendarNew, HolidayBody, ShiftBody
from omni.acd.engine.openings import Cause
from omni.acd.group_api import GroupNew, GroupPatch, GroupTimes, Hand, HandBody
from omni.acd.model import Refused
from omni.acd.policy_api import PolicyBody
from omni.app.timekeeping import RandomIdentities
from omni.core.endpoint import Actor, Call, Wire
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.ids import AnnouncementId, UserId
from omni.core.terms import Medium, Role
from tests.acd.site import BEN, SERVICE, Site, running

pytestmark = pytest.mark.usefixtures("database")
BEN_HERSELF = Actor(UserId(BEN), "Ben", frozenset({Role.AGENT}))


class Client:
    """Calls handlers as the web would."""

    def __init__(self, site: Site) -> None:
        administration = Administration(site.acd, site.store)
        rows = endpoints(site.acd, administration, RandomIdentities(), site.clock)
        self._handlers = {(row.method, row.path): row.handler for row in rows}

    async def __call__(self, method: str, path: str, body: Wire | None = None, **at: str) -> Any:
        call = Call(BEN_HERSELF, path=at, body=body)
        return await self._handlers[method, path](call)


async def test_a_shift_through_the_api() -> None:
    async with running() as site:
        api = Client(site)
        await site.acd.phone_changed(BEN, True)
        await api("POST", "/api/agent/state", StateBody(state="ready"))  # type: ignore[arg-type]
        arrival = site.call()
        await site.acd.arrive(arrival)
        own = "/api/interactions/{interaction_id}"
        at: dict[str, Any] = {"interaction_id": arrival.interaction_id}
        await api("POST", f"{own}/accept", **at)
        explained = await api("GET", f"{own}/explanation", **at)
        assert explained.agent_id == BEN
        await api("POST", f"{own}/end", **at)
        await api("POST", f"{own}/wrap-up", WrapUpBody(disposition="solved"), **at)
        with pytest.raises(NotFound):
            await api("GET", f"{own}/explanation", **at)
        with pytest.raises(Invalid, match="break reason"):
            await api("POST", "/api/agent/state", StateBody(state="break", reason="?"))  # type: ignore[arg-type]


async def test_the_matrix_is_versioned_and_takes_effect_at_once() -> None:
    async with running() as site:
        api = Client(site)
        matrix: MatrixBody = await api("GET", "/api/matrix")
        waiting = site.call()
        await site.acd.arrive(waiting)
        await site.on_shift(BEN)
        cells = tuple(cell for cell in matrix.group_links if cell.queue_id != SERVICE)
        without = matrix.model_copy(update={"group_links": cells})
        saved = await api("PUT", "/api/matrix", without)
        assert saved.version == matrix.version + 1
        queues = {queue.queue_id: queue.served for queue in await api("GET", "/api/queues")}
        assert queues[SERVICE] is False
        with pytest.raises(Conflict, match="somebody else"):
            await api("PUT", "/api/matrix", matrix)
        again = matrix.model_copy(update={"version": saved.version})
        await api("PUT", "/api/matrix", again)
        row = await site.store.find(waiting.interaction_id)
        assert row is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [("queue_id", "none"), ("group_id", "none")],
)
async def test_a_matrix_that_refers_to_nothing_is_refused_whole(field: str, value: str) -> None:
    async with running() as site:
        api = Client(site)
        matrix: MatrixBody = await api("GET", "/api/matrix")
        first, *others = matrix.group_links
        broken = matrix.model_copy(
            update={"group_links": (first.model_copy(update={field: value}), *others)}
        )
        with pytest.raises(Invalid) as refusal:
            await api("PUT", "/api/matrix", broken)
        assert refusal.value.data["fault"] == "link_to_unknown"
        assert await api("GET", "/api/matrix") == matrix


async def test_groups_follow_calendar_load_and_hand() -> None:
    async with running() as site:
        api = Client(site)
        load = LoadBody(over_waiting=5, under_waiting=1)
        made = await api("POST", "/api/groups", GroupNew(name="Aid", times=GroupTimes(load=load)))
        assert (made.hand, made.cause) == (Hand.AUTOMATIC, Cause.NOT_NEEDED)
        at: dict[str, Any] = {"group_id": made.group_id}
        opened = await api("POST", "/api/groups/{group_id}/opening", HandBody(hand=Hand.OPEN), **at)
        assert (opened.hand, opened.cause, opened.times.load) == (Hand.OPEN, Cause.KEPT_OPEN, load)
        renamed = await api("PATCH", "/api/groups/{group_id}", GroupPatch(name="Help"), **at)
        assert (renamed.name, renamed.hand, renamed.times) == ("Help", Hand.OPEN, made.times)
        for said, kept in (("hello", "hello"), (None, "hello"), ("", None)):
            patch = GroupPatch(announcement_id=AnnouncementId(said) if said is not None else None)
            assert (
                await api("PATCH", "/api/groups/{group_id}", patch, **at)
            ).announcement_id == kept
            assert site.acd.group_announcement(made.group_id) == kept
        shut = await api("POST", "/api/groups/{group_id}/opening", HandBody(hand=Hand.CLOSED), **at)
        assert (shut.hand, shut.cause) == (Hand.CLOSED, Cause.CLOSED_BY_HAND)
        nothing = GroupPatch(times=GroupTimes(load=LoadBody()))
        with pytest.raises(Invalid, match="limits"):
            await api("PATCH", "/api/groups/{group_id}", nothing, **at)


async def test_a_cell_of_the_matrix_may_only_help() -> None:
    async with running() as site:
        api = Client(site)
        matrix: MatrixBody = await api("GET", "/api/matrix")
        first, *others = matrix.group_links
        aid = LoadBody(over_s=30.0, under_s=10.0)
        helping = first.model_copy(update={"aid": aid})
        await api(
            "PUT", "/api/matrix", matrix.model_copy(update={"group_links": (helping, *others)})
        )
        assert (await api("GET", "/api/matrix")).group_links == (helping, *others)


async def test_what_may_interrupt_what_holds_at_once() -> None:
    async with running() as site:
        api = Client(site)
        policy: PolicyBody = await api("GET", "/api/routing-policy")
        await site.acd.ready(BEN)
        mail = site.call(medium=Medium.EMAIL)
        await site.acd.arrive(mail)
        await site.acd.accept(BEN, mail.interaction_id)
        alone = ((False, False, False), (False, False, False), (True, True, True))
        await api("PUT", "/api/routing-policy", policy.model_copy(update={"may_join": alone}))
        explained = site.acd.explain_agent(BEN)
        assert explained.gates[Medium.CHAT] == ("may_not_interrupt",)
        await api("PUT", "/api/routing-policy", policy)
        assert site.acd.explain_agent(BEN).gates[Medium.CHAT] == ()
    with pytest.raises(ValidationError):
        PolicyBody(**(dict(policy) | {"may_join": ((True,),)}))


async def test_queues_are_made_and_changed() -> None:
    async with running() as site:
        api = Client(site)
        made = await api("POST", "/api/queues", QueueNew(name="VIP", owner_wait_s=20))
        changed = await api(
            "PATCH", "/api/queues/{queue_id}", QueuePatch(open=False), queue_id=made.queue_id
        )
        assert (changed.name, changed.open, changed.owner_wait_s) == ("VIP", False, 20)
        with pytest.raises(NotFound):
            await api("PATCH", "/api/queues/{queue_id}", QueuePatch(), queue_id="none")


def test_bodies_have_bounds() -> None:
    with pytest.raises(ValidationError):
        QueueNew(name="")
    with pytest.raises(ValidationError):
        QueueNew(name="Q", offer_s=(-1, 1, 1))
    with pytest.raises(ValidationError):
        WrapUpBody(disposition="solved", note="x" * 10_001)


async def test_why_it_went_to_whom_is_told_also_when_it_is_over() -> None:
    async with running() as site:
        api = Client(site)
        arrival, other = site.call(), site.call()
        await site.acd.arrive(arrival)
        await site.acd.arrive(other)
        waiting = await api("GET", "/api/open-interactions")
        assert [row.interaction_id for row in waiting] == [
            arrival.interaction_id,
            other.interaction_id,
        ]
        await site.on_shift(BEN)
        at: dict[str, Any] = {"interaction_id": arrival.interaction_id}
        own = "/api/interactions/{interaction_id}"
        await api("POST", f"{own}/accept", **at)
        await api("POST", f"{own}/end", **at)
        await api("POST", f"{own}/wrap-up", WrapUpBody(disposition="solved"), **at)
        steps = await api("GET", f"{own}/decisions", **at)
        assert [step.what for step in steps] == [
            "interaction.arrived",
            "interaction.offered",
            "interaction.accepted",
            "interaction.ended",
            "interaction.wrapped_up",
        ]
        offer = steps[1]
        assert (offer.agent_name, offer.way, offer.chosen) == ("Ben", "rank", "agent_freed")
        assert (offer.distribution, offer.relaxed, offer.wanted, offer.waiting) == (0, 0, 0, 1)
        with pytest.raises(NotFound):
            await api("GET", f"{own}/decisions", interaction_id="nothing")


async def test_calendars_through_the_api() -> None:
    async with running() as site:  # Monday 2026-11-02, 09:00 UTC
        api = Client(site)
        week = [ShiftBody(day=day, start_min=540, end_min=1080) for day in range(5)]
        body = CalendarNew(name="Office", time_zone="Asia/Shanghai", week=tuple(week))
        saved = await api("POST", "/api/calendars", body)
        assert saved.open_now  # 17:00 there
        assert [change.open for change in saved.changes] == [False, True] * 3
        assert saved.changes[0].at == datetime(2026, 11, 2, 10, tzinfo=UTC)
        turns = Turns(calendar_id=saved.calendar_id)
        await api("PATCH", "/api/queues/{queue_id}", QueuePatch(turns=turns), queue_id=SERVICE)
        with pytest.raises(Conflict, match="follows"):
            await api("DELETE", "/api/calendars/{calendar_id}", calendar_id=saved.calendar_id)
        holiday = (HolidayBody(date=date(2026, 11, 2), name="Closed"),)
        closed = body.model_copy(update={"holidays": holiday})
        at = {"calendar_id": saved.calendar_id}
        assert not (await api("PUT", "/api/calendars/{calendar_id}", closed, **at)).open_now
        assert await site.acd.arrive(site.call()) == Refused("out_of_hours")
        twice = body.model_copy(update={"holidays": holiday * 2})
        with pytest.raises(Invalid) as refusal:
            await api("PUT", "/api/calendars/{calendar_id}", twice, **at)
        assert refusal.value.code == "calendar_holiday_twice"
        preview = await api("POST", "/api/calendars/preview", twice)
        assert preview.faults == ("holiday_twice",)
        assert [one.name for one in await api("GET", "/api/calendars")] == ["Office"]
        free = QueuePatch(turns=Turns())
        await api("PATCH", "/api/queues/{queue_id}", free, queue_id=SERVICE)
        await api("DELETE", "/api/calendars/{calendar_id}", **at)
        with pytest.raises(NotFound):
            await api("DELETE", "/api/calendars/{calendar_id}", **at)
