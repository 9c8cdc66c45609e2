"""Pairs of submissions that share unusually much: a pointer for a person to read both.

It is no proof. Short functions have few forms, and two students who learnt from the same
page write alike. What is compared is the wording of what the students wrote themselves (see
`grader.wording`): passages of the stub count nothing, passages of the course's solution or
of a large part of the class count little, and rare passages count most. A pair is reported
when it shares far more than the pairs of this class usually do. Statements in another
order, another way to say the same, a program translated from another language: none of
these is seen.
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.pairs import Pair, Passage
from grader.stub import make_stub
from grader.wording import Vocabulary, Wording, wordings

if TYPE_CHECKING:
    from grader.course import Unit

SHINGLE = 8  # tokens in a row that are too many to agree by chance
FLOOR = 24.0  # so many rare shingles must agree: some five lines
LEAST = 0.4  # no smaller share is reported, however rare
DEVIATIONS = 6.0  # how far beyond the usual, in (robust) standard deviations
_SPREAD = 0.03  # in a class without any spread a chance likeness is no wonder yet
_SCALE = 1.4826  # from the median deviation to the standard deviation of a bell curve
_ENOUGH = 10  # of fewer pairs nobody knows what is usual
_UNKNOWN_USUAL = 0.2
_SAMPLE = 400  # pairs to learn from what is usual
_CROWD = 30  # a passage that more students share does not make them candidates
_SHARED = 6  # rare shingles that candidates share at least
_SHOWN = 12  # passages of a pair


@dataclass(frozen=True)
class Part:
    """What of one stage no student wrote: the stub, and the course's own solution."""

    stub: str
    solution: str


def parts_of(unit: Unit) -> dict[str, Part]:
    """Return the parts of a unit's stages, by the stage's id."""
    solutions = {s.id: s.solution.read_text(encoding="utf-8") for s in unit.stages}
    return {id: Part(make_stub(text, id), text) for id, text in solutions.items()}


def similar_pairs(
    submissions: Mapping[str, Mapping[str, bytes]], parts: Mapping[str, Part]
) -> tuple[Pair, ...]:
    """Return the pairs that share unusually much, the largest share first.

    Parameters
    ----------
    submissions : mapping
        For each student's key the files handed in, by the stage's id. They are only read as
        text, and may be anything.
    parts : mapping
        The stages to compare: see `parts_of`.

    Returns
    -------
    pairs : tuple of Pair
        One for each stage in which a pair is unusual.
    """
    found = [pair for id, part in parts.items() for pair in _of_stage(id, part, submissions)]
    return tuple(sorted(found, key=lambda p: (-p.share, p.stage, p.first, p.second)))


def _of_stage(
    stage: str, part: Part, submissions: Mapping[str, Mapping[str, bytes]]
) -> Iterator[Pair]:
    known = Vocabulary.of(part.stub)
    files = {
        key: wordings(files[stage], known)
        for key, files in sorted(submissions.items())
        if stage in files
    }
    group = _Class(files, _in_source(part.stub, known) | _in_source(part.solution, known))
    limit, usual = group.limits()
    for first, second in group.candidates():
        match = group.match(first, second)
        if match.rare >= FLOOR and match.share >= limit:
            lines = tuple(_passages(match.blocks)[:_SHOWN])
            yield Pair(first, second, stage, round(match.share, 3), round(usual, 3), lines)


# --- files ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Function:
    """One function, the shingle that begins at each of its tokens, and what it counts."""

    wording: Wording
    shingles: tuple[str, ...]
    weights: tuple[float, ...]
    telling: frozenset[str]


def _shingled(wording: Wording) -> tuple[str, ...]:
    text = wording.text
    return tuple(text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1))


def _in_source(source: str, known: Vocabulary) -> set[str]:
    return {s for each in wordings(source.encode(), known) for s in _shingled(each)}


@dataclass(frozen=True)
class _Block:
    """Tokens of two functions that agree."""

    first: Wording
    second: Wording
    at: tuple[int, int]
    size: int
    rare: float

    def turned(self) -> _Block:
        """Return it as seen from the other file."""
        return _Block(self.second, self.first, self.at[::-1], self.size, self.rare)


@dataclass(frozen=True)
class _Match:
    """What two files share."""

    share: float
    rare: float
    blocks: tuple[_Block, ...]


# --- a class --------------------------------------------------------------------------------
class _Class:
    """The files of one stage, and how much each passage counts in it."""

    def __init__(self, files: Mapping[str, Sequence[Wording]], course: set[str]) -> None:
        cut = {key: [(each, _shingled(each)) for each in own] for key, own in files.items()}
        counts: Counter[str] = Counter()
        for own in cut.values():
            counts.update({s for _, shingles in own for s in shingles})
        many = max(3.0, 0.2 * len(files))
        # The rarer, the more; nothing what the course itself says, or many of the class.
        weights = {s: max(0.0, 1 - max(0, n - 2) / many) for s, n in counts.items()}
        weights |= dict.fromkeys(course & weights.keys(), 0.0)

        def weighed(wording: Wording, shingles: tuple[str, ...]) -> _Function:
            counted = tuple(weights[s] for s in shingles)
            telling = frozenset(s for s, weight in zip(shingles, counted, strict=True) if weight)
            return _Function(wording, shingles, counted, telling)

        functions = {key: [weighed(*each) for each in own] for key, own in cut.items()}
        self._files = {key: [f for f in own if f.telling] for key, own in functions.items()}
        self._own = {key: sum(sum(f.weights) for f in own) for key, own in self._files.items()}
        self._counts = counts

    def limits(self) -> tuple[float, float]:
        """Return the share from which on a pair is unusual, and the usual one."""
        pairs = list(_spread(list(self._files), _SAMPLE))
        shares = [self.match(*pair).share for pair in pairs]
        if len(shares) < _ENOUGH:
            usual = min([_UNKNOWN_USUAL, *shares])
            return usual + LEAST, usual
        usual = statistics.median(shares)
        spread = _SCALE * statistics.median(abs(share - usual) for share in shares)
        return max(LEAST, usual + DEVIATIONS * max(spread, _SPREAD)), usual

    def candidates(self) -> list[tuple[str, str]]:
        """Return the pairs that share some rare shingles; the others need no closer look."""
        owners: defaultdict[str, list[str]] = defaultdict(list)
        for key, functions in self._files.items():
            for shingle in frozenset().union(*(f.telling for f in functions)):
                if 2 <= self._counts[shingle] <= _CROWD:
                    owners[shingle].append(key)
        shared: Counter[tuple[str, str]] = Counter()
        for keys, often in Counter(map(tuple, owners.values())).items():
            for pair in itertools.combinations(keys, 2):
                shared[pair] += often
        return sorted(pair for pair, often in shared.items() if often >= self._enough(*pair))

    def _enough(self, first: str, second: str) -> float:
        """Return how many rare shingles two files must share to be worth a closer look."""
        return max(_SHARED, LEAST / 2 * min(self._own[first], self._own[second]))

    def match(self, first: str, second: str) -> _Match:
        """Return what two files share: each function with the one that it shares most with."""
        one, two = self._files[first], self._files[second]
        turned = _said(two) < _said(one)  # what is found does not depend on who comes first
        blocks: list[_Block] = []
        taken: set[tuple[int, int]] = set()
        pairs = self._likenesses(*((two, one) if turned else (one, two)))
        for _, i, j, found in sorted(pairs, key=lambda each: each[:3]):
            if (0, i) not in taken and (1, j) not in taken:
                taken |= {(0, i), (1, j)}
                blocks += [block.turned() for block in found] if turned else found
        rare = sum(block.rare for block in blocks)
        own = min(self._own[first], self._own[second])
        return _Match(min(1.0, rare / own) if own else 0.0, rare, tuple(blocks))

    def _likenesses(
        self, one: Sequence[_Function], two: Sequence[_Function]
    ) -> Iterator[tuple[float, int, int, list[_Block]]]:
        for i, a in enumerate(one):
            for j, b in enumerate(two):
                if not a.telling.isdisjoint(b.telling):
                    blocks = list(self._blocks(a, b))
                    yield -sum(block.rare for block in blocks), i, j, blocks

    def _blocks(self, a: _Function, b: _Function) -> Iterator[_Block]:
        from rapidfuzz.distance import LCSseq

        steps = LCSseq.editops(a.wording.text, b.wording.text)
        for step in steps.as_matching_blocks():
            if step.size >= SHINGLE:
                rare = sum(a.weights[step.a : step.a + step.size - SHINGLE + 1])
                yield _Block(a.wording, b.wording, (step.a, step.b), step.size, rare)


def _said(functions: Sequence[_Function]) -> list[str]:
    return [each.wording.text for each in functions]


def _spread(keys: Sequence[str], most: int) -> Iterator[tuple[str, str]]:
    """Return pairs from all over a class, at most about so many, each at most once."""
    count = len(keys)
    if count * (count - 1) // 2 <= most:
        yield from itertools.combinations(keys, 2)
        return
    for step in range(1, -(-most // count) + 1):
        apart = 1 + (step * count) // (2 * (-(-most // count) + 1))
        yield from ((keys[i], keys[(i + apart) % count]) for i in range(count))


def _passages(blocks: Iterable[_Block]) -> list[Passage]:
    """Return the lines of the blocks that count, those next to each other as one."""
    rare = [block for block in blocks if block.rare >= 1]
    rare.sort(key=lambda block: (block.first.lines[block.at[0]], block.second.lines[block.at[1]]))
    found: list[Passage] = []
    for block in rare:
        new = Passage(_lines(block, 0), _lines(block, 1), block.size)
        last = found[-1] if found else None
        if last and _follows(last.first, new.first) and _follows(last.second, new.second):
            new = Passage(
                (last.first[0], max(last.first[1], new.first[1])),
                (last.second[0], max(last.second[1], new.second[1])),
                last.tokens + new.tokens,
            )
            found.pop()
        found.append(new)
    return sorted(found, key=lambda passage: (-passage.tokens, passage.first))


def _lines(block: _Block, side: int) -> tuple[int, int]:
    lines = (block.first, block.second)[side].lines
    start = block.at[side]
    return lines[start], lines[start + block.size - 1]


def _follows(last: tuple[int, int], new: tuple[int, int]) -> bool:
    return last[0] <= new[0] <= last[1] + 1
