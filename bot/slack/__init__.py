"""Slack: signed events in, blocks out. slack-bolt is known here only."""
