"""How often it is tried to sign in, counted in the database before the password is looked at.

In the database, so that all processes count together, many tries at once count each other, and no cache, which others
may write to or which may be away, stands between people and their work.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import SignInTries

NETWORK_BITS = 64  # What one household or office has of IPv6.


@dataclass(frozen=True)
class Limit:
    """How many failures a subject may have in how many seconds, which begin with the first try."""

    subject: str
    most: int
    seconds: int

    @property
    def key(self) -> str:
        """Return under which key it is counted."""
        # Hashed: the table need not know whose names were tried, nor hold what somebody typed into the wrong field.
        return hashlib.sha256(self.subject.encode()).hexdigest()


def network_of(address: str) -> str:
    """Return what is counted of an address: all of IPv4, the network of IPv6, whose rest a client chooses freely."""
    try:
        parsed = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return address.strip()
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))


def count_try(limits: Sequence[Limit]) -> tuple[list[Limit], int]:
    """Count a try against each limit up to the first that is reached.

    Return those it was counted against, and for how many seconds it is refused: 0 where it may go on.
    """
    counted: list[Limit] = []
    for limit in limits:
        seconds = _count(limit)
        if seconds:
            give_back(counted)
            return [], seconds
        counted.append(limit)
    return counted, 0


def give_back(limits: Sequence[Limit]) -> None:
    """Count a try no more: it succeeded, or came to nothing."""
    for limit in limits:
        SignInTries.objects.filter(subject=limit.key, count__gt=0).update(count=F("count") - 1)


@transaction.atomic
def _count(limit: Limit) -> int:
    now = timezone.now()
    rows = SignInTries.objects.filter(subject=limit.key)
    rows.filter(ends_at__lte=now).delete()
    SignInTries.objects.get_or_create(subject=limit.key, defaults={"ends_at": now + timedelta(seconds=limit.seconds)})
    # One statement asks and counts, so that of many tries at once no more than the limit get through.
    if rows.filter(count__lt=limit.most).update(count=F("count") + 1):
        return 0
    ends_at = rows.values_list("ends_at", flat=True).first() or now
    return max(1, round((ends_at - now).total_seconds()))


@transaction.atomic
def forget_old_tries() -> None:
    """Take away what nobody counts any more; called when somebody signs in."""
    old = SignInTries.objects.filter(ends_at__lte=timezone.now())
    # Not those that another process is at.
    keys = list(old.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:1000])
    SignInTries.objects.filter(pk__in=keys).delete()
