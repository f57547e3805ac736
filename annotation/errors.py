"""Everything that can go wrong in the domain.

ConnoisseurError
├── BadInput                what someone gave us cannot be used; says what, where and what is accepted
│   ├── RubricInvalid       a rubric file
│   ├── FieldsInvalid       `errors` maps each field to its message
│   │   └── AnnotationInvalid   an annotation, or a consensus
│   ├── SourceRefused       a folder, zip or manifest as a whole
│   ├── ImageRefused      one image
│   ├── ReleaseRefused      a release that may not be published
│   ├── ReleaseUnreadable   a folder that is no release, or a broken one
│   └── RatingsRefused      a file of annotations from elsewhere; nothing was imported
├── QueueDown               the queue cannot be reached, or nobody works it off
├── Conflict                the thing has changed meanwhile; nothing was overwritten
│   └── WorkEnded           the campaign is closed, or the image gone; nothing is added any more
│       └── ImageWithdrawn      the image is not to be seen any more either
└── NotAllowed              this person may not do this
"""

from __future__ import annotations


class ConnoisseurError(Exception):
    """The root of all errors of the domain; the message is fit for the person who caused it."""


class BadInput(ConnoisseurError):
    """What someone gave us cannot be used."""


class FieldsInvalid(BadInput):
    """What someone sent, field by field; the name "" stands for the whole of it."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {message}" if field else message for field, message in errors.items()))
        self.errors = errors


class RubricInvalid(BadInput):
    """A rubric file."""


class AnnotationInvalid(FieldsInvalid):
    """An annotation, or a consensus."""


class SourceRefused(BadInput):
    """A folder, zip or manifest as a whole; nothing was imported."""


class ImageRefused(BadInput):
    """One image; the others go on."""


class ReleaseRefused(BadInput):
    """A release that may not be published; nothing was written."""


class ReleaseUnreadable(BadInput):
    """A folder that is no release, or a broken one."""


class RatingsRefused(BadInput):
    """A file of annotations collected elsewhere; nothing was imported."""


class QueueDown(ConnoisseurError):
    """The queue cannot be reached, or that nobody works it off."""


class Conflict(ConnoisseurError):
    """The thing has changed meanwhile; nothing was overwritten."""


class WorkEnded(Conflict):
    """The campaign is closed, or the image is gone; nothing is added any more."""


class ImageWithdrawn(WorkEnded):
    """The image is withdrawn: nothing is added, and nobody is shown it any more."""


class NotAllowed(ConnoisseurError):
    """This person may not do this."""
