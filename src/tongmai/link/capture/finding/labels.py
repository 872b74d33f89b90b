"""The words that stand before (or above) a value, with how surely the value belongs to the field.

Chinese and English first; Dutch, French and German for papers from abroad. The first pattern of a field that matches
counts. A label stands at the beginning of a piece of text; what follows it is the value, or the value is a neighbour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tongmai.link.capture.finding.found import FoundField


@dataclass(frozen=True, slots=True)
class Label:
    """``pattern`` finds the words and names what follows them ``after``; ``weight`` is 0 … 1."""

    pattern: re.Pattern[str]
    weight: float


def _labels(*rows: tuple[float, str]) -> tuple[Label, ...]:
    return tuple(
        Label(re.compile(rf"(?:{pattern})(?P<after>.*)$", re.IGNORECASE | re.DOTALL), weight)
        for weight, pattern in rows
    )


# A label ends with a colon, a blank or the end: 合同号 is none in 合同号召.
_END = r"(?:\s?[(（][^)）]{1,12}[)）])?\s*(?:[:：]|\s|$|(?=[¥$€£₹\d#]|(?-i:[A-Z])))"
_START = r"(?:^|(?<=[\s:：;；,，、|【\[(（]))"

LABELS: dict[FoundField, tuple[Label, ...]] = {
    "number": _labels(
        (1.0, _START + r"(?:合同|协议|报价单?|发票|询价单?|采购单|销售单?)\s?(?:编号|号码|号|单号)" + _END),
        (1.0, _START + r"(?:invoice|quotation|quote|contract|offer)\s?(?:no|nr|number|num|#|id)\b\.?\s?:?\s?" + _END),
        (1.0, _START + r"(?:factuur|rechnungs?|offerte)[\s-]?(?:nummer|nr)\b\.?" + _END),
        (1.0, _START + r"(?:facture|devis)\s?n\s?[°ºo]\s?:?"),
        (0.85, _START + r"(?:invoice|factuur|quotation)\s*(?=[#:]|\s[A-Z0-9]|$)" + r"\s*:?"),
        (0.8, _START + r"(?:订单|单据|流水|文件|编)\s?(?:编号|号码|号)" + _END),
        (0.75, _START + r"(?:booking|receipt|reference|order|ref|document|po)\s?(?:no|nr|number|num|id|#)\b\.?" + _END),
        (0.6, _START + r"(?:编号|单号|no|nr|№)\.?\s?(?:[:：]|\s)"),
        (0.6, r"^#\s"),
    ),
    "date": _labels(
        (1.0, _START + r"(?:合同)?(?:签订|签约|签署|开票|报价|开具|订立)\s?(?:日期|时间|日)" + _END),
        (1.0, _START + r"(?:invoice|issue|quotation|quote|contract|signing)\s?date|date of (?:issue|invoice)" + _END),
        (1.0, _START + r"(?:factuur\s?datum|rechnungsdatum|date de facture)" + _END),
        (0.95, _START + r"facture\s?n.{1,20}\sdu\b"),
        (0.9, _START + r"(?:日\s?期|date|datum)" + _END),
        (0.6, _START + r"(?:订单|下单|制单|order|bestel)\s?(?:日期|时间|date|datum)" + _END),
    ),
    "amount": _labels(
        (1.0, _START + r"(?:价税合计|合同总?金额|合同总?价款?|报价总[额价金]+|含税总[额价金]+|应付[总金]?额|订单总?金额"
         r"|总\s?金\s?额|项目总价|总价款?|总计金?额?|合计金额|金额合计|费用总计|总\s?额)" + _END),
        (1.0, _START + r"(?:grand total|total amount due|amount due|balance due|total due|invoice total|total payable"
         r"|total for this invoice|total amount|contract (?:amount|value|price)|total price|total incl[a-z.]*)" + _END),
        (1.0, _START + r"(?:total ttc|somme à payer|total facture|factuur totaal|te betalen|gesamtbetrag"
         r"|rechnungsbetrag|zahlbetrag)" + _END),
        (0.9, _START + r"(?:合\s?计|总\s?计|共\s?计|合计人民币)" + _END),
        (0.9, _START + r"(?:total|totaal|gesamt|summe|montant total)\b" + _END),
        (0.45, _START + r"(?:金\s?额|价\s?格|报价|总价|amount|bedrag|montant|betrag)" + _END),
    ),
    "customer": _labels(
        (1.0, _START + r"(?:客\s?户(?:名称|单位|公司)?|购买方(?:信息\s*)?(?:名\s?称)?|购货单位|购方(?:名称)?"
         r"|采购方(?:名称)?|买方(?:名称)?|需方(?:名称|单位)?|订货单位|委托方|收货单位|询价单位|抬头)" + _END),
        (0.95, _START + r"(?:甲\s?方(?:[(（][^)）]{1,8}[)）])?(?:名称)?)" + _END),
        (0.95, _START + r"(?:bill(?:ed)? to(?: address)?|billing address|sold to|customer(?: name)?|client(?: name)?"
         r"|buyer|purchaser|guest name|factuuradres|nom de l.abonné|kunde)" + _END),
        (0.7, _START + r"(?:致|to|attn)\s?[:：]"),
        # On an invoice both sides have one; the buyer's comes first.
        (0.6, r"^名\s?称\s?[:：]"),
    ),
    "supplier": _labels(
        (1.0, _START + r"(?:供应商(?:名称)?|供\s?方(?:名称|单位)?|销售方(?:信息\s*)?(?:名\s?称)?|销方(?:名称)?"
         r"|卖方(?:名称)?|供货单位|报价(?:单位|方|公司)|服务方|受托方|收款单位)" + _END),
        (0.95, _START + r"(?:乙\s?方(?:[(（][^)）]{1,8}[)）])?(?:名称)?)" + _END),
        (0.95, _START + r"(?:sold by|seller|vendor|supplier|service provider|payment received by)" + _END),
    ),
    "product": _labels(
        (1.0, _START + r"(?:规格型号|产品型号|设备型号|商品型号|型\s?号|型号规格|规格/型号|型号/规格"
         r"|model(?:\s?(?:no|number))?|part (?:no|number)|sku|货号|物料编码)" + _END),
        (0.8, _START + r"(?:产品名称|商品名称|货物名称|设备名称|货物或应税劳务、?服务名称|项目名称|品\s?名"
         r"|名称及规格|description|item|product(?: title)?|artikel|désignation)" + _END),
    ),
    "phone": _labels(
        (0.95, _START + r"(?:联系电话|电\s?话|手\s?机|联系方式|tel(?:ephone)?|phone|mobile|tél)\.?" + _END),
    ),
    "tax_number": _labels(
        (0.95, _START + r"(?:统一社会信用代码(?:/纳税人识别号)?|纳税人识别号|税\s?号|gstin|tax id"
         r"|vat(?: (?:no|number|id))?)" + _END),
    ),
}  # fmt: skip

# What looks like a label of a total and is none; of a date that is not the paper's own.
NOT_TOTAL = re.compile(
    r"小计|税额|税率|不含税|未税|单价|数量|定金|预付|尾款|首付|订金|优惠|折扣|余额|subtotal|sub total|sub-total"
    r"|subtotaal|excl|untaxed|\bht\b|before tax|net total|tax\b(?!able)|vat\b|tva|btw|mwst|discount|zwischensumme|paid",
    re.IGNORECASE,
)
NOT_OWN_DATE = re.compile(
    r"到期|有效期|有效|交货|交付|发货|付款|due|valid|expir|deliver|verval|échéance|limite|prélèvement|payment"
    r"|period|check\s?(?:in|out)|start|end\b|birth",
    re.IGNORECASE,
)

# Headings of a table and words that stand alone before a value: never values themselves.
_HEADINGS = re.compile(
    r"^(?:序号|数量|单位|单价|税率|备注|交货期|地址|联系人|开户行|账号|qty|quantity|rate|price"
    r"|unit price|aantal|menge|nombre|title|omschrijving|shipping address|ship to|afleveradres|montant|p\.u\."
    r"|beschreibung|tax|taxes|total|item|no\.?|unit|remarks?)\b",
    re.IGNORECASE,
)


def is_label(text: str) -> bool:
    """Whether a piece is itself a label or a heading, with or without a value behind it."""
    plain = text.strip()
    if len(plain) <= 24 and plain.endswith((":", "：")):
        return True
    if _HEADINGS.match(plain):
        return True
    return any(
        match is not None and match.start() == 0
        for labels in LABELS.values()
        for label in labels
        if (match := label.pattern.search(plain)) is not None
    )
