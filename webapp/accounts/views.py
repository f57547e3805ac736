"""Let people in and send each to their room."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.http import require_safe

from annotation.roles import Role
from webapp.access import SignedInRequest, administrators, roles_of

from .forms import KNOWN_BROWSER, KNOWN_FOR, SignInForm

# The first of the roles a person has, in this order, says where they begin.
ROOMS: dict[Role, str] = {
    Role.ORGANISER: "organiser:home",
    Role.ANNOTATOR: "workspace:home",
    Role.ADJUDICATOR: "workspace:cases",
    Role.AUDITOR: "audit:home",
    Role.VIEWER: "audit:home",
}


class SignInView(LoginView):
    """Sign in by name or e-mail, and password."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send away whoever is signed in already, unless a script of ours asks."""
        # In another tab, perhaps, and as somebody else: the page that asks is told who it is, or signs its person in.
        if wants_json(request):
            return View.dispatch(self, request, *args, **kwargs)
        return cast(HttpResponseBase, super().dispatch(request, *args, **kwargs))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; a page that waits for its person is told who is signed in, "" when nobody is."""
        if wants_json(request):
            return JsonResponse({"person": getattr(request.user, "pseudonym", "")})
        return cast(HttpResponse, super().get(request, *args, **kwargs))

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Let the person in; a page that signs in in place is told who it is."""
        answer: HttpResponse = super().form_valid(form)
        if wants_json(self.request):
            answer = JsonResponse(self.answer_in_place(form))
        options: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": settings.SESSION_COOKIE_SECURE}
        browser = form.browser_to_know()
        answer.set_signed_cookie(KNOWN_BROWSER, browser, salt=KNOWN_BROWSER, max_age=KNOWN_FOR, **options)
        return answer

    def answer_in_place(self, form: SignInForm) -> dict[str, str]:
        """Return who is signed in, or what is still asked for."""
        if self.request.user.is_authenticated:
            return {"person": form.user.pseudonym}
        # The page that waits notices as soon as somebody is signed in, in whichever tab.
        return {
            "error": gettext("Your second factor is asked for too: open this site in another tab, and sign in there.")
        }

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Show the form again; say so in the status too when there were too many tries."""
        too_many = form.has_error(NON_FIELD_ERRORS, "too_many")
        headers = {"Retry-After": str(form.seconds_refused)} if too_many else {}
        if wants_json(self.request):
            words = " ".join(str(error) for errors in form.errors.values() for error in errors)
            return JsonResponse({"error": words}, status=429 if too_many else 400, headers=headers)
        context: dict[str, Any] = self.get_context_data(form=form)
        answer: HttpResponse = self.render_to_response(context, status=429 if too_many else 200, headers=headers)
        return answer


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script of ours asks, not a browser that shows a page."""
    # A browser that follows a link always accepts HTML; our scripts ask for JSON alone.
    return not request.accepts("text/html")


@require_safe
@login_required
def home(request: SignedInRequest) -> HttpResponse:
    """Send each person to the room of their role; whoever has none yet is told so."""
    roles = roles_of(request)
    room = next((ROOMS[role] for role in ROOMS if role in roles), None)
    return redirect(room) if room else render(request, "accounts/no_role.html")


@require_safe
@administrators
def start(request: SignedInRequest) -> HttpResponse:
    """Show whoever runs a new installation what comes first."""
    return render(request, "accounts/start.html")
