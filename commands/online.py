"""What `doctor --online` asks: this server's own public address, and the platforms whether they know the bot."""

from __future__ import annotations

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientError,
    ClientSession,
    ClientTimeout,
)

from bot.settings import Settings
from bot.slack.manifest import scopes
from bot.teams.tokens import AppToken, TokenError
from commands.findings import Finding, State

_PATIENCE = ClientTimeout(total=10)


async def of_online(settings: Settings) -> list[Finding]:
    """All that the settings make it possible to ask."""
    findings = []
    async with ClientSession(timeout=_PATIENCE) as session:
        if settings.public_url:
            findings.append(await _of_address(session, settings.public_url))
        if settings.app_id and settings.app_password and settings.app_tenant:
            findings.append(await _of_teams(session, settings))
        if settings.slack_bot_token:
            findings.append(await _of_slack(session, settings))
    return findings or [(State.NOTE, "online: nothing is set that could be asked", "")]


async def _of_address(session: ClientSession, public_url: str) -> Finding:
    address = f"{public_url}/healthz"
    try:
        async with session.get(address, allow_redirects=False) as response:
            text = (await response.content.read(100)).decode("ascii", "replace").strip()
            if (response.status, text) == (200, "ok"):
                return State.OK, f"online: {address} answers", ""
            reason = f"answers {response.status}" if response.status != 200 else "is not answered by Digivinkki"
            mend = "the proxy must pass everything on to Digivinkki, and Digivinkki must run: docs/server.md"
    except ClientConnectorDNSError:
        reason, mend = "has no such name in the DNS", "ask for the name where your DNS is kept"
    except ClientConnectorCertificateError:
        reason, mend = "has a certificate that nobody trusts", "Teams wants one of a public authority: docs/server.md"
    except (ClientError, OSError):
        reason = "does not answer from here"
        mend = "look from another network too: some firewalls do not let a server call itself by its public name"
    return State.WRONG, f"online: {address} {reason}", mend


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
    # Not by slack_sdk, whose client fails over an answer that is no JSON.
    address, headers = f"{settings.slack_api_url}auth.test", {"Authorization": f"Bearer {settings.slack_bot_token}"}
    try:
        async with session.post(address, headers=headers) as response:
            data, granted = await response.json(content_type=None), response.headers.get("X-OAuth-Scopes")
    except (ClientError, OSError, ValueError) as error:
        mend = f"is the internet open to {settings.slack_api_url}?"
        return State.WRONG, f"online: Slack cannot be asked ({type(error).__name__})", mend
    if not isinstance(data, dict) or not data.get("ok"):
        mend = "copy the Bot User OAuth Token again; install the app again where it was removed"
        reason = data.get("error") if isinstance(data, dict) else None
        return State.WRONG, f"online: Slack refuses the bot token ({reason})", mend
    if lacking := _lacking(granted):
        mend = "paste the manifest again (App Manifest), then install the app again (Install App)"
        return State.WRONG, f"online: Slack has not granted {', '.join(lacking)}", mend
    return State.OK, f"online: Slack knows the bot as {data.get('user')} in {data.get('team')}", ""


def _lacking(granted: str | None) -> list[str]:
    """The scopes that the bot needs and was not granted, by the header in which Slack tells what it granted."""
    return sorted(set(scopes()) - {scope.strip() for scope in granted.split(",")}) if granted else []
