"""What ends a run in a way that its user can do something about."""


class JobError(Exception):
    """`exit_code` is 1 when the run failed and 2 when what was given is wrong."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
