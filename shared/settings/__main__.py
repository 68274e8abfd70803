"""`python -m shared.settings` prints example.env."""

from shared.settings.example_env import example_env

print(example_env(), end="")
