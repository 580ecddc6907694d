"""Company facts, over a real HTTP client."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.clock import SetClock
from alerts.evidence import CompanyFacts, Evidence, Origin, statements
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.sec import CIKS, SecSource, read_company_facts
from tests.emulators.sec import ORACLE, ORACLE_AUGUST_2025, Filed, SecEmulator
from tests.sources.conftest import utc

NVIDIA = 1045810
SHARED = Path(__file__).parents[3] / "shared" / "data"
REAL_FACTS = SHARED / "companyfacts_CIK0001045810_as_of_2025-11-30.json"

DEBT = (
    "us-gaap:NotesPayableCurrent",
    "us-gaap:LongTermNotesAndLoans",
    "us-gaap:LongTermNotesPayable",
)
TAGS = (
    *DEBT,
    "us-gaap:FinanceLeaseLiability",
    "us-gaap:OperatingLeaseLiability",
    "us-gaap:Revenues",
    "us-gaap:NetIncomeLoss",
    "dei:EntityCommonStockSharesOutstanding",
)
ORCL, NVDA = statements("ORCL"), statements("NVDA")
NVIDIA_REVENUE = Filed(
    "us-gaap:Revenues",
    date(2025, 10, 26),
    57_006_000_000,
    date(2025, 11, 19),
    start=date(2025, 7, 28),
)


class CountingClock(SetClock):
    """Stands still, and notes how long others wanted to wait."""

    def __init__(self) -> None:
        super().__init__(utc("2025-11-30 12:00"))
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await super().sleep(seconds)


@pytest.fixture
def clock() -> CountingClock:
    return CountingClock()


@pytest.fixture
def sec() -> Iterator[SecEmulator]:
    facts = {ORACLE: ORACLE_AUGUST_2025, NVIDIA: (NVIDIA_REVENUE,)}
    with SecEmulator(facts=facts) as emulator:
        yield emulator


class Sources:
    """Makes sources that ask the same emulator and share a cache, and closes them."""

    def __init__(self, sec: SecEmulator, clock: SetClock, cache: Path) -> None:
        self._sec, self._clock, self._cache = sec, clock, cache
        self._made: list[SecSource] = []

    def make(
        self, contact: str | None = "owner@example.org", tags: tuple[str, ...] = TAGS
    ) -> SecSource:
        source = SecSource(
            self._sec.url,
            contact,
            tags,
            self._cache,
            self._clock,
            chance=random.Random(1),
            timeout=timedelta(seconds=0.5),
        )
        self._made.append(source)
        return source

    async def close(self) -> None:
        for source in self._made:
            await source.close()


@pytest.fixture
async def sources(sec: SecEmulator, clock: CountingClock, tmp_path: Path) -> AsyncIterator[Sources]:
    made = Sources(sec, clock, tmp_path)
    yield made
    await made.close()


@pytest.fixture
def source(sources: Sources) -> SecSource:
    return sources.make()


def facts_of(collected: Collected, ticker: str = "ORCL") -> CompanyFacts:
    answer = collected.evidence.of(statements(ticker))
    assert answer is not None
    return answer


async def test_oracles_balance_sheet_arrives_as_filed(
    source: SecSource, clock: CountingClock
) -> None:
    collected = await source.collect([ORCL], Evidence())
    facts = facts_of(collected).by_tag
    debt = sum(fact.value for tag in DEBT for fact in facts.get(tag, ()))
    assert debt == Decimal(91_315_000_000)
    (lease,) = facts["us-gaap:FinanceLeaseLiability"]
    assert (lease.unit, lease.start, lease.form) == ("USD", None, "10-Q")
    assert (lease.end, lease.filed) == (date(2025, 8, 31), date(2025, 9, 10))
    assert lease.accession.startswith("0000000000-25-")
    url = "https://data.sec.gov/api/xbrl/companyfacts/CIK0001341439.json"
    assert lease.origin == Origin("sec", url, clock.now())


async def test_the_request_names_the_operator_and_takes_gzip(
    source: SecSource, sec: SecEmulator
) -> None:
    await source.collect([ORCL], Evidence())
    (seen,) = sec.requests
    assert seen.headers["User-Agent"] == "bubblewatch/0.1 (owner@example.org)"
    assert seen.headers["Accept-Encoding"] == "gzip"


async def test_without_a_contact_the_refusal_says_what_is_missing_and_is_not_provoked_again(
    sources: Sources, sec: SecEmulator, clock: CountingClock
) -> None:
    with pytest.raises(
        SourceUnavailable, match=r"\(403\); the SEC wants the operator's contact"
    ) as caught:
        await sources.make(contact=None).collect([ORCL, NVDA], Evidence())
    assert len(sec.requests) == 1
    assert caught.value.retry_at == clock.now() + timedelta(minutes=15)


def test_it_supplies_the_filers_of_the_catalogue(source: SecSource) -> None:
    assert all(source.supplies(statements(ticker)) for ticker in CIKS)
    assert not source.supplies(statements("SAP"))


async def test_facts_that_nobody_reads_and_forms_that_are_no_reports_are_dropped(
    source: SecSource, sec: SecEmulator
) -> None:
    def income(form: str) -> Filed:
        return Filed(
            "us-gaap:NetIncomeLoss",
            date(2025, 5, 31),
            12_443_000_000,
            date(2025, 9, 30),
            form=form,
            accession=f"of a {form}",
        )

    reports = ["10-K", "10-K/A", "10-Q", "10-Q/A"]
    bond = Filed("us-gaap:DebtInstrumentCarryingAmount", date(2025, 8, 31), 18, date(2025, 9, 10))
    others = ["DEF 14A", "8-K", "S-3", "10-KT"]
    sec.set_facts(ORACLE, (*ORACLE_AUGUST_2025, bond, *map(income, (*others, *reports))))
    collected = await source.collect([ORCL], Evidence())
    by_tag = facts_of(collected).by_tag
    assert bond.tag not in by_tag
    assert sorted(fact.form for fact in by_tag["us-gaap:NetIncomeLoss"]) == reports
    assert collected.rejected == ()


async def test_what_no_formula_may_see_is_rejected_with_a_reason(
    source: SecSource, sec: SecEmulator
) -> None:
    end, filed = date(2025, 8, 31), date(2025, 9, 10)
    revenues = "us-gaap:Revenues"
    sec.set_facts(
        ORACLE,
        (
            *ORACLE_AUGUST_2025,
            Filed(revenues, end, float("nan"), filed),
            Filed(revenues, end, float("inf"), filed),
            Filed(revenues, end, "14926000000", filed),
            Filed(revenues, end, True, filed),
            Filed(revenues, end, None, filed),
            Filed(revenues, end, 1, date(2025, 12, 10)),
            Filed(revenues, date(2025, 11, 30), 1, filed),
            Filed(revenues, end, 1, filed, start=date(2025, 9, 1)),
        ),
    )
    collected = await source.collect([ORCL], Evidence())
    assert revenues not in facts_of(collected).by_tag
    assert [reason.partition("left out: ")[2] for reason in collected.rejected] == [
        *["its value is not a number"] * 5,
        "it claims to be filed on 2025-12-10, which is still to come",
        "it was filed on 2025-09-10, before the day that it is about",
        "its period ends before it starts on 2025-09-01",
    ]
    assert collected.rejected[0].startswith("ORCL: us-gaap:Revenues for 2025-08-31")


async def test_values_with_a_fraction_stay_exact(source: SecSource, sec: SecEmulator) -> None:
    rows = (Filed("us-gaap:Revenues", date(2025, 8, 31), 0.1, date(2025, 9, 10)),)
    sec.set_facts(ORACLE, rows)
    (fact,) = facts_of(await source.collect([ORCL], Evidence())).facts
    assert fact.value == Decimal("0.1")


async def test_a_company_is_asked_for_once_a_day_when_edgar_has_closed(
    source: SecSource, sec: SecEmulator, clock: CountingClock
) -> None:
    clock.set(utc("2025-11-19 15:00"))
    known = (await source.collect([ORCL], Evidence())).evidence
    for again in range(1, 6):
        clock.set(utc("2025-11-20 03:14") + timedelta(days=again - 1))
        between = await source.collect([ORCL], known)
        assert not between.evidence
        assert not between.unmet
        assert len(sec.requests) == again
        clock.set(clock.now() + timedelta(minutes=31))
        await source.collect([ORCL], known)
        assert len(sec.requests) == again + 1


async def test_an_unchanged_page_is_not_sent_twice_even_after_a_restart(
    sources: Sources, sec: SecEmulator
) -> None:
    known = (await sources.make().collect([ORCL], Evidence())).evidence
    collected = await sources.make().collect([ORCL], known)
    assert "If-None-Match" in sec.requests[-1].headers
    assert "If-Modified-Since" in sec.requests[-1].headers
    assert not collected.evidence
    assert not collected.unmet


async def test_a_page_whose_facts_were_never_stored_is_fetched_in_full(
    sources: Sources, sec: SecEmulator
) -> None:
    await sources.make().collect([ORCL], Evidence())
    again = await sources.make().collect([ORCL], Evidence())
    assert "If-None-Match" not in sec.requests[-1].headers
    assert facts_of(again).facts


async def test_a_newly_wanted_tag_fetches_the_page_in_full(
    sources: Sources, sec: SecEmulator
) -> None:
    early = sources.make(tags=DEBT)
    known = (await early.collect([ORCL], Evidence())).evidence
    collected = await sources.make().collect([ORCL], known)
    assert "If-None-Match" not in sec.requests[-1].headers
    assert set(facts_of(collected).by_tag) == {
        "us-gaap:FinanceLeaseLiability",
        "us-gaap:OperatingLeaseLiability",
    }


async def test_only_new_facts_come_with_a_new_filing_and_under_a_new_tag_too(
    sources: Sources, sec: SecEmulator
) -> None:
    known = (await sources.make().collect([ORCL], Evidence())).evidence
    restated = Filed(
        "us-gaap:NotesPayableCurrent", date(2025, 8, 31), 9_080_000_000, date(2025, 11, 28)
    )
    switched = Filed("us-gaap:LongTermNotesPayable", date(2025, 11, 28), 99, date(2025, 11, 28))
    sec.set_facts(ORACLE, (*ORACLE_AUGUST_2025, restated, switched))
    fresh = facts_of(await sources.make().collect([ORCL], known)).facts
    assert {(fact.tag, fact.value, fact.filed) for fact in fresh} == {
        ("us-gaap:NotesPayableCurrent", Decimal(9_080_000_000), date(2025, 11, 28)),
        ("us-gaap:LongTermNotesPayable", Decimal(99), date(2025, 11, 28)),
    }


async def test_a_fact_from_the_future_is_taken_when_its_day_has_come(
    sources: Sources, sec: SecEmulator, clock: CountingClock
) -> None:
    tomorrow = Filed("us-gaap:Revenues", date(2025, 11, 30), 16, date(2025, 12, 10))
    sec.set_facts(ORACLE, (*ORACLE_AUGUST_2025, tomorrow))
    known = (await sources.make().collect([ORCL], Evidence())).evidence
    clock.set(utc("2025-12-10 22:00"))
    (fact,) = facts_of(await sources.make().collect([ORCL], known)).facts
    assert fact.value == 16


async def test_requests_leave_half_a_second_between_them(
    source: SecSource, clock: CountingClock, sec: SecEmulator
) -> None:
    await source.collect([ORCL, NVDA], Evidence())
    assert len(sec.requests) == 2
    assert clock.waits == [0.5]


async def test_a_failing_company_leaves_the_others_alone(
    source: SecSource, sec: SecEmulator
) -> None:
    sec.cut_off(where="0001045810")
    collected = await source.collect([NVDA, ORCL], Evidence())
    assert facts_of(collected).facts
    ((need, reason),) = collected.unmet.items()
    assert need.subject == "NVDA"
    assert "sent a page that is no company facts" in reason


async def test_a_company_that_failed_is_unmet_until_it_answers(
    source: SecSource, sec: SecEmulator, clock: CountingClock
) -> None:
    sec.answer_with(500, where="0001045810", times=1)
    known = (await source.collect([NVDA, ORCL], Evidence())).evidence
    collected = await source.collect([NVDA, ORCL], known)
    assert len(sec.requests) == 2
    assert [need.subject for need in collected.unmet] == ["NVDA"]
    clock.set(clock.now() + timedelta(minutes=30))
    collected = await source.collect([NVDA, ORCL], known)
    assert facts_of(collected, "NVDA").facts
    assert not collected.unmet


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, "", "no company facts"),
        (200, "<html>maintenance</html>", "no company facts"),
        (200, "[]", "does not carry the company's number"),
        (200, '{"cik": 1045810, "facts": {}}', "does not carry the company's number"),
        (200, '{"cik": 1341439, "facts": {}}', "has filed none of the wanted figures"),
        (200, '{"cik": 1341439, "facts": []}', "has filed none of the wanted figures"),
        (404, "", r"no such page \(404\)"),
        (502, "", r"in trouble \(502\)"),
        (429, "", r"fewer requests \(429\)"),
    ],
)
async def test_nonsense_is_told_and_gives_no_facts(
    source: SecSource, sec: SecEmulator, status: int, body: str, reason: str
) -> None:
    sec.answer_with(status, body, content_type="application/json")
    with pytest.raises(SourceUnavailable, match=reason):
        await source.collect([ORCL], Evidence())
    with pytest.raises(SourceUnavailable, match=reason):
        await source.collect([ORCL], Evidence())
    assert len(sec.requests) == 1


async def test_after_a_refusal_the_other_companies_are_not_asked(
    source: SecSource, sec: SecEmulator, clock: CountingClock
) -> None:
    sec.answer_with(429, headers={"Retry-After": "7200"})
    with pytest.raises(SourceUnavailable) as caught:
        await source.collect([ORCL, NVDA], Evidence())
    assert caught.value.retry_at == clock.now() + timedelta(hours=2)
    assert len(sec.requests) == 1


async def test_three_server_errors_in_a_row_open_the_circuit(
    source: SecSource, sec: SecEmulator, clock: CountingClock
) -> None:
    sec.answer_with(500)
    needs = [ORCL, NVDA, statements("MSFT"), statements("AMZN")]
    with pytest.raises(SourceUnavailable) as caught:
        await source.collect(needs, Evidence())
    assert len(sec.requests) == 3
    assert caught.value.retry_at == clock.now() + timedelta(minutes=15)


async def test_silence_costs_one_timeout_not_one_a_company(
    source: SecSource, sec: SecEmulator
) -> None:
    sec.hang()
    with pytest.raises(SourceUnavailable, match=r"did not answer within 0\.5 s"):
        await source.collect([ORCL, NVDA], Evidence())
    assert len(sec.requests) == 1


@pytest.mark.skipif(not REAL_FACTS.exists(), reason="../shared/data is not beside this checkout")
def test_nvidias_real_facts_hold_its_published_quarter() -> None:
    origin = Origin("sec", "https://data.sec.gov/", utc("2025-11-30 12:00"))
    filings = read_company_facts(
        REAL_FACTS.read_bytes(), NVIDIA, frozenset(TAGS), origin, date(2025, 11, 30)
    )
    facts = CompanyFacts(()).merge(CompanyFacts(filings.facts)).by_tag
    (quarter,) = [
        fact
        for fact in facts["us-gaap:Revenues"]
        if fact.start == date(2025, 7, 28) and fact.end == date(2025, 10, 26)
    ]
    assert quarter.value == Decimal(57_006_000_000)
    assert facts["dei:EntityCommonStockSharesOutstanding"][-1].value == Decimal(24_300_000_000)
    assert filings.rejected == ()
