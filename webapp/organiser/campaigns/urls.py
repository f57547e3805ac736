"""The addresses of campaigns from draft to close."""

from django.urls import path

from webapp.organiser.rubrics import adoption_pages

from . import (
    analysis_plan_pages,
    case_pages,
    consent_pages,
    design_pages,
    hours_pages,
    invitation_pages,
    new_pages,
    pages,
    people_pages,
    planner_pages,
    question_pages,
    settings_pages,
    skip_pages,
    state_pages,
    terms_pages,
)

urlpatterns = [
    path("", pages.home, name="home"),
    # Before `<slug>/`; no campaign can take these names, which are reserved.
    path("new/", new_pages.new_campaign, name="new-campaign"),
    path("plan/", planner_pages.plan, name="plan"),
    path("<slug:slug>/", pages.campaign, name="campaign"),
    path("<slug:slug>/agreement/", pages.measure, name="measure"),
    path("<slug:slug>/analysis-plan/", analysis_plan_pages.analysis_plan, name="analysis-plan"),
    path("<slug:slug>/cases/", case_pages.cases, name="cases"),
    path("<slug:slug>/consent/", consent_pages.consent, name="consent"),
    path("<slug:slug>/hours/", hours_pages.hours, name="hours"),
    path("<slug:slug>/hours.csv", hours_pages.hours_csv, name="hours-csv"),
    path("<slug:slug>/invitations/", invitation_pages.invitations, name="invitations"),
    path(
        "<slug:slug>/invitations/<int:pk>/withdraw/",
        invitation_pages.change_invitation,
        {"verb": "withdraw"},
        name="withdraw-invitation",
    ),
    path(
        "<slug:slug>/invitations/<int:pk>/renew/",
        invitation_pages.change_invitation,
        {"verb": "renew"},
        name="renew-invitation",
    ),
    path("<slug:slug>/questions/", question_pages.questions, name="questions"),
    path("<slug:slug>/questions/<uuid:pk>/", question_pages.answer, name="answer-question"),
    path("<slug:slug>/skips/", skip_pages.skips, name="skips"),
    path("<slug:slug>/skips/<uuid:pk>/hand-back/", skip_pages.hand_back, name="hand-back"),
    path("<slug:slug>/rubric/", adoption_pages.adoption, name="adoption"),
    path("<slug:slug>/state/", state_pages.change_state, name="change-state"),
    path(
        "<slug:slug>/annotations-per-image/",
        design_pages.choose_annotations_per_image,
        name="choose-annotations-per-image",
    ),
    path("<slug:slug>/arms/", design_pages.choose_arms, name="choose-arms"),
    path("<slug:slug>/repeats/", design_pages.choose_repeats, name="choose-repeats"),
    path("<slug:slug>/precision/", design_pages.choose_precision, name="choose-precision"),
    path("<slug:slug>/description/", settings_pages.change_description, name="change-description"),
    path("<slug:slug>/pace/", settings_pages.choose_pace, name="choose-pace"),
    path("<slug:slug>/case-spread/", settings_pages.choose_case_spread, name="choose-case-spread"),
    path("<slug:slug>/draws/", settings_pages.choose_draws, name="choose-draws"),
    path("<slug:slug>/surround/", settings_pages.choose_surround, name="choose-surround"),
    path("<slug:slug>/cap/", settings_pages.cap_person, name="cap-person"),
    path("<slug:slug>/invite/", people_pages.invite, name="invite"),
    path("<slug:slug>/dismiss/", people_pages.dismiss, name="dismiss"),
    path("<slug:slug>/terms/", terms_pages.state_terms, name="state-terms"),
    path("<slug:slug>/clone/", state_pages.clone, name="clone"),
    path("<slug:slug>/delete/", state_pages.delete, name="delete-draft"),
]
