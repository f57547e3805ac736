"""List the addresses of whoever runs a campaign."""

from django.urls import path

from .calibration import pages as calibration_views
from .campaigns import analysis_plan as analysis_views
from .campaigns import consent as consent_views
from .campaigns import hours as hours_views
from .campaigns import life as life_views
from .campaigns import pages as views
from .campaigns import planner as planner_views
from .campaigns import questions as question_views
from .duplicates import pages as near_duplicate_views
from .prefills import pages as run_views
from .releases import pages as release_views
from .rubrics import adoption as adoption_views
from .rubrics import drafts as draft_views
from .rubrics import pages as rubric_views

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
    path("<slug:slug>/analysis-plan/", analysis_views.analysis_plan, name="analysis-plan"),
    path("<slug:slug>/rubric/", adoption_views.adoption, name="adoption"),
    path("<slug:slug>/prefill/", run_views.prefill, name="prefill"),
    path("<slug:slug>/runs/<int:pk>/", run_views.show, name="run"),
    path("<slug:slug>/runs/<int:pk>/cancel/", run_views.cancel, name="run-cancel"),
    path("<slug:slug>/runs/<int:pk>/resume/", run_views.resume, name="run-resume"),
    path("<slug:slug>/agreement/", views.measure, name="measure"),
    path("<slug:slug>/releases/", release_views.publish, name="publish"),
    path("<slug:slug>/releases/new/", release_views.prepare, name="prepare-release"),
    path("<slug:slug>/releases/<str:version>/go-on/", release_views.go_on, name="release-go-on"),
    path("<slug:slug>/state/", life_views.move, name="move"),
    path("<slug:slug>/answers/", life_views.ask_for, name="ask-for"),
    path("<slug:slug>/arms/", life_views.choose_arms, name="choose-arms"),
    path("<slug:slug>/repeats/", life_views.choose_repeats, name="choose-repeats"),
    path("<slug:slug>/precision/", life_views.choose_precision, name="choose-precision"),
    path("<slug:slug>/invite/", life_views.invite, name="invite"),
    path("<slug:slug>/dismiss/", life_views.dismiss, name="dismiss"),
    path("<slug:slug>/terms/", life_views.state_terms, name="state-terms"),
    path("<slug:slug>/clone/", life_views.clone, name="clone"),
    path("<slug:slug>/calibration/", calibration_views.calibration, name="calibration"),
    path("<slug:slug>/calibration/anchors/", calibration_views.compare_with, name="compare-with"),
    path("<slug:slug>/calibration/decide/", calibration_views.decide, name="calibration-decide"),
    path("<slug:slug>/near-duplicates/", near_duplicate_views.near_duplicates, name="near duplicates"),
    path("<slug:slug>/near-duplicates/<int:pk>/", near_duplicate_views.decide, name="near duplicate"),
    path("<slug:slug>/questions/", question_views.questions, name="questions"),
    path("<slug:slug>/questions/<uuid:pk>/", question_views.answer, name="answer-question"),
    path("<slug:slug>/hours/", hours_views.hours, name="hours"),
    path("<slug:slug>/hours.csv", hours_views.hours_csv, name="hours-csv"),
]
