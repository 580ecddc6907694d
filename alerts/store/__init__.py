"""Everything that is kept. Nothing outside this package speaks SQL."""
