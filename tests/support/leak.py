"""Canaries: unique tokens put where values must not leave, and the search for them."""
import base64
import pathlib
import re
import secrets

_CHUNK = 1 << 22
# Servers allocate ahead, so most of a data directory is zeros: shorter runs are no less, and searched in no time.
_ZEROS, _ZEROS_LEFT = re.compile(rb"\0{64,}"), bytes(64)
_NUMBER = 6  # characters of a token behind the stem


class Canaries:
    """Hands out unique texts and numbers, and looks for all of them at once."""

    def __init__(self):
        self.stem = "cn" + secrets.token_hex(4)  # with its number 16 characters: the longest account name of MySQL 5.6
        self.count = 0
        self._forms = {*self.forms(), self.stem[::-1].encode()}

    def text(self):
        self.count += 1
        return f"{self.stem}x{self.count:05d}"

    def forms(self):
        """How the stem could show up: as it is, upper case, in hex, base64 (each alignment), UTF-16."""
        stem = self.stem.encode()
        found = {stem, stem.upper(), stem.hex().encode(), stem.hex().upper().encode(), self.stem.encode("utf-16-le"),
                 self.stem.encode("utf-16-be"), self.stem.encode("utf-32-be")}
        for shift in range(3):
            text = base64.b64encode(b"\0" * shift + stem)
            found.add(text[4 if shift else 0:len(text) // 4 * 4 - 4])
        return found

    def tokens_in(self, data):
        """The tokens that `data` holds in any form; the stem alone where the form does not tell the number."""
        found = set()
        for form in self._forms:
            at = data.find(form)
            while at >= 0:
                number = self._number_at(data, at, form)
                whole = re.fullmatch(r"x\d{5}", number)
                # Big-endian text, a byte later, looks like little-endian text up to its last character.
                shifted = form == self.stem.encode("utf-16-le") and data[max(at - 1, 0):at] == b"\0"
                if whole or not shifted:
                    found.add(self.stem + number if whole else self.stem)
                at = data.find(form, at + 1)
        return found

    def _number_at(self, data, at, form):
        behind = data[at + len(form):at + len(form) + 4 * _NUMBER]
        if form == self.stem[::-1].encode():
            return data[max(at - _NUMBER, 0):at][::-1].decode("latin-1")
        if form.lower() == self.stem.encode().hex().encode():
            return _text_of_hex(behind[:2 * _NUMBER])
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-be"):
            if form == self.stem.encode(encoding):
                return behind.decode(encoding, "replace")[:_NUMBER]
        return behind[:_NUMBER].decode("latin-1").lower()

    def hits_in_bytes(self, data):
        return [form for form in self.forms() if form in data]

    def hits_in_folder(self, folder):
        """Files below `folder` that hold a canary, read in overlapping chunks."""
        forms = self.forms()
        overlap = max(len(form) for form in forms)
        hits = []
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and _file_has(path, forms, overlap):
                hits.append(path)
        return hits

    def assert_absent(self, *folders, texts=()):
        for folder in folders:
            hits = self.hits_in_folder(folder)
            assert not hits, f"personal data leaked: {self.stem} is in {[str(hit) for hit in hits]}"
        for text in texts:
            data = text if isinstance(text, bytes) else text.encode()
            assert not self.hits_in_bytes(data), f"personal data leaked into: {data[:300]!r}"

    def assert_present(self, folder):
        """The search itself must be able to find them: they are at the source."""
        assert self.hits_in_folder(folder), f"no canary in {folder}: the test put none, or the search is broken"


class Hunt:
    """Looks for text tokens in all their forms and for other tokens by the bytes that stand for them: {label: forms}."""

    def __init__(self, canaries, needles):
        self.canaries, self.needles = canaries, needles

    def in_bytes(self, data):
        return self.canaries.tokens_in(data) | {label for label, forms in self.needles.items() if any(form in data for form in forms)}

    def in_texts(self, texts):
        """{token: {where}}, of {where: text}."""
        return _by_token((where, self.in_bytes(text.encode() if isinstance(text, str) else text)) for where, text in texts.items())

    def in_folder(self, *folders):
        """{token: {path}} of everything below the folders."""
        files = (path for folder in folders for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file() and not path.is_symlink())
        return _by_token((path, self.in_file(path)) for path in files)

    def in_file(self, path):
        found, rest = set(), b""
        overlap = max([len(form) for forms in self.needles.values() for form in forms] + [256])
        try:
            with open(path, "rb") as file:
                while chunk := _ZEROS.sub(_ZEROS_LEFT, file.read(_CHUNK)):
                    found |= self.in_bytes(rest + chunk)
                    rest = chunk[-overlap:]
        except FileNotFoundError:  # a running server renames and deletes files
            pass
        return found


def _by_token(places):
    found = {}
    for place, tokens in places:
        for token in tokens:
            found.setdefault(token, set()).add(place)
    return found


def _text_of_hex(digits):
    try:
        return bytes.fromhex(digits.decode("latin-1")).decode("latin-1")
    except ValueError:
        return ""


def _file_has(path, forms, overlap):
    try:
        with open(path, "rb") as file:
            rest = b""
            while chunk := file.read(_CHUNK):
                data = rest + chunk
                if any(form in data for form in forms):
                    return True
                rest = data[-overlap:]
    except FileNotFoundError:  # a running server renames and deletes files
        pass
    return False
