"""List the addresses everyone uses."""

from allauth.account.views import PasswordResetDoneView
from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from webapp.access import administrators

from . import (
    account_pages,
    erase_pages,
    factor_pages,
    institution,
    invitation_pages,
    password_pages,
    people_pages,
    views,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    # By its own names allauth leads to the same pages.
    path("sign-in/", views.SignInView.as_view(), name="account_login"),
    path("sign-out/", LogoutView.as_view(), name="account_logout"),
    path("start/", views.start, name="start"),
    path("account/", account_pages.account, name="account"),
    path("account/password/", password_pages.ChangePasswordPage.as_view(), name="account_change_password"),
    path("account/password/first/", password_pages.FirstPasswordPage.as_view(), name="account_set_password"),
    path("account/confirm/", password_pages.ConfirmPage.as_view(), name="account_reauthenticate"),
    path("password/", password_pages.ForgottenPasswordPage.as_view(), name="account_reset_password"),
    path(
        "password/sent/",
        PasswordResetDoneView.as_view(template_name="accounts/forgotten_password_sent.html"),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        password_pages.NewPasswordPage.as_view(),
        name="account_reset_password_from_key",
    ),
    path("people/<int:pk>/password/", password_pages.make_reset_link, name="reset-link"),
    path("people/invitations/", invitation_pages.invitations, name="invitations"),
    path(
        "people/invitations/<int:pk>/withdraw/",
        invitation_pages.change_invitation,
        {"verb": "withdraw"},
        name="withdraw-invitation",
    ),
    path(
        "people/invitations/<int:pk>/renew/",
        invitation_pages.change_invitation,
        {"verb": "renew"},
        name="renew-invitation",
    ),
    path("invitations/<str:token>/", invitation_pages.open_invitation, name="invitation-link"),
    path("invitation/", invitation_pages.invitation, name="invitation"),
    path("invitation/somebody-else/", invitation_pages.accept_as_somebody_else, name="invitation-as-somebody-else"),
    path("account/name/", account_pages.change_name, name="change-name"),
    path("account/e-mail/", account_pages.change_email, name="change-email"),
    re_path(
        r"^account/e-mail/(?P<key>[-:\w]+)/$", account_pages.ConfirmEmailPage.as_view(), name="account_confirm_email"
    ),
    path("account/sessions/", account_pages.sign_out_elsewhere, name="sign-out-elsewhere"),
    path("account/export/", account_pages.export_own, name="export-own"),
    path("people/", people_pages.people, name="people"),
    path("people/<int:pk>/", people_pages.person, name="person"),
    path("people/<int:pk>/export/", administrators(erase_pages.export), name="person-export"),
    path("people/<int:pk>/erase/", people_pages.erase, name="person-erase"),
    *(
        path(f"people/<int:pk>/{verb}/", people_pages.change_person, {"verb": verb}, name=f"person-{verb}")
        for verb in people_pages.CHANGES
    ),
    path("sign-in/second-factor/", factor_pages.SecondFactorPage.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", factor_pages.PasskeySignInPage.as_view(), name="mfa_login_webauthn"),
    path("account/confirm/code/", factor_pages.ConfirmByCodePage.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", factor_pages.ConfirmByPasskeyPage.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/app/", factor_pages.ActivateAppPage.as_view(), name="mfa_activate_totp"),
    path("account/app/remove/", factor_pages.DeactivateAppPage.as_view(), name="mfa_deactivate_totp"),
    path("account/recovery-codes/", factor_pages.RecoveryCodesPage.as_view(), name="mfa_view_recovery_codes"),
    path(
        "account/recovery-codes/new/", factor_pages.NewRecoveryCodesPage.as_view(), name="mfa_generate_recovery_codes"
    ),
    path("account/passkeys/add/", factor_pages.AddPasskeyPage.as_view(), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", factor_pages.RemovePasskeyPage.as_view(), name="mfa_remove_webauthn"),
    # Where it leads after a factor was changed.
    path("account/", account_pages.account, name="mfa_index"),
    path("sign-in/<slug:provider_id>/start/", institution.begin, name="openid_connect_login"),
    path("sign-in/<slug:provider_id>/callback/", institution.come_back, name="openid_connect_callback"),
]
