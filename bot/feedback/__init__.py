"""What residents said of answers, and questions that got no sure answer: for the staff, without personal data."""

from bot.feedback.store import FeedbackStore, Note

__all__ = ["FeedbackStore", "Note"]
