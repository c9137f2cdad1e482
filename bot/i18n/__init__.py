"""Languages and their texts."""

from bot.i18n.catalogues import Localised, MissingTextError, has_text, is_reviewed, localise, plural, text, worst_state

__all__ = ["Localised", "MissingTextError", "has_text", "is_reviewed", "localise", "plural", "text", "worst_state"]
