"""The combinations of a policy's readings, and sets of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

import numpy as np
import numpy.typing as npt

from simsync.errors import Code, usage_error
from simsync.policy.facts import testable_readings
from simsync.policy.policy import Policy, Row, Transition, When
from simsync.statespace.columns import Ints, distinct

MOST = 2**16
"""Combinations walked at once; a set of so many takes 8 kB."""


class Variants:
    """Some combinations of a policy's readings, numbered as they are listed; a set of them is an integer of bits.

    Fields are delivered in one way in all of them: a reading that changes how has the policy's option in each.
    """

    def __init__(self, policy: Policy, listed: Sequence[Mapping[str, str]]) -> None:
        declared = policy.readings.values()
        fixed = {name: (option,) for name, option in policy.fixed.items()}
        self.options = {one.name: fixed.get(one.name, tuple(one.options)) for one in declared}
        self.size = len(listed)
        self.everything = (1 << self.size) - 1
        self._listed = listed
        self._tested = testable_readings(policy)
        self._with = {(one.name, option): 0 for one in declared for option in one.options}
        for number, readings in enumerate(listed):
            for one in readings.items():
                self._with[one] |= 1 << number

    def with_option(self, reading: str, option: str) -> int:
        """All combinations with this option."""
        return self._with[reading, option]

    def under(self, readings: Mapping[str, str]) -> int:
        """All combinations with these options."""
        bits = self.everything
        for reading, option in readings.items():
            bits &= self._with[reading, option]
        return bits

    def given_by(self, reading: str | None) -> int:
        """Those under which a row or transition is there: ``reading=option`` contributes it, None: it always is."""
        if reading is None:
            return self.everything
        name, option = reading.split("=", 1)
        return self._with[name, option]

    def allowing(self, when: When) -> int:
        """Those whose options are those that a conjunction tests; of its other conditions nothing is said."""
        bits = self.everything
        for fact, values in when:
            if fact in self._tested:
                bits &= sum(self._with[fact, str(option)] for option in values)
        return bits

    def there(self, one: Row | Transition) -> int:
        """Those under which a row or transition is there: an option may contribute it, and it may test others."""
        return self.given_by(one.reading) & self.allowing(one.when)

    def readings_of(self, index: int) -> Mapping[str, str]:
        """The options of one combination."""
        return self._listed[index]

    def members(self, bits: int) -> Iterator[int]:
        """The numbers of the combinations in a set, ascending."""
        while bits:
            lowest = bits & -bits
            yield lowest.bit_length() - 1
            bits ^= lowest


class Combinations(Variants):
    """All combinations of a policy's readings.

    Number 0 has every default. Raises :class:`SimsyncError` where there are more than can be walked at once.
    """

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy, ())
        self.size = prod(len(options) for options in self.options.values())
        if self.size > MOST:
            message = f"the readings have {self.size:,} combinations; at most {MOST:,} are walked through at once"
            raise usage_error("readings", message, code=Code.TOO_MANY)
        self.everything = (1 << self.size) - 1
        self._stride: dict[str, int] = {}
        stride = 1
        for reading, options in self.options.items():
            period = stride * len(options)
            each_period = self.everything // ((1 << period) - 1)
            self._stride[reading] = stride
            for number, option in enumerate(options):
                self._with[reading, option] = (((1 << stride) - 1) << (number * stride)) * each_period
            stride = period

    def stride(self, reading: str) -> int:
        """How far the numbers of two combinations are apart that differ in a reading's option and the next one."""
        return self._stride[reading]

    def as_first(self, bits: int, reading: str, option: str) -> int:
        """The members of a set that have an option, as they would be with the reading's first one: all else equal."""
        stride = 1
        for name, options in self.options.items():
            if name == reading:
                if option not in options:
                    return 0
                return (bits & self._with[reading, option]) >> (options.index(option) * stride)
            stride *= len(options)
        raise KeyError(reading)

    def readings_of(self, index: int) -> dict[str, str]:
        """The options of one combination."""
        chosen = {}
        for reading, options in self.options.items():
            index, number = divmod(index, len(options))
            chosen[reading] = options[number]
        return chosen

    def first(self, bits: int, nearest_to: Mapping[str, str]) -> dict[str, str]:
        """The member of a set that differs in the fewest readings from given ones; of several the lowest number."""
        near = {0: bits}
        for reading, option in nearest_to.items():
            same, fresh = self._with[reading, option], dict[int, int]()
            for apart, some in near.items():
                for more, part in ((apart, some & same), (apart + 1, some & ~same)):
                    if part:
                        fresh[more] = fresh.get(more, 0) | part
            near = fresh
        return self.readings_of(next(self.members(near[min(near)])))


class Sets:
    """Sets of combinations, numbered, so that arrays can hold them: number 0 is the empty one, 1 that of all."""

    def __init__(self, variants: Variants) -> None:
        self.variants = variants
        self.bits: list[int] = [0]
        self._number: dict[int, int] = {0: 0}
        self._both: dict[tuple[int, int], int] = {}
        self._rank: dict[int, tuple[int, ...]] = {}
        self.number(variants.everything)

    def number(self, bits: int) -> int:
        """The number of a set."""
        found = self._number.get(bits)
        if found is None:
            found = self._number[bits] = len(self.bits)
            self.bits.append(bits)
        return found

    def both(self, one: int, other: int) -> int:
        """The number of what two sets, given by their numbers, have in common."""
        key = (one, other)
        found = self._both.get(key)
        if found is None:
            found = self._both[key] = self.number(self.bits[one] & self.bits[other])
        return found

    def both_of(self, ones: Ints, others: Ints) -> Ints:
        """The numbers of what sets have in common with others, [n] each."""
        found = np.where((others == 1) | (ones == others), ones, np.where(ones == 1, others, 0)).astype(np.int32)
        apart = np.flatnonzero((ones > 1) & (others > 1) & (ones != others))
        some, which = distinct(np.stack([ones[apart], others[apart]], axis=1))
        pairs = zip(ones[apart[some]].tolist(), others[apart[some]].tolist(), strict=True)
        found[apart] = np.array([self.both(*pair) for pair in pairs], np.int32)[which]
        return found

    def array(self) -> npt.NDArray[np.uint8]:
        """All sets as the bytes of their bits, [n, B]."""
        size = (self.variants.size + 7) // 8
        return np.frombuffer(b"".join(bits.to_bytes(size, "little") for bits in self.bits), np.uint8).reshape(-1, size)

    def restore(self, array: npt.NDArray[np.uint8]) -> None:
        """Have the sets of an array, by the same numbers."""
        self.bits = [int.from_bytes(row.tobytes(), "little") for row in array]
        self._number = {bits: number for number, bits in enumerate(self.bits)}

    def rank(self, number: int) -> tuple[int, ...]:
        """By what disjoint sets are put in order: the options of one member, negated, readings as they are declared.

        It is the member whose options come last. So the order of parts depends on what is in them alone.
        """
        if number not in self._rank:
            bits, chosen = self.bits[number], []
            for reading, options in self.variants.options.items():
                for at in range(len(options) - 1, -1, -1):
                    if some := bits & self.variants.with_option(reading, options[at]):
                        bits = some
                        chosen.append(-at)
                        break
            self._rank[number] = tuple(chosen)
        return self._rank[number]
