"""Seals: what they keep from others, and when they open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.sealing import KeyTooShort, Seal, SealBroken

NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)
OLD, NEW = "the old key, longer than thirty-two", "the new key longer than thirty-two"
OLD = OLD.replace(",", "")


def test_what_was_sealed_opens_again_and_shows_nothing() -> None:
    sealed = Seal(OLD, "tokens").seal(b"xoxb-1", NOW)
    assert b"xoxb-1" not in sealed
    assert Seal(OLD, "tokens").open(sealed) == b"xoxb-1"


def test_the_first_key_seals_and_all_of_them_open() -> None:
    both = Seal(f"{NEW}, {OLD}", "tokens")
    assert both.open(Seal(OLD, "tokens").seal(b"before", NOW)) == b"before"
    assert Seal(NEW, "tokens").open(both.seal(b"after", NOW)) == b"after"
    with pytest.raises(SealBroken):
        Seal(OLD, "tokens").open(both.seal(b"after", NOW))


def test_one_purpose_never_opens_as_another() -> None:
    with pytest.raises(SealBroken):
        Seal(OLD, "states").open(Seal(OLD, "tokens").seal(b"x", NOW))


def test_a_changed_seal_is_broken() -> None:
    sealed = bytearray(Seal(OLD, "tokens").seal(b"x", NOW))
    sealed[-5] ^= 1
    with pytest.raises(SealBroken):
        Seal(OLD, "tokens").open(bytes(sealed))


@pytest.mark.parametrize(("seconds", "opens"), [(600, True), (601, False)])
def test_a_seal_may_run_out(seconds: int, opens: bool) -> None:
    seal = Seal(OLD, "states")
    sealed = seal.seal(b"x", NOW)
    then, within = NOW + timedelta(seconds=seconds), timedelta(minutes=10)
    if opens:
        assert seal.open(sealed, then, within) == b"x"
    else:
        with pytest.raises(SealBroken):
            seal.open(sealed, then, within)


@pytest.mark.parametrize("key", ["", "short", f"{OLD},short", " , "])
def test_a_key_that_can_be_guessed_is_no_key(key: str) -> None:
    with pytest.raises(KeyTooShort, match="32 or more"):
        Seal(key, "tokens")
