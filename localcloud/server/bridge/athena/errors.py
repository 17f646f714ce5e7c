"""A query that fails, in Athena's words."""


class QueryFailed(Exception):
    """Its text is the query's StateChangeReason. `category` as in "AthenaError": 1 the system's, 2 the user's."""

    def __init__(self, reason: str, category: int = 2):
        super().__init__(reason)
        self.category = category
