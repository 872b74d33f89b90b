"""What every definition is made of: keys, labels in two languages, and frozen values that know no unknown names."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from tongmai.kit import Text

# 40 characters: a column may get a suffix (`__2`), an index the names of its table and column, within 63 bytes.
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


def in_both(given: Any) -> Any:
    """A plain string is the same in both languages; a mapping names ``zh`` and, if it differs, ``en``."""
    if isinstance(given, str):
        return Text.same(given)
    if isinstance(given, dict) and "zh" in given and "en" not in given:
        return Text.same(given["zh"])
    return given


def _trimmed(text: Text) -> Text:
    """Outer blanks of a label mean nothing, and a value that is compared with it has none."""
    return Text(text.zh.strip(), text.en.strip())


Label = Annotated[Text, BeforeValidator(in_both), AfterValidator(_trimmed)]


class Definition(BaseModel):
    """The common behaviour: frozen, and an unknown name is a fault rather than silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))

    def replace(self, **changes: object) -> Self:
        """The same with some parts replaced by checked values. Unlike ``model_copy`` it forgets what was derived."""
        parts = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_construct(**{**parts, **changes})
