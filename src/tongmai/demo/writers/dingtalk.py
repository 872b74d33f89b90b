"""The company's approvals as DingTalk tells them: instances with forms, tasks and states at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tongmai.demo.approvals import CONTRACT, REBATE, TEMPLATES, TICKET, Approval, Step
from tongmai.demo.people import TEAMS, leader_of, staff
from tongmai.simulators.dingtalk import Organisation

_FINANCE, _SERVICE, _LAWYER = "何会计", "陆客服", "钟法务"
_LETTERS = dict(zip(TEMPLATES, "RQPTVDACS", strict=True))


@dataclass
class DingTalkWriter:
    """Fills the simulated organisation."""

    approvals: Sequence[Approval]
    organisation: Organisation
    _upto: datetime | None = field(default=None, init=False)
    _phones: dict[str, str] = field(default_factory=dict, init=False)

    def bring_up(self, moment: datetime) -> None:
        """Adds what was begun since the last time, and brings what was not at its end then up to the moment."""
        if self._upto is None:
            self._people()
        for number, each in enumerate(self.approvals, 1):
            if each.at <= moment and (self._upto is None or each.ended is None or each.ended > self._upto):
                self.organisation.approvals[each.id] = self._instance(number, each, moment)
        self._upto = moment

    def _people(self) -> None:
        numbers = {team.key: number for number, team in enumerate(TEAMS, 1)}
        self.organisation.departments = [
            {"dept_id": numbers[each.key], "name": each.name, "parent_id": numbers.get(each.parent or "", 1)}
            for each in TEAMS
            if each.parent is not None
        ]
        self.organisation.people = {
            each.phone: {
                "userid": each.phone, "unionid": f"union-{each.phone}", "name": each.name, "mobile": each.phone,
                "email": each.email, "dept_id_list": [numbers[each.team]], "active": True,
            }
            for each in staff()
        }  # fmt: skip
        self._phones = {each.name: each.phone for each in staff()}

    def _instance(self, number: int, approval: Approval, moment: datetime) -> dict[str, Any]:
        steps = [each for each in approval.steps if each.begun <= moment]
        is_done = approval.ended is not None and approval.ended <= moment
        found: dict[str, Any] = {
            "processCode": TEMPLATES[approval.template],
            "born": int(approval.at.timestamp() * 1000),
            "title": f"{approval.customer.seller.name}提交的{approval.template}",
            "businessId": f"{approval.at:%Y%m%d%H%M}{_LETTERS[approval.template]}{number:06d}",
            "createTime": _told(approval.at),
            "originatorUserId": approval.customer.seller.phone,
            "originatorDeptName": approval.customer.seller.team,
            "status": "COMPLETED" if is_done else "RUNNING",
            "result": ("refuse" if approval.refused else "agree") if is_done else "",
            "formComponentValues": [{"name": name, "value": value} for name, value in approval.form.items()],
            "tasks": [
                _task(place, each, self._assignee(approval, place), moment, refused=approval.refused and is_done)
                for place, each in enumerate(steps)
            ],
            "operationRecords": self._operations(approval, steps, moment),
        }
        return found | ({"finishTime": _told(approval.ended)} if is_done and approval.ended is not None else {})

    def _operations(self, approval: Approval, steps: Sequence[Step], moment: datetime) -> list[dict[str, Any]]:
        """Who did what so far: handing in, then each task that was done, the last one with its remark."""
        found: list[dict[str, Any]] = [
            {
                "userId": approval.customer.seller.phone, "date": _told(approval.at),
                "type": "START_PROCESS_INSTANCE", "result": "NONE",
            }
        ]  # fmt: skip
        for place, step in enumerate(steps):
            if step.ended is not None and step.ended <= moment:
                refused = approval.refused and step.ended == approval.ended
                found.append(
                    {
                        "userId": self._assignee(approval, place), "date": _told(step.ended),
                        "type": "EXECUTE_TASK_NORMAL", "result": "REFUSE" if refused else "AGREE",
                        **({"remark": approval.remark} if refused and approval.remark else {}),
                    }
                )  # fmt: skip
        return found

    def _assignee(self, approval: Approval, place: int) -> str:
        if approval.template == TICKET:
            return self._phones[_SERVICE]
        if place > 0 and approval.template in (REBATE, CONTRACT):
            return self._phones[_FINANCE if approval.template == REBATE else _LAWYER]
        return leader_of(approval.customer.seller.team) or ""


def _task(place: int, step: Step, who: str, moment: datetime, *, refused: bool) -> dict[str, Any]:
    is_done = step.ended is not None and step.ended <= moment
    task: dict[str, Any] = {
        "taskId": place + 1, "userId": who, "activityId": f"sid-node-{place + 1}", "createTime": _told(step.begun),
        "status": "COMPLETED" if is_done else "RUNNING",
        "result": ("REFUSE" if refused else "AGREE") if is_done else "NONE",
    }  # fmt: skip
    return task | ({"finishTime": _told(step.ended)} if is_done and step.ended is not None else {})


def _told(moment: datetime) -> str:
    """As the present interface writes moments: to the minute, with a zone's letter."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
