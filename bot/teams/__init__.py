"""Microsoft Teams: tokens in, cards out. botbuilder-core and the Bot Connector are known here only."""
