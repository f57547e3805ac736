"""Make the demo set: free photographs from installed packages, and images drawn by code.

`canvas`, `brush` and `solids` are the tools; each other module draws one kind of image; `build` writes the set.
Nothing here knows Django.
"""

from .build import DemoImage, DemoSet, build_demo_set

__all__ = ["DemoImage", "DemoSet", "build_demo_set"]
