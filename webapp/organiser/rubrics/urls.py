"""The addresses of rubrics and their drafts."""

from django.urls import path

from . import draft_pages, pages

urlpatterns = [
    path("", pages.rubrics, name="rubrics"),
    path("<slug:slug>/<int:number>/", pages.rubric, name="rubric"),
    path("<slug:slug>/<int:number>/rubric.yaml", pages.source_file, name="rubric-file"),
    path("<slug:slug>/<int:number>/draft/", pages.draft, name="rubric-draft"),
    path("<slug:slug>/<int:number>/edit/", draft_pages.edit, name="rubric-edit"),
    path("<slug:slug>/<int:number>/source/", draft_pages.source, name="rubric-source"),
    path("<slug:slug>/<int:number>/discard/", pages.discard, name="rubric-discard"),
    path("<slug:slug>/<int:number>/changes/", pages.changes, name="rubric-changes"),
    path("<slug:slug>/<int:number>/publish/", pages.publish, name="rubric-publish"),
]
