"""`python -m rasa_compat <arguments of rasa>`: Rasa's command line with the mends in place."""

import rasa_compat  # noqa: F401  (puts the mends in place)


def main() -> None:
    """Runs Rasa's command line."""
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
