"""Files: ids of uploads (``_file``). Size and type are checked when they are uploaded, the count here."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, JsonValue

from tongmai import formula
from tongmai.kit import Language, Text
from tongmai.model.field_type import FieldOptions, FieldType, Reading
from tongmai.model.field_types.relation import read_ids
from tongmai.model.operators import BLANKNESS

FILE_OBJECT = "_file"
MediaType = Annotated[str, Field(pattern=r"^[a-z0-9.+-]{1,60}/(\*|[a-z0-9.+-]{1,80})$")]


class FileOptions(FieldOptions):
    """``accept`` lists media types (``image/*``, ``application/pdf``); none means any."""

    max_files: int = Field(10, ge=1, le=100)
    max_bytes: int = Field(50 * 1024 * 1024, ge=1, le=5 * 1024**3)
    accept: tuple[MediaType, ...] = Field((), max_length=50)

    def accepts(self, media_type: str) -> bool:
        """Whether a file of this (sniffed) media type may be attached."""
        major = media_type.partition("/")[0] + "/*"
        return not self.accept or media_type in self.accept or major in self.accept


class FileType(FieldType[FileOptions]):
    key: ClassVar = "file"
    label: ClassVar = Text("附件", "File")
    Options: ClassVar = FileOptions
    index_methods: ClassVar = ("gin",)
    can_be_unique: ClassVar = False

    def value_type(self, options: FileOptions) -> formula.Type:
        return formula.list_of(formula.reference(FILE_OBJECT))

    def column_type(self, options: FileOptions) -> str:
        return "uuid[]"

    def parse(self, value: object, options: FileOptions, reading: Reading) -> list[UUID] | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        return read_ids(value, options.max_files)

    def to_text(self, value: list[UUID], options: FileOptions, language: Language, reading: Reading = Reading()) -> str:
        return ";".join(map(str, value))

    def to_json_value(self, value: list[UUID]) -> object:
        return [str(each) for each in value]

    def json_schema(self, options: FileOptions) -> dict[str, JsonValue]:
        return {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": options.max_files}

    def operators(self, options: FileOptions) -> tuple[str, ...]:
        return BLANKNESS

    def within_sql(self, column: str, options: FileOptions) -> str:
        return f"cardinality({column}) <= {options.max_files}"

    def is_within(self, value: Any, options: FileOptions) -> bool:
        return len(value) <= options.max_files
