"""List the addresses of whoever annotates."""

from django.urls import path

from . import calibration, consent, pages, questions

urlpatterns = [
    path("", pages.home, name="home"),
    path("questions/", questions.list_questions, name="questions"),
    path("questions/<uuid:pk>/", questions.ask, name="ask"),
    path("<slug:slug>/consent/", consent.ask_consent, name="consent"),
    path("<slug:slug>/calibration/", calibration.show_calibration, name="calibration"),
    path("<slug:slug>/recent/", pages.recent, name="recent"),
    path("<slug:slug>/", pages.annotate, name="annotate"),
]
