"""List the addresses of whoever runs a campaign."""

from django.urls import path

from . import (
    adoption_views,
    calibration_views,
    consent_views,
    draft_views,
    hours_views,
    life_views,
    planner_views,
    question_views,
    rubric_views,
    views,
)

app_name = "organiser"
urlpatterns = [
    path("", views.home, name="home"),
    path("plan/", planner_views.plan, name="plan"),
    path("rubrics/", rubric_views.rubrics, name="rubrics"),
    path("rubrics/<slug:slug>/<int:number>/", rubric_views.rubric, name="rubric"),
    path("rubrics/<slug:slug>/<int:number>/rubric.yaml", rubric_views.source_file, name="rubric-file"),
    path("rubrics/<slug:slug>/<int:number>/draft/", rubric_views.draft, name="rubric-draft"),
    path("rubrics/<slug:slug>/<int:number>/edit/", draft_views.edit, name="rubric-edit"),
    path("rubrics/<slug:slug>/<int:number>/source/", draft_views.source, name="rubric-source"),
    path("rubrics/<slug:slug>/<int:number>/discard/", rubric_views.discard, name="rubric-discard"),
    path("rubrics/<slug:slug>/<int:number>/changes/", rubric_views.changes, name="rubric-changes"),
    path("rubrics/<slug:slug>/<int:number>/publish/", rubric_views.publish, name="rubric-publish"),
    path("<slug:slug>/", views.campaign, name="campaign"),
    path("<slug:slug>/consent/", consent_views.consent, name="consent"),
    path("<slug:slug>/rubric/", adoption_views.adoption, name="adoption"),
    path("<slug:slug>/prefill/", views.prefill, name="prefill"),
    path("<slug:slug>/agreement/", views.measure, name="measure"),
    path("<slug:slug>/releases/", views.publish, name="publish"),
    path("<slug:slug>/state/", life_views.move, name="move"),
    path("<slug:slug>/answers/", life_views.ask_for, name="ask-for"),
    path("<slug:slug>/arms/", life_views.choose_arms, name="choose-arms"),
    path("<slug:slug>/repeats/", life_views.choose_repeats, name="choose-repeats"),
    path("<slug:slug>/precision/", life_views.choose_precision, name="choose-precision"),
    path("<slug:slug>/invite/", life_views.invite, name="invite"),
    path("<slug:slug>/dismiss/", life_views.dismiss, name="dismiss"),
    path("<slug:slug>/clone/", life_views.clone, name="clone"),
    path("<slug:slug>/calibration/", calibration_views.calibration, name="calibration"),
    path("<slug:slug>/calibration/decide/", calibration_views.decide, name="calibration-decide"),
    path("<slug:slug>/questions/", question_views.questions, name="questions"),
    path("<slug:slug>/questions/<uuid:pk>/", question_views.answer, name="answer-question"),
    path("<slug:slug>/hours/", hours_views.hours, name="hours"),
    path("<slug:slug>/hours.csv", hours_views.hours_csv, name="hours-csv"),
]
