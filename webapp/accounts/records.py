"""What the access log says of accounts and roles, whichever page, command or shell changed them."""

from __future__ import annotations

from typing import Any

from allauth.mfa import signals as factor_signals
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Q
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver

from annotation.models import Membership
from webapp.operations.access_log import record_access

from .models import User

# Rights that are looked at, and the password, of which only is said that it was changed.
RIGHTS = ("is_active", "is_staff", "is_superuser")


@receiver(user_logged_in)
def record_sign_in(request: Any, user: User, **_signal: Any) -> None:
    record_access("signed in", request=request, account=user.get_username())


@receiver(user_logged_out)
def record_sign_out(request: Any, user: User | None, **_signal: Any) -> None:
    if user is not None:
        record_access("signed out", request=request, account=user.get_username())


@receiver(user_login_failed)
def record_failure(credentials: dict[str, Any], request: Any = None, **_signal: Any) -> None:
    name = str(credentials.get("username", ""))
    # A name that is not there may be a password typed into the wrong field.
    people = User.objects.none() if "\0" in name else User.objects.filter(Q(username=name) | Q(email=name or None))
    record_access("sign-in failed", request=request, account=people.values_list("username", flat=True).first())


@receiver(pre_save, sender=User)
def remember_account(instance: User, update_fields: Any = None, **_signal: Any) -> None:
    instance.before = None  # type: ignore[attr-defined]
    if update_fields is not None and {*RIGHTS, "password"}.isdisjoint(update_fields):
        return
    before = User.objects.filter(pk=instance.pk).values(*RIGHTS, "password").first() if instance.pk else None
    instance.before = before  # type: ignore[attr-defined]


@receiver(post_save, sender=User)
def record_account(instance: User, created: bool, update_fields: Any = None, **_signal: Any) -> None:
    rights = {name: getattr(instance, name) for name in RIGHTS}
    if created:
        record_access("account made", account=instance.get_username(), **rights)
        return
    before = instance.before or {}  # type: ignore[attr-defined]
    stored = set(before) if update_fields is None else set(before) & set(update_fields)
    changes = {name: value for name, value in rights.items() if name in stored and before[name] != value}
    if changes:
        record_access("rights changed", account=instance.get_username(), **changes)
    if "password" in stored and before["password"] != instance.password:
        record_access("password changed", account=instance.get_username())


@receiver(m2m_changed, sender=User.groups.through)
@receiver(m2m_changed, sender=User.user_permissions.through)
def record_permissions(instance: Any, action: str, pk_set: set[int] | None, **_signal: Any) -> None:
    if action in ("post_add", "post_remove", "post_clear") and isinstance(instance, User):
        record_access("permissions changed", account=instance.get_username(), verb=action[5:], of=sorted(pk_set or ()))


@receiver(post_save, sender=Membership)
def record_roles(instance: Membership, raw: bool, update_fields: Any = None, **_signal: Any) -> None:
    # Rows that are loaded from elsewhere may come before the person they are of.
    if update_fields is None and not raw:
        say_roles(instance, sorted(instance.roles))


@receiver(post_delete, sender=Membership)
def record_end_of_roles(instance: Membership, **_signal: Any) -> None:
    say_roles(instance, [])


def say_roles(membership: Membership, roles: list[str]) -> None:
    """Record which roles a person has in a campaign from now on."""
    account, campaign = membership.user.get_username(), membership.campaign.slug
    record_access("roles changed", account=account, campaign=campaign, roles=roles)


@receiver(factor_signals.authenticator_added)
def record_factor(user: User, authenticator: Any, request: Any = None, **_signal: Any) -> None:
    record_access("second factor added", request=request, account=user.get_username(), kind=authenticator.type)


@receiver(factor_signals.authenticator_removed)
def record_end_of_factor(user: User, authenticator: Any, request: Any = None, **_signal: Any) -> None:
    record_access("second factor removed", request=request, account=user.get_username(), kind=authenticator.type)


@receiver(factor_signals.authentication_failed)
def record_wrong_code(user: User, request: Any = None, **_signal: Any) -> None:
    record_access("second factor failed", request=request, account=user.get_username())
