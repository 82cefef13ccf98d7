"""回执证明 by the stand-alone verifier (docs/wire.md §12): what it says, which step fails, and that no changed bit survives."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courier_check.journal import merkle
from courier_check.journal.codes import JournalError
from courier_check.wire.proofs import ProofDocument, parse_proof, proof_text
from support.made_archives import FIRST, KINDS, World
from support.sample_journals import with_bit_changed

FOLDER = Path(__file__).parents[1] / "vectors" / "archives"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
ROOT = EXPECTED["root_fingerprint"]
SOUND, MOVED = (each["text"] for each in EXPECTED["proofs"])
Answered = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gateway") / "gateway.json"
    path.write_text(json.dumps(EXPECTED["gateway"]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def proved(verifier: ModuleType, gateway: Path) -> Answered:
    """The answer about one text. What the verifier did not foresee is a failure of the test."""

    def answered(text: str, **wanted: Any) -> dict[str, Any]:
        result: dict[str, Any] = verifier.told(Path("--proof"), verifier.Wanted(**{"root": ROOT, "gateway": gateway, **wanted}), text)
        assert result["code"] != "unexpected", result
        return result

    return answered


def document(text: str = SOUND) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(unpadded(text)))
    return found


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text[5:] + "=" * (-len(text[5:]) % 4))


def text_of(value: Any, *, level: int = 9) -> str:
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return packed(zlib.compress(written, level))


def packed(stream: bytes) -> str:
    return "CCP1:" + base64.urlsafe_b64encode(stream).decode().rstrip("=")


def test_the_vectors_are_told_as_they_must_be(proved: Answered) -> None:
    sound, moved = proved(SOUND), proved(MOVED)
    assert (sound["ok"], sound["root_compared"], sound["what"]) == (True, True, "proof")
    assert (sound["proof"]["seq"], sound["proof"]["entry"], sound["proof"]["station_id"]) == (5, document()["entry"], "zz-jinshui-01")
    assert (moved["ok"], moved["step"], moved["code"], moved["proof"]) == (False, "path", "bad-path", None)


@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_how_hard_it_was_compressed_does_not_matter(proved: Answered, level: int) -> None:
    assert proved(text_of(document(), level=level))["ok"]


@pytest.mark.parametrize(
    ("changes", "step", "code"),
    [
        ({"seq": 8}, "range", "not-covered"),
        ({"entry": "0" * 64}, "path", "bad-path"),
        ({"path": []}, "path", "bad-path"),
        ({"path": ["0" * 64] * 10}, "proof", "malformed"),
        ({"seq": 0}, "proof", "malformed"),
        ({"v": 2}, "proof", "version"),
        ({"kind": "receipt"}, "proof", "malformed"),
        ({"more": None}, "proof", "malformed"),
        ({"seq": 1.5}, "proof", "not-canonical"),
    ],
)
def test_the_step_that_fails_is_named(proved: Answered, changes: dict[str, Any], step: str, code: str) -> None:
    told = proved(text_of({**document(), **changes}))
    assert (told["ok"], told["step"], told["code"]) == (False, step, code)


def test_a_receipt_that_says_something_else_fails_at_its_signature(proved: Answered) -> None:
    value = document()
    value["receipt"]["body"] = value["receipt"]["body"].replace('"last_seq":7', '"last_seq":8')
    told = proved(text_of(value))
    assert (told["step"], told["code"]) == ("receipts", "bad-signature")


def test_it_is_believed_only_under_the_root_that_the_reader_knows(proved: Answered) -> None:
    told = proved(SOUND, root="0" * 32)
    assert (told["step"], told["code"]) == ("root", "foreign-root")
    free = proved(SOUND, root=None)
    assert (free["ok"], free["root"], free["root_compared"]) == (True, ROOT, False)


def test_another_gateways_certificates_prove_nothing(proved: Answered) -> None:
    told = proved(SOUND, root=None, gateway=FOLDER / "wrong-root.zip")
    assert (told["ok"], told["step"]) == (False, "receipts")


@pytest.mark.parametrize("name", ["export.zip", "bundle.zip", "answers.zip", "gateway-export.zip"])
def test_the_certificates_may_come_out_of_any_archive_of_that_gateway(proved: Answered, name: str) -> None:
    assert proved(SOUND, gateway=FOLDER / name)["ok"]


def test_without_certificates_it_is_said_what_is_needed(proved: Answered, tmp_path: Path) -> None:
    told = proved(SOUND, gateway=None)
    assert (told["ok"], told["step"], told["code"]) == (False, None, "no-gateway")
    assert proved(SOUND, gateway=tmp_path / "nothing")["code"] == "no-file"
    (tmp_path / "torn.zip").write_bytes((FOLDER / "export.zip").read_bytes()[:900])
    assert proved(SOUND, gateway=tmp_path / "torn.zip")["step"] == "file"


def test_no_changed_bit_of_a_proof_survives(proved: Answered) -> None:
    """Every bit of the text, as bytes of a file would carry it; the program refuses the same."""
    written, survivors = SOUND.encode(), []
    for bit in range(len(written) * 8):
        changed = with_bit_changed(written, bit).decode("utf-8", "replace")
        if proved(changed)["ok"]:
            survivors.append(bit)
    assert survivors == []


def test_filling_bits_that_are_not_zero_are_refused_by_both_readers(proved: Answered) -> None:
    stream = unpadded(SOUND)
    filled = packed(stream[:-5] + bytes([stream[-5] | 0x80]) + stream[-4:])
    assert zlib.decompress(unpadded(filled)) == zlib.decompress(stream)  # it says the same
    assert (proved(filled)["step"], proved(filled)["code"]) == ("proof", "not-canonical")
    with pytest.raises(JournalError):
        parse_proof(filled)


@given(st.integers(1, 10**15), st.integers(0, 9), st.integers(0, 9), st.binary(min_size=32, max_size=32))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_honest_stream_is_taken_for_one_with_other_filling(
    verifier: ModuleType, seq: int, level: int, depth: int, digest: bytes
) -> None:
    value = {**document(), "seq": seq, "entry": digest.hex(), "path": [digest[::-1].hex()] * depth}
    assert verifier.proof_document(text_of(value, level=level)) == value
    assert parse_proof(text_of(value, level=level)).seq == seq


@given(st.one_of(st.text(), st.text().map("CCP1:".__add__), st.binary().map(packed), st.binary().map(zlib.compress).map(packed)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_more_than_refused(proved: Answered, text: str) -> None:
    assert not proved(text)["ok"]


def test_a_text_that_unpacks_without_end_is_refused(proved: Answered) -> None:
    assert proved(packed(zlib.compress(b" " * 50_000_000, 9)))["code"] == "not-proof"


# --- the command


def commanded(verifier: ModuleType, *words: str | Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = verifier.main([str(word) for word in words])
    return status, out.getvalue(), err.getvalue()


def test_text_and_file_are_told_alike(verifier: ModuleType, gateway: Path, tmp_path: Path) -> None:
    file = tmp_path / "proof.txt"
    file.write_bytes(b"\xef\xbb\xbf" + SOUND.encode() + b"\r\n")  # as an editor on Windows saves it
    for words in (["--proof", SOUND], ["--proof", file], [file]):
        status, text, _ = commanded(verifier, *words, "--gateway", gateway, "--root", ROOT)
        assert (status, text.split()[0]) == (0, "通过")
        assert "网关 gw-test 持有条目" in text
        assert ROOT in text
    status, lines, _ = commanded(verifier, "--json", "--gateway", gateway, "--proof", MOVED, file, FOLDER / "export.zip")
    told = [json.loads(line) for line in lines.splitlines()]
    assert (status, [each["ok"] for each in told]) == (1, [False, True, True])
    assert told[0]["reason"]
    status, text, _ = commanded(verifier, "--lang", "en", "--gateway", gateway, file)
    assert (status, text.split()[0], text.isascii()) == (0, "HOLDS", True)
    status, text, _ = commanded(verifier, "--proof", MOVED, "--gateway", gateway)
    assert (status, "不通过" in text, "步骤：默克尔路径（path）" in text) == (1, True, True)


@pytest.mark.parametrize("revoked", [False, True])
def test_it_says_whether_the_entry_was_received_after_a_revocation(verifier: ModuleType, tmp_path: Path, revoked: bool) -> None:
    world = World()
    journal = world.journal(FIRST, "revoked", KINDS)
    hashes = [bytes.fromhex(each) for each in journal.hashes(1, 7)]
    path = tuple(each.hex() for each in merkle.path(hashes, 4))
    receipt = world.receipt(journal, 1, 7, after_revocation=revoked)
    text = proof_text(ProofDocument(seq=5, entry=hashes[4].hex(), path=path, receipt=receipt))
    gateway = tmp_path / "gateway.json"
    gateway.write_bytes(msgspec.json.encode(world.gateway.document()))
    for language, words in (("zh", "吊销后收到"), ("en", "received after the station was revoked")):
        status, told, _ = commanded(verifier, "--lang", language, "--proof", text, "--gateway", gateway)
        assert (status, words in told) == (0, revoked), told
    status, line, _ = commanded(verifier, "--json", "--proof", text, "--gateway", gateway)
    assert (status, json.loads(line)["proof"]["after_revocation"]) == (0, revoked)


def test_what_can_not_be_verified_is_one_sentence(verifier: ModuleType, gateway: Path, tmp_path: Path) -> None:
    for words in ([], ["--proof", SOUND], ["--proof", tmp_path / "nothing", "--gateway", gateway], ["--proof", "\0", "--gateway", gateway]):
        status, out, err = commanded(verifier, *words)
        assert (status, out) == (2, "")
        assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_the_file_alone_verifies_a_proof(script: Path, gateway: Path) -> None:
    command = [sys.executable, "-I", str(script), "--proof", SOUND, "--root", ROOT, "--gateway", str(gateway)]
    done = subprocess.run(command, capture_output=True, cwd=script.anchor, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith("通过")
