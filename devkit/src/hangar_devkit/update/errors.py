"""What stops an update before anything is written."""


class UpdateError(Exception):
    """The update stopped: the message says what happened, where, and what to do."""
