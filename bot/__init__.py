"""The conversation: everything that meets a person."""
