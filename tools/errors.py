"""Every error Tribune raises on purpose.

    TribuneError            one clear sentence: what, the limit, what was got, what to do next
    ├── InputError          something the caller gave cannot be used
    │   ├── ReadError       a file of reviews or items
    │   └── UnknownName     a group, user, item or topic that the workspace does not hold
    ├── WorkspaceError      no workspace, a locked or a damaged one
    ├── ModelError          a language model or encoder that cannot be loaded or reached
    │   └── CallError       a model's call of a tool that cannot be made
    └── Cancelled           the user stopped it

Command line: InputError ends with exit code 2, the others with 1, none with a traceback.
"""


class TribuneError(Exception):
    """Base of all errors raised on purpose; its text is fit to show to a user."""


class InputError(TribuneError):
    """Something the caller gave cannot be used."""


class ReadError(InputError):
    """A file of reviews or items cannot be read."""


class UnknownName(InputError):  # noqa: N818  (read as what it says, not as a class suffix)
    """A group, user, item or topic that the workspace does not hold."""


class WorkspaceError(TribuneError):
    """There is no workspace, or it is locked or damaged."""


class ModelError(TribuneError):
    """A language model or an encoder cannot be loaded or reached."""


class CallError(ModelError):
    """A model wrote a call of a tool that cannot be made."""


class Cancelled(TribuneError):  # noqa: N818
    """The user stopped the work."""
