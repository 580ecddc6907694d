"""The pages in a real browser: readable by everyone, on every screen, in every language.

`BUBBLEWATCH_PICTURES=1` also renews the screenshots in docs/pictures/web.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.async_api import Browser, FloatRect, Page, async_playwright

from bot.durability import Fleeting
from tests.web.conftest import House, OpenHouse

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures" / "web"

DESK, PHONE = (1280, 900), (390, 844)
Scheme = Literal["light", "dark"]
VIEWS: dict[str, list[tuple[str, str, tuple[int, int], Scheme, str]]] = {
    "first page on a desk": [
        ("desk-light-en", "/", DESK, "light", "en"),
        ("desk-dark-zh_Hant", "/", DESK, "dark", "zh_Hant"),
        ("desk-light-zh_Hans", "/", DESK, "light", "zh_Hans"),
    ],
    "first page on a phone": [
        ("phone-dark-en", "/", PHONE, "dark", "en"),
        ("phone-light-zh_Hant", "/", PHONE, "light", "zh_Hant"),
        ("phone-dark-zh_Hans", "/", PHONE, "dark", "zh_Hans"),
    ],
    "other pages": [
        ("indicator-desk-dark-en", "/indicators/hyperscaler_debt", DESK, "dark", "en"),
        ("indicator-phone-light-zh_Hans", "/indicators/nvidia_market_cap", PHONE, "light",
         "zh_Hans"),
        ("unknown-desk-light-en", "/indicators/venture_capital_ai_share", DESK, "light", "en"),
        ("lost-phone-dark-zh_Hant", "/nowhere", PHONE, "dark", "zh_Hant"),
    ],
}  # fmt: skip

pytestmark = pytest.mark.skipif(
    CHROMIUM is None,
    reason="there is no Chromium on this machine: install the package chromium to run these",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Without a sandbox of its own, as root in a container; it only sees our own pages.
        yield await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


async def opened(
    browser: Browser,
    address: str,
    size: tuple[int, int],
    scheme: Scheme,
    *,
    scripts: bool = True,
    charts: bool = True,
) -> Page:
    """`charts`: without, the words that stand for them are there and nothing has to be drawn."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        java_script_enabled=scripts,
    )
    page = await context.new_page()
    if not charts:
        await page.route("**/charts/**", lambda route: route.abort())
    await page.goto(address)
    return page


@pytest.mark.parametrize("views", VIEWS)
async def test_axe_finds_nothing_and_nothing_sticks_out(
    open_house: OpenHouse, browser: Browser, views: str
) -> None:
    house = await open_house(fleeting=Fleeting("Heroku", volume=False))
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    photographed = "BUBBLEWATCH_PICTURES" in os.environ
    for name, path, size, scheme, language in VIEWS[views]:
        address = f"{house.url}{path}?lang={language}"
        page = await opened(browser, address, size, scheme, charts=photographed)
        await page.evaluate(axe)
        found = await page.evaluate("axe.run({resultTypes: ['violations']})")
        said = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
        assert not said, name
        assert found["passes"], name
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wider) == 0, name
        known = await page.locator("main > p.warn").count() == 0
        assert known != name.startswith("unknown"), f"{path} has a number; take another one"
        if photographed:
            await _photograph(page, name, size)
        await page.context.close()


async def _photograph(page: Page, name: str, size: tuple[int, int]) -> None:
    """The first three screens, in as few colours as they need."""
    await page.evaluate(
        "Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode() }))"
    )
    height = await page.evaluate("document.documentElement.scrollHeight")
    shown = FloatRect(x=0, y=0, width=size[0], height=min(height, 3 * size[1]))
    whole = await page.screenshot(full_page=True, clip=shown)
    Image.open(BytesIO(whole)).convert("RGB").quantize(96).save(
        PICTURES / f"{name}.png", optimize=True
    )


async def test_a_browser_loads_only_from_here_and_complains_of_nothing(
    house: House, browser: Browser
) -> None:
    page = await opened(browser, "about:blank", DESK, "dark")
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{house.url}/indicators/oracle_debt?lang=en", wait_until="networkidle")
    assert complaints == []
    assert all(one.startswith(house.url) for one in asked)
    charts = [one for one in asked if "/charts/" in one]
    assert len(charts) == 1, "one ground, not both"
    assert "theme=dark" in charts[0]


async def test_without_scripts_a_person_finds_an_indicator_and_another_language(
    house: House, browser: Browser
) -> None:
    page = await opened(
        browser, f"{house.url}/?lang=en", PHONE, "light", scripts=False, charts=False
    )
    await page.get_by_role("link", name="Oracle debt", exact=True).first.click()
    await page.get_by_role("heading", level=1, name="Oracle debt").wait_for()
    await page.get_by_role("link", name="繁體中文").click()
    await page.get_by_role("heading", level=1, name="甲骨文").wait_for()
    assert page.url.endswith("/indicators/oracle_debt?lang=zh_Hant")


async def test_a_keyboard_reaches_the_content_first(house: House, browser: Browser) -> None:
    page = await opened(browser, f"{house.url}/?lang=en", DESK, "light", charts=False)
    await page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert await focused.inner_text() == "To the content"
    box = await focused.bounding_box()
    assert box is not None
    assert box["x"] >= 0
