"""Every row of the catalogue is there, whole, and honest about what it rests on."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from alerts.evidence import Evidence
from alerts.indicators import Cadence, Indicator, Section, catalogue, presets
from alerts.indicators.balance_sheet import EX_LEASE, WITH_ALL_LEASES, WITH_FINANCE_LEASES
from alerts.indicators.statement_lines import FIVE
from alerts.reading import Missing, Reading, Status
from alerts.sources.facts import shipped_facts
from alerts.sources.record import Record
from bot.commands.why import meaning
from bot.locales import LANGUAGES, translator
from bot.locales.messages import VIEWS, definitions
from bot.words import amount, day, name_of
from tests.indicators.a_made_up_world import made_up

AUTOMATIC = [
    "nvidia_market_cap",
    "nvidia_market_cap_change_4m",
    "nvidia_gdp_rank",
    "nvidia_quarterly_revenue",
    "alphabet_market_cap",
    "implied_asset_life",
    "depreciation_gap",
    "capex_to_depreciation",
    "palantir_price_to_sales",
    "nvidia_cisco_analogue",
    "nvidia_private_stakes",
    "nvidia_receivable_inventory_days",
    "oracle_debt",
    "oracle_interest_to_income",
    "oracle_interest_coverage",
    "oracle_backlog_to_revenue",
    "coreweave_debt",
    "coreweave_interest_to_revenue",
    "hyperscaler_debt",
    "new_debt_to_capex",
    "hyperscaler_capex",
    "hyperscaler_capex_with_oracle",
    "hyperscaler_capex_growth",
    "hyperscaler_free_cash_flow",
    "capex_to_cash_flow",
    "hyperscaler_leases",
    "unrecorded_commitments",
    "high_yield_spread",
    "investment_grade_spread",
    "top5_weight",
    "ai_basket_return",
    "sp500_return_since_chatgpt",
    "ex_ai_return",
    "ai_share_of_year_gain",
    "sp500_year_to_date",
    "sp500_five_year",
    "sp500_drawdown",
    "equal_to_cap_weight",
    "us_against_world",
    "tech_share_of_gdp_growth",
    "gdp_growth_without_tech",
    "top_decile_stock_share",
    "hyperscaler_operating_income_growth",
    "hyperscaler_interest_coverage",
    "nvidia_gross_margin",
]
BY_HAND = [
    "openai_commitments_to_revenue",
    "nvidia_vendor_financing",
    "burry_and_berkshire_positions",
    "stated_server_life",
    "data_centre_spend_2028",
    "deal_ledger",
    "top_decile_spending_share",
    "openai_annualised_revenue",
    "openai_valuation",
    "venture_capital_ai_share",
    "corporate_ai_budget",
    "ai_adoption",
    "data_centre_utilisation",
    "nvidia_two_year_sales",
    "nvidia_growth_ex_china",
    "chip_release_cadence",
    "policy_events",
]
# What only feeds give: the record may not hold it, or does not.
ONLY_LIVE = {
    "implied_asset_life",
    "depreciation_gap",
    "nvidia_cisco_analogue",
    "high_yield_spread",
    "tech_share_of_gdp_growth",
    "gdp_growth_without_tech",
    "hyperscaler_interest_coverage",
}


def test_all_rows_are_there_41_automatic_and_17_by_hand() -> None:
    assert set(AUTOMATIC) | set(BY_HAND) <= set(catalogue())
    assert len(BY_HAND) == 17


@pytest.mark.parametrize(
    "key", ["hyperscaler_debt", "hyperscaler_free_cash_flow", "capex_to_cash_flow"]
)
def test_what_is_shown_by_company_is_there_for_every_hyperscaler(key: str) -> None:
    assert {f"{key}.{ticker}" for ticker in FIVE} <= set(catalogue())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("indicator", catalogue().values(), ids=lambda i: i.key)
def test_an_indicator_says_everything_about_itself_in_each_language(
    indicator: Indicator, language: str
) -> None:
    """Name, meaning, unit, definition, doubt, lines, and what the article said, when and where."""
    t = translator(language)
    said = [name_of(indicator, t), meaning(indicator, t), t(indicator.formula), t(indicator.caveat)]
    assert all(said)
    if indicator.claim is not None:
        said.append(t(indicator.claim.says))
        assert indicator.claim.url.startswith("https://")
        assert day(indicator.claim.on, t)
    if language != "en":
        # Some names are Latin in every language: those of companies.
        assert all(re.search("[\u3400-\u9fff]", text) for text in said), said
    assert amount(Decimal(1), indicator.unit, t)
    for line in indicator.lines:
        assert line.preset in {"article", "heat", "crack"}
        line.measure.unit(indicator.unit).to_fixed(line.line)
        assert t(line.level.value)
    assert indicator.needs


def test_every_reading_names_its_parts() -> None:
    """Each with its value, its unit, its day and its source; a fund's list and a cap are whole."""
    for key, indicator in catalogue().items():
        readings = [r for r in indicator.series(made_up()) if isinstance(r, Reading)]
        assert readings, key
        assert all(part.source and part.name for part in readings[-1].parts), key
        assert readings[-1].parts, key


def test_every_section_has_indicators_and_every_preset_all_three_levels() -> None:
    assert {indicator.section for indicator in catalogue().values()} == set(Section)
    assert set(presets()) == {"article", "heat", "crack"}
    for preset in ("heat", "crack"):
        assert len({line.level for _, line in presets()[preset]}) == 3


def test_without_any_evidence_nothing_is_made_up_and_nothing_stumbles() -> None:
    for indicator in catalogue().values():
        assert not [r for r in indicator.series(Evidence()) if isinstance(r, Reading)]


def test_from_the_record_alone_every_row_has_a_value_that_may_have_one() -> None:
    evidence = Record().evidence
    without = {
        key
        for key in (*AUTOMATIC, *BY_HAND)
        if not any(isinstance(r, Reading) for r in catalogue()[key].series(evidence))
    }
    assert without == ONLY_LIVE


def test_a_value_that_is_missing_says_why() -> None:
    evidence = Record().evidence
    for indicator in catalogue().values():
        for reading in indicator.series(evidence):
            if isinstance(reading, Missing):
                assert reading.reason
                assert not reading.reason.endswith(".")


def test_every_reading_is_in_order_and_has_its_source_and_unit() -> None:
    evidence = Record().evidence
    for indicator in catalogue().values():
        series = indicator.series(evidence)
        assert [r.as_of for r in series] == sorted(r.as_of for r in series), indicator.key
        for reading in series:
            if isinstance(reading, Reading):
                assert (reading.indicator, reading.unit) == (indicator.key, indicator.unit)
                assert reading.source_url.startswith("https://"), indicator.key
                assert reading.period_end <= reading.as_of.date(), indicator.key


def test_facts_by_hand_are_manual_and_as_old_as_their_review_date_says() -> None:
    evidence = Record().evidence
    for key in BY_HAND:
        indicator = catalogue()[key]
        assert indicator.cadence is Cadence.OCCASION
        readings = [r for r in indicator.series(evidence) if isinstance(r, Reading)]
        assert {reading.status for reading in readings} == {Status.MANUAL}
        assert all("to be reviewed after" in (reading.note or "") for reading in readings)


def test_no_shipped_fact_is_good_for_longer_than_its_indicator_stays_fresh() -> None:
    longest = {
        need.subject: indicator.stale_after
        for indicator in catalogue().values()
        for need in indicator.needs
        if need.kind == "stated" and indicator.key != "depreciation_gap"
    }
    for key, history in shipped_facts().items():
        for fact in history.facts:
            assert fact.source_url.startswith("https://")
            assert fact.entered_by
            # A ledger entry or a part of a sum may be reviewed sooner than its indicator ages.
            assert fact.review_after - fact.day <= longest[key], key


def test_every_definition_and_view_that_is_said_can_be_translated() -> None:
    known = {*definitions(), *VIEWS, EX_LEASE, WITH_FINANCE_LEASES, WITH_ALL_LEASES}
    said: set[str] = set()
    evidence = Record().evidence
    for indicator in catalogue().values():
        for reading in indicator.series(evidence):
            if isinstance(reading, Reading):
                said |= {reading.definition, *(view.name for view in reading.views)}
    assert said <= known
