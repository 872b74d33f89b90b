"""Real invoices, Chinese pictures and spoken Mandarin that lie beside the project (``TONGMAI_REAL_DATA``)."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.capture import Tally, as_amr, bag_errors, character_errors, compare, invoice_papers, real_data, scan

from tongmai.link.capture.finding import find_values
from tongmai.scan import Scanner, abilities, ready_speech_model

pytestmark = pytest.mark.real_data
DATA = real_data()
if DATA is None:
    pytest.skip("the real data sets are not beside the project; set TONGMAI_REAL_DATA", allow_module_level=True)


async def test_number_date_amount_and_currency_of_every_invoice_are_right() -> None:
    tally, scanner = Tally(), Scanner()
    for path, truth in invoice_papers(DATA / "ocr_invoice2data", ".pdf"):
        found, _ = await scan(scanner, path)
        compare({name: truth.get(name) for name in truth if name != "issuer"}, find_values(found), tally)
    assert sum(tally.asked.values()) >= 40
    assert tally.right == tally.asked


@pytest.mark.slow
@pytest.mark.skipif(not abilities().ocr, reason="the ocr extra is not installed")
async def test_a_picture_of_an_invoice_and_a_chinese_page_are_recognised() -> None:
    scanner, tally = Scanner(), Tally()
    paper, truth = next(
        each for each in invoice_papers(DATA / "ocr_invoice2data", ".png") if "Flipkart" in each[0].name
    )
    found, _ = await scan(scanner, paper)
    assert compare({**truth, "issuer": None}, find_values(found), tally) == []
    page, _ = await scan(scanner, DATA / "ocr_rapid_cn" / "text_vertical_words.png")
    text = "".join(word.text for word in page.pages[0].words)
    wrong, of = character_errors("有評是是非非之士師也是非不得問之人要取之已取之時不參一人見而", text)
    assert wrong <= 0.05 * of


@pytest.mark.skipif(not abilities().speech, reason="the speech extra is not installed")
async def test_a_mandarin_clip_becomes_text_also_when_it_is_a_voice_message_of_wecom(tmp_path: Path) -> None:
    model = ready_speech_model(tmp_path)
    clip = as_amr(DATA / "asr_zh" / "cosyvoice_zero_shot_prompt.wav", tmp_path)
    heard, _ = await scan(Scanner(), clip, model)
    wrong, of = bag_errors("希望你以后能够做的比我还好呦", heard.text)
    # Telephone quality is a close thing, and the model's arithmetic is not the same on all processors: 2 to 4 of 14.
    assert wrong <= 0.3 * of
