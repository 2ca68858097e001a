"""Control numbers met so far, in little memory: runs of consecutive numbers are kept as runs."""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["Seen"]


class Seen:
    """``again(number)`` tells whether a number came before. Past ``most`` runs, new ones are no longer kept."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._starts: list[tuple[int, int]] = []
        self._ends: list[int] = []
        self._others: set[str] = set()

    def again(self, number: str) -> bool:
        """Whether this number came before; from now on it did."""
        if not (number.isascii() and number.isdecimal() and len(number) <= 18):
            return self._other(number)
        key = (len(number), int(number))
        at = bisect_right(self._starts, key) - 1
        if at >= 0 and self._starts[at][0] == key[0]:
            if key[1] <= self._ends[at]:
                return True
            if key[1] == self._ends[at] + 1:
                self._ends[at] = key[1]
                return False
        if len(self._starts) < self._most:
            self._starts.insert(at + 1, key)
            self._ends.insert(at + 1, key[1])
        return False

    def _other(self, number: str) -> bool:
        if number in self._others:
            return True
        if len(self._others) < self._most:
            self._others.add(number)
        return False
