"""What `doctor --online` asks: this server's own public address, and the platforms whether they know the bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientError,
    ClientSession,
    ClientTimeout,
)

from bot.settings import Settings
from bot.slack.manifest import scopes
from bot.teams.apptoken import AppToken, TokenError
from commands.findings import Finding, State
from web.paths import TEAMS_PATH

_PATIENCE = ClientTimeout(total=10)
_MEND_PROXY = "the proxy must pass everything on to Digivinkki, and Digivinkki must run: docs/server.md"


async def of_online(settings: Settings) -> list[Finding]:
    """All that the settings make it possible to ask."""
    findings = []
    async with ClientSession(timeout=_PATIENCE) as session:
        if settings.public_url:
            findings += await _of_address(session, settings)
        if settings.app_id and settings.app_password and settings.app_tenant:
            findings.append(await _of_teams(session, settings))
        if settings.slack_bot_token:
            findings.append(await _of_slack(session, settings))
        if settings.slack_app_token:
            findings.append(await _of_socket(session, settings))
    return findings or [(State.NOTE, "online: nothing is set that could be asked", "")]


async def _of_address(session: ClientSession, settings: Settings) -> list[Finding]:
    address = f"{settings.public_url}/healthz"
    try:
        findings = [await _of_health(session, address)]
        if settings.app_id:
            address = f"{settings.public_url}{TEAMS_PATH}"
            findings.append(await _of_messages(session, address))
        return findings
    except ClientConnectorDNSError:
        reason, mend = "has no such name in the DNS", "ask for the name where your DNS is kept"
    except ClientConnectorCertificateError:
        reason, mend = "has a certificate that nobody trusts", "Teams wants one of a public authority: docs/server.md"
    except (ClientError, OSError):
        reason = "does not answer from here"
        mend = "look from another network too: some firewalls do not let a server call itself by its public name"
    return [(State.WRONG, f"online: {address} {reason}", mend)]


async def _of_health(session: ClientSession, address: str) -> Finding:
    async with session.get(address, allow_redirects=False) as response:
        text = (await response.content.read(100)).decode("ascii", "replace").strip()
        if (response.status, text) == (200, "ok"):
            return State.OK, f"online: {address} answers", ""
        reason = f"answers {response.status}" if response.status != 200 else "is not answered by Digivinkki"
    return State.WRONG, f"online: {address} {reason}", _MEND_PROXY


async def _of_messages(session: ClientSession, address: str) -> Finding:
    """Whether Teams' messages would arrive, and nobody else's: what comes without a token is refused."""
    async with session.post(address, json={}, allow_redirects=False) as response:
        status = response.status
    if status == 401:
        return State.OK, f"online: {address} refuses what has no token, as it should", ""
    mend = _MEND_PROXY
    if status < 300 or status == 400:
        mend = "whatever answers there asks for no token: is it Digivinkki, started anew with these settings?"
    elif status in (403, 404, 405):
        mend = "start Digivinkki anew, so that it has these settings; the proxy or firewall must let POST through"
    return State.WRONG, f"online: {address} answers {status} to what has no token, not 401", mend


async def _of_teams(session: ClientSession, settings: Settings) -> Finding:
    token = AppToken(session, settings.app_id, settings.app_password, settings.app_tenant, settings.login_url)
    try:
        await token.get()
    except TokenError as error:
        mend = f"is the internet open to {settings.login_url}? Else try again"
        if error.lasting:
            mend = "check MicrosoftAppId, MicrosoftAppTenantId and MicrosoftAppPassword; a secret may have expired"
        return State.WRONG, f"online: Microsoft gives no token: {error}", mend
    return State.OK, "online: Microsoft knows the app and its password", ""


async def _of_slack(session: ClientSession, settings: Settings) -> Finding:
    try:
        data, granted = await _told_by_slack(session, settings, "auth.test", settings.slack_bot_token)
    except (ClientError, OSError, ValueError) as error:
        mend = f"is the internet open to {settings.slack_api_url}?"
        return State.WRONG, f"online: Slack cannot be asked ({type(error).__name__})", mend
    if not data.get("ok"):
        mend = "copy the Bot User OAuth Token again; install the app again where it was removed"
        return State.WRONG, f"online: Slack refuses the bot token ({data.get('error')})", mend
    if lacking := _lacking(granted):
        mend = "paste the manifest again (App Manifest), then install the app again (Install App)"
        return State.WRONG, f"online: Slack has not granted {', '.join(lacking)}", mend
    return State.OK, f"online: Slack knows the bot as {data.get('user')} in {data.get('team')}", ""


async def _of_socket(session: ClientSession, settings: Settings) -> Finding:
    """Whether Slack would give Socket Mode a line; none is opened."""
    try:
        data, _ = await _told_by_slack(session, settings, "apps.connections.open", settings.slack_app_token)
    except (ClientError, OSError, ValueError) as error:
        mend = f"is the internet open to {settings.slack_api_url}?"
        return State.WRONG, f"online: Socket Mode cannot connect: Slack cannot be asked ({type(error).__name__})", mend
    if data.get("ok") and data.get("url"):
        return State.OK, "online: Socket Mode can connect", ""
    mend = "switch Socket Mode on; copy the app-level token again (Basic Information), with the scope connections:write"
    return State.WRONG, f"online: Socket Mode cannot connect: Slack refuses the app token ({data.get('error')})", mend


async def _told_by_slack(
    session: ClientSession, settings: Settings, method: str, token: str
) -> tuple[Mapping[str, Any], str | None]:
    """What Slack answers, and which scopes it says it granted. Not by slack_sdk, whose client fails over an answer that
    is no JSON."""
    headers = {"Authorization": f"Bearer {token}"}
    async with session.post(f"{settings.slack_api_url}{method}", headers=headers) as response:
        if response.status >= 500:
            response.raise_for_status()
        data, granted = await response.json(content_type=None), response.headers.get("X-OAuth-Scopes")
    return data if isinstance(data, dict) else {}, granted


def _lacking(granted: str | None) -> list[str]:
    """The scopes that the bot needs and was not granted, by the header in which Slack tells what it granted."""
    return sorted(set(scopes()) - {scope.strip() for scope in granted.split(",")}) if granted else []
