"""Raw rows of streams that become watched records (talks): shown to whom those records show all of it, and told to the
audit log as any look at them is (S2-52)."""

from __future__ import annotations

from collections.abc import Sequence

from tongmai.access import guards_of, shows_all
from tongmai.identity import write_audit
from tongmai.kit import Fault, Text
from tongmai.model import MappingDef
from tongmai.web.call import Call

# In place of rows and of their faults, whose words name values too.
ROWS_HIDDEN = Fault(
    "mapping.rows_hidden",
    Text(
        "这些行是您不能查看的沟通内容，只告诉数量", "These rows are talks that you may not read; only counts are shown"
    ),
    Text("请能查看的人来处理", "Ask somebody who may read them to see to it"),
)


async def may_see_rows(
    call: Call, source: str, stream: str, keys: Sequence[str], draft: MappingDef | None = None
) -> bool:
    """Whether the caller may see what stands in rows of a stream; ``draft`` is a mapping of it that is only tried.

    Rows of which nothing watched is made are for whoever may ask for them.
    """
    catalogue, policies = await call.catalogue(), call.services.policies
    watched = guards_of(catalogue, source, stream, *([draft] if draft is not None else []))
    if not all(shows_all(policies.of(call.actor, catalogue, key)) for key in watched):
        return False
    if watched and keys:
        detail = {"object": ", ".join(sorted(watched)), "how": "rows", "source": source, "stream": stream}
        async with call.services.database.write() as tx:
            await write_audit(
                tx, call.services.clock.now(), "look", workspace_id=call.workspace.id, actor=call.actor.id,
                detail={**detail, "count": len(keys), "rows": list(keys[:200])},
            )  # fmt: skip
    return True
