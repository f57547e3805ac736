"""List the addresses of the workspace."""

from django.urls import path

from .annotate import calibration as calibration_views
from .annotate import consent as consent_views
from .annotate import pages as views
from .review import pages as review_views

app_name = "workspace"
urlpatterns = [
    path("", views.home, name="home"),
    path("reviews/", review_views.reviews, name="reviews"),
    path("reviews/<int:pk>/", review_views.review, name="review"),
    path("reviews/<int:pk>/reopen/", review_views.reopen, name="review-reopen"),
    path("questions/", views.questions, name="questions"),
    path("questions/<uuid:pk>/", views.ask, name="ask"),
    path("<slug:slug>/consent/", consent_views.consent, name="consent"),
    path("<slug:slug>/calibration/", calibration_views.calibration, name="calibration"),
    path("<slug:slug>/recent/", views.recent, name="recent"),
    path("<slug:slug>/", views.judge, name="judge"),
]
