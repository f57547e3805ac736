"""The pages on which people are invited, and on which they accept."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.errors import BadInput, Conflict
from annotation.models import Campaign
from annotation.roles import Role
from webapp.access import SignedInRequest, administrators
from webapp.wording import say, translate

from . import invite as actions
from .factor_pages import THEN
from .invitation_forms import AcceptForm, InvitationsForm
from .invite import Link
from .mail import sends_mail
from .models import Invitation, User
from .views import ROOMS

# Under which the session keeps the hash of the invitation that was opened.
OPENED = "invitation"


# Whoever invites.


@require_http_methods(["GET", "POST"])
@administrators
def invitations(request: SignedInRequest) -> HttpResponse:
    """Show all open invitations, and invite people without a campaign, or as administrators."""
    return answer_invitations(request, None)


@require_POST
@administrators
def change_invitation(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Withdraw or renew an invitation."""
    return answer_change(request, None, pk, verb)


def answer_invitations(request: SignedInRequest, campaign: Campaign | None) -> HttpResponse:
    """Show the open invitations and a form for more; links that were just made are in this answer only."""
    form = InvitationsForm(campaign, request.POST or None, request.FILES or None)
    links: list[Link] = []
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            links = actions.invite(
                form.invitees,
                by=request.user,
                campaign=campaign,
                administrator=cleaned.get("administrator", False),
                form_key=cleaned["form_key"],
            )
        except (BadInput, Conflict) as error:
            form.add_error(None, say(error))
    if links:
        return show_links(request, campaign, links)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/invitations.html", context_of(request, campaign) | {"form": form}, status=status)


def answer_change(request: SignedInRequest, campaign: Campaign | None, pk: int, verb: str) -> HttpResponse:
    """Withdraw or renew an invitation, and show what came of it."""
    rows = Invitation.objects.managed_by(request.user)
    invitation = get_object_or_404(rows.filter(campaign=campaign) if campaign else rows, pk=pk)
    try:
        if verb == "renew":
            return show_links(request, campaign, [actions.renew_invitation(invitation, by=request.user)])
        actions.withdraw_invitation(invitation, by=request.user)
        messages.success(request, gettext("The invitation is withdrawn; its link lets nobody in."))
    except Conflict as error:
        messages.error(request, say(error))
    return redirect(place_of(campaign))


def show_links(request: SignedInRequest, campaign: Campaign | None, links: list[Link]) -> HttpResponse:
    """Mail what can be mailed, and show the other links, now and never again."""
    unsent = actions.mail_invitations(links, lambda link: message(request, link)) if sends_mail() else links
    to_copy = [(link.invitation, address(request, link)) for link in unsent]
    mailed = [link.invitation for link in links if link.invitation.mailed_at]
    more = {
        "form": InvitationsForm(campaign),
        "to_copy": to_copy,
        "mailed": mailed,
        "mail_failed": sends_mail() and any(link.invitation.email for link in unsent),
    }
    return render(request, "accounts/invitations.html", context_of(request, campaign) | more)


def context_of(request: SignedInRequest, campaign: Campaign | None) -> dict[str, Any]:
    """Return what the page shows beside its form: the invitations that wait."""
    rows = Invitation.objects.managed_by(request.user).waiting().select_related("campaign", "invited_by")
    rows = rows.filter(campaign=campaign) if campaign else rows
    return {"campaign": campaign, "waiting": rows, "sends_mail": sends_mail()}


def place_of(campaign: Campaign | None) -> str:
    """Return the address of the page of invitations, into a campaign or of all."""
    return reverse("organiser:invitations", args=[campaign.slug]) if campaign else reverse("invitations")


def address(request: HttpRequest, link: Link) -> str:
    """Return the link as it is handed on."""
    return request.build_absolute_uri(reverse("invitation-link", args=[link.token]))


def message(request: SignedInRequest, link: Link) -> EmailMessage:
    """Return the mail that carries a link."""
    invitation = link.invitation
    context = {
        "invitation": invitation,
        "link": address(request, link),
        "host": request.get_host(),
        "inviter": request.user.get_full_name() or request.user.get_username(),
    }
    subject = " ".join(render_to_string("accounts/mail/invitation_subject.txt", context).split())
    return EmailMessage(subject, render_to_string("accounts/mail/invitation.txt", context), to=[invitation.email])


# Whoever accepts.


@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Remember which invitation was opened, and go on to an address that holds no token."""
    request.session[OPENED] = Invitation.hash_of(token)
    answer = redirect("invitation")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Ask whoever opened an invitation to accept it: with the account they have, or with a new one."""
    opened = invitation_of(request)
    if opened and opened.accepted_by_id and opened.accepted_by == request.user:
        return go_in(request, opened)
    if wrong := actions.what_is_wrong(opened):
        return render(request, "accounts/invitation_closed.html", {"wrong": translate(wrong)}, status=410)
    assert opened is not None
    if isinstance(request.user, User):
        return accept_as(request, opened, request.user)
    return accept_anew(request, opened)


@require_POST
def accept_as_somebody_else(request: HttpRequest) -> HttpResponse:
    """Sign out, and go on with the invitation that was opened."""
    opened = request.session.get(OPENED)
    logout(request)
    if opened:
        request.session[OPENED] = opened
    return redirect("invitation")


def invitation_of(request: HttpRequest) -> Invitation | None:
    """Return the invitation that was opened in this session."""
    rows = Invitation.objects.select_related("campaign__rubric_version", "invited_by", "accepted_by")
    return rows.filter(token_hash=request.session.get(OPENED, "")).first()


def accept_as(request: HttpRequest, opened: Invitation, person: User) -> HttpResponse:
    """Let somebody accept who is signed in, once they have said so."""
    wrong = ""
    if request.method == "POST":
        try:
            return go_in(request, actions.accept_invitation(opened, person))
        except (BadInput, Conflict) as error:
            wrong = say(error)
    is_others = bool(opened.email) and opened.email.lower() != person.email.lower()
    context = {"invitation": opened, "wrong": wrong, "is_others": is_others}
    return render(request, "accounts/invitation_as.html", context, status=422 if wrong else 200)


def accept_anew(request: HttpRequest, opened: Invitation) -> HttpResponse:
    """Let somebody accept who makes an account."""
    form = AcceptForm(opened, request.POST or None)
    if request.method == "POST":
        # Names that are taken are told here, so whoever holds an invitation cannot go through a list of them.
        if refusal := ratelimit.consume_or_429(request, action="invitation", key=opened.token_hash):
            return refusal  # type: ignore[no-any-return]
        if form.is_valid() and (person := accept_by_form(opened, form)):
            url = go_in(request, opened).url
            if form.cleaned_data["passkey"]:
                request.session[THEN] = url
                url = reverse("mfa_add_webauthn")
            record_authentication(request, person, method="invitation")
            answer: HttpResponse = perform_login(request, person, redirect_url=url)
            return answer
    context = {"invitation": opened, "form": form, "is_set_up": actions.is_set_up(opened)}
    return render(request, "accounts/invitation.html", context, status=422 if form.errors else 200)


def accept_by_form(opened: Invitation, form: AcceptForm) -> User | None:
    """Return the new account; None, with the reason in the form, where nothing came of it."""
    cleaned = form.cleaned_data
    try:
        with transaction.atomic():
            _accepted, person = actions.accept_with_new_account(
                opened,
                username=cleaned["username"],
                display_name=cleaned["display_name"],
                password=None if cleaned["passkey"] else cleaned["password1"],
            )
            return person
    except IntegrityError:  # Somebody else took it in the same moment.
        form.add_error("username", gettext("Somebody is called so already. Choose another name."))
    except (BadInput, Conflict) as error:
        form.add_error(None, say(error))
    return None


def go_in(request: HttpRequest, accepted: Invitation) -> HttpResponseRedirect:
    """Lead whoever accepted to where their work is."""
    request.session.pop(OPENED, None)
    return redirect(room_of_invitation(accepted))


def room_of_invitation(accepted: Invitation) -> str:
    """Return the address where the work of an invitation is."""
    campaign, roles = accepted.campaign, accepted.role_set
    if campaign is None:
        return reverse("start" if actions.is_set_up(accepted) else "home")
    if Role.ANNOTATOR in roles:
        is_open = campaign.state == Campaign.State.OPEN
        return reverse("workspace:annotate", args=[campaign.slug]) if is_open else reverse("workspace:home")
    if Role.ORGANISER in roles:
        return reverse("organiser:campaign", args=[campaign.slug])
    return reverse(next((ROOMS[role] for role in ROOMS if role in roles), "home"))
