"""`python -m tests.emulators.slack --port 0`: a Slack with one workspace, by hand."""

from __future__ import annotations

from tests.emulators.server import serve_by_hand
from tests.emulators.slack import SlackEmulator

if __name__ == "__main__":
    slack = SlackEmulator()
    team = slack.add_team("Acme")
    alice = team.add_user("Alice", admin=True)
    general = team.add_channel("general", creator=alice)
    print(
        f"workspace {team.id}, channel {general.id}, person {alice.id}\n"
        f"BUBBLEWATCH_SLACK_BOT_TOKEN={team.bot_token}\n"
        f"BUBBLEWATCH_SLACK_APP_TOKEN={slack.app_token}\n"
        f"BUBBLEWATCH_SLACK_SIGNING_SECRET={slack.signing_secret}\n"
        f"BUBBLEWATCH_SLACK_CLIENT_ID={slack.client_id}\n"
        f"BUBBLEWATCH_SLACK_CLIENT_SECRET={slack.client_secret}\n"
        f'curl -d \'{{"text": "status"}}\' <the next line>/people/slash asks as Alice\n'
        "and BUBBLEWATCH_SLACK_API_URL is the next line with /api/ after it",
        flush=True,
    )
    serve_by_hand(slack, __doc__ or "")
