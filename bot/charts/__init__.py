"""Pictures: data in words of the reader's language to a PNG, drawn in a child process.

`kinds` says what can be drawn, `drawer` draws it off the event loop, `alt_text` says it in words,
`alert_picture` makes the one that goes with an alert. Everything that imports matplotlib is
imported by the child alone.
"""
