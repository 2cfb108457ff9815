"""What a contact needs because of where it comes in and what it says.

Rules:
1. All rules of the entry point that fit are in force: what they need adds up, and the best of their
   priorities counts.
2. What the contact brought itself stays: skills are added to its own, a priority of its own wins.
"""

from dataclasses import replace

from omni.acd.engine.grid import combined
from omni.acd.model import Arrival, EntryPoint, EntryRule, Fact


def entered(arrival: Arrival, entry: EntryPoint) -> Arrival:
    """Return the arrival with the skills and the priority that the entry point's rules give it."""
    fitting = [rule for rule in entry.rules if _fits(rule, arrival)]
    if not fitting:
        return arrival
    given = [rule.priority for rule in fitting if rule.priority is not None]
    priority = min(given, default=None) if arrival.priority is None else arrival.priority
    needs = combined(arrival.needs, *[rule.needs for rule in fitting])
    return replace(arrival, needs=needs, priority=priority)


def _fits(rule: EntryRule, arrival: Arrival) -> bool:
    facts = {
        Fact.TOPIC: arrival.topic,
        Fact.SUBJECT: arrival.subject,
        Fact.ADDRESS: arrival.address,
        Fact.NAME: arrival.name,
    }
    text, said = rule.text.casefold(), facts[rule.fact].casefold()
    return not text or (said == text if rule.fact is Fact.TOPIC else text in said)
