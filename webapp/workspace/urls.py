"""List the addresses of the workspace."""

from .annotate.urls import urlpatterns as annotate
from .review.urls import urlpatterns as review

app_name = "workspace"
# A campaign may have any other name: `cases/` goes before `<slug>/`.
urlpatterns = [*review, *annotate]
