"""The knowledge base: the tips and how a question finds its tip.

This room knows no chat, no clock and no network. What it keeps stands in SQLite (`store`); what it
searches (`ranking`) is derived from the tips and rebuilt whenever they change.
"""
