"""Let people in and send each to their room."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from annotation.roles import Role
from webapp.access import SignedInRequest, roles_of

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
    """Sign in by name and password."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send away whoever is signed in already, unless a script of ours asks."""
        # In another tab, perhaps, and as somebody else: the page that asks is told who it is, or signs its person in.
        self.redirect_authenticated_user = not wants_json(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form; a page that waits for its person is told who is signed in, "" when nobody is."""
        if wants_json(request):
            return JsonResponse({"person": getattr(request.user, "pseudonym", "")})
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let the person in; a page that signs in in place is told who it is."""
        answer = super().form_valid(form)
        if wants_json(self.request):
            answer = JsonResponse({"person": form.get_user().pseudonym})
        options: dict[str, Any] = {"httponly": True, "samesite": "Lax", "secure": settings.SESSION_COOKIE_SECURE}
        browser = cast(SignInForm, form).browser_to_know()
        answer.set_signed_cookie(KNOWN_BROWSER, browser, salt=KNOWN_BROWSER, max_age=KNOWN_FOR, **options)
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again; say so in the status too when there were too many tries."""
        too_many = form.has_error(NON_FIELD_ERRORS, "too_many")
        headers = {"Retry-After": str(cast(SignInForm, form).seconds_refused)} if too_many else {}
        if wants_json(self.request):
            words = " ".join(str(error) for errors in form.errors.values() for error in errors)
            return JsonResponse({"error": words}, status=429 if too_many else 400, headers=headers)
        if not too_many:
            return super().form_invalid(form)
        context: dict[str, Any] = self.get_context_data(form=form)
        return self.render_to_response(context, status=429, headers=headers)


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
