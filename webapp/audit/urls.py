"""List the addresses of whoever checks our work."""

from django.urls import path

from .events import pages as views
from .images import pages as image_views
from .reports import pages as report_views
from .reports import retest as retest_views
from .reports import stored as stored_views

app_name = "audit"
urlpatterns = [
    path("", views.home, name="home"),
    path("reports/<int:pk>/", report_views.report, name="report"),
    path("reports/<int:pk>/<slug:table>.csv", report_views.report_csv, name="report-csv"),
    path("reports/<int:pk>/methods-<slug:language>.txt", report_views.report_methods, name="report-methods"),
    path("<slug:slug>/agreement/", report_views.agreement, name="agreement"),
    path("<slug:slug>/images/<int:pk>/", image_views.image, name="image"),
    path("<slug:slug>/retest/", retest_views.retest, name="retest"),
    path("<slug:slug>/releases/", views.releases, name="releases"),
    path("reports/<int:pk>/recompute/", stored_views.recompute, name="report-recompute"),
    path("<slug:slug>/analysis-plan/", stored_views.plan, name="analysis-plan"),
    path("<slug:slug>/events/", views.events, name="events"),
]
