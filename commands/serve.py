"""`serve`: the server."""

from __future__ import annotations

import click

from commands.context import Context, database_option


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=3978, show_default=True, type=click.IntRange(1, 65535), help="The port.")
@database_option
@click.pass_obj
def serve(context: Context, host: str, port: int) -> None:
    """Answer questions; without any settings a chat preview on this computer."""
    context.serve(context.settings, host, port)
