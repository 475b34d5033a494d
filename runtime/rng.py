"""Random numbers from the seed: the same in each run, and taken back with the machine.

Steele, Lea, Flood: Fast splittable pseudorandom number generators (SplitMix64), OOPSLA 2014.
"""

from runtime.undo import Undo

_GAMMA, _MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1


class Rng:
    """state: 64 bits, all that there is."""

    def __init__(self, seed: int, undo: Undo) -> None:
        self.state = seed & _MASK
        undo.adopt(self)

    def getrandbits(self, bits: int) -> int:
        """A number of up to 64 bits."""
        self.state = z = self.state + _GAMMA & _MASK
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
        return (z ^ z >> 31) >> 64 - bits
