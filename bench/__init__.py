"""Measures the guide beside stock Rasa on the same machine and the same data (`make bench`)."""
