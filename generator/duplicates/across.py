"""Courses that several tenants have, for whoever runs them all: nothing of it is ever served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from generator.duplicates.find import grouped
from generator.duplicates.groups import CourseGroups
from generator.duplicates.matcher import Matcher
from generator.duplicates.records import Records
from shared.records import Handle


@dataclass(frozen=True)
class TenantCourses:
    handles: Sequence[Handle]
    records: Records


@dataclass(frozen=True)
class Shared:
    """One entry a course in each but `groups`, the tenants' one after another."""

    groups: CourseGroups
    handles: Sequence[Handle]
    titles: Sequence[str]
    tenants: Sequence[str]


def shared_courses(
    courses: Mapping[str, TenantCourses], matcher: Matcher | None = None, threads: int = 1
) -> Shared:
    """The groups with courses of more than one tenant, by the name of each.

    The course of the tenant that was named first stands for its group.
    """
    records = joined([of_tenant.records for of_tenant in courses.values()])
    tenants = [name for name, of_tenant in courses.items() for _ in of_tenant.handles]
    handles = [handle for of_tenant in courses.values() for handle in of_tenant.handles]
    found = grouped(records, np.arange(len(records)), matcher, threads)
    return Shared(_of_several(found, tenants), handles, records.titles, tenants)


def joined(parts: Sequence[Records]) -> Records:
    """Records one after another; what one part has no attribute for is ""."""
    names = dict.fromkeys(name for part in parts for name in part.attributes)
    return Records(
        [title for part in parts for title in part.titles],
        [text for part in parts for text in part.descriptions],
        {
            name: [v for part in parts for v in part.attributes.get(name, [""] * len(part))]
            for name in names
        },
    )


def _of_several(groups: CourseGroups, tenants: Sequence[str]) -> CourseGroups:
    stands_for = groups.stands_for.copy()
    for members in groups.members.values():
        if len({tenants[course] for course in members.tolist()}) == 1:
            stands_for[members] = members
    return CourseGroups(stands_for, groups.similarity, groups.why)
