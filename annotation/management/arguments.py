"""Read what several commands take."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management.base import CommandError

from annotation.models import Campaign


def positive_integer(text: str) -> int:
    """Return a whole number from 1 on. Raise ArgumentTypeError for anything else."""
    # Digits of other scripts are decimal too, and `int` would read them.
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ArgumentTypeError(f"a whole number from 1 on is accepted, not {text!r}")
    return int(text)


def campaign_named(slug: str, *, also_deleted: bool = False) -> Campaign:
    """Return the campaign of that name. Raise CommandError naming those there are."""
    campaigns = Campaign.objects.all() if also_deleted else Campaign.objects.kept()
    campaign = campaigns.filter(slug=slug).select_related("rubric_version").first()
    if campaign is None:
        slugs = ", ".join(campaigns.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"campaign {slug!r} is unknown; there are: {slugs}")
    return campaign


def person_named(name: str) -> AbstractBaseUser:
    """Return who has this pseudonym or user name. Raise CommandError when nobody has."""
    people = get_user_model().objects
    # A pseudonym first: it is what releases call people by.
    person = people.filter(pseudonym=name).first() or people.filter(username=name).first()
    if person is None:
        raise CommandError(f"{name!r} is nobody's pseudonym or user name")
    return person


def people_named(names: Sequence[str]) -> list[AbstractBaseUser]:
    """Return the people of these user names. Raise CommandError naming one that is missing."""
    people = {person.get_username(): person for person in get_user_model().objects.filter(is_active=True)}
    missing = [name for name in names if name not in people]
    if missing:
        raise CommandError(f"{missing[0]!r} has no account; there are: {', '.join(sorted(people)) or 'none yet'}")
    # In the order they were named, in which a database need not return them.
    return [people[name] for name in names]
