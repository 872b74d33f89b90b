"""What goes to a person in DingTalk: work notifications, to-dos, interactive cards whose buttons come back.

Pages: open.dingtalk.com/document/orgapp/asynchronous-sending-of-enterprise-session-messages, /add-dingtalk-to-do-task,
/create-and-deliver-cards, /interactive-card-update-interface.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from tongmai.kit import Invalid
from tongmai.link.dingtalk.client import DingTalkClient
from tongmai.link.vendors.json_objects import JsonObject, text_of

_MOST_RECEIVERS = 100
_LONGEST_SUBJECT = 1024
_EXISTS = "todo.taskCreate.paramError"


@dataclass(frozen=True, slots=True)
class WorkNotifications:
    """Notifications of one application (``agent_id``). The vendor drops a repetition of the same text to the same
    person on the same day, so that a delivery whose answer was lost may be tried again."""

    client: DingTalkClient
    agent_id: int

    async def markdown(self, receivers: Sequence[str], title: str, text: str) -> str:
        """The vendor's task id, by which the notification can be recalled."""
        return await self._send(receivers, {"msgtype": "markdown", "markdown": {"title": title[:100], "text": text}})

    async def action_card(self, receivers: Sequence[str], title: str, text: str, button: str, url: str) -> str:
        card: JsonObject = {"title": title[:100], "markdown": text, "single_title": button[:20], "single_url": url}
        return await self._send(receivers, {"msgtype": "action_card", "action_card": card})

    async def recall(self, task_id: str) -> None:
        body: JsonObject = {"agent_id": self.agent_id, "msg_task_id": int(task_id)}
        await self.client.old("/topapi/message/corpconversation/recall", body)

    async def _send(self, receivers: Sequence[str], message: JsonObject) -> str:
        _require_receivers(receivers)
        body: JsonObject = {"agent_id": self.agent_id, "userid_list": ",".join(receivers), "msg": message}
        return text_of(await self.client.old("/topapi/message/corpconversation/asyncsend_v2", body), "task_id")


@dataclass(frozen=True, slots=True)
class Todos:
    """To-dos in people's own list. People are named by their union id there; ``union_id`` finds it."""

    client: DingTalkClient

    async def union_id(self, userid: str) -> str:
        answer = await self.client.old("/topapi/v2/user/get", {"userid": userid})
        result = answer.get("result")
        return text_of(result, "unionid") if isinstance(result, dict) else ""

    async def make(
        self, owner: str, source_id: str, subject: str, url: str, *, due: datetime | None = None, text: str = ""
    ) -> str:
        """The to-do's id. ``source_id`` is ours: the same one twice makes one to-do, and answers an empty id then."""
        body: JsonObject = {
            "sourceId": source_id,
            "subject": subject[:_LONGEST_SUBJECT],
            "creatorId": owner,
            "description": text[:4096],
            "executorIds": [owner],
            "detailUrl": {"appUrl": url, "pcUrl": url},
            "isOnlyShowExecutor": True,
        }
        if due is not None:
            body["dueTime"] = int(due.timestamp() * 1000)
        try:
            return text_of(await self.client.post(f"/v1.0/todo/users/{owner}/tasks", body), "id")
        except Invalid as refusal:
            if refusal.extra.get("vendor_code") == _EXISTS and "exist" in refusal.faults[0].text.en:
                return ""
            raise

    async def find(self, owner: str, source_id: str) -> str:
        """The id of the to-do made under ``source_id``. Raises ``Invalid`` for one that is gone."""
        return text_of(await self.client.get(f"/v1.0/todo/users/{owner}/tasks/sources/{source_id}"), "id")

    async def change(
        self,
        owner: str,
        task_id: str,
        *,
        subject: str,
        due: datetime | None,
        done: bool | None = None,
        executor: str | None = None,
    ) -> None:
        """Tells what the to-do says now; ``done`` and the ``executor`` where they changed. A due moment that was told
        cannot be taken away. Raises ``Invalid`` for one that is gone."""
        body: JsonObject = {"subject": subject[:_LONGEST_SUBJECT]}
        if due is not None:
            body["dueTime"] = int(due.timestamp() * 1000)
        if done is not None:
            body["done"] = done
        if executor is not None:
            body["executorIds"] = [executor]
        await self.client.put(f"/v1.0/todo/users/{owner}/tasks/{task_id}", body, {"operatorId": owner})


@dataclass(frozen=True, slots=True)
class InteractiveCards:
    """Cards of a template made in the card platform; the press of a button comes by Stream or call-back.

    ``card_id`` is ours (``outTrackId``): delivering the same twice leaves one card.
    """

    client: DingTalkClient
    template_id: str
    robot_code: str

    async def deliver(self, card_id: str, userid: str, values: Mapping[str, str]) -> None:
        await self.client.post(
            "/v1.0/card/instances/createAndDeliver",
            {
                "cardTemplateId": self.template_id,
                "outTrackId": card_id,
                "callbackType": "STREAM",
                "userId": userid,
                "userIdType": 1,
                "cardData": {"cardParamMap": {**values}},
                "openSpaceId": f"dtv1.card//IM_ROBOT.{userid}",
                "imRobotOpenSpaceModel": {"supportForward": False},
                "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": self.robot_code},
            },
        )

    async def update(self, card_id: str, values: Mapping[str, str]) -> None:
        body: dict[str, JsonValue] = {
            "outTrackId": card_id,
            "cardData": {"cardParamMap": {**values}},
            "cardUpdateOptions": {"updateCardDataByKey": True},
        }
        await self.client.put("/v1.0/card/instances", body)


def _require_receivers(receivers: Sequence[str]) -> None:
    if not 0 < len(receivers) <= _MOST_RECEIVERS:
        raise Invalid.of("dingtalk.receivers", "接收人应为 1 至 100 人", "There must be 1 to 100 receivers")
