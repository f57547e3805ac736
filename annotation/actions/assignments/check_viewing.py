"""Store under which viewing conditions a person judges."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from annotation import policy
from annotation.models import ViewingCheck
from annotation.rubric.reading import read
from annotation.rubric.viewing import ViewingConditions


def check_viewing(data: Any, *, by: AbstractBaseUser) -> ViewingCheck:
    """Store what a browser says of its screen and what the person sees on it. Raise FieldsInvalid."""
    policy.require(policy.may_check_viewing, by)
    conditions = read(ViewingConditions, data)
    return ViewingCheck.objects.create(user_id=by.pk, **conditions.model_dump())
