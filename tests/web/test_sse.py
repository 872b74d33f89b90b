import pytest

from tongmai.web.problems import Malformed
from tongmai.web.sse import EventId, frame


def test_a_frame_has_id_event_and_data() -> None:
    assert frame("record", b'{"a":1}', EventId(3, 17)) == b'id: 3:17\nevent: record\ndata: {"a":1}\n\n'


def test_a_line_break_in_the_data_cannot_end_the_event() -> None:
    assert (
        frame("record", b"a\n\nevent: evil\r\nb") == b"event: record\ndata: a\ndata: \ndata: event: evil\ndata: b\n\n"
    )


def test_event_ids_are_read_back_as_written_and_ordered() -> None:
    assert EventId.parse(str(EventId(12, 5))) == EventId(12, 5)
    assert EventId(2, 9) < EventId(3, 1)


@pytest.mark.parametrize("text", ["", "1", "1:", ":1", "a:b", "1:2:3", "-1:2", "1:" + "9" * 19, "¹:2"])
def test_a_foreign_event_id_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        EventId.parse(text)
