"""The addresses of campaigns from draft to close."""

from django.urls import path

from webapp.organiser.rubrics import adoption_pages

from . import analysis_plan_pages, consent_pages, hours_pages, pages, planner_pages, question_pages, state_pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("plan/", planner_pages.plan, name="plan"),
    path("<slug:slug>/", pages.campaign, name="campaign"),
    path("<slug:slug>/agreement/", pages.measure, name="measure"),
    path("<slug:slug>/analysis-plan/", analysis_plan_pages.analysis_plan, name="analysis-plan"),
    path("<slug:slug>/consent/", consent_pages.consent, name="consent"),
    path("<slug:slug>/hours/", hours_pages.hours, name="hours"),
    path("<slug:slug>/hours.csv", hours_pages.hours_csv, name="hours-csv"),
    path("<slug:slug>/questions/", question_pages.questions, name="questions"),
    path("<slug:slug>/questions/<uuid:pk>/", question_pages.answer, name="answer-question"),
    path("<slug:slug>/rubric/", adoption_pages.adoption, name="adoption"),
    path("<slug:slug>/state/", state_pages.move, name="move"),
    path("<slug:slug>/answers/", state_pages.ask_for, name="ask-for"),
    path("<slug:slug>/arms/", state_pages.choose_arms, name="choose-arms"),
    path("<slug:slug>/repeats/", state_pages.choose_repeats, name="choose-repeats"),
    path("<slug:slug>/precision/", state_pages.choose_precision, name="choose-precision"),
    path("<slug:slug>/invite/", state_pages.invite, name="invite"),
    path("<slug:slug>/dismiss/", state_pages.dismiss, name="dismiss"),
    path("<slug:slug>/terms/", state_pages.state_terms, name="state-terms"),
    path("<slug:slug>/clone/", state_pages.clone, name="clone"),
]
