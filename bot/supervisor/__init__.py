"""Starts, watches and stops the three processes of the guide (`python -m bot.supervisor`)."""
