"""Lets Rasa Open Source 3.6.21 run on Python 3.11 with current libraries and without TensorFlow.

Import this before `rasa`, or run `python -m rasa_compat <arguments of rasa>`. Importing it loads nothing heavy: each
mend (see `rasa_compat.mends`) is made when the module concerned is first imported.
"""

from rasa_compat.mends import install

install()
