"""Invented numbers that pass, or just fail, the checks of the real ones. Nobody's: the dates and serial numbers are random."""
import string


def _closing(digits, weights):
    """The digit that makes the weighted sum a multiple of eleven; None where no single digit does."""
    rest = -sum(weight * int(digit) for weight, digit in zip(weights, digits)) % 11
    return None if rest == 10 else str(rest)


_FIRST, _SECOND = (3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def national_id(rnd, d_number=False):
    """A fødselsnummer, or a D-number, of 11 digits."""
    while True:
        day = rnd.randint(1, 28) + (40 if d_number else 0)
        digits = f"{day:02d}{rnd.randint(1, 12):02d}{rnd.randint(0, 99):02d}{rnd.randint(0, 999):03d}"
        first = _closing(digits, _FIRST)
        second = first and _closing(digits + first, _SECOND)
        if second:
            return digits + first + second


def no_national_id(rnd):
    """11 digits with a date in front and wrong control digits, for accounts too."""
    right = national_id(rnd)
    return right[:-1] + str((int(right[-1]) + rnd.randint(1, 9)) % 10)


def account(rnd):
    while True:
        digits = f"{rnd.randrange(9000, 9999)}{rnd.randrange(10 ** 6):06d}"
        last = _closing(digits, _SECOND)
        if last:
            return digits + last


def organisation(rnd):
    while True:
        digits = rnd.choice("89") + f"{rnd.randrange(10 ** 7):07d}"
        last = _closing(digits, (3, 2, 7, 6, 5, 4, 3, 2))
        if last:
            return digits + last


def card(rnd):
    digits = rnd.choice("45") + f"{rnd.randrange(10 ** 14):014d}"
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(digits))
    return digits + str(-total % 10)


def iban(rnd):
    bban = account(rnd)
    country = "".join(str(string.ascii_uppercase.index(letter) + 10) for letter in "NO")
    return f"NO{98 - int(bban + country + '00') % 97:02d}{bban}"


def ean(rnd):
    """The number of a product: 13 digits with a check digit of their own."""
    digits = f"70{rnd.randrange(10 ** 10):010d}"
    total = sum(int(digit) * (1 + 2 * (at % 2)) for at, digit in enumerate(digits))
    return digits + str(-total % 10)


def swedish_id(rnd):
    """A personnummer: a date, three digits and the check digit of Luhn."""
    digits = f"{rnd.randint(0, 99):02d}{rnd.randint(1, 12):02d}{rnd.randint(1, 28):02d}{rnd.randint(0, 999):03d}"
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(digits))
    return digits + str(-total % 10)


def danish_id(rnd):
    """A CPR number of the years when all had a control digit."""
    while True:
        digits = f"{rnd.randint(1, 28):02d}{rnd.randint(1, 12):02d}{rnd.randint(0, 99):02d}{rnd.randint(0, 999):03d}"
        last = _closing(digits, (4, 3, 2, 7, 6, 5, 4, 3, 2))
        if last:
            return digits + last
