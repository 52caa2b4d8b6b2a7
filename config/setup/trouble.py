"""What can keep the set-up from going on."""


class Trouble(Exception):
    """Says in one sentence what is wrong and what to do."""
