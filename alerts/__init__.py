"""The watch: what is measured, which lines it crossed, and who must be told."""
