"""A small company for the tests of this room: customers with orders, in the words of a sales team."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tongmai.formula import Moment
from tongmai.kit import WorkingCalendar
from tongmai.model import Catalogue, ObjectDef, read_document, starting_catalogue

MOMENT = Moment(datetime(2026, 11, 2, 1, 0, tzinfo=UTC), "Asia/Shanghai", WorkingCalendar())

CUSTOMER: dict[str, Any] = {
    "key": "customer",
    "label": {"zh": "客户", "en": "Customer"},
    "title": "name",
    "fields": [
        {"key": "name", "type": "text", "label": {"zh": "名称", "en": "Name"}, "required": True, "searchable": True},
        {"key": "phone", "type": "phone", "label": {"zh": "手机", "en": "Mobile"}, "unique": True},
        {
            "key": "level",
            "type": "choice",
            "label": {"zh": "等级", "en": "Level"},
            "options": {"choices": [{"key": "a", "label": "重要"}, {"key": "b", "label": "一般"}]},
            "default": "'一般'",
        },
    ],
}
ORDER: dict[str, Any] = {
    "key": "order",
    "label": {"zh": "订单", "en": "Order"},
    "title": "number",
    "fields": [
        {"key": "number", "type": "auto_number", "label": {"zh": "编号", "en": "Number"}},
        {
            "key": "customer",
            "type": "relation",
            "label": {"zh": "客户", "en": "Customer"},
            "options": {"target": "customer"},
            "required": True,
        },
        {"key": "price", "type": "money", "label": {"zh": "单价", "en": "Price"}, "required": True},
        {"key": "quantity", "type": "number", "label": {"zh": "数量", "en": "Quantity"}, "default": "1"},
        {"key": "amount", "type": "money", "label": {"zh": "金额", "en": "Amount"}, "default": "单价 * 数量"},
        {"key": "deposit", "type": "money", "label": {"zh": "定金", "en": "Deposit"}, "default": "金额 / 3"},
        {
            "key": "reason",
            "type": "text",
            "label": {"zh": "折扣原因", "en": "Reason"},
            "required": True,
            "visible_when": "金额 < 单价 * 数量",
        },
        {
            "key": "remark",
            "type": "long_text",
            "label": {"zh": "备注", "en": "Remark"},
            "hint": {"message": "建议填写送货要求"},
        },
        {
            "key": "per_unit",
            "type": "formula",
            "label": {"zh": "实际单价", "en": "Per unit"},
            "options": {"text": "金额 / 数量"},
        },
        {
            "key": "is_big",
            "type": "formula",
            "label": {"zh": "大单", "en": "Big"},
            "options": {"text": "实际单价 > 100 AND 客户.等级 = '重要'"},
        },
    ],
    "validations": [
        {"key": "positive", "formula": "数量 > 0", "message": "数量必须大于 0", "field": "quantity"},
        {"key": "big_only", "formula": "金额 < 1000000 OR 客户.等级 = '重要'", "message": "大额订单只限重要客户"},
    ],
}


def catalogue(*documents: dict[str, Any]) -> Catalogue:
    """The starting catalogue with these objects, by default customers and orders."""
    start = starting_catalogue()
    made = tuple(read_document(ObjectDef, each) for each in documents or (CUSTOMER, ORDER))
    return start.replace(objects=(*start.objects, *made))
