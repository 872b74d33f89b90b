"""What a person reads of how well the product found what is hidden in a demo company."""

from __future__ import annotations

from tongmai.cli.output import Output
from tongmai.demo import ChainScore, Hits, Score


def score_lines(out: Output, found: Score | ChainScore) -> list[str]:
    return _sales_lines(out, found) if isinstance(found, Score) else _chain_lines(out, found)


def _sales_lines(out: Output, found: Score) -> list[str]:
    return [
        out.say("信号（植入 · 发现 · 查准率 · 查全率）", "Signals (planted, found, precision, recall)"),
        *(_hits_line(each) for each in found.signals),
        _unheard_line(out, found.withheld, found.veiled),
        out.say(
            f"健康度与“将停止采购”（近 120 天买过的客户，基准率 {_percent(found.base_rate)}）",
            f"Health against “will stop buying” (buyers of 120 days, base rate {_percent(found.base_rate)})",
        ),
        *(
            f"  {each.segment_class:14}{each.stopping:5} / {each.buyers:<5} {_percent(each.share):>6}"
            + (f"  × {each.lift:.2f}" if each.lift is not None else "")
            for each in found.classes
        ),
        out.say("月末冲单、补记拜访、迟付客户", "Month-end pushing, backdated visits, late payers"),
        *(_hits_line(each) for each in found.gaming),
        out.say("受阻原因、未达标参数前五、主推未上架", "Setbacks, top five unmet parameters, empty shelves"),
        *(_hits_line(each) for each in found.execution),
    ]


def _chain_lines(out: Output, found: ChainScore) -> list[str]:
    return [
        out.say(
            "聊天里的预约体验（植入 · 发现 · 查准率 · 查全率）",
            "Trials asked for in chats (planted, found, precision, recall)",
        ),
        _hits_line(found.wishes),
        _unheard_line(out, found.withheld, found.veiled),
        out.say(
            "掉队的门店、联系慢的门店、冒名推荐人、不在店的巡店、主推未上架、滞销与快断货的商品",
            "Sinking and slow stores, pretended referrers, visits from elsewhere, empty shelves, dead and scarce goods",
        ),
        *(_hits_line(each) for each in found.found),
    ]


def _unheard_line(out: Output, withheld: int, veiled: Hits) -> str:
    return out.say(
        f"  没有存档同意而听不到的：{withheld}；换了说法的查全率 {_percent(veiled.recall)}",
        f"  not kept without consent: {withheld}; recall of veiled wordings {_percent(veiled.recall)}",
    )


def _hits_line(each: Hits) -> str:
    return f"  {each.kind:18}{each.there:6}{each.found:6} {_percent(each.precision):>7} {_percent(each.recall):>7}"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"
