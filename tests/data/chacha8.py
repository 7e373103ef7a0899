"""Random numbers of the crate's streams, by an implementation that shares no code with it.

The generator is ChaCha with 8 rounds (the quarter round of RFC 8439, section 2.1; Bernstein's original layout with a
64-bit block counter and a 64-bit stream number). The key is made from the seed by PCG32, as `SeedableRng::seed_from_u64`
of rand_core documents it; the stream number is the FNV-1a hash (64 bits, RFC 9923) of the stream's name; block b of 1,024
draws begins at generator block b * 2^24.

From the 32-bit words, in order, follow
  uniform: a 64-bit word (low half first), its upper 53 bits over 2^53;
  range:   Uniform::new_inclusive(0.3, 0.4) of rand: the upper 52 bits over 2^52, stretched so that the greatest is 0.4;
  pert:    the third in order of five 32-bit words, on 0.3 to 0.4 (beta(3, 3));
  normal:  the ziggurat of Marsaglia & Tsang (2000) with 256 layers, doi:10.18637/jss.v005.i08.

Writes chacha8.json beside itself: python3 chacha8.py
"""
import json
import math
import os
import struct

MASK32, MASK64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


def rotate(x, n):
    return ((x << n) | (x >> (32 - n))) & MASK32


def quarter_round(s, a, b, c, d):
    s[a] = (s[a] + s[b]) & MASK32
    s[d] = rotate(s[d] ^ s[a], 16)
    s[c] = (s[c] + s[d]) & MASK32
    s[b] = rotate(s[b] ^ s[c], 12)
    s[a] = (s[a] + s[b]) & MASK32
    s[d] = rotate(s[d] ^ s[a], 8)
    s[c] = (s[c] + s[d]) & MASK32
    s[b] = rotate(s[b] ^ s[c], 7)


def chacha_block(key, counter, stream, rounds):
    state = list(struct.unpack("<4I", b"expand 32-byte k")) + list(struct.unpack("<8I", key))
    state += [counter & MASK32, counter >> 32, stream & MASK32, stream >> 32]
    work = list(state)
    for _ in range(rounds // 2):
        for column in range(4):
            quarter_round(work, column, 4 + column, 8 + column, 12 + column)
        for i in range(4):
            quarter_round(work, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return [(x + y) & MASK32 for x, y in zip(work, state)]


def published_vector():
    """RFC 8439, section 2.3.2: 20 rounds, block counter 1, nonce 00:00:00:09:00:00:00:4a:00:00:00:00."""
    key = bytes(range(32))
    counter = 1 | (0x09000000 << 32)
    block = chacha_block(key, counter, 0x4A000000, 20)
    assert block[:4] == [0xE4E7F110, 0x15593BD1, 0x1FDD0F50, 0xC47120A3], [hex(x) for x in block[:4]]


def key_of(seed):
    """PCG32 (Melissa O'Neill's XSH-RR), eight outputs of 32 bits."""
    state, key = seed, b""
    for _ in range(8):
        state = (state * 6364136223846793005 + 11634580027462260723) & MASK64
        shifted = (((state >> 18) ^ state) >> 27) & MASK32
        turn = state >> 59
        key += struct.pack("<I", ((shifted >> turn) | (shifted << (-turn & 31))) & MASK32)
    return key


def fnv1a(name):
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK64
    return value


class Stream:
    def __init__(self, seed, name, block):
        self.key, self.number, self.at = key_of(seed), fnv1a(name), block << 24
        self.words = []

    def u32(self):
        if not self.words:
            self.words = chacha_block(self.key, self.at, self.number, 8)
            self.at += 1
        return self.words.pop(0)

    def u64(self):
        low = self.u32()
        return low | (self.u32() << 32)

    def uniform(self):
        return (self.u64() >> 11) / 2.0**53

    def range(self, low, high):
        return (self.u64() >> 12) / 2.0**52 * ((high - low) / (1.0 - 2.0**-52)) + low

    def pert(self, low, high):
        third = sorted(self.u32() for _ in range(5))[2]
        return low + (high - low) * (third + 0.5) / 2.0**32

    def normal(self):
        while True:
            bits = self.u64()
            layer = bits & 0xFF
            u = (bits >> 12) / 2.0**51 - 1.0
            x = u * X[layer]
            if abs(x) < X[layer + 1]:
                return x
            if layer == 0:
                while True:
                    tail = math.log(self.open()) / R
                    y = math.log(self.open())
                    if -2.0 * y >= tail * tail:
                        return tail - R if u < 0.0 else R - tail
            if F[layer + 1] + (F[layer] - F[layer + 1]) * self.uniform() < math.exp(-x * x / 2.0):
                return x

    def open(self):
        """Uniform between 0 and 1 without either."""
        return (self.u64() >> 12) / 2.0**52 + 2.0**-53


# The layers: the right ends x and the densities there.
R, V = 3.6541528853610088, 0.00492867323399
X = [V / math.exp(-R * R / 2.0), R]
while len(X) < 256:
    X.append(math.sqrt(-2.0 * math.log(V / X[-1] + math.exp(-X[-1] ** 2 / 2.0))))
X.append(0.0)
F = [math.exp(-x * x / 2.0) for x in X]


def main():
    published_vector()
    streams = []
    for seed, name, block in [
        (2025, "share/third line", 0),
        (7, "share/third line", 0),
        (7, "share/third line", 3),
        (7, "figure/World/2019", 0),
        (7, "figure/World/2024", 0),
        (7, "projection/World/2040", 0),
        (2**64 - 1, "", 1),
    ]:
        of = lambda draw, n: [draw(stream) for stream in [Stream(seed, name, block)] for _ in range(n)]
        streams.append(
            {
                "seed": str(seed),
                "name": name,
                "block": block,
                "words": [str(x) for x in of(Stream.u64, 4)],
                "uniform": of(Stream.uniform, 4),
                "range": of(lambda s: s.range(0.3, 0.4), 4),
                "pert": of(lambda s: s.pert(0.3, 0.4), 4),
                # Of 1,024 numbers all branches of the ziggurat are met.
                "normal": of(Stream.normal, 1024)[::93],
            }
        )
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chacha8.json")
    with open(path, "w") as file:
        json.dump(streams, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
