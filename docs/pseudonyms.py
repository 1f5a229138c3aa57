#!/usr/bin/env python3
"""Computes the pseudonyms of binlog-relay's `hash` action from a key and a value, as docs/pseudonyms.md describes them.

    pseudonyms.py --key-file person.key --name person --type "varchar(40)" kari@firma.example
    pseudonyms.py --key-file person.key --name person --type "int unsigned" 4711
    pseudonyms.py --golden tests/scrub_rules/golden/actions.tsv    # recomputes hash and digits in a file of golden vectors

Nothing but Python's own library is needed.
"""
import argparse
import hashlib
import hmac
import re
import sys

BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
WIDTHS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
SHARED = (31, True)  # the numbers that are permuted alike wherever they are: bits, and whether without a sign


class Aes:
    """AES for single blocks (FIPS 197)."""

    def __init__(self, key):
        self.box = self._box()
        words = [list(key[i:i + 4]) for i in range(0, len(key), 4)]
        count, factor = len(words), 1
        while len(words) < 4 * (count + 7):
            word = list(words[-1])
            if len(words) % count == 0:
                word = [self.box[b] for b in word[1:] + word[:1]]
                word[0] ^= factor
                factor = self._double(factor)
            elif count > 6 and len(words) % count == 4:
                word = [self.box[b] for b in word]
            words.append([a ^ b for a, b in zip(words[-count], word)])
        self.keys = [sum(words[i:i + 4], []) for i in range(0, len(words), 4)]

    @staticmethod
    def _double(byte):
        byte <<= 1
        return byte ^ 0x11b if byte & 0x100 else byte

    def _box(self):
        box, p, q = [0] * 256, 1, 1
        while True:
            p ^= self._double(p)
            for shift in (1, 2, 4):
                q ^= q << shift
            q &= 0xff
            q ^= 0x09 if q & 0x80 else 0
            rotated = 0x63
            for shift in range(5):
                rotated ^= ((q << shift) | (q >> (8 - shift))) & 0xff
            box[p] = rotated
            if p == 1:
                break
        box[0] = 0x63
        return box

    def encrypt(self, block):
        state = [a ^ b for a, b in zip(block, self.keys[0])]
        for number, key in enumerate(self.keys[1:], 1):
            state = [self.box[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if number < len(self.keys) - 1:
                mixed = []
                for at in range(0, 16, 4):
                    column = state[at:at + 4]
                    whole = column[0] ^ column[1] ^ column[2] ^ column[3]
                    mixed += [column[i] ^ whole ^ self._double(column[i] ^ column[(i + 1) % 4]) for i in range(4)]
                state = mixed
            state = [a ^ b for a, b in zip(state, key)]
        return bytes(state)


def ff1(aes, radix, numerals, tweak=b""):
    """FF1 of NIST SP 800-38G over a list of numerals."""
    def number(part):
        value = 0
        for numeral in part:
            value = value * radix + numeral
        return value

    length = len(numerals)
    first, second = length // 2, length - length // 2
    a, b = number(numerals[:first]), number(numerals[first:])
    size = ((radix ** second - 1).bit_length() + 7) // 8
    digest_size = 4 * ((size + 3) // 4) + 4
    head = bytes([1, 2, 1]) + radix.to_bytes(3, "big") + bytes([10, first % 256]) + length.to_bytes(4, "big") + len(tweak).to_bytes(4, "big")
    for turn in range(10):
        text = head + tweak + bytes((-len(tweak) - size - 1) % 16) + bytes([turn]) + b.to_bytes(size, "big")
        block = bytes(16)
        for at in range(0, len(text), 16):
            block = aes.encrypt(bytes(x ^ y for x, y in zip(block, text[at:at + 16])))
        digest = block
        if digest_size > 16:
            digest += aes.encrypt(bytes(x ^ y for x, y in zip(block, (1).to_bytes(16, "big"))))
        modulus = radix ** (first if turn % 2 == 0 else second)
        a, b = b, (a + int.from_bytes(digest[:digest_size], "big")) % modulus
    out = []
    for value, count in ((b, second), (a, first)):
        for _ in range(count):
            out.append(value % radix)
            value //= radix
    return out[::-1]


def folded(text, collation=""):
    """Small letters for capitals, where Unicode has one for one, up to U+042F; and what some collations tell apart."""
    narrow = collation.startswith(("latin1_", "dec8_", "macroman_"))
    nordic = not narrow and re.search("_danish_|_(da|nb|nn)_0900_", collation)
    made = ""
    for at, letter in enumerate(text):
        known = letter < "\u0080" or "\u00c0" <= letter <= "\u00de" or "\u0100" <= letter <= "\u017f" \
            or "\u0391" <= letter <= "\u03a9" or "\u0400" <= letter <= "\u042f"
        stays = (narrow and letter in "\u0152\u0160\u0178\u017d") or (nordic and text[at - 1:at + 1] == "aA")
        lower = letter.lower()
        made += lower if known and not stays and len(lower) == 1 else letter
    return made


def in_range(value, bits, unsigned):
    return 0 <= value < 1 << bits if unsigned else -(1 << (bits - 1)) <= value < 1 << (bits - 1)


class Pseudonyms:
    """The pseudonyms of one key of [keys]."""

    def __init__(self, key, name):
        if len(key) < 32:
            raise ValueError("a key has 32 bytes or more")
        self.hash_key = self._derive(key, "hash", name)
        self.aes = Aes(self._derive(key, "permute", name))

    @staticmethod
    def _derive(key, use, name):
        return hmac.new(key, f"binlog-relay 1 {use} {name}".encode(), hashlib.sha256).digest()

    def digest(self, canonical):
        return hmac.new(self.hash_key, canonical, hashlib.sha256).digest()

    def permute_bits(self, bits, value):
        numerals = [value >> (bits - 1 - i) & 1 for i in range(bits)]
        return int("".join(map(str, ff1(self.aes, 2, numerals))), 2)

    def permute_digits(self, text):
        if len(text) == 1:
            value = "0" + text
            while True:
                value = "".join(map(str, ff1(self.aes, 10, [int(c) for c in value])))
                if value[0] == "0":
                    return value[1]
        return "".join(map(str, ff1(self.aes, 10, [int(c) for c in text])))

    def integer(self, value, bits, unsigned, encoding=""):
        """The numbers of `encoding`, an integer type, and those of SHARED stay among themselves."""
        ranges = [(bits, unsigned)]
        if encoding and parse_integer_type(encoding) not in ranges:
            ranges.append(parse_integer_type(encoding))
        if bits > SHARED[0]:
            ranges.append(SHARED)
        ranges.sort()

        def range_of(number):
            return next(each for each in ranges if in_range(number, *each))

        own = range_of(value)
        while True:
            value = self.permute_bits(own[0], value & ((1 << own[0]) - 1))
            value -= 1 << own[0] if not own[1] and value >> (own[0] - 1) else 0
            if range_of(value) == own:
                return value

    def text(self, value, encoding="", length=None, fold=False, collation="", room=255):
        """`length` in characters: the rule's, else that of the column where it is shorter than usual. `room`: the column's."""
        if fold:
            value = folded(value, collation)
        if encoding == "digits" and re.fullmatch("[0-9]{1,76}", value):
            return self.permute_digits(value)
        numbers = parse_integer_type(encoding) if encoding.split(" ")[0] in WIDTHS else None
        if not encoding and room >= 10:
            numbers = SHARED
        if numbers and re.fullmatch("0|-?[1-9][0-9]*", value) and in_range(int(value), *numbers):
            return str(self.integer(int(value), *numbers))
        bits = "".join(f"{byte:08b}" for byte in self.digest(value.encode()))
        if encoding == "hex":
            return self.digest(value.encode()).hex()[:length or 32]
        if encoding == "base64url":
            return "".join(BASE64[int(bits[i:i + 6], 2)] for i in range(0, 252, 6))[:length or 22]
        rest = "".join(BASE32[int(bits[i:i + 5], 2)] for i in range(4, 254, 5))
        return (BASE32[int(bits[:4], 2)] + rest)[:length or 26]

    def decimal(self, value, precision, scale):
        negative = value.startswith("-")
        whole, _, fraction = value.lstrip("-").partition(".")
        digits = whole.rjust(precision - scale, "0") + fraction.ljust(scale, "0")
        negative = negative and bool(digits.strip("0"))

        def is_shared(text):
            return scale == 0 and precision >= 10 and not negative and in_range(int(text), *SHARED)

        if is_shared(digits):
            digits = str(self.integer(int(digits), *SHARED)).rjust(precision, "0")
        else:
            while True:
                digits = self.permute_digits(digits)
                if not is_shared(digits) and (not negative or digits.strip("0")):
                    break
        whole, fraction = digits[:precision - scale], digits[precision - scale:]
        return ("-" if negative else "") + (whole.lstrip("0") or "0") + ("." + fraction if scale else "")

    def digits(self, value):
        """What the action `digits` makes of a text that has digits and the signs of numbers alone."""
        other = iter(self.permute_digits(re.sub("[^0-9]", "", value)))
        return "".join(next(other) if "0" <= sign <= "9" else sign for sign in value)

    def digits_of_integer(self, value, bits, unsigned):
        """What it makes of a number: one of as many digits and the same sign, that the type holds."""
        text = str(abs(value))
        while True:
            text = self.permute_digits(text)
            number = -int(text) if value < 0 else int(text)
            if (text[0] != "0" or len(text) == 1) and (number or value >= 0) and in_range(number, bits, unsigned):
                return number

    def binary(self, value, size=32):
        return self.digest(value)[:size]

    def uuid(self, value):
        made = bytearray(self.digest(value.lower().encode())[:16])
        made[6] = made[6] & 0x0f | 0x40
        made[8] = made[8] & 0x3f | 0x80
        text = made.hex()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def parse_integer_type(text):
    words = text.split(" ")
    return WIDTHS[words[0]], "unsigned" in words


def pseudonym(names, declared, value, encoding="", length=None, fold=False):
    """The pseudonym of a value, as text, in a column declared so; bytes and BIT as 0x..."""
    match = re.fullmatch(r"(\w+)(?:\((\d+)(?:,(\d+))?\))?(.*)", declared)
    kind, size, scale = match[1], int(match[2] or 0), int(match[3] or 0)
    unsigned = "unsigned" in match[4]
    if kind in WIDTHS:
        return str(names.integer(int(value), WIDTHS[kind], unsigned, encoding))
    if kind == "decimal":
        return names.decimal(value, size or 10, scale)
    if kind == "bit":
        return "0x" + format(names.permute_bits(size, int(value, 0)), "x").rjust((size + 7) // 8 * 2, "0")
    if kind == "uuid":
        return names.uuid(value)
    if kind in ("inet4", "inet6"):
        import ipaddress
        address = ipaddress.ip_address(value)
        return str(type(address)(names.permute_bits(address.max_prefixlen, int(address))))
    if kind.endswith(("binary", "blob")):
        room = min(size or 32, 32) if kind.endswith("binary") else 32
        data = bytes.fromhex(value[2:]) if value.startswith("0x") else value.encode()
        return "0x" + names.binary(data, length or room).hex()
    usual = {"hex": 32, "base64url": 22}.get(encoding, 26)
    room = size if kind.endswith("char") else usual
    collation = match[4].strip() if kind.endswith(("char", "text")) else ""
    return names.text(value, encoding, length or min(usual, room), fold, collation, size if kind.endswith("char") else 255)


def other_digits(names, declared, value):
    """What the action `digits` makes of a value, as text; None where it has another shape."""
    kind = re.match(r"\w+", declared)[0]
    if kind in WIDTHS:
        return str(names.digits_of_integer(int(value), WIDTHS[kind], "unsigned" in declared))
    return names.digits(value) if re.fullmatch("[0-9 +./():#,;-]*[0-9][0-9 +./():#,;-]*", value) else None


def options_of(action):
    """The options of `hash key=person length=10 fold=true`."""
    found = dict(re.findall(r'(\w+)=("[^"]*"|\S+)', action))
    return {name: value.strip('"') for name, value in found.items()}


def check_golden(path):
    wrong = count = 0
    for line in open(path, encoding="utf-8"):
        if line.startswith("#") or not line.strip():
            continue
        declared, action, before, after = line.rstrip("\n").split("\t")
        options = options_of(action)
        if not action.startswith(("hash", "digits")):
            continue
        names = Pseudonyms(options["key"].encode() * 8, options["key"])
        if action.startswith("digits"):
            made = other_digits(names, declared, before)
            if made is None:
                continue
        else:
            made = pseudonym(names, declared, before, options.get("encoding", ""), int(options.get("length", 0)) or None,
                             options.get("fold") == "true")
        count += 1
        if made != after:
            wrong += 1
            print(f"{declared} {action} {before}: {made}, and not {after}", file=sys.stderr)
    print(f"{count} pseudonyms, {wrong} wrong")
    return 1 if wrong or not count else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--golden", metavar="FILE")
    parser.add_argument("--key-file")
    parser.add_argument("--name", help="the key's name in [keys]")
    parser.add_argument("--type", default="varchar(255)", help="the column's type, as declared")
    parser.add_argument("--encoding", default="")
    parser.add_argument("--length", type=int)
    parser.add_argument("--fold", action="store_true")
    parser.add_argument("value", nargs="?")
    arguments = parser.parse_args()
    if arguments.golden:
        return check_golden(arguments.golden)
    if not arguments.key_file or not arguments.name or arguments.value is None:
        parser.error("--key-file, --name and a value are needed")
    with open(arguments.key_file, "rb") as file:
        key = file.read()
    line = re.sub(rb"\r?\n\Z", b"", key)
    if all(0x20 <= byte < 0x7f for byte in line):
        key = line
    names = Pseudonyms(key, arguments.name)
    print(pseudonym(names, arguments.type, arguments.value, arguments.encoding, arguments.length, arguments.fold))
    return 0


if __name__ == "__main__":
    sys.exit(main())
