"""The first run and every later check-up: `bubblewatch setup` and `bubblewatch doctor`.

`guide` asks and writes the settings file, `doctor` goes through the requirements; what they know
of a platform is in `discord_account` and `slack_account`. Nothing here ever prints a token.
"""
