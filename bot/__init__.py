"""The chat edge: what people say and what they see.

One `Assistant` serves every channel: a channel turns what it receives into a `Message` and a `Reply` into what
it shows, nothing else.
"""
