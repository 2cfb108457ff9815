"""Calculations in a process of their own."""

import asyncio

import pytest

from omni.app import laboratory as laboratory_module
from omni.app.laboratory import ProcessLaboratory
from omni.core.errors import Unavailable
from omni.dialer.model import Mode
from omni.dialer.trial import TrialPlan, simulate

PLAN = TrialPlan(Mode.PREDICTIVE, 3, 0.2, 0.4, 3.0, seeds=1)


async def test_it_calculates_what_we_would_and_stops_what_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = ProcessLaboratory()
    try:
        assert await there.try_out(PLAN) == await asyncio.to_thread(simulate, PLAN)
        monkeypatch.setattr(laboratory_module, "TIME_LIMIT_S", 0.05)
        with pytest.raises(Unavailable):
            await there.try_out(TrialPlan(Mode.PREDICTIVE, 200, 8.0, 0.3, 3.0))
        monkeypatch.undo()
        assert (await there.try_out(PLAN)).worst_pct <= 3.0
    finally:
        there.close()
