"""List the addresses of whoever runs a campaign."""

from django.urls import path

from . import calibration_views, hours_views, life_views, planner_views, question_views, views

app_name = "organiser"
urlpatterns = [
    path("", views.home, name="home"),
    path("plan/", planner_views.plan, name="plan"),
    path("<slug:slug>/", views.campaign, name="campaign"),
    path("<slug:slug>/prefill/", views.prefill, name="prefill"),
    path("<slug:slug>/agreement/", views.measure, name="measure"),
    path("<slug:slug>/releases/", views.publish, name="publish"),
    path("<slug:slug>/state/", life_views.move, name="move"),
    path("<slug:slug>/answers/", life_views.ask_for, name="ask-for"),
    path("<slug:slug>/arms/", life_views.choose_arms, name="choose-arms"),
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
