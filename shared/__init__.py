"""What generator and server must agree on."""

__version__ = "0.2.0"
