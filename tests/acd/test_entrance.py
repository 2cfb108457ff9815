"""What a contact needs by where it comes in and what it says."""

import pytest

from omni.acd.engine.entrance import entered
from omni.acd.model import Arrival, EntryPoint, EntryRule, Fact, Plan, Skill, Topic
from omni.core.ids import EntryPointId, InteractionId
from omni.core.terms import Direction, Medium

ENTRY = EntryPointId("entry")


def arrival(facts: dict[str, str]) -> Arrival:
    """Return a contact that says this."""
    return Arrival(
        InteractionId("one"),
        Medium.EMAIL,
        Direction.INBOUND,
        entry_point_id=ENTRY,
        address=facts.get("address", ""),
        name=facts.get("name", ""),
        subject=facts.get("subject", ""),
        topic=facts.get("topic", ""),
    )


def entry(*rules: EntryRule, topics: tuple[Topic, ...] = ()) -> EntryPoint:
    """Return an entry point with these rules."""
    return EntryPoint(ENTRY, "Shop", Medium.EMAIL, "shop", topics=topics, rules=rules)


ROWS = {
    "a subject contains it, in any case": (Fact.SUBJECT, "invoice", {"subject": "My INVOICE 7"}, 1),
    "a subject says something else": (Fact.SUBJECT, "invoice", {"subject": "Hello"}, 0),
    "a Chinese subject": (Fact.SUBJECT, "发票", {"subject": "请开发票"}, 1),
    "a number begins so": (Fact.ADDRESS, "+86", {"address": "+8613800000000"}, 1),
    "a domain": (Fact.ADDRESS, "@bank.example", {"address": "Ann@Bank.Example"}, 1),
    "a name": (Fact.NAME, "ann", {"name": "Ann Lee"}, 1),
    "the topic is it": (Fact.TOPIC, "returns", {"topic": "returns"}, 1),
    "the topic only begins so": (Fact.TOPIC, "returns", {"topic": "returns_2"}, 0),
    "no topic": (Fact.TOPIC, "returns", {}, 0),
    "everybody": (Fact.SUBJECT, "", {}, 1),
}


@pytest.mark.parametrize(("fact", "text", "facts", "skills"), ROWS.values(), ids=ROWS)
def test_a_rule_fits(fact: Fact, text: str, facts: dict[str, str], skills: int) -> None:
    rule = EntryRule(fact, text, (Skill("billing", 3),), 2)
    found = entered(arrival(facts), entry(rule))
    assert len(found.needs) == skills
    assert found.priority == (2 if skills else None)


def test_all_that_fit_add_up_and_the_best_priority_counts() -> None:
    rules = (
        EntryRule(Fact.SUBJECT, "invoice", (Skill("billing", 3),), 4),
        EntryRule(Fact.ADDRESS, "@bank", (Skill("billing", 6), Skill("gold", 1, True)), 1),
        EntryRule(Fact.NAME, "nobody", (Skill("french"),), 0),
    )
    found = entered(arrival({"subject": "Invoice", "address": "a@bank.example"}), entry(*rules))
    assert set(found.needs) == {Skill("billing", 6), Skill("gold", 1, True)}
    assert found.priority == 1


def test_what_a_contact_brought_itself_stays() -> None:
    rule = EntryRule(Fact.SUBJECT, "", (Skill("billing"),), 0)
    mine = Arrival(
        InteractionId("one"),
        Medium.VOICE,
        Direction.OUTBOUND,
        priority=7,
        needs=(Skill("german", 4),),
    )
    found = entered(mine, entry(rule))
    assert found.priority == 7
    assert set(found.needs) == {Skill("german", 4), Skill("billing")}


def test_rules_and_topics_must_fit_each_other() -> None:
    topics = (Topic("a", "A", "甲"), Topic("a", "B", "乙"))
    rule = EntryRule(Fact.TOPIC, "b")
    plan = Plan(entry_points=(entry(rule, topics=topics),))
    assert set(plan.faults()) == {"topic_twice", "topic_unknown"}
