"""Canaries: unique tokens put where values must not leave, and the search for them."""
import base64
import pathlib
import secrets

_CHUNK = 1 << 22


class Canaries:
    """Hands out unique texts and numbers, and looks for all of them at once."""

    def __init__(self):
        self.stem = "cn" + secrets.token_hex(4)  # with its number 16 characters: the longest account name of MySQL 5.6
        self.count = 0

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
