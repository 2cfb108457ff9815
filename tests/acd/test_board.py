"""A lane gives its work out in order, whatever left from its midst or came back; sets of lanes."""

import random

import pytest

from omni.acd.engine.board import INFINITY, Lane, Line, Profile, Service, Work
from omni.core.ids import GroupId, InteractionId, QueueId

Q = QueueId("q0")


class Crowd:
    """A lane beside a plain list of what must be in it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lane = Lane(Q, 0, (), Line(), 1)
        self.inside: list[Work] = []
        self.outside: list[Work] = []
        self.made = 0

    def arrive(self) -> None:
        self.made += 1
        work = Work(InteractionId(f"i{self.made}"), 0, Q, float(self.made // 3))
        work.priority = self.random.randrange(3)
        work.key = work.arrived_s + 5.0 * work.priority
        work.seq = self.made
        self.push(work)

    def push(self, work: Work) -> None:
        self.lane.push(work)
        self.inside.append(work)

    def come_back(self) -> None:
        if self.outside:
            self.push(self.outside.pop(self.random.randrange(len(self.outside))))

    def take(self) -> None:
        if self.inside:
            first = min(self.inside, key=lambda work: (work.key, work.seq))
            assert self.lane.take() is first
            self.inside.remove(first)
            self.outside.append(first)

    def leave(self) -> None:
        if self.inside:
            work = self.inside.pop(self.random.randrange(len(self.inside)))
            self.lane.remove(work)
            self.outside.append(work)

    def check(self) -> None:
        lane = self.lane
        assert lane.live == lane.line.live == len(self.inside)
        assert all(work.lane is lane for work in self.inside)
        assert all(work.lane is None for work in self.outside)
        if self.inside:
            first = min(self.inside, key=lambda work: (work.key, work.seq))
            assert lane.first() is first
            assert lane.top == first.key
            assert lane.oldest_s() == min(work.arrived_s for work in self.inside)
        else:
            assert lane.top == INFINITY


@pytest.mark.parametrize("seed", range(10))
def test_work_comes_in_order(seed: int) -> None:
    crowd = Crowd(seed)
    deeds = [crowd.arrive, crowd.take, crowd.leave, crowd.come_back]
    for size in (6, 300):  # with few, rows and heads run empty; with many, voids pile up
        for _ in range(600):
            likely = [5, 2, 2, 1] if len(crowd.inside) < size else [1, 3, 5, 1]
            crowd.random.choices(deeds, likely)[0]()
            crowd.check()


def test_a_profile_finds_the_lanes_with_work_that_it_serves() -> None:
    draw = random.Random(3)
    lanes = [Lane(Q, number % 3, (), Line(), 1 << number) for number in range(40)]
    services: list[Service] = [(lane, 0.0, GroupId("g")) for lane in lanes]
    profile = Profile((), {})
    served = [one for one in services if draw.random() < 0.6]
    for one in served:
        profile.serve(one)
    for step in range(300):
        if step == 150:
            gone = served[::3]
            served = [one for one in served if one not in gone]
            profile.forsake(sum(one[0].bit for one in gone))
        mask = draw.randrange(8)
        stock = draw.getrandbits(40)
        expected = {
            one[0].bit for one in served if one[0].bit & stock and mask >> one[0].medium & 1
        }
        assert {one[0].bit for one in profile.stocked(mask, stock)} == expected
