"""Whom a rule means: superiors up the tree, the nearest with a role, people at a path, stand-ins for the absent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongmai.kit import FixedClock, Invalid, NotFound
from tongmai.work import Absences, Subject

from .office import Office


async def named(office: Office, subject: Subject, *who: str) -> list[str]:
    found = await office.people.resolve(office.workspace, who, subject.object, subject.id)
    return [office.name(each) for each in found]


@pytest.mark.parametrize(
    ("owner", "superior"),
    [("ann", ["max"]), ("max", ["eve"]), ("eve", []), ("cat", ["eve"])],
    ids=["of a member", "of a leader", "of the head", "where nobody leads the team"],
)
async def test_the_superior_is_found_up_the_tree(office: Office, owner: str, superior: list[str]) -> None:
    assert await named(office, await office.customer(owner), "superior") == superior


async def test_the_nearest_with_a_role_is_meant(office: Office) -> None:
    assert await named(office, await office.customer("ann"), "role:supervisor") == ["max"]
    assert await named(office, await office.customer("cat"), "role:supervisor") == ["eve"]
    assert await named(office, await office.customer("ann"), "role:vp") == ["vic"]
    assert await named(office, await office.customer(None), "role:vp") == ["vic"]


async def test_people_at_a_path_are_meant(office: Office) -> None:
    helpers = [str(office.id("cat")), str(office.id("bob"))]
    parent = await office.customer("eve", coach=str(office.id("vic")))
    subject = await office.customer("ann", coach=str(office.id("bob")), helpers=helpers, parent=str(parent.id))
    assert await named(office, subject, "person:coach") == ["bob"]
    assert set(await named(office, subject, "person:helpers")) == {"cat", "bob"}
    assert await named(office, subject, "person:parent.coach", "person:parent.owner") == ["vic", "eve"]
    assert await named(office, subject, "owner", "person:coach", "superior") == ["ann", "bob", "max"]


@pytest.mark.parametrize("path", ["name", "nothing", "parent.name", "helpers.name", "coach.owner.x"])
async def test_a_path_to_no_person_is_refused(office: Office, path: str) -> None:
    with pytest.raises(Invalid):
        await named(office, await office.customer("ann"), f"person:{path}")


async def test_superiors_stand_for_who_left(office: Office) -> None:
    subject = await office.customer("ann")
    await office.company.change("person", office.id("ann"), active=False)
    assert await named(office, subject, "owner") == ["max"]


async def test_many_records_are_answered_at_once(office: Office) -> None:
    subjects = [await office.customer(owner) for owner in ("ann", "cat", "max")]
    found = await office.people.resolve_many(
        office.workspace, ["owner", "superior"], "customer", [each.id for each in subjects]
    )
    assert [[office.name(one) for one in found[each.id]] for each in subjects] == [
        ["ann", "max"], ["cat", "eve"], ["max", "eve"],
    ]  # fmt: skip


async def test_a_stand_in_is_turned_to_while_somebody_is_away(office: Office, clock: FixedClock) -> None:
    absences, subject = Absences(office.runtime), await office.customer("ann")
    now = clock.now()
    away = await absences.add(
        office.workspace, office.id("ann"), now + timedelta(days=1), now + timedelta(days=3), office.id("bob"), "出差"
    )
    assert await named(office, subject, "owner") == ["ann"]
    clock.advance(timedelta(days=1))
    assert await named(office, subject, "owner") == ["bob"]
    await absences.add(
        office.workspace, office.id("bob"), clock.now(), clock.now() + timedelta(days=1), office.id("cat")
    )
    assert await named(office, subject, "owner") == ["cat"]
    clock.advance(timedelta(days=2))
    assert await named(office, subject, "owner") == ["ann"]
    with pytest.raises(NotFound):
        await absences.end(office.workspace, office.id("bob"), away.id)


async def test_a_ring_of_stand_ins_leads_nowhere(office: Office, clock: FixedClock) -> None:
    absences, until = Absences(office.runtime), clock.now() + timedelta(days=3)
    for person, stand_in in (("ann", "bob"), ("bob", "cat"), ("cat", "ann")):
        await absences.add(office.workspace, office.id(person), clock.now(), until, office.id(stand_in))
    assert await named(office, await office.customer("ann"), "owner") == ["ann"]


async def test_an_absence_that_cannot_be_is_refused(office: Office, clock: FixedClock) -> None:
    absences, ann, now = Absences(office.runtime), office.id("ann"), clock.now()
    hour = timedelta(hours=1)
    for from_at, to_at, stand_in in ((now, now, None), (now - 2 * hour, now - hour, None), (now, now + hour, ann)):
        with pytest.raises(Invalid):
            await absences.add(office.workspace, ann, from_at, to_at, stand_in)
    await office.company.change("person", office.id("bob"), active=False)
    with pytest.raises(Invalid):
        await absences.add(office.workspace, ann, now, now + hour, office.id("bob"))
    assert await absences.of(office.workspace, ann) == []
