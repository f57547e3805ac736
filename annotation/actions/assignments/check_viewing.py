"""Store under which viewing conditions a person judges."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from annotation import policy
from annotation.errors import Conflict
from annotation.models import ViewingCheck
from annotation.phrases import phrase as _
from annotation.rubric.reading import read
from annotation.rubric.viewing import ViewingConditions

MOST_A_DAY = 50  # One is due every twelve hours; who changes screens or lamps makes a few more.


def check_viewing(data: Any, *, by: AbstractBaseUser) -> ViewingCheck:
    """Store what a browser says of its screen and what the person sees on it.

    Raise FieldsInvalid, and Conflict for a person who has looked too often today.
    """
    policy.require(policy.may_check_viewing, by)
    conditions = read(ViewingConditions, data)
    since = timezone.now() - timedelta(days=1)
    if ViewingCheck.objects.filter(user_id=by.pk, created_at__gte=since).count() >= MOST_A_DAY:
        raise Conflict(_("at most %(most)s checks a day are kept", most=MOST_A_DAY))
    return ViewingCheck.objects.create(user_id=by.pk, **conditions.model_dump())
