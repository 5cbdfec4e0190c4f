"""Where platforms knock: told to them in manifests and guides, so they never change."""

TEAMS_PATH, SLACK_PATH = "/api/messages", "/slack/events"
