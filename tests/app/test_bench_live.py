"""What `omni bench live` makes of what the sockets heard."""

import argparse

from omni.app.bench.live import Floor, figures
from omni.core.ids import InteractionId

GIVEN = argparse.Namespace(agents=3, seconds=1.0)


def test_what_nobody_heard_is_lost_and_what_two_heard_is_doubled() -> None:
    arrived = {InteractionId(name): 100.0 for name in ("once", "never", "twice", "again")}
    heard = [
        ("once", "1", 100.05),
        ("twice", "1", 100.1),
        ("twice", "2", 100.2),
        ("again", "1", 100.01),
        ("again", "1", 103.0),  # the row changed later
    ]
    made = figures(Floor(arrived_at=arrived), heard, 0.5, 0, GIVEN)
    assert (made["arrived"], made["lost"], made["doubled"]) == (4, 1, 1)
    assert (made["offer_p50_ms"], made["offer_p99_ms"]) == (50.0, 50.0)
