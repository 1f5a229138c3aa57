"""The search itself: every form of a token is found, wherever it stands in a file."""
import base64

import pytest

from support import leak

FORMS = {
    "as it is": lambda token: token.encode(),
    "upper case": lambda token: token.upper().encode(),
    "in hexadecimal": lambda token: token.encode().hex().encode(),
    "in upper hexadecimal": lambda token: token.encode().hex().upper().encode(),
    "utf-16-le": lambda token: token.encode("utf-16-le"),
    "utf-16-be": lambda token: token.encode("utf-16-be"),
    "utf-32-be": lambda token: token.encode("utf-32-be"),
    "reversed": lambda token: token[::-1].encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_token_is_found_and_named_in_every_form(form):
    canaries = leak.Canaries()
    token = [canaries.text() for _ in range(12)][-1]
    assert leak.Hunt(canaries, {}).in_bytes(b"x" + FORMS[form](token) + b"y") == {token}


@pytest.mark.parametrize("shift", range(3))
def test_base64_of_a_token_is_found_at_every_alignment(shift):
    canaries = leak.Canaries()
    data = base64.b64encode(b"?" * shift + canaries.text().encode() + b"?")
    assert leak.Hunt(canaries, {}).in_bytes(data) == {canaries.stem}


@pytest.mark.parametrize("offset", [0, (1 << 22) - 9, (1 << 22) - 1, 1 << 22, (1 << 23) + 5])
@pytest.mark.parametrize("filling", [b"\0", b"z"])
def test_tokens_are_found_anywhere_in_a_file(tmp_path, offset, filling):
    canaries = leak.Canaries()
    token, needle = canaries.text(), bytes(range(200, 209))
    path = tmp_path / "some" / "file"
    path.parent.mkdir()
    path.write_bytes(filling * offset + token.encode() + needle + filling * 5000)
    hunt = leak.Hunt(canaries, {"nine": (b"not there", needle)})
    assert hunt.in_folder(tmp_path) == {token: {path}, "nine": {path}}


def test_nothing_is_found_where_nothing_is():
    hunt = leak.Hunt(leak.Canaries(), {"nine": (b"not there",)})
    assert hunt.in_texts({"log": "a line", "other": leak.Canaries().text()}) == {}
    assert hunt.in_texts({"log": f"a {hunt.canaries.text()}"}).keys() == {f"{hunt.canaries.stem}x00001"}
