"""The annual calendar and how a post reaches its destination exactly once.

Empty as yet: the calendar moves in with its own issue. The room stands here so that the direction of
imports (app, commands, web, bot, scheduler, tips) is held from the first day.
"""
