"""Make the demo set: free photographs from installed packages, and pictures drawn by code.

`canvas`, `brush` and `solids` are the tools; each other module draws one kind of picture; `build` writes the set.
Nothing here knows Django.
"""

from .build import DemoPicture, DemoSet, build_demo_set

__all__ = ["DemoPicture", "DemoSet", "build_demo_set"]
