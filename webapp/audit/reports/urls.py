"""The addresses of reports of agreement; a report keeps its own for ever."""

from django.urls import path

from . import analysis_plan_pages, pages, recompute_pages, retest_pages

urlpatterns = [
    path("reports/<int:pk>/", pages.report, name="report"),
    path("reports/<int:pk>/<slug:table>.csv", pages.report_csv, name="report-csv"),
    path("reports/<int:pk>/methods-<slug:language>.txt", pages.report_methods, name="report-methods"),
    path("reports/<int:pk>/recompute/", recompute_pages.recompute, name="report-recompute"),
    path("<slug:slug>/agreement/", pages.agreement, name="agreement"),
    path("<slug:slug>/analysis-plan/", analysis_plan_pages.analysis_plan, name="analysis-plan"),
    path("<slug:slug>/retest/", retest_pages.retest, name="retest"),
]
