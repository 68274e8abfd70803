"""What a handle looks like once the blanks around it are gone, wherever it comes in."""

from shared.records import Handle


def trimmed(handle: Handle) -> Handle:
    """A text without the white space around it, as Unicode knows it; an integer as it is.

    Tables and requests both go through this, so that " ada " of a file is "ada" of a request. What
    is empty afterwards is no handle.
    """
    return handle.strip() if isinstance(handle, str) else handle
