"""The demonstration's world: who logs in, which queues there are, who calls.

Numbers are of ranges that are kept for fiction: North America's 555-01xx. Nobody here exists, and
the names say so.
"""

import random
from dataclasses import dataclass

from omni.core.terms import Role

PASSWORD = "omni-demo"
DOMAIN = "demo.example"
INBOUND_NUMBER = "+12025550100"
CALLER_ID = "+12025550199"
SUPPORT_MAILBOX = f"support@{DOMAIN}"
CHAT_SITE = "shop"
CAMPAIGN = "Spring offer · 春季优惠"
CONTACTS = 600
AREA_CODES = (201, 202, 212, 213, 305, 312, 404, 415, 512, 617, 702, 713, 808, 907)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can log in to the demonstration."""

    email: str
    name: str
    roles: frozenset[Role]
    robot: bool = False


PEOPLE = (
    Person(f"agent@{DOMAIN}", "Demo Agent", frozenset({Role.AGENT})),
    Person(f"supervisor@{DOMAIN}", "Demo Supervisor", frozenset({Role.SUPERVISOR})),
    Person(f"manager@{DOMAIN}", "Demo Manager", frozenset({Role.MANAGER})),
    Person(f"admin@{DOMAIN}", "Demo Administrator", frozenset({Role.ADMIN, Role.MANAGER})),
)


def robots(count: int) -> list[Person]:
    """Return the robot agents."""
    return [
        Person(f"robot{n}@{DOMAIN}", f"Robot {n} · 机器人", frozenset({Role.AGENT}), True)
        for n in range(1, count + 1)
    ]


def numbers(count: int, rng: random.Random) -> list[str]:
    """Return different numbers of the fictional range in E.164."""
    every = [f"+1{area}555{line:04d}" for area in AREA_CODES for line in range(101, 199)]
    return rng.sample(every, min(count, len(every)))


def contact_list(rng: random.Random, count: int = CONTACTS) -> str:
    """Return a contact list as a CSV file's text, with the mistakes that real ones have."""
    rows = ["Name,Phone,Customer no."]
    rows += [
        f"Demo Contact {n},{number},C-{n:05d}"
        for n, number in enumerate(numbers(count, rng), start=1)
    ]
    rows.insert(40, "Demo Contact without a number,,C-90001")
    rows.insert(80, "Demo Contact with a word,call me,C-90002")
    rows.append(rows[1])  # a duplicate
    return "\r\n".join(rows) + "\r\n"
