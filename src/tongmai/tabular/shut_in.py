"""How the children begin that read files of others: shut in, with a way to answer that nothing printed gets into."""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Callable

from tongmai.scan import confine
from tongmai.tabular.readers import ReadLimits

# Of what is answered, before it.
LENGTH = struct.Struct("!Q")


def shut_in(limits: ReadLimits) -> Callable[[object], None]:
    """Holds for the rest of this process. Gives what sends an answer to the parent."""
    out = os.dup(1)
    # A library that prints must not end up between the answers.
    os.dup2(2, 1)
    confine(memory=limits.memory, seconds=limits.seconds)

    def send(message: object) -> None:
        body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        for part in (LENGTH.pack(len(body)), body):
            view = memoryview(part)
            while view:
                view = view[os.write(out, view) :]

    return send
