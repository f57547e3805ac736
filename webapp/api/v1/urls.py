"""List the addresses programs use, our own pages included."""

from django.urls import path

from . import assignments, campaigns, schema, viewing

urlpatterns = [
    path("schema/", schema.show, name="api-schema"),
    path("campaigns/<slug:slug>/next/", campaigns.next_assignment, name="api-next"),
    path("campaigns/<slug:slug>/ahead/", campaigns.upcoming_images, name="api-ahead"),
    path("campaigns/<slug:slug>/anchors/", campaigns.anchors, name="api-anchors"),
    path("campaigns/<slug:slug>/runs/", campaigns.runs, name="api-runs"),
    path("sent-back/", assignments.list_sent_back, name="api-sent-back"),
    path("viewing-checks/", viewing.check, name="api-viewing-check"),
    path("assignments/<uuid:pk>/", assignments.show, name="api-assignment"),
    path("assignments/<uuid:pk>/draft/", assignments.draft, name="api-draft"),
    path("assignments/<uuid:pk>/heartbeat/", assignments.heartbeat, name="api-heartbeat"),
    path("assignments/<uuid:pk>/commit/", assignments.commit, name="api-commit"),
    path("assignments/<uuid:pk>/revise/", assignments.revise, name="api-revise"),
    path("assignments/<uuid:pk>/correct/", assignments.correct, name="api-correct"),
    path("assignments/<uuid:pk>/question/", assignments.question, name="api-question"),
    path("assignments/<uuid:pk>/skip/", assignments.skip, name="api-skip"),
    path("assignments/<uuid:pk>/take-back/", assignments.take_back, name="api-take-back"),
]
