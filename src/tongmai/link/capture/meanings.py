"""Which of a company's objects and fields mean customer, product, amount: by key and wording, for any model."""

from __future__ import annotations

import re

from tongmai.link.capture.finding import FoundField
from tongmai.model import Catalogue, FieldDef, ObjectDef

_CUSTOMER = re.compile(r"customer|client|account|客户|门店|会员", re.IGNORECASE)
_PRODUCT = re.compile(r"product|article|goods|sku|产品|商品|货品|物料", re.IGNORECASE)
_CODE = re.compile(r"code|model|sku|型号|编码|货号", re.IGNORECASE)
# By found field: the field types that can hold it, and the words that say so, the best first.
_HINTS: dict[FoundField, tuple[frozenset[str], tuple[str, ...]]] = {
    "amount": (
        frozenset({"money", "number"}),
        ("总金额", "合同金额", "报价金额", "订单金额", "金额", "总价", "amount", "total", "price"),
    ),
    "date": (
        frozenset({"date", "datetime"}),
        ("签订", "签约", "开票", "报价日", "发送", "下单", "sign", "sent", "placed", "invoice_date", "单据日期"),
    ),
    "number": (
        frozenset({"text"}),
        ("合同编号", "合同号", "报价单号", "发票号", "订单号", "编号", "单号", "number", "_no"),
    ),
    "phone": (frozenset({"phone"}), ("电话", "手机", "phone", "mobile")),
    "tax_number": (frozenset({"text"}), ("税号", "信用代码", "tax", "credit_code")),
    "transcript": (frozenset({"long_text"}), ("摘要", "纪要", "内容", "说明", "备注", "summary", "content", "notes")),
}  # fmt: skip
# Labels that mean the value only where they say nothing else.
_ALONE: dict[FoundField, tuple[str, ...]] = {"date": ("日期", "时间"), "number": ("编号", "单号")}


def customer_object(catalogue: Catalogue) -> ObjectDef | None:
    return _object(catalogue, _CUSTOMER, "customer")


def product_object(catalogue: Catalogue) -> ObjectDef | None:
    return _object(catalogue, _PRODUCT, "product")


def code_fields(product: ObjectDef) -> tuple[str, ...]:
    """The text fields that hold a product's model or code, and its title."""
    named = [
        field.key
        for field in product.fields
        if field.type == "text" and _CODE.search(f"{field.key} {field.label.zh} {field.label.en}")
    ]
    return tuple(dict.fromkeys([*named, *([product.title] if product.title else [])]))


def field_for(definition: ObjectDef, meaning: FoundField) -> FieldDef | None:
    """The field of an object that a found value belongs into; None where nothing says so."""
    if meaning not in _HINTS:
        return None
    types, words = _HINTS[meaning]
    fitting = [field for field in definition.fields if field.type in types and not field.builtin]
    for word in words:
        for field in fitting:
            if word in f"{field.key} {field.label.zh} {field.label.en}".lower():
                return field
    # A field that is called nothing but the date: 日期 alone, not 最近沟通日期.
    return next((field for field in fitting if field.label.zh in _ALONE.get(meaning, ())), None)


def file_field(definition: ObjectDef) -> FieldDef | None:
    """The field that takes the original file."""
    return next((field for field in definition.fields if field.type == "file"), None)


def _object(catalogue: Catalogue, words: re.Pattern[str], usual: str) -> ObjectDef | None:
    """By its usual key; else the first one of the company's whose key or label says it."""
    named = catalogue.object_by_key.get(usual)
    if named is not None and not named.builtin:
        return named
    own = [each for each in catalogue.objects if not each.builtin]
    return next((each for each in own if words.fullmatch(each.key) or words.fullmatch(each.label.zh)), None)
