"""The HTTP server and its pages: the chat preview, health and figures for machines."""
