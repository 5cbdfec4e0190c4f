"""What of the connection to Teams and Slack is missing, stage by stage. No value that may be a secret is shown."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from urllib.parse import urlsplit

from bot.conversations import Conversation, ConversationStore
from bot.mailserver import MailServer
from bot.models import Scope
from bot.settings import Settings
from commands.findings import Finding, Findings, State
from web.paths import SLACK_PATH, TEAMS_PATH

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_NAMES = {"teams": "Teams", "slack": "Slack"}
_PLACES = {Scope.PERSONAL: "private chat", Scope.GROUP: "group chat", Scope.CHANNEL: "channel"}
_NAMED = 10  # lost places that are listed; the rest are counted


def is_guid(text: str) -> bool:
    """Whether the text is an id as Azure writes them."""
    return _GUID.fullmatch(text) is not None


def of_connection(settings: Settings) -> Findings:
    """What the settings say: Teams, Slack, the address at which both knock."""
    teams = any((settings.app_id, settings.app_password, settings.app_tenant))
    slack = any((settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret))
    if teams:
        yield from _of_teams(settings)
    if slack:
        yield from _of_slack(settings)
    if not teams and not slack:
        mend = "to connect it: docs/connect-teams.md, docs/connect-slack.md"
        yield State.NOTE, "no credentials: chat preview only, on this computer", mend
    if settings.mail:
        yield State.OK, _mail(settings.mail), ""
    yield _of_address(settings)


def of_conversations(settings: Settings, conversations: ConversationStore) -> Findings:
    """Where the bot may write, and where it may not any more."""
    reachable, lost = conversations.all(), conversations.lost()
    for channel, name in _NAMES.items():
        places = [place for place in reachable if place.channel == channel]
        gone = [(place, why) for place, why in lost if place.channel == channel]
        if places:
            yield State.OK, f"{name}: can write to {_counted(places)}", ""
        elif _is_connected(settings, channel):
            mend = "add the app and write 'moi' to it in private; in a channel, mention it"
            yield State.NOTE, f"{name}: knows no conversation yet", mend
        yield from _of_lost(name, gone)


def _of_teams(settings: Settings) -> Findings:
    wrong = [*_of_registration(settings), *_of_password(settings)]
    yield from wrong
    if not wrong:
        yield State.OK, f"Teams: credentials are set (app {settings.app_id}, tenant {settings.app_tenant})", ""


def _of_registration(settings: Settings) -> Findings:
    if not settings.app_id:
        mend = "copy 'Microsoft App ID' from the bot's Configuration page in Azure to .env"
        yield State.WRONG, "Teams: MicrosoftAppId is missing", mend
    elif not is_guid(settings.app_id):
        yield State.WRONG, "Teams: MicrosoftAppId is no app id", "36 characters: 00000000-0000-0000-0000-000000000000"
    if not settings.app_tenant:
        mend = "the registration is single-tenant: copy 'App Tenant ID' from the same page"
        yield State.WRONG, "Teams: MicrosoftAppTenantId is missing", mend
    elif not is_guid(settings.app_tenant):
        mend = "36 characters: 00000000-0000-0000-0000-000000000000"
        yield State.WRONG, "Teams: MicrosoftAppTenantId is no tenant id", mend
    if settings.app_type.lower() not in ("", "singletenant"):
        mend = "register the bot as 'Single Tenant' and write SingleTenant, or leave it out"
        yield State.WRONG, "Teams: MicrosoftAppType is not SingleTenant", mend


def _of_password(settings: Settings) -> Findings:
    if not settings.app_password:
        mend = "make a client secret in Azure and copy its Value to .env"
        yield State.WRONG, "Teams: MicrosoftAppId is set without MicrosoftAppPassword", mend
    elif is_guid(settings.app_password):
        mend = "copy the column Value, not Secret ID; it is shown once only, so make a new one if it is gone"
        yield State.WRONG, "Teams: MicrosoftAppPassword is the id of a secret, not the secret", mend


def _of_slack(settings: Settings) -> Findings:
    wrong = list(_of_tokens(settings))
    yield from wrong
    if not wrong:
        how = "by Socket Mode" if settings.slack_app_token else "by HTTP, with signatures"
        yield State.OK, f"Slack: credentials are set ({how})", ""


def _of_tokens(settings: Settings) -> Findings:
    if not settings.slack_bot_token:
        mend = "copy 'Bot User OAuth Token' from OAuth & Permissions at api.slack.com/apps to .env"
        yield State.WRONG, "Slack: SLACK_BOT_TOKEN is missing", mend
    elif not settings.slack_bot_token.startswith("xoxb-"):
        mend = "it is the 'Bot User OAuth Token' on the page OAuth & Permissions"
        yield State.WRONG, "Slack: SLACK_BOT_TOKEN does not begin with xoxb-", mend
    if settings.slack_app_token and not settings.slack_app_token.startswith("xapp-"):
        mend = "it is the app-level token on the page Basic Information, with the scope connections:write"
        yield State.WRONG, "Slack: SLACK_APP_TOKEN does not begin with xapp-", mend
    if settings.slack_bot_token and not (settings.slack_signing_secret or settings.slack_app_token):
        mend = "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"
        yield State.WRONG, "Slack: SLACK_BOT_TOKEN is set alone", mend


def _mail(server: MailServer) -> str:
    how = "in the open" if server.security == "none" else server.security
    return (
        f"e-mail: questions that nobody takes go to {server.support}, by {server.host}:{server.port} ({how}), "
        "where IT support has no channel"
    )


def _of_address(settings: Settings) -> Finding:
    address, posts = settings.public_url, _posts(settings)
    if not address:
        if posts:
            mend = f"{' and '.join(posts)} must reach this server at a public https:// address: docs/server.md"
            return State.WRONG, "DIGIVINKKI_PUBLIC_URL is not set", mend
        mend = "links in posts need the address under which staff reach this"
        return State.NOTE, "DIGIVINKKI_PUBLIC_URL is not set", mend
    if not address.startswith("https://"):
        if settings.slack_app_token and not posts:
            return State.NOTE, f"DIGIVINKKI_PUBLIC_URL is {address}", "Socket Mode needs none; browsers want https://"
        return State.WRONG, f"DIGIVINKKI_PUBLIC_URL is {address}", "Teams and browsers want https://"
    if not _is_public(urlsplit(address).hostname or ""):
        mend = "Teams and Slack look for a name in the public DNS: docs/server.md"
        return (State.WRONG if posts else State.NOTE), f"{address} is known in your own network only", mend
    where = "".join(f", {name} posts to {path}" for name, path in posts.items())
    return State.OK, f"address {address}{where}", ""


def _posts(settings: Settings) -> dict[str, str]:
    """Who knocks at the public address, and at which path."""
    teams = {"Teams": TEAMS_PATH} if settings.app_id else {}
    by_http = settings.slack_bot_token and settings.slack_signing_secret and not settings.slack_app_token
    return {**teams, **({"Slack": SLACK_PATH} if by_http else {})}


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".lan", ".internal"))


def _is_connected(settings: Settings, channel: str) -> bool:
    return bool(settings.app_id if channel == "teams" else settings.slack_bot_token)


def _of_lost(name: str, gone: list[tuple[Conversation, str]]) -> Findings:
    # A channel is named, so that somebody can put it right; people who left are their own business.
    shared = [(place, why) for place, why in gone if place.scope is not Scope.PERSONAL]
    for place, why in shared[:_NAMED]:
        mend = "add the app there again, or leave it: nothing is sent there"
        yield State.NOTE, f"{name}: {_PLACES[place.scope]} {place.id} cannot be reached: {why}", mend
    rest = [place for place, _ in [*shared[_NAMED:], *(found for found in gone if found not in shared)]]
    if rest:
        yield State.NOTE, f"{name}: {_counted(rest)} cannot be reached{' either' if shared else ''}", ""


def _counted(places: list[Conversation]) -> str:
    numbers = Counter(place.scope for place in places)
    return ", ".join(
        f"{numbers[scope]} {name}{'s' if numbers[scope] > 1 else ''}"
        for scope, name in _PLACES.items()
        if numbers[scope]
    )
