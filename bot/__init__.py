"""The conversation: everything that meets a person."""

__version__ = "0.1.0"
